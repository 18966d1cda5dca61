//! The head of a FLAC stream (RFC 9639, section 8), checked before a decoder sees it.

use super::info::{channels, rate};
use super::input::Shared;
use super::{Info, ReadError};

/// What STREAMINFO says of the stream that begins at byte `base`. `frames` is 0 where the encoder did not know.
pub(super) fn read(file: &Shared, base: u64) -> Result<Info, ReadError> {
    let mut info = None;
    walk(file, base, |kind, at, size| {
        if info.is_none() {
            let mut stream = [0; 34];
            if kind != 0 || size != 34 || file.read_at(at, &mut stream)? < 34 {
                return Err(damaged("it doesn't begin with STREAMINFO"));
            }
            info = Some(stream_info(&stream)?);
        }
        Ok(())
    })?;
    info.ok_or(ReadError::NotAudio)
}

/// Whether a decoder may find its way by the file's seek tables (section 8.5): their frames and bytes ascend, and none lies behind the end.
/// symphonia 0.6.1 searches for ever where they don't.
pub(super) fn index_holds(file: &Shared, base: u64) -> Result<bool, ReadError> {
    const POINT: usize = 18;
    let (mut holds, mut last) = (true, (0, 0));
    let first = walk(file, base, |kind, at, size| {
        let mut points = [0; POINT * 64];
        let mut done = 0;
        while kind == 3 && holds && done < size {
            let piece = &mut points[..((size - done) as usize).min(POINT * 64)];
            if file.read_at(at + u64::from(done), piece)? < piece.len() {
                return Err(ReadError::Changed);
            }
            for point in piece.as_chunks::<POINT>().0 {
                let number = |at: usize| point[at..].first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
                let here = (number(0), number(8));
                // all ones are a place that is not filled in
                if here.0 != u64::MAX {
                    holds &= here.0 >= last.0 && here.1 >= last.1;
                    last = here;
                }
            }
            done += piece.len() as u32;
        }
        Ok(())
    })?;
    Ok(holds && last.1 <= file.length.saturating_sub(first))
}

/// Shows every metadata block: its type, its first byte, its size. Gives the byte of the first frame.
fn walk(
    file: &Shared,
    base: u64,
    mut show: impl FnMut(u8, u64, u32) -> Result<(), ReadError>,
) -> Result<u64, ReadError> {
    let mut at = base + 4;
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
        show(block[0] & 0x7F, at, size)?;
        at += u64::from(size);
        if block[0] & 0x80 != 0 {
            return Ok(at);
        }
    }
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
    let channels = channels((packed >> 41 & 7) as u32 + 1)?;
    if bits == 32 && channels == 2 {
        // symphonia 0.6.1 adds mid and side in 32 bits, where they take 33, and gives another sound without a word
        return Err(ReadError::Unsupported("a FLAC of 32 bits in stereo".into()));
    }
    Ok(Info {
        format: "flac",
        codec: "flac",
        channels,
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
