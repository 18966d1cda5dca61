//! The compressor's loops over a cell: from magnitudes to gains, step by step or at once, with the same bits.

use crate::audio::isa::levels;
use crate::audio::math;
use crate::audio::samples::{COLUMNS, largest};
use crate::dsp::parts::ballistics::{self, Lines, Times};
use crate::dsp::parts::cell::{CELL, Frames, SILENCE};
use crate::dsp::parts::detector::StaticCurve;

/// What a compressor does, as long as it stands still.
#[derive(Clone, Copy)]
pub(super) struct Law {
    pub(super) curve: StaticCurve,
    /// What is surely quiet for it, as it is heard.
    pub(super) quiet: f64,
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
    /// Of two cells in turn.
    lines: [Lines; 2],
}

impl Room {
    pub(super) const EMPTY: Room = Room { exponents: SILENCE, scales: SILENCE, lines: [Lines::EMPTY; 2] };
}

levels! {
    /// The larger magnitude of two channels over whole cells, frame by frame, and the largest of each cell.
    pub(super) fn peaks(left: &[f64], right: &[f64], rows: &mut [Frames], peaks: &mut [f64]) = larger;
    /// Magnitudes, or mean squares, to the reductions that are wanted. `floor`: as a [`Law`] has it.
    pub(super) fn reductions(row: &mut Frames, curve: &StaticCurve, floor: (f64, f64), room: &mut Room) = wanted;
    /// Reductions to amplitudes, with a makeup in octaves.
    pub(super) fn gains(row: &mut Frames, makeup: f64, room: &mut Room) = amplified;
    /// All of it for whole cells of the grid and the largest value of each, with what came before them ended at `y`. Returns where they end.
    pub(super) fn press(rows: &mut [Frames], peaks: &[f64], law: &Law, y: f64, room: &mut Room) -> f64 = pressed;
}

#[inline(always)]
fn larger(left: &[f64], right: &[f64], rows: &mut [Frames], peaks: &mut [f64]) {
    let (left, right) = (left.as_chunks::<CELL>().0, right.as_chunks::<CELL>().0);
    for (((row, peak), left), right) in rows.iter_mut().zip(peaks).zip(left).zip(right) {
        let mut columns = [0.0; COLUMNS];
        let (left, right) = (left.as_chunks::<COLUMNS>().0, right.as_chunks::<COLUMNS>().0);
        for ((row, left), right) in row.as_chunks_mut::<COLUMNS>().0.iter_mut().zip(left).zip(right) {
            for i in 0..COLUMNS {
                let (left, right) = (left[i].abs(), right[i].abs());
                row[i] = if left > right { left } else { right };
                columns[i] = if row[i] > columns[i] { row[i] } else { columns[i] };
            }
        }
        *peak = largest(&columns);
    }
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
    exponentials_begin(row, makeup, &mut room.scales);
    exponentials_end(row, &room.scales);
}

#[inline(always)]
fn exponentials_begin(row: &mut Frames, makeup: f64, scales: &mut Frames) {
    for (c, scale) in row.iter_mut().zip(scales) {
        (*scale, *c) = math::exp2_begin(makeup - *c);
    }
}

#[inline(always)]
fn exponentials_end(row: &mut [f64], scales: &[f64]) {
    row.iter_mut().zip(scales).for_each(|(c, scale)| *c = math::exp2_end(*scale, *c));
}

