//! Sample-rate conversion by a polyphase windowed sinc (Smith, Gossett, "A flexible sampling-rate conversion method", ICASSP 1984; Kaiser's
//! window): f64, fixed order of summation, so the same bits on every machine.
//!
//! Every output frame is a pure function of the input frames around it. There is no state: a conversion may start anywhere and gives what
//! an uninterrupted one would, bit for bit.

mod dots;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::kaiser::{self, Kaiser};
use crate::audio::isa::{Level, levels};
use crate::units::Rate;

/// Taps at the lower of the two rates: with [`CUTOFF`] and [`ATTENUATION`], within .001 dB to .907 of the lower Nyquist frequency (20 kHz of
/// 44.1), -3 dB at .951, more than 100 dB down from 1.02 on and 160 from 1.05.
const TAPS: usize = 160;
/// -6 dB, as a part of the lower Nyquist frequency.
const CUTOFF: f64 = 0.96;
/// Of everything above the transition, in dB.
const ATTENUATION: f64 = 156.0;
/// How many taps a table may hold (4 MB): above, its rows are interpolated.
const MOST: usize = 1 << 19;
/// Rows of an interpolated table at the lower rate: cubic interpolation between them is exact to -200 dB.
const ROWS: usize = 512;

/// The filter between two rates: linear phase, 0 delay, gain 1.
#[derive(Debug)]
pub struct Resampler {
    /// Out frames per `down` in frames, in lowest terms.
    up: u64,
    down: u64,
    /// A multiple of 8.
    taps: usize,
    /// Rows of `taps`: one for each of the `up` phases, or [`Resampler::rows`] + 3 to interpolate between.
    table: Vec<f64>,
    /// 0 where the table is exact.
    rows: usize,
}

/// How long `frames` at one rate become at another: round(frames × to / from), halves up.
pub fn converted(frames: u64, from: u64, to: u64) -> u64 {
    let (n, up, down) = (u128::from(frames), u128::from(to), u128::from(from));
    u64::try_from((2 * n * up + down) / (2 * down)).unwrap_or(u64::MAX)
}

impl Resampler {
    /// Designs the filter: some milliseconds. See [`Resampler::shared`].
    pub fn new(from: Rate, to: Rate) -> Resampler {
        let common = gcd(from.get(), to.get());
        let (up, down) = (u64::from(to.get() / common), u64::from(from.get() / common));
        let cutoff = CUTOFF * if down > up { up as f64 / down as f64 } else { 1.0 };
        let taps = ((TAPS as u64 * down.max(up)).div_ceil(up) as usize).next_multiple_of(8);
        let exact = (up as usize).saturating_mul(taps) <= MOST;
        // a kernel stretched by a lower cutoff needs fewer rows a frame
        let rows = if exact { 0 } else { (ROWS * TAPS / taps).max(8) };
        let mut table = Vec::with_capacity(if exact { up as usize * taps } else { (rows + 3) * taps });
        if exact {
            for phase in 0..up as usize {
                let mirrored = up as usize - phase;
                if mirrored < phase {
                    // as far before an input frame as another row is after it
                    let from = table.len();
                    table.extend_from_within(mirrored * taps..(mirrored + 1) * taps);
                    table[from..].reverse();
                } else {
                    row(&mut table, taps, cutoff, phase as f64 / up as f64);
                }
            }
        } else {
            (0..rows + 3).for_each(|r| row(&mut table, taps, cutoff, (r as f64 - 1.0) / rows as f64));
        }
        Resampler { up, down, taps, table, rows }
    }

