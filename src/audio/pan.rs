use serde::{Deserialize, Serialize};

use super::math;

/// How loud each side is while a mono strip is panned. Named by the level of both sides at the centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PanLaw {
    /// Constant power: cos, sin. Centre -3.01 dB.
    #[default]
    Minus3,
    /// Between the two: √(cos · linear). Centre -4.52 dB.
    Minus4_5,
    /// Linear, mono-safe: left + right is always 1. Centre -6.02 dB.
    Minus6,
    /// Balance: the near side at unity, the far side as in [`balance`](PanLaw::balance). Centre 0 dB.
    Zero,
}

impl PanLaw {
    /// As written in a script, in decibels.
    pub const WRITTEN: [(f64, PanLaw); 4] =
        [(-3.0, PanLaw::Minus3), (-4.5, PanLaw::Minus4_5), (-6.0, PanLaw::Minus6), (0.0, PanLaw::Zero)];

    /// The gains (left, right) of a mono signal at `position`, -1 left to 1 right.
    pub fn gains(self, position: f64) -> (f64, f64) {
        let position = position.clamp(-1.0, 1.0);
        let p = (position + 1.0) * 0.5;
        let (sin, cos) =
            (math::sin(p * std::f64::consts::FRAC_PI_2), math::sin((1.0 - p) * std::f64::consts::FRAC_PI_2));
        match self {
            PanLaw::Minus3 => (cos, sin),
            PanLaw::Minus4_5 => ((cos * (1.0 - p)).sqrt(), (sin * p).sqrt()),
            PanLaw::Minus6 => (1.0 - p, p),
            PanLaw::Zero => PanLaw::balance(position),
        }
    }

    /// The gains (left, right) of a stereo signal: the near side stays at unity, the far side falls by cos(|p| π/2).
    pub fn balance(position: f64) -> (f64, f64) {
        let position = position.clamp(-1.0, 1.0);
        // sin of the complement: exactly 1 at the centre and exactly 0 at the end
        let far = math::sin((1.0 - position.abs()) * std::f64::consts::FRAC_PI_2);
        if position > 0.0 { (far, 1.0) } else { (1.0, far) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laws_keep_power_or_sum_and_meet_their_centres() {
        for step in 0..=200 {
            let position = f64::from(step) / 100.0 - 1.0;
            let (l, r) = PanLaw::Minus3.gains(position);
            assert!((l * l + r * r - 1.0).abs() < 1e-12);
            let (l, r) = PanLaw::Minus6.gains(position);
            assert!((l + r - 1.0).abs() < 1e-12);
        }
        for (law, centre) in
            [(PanLaw::Minus3, -3.0103), (PanLaw::Minus4_5, -4.5154), (PanLaw::Minus6, -6.0206), (PanLaw::Zero, 0.0)]
        {
            let (l, r) = law.gains(0.0);
            assert_eq!(l, r);
            assert!((20.0 * libm::log10(l) - centre).abs() < 1e-4, "{law:?}");
            assert_eq!(law.gains(-1.0), (1.0, 0.0));
            assert_eq!(law.gains(1.0), (0.0, 1.0));
        }
        assert_eq!(PanLaw::balance(0.0), (1.0, 1.0));
    }
}
