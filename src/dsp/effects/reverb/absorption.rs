//! What each line takes from a sound that passes it, so that every frequency decays in its own time
//! (J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial reverberators", 90th AES Convention, 1991):
//! a line of m frames loses 60 m / (rate T60) dB.
//!
//! Per line a gain for the decay, a first-order shelf around 250 Hz for the lows and a one-pole low-pass for the highs. The low-pass loses
//! at `damp` exactly as much again as the gain, so the decay is halved there; its loss grows with the square of the frequency, as air's
//! does: T60(f) is about decay / (1 + (f / damp)²) well below half the rate.

use std::f64::consts::PI;

use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::dsp::parts::cell::CELL;
use crate::dsp::parts::hadamard::{Exchange, LINES};

/// Where the shelf of the lows turns, in Hz.
const LOW: f64 = 250.0;

/// The decay that is asked for: T60 in s between the lows and `damp`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decay {
    pub t60: f64,
    /// Where T60 is half, in Hz.
    pub damp: f64,
    /// T60 towards 0 Hz against `t60`.
    pub low: f64,
}

/// Four by four lines of a cell: in each four of them line beside line, frame after frame.
pub(super) type Quads = [[[f64; 4]; CELL]; LINES / 4];

#[derive(Clone, Debug)]
pub(super) struct Absorption {
    #[cfg(test)]
    lengths: [f64; LINES],
    rate: f64,
    /// The pole of the shelf's low-pass, alike for all lines, and how much of the lows is added.
    low_pole: f64,
    low_more: [f64; LINES],
    /// Pole and gain of the high damping; the gain contains the line's.
    pole: [f64; LINES],
    gain: [f64; LINES],
    /// The gain with the scale of the mix.
    scaled: [f64; LINES],
    lows: [f64; LINES],
    highs: [f64; LINES],
}

impl Absorption {
    pub(super) fn new(decay: &Decay, lengths: &[usize; LINES], rate: f64) -> Absorption {
        let lengths = lengths.map(|m| m as f64);
        let loss = |m: f64, t60: f64| 60.0 * m / (rate * t60);
        let amplitude = |db: f64| math::pow(10.0, -db / 20.0);
        let cosine = math::cos(2.0 * PI * (decay.damp / rate).min(0.49));
        let pole = lengths.map(|m| {
            // |(1 - p) / (1 - p z⁻¹)|² = 1 / again at damp, solved for p
            let again = math::pow(10.0, loss(m, decay.t60) / 10.0);
            (again - 1.0) / ((again - cosine) + ((1.0 - cosine) * (2.0 * again - 1.0 - cosine)).sqrt())
        });
        let gain = std::array::from_fn(|i| (1.0 - pole[i]) * amplitude(loss(lengths[i], decay.t60)));
        Absorption {
            #[cfg(test)]
            lengths,
            rate,
            low_pole: math::exp(-2.0 * PI * LOW / rate),
            low_more: lengths.map(|m| amplitude(loss(m, decay.t60 * decay.low) - loss(m, decay.t60)) - 1.0),
            gain,
            scaled: gain.map(|gain| gain * Exchange::FULL.scale),
            pole,
            lows: [0.0; LINES],
            highs: [0.0; LINES],
        }
    }

    /// The first `frames` of a cell of four by four lines, line beside line, each absorbed, and scaled by 1/4 for the mix that follows.
    #[inline(always)]
    pub(super) fn run(&mut self, quads: &mut Quads, frames: usize) {
        let (pole, gain, mut highs) = (self.pole, self.scaled, self.highs);
        if self.low_more == [0.0; LINES] {
            for n in 0..frames.min(CELL) {
                for g in 0..4 {
                    let x = &mut quads[g][n];
                    for k in 0..4 {
                        let i = 4 * g + k;
                        highs[i] = pole[i] * highs[i] + gain[i] * x[k];
                        x[k] = highs[i];
                    }
                }
            }
        } else {
            let (keep, take, more) = (self.low_pole, 1.0 - self.low_pole, self.low_more);
            let mut lows = self.lows;
            for n in 0..frames.min(CELL) {
                for g in 0..4 {
                    let x = &mut quads[g][n];
                    for k in 0..4 {
                        let i = 4 * g + k;
                        lows[i] = keep * lows[i] + take * x[k];
                        highs[i] = pole[i] * highs[i] + gain[i] * (x[k] + more[i] * lows[i]);
                        x[k] = highs[i];
                    }
                }
            }
            self.lows = lows;
        }
        self.highs = highs;
    }

    /// The power that is left of a frequency after one pass of line `i`.
    fn power(&self, i: usize, hz: f64) -> f64 {
        let (s, c) = math::sincos(2.0 * PI * hz / self.rate);
        let one_pole = |p: f64| 1.0 - 2.0 * p * c + p * p;
        // 1 + k (1 - p) / (1 - p z⁻¹), over its own denominator
        let (p, k) = (self.low_pole, self.low_more[i] * (1.0 - self.low_pole));
        let (re, im) = (1.0 - p * c + k, p * s);
        (re * re + im * im) / one_pole(p) * self.gain[i] * self.gain[i] / one_pole(self.pole[i])
    }

    /// The power left after one pass, on the average over the lines.
    pub(super) fn remainder(&self, hz: f64) -> f64 {
        (0..LINES).map(|i| self.power(i, hz)).sum::<f64>() / LINES as f64
    }

    /// The decay as designed: T60 in s at a frequency, from the losses of all lines together.
    #[cfg(test)]
    pub(super) fn t60(&self, hz: f64) -> f64 {
        let loss: f64 = (0..LINES).map(|i| -10.0 * math::log10(self.power(i, hz))).sum();
        60.0 * self.lengths.iter().sum::<f64>() / (self.rate * loss)
    }

    pub(super) fn flush(&mut self) {
        self.lows.iter_mut().chain(&mut self.highs).for_each(|x| *x = math::flush(*x));
    }

    pub(super) fn clear(&mut self) {
        self.lows = [0.0; LINES];
        self.highs = [0.0; LINES];
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        into.all(&self.lows);
        into.all(&self.highs);
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        from.all(&mut self.lows)?;
        from.all(&mut self.highs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; LINES] =
        [1511, 1627, 1801, 1933, 2089, 2243, 2411, 2609, 2801, 3011, 3253, 3491, 3767, 4057, 4363, 4691];

    #[test]
    fn the_decay_is_halved_at_damp_and_scaled_in_the_lows() {
        for damp in [500.0, 6e3, 20e3] {
            let absorption = Absorption::new(&Decay { t60: 2.0, damp, low: 1.0 }, &LENGTHS, 48e3);
            assert!((absorption.t60(damp) - 1.0).abs() < 1e-9);
            assert!((absorption.t60(1.0) - 2.0).abs() < 1e-3);
            assert!(damp > 8e3 || (absorption.t60(damp / 2.0) - 1.6).abs() < 0.08);
        }
        for low in [0.5, 2.0] {
            let absorption = Absorption::new(&Decay { t60: 2.0, damp: 20e3, low }, &LENGTHS, 48e3);
            assert!((absorption.t60(1.0) - 2.0 * low).abs() < 0.01);
            let plain = Absorption::new(&Decay { t60: 2.0, damp: 20e3, low: 1.0 }, &LENGTHS, 48e3);
            assert!((absorption.t60(3e3) / plain.t60(3e3) - 1.0).abs() < 0.02);
        }
    }
}
