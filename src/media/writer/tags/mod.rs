//! What a file says of itself: titles and codes, a cover, places with a name. Each format has its own way to say it, a room each.

mod bext;
mod id3;
mod info;
mod pieces;
mod vorbis;

use std::sync::Arc;

use super::Mark;
use crate::media::Picture;

pub(super) use bext::{chunk as bext, loudness, loudness_at};
pub(super) use id3::tag as id3;
pub(super) use info::chunk as info;
pub(super) use pieces::Pieces;
pub(super) use vorbis::blocks as flac;

/// Everything that a file says beside its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub tags: Tags,
    pub marks: Vec<Mark>,
    /// A `bext` chunk is asked for, WAV only.
    pub broadcast: Option<Broadcast>,
}

/// Without control characters and not empty; codes without hyphens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    pub title: Option<Arc<str>>,
    pub artist: Option<Arc<str>>,
    pub album: Option<Arc<str>>,
    pub track: Option<Track>,
    /// ISO 3901, of the recording.
    pub isrc: Option<Arc<str>>,
    /// A bar code of 12 or 13 digits (GS1), of the release.
    pub upc: Option<Arc<str>>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Option<Arc<str>>,
    pub genre: Option<Arc<str>>,
    pub comment: Option<Arc<str>>,
    pub cover: Option<Arc<Picture>>,
}

/// A place on an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track {
    /// From 1.
    pub number: u32,
    /// Of so many.
    pub of: Option<u32>,
}

impl Track {
    /// `3`, or `3/12`.
    fn text(self) -> String {
        match self.of {
            Some(of) => format!("{}/{of}", self.number),
            None => self.number.to_string(),
        }
    }
}

/// What broadcasters want to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broadcast {
    /// When the file was made, unless its tags have a whole date.
    pub made: Option<Made>,
    /// The file's first frame, counted from the song's, at the file's rate.
    pub reference: u64,
}

/// A day and a time of it: `YYYY-MM-DD`, `HH:MM:SS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub date: String,
    pub time: String,
}

/// What was measured of a file; `None` where there is no such number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loudness {
    /// LUFS.
    pub integrated: Option<f64>,
    /// LU.
    pub range: Option<f64>,
    /// dBTP.
    pub true_peak: Option<f64>,
    /// LUFS.
    pub momentary: Option<f64>,
    /// LUFS.
    pub short_term: Option<f64>,
}

/// A frame in milliseconds, halves up.
fn milliseconds(frame: u64, rate: crate::units::Rate) -> u64 {
    let rate = u128::from(rate.get());
    ((u128::from(frame) * 1000 + rate / 2) / rate) as u64
}
