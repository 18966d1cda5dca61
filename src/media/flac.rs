//! The head of a FLAC stream (RFC 9639, section 8), checked before a decoder sees it.

use super::info::{channels, rate};
use super::input::Shared;
use super::{Info, ReadError};

/// Walks the metadata blocks from byte `base` on. `frames` is 0 where the encoder did not know.
pub(super) fn read(file: &Shared, base: u64) -> Result<Info, ReadError> {
    let mut at = base + 4;
    let mut info = None;
    loop {
        let mut block = [0; 4];
        if file.read_at(at, &mut block)? < 4 {
            return Err(damaged("its metadata is cut off"));
        }
        let size = u32::from_be_bytes([0, block[1], block[2], block[3]]);
        at += 4;
        if at + u64::from(size) > file.length {
            return Err(damaged("its metadata is longer than the file"));
        }
        if info.is_none() {
            let mut stream = [0; 34];
            if block[0] & 0x7F != 0 || size != 34 || file.read_at(at, &mut stream)? < 34 {
                return Err(damaged("it doesn't begin with STREAMINFO"));
            }
            info = Some(stream_info(&stream)?);
        }
        at += u64::from(size);
        if block[0] & 0x80 != 0 {
            break;
        }
    }
    info.ok_or(ReadError::NotAudio)
}

/// What a STREAMINFO block (section 8.2) says.
pub(super) fn stream_info(bytes: &[u8; 34]) -> Result<Info, ReadError> {
    let word = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    if word(2) < 16 || word(0) > word(2) {
        return Err(damaged("its STREAMINFO contradicts itself"));
    }
    let packed = u64::from_be_bytes(bytes[10..18].try_into().unwrap_or_default());
    let bits = (packed >> 36 & 0x1F) as u32 + 1;
    if bits < 4 {
        return Err(damaged("its STREAMINFO says less than 4 bits"));
    }
    Ok(Info {
        format: "flac",
        codec: "flac",
        channels: channels((packed >> 41 & 7) as u32 + 1)?,
        rate: rate((packed >> 44) as u32)?,
        frames: packed & 0xF_FFFF_FFFF,
        bits: Some(bits),
        lossless: true,
        mask: None,
    })
}

fn damaged(why: &str) -> ReadError {
    ReadError::Damaged { frame: None, why: why.into() }
}
