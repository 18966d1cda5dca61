use std::path::Path;

use super::coded::{Coded, Kind};
use super::input::Shared;
use super::pcm::Pcm;
use super::{Info, ReadError, riff};
use crate::audio::Planes;
use crate::world::World;

/// What a file holds, by its header (an MP3's length by the headers of all its packets, an Ogg's by its last page).
///
/// # Errors
/// Everything that [`Reader::open`] refuses.
pub fn probe(world: &dyn World, path: &Path) -> Result<Info, ReadError> {
    Reader::open(world, path, false).map(|reader| reader.info)
}

/// The samples of a file as f64, full scale 1 (n-bit integers divided by 2^(n-1), exactly). Memory does not grow with the file.
pub struct Reader {
    file: Shared,
    info: Info,
    sound: Sound,
    at: u64,
}

enum Sound {
    Pcm(Pcm),
    Coded(Box<Coded>),
}

impl Reader {
    /// Looks at the bytes, not at the name. With `allow_truncated` a file that ends early is read as far as it goes: a WAV is as long as what is
    /// there, a FLAC keeps its length with silence at the end.
    pub fn open(world: &dyn World, path: &Path, allow_truncated: bool) -> Result<Reader, ReadError> {
        let file = Shared::new(world.open(path)?)?;
        let (info, sound) = match sniff(&file)? {
            Found::Wav => {
                let wav = riff::read(&file, allow_truncated)?;
                (wav.info.clone(), Sound::Pcm(Pcm::new(file.clone(), wav)))
            }
            Found::Coded(kind, base) => {
                let coded = Coded::open(file.clone(), base, kind, allow_truncated)?;
                (coded.info.clone(), Sound::Coded(Box::new(coded)))
            }
        };
        Ok(Reader { file, info, sound, at: 0 })
    }

    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Fills the first [`Info::channels`] planes of `out`, which has at least so many, and returns how many frames: all of them but at the end,
    /// 0 after it.
    ///
    /// # Errors
    /// [`ReadError::Changed`] with the last frames when the file is not what it was when it was opened.
    pub fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let frames = match &mut self.sound {
            Sound::Pcm(pcm) => pcm.read(out)?,
            Sound::Coded(coded) => coded.read(out)?,
        };
        self.at += frames as u64;
        if frames > 0 && self.at == self.info.frames && !self.file.unchanged()? {
            return Err(ReadError::Changed);
        }
        Ok(frames)
    }

    /// The next frame read will be `frame` (or none, past the end). What follows is what an uninterrupted reading gives, bit for bit.
    pub fn seek(&mut self, frame: u64) -> Result<(), ReadError> {
        match &mut self.sound {
            Sound::Pcm(pcm) => pcm.seek(frame),
            Sound::Coded(coded) => coded.seek(frame)?,
        }
        self.at = frame.min(self.info.frames);
        Ok(())
    }
}

enum Found {
    Wav,
    /// The stream begins at this byte.
    Coded(Kind, u64),
}

fn sniff(file: &Shared) -> Result<Found, ReadError> {
    if file.length == 0 {
        return Err(ReadError::Empty);
    }
    let base = after_tags(file)?;
    let mut head = [0; 16];
    let length = file.read_at(base, &mut head)?;
    let unsupported = |what: &str| Err(ReadError::Unsupported(what.into()));
    match &head[..length] {
        [b'R', b'I' | b'F', b'F' | b'6', b'F' | b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'B', b'W', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..]
            if base == 0 =>
        {
            Ok(Found::Wav)
        }
        [b'f', b'L', b'a', b'C', ..] => Ok(Found::Coded(Kind::Flac, base)),
        [b'O', b'g', b'g', b'S', ..] => Ok(Found::Coded(Kind::Ogg, base)),
        // eleven ones, then neither a reserved version nor a reserved layer
        [0xFF, b, ..] if b & 0xE0 == 0xE0 && b & 0x18 != 0x08 && b & 0x06 != 0 => Ok(Found::Coded(Kind::Mpeg, base)),
        [0xFF, b, ..] if b & 0xF6 == 0xF0 => Ok(Found::Coded(Kind::Adts, base)),
        _ if base > 0 => Ok(Found::Coded(Kind::Mpeg, base)),
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..] => Ok(Found::Coded(Kind::Mp4, base)),
        [b'F', b'O', b'R', b'M', ..] if &head[8..11] == b"AIF" => unsupported("AIFF"),
        [b'r', b'i', b'f', b'f', ..] => unsupported("Wave64"),
        [b'c', b'a', b'f', b'f', ..] => unsupported("CAF"),
        [b'w', b'v', b'p', b'k', ..] => unsupported("WavPack"),
        [b'M', b'A', b'C', b' ', ..] => unsupported("Monkey's Audio"),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => unsupported("Matroska"),
        [0x30, 0x26, 0xB2, 0x75, ..] => unsupported("WMA"),
        b"version https://" => Err(ReadError::LfsPointer),
        _ => Err(ReadError::NotAudio),
    }
}

/// Where the sound begins: behind ID3v2 tags (their size is four times seven bits, id3.org "ID3v2.4.0 structure", section 3.1).
fn after_tags(file: &Shared) -> Result<u64, ReadError> {
    let mut base = 0;
    loop {
        let mut head = [0; 10];
        if file.read_at(base, &mut head)? < 10 || &head[..3] != b"ID3" || head[6..].iter().any(|b| b & 0x80 != 0) {
            return Ok(base);
        }
        let size = head[6..].iter().fold(0u64, |size, b| size << 7 | u64::from(*b));
        let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
        base += 10 + size + footer;
        if base >= file.length {
            return Err(ReadError::Empty);
        }
    }
}
