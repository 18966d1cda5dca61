//! AIFF ("Audio Interchange File Format 1.3", Apple 1989) and AIFC ("AIFF-C, draft 08/26/91", with the types that QuickTime added).

use super::chunks::{Chunk, Chunks};
use super::encoding::Encoding;
use super::fields::{Fields, Order, nearest_of_extended};
use super::{Shape, Sound, damaged};
use crate::media::ReadError;
use crate::media::info::{channels, rate};
use crate::media::input::Shared;

/// sox writes this size where it can't go back.
const STREAMED: u32 = 0x7F00_0008;

const KNOWN: &[&[u8; 4]] = &[
    b"COMM", b"SSND", b"FVER", b"MARK", b"INST", b"COMT", b"NAME", b"AUTH", b"(c) ", b"ANNO", b"APPL", b"MIDI",
    b"AESD", b"SAXL", b"CHAN", b"PEAK", b"ID3 ", b"FLLR", b"basc", b"trns", b"cate", b"bext", b"iXML", b"wave",
];

pub(super) fn read(file: &Shared) -> Result<(Shape, Sound), ReadError> {
    let (mut common, mut sound) = (None, None);
    let mut chunks = Chunks::new(file, Order::Big, KNOWN, 12);
    while let Some(Chunk { id, body, size }) = chunks.next()? {
        match &id {
            b"COMM" => common = Some(read_common(file, body, size)?),
            b"SSND" => sound = sound.or(Some(read_sound(file, body, size)?)),
            _ => {}
        }
        if common.is_some() && sound.is_some() {
            break;
        }
        chunks.skip(body, u64::from(size))?;
    }
    let (shape, frames) = common.ok_or_else(|| damaged("it has no COMM chunk"))?;
    let (at, bytes) = match sound {
        Some(sound) => sound,
        // the specification: who has no frames needs no chunk for them
        None if frames == 0 => return Err(ReadError::Empty),
        None => return Err(damaged("it has no SSND chunk")),
    };
    let sound = match bytes {
        Size::Known(bytes) => Sound { at, bytes: Some(bytes), frames: u64::from(frames) },
        Size::Streamed => Sound { at, bytes: None, frames: 0 },
        // the common chunk may know how far the sound goes
        Size::Left if frames > 0 => {
            let frame = (shape.channels * shape.encoding.bytes()) as u64;
            Sound { at, bytes: Some(u64::from(frames) * frame), frames: 0 }
        }
        Size::Left => Sound { at, bytes: None, frames: 0 },
    };
    Ok((shape, sound))
}

/// The bytes of sound by SSND itself.
enum Size {
    Known(u64),
    /// 0, or all ones: never filled in.
    Left,
    Streamed,
}

/// The byte of the first frame, and how many there are.
fn read_sound(file: &Shared, body: u64, size: u32) -> Result<(u64, Size), ReadError> {
    let mut bytes = [0; 8];
    if file.read_at(body, &mut bytes)? < 8 {
        return Err(damaged("its SSND chunk is cut off"));
    }
    // the first frame may lie behind bytes that align it
    let before = 8 + u64::from(Fields::new(&bytes, Order::Big).u32(0));
    let size = match size {
        0 | u32::MAX => Size::Left,
        STREAMED if u64::from(size) > file.length => Size::Streamed,
        size => Size::Known(u64::from(size).saturating_sub(before)),
    };
    Ok((body + before, size))
}

/// What COMM says, and how many frames it promises.
fn read_common(file: &Shared, body: u64, size: u32) -> Result<(Shape, u32), ReadError> {
    let mut bytes = [0; 22];
    let wanted = (size as usize).min(22);
    if wanted < 18 || file.read_at(body, &mut bytes[..wanted])? < wanted {
        return Err(damaged("its COMM chunk is cut off"));
    }
    let fields = Fields::new(&bytes, Order::Big);
    let channels = channels(u32::from(fields.u16(0)))?;
    let (frames, bits) = (fields.u32(2), fields.u16(6));
    let rate = rate(bytes[8..].first_chunk().map_or(0, nearest_of_extended))?;
    let kind = if wanted == 22 { [bytes[18], bytes[19], bytes[20], bytes[21]] } else { *b"NONE" };
    let (encoding, valid) = encoded(&kind, bits)?;
    Ok((Shape { format: "aiff", encoding, valid, channels, rate, mask: None }, frames))
}

/// The encoding and its valid bits. Only plain integers are as long as COMM says: QuickTime wrote the bits of something else beside its types.
fn encoded(kind: &[u8; 4], bits: u16) -> Result<(Encoding, u32), ReadError> {
    let order = if kind == b"sowt" { Order::Little } else { Order::Big };
    let encoding = match kind {
        b"NONE" | b"twos" | b"sowt" => {
            if bits == 0 {
                return Err(damaged("its COMM chunk says 0 bits"));
            }
            // fewer bits than their bytes hold lie at the top of them
            let encoding = Encoding::integer(usize::from(bits.div_ceil(8)), order).filter(|_| bits <= 32);
            let encoding = encoding.ok_or_else(|| ReadError::Unsupported(format!("an AIFF of {bits} bits")))?;
            return Ok((encoding, u32::from(bits)));
        }
        b"raw " if bits <= 8 => Encoding::U8,
        b"in24" => Encoding::S24(Order::Big),
        b"in32" => Encoding::S32(Order::Big),
        b"42n1" | b"42ni" => Encoding::S24(Order::Little),
        b"23ni" => Encoding::S32(Order::Little),
        b"fl32" | b"FL32" => Encoding::F32(Order::Big),
        b"fl64" | b"FL64" => Encoding::F64(Order::Big),
        b"alaw" | b"ALAW" => Encoding::ALaw,
        b"ulaw" | b"ULAW" => Encoding::MuLaw,
        other => return Err(ReadError::Unsupported(format!("an AIFC of {}", name(other)))),
    };
    Ok((encoding, 0))
}

fn name(kind: &[u8; 4]) -> String {
    match kind {
        b"raw " => "unsigned samples of more than 8 bits".into(),
        b"ima4" => "IMA ADPCM".into(),
        b"MAC3" | b"MAC6" => "MACE".into(),
        b"ACE2" | b"ACE8" => "ACE".into(),
        b"GSM " => "GSM 6.10".into(),
        b"QDMC" | b"QDM2" => "QDesign Music".into(),
        b"Qclp" => "Qualcomm PureVoice".into(),
        b"dwvw" | b"DWVW" => "DWVW".into(),
        b".mp3" => "MP3".into(),
        other => format!("type `{}`", other.escape_ascii()),
    }
}
