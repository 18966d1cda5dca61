//! One sample: its bytes to an f64, full scale 1.

use super::fields::Order;
use super::g711::{A_LAW, MU_LAW};
use crate::audio::isa::Level;
use crate::media::packed;

/// How a sample lies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 8 bits with the zero at 128, as WAV has them.
    U8,
    S8,
    S16(Order),
    S24(Order),
    S32(Order),
    S64(Order),
    F32(Order),
    F64(Order),
    ALaw,
    MuLaw,
}

use Encoding::*;
use Order::{Big, Little};

impl Encoding {
    /// A signed integer of so many bytes.
    pub(super) fn integer(bytes: usize, order: Order) -> Option<Encoding> {
        Some(match bytes {
            1 => S8,
            2 => S16(order),
            3 => S24(order),
            4 => S32(order),
            8 => S64(order),
            _ => return None,
        })
    }

    pub(super) fn float(bytes: usize, order: Order) -> Option<Encoding> {
        Some(match bytes {
            4 => F32(order),
            8 => F64(order),
            _ => return None,
        })
    }

    pub(super) fn bytes(self) -> usize {
        match self {
            U8 | S8 | ALaw | MuLaw => 1,
            S16(_) => 2,
            S24(_) => 3,
            S32(_) | F32(_) => 4,
            S64(_) | F64(_) => 8,
        }
    }

    /// Of an integer the bits that are used, `valid` where that can be true.
    pub(super) fn bits(self, valid: u32) -> Option<u32> {
        let all = self.bytes() as u32 * 8;
        match self {
            F32(_) | F64(_) | ALaw | MuLaw => None,
            _ => Some(if (1..=all).contains(&valid) { valid } else { all }),
        }
    }

    pub(super) fn lossless(self) -> bool {
        !matches!(self, ALaw | MuLaw)
    }

    /// As ffmpeg calls it.
    pub(super) fn codec(self) -> &'static str {
        match self {
            U8 => "pcm_u8",
            S8 => "pcm_s8",
            S16(Little) => "pcm_s16le",
            S16(Big) => "pcm_s16be",
            S24(Little) => "pcm_s24le",
            S24(Big) => "pcm_s24be",
            S32(Little) => "pcm_s32le",
            S32(Big) => "pcm_s32be",
            S64(Little) => "pcm_s64le",
            S64(Big) => "pcm_s64be",
            F32(Little) => "pcm_f32le",
            F32(Big) => "pcm_f32be",
            F64(Little) => "pcm_f64le",
            F64(Big) => "pcm_f64be",
            ALaw => "pcm_alaw",
            MuLaw => "pcm_mulaw",
        }
    }

    /// Decodes one channel of interleaved `bytes`, whose frames are `frame` bytes long. An n-bit integer is divided by 2^(n-1): exact, as a
    /// power of two (64 bits are rounded to the 53 of an f64).
    pub(super) fn decode(self, bytes: &[u8], frame: usize, channel: usize, out: &mut [f64]) {
        let skip = channel * self.bytes();
        let samples = || bytes.chunks_exact(frame).map(|frame| &frame[skip..]);
        match self {
            U8 => each(samples(), out, |[b]: [u8; 1]| top([b ^ 0x80])),
            S8 => each(samples(), out, top::<1>),
            S16(Little) => each(samples(), out, |b| f64::from(i16::from_le_bytes(b)) * S16_STEP),
            S16(Big) => each(samples(), out, |b| f64::from(i16::from_be_bytes(b)) * S16_STEP),
            S24(Little) if frame == 3 => packed::unpack(Level::find(), bytes, out),
            S24(Little) => each(samples(), out, top::<3>),
            S24(Big) => each(samples(), out, |b: [u8; 3]| top(turned(b))),
            S32(Little) => each(samples(), out, top::<4>),
            S32(Big) => each(samples(), out, |b: [u8; 4]| top(turned(b))),
            S64(Little) => each(samples(), out, |b| i64::from_le_bytes(b) as f64 * S64_STEP),
            S64(Big) => each(samples(), out, |b| i64::from_be_bytes(b) as f64 * S64_STEP),
            F32(Little) => each(samples(), out, |b| f64::from(f32::from_le_bytes(b))),
            F32(Big) => each(samples(), out, |b| f64::from(f32::from_be_bytes(b))),
            F64(Little) => each(samples(), out, f64::from_le_bytes),
            F64(Big) => each(samples(), out, f64::from_be_bytes),
            ALaw => each(samples(), out, |[b]: [u8; 1]| f64::from(A_LAW[usize::from(b)]) * S16_STEP),
            MuLaw => each(samples(), out, |[b]: [u8; 1]| f64::from(MU_LAW[usize::from(b)]) * S16_STEP),
        }
    }
}

const S16_STEP: f64 = 1.0 / 32_768.0;
/// Of 32 bits, and of fewer at their top.
const S32_STEP: f64 = 1.0 / 2_147_483_648.0;
const S64_STEP: f64 = S32_STEP * S32_STEP * 0.5;

fn each<'a, const N: usize>(
    samples: impl Iterator<Item = &'a [u8]>,
    out: &mut [f64],
    decoded: impl Fn([u8; N]) -> f64,
) {
    for (bytes, out) in samples.zip(out) {
        // every frame holds a whole sample of every channel
        *out = bytes.first_chunk().map_or(0.0, |bytes| decoded(*bytes));
    }
}

/// Up to four bytes at the top of four, the last of them the highest.
fn top<const N: usize>(bytes: [u8; N]) -> f64 {
    let mut word = [0; 4];
    word[4 - N..].copy_from_slice(&bytes);
    f64::from(i32::from_le_bytes(word)) * S32_STEP
}

fn turned<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    bytes.reverse();
    bytes
}
