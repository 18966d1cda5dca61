//! What can be said of numbers and effects without rendering them.

use crate::session::{At, Effect, Loc, Signal, Value};

/// The highest value that a level comes to, and where that is said; `at` is where the whole is.
pub(super) fn highest(signal: &Signal, at: Loc) -> Option<(f64, Loc)> {
    let here = |value: f64| Some((value, at));
    match signal {
        Signal::Constant(value) => here(*value),
        Signal::Curve(curve) => {
            let points = curve.points.iter().map(|point| (point.value, point.loc));
            points.max_by(|a, b| a.0.total_cmp(&b.0))
        }
        Signal::Lfo(lfo) => here(lfo.from.max(lfo.to)),
        Signal::Follow(follow) => here(follow.from.max(follow.to)),
        Signal::Sampled(values) => values.iter().copied().max_by(f64::total_cmp).and_then(here),
        Signal::Duration(_) | Signal::Closure(_) => None,
    }
}

/// Whether a level is `off` from beginning to end.
pub(super) fn is_off(signal: &Signal) -> bool {
    let off = |value: f64| value == f64::NEG_INFINITY;
    match signal {
        // beside spans alone there is the value at rest
        Signal::Curve(curve) if !curve.points.iter().any(|p| matches!(p.at, At::Point(_))) && !off(curve.rest) => false,
        signal => highest(signal, Loc(NOWHERE)).is_some_and(|(value, _)| off(value)),
    }
}

const NOWHERE: crate::diag::Span = crate::diag::Span { source: crate::diag::SourceId(0), start: 0, end: 0 };

/// The parameters that every effect takes, as far as they stand still.
pub(super) struct Common {
    /// Percent, and where it was said; `None` when it moves.
    pub(super) mix: Option<(f64, Option<Loc>)>,
    /// It is on from beginning to end.
    pub(super) on: bool,
    /// All of the sound is processed, not a side alone.
    pub(super) whole: bool,
}

impl Common {
    pub(super) fn of(effect: &Effect) -> Common {
        let said = |name: &str| effect.values.iter().find(|(n, ..)| n == name).map(|(_, value, loc)| (value, *loc));
        Common {
            mix: match said("mix") {
                None => Some((100.0, None)),
                Some((Value::Number(Signal::Constant(mix)), loc)) => Some((*mix, Some(loc))),
                Some(_) => None,
            },
            on: matches!(said("on"), None | Some((Value::Switch(true), _))),
            whole: said("channels").is_none_or(|(value, _)| *value == Value::Word("all".to_string())),
        }
    }

    /// Whether nothing of the sound passes it dry.
    pub(super) fn is_all(&self) -> bool {
        self.on && self.whole && self.mix.is_some_and(|(mix, _)| mix == 100.0)
    }
}
