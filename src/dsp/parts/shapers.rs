//! Memoryless curves of unit slope at 0, as what they add to the straight line: the straight part of a sound never leaves its way.

mod edge;
mod odd;

use crate::audio::isa::{Level, levels};
use crate::audio::math;

use super::oversample::{REST, Samples};
pub use edge::Edge;

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

    /// Replaces every x by `gain` (f(`drive` x) / `drive` - x); for no drive by 0. `bends`: one for each x, or one for all.
    #[inline]
    pub fn residual(&self, isa: Level, x: &mut [f32], bends: &[Bend]) {
        match bends {
            [bend] => residual(isa, self, x, *bend),
            _ => moving_residual(isa, self, x, bends),
        }
    }

    /// The same for all samples of a cell by the antiderivative of the hard clip, later by one sample.
    pub fn hard_residual(&self, isa: Level, edge: &mut Edge, samples: &mut Samples<'_>, bends: &[Bend]) {
        edge.shape(isa, self.bias, samples, bends);
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

/// How far sound is driven into a curve.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bend {
    drive: f64,
    /// What brings it back to its level.
    back: f64,
}

impl Bend {
    /// With the gain that makes up for the drive.
    pub fn new(drive: f64, gain: f64) -> Bend {
        // f32 holds the drive exactly, so that it comes back by as much
        let drive = f64::from(drive as f32);
        Bend { drive, back: if drive > 1e-12 { gain / drive } else { 0.0 } }
    }
}

levels! {
    fn residual(shaper: &Shaper, x: &mut [f32], bend: Bend) = bent;
    fn moving_residual(shaper: &Shaper, x: &mut [f32], bends: &[Bend]) = bent_moving;
}

#[inline(always)]
fn bent(shaper: &Shaper, x: &mut [f32], bend: Bend) {
    let drive = bend.drive as f32;
    if shaper.curve == Curve::Soft && shaper.is_odd() {
        // sound that is not driven far is seldom loud enough for more than the cheaper of the two ways to the same
        if drive > FAR {
            odd_bend(x, std::iter::repeat(&bend), |_, v| odd::soft(v));
            return;
        }
        if drive * odd::largest(x) <= odd::SMALL {
            odd_bend(x, std::iter::repeat(&bend), |_, v| odd::soft_less(v));
            return;
        }
    }
    bent_by(shaper, x, std::iter::repeat(&bend));
}

#[inline(always)]
fn bent_moving(shaper: &Shaper, x: &mut [f32], bends: &[Bend]) {
    bent_by(shaper, x, bends.iter());
}

#[inline(always)]
fn bent_by<'a>(shaper: &Shaper, x: &mut [f32], bends: impl Iterator<Item = &'a Bend>) {
    // the choice stands outside the loop
    match (shaper.curve, shaper.is_odd()) {
        (Curve::Tape, true) => odd_bend(x, bends, |_, v| odd::tape(v)),
        (Curve::Soft, true) => {
            let near = |drive, v: f32| drive <= FAR && v.abs() <= odd::SMALL;
            odd_bend(x, bends, |drive, v| if near(drive, v) { odd::soft_less(v) } else { odd::soft(v) });
        }
        (Curve::Transistor, true) => odd_bend(x, bends, |_, v| odd::transistor(v)),
        (Curve::Hard, true) => odd_bend(x, bends, |_, v| odd::hard(v)),
        (Curve::Fold, true) => odd_bend(x, bends, |_, v| odd::fold(v)),
        (Curve::Tape, _) => biased_bend(Curve::Tape, shaper, x, bends),
        (Curve::Soft, _) => biased_bend(Curve::Soft, shaper, x, bends),
        (Curve::Transistor, _) => biased_bend(Curve::Transistor, shaper, x, bends),
        (Curve::Hard, _) => biased_bend(Curve::Hard, shaper, x, bends),
        (Curve::Fold, _) => biased_bend(Curve::Fold, shaper, x, bends),
    }
}

/// `residual`: of a drive and what was driven by it.
#[inline(always)]
fn odd_bend<'a>(x: &mut [f32], bends: impl Iterator<Item = &'a Bend>, residual: impl Fn(f32, f32) -> f32) {
    for (x, bend) in x.iter_mut().zip(bends) {
        let drive = bend.drive as f32;
        *x = bend.back as f32 * residual(drive, drive * *x);
    }
}

/// In f64: where little is driven into a curve away from its middle, what is added is the small difference of values that are not.
#[inline(always)]
fn biased_bend<'a>(curve: Curve, shaper: &Shaper, x: &mut [f32], bends: impl Iterator<Item = &'a Bend>) {
    for (x, bend) in x.iter_mut().zip(bends) {
        let v = bend.drive * f64::from(*x);
        *x = to_single(bend.back * ((curve.value(v + shaper.bias) - shaper.rest) * shaper.scale - v));
    }
}

/// To f32, which is never subnormal.
#[inline(always)]
fn to_single(x: f64) -> f32 {
    if x.abs() < f64::from(REST) { 0.0 } else { x as f32 }
}

/// From this drive on most sound is too loud for the cheaper way.
const FAR: f32 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheap_functions_are_exact_and_odd() {
        for i in 0..4000 {
            let x = f64::from(i) * 0.021;
            assert!((tanh(x) - math::tanh(x)).abs() < 1e-11, "tanh {x}");
            assert!((sine(x) - math::sin(x)).abs() < 1e-11, "sin {x}");
            for curve in [Curve::Tape, Curve::Soft, Curve::Transistor, Curve::Hard, Curve::Fold] {
                assert!((curve.value(x) + curve.value(-x)).abs() < 1e-11, "{curve:?} {x}");
            }
        }
    }

    #[test]
    fn what_is_added_is_what_the_curve_says_at_every_level_alike() {
        let input: Vec<f32> = (0..500).map(|i| (math::sin(f64::from(i) * 0.7) * f64::from(i) * 0.004) as f32).collect();
        for curve in [Curve::Tape, Curve::Soft, Curve::Transistor, Curve::Hard, Curve::Fold] {
            for (bias, drive) in [
                (0.0, 0.001),
                (0.0, 0.3),
                (0.0, 1.5),
                (0.0, 7.0),
                (0.0, 60.0),
                (0.35, 0.001),
                (0.35, 1.5),
                (-0.5, 7.0),
                (0.9, 1.5),
            ] {
                let shaper = Shaper::new(curve, bias);
                let bend = Bend::new(drive, 0.9);
                let bent = |isa: Level, bends: &[Bend]| {
                    let mut x = input.clone();
                    // in pieces, some of them loud
                    x.chunks_mut(100).for_each(|x| shaper.residual(isa, x, &bends[..bends.len().min(x.len())]));
                    x
                };
                let plain = bent(Level::all()[0], &[bend]);
                for isa in Level::all() {
                    assert!(bent(isa, &[bend]) == plain, "{curve:?} {bias} {drive}");
                    assert!(bent(isa, &[bend; 100]) == plain, "{curve:?} {bias} {drive}, moving");
                }
                for (x, added) in input.iter().zip(plain) {
                    let x = f64::from(*x);
                    let exact = 0.9 * (shaper.value(drive * x) / drive - x);
                    // what has no bias is as exact where it is quiet, but for the reference's own error
                    let most = if bias == 0.0 { 4e-7 * x.abs() + 1e-11 / drive } else { 4e-7 };
                    assert!((f64::from(added) - exact).abs() < most, "{curve:?} {bias} {drive}: {x} {added} {exact}");
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
