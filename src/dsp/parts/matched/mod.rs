//! Biquads whose magnitude is that of their analogue prototype up to near the Nyquist frequency, where the bilinear transform alone squeezes
//! bells. A section is written in the bilinear variable (see [`Prototype`]) and the logarithms of its coefficients are fitted to the
//! analogue magnitude in dB: weighted least squares on a fixed grid of frequencies, damped Gauss-Newton steps in a fixed number
//! (Levenberg 1944; Marquardt 1963). Positive coefficients cannot become unstable, and at 0 dB the start is already the answer, bit for bit.
//! At 48 kHz bells keep within 0.1 dB to 10 kHz and 0.6 dB to 20 kHz for Q from 0.3 to 30 and ±12 dB. What one biquad
//! cannot follow so closely, two sharp resonances near the Nyquist frequency, is made of two: `factored`.
//! The analogue prototypes are those of R. Bristow-Johnson's cookbook, whose convention of Q is kept.

mod fit;

use fit::fit;

use super::biquad::{Prototype, square};
use crate::audio::math;
use crate::units::Rate;

/// An analogue filter in s / ω₀.
#[derive(Clone, Copy, Debug)]
pub struct Analogue {
    pub n: [f64; 3],
    pub d: [f64; 3],
}

/// Corners are placed no higher than this part of the Nyquist frequency at the start.
const HIGHEST: f64 = 0.88;

/// ω₀ in radians per frame.
pub(super) fn radians(frequency: f64, rate: Rate) -> f64 {
    std::f64::consts::TAU * (frequency / rate.hz()).clamp(1e-6, 0.49)
}

/// The factor of amplitude whose square is the gain: the A of the cookbook.
pub(super) fn root(gain: f64) -> f64 {
    math::pow(10.0, gain / 40.0)
}

pub fn bell(frequency: f64, gain: f64, q: f64, rate: Rate) -> Prototype {
    let a = root(gain);
    let analogue = Analogue { n: [1.0, a / q, 1.0], d: [1.0, 1.0 / (a * q), 1.0] };
    let w0 = radians(frequency, rate);
    let start = Prototype { n: placed(&analogue.n, w0), d: placed(&analogue.d, w0) };
    fit(&analogue, w0, start, [true; 4], [Some(&analogue.n), Some(&analogue.d)])
}

/// One section, for low frequencies: higher up it takes [two](super::factored::low_shelf).
pub fn low_shelf(frequency: f64, gain: f64, q: f64, rate: Rate) -> Prototype {
    let a = root(gain);
    shelf([a * a, a * a.sqrt() / q, a], [1.0, a.sqrt() / q, a], frequency, rate)
}

/// Likewise.
pub fn high_shelf(frequency: f64, gain: f64, q: f64, rate: Rate) -> Prototype {
    let a = root(gain);
    shelf([a, a * a.sqrt() / q, a * a], [a, a.sqrt() / q, 1.0], frequency, rate)
}

fn shelf(n: [f64; 3], d: [f64; 3], frequency: f64, rate: Rate) -> Prototype {
    let (analogue, w0) = (Analogue { n, d }, radians(frequency, rate));
    let start = Prototype { n: placed(&n, w0), d: placed(&d, w0) };
    fit(&analogue, w0, start, [true; 4], [Some(&n), Some(&d)])
}

/// Its zeros lie on the unit circle at the frequency itself.
pub fn notch(frequency: f64, q: f64, rate: Rate) -> Prototype {
    let w0 = radians(frequency, rate);
    let analogue = Analogue { n: [1.0, 0.0, 1.0], d: [1.0, 1.0 / q, 1.0] };
    let d = placed_to(&analogue.d, w0, 1.0);
    let n = [d[0], 0.0, d[2]];
    fit(&analogue, w0, Prototype { n, d }, [false, false, true, true], [None, Some(&analogue.d)])
}

/// -180° at the frequency, and there the analogue filter's group delay.
pub fn all_pass(frequency: f64, q: f64, rate: Rate) -> Prototype {
    let d = placed_to(&[1.0, 1.0 / q, 1.0], radians(frequency, rate), 1.0);
    Prototype { n: [d[0], -d[1], d[2]], d }
}

