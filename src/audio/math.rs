//! Functions whose bits are the same on every machine: `libm` in pure Rust, and polynomials of our own where speed counts.
//! The standard library's `sin`, `exp`, `ln` … go to the platform's and are banned by clippy.

pub use libm::{
    acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, cos, cosh, exp, hypot, log as ln, log1p, log10, pow, sin,
    sincos, sinh, tan, tanh,
};

/// Decibels per factor of two in amplitude: 20 log10(2).
pub const DB_PER_OCTAVE: f64 = 6.020599913279624;

/// log2 of a positive normal number, error below 1e-11 (6e-11 dB): no branch and no table, so a loop of it vectorises.
/// The mantissa m is taken in [√½, √2), and an odd polynomial of the 9th power in s = (m - 1) / (m + 1) stands for 2 artanh(s) / ln 2.
#[inline(always)]
pub fn log2(x: f64) -> f64 {
    let (exponent, s) = log2_begin(x);
    log2_end(exponent, s)
}

/// The first half of [`log2`], for loops that do better in two: the exponent, and (m - 1) / (m + 1) of the mantissa m.
#[inline(always)]
pub fn log2_begin(x: f64) -> (f64, f64) {
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    let bits = x.to_bits();
    let biased = bits.wrapping_add(ONE - SQRT_HALF) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(biased << 52).wrapping_add(1023 << 52));
    // the exponent as a float without an integer conversion, which only AVX-512 has for vectors
    let exponent = f64::from_bits(biased | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    (exponent, (m - 1.0) / (m + 1.0))
}

/// The second half of [`log2`].
#[inline(always)]
pub fn log2_end(exponent: f64, s: f64) -> f64 {
    // of all such polynomials the one whose largest error over the mantissa's range is least (Remez' exchange): 1.06e-12
    const C: [f64; 5] = [
        2.885_390_081_845_374_6,
        0.961_796_648_315_403_5,
        0.577_086_644_005_169_5,
        0.411_534_221_306_044_9,
        0.342_820_366_225_604_63,
    ];
    let z = s * s;
    let series = (C[0] + z * C[1]) + (z * z) * ((C[2] + z * C[3]) + (z * z) * C[4]);
    exponent + s * series
}

/// 2^x for |x| < 1000: exactly 1 at 0, relative error below 1e-11.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    let (scale, r) = exp2_begin(x);
    exp2_end(scale, r)
}

/// The first half of [`exp2`]: 2 to the nearest whole number, and what is left of x.
#[inline(always)]
pub fn exp2_begin(x: f64) -> (f64, f64) {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: adding it rounds to an integer
    let t = x + ROUND;
    (f64::from_bits(t.to_bits().wrapping_add(1023) << 52), x - (t - ROUND))
}

/// The second half of [`exp2`]: 1 + r P(r), of the 8th power.
#[inline(always)]
pub fn exp2_end(scale: f64, r: f64) -> f64 {
    // of all such polynomials the one whose largest relative error over ±½ is least (Remez' exchange): 8.2e-13
    const P: [f64; 8] = [
        0.693_147_180_548_212_3,
        0.240_226_506_981_105_84,
        0.055_504_109_352_663_11,
        0.009_618_128_616_125_304,
        0.001_333_345_486_048_259,
        0.000_154_038_254_619_669_16,
        0.000_015_309_156_194_334_978,
        0.000_001_317_893_356_282_335_5,
    ];
    let r2 = r * r;
    let low = (P[0] + r * P[1]) + r2 * (P[2] + r * P[3]);
    let high = (P[4] + r * P[5]) + r2 * (P[6] + r * P[7]);
    scale * (1.0 + r * (low + (r2 * r2) * high))
}

/// The level in dB of a positive amplitude, by [`log2`].
#[inline(always)]
pub fn to_db(amplitude: f64) -> f64 {
    DB_PER_OCTAVE * log2(amplitude)
}

/// The amplitude of a level in dB, by [`exp2`]: exactly 1 at 0 dB, 0 below -4000 dB (so for `off`).
#[inline(always)]
pub fn from_db(db: f64) -> f64 {
    let (scale, r) = from_db_begin(db);
    exp2_end(scale, r)
}

/// The first half of [`from_db`], which ends with [`exp2_end`].
#[inline(always)]
pub fn from_db_begin(db: f64) -> (f64, f64) {
    const PER_DB: f64 = 1.0 / DB_PER_OCTAVE;
    let (scale, r) = exp2_begin(db * PER_DB);
    if db < -4000.0 { (0.0, 0.0) } else { (scale, r) }
}

/// A decaying state counts as zero below this: long before it becomes subnormal, which would make it 20 times slower.
pub const REST: f64 = 1e-30;

/// `x`, or exact zero when it is below [`REST`].
#[inline(always)]
pub fn flush(x: f64) -> f64 {
    if x.abs() < REST { 0.0 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_functions_are_as_exact_as_they_say() {
        let mut x = 1e-9;
        while x < 1e9 {
            assert!((log2(x) - libm::log2(x)).abs() < 1e-11, "log2 {x}");
            x *= 1.0137;
        }
        let mut x = -200.0;
        while x < 200.0 {
            let exact = libm::exp2(x);
            assert!(((exp2(x) - exact) / exact).abs() < 1e-11, "exp2 {x}");
            x += 0.0371;
        }
        assert_eq!(exp2(0.0), 1.0);
        assert_eq!(from_db(0.0), 1.0);
        assert_eq!(from_db(f64::NEG_INFINITY), 0.0);
    }
}
