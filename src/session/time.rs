use serde::{Deserialize, Serialize};

use super::{Loc, StripId};
use crate::units::Beats;

/// A time as written: a sum of an anchor, musical lengths, seconds and samples. It becomes frames once tempo, sections and the lengths of the
/// files are known. As a position it counts from the song's start (bar 1 for musical lengths without an anchor); as a duration it is a length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Time {
    /// Added (+1) or subtracted (-1): `end("chorus") - start("chorus")`.
    pub anchors: Vec<(i8, Anchor)>,
    pub bars: Beats,
    /// Beats of the meter that holds there.
    pub beats: Beats,
    /// Whole notes.
    pub notes: Beats,
    pub seconds: f64,
    pub samples: f64,
    pub loc: Option<Loc>,
}

/// A place in the song.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Anchor {
    /// `bar(17, 3)`: both from 1; fractions allowed.
    Bar {
        bar: Beats,
        beat: Beats,
    },
    SectionStart(SectionRef),
    SectionEnd(SectionRef),
    StripStart(StripId),
    StripEnd(StripId),
}

/// `"chorus"` is all of them, `"chorus 2"` the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionRef {
    /// As written: resolved against the sections' names first whole, then without a trailing number.
    pub name: String,
    pub loc: Option<Loc>,
}

impl Eq for Loc {}

/// A named part of the song. A name may occur again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub name: String,
    pub from: Time,
    pub to: Time,
    pub loc: Loc,
}

/// A place in the song with a name, which travels into the files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    pub kind: MarkerKind,
    pub text: String,
    pub at: Time,
    pub loc: Loc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkerKind {
    /// For those who work on it.
    Marker,
    /// For those who listen.
    Chapter,
}

/// From a time to another, or the sections of a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Range {
    Section(SectionRef),
    Times(Time, Time),
}

impl Time {
    pub fn seconds(seconds: f64) -> Time {
        Time { seconds, ..Time::default() }
    }

    pub fn anchor(anchor: Anchor) -> Time {
        Time { anchors: vec![(1, anchor)], ..Time::default() }
    }

    /// Whether it is a plain number of seconds or samples, which needs no tempo and no map.
    pub fn is_absolute(&self) -> bool {
        self.anchors.is_empty() && !self.is_musical()
    }

    pub fn is_musical(&self) -> bool {
        [self.bars, self.beats, self.notes].iter().any(|b| *b != Beats::ZERO)
    }

    pub fn plus(mut self, other: Time) -> Time {
        self.anchors.extend(other.anchors);
        self.bars = self.bars + other.bars;
        self.beats = self.beats + other.beats;
        self.notes = self.notes + other.notes;
        self.seconds += other.seconds;
        self.samples += other.samples;
        self.loc = self.loc.or(other.loc);
        self
    }

    pub fn negated(mut self) -> Time {
        self.anchors.iter_mut().for_each(|(sign, _)| *sign = -*sign);
        self.bars = -self.bars;
        self.beats = -self.beats;
        self.notes = -self.notes;
        self.seconds = -self.seconds;
        self.samples = -self.samples;
        self
    }
}
