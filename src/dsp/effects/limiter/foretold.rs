//! What the limiter will do, from its input's peaks alone: for solving how far to drive it. Cells of [`CELL`] frames instead of frames; the second
//! stage's small corrections are left out.

use std::ops::Range;

use super::envelope::CELL;
use super::recovery::{Recovery, Speeds};
use super::{CEILING, GAIN, LINK, LOOKAHEAD, MARGIN, RELEASE, TRUE_PEAK, lookahead};
use crate::audio::isa::{Level, levels};
use crate::audio::math;
use crate::dsp::Args;
use crate::dsp::parts::brickwall::RATIOS;
use crate::units::Rate;

/// Cells smoothed together: what they need stays in the nearest cache.
const PIECE: usize = 512;

/// Cells after which a recovery that is over is ended.
const GRID: usize = 64;

/// What of a limiter decides its gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimiterSettings {
    pub rate: Rate,
    /// What the sound is turned up by before, in dB: the limiter's own `gain` and all between the measured peaks and it.
    pub drive: f64,
    /// dBTP
    pub ceiling: f64,
    /// ms
    pub lookahead: f64,
    /// ms; `None` is automatic.
    pub release: Option<f64>,
}

impl LimiterSettings {
    /// Those of a limiter's arguments, its own gain being the drive. None where its gain isn't one function of its true peaks: with `link` below
    /// 100 %, without `truepeak`, and with moving parameters.
    pub fn of(args: &Args, rate: Rate) -> Option<LimiterSettings> {
        let fits = args.of.name == "limiter"
            && args.number(LINK) == Some(100.0)
            && args.switch(TRUE_PEAK)
            && args.moving.is_empty();
        fits.then_some(LimiterSettings {
            rate,
            drive: args.number(GAIN)?,
            ceiling: args.number(CEILING)?,
            lookahead: args.number(LOOKAHEAD)?,
            release: args.number(RELEASE),
        })
    }
}

/// The gain of every cell, 0 to 1, from the peaks that [`PeakEnvelope`](super::PeakEnvelope) has measured. The sound's power per cell times the
/// gain's square gives the loudness of what leaves the limiter within 0.05 LU for most music; of recorded loops driven by 9 dB one, of bright drums,
/// came 0.15 LU too loud.
pub fn limiter_envelope(peaks: &[f32], settings: &LimiterSettings) -> Vec<f32> {
    let scale = math::from_db(settings.drive - settings.ceiling);
    let (mut recovery, speeds) = (Recovery::default(), Speeds::new(settings.release, settings.rate, CELL));
    let mut gains = vec![1.0; peaks.len()];
    for (gains, peaks) in gains.chunks_mut(GRID).zip(peaks.chunks(GRID)) {
        let touched = need(Level::find(), peaks, scale, gains);
        if touched || !recovery.at_rest() {
            recovery.run(&speeds, gains);
            recovery.settle();
        }
    }
    let frames = lookahead(settings.lookahead, settings.rate) as f64;
    // as many frames as the limiter's own: its sliding minimum's, with a few for what the second stage takes, and its boxes'
    let shape = Shape::new((frames + 3.0 + 4.0) / CELL as f64, (frames + 2.0) / CELL as f64);
    shape.smooth(&gains)
}

levels! {
    /// The gains that peaks need; whether any is below 1.
    fn need(peaks: &[f32], scale: f64, gains: &mut [f64]) -> bool = needed;
    fn least(gains: &mut [f64], width: usize) = minimum;
    fn soften(shape: &Shape, known: Range<usize>, room: &mut Room, gains: &[f64], into: &mut [f32]) = softened;
}

#[inline(always)]
fn needed(peaks: &[f32], scale: f64, gains: &mut [f64]) -> bool {
    let mut highest = 0.0;
    for (gain, peak) in gains.iter_mut().zip(peaks) {
        let peak = f64::from(*peak) * scale;
        highest = if peak > highest { peak } else { highest };
        *gain = if peak > 1.0 { MARGIN / peak } else { 1.0 };
    }
    highest > 1.0
}

/// How gains are held and smoothed.
struct Shape {
    /// Cells to each side whose least gain is held, and the share that one more has.
    reach: usize,
    share: f64,
    /// The boxes' weights, as many to each side of the middle one.
    kernel: Vec<f64>,
}

