//! Memoryless curves of unit slope at 0, as what they add to the straight line: the straight part of a sound never leaves its way.

use crate::audio::isa::{Level, levels};
use crate::audio::{math, samples};

/// A family of curves f, odd, f'(0) = 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// x / √(1 + x²): bends early and reaches its ends late, as magnetised tape does.
    Tape,
    /// tanh x.
    Soft,
    /// x / ⁴√(1 + x⁴): straight for longer, then a harder knee.
    Transistor,
    /// Straight up to 1, then flat.
    Hard,
    /// sin x: what goes too far comes back.
    Fold,
}

impl Curve {
    #[inline(always)]
    fn value(self, x: f64) -> f64 {
        match self {
            Curve::Tape => x / (1.0 + x * x).sqrt(),
            Curve::Soft => tanh(x),
            Curve::Transistor => {
                let square = x * x;
                x / (1.0 + square * square).sqrt().sqrt()
            }
            Curve::Hard => clip(x),
            Curve::Fold => sine(x),
        }
    }

    fn slope(self, x: f64) -> f64 {
        match self {
            Curve::Tape => {
                let s = 1.0 + x * x;
                1.0 / (s * s.sqrt())
            }
            Curve::Soft => {
                let t = tanh(x);
                1.0 - t * t
            }
            Curve::Transistor => {
                let s = 1.0 + x * x * x * x;
                1.0 / (s * s.sqrt().sqrt())
            }
            Curve::Hard => f64::from(u8::from(x.abs() <= 1.0)),
            Curve::Fold => math::cos(x),
        }
    }
}

#[inline(always)]
fn clip(x: f64) -> f64 {
    let x = if x > 1.0 { 1.0 } else { x };
    if x < -1.0 { -1.0 } else { x }
}

#[inline(always)]
fn tanh(x: f64) -> f64 {
    const E: f64 = 2.0 * std::f64::consts::LOG2_E;
    // beyond 20 it is 1 to the last bit
    let x = if x > 20.0 { 20.0 } else { x };
    let x = if x < -20.0 { -20.0 } else { x };
    let e = math::exp2(E * x);
    (e - 1.0) / (e + 1.0)
}

/// sin x, beyond ±10⁶ that of ±10⁶: the nearest multiple of π taken off, then the series to the 15th power (error below 1e-12).
#[inline(always)]
fn sine(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: adding it rounds to an integer
    let x = if x > 1e6 { 1e6 } else { x };
    let x = if x < -1e6 { -1e6 } else { x };
    let turns = x * std::f64::consts::FRAC_1_PI + ROUND;
    let sign = turns.to_bits() << 63;
    let r = x - (turns - ROUND) * std::f64::consts::PI;
    let z = r * r;
    const C: [f64; 8] = [
        1.0,
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5040.0,
        1.0 / 362_880.0,
        -1.0 / 39_916_800.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 1_307_674_368_000.0,
    ];
    let low = (C[0] + z * C[1]) + (z * z) * (C[2] + z * C[3]);
    let high = (C[4] + z * C[5]) + (z * z) * (C[6] + z * C[7]);
    let y = r * (low + (z * z) * (z * z) * high);
    f64::from_bits(y.to_bits() ^ sign)
}

/// A curve with its working point moved by `bias`, again through 0 with slope 1 there.
#[derive(Clone, Copy, Debug)]
pub struct Shaper {
    curve: Curve,
    bias: f64,
    rest: f64,
    scale: f64,
}

/// What the antiderivative form of [`Curve::Hard`] remembers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edge {
    pub last: f64,
    pub mean: f64,
}

impl Shaper {
    /// `bias` within ±1.3, for `Hard` within ±1 (exclusive).
    pub fn new(curve: Curve, bias: f64) -> Shaper {
        Shaper { curve, bias, rest: curve.value(bias), scale: 1.0 / curve.slope(bias) }
    }

    pub fn curve(&self) -> Curve {
        self.curve
    }

    pub fn is_odd(&self) -> bool {
        self.bias == 0.0
    }

