//! Filters of linear phase: a finite impulse response, symmetric about its middle, designed by sampling the amplitude that it is to have in
//! frequency (A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 7) and by a Kaiser window that is flat in the middle.
//!
//! A window smooths the curve. What it takes away can be given back, by adding the error to what is asked for and windowing again (J. W. Tukey's
//! "twicing", "Exploratory Data Analysis", 1977); done over and over it is the window 1 - (1 - w)^k at once. At 48 kHz a bell of 12 dB and
//! q 10 at 1 kHz is right to -132 dB with k = 8, where the Kaiser window itself (k = 1) misses by -44 dB.

use super::fft::Fft;
use super::kaiser::Kaiser;
use crate::units::Rate;

/// The Kaiser window's shape: 100 dB down beside what it smooths.
const BETA: f64 = 10.0;
/// How often what it takes away is given back: doubled so many times.
const DOUBLINGS: usize = 3;

/// How late the middle is, in frames: 8192 up to 50 kHz (171 ms at 48 kHz) and twice as many for each doubling of the rate. The response has
/// twice that length; details of the curve narrower than some 3 Hz are lost.
pub fn half(rate: Rate) -> usize {
    8192 * (rate.get().div_ceil(50_000) as usize).next_power_of_two()
}

/// Designs responses of 2 `half` taps.
pub struct Designer {
    fft: Fft,
    half: usize,
    /// From the middle to the end; divided by the transform's length.
    window: Vec<f64>,
    re: Vec<f64>,
    im: Vec<f64>,
    places: Vec<usize>,
}

impl Designer {
    pub fn new(half: usize) -> Designer {
        // twice as dense as the response is long: what is longer folds back far behind its ends
        let length = 4 * half;
        let (fft, kaiser) = (Fft::new(length), Kaiser::new(BETA));
        let flat = |w: f64| (0..DOUBLINGS).fold(w, |w, _| w * (2.0 - w));
        let window = (0..half).map(|i| flat(kaiser.at(i as f64 / half as f64)) / length as f64).collect();
        let places = (0..length).map(|bin| fft.place(bin)).collect();
        Designer { fft, half, window, re: vec![0.0; length], im: vec![0.0; length], places }
    }

    /// How many amplitudes a design takes: at the frequencies `i` / (2 (`points` - 1)) of the rate, from 0 Hz to the Nyquist frequency.
    pub fn points(&self) -> usize {
        self.places.len() / 2 + 1
    }

    /// From the amplitudes, real factors, to the taps: 2 `half` of them, tap `half` in the middle and tap 0 nothing.
    pub fn taps(&mut self, amplitudes: &[f64], taps: &mut [f64]) {
        let (length, half) = (self.places.len(), self.half);
        for (bin, amplitude) in amplitudes.iter().enumerate() {
            self.re[self.places[bin]] = *amplitude;
            self.re[self.places[(length - bin) % length]] = *amplitude;
        }
        self.im.fill(0.0);
        self.fft.inverse(&mut self.re, &mut self.im);
        taps[0] = 0.0;
        for (i, w) in self.window.iter().enumerate() {
            let tap = self.re[i] * w;
            (taps[half - i], taps[(half + i).min(2 * half - 1)]) = (tap, tap);
        }
    }
}

/// The amplitude of a response of linear phase at `turns` of the rate (0 to 0.5): a real factor, without the delay of its middle.
pub fn amplitude(taps: &[f64], turns: f64) -> f64 {
    let half = taps.len() / 2;
    let (sin, cos) = crate::audio::math::sincos(std::f64::consts::TAU * turns);
    let (mut re, mut im, mut sum) = (1.0, 0.0, 0.0);
    for tap in &taps[half + 1..] {
        (re, im) = (re * cos - im * sin, re * sin + im * cos);
        sum += tap * re;
    }
    taps[half] + 2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::math;

    /// A bell of 12 dB at `place` of the Nyquist frequency, in its analogue form.
    fn bell(x: f64, place: f64, q: f64) -> f64 {
        let v = x / place;
        let power = |r: f64| (1.0 - v * v) * (1.0 - v * v) + r * r * v * v;
        (power(2.0 / q) / power(0.5 / q)).sqrt()
    }

    #[test]
    fn the_response_is_the_curve_and_symmetric() {
        let mut designer = Designer::new(8192);
        let last = (designer.points() - 1) as f64;
        for (place, q, within) in [(0.04, 10.0, 3e-7), (0.3, 1.0, 1e-7), (0.0025, 1.0, 2e-4)] {
            let curve: Vec<f64> = (0..designer.points()).map(|i| bell(i as f64 / last, place, q)).collect();
            let mut taps = vec![f64::NAN; 16_384];
            designer.taps(&curve, &mut taps);
            assert_eq!(taps[0], 0.0);
            assert!((1..8192).all(|i| taps[8192 - i] == taps[8192 + i]));
            for i in 0..400 {
                let x = 1.1e-3 * math::pow(900.0, f64::from(i) / 400.0);
                let error = amplitude(&taps, 0.5 * x) / bell(x, place, q) - 1.0;
                assert!(error.abs() < within, "{place} q {q}: {error:e} at {x}");
            }
        }
    }

    #[test]
    fn a_flat_curve_is_one_tap() {
        let mut designer = Designer::new(8192);
        let mut taps = vec![f64::NAN; 16_384];
        designer.taps(&vec![1.0; designer.points()], &mut taps);
        assert_eq!(taps[8192], 1.0);
        assert!(taps.iter().enumerate().all(|(i, tap)| i == 8192 || tap.abs() < 1e-16));
    }

    #[test]
    fn the_length_follows_the_rate() {
        let lengths = [22_050, 44_100, 48_000, 88_200, 96_000, 192_000].map(|hz| Rate::new(hz).map(half));
        assert_eq!(lengths, [8192, 8192, 8192, 16_384, 16_384, 32_768].map(Some));
    }
}
