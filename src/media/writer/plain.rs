//! What WAV and AIFF have in common: a head, the samples as they are, padding, and what comes after them, hashed as it is written.

use std::io::{Seek, SeekFrom, Write};

use super::tags::Pieces;
use super::{Finished, Samples, Spec, WriteError, counted, interleave};
use crate::media::hash::Digests;
use crate::world::Output;

/// Bytes gathered before they are written: whole pages of the file, and for BLAKE3 a whole tree of blocks, which it hashes side by side.
const PIECE: usize = 1 << 17;

pub(super) struct Plain {
    output: Box<dyn Output>,
    spec: Spec,
    /// The last byte of a sample comes first; else the first one.
    big_endian: bool,
    written: u64,
    pending: Vec<u8>,
    /// What comes after the samples.
    end: Pieces,
    /// Whether anybody asks for its BLAKE3.
    told: bool,
    digests: Digests,
    bytes: u64,
}

impl Plain {
    /// `head`: everything before the samples.
    pub(super) fn new(output: Box<dyn Output>, spec: Spec, head: Vec<u8>, big_endian: bool) -> Plain {
        let (end, told) = (Pieces::default(), true);
        Plain { output, spec, big_endian, written: 0, pending: head, end, told, digests: Digests::new(told), bytes: 0 }
    }

    /// Before the first frame.
    pub(super) fn untold(&mut self) {
        (self.told, self.digests) = (false, Digests::new(false));
    }

    /// Begins and ends otherwise; before the first frame.
    pub(super) fn around(&mut self, head: Vec<u8>, end: Pieces) {
        (self.pending, self.end) = (head, end);
    }

    pub(super) fn spec(&self) -> &Spec {
        &self.spec
    }

    pub(super) fn write(&mut self, block: Samples<'_>) -> Result<(), WriteError> {
        let written = counted(self.written, &block, &self.spec)?;
        let bytes = self.spec.bits as usize / 8;
        let step = (PIECE / (self.spec.channels * bytes)).max(1);
        let mut from = 0;
        while from < block.frames() {
            let to = (from + step).min(block.frames());
            let start = self.pending.len();
            match block {
                Samples::Int(planes) => interleave(planes, from, to, bytes, &mut self.pending),
                Samples::Float(planes) => (from..to).for_each(|i| {
                    planes.iter().for_each(|plane| self.pending.extend_from_slice(&plane[i].to_le_bytes()));
                }),
            }
            if self.big_endian {
                self.pending[start..].chunks_exact_mut(bytes).for_each(<[u8]>::reverse);
            }
            self.flush_whole()?;
            from = to;
        }
        self.written = written;
        Ok(())
    }

    /// Writes what reaches the end of a piece of the file.
    fn flush_whole(&mut self) -> Result<(), WriteError> {
        let end = (self.bytes + self.pending.len() as u64) / PIECE as u64 * PIECE as u64;
        if end > self.bytes { self.flush((end - self.bytes) as usize) } else { Ok(()) }
    }

    /// Writes the first `count` bytes of those gathered.
    fn flush(&mut self, count: usize) -> Result<(), WriteError> {
        self.digests.add(&self.pending[..count]);
        self.output.write_all(&self.pending[..count])?;
        self.bytes += count as u64;
        self.pending.drain(..count);
        Ok(())
    }

    /// `patch`: what is known only now, and the byte at which it stands.
    pub(super) fn finish(mut self, patch: Option<(u64, &[u8])>) -> Result<Finished, WriteError> {
        if self.written != self.spec.frames {
            return Err(WriteError::Length { promised: self.spec.frames, given: self.written });
        }
        // chunks are padded to an even length
        if (self.bytes + self.pending.len() as u64) % 2 == 1 {
            self.pending.push(0);
        }
        for piece in std::mem::take(&mut self.end).each() {
            self.pending.extend_from_slice(piece);
            self.flush_whole()?;
        }
        self.flush(self.pending.len())?;
        if let Some((at, patch)) = patch {
            self.output.seek(SeekFrom::Start(at))?;
            self.output.write_all(patch)?;
            self.output.flush()?;
            self.output.seek(SeekFrom::Start(0))?;
            self.digests = Digests::of(&mut self.output, self.told, &|| false)?;
        }
        self.output.commit()?;
        Ok(self.digests.finish(self.bytes))
    }
}
