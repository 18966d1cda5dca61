//! One row of taps with several stretches of input: sums of products, each in eight partial sums of fixed order, so that they are the same on every
//! machine and however many are made at once. Four side by side keep a vector unit busy that one sum would make wait for itself.

use crate::audio::isa::explicit;

explicit! {
    /// The sums of `row` with each of the inputs, which are as long.
    pub(super) fn two(row: &[f64], inputs: [&[f64]; 2]) -> [f64; 2] = [wide] narrow, or plain;
    pub(super) fn four(row: &[f64], inputs: [&[f64]; 4]) -> [f64; 4] = [wide] narrow, or plain;
}

fn plain<const N: usize>(row: &[f64], inputs: [&[f64]; N]) -> [f64; N] {
    inputs.map(|input| one(row, input))
}

/// On its own it vectorises; inlined several times the loop spends its time shuffling.
#[inline(never)]
fn one(row: &[f64], input: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in row.as_chunks::<8>().0.iter().zip(input.as_chunks::<8>().0) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

#[cfg(target_arch = "x86_64")]
use vectors::{narrow, wide};

#[cfg(target_arch = "x86_64")]
mod vectors {
    use std::arch::x86_64::{
        _mm256_add_pd, _mm256_mul_pd, _mm256_setzero_pd, _mm512_add_pd, _mm512_castpd512_pd256, _mm512_extractf64x4_pd,
        _mm512_mul_pd, _mm512_setzero_pd,
    };

    use crate::audio::isa::lanes;

    #[target_feature(enable = "avx512f")]
    pub(super) fn wide<const N: usize>(row: &[f64], inputs: [&[f64]; N]) -> [f64; N] {
        let (row, inputs) = (row.as_chunks::<8>().0, inputs.map(|input| input.as_chunks::<8>().0));
        // the compiler then knows that none is left within the loop
        let inputs = inputs.map(|input| &input[..row.len()]);
        let mut sums = [_mm512_setzero_pd(); N];
        for (at, taps) in row.iter().enumerate() {
            let taps = lanes::load_8(taps);
            for (sum, input) in sums.iter_mut().zip(&inputs) {
                *sum = _mm512_add_pd(*sum, _mm512_mul_pd(taps, lanes::load_8(&input[at])));
            }
        }
        let mut all = [0.0; N];
        for (all, sum) in all.iter_mut().zip(sums) {
            let (low, high) = (_mm512_castpd512_pd256(sum), _mm512_extractf64x4_pd::<1>(sum));
            let [a, b, c, d] = lanes::array(_mm256_add_pd(low, high));
            *all = (a + c) + (b + d);
        }
        all
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn narrow<const N: usize>(row: &[f64], inputs: [&[f64]; N]) -> [f64; N] {
        let (row, inputs) = (row.as_chunks::<8>().0, inputs.map(|input| input.as_chunks::<8>().0));
        let inputs = inputs.map(|input| &input[..row.len()]);
        let mut sums = [[_mm256_setzero_pd(); 2]; N];
        for (at, taps) in row.iter().enumerate() {
            let halves = |x: &[f64; 8]| {
                let (low, high) = x.as_chunks::<4>().0.split_at(1);
                (lanes::load(&low[0]), lanes::load(&high[0]))
            };
            let taps = halves(taps);
            for (sum, input) in sums.iter_mut().zip(&inputs) {
                let input = halves(&input[at]);
                sum[0] = _mm256_add_pd(sum[0], _mm256_mul_pd(taps.0, input.0));
                sum[1] = _mm256_add_pd(sum[1], _mm256_mul_pd(taps.1, input.1));
            }
        }
        let mut all = [0.0; N];
        for (all, sum) in all.iter_mut().zip(sums) {
            let [a, b, c, d] = lanes::array(_mm256_add_pd(sum[0], sum[1]));
            *all = (a + c) + (b + d);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    #[test]
    fn sums_are_the_same_at_every_level() {
        let noise = |channel: u64, length: i64| (0..length).map(|n| Seed::new(9).with(channel).bipolar(n)).collect();
        for taps in [8, 16, 160, 328] {
            let all: Vec<Vec<f64>> = (0..5).map(|channel| noise(channel, taps)).collect();
            let row = &all[4];
            let truth = [0, 1, 2, 3].map(|channel| one(row, &all[channel]));
            for level in Level::all() {
                assert_eq!(four(level, row, [&all[0], &all[1], &all[2], &all[3]]), truth, "{level:?}");
                assert_eq!(two(level, row, [&all[0], &all[1]]), truth[..2], "{level:?}");
            }
        }
    }
}
