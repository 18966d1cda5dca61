//! A symmetric filter over a line of samples: the two that have a coefficient in common are added first. The sums of a tile grow side by side, each in the
//! order of the coefficients.

use super::TILE;
use crate::audio::isa::explicit;

/// Where there are few registers for the sums, or narrow ones.
const HALF: usize = TILE / 2;

explicit! {
    /// `n` outputs: the sum over k of taps\[k\] (line\[m + i + k\] + line\[m - 1 + i - k\]), m being how many taps there are. What stands behind them up
    /// to a whole tile means nothing, but both slices must reach as far.
    pub(super) fn fold(taps: &[f64], line: &[f64], n: usize, out: &mut [f64]) = [lanes::wide] lanes::fold, or plain;
}

#[inline(always)]
fn plain(taps: &[f64], line: &[f64], n: usize, out: &mut [f64]) {
    let m = taps.len();
    for (tile, out) in out.as_chunks_mut::<HALF>().0.iter_mut().enumerate().take(n.div_ceil(HALF)) {
        let from = tile * HALF;
        let mut sums = [0.0; HALF];
        for (k, tap) in taps.iter().enumerate() {
            let (after, before) = (&line[m + from + k..][..HALF], &line[m - 1 + from - k..][..HALF]);
            for i in 0..HALF {
                sums[i] += tap * (after[i] + before[i]);
            }
        }
        *out = sums;
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64::{
        __m256d, __m512d, _mm256_add_pd, _mm256_mul_pd, _mm256_set1_pd, _mm256_setzero_pd, _mm512_add_pd,
        _mm512_mul_pd, _mm512_set1_pd, _mm512_setzero_pd,
    };

    use super::{HALF, TILE};
    use crate::audio::isa::lanes::{load, load_8, store, store_8};

    const LANES: usize = 4;

    #[target_feature(enable = "avx2")]
    pub(super) fn fold(taps: &[f64], line: &[f64], n: usize, out: &mut [f64]) {
        let m = taps.len();
        for (tile, out) in out.as_chunks_mut::<HALF>().0.iter_mut().enumerate().take(n.div_ceil(HALF)) {
            let from = tile * HALF;
            let zero = _mm256_setzero_pd();
            let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
            for (k, tap) in taps.iter().enumerate() {
                let (after, before) = (&line[m + from + k..][..HALF], &line[m - 1 + from - k..][..HALF]);
                let (after, before) = (after.as_chunks::<LANES>().0, before.as_chunks::<LANES>().0);
                let tap = _mm256_set1_pd(*tap);
                a = grow(a, tap, &after[0], &before[0]);
                b = grow(b, tap, &after[1], &before[1]);
                c = grow(c, tap, &after[2], &before[2]);
                d = grow(d, tap, &after[3], &before[3]);
            }
            let out = out.as_chunks_mut::<LANES>().0;
            store(a, &mut out[0]);
            store(b, &mut out[1]);
            store(c, &mut out[2]);
            store(d, &mut out[3]);
        }
    }

    /// Four sums at a time: with two each addition would wait for the one before.
    #[target_feature(enable = "avx512f")]
    pub(super) fn wide(taps: &[f64], line: &[f64], n: usize, out: &mut [f64]) {
        let m = taps.len();
        for (tile, out) in out.as_chunks_mut::<TILE>().0.iter_mut().enumerate().take(n.div_ceil(TILE)) {
            let from = tile * TILE;
            let zero = _mm512_setzero_pd();
            let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
            let after = line[m + from..][..m - 1 + TILE].windows(TILE);
            let before = line[from..][..m - 1 + TILE].windows(TILE).rev();
            for ((tap, after), before) in taps.iter().zip(after).zip(before) {
                let (after, before) = (after.as_chunks::<8>().0, before.as_chunks::<8>().0);
                let tap = _mm512_set1_pd(*tap);
                a = grow_8(a, tap, &after[0], &before[0]);
                b = grow_8(b, tap, &after[1], &before[1]);
                c = grow_8(c, tap, &after[2], &before[2]);
                d = grow_8(d, tap, &after[3], &before[3]);
            }
            let out = out.as_chunks_mut::<8>().0;
            store_8(a, &mut out[0]);
            store_8(b, &mut out[1]);
            store_8(c, &mut out[2]);
            store_8(d, &mut out[3]);
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn grow_8(sum: __m512d, tap: __m512d, after: &[f64; 8], before: &[f64; 8]) -> __m512d {
        _mm512_add_pd(sum, _mm512_mul_pd(tap, _mm512_add_pd(load_8(after), load_8(before))))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn grow(sum: __m256d, tap: __m256d, after: &[f64; LANES], before: &[f64; LANES]) -> __m256d {
        _mm256_add_pd(sum, _mm256_mul_pd(tap, _mm256_add_pd(load(after), load(before))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    #[test]
    fn every_level_folds_the_same() {
        for (m, n) in [(39, 32), (9, 64), (5, 256), (4, 7), (8, 17)] {
            let line: Vec<f64> = (0..2 * m as i64 - 1 + 256).map(|i| Seed::new(1).bipolar(i)).collect();
            let taps: Vec<f64> = (0..m as i64).map(|i| Seed::new(2).bipolar(i)).collect();
            let mut expected = [0.0; 256];
            plain(&taps, &line, n, &mut expected);
            let direct: f64 = (0..m).map(|k| taps[k] * (line[m + 3 + k] + line[m + 2 - k])).sum();
            assert!((expected[3] - direct).abs() < 1e-12);
            for level in Level::all() {
                let mut out = [0.0; 256];
                fold(level, &taps, &line, n, &mut out);
                assert!(out[..n] == expected[..n], "{level:?}: {m} pairs, {n} samples");
            }
        }
    }
}
