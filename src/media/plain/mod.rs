//! Files whose samples lie in them as they are: WAV, Wave64, AIFF, CAF, AU. Each room reads one header; every size in it is checked against the
//! file before it is believed, and nothing is allocated by it.

mod aiff;
mod au;
mod caf;
mod chunks;
mod encoding;
mod fields;
mod g711;
mod pcm;
mod riff;
mod w64;
mod wave;

pub(super) use pcm::Pcm;

use encoding::Encoding;

use super::input::Shared;
use super::{Info, ReadError};
use crate::units::Rate;

/// Where the samples are and what they are.
pub(super) struct Plain {
    pub(super) info: Info,
    encoding: Encoding,
    /// Byte of the first frame.
    data: u64,
}

/// A kind of plain file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Wav,
    Wave64,
    Aiff,
    Caf,
    Au,
}

/// Reads a header. With `allow_truncated` a file that ends early is as long as what is there.
pub(super) fn read(container: Container, file: &Shared, allow_truncated: bool) -> Result<Plain, ReadError> {
    let (shape, sound) = match container {
        Container::Wav => riff::read(file)?,
        Container::Wave64 => w64::read(file)?,
        Container::Aiff => aiff::read(file)?,
        Container::Caf => caf::read(file)?,
        Container::Au => au::read(file)?,
    };
    shape.of(file, &sound, allow_truncated)
}

/// What a header says of every sample.
struct Shape {
    format: &'static str,
    encoding: Encoding,
    /// Bits of an integer that are used, from the top down; where that makes no sense, all of them are.
    valid: u32,
    channels: usize,
    rate: Rate,
    mask: Option<u32>,
}

/// What a header says of where the samples lie.
struct Sound {
    /// Byte of the first frame.
    at: u64,
    /// How many bytes; `None` where the writer did not know when it began and never came back: a stream, a recorder that lost its power. Then
    /// everything up to the end of the file is sound.
    bytes: Option<u64>,
    /// How many frames, where that is said as well; 0 says nothing.
    frames: u64,
}

impl Shape {
    fn of(self, file: &Shared, sound: &Sound, allow_truncated: bool) -> Result<Plain, ReadError> {
        let frame = (self.channels * self.encoding.bytes()) as u64;
        let there = file.length.saturating_sub(sound.at);
        let bytes = sound.bytes.unwrap_or(there);
        let (expected, found) = ((bytes / frame).max(sound.frames), bytes.min(there) / frame);
        if expected == 0 {
            return Err(ReadError::Empty);
        }
        if found < expected && !allow_truncated {
            return Err(ReadError::Truncated { expected, found });
        }
        if found == 0 {
            return Err(ReadError::Empty);
        }
        let info = Info {
            format: self.format,
            codec: self.encoding.codec(),
            channels: self.channels,
            rate: self.rate,
            frames: found,
            bits: self.encoding.bits(self.valid),
            lossless: self.encoding.lossless(),
            mask: self.mask,
        };
        Ok(Plain { info, encoding: self.encoding, data: sound.at })
    }
}

fn damaged(why: &str) -> ReadError {
    ReadError::Damaged { frame: None, why: why.into() }
}
