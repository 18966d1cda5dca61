//! The interpolators' coefficients, and how far what they read can lie above the samples.

use std::f64::consts::PI;

use super::{BS1770, LATE, TILE, rough};
use crate::audio::math;
use crate::dsp::parts::kaiser::{self, Kaiser};

/// Half the length of the long interpolator, in samples.
pub(super) const HALF: usize = 38;
/// Half the length of the short one that reads between the samples and the values midway, in half samples.
pub(super) const REACH: usize = 6;
/// Half the length of the standards' interpolators, in samples.
pub(super) const STANDARD: usize = 6;
/// Half the length of a resampler's kernel, in samples.
pub(super) const RESAMPLER: usize = 16;

/// Samples whose largest bend is kept.
pub(super) const GROUP: usize = 8;
/// Groups that a tile's readings reach into, and what makes it even.
pub(super) const REACHED: usize = 14;

const BETA: f64 = 10.06;
/// swresample's own settings upwards: 32 taps, the whole band, a Kaiser window of β 9, every phase with a sum of 1.
const RESAMPLER_BETA: f64 = 9.0;
/// 80 dB by Kaiser's formula: what it reads is empty from 0.55 of the rate to 1.45, so twelve values are enough.
const SHORT_BETA: f64 = 7.86;

/// What a reading between two neighbours cannot exceed: the larger of them, and parts of that, of their difference and of the largest second
/// difference within the kernel's reach. For a reading is the straight line between the neighbours and a sum of second differences; what a
/// kernel lacks to read a straight line exactly is in the other two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bound {
    level: f64,
    slope: f64,
    bend: f64,
}

impl Bound {
    /// Whether a reading may exceed `alert` between neighbours of a magnitude up to `local` that differ by `slope` at most, where nothing near bends
    /// more than `bend`.
    #[inline(always)]
    pub(super) fn passes(&self, alert: f64, local: f64, slope: f64, bend: f64) -> bool {
        self.passes_with(alert, local, slope, self.bend * bend)
    }

    /// The same where it is known what the bends add at most.
    #[inline(always)]
    pub(super) fn passes_with(&self, alert: f64, local: f64, slope: f64, added: f64) -> bool {
        local + self.level * local + self.slope * slope + added > alert
    }

    /// How far a value may be from nothing.
    #[inline(always)]
    pub(super) fn most(&self, level: f64, slope: f64, bend: f64) -> f64 {
        self.level * level + self.slope * slope + self.bend * bend
    }

    /// Of the taps of one kernel, whose first neighbour is `at`.
    fn of(taps: &[f64], at: usize) -> Bound {
        let (level, slope, bends) = split(taps, at);
        Bound { level, slope, bend: bends.iter().sum() }
    }

    /// Of a reading `t` of the way from a neighbour to the next.
    fn reading(taps: &[f64], at: usize, t: f64) -> Bound {
        Bound::of(&beside_line(taps, at, t), at)
    }

    fn or(self, other: Bound) -> Bound {
        let [level, slope, bend] =
            [(self.level, other.level), (self.slope, other.slope), (self.bend, other.bend)].map(|(a, b)| a.max(b));
        Bound { level, slope, bend }
    }

    /// Both, one on top of the other, and a hair for rounding.
    fn and(self, other: Bound) -> Bound {
        let [level, slope, bend] =
            [(self.level, other.level), (self.slope, other.slope), (self.bend, other.bend)].map(|(a, b)| 1e-9 + a + b);
        Bound { level, slope, bend }
    }
}

/// A reading's taps without the straight line between the neighbours.
fn beside_line(taps: &[f64], at: usize, t: f64) -> Vec<f64> {
    let mut taps = taps.to_vec();
    taps[at] -= 1.0 - t;
    taps[at + 1] -= t;
    taps
}

/// What a parabola's vertex lies above its points: an eighth of their second difference at most.
fn above(rows: &[Vec<f64>]) -> Vec<f64> {
    (0..rows[0].len()).map(|k| 0.125 * (rows[0][k] - 2.0 * rows[1][k] + rows[2][k])).collect()
}

/// The magnitudes of taps' parts: of the first neighbour, of the step to the second one, and of the second difference around each sample.
fn split(taps: &[f64], at: usize) -> (f64, f64, Vec<f64>) {
    let mut taps = taps.to_vec();
    let sum: f64 = taps.iter().sum();
    let moment: f64 = taps.iter().enumerate().map(|(k, x)| x * (k as f64 - at as f64)).sum();
    taps[at] -= sum - moment;
    taps[at + 1] -= moment;
    // what is left has neither sum nor moment: it is the second difference of weights on second differences
    let (mut step, mut value) = (0.0, 0.0);
    let bends = taps.iter().map(|x| {
        let bend = f64::abs(value);
        step += x;
        value += step;
        bend
    });
    let bends = bends.collect();
    (sum.abs(), moment.abs(), bends)
}

