use serde::{Deserialize, Serialize};

use super::Loc;

/// What brings a source to a level before anything else happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Trim {
    /// dB.
    By(f64),
    /// To this measure, which must be taken first.
    To { level: Level, value: f64, loc: Loc },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// Integrated loudness.
    Lufs,
    /// Sample peak.
    Dbfs,
    /// True peak.
    Dbtp,
}
