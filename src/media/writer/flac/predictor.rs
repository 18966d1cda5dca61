//! Linear prediction in whole numbers, and what is left of a block without it.
//!
//! Samples are whole numbers in f64: a sample of 33 bits times a coefficient of 15, summed 32 times, is still exact, in any order.

use crate::audio::isa::levels;

/// Of a predictor at most.
pub(super) const MOST_ORDER: usize = 32;

/// Sample `n` is foretold as the sum of `coefficients[j]` × sample `n - 1 - j`, divided by 2^`shift` and floored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Predictor {
    pub(super) order: usize,
    pub(super) coefficients: [f64; MOST_ORDER],
    pub(super) shift: u32,
    /// Bits of a coefficient; 0 for a fixed predictor, which needs none in the file.
    pub(super) precision: u32,
}

impl Predictor {
    /// A fixed one (RFC 9639, section 9.2.5), of order 0 to 4: the polynomial of that order less one through the last samples.
    pub(super) fn fixed(order: usize) -> Predictor {
        let mut coefficients = [0.0; MOST_ORDER];
        let of: &[f64] = match order {
            0 => &[],
            1 => &[1.0],
            2 => &[2.0, -1.0],
            3 => &[3.0, -3.0, 1.0],
            _ => &[4.0, -6.0, 4.0, -1.0],
        };
        coefficients[..of.len()].copy_from_slice(of);
        Predictor { order: of.len(), coefficients, shift: 0, precision: 0 }
    }
}

/// Added and taken away again, it leaves the nearest whole number; the lowest bits of the sum are those of that number.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Samples at once.
const WIDE: usize = 16;

levels! {
    /// What is left of samples `order..`, folded (see [`super::rice`]); the largest magnitude of it. From 2^31 on the folded ones are wrong, and a
    /// decoder need not take them.
    pub(super) fn residual(samples: &[f64], predictor: &Predictor, folded: &mut Vec<u32>) -> f64 = left;
    /// Sums of the magnitudes that fixed predictors of order 0 to 4 leave, from the fifth sample on.
    pub(super) fn magnitudes(samples: &[f64]) -> [f64; 5] = left_by_all;
}

#[inline(always)]
fn left(samples: &[f64], predictor: &Predictor, folded: &mut Vec<u32>) -> f64 {
    let order = predictor.order;
    let coefficients = &predictor.coefficients[..order];
    let scale = 1.0 / f64::from(1u32 << predictor.shift);
    // to the nearest less so much is floored, and never halfway
    let floor = scale * 0.5 - 0.5;
    folded.clear();
    folded.resize(samples.len() - order, 0);
    let mut largest = [0.0; WIDE];
    let (chunks, rest) = folded.as_chunks_mut::<WIDE>();
    let (now, now_rest) = samples[order..].as_chunks::<WIDE>();
    for ((chunk, now), past) in chunks.iter_mut().zip(now).zip(samples.windows(WIDE + order).step_by(WIDE)) {
        let mut sum = [0.0; WIDE];
        for (c, past) in coefficients.iter().zip(past[..WIDE + order - 1].windows(WIDE).rev()) {
            for i in 0..WIDE {
                sum[i] += c * past[i];
            }
        }
        for i in 0..WIDE {
            let (of, magnitude) = one(now[i], sum[i] * scale + floor);
            chunk[i] = of;
            largest[i] = if magnitude > largest[i] { magnitude } else { largest[i] };
        }
    }
    let done = samples.len() - rest.len();
    for (i, (of, now)) in rest.iter_mut().zip(now_rest).enumerate() {
        let past = samples[done + i - order..done + i].iter().rev();
        let sum: f64 = coefficients.iter().zip(past).map(|(c, x)| c * x).sum();
        let (code, magnitude) = one(*now, sum * scale + floor);
        *of = code;
        largest[0] = if magnitude > largest[0] { magnitude } else { largest[0] };
    }
    largest.iter().fold(0.0, |most, x| if *x > most { *x } else { most })
}

/// What is left of a sample, folded, and its magnitude.
#[inline(always)]
fn one(sample: f64, foretold: f64) -> (u32, f64) {
    let left = sample - ((foretold + ROUND) - ROUND);
    let whole = (left + ROUND).to_bits() as i32;
    ((whole << 1 ^ whole >> 31) as u32, left.abs())
}

