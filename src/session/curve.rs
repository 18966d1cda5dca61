use serde::{Deserialize, Serialize};

use super::{Loc, SectionRef, Tap, Time};
use crate::dsp::curve::Wave;

/// A number, still or moving, in its parameter's own unit. Anywhere a number goes, one of these goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Signal {
    Constant(f64),
    /// A musical or anchored duration for a parameter that is a time (its length) or a frequency (one over it).
    Duration(Time),
    Curve(Curve),
    Lfo(Lfo),
    Follow(Follow),
    /// A script function of the seconds, kept by `script`; it becomes [`Signal::Sampled`] once the song's length is known.
    Closure(ClosureId),
    /// Its values, [`Signal::SAMPLE_RATE`] a second from song time 0 on.
    Sampled(Vec<f64>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosureId(pub usize);

/// `[time: value, …]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// In the order written: of spans, the later ones win.
    pub points: Vec<Point>,
    /// The value outside of spans when there are no points.
    pub rest: f64,
    pub loc: Loc,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub at: At,
    pub value: f64,
    pub way: Way,
    pub loc: Loc,
}

/// How a curve comes to a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    #[default]
    Straight,
    Smooth,
    Expo,
    Ease,
    /// Keeps the old value and steps there (over 5 ms).
    Hold,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum At {
    Point(Time),
    Span(Time, Time),
    Section(SectionRef),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lfo {
    pub rate: LfoRate,
    pub from: f64,
    pub to: f64,
    pub shape: Wave,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LfoRate {
    Hz(f64),
    Period(Time),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Follow {
    pub tap: Tap,
    pub from: f64,
    pub to: f64,
    /// dBFS: what maps to `from` and to `to`.
    pub low: f64,
    pub high: f64,
    /// Seconds.
    pub attack: f64,
    pub release: f64,
}

impl Signal {
    /// Values of a sampled closure per second.
    pub const SAMPLE_RATE: f64 = 200.0;

    pub fn moves(&self) -> bool {
        !matches!(self, Signal::Constant(_) | Signal::Duration(_))
    }

    pub fn constant(&self) -> Option<f64> {
        match self {
            Signal::Constant(x) => Some(*x),
            _ => None,
        }
    }
}