    /// The filter, designed once for all who hold it at the same time.
    pub fn shared(from: Rate, to: Rate) -> Arc<Resampler> {
        type Known = Vec<(Rate, Rate, Weak<Resampler>)>;
        static KNOWN: Mutex<Known> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(.., weak)| weak.strong_count() > 0);
        if let Some(found) = known.iter().find(|(f, t, _)| (*f, *t) == (from, to)).and_then(|(.., weak)| weak.upgrade())
        {
            return found;
        }
        let made = Arc::new(Resampler::new(from, to));
        known.push((from, to, Arc::downgrade(&made)));
        made
    }

    /// How long `frames` become: round(frames × to / from), halves up.
    pub fn length(&self, frames: u64) -> u64 {
        converted(frames, self.down, self.up)
    }

    /// The input frames (from, to) that `frames` output frames from `at` on depend on; before 0 and after the end they are zeros.
    pub fn needs(&self, at: u64, frames: usize) -> (i64, i64) {
        let half = (self.taps / 2) as i64;
        let last = at + (frames as u64).saturating_sub(1);
        (self.place(at).0 - half + 1, self.place(last).0 + half + 1)
    }

    /// One past the last output frame that no input frame from `have` on matters for: what can be made of the input before it.
    pub fn ready(&self, have: i64) -> u64 {
        let reach = u64::try_from(have - (self.taps / 2) as i64).unwrap_or(0);
        let frames = (u128::from(reach) * u128::from(self.up)).div_ceil(u128::from(self.down));
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Converts one channel: `out` gets the output frames from `at` on; `input` begins with input frame `input_at` and holds at least what
    /// [`Resampler::needs`] says.
    pub fn run(&self, at: u64, input: &[f64], input_at: i64, out: &mut [f64]) {
        let (up, level) = (self.up as usize, Level::find());
        self.each(at, input_at, out.len(), |row, frame, spans| {
            for turn in (0..spans.turns).step_by(4) {
                let there = |k: usize| (turn + k).min(spans.turns - 1);
                let sums = dots::four(level, row, [0, 1, 2, 3].map(|k| spans.of(input, there(k))));
                (0..4).for_each(|k| out[frame + there(k) * up] = sums[k]);
            }
        });
    }

    /// Two channels at once, each as [`Resampler::run`] does it, bit for bit: the taps are fetched once for both.
    pub fn run_pair(&self, at: u64, input: [&[f64]; 2], input_at: i64, out: [&mut [f64]; 2]) {
        let (up, level) = (self.up as usize, Level::find());
        let ([left, right], [l, r]) = (out, input);
        self.each(at, input_at, left.len(), |row, frame, spans| {
            for turn in (0..spans.turns).step_by(2) {
                let (one, next) = (frame + turn * up, frame + (turn + 1) * up);
                if turn + 1 == spans.turns {
                    [left[one], right[one]] = dots::two(level, row, [spans.of(l, turn), spans.of(r, turn)]);
                    break;
                }
                let both = [spans.of(l, turn), spans.of(r, turn), spans.of(l, turn + 1), spans.of(r, turn + 1)];
                [left[one], right[one], left[next], right[next]] = dots::four(level, row, both);
            }
        });
    }

    /// Calls `f` with each row of taps, the first output frame that it makes, and the input frames of all that it makes, which are `up` apart.
    fn each(&self, at: u64, input_at: i64, frames: usize, mut f: impl FnMut(&[f64], usize, Spans)) {
        let (frame, mut phase) = self.place(at);
        let mut start = (frame - (self.taps / 2) as i64 + 1 - input_at) as usize;
        let (step, rest) = ((self.down / self.up) as usize, self.down % self.up);
        let mut between = vec![0.0; if self.rows > 0 { self.taps } else { 0 }];
        let (up, down) = (self.up as usize, self.down as usize);
        // the same phase comes back every `up` frames: its taps are used for all of them while they are in the nearest cache
        for first in 0..frames.min(up) {
            let row = if self.rows == 0 {
                &self.table[phase as usize * self.taps..][..self.taps]
            } else {
                self.interpolate(phase, &mut between);
                &between
            };
            f(row, first, Spans { start, step: down, taps: self.taps, turns: (frames - first).div_ceil(up) });
            start += step;
            phase += rest;
            if phase >= self.up {
                phase -= self.up;
                start += 1;
            }
        }
    }

    /// The input frame at or before output frame `at`, and how many `up`ths of a frame after it.
    fn place(&self, at: u64) -> (i64, u64) {
        let place = u128::from(at) * u128::from(self.down);
        ((place / u128::from(self.up)) as i64, (place % u128::from(self.up)) as u64)
    }

    /// The row at a phase between rows: Lagrange's cubic through the four around it.
    fn interpolate(&self, phase: u64, into: &mut [f64]) {
        let place = phase as f64 / self.up as f64 * self.rows as f64;
        let row = place as usize;
        let u = place - row as f64;
        let weights = [
            -u * (u - 1.0) * (u - 2.0) / 6.0,
            (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0,
            -(u + 1.0) * u * (u - 2.0) / 2.0,
            (u + 1.0) * u * (u - 1.0) / 6.0,
        ];
        weigh(Level::find(), &self.table[row * self.taps..][..4 * self.taps], &weights, into);
    }
}

/// The input frames of output frames that one row of taps makes.
struct Spans {
    /// Of the first one, in its buffer.
    start: usize,
    /// From one to the next.
    step: usize,
    taps: usize,
    turns: usize,
}

impl Spans {
    fn of<'a>(&self, input: &'a [f64], turn: usize) -> &'a [f64] {
        &input[self.start + turn * self.step..][..self.taps]
    }
}

levels! {
    /// Four rows, one after the other in `rows`, summed with their weights.
    fn weigh(rows: &[f64], weights: &[f64; 4], into: &mut [f64]) = weighed;
}

#[inline(always)]
fn weighed(rows: &[f64], weights: &[f64; 4], into: &mut [f64]) {
    let (a, rest) = rows.split_at(into.len());
    let (b, rest) = rest.split_at(into.len());
    let (c, d) = rest.split_at(into.len());
    for ((((y, a), b), c), d) in into.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *y = (weights[0] * a + weights[1] * b) + (weights[2] * c + weights[3] * d);
    }
}

/// One row of taps for output `part` of a frame after an input frame. Each sums to exactly 1: no image of what does not move.
fn row(table: &mut Vec<f64>, taps: usize, cutoff: f64, part: f64) {
    let half = (taps / 2) as f64;
    let window = Kaiser::new(kaiser::beta(ATTENUATION));
    let from = table.len();
    table.extend((0..taps).map(|tap| {
        let t = tap as f64 - (half - 1.0) - part;
        kaiser::sinc(t, cutoff) * window.at(t / half)
    }));
    let sum: f64 = table[from..].iter().sum();
    table[from..].iter_mut().for_each(|x| *x /= sum);
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests;
