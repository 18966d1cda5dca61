//! Filters of second order built factor by factor, each brought to the digital domain for itself: shelves, cuts and band-passes whose resonances
//! stay sharp and in place up to near the Nyquist frequency.
//!
//! An analogue quadratic p₀ + p₁s + p₂s² becomes zeros(σ) / poles(σ) in the bilinear variable of [`Prototype`]. Its zeros are the roots e^s, so
//! that a resonance has its exact place and width (the matched z-transform, which M. Vicanek, "Matched Second Order Digital Filters", 2016, uses
//! for poles). What they leave of the magnitude, the work of their images beyond the Nyquist frequency, is smooth in the band; two poles make up
//! for it, such that the magnitude is the analogue one at 0 Hz and at two more [`NODES`]. Powers are linear in their coefficients, so these come
//! from a 2 × 2 system, and they are tame (a Q below 0.53) for every frequency and Q: all coefficients are positive.
//! A filter is numerator over denominator: two sections, which cancel bit for bit where both polynomials are alike (0 dB). Nothing is searched
//! for, so that a design follows its settings without a leap.
//! At 48 kHz, for Q from 0.3 to 30 and ±12 dB, shelves keep within 0.04 dB to 10 kHz and 0.3 dB to 20 kHz; at 44.1 kHz so to 18 kHz.
//! The analogue prototypes are those of R. Bristow-Johnson's cookbook, whose convention of Q is kept.

use num_complex::Complex64;

use super::biquad::{Prototype, square};
use super::matched::{radians, root};
use crate::audio::math;
use crate::units::Rate;

/// Where a factor is exact, in radians per frame: near 10.7 and 19.6 kHz at 48 kHz.
const NODES: [f64; 2] = [1.4, 2.56];
/// tan² of half of them.
const X: [f64; 2] = [0.7094497158631172, 11.16461969629971];
/// A root no higher than this is where the analogue one is; beyond, its image would come into the band.
const HIGHEST: f64 = 2.95;
/// Where a root that is higher is held instead, and sin² of half of it.
const HELD: f64 = 2.5;
const HELD_X: f64 = 0.9005718077734668;

/// A polynomial in s (per radian and frame) as it is in σ.
struct Factor {
    zeros: [f64; 3],
    poles: [f64; 3],
}

/// Two sections.
pub fn low_shelf(frequency: f64, gain: f64, q: f64, rate: Rate) -> [Prototype; 2] {
    // the high shelf the other way round, times its gain
    shelf(frequency, -gain, q, rate, math::pow(10.0, gain / 20.0))
}

/// Two sections.
pub fn high_shelf(frequency: f64, gain: f64, q: f64, rate: Rate) -> [Prototype; 2] {
    shelf(frequency, gain, q, rate, 1.0)
}

/// The high shelf (√A s² + s/q + 1/√A) / (s²/√A + s/q + √A), divided by what it is at 0 Hz: mirrored, so that a cut is the inverse of a boost.
fn shelf(frequency: f64, gain: f64, q: f64, rate: Rate, at_rest: f64) -> [Prototype; 2] {
    let (w0, half) = (radians(frequency, rate), root(gain / 2.0));
    let n = Factor::quadratic(&[1.0 / half, 1.0 / q, half], w0);
    let d = Factor::quadratic(&[half, 1.0 / q, 1.0 / half], w0);
    n.over(&d, at_rest)
}

/// Two sections; peaks at 0 dB, exactly where the frequency is below 0.4 of the rate.
pub fn band_pass(frequency: f64, q: f64, rate: Rate) -> [Prototype; 2] {
    let w0 = radians(frequency, rate);
    // of a peak above the last node only the flank is heard: it is that which must be right
    let w = w0.min(NODES[1]);
    let (t, v) = (math::tan(w / 2.0), (w / w0) * (w / w0));
    let mut sections = Factor::s().over(&resonance(q, w0), 1.0 / (w0 * q));
    let found = sections[0].power(t * t) * sections[1].power(t * t);
    let wanted = square(&[0.0, 1.0 / q, 0.0], v) / square(&[1.0, 1.0 / q, 1.0], v);
    let correction = (wanted / found).sqrt();
    sections[0].n = sections[0].n.map(|n| n * correction);
    sections
}