    /// The shaped value of `x`.
    pub fn value(&self, x: f64) -> f64 {
        (self.curve.value(x + self.bias) - self.rest) * self.scale
    }

    /// Replaces every x by `gain` (f(`drive` x) / `drive` - x); for no drive by 0.
    #[inline]
    pub fn residual(&self, isa: Level, x: &mut [f64], drive: f64, gain: f64) {
        residual(isa, self, x, drive, back(drive, gain));
    }

    /// The same for the hard clip with antiderivative antialiasing (J. Parker, V. Zavalishin, E. Le Bivic, "Reducing the aliasing of nonlinear
    /// waveshaping using continuous-time convolution", DAFx-16), averaged over both neighbours: late by exactly one sample.
    pub fn hard_residual(&self, edge: &mut Edge, x: &mut [f64], drive: f64, gain: f64) {
        let back = back(drive, gain);
        // the antiderivative of clip(w) - w
        let area = |w: f64| {
            let over = w.abs() - 1.0;
            let over = if over > 0.0 { over } else { 0.0 };
            -0.5 * over * over
        };
        let Edge { mut last, mut mean } = *edge;
        let mut area_last = area(last + self.bias);
        for x in x {
            let v = drive * *x;
            let step = v - last;
            let area_now = area(v + self.bias);
            let middle = 0.5 * (v + last) + self.bias;
            let new = if step.abs() < 1e-6 { clip(middle) - middle } else { (area_now - area_last) / step };
            *x = back * (0.5 * (new + mean));
            (last, area_last, mean) = (v, area_now, new);
        }
        *edge = Edge { last, mean };
    }

    /// The gain that keeps the level (rms, without its constant part) of a sine of amplitude `a` driven by `drive`.
    pub fn makeup(&self, drive: f64, a: f64) -> f64 {
        if drive <= 0.0 {
            return 1.0;
        }
        const POINTS: usize = 256;
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..POINTS {
            let x = a * math::sin((i as f64 + 0.5) * (2.0 * std::f64::consts::PI / POINTS as f64));
            let y = self.value(drive * x) / drive;
            sum += y;
            squares += y * y;
        }
        let n = POINTS as f64;
        let rms = (squares / n - (sum / n) * (sum / n)).sqrt();
        a * std::f64::consts::FRAC_1_SQRT_2 / rms
    }
}

levels! {
    fn residual(shaper: &Shaper, x: &mut [f64], drive: f64, back: f64) = bent;
}

#[inline(always)]
fn bent(shaper: &Shaper, x: &mut [f64], drive: f64, back: f64) {
    // the choice stands outside the loop
    match shaper.curve {
        Curve::Soft if shaper.is_odd() => soften(x, drive, back),
        Curve::Tape => bend(Curve::Tape, *shaper, x, drive, back),
        Curve::Soft => bend(Curve::Soft, *shaper, x, drive, back),
        Curve::Transistor => bend(Curve::Transistor, *shaper, x, drive, back),
        Curve::Hard => bend(Curve::Hard, *shaper, x, drive, back),
        Curve::Fold => bend(Curve::Fold, *shaper, x, drive, back),
    }
}

#[inline(always)]
fn bend(curve: Curve, shaper: Shaper, x: &mut [f64], drive: f64, back: f64) {
    for x in x {
        let v = drive * *x;
        *x = back * ((curve.value(v + shaper.bias) - shaper.rest) * shaper.scale - v);
    }
}

/// `bend` for tanh in its middle. Sound that is not driven far is seldom loud enough for more than the cheaper of the two ways to the same.
#[inline(always)]
fn soften(x: &mut [f64], drive: f64, back: f64) {
    if drive > FAR {
        for x in x {
            let v = drive * *x;
            *x = back * (tanh(v) - v);
        }
    } else if drive * samples::largest(x) <= SMALL {
        x.iter_mut().for_each(|x| *x = back * tanh_less(drive * *x));
    } else {
        for x in x {
            let v = drive * *x;
            *x = back * if v.abs() <= SMALL { tanh_less(v) } else { tanh(v) - v };
        }
    }
}

