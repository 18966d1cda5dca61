//! The Kaiser window and its design formula (J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974;
//! Oppenheim and Schafer, "Discrete-Time Signal Processing", section 7.5.3).

use crate::audio::math;

/// The window's shape parameter for a stop band `attenuation` dB down, for attenuations above 50 dB.
pub fn beta(attenuation: f64) -> f64 {
    0.1102 * (attenuation - 8.7)
}

/// The window of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Kaiser {
    beta: f64,
    scale: f64,
}

impl Kaiser {
    pub fn new(beta: f64) -> Kaiser {
        Kaiser { beta, scale: 1.0 / bessel_i0(beta) }
    }

    /// Its value at `x` of its half width, -1 to 1: 1 in the middle, exactly 0 from the ends on.
    pub fn at(&self, x: f64) -> f64 {
        if x.abs() >= 1.0 { 0.0 } else { bessel_i0(self.beta * (1.0 - x * x).sqrt()) * self.scale }
    }
}

/// A low-pass kernel of gain 1 at `t` frames from its centre: sin(π c t) / (π t) for a `cutoff` c as a part of the Nyquist frequency (-6 dB there).
/// Exactly 0 where the formula is.
pub fn sinc(t: f64, cutoff: f64) -> f64 {
    let x = cutoff * t;
    if x == 0.0 {
        cutoff
    } else if x == x.round() {
        0.0
    } else {
        math::sin(std::f64::consts::PI * x) / (std::f64::consts::PI * t)
    }
}

/// The modified Bessel function of the first kind and order 0, by its power series; for |x| up to 60.
pub fn bessel_i0(x: f64) -> f64 {
    const INVERSE_SQUARES: [f64; 128] = {
        let mut table = [0.0; 128];
        let mut k = 1;
        while k < 128 {
            table[k] = 1.0 / (k * k) as f64;
            k += 1;
        }
        table
    };
    let quarter = x * x * 0.25;
    let (mut sum, mut term) = (1.0, 1.0);
    for inverse_square in &INVERSE_SQUARES[1..] {
        term *= quarter * inverse_square;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bessel_function_meets_its_table() {
        // Abramowitz and Stegun, table 9.8 and 9.11: I0(1), I0(5), I0(10)
        for (x, i0) in [(0.0, 1.0), (1.0, 1.266065877752008), (5.0, 27.239871823604442), (10.0, 2815.716628466254)] {
            assert!((bessel_i0(x) / i0 - 1.0).abs() < 1e-14, "I0({x}) = {}", bessel_i0(x));
        }
        assert_eq!(Kaiser::new(10.0).at(1.0), 0.0);
        assert!((Kaiser::new(10.0).at(0.0) - 1.0).abs() < 1e-15);
        assert_eq!(sinc(0.0, 0.5), 0.5);
    }
}
