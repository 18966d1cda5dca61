//! Curves of levels in dB as amplitudes. Where a straight line goes on over a whole cell of the song's grid it is a geometric ramp: the amplitude where
//! the cell begins, times powers of one step that are the same in all its cells.

use super::{Driver, Law, Pieces, Run, Shape};
use crate::audio::isa::{Level, levels};
use crate::audio::{math, samples};
use crate::dsp::parts::cell::{CELL, Frames, SILENCE};

impl Driver {
    /// The amplitudes of a curve in dB from frame `at` on, within 1e-10 dB of what [`Driver::at`] says; the same bits for a frame however the frames
    /// are asked for.
    pub fn amplitudes(&self, at: i64, out: &mut [f64]) {
        match self {
            Driver::Constant(db) => out.fill(math::from_db(*db)),
            Driver::Pieces(pieces) => pieces.amplitudes(at, out),
            Driver::Lfo(_) | Driver::Sampled(_) | Driver::Follow(_) => {
                self.fill(at, out);
                samples::amplitudes(Level::find(), out);
            }
        }
    }
}

impl Pieces {
    fn amplitudes(&self, at: i64, out: &mut [f64]) {
        self.runs(at, out, |run, frames, out| match run {
            Ok(run) => run.amplitudes(frames, out),
            Err(db) => out.fill(math::from_db(db)),
        });
    }
}

impl Run {
    /// From frame `at` on; the run ends at `end`, which may lie behind what is asked for.
    fn amplitudes(&self, (at, end): (i64, i64), out: &mut [f64]) {
        let (Law::Linear { step }, Shape::Straight) = (self.between.law, self.shape) else {
            return match self.between.law {
                Law::Still => out.fill(math::from_db(self.between.start)),
                _ => self.each(at, out),
            };
        };
        // the cells that are the run's as a whole
        const GRID: i64 = CELL as i64;
        let first = (self.from + GRID - 1).div_euclid(GRID) * GRID;
        let last = end.div_euclid(GRID) * GRID;
        let to = at + out.len() as i64;
        let (from, to) = (first.clamp(at, to), last.clamp(at, to));
        if from >= to {
            return self.each(at, out);
        }
        let (before, others) = out.split_at_mut((from - at) as usize);
        let (ramps, after) = others.split_at_mut((to - from) as usize);
        self.each(at, before);
        self.each(to, after);
        let into = from.rem_euclid(GRID);
        ramp(
            Level::find(),
            ramps,
            self.between.start,
            step,
            (from - into - self.from) as f64,
            self.per_frame,
            into as usize,
        );
    }

    /// Frame by frame.
    fn each(&self, at: i64, out: &mut [f64]) {
        self.fill(at, out);
        samples::amplitudes(Level::find(), out);
    }
}

levels! {
    /// The line start + step · per_frame · frame, in dB: from `into` frames behind the one at `cell`, where a cell begins.
    fn ramp(out: &mut [f64], start: f64, step: f64, cell: f64, per_frame: f64, into: usize) = ramped;
}

#[inline(always)]
fn ramped(out: &mut [f64], start: f64, step: f64, cell: f64, per_frame: f64, into: usize) {
    let mut powers: Frames = SILENCE;
    for (i, power) in powers.iter_mut().enumerate() {
        *power = math::from_db(step * (f64::from(i as i32) * per_frame));
    }
    let begin = |cell: f64| math::from_db(start + step * (cell * per_frame));
    let (head, others) = out.split_at_mut(out.len().min((CELL - into) % CELL));
    let mut cell = cell;
    if into > 0 {
        times(head, begin(cell), &powers[into..]);
        cell += CELL as f64;
    }
    let (cells, tail) = others.as_chunks_mut::<CELL>();
    for out in cells {
        times(out, begin(cell), &powers);
        cell += CELL as f64;
    }
    times(tail, begin(cell), &powers);
}

#[inline(always)]
fn times(out: &mut [f64], begin: f64, powers: &[f64]) {
    out.iter_mut().zip(powers).for_each(|(out, power)| *out = begin * power);
}

#[cfg(test)]
mod tests {
    use super::super::{Lfo, Piece, Scale, Wave};
    use super::*;

    fn curve() -> Driver {
        let piece = |from, to, start, end, shape| Piece { from, to, start, end, shape };
        let pieces = vec![
            piece(-70, 5, -6.0, -3.0, Shape::Straight),
            piece(5, 1000, -3.0, -60.0, Shape::Straight),
            piece(1000, 1010, 0.0, 7.0, Shape::Straight),
            piece(1024, 1088, 7.0, -1.0, Shape::Straight),
            piece(1088, 1300, -1.0, -30.0, Shape::Smooth),
            piece(1300, 1500, -30.0, f64::NEG_INFINITY, Shape::Straight),
            piece(1600, 1700, -5.0, -5.0, Shape::Straight),
            // the next begins before its end
            piece(1700, 1900, -5.0, 12.0, Shape::Straight),
            piece(1800, 1_000_000_000, -144.0, 24.0, Shape::Straight),
        ];
        Driver::Pieces(Pieces { scale: Scale::Decibels, pieces })
    }

    #[test]
    fn amplitudes_are_those_of_the_curve() {
        let lfo = Lfo { hz: 2.0, from: -6.0, to: 3.0, shape: Wave::Sine, scale: Scale::Decibels, rate: 48_000.0 };
        for driver in [curve(), Driver::Lfo(lfo), Driver::Constant(-7.5)] {
            for at in [-200, 500_000_000, 999_999_000] {
                let mut out = [0.0; 2500];
                driver.amplitudes(at, &mut out);
                for (i, amplitude) in out.iter().enumerate() {
                    let exact = libm::pow(10.0, driver.at(at + i as i64) / 20.0);
                    let wrong = if exact == 0.0 { *amplitude } else { 20.0 * libm::log10(amplitude / exact) };
                    assert!(wrong.abs() < 1e-10, "{} dB at {}", wrong, at + i as i64);
                }
            }
        }
    }

    #[test]
    fn a_frame_has_one_amplitude_however_it_is_asked_for() {
        let curve = curve();
        let mut whole = [0.0; 2500];
        curve.amplitudes(-200, &mut whole);
        for block in [1, 7, 31, 32, 33, 100, 512] {
            let mut parts = [0.0; 2500];
            for (i, part) in parts.chunks_mut(block).enumerate() {
                curve.amplitudes(-200 + (i * block) as i64, part);
            }
            assert!(parts == whole, "blocks of {block}");
        }
    }

    #[test]
    fn what_touches_a_cell_is_all_that_its_amplitudes_depend_on() {
        let Driver::Pieces(all) = curve() else { return };
        for cell in -7..62 {
            let (from, to) = (cell * CELL as i64, (cell + 1) * CELL as i64);
            let part = Pieces { scale: all.scale, pieces: all.touching(from, to).to_vec() };
            let (mut a, mut b) = (SILENCE, SILENCE);
            all.amplitudes(from, &mut a);
            part.amplitudes(from, &mut b);
            assert!(a == b, "{from}..{to}");
        }
    }

    #[test]
    fn every_level_makes_the_same_ramp() {
        let run = |level: Level| {
            let mut out = [0.0; 333];
            ramp(level, &mut out, -5.0, 17.0, 64.0, 1.0 / 1234.0, 9);
            out
        };
        let plain = run(Level::all()[0]);
        assert!(Level::all().into_iter().all(|level| run(level) == plain));
    }
}
