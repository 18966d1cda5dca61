//! Second-order Butterworth low and high cuts for what goes into an echo, a room or a detector: 12 dB an octave, -3 dB at the frequency.

use std::f64::consts::{PI, SQRT_2};

use crate::audio::{StateError, StateReader, StateWriter, math};

/// One filter of one channel, in the trapezoidal state-variable form (V. Zavalishin, "The Art of VA Filter Design", 2018, chapter 4; A. Simper,
/// "Linear trapezoidal integrated SVF", Cytomic 2013).
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    high_pass: bool,
    a1: f64,
    a2: f64,
    a3: f64,
    s1: f64,
    s2: f64,
}

impl Cut {
    /// Those that are given of a low and a high cut at so many Hz, in this order.
    pub fn all(low: Option<f64>, high: Option<f64>, rate: f64) -> Vec<Cut> {
        let (low, high) = (low.map(|hz| Cut::low(hz, rate)), high.map(|hz| Cut::high(hz, rate)));
        low.into_iter().chain(high).collect()
    }

    /// Takes away what is below `hz`; frequencies beyond 0.49 of the rate count as that.
    pub fn low(hz: f64, rate: f64) -> Cut {
        Cut::new(true, hz, rate)
    }

    /// Takes away what is above `hz`.
    pub fn high(hz: f64, rate: f64) -> Cut {
        Cut::new(false, hz, rate)
    }

    fn new(high_pass: bool, hz: f64, rate: f64) -> Cut {
        let g = math::tan(PI * (hz / rate).min(0.49));
        let a1 = 1.0 / (1.0 + g * (g + SQRT_2));
        Cut { high_pass, a1, a2: g * a1, a3: g * g * a1, s1: 0.0, s2: 0.0 }
    }

    #[inline]
    pub fn step(&mut self, x: f64) -> f64 {
        let v3 = x - self.s2;
        let v1 = self.a1 * self.s1 + self.a2 * v3;
        let v2 = self.s2 + (self.a2 * self.s1 + self.a3 * v3);
        self.s1 = 2.0 * v1 - self.s1;
        self.s2 = 2.0 * v2 - self.s2;
        if self.high_pass { x - SQRT_2 * v1 - v2 } else { v2 }
    }

    /// A piece, in place, with the states in registers. It sums in another order than [`step`](Cut::step), so their last digits differ.
    pub fn process(&mut self, x: &mut [f64]) {
        let Cut { high_pass, a1, a2, a3, mut s1, mut s2 } = *self;
        for x in x {
            let v3 = *x - s2;
            let v1 = a1 * s1 + a2 * v3;
            let v2 = s2 + a2 * s1 + a3 * v3;
            s1 = 2.0 * v1 - s1;
            s2 = 2.0 * v2 - s2;
            *x = if high_pass { *x - SQRT_2 * v1 - v2 } else { v2 };
        }
        (self.s1, self.s2) = (s1, s2);
    }

    pub fn is_at_rest(&self) -> bool {
        (self.s1, self.s2) == (0.0, 0.0)
    }

    /// Called at the grid's cell ends: a decayed state becomes exactly zero.
    pub fn flush(&mut self) {
        self.s1 = math::flush(self.s1);
        self.s2 = math::flush(self.s2);
    }

    pub fn clear(&mut self) {
        (self.s1, self.s2) = (0.0, 0.0);
    }

    pub fn save(&self, into: &mut StateWriter) {
        into.f64(self.s1);
        into.f64(self.s2);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.s1 = from.f64()?;
        self.s2 = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The level in dB of a sine of `hz` at 48 kHz behind the filter.
    fn level(mut cut: Cut, hz: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for n in 0..96_000 {
            let (s, c) = math::sincos(2.0 * PI * hz * f64::from(n) / 48_000.0);
            let y = cut.step(s);
            if n >= 48_000 {
                re += y * s / 24_000.0;
                im += y * c / 24_000.0;
            }
        }
        10.0 * math::log10(re * re + im * im)
    }

    #[test]
    fn it_is_butterworth() {
        for (cut, hz, expected) in [
            (Cut::low(200.0, 48_000.0), 200.0, -3.0103),
            (Cut::low(200.0, 48_000.0), 50.0, -24.1),
            (Cut::low(200.0, 48_000.0), 4000.0, 0.0),
            (Cut::high(1000.0, 48_000.0), 1000.0, -3.0103),
            (Cut::high(1000.0, 48_000.0), 4000.0, -24.5),
            (Cut::high(1000.0, 48_000.0), 50.0, 0.0),
        ] {
            let db = level(cut, hz);
            assert!((db - expected).abs() < 0.1, "{db} for {expected}");
        }
    }

    #[test]
    fn pieces_are_steps() {
        for mut cut in Cut::all(Some(300.0), Some(5000.0), 48_000.0) {
            let mut piece: Vec<f64> = (0..500).map(|i| math::sin(f64::from(i * i) * 1e-3)).collect();
            let mut other = cut;
            let steps: Vec<f64> = piece.iter().map(|x| other.step(*x)).collect();
            cut.process(&mut piece);
            assert!(piece.iter().zip(&steps).all(|(a, b)| (a - b).abs() < 1e-14));
            assert!(!cut.is_at_rest());
            cut.clear();
            assert!(cut.is_at_rest());
        }
    }
}
