//! A file on its way to what was asked of it.

use crate::analysis::Measurement;
use crate::engine::{Ask, Setting, Solver};
use crate::project::request::Solved;
use crate::session::Tap;

/// How far from what was asked a file may be, in LU: a tenth, and what printing rounds.
pub(super) const WITHIN: f64 = 0.09;

/// dB: as far as a limiter may go over what is allowed, by its own margins.
const OVER: f64 = 0.1;

/// A file on its way.
pub(super) struct Open<'a> {
    pub(super) target: usize,
    pub(super) tap: Tap,
    /// Its tap's spool.
    pub(super) spool: usize,
    pub(super) solver: Solver<'a>,
    pub(super) ask: Ask,
    pub(super) setting: Setting,
    /// dB by which both its ceilings are lower than asked, after they were missed.
    pub(super) lower: f64,
    /// The limiter stands at the file's end.
    pub(super) added: bool,
    /// A peak was asked for, or the limiter is ours: the file is not to pass the ceiling.
    pub(super) holds: bool,
    /// A limiter guards the file's end too.
    pub(super) guard: Option<f64>,
    /// It is driven as another file was: whatever it comes to, only its ceiling counts.
    pub(super) follows: bool,
}

impl Open<'_> {
    /// dBTP, as its limiter is told.
    pub(super) fn ceiling(&self) -> f64 {
        self.setting.ceiling - self.lower
    }

    /// How it was driven, with what its limiter took away (dB).
    pub(super) fn solved(&self, reduction: f64) -> Solved {
        Solved { gain: self.setting.gain, reduction, added: self.added, ceiling: self.ceiling() }
    }

    /// Whether what was measured, and what the limiter took away for it (dB), is what was asked.
    pub(super) fn met(&self, got: &Measurement, took: f64) -> bool {
        if self.follows {
            return !self.holds || got.true_peak_dbtp.is_none_or(|peak| peak <= self.setting.ceiling);
        }
        if self.setting.driven && took > self.solver.allowed(&self.ask) + OVER {
            return false;
        }
        let louder = got.integrated_lufs.is_some_and(|lufs| !self.setting.driven && self.ask.is_louder(lufs));
        let ceiling = if louder { self.ask.ceiling_when_louder() } else { self.setting.ceiling };
        let under = !self.holds || got.true_peak_dbtp.is_none_or(|peak| peak <= ceiling);
        let Some((got, goal)) = got.integrated_lufs.zip(self.ask.loudness) else { return under };
        let near = match self.ask.floor && !self.setting.driven {
            true => got >= goal - WITHIN,
            false => (got - goal).abs() <= WITHIN,
        };
        under && near
    }
}
