//! New files: WAV, FLAC and AIFF, streamed, under their names only when they are whole.

mod aiff;
mod flac;
mod marks;
mod plain;
mod tags;
mod wav;

pub use flac::{Coded, Piece};
pub use marks::Mark;
pub use tags::{About, Broadcast, Loudness, Made, Tags, Track};

use super::{WriteError, packed};
use crate::audio::Layout;
use crate::audio::isa::Level;
use crate::units::Rate;
use crate::world::Output;

/// A kind of file that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Wav,
    Flac,
    Aiff,
}

impl Format {
    pub const fn name(self) -> &'static str {
        match self {
            Format::Wav => "wav",
            Format::Flac => "flac",
            Format::Aiff => "aiff",
        }
    }

    /// What ffmpeg calls its samples.
    pub const fn codec(self, bits: u32) -> &'static str {
        match (self, bits) {
            (Format::Flac, _) => "flac",
            (Format::Wav, 16) => "pcm_s16le",
            (Format::Wav, 24) => "pcm_s24le",
            (Format::Wav, _) => "pcm_f32le",
            (Format::Aiff, 16) => "pcm_s16be",
            (Format::Aiff, 24) => "pcm_s24be",
            (Format::Aiff, _) => "pcm_f32be",
        }
    }
}

/// What a file will hold. The length is known beforehand, so that its header is right from the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    pub format: Format,
    /// 16 or 24 for integers, 32 for floating point (not in a FLAC).
    pub bits: u32,
    /// 1 to 16; FLAC up to 8.
    pub channels: usize,
    pub rate: Rate,
    pub frames: u64,
    /// 0 to 8, as `flac -0` to `flac -8`: how much is tried for a small FLAC. The others are what they are.
    pub compression: u8,
}

impl Spec {
    /// Small, and soon there.
    pub const COMPRESSION: u8 = 5;
}

/// Planar samples, every channel the same length.
#[derive(Clone, Copy, Debug)]
pub enum Samples<'a> {
    /// Quantised to the file's bits.
    Int(&'a [&'a [i32]]),
    Float(&'a [&'a [f32]]),
}

