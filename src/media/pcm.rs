//! Plain samples: bytes to f64, exactly.

use super::ReadError;
use super::input::Shared;
use super::riff::Wav;
use crate::audio::isa::Level;
use crate::audio::{Planes, samples};

/// How a sample lies in a WAV, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    U8,
    S16,
    S24,
    S32,
    F32,
    F64,
}

impl Encoding {
    pub(super) fn bytes(self) -> usize {
        match self {
            Encoding::U8 => 1,
            Encoding::S16 => 2,
            Encoding::S24 => 3,
            Encoding::S32 | Encoding::F32 => 4,
            Encoding::F64 => 8,
        }
    }

    pub(super) fn bits(self) -> Option<u32> {
        match self {
            Encoding::F32 | Encoding::F64 => None,
            integer => Some(integer.bytes() as u32 * 8),
        }
    }

    /// As ffmpeg calls it.
    pub(super) fn codec(self) -> &'static str {
        match self {
            Encoding::U8 => "pcm_u8",
            Encoding::S16 => "pcm_s16le",
            Encoding::S24 => "pcm_s24le",
            Encoding::S32 => "pcm_s32le",
            Encoding::F32 => "pcm_f32le",
            Encoding::F64 => "pcm_f64le",
        }
    }
}

/// Reads the samples of a WAV, any part of it at once.
pub(super) struct Pcm {
    file: Shared,
    wav: Wav,
    at: u64,
    /// Whole frames from `first` on.
    bytes: Vec<u8>,
    first: u64,
}

/// Bytes read at once: a block's worth at a time would be a call to the system for each.
const PIECE: usize = 1 << 16;

impl Pcm {
    pub(super) fn new(file: Shared, wav: Wav) -> Pcm {
        Pcm { file, wav, at: 0, bytes: Vec::new(), first: 0 }
    }

    pub(super) fn seek(&mut self, frame: u64) {
        self.at = frame.min(self.wav.info.frames);
    }

    pub(super) fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let (channels, encoding) = (self.wav.info.channels, self.wav.encoding);
        let frame = channels * encoding.bytes();
        let frames = (self.wav.info.frames - self.at).min(out.frames() as u64) as usize;
        let mut done = 0;
        while done < frames {
            let from = self.gather(frame)?;
            let bytes = &self.bytes[from..];
            let count = (frames - done).min(bytes.len() / frame);
            let (bytes, to) = (&bytes[..count * frame], done + count);
            if channels == 2 && encoding == Encoding::S24 && out.channels() == 2 {
                let (left, right) = out.pair_mut(0, 1);
                decode_24(bytes, &mut left[done..to], &mut right[done..to]);
            } else {
                for (channel, plane) in out.each_mut().enumerate().take(channels) {
                    decode(encoding, bytes, frame, channel, &mut plane[done..to]);
                }
            }
            self.at += count as u64;
            done = to;
        }
        Ok(frames)
    }

    /// Has the frame that comes next among its bytes, of which `frame` are one; says where it begins.
    fn gather(&mut self, frame: usize) -> Result<usize, ReadError> {
        let held = (self.bytes.len() / frame) as u64;
        if !(self.first..self.first + held).contains(&self.at) {
            let most = (PIECE / frame).max(1) as u64;
            let count = (self.wav.info.frames - self.at).min(most) as usize;
            self.bytes.resize(count * frame, 0);
            self.first = self.at;
            let found = self.file.read_at(self.wav.data + self.at * frame as u64, &mut self.bytes);
            if !found.as_ref().is_ok_and(|found| *found == self.bytes.len()) {
                self.bytes.clear();
                found?;
                // it was all there when it was opened
                return Err(ReadError::Changed);
            }
        }
        Ok((self.at - self.first) as usize * frame)
    }
}

const S32: f64 = 1.0 / 2_147_483_648.0;

/// One channel of interleaved bytes. An n-bit integer is divided by 2^(n-1): exact, as a power of two.
fn decode(encoding: Encoding, bytes: &[u8], frame: usize, channel: usize, out: &mut [f64]) {
    const S16: f64 = 1.0 / 32_768.0;
    let skip = channel * encoding.bytes();
    let samples = bytes.chunks_exact(frame).map(|f| &f[skip..]).zip(out);
    match encoding {
        Encoding::U8 => samples.for_each(|(b, x)| *x = (f64::from(b[0]) - 128.0) * (1.0 / 128.0)),
        Encoding::S16 => samples.for_each(|(b, x)| *x = f64::from(i16::from_le_bytes([b[0], b[1]])) * S16),
        // three bytes at the top of four: the same power of two as 32 bits
        Encoding::S24 => samples.for_each(|(b, x)| *x = f64::from(i32::from_le_bytes([0, b[0], b[1], b[2]])) * S32),
        Encoding::S32 => samples.for_each(|(b, x)| *x = f64::from(i32::from_le_bytes([b[0], b[1], b[2], b[3]])) * S32),
        Encoding::F32 => samples.for_each(|(b, x)| *x = f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
        Encoding::F64 => {
            samples.for_each(|(b, x)| *x = f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]));
        }
    }
}

/// Both channels of 24 bits, stereo, which nearly all files are: four frames are three words of eight bytes.
fn decode_24(bytes: &[u8], left: &mut [f64], right: &mut [f64]) {
    const PIECE: usize = 128;
    let isa = Level::find();
    // three bytes at the top of four
    let sides = |frame: u64| ((frame << 8) as u32 as i32, (frame >> 16) as u32 as i32 & !0xFF);
    let (mut l, mut r) = ([0; PIECE], [0; PIECE]);
    for ((bytes, left), right) in bytes.chunks(PIECE * 6).zip(left.chunks_mut(PIECE)).zip(right.chunks_mut(PIECE)) {
        let (words, rest) = bytes.as_chunks::<24>();
        for ((words, l), r) in words.iter().zip(l.as_chunks_mut::<4>().0).zip(r.as_chunks_mut::<4>().0) {
            let word = |i: usize| words[i..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
            let (a, b, c) = (word(0), word(8), word(16));
            let frames = [a, a >> 48 | b << 16, b >> 32 | c << 32, c >> 16];
            for i in 0..4 {
                (l[i], r[i]) = sides(frames[i]);
            }
        }
        for (i, bytes) in rest.chunks_exact(6).enumerate() {
            let frame = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            (l[words.len() * 4 + i], r[words.len() * 4 + i]) = sides(frame);
        }
        samples::of_integers(isa, &l, left, S32);
        samples::of_integers(isa, &r, right, S32);
    }
}
