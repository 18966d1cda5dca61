//! A symmetric filter over a line of samples: the two that have a coefficient in common are added first. The sums of a tile grow side by side, each in the
//! order of the pairs.

use super::TILE;
use crate::audio::isa::explicit;

/// A coefficient, and where the two samples that it weighs stand for the first output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) tap: f32,
    pub(super) after: usize,
    pub(super) before: usize,
}

explicit! {
    /// `n` outputs: the sum over all pairs of tap (line\[after + i\] + line\[before + i\]). What stands behind them up to a whole tile means nothing, but
    /// both slices must reach as far.
    pub(super) fn fold(pairs: &[Pair], line: &[f32], n: usize, out: &mut [f32]) = [lanes::wide] lanes::fold, or plain;
}

/// Where there are few registers for the sums, or narrow ones.
const HALF: usize = TILE / 2;

#[inline(always)]
fn plain(pairs: &[Pair], line: &[f32], n: usize, out: &mut [f32]) {
    for (tile, out) in out.as_chunks_mut::<HALF>().0.iter_mut().enumerate().take(n.div_ceil(HALF)) {
        let from = tile * HALF;
        let mut sums = [0.0; HALF];
        for pair in pairs {
            let (after, before) = (&line[pair.after + from..][..HALF], &line[pair.before + from..][..HALF]);
            for i in 0..HALF {
                sums[i] += pair.tap * (after[i] + before[i]);
            }
        }
        *out = sums;
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm512_add_ps, _mm512_mul_ps, _mm512_set1_ps,
        _mm512_setzero_ps,
    };

    use super::{HALF, Pair, TILE};
    use crate::audio::isa::lanes::{load_single, load_single_16, store_single, store_single_16};

    const SUMS: usize = 4;

    #[target_feature(enable = "avx2")]
    pub(super) fn fold(pairs: &[Pair], line: &[f32], n: usize, out: &mut [f32]) {
        for (tile, out) in out.as_chunks_mut::<HALF>().0.iter_mut().enumerate().take(n.div_ceil(HALF)) {
            let from = tile * HALF;
            let mut sums = [_mm256_setzero_ps(); SUMS];
            for pair in pairs {
                let after = line[pair.after + from..][..HALF].as_chunks::<8>().0;
                let before = line[pair.before + from..][..HALF].as_chunks::<8>().0;
                let tap = _mm256_set1_ps(pair.tap);
                for i in 0..SUMS {
                    let both = _mm256_add_ps(load_single(&after[i]), load_single(&before[i]));
                    sums[i] = _mm256_add_ps(sums[i], _mm256_mul_ps(tap, both));
                }
            }
            let out = out.as_chunks_mut::<8>().0;
            (0..SUMS).for_each(|i| store_single(sums[i], &mut out[i]));
        }
    }

    /// Four sums at a time: with two each addition would wait for the one before.
    #[target_feature(enable = "avx512f")]
    pub(super) fn wide(pairs: &[Pair], line: &[f32], n: usize, out: &mut [f32]) {
        if n <= HALF {
            return fold(pairs, line, n, out);
        }
        for (tile, out) in out.as_chunks_mut::<TILE>().0.iter_mut().enumerate().take(n.div_ceil(TILE)) {
            let from = tile * TILE;
            let mut sums = [_mm512_setzero_ps(); SUMS];
            for pair in pairs {
                let after = line[pair.after + from..][..TILE].as_chunks::<16>().0;
                let before = line[pair.before + from..][..TILE].as_chunks::<16>().0;
                let tap = _mm512_set1_ps(pair.tap);
                for i in 0..SUMS {
                    let both = _mm512_add_ps(load_single_16(&after[i]), load_single_16(&before[i]));
                    sums[i] = _mm512_add_ps(sums[i], _mm512_mul_ps(tap, both));
                }
            }
            let out = out.as_chunks_mut::<16>().0;
            (0..SUMS).for_each(|i| store_single_16(sums[i], &mut out[i]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    #[test]
    fn every_level_folds_the_same() {
        for (m, n) in [(36, 32), (7, 64), (5, 256), (4, 7), (6, 17)] {
            let line: Vec<f32> = (0..2 * m + 256).map(|i| Seed::new(1).bipolar(i as i64) as f32).collect();
            let tap = |k: usize| Seed::new(2).bipolar(k as i64) as f32;
            let pairs: Vec<Pair> = (0..m).map(|k| Pair { tap: tap(k), after: m + k, before: m - 1 - k }).collect();
            let mut expected = [0.0; 256];
            plain(&pairs, &line, n, &mut expected);
            let direct: f32 = (0..m).map(|k| tap(k) * (line[m + 3 + k] + line[m + 2 - k])).sum();
            assert!((expected[3] - direct).abs() < 1e-5);
            for level in Level::all() {
                let mut out = [0.0; 256];
                fold(level, &pairs, &line, n, &mut out);
                assert!(out[..n] == expected[..n], "{level:?}: {m} pairs, {n} samples");
            }
        }
    }
}
