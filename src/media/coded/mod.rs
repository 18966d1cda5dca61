//! Coded files: FLAC, MP3, MP4 and AAC, Ogg. Containers are taken apart here, with everything in them checked; what is in a packet is decoded
//! behind a guard.
//!
//! A decoder's state depends on all that came before. So that a clip from the middle of a file needs not all before it, files are cut into
//! *cells* on a grid of their own: at the start of each the decoder begins anew, some packets earlier, in reading through as well as after a
//! seek. So both give the same bits, for damaged files too. Where a codec forgets (all here but Opus and the noise of AAC) the lead is so long
//! that this is also what one uninterrupted decoder gives, bit for bit.

mod adts;
mod alac;
mod asc;
mod decoder;
mod flac;
mod guard;
mod lame;
mod mp4;
mod mpeg;
mod ogg;
mod steady;
mod window;

use guard::damaged;

use super::input::Shared;
use super::{Info, ReadError};
use crate::audio::Planes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flac,
    Mpeg,
    Adts,
    Mp4,
    Ogg,
}

/// A coded sound that is decoded piece by piece.
trait Stream: Send {
    /// Goes to where decoding for `frame` begins, or stays where it is when `frame` is not far ahead: the frame that `next` gives first, `frame`
    /// at the latest.
    fn enter(&mut self, frame: u64) -> Result<u64, ReadError>;

    /// Decodes on into `planes`, one for each channel. False at the end, or when nothing more can be had.
    fn next(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError>;
}

struct Opened {
    info: Info,
    stream: Box<dyn Stream>,
}

/// Reads the samples of a coded file, from any frame on.
pub(super) struct Coded {
    pub(super) info: Info,
    allow_truncated: bool,
    stream: Box<dyn Stream>,
    /// The frame that `read` gives next, and the one that the stream does.
    at: u64,
    decoded: u64,
    /// What was decoded last, and how much of it was given.
    pending: Vec<Vec<f64>>,
    used: usize,
}

impl Coded {
    /// The stream of a file that begins at byte `base`.
    pub(super) fn open(file: Shared, base: u64, kind: Kind, allow_truncated: bool) -> Result<Coded, ReadError> {
        let opened = match kind {
            Kind::Flac => flac::open(file, base, allow_truncated)?,
            Kind::Mpeg => mpeg::open(file, base, allow_truncated)?,
            Kind::Adts => adts::open(file, base)?,
            Kind::Mp4 => mp4::open(file, allow_truncated)?,
            Kind::Ogg => ogg::open(file, base, allow_truncated)?,
        };
        let Opened { info, stream } = opened;
        if info.frames == 0 {
            return Err(ReadError::Empty);
        }
        let pending = vec![Vec::new(); info.channels];
        Ok(Coded { info, allow_truncated, stream, at: 0, decoded: 0, pending, used: 0 })
    }

    pub(super) fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let frames = (self.info.frames - self.at).min(out.frames() as u64) as usize;
        let mut done = 0;
        while done < frames {
            let left = self.left();
            if left == 0 {
                if self.fill()? {
                    continue;
                }
                if self.info.lossless && !self.allow_truncated {
                    return Err(ReadError::Truncated { expected: self.info.frames, found: self.decoded });
                }
                // the promised length is kept
                for plane in out.each_mut().take(self.info.channels) {
                    plane[done..frames].fill(0.0);
                }
                self.at += (frames - done) as u64;
                break;
            }
            let count = left.min(frames - done);
            for (plane, decoded) in out.each_mut().zip(&self.pending) {
                plane[done..done + count].copy_from_slice(&decoded[self.used..self.used + count]);
            }
            self.used += count;
            self.at += count as u64;
            done += count;
        }
        Ok(frames)
    }

    pub(super) fn seek(&mut self, frame: u64) -> Result<(), ReadError> {
        let frame = frame.min(self.info.frames);
        let from = self.decoded - self.left() as u64;
        if frame < from || frame > self.decoded {
            self.pending.iter_mut().for_each(Vec::clear);
            (self.at, self.used) = (frame, 0);
            if frame == self.info.frames {
                // nothing is read there; whoever seeks back enters anew
                self.decoded = frame;
                return Ok(());
            }
            self.decoded = self.stream.enter(frame)?;
        }
        loop {
            let from = self.decoded - self.left() as u64;
            if from > frame {
                return Err(damaged(Some(frame), "the decoder finds no way to this frame"));
            }
            let skip = (frame - from).min(self.left() as u64);
            self.used += skip as usize;
            if from + skip == frame || !self.fill()? {
                self.at = frame;
                return Ok(());
            }
        }
    }

    fn left(&self) -> usize {
        self.pending.first().map_or(0, |plane| plane.len() - self.used)
    }

    /// Decodes on into `pending`. False at the end.
    fn fill(&mut self) -> Result<bool, ReadError> {
        self.used = 0;
        self.pending.iter_mut().for_each(Vec::clear);
        while self.stream.next(&mut self.pending)? {
            let frames = self.left();
            if frames > 0 {
                self.decoded += frames as u64;
                return Ok(true);
            }
        }
        Ok(false)
    }
}