/// Two sections, with two zeros at 0 Hz.
pub fn high_pass(frequency: f64, q: f64, rate: Rate) -> [Prototype; 2] {
    let w0 = radians(frequency, rate);
    Factor::s_squared().over(&resonance(q, w0), 1.0 / (w0 * w0))
}

pub fn low_pass(frequency: f64, q: f64, rate: Rate) -> Prototype {
    let d = resonance(q, radians(frequency, rate));
    Prototype { n: d.poles, d: d.zeros }
}

/// The denominator of cuts and band-passes.
fn resonance(q: f64, w0: f64) -> Factor {
    Factor::quadratic(&[1.0, 1.0 / q, 1.0], w0)
}

impl Factor {
    /// A polynomial of positive coefficients in s / ω₀, divided by p₀.
    fn quadratic(p: &[f64; 3], w0: f64) -> Factor {
        let corner = (p[0] / p[2]).sqrt() * w0;
        let damping = 0.5 * p[1] / (p[0] * p[2]).sqrt();
        let zeros = if damping < 1.0 { complex_roots(corner, damping) } else { real_roots(corner, damping) };
        Factor::of(zeros, |w| square(p, (w / w0) * (w / w0)) / (p[0] * p[0]))
    }

    fn s() -> Factor {
        Factor::of([0.0, 2.0, 2.0], |w| w * w)
    }

    fn s_squared() -> Factor {
        Factor::of([0.0, 0.0, 4.0], |w| (w * w) * (w * w))
    }

    /// With the poles 1 + √(c₁ + 2√c₂) σ + √c₂ σ², whose power is 1 + c₁x + c₂x² at x = tan²(ω/2): that of the zeros over the `analogue` one at
    /// the nodes.
    fn of(zeros: [f64; 3], analogue: impl Fn(f64) -> f64) -> Factor {
        let slope = |i: usize| (square(&zeros, X[i]) / analogue(NODES[i]) - 1.0) / X[i];
        let c2 = (slope(1) - slope(0)) / (X[1] - X[0]);
        let c1 = slope(0) - c2 * X[0];
        let p2 = c2.sqrt();
        Factor { zeros, poles: [1.0, (c1 + 2.0 * p2).sqrt(), p2] }
    }

    /// The quotient times `gain`: sharp things over sharp things, then smooth over smooth.
    fn over(&self, d: &Factor, gain: f64) -> [Prototype; 2] {
        [Prototype { n: self.zeros.map(|n| n * gain), d: d.zeros }, Prototype { n: d.poles, d: self.poles }]
    }
}

/// The roots -corner (damping ± √(damping² - 1)) as roots e^s: two factors 1 + σ coth(s/2).
fn real_roots(corner: f64, damping: f64) -> [f64; 3] {
    let far = corner * (damping + ((damping - 1.0) * (damping + 1.0)).sqrt());
    let near = corner * (corner / far);
    let (far, near) = (1.0 / math::tanh(far / 2.0), 1.0 / math::tanh(near / 2.0));
    [1.0, far + near, far * near]
}

