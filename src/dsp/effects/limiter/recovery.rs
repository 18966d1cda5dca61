//! How a reduction goes back.

use crate::audio::{StateError, StateReader, StateWriter};
use crate::dsp::parts::ballistics::factor;
use crate::units::Rate;

/// An automatic release, in ms: a reduction falls fast to where a second stage is, which takes up what lasts and forgets it slowly. So a lone peak
/// is soon over, and bass, whose peaks come again and again, is hardly modulated. Of the times tried (0 to 10 ms of hold, 10 to 40, 30 to 300,
/// 70 to 320) these cost the least loudness for what they modulate: less of it than one release of 80 ms.
const FAST: f64 = 15.0;
const CHARGE: f64 = 30.0;
const SLOW: f64 = 70.0;

/// A reduction below this (1e-8 dB) is over.
const OVER: f64 = 1e-9;

#[derive(Clone, Copy, Debug)]
pub(super) struct Speeds {
    fast: f64,
    /// What the slow stage keeps from frame to frame, and what it takes of what lies above it.
    slow: f64,
    charge: f64,
}

impl Speeds {
    /// For steps of `step` frames. `release` in ms; `None` is automatic.
    pub(super) fn new(release: Option<f64>, rate: Rate, step: usize) -> Speeds {
        let per = |ms: f64| factor(ms / step as f64, rate);
        match release {
            Some(ms) => Speeds { fast: per(ms), slow: 0.0, charge: 0.0 },
            None => Speeds { fast: per(FAST), slow: per(SLOW), charge: 1.0 - per(CHARGE) },
        }
    }
}

/// Reductions are 1 - gain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recovery {
    fast: f64,
    slow: f64,
}

impl Recovery {
    /// From the gains that the frames need to those that they get.
    pub(super) fn run(&mut self, speeds: &Speeds, gains: &mut [f64]) {
        let Recovery { mut fast, mut slow } = *self;
        for gain in gains {
            let needed = 1.0 - *gain;
            let back = slow + (fast - slow) * speeds.fast;
            // the gain itself where it is needed, so that rounding can't lift it
            *gain = if needed > back { *gain } else { 1.0 - back };
            fast = if needed > back { needed } else { back };
            slow = slow * speeds.slow + (fast - slow) * speeds.charge;
        }
        *self = Recovery { fast, slow };
    }

    /// What the reduction cannot fall below in so many frames, whatever comes: what needs no more than that makes no difference.
    pub(super) fn floor(&self, speeds: &Speeds, frames: usize) -> f64 {
        if self.fast == 0.0 { 0.0 } else { (0..frames).fold(self.fast * (1.0 - 1e-12), |least, _| least * speeds.fast) }
    }

    pub(super) fn at_rest(&self) -> bool {
        self.fast == 0.0 && self.slow == 0.0
    }

    /// Ends what can't be heard any more; to be called where a grid cell ends.
    pub(super) fn settle(&mut self) {
        if self.fast < OVER && self.slow < OVER {
            *self = Recovery::default();
        }
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        into.f64(self.fast);
        into.f64(self.slow);
    }

    pub(super) fn load(from: &mut StateReader<'_>) -> Result<Recovery, StateError> {
        Ok(Recovery { fast: from.f64()?, slow: from.f64()? })
    }
}
