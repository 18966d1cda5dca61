use serde::{Deserialize, Serialize};

use super::{Loc, StripId, Tags, Tap, Time, Versions};
use crate::units::Rate;

/// A file to be written from a tap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub tap: Tap,
    /// Below the output folder, with path words (`{song}`, `{strip}`, `{rate}`, `{bits}` …) still in it.
    pub path: String,
    /// By the path's extension unless said, then by the target where the path has none.
    pub format: Option<Format>,
    /// The target's or 24 unless said.
    pub bits: Option<u32>,
    /// The target's or the session's unless said.
    pub rate: Option<Rate>,
    pub dither: Dither,
    /// Where `dither:` was written; where the path was, unless it was.
    pub dither_loc: Loc,
    /// The name of a target, and where it was written.
    pub target: Option<(String, Loc)>,
    /// What was said of loudness and peaks here; it goes before what the target says.
    pub loudness: Option<Loudness>,
    /// dBTP.
    pub peak: Option<f64>,
    /// dB.
    pub max_reduction: Option<f64>,
    pub from: Option<Time>,
    pub to: Option<Time>,
    pub fade_in: Option<Time>,
    pub fade_out: Option<Time>,
    pub versions: Versions,
    /// Each version comes to what is asked by itself; else all are driven as the session as it stands is.
    pub solve_each: bool,
    pub tags: Tags,
    /// Where a `bext` chunk was asked for, if so.
    pub bext: Option<Loc>,
    pub loc: Loc,
    /// 0 to 8, of a FLAC, and where it was written.
    pub compression: Option<(u8, Loc)>,
}

/// `loudness:` of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Loudness {
    /// Whatever it is: nothing is moved, even where a target would.
    AsIs,
    /// LUFS, met from both sides.
    To(f64),
}

/// One file per strip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stems {
    /// Without a list: every strip that feeds `mix`, as it arrives there. With one, what they don't carry becomes the stem `rest`.
    pub strips: Option<Vec<StripId>>,
    pub path: String,
    pub format: Option<Format>,
    pub bits: Option<u32>,
    /// The session's unless said.
    pub rate: Option<Rate>,
    pub dither: Dither,
    /// Where `dither:` was written; where the path was, unless it was.
    pub dither_loc: Loc,
    pub tags: Tags,
    /// Where a `bext` chunk was asked for, if so.
    pub bext: Option<Loc>,
    pub loc: Loc,
    /// 0 to 8, of a FLAC, and where it was written.
    pub compression: Option<(u8, Loc)>,
}

impl Stems {
    pub const PATH: &'static str = "stems/{strip}.wav";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    Wav,
    Flac,
    Aiff,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Wav, Format::Flac, Format::Aiff];

    /// As written in a script.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Wav => "wav",
            Format::Flac => "flac",
            Format::Aiff => "aiff",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dither {
    /// TPDF when bits are dropped, none where the plan proves that none are.
    #[default]
    Auto,
    Tpdf,
    /// Noise moved to where the ear hears least of it; at 44.1 and 48 kHz.
    Shaped,
    /// Rounds to nearest.
    None,
}
