//! The chunks of a WAV file: RIFF ("Multimedia Programming Interface and Data Specifications 1.0", 1991), WAVEFORMATEXTENSIBLE,
//! RF64 and BW64 (ITU-R BS.2088). Every size is checked against the file before it is believed.

use super::info::{channels, rate};
use super::input::Shared;
use super::pcm::Encoding;
use super::{Info, ReadError};

/// Where the samples are and what they are.
pub(super) struct Wav {
    pub(super) info: Info,
    pub(super) encoding: Encoding,
    /// Byte of the first frame.
    pub(super) data: u64,
}

/// A file of more chunks than this is a trap, not a recording.
const MOST_CHUNKS: usize = 10_000;
/// The size that stands for "see ds64", or "I didn't know when I started".
const UNKNOWN: u32 = u32::MAX;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xFFFE;
/// What follows the format tag in the subformat's GUID.
const GUID_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// Reads the header. With `allow_truncated` a file that ends early is as long as what is there.
pub(super) fn read(file: &Shared, allow_truncated: bool) -> Result<Wav, ReadError> {
    let mut head = [0; 12];
    if file.read_at(0, &mut head)? < 12 {
        return Err(damaged("its header is cut off"));
    }
    let long = &head[..4] != b"RIFF";
    let (mut format, mut data, mut data64) = (None, None, None);
    let mut at = 12u64;
    for _ in 0..MOST_CHUNKS {
        let mut chunk = [0; 8];
        if file.read_at(at, &mut chunk)? < 8 {
            break;
        }
        let size = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        let (body, mut size64) = (at + 8, u64::from(size));
        match &chunk[..4] {
            b"ds64" if long => {
                let mut sizes = [0; 16];
                if size < 28 || file.read_at(body, &mut sizes)? < 16 {
                    return Err(damaged("its ds64 chunk is cut off"));
                }
                data64 = Some(u64::from_le_bytes(sizes[8..].try_into().unwrap_or_default()));
            }
            b"fmt " => format = Some(read_format(file, body, size)?),
            b"data" => {
                if size == UNKNOWN {
                    size64 = data64.unwrap_or(file.length.saturating_sub(body));
                }
                data = data.or(Some((body, size64)));
            }
            _ => {}
        }
        if format.is_some() && data.is_some() {
            break;
        }
        // chunks begin at even bytes
        at = match body.checked_add(size64).and_then(|end| end.checked_add(end & 1)) {
            Some(next) if next < file.length => next,
            _ => break,
        };
    }
    let format = format.ok_or_else(|| damaged("it has no fmt chunk"))?;
    let (data, size) = data.ok_or_else(|| damaged("it has no data chunk"))?;
    let frame = (format.channels * format.encoding.bytes()) as u64;
    let (expected, found) = (size / frame, size.min(file.length.saturating_sub(data)) / frame);
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
        format: "wav",
        codec: format.encoding.codec(),
        channels: format.channels,
        rate: format.rate,
        frames: found,
        bits: format.encoding.bits(),
        lossless: true,
        mask: format.mask,
    };
    Ok(Wav { info, encoding: format.encoding, data })
}

struct Format {
    encoding: Encoding,
    channels: usize,
    rate: crate::units::Rate,
    mask: Option<u32>,
}

fn read_format(file: &Shared, at: u64, size: u32) -> Result<Format, ReadError> {
    let mut bytes = [0; 40];
    let wanted = (size as usize).min(40);
    if size < 16 || file.read_at(at, &mut bytes[..wanted])? < wanted {
        return Err(damaged("its fmt chunk is cut off"));
    }
    let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let (mut tag, bits, block) = (word(0), word(14), word(12));
    let mut mask = None;
    if tag == EXTENSIBLE {
        if wanted < 40 {
            return Err(damaged("its extensible fmt chunk is cut off"));
        }
        if bytes[26..40] != GUID_TAIL {
            return Err(ReadError::Unsupported("a WAV of an unknown subformat".into()));
        }
        tag = word(24);
        mask = Some(long(20)).filter(|mask| *mask != 0);
    }
    let channels = channels(u32::from(word(2)))?;
    let rate = rate(long(4))?;
    let bytes_each = usize::from(block) / channels;
    if block == 0 || usize::from(block) % channels != 0 || bits == 0 || usize::from(bits) > bytes_each * 8 {
        return Err(damaged(&format!(
            "its fmt chunk contradicts itself: {channels} channels of {bits} bits in frames of {block} bytes"
        )));
    }
    let encoding = match (tag, bytes_each) {
        (PCM, 1) => Encoding::U8,
        (PCM, 2) => Encoding::S16,
        (PCM, 3) => Encoding::S24,
        (PCM, 4) => Encoding::S32,
        (FLOAT, 4) => Encoding::F32,
        (FLOAT, 8) => Encoding::F64,
        _ => return Err(ReadError::Unsupported(format!("a WAV of {} with {bits} bits", tag_name(tag)))),
    };
    Ok(Format { encoding, channels, rate, mask })
}

fn tag_name(tag: u16) -> String {
    match tag {
        PCM => "integer PCM".into(),
        FLOAT => "floating-point PCM".into(),
        2 => "Microsoft ADPCM".into(),
        6 => "A-law".into(),
        7 => "µ-law".into(),
        0x11 => "IMA ADPCM".into(),
        0x55 => "MP3".into(),
        other => format!("format {other:#06x}"),
    }
}

fn damaged(why: &str) -> ReadError {
    ReadError::Damaged { frame: None, why: why.into() }
}
