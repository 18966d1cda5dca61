use std::f64::consts::PI;

use crate::audio::{math, rng::Seed};
use crate::dsp::parts::cell::CELL;
use crate::dsp::parts::hadamard::LINES;
use crate::dsp::parts::single::{QUIET, Singles, coefficient};

pub(super) const PAIRS: usize = LINES / 2;

/// Straight pieces of the turning, in frames of song time.
pub(super) const PIECE: i64 = 256;

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
    /// Sines and cosines at its end.
    ends: [(f64, f64); PAIRS],
    turns: [Turn; PAIRS],
}

/// Sine and cosine of one pair's angle over a piece: the values at its start, what they grow by in a frame, and how far into it a cell begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    start: (f32, f32),
    slope: (f32, f32),
    begin: f32,
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
            ends: [(0.0, 0.0); PAIRS],
            turns: [Turn::default(); PAIRS],
        }
    }

    /// Sine and cosine of the angle of pair `k`.
    pub(super) fn angle(&self, k: usize, at: i64) -> (f64, f64) {
        let turns = self.speed[k] * at as f64 + self.phase[k];
        math::sincos(self.base[k] + self.depth * math::sin(2.0 * PI * (turns - turns.floor())))
    }

    /// How the pairs turn in the cell that begins at song time `at`, or in a piece of one.
    pub(super) fn at(&mut self, at: i64) -> &[Turn; PAIRS] {
        let piece = at.div_euclid(PIECE);
        if self.known != Some(piece) {
            let goes_on = self.known == Some(piece - 1);
            for k in 0..PAIRS {
                let a = if goes_on { self.ends[k] } else { self.angle(k, piece * PIECE) };
                let b = self.angle(k, (piece + 1) * PIECE);
                self.ends[k] = b;
                let slope = |from: f64, to: f64| coefficient(to - from) / PIECE as f32;
                self.turns[k].start = (coefficient(a.0), coefficient(a.1));
                self.turns[k].slope = (slope(a.0, b.0), slope(a.1, b.1));
            }
            self.known = Some(piece);
        }
        let begin = at.rem_euclid(PIECE) as f32;
        self.turns.iter_mut().for_each(|turn| turn.begin = begin);
        &self.turns
    }
}

/// 0 to 31.
const COUNT: Singles = {
    let mut count = QUIET;
    let mut n = 0;
    while n < CELL {
        count[n] = n as f32;
        n += 1;
    }
    count
};

/// Two values, turned as far as frame `n` of the cell asks.
#[inline(always)]
pub(super) fn turn(by: &Turn, n: usize, u: f32, v: f32) -> (f32, f32) {
    let t = by.begin + COUNT[n];
    let (s, c) = (by.start.0 + by.slope.0 * t, by.start.1 + by.slope.1 * t);
    (c * u - s * v, s * u + c * v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_keeps_the_energy() {
        let mut rotation = Rotation::new(1.0, Seed::new(5), 48e3);
        for at in [-12_345 * 32, 0, 777 * 32] {
            for turn_of in rotation.at(at) {
                let (p, q) = turn(turn_of, 9, 0.5, -1.0);
                // straight pieces cut the circle's arc a little; .004 dB in a pass is 1 % of a decay of 8 s at full depth
                assert!((10.0 * math::log10(f64::from(p * p + q * q) / 1.25)).abs() < 4e-3);
            }
        }
    }
}
