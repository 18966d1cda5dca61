//! Which codec a track has, and what its decoder must know: the sample description (ISO/IEC 14496-12, section 8.5.2, and the "QuickTime File
//! Format Specification", sound sample descriptions).

use super::boxes::{Numbers, Part};
use crate::media::ReadError;
use crate::media::coded::alac::Cookie;
use crate::media::coded::asc::Config;
use crate::media::coded::guard::damaged;
use crate::media::input::Shared;

pub(super) enum Entry {
    Aac(Config),
    Alac(Cookie),
}

pub(super) fn read(file: &Shared, description: Part) -> Result<Entry, ReadError> {
    // version, flags, the number of entries: the first one counts
    let entries = description.after(8).parts(file)?;
    let entry = entries.first().ok_or_else(|| damaged(None, "its track has no sample description"))?;
    let head = entry.bytes(file)?;
    // QuickTime puts more before the boxes, by a version
    let version = head.get(8..10).map_or(0, |v| u16::from_be_bytes([v[0], v[1]]));
    let inner = entry.after(28 + [0, 16, 36].get(usize::from(version)).copied().unwrap_or(0));
    let unsupported = |what: &str| Err(ReadError::Unsupported(what.into()));
    match &entry.kind {
        b"mp4a" => aac(&setup(file, inner, b"esds")?),
        b"alac" => Cookie::read(&setup(file, inner, b"alac")?).map(Entry::Alac),
        b"ac-3" => unsupported("AC-3 (Dolby Digital)"),
        b"ec-3" => unsupported("E-AC-3 (Dolby Digital Plus)"),
        b"ac-4" => unsupported("AC-4"),
        b"mlpa" => unsupported("Dolby TrueHD"),
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" => unsupported("DTS"),
        b"fLaC" => unsupported("FLAC inside MP4"),
        b"Opus" => unsupported("Opus inside MP4"),
        b".mp3" | b"ms\0U" => unsupported("MP3 inside MP4"),
        b"samr" | b"sawb" => unsupported("AMR"),
        b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"fpcm" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw " | b"NONE" => {
            unsupported("PCM inside MP4 or QuickTime")
        }
        b"enca" | b"drms" => unsupported("a file that is protected against copying"),
        other => unsupported(&format!("the codec `{}`", other.escape_ascii())),
    }
}

/// What a box of this kind holds behind its version and flags; QuickTime keeps it in a `wave` box.
fn setup(file: &Shared, inner: Part, kind: &[u8; 4]) -> Result<Vec<u8>, ReadError> {
    let found = match inner.find(file, kind)? {
        Some(found) => Some(found),
        None => inner.way(file, &[b"wave", kind])?,
    };
    let found = found.ok_or_else(|| damaged(None, "its sample description doesn't say what its codec needs"))?;
    found.after(4).bytes(file)
}

/// An elementary stream descriptor (ISO/IEC 14496-1, section 7.2.6.5): which codec, and its setup.
fn aac(bytes: &[u8]) -> Result<Entry, ReadError> {
    let mut numbers = Numbers { bytes, at: 0 };
    let mut object = 0;
    while numbers.at < bytes.len() {
        let tag = numbers.take(1);
        // seven bits a byte, at most four
        let mut size = 0;
        for _ in 0..4 {
            let byte = numbers.take(1) as usize;
            size = size << 7 | byte & 0x7F;
            if byte & 0x80 == 0 {
                break;
            }
        }
        match tag {
            // its own number, then what it depends on, a place and a clock, each where a flag says so
            3 => {
                let flags = numbers.take(3) as usize;
                let place =
                    if flags & 0x40 != 0 { 1 + bytes.get(numbers.at).map_or(0, |n| usize::from(*n)) } else { 0 };
                numbers.at += if flags & 0x80 != 0 { 2 } else { 0 } + place + if flags & 0x20 != 0 { 2 } else { 0 };
            }
            4 => {
                object = numbers.take(1);
                numbers.take(12);
            }
            5 => {
                let config = bytes.get(numbers.at..).and_then(|rest| rest.get(..size.min(rest.len()))).unwrap_or(&[]);
                return known(object).and_then(|()| Config::read(config)).map(Entry::Aac);
            }
            _ => numbers.at += size,
        }
    }
    known(object)?;
    Err(damaged(None, "its sample description doesn't say which AAC it is"))
}

/// The object types of MPEG-4 registration that are AAC.
fn known(object: u64) -> Result<(), ReadError> {
    let name = match object {
        0x40 | 0x66 | 0x67 | 0x68 => return Ok(()),
        0x69 | 0x6B => "MP3 inside MP4",
        0xA5 => "AC-3 (Dolby Digital)",
        0xA6 => "E-AC-3 (Dolby Digital Plus)",
        0xA9..=0xAC => "DTS",
        0xAD => "Opus inside MP4",
        0xDD => "Vorbis inside MP4",
        other => return Err(ReadError::Unsupported(format!("the MPEG-4 codec {other:#04x}"))),
    };
    Err(ReadError::Unsupported(name.into()))
}