/// With its two zeros at 0 Hz: one section of a steep cut, whose Q is below 2.6.
pub fn high_pass(frequency: f64, q: f64, rate: Rate) -> Prototype {
    let w0 = radians(frequency, rate);
    let analogue = Analogue { n: [0.0, 0.0, 1.0], d: [1.0, 1.0 / q, 1.0] };
    let d = placed(&analogue.d, w0);
    let n = [0.0, 0.0, d[2] * at_nyquist(&analogue, w0)];
    fit(&analogue, w0, Prototype { n, d }, [false, true, true, true], [None, Some(&analogue.d)])
}

/// 6 dB per octave.
pub fn low_pass_first(frequency: f64, rate: Rate) -> Prototype {
    let w0 = radians(frequency, rate);
    let analogue = Analogue { n: [1.0, 0.0, 0.0], d: [1.0, 1.0, 0.0] };
    let d = placed(&analogue.d, w0);
    let n = [d[0], d[1] * at_nyquist(&analogue, w0), 0.0];
    fit(&analogue, w0, Prototype { n, d }, [true, false, true, false], [None, None])
}

/// 6 dB per octave.
pub fn high_pass_first(frequency: f64, rate: Rate) -> Prototype {
    let w0 = radians(frequency, rate);
    let analogue = Analogue { n: [0.0, 1.0, 0.0], d: [1.0, 1.0, 0.0] };
    let d = placed(&analogue.d, w0);
    let n = [0.0, d[1] * at_nyquist(&analogue, w0), 0.0];
    fit(&analogue, w0, Prototype { n, d }, [true, false, true, false], [None, None])
}

/// A first-order shelf about its pivot, which stays at 0 dB: (rs + 1) / (s + r) with r² the gain from end to end.
pub fn tilt(frequency: f64, gain: f64, rate: Rate) -> Prototype {
    let w0 = radians(frequency, rate);
    let r = root(gain);
    let analogue = Analogue { n: [1.0, r, 0.0], d: [r, 1.0, 0.0] };
    let start = Prototype { n: placed(&analogue.n, w0), d: placed(&analogue.d, w0) };
    fit(&analogue, w0, start, [true, false, true, false], [None, None])
}

/// The magnitude of the analogue filter where the digital one ends.
fn at_nyquist(analogue: &Analogue, w0: f64) -> f64 {
    let v = std::f64::consts::PI / w0;
    power(analogue, v * v).sqrt()
}

fn power(a: &Analogue, v: f64) -> f64 {
    square(&a.n, v) / square(&a.d, v)
}

/// An analogue polynomial brought to σ: its corner where it was, and its relative bandwidth there (dσ/σ = dω / sin ω) too.
fn placed(p: &[f64; 3], w0: f64) -> [f64; 3] {
    placed_to(p, w0, HIGHEST)
}

/// The same, with corners no higher than `highest` of the Nyquist frequency.
fn placed_to(p: &[f64; 3], w0: f64, highest: f64) -> [f64; 3] {
    let most = highest * std::f64::consts::PI;
    if p[2] == 0.0 {
        let w = (p[0] / p[1] * w0).min(most);
        return [p[0], p[0] / math::tan(w / 2.0), 0.0];
    }
    let w = ((p[0] / p[2]).sqrt() * w0).min(most);
    let (t, q) = (math::tan(w / 2.0), (p[0] * p[2]).sqrt() / p[1]);
    // sin w / w = 2t / (1 + t²) / w
    let digital = q * 2.0 * t / ((1.0 + t * t) * w);
    [p[0], p[0] / (digital * t), p[0] / (t * t)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_design_has_positive_coefficients() {
        for frequency in [1.0, 30.0, 4000.0, 19_000.0, 30_000.0] {
            for q in [0.1, 1.0, 100.0] {
                for gain in [-36.0, 0.0, 36.0] {
                    let p = bell(frequency, gain, q, Rate::STUDIO);
                    let mut all = p.n.iter().chain(&p.d);
                    assert!(all.all(|c| *c > 0.0 && c.is_finite()), "{frequency} {q} {gain}: {p:?}");
                    assert!(gain != 0.0 || p.section().is_identity());
                }
            }
        }
    }
}
