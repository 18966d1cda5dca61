//! Sums over samples in a fixed order, side by side: the same bits everywhere, and no addition waits for the one before.

const LANES: usize = 8;

/// Σ x.
pub(super) fn sum(x: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += chunk[lane];
        }
    }
    total(sums) + rest.iter().sum::<f64>()
}

/// Σ a b.
pub(super) fn product(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    total(sums) + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

fn total([s0, s1, s2, s3, s4, s5, s6, s7]: [f64; LANES]) -> f64 {
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_products() {
        let x: Vec<f64> = (0..1003).map(f64::from).collect();
        assert_eq!(sum(&x), 502_503.0);
        assert_eq!(product(&x, &x), 1002.0 * 1003.0 * 2005.0 / 6.0);
        assert_eq!((sum(&[]), product(&[], &[])), (0.0, 0.0));
    }
}
