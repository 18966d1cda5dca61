//! The peak between the samples.
//!
//! Two readings of it. The exact one is the crest of the wave that the samples stand for: eight-fold interpolation by a Kaiser-windowed sinc of
//! 38 samples to each side (flat to 0.907 of the Nyquist frequency, 100 dB down from 1.093 on) and a parabola through the highest points, within
//! 0.01 dB at every phase up to 0.45 of the rate. The other is the four-fold interpolator printed in ITU-R BS.1770-5, Annex 2, to the letter: its
//! ripple and its coarse grid read up to 0.2 dB above and 0.6 dB below the truth.
//!
//! Most samples cost a comparison: no value between samples can exceed a bound made of the samples around it (`bounds`), and only where the
//! bound is above the highest peak so far is anything interpolated. So the answer is the same as if everything were.

mod bounds;
mod exact;
mod itu;

use crate::audio::isa::{Level, levels};
use crate::audio::{PlanesRef, StateError, StateReader, StateWriter, samples};

/// How the peak between samples is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TruePeak {
    /// The crest of the wave, within 0.02 dB up to 0.45 of the rate.
    #[default]
    Exact,
    /// The interpolator of ITU-R BS.1770-5, Annex 2 (48 taps, four-fold): what a meter by the letter shows. It can be below the sample peak.
    Itu,
}

/// Half the length of the interpolator, frames.
const HALF: usize = 38;
/// Older samples that an interval needs.
pub(super) const HISTORY: usize = 2 * HALF - 1;
/// Samples with a common maximum.
const TILE: usize = 16;
/// Tiles that the interpolator over a tile's intervals reaches into.
const REACH: usize = (HISTORY + TILE).div_ceil(TILE);
/// The tile with the first of the samples beside an interval.
const BESIDE: usize = (HALF - 1) / TILE;
/// Intervals looked at together.
const PIECE: usize = 1024;
/// Intervals interpolated together: at one phase, and at several, as many as the processor has room for.
const GROUP: usize = 8;
const FEW: usize = 4;

/// The highest peak so far of all channels, linear.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    kind: TruePeak,
    samples: f64,
    between: f64,
    /// Intervals still to come of which not all samples are known.
    blind: usize,
}

impl Scan {
    pub(super) fn new(kind: TruePeak) -> Scan {
        Scan { kind, samples: 0.0, between: 0.0, blind: 0 }
    }

    pub(super) fn kind(&self) -> TruePeak {
        self.kind
    }

    /// Takes, channel by channel, [`HISTORY`] older samples and the new ones behind them.
    pub(super) fn read(&mut self, rows: PlanesRef<'_>) {
        let (new, level) = (rows.frames() - HISTORY, Level::find());
        let blind = self.blind.min(new);
        self.blind -= blind;
        for row in rows.each() {
            // what is left out still holds every new sample
            let row = &row[blind..];
            let mut from = 0;
            loop {
                let to = (from + PIECE).min(row.len() - HISTORY);
                piece(level, self, &row[from..to + HISTORY]);
                from = to;
                if from + HISTORY == row.len() {
                    break;
                }
            }
        }
    }

    /// What comes next doesn't follow what came: the intervals that would need both are never looked at.
    pub(super) fn gap(&mut self) {
        self.blind = HISTORY;
    }

    pub(super) fn join(&mut self, other: &Scan) {
        self.samples = more(self.samples, other.samples);
        self.between = more(self.between, other.between);
    }

    pub(super) fn sample_peak(&self) -> f64 {
        self.samples
    }

    pub(super) fn true_peak(&self) -> f64 {
        self.between
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        into.all(&[self.samples, self.between]);
        into.u64(self.blind as u64);
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        (self.samples, self.between) = (from.f64()?, from.f64()?);
        self.blind = from.u64().map(|blind| blind as usize)?;
        if self.blind <= HISTORY { Ok(()) } else { Err(StateError) }
    }
}

levels! {
    fn piece(scan: &mut Scan, x: &[f64]) = take;
    /// The largest magnitude; of many samples in more columns than tiles have.
    pub(super) fn sample_peak(x: &[f64]) -> f64 = samples::largest;
}

