//! WAV: RIFF, and RF64 (ITU-R BS.2088) where 32 bits can't say how long it is.

use super::plain::Plain;
use super::tags::{self, Pieces};
use super::{About, Finished, Loudness, Samples, Spec, WriteError, Writer, marks};
use crate::world::Output;

pub(super) struct Wav {
    plain: Plain,
    /// Where its loudness is to be written, and what, once it is measured.
    loudness: Option<(u64, [u8; 10])>,
}

impl Wav {
    pub(super) fn new(output: Box<dyn Output>, spec: Spec) -> Result<Wav, WriteError> {
        Ok(Wav { plain: Plain::new(output, spec, begin(&spec, &[], 0)?, false), loudness: None })
    }
}

impl Writer for Wav {
    fn describe(&mut self, about: &About) -> Result<(), WriteError> {
        let spec = *self.plain.spec();
        let mut end = Pieces::default();
        end.add(marks::chunks(&about.marks));
        end.add(tags::info(&about.tags));
        let id3 = tags::id3(about, &spec)?;
        let size = id3.len();
        if size > 0 {
            let too_long = |_| WriteError::Unsupported("tags this long can't be written".into());
            let size = u32::try_from(size).map_err(too_long)?;
            end.add([b"id3 ", &size.to_le_bytes()[..]].concat());
            end.append(id3);
            end.add(vec![0; size as usize % 2]);
        }
        let bext = about.broadcast.as_ref().map(|broadcast| tags::bext(broadcast, &about.tags, &spec));
        let head = begin(&spec, bext.as_deref().unwrap_or_default(), end.len())?;
        // it is the first chunk, but for the sizes of a long file
        let at = if head.starts_with(b"RF64") { 48 } else { 12 };
        self.loudness = bext.map(|_| (tags::loudness_at(at), tags::loudness(&Loudness::default())));
        self.plain.around(head, end);
        Ok(())
    }

    fn untold(&mut self) {
        self.plain.untold();
    }

    fn measured(&mut self, measured: &Loudness) {
        if let Some((_, bytes)) = &mut self.loudness {
            *bytes = tags::loudness(measured);
        }
    }

    fn write(&mut self, block: Samples<'_>) -> Result<(), WriteError> {
        self.plain.write(block)
    }

    fn finish(self: Box<Self>) -> Result<Finished, WriteError> {
        let Wav { plain, loudness } = *self;
        plain.finish(loudness.as_ref().map(|(at, bytes)| (*at, &bytes[..])))
    }
}

pub(super) fn check(spec: &Spec) -> Result<(), WriteError> {
    begin(spec, &[], 0).map(drop)
}

fn begin(spec: &Spec, first: &[u8], after: u64) -> Result<Vec<u8>, WriteError> {
    header(spec, first, after).ok_or_else(|| WriteError::Unsupported("a file this long can't be written".into()))
}

