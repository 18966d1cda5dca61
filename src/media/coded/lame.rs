//! What encoders write into a first frame without sound: how many frames follow, how many of them are not music. Xing's header, LAME's
//! extension of it ("Mp3 Info Tag revision 1", gabriel.mp3-tech.org), and Fraunhofer's VBRI.

use super::mpeg::Header;
use super::window::Window;
use crate::media::ReadError;

/// What a decoder of layer III adds to the delay of an encoder, in frames of sound (LAME's technical FAQ).
const DECODER: u64 = 528 + 1;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tag {
    /// MPEG frames after this one.
    pub(super) frames: Option<u64>,
    /// Frames of sound at the start and the end that were not in what was encoded.
    pub(super) delay: u64,
    pub(super) padding: u64,
}

/// The tag in the MPEG frame at `at`, if that is one.
pub(super) fn read(window: &mut Window, at: u64, header: &Header) -> Result<Option<Tag>, ReadError> {
    if header.layer != 3 {
        return Ok(None);
    }
    let frame = window.look(at, header.size)?;
    if frame.len() < header.size {
        return Ok(None);
    }
    Ok(xing(frame, header).or_else(|| vbri(frame)))
}

fn word(bytes: &[u8]) -> Option<u64> {
    let four: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four).into())
}

fn xing(frame: &[u8], header: &Header) -> Option<Tag> {
    // encoders don't count the checksum
    let side = [[32, 17], [17, 9]][usize::from(header.low)][2 - header.channels];
    let tag = frame.get(4 + side..)?;
    if !tag.starts_with(b"Xing") && !tag.starts_with(b"Info")
        || frame[header.head - side..4 + side].iter().any(|b| *b != 0)
    {
        return None;
    }
    let flags = word(&tag[4..])?;
    let mut at = 8;
    let mut frames = None;
    for (bit, size) in [(1, 4), (2, 4), (4, 100), (8, 4)] {
        if flags & bit != 0 {
            if bit == 1 {
                frames = Some(word(tag.get(at..)?)?);
            }
            at += size;
        }
    }
    let mut found = Tag { frames, ..Tag::default() };
    if let Some(lame) = tag.get(at..at + 24)
        && [b"LAME", b"Lavf", b"Lavc"].iter().any(|name| lame.starts_with(&name[..]))
        && intact(frame, 4 + side + at)
    {
        let [a, b, c] = [lame[21], lame[22], lame[23]].map(u64::from);
        found.delay = (a << 4 | b >> 4) + DECODER;
        found.padding = ((b & 15) << 8 | c).saturating_sub(DECODER);
    }
    Some(found)
}

/// Whether the checksum of LAME's extension, which begins at byte `lame`, is that of the bytes before it (CRC-16 of polynomial x16 + x15 + x2 + 1,
/// lowest bit first), or 0, or not there.
fn intact(frame: &[u8], lame: usize) -> bool {
    let Some(told) = frame.get(lame + 34..lame + 36) else { return true };
    let told = u16::from_be_bytes([told[0], told[1]]);
    let crc = frame[..lame + 34].iter().fold(0u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 })
    });
    told == 0 || told == crc || !frame[lame..].starts_with(b"LAME")
}

fn vbri(frame: &[u8]) -> Option<Tag> {
    let tag = frame.get(36..36 + 18).filter(|tag| tag.starts_with(b"VBRI"))?;
    if frame[4..36].iter().any(|b| *b != 0) {
        return None;
    }
    Some(Tag { frames: word(&tag[14..]), ..Tag::default() })
}
