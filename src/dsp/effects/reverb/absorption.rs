//! What each line takes from a sound that passes it, so that every frequency decays in its own time
//! (J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial reverberators", 90th AES Convention, 1991):
//! a line of m frames loses 60 m / (rate T60) dB.
//!
//! Per line a gain for the decay, a first-order shelf around 250 Hz for the lows and a one-pole low-pass for the highs. The low-pass loses
//! at `damp` exactly as much again as the gain, so the decay is halved there; its loss grows with the square of the frequency, as air's
//! does: T60(f) is about decay / (1 + (f / damp)²) well below half the rate.

use std::f64::consts::PI;

use super::poles::{BACK, Poles, Reach, STEP, Stretch, pass};
use crate::audio::{OnLine, StateError, StateReader, StateWriter, math};
use crate::dsp::parts::cell::CELL;
use crate::dsp::parts::hadamard::{Exchange, LINES};
use crate::dsp::parts::single::Singles;

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

#[derive(Clone, Debug)]
pub(super) struct Absorption {
    #[cfg(test)]
    lengths: [f64; LINES],
    rate: f64,
    /// The pole of the shelf's low-pass, alike for all lines, and how much of the lows is added.
    pub(super) low_pole: f64,
    pub(super) low_more: [f64; LINES],
    /// Pole and gain of the high damping; the gain contains the line's.
    pub(super) pole: [f64; LINES],
    pub(super) gain: [f64; LINES],
    /// The damping, with the scale of the mix.
    highs: Poles,
    /// Where the lows decay in a time of their own.
    shelf: Option<Shelf>,
}

/// What is added of the lows, and the sum.
#[derive(Clone, Debug)]
struct Shelf {
    lows: Poles,
    sum: Box<OnLine<[Stretch; LINES]>>,
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
        let low_pole = math::exp(-2.0 * PI * LOW / rate);
        let low_more = lengths.map(|m| amplitude(loss(m, decay.t60 * decay.low) - loss(m, decay.t60)) - 1.0);
        Absorption {
            #[cfg(test)]
            lengths,
            rate,
            low_pole,
            low_more,
            highs: Poles::new(pole, gain.map(|gain| gain * Exchange::FULL.scale)),
            shelf: (low_more != [0.0; LINES]).then(|| Shelf {
                lows: Poles::new([low_pole; LINES], low_more.map(|more| more * (1.0 - low_pole))),
                sum: Box::new(OnLine([[0.0; STEP + CELL]; LINES])),
            }),
            pole,
            gain,
        }
    }

    /// A cell of all lines, absorbed, and scaled by 1/4 for the mix that follows: to be read by [`line`](Absorption::line), and then to be
    /// [kept](Absorption::keep).
    #[inline(always)]
    pub(super) fn run(&mut self, sound: &[&Reach; LINES]) {
        if let Some(Shelf { lows, sum }) = &mut self.shelf {
            for i in 0..LINES {
                lows.begin(i, sound[i]);
            }
            for i in 0..LINES {
                lows.end(i);
                add(sound[i], lows.cell(i), &mut sum.0[i]);
            }
            for i in 0..LINES {
                self.highs.begin(i, sum.0[i].last_chunk().expect("a stretch reaches back"));
            }
        } else {
            for i in 0..LINES {
                self.highs.begin(i, sound[i]);
            }
        }
        for i in 0..LINES {
            self.highs.end(i);
        }
    }

    #[inline(always)]
    pub(super) fn line(&self, i: usize) -> &Singles {
        self.highs.cell(i)
    }

    /// Lets the first `frames` of the cell be past.
    #[inline(always)]
    pub(super) fn keep(&mut self, frames: usize) {
        self.highs.keep(frames);
        if let Some(Shelf { lows, sum }) = &mut self.shelf {
            lows.keep(frames);
            pass(&mut sum.0, frames);
        }
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

    pub(super) fn clear(&mut self) {
        self.highs.clear();
        if let Some(Shelf { lows, sum }) = &mut self.shelf {
            lows.clear();
            sum.0 = [[0.0; STEP + CELL]; LINES];
        }
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.highs.save(into);
        if let Some(Shelf { lows, sum }) = &self.shelf {
            lows.save(into);
            sum.0.iter().for_each(|line| into.all(&line[STEP - BACK..STEP]));
        }
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.highs.load(from)?;
        let Some(Shelf { lows, sum }) = &mut self.shelf else { return Ok(()) };
        lows.load(from)?;
        sum.0.iter_mut().try_for_each(|line| from.all(&mut line[STEP - BACK..STEP]))
    }
}

/// Arguments of its own tell the compiler that no two are the same memory.
#[inline(always)]
fn add(sound: &Reach, more: &Singles, sum: &mut Stretch) {
    for n in 0..CELL {
        sum[STEP + n] = sound[BACK + n] + more[n];
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
