//! MP4, M4A and QuickTime: the first track of sound, AAC or Apple Lossless. All of its boxes and tables are checked here; a decoder sees packets.

mod boxes;
mod edit;
mod entry;
mod table;

use boxes::{Numbers, Part};
use edit::{Clock, Heard};
use entry::Entry;
use table::Table;

use super::guard::damaged;
use super::steady::{Packets, Steady};
use super::window::Window;
use super::{Opened, asc};
use crate::media::ReadError;
use crate::media::input::Shared;

/// Packets that are looked into for HE-AAC.
const LOOKED_INTO: u64 = 16;

/// The packets of a track, in cells of `CELL`, before each of which `LEAD` are decoded.
struct Track<const CELL: u64, const LEAD: u64> {
    window: Window,
    table: Table,
    at: u64,
}

pub(super) fn open(file: Shared, allow_truncated: bool) -> Result<Opened, ReadError> {
    let whole = Part::whole(&file);
    let parts = whole.parts(&file)?;
    let find = |kind: &[u8; 4]| parts.iter().find(|part| part.kind == *kind).copied();
    let Some(movie) = find(b"moov") else {
        return Err(damaged(None, "its index (`moov`) is missing: the file was never finished, or its end is cut off"));
    };
    let track = sound(&file, movie)?.ok_or_else(|| ReadError::Unsupported("a film without sound".into()))?;
    let media = track.find(&file, b"mdia")?;
    let media = media.ok_or_else(|| damaged(None, "its track has no `mdia` box"))?;
    let table = media.way(&file, &[b"minf", b"stbl"])?;
    let table = table.ok_or_else(|| damaged(None, "its track has no sample table"))?;
    let described = table.find(&file, b"stsd")?;
    let described = described.ok_or_else(|| damaged(None, "its track has no sample description"))?;
    let entry = entry::read(&file, described)?;
    if movie.find(&file, b"mvex")?.is_some() {
        return Err(ReadError::Unsupported("an MP4 in fragments".into()));
    }
    let table = table::read(&file, table)?;
    let hz = match &entry {
        Entry::Aac(config) => config.hz(),
        Entry::Alac(cookie) => cookie.hz,
    };
    let clock = Clock {
        track: scale(&file, media.find(&file, b"mdhd")?)?,
        movie: scale(&file, movie.find(&file, b"mvhd")?)?,
        rate: hz.into(),
    };
    let length = match &entry {
        Entry::Aac(_) => asc::PACKET,
        Entry::Alac(cookie) => cookie.packet.into(),
    };
    if matches!(entry, Entry::Alac(_)) && table.promised > 1 && table.steady.map(|d| clock.frames(d)) != Some(length) {
        return Err(ReadError::Unsupported("ALAC with packets of several lengths".into()));
    }
    let promised = table.promised.saturating_mul(length);
    let total = clock.frames(table.duration);
    let Heard { skip, frames } = edit::heard(&file, movie, track, &clock, promised, total)?;
    let there = (table.count() * length).saturating_sub(skip);
    if there < frames && !allow_truncated {
        return Err(ReadError::Truncated { expected: frames, found: there });
    }
    match entry {
        Entry::Aac(config) => {
            let mut track = Track::<{ asc::CELL }, { asc::LEAD }> { window: Window::new(file), table, at: 0 };
            if asc::replicates(&track.first(LOOKED_INTO)?) {
                return Err(ReadError::Unsupported("HE-AAC".into()));
            }
            let info = config.info("mp4", frames)?;
            let stream = Box::new(Steady::new(track, config.decoder()?, length, skip, false));
            Ok(Opened { info, stream })
        }
        Entry::Alac(cookie) => {
            // every packet stands for itself
            let track = Track::<8, 0> { window: Window::new(file), table, at: 0 };
            let info = cookie.info(frames)?;
            let stream = Box::new(Steady::new(track, cookie.decoder()?, length, skip, true));
            Ok(Opened { info, stream })
        }
    }
}

/// The first track whose handler is sound.
fn sound(file: &Shared, movie: Part) -> Result<Option<Part>, ReadError> {
    for track in movie.parts(file)?.into_iter().filter(|part| part.kind == *b"trak") {
        if let Some(handler) = track.way(file, &[b"mdia", b"hdlr"])?
            && handler.bytes(file)?.get(8..12) == Some(b"soun")
        {
            return Ok(Some(track));
        }
    }
    Ok(None)
}

/// Units a second of an `mdhd` or `mvhd` box.
fn scale(file: &Shared, header: Option<Part>) -> Result<u64, ReadError> {
    let header = header.ok_or_else(|| damaged(None, "it doesn't say what its times mean"))?;
    let bytes = header.bytes(file)?;
    let mut numbers = Numbers { bytes: &bytes, at: 0 };
    let wide = numbers.take(4) >> 24 == 1;
    numbers.take(if wide { 8 } else { 4 });
    numbers.take(if wide { 8 } else { 4 });
    match numbers.take(4) {
        0 => Err(damaged(None, "its clock stands still")),
        scale => Ok(scale),
    }
}

impl<const CELL: u64, const LEAD: u64> Track<CELL, LEAD> {
    fn first(&mut self, count: u64) -> Result<Vec<Vec<u8>>, ReadError> {
        let mut packets = Vec::new();
        for _ in 0..count {
            let mut bytes = Vec::new();
            if !self.next(&mut bytes)? {
                break;
            }
            packets.push(bytes);
        }
        self.at = 0;
        Ok(packets)
    }
}

impl<const CELL: u64, const LEAD: u64> Packets for Track<CELL, LEAD> {
    const CELL: u64 = CELL;

    fn count(&self) -> u64 {
        self.table.count()
    }

    fn enter(&mut self, cell: u64) -> Result<u64, ReadError> {
        self.at = (cell * CELL).saturating_sub(LEAD);
        Ok(self.at)
    }

    fn next(&mut self, into: &mut Vec<u8>) -> Result<bool, ReadError> {
        let Some((at, size)) = self.table.packet(self.at) else { return Ok(false) };
        let bytes = self.window.look(at, size)?;
        if bytes.len() < size {
            return Ok(false);
        }
        into.clear();
        into.extend_from_slice(bytes);
        self.at += 1;
        Ok(true)
    }
}
