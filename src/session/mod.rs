//! The typed model of a session: what a script describes, as plain data that can be compared and serialised. It knows no script language and
//! no file; paths and names are still names.

mod curve;
mod delivery;
mod effect;
mod expect;
mod signals;
mod strip;
mod tags;
mod target;
mod tempo;
mod time;
mod timeline;
mod trim;
mod version;

pub use curve::{At, ClosureId, Curve, Follow, Lfo, LfoRate, Point, Signal, Way};
pub use delivery::{Delivery, Dither, Format, Loudness, Stems};
pub use effect::{Effect, Value};
pub use expect::{Expectation, Quantity, Reading, Relation, Than};
pub use strip::{Clip, Polarity, Route, RouteTo, Said, Send, Strip, StripId, StripKind, Tap, TapPoint, Vca};
pub use tags::{Cover, Tag, Tags, Track};
pub use target::{Asked, Goal, Target, TargetKind};
pub use tempo::TempoMap;
pub use time::{Anchor, Marker, MarkerKind, Range, Section, SectionRef, Time};
pub use timeline::{Edge, Timeline};
pub use trim::{Level, Trim};
pub use version::{Version, Versions};

use serde::{Deserialize, Serialize};

use crate::audio::PanLaw;
use crate::diag::Span;
use crate::units::Rate;

/// A whole session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub info: Info,
    /// `mix` and `master`, then tracks and buses in the order of the script. [`StripId`] is the place here.
    pub strips: Vec<Strip>,
    pub sections: Vec<Section>,
    pub vcas: Vec<Vca>,
    pub markers: Vec<Marker>,
    pub versions: Vec<Version>,
    pub stems: Vec<Stems>,
    pub deliveries: Vec<Delivery>,
    /// Those that deliveries name, as the standard library and the script say them.
    pub targets: Vec<Target>,
    pub expectations: Vec<Expectation>,
}

/// What `song()`, `tempo()` and `meter()` say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// What holds for every file, unless its delivery says otherwise.
    pub tags: Tags,
    /// The session's rate; without one, that of the first source.
    pub rate: Option<Rate>,
    /// Quarter notes per minute, stepping at each point; empty means 120.
    pub tempo: Vec<Step<f64>>,
    /// (beats in a bar, note value of a beat); empty means 4/4.
    pub meter: Vec<Step<(u32, u32)>>,
    /// Where bar 1 begins in the files.
    pub first_bar: Option<Time>,
    /// Fixes the song's length.
    pub length: Option<Time>,
    /// How long the tails may sound after the last clip.
    pub tail: Option<Time>,
    pub pan_law: PanLaw,
    pub seed: u64,
}

/// A value that holds from a point in time on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step<T> {
    pub at: Time,
    pub value: T,
    /// A tempo that ramps to this point instead of stepping.
    pub smooth: bool,
}

/// A span that is no part of what a session *is*: two sessions are equal whatever lines they were written on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Loc(pub Span);

impl PartialEq for Loc {
    fn eq(&self, _: &Loc) -> bool {
        true
    }
}

impl Session {
    pub fn strip(&self, id: StripId) -> &Strip {
        &self.strips[id.0]
    }

    pub fn ids(&self) -> impl Iterator<Item = StripId> + use<> {
        (0..self.strips.len()).map(StripId)
    }

    pub fn find(&self, name: &str) -> Option<StripId> {
        self.strips.iter().position(|s| s.name == name).map(StripId)
    }

    pub fn mix(&self) -> StripId {
        self.kind(StripKind::Mix)
    }

    pub fn master(&self) -> StripId {
        self.kind(StripKind::Master)
    }

    fn kind(&self, kind: StripKind) -> StripId {
        // every session has both: `script` makes them first of all
        StripId(self.strips.iter().position(|s| s.kind == kind).unwrap_or(0))
    }
}
