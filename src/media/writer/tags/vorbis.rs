//! The metadata of a FLAC behind its STREAMINFO (RFC 9639, sections 8.6 and 8.8). The names of fields are those that players and taggers share
//! (xiph.org, "Ogg Vorbis I format specification: comment field and header specification"; MusicBrainz Picard, "Tag Mapping"): a bar code is
//! `BARCODE` to more of them than `UPC`. Places with a name are `CHAPTER001` and `CHAPTER001NAME` (wiki.xiph.org, "Chapter Extension").

use super::{About, Tags, milliseconds};
use crate::media::Picture;
use crate::media::writer::{Spec, WriteError};

/// Who wrote it, without a version: the same session makes the same bytes after an update too.
const VENDOR: &[u8] = b"mixdown";
const COMMENTS: u8 = 4;
const PICTURE: u8 = 6;
/// Marks the last block.
const LAST: u8 = 0x80;
/// Of a name there are three digits.
const MOST_CHAPTERS: usize = 999;

/// All blocks, the last marked as such; nothing where there is nothing to say, and then STREAMINFO is the last one.
///
/// # Errors
/// [`WriteError::Unsupported`] where a block would be longer than its 24 bits can say.
pub(in crate::media::writer) fn blocks(about: &About, spec: &Spec) -> Result<Vec<u8>, WriteError> {
    let cover = about.tags.cover.as_deref();
    let comments = comments(about, spec);
    let mut all = Vec::new();
    if let Some(comments) = comments {
        block(&mut all, if cover.is_none() { COMMENTS | LAST } else { COMMENTS }, &[&comments])?;
    }
    if let Some(cover) = cover {
        block(&mut all, PICTURE | LAST, &[&picture(cover), &cover.bytes])?;
    }
    Ok(all)
}

fn block(all: &mut Vec<u8>, kind: u8, body: &[&[u8]]) -> Result<(), WriteError> {
    let length = body.iter().map(|part| part.len()).sum::<usize>();
    if length >= 1 << 24 {
        return Err(WriteError::Unsupported("a FLAC holds 16 MiB of tags and chapters at most".into()));
    }
    all.push(kind);
    all.extend(&(length as u32).to_be_bytes()[1..]);
    body.iter().for_each(|part| all.extend(*part));
    Ok(())
}

fn comments(about: &About, spec: &Spec) -> Option<Vec<u8>> {
    let Tags { title, artist, album, track, isrc, upc, date, genre, comment, cover: _ } = &about.tags;
    let (number, total) = (track.map(|t| t.number.to_string()), track.and_then(|t| t.of).map(|of| of.to_string()));
    let words = [
        ("TITLE", title.as_deref()),
        ("ARTIST", artist.as_deref()),
        ("ALBUM", album.as_deref()),
        ("TRACKNUMBER", number.as_deref()),
        ("TRACKTOTAL", total.as_deref()),
        ("ISRC", isrc.as_deref()),
        ("BARCODE", upc.as_deref()),
        ("DATE", date.as_deref()),
        ("GENRE", genre.as_deref()),
        ("COMMENT", comment.as_deref()),
    ];
    let mut fields: Vec<String> =
        words.iter().filter_map(|(name, text)| Some(format!("{name}={}", (*text)?))).collect();
    for (number, mark) in (1..=MOST_CHAPTERS).zip(&about.marks) {
        let ms = milliseconds(mark.frame, spec.rate);
        let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        fields.push(format!("CHAPTER{number:03}={hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1000));
        fields.push(format!("CHAPTER{number:03}NAME={}", mark.text));
    }
    if fields.is_empty() {
        return None;
    }
    // lengths here are little-endian, as nowhere else in a FLAC
    let mut body = Vec::new();
    body.extend((VENDOR.len() as u32).to_le_bytes());
    body.extend(VENDOR);
    body.extend((fields.len() as u32).to_le_bytes());
    for field in &fields {
        body.extend((field.len() as u32).to_le_bytes());
        body.extend(field.as_bytes());
    }
    Some(body)
}

/// What stands before the picture's own bytes: the cover of the front, without a description.
fn picture(cover: &Picture) -> Vec<u8> {
    let mut head = 3u32.to_be_bytes().to_vec();
    head.extend((cover.mime.len() as u32).to_be_bytes());
    head.extend(cover.mime.as_bytes());
    let numbers = [0, cover.width, cover.height, cover.depth, cover.colours, cover.bytes.len() as u32];
    numbers.iter().for_each(|number| head.extend(number.to_be_bytes()));
    head
}