impl Samples<'_> {
    pub fn frames(&self) -> usize {
        match self {
            Samples::Int(planes) => planes.first().map_or(0, |plane| plane.len()),
            Samples::Float(planes) => planes.first().map_or(0, |plane| plane.len()),
        }
    }

    fn fits(&self, channels: usize, bits: u32) -> bool {
        let frames = self.frames();
        match self {
            Samples::Int(planes) => bits < 32 && planes.len() == channels && planes.iter().all(|p| p.len() == frames),
            Samples::Float(planes) => {
                bits == 32 && planes.len() == channels && planes.iter().all(|p| p.len() == frames)
            }
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// BLAKE3 of the file's bytes, hexadecimal; empty where it is [untold](Writer::untold).
    pub hash: String,
    /// As [`seal`](crate::media::seal) would find it.
    pub seal: u128,
    /// The file's length.
    pub bytes: u64,
}

/// A file that is being written. Dropped before [`finish`](Writer::finish), it leaves nothing.
pub trait Writer: Send {
    /// Says what the file is, before the first frame. A format passes over what it has no place for.
    ///
    /// # Errors
    /// [`WriteError::Unsupported`] where the file would become too long.
    fn describe(&mut self, about: &About) -> Result<(), WriteError>;

    /// Nobody asks for its BLAKE3, so it need not be computed. Before the first frame.
    fn untold(&mut self);

    /// What was measured of its frames, when all have come: for files that say it themselves.
    fn measured(&mut self, _: &Loudness) {}

    /// Appends frames.
    ///
    /// # Errors
    /// [`WriteError::Length`] beyond the promised length; the file system's.
    fn write(&mut self, block: Samples<'_>) -> Result<(), WriteError>;

    /// From now on blocks are given out by [`pieces`](Writer::pieces), for others to encode; false where there is nothing to be encoded.
    fn share(&mut self) -> bool {
        false
    }

    /// The blocks that have become full, in order. All that comes of them must be [`put`](Writer::put) in that order, before the end.
    fn pieces(&mut self) -> Vec<Piece> {
        Vec::new()
    }

    /// Writes a block.
    ///
    /// # Errors
    /// The file system's.
    fn put(&mut self, _: Coded) -> Result<(), WriteError> {
        Ok(())
    }

    /// Puts the file under its name.
    ///
    /// # Errors
    /// [`WriteError::Length`] when frames are missing; the file system's.
    fn finish(self: Box<Self>) -> Result<Finished, WriteError>;
}

/// Begins a file. Its bytes are a function of the spec, the samples and what is said about it alone.
///
/// # Errors
/// [`WriteError::Unsupported`] where the format can't hold what the spec asks for.
pub fn create(output: Box<dyn Output>, spec: Spec) -> Result<Box<dyn Writer>, WriteError> {
    if Layout::new(spec.channels).is_none() {
        return Err(WriteError::Unsupported(format!("{} channels can't be written", spec.channels)));
    }
    match (spec.format, spec.bits) {
        (Format::Wav, 16 | 24 | 32) => Ok(Box::new(wav::Wav::new(output, spec)?)),
        (Format::Flac, 16 | 24) => Ok(Box::new(flac::Flac::new(output, spec)?)),
        (Format::Aiff, 16 | 24 | 32) => Ok(Box::new(aiff::Aiff::new(output, spec)?)),
        (format, bits) => Err(WriteError::Unsupported(format!(
            "{} of {bits} bits can't be written; {} can",
            match format {
                Format::Wav => "a WAV",
                Format::Flac => "a FLAC",
                Format::Aiff => "an AIFF",
            },
            if format == Format::Flac { "16 and 24" } else { "16, 24 and 32 (floating point)" }
        ))),
    }
}

/// Whether there can be such a file: what is refused here is known before there is any sound.
///
/// # Errors
/// [`WriteError::Unsupported`] where it would be too long for its format.
pub fn check(spec: &Spec) -> Result<(), WriteError> {
    match spec.format {
        Format::Wav => wav::check(spec),
        Format::Flac => flac::check(spec),
        Format::Aiff => aiff::check(spec),
    }
}

/// Counts the frames against the promise.
fn counted(written: u64, block: &Samples<'_>, spec: &Spec) -> Result<u64, WriteError> {
    if !block.fits(spec.channels, spec.bits) {
        return Err(WriteError::Encoder("the samples don't fit the file's channels and bits".into()));
    }
    let given = written + block.frames() as u64;
    if given > spec.frames {
        return Err(WriteError::Length { promised: spec.frames, given });
    }
    Ok(given)
}

/// Interleaves integers as `bytes` little-endian bytes each.
fn interleave(planes: &[&[i32]], from: usize, to: usize, bytes: usize, into: &mut Vec<u8>) {
    match bytes {
        3 if planes.len() == 2 => {
            let start = into.len();
            let end = start + (to - from) * 6;
            into.resize(end + packed::BEHIND, 0);
            packed::pack_pair(Level::find(), &planes[0][from..to], &planes[1][from..to], &mut into[start..]);
            into.truncate(end);
        }
        2 => weave::<2>(planes, from, to, into),
        3 => weave::<3>(planes, from, to, into),
        _ => weave::<4>(planes, from, to, into),
    }
}

/// The number of bytes is known when it is compiled: a copy of unknown length would be a call for every sample.
fn weave<const BYTES: usize>(planes: &[&[i32]], from: usize, to: usize, into: &mut Vec<u8>) {
    let start = into.len();
    into.resize(start + (to - from) * planes.len() * BYTES, 0);
    for (channel, plane) in planes.iter().enumerate() {
        let samples = into[start..].chunks_exact_mut(BYTES).skip(channel).step_by(planes.len());
        for (to, sample) in samples.zip(&plane[from..to]) {
            let bytes = sample.to_le_bytes();
            to.iter_mut().zip(&bytes).for_each(|(to, byte)| *to = *byte);
        }
    }
}
