//! AIFF (Apple, "Audio Interchange File Format, version 1.3", 1989) for integers, AIFF-C (the draft of 1991) with Apple's `fl32` for floating point.
//! Everything is big-endian.

use super::plain::Plain;
use super::tags::{self, Pieces};
use super::{About, Finished, Mark, Samples, Spec, WriteError, Writer};
use crate::world::Output;

/// The only version of AIFF-C there is: seconds since 1904.
const VERSION: u32 = 0xA280_5140;

pub(super) struct Aiff(Plain);

impl Aiff {
    pub(super) fn new(output: Box<dyn Output>, spec: Spec) -> Result<Aiff, WriteError> {
        Ok(Aiff(Plain::new(output, spec, head(&spec, &[], 0)?, true)))
    }
}

impl Writer for Aiff {
    fn describe(&mut self, about: &About) -> Result<(), WriteError> {
        let id3 = tags::id3(about, self.0.spec())?;
        let size = id3.len();
        let mut end = Pieces::default();
        if size > 0 {
            let too_long = |_| WriteError::Unsupported("tags this long can't be written".into());
            end.add([b"ID3 ", &u32::try_from(size).map_err(too_long)?.to_be_bytes()[..]].concat());
            end.append(id3);
            end.add(vec![0; size as usize % 2]);
        }
        let head = head(self.0.spec(), &about.marks, end.len())?;
        self.0.around(head, end);
        Ok(())
    }

    fn untold(&mut self) {
        self.0.untold();
    }

    fn write(&mut self, block: Samples<'_>) -> Result<(), WriteError> {
        self.0.write(block)
    }

    fn finish(self: Box<Self>) -> Result<Finished, WriteError> {
        self.0.finish(None)
    }
}

pub(super) fn check(spec: &Spec) -> Result<(), WriteError> {
    head(spec, &[], 0).map(drop)
}

/// Everything before the samples. `after`: bytes that follow the samples and their padding.
fn head(spec: &Spec, marks: &[Mark], after: u64) -> Result<Vec<u8>, WriteError> {
    let too_long = || WriteError::Unsupported("an AIFF is below 4 GiB; a WAV or a FLAC can be longer".into());
    let float = spec.bits == 32;
    let frame = spec.channels as u64 * u64::from(spec.bits / 8);
    let data = spec.frames.checked_mul(frame).ok_or_else(too_long)?;
    let mut chunks = if float { b"AIFC".to_vec() } else { b"AIFF".to_vec() };
    if float {
        chunk(&mut chunks, b"FVER", &VERSION.to_be_bytes());
    }
    let mut common = (spec.channels as u16).to_be_bytes().to_vec();
    common.extend(u32::try_from(spec.frames).map_err(|_| too_long())?.to_be_bytes());
    common.extend((spec.bits as u16).to_be_bytes());
    common.extend(extended(spec.rate.get()));
    if float {
        common.extend(b"fl32");
        text(&mut common, "32-bit floating point");
    }
    chunk(&mut chunks, b"COMM", &common);
    if let Some(marks) = marked(marks) {
        chunk(&mut chunks, b"MARK", &marks);
    }
    // the samples begin at once, and on no special boundary
    chunks.extend(b"SSND");
    let size = |bytes: u64| u32::try_from(bytes).map_err(|_| too_long());
    chunks.extend(size(data.saturating_add(8))?.to_be_bytes());
    chunks.extend([0; 8]);
    let mut head = b"FORM".to_vec();
    head.extend(size(data.saturating_add(chunks.len() as u64 + data % 2 + after))?.to_be_bytes());
    head.append(&mut chunks);
    Ok(head)
}