#[inline(always)]
fn take(scan: &mut Scan, x: &[f64]) {
    let tiles = Tiles::new(x);
    scan.samples = more(scan.samples, tiles.largest());
    match scan.kind {
        TruePeak::Exact => {
            let between = more(scan.between, scan.samples);
            scan.between = exact::raise(x, &tiles, between);
        }
        TruePeak::Itu => scan.between = itu::raise(x, &tiles, scan.between),
    }
}

/// Maxima of a piece, 16 samples each.
struct Tiles {
    /// Magnitudes.
    most: [f64; Tiles::MOST],
    count: usize,
}

impl Tiles {
    /// One more than there can be, so that none is missing behind the last interval.
    const MOST: usize = (PIECE + HISTORY).div_ceil(TILE) + 1;

    #[inline(always)]
    fn new(x: &[f64]) -> Tiles {
        let mut tiles = Tiles { most: [0.0; Tiles::MOST], count: x.len().div_ceil(TILE) };
        tiles.most.iter_mut().zip(x.chunks(TILE)).for_each(|(most, x)| *most = largest(x));
        tiles
    }

    #[inline(always)]
    fn largest(&self) -> f64 {
        highest(&self.most[..self.count])
    }

    /// Of all samples that the interpolator reaches from the 16 intervals that begin with tile `t`.
    #[inline(always)]
    fn around(&self, t: usize) -> f64 {
        highest(&self.most[t..t + REACH])
    }

    /// Of the two samples beside each of those intervals, and of some more.
    #[inline(always)]
    fn beside(&self, t: usize) -> f64 {
        const _: () = assert!(HALF + TILE <= (BESIDE + 2) * TILE && HALF > BESIDE * TILE);
        more(self.most[t + BESIDE], self.most[t + BESIDE + 1])
    }
}

/// The larger of two; what isn't a number never is.
#[inline(always)]
fn more(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

#[inline(always)]
fn highest(of: &[f64]) -> f64 {
    largest(of)
}

/// The largest magnitude, in four columns.
#[inline(always)]
pub(super) fn largest(x: &[f64]) -> f64 {
    let mut most = [0.0; 4];
    let (chunks, rest) = x.as_chunks::<4>();
    for chunk in chunks {
        for (most, x) in most.iter_mut().zip(chunk) {
            *most = more(*most, x.abs());
        }
    }
    let most = more(more(most[0], most[2]), more(most[1], most[3]));
    rest.iter().fold(most, |most, x| more(most, x.abs()))
}

/// The samples around [`GROUP`] intervals.
type Around = [f64; HISTORY + GROUP];

/// Asks something of those of the intervals from `from` on. Beyond the last sample there is silence, for intervals that nobody asks for.
#[inline(always)]
fn around<T>(x: &[f64], from: usize, ask: impl Fn(&Around) -> T) -> T {
    match x[from..].first_chunk() {
        Some(around) => ask(around),
        None => {
            let mut room = [0.0; HISTORY + GROUP];
            room[..x.len() - from].copy_from_slice(&x[from..]);
            ask(&room)
        }
    }
}

/// What an interpolator makes of sums (`EVEN`) or differences of the samples before and behind each of `W` intervals. `taps` are by distance from
/// the interval. Phases that mirror each other are sum and difference of such a half of each kind.
#[inline(always)]
fn half<const EVEN: bool, const P: usize, const W: usize>(taps: &[[f64; P]], x: &[f64]) -> [[f64; W]; P] {
    let mut acc = [[0.0; W]; P];
    for (k, taps) in taps.iter().enumerate() {
        let (before, after) = (&x[HALF - 1 - k..][..W], &x[HALF + k..][..W]);
        let mut both = [0.0; W];
        for i in 0..W {
            both[i] = if EVEN { before[i] + after[i] } else { before[i] - after[i] };
        }
        for p in 0..P {
            for i in 0..W {
                acc[p][i] += taps[p] * both[i];
            }
        }
    }
    acc
}

#[cfg(test)]
mod tests;
