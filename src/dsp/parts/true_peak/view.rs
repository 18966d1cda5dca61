//! Where a peak can be, and what the interpolators read there.

use super::taps::{GROUP, REACH, REACHED, STANDARD, Taps};
use super::{CELL, LATE, TILE, maximum};

/// Values midway by the long interpolator and by the resampler's, from a tile before the first interval to one behind the last.
pub(super) type Midway = [[f64; CELL + 2 * TILE]; 2];

/// What one call looks at: [`HISTORY`] older samples and the new ones, and the values midway that were needed so far.
pub(super) struct View<'a> {
    pub(super) taps: &'a Taps,
    pub(super) x: &'a [f64],
    pub(super) bends: &'a [f64],
    /// Where `x` begins in its first group.
    pub(super) offset: usize,
    /// The largest of all bends.
    pub(super) bend: f64,
    pub(super) midway: &'a mut Midway,
    /// Which tiles of both are made.
    pub(super) known: [u32; 2],
}

/// The largest sample of a tile, and which interpolators can pass the alert in it, as far as the samples tell.
pub(super) struct Doubt {
    local: f64,
    long: bool,
    resampler: bool,
    standards: bool,
}

impl Doubt {
    #[inline(always)]
    pub(super) fn any(&self) -> bool {
        self.long || self.resampler || self.standards
    }
}

