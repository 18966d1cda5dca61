use std::path::Path;

use super::coded::{Coded, Kind};
use super::input::Shared;
use super::plain::{self, Container, Pcm};
use super::{Info, ReadError, stranger};
use crate::audio::{Block, Planes};
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
    only: Option<Only>,
}

/// Some of a file's channels.
struct Only {
    channels: Vec<usize>,
    /// All of them.
    all: Block,
}

/// Frames read at once where only some channels are wanted.
const PIECE: usize = 1024;

enum Sound {
    Pcm(Pcm),
    Coded(Box<Coded>),
}

impl Reader {
    /// Looks at the bytes, not at the name. With `allow_truncated` a file that ends early is read as far as it goes: plain samples are
    /// as many as are there, a FLAC keeps its length with silence at the end.
    pub fn open(world: &dyn World, path: &Path, allow_truncated: bool) -> Result<Reader, ReadError> {
        let file = Shared::new(world.open(path)?)?;
        let (info, sound) = match sniff(&file)? {
            Found::Plain(container) => {
                let plain = plain::read(container, &file, allow_truncated)?;
                (plain.info.clone(), Sound::Pcm(Pcm::new(file.clone(), plain)))
            }
            Found::Coded(kind, base) => {
                let coded = Coded::open(file.clone(), base, kind, allow_truncated)?;
                (coded.info.clone(), Sound::Coded(Box::new(coded)))
            }
        };
        Ok(Reader { file, info, sound, at: 0, only: None })
    }

    /// Only these channels, counted from 0, from now on; all of them for none.
    ///
    /// # Errors
    /// [`ReadError::NoChannel`].
    pub fn only(mut self, channels: &[usize]) -> Result<Reader, ReadError> {
        let all = self.info.channels;
        if let Some(missing) = channels.iter().find(|channel| **channel >= all) {
            return Err(ReadError::NoChannel { asked: missing + 1, channels: all });
        }
        if !channels.is_empty() {
            self.info.channels = channels.len();
            self.info.mask = None;
            self.only = Some(Only { channels: channels.to_vec(), all: Block::new(all, PIECE) });
        }
        Ok(self)
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
        let frames = match &mut self.only {
            None => self.sound.read(out)?,
            Some(only) => only.read(&mut self.sound, out)?,
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

impl Sound {
    fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        match self {
            Sound::Pcm(pcm) => pcm.read(out),
            Sound::Coded(coded) => coded.read(out),
        }
    }
}

impl Only {
    fn read(&mut self, sound: &mut Sound, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let mut done = 0;
        while done < out.frames() {
            let frames = PIECE.min(out.frames() - done);
            let read = sound.read(&mut self.all.planes(self.all.channels(), frames))?;
            for (plane, channel) in out.each_mut().zip(&self.channels) {
                plane[done..done + read].copy_from_slice(&self.all.channel(*channel)[..read]);
            }
            done += read;
            if read < frames {
                break;
            }
        }
        Ok(done)
    }
}

enum Found {
    Plain(Container),
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
        [b'R', b'I', b'F', b'F' | b'X', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'B', b'W', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..]
            if base == 0 =>
        {
            Ok(Found::Plain(Container::Wav))
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
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => Ok(Found::Plain(Container::Aiff)),
        [b'r', b'i', b'f', b'f', 0x2E, 0x91, 0xCF, 0x11, ..] => Ok(Found::Plain(Container::Wave64)),
        [b'c', b'a', b'f', b'f', ..] => Ok(Found::Plain(Container::Caf)),
        [b'.', b's', b'n', b'd', ..] => Ok(Found::Plain(Container::Au)),
        [b'w', b'v', b'p', b'k', ..] => unsupported("WavPack"),
        [b'M', b'A', b'C', b' ', ..] => unsupported("Monkey's Audio"),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => unsupported("Matroska"),
        [0x30, 0x26, 0xB2, 0x75, ..] => unsupported("WMA"),
        b"version https://" => Err(ReadError::LfsPointer),
        head if head.starts_with(b"/annex/objects/") => Err(ReadError::AnnexPointer),
        _ => Err(stranger::find(file)?.map_or(ReadError::NotAudio, ReadError::Stranger)),
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
