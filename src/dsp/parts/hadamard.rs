//! Orthogonal mixing of sixteen channels over a grid cell: the energy of a frame is the same before and after.

use super::cell::CELL;
use super::single::{QUIET, Singles, coefficient};
use crate::audio::isa::levels;
use crate::audio::math;

pub const LINES: usize = 16;

/// One grid cell of sixteen channels.
pub type Cell = [Singles; LINES];

pub const EMPTY: Cell = [QUIET; LINES];

/// How far channels are exchanged: π/4 is the Hadamard matrix of order 16 (fast Walsh-Hadamard transform, natural order), 0 keeps the
/// channels apart (the signs of some turned). Orthonormal at every angle but for the `scale`, which is left out: it is cheaper elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// Of the butterflies' angle; `None` at π/4, which takes sums and differences alone.
    tangent: Option<f32>,
    /// What a mix is to be scaled by.
    pub scale: f64,
}

impl Exchange {
    pub const FULL: Exchange = Exchange { tangent: None, scale: 0.25 };

    pub fn new(angle: f64) -> Exchange {
        let square = math::cos(angle) * math::cos(angle);
        Exchange { tangent: Some(coefficient(math::tan(angle))), scale: square * square }
    }
}

levels! {
    /// Every frame of `from`, mixed, in `into`, and half mixed in `between`.
    pub fn mix(how: Exchange, from: &[&Singles; LINES], into: &mut Cell, between: &mut Cell) = mixed;
}

#[inline(always)]
fn mixed(how: Exchange, from: &[&Singles; LINES], into: &mut Cell, between: &mut Cell) {
    match how.tangent {
        None => transform(from, into, between, |a, b| (a + b, a - b)),
        Some(t) => transform(from, into, between, |a, b| (a + t * b, t * a - b)),
    }
}

/// Two steps of the transform at a time, so that a loop's values fit into the registers.
#[inline(always)]
fn transform(
    from: &[&Singles; LINES],
    into: &mut Cell,
    between: &mut Cell,
    butterfly: impl Fn(f32, f32) -> (f32, f32) + Copy,
) {
    let between = between.as_chunks_mut::<4>().0;
    for (i, [p, q, r, s]) in between.iter_mut().enumerate() {
        four(from[i], from[i + 4], from[i + 8], from[i + 12], p, q, r, s, butterfly);
    }
    let [a, b, c, d] = between else { return };
    for (i, [p, q, r, s]) in into.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        four(&a[i], &b[i], &c[i], &d[i], p, q, r, s, butterfly);
    }
}

/// Arguments of their own, not arrays of them, tell the compiler that no two are the same memory.
#[inline(always)]
fn four(
    a: &Singles,
    b: &Singles,
    c: &Singles,
    d: &Singles,
    p: &mut Singles,
    q: &mut Singles,
    r: &mut Singles,
    s: &mut Singles,
    butterfly: impl Fn(f32, f32) -> (f32, f32),
) {
    for n in 0..CELL {
        (p[n], q[n], r[n], s[n]) = quartet(a[n], b[n], c[n], d[n], &butterfly);
    }
}

/// Two steps of the transform on four values.
#[inline(always)]
pub fn quartet(a: f32, b: f32, c: f32, d: f32, butterfly: impl Fn(f32, f32) -> (f32, f32)) -> (f32, f32, f32, f32) {
    let ((x, z), (y, w)) = (butterfly(a, c), butterfly(b, d));
    let ((x, y), (z, w)) = (butterfly(x, y), butterfly(z, w));
    (x, y, z, w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    fn noise() -> Cell {
        let seed = Seed::new(3);
        std::array::from_fn(|i| std::array::from_fn(|n| seed.bipolar((i * 32 + n) as i64) as f32))
    }

    fn energy(cell: &Cell, frame: usize) -> f64 {
        cell.iter().map(|line| f64::from(line[frame]) * f64::from(line[frame])).sum()
    }

    fn mixed_by(how: Exchange, cell: &Cell, level: Level) -> Cell {
        let (mut after, mut between) = (EMPTY, EMPTY);
        mix(level, how, &cell.each_ref(), &mut after, &mut between);
        after
    }

    #[test]
    fn mixing_keeps_the_energy_of_every_frame_at_every_level_alike() {
        let before = noise();
        for how in [Exchange::new(0.0), Exchange::new(0.3), Exchange::new(std::f64::consts::FRAC_PI_4), Exchange::FULL]
        {
            let (mut after, mut between) = (EMPTY, EMPTY);
            mixed(how, &before.each_ref(), &mut after, &mut between);
            for frame in 0..CELL {
                let kept = energy(&after, frame) * how.scale * how.scale / energy(&before, frame);
                assert!((kept - 1.0).abs() < 5e-7);
            }
            assert!(Level::all().into_iter().all(|level| mixed_by(how, &before, level) == after));
        }
    }

    #[test]
    fn one_channel_reaches_all_alike() {
        let mut cell = EMPTY;
        cell[5][7] = 1.0;
        let once = mixed_by(Exchange::FULL, &cell, Level::find());
        assert!(once.iter().all(|line| line[7].abs() == 1.0 && line[6] == 0.0));
        let twice = mixed_by(Exchange::FULL, &once, Level::find());
        assert_eq!(twice[5][7], 16.0, "it is its own inverse");
        assert_eq!(twice[4][7], 0.0);
    }
}
