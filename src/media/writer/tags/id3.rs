//! An ID3v2.4 tag (id3.org, "ID3 tag version 2.4.0", main structure and native frames; "ID3v2 Chapter Frame Addendum 1.0"), for the `id3 ` chunk of a
//! WAV and the `ID3 ` chunk of an AIFF. 2.4 and not 2.3: a date keeps its month and day in one frame, texts are UTF-8, and players, taggers and
//! DJ software of today read it.

use super::{About, Pieces, milliseconds};
use crate::media::writer::{Mark, Spec, WriteError};

/// Encodings of texts: this one is UTF-8.
const UTF_8: u8 = 3;
/// No language: the texts of a script may be in any.
const LANGUAGE: &[u8; 3] = b"XXX";
/// Where a frame of a chapter would count bytes, it counts milliseconds alone.
const BY_TIME: [u8; 8] = [0xFF; 8];
const TOP: u8 = 2;
const ORDERED: u8 = 1;
/// A table of contents counts in one byte.
const MOST_ENTRIES: usize = 255;

/// The tag; empty where there is nothing to say.
///
/// # Errors
/// [`WriteError::Unsupported`] where it would be longer than its 28 bits can say.
pub(in crate::media::writer) fn tag(about: &About, spec: &Spec) -> Result<Pieces, WriteError> {
    let tags = &about.tags;
    let track = tags.track.map(|track| track.text());
    let texts: [(&[u8; 4], &str, Option<&str>); 8] = [
        (b"TIT2", "", tags.title.as_deref()),
        (b"TPE1", "", tags.artist.as_deref()),
        (b"TALB", "", tags.album.as_deref()),
        (b"TRCK", "", track.as_deref()),
        (b"TSRC", "", tags.isrc.as_deref()),
        (b"TXXX", "BARCODE\0", tags.upc.as_deref()),
        (b"TDRC", "", tags.date.as_deref()),
        (b"TCON", "", tags.genre.as_deref()),
    ];
    let mut frames = Vec::new();
    for (id, before, text) in texts.into_iter().filter_map(|(id, before, text)| Some((id, before, text?))) {
        frame(&mut frames, id, &[&[UTF_8], before.as_bytes(), text.as_bytes()], 0)?;
    }
    if let Some(comment) = &tags.comment {
        frame(&mut frames, b"COMM", &[&[UTF_8], LANGUAGE, &[0], comment.as_bytes()], 0)?;
    }
    chapters(&mut frames, about, spec)?;
    let cover = tags.cover.as_ref();
    if let Some(cover) = cover {
        // 3: the cover of the front, without a description
        frame(&mut frames, b"APIC", &[&[UTF_8], cover.mime.as_bytes(), &[0, 3, 0]], cover.bytes.len())?;
    }
    let mut all = Pieces::default();
    let size = frames.len() + cover.map_or(0, |cover| cover.bytes.len());
    if size == 0 {
        return Ok(all);
    }
    let mut head = b"ID3\x04\0\0".to_vec();
    head.extend(sevens(size)?);
    all.add(head);
    all.add(frames);
    if let Some(cover) = cover {
        all.picture(cover);
    }
    Ok(all)
}

/// `more`: bytes of its body that follow elsewhere.
fn frame(all: &mut Vec<u8>, id: &[u8; 4], body: &[&[u8]], more: usize) -> Result<(), WriteError> {
    all.extend(id);
    all.extend(sevens(body.iter().map(|part| part.len()).sum::<usize>() + more)?);
    all.extend([0, 0]);
    body.iter().for_each(|part| all.extend(*part));
    Ok(())
}

/// A size of four times seven bits.
fn sevens(size: usize) -> Result<[u8; 4], WriteError> {
    if size >= 1 << 28 {
        return Err(WriteError::Unsupported("an ID3 tag holds 256 MiB at most".into()));
    }
    Ok([21, 14, 7, 0].map(|shift| (size >> shift & 0x7F) as u8))
}

/// Chapters, each up to the next one, and their tables of contents; what only those need who work on the song is none.
fn chapters(all: &mut Vec<u8>, about: &About, spec: &Spec) -> Result<(), WriteError> {
    let time = |frame| u32::try_from(milliseconds(frame, spec.rate)).ok();
    let marks: Vec<(u32, &Mark)> =
        about.marks.iter().filter(|mark| mark.chapter).filter_map(|mark| Some((time(mark.frame)?, mark))).collect();
    if marks.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = (1..=marks.len()).map(|number| format!("chp{number}")).collect();
    let tables: Vec<&[String]> = names.chunks(MOST_ENTRIES).collect();
    if let [only] = tables[..] {
        contents(all, "toc", TOP | ORDERED, only)?;
    } else {
        let below: Vec<String> = (1..=tables.len()).map(|number| format!("toc{number}")).collect();
        contents(all, "toc", TOP | ORDERED, &below)?;
        below.iter().zip(tables).try_for_each(|(name, table)| contents(all, name, ORDERED, table))?;
    }
    let end = time(spec.frames).unwrap_or(u32::MAX);
    for (index, ((start, mark), name)) in marks.iter().zip(&names).enumerate() {
        let end = marks.get(index + 1).map_or(end, |next| next.0);
        let mut title = Vec::new();
        frame(&mut title, b"TIT2", &[&[UTF_8], mark.text.as_bytes()], 0)?;
        let times = [start.to_be_bytes(), end.to_be_bytes()].concat();
        frame(all, b"CHAP", &[name.as_bytes(), &[0], &times, &BY_TIME, &title], 0)?;
    }
    Ok(())
}

fn contents(all: &mut Vec<u8>, name: &str, flags: u8, entries: &[String]) -> Result<(), WriteError> {
    let mut listed = vec![0, flags, entries.len() as u8];
    entries.iter().for_each(|entry| listed.extend(entry.bytes().chain([0])));
    frame(all, b"CTOC", &[name.as_bytes(), &listed], 0)
}