/// The recursion waits for itself, from group to group, and leaves most of the machine idle. So between its groups stand the logarithms of the cell that
/// comes next and the gains of the one before: they wait for nothing of it, and fill the time. A cell in which nothing is wanted only fades.
#[inline(always)]
fn pressed(rows: &mut [Frames], peaks: &[f64], law: &Law, mut y: f64, room: &mut Room) -> f64 {
    let Law { curve, quiet, floor: (floor, scale), times, makeup } = law;
    let asks = |cell: usize| peaks.get(cell).is_some_and(|peak| *peak > *quiet);
    if let (Some(first), true) = (rows.first_mut(), asks(0)) {
        wanted(first, curve, law.floor, room);
        times.draw(first, &mut room.lines[0]);
    }
    const HALF: usize = CELL / 2;
    for now in 0..rows.len() {
        let (done, rest) = rows.split_at_mut(now);
        let Some((row, next)) = rest.split_first_mut() else { return y };
        let Room { exponents, scales, lines: [even, odd] } = room;
        let (mine, others) = if now % 2 == 0 { (even, odd) } else { (odd, even) };
        let (mut before, mut next) = (done.last_mut(), if asks(now + 1) { next.first_mut() } else { None });
        if asks(now) {
            y = times.step(y, mine, 0);
            if let Some(next) = &mut next {
                logarithms_begin(next, *floor, exponents);
            }
            y = times.step(y, mine, 1);
            if let Some(before) = &mut before {
                exponentials_begin(before, *makeup, scales);
            }
            y = times.step(y, mine, 2);
            if let Some(next) = &mut next {
                logarithms_end(next, *scale, exponents);
            }
            y = times.step(y, mine, 3);
            if let Some(before) = &mut before {
                exponentials_end(&mut before[..HALF], &scales[..HALF]);
            }
            y = times.step(y, mine, 4);
            if let Some(next) = &mut next {
                bent(next, curve);
            }
            y = times.step(y, mine, 5);
            if let Some(before) = &mut before {
                exponentials_end(&mut before[HALF..], &scales[HALF..]);
            }
            y = times.step(y, mine, 6);
            if let Some(next) = next {
                times.draw(next, others);
            }
            y = times.step(y, mine, 7);
            times.trace(mine, row);
        } else {
            if let Some(next) = next {
                logarithms_begin(next, *floor, exponents);
                logarithms_end(next, *scale, exponents);
                bent(next, curve);
                times.draw(next, others);
            }
            if let Some(before) = before {
                exponentials_begin(before, *makeup, scales);
                exponentials_end(before, scales);
            }
            y = times.fade(y, row);
        }
        y = ballistics::settled(y);
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
    use crate::dsp::parts::ballistics::Envelope;
    use crate::units::Rate;

    #[test]
    fn every_level_gives_the_same_bits_at_once_and_step_by_step() {
        let curve = StaticCurve::new(-24.0, 3.0, 6.0, 60.0);
        // the attack is the faster, or the slower
        for (attack, release) in [(10.0, 120.0), (0.0, 50.0), (200.0, 5.0)] {
            let times = Times::new(attack, Some(release), Rate::STUDIO);
            let law = Law { curve, quiet: curve.quiet(), floor: (1e-6, 1.0), times, makeup: 0.3 };
            const CELLS: usize = 50;
            let noise = |seed, at: usize| {
                // a loud part, then one in which single cells ask for something
                let level = if at < CELLS / 2 || at.is_multiple_of(5) { 1.0 } else { 0.01 };
                std::array::from_fn::<f64, CELL, _>(|i| level * Seed::new(seed).bipolar((at * CELL + i) as i64))
            };
            // so many cells at once; without any, by pieces of a cell
            let run = |level: Level, at_once: usize| {
                let (mut y, mut rows, mut room) = (0.1, [SILENCE; CELLS], Room::EMPTY);
                let mut most = [0.0; CELLS];
                let channel = |seed| (0..CELLS).flat_map(|at| noise(seed, at)).collect::<Vec<_>>();
                peaks(level, &channel(1), &channel(2), &mut rows, &mut most);
                assert!(
                    (0..CELLS)
                        .all(|at| most[at] == rows[at].iter().fold(0.0, |most, x| if *x > most { *x } else { most }))
                );
                if at_once > 0 {
                    for (rows, most) in rows.chunks_mut(at_once).zip(most.chunks(at_once)) {
                        y = press(level, rows, most, &law, y, &mut room);
                    }
                    return rows.map(|row| row.map(f64::to_bits));
                }
                let mut envelope = Envelope::default();
                envelope.go(|_| y);
                for (at, row) in rows.iter_mut().enumerate() {
                    reductions(level, row, &law.curve, law.floor, &mut room);
                    let mut place = 0;
                    for n in [1 + at % 7, 1, 2, at % 5, CELL] {
                        let to = (place + n).min(CELL);
                        envelope.run(level, &times, 0, place, &mut row[place..to]);
                        place = to;
                    }
                    envelope.settle();
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
}
