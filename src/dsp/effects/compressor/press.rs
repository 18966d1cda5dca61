//! The compressor's loops over a cell: from magnitudes to gains, step by step or at once, with the same bits.

use crate::audio::isa::levels;
use crate::audio::math;
use crate::dsp::parts::ballistics::{Times, smoothed};
use crate::dsp::parts::cell::{CELL, Frames};
use crate::dsp::parts::detector::{StaticCurve, largest};

levels! {
    /// The larger magnitude of two channels, frame by frame; returns the largest of all.
    pub(super) fn peaks(left: &[f64], right: &[f64], row: &mut Frames) -> f64 = larger;
    /// Magnitudes, or mean squares, to the reductions that are wanted. `floor`: the least value that is heard, and what its logarithm is of an
    /// amplitude's.
    pub(super) fn reductions(row: &mut Frames, curve: &StaticCurve, floor: (f64, f64), room: &mut [Frames; 2]) = wanted;
    /// Reductions to amplitudes, with a makeup in octaves.
    pub(super) fn gains(row: &mut Frames, makeup: f64, room: &mut [Frames; 2]) = amplified;
    /// All of it for the first `n` frames, with what came before them ended at `y`. Returns where they end.
    pub(super) fn press(
        row: &mut Frames,
        n: usize,
        curve: &StaticCurve,
        floor: (f64, f64),
        times: &Times,
        y: f64,
        makeup: f64,
        room: &mut [Frames; 2],
    ) -> f64 = pressed;
}

#[inline(always)]
fn larger(left: &[f64], right: &[f64], row: &mut Frames) -> f64 {
    for ((row, left), right) in row.iter_mut().zip(left).zip(right) {
        let (left, right) = (left.abs(), right.abs());
        *row = if left > right { left } else { right };
    }
    largest(&row[..left.len()])
}

// Each loop is a short part of the way, over the whole cell: its frames are independent of one another and side by side, where a loop over the whole way
// would wait for each frame's last result.

#[inline(always)]
fn wanted(row: &mut Frames, curve: &StaticCurve, (floor, scale): (f64, f64), [exponents, _]: &mut [Frames; 2]) {
    let curve = *curve;
    for (x, exponent) in row.iter_mut().zip(&mut *exponents) {
        (*exponent, *x) = math::log2_begin(if *x > floor { *x } else { floor });
    }
    for (x, exponent) in row.iter_mut().zip(&*exponents) {
        *x = scale * math::log2_end(*exponent, *x);
    }
    row.iter_mut().for_each(|x| *x = curve.reduction(*x));
}

#[inline(always)]
fn amplified(row: &mut Frames, makeup: f64, [scales, _]: &mut [Frames; 2]) {
    for (c, scale) in row.iter_mut().zip(&mut *scales) {
        (*scale, *c) = math::exp2_begin(makeup - *c);
    }
    row.iter_mut().zip(&*scales).for_each(|(c, scale)| *c = math::exp2_end(*scale, *c));
}

#[inline(always)]
fn pressed(
    row: &mut Frames,
    n: usize,
    curve: &StaticCurve,
    floor: (f64, f64),
    times: &Times,
    y: f64,
    makeup: f64,
    room: &mut [Frames; 2],
) -> f64 {
    wanted(row, curve, floor, room);
    let end = if n == CELL { smoothed(times, y, row, room) } else { smoothed(times, y, &mut row[..n], room) };
    amplified(row, makeup, room);
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;
    use crate::units::Rate;

    #[test]
    fn every_level_gives_the_same_bits_at_once_and_step_by_step() {
        let curve = StaticCurve::new(-24.0, 3.0, 6.0, 60.0);
        let times = Times::new(10.0, Some(120.0), Rate::STUDIO);
        let run = |level: Level, at_once: bool| {
            let (mut y, mut out) = (0.1, Vec::new());
            for at in 0..50 {
                let noise = |seed| std::array::from_fn::<f64, CELL, _>(|i| Seed::new(seed).bipolar(at * 32 + i as i64));
                let mut row = [0.0; CELL];
                let most = peaks(level, &noise(1), &noise(2), &mut row);
                assert_eq!(most, row.iter().fold(0.0, |most, x| if *x > most { *x } else { most }));
                let (floor, room) = ((1e-6, 1.0), &mut [[0.0; CELL]; 2]);
                if at_once {
                    y = press(level, &mut row, CELL, &curve, floor, &times, y, 0.3, room);
                } else {
                    reductions(level, &mut row, &curve, floor, room);
                    y = smoothed(&times, y, &mut row, room);
                    gains(level, &mut row, 0.3, room);
                }
                out.extend(row.map(f64::to_bits));
            }
            out
        };
        let plain = run(Level::all()[0], false);
        for level in Level::all() {
            assert!(run(level, true) == plain && run(level, false) == plain, "{level:?}");
        }
    }
}
