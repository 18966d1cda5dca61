use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Loc;

/// What files say of themselves, as far as a script says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    pub title: Tag<Arc<str>>,
    pub artist: Tag<Arc<str>>,
    pub album: Tag<Arc<str>>,
    pub track: Tag<Track>,
    /// 12 capitals and digits (ISO 3901).
    pub isrc: Tag<Arc<str>>,
    /// 12 or 13 digits, the last of which checks the others (GS1).
    pub upc: Tag<Arc<str>>,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub date: Tag<Arc<str>>,
    pub genre: Tag<Arc<str>>,
    pub cover: Tag<Cover>,
    pub comment: Tag<Arc<str>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Tag<T> {
    /// What holds for the song.
    #[default]
    Unsaid,
    /// None, whatever holds for the song.
    Off,
    Said(T),
}

/// A place on an album.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// From 1.
    pub number: u32,
    /// Of so many.
    pub of: Option<u32>,
}

/// A picture, as its path was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cover {
    pub path: Arc<str>,
    pub loc: Loc,
}

impl<T: Clone> Tag<T> {
    pub fn get(&self) -> Option<&T> {
        match self {
            Tag::Said(value) => Some(value),
            Tag::Unsaid | Tag::Off => None,
        }
    }

    fn over(&self, song: &Tag<T>) -> Tag<T> {
        match self {
            Tag::Unsaid => song.clone(),
            said => said.clone(),
        }
    }
}

impl Tags {
    /// These, and of the song's those that these don't speak of.
    pub fn over(&self, song: &Tags) -> Tags {
        Tags {
            title: self.title.over(&song.title),
            artist: self.artist.over(&song.artist),
            album: self.album.over(&song.album),
            track: self.track.over(&song.track),
            isrc: self.isrc.over(&song.isrc),
            upc: self.upc.over(&song.upc),
            date: self.date.over(&song.date),
            genre: self.genre.over(&song.genre),
            cover: self.cover.over(&song.cover),
            comment: self.comment.over(&song.comment),
        }
    }
}