/// The roots -corner (damping ± j√(1 - damping²)): as e^s, or held where those would lie too high.
fn complex_roots(corner: f64, damping: f64) -> [f64; 3] {
    let (real, imaginary) = (corner * ((1.0 - damping) * (1.0 + damping)).sqrt(), corner * damping);
    let (sin, cos) = math::sincos(0.5 * real.min(HIGHEST));
    let (sinh, cosh) = (math::sinh(0.5 * imaginary), math::cosh(0.5 * imaginary));
    if real <= HIGHEST {
        // 1 + 2 Re κ σ + |κ|² σ² with κ = j cot((real + j imaginary) / 2)
        let over = 1.0 / (sin * sin + sinh * sinh);
        return [1.0, 2.0 * sinh * cosh * over, (cos * cos + sinh * sinh) * over];
    }
    // With ζ = (real + j imaginary)² the power is |1 - ω²/ζ|². In x = sin²(ω/2) the factor inside is taken as (1 - αx) / (1 - βx), exact at the
    // complex frequency `edge` and at HELD; were the edge at the root, α would be 1 / x there and this the case above. Only α is of interest.
    let (root, edge) = (Complex64::new(real, imaginary), Complex64::new(HIGHEST, imaginary));
    let (zeta, square) = (root * root, edge * edge);
    let sine = Complex64::new(sin * cosh, cos * sinh);
    let held = HELD * HELD;
    let alpha =
        (square / (sine * sine) * (1.0 - held / zeta) - held / HELD_X * (1.0 - square / zeta)) / (square - held);
    // 1 - αx is (1 + (1 - α) tan²) / (1 + tan²), and κ² = 1 - α
    let c = 1.0 - alpha;
    let size = c.norm_sqr().sqrt();
    let twice = if c.re < 0.0 { c.im * c.im / (size - c.re) } else { size + c.re };
    [1.0, (2.0 * twice).sqrt(), size]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nodes_are_tangents_and_sines() {
        for (w, x) in NODES.into_iter().zip(X) {
            let t = math::tan(w / 2.0);
            assert!((t * t / x - 1.0).abs() < 1e-14, "{w}");
        }
        let s = math::sin(HELD / 2.0);
        assert!((s * s / HELD_X - 1.0).abs() < 1e-14);
    }

    #[test]
    fn every_factor_is_tame() {
        for i in 0..160 {
            // corners from 1 Hz up to where ±36 dB bring those of a shelf, beyond the Nyquist frequency
            let corner = 1.3e-4 * math::pow(8.7 / 1.3e-4, f64::from(i) / 159.0);
            for k in 0..40 {
                let q = 0.1 * math::pow(1000.0, f64::from(k) / 39.0);
                let f = resonance(q, corner);
                assert!(f.zeros.iter().chain(&f.poles).all(|c| *c > 0.0 && c.is_finite()), "{corner} {q}");
                let smooth = f.poles[2].sqrt() / f.poles[1];
                assert!(smooth < 0.53, "{corner} {q}: {smooth}");
            }
        }
    }

    #[test]
    fn roots_are_continuous_where_their_kind_changes() {
        let apart =
            |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).fold(0.0f64, |most, (a, b)| most.max((a / b - 1.0).abs()));
        for corner in [1e-3, 0.5, 2.0] {
            assert!(apart(complex_roots(corner, 1.0 - 1e-10), real_roots(corner, 1.0 + 1e-10)) < 1e-9, "{corner}");
        }
        for damping in [0.005, 0.1, 0.7, 0.99] {
            let corner = HIGHEST / (1.0f64 - damping * damping).sqrt();
            let (below, above) =
                (complex_roots(corner * (1.0 - 1e-9), damping), complex_roots(corner * (1.0 + 1e-9), damping));
            assert!(apart(below, above) < 1e-6, "{damping}: {below:?} {above:?}");
        }
    }

    #[test]
    fn shelves_without_gain_are_nothing() {
        for frequency in [10.0, 440.0, 12_000.0, 23_000.0] {
            for q in [0.1, 0.3, 0.5, 1.0, 100.0] {
                for sections in
                    [low_shelf(frequency, 0.0, q, Rate::STUDIO), high_shelf(frequency, 0.0, q, Rate::STUDIO)]
                {
                    assert!(sections.iter().all(|p| p.section().is_identity()), "{frequency} {q}");
                }
            }
        }
    }
}
