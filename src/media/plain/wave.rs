//! The `fmt ` chunk, which WAV and Wave64 have in common: WAVEFORMATEX and WAVEFORMATEXTENSIBLE (Microsoft, "Multiple Channel Audio Data and
//! WAVE Files", 2001).

use super::encoding::Encoding;
use super::fields::{Fields, Order};
use super::{Shape, damaged};
use crate::media::ReadError;
use crate::media::info::{channels, rate};
use crate::media::input::Shared;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
const EXTENSIBLE: u16 = 0xFFFE;
/// What follows the format tag in the subformat's GUID, and in that of ambisonic files (Martin Leese, "Specification of the AMB file format").
const TAILS: [[u8; 14]; 2] = [
    [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71],
    [0, 0, 0x21, 0x07, 0xD3, 0x11, 0x86, 0x44, 0xC8, 0xC1, 0xCA, 0, 0, 0],
];

/// Reads `size` bytes at byte `at`.
pub(super) fn read(file: &Shared, at: u64, size: u64, order: Order, format: &'static str) -> Result<Shape, ReadError> {
    let mut bytes = [0; 40];
    let wanted = size.min(40) as usize;
    if wanted < 16 || file.read_at(at, &mut bytes[..wanted])? < wanted {
        return Err(damaged("its fmt chunk is cut off"));
    }
    let fields = Fields::new(&bytes, order);
    let (mut tag, block, bits) = (fields.u16(0), usize::from(fields.u16(12)), fields.u16(14));
    let (mut valid, mut mask) = (bits, None);
    if tag == EXTENSIBLE {
        if wanted < 40 {
            return Err(damaged("its extensible fmt chunk is cut off"));
        }
        if !TAILS.iter().any(|tail| bytes[26..40] == *tail) {
            return Err(ReadError::Unsupported("a WAV of an unknown subformat".into()));
        }
        (tag, valid) = (fields.u16(24), fields.u16(18));
        mask = Some(fields.u32(20)).filter(|mask| *mask != 0);
    }
    let channels = channels(u32::from(fields.u16(2)))?;
    let rate = rate(fields.u32(4))?;
    let unsupported = || ReadError::Unsupported(format!("a WAV of {} with {bits} bits", name(tag)));
    if !matches!(tag, PCM | FLOAT | A_LAW | MU_LAW) {
        return Err(unsupported());
    }
    // samples of fewer bits than their bytes hold lie at the top of them; where a frame's bytes are left out, they are as few as will do
    let bytes_each = if block == 0 { usize::from(bits.div_ceil(8)) } else { block / channels };
    if block % channels != 0 || bits == 0 || usize::from(bits) > bytes_each * 8 {
        return Err(damaged(&format!(
            "its fmt chunk contradicts itself: {channels} channels of {bits} bits in frames of {block} bytes"
        )));
    }
    let encoding = match (tag, bytes_each) {
        (PCM, 1) => Some(Encoding::U8),
        (PCM, bytes) => Encoding::integer(bytes, order),
        (FLOAT, bytes) => Encoding::float(bytes, order),
        (A_LAW, 1) => Some(Encoding::ALaw),
        (MU_LAW, 1) => Some(Encoding::MuLaw),
        _ => None,
    };
    let encoding = encoding.ok_or_else(unsupported)?;
    Ok(Shape { format, encoding, valid: u32::from(valid), channels, rate, mask })
}

fn name(tag: u16) -> String {
    match tag {
        PCM => "integer PCM".into(),
        FLOAT => "floating-point PCM".into(),
        2 => "Microsoft ADPCM".into(),
        A_LAW => "A-law".into(),
        MU_LAW => "µ-law".into(),
        0x11 => "IMA ADPCM".into(),
        0x31 => "GSM 6.10".into(),
        0x50 => "MPEG audio".into(),
        0x55 => "MP3".into(),
        0xFF => "AAC".into(),
        0x2000 => "AC-3".into(),
        0x2001 => "DTS".into(),
        other => format!("format {other:#06x}"),
    }
}