impl View<'_> {
    /// The largest bend of samples `from..to`.
    #[inline(always)]
    fn bend(&self, from: usize, to: usize) -> f64 {
        maximum(&self.bends[(self.offset + from) / GROUP..(self.offset + to).div_ceil(GROUP)])
    }

    /// Where the tile with the largest sample begins.
    #[inline(always)]
    pub(super) fn loudest(&self, from: usize, to: usize) -> usize {
        let (mut most, mut tile) = (0.0, from);
        for at in (from..to).step_by(TILE) {
            let x: &[f64; TILE] = self.x[LATE + at..].first_chunk().unwrap_or(&[0.0; _]);
            let level = maximum(&x.map(f64::abs));
            if level > most {
                (most, tile) = (level, at);
            }
        }
        tile
    }

    /// The largest magnitude of a tile's neighbours.
    #[inline(always)]
    pub(super) fn level(&self, from: usize) -> f64 {
        let x: &[f64; TILE + 1] = self.x[LATE + from..].first_chunk().unwrap_or(&[0.0; _]);
        let (level, last) = (maximum(&std::array::from_fn::<_, TILE, _>(|i| x[i].abs())), x[TILE].abs());
        if last > level { last } else { level }
    }

    /// Whether a reading between neighbours of this magnitude may pass the alert, as far as the largest bend tells: what clears most tiles by next to
    /// nothing.
    #[inline(always)]
    pub(super) fn may_pass(&self, level: f64, alert: f64) -> bool {
        self.taps.any.passes(alert, level, 2.0 * level, self.bend)
    }

    #[inline(always)]
    pub(super) fn doubt(&self, from: usize, alert: f64) -> Doubt {
        let x: &[f64; TILE + 1] = self.x[LATE + from..].first_chunk().unwrap_or(&[0.0; _]);
        let (mut local, mut slope) = (x[TILE].abs(), 0.0);
        for i in 0..TILE {
            let step = (x[i + 1] - x[i]).abs();
            local = if x[i].abs() > local { x[i].abs() } else { local };
            slope = if step > slope { step } else { slope };
        }
        let nearest = self.bend(LATE + from + 2 - STANDARD, LATE + from + TILE + STANDARD - 1);
        let group = (self.offset + from) / GROUP;
        let bends: &[f64; REACHED] = self.bends[group..].first_chunk().unwrap_or(&[f64::INFINITY; _]);
        let weights = &self.taps.bends[(self.offset + from) % GROUP];
        let mut added = [[0.0; 2]; 2];
        for k in (0..REACHED).step_by(2) {
            for lane in 0..2 {
                for kernel in 0..2 {
                    added[lane][kernel] += weights[k + lane][kernel] * bends[k + lane];
                }
            }
        }
        let [long, resampler] = [0, 1].map(|kernel| added[0][kernel] + added[1][kernel]);
        Doubt {
            local,
            long: self.taps.long.passes_with(alert, local, slope, long),
            resampler: self.taps.resampler.passes_with(alert, local, slope, resampler),
            standards: self.taps.standards.passes(alert, local, slope, nearest),
        }
    }

    /// The peaks of the intervals from `from` on, a multiple of [`TILE`].
    #[inline(always)]
    pub(super) fn tile(&mut self, from: usize, doubt: &Doubt, alert: f64) -> [f64; TILE] {
        let x = &self.x[LATE + from..][..TILE + 1];
        let mut most: [f64; TILE] = std::array::from_fn(|i| x[i].abs());
        raise(&mut most, &std::array::from_fn(|i| x[i + 1].abs()));
        if doubt.standards {
            raise(&mut most, &self.standards(from));
        }
        if doubt.long {
            between(self.x, &self.taps.middle, from, &mut self.midway[0], &mut self.known[0]);
            self.fine(from, 0, doubt.local, alert, &mut most);
        }
        if doubt.resampler {
            between(self.x, &self.taps.resampled, from, &mut self.midway[1], &mut self.known[1]);
            self.fine(from, 1, doubt.local, alert, &mut most);
        }
        most
    }

    /// The second step of a long interpolator, 0 or of the resampler's, 1.
    #[inline(always)]
    pub(super) fn fine(&self, from: usize, which: usize, local: f64, alert: f64, most: &mut [f64; TILE]) {
        // samples and values midway from 3 intervals before the first interval on
        const BEFORE: usize = REACH / 2;
        let x: &[f64; TILE + 2 * BEFORE + 1] = self.x[LATE + from - BEFORE..].first_chunk().unwrap_or(&[0.0; _]);
        let y = &self.midway[which][TILE + from - BEFORE..];
        let y: &[f64; TILE + 2 * BEFORE] = y.first_chunk().unwrap_or(&[0.0; _]);
        let bends: [f64; TILE + 2 * BEFORE - 1] = std::array::from_fn(|i| {
            let at_sample = (y[i] - 2.0 * x[i + 1] + y[i + 1]).abs();
            let midway = (x[i + 1] - 2.0 * y[i + 1] + x[i + 2]).abs();
            if midway > at_sample { midway } else { at_sample }
        });
        let bend = maximum(&bends);
        let middle: [f64; TILE] = std::array::from_fn(|i| y[BEFORE + i].abs());
        let local = local.max(maximum(&middle));
        // the difference of two neighbours, twice bounded
        let slope = 2.0 * local;
        if !self.taps.short.passes(alert, local, slope, bend) {
            return;
        }
        // in each half: the even parts at a quarter and at the half, the odd part at a quarter
        let mut parts = [[[0.0; TILE]; 3]; 2];
        for (k, taps) in self.taps.fine.iter().enumerate() {
            let (near, far) = (k / 2, k.div_ceil(2));
            let pairs = if k % 2 == 0 {
                [(&x[BEFORE - near..], &y[BEFORE + near..]), (&y[BEFORE - near..], &x[BEFORE + 1 + near..])]
            } else {
                [(&y[BEFORE - far..], &x[BEFORE + far..]), (&x[BEFORE - near..], &y[BEFORE + far..])]
            };
            for (parts, (before, behind)) in parts.iter_mut().zip(pairs) {
                let before = before.first_chunk::<TILE>().unwrap_or(&[0.0; TILE]);
                let behind = behind.first_chunk::<TILE>().unwrap_or(&[0.0; TILE]);
                for i in 0..TILE {
                    let (even, odd) = (before[i] + behind[i], before[i] - behind[i]);
                    parts[0][i] += taps[0] * even;
                    parts[1][i] += taps[1] * even;
                    parts[2][i] += taps[2] * odd;
                }
            }
        }
        raise(most, &middle);
        for [even, half, odd] in &parts {
            let quarters = std::array::from_fn(|i| even[i].abs() + odd[i].abs());
            raise(most, &quarters);
            raise(most, &half.map(f64::abs));
        }
        let above = self.taps.vertex.most(local, slope, bend);
        for (i, most) in most.iter_mut().enumerate() {
            if *most + above > alert {
                let [a, b] = [0, 1].map(|h| {
                    let [even, half, odd] = [0, 1, 2].map(|p| parts[h][p][i]);
                    [even + odd, half, even - odd]
                });
                let y = [x[BEFORE + i], a[0], a[1], a[2], y[BEFORE + i], b[0], b[1], b[2], x[BEFORE + 1 + i]];
                *most = refined(&y, *most);
            }
        }
    }

    /// The readings of BS.1770's interpolator and libebur128's.
    #[inline(always)]
    fn standards(&self, from: usize) -> [f64; TILE] {
        let x: &[f64; TILE + 2 * STANDARD - 1] =
            self.x[LATE + from + 1 - STANDARD..].first_chunk().unwrap_or(&[0.0; _]);
        let (mut even, mut odd) = ([[0.0; TILE]; 4], [[0.0; TILE]; 3]);
        for (k, taps) in self.taps.standard.iter().enumerate() {
            let before = x[STANDARD - 1 - k..].first_chunk::<TILE>().unwrap_or(&[0.0; TILE]);
            let behind = x[STANDARD + k..].first_chunk::<TILE>().unwrap_or(&[0.0; TILE]);
            for i in 0..TILE {
                let (sum, difference) = (before[i] + behind[i], before[i] - behind[i]);
                for p in 0..4 {
                    even[p][i] += taps[p] * sum;
                }
                for p in 0..3 {
                    odd[p][i] += taps[4 + p] * difference;
                }
            }
        }
        let mut most = even[3].map(f64::abs);
        for p in 0..3 {
            // of a phase and its mirror the larger one is the sum of the parts' magnitudes
            raise(&mut most, &std::array::from_fn(|i| even[p][i].abs() + odd[p][i].abs()));
        }
        most
    }
}