/// Everything before the samples; `None` where even 64 bits don't do. `first`: chunks that stand before all others; `after`: bytes that follow the
/// samples and their padding.
fn header(spec: &Spec, first: &[u8], after: u64) -> Option<Vec<u8>> {
    let float = spec.bits == 32;
    let block = spec.channels as u16 * (spec.bits / 8) as u16;
    let data = spec.frames.checked_mul(u64::from(block))?;
    let extensible = spec.channels > 2;
    let mut format = Vec::new();
    let tag: u16 = if float { 3 } else { 1 };
    format.extend_from_slice(&(if extensible { 0xFFFE } else { tag }).to_le_bytes());
    format.extend_from_slice(&(spec.channels as u16).to_le_bytes());
    format.extend_from_slice(&spec.rate.get().to_le_bytes());
    format.extend_from_slice(&(spec.rate.get() * u32::from(block)).to_le_bytes());
    format.extend_from_slice(&block.to_le_bytes());
    format.extend_from_slice(&(spec.bits as u16).to_le_bytes());
    if extensible {
        format.extend_from_slice(&22u16.to_le_bytes());
        format.extend_from_slice(&(spec.bits as u16).to_le_bytes());
        format.extend_from_slice(&mask(spec.channels).to_le_bytes());
        format.extend_from_slice(&tag.to_le_bytes());
        format.extend_from_slice(&[0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
    } else if float {
        format.extend_from_slice(&0u16.to_le_bytes());
    }
    let mut chunks = first.to_vec();
    chunk(&mut chunks, b"fmt ", &format);
    if float {
        let frames = u32::try_from(spec.frames).unwrap_or(u32::MAX);
        chunk(&mut chunks, b"fact", &frames.to_le_bytes());
    }
    // what follows the RIFF size: WAVE, the chunks, data's own head, the samples and their padding
    let riff = data.checked_add(4 + chunks.len() as u64 + 8 + data % 2 + after)?;
    let mut head = Vec::with_capacity(128);
    if let Ok(riff) = u32::try_from(riff) {
        head.extend_from_slice(b"RIFF");
        head.extend_from_slice(&riff.to_le_bytes());
        head.extend_from_slice(b"WAVE");
    } else {
        let mut sizes = Vec::new();
        sizes.extend_from_slice(&riff.checked_add(36)?.to_le_bytes());
        sizes.extend_from_slice(&data.to_le_bytes());
        sizes.extend_from_slice(&spec.frames.to_le_bytes());
        sizes.extend_from_slice(&0u32.to_le_bytes());
        head.extend_from_slice(b"RF64\xFF\xFF\xFF\xFFWAVE");
        chunk(&mut head, b"ds64", &sizes);
    }
    head.extend_from_slice(&chunks);
    head.extend_from_slice(b"data");
    let long = head.starts_with(b"RF64");
    head.extend_from_slice(&(if long { u32::MAX } else { u32::try_from(data).ok()? }).to_le_bytes());
    Some(head)
}

/// Padded to an even length.
pub(super) fn chunk(into: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    into.extend_from_slice(name);
    into.extend_from_slice(&(body.len() as u32).to_le_bytes());
    into.extend_from_slice(body);
    into.resize(into.len() + body.len() % 2, 0);
}

/// The loudspeakers of the usual layouts (Microsoft, "Multiple channel audio data and WAVE files", 2001); 0 says nothing.
fn mask(channels: usize) -> u32 {
    match channels {
        3 => 0x7,
        4 => 0x33,
        5 => 0x37,
        6 => 0x3F,
        7 => 0x70F,
        8 => 0x63F,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::writer::Format;
    use crate::units::Rate;

    #[test]
    fn long_files_are_rf64_from_the_first_byte() {
        let spec =
            |frames| Spec { format: Format::Wav, bits: 24, channels: 2, rate: Rate::STUDIO, frames, compression: 5 };
        let last = (u64::from(u32::MAX) - 36) / 6;
        assert_eq!(&header(&spec(last), &[], 0).unwrap()[..4], b"RIFF");
        let head = header(&spec(last + 1), &[], 0).unwrap();
        assert_eq!(&head[..20], b"RF64\xFF\xFF\xFF\xFFWAVEds64\x1C\0\0\0");
        let long = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap());
        assert_eq!(long(28), (last + 1) * 6);
        assert_eq!(long(36), last + 1);
        // all of the file but the first eight bytes
        assert_eq!(long(20), head.len() as u64 + (last + 1) * 6 - 8);
        assert!(header(&spec(u64::MAX / 2), &[], 0).is_none());
        // what stands around the samples counts
        assert_eq!(&header(&spec(last), &[0; 4], 0).unwrap()[..4], b"RF64");
        assert_eq!(&header(&spec(last), &[], 4).unwrap()[..4], b"RF64");
        let head = header(&spec(last), &[0; 10], 1000).unwrap();
        let riff = u64::from_le_bytes(head[20..28].try_into().unwrap());
        assert_eq!(riff, head.len() as u64 + last * 6 - 8 + 1000);
        assert_eq!(head[48..58], [0; 10]);
    }
}
