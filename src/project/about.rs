use std::sync::Arc;

use super::covers::Covers;
use crate::media::writer::{self, Broadcast, Made, Mark};
use crate::session::Tags;

/// What a file says of itself, whose tags are `tags`; `marks` are in song frames.
pub(super) fn about(tags: &Tags, covers: &Covers, marks: &[Mark], bext: bool, made: Option<&Made>) -> writer::About {
    let text = |tag: &crate::session::Tag<Arc<str>>| tag.get().cloned();
    writer::About {
        tags: writer::Tags {
            title: text(&tags.title),
            artist: text(&tags.artist),
            album: text(&tags.album),
            track: tags.track.get().map(|track| writer::Track { number: track.number, of: track.of }),
            isrc: text(&tags.isrc),
            upc: text(&tags.upc),
            date: text(&tags.date),
            genre: text(&tags.genre),
            comment: text(&tags.comment),
            cover: tags.cover.get().and_then(|cover| covers.get(cover)).cloned(),
        },
        marks: marks.to_vec(),
        broadcast: bext.then(|| Broadcast { made: made.cloned(), reference: 0 }),
    }
}
