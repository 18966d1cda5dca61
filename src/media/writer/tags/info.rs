//! `LIST INFO` of a WAV (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991, "INFO List Chunk"), in UTF-8 as the
//! labels of markers are. A track's number is read as `ITRK` by some and as `IPRT` by others. Codes have no place here: `ISRC` means a source.

use super::Tags;
use crate::media::writer::wav::chunk as put;

/// The chunk; nothing where there is nothing to say.
pub(in crate::media::writer) fn chunk(tags: &Tags) -> Vec<u8> {
    let track = tags.track.map(|track| track.text());
    let words: [(&[u8; 4], Option<&str>); 8] = [
        (b"INAM", tags.title.as_deref()),
        (b"IART", tags.artist.as_deref()),
        (b"IPRD", tags.album.as_deref()),
        (b"ITRK", track.as_deref()),
        (b"IPRT", track.as_deref()),
        (b"ICRD", tags.date.as_deref()),
        (b"IGNR", tags.genre.as_deref()),
        (b"ICMT", tags.comment.as_deref()),
    ];
    let mut list = b"INFO".to_vec();
    for (id, text) in words.into_iter().filter_map(|(id, text)| Some((id, text?))) {
        let mut body = text.as_bytes().to_vec();
        body.push(0);
        put(&mut list, id, &body);
    }
    let mut all = Vec::new();
    if list.len() > 4 {
        put(&mut all, b"LIST", &list);
    }
    all
}
