//! Core Audio Format (Apple, "Core Audio Format Specification 1.0"): chunks with sizes of 64 bits, samples of either order.

use super::chunks::MOST;
use super::encoding::Encoding;
use super::fields::{Fields, Order, nearest};
use super::{Shape, Sound, damaged};
use crate::media::ReadError;
use crate::media::info::{channels, rate};
use crate::media::input::Shared;

/// Flags of linear PCM.
const FLOAT: u32 = 1;
const LITTLE: u32 = 2;

pub(super) fn read(file: &Shared) -> Result<(Shape, Sound), ReadError> {
    let mut head = [0; 8];
    if file.read_at(0, &mut head)? < 8 {
        return Err(damaged("its header is cut off"));
    }
    let version = Fields::new(&head, Order::Big).u16(4);
    if version != 1 {
        return Err(ReadError::Unsupported(format!("a CAF of version {version}")));
    }
    let (mut shape, mut sound) = (None, None);
    let mut at = 8u64;
    for _ in 0..MOST {
        let mut head = [0; 12];
        if file.read_at(at, &mut head)? < head.len() {
            break;
        }
        let (body, size) = (at + 12, Fields::new(&head, Order::Big).u64(4));
        match &head[..4] {
            b"desc" => shape = Some(read_description(file, body, size)?),
            b"data" => {
                // four bytes count the edits; -1 means up to the end, and 0 is a place that was never filled in
                let bytes = (size != 0 && size != u64::MAX).then(|| size.saturating_sub(4));
                sound.get_or_insert(Sound { at: body + 4, bytes, frames: 0 });
            }
            _ => {}
        }
        if shape.is_some() && sound.is_some() {
            break;
        }
        at = match body.checked_add(size) {
            Some(next) if next < file.length => next,
            _ => break,
        };
    }
    let shape = shape.ok_or_else(|| damaged("it has no desc chunk"))?;
    Ok((shape, sound.ok_or_else(|| damaged("it has no data chunk"))?))
}

fn read_description(file: &Shared, body: u64, size: u64) -> Result<Shape, ReadError> {
    let mut bytes = [0; 32];
    if size < 32 || file.read_at(body, &mut bytes)? < 32 {
        return Err(damaged("its desc chunk is cut off"));
    }
    let fields = Fields::new(&bytes, Order::Big);
    let rate = rate(nearest(fields.f64(0)))?;
    let channels = channels(fields.u32(24))?;
    let (flags, packet, frames, bits) = (fields.u32(12), fields.u32(16), fields.u32(20), fields.u32(28));
    let order = if flags & LITTLE != 0 { Order::Little } else { Order::Big };
    // samples of fewer bits than their bytes hold lie at the top of them
    let bytes_each = packet as usize / channels;
    let encoding = match &bytes[8..12] {
        b"lpcm" if flags & FLOAT != 0 => Encoding::float(bytes_each, order).filter(|_| bits as usize == bytes_each * 8),
        b"lpcm" => Encoding::integer(bytes_each, order),
        b"alaw" => Some(Encoding::ALaw),
        b"ulaw" => Some(Encoding::MuLaw),
        other => return Err(ReadError::Unsupported(format!("a CAF of {}", name(other)))),
    };
    let encoding = encoding.ok_or_else(|| ReadError::Unsupported(format!("a CAF of linear PCM with {bits} bits")))?;
    if frames != 1 || packet as usize != channels * encoding.bytes() || bits as usize > encoding.bytes() * 8 {
        return Err(damaged(&format!(
            "its desc chunk contradicts itself: {channels} channels of {bits} bits, {frames} frames in {packet} bytes"
        )));
    }
    Ok(Shape { format: "caf", encoding, valid: bits, channels, rate, mask: None })
}

fn name(kind: &[u8]) -> String {
    match kind {
        b"alac" => "Apple Lossless".into(),
        b"aac " | b"aach" | b"aacl" | b"aacp" => "AAC".into(),
        b"opus" => "Opus".into(),
        b"flac" => "FLAC".into(),
        b".mp1" | b".mp2" => "MPEG audio".into(),
        b".mp3" => "MP3".into(),
        b"ima4" => "IMA ADPCM".into(),
        b"MAC3" | b"MAC6" => "MACE".into(),
        b"QDMC" | b"QDM2" => "QDesign Music".into(),
        b"Qclp" => "Qualcomm PureVoice".into(),
        b"ac-3" => "AC-3".into(),
        other => format!("type `{}`", other.escape_ascii()),
    }
}
