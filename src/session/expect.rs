use serde::{Deserialize, Serialize};

use super::{Loc, Range, Tap};
use crate::units::Unit;

/// What must hold of the sound: `expect(vox.loudness("chorus"), above: music.loudness("chorus"), by: 1LU)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    pub reading: Reading,
    pub relation: Relation,
    pub than: Than,
    /// `by:` of above and below, `within:` of equals; in the reading's own unit.
    pub margin: f64,
    pub loc: Loc,
}

impl Expectation {
    pub fn readings(&self) -> impl Iterator<Item = &Reading> {
        let than = match &self.than {
            Than::Number(_) => None,
            Than::Reading(reading) => Some(reading),
        };
        [&self.reading].into_iter().chain(than)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    Above,
    Below,
    Equals,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "a session has a handful of them")]
pub enum Than {
    Number(f64),
    Reading(Reading),
}

/// A number about a tap, of the whole song or of a part of it: of the strip itself, before any delivery of it is brought to a loudness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    pub tap: Tap,
    pub of: Quantity,
    /// `None`: the whole song. A section's name means all of that name together.
    pub part: Option<Range>,
    pub loc: Loc,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quantity {
    /// Integrated, LUFS.
    Loudness,
    /// LUFS.
    ShortTermMax,
    /// True peak, dBTP.
    Peak,
    /// dBFS.
    SamplePeak,
    /// LU.
    LoudnessRange,
    /// LU.
    MonoLoss,
    /// -1 to 1.
    Correlation,
}

impl Quantity {
    pub const ALL: [Quantity; 7] = [
        Quantity::Loudness,
        Quantity::ShortTermMax,
        Quantity::Peak,
        Quantity::SamplePeak,
        Quantity::LoudnessRange,
        Quantity::MonoLoss,
        Quantity::Correlation,
    ];

    /// As called in a script.
    pub const fn name(self) -> &'static str {
        match self {
            Quantity::Loudness => "loudness",
            Quantity::ShortTermMax => "short_term_max",
            Quantity::Peak => "peak",
            Quantity::SamplePeak => "sample_peak",
            Quantity::LoudnessRange => "loudness_range",
            Quantity::MonoLoss => "mono_loss",
            Quantity::Correlation => "correlation",
        }
    }

    /// What it is counted in.
    pub const fn unit(self) -> Unit {
        match self {
            Quantity::Loudness | Quantity::ShortTermMax => Unit::Lufs,
            Quantity::Peak => Unit::Dbtp,
            Quantity::SamplePeak => Unit::Dbfs,
            Quantity::LoudnessRange | Quantity::MonoLoss => Unit::Lu,
            Quantity::Correlation => Unit::None,
        }
    }

    /// What the difference of two of them is counted in.
    pub const fn difference(self) -> Unit {
        match self {
            Quantity::Correlation => Unit::None,
            Quantity::Peak | Quantity::SamplePeak => Unit::Db,
            _ => Unit::Lu,
        }
    }

    /// Whether one can be held against the other: both loudnesses, both peaks, or the same.
    pub fn compares_with(self, other: Quantity) -> bool {
        use Quantity::{Loudness, Peak, SamplePeak, ShortTermMax};
        let both = |of: [Quantity; 2]| of.contains(&self) && of.contains(&other);
        self == other || both([Loudness, ShortTermMax]) || both([Peak, SamplePeak])
    }

    /// How far from equal still counts as equal, in [`Quantity::difference`]: what meters differ by.
    pub const fn near(self) -> f64 {
        match self {
            Quantity::Correlation => 0.01,
            _ => 0.1,
        }
    }
}
