//! FLAC (RFC 9639), encoded frame by frame; STREAMINFO gets its checksum at the end.

use std::io::{Seek, SeekFrom, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, Frame, StreamInfo};
use flacenc::config::{Encoder, OrderSel};
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use super::{About, Finished, Samples, Spec, WriteError, Writer, counted, interleave, tags};
use crate::media::hash;
use crate::world::Output;

/// Frames of sound per frame of FLAC.
const BLOCK: usize = 4096;
/// Neither a common rate nor one of 16 bits in Hz, tens of Hz or kHz.
const UNSPEAKABLE: u32 = 95_999;

pub(super) struct Flac {
    output: Box<dyn Output>,
    spec: Spec,
    /// Whether tags follow STREAMINFO.
    tagged: bool,
    config: Verified<Encoder>,
    /// Without fixed predictors: see [`Flac::coded`].
    careful: Verified<Encoder>,
    info: StreamInfo,
    checksum: Context,
    buffer: FrameBuf,
    sink: ByteSink,
    /// Interleaved samples of the block that is not full yet.
    pending: Vec<u8>,
    written: u64,
    blocks: usize,
    /// The smallest and the largest coded block, in bytes.
    sizes: (u32, u32),
}

impl Flac {
    pub(super) fn new(mut output: Box<dyn Output>, spec: Spec) -> Result<Flac, WriteError> {
        if spec.channels > 8 {
            return Err(WriteError::Unsupported(format!("a FLAC has 8 channels at most, not {}", spec.channels)));
        }
        if spec.frames >= 1 << 36 || spec.frames.div_ceil(BLOCK as u64) >= 1 << 31 {
            return Err(WriteError::Unsupported("a FLAC this long can't be written".into()));
        }
        let mut config = Encoder::default();
        config.multithread = false;
        // by counting bits, not by the platform's logarithm
        config.subframe_coding.fixed.order_sel = OrderSel::BitCount;
        let mut careful = config.clone();
        careful.subframe_coding.use_fixed = false;
        let verified = |config: Encoder| config.into_verified().map_err(|(_, e)| WriteError::Encoder(e.to_string()));
        let (config, careful) = (verified(config)?, verified(careful)?);
        let refused = |e: flacenc::error::VerifyError| WriteError::Encoder(e.to_string());
        let bits = spec.bits as usize;
        // above 96 kHz the encoder is given a rate that a frame's header can't say, so that it refers to STREAMINFO
        let rate = if spec.rate.get() > 96_000 { UNSPEAKABLE } else { spec.rate.get() };
        let info = StreamInfo::new(rate as usize, spec.channels, bits).map_err(refused)?;
        let buffer = FrameBuf::with_size(spec.channels, BLOCK).map_err(refused)?;
        output.write_all(&head(&spec, (0, 0), &[0; 16], true))?;
        Ok(Flac {
            output,
            spec,
            tagged: false,
            config,
            careful,
            info,
            checksum: Context::new(bits, spec.channels),
            buffer,
            sink: ByteSink::new(),
            pending: Vec::new(),
            written: 0,
            blocks: 0,
            sizes: (u32::MAX, 0),
        })
    }

    fn block_bytes(&self) -> usize {
        BLOCK * self.spec.channels * self.spec.bits as usize / 8
    }

    /// The buffer as one frame. flacenc 0.5.1 estimates the size of fixed predictors in 28 bits: what is loud and noisy may wrap around to nearly
    /// nothing, is chosen for it and takes gigabytes. Every other choice is compared by its true size, so that without them no frame is larger than
    /// its samples.
    fn coded(&self) -> Result<Frame, WriteError> {
        let encode = |config| {
            flacenc::encode_fixed_size_frame(config, &self.buffer, self.blocks, &self.info)
                .map_err(|e| WriteError::Encoder(e.to_string()))
        };
        let frame = encode(&self.config)?;
        // the samples as they are, with a frame's own heads and sums
        let plain = self.pending.len() * 8 + 256;
        if frame.count_bits() <= plain { Ok(frame) } else { encode(&self.careful) }
    }

    /// Encodes what is pending as one block.
    fn encode(&mut self) -> Result<(), WriteError> {
        let bytes = self.spec.bits as usize / 8;
        let refused = |e: String| WriteError::Encoder(e);
        self.checksum.fill_le_bytes(&self.pending, bytes).map_err(|e| refused(e.to_string()))?;
        self.buffer.fill_le_bytes(&self.pending, bytes).map_err(|e| refused(e.to_string()))?;
        let frame = self.coded()?;
        self.sink.clear();
        frame.write(&mut self.sink).map_err(|e| refused(e.to_string()))?;
        let coded = self.sink.as_slice();
        self.output.write_all(coded)?;
        let size = coded.len() as u32;
        self.sizes = (self.sizes.0.min(size), self.sizes.1.max(size));
        self.blocks += 1;
        self.pending.clear();
        Ok(())
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
        let bytes = self.spec.bits as usize / 8;
        let mut from = 0;
        while from < block.frames() {
            let room = (self.block_bytes() - self.pending.len()) / (self.spec.channels * bytes);
            let to = (from + room).min(block.frames());
            interleave(planes, from, to, bytes, &mut self.pending);
            if self.pending.len() == self.block_bytes() {
                self.encode()?;
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
        if !self.pending.is_empty() {
            self.encode()?;
        }
        let sizes = if self.blocks > 0 { self.sizes } else { (0, 0) };
        self.output.seek(SeekFrom::Start(0))?;
        self.output.write_all(&head(&self.spec, sizes, &self.checksum.md5_digest(), !self.tagged))?;
        self.output.flush()?;
        self.output.seek(SeekFrom::Start(0))?;
        let digest = hash::of(&mut self.output)?;
        let bytes = self.output.stream_position()?;
        self.output.commit()?;
        Ok(Finished { hash: hash::hex(&digest), bytes })
    }
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
