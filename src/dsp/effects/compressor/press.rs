//! The compressor's loops over a cell: from magnitudes to gains, step by step or at once, with the same bits.

use crate::audio::isa::levels;
use crate::audio::math;
use crate::audio::samples::largest;
use crate::dsp::parts::ballistics::{self, Times};
use crate::dsp::parts::cell::{CELL, Frames, SILENCE};
use crate::dsp::parts::detector::StaticCurve;

/// What a compressor does, as long as it stands still.
#[derive(Clone, Copy)]
pub(super) struct Law {
    pub(super) curve: StaticCurve,
    /// The least value that is heard, and what its logarithm is of an amplitude's.
    pub(super) floor: (f64, f64),
    pub(super) times: Times,
    /// In octaves.
    pub(super) makeup: f64,
}

/// What a loop leaves to the next one.
#[derive(Clone, Copy)]
pub(super) struct Room {
    exponents: Frames,
    scales: Frames,
    /// What a cell's recursion adds, see [`ballistics`]: of two cells in turn.
    parts: [[Frames; 2]; 2],
}

impl Room {
    pub(super) const EMPTY: Room = Room { exponents: SILENCE, scales: SILENCE, parts: [[SILENCE; 2]; 2] };
}

levels! {
    /// The larger magnitude of two channels, frame by frame; returns the largest of all.
    pub(super) fn peaks(left: &[f64], right: &[f64], row: &mut Frames) -> f64 = larger;
    /// Magnitudes, or mean squares, to the reductions that are wanted. `floor`: as a [`Law`] has it.
    pub(super) fn reductions(row: &mut Frames, curve: &StaticCurve, floor: (f64, f64), room: &mut Room) = wanted;
    /// Reductions to amplitudes, with a makeup in octaves.
    pub(super) fn gains(row: &mut Frames, makeup: f64, room: &mut Room) = amplified;
    /// All of it for whole cells of the grid, with what came before them ended at `y`. Returns where they end.
    pub(super) fn press(rows: &mut [Frames], law: &Law, y: f64, room: &mut Room) -> f64 = pressed;
    /// All of it for the first `n` frames of a cell, which may end there.
    pub(super) fn press_part(row: &mut Frames, n: usize, law: &Law, y: f64, room: &mut Room) -> f64 = pressed_part;
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
fn wanted(row: &mut Frames, curve: &StaticCurve, floor: (f64, f64), room: &mut Room) {
    logarithms_begin(row, floor.0, &mut room.exponents);
    logarithms_end(row, floor.1, &room.exponents);
    bent(row, curve);
}

#[inline(always)]
fn logarithms_begin(row: &mut Frames, floor: f64, exponents: &mut Frames) {
    for (x, exponent) in row.iter_mut().zip(exponents) {
        (*exponent, *x) = math::log2_begin(if *x > floor { *x } else { floor });
    }
}

#[inline(always)]
fn logarithms_end(row: &mut Frames, scale: f64, exponents: &Frames) {
    for (x, exponent) in row.iter_mut().zip(exponents) {
        *x = scale * math::log2_end(*exponent, *x);
    }
}

#[inline(always)]
fn bent(row: &mut Frames, curve: &StaticCurve) {
    let curve = *curve;
    row.iter_mut().for_each(|x| *x = curve.reduction(*x));
}

#[inline(always)]
fn amplified(row: &mut Frames, makeup: f64, room: &mut Room) {
    exponentials(row, makeup, &mut room.scales);
}

#[inline(always)]
fn exponentials(row: &mut Frames, makeup: f64, scales: &mut Frames) {
    for (c, scale) in row.iter_mut().zip(&mut *scales) {
        (*scale, *c) = math::exp2_begin(makeup - *c);
    }
    row.iter_mut().zip(&*scales).for_each(|(c, scale)| *c = math::exp2_end(*scale, *c));
}

#[inline(always)]
fn pressed_part(row: &mut Frames, n: usize, law: &Law, y: f64, room: &mut Room) -> f64 {
    wanted(row, &law.curve, law.floor, room);
    let [parts, _] = &mut room.parts;
    let end = ballistics::smoothed(&law.times, y, &mut row[..n], parts);
    amplified(row, law.makeup, room);
    end
}

/// The recursion waits for itself, frame by frame, and leaves most of the machine idle. So the way of a cell is cut in four, and between the pieces
/// stand the logarithms of the cell that comes next and the gains of the one before: they wait for nothing of it, and fill the time.
#[inline(always)]
fn pressed(rows: &mut [Frames], law: &Law, mut y: f64, room: &mut Room) -> f64 {
    let Law { curve, floor: (floor, scale), times, makeup } = law;
    let Some(first) = rows.first_mut() else { return y };
    wanted(first, curve, law.floor, room);
    ballistics::parts(times, first, &mut room.parts[0]);
    for now in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(now);
        let Some((row, next)) = rest.split_first_mut() else { return y };
        let mut next = next.first_mut();
        let [even, odd] = &mut room.parts;
        let (parts, others) = if now % 2 == 0 { (&*even, odd) } else { (&*odd, even) };
        let quarter =
            |i: usize, y: f64, row: &mut Frames| ballistics::go(times, y, row, parts, i * CELL / 4..(i + 1) * CELL / 4);
        y = quarter(0, y, row);
        if let Some(next) = &mut next {
            logarithms_begin(next, *floor, &mut room.exponents);
        }
        y = quarter(1, y, row);
        if let Some(next) = &mut next {
            logarithms_end(next, *scale, &room.exponents);
        }
        y = quarter(2, y, row);
        if let Some(next) = &mut next {
            bent(next, curve);
            ballistics::parts(times, &next[..], others);
        }
        y = quarter(3, y, row);
        y = ballistics::settled(y);
        if let Some(before) = done.last_mut() {
            exponentials(before, *makeup, &mut room.scales);
        }
    }
    if let Some(last) = rows.last_mut() {
        amplified(last, *makeup, room);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;
    use crate::units::Rate;

    #[test]
    fn every_level_gives_the_same_bits_at_once_and_step_by_step() {
        let law = Law {
            curve: StaticCurve::new(-24.0, 3.0, 6.0, 60.0),
            floor: (1e-6, 1.0),
            times: Times::new(10.0, Some(120.0), Rate::STUDIO),
            makeup: 0.3,
        };
        const CELLS: usize = 50;
        let noise = |seed, at: usize| {
            // a loud part, then one that asks for nothing
            let level = if at < CELLS / 2 { 1.0 } else { 0.01 };
            std::array::from_fn::<f64, CELL, _>(|i| level * Seed::new(seed).bipolar((at * CELL + i) as i64))
        };
        let run = |level: Level, at_once: usize| {
            let (mut y, mut rows, mut room) = (0.1, [SILENCE; CELLS], Room::EMPTY);
            for (at, row) in rows.iter_mut().enumerate() {
                let most = peaks(level, &noise(1, at), &noise(2, at), row);
                assert_eq!(most, row.iter().fold(0.0, |most, x| if *x > most { *x } else { most }));
            }
            if at_once > 1 {
                rows.chunks_mut(at_once).for_each(|rows| y = press(level, rows, &law, y, &mut room));
            }
            for row in rows.iter_mut().filter(|_| at_once == 1) {
                y = press_part(level, row, CELL, &law, y, &mut room);
                y = ballistics::settled(y);
            }
            for row in rows.iter_mut().filter(|_| at_once == 0) {
                reductions(level, row, &law.curve, law.floor, &mut room);
                y = ballistics::smoothed(&law.times, y, row, &mut [SILENCE; 2]);
                y = ballistics::settled(y);
                gains(level, row, law.makeup, &mut room);
            }
            rows.map(|row| row.map(f64::to_bits))
        };
        let plain = run(Level::all()[0], 0);
        for level in Level::all() {
            assert!([0, 1, 2, 7, CELLS].iter().all(|cells| run(level, *cells) == plain), "{level:?}");
        }
    }
}
