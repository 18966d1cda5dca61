//! Plain samples: bytes to f64, exactly.

use super::ReadError;
use super::input::Shared;
use super::riff::Wav;
use crate::audio::Planes;

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
    bytes: Vec<u8>,
}

/// Bytes read at once.
const PIECE: usize = 1 << 16;

impl Pcm {
    pub(super) fn new(file: Shared, wav: Wav) -> Pcm {
        Pcm { file, wav, at: 0, bytes: Vec::new() }
    }

    pub(super) fn seek(&mut self, frame: u64) {
        self.at = frame.min(self.wav.info.frames);
    }

    pub(super) fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let channels = self.wav.info.channels;
        let frame = channels * self.wav.encoding.bytes();
        let frames = (self.wav.info.frames - self.at).min(out.frames() as u64) as usize;
        let most = (PIECE / frame).max(1);
        let mut done = 0;
        while done < frames {
            let count = (frames - done).min(most);
            self.bytes.resize(count * frame, 0);
            let found = self.file.read_at(self.wav.data + self.at * frame as u64, &mut self.bytes)?;
            if found < self.bytes.len() {
                // it was all there when it was opened
                return Err(ReadError::Changed);
            }
            for (channel, plane) in out.each_mut().enumerate().take(channels) {
                decode(self.wav.encoding, &self.bytes, frame, channel, &mut plane[done..done + count]);
            }
            self.at += count as u64;
            done += count;
        }
        Ok(frames)
    }
}

/// One channel of interleaved bytes. An n-bit integer is divided by 2^(n-1): exact, as a power of two.
fn decode(encoding: Encoding, bytes: &[u8], frame: usize, channel: usize, out: &mut [f64]) {
    const S16: f64 = 1.0 / 32_768.0;
    const S32: f64 = 1.0 / 2_147_483_648.0;
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
