//! Plain samples: bytes to f64, exactly.

use super::Plain;
use super::encoding::Encoding;
use super::fields::Order;
use crate::audio::Planes;
use crate::audio::isa::Level;
use crate::media::input::Shared;
use crate::media::{ReadError, packed};

/// Reads the samples of a plain file, any part of it at once.
pub(in crate::media) struct Pcm {
    file: Shared,
    plain: Plain,
    at: u64,
    /// Whole frames from `first` on.
    bytes: Vec<u8>,
    first: u64,
}

/// Bytes read at once: a block's worth at a time would be a call to the system for each.
const PIECE: usize = 1 << 16;

impl Pcm {
    pub(in crate::media) fn new(file: Shared, plain: Plain) -> Pcm {
        Pcm { file, plain, at: 0, bytes: Vec::new(), first: 0 }
    }

    pub(in crate::media) fn seek(&mut self, frame: u64) {
        self.at = frame.min(self.plain.info.frames);
    }

    pub(in crate::media) fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let (channels, encoding) = (self.plain.info.channels, self.plain.encoding);
        let frame = channels * encoding.bytes();
        let frames = (self.plain.info.frames - self.at).min(out.frames() as u64) as usize;
        let mut done = 0;
        while done < frames {
            let from = self.gather(frame)?;
            let bytes = &self.bytes[from..];
            let count = (frames - done).min(bytes.len() / frame);
            let to = done + count;
            if channels == 2 && encoding == Encoding::S24(Order::Little) && out.channels() == 2 {
                let (left, right) = out.pair_mut(0, 1);
                packed::unpack_pair(Level::find(), bytes, &mut left[done..to], &mut right[done..to]);
            } else {
                for (channel, plane) in out.each_mut().enumerate().take(channels) {
                    encoding.decode(bytes, frame, channel, &mut plane[done..to]);
                }
            }
            self.at += count as u64;
            done = to;
        }
        Ok(frames)
    }

    /// Has the frame that comes next among its bytes, of which `frame` are one; says where it begins.
    fn gather(&mut self, frame: usize) -> Result<usize, ReadError> {
        let held = (self.bytes.len() / frame) as u64;
        if !(self.first..self.first + held).contains(&self.at) {
            let most = (PIECE / frame).max(1) as u64;
            let count = (self.plain.info.frames - self.at).min(most) as usize;
            self.bytes.resize(count * frame, 0);
            self.first = self.at;
            let found = self.file.read_at(self.plain.data + self.at * frame as u64, &mut self.bytes);
            if !found.as_ref().is_ok_and(|found| *found == self.bytes.len()) {
                self.bytes.clear();
                found?;
                // it was all there when it was opened
                return Err(ReadError::Changed);
            }
        }
        Ok((self.at - self.first) as usize * frame)
    }
}