/// What the bends of each group add to readings at most, refined ones too, wherever in a tile: from the rows of its eighths in samples.
fn by_group(rows: &[Vec<f64>]) -> [[f64; REACHED]; GROUP] {
    let readings: Vec<_> =
        rows.iter().enumerate().map(|(p, row)| split(&beside_line(row, ALONE, p as f64 / 8.0), ALONE).2).collect();
    let vertices: Vec<_> = rows.windows(3).map(|w| split(&above(w), ALONE).2).collect();
    let mut most = [[0.0; REACHED]; GROUP];
    for (offset, most) in most.iter_mut().enumerate() {
        for interval in offset..offset + TILE {
            let summed = |all: &[Vec<f64>]| {
                let mut largest = [0.0; REACHED];
                for bends in all {
                    let mut sums = [0.0; REACHED];
                    // a view begins behind the first ones, which are zero
                    for (k, bend) in bends.iter().skip(ALONE - LATE).enumerate() {
                        sums[(interval + k) / GROUP] += bend;
                    }
                    largest.iter_mut().zip(sums).for_each(|(a, b)| *a = f64::max(*a, b));
                }
                largest
            };
            let (readings, vertices) = (summed(&readings), summed(&vertices));
            for g in 0..REACHED {
                most[g] = f64::max(most[g], (readings[g] + vertices[g]) * (1.0 + 1e-9));
            }
        }
    }
    most
}

#[derive(Clone, Debug)]
pub(super) struct Taps {
    /// Midway: one for both samples at a distance.
    pub(super) middle: [f64; HALF],
    /// The resampler's, midway.
    pub(super) resampled: [f64; RESAMPLER],
    /// In each half of an interval, for both values at a distance: the even parts at a quarter and at the half, the odd part at a quarter.
    pub(super) fine: [[f64; 3]; REACH],
    /// The even parts of BS.1770's first two phases (the other two mirror them) and of libebur128's 1 and 2 of 4, the odd parts of all but the
    /// last.
    pub(super) standard: [[f64; 7]; STANDARD],
    /// Of what is told roughly.
    pub(super) rough: rough::Kernel,
    /// No reading exceeds the largest sample by more than this factor.
    pub(super) largest: f64,
    /// Of the long interpolator, from samples.
    pub(super) long: Bound,
    /// Of the long interpolator, from samples and the values midway.
    pub(super) short: Bound,
    pub(super) standards: Bound,
    pub(super) resampler: Bound,
    /// Of all of them.
    pub(super) any: Bound,
    /// What the bends of each group add to the long interpolator's readings and to the resampler's at most, for a tile that begins so many samples
    /// into the first group.
    pub(super) bends: [[[f64; 2]; REACHED]; GROUP],
    /// The most that a parabola's vertex lies above its points, from samples and the values midway.
    pub(super) vertex: Bound,
}

impl Taps {
    pub(super) fn new() -> Taps {
        let long = Kaiser::new(BETA);
        let middle = std::array::from_fn(|k| {
            let t = k as f64 + 0.5;
            kaiser::sinc(t, 1.0) * long.at(t / HALF as f64)
        });
        let window = Kaiser::new(RESAMPLER_BETA);
        let resampled: [f64; RESAMPLER] = std::array::from_fn(|k| {
            let t = k as f64 + 0.5;
            kaiser::sinc(t, 1.0) * window.at(t / RESAMPLER as f64)
        });
        let sum = 2.0 * resampled.iter().sum::<f64>();
        let resampled = resampled.map(|x| x / sum);
        let window = Kaiser::new(SHORT_BETA);
        let short = |t: f64| kaiser::sinc(t, 1.0) * window.at(t / REACH as f64);
        let fine = std::array::from_fn(|k| {
            let (near, far) = (short(k as f64 + 0.25), short(k as f64 + 0.75));
            [0.5 * (near + far), short(k as f64 + 0.5), 0.5 * (near - far)]
        });
        let hann = |t: f64| kaiser::sinc(t, 1.0) * 0.5 * (1.0 + math::cos(PI * t / STANDARD as f64));
        let standard = std::array::from_fn(|k| {
            let mut taps = [0.0; 7];
            for (p, phase) in BS1770.iter().enumerate() {
                (taps[p], taps[p + 4]) = parts(phase[6 + k], phase[5 - k]);
            }
            (taps[2], taps[6]) = parts(hann(k as f64 + 0.25), hann(k as f64 + 0.75));
            taps[3] = hann(k as f64 + 0.5);
            taps
        });
        let mut taps = Taps {
            middle,
            resampled,
            fine,
            standard,
            rough: rough::kernel(),
            largest: 0.0,
            long: Bound::default(),
            short: Bound::default(),
            standards: Bound::default(),
            resampler: Bound::default(),
            any: Bound::default(),
            bends: [[[0.0; 2]; REACHED]; GROUP],
            vertex: Bound::default(),
        };
        taps.bound();
        taps
    }

