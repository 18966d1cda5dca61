//! The peaks between the samples: eight-fold interpolation by a Kaiser-windowed sinc of 38 samples to each side (β 10.06: flat to 0.907 of the
//! Nyquist frequency, 100 dB down from 1.093 on), refined by a parabola. That is the truth; but what others will read counts too. Shorter
//! interpolators let images of the treble through and read up to 0.3 dB more: the four-fold one of ITU-R BS.1770-5 Annex 2, libebur128's (49
//! taps, Hann), and swresample's with which ffmpeg's meter goes to 192 kHz. By these masters are judged. The largest reading is the peak.
//!
//! The long interpolators work in two steps, midway between the samples and from there on, and all of them only where a peak can be: no reading
//! lies further from the straight line between two neighbours than the sound bends nearby (see [`taps::Bound`]). What is left out cannot matter.

mod bs1770;
mod rough;
mod taps;
mod view;

pub use bs1770::BS1770;

use std::sync::LazyLock;

use self::taps::{GROUP, HALF, REACH, Taps};
use self::view::{Midway, View};
use crate::audio::isa::{Level, levels};
use crate::audio::samples::largest;
use crate::audio::{StateError, StateReader, StateWriter};

/// How late it reads, in frames.
pub const LATE: usize = HALF + REACH / 2;
const _: () = assert!(LATE >= rough::BEFORE && LATE - rough::BEFORE + rough::AROUND <= HISTORY);
/// How many older samples a value needs.
const HISTORY: usize = 2 * LATE;
/// The most frames at once.
pub const CELL: usize = 32;
/// Where the history begins at first: cells of [`CELL`] frames then end where levels do.
const LEAD: usize = (CELL - HISTORY % CELL) % CELL;
const ROW: usize = LEAD + HISTORY + 8 * CELL;
/// Intervals worked on together.
const TILE: usize = 4;
/// A tile's reach goes a few groups past the row's end.
const GROUPS: usize = ROW / GROUP + 3;

static TAPS: LazyLock<Taps> = LazyLock::new(Taps::new);

/// One channel's meter. The last samples and the newest ones lie in one piece: they move along a longer row and seldom back to its start.
#[derive(Clone, Debug)]
pub struct TruePeak {
    taps: &'static Taps,
    /// With a sample behind the last group.
    row: [f64; ROW + 1],
    /// The largest magnitude in each [`CELL`] of the row.
    levels: [f64; ROW / CELL],
    /// The largest second differences of each group of samples in the row: made when they are needed.
    bends: [f64; GROUPS],
    /// From here on they aren't made yet.
    bent: usize,
    /// Where the history begins.
    at: usize,
    /// Room for what a view makes.
    midway: Midway,
}

impl Default for TruePeak {
    fn default() -> TruePeak {
        TruePeak {
            taps: &TAPS,
            row: [0.0; ROW + 1],
            levels: [0.0; ROW / CELL],
            bends: [0.0; GROUPS],
            bent: LEAD,
            at: LEAD,
            midway: [[0.0; _]; 2],
        }
    }
}

impl TruePeak {
    /// Takes up to [`CELL`] samples and raises `peaks` to the largest magnitude of the interval from each frame to the next, [`LATE`] frames
    /// late. Peaks up to `alert` don't matter: they may be left out or be lower than they are. Whether there can be others.
    pub fn process(&mut self, x: &[f64], alert: f64, peaks: &mut [f64]) -> bool {
        process(Level::find(), self, x, alert, peaks)
    }

    /// Takes up to [`CELL`] samples and raises each of `cells` to about the peak of its share of them, [`LATE`] frames late.
    pub fn roughly(&mut self, x: &[f64], cells: &mut [f64]) {
        roughly(Level::find(), self, x, cells);
    }

    /// After [`roughly`](TruePeak::roughly) took `n`: raises those of `cells` that are `wanted` to the largest magnitude of their intervals. What
    /// is not above `floor` may be left out.
    pub fn highest(&mut self, n: usize, wanted: &[bool], floor: f64, cells: &mut [f64]) {
        highest(Level::find(), self, n, wanted, floor, cells);
    }

    #[inline(always)]
    fn take(&mut self, new: &[f64]) {
        if self.at + HISTORY + CELL > ROW {
            let first = self.at / CELL * CELL;
            self.row.copy_within(first..self.at + HISTORY, 0);
            self.levels.copy_within(first / CELL.., 0);
            self.bends.copy_within(first / GROUP.., 0);
            self.at -= first;
            self.bent = self.bent.saturating_sub(first);
        }
        let from = self.at + HISTORY;
        self.row[from..from + new.len()].copy_from_slice(new);
        self.at += new.len();
        self.level(from, from + new.len());
    }

    /// Takes the samples `from..to` into the levels.
    #[inline(always)]
    fn level(&mut self, mut from: usize, to: usize) {
        while from < to {
            let cell = from / CELL;
            let end = to.min((cell + 1) * CELL);
            let level = largest(&self.row[from..end]);
            let before = if from.is_multiple_of(CELL) { 0.0 } else { self.levels[cell] };
            self.levels[cell] = if level > before { level } else { before };
            from = end;
        }
    }

