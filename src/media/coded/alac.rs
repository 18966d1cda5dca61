//! What a decoder of Apple Lossless must know (its "magic cookie", as in Apple's published sources, `ALACMagicCookieDescription.txt`), checked.

use symphonia::core::codecs::audio::well_known::CODEC_ID_ALAC;

use super::decoder::Decoder;
use super::guard::damaged;
use crate::media::info::{channels, rate};
use crate::media::{Info, ReadError};

/// Frames of a packet at most: sixteen times what encoders use.
const MOST: u32 = 1 << 16;

pub(super) struct Cookie {
    /// Frames of every packet but the last.
    pub(super) packet: u32,
    bits: u32,
    channels: usize,
    pub(super) hz: u32,
    bytes: Vec<u8>,
}

impl Cookie {
    pub(super) fn read(bytes: &[u8]) -> Result<Cookie, ReadError> {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
        if bytes.len() != 24 && bytes.len() != 48 || bytes[4] != 0 {
            return Err(ReadError::Unsupported("this version of ALAC".into()));
        }
        let bits = u32::from(bytes[5]);
        if ![16, 20, 24, 32].contains(&bits) {
            return Err(damaged(None, &format!("its ALAC header says {bits} bits")));
        }
        let packet = word(0);
        if !(1..=MOST).contains(&packet) {
            return Err(damaged(None, &format!("its ALAC header says {packet} frames a packet")));
        }
        let channels = channels(bytes[9].into())?;
        if channels > 8 {
            return Err(ReadError::Unsupported("ALAC with more than eight channels".into()));
        }
        Ok(Cookie { packet, bits, channels, hz: word(20), bytes: bytes.to_vec() })
    }

    pub(super) fn info(&self, frames: u64) -> Result<Info, ReadError> {
        Ok(Info {
            format: "mp4",
            codec: "alac",
            channels: self.channels,
            rate: rate(self.hz)?,
            frames,
            bits: Some(self.bits),
            lossless: true,
            mask: None,
        })
    }

    pub(super) fn decoder(&self) -> Result<Decoder, ReadError> {
        Decoder::new(CODEC_ID_ALAC, self.hz, self.channels, &self.bytes)
    }
}
