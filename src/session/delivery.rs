use serde::{Deserialize, Serialize};

use super::{Loc, StripId, Tap, Time};

/// A file to be written from a tap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub tap: Tap,
    /// Below the output folder, with path words (`{song}`, `{strip}`, `{rate}`, `{bits}` …) still in it.
    pub path: String,
    /// By the path's extension unless said.
    pub format: Option<Format>,
    pub bits: Option<u32>,
    pub dither: Dither,
    pub from: Option<Time>,
    pub to: Option<Time>,
    pub fade_in: Option<Time>,
    pub fade_out: Option<Time>,
    pub loc: Loc,
}

/// One file per strip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stems {
    /// Without a list: every strip that feeds `mix`, as it arrives there. With one, what they don't carry becomes the stem `rest`.
    pub strips: Option<Vec<StripId>>,
    pub path: String,
    pub format: Option<Format>,
    pub bits: Option<u32>,
    pub dither: Dither,
    pub loc: Loc,
}

impl Stems {
    pub const PATH: &'static str = "stems/{strip}.wav";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    Wav,
    Flac,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dither {
    /// TPDF when bits are dropped, none where the plan proves that none are.
    #[default]
    Auto,
    Tpdf,
    /// Rounds to nearest.
    None,
}