/// Room for a piece.
#[derive(Default)]
struct Room {
    /// The least gains, from a kernel's side and a cell before the piece on.
    least: Vec<f64>,
    /// 1 - held gains, from a kernel's side before the piece on.
    reductions: Vec<f64>,
    sums: Vec<f64>,
}

impl Shape {
    /// `width` cells are held, boxes of together `span` cells make the rest. A width between two odd numbers has a share in both.
    fn new(width: f64, span: f64) -> Shape {
        let reach = ((width - 1.0) / 2.0).max(0.0);
        Shape { reach: reach as usize, share: reach - (reach as usize) as f64, kernel: kernel(span) }
    }

    /// Cells to each side that a cell's gain hangs on.
    fn side(&self) -> usize {
        self.kernel.len() / 2 + 1 + self.reach
    }

    /// From the gains that recover to those that act.
    fn smooth(&self, gains: &[f64]) -> Vec<f32> {
        let (mut smooth, side) = (vec![1.0; gains.len()], self.side());
        let mut room = Room::default();
        for (piece, into) in smooth.chunks_mut(PIECE).enumerate() {
            let from = piece * PIECE;
            let around = &gains[from.saturating_sub(side)..gains.len().min(from + into.len() + side)];
            // where nothing near is turned down, nothing is
            if around.iter().all(|gain| *gain == 1.0) {
                continue;
            }
            let known = self.hold(gains, from, into.len(), &mut room);
            soften(Level::find(), self, known, &mut room, &gains[from..from + into.len()], into);
        }
        smooth
    }

    /// The least gains around the `n` cells from `from` on; beyond the song's ends they are 1. Which of the reductions made of them lie within it.
    fn hold(&self, gains: &[f64], from: usize, n: usize, room: &mut Room) -> Range<usize> {
        let side = self.side();
        // of the cells from so many before the piece to as many behind it
        let within = |cells: usize| cells.saturating_sub(from)..(gains.len() + cells - from).min(n + 2 * cells);
        let known = within(side);
        room.least.clear();
        room.least.resize(n + 2 * side, 1.0);
        room.least[known.clone()].copy_from_slice(&gains[from + known.start - side..from + known.end - side]);
        least(Level::find(), &mut room.least, 2 * self.reach + 1);
        let near = side - self.reach;
        room.least.truncate(n + 2 * near);
        let known = within(near);
        room.least[..known.start].fill(1.0);
        room.least[known.end..].fill(1.0);
        within(near - 1)
    }
}

/// Each becomes the least of itself and those behind it, `width` together, by doubling; the last ones are of no use then.
#[inline(always)]
fn minimum(gains: &mut [f64], width: usize) {
    let mut done = 1;
    while done < width {
        let step = done.min(width - done);
        for i in 0..gains.len() - step {
            gains[i] = if gains[i + step] < gains[i] { gains[i + step] } else { gains[i] };
        }
        done += step;
    }
}

#[inline(always)]
fn softened(shape: &Shape, known: Range<usize>, room: &mut Room, gains: &[f64], into: &mut [f32]) {
    let n = into.len();
    let Room { least, reductions, sums } = room;
    let count = least.len() - 2;
    reductions.resize(count, 0.0);
    let (before, at, behind) = (&least[..count], &least[1..][..count], &least[2..][..count]);
    for i in 0..count {
        let beside = if before[i] < behind[i] { before[i] } else { behind[i] };
        let wide = if beside < at[i] { beside } else { at[i] };
        reductions[i] = 1.0 - (at[i] + shape.share * (wide - at[i]));
    }
    reductions[..known.start].fill(0.0);
    reductions[known.end..].fill(0.0);
    sums.clear();
    sums.resize(n, 0.0);
    for (k, weight) in shape.kernel.iter().enumerate() {
        sums.iter_mut().zip(&reductions[k..][..n]).for_each(|(sum, x)| *sum += weight * x);
    }
    for i in 0..n {
        // a peak gets what it needs, wherever in its cell it lies
        let (smooth, own) = ((1.0 - sums[i]) as f32, gains[i] as f32);
        into[i] = if own < smooth { own } else { smooth };
    }
}