/// Makes the values midway that a tile needs and that aren't known: its own, those of the tile before and of the one behind.
#[inline(always)]
pub(super) fn between<const N: usize>(x: &[f64], taps: &[f64; N], from: usize, midway: &mut [f64], known: &mut u32) {
    let first = from / TILE;
    let missing = !(*known >> first) & 0b111;
    *known |= 0b111 << first;
    // side by side, as the sums of one tile wait for themselves
    if missing == 0b111 {
        return halfway::<N, { 3 * TILE }>(x, taps, first, midway);
    }
    for tile in (0..3).filter(|tile| missing >> tile & 1 == 1) {
        halfway::<N, TILE>(x, taps, first + tile, midway);
    }
}

/// `W` values from `tile` on; the first tile is the one before the first interval.
#[inline(always)]
fn halfway<const N: usize, const W: usize>(x: &[f64], taps: &[f64; N], tile: usize, midway: &mut [f64]) {
    let at = LATE + TILE * tile - TILE;
    let (before, behind) = (&x[at + 1 - N..][..N + W - 1], &x[at + 1..][..N + W - 1]);
    let mut sums = [[0.0; W]; 2];
    for k in (0..N).step_by(2) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            let before = before[N - 1 - k - lane..].first_chunk::<W>().unwrap_or(&[0.0; W]);
            let behind = behind[k + lane..].first_chunk::<W>().unwrap_or(&[0.0; W]);
            for i in 0..W {
                sum[i] += taps[k + lane] * (before[i] + behind[i]);
            }
        }
    }
    for i in 0..W {
        midway[TILE * tile + i] = sums[0][i] + sums[1][i];
    }
}

#[inline(always)]
fn raise(most: &mut [f64; TILE], to: &[f64; TILE]) {
    for i in 0..TILE {
        most[i] = if to[i] > most[i] { to[i] } else { most[i] };
    }
}

/// The largest vertex of the parabolas through neighbouring values, or `raw` when none is larger.
fn refined(y: &[f64; 9], raw: f64) -> f64 {
    let mut peak = raw;
    for y in y.windows(3) {
        let (slope, bend) = (y[2] - y[0], y[2] - 2.0 * y[1] + y[0]);
        // the vertex must lie between the outer two, on the far side from zero
        if bend * y[1] < 0.0 && slope.abs() <= 2.0 * bend.abs() {
            let vertex = (y[1] - slope * slope / (8.0 * bend)).abs();
            if vertex > peak {
                peak = vertex;
            }
        }
    }
    peak
}
