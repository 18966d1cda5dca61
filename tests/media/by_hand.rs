//! Files byte by byte, as their specifications draw them: right ones, and wrong ones by other sizes.

/// A chunk: its letters, the size that is written where it is not the body's, its body.
pub(crate) type Chunk<'a> = (&'a [u8; 4], Option<u32>, Vec<u8>);

/// A RIFF file.
pub(crate) fn riff(magic: &[u8; 4], chunks: &[Chunk<'_>]) -> Vec<u8> {
    form(magic, u32::MAX.to_le_bytes(), b"WAVE", chunks, u32::to_le_bytes, true)
}

/// A RIFF file by a writer who forgets the byte behind odd chunks.
pub(crate) fn riff_unpadded(chunks: &[Chunk<'_>]) -> Vec<u8> {
    form(b"RIFF", u32::MAX.to_le_bytes(), b"WAVE", chunks, u32::to_le_bytes, false)
}

fn form(
    magic: &[u8; 4],
    size: [u8; 4],
    kind: &[u8; 4],
    chunks: &[Chunk<'_>],
    number: fn(u32) -> [u8; 4],
    padded: bool,
) -> Vec<u8> {
    let mut bytes = [&magic[..], &size, kind].concat();
    for (name, size, body) in chunks {
        bytes.extend_from_slice(&name[..]);
        bytes.extend_from_slice(&number(size.unwrap_or(body.len() as u32)));
        bytes.extend_from_slice(body);
        if body.len() % 2 == 1 && padded {
            bytes.push(0);
        }
    }
    bytes
}

/// The body of a `fmt ` chunk; samples have as few bytes as will do.
pub(crate) fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    fmt_of(tag, channels, rate, bits, channels * bits.div_ceil(8))
}

/// The body of a `fmt ` chunk whose frames are `block` bytes.
pub(crate) fn fmt_of(tag: u16, channels: u16, rate: u32, bits: u16, block: u16) -> Vec<u8> {
    let mut body = tag.to_le_bytes().to_vec();
    body.extend_from_slice(&channels.to_le_bytes());
    body.extend_from_slice(&rate.to_le_bytes());
    body.extend_from_slice(&(rate.wrapping_mul(u32::from(block))).to_le_bytes());
    body.extend_from_slice(&block.to_le_bytes());
    body.extend_from_slice(&bits.to_le_bytes());
    body
}

/// WAVEFORMATEXTENSIBLE: containers of `bits`, of which `valid` are used.
pub(crate) fn extensible(tag: u16, channels: u16, rate: u32, bits: u16, valid: u16, mask: u32) -> Vec<u8> {
    let mut body = fmt(0xFFFE, channels, rate, bits);
    body.extend_from_slice(&22u16.to_le_bytes());
    body.extend_from_slice(&valid.to_le_bytes());
    body.extend_from_slice(&mask.to_le_bytes());
    body.extend_from_slice(&tag.to_le_bytes());
    body.extend_from_slice(&[0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
    body
}

/// A `ds64` chunk's body.
pub(crate) fn ds64(data: u64, frames: u64) -> Vec<u8> {
    [&0u64.to_le_bytes()[..], &data.to_le_bytes(), &frames.to_le_bytes(), &[0; 4]].concat()
}

/// RIFX: the numbers of a WAV the other way round.
pub(crate) fn rifx(mut fmt: Vec<u8>, data: &[u8]) -> Vec<u8> {
    for field in [0..2, 2..4, 4..8, 8..12, 12..14, 14..16] {
        fmt[field].reverse();
    }
    form(
        b"RIFX",
        u32::MAX.to_be_bytes(),
        b"WAVE",
        &[(b"fmt ", None, fmt), (b"data", None, data.to_vec())],
        u32::to_be_bytes,
        true,
    )
}

/// A Wave64 file of chunks: letters, a size where it is not the right one, a body.
pub(crate) fn w64(chunks: &[(&[u8; 4], Option<u64>, Vec<u8>)]) -> Vec<u8> {
    const TAIL: [u8; 12] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];
    let mut bytes = b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\0\0".to_vec();
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&[&b"wave"[..], &TAIL].concat());
    for (name, size, body) in chunks {
        bytes.extend_from_slice(&[&name[..], &TAIL].concat());
        bytes.extend_from_slice(&size.unwrap_or(body.len() as u64 + 24).to_le_bytes());
        bytes.extend_from_slice(body);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
    bytes
}

/// The 80 bits of a rate.
pub(crate) fn extended(rate: f64) -> Vec<u8> {
    let bits = rate.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as u16 - 1023 + 16_383;
    let mantissa = 1 << 63 | (bits << 12) >> 1;
    [&exponent.to_be_bytes()[..], &mantissa.to_be_bytes()].concat()
}

/// The body of a COMM chunk, with a compression type in an AIFC.
pub(crate) fn comm(channels: u16, frames: u32, bits: u16, rate: f64, kind: Option<&[u8; 4]>) -> Vec<u8> {
    let mut body = [&channels.to_be_bytes()[..], &frames.to_be_bytes(), &bits.to_be_bytes(), &extended(rate)].concat();
    if let Some(kind) = kind {
        body.extend_from_slice(kind);
        body.extend_from_slice(b"\x05hello");
    }
    body
}

/// The body of an SSND chunk, whose sound begins behind `offset` bytes.
pub(crate) fn ssnd(offset: u32, data: &[u8]) -> Vec<u8> {
    let mut body = [&offset.to_be_bytes()[..], &[0; 4]].concat();
    body.resize(8 + offset as usize, 0xEE);
    body.extend_from_slice(data);
    body
}

/// An AIFF, or an AIFC.
pub(crate) fn aiff(kind: &[u8; 4], chunks: &[Chunk<'_>]) -> Vec<u8> {
    form(b"FORM", u32::MAX.to_be_bytes(), kind, chunks, u32::to_be_bytes, true)
}

pub(crate) fn aiff_unpadded(chunks: &[Chunk<'_>]) -> Vec<u8> {
    form(b"FORM", u32::MAX.to_be_bytes(), b"AIFF", chunks, u32::to_be_bytes, false)
}

/// The body of a CAF's `desc` chunk.
pub(crate) fn desc(
    rate: f64,
    kind: &[u8; 4],
    flags: u32,
    packet: u32,
    frames: u32,
    channels: u32,
    bits: u32,
) -> Vec<u8> {
    let mut body = [&rate.to_be_bytes()[..], kind].concat();
    [flags, packet, frames, channels, bits].iter().for_each(|number| body.extend_from_slice(&number.to_be_bytes()));
    body
}

/// A CAF of chunks; the bodies of `data` chunks begin with four bytes of edits.
pub(crate) fn caf(chunks: &[(&[u8; 4], Option<i64>, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"caff\0\x01\0\0".to_vec();
    for (name, size, body) in chunks {
        bytes.extend_from_slice(&name[..]);
        bytes.extend_from_slice(&size.unwrap_or(body.len() as i64).to_be_bytes());
        bytes.extend_from_slice(body);
    }
    bytes
}

/// A CAF's `data` body.
pub(crate) fn edited(data: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 9], data].concat()
}

/// An AU, with a text between header and sound.
pub(crate) fn au(encoding: u32, rate: u32, channels: u32, size: Option<u32>, data: &[u8]) -> Vec<u8> {
    let mut bytes = b".snd".to_vec();
    let size = size.unwrap_or(data.len() as u32);
    [32, size, encoding, rate, channels].iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
    bytes.extend_from_slice(b"a note\0\0");
    bytes.extend_from_slice(data);
    bytes
}
