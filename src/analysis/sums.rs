//! Sums over samples in a fixed order, side by side: the same bits everywhere, and no addition waits for the one before.

use crate::audio::isa::levels;

const LANES: usize = 8;

levels! {
    /// Σ x.
    pub(super) fn sum(x: &[f64]) -> f64 = summed;
    /// Σ a a, Σ b b, Σ a b.
    pub(super) fn products(a: &[f64], b: &[f64]) -> [f64; 3] = multiplied;
}

#[inline(always)]
fn summed(x: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane];
        }
    }
    total(sums) + rest.iter().sum::<f64>()
}

#[inline(always)]
fn multiplied(a: &[f64], b: &[f64]) -> [f64; 3] {
    let mut sums = [[0.0; LANES]; 3];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[0][lane] += a[lane] * a[lane];
            sums[1][lane] += b[lane] * b[lane];
            sums[2][lane] += a[lane] * b[lane];
        }
    }
    let rest = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let rests = [rest(a_rest, a_rest), rest(b_rest, b_rest), rest(a_rest, b_rest)];
    std::array::from_fn(|i| total(sums[i]) + rests[i])
}

#[inline(always)]
fn total([s0, s1, s2, s3, s4, s5, s6, s7]: [f64; LANES]) -> f64 {
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;

    #[test]
    fn sums_and_products() {
        let x: Vec<f64> = (0..1003).map(f64::from).collect();
        let y: Vec<f64> = (0..1003).map(|i| 0.1 * f64::from(i % 17)).collect();
        let plain = (summed(&y), multiplied(&x, &y));
        for level in Level::all() {
            assert_eq!(sum(level, &x), 502_503.0);
            assert_eq!(products(level, &x, &x), [1002.0 * 1003.0 * 2005.0 / 6.0; 3]);
            assert_eq!((sum(level, &[]), products(level, &[], &[])), (0.0, [0.0; 3]));
            assert_eq!((sum(level, &y), products(level, &x, &y)), plain, "{level:?}");
        }
    }
}
