//! WAV: RIFF ("Multimedia Programming Interface and Data Specifications 1.0", 1991), its big-endian twin RIFX, RF64 and BW64 (ITU-R BS.2088).

use super::chunks::{Chunk, Chunks};
use super::fields::{Fields, Order};
use super::{Shape, Sound, damaged, wave};
use crate::media::ReadError;
use crate::media::input::Shared;

/// The size that stands for "see ds64", or "I didn't know when I started".
const UNKNOWN: u32 = u32::MAX;
/// sox writes this, less a part of a frame, where it can't go back.
const STREAMED: u32 = 0x7FFF_F000;

const KNOWN: &[&[u8; 4]] = &[
    b"fmt ", b"data", b"fact", b"LIST", b"JUNK", b"junk", b"PAD ", b"FLLR", b"bext", b"iXML", b"axml", b"aXML",
    b"chna", b"cue ", b"smpl", b"inst", b"acid", b"PEAK", b"id3 ", b"ID3 ", b"cart", b"levl", b"umid", b"DISP",
    b"afsp", b"minf", b"elm1", b"regn", b"_PMX", b"plst", b"strc", b"LGWV", b"ResU", b"SAUR", b"SMED",
];

pub(super) fn read(file: &Shared) -> Result<(Shape, Sound), ReadError> {
    let mut head = [0; 12];
    if file.read_at(0, &mut head)? < 12 {
        return Err(damaged("its header is cut off"));
    }
    let order = if &head[..4] == b"RIFX" { Order::Big } else { Order::Little };
    let long = matches!(&head[..4], b"RF64" | b"BW64");
    let (mut shape, mut sound, mut bytes64) = (None, None, None);
    let mut chunks = Chunks::new(file, order, KNOWN, 12);
    while let Some(Chunk { id, body, size }) = chunks.next()? {
        let mut bytes = Some(u64::from(size));
        match &id {
            b"ds64" if long => {
                let mut sizes = [0; 16];
                if size < 28 || file.read_at(body, &mut sizes)? < 16 {
                    return Err(damaged("its ds64 chunk is cut off"));
                }
                bytes64 = Some(Fields::new(&sizes, order).u64(8)).filter(|bytes| *bytes != 0);
            }
            b"fmt " => shape = Some(wave::read(file, body, bytes.unwrap_or(0), order, "wav")?),
            b"data" => {
                let there = file.length.saturating_sub(body);
                bytes = match size {
                    UNKNOWN => bytes64,
                    0 if bytes64.is_some() => bytes64,
                    // nothing but other chunks behind it: no sound was recorded
                    0 if there >= 8 && !chunks.knows(body)? => None,
                    // 128 bytes are the longest frame
                    STREAMED_FROM..=STREAMED if u64::from(size) > there => None,
                    _ => bytes,
                };
                sound.get_or_insert(Sound { at: body, bytes, frames: 0 });
            }
            _ => {}
        }
        if shape.is_some() && sound.is_some() {
            break;
        }
        chunks.skip(body, bytes.unwrap_or(u64::MAX))?;
    }
    let shape = shape.ok_or_else(|| damaged("it has no fmt chunk"))?;
    Ok((shape, sound.ok_or_else(|| damaged("it has no data chunk"))?))
}

const STREAMED_FROM: u32 = STREAMED - 127;