/// From this drive on most sound is too loud for [`tanh_less`].
const FAR: f64 = 2.0;

/// How far [`tanh_less`] goes.
const SMALL: f64 = 1.0;

/// tanh v - v for |v| up to [`SMALL`]: v³ P(v²) of the 21st power, the one whose largest error is least (Remez' exchange): 1.3e-12.
#[inline(always)]
fn tanh_less(v: f64) -> f64 {
    const P: [f64; 10] = [
        -0.333_333_332_362_316_33,
        0.133_333_295_424_228_3,
        -0.053_967_697_487_089_504,
        0.021_865_232_658_337_842,
        -0.008_843_803_594_375_601,
        0.003_535_279_276_143_348,
        -0.001_345_121_604_278_633_2,
        0.000_443_697_758_572_217_35,
        -0.000_106_549_083_173_942_19,
        0.000_013_154_970_954_860_39,
    ];
    let u = v * v;
    let (u2, u4) = (u * u, (u * u) * (u * u));
    let low = (P[0] + u * P[1]) + u2 * (P[2] + u * P[3]);
    let middle = (P[4] + u * P[5]) + u2 * (P[6] + u * P[7]);
    (v * u) * (low + u4 * (middle + u4 * (P[8] + u * P[9])))
}

#[inline(always)]
fn back(drive: f64, gain: f64) -> f64 {
    if drive > 1e-12 { gain / drive } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheap_functions_are_exact_and_odd() {
        for i in 0..4000 {
            let x = f64::from(i) * 0.021;
            assert!((tanh(x) - math::tanh(x)).abs() < 1e-11, "tanh {x}");
            assert!(x > SMALL || (tanh_less(x) - (math::tanh(x) - x)).abs() < 1e-11, "tanh {x}");
            assert!((sine(x) - math::sin(x)).abs() < 1e-11, "sin {x}");
            for curve in [Curve::Tape, Curve::Soft, Curve::Transistor, Curve::Hard, Curve::Fold] {
                assert!((curve.value(x) + curve.value(-x)).abs() < 1e-11, "{curve:?} {x}");
            }
        }
    }

    #[test]
    fn what_is_added_is_what_the_curve_says_at_every_level_alike() {
        let input: Vec<f64> = (0..500).map(|i| math::sin(f64::from(i) * 0.7) * f64::from(i) * 0.004).collect();
        for curve in [Curve::Tape, Curve::Soft, Curve::Transistor, Curve::Hard, Curve::Fold] {
            for (bias, drive) in [(0.0, 0.3), (0.0, 1.5), (0.0, 7.0), (0.35, 1.5)] {
                let shaper = Shaper::new(curve, bias);
                let bent = |isa: Level| {
                    let mut x = input.clone();
                    // in the pieces of a cell, some of them loud
                    x.chunks_mut(128).for_each(|x| shaper.residual(isa, x, drive, 0.9));
                    x
                };
                let plain = bent(Level::all()[0]);
                assert!(Level::all().into_iter().all(|isa| bent(isa) == plain), "{curve:?} {bias} {drive}");
                for (x, added) in input.iter().zip(plain) {
                    let exact = 0.9 * (shaper.value(drive * x) / drive - x);
                    assert!((added - exact).abs() < 1e-10, "{curve:?} {bias} {drive}: {x}");
                }
            }
        }
    }

    #[test]
    fn a_biased_curve_still_rests_at_zero_with_unit_slope() {
        for curve in [Curve::Tape, Curve::Soft, Curve::Transistor, Curve::Hard, Curve::Fold] {
            for bias in [-0.5, 0.0, 0.35, 0.9] {
                let shaper = Shaper::new(curve, bias);
                assert_eq!(shaper.value(0.0), 0.0);
                let slope = (shaper.value(1e-5) - shaper.value(-1e-5)) / 2e-5;
                assert!((slope - 1.0).abs() < 1e-6, "{curve:?} {bias}: {slope}");
            }
        }
    }
}
