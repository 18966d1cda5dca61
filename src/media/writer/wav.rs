//! WAV: RIFF, and RF64 (ITU-R BS.2088) where 32 bits can't say how long it is.

use std::io::Write;

use super::marks::{self, Mark};
use super::{Finished, Samples, Spec, WriteError, Writer, counted, interleave};
use crate::world::Output;

/// Bytes gathered before they are written.
const PIECE: usize = 1 << 17;

pub(super) struct Wav {
    output: Box<dyn Output>,
    spec: Spec,
    written: u64,
    pending: Vec<u8>,
    /// What comes after the samples.
    end: Vec<u8>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Wav {
    pub(super) fn new(output: Box<dyn Output>, spec: Spec) -> Result<Wav, WriteError> {
        let pending = begin(&spec, 0)?;
        Ok(Wav { output, spec, written: 0, pending, end: Vec::new(), hasher: blake3::Hasher::new(), bytes: 0 })
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        self.hasher.update(&self.pending);
        self.output.write_all(&self.pending)?;
        self.bytes += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

impl Writer for Wav {
    fn mark(&mut self, marks: &[Mark]) -> Result<(), WriteError> {
        self.end = marks::chunks(marks);
        self.pending = begin(&self.spec, self.end.len() as u64)?;
        Ok(())
    }

    fn write(&mut self, block: Samples<'_>) -> Result<(), WriteError> {
        let written = counted(self.written, &block, &self.spec)?;
        let frame = self.spec.channels * self.spec.bits as usize / 8;
        let step = (PIECE / frame).max(1);
        let mut from = 0;
        while from < block.frames() {
            let to = (from + step).min(block.frames());
            match block {
                Samples::Int(planes) => interleave(planes, from, to, self.spec.bits as usize / 8, &mut self.pending),
                Samples::Float(planes) => (from..to).for_each(|i| {
                    planes.iter().for_each(|plane| self.pending.extend_from_slice(&plane[i].to_le_bytes()));
                }),
            }
            if self.pending.len() >= PIECE {
                self.flush()?;
            }
            from = to;
        }
        self.written = written;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Finished, WriteError> {
        if self.written != self.spec.frames {
            return Err(WriteError::Length { promised: self.spec.frames, given: self.written });
        }
        // chunks are padded to an even length
        if (self.bytes + self.pending.len() as u64) % 2 == 1 {
            self.pending.push(0);
        }
        self.pending.append(&mut self.end);
        self.flush()?;
        let (hash, bytes) = (self.hasher.finalize().to_hex().to_string(), self.bytes);
        self.output.commit()?;
        Ok(Finished { hash, bytes })
    }
}

pub(super) fn check(spec: &Spec) -> Result<(), WriteError> {
    begin(spec, 0).map(drop)
}

fn begin(spec: &Spec, after: u64) -> Result<Vec<u8>, WriteError> {
    header(spec, after).ok_or_else(|| WriteError::Unsupported("a file this long can't be written".into()))
}

/// Everything before the samples; `None` where even 64 bits don't do. `after`: bytes that follow the samples and their padding.
fn header(spec: &Spec, after: u64) -> Option<Vec<u8>> {
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
    let mut chunks = Vec::new();
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

fn chunk(into: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    into.extend_from_slice(name);
    into.extend_from_slice(&(body.len() as u32).to_le_bytes());
    into.extend_from_slice(body);
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
        assert_eq!(&header(&spec(last), 0).unwrap()[..4], b"RIFF");
        let head = header(&spec(last + 1), 0).unwrap();
        assert_eq!(&head[..20], b"RF64\xFF\xFF\xFF\xFFWAVEds64\x1C\0\0\0");
        let long = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap());
        assert_eq!(long(28), (last + 1) * 6);
        assert_eq!(long(36), last + 1);
        // all of the file but the first eight bytes
        assert_eq!(long(20), head.len() as u64 + (last + 1) * 6 - 8);
        assert!(header(&spec(u64::MAX / 2), 0).is_none());
    }
}