    /// What the last `n` samples taken need; none when no peak can pass the alert.
    #[inline(always)]
    fn view(&mut self, n: usize, alert: f64) -> Option<View<'_>> {
        let (from, to) = (self.at - n, self.at + HISTORY);
        let level = maximum(&self.levels[from / CELL..to.div_ceil(CELL)]);
        if level * self.taps.largest <= alert {
            return None;
        }
        self.bend(self.bent.max(from), to);
        self.bent = to - 1;
        let bend = maximum(&self.bends[from / GROUP..to.div_ceil(GROUP)]);
        let taps = self.taps;
        if ![&taps.long, &taps.resampler, &taps.standards].iter().any(|b| b.passes(alert, level, 2.0 * level, bend)) {
            return None;
        }
        let (x, bends) = (&self.row[from..], &self.bends[from / GROUP..]);
        let offset = from % GROUP;
        Some(View { taps, x, bends, offset, bend, midway: &mut self.midway, known: [0; 2] })
    }

    /// Renews the groups of samples `from..to`. Beyond the newest sample lies what was there earlier: then too much bend is seen, and put right when
    /// the next samples are looked at.
    #[inline(always)]
    fn bend(&mut self, from: usize, to: usize) {
        for group in from / GROUP..to.div_ceil(GROUP) {
            // the row's first sample has no bend; no history needs it
            let around = self.row[(group * GROUP).max(1) - 1..].first_chunk::<{ GROUP + 2 }>();
            let x = around.unwrap_or(&[0.0; _]);
            let mut bends: [f64; GROUP] = std::array::from_fn(|i| (x[i] - 2.0 * x[i + 1] + x[i + 2]).abs());
            for half in [4, 2, 1] {
                for i in 0..half {
                    bends[i] = if bends[i + half] > bends[i] { bends[i + half] } else { bends[i] };
                }
            }
            self.bends[group] = bends[0];
        }
    }

    fn history(&self) -> &[f64] {
        &self.row[self.at..self.at + HISTORY]
    }

    pub fn at_rest(&self) -> bool {
        self.history().iter().all(|x| *x == 0.0)
    }

    pub fn reset(&mut self) {
        *self = TruePeak::default();
    }

    pub fn save(&self, into: &mut StateWriter) {
        into.all(self.history());
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.reset();
        from.all(&mut self.row[LEAD..LEAD + HISTORY])?;
        self.level(0, LEAD + HISTORY);
        Ok(())
    }
}

levels! {
    /// See [`TruePeak`].
    fn process(meter: &mut TruePeak, x: &[f64], alert: f64, peaks: &mut [f64]) -> bool = processed;
    fn roughly(meter: &mut TruePeak, x: &[f64], cells: &mut [f64]) = read_roughly;
    fn highest(meter: &mut TruePeak, n: usize, wanted: &[bool], floor: f64, cells: &mut [f64]) = read_highest;
}

#[inline(always)]
fn processed(meter: &mut TruePeak, x: &[f64], alert: f64, peaks: &mut [f64]) -> bool {
    meter.take(x);
    let n = x.len();
    let Some(mut view) = meter.view(n, alert) else { return false };
    for from in (0..n).step_by(TILE) {
        if !view.may_pass(view.level(from), alert) {
            continue;
        }
        let doubt = view.doubt(from, alert);
        if !doubt.any() {
            continue;
        }
        let found = view.tile(from, &doubt, alert);
        for (peak, found) in peaks[from..n.min(from + TILE)].iter_mut().zip(found) {
            *peak = if found > *peak { found } else { *peak };
        }
    }
    true
}

#[inline(always)]
fn read_roughly(meter: &mut TruePeak, x: &[f64], cells: &mut [f64]) {
    meter.take(x);
    let around = meter.row[meter.at - x.len() + LATE - rough::BEFORE..].first_chunk();
    rough::raise(around.unwrap_or(&[0.0; _]), &meter.taps.rough, x.len(), cells);
}

#[inline(always)]
fn read_highest(meter: &mut TruePeak, n: usize, wanted: &[bool], floor: f64, cells: &mut [f64]) {
    let size = CELL / cells.len();
    let Some(mut view) = meter.view(n, floor) else { return };
    for ((most, wanted), from) in cells.iter_mut().zip(wanted).zip((0..n).step_by(size)) {
        if !wanted {
            continue;
        }
        let to = n.min(from + size);
        // where the largest sample is, the peak will be: the others are held against it
        let first = view.loudest(from, to);
        for at in std::iter::once(first).chain((from..to).step_by(TILE).filter(|at| *at != first)) {
            let alert = most.max(floor);
            if !view.may_pass(view.level(at), alert) {
                continue;
            }
            let doubt = view.doubt(at, alert);
            if doubt.any() {
                let found = view.tile(at, &doubt, alert);
                *most = most.max(maximum(&found[..TILE.min(to - at)]));
            }
        }
    }
}

/// Of numbers that aren't negative; in four columns, so that no comparison waits for the one before.
#[inline(always)]
fn maximum(of: &[f64]) -> f64 {
    let more = |most: f64, x: f64| if x > most { x } else { most };
    let mut most = [0.0; 4];
    let (chunks, rest) = of.as_chunks::<4>();
    for chunk in chunks {
        for (most, x) in most.iter_mut().zip(chunk) {
            *most = more(*most, *x);
        }
    }
    let most = more(more(most[0], most[2]), more(most[1], most[3]));
    rest.iter().fold(most, |most, x| more(most, *x))
}

#[cfg(test)]
mod tests;
