//! K-weighting (BS.1770-5, Annex 1): a shelf for the head and a cut of the bass, at any rate.
//!
//! The standard gives coefficients at 48 kHz only, and asks for the same response at other rates. The analogue filters behind them, as libebur128
//! found them, are brought to each rate by the bilinear transform, which gives the standard's own figures at 48 kHz. There the cut is a little
//! louder than its analogue (its numerator is 1 -2 1): so it is here at every rate. libebur128 and ffmpeg keep that numerator instead, and read
//! 0.02 dB less at 96 kHz, 0.03 at 192 kHz.

use std::f64::consts::PI;

use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::units::Rate;

/// The two filters at one rate.
#[derive(Clone, Debug)]
pub(super) struct Weighting {
    /// b0 b1 b2 a1 a2.
    shelf: [f64; 5],
    /// a1 a2; b is 1 -2 1.
    cut: [f64; 2],
    /// What the squares still lack.
    gain: f64,
}

impl Weighting {
    pub(super) fn new(rate: Rate) -> Weighting {
        let k = math::tan(PI * 1681.974450955533 / rate.hz());
        let (q, high) = (0.7071752369554196, math::pow(10.0, 3.999843853973347 / 20.0));
        let middle = math::pow(high, 0.4996667741545416);
        let norm = 1.0 + k / q + k * k;
        let shelf = [
            (high + middle * k / q + k * k) / norm,
            2.0 * (k * k - high) / norm,
            (high - middle * k / q + k * k) / norm,
            2.0 * (k * k - 1.0) / norm,
            (1.0 - k / q + k * k) / norm,
        ];
        let q = 0.5003270373238773;
        let cut = |rate: Rate| {
            let k = math::tan(PI * 38.13547087602444 / rate.hz());
            (k, 1.0 + k / q + k * k)
        };
        let ((k, norm), (_, standard)) = (cut(rate), cut(Rate::STUDIO));
        let gain = standard / norm;
        let cut = [2.0 * (k * k - 1.0) / norm, (1.0 - k / q + k * k) / norm];
        Weighting { shelf, cut, gain: gain * gain }
    }
}

/// The filters' state for two channels side by side (direct form II).
#[derive(Clone, Debug, Default)]
pub(super) struct Pair {
    shelf: [[f64; 2]; 2],
    cut: [[f64; 2]; 2],
}

/// Sums of squares of K-weighted samples: of each channel, and of both channels' sum. The filters being linear, the last is what the sum's own
/// would be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Energy {
    pub(super) each: [f64; 2],
    pub(super) both: f64,
}

