//! The compressor's loops over a cell: from magnitudes to gains, step by step or at once, with the same bits.

use crate::audio::isa::levels;
use crate::audio::math;
use crate::dsp::parts::branching::Lines;
use crate::dsp::parts::cell::Frames;
use crate::dsp::parts::detector::StaticCurve;

levels! {
    /// The larger magnitude of two channels, frame by frame.
    pub(super) fn peaks(left: &[f64], right: &[f64], row: &mut Frames) = larger;
    /// Magnitudes, or mean squares, to the reductions that are wanted. `floor`: the least value that is heard, and what its logarithm is of an
    /// amplitude's.
    pub(super) fn reductions(row: &mut Frames, curve: &StaticCurve, floor: (f64, f64)) = wanted;
    /// Reductions to amplitudes, with a makeup in octaves.
    pub(super) fn gains(row: &mut Frames, makeup: f64) = amplified;
    /// All of it for a whole cell, of which the one before ended at `y`. Returns where this one ends.
    pub(super) fn press(
        row: &mut Frames,
        curve: &StaticCurve,
        floor: (f64, f64),
        lines: &Lines,
        y: f64,
        makeup: f64,
    ) -> f64 = pressed;
}

#[inline(always)]
fn larger(left: &[f64], right: &[f64], row: &mut Frames) {
    for ((row, left), right) in row.iter_mut().zip(left).zip(right) {
        let (left, right) = (left.abs(), right.abs());
        *row = if left > right { left } else { right };
    }
}

#[inline(always)]
fn wanted(row: &mut Frames, curve: &StaticCurve, (floor, scale): (f64, f64)) {
    for x in row {
        let level = if *x > floor { *x } else { floor };
        *x = curve.reduction(scale * math::log2(level));
    }
}

#[inline(always)]
fn amplified(row: &mut Frames, makeup: f64) {
    row.iter_mut().for_each(|c| *c = math::exp2(makeup - *c));
}

#[inline(always)]
fn pressed(row: &mut Frames, curve: &StaticCurve, floor: (f64, f64), lines: &Lines, y: f64, makeup: f64) -> f64 {
    let mut cell = *row;
    let curve = *curve;
    wanted(&mut cell, &curve, floor);
    let end = lines.run(y, &mut cell);
    amplified(&mut cell, makeup);
    *row = cell;
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;
    use crate::dsp::parts::cell::CELL;

    #[test]
    fn every_level_gives_the_same_bits_at_once_and_step_by_step() {
        let curve = StaticCurve::new(-24.0, 3.0, 6.0, 60.0);
        let lines = Lines::new(0.99, 0.9997);
        let run = |level: Level, at_once: bool| {
            let (mut y, mut out) = (0.1, Vec::new());
            for at in 0..50 {
                let noise = |seed| std::array::from_fn::<f64, CELL, _>(|i| Seed::new(seed).bipolar(at * 32 + i as i64));
                let mut row = [0.0; CELL];
                peaks(level, &noise(1), &noise(2), &mut row);
                let floor = (1e-6, 1.0);
                if at_once {
                    y = press(level, &mut row, &curve, floor, &lines, y, 0.3);
                } else {
                    reductions(level, &mut row, &curve, floor);
                    y = lines.run(y, &mut row);
                    gains(level, &mut row, 0.3);
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
