//! Which of a track's frames are heard. Encoders of AAC need some frames before the first and after the last; where they are is told by iTunes'
//! own tag, or by the edit list (ISO/IEC 14496-12, section 8.6.6), or nowhere.

use super::boxes::{Numbers, Part};
use crate::media::ReadError;
use crate::media::coded::guard::damaged;
use crate::media::input::Shared;

/// Frames that are not heard at the start, and frames that are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) skip: u64,
    pub(super) frames: u64,
}

/// A track's clock.
pub(super) struct Clock {
    /// Units a second of the track and of the whole file.
    pub(super) track: u64,
    pub(super) movie: u64,
    pub(super) rate: u64,
}

impl Clock {
    /// Frames in a time of the track, rounded.
    pub(super) fn frames(&self, time: u64) -> u64 {
        scaled(time, self.rate, self.track)
    }
}

fn scaled(time: u64, to: u64, from: u64) -> u64 {
    let from = u128::from(from.max(1));
    u64::try_from((u128::from(time) * u128::from(to) + from / 2) / from).unwrap_or(u64::MAX)
}

/// `decoded` frames come out of all packets, `total` of them by their durations.
pub(super) fn heard(
    file: &Shared,
    movie: Part,
    track: Part,
    clock: &Clock,
    decoded: u64,
    total: u64,
) -> Result<Heard, ReadError> {
    let total = total.min(decoded);
    if let Some(heard) = itunes(file, movie, decoded)? {
        return Ok(heard);
    }
    let Some((time, duration)) = edit(file, track)? else { return Ok(Heard { skip: 0, frames: total }) };
    let skip = clock.frames(time).min(total);
    let rest = total - skip;
    // the duration has steps of the file's clock, often a millisecond: what it rounds is heard
    let told = scaled(duration, clock.rate, clock.movie);
    let step = clock.rate.div_ceil(clock.movie.max(1));
    let frames = if duration == 0 || told.abs_diff(rest) <= step { rest } else { told.min(rest) };
    Ok(Heard { skip, frames })
}

/// The one part of the track that is heard: where it begins by the track's clock, how long it is by the file's.
fn edit(file: &Shared, track: Part) -> Result<Option<(u64, u64)>, ReadError> {
    let Some(list) = track.way(file, &[b"edts", b"elst"])? else { return Ok(None) };
    let bytes = list.bytes(file)?;
    let mut numbers = Numbers { bytes: &bytes, at: 0 };
    let wide = numbers.take(4) >> 24 == 1;
    let (count, width) = (numbers.take(4), if wide { 8 } else { 4 });
    if count > (bytes.len() as u64).saturating_sub(8) / (2 * width + 4) {
        return Err(damaged(None, "its `elst` table is cut off"));
    }
    let mut found = None;
    for _ in 0..count {
        let (duration, time) = (numbers.take(width as usize), numbers.take(width as usize));
        numbers.take(4);
        // an empty edit only says when the track begins beside others
        if time == if wide { u64::MAX } else { u64::from(u32::MAX) } {
            continue;
        }
        if found.is_some() {
            return Err(ReadError::Unsupported("a track that is put together of several parts".into()));
        }
        found = Some((time, duration));
    }
    Ok(found)
}

/// iTunes' tag `iTunSMPB`: hexadecimal words, the second one frames of delay, the third padding, the fourth what is heard.
fn itunes(file: &Shared, movie: Part, decoded: u64) -> Result<Option<Heard>, ReadError> {
    let Some(meta) = movie.way(file, &[b"udta", b"meta"])? else { return Ok(None) };
    // a box with a version in MP4, one without in QuickTime
    let list = match meta.after(4).find(file, b"ilst") {
        Ok(Some(list)) => Some(list),
        _ => meta.find(file, b"ilst").unwrap_or(None),
    };
    let Some(list) = list else { return Ok(None) };
    // tags are no sound: what is broken in them is no reason to refuse it
    for tag in list.parts(file).unwrap_or_default().iter().filter(|tag| tag.kind == *b"----") {
        let part = |kind: &[u8; 4]| tag.find(file, kind).ok().flatten().and_then(|part| part.bytes(file).ok());
        let (Some(name), Some(data)) = (part(b"name"), part(b"data")) else { continue };
        if name.get(4..) != Some(b"iTunSMPB") {
            continue;
        }
        let text = String::from_utf8_lossy(data.get(8..).unwrap_or(&[])).into_owned();
        let words: Vec<u64> = text.split_ascii_whitespace().map_while(|w| u64::from_str_radix(w, 16).ok()).collect();
        if let [_, skip, _, frames, ..] = words[..]
            && frames > 0
            && skip.checked_add(frames).is_some_and(|end| end <= decoded)
        {
            return Ok(Some(Heard { skip, frames }));
        }
    }
    Ok(None)
}
