//! FLAC (RFC 9639), encoded frame by frame; STREAMINFO gets its checksum at the end.
//!
//! The bytes are a function of the samples alone: whole numbers, and where there are none (windows, autocorrelation) the same operations in the same
//! order at every vector level.

mod bits;
mod channel;
mod crc;
mod frame;
mod lpc;
mod piece;
mod predictor;
mod rice;
mod settings;
mod window;

pub use piece::{Coded, Piece};

use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use md5::{Digest, Md5};

use super::{About, Finished, Samples, Spec, WriteError, Writer, counted, interleave, tags};
use crate::media::hash::Digests;
use crate::world::Output;
use piece::Spare;
use settings::{BLOCK, Settings};

pub(super) struct Flac {
    output: Box<dyn Output>,
    spec: Spec,
    /// Whether anybody asks for its BLAKE3.
    told: bool,
    /// Whether tags follow STREAMINFO.
    tagged: bool,
    spare: Arc<Spare>,
    /// Blocks are given out; else each is encoded as soon as it is full.
    shared: bool,
    queue: Vec<Piece>,
    /// Of all samples as little-endian bytes, interleaved.
    checksum: Md5,
    bytes: Vec<u8>,
    /// The block that is not full yet.
    pending: Vec<Vec<i32>>,
    written: u64,
    /// Those that are full.
    blocks: u64,
    /// The smallest and the largest coded block, in bytes.
    sizes: (u32, u32),
}

impl Flac {
    pub(super) fn new(mut output: Box<dyn Output>, spec: Spec) -> Result<Flac, WriteError> {
        check(&spec)?;
        output.write_all(&head(&spec, (0, 0), &[0; 16], true))?;
        let settings = Settings::of(spec.compression);
        Ok(Flac {
            output,
            spec,
            told: true,
            tagged: false,
            spare: Arc::new(Spare::new(settings, spec.bits, spec.rate.get())),
            shared: false,
            queue: Vec::new(),
            checksum: Md5::new(),
            bytes: Vec::new(),
            pending: vec![Vec::with_capacity(BLOCK); spec.channels],
            written: 0,
            blocks: 0,
            sizes: (u32::MAX, 0),
        })
    }

    fn held(&self) -> usize {
        self.pending.first().map_or(0, Vec::len)
    }

    /// What is pending is a block.
    fn full(&mut self) -> Result<(), WriteError> {
        let planes = self.pending.iter_mut().map(|plane| std::mem::replace(plane, Vec::with_capacity(BLOCK))).collect();
        let piece = Piece { planes, number: self.blocks, spare: self.spare.clone() };
        self.blocks += 1;
        if self.shared {
            self.queue.push(piece);
            return Ok(());
        }
        self.put(piece.encode())
    }
}

impl Writer for Flac {
    fn describe(&mut self, about: &About) -> Result<(), WriteError> {
        let blocks = tags::flac(about, &self.spec)?;
        self.tagged = !blocks.is_empty();
        self.output.seek(SeekFrom::Start(0))?;
        self.output.write_all(&head(&self.spec, (0, 0), &[0; 16], !self.tagged))?;
        self.output.write_all(&blocks)?;
        Ok(())
    }

    fn write(&mut self, block: Samples<'_>) -> Result<(), WriteError> {
        let written = counted(self.written, &block, &self.spec)?;
        let Samples::Int(planes) = block else { return Ok(()) };
        let mut from = 0;
        while from < block.frames() {
            let to = (from + BLOCK - self.held()).min(block.frames());
            self.bytes.clear();
            interleave(planes, from, to, self.spec.bits as usize / 8, &mut self.bytes);
            self.checksum.update(&self.bytes);
            self.pending.iter_mut().zip(planes).for_each(|(all, plane)| all.extend_from_slice(&plane[from..to]));
            if self.held() == BLOCK {
                self.full()?;
            }
            from = to;
        }
        self.written = written;
        Ok(())
    }

    fn share(&mut self) -> bool {
        self.shared = true;
        true
    }

    fn untold(&mut self) {
        self.told = false;
    }

    fn pieces(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.queue)
    }

    fn put(&mut self, Coded(bytes): Coded) -> Result<(), WriteError> {
        self.output.write_all(&bytes)?;
        let size = bytes.len() as u32;
        self.sizes = (self.sizes.0.min(size), self.sizes.1.max(size));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Finished, WriteError> {
        if self.written != self.spec.frames {
            return Err(WriteError::Length { promised: self.spec.frames, given: self.written });
        }
        if self.held() > 0 {
            self.full()?;
        }
        for piece in self.pieces() {
            self.put(piece.encode())?;
        }
        let sizes = if self.blocks > 0 { self.sizes } else { (0, 0) };
        self.output.seek(SeekFrom::Start(0))?;
        self.output.write_all(&head(&self.spec, sizes, &self.checksum.finalize().into(), !self.tagged))?;
        self.output.flush()?;
        self.output.seek(SeekFrom::Start(0))?;
        let digests = Digests::of(&mut self.output, self.told, &|| false)?;
        let bytes = self.output.stream_position()?;
        self.output.commit()?;
        Ok(digests.finish(bytes))
    }
}

pub(super) fn check(spec: &Spec) -> Result<(), WriteError> {
    if spec.channels > 8 {
        return Err(WriteError::Unsupported(format!("a FLAC has 8 channels at most, not {}", spec.channels)));
    }
    if spec.frames >= 1 << 36 || spec.frames.div_ceil(BLOCK as u64) >= 1 << 31 {
        return Err(WriteError::Unsupported("a FLAC this long can't be written".into()));
    }
    Ok(())
}

/// The stream's marker and its first metadata block, which may be the last.
fn head(spec: &Spec, sizes: (u32, u32), md5: &[u8; 16], last: bool) -> Vec<u8> {
    let mut head = Vec::with_capacity(42);
    // of type 0, 34 bytes long
    head.extend_from_slice(b"fLaC");
    head.extend_from_slice(&[if last { 0x80 } else { 0 }, 0, 0, 34]);
    // every block but the last is this long
    head.extend_from_slice(&(BLOCK as u16).to_be_bytes());
    head.extend_from_slice(&(BLOCK as u16).to_be_bytes());
    head.extend_from_slice(&sizes.0.to_be_bytes()[1..]);
    head.extend_from_slice(&sizes.1.to_be_bytes()[1..]);
    let packed = u64::from(spec.rate.get()) << 44
        | (spec.channels as u64 - 1) << 41
        | u64::from(spec.bits - 1) << 36
        | spec.frames;
    head.extend_from_slice(&packed.to_be_bytes());
    head.extend_from_slice(md5);
    head
}
