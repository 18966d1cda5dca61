use std::ops::{Add, Neg, Sub};

use num_rational::Ratio;
use serde::{Deserialize, Serialize};

/// A musical number, exact: beats, bars, whole notes. `note(1/12)` is a third of a quarter, to the last sample of a song.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Beats(Ratio<i64>);

/// Beyond this many beats or this fine a division nothing musical happens; it keeps sums of beats from overflowing.
const LIMIT: f64 = 1e8;
const FINEST: i64 = 46_080;

impl Beats {
    pub const ZERO: Beats = Beats(Ratio::new_raw(0, 1));

    /// `numerator / denominator` beats. A zero denominator counts as one.
    pub fn new(numerator: i64, denominator: i64) -> Beats {
        Beats::fit(i128::from(numerator), i128::from(denominator))
    }

    /// The fraction in 64 bits: exact where it fits, which all music does; the nearest one on a fine grid where sums of absurd fractions
    /// have outgrown them. Never a panic and never a wrong sign.
    fn fit(numerator: i128, denominator: i128) -> Beats {
        let denominator = if denominator == 0 { 1 } else { denominator };
        let exact = Ratio::new(numerator, denominator);
        let (n, d) = (*exact.numer(), *exact.denom());
        match (i64::try_from(n), i64::try_from(d)) {
            (Ok(n), Ok(d)) if n != i64::MIN => Beats(Ratio::new_raw(n, d)),
            _ => {
                let nearest = (n as f64 / d as f64).clamp(-LIMIT, LIMIT);
                Beats::from_f64(nearest).unwrap_or(Beats::ZERO)
            }
        }
    }

    /// The simplest fraction within a millionth of a beat: `0.333…` is a third.
    /// `None` when the number is not finite or absurdly large (over 100 million beats).
    pub fn from_f64(beats: f64) -> Option<Beats> {
        if beats.is_nan() || beats.abs() > LIMIT {
            return None;
        }
        // continued fraction, until the denominator would be finer than any grid in use
        let (mut p0, mut q0, mut p1, mut q1) = (0i64, 1i64, 1i64, 0i64);
        let mut rest = beats;
        loop {
            let whole = rest.floor();
            let (p, q) = (whole as i64 * p1 + p0, whole as i64 * q1 + q0);
            if q > FINEST && q1 > 0 {
                return Some(Beats(Ratio::new(p1, q1)));
            }
            (p0, q0, p1, q1) = (p1, q1, p, q);
            if (beats - p as f64 / q as f64).abs() < 1e-9 || rest == whole {
                return Some(Beats(Ratio::new(p1, q1)));
            }
            rest = 1.0 / (rest - whole);
        }
    }

    pub fn value(self) -> f64 {
        *self.0.numer() as f64 / *self.0.denom() as f64
    }

    pub fn numerator(self) -> i64 {
        *self.0.numer()
    }

    pub fn denominator(self) -> i64 {
        *self.0.denom()
    }

    /// `self * numerator / denominator`.
    pub fn scale(self, numerator: i64, denominator: i64) -> Beats {
        self.times(Beats::new(numerator, denominator))
    }

    /// The product of the two: `beats.times(quarters in a beat)`.
    pub fn times(self, other: Beats) -> Beats {
        let ((a, b), (c, d)) = (self.wide(), other.wide());
        Beats::fit(a * c, b * d)
    }

    /// The greatest whole number not above it.
    pub fn floor(self) -> i64 {
        self.numerator().div_euclid(self.denominator())
    }

    fn wide(self) -> (i128, i128) {
        (i128::from(self.numerator()), i128::from(self.denominator()))
    }
}

impl Add for Beats {
    type Output = Beats;
    fn add(self, other: Beats) -> Beats {
        let ((a, b), (c, d)) = (self.wide(), other.wide());
        Beats::fit(a * d + c * b, b * d)
    }
}

impl Sub for Beats {
    type Output = Beats;
    fn sub(self, other: Beats) -> Beats {
        self + -other
    }
}

impl Neg for Beats {
    type Output = Beats;
    fn neg(self) -> Beats {
        Beats(-self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_the_fraction_they_mean() {
        for (number, p, q) in
            [(0.125, 1, 8), (1.0 / 3.0, 1, 3), (-2.5, -5, 2), (4.0, 4, 1), (0.1, 1, 10), (17.0 / 96.0, 17, 96)]
        {
            assert_eq!(Beats::from_f64(number), Some(Beats::new(p, q)), "{number}");
        }
        assert_eq!(Beats::from_f64(f64::INFINITY), None);
        assert_eq!(Beats::from_f64(f64::NAN), None);
    }

    #[test]
    fn sums_are_exact_and_absurd_ones_neither_wrap_nor_panic() {
        assert_eq!(Beats::new(1, 3) + Beats::new(1, 6), Beats::new(1, 2));
        assert_eq!(Beats::new(-7, 2).floor(), -4);
        assert_eq!(Beats::new(3, 2).times(Beats::new(2, 3)), Beats::new(1, 1));
        // coprime denominators near the finest: their product needs more than 64 bits
        let sum = (0..40).fold(Beats::ZERO, |sum, i| sum + Beats::new(1, 46_080 - 7 * i));
        let close: f64 = (0..40).map(|i| 1.0 / f64::from(46_080 - 7 * i)).sum();
        assert!((sum.value() - close).abs() < 1e-6);
        let huge = Beats::new(i64::MAX, 1) + Beats::new(i64::MAX, 1);
        assert!(huge.value() >= 1e8);
        assert!((-huge).times(huge).value() < 0.0);
        assert!(Beats::new(i64::MIN, -1).value() > 0.0);
    }
}