/// Three boxes of together `span` cells, one after the other; a box's ends may lie inside cells.
fn kernel(span: f64) -> Vec<f64> {
    let [first, second] = RATIOS;
    [first, second, 1.0 - first - second].iter().fold(vec![1.0], |kernel, ratio| {
        let side = ((ratio * span - 1.0) / 2.0).max(0.0);
        let reach = side.ceil() as usize;
        let weight = |i: usize| (side + 1.0 - i.abs_diff(reach) as f64).clamp(0.0, 1.0) / (1.0 + 2.0 * side);
        let mut both = vec![0.0; kernel.len() + 2 * reach];
        for (i, x) in kernel.iter().enumerate() {
            (0..=2 * reach).for_each(|k| both[i + k] += x * weight(k));
        }
        both
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    /// Cell by cell, as it is said.
    fn plainly(shape: &Shape, gains: &[f64]) -> Vec<f32> {
        let least = |i: i64, reach: i64| {
            let near = (i - reach).max(0)..(i + reach + 1).min(gains.len() as i64);
            if (0..gains.len() as i64).contains(&i) {
                near.fold(1.0, |a: f64, k| a.min(gains[k as usize]))
            } else {
                1.0
            }
        };
        let reach = shape.reach as i64;
        let reduction = |i: i64| {
            let at = least(i, reach);
            let wide = at.min(least(i - 1, reach)).min(least(i + 1, reach));
            if (0..gains.len() as i64).contains(&i) { 1.0 - (at + shape.share * (wide - at)) } else { 0.0 }
        };
        let reductions: Vec<f64> = (-999..gains.len() as i64 + 999).map(reduction).collect();
        let side = shape.kernel.len() / 2;
        (0..gains.len())
            .map(|i| {
                let near = &reductions[999 + i - side..];
                let sum = shape.kernel.iter().zip(near).fold(0.0, |sum, (weight, x)| sum + weight * x);
                ((1.0 - sum) as f32).min(gains[i] as f32)
            })
            .collect()
    }

    #[test]
    fn pieces_make_no_difference() {
        let seed = Seed::new(8);
        for (width, span) in [(0.4, 0.2), (1.0, 1.0), (4.4, 3.3), (6.4, 6.1), (13.0, 24.0), (61.9, 60.5)] {
            let shape = Shape::new(width, span);
            for cells in [0, 1, 5, 511, 512, 513, 3000] {
                let gain =
                    |i: i64| if seed.bipolar(i / 40) > 0.8 { 1.0 - 0.5 * seed.with(1).bipolar(i).abs() } else { 1.0 };
                let gains: Vec<f64> = (0..cells).map(gain).collect();
                assert!(shape.smooth(&gains) == plainly(&shape, &gains), "{width} {span} {cells}");
            }
        }
    }

    #[test]
    fn every_level_makes_the_same_bits() {
        let seed = Seed::new(9);
        let (peaks, shape): (Vec<f32>, _) =
            ((0..999).map(|i| 1.3 * seed.bipolar(i).abs() as f32).collect(), Shape::new(7.3, 6.1));
        let all = |level: Level| {
            let mut gains = vec![1.0; peaks.len()];
            need(level, &peaks, 1.1, &mut gains);
            let mut room = Room::default();
            let mut held = gains.clone();
            least(level, &mut held, 7);
            let known = shape.hold(&gains, 100, 400, &mut room);
            let mut into = vec![1.0; 400];
            soften(level, &shape, known, &mut room, &gains[100..500], &mut into);
            (gains, held, into)
        };
        let plain = all(Level::all()[0]);
        assert!(Level::all().into_iter().all(|level| all(level) == plain));
    }

    #[test]
    fn kernels_and_windows_of_any_length_are_as_long_as_asked_for() {
        for span in [0.2, 1.0, 3.3, 6.1, 24.0, 240.7] {
            let shape = Shape::new(span, span);
            assert!((shape.kernel.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let mut gains = vec![1.0; 999];
            gains[500] = 0.5;
            let mut room = Room::default();
            let known = shape.hold(&gains, 0, 999, &mut room);
            soften(Level::find(), &shape, known.clone(), &mut room, &gains, &mut [1.0; 999]);
            let held: f64 = room.reductions[known].iter().map(|x| 2.0 * x).sum();
            assert!((held - span.max(1.0)).abs() < 1e-9, "{span}: {held}");
        }
    }
}