/// Places with a name; `None` where there are none. Their numbers have 15 bits.
fn marked(marks: &[Mark]) -> Option<Vec<u8>> {
    let marks: Vec<(u16, u32, &Mark)> = (1..=i16::MAX as u16)
        .zip(marks)
        .filter_map(|(id, mark)| Some((id, u32::try_from(mark.frame).ok()?, mark)))
        .collect();
    let mut all = (marks.len() as u16).to_be_bytes().to_vec();
    for (id, frame, mark) in &marks {
        all.extend(id.to_be_bytes());
        all.extend(frame.to_be_bytes());
        text(&mut all, &mark.text);
    }
    (!marks.is_empty()).then_some(all)
}

/// A text after its length, padded to an even number of bytes together; UTF-8, of which 255 bytes have room.
fn text(into: &mut Vec<u8>, text: &str) {
    let text = &text[..text.floor_char_boundary(255)];
    into.push(text.len() as u8);
    into.extend(text.bytes());
    if text.len().is_multiple_of(2) {
        into.push(0);
    }
}

/// A whole number as an 80-bit float (IEEE 754 extended, as the 68881 has it): the leading 1 is written.
fn extended(rate: u32) -> [u8; 10] {
    let zeros = u64::from(rate).leading_zeros();
    let mut bytes = [0; 10];
    if rate > 0 {
        bytes[..2].copy_from_slice(&((16_383 + 63 - zeros) as u16).to_be_bytes());
        bytes[2..].copy_from_slice(&(u64::from(rate) << zeros).to_be_bytes());
    }
    bytes
}

fn chunk(into: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    into.extend(name);
    into.extend((body.len() as u32).to_be_bytes());
    into.extend(body);
    if body.len() % 2 == 1 {
        into.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::writer::Format;
    use crate::units::Rate;

    fn spec(bits: u32, frames: u64) -> Spec {
        Spec { format: Format::Aiff, bits, channels: 2, rate: Rate::CD, frames, compression: 5 }
    }

    #[test]
    fn rates_are_as_in_the_standard() {
        // appendix D: 44100 and its neighbours
        assert_eq!(extended(44_100), [0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0]);
        assert_eq!(extended(48_000), [0x40, 0x0E, 0xBB, 0x80, 0, 0, 0, 0, 0, 0]);
        assert_eq!(extended(1), [0x3F, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(extended(384_000), [0x40, 0x11, 0xBB, 0x80, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn what_is_too_long_is_refused_before_anything_is_written() {
        for bits in [16, 24, 32] {
            let frame = u64::from(bits) / 4;
            let most = (u64::from(u32::MAX) - head(&spec(bits, 0), &[], 0).unwrap().len() as u64 + 8) / frame;
            let whole = head(&spec(bits, most), &[], 0).unwrap();
            let form = u32::from_be_bytes(whole[4..8].try_into().unwrap());
            assert_eq!(u64::from(form), whole.len() as u64 - 8 + most * frame);
            for frames in [most + 1, 1 << 32, u64::MAX / 7, u64::MAX] {
                assert!(matches!(head(&spec(bits, frames), &[], 0), Err(WriteError::Unsupported(_))), "{frames}");
            }
        }
    }

    #[test]
    fn names_are_even_and_have_room() {
        for (name, length) in [("", 2), ("a", 2), ("ab", 4), ("Süd", 6)] {
            let mut bytes = Vec::new();
            text(&mut bytes, name);
            assert_eq!((bytes.len(), usize::from(bytes[0])), (length, name.len()), "{name}");
        }
        let mut long = Vec::new();
        text(&mut long, &"ä".repeat(200));
        assert_eq!((long.len(), long[0]), (256, 254));
        assert!(std::str::from_utf8(&long[1..255]).is_ok());
        let mark = Mark { frame: 7, text: "x".into(), chapter: false };
        assert_eq!(marked(std::slice::from_ref(&mark)).unwrap(), [0, 1, 0, 1, 0, 0, 0, 7, 1, b'x']);
        assert_eq!(marked(&[Mark { frame: 1 << 33, ..mark.clone() }]), None);
        assert_eq!(marked(&vec![mark; 40_000]).unwrap()[..2], [0x7F, 0xFF]);
    }
}