impl Pair {
    /// Two channels of the same length; one alone is given twice. Its states are taken as zero when they have died away, so that they never
    /// become subnormal: the answer depends on where a call ends, so calls are always hops.
    pub(super) fn run(&mut self, by: &Weighting, a: &[f64], b: &[f64]) -> Energy {
        let [b0, b1, b2, a1, a2] = by.shelf;
        let [c1, c2] = by.cut;
        let ([mut u1, mut u2], [mut v1, mut v2]) = (self.shelf, self.cut);
        let (mut each, mut both) = ([0.0; 2], 0.0);
        for (a, b) in a.iter().zip(b) {
            let x = [*a, *b];
            let mut y = [0.0; 2];
            for i in 0..2 {
                let u = (x[i] - a2 * u2[i]) - a1 * u1[i];
                let w = (b2 * u2[i] + b1 * u1[i]) + b0 * u;
                (u2[i], u1[i]) = (u1[i], u);
                let v = (w - c2 * v2[i]) - c1 * v1[i];
                y[i] = (v - v1[i]) - (v1[i] - v2[i]);
                (v2[i], v1[i]) = (v1[i], v);
                each[i] += y[i] * y[i];
            }
            let sum = y[0] + y[1];
            both += sum * sum;
        }
        self.shelf = [u1, u2].map(|lanes| lanes.map(math::flush));
        self.cut = [v1, v2].map(|lanes| lanes.map(math::flush));
        Energy { each: each.map(|energy| energy * by.gain), both: both * by.gain }
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        [self.shelf, self.cut].iter().flatten().for_each(|lanes| into.all(lanes));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        [&mut self.shelf, &mut self.cut].into_iter().flatten().try_for_each(|lanes| from.all(lanes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hz: u32) -> Weighting {
        Weighting::new(Rate::new(hz).unwrap())
    }

    /// At 48 kHz the standard's own tables 1 and 2; the others come from the same formulas in another program.
    #[test]
    fn the_coefficients_are_the_standards() {
        for (hz, shelf, cut) in [
            (
                48_000,
                [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
                [-1.99004745483398, 0.99007225036621],
            ),
            (
                44_100,
                [1.53084123005035, -2.65097999515473, 1.16907907992159, -1.66365511325602, 0.71259542807323],
                [-1.98916967362980, 0.98919903578704],
            ),
            (
                88_200,
                [1.55751537557965, -2.90562707992635, 1.36133397747221, -1.83091998796233, 0.84414226108785],
                [-1.99457751545034, 0.99458487587805],
            ),
            (
                96_000,
                [1.55971422897580, -2.92674157825108, 1.37826120231582, -1.84460946989011, 0.85584332293064],
                [-1.99501754472472, 0.99502375904092],
            ),
            (
                192_000,
                [1.57222721509128, -3.04728305156155, 1.47797134097961, -1.92220223060749, 0.92511773511683],
                [-1.99750722284070, 0.99750877835551],
            ),
        ] {
            let ours = at(hz);
            for (ours, wanted) in ours.shelf.iter().chain(&ours.cut).zip(shelf.iter().chain(&cut)) {
                assert!((ours - wanted).abs() < 1e-13, "{hz}: {ours} is not {wanted}");
            }
        }
    }

    /// In dB at `hertz`, on the unit circle.
    fn gain(by: &Weighting, rate: f64, hertz: f64) -> f64 {
        let power = |b: [f64; 3]| {
            let (mut re, mut im) = (0.0, 0.0);
            for (k, b) in b.into_iter().enumerate() {
                let (s, c) = math::sincos(2.0 * PI * hertz / rate * k as f64);
                (re, im) = (re + b * c, im - b * s);
            }
            re * re + im * im
        };
        let [b0, b1, b2, a1, a2] = by.shelf;
        let shelf = power([b0, b1, b2]) / power([1.0, a1, a2]);
        10.0 * math::log10(by.gain * shelf * power([1.0, -2.0, 1.0]) / power([1.0, by.cut[0], by.cut[1]]))
    }

    #[test]
    fn every_rate_weighs_alike() {
        for hz in [44_100, 88_200, 96_000, 176_400, 192_000, 384_000] {
            for step in 0..=300 {
                let hertz = 20.0 * math::pow(1000.0, f64::from(step) / 300.0);
                let off = gain(&at(hz), f64::from(hz), hertz) - gain(&at(48_000), 48e3, hertz);
                assert!(off.abs() < 0.02, "{hz} at {hertz} Hz: {off} dB");
            }
        }
        // a full-scale sine of 997 Hz in one channel is to read -3.01 LKFS: half its power, and 0.691 dB for the filters
        let off = gain(&at(48_000), 48e3, 997.0) - 0.691;
        assert!(off.abs() < 0.005, "{off} dB");
    }

    #[test]
    fn the_filters_are_those_of_the_formula() {
        let by = at(48_000);
        for hertz in [31.5, 100.0, 997.0, 4000.0, 15_000.0] {
            let sine = |n: usize| math::sin(2.0 * PI * hertz / 48e3 * n as f64);
            let x: Vec<f64> = (0..96_000).map(sine).collect();
            let mut pair = Pair::default();
            pair.run(&by, &x[..48_000], &x[..48_000]);
            let energy = pair.run(&by, &x[48_000..], &x[48_000..]);
            let read = 10.0 * math::log10(energy.each[0] / 24_000.0);
            assert!((read - gain(&by, 48e3, hertz)).abs() < 1e-3, "{hertz} Hz: {read}");
            assert_eq!(energy.each[0], energy.each[1]);
            assert!((energy.both / energy.each[0] - 4.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_cancels_cancels_exactly_and_silence_comes_to_rest() {
        let by = at(44_100);
        let x: Vec<f64> = (0..441).map(|n| math::sin(f64::from(n * n) * 0.01)).collect();
        let against: Vec<f64> = x.iter().map(|x| -x).collect();
        let mut pair = Pair::default();
        let energy = pair.run(&by, &x, &against);
        assert!(energy.both == 0.0 && energy.each[0] == energy.each[1] && energy.each[0] > 0.0);
        let silence = [0.0; 441];
        let mut last = energy;
        for _ in 0..300 {
            last = pair.run(&by, &silence, &silence);
        }
        assert_eq!(last, Energy::default());
    }
}
