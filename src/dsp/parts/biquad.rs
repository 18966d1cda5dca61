use num_complex::Complex64;

use crate::audio::math;
use crate::units::{Hz, Rate};

/// A filter of first or second order in the bilinear variable σ = (1 - z⁻¹) / (1 + z⁻¹) (on the unit circle σ = j tan(ω/2)):
/// (n₀ + n₁σ + n₂σ²) / (d₀ + d₁σ + d₂σ²). With d₂ = n₂ = 0 it is of first order. Positive coefficients make it stable and of minimum phase,
/// and low frequencies keep their digits, which they lose in powers of z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prototype {
    pub n: [f64; 3],
    pub d: [f64; 3],
}

impl Prototype {
    /// Numerator and denominator alike.
    pub const IDENTITY: Prototype = Prototype { n: [1.0, 1.0, 1.0], d: [1.0, 1.0, 1.0] };

    pub fn is_first_order(&self) -> bool {
        self.d[2] == 0.0
    }

    /// The coefficients in z.
    pub fn section(&self) -> Section {
        let in_z = |p: &[f64; 3]| {
            if self.is_first_order() {
                [p[0] + p[1], p[0] - p[1], 0.0]
            } else {
                [p[0] + p[1] + p[2], 2.0 * (p[0] - p[2]), p[0] - p[1] + p[2]]
            }
        };
        let (b, a) = (in_z(&self.n), in_z(&self.d));
        let (a1, a2) = (a[1] / a[0], a[2] / a[0]);
        // divided alike, so that equal polynomials leave exactly nothing
        Section { c1: b[1] / b[0] - a1, c2: b[2] / b[0] - a2, a1, a2, gain: b[0] / a[0] }
    }

    /// The factor at the squared tangent `x` = tan²(ω/2), as power.
    pub fn power(&self, x: f64) -> f64 {
        square(&self.n, x) / square(&self.d, x)
    }
}

/// |p₀ + p₁σ + p₂σ²|² where σ = j √`x`.
pub fn square(p: &[f64; 3], x: f64) -> f64 {
    let real = p[0] - p[2] * x;
    real * real + p[1] * p[1] * x
}

/// One biquad as it runs: y = x + u₁; u₁' = (c₁x + u₂) - a₁u₁; u₂' = c₂x - a₂u₁, then the gain b₀. One multiplication and one
/// subtraction lie on the recursion, and an identity (c₁ = c₂ = 0) passes every bit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Section {
    pub c1: f64,
    pub c2: f64,
    pub a1: f64,
    pub a2: f64,
    /// b₀: collected over a cascade and applied once.
    pub gain: f64,
}

impl Section {
    pub fn is_identity(&self) -> bool {
        self.c1 == 0.0 && self.c2 == 0.0 && self.gain == 1.0
    }

    /// What it does to e^{jωn}.
    pub fn response(&self, frequency: Hz, rate: Rate) -> Complex64 {
        let w = std::f64::consts::TAU * frequency.value() / rate.hz();
        let z1 = Complex64::new(math::cos(w), -math::sin(w));
        let z2 = z1 * z1;
        let over = 1.0 + self.a1 * z1 + self.a2 * z2;
        self.gain * (1.0 + (self.c1 * z1 + self.c2 * z2) / over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_in_z_is_the_one_in_tangents() {
        let p = Prototype { n: [0.02, 0.3, 1.4], d: [0.02, 0.1, 1.1] };
        let first = Prototype { n: [0.1, 0.7, 0.0], d: [0.1, 1.0, 0.0] };
        for p in [p, first] {
            for hz in [10.0, 440.0, 7_000.0, 23_000.0] {
                let t = math::tan(std::f64::consts::PI * hz / 48_000.0);
                let h = p.section().response(Hz::new(hz), Rate::STUDIO).norm_sqr();
                assert!((h / p.power(t * t) - 1.0).abs() < 1e-9, "{hz}");
            }
        }
        assert!(Prototype::IDENTITY.section().is_identity());
    }
}
