use std::f64::consts::PI;

use crate::audio::{math, rng::Seed};
use crate::dsp::{
    GRID,
    parts::hadamard::{Cell, LINES},
};

const PAIRS: usize = LINES / 2;

/// Straight pieces of the turning, in frames of song time.
const PIECE: i64 = 256;

/// Turns the lines of the network into one another, two by two, slowly to and fro: the modes of the room drift, so none of them rings
/// (S. J. Schlecht, E. A. P. Habets, "Time-varying feedback matrices in feedback delay networks", JASA 138, 2015). A rotation takes no
/// energy at any moment, so the decay stays as designed up to the highest frequency, which no moving delay can promise.
///
/// The angles are a function of song time alone: sines of 0.3 to 1.1 Hz around an angle of the seed's.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    depth: f64,
    base: [f64; PAIRS],
    /// Periods per frame and phases.
    speed: [f64; PAIRS],
    phase: [f64; PAIRS],
    /// The piece whose ends are known: derived from `at`, hence not part of the state.
    known: Option<i64>,
    start: [(f64, f64); PAIRS],
    slope: [(f64, f64); PAIRS],
}

impl Rotation {
    /// `depth` from 0 (the lines are turned, but stand still) to 1 (to and fro by 1.5 radians).
    pub(super) fn new(depth: f64, seed: Seed, rate: f64) -> Rotation {
        let seed = seed.with(50);
        Rotation {
            depth: 1.5 * depth,
            base: std::array::from_fn(|k| PI * seed.bipolar(k as i64)),
            // one speed in each eighth of the range
            speed: std::array::from_fn(|k| (0.3 + 0.1 * (k as f64 + seed.with(1).unit(k as i64))) / rate),
            phase: std::array::from_fn(|k| seed.with(2).unit(k as i64)),
            known: None,
            start: [(0.0, 0.0); PAIRS],
            slope: [(0.0, 0.0); PAIRS],
        }
    }

    /// Sine and cosine of the angle of pair `k`.
    fn angle(&self, k: usize, at: i64) -> (f64, f64) {
        let turns = self.speed[k] * at as f64 + self.phase[k];
        math::sincos(self.base[k] + self.depth * math::sin(2.0 * PI * (turns - turns.floor())))
    }

    /// A cell (or a piece of one) that begins at song time `at`: frames beyond the piece are turned too.
    pub(super) fn run(&mut self, cell: &Cell, into: &mut Cell, at: i64) {
        let piece = at.div_euclid(PIECE);
        if self.known != Some(piece) {
            for k in 0..PAIRS {
                let (a, b) = (self.angle(k, piece * PIECE), self.angle(k, (piece + 1) * PIECE));
                self.start[k] = a;
                self.slope[k] = ((b.0 - a.0) / PIECE as f64, (b.1 - a.1) / PIECE as f64);
            }
            self.known = Some(piece);
        }
        let begin = at.rem_euclid(PIECE) as f64;
        let (upper, lower) = into.split_at_mut(PAIRS);
        for (k, (p, q)) in upper.iter_mut().zip(lower).enumerate() {
            let ((s0, c0), (ds, dc)) = (self.start[k], self.slope[k]);
            let (u, v) = (&cell[k], &cell[k + PAIRS]);
            let mut t = [0.0; GRID as usize];
            for n in 0..GRID as usize {
                t[n] = begin + n as f64;
            }
            for n in 0..GRID as usize {
                let (s, c) = (s0 + ds * t[n], c0 + dc * t[n]);
                p[n] = c * u[n] - s * v[n] + 0.0;
                q[n] = s * u[n] + c * v[n] + 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_keeps_the_energy() {
        let mut rotation = Rotation::new(1.0, Seed::new(5), 48e3);
        for at in [-12_345 * 32, 0, 777 * 32] {
            let cell: Cell = std::array::from_fn(|i| [if i % 3 == 0 { 0.5 } else { -1.0 }; GRID as usize]);
            let before: f64 = cell.iter().map(|line| line[9] * line[9]).sum();
            let mut turned = cell;
            rotation.run(&cell, &mut turned, at);
            let after: f64 = turned.iter().map(|line| line[9] * line[9]).sum();
            // straight pieces cut the circle's arc a little; .004 dB in a pass is 1 % of a decay of 8 s at full depth
            assert!((10.0 * math::log10(after / before)).abs() < 4e-3);
        }
    }
}
