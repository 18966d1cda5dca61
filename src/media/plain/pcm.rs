//! Plain samples: bytes to f64, exactly.

use super::Plain;
use super::encoding::{Encoding, S32_STEP};
use super::fields::Order;
use crate::audio::isa::Level;
use crate::audio::{Planes, samples};
use crate::media::ReadError;
use crate::media::input::Shared;

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
            let (bytes, to) = (&bytes[..count * frame], done + count);
            if channels == 2 && encoding == Encoding::S24(Order::Little) && out.channels() == 2 {
                let (left, right) = out.pair_mut(0, 1);
                decode_24(bytes, &mut left[done..to], &mut right[done..to]);
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

/// Both channels of 24 bits, stereo, which nearly all files are: four frames are three words of eight bytes.
fn decode_24(bytes: &[u8], left: &mut [f64], right: &mut [f64]) {
    const PIECE: usize = 128;
    let isa = Level::find();
    // three bytes at the top of four
    let sides = |frame: u64| ((frame << 8) as u32 as i32, (frame >> 16) as u32 as i32 & !0xFF);
    let (mut l, mut r) = ([0; PIECE], [0; PIECE]);
    for ((bytes, left), right) in bytes.chunks(PIECE * 6).zip(left.chunks_mut(PIECE)).zip(right.chunks_mut(PIECE)) {
        let (words, rest) = bytes.as_chunks::<24>();
        for ((words, l), r) in words.iter().zip(l.as_chunks_mut::<4>().0).zip(r.as_chunks_mut::<4>().0) {
            let word = |i: usize| words[i..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
            let (a, b, c) = (word(0), word(8), word(16));
            let frames = [a, a >> 48 | b << 16, b >> 32 | c << 32, c >> 16];
            for i in 0..4 {
                (l[i], r[i]) = sides(frames[i]);
            }
        }
        for (i, bytes) in rest.chunks_exact(6).enumerate() {
            let frame = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            (l[words.len() * 4 + i], r[words.len() * 4 + i]) = sides(frame);
        }
        samples::of_integers(isa, &l, left, S32_STEP);
        samples::of_integers(isa, &r, right, S32_STEP);
    }
}