    fn bound(&mut self) {
        let most = |all: &mut dyn Iterator<Item = Bound>| all.fold(Bound::default(), Bound::or);
        let vertex = |rows: &[Vec<f64>], at: usize| most(&mut rows.windows(3).map(|w| Bound::of(&above(w), at)));
        let eighths: Vec<Vec<f64>> = (0..=8).map(|p| self.eighth(p)).collect();
        self.vertex = vertex(&eighths, ZERO);
        // one half is the mirror of the other
        let halves = most(&mut (1..4).map(|p| Bound::reading(&eighths[p], ZERO, p as f64 / 4.0)));
        self.short = halves.and(self.vertex);
        let from_samples = |midway: &[f64]| {
            let rows: Vec<Vec<f64>> = eighths.iter().map(|row| of_samples(row, midway)).collect();
            let size = rows.iter().map(|row| row.iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max);
            let readings = rows.iter().enumerate().map(|(p, row)| Bound::reading(row, ALONE, p as f64 / 8.0));
            (most(&mut readings.into_iter()).and(vertex(&rows, ALONE)), size, by_group(&rows))
        };
        let (long, resampler) = (from_samples(&self.middle), from_samples(&self.resampled));
        self.bends = std::array::from_fn(|r| std::array::from_fn(|g| [long.2[r][g], resampler.2[r][g]]));
        // with what a vertex adds; the standards' kernels are shorter and their readings smaller
        self.largest = 1.05 * long.1.max(resampler.1);
        (self.long, self.resampler) = (long.0, resampler.0);
        let standards = [0.125, 0.375, 0.25, 0.5].iter().enumerate().map(|(p, t)| {
            let odd = |k: usize| if p < 3 { self.standard[k][p + 4] } else { 0.0 };
            let before = (0..STANDARD).rev().map(|k| self.standard[k][p] + odd(k));
            let taps: Vec<f64> = before.chain((0..STANDARD).map(|k| self.standard[k][p] - odd(k))).collect();
            Bound::reading(&taps, STANDARD - 1, *t)
        });
        self.standards = most(&mut standards.into_iter()).and(Bound::default());
        self.any = self.long.or(self.resampler).or(self.standards);
    }

    /// What `p` eighths into an interval is made of on the grid of half samples; the interval's first sample has index [`ZERO`].
    fn eighth(&self, p: usize) -> Vec<f64> {
        let mut row = vec![0.0; 2 * ZERO + 3];
        let at = ZERO + p / 4;
        match p % 4 {
            0 => row[at] = 1.0,
            quarter => {
                for (k, [one, two, odd]) in self.fine.iter().enumerate() {
                    let (even, odd) = match quarter {
                        1 => (*one, *odd),
                        2 => (*two, 0.0),
                        _ => (*one, -*odd),
                    };
                    row[at - k] += even + odd;
                    row[at + 1 + k] += even - odd;
                }
            }
        }
        row
    }
}

/// A row of half samples in samples, by a kernel's taps midway; the interval's first has index [`ALONE`].
fn of_samples(halves: &[f64], midway: &[f64]) -> Vec<f64> {
    let mut row = vec![0.0; 2 * ALONE + 2];
    for (i, weight) in halves.iter().enumerate() {
        let sample = (i + 2 * ALONE - ZERO) / 2;
        // an even distance from the first sample is a sample itself
        if (i + 2 * ALONE - ZERO).is_multiple_of(2) {
            row[sample] += weight;
        } else {
            for (k, h) in midway.iter().enumerate() {
                row[sample - k] += weight * h;
                row[sample + 1 + k] += weight * h;
            }
        }
    }
    row
}

const ZERO: usize = REACH;
const ALONE: usize = HALF + REACH;

/// A tap before an interval and the one that mirrors it as an even and an odd part.
fn parts(before: f64, behind: f64) -> (f64, f64) {
    (0.5 * (before + behind), 0.5 * (before - behind))
}