#[inline(always)]
fn left_by_all(samples: &[f64]) -> [f64; 5] {
    // a short piece, its first difference, the second, …: each is shorter by one
    const PIECE: usize = 256;
    let (mut row, mut next) = (&mut [0.0; PIECE + 4], &mut [0.0; PIECE + 4]);
    let mut sums = [0.0; 5];
    for from in (0..samples.len().saturating_sub(4)).step_by(PIECE) {
        let count = (samples.len() - from).min(PIECE + 4);
        row[..count].copy_from_slice(&samples[from..][..count]);
        for (order, sum) in sums.iter_mut().enumerate() {
            *sum += magnitude(&row[4 - order..count - order]);
            for (next, two) in next[..count - 1].iter_mut().zip(row[..count].windows(2)) {
                *next = two[1] - two[0];
            }
            std::mem::swap(&mut row, &mut next);
        }
    }
    sums
}

/// The sum of magnitudes of whole numbers: exact in any order.
#[inline(always)]
fn magnitude(x: &[f64]) -> f64 {
    let mut sums = [0.0; WIDE];
    let (chunks, rest) = x.as_chunks::<WIDE>();
    for chunk in chunks {
        for i in 0..WIDE {
            sums[i] += chunk[i].abs();
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|x| x.abs()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    fn samples(count: usize, bits: u32) -> Vec<f64> {
        let full = (1u64 << (bits - 1)) as f64;
        (0..count).map(|n| (Seed::of("samples").bipolar(n as i64) * full).floor().clamp(-full, full - 1.0)).collect()
    }

    /// As RFC 9639, section 9.2.6 has it: sums of integers, shifted down.
    fn slow(samples: &[f64], p: &Predictor) -> Vec<i64> {
        let x: Vec<i128> = samples.iter().map(|x| *x as i128).collect();
        let foretold =
            |n: usize| (0..p.order).map(|j| p.coefficients[j] as i128 * x[n - 1 - j]).sum::<i128>() >> p.shift;
        (p.order..x.len()).map(|n| (x[n] - foretold(n)) as i64).collect()
    }

    #[test]
    fn residuals_are_exact_at_every_level() {
        let mut folded = Vec::new();
        for (order, shift, bits) in [(1, 0, 16), (2, 3, 24), (8, 12, 17), (12, 15, 25), (32, 15, 33), (32, 0, 24)] {
            let mut coefficients = [0.0; MOST_ORDER];
            for (j, c) in coefficients[..order].iter_mut().enumerate() {
                *c = (Seed::of("c").bipolar(j as i64) * 16_384.0).floor();
            }
            let predictor = Predictor { order, coefficients, shift, precision: 15 };
            for count in [order + 1, 50, 333] {
                let x = samples(count, bits);
                let right = slow(&x, &predictor);
                let most = right.iter().map(|x| x.unsigned_abs()).max().unwrap();
                for level in Level::all() {
                    let largest = residual(level, &x, &predictor, &mut folded);
                    assert_eq!(largest as u64, most, "order {order}, {count}");
                    if most < 1 << 31 {
                        let fold = |x: &i64| (x << 1 ^ x >> 63) as u32;
                        assert!(folded == right.iter().map(fold).collect::<Vec<_>>(), "order {order}, {count}");
                    }
                }
            }
        }
    }

    #[test]
    fn fixed_ones_leave_the_differences() {
        let x = samples(300, 24);
        let mut folded = Vec::new();
        let sums: Vec<f64> = (0..5)
            .map(|order| {
                let predictor = Predictor::fixed(order);
                assert_eq!(predictor.order, order);
                residual(Level::find(), &x, &predictor, &mut folded);
                let mut row = x.clone();
                (0..order).for_each(|_| row = row.windows(2).map(|w| w[1] - w[0]).collect());
                assert!(row.iter().map(|x| *x as i64).eq(slow(&x, &predictor)));
                row[4 - order..].iter().map(|x| x.abs()).sum()
            })
            .collect();
        for level in Level::all() {
            assert_eq!(magnitudes(level, &x).as_slice(), sums);
            assert_eq!(magnitudes(level, &x[..4]), [0.0; 5]);
        }
    }
}
