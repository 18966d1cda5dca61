//! Levels that are held against something: a loudness is no peak, and a true peak is no sample peak. Elsewhere all of them are decibels.

use super::numbers::{What, moves, number};
use super::state::State;
use super::values::{self, Given};
use crate::diag::{Code, Diagnostic};
use crate::units::{Rate, Unit};

/// In words, for a message.
pub(super) const fn words(unit: Unit) -> &'static str {
    match unit {
        Unit::Lufs => "a loudness in LUFS",
        Unit::Dbtp => "a true peak in dBTP",
        Unit::Dbfs => "a sample peak in dBFS",
        Unit::Lu => "a difference in LU",
        Unit::Db => "a difference in dB",
        unit => unit.words(),
    }
}

/// Whether a number in `given` may stand for one in `own`: a bare one always, dB for a peak, and dB and LU for one another.
fn fits(own: Unit, given: Unit) -> bool {
    let differences = [Unit::Db, Unit::Lu];
    given == own
        || given == Unit::None
        || (given == Unit::Db && matches!(own, Unit::Dbtp | Unit::Dbfs))
        || (differences.contains(&given) && differences.contains(&own))
}

impl State {
    /// A level in its own unit, or bare. A mistake is recorded and gives `None`.
    pub(super) fn level(&mut self, what: What<'_>, unit: Unit, min: f64, max: f64, given: &Given) -> Option<f64> {
        if values::is_poison(&given.value) {
            return None;
        }
        let takes = format!("{what} takes {}", words(unit));
        match values::quantity(&given.value) {
            Some(q) if !fits(unit, q.unit) => {
                let help = format!("write a number such as `{}`", values::example(unit));
                let diagnostic = Diagnostic::error(Code::WRONG_UNIT, takes).help(help);
                self.point(diagnostic, given.span, q.span, format!("this is {}", words(q.unit)));
                return None;
            }
            None if !moves(&given.value) => {
                let help = format!("write a number such as `{}`", values::example(unit));
                let diagnostic = Diagnostic::error(Code::WRONG_TYPE, takes).help(help);
                self.point(diagnostic, given.span, None, format!("this is {}", values::words(&given.value)));
                return None;
            }
            _ => {}
        }
        self.plain(what, &number(unit, min, max, false), given)
    }

    /// A sample rate.
    pub(super) fn rate(&mut self, what: What<'_>, given: &Given) -> Option<Rate> {
        let hz = self.plain(what, &number(Unit::Hz, 8_000.0, 384_000.0, false), given)?;
        let rate = Rate::new(hz as u32).filter(|r| r.hz() == hz);
        if rate.is_none() {
            self.error(Code::OUT_OF_RANGE, "a rate is a whole number of Hz", given.span, "not whole");
        }
        rate
    }
}
