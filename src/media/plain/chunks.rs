//! Chunks as RIFF and AIFF have them: four letters, 32 bits of size, that many bytes, one more where their number is odd.

use super::fields::{Fields, Order};
use crate::media::ReadError;
use crate::media::input::Shared;

/// A file of more chunks than this is a trap, not a recording.
pub(super) const MOST: usize = 10_000;

pub(super) struct Chunk {
    pub(super) id: [u8; 4],
    /// Byte of its body.
    pub(super) body: u64,
    pub(super) size: u32,
}

pub(super) struct Chunks<'a> {
    file: &'a Shared,
    order: Order,
    /// The letters that chunks of this format begin with.
    known: &'static [&'static [u8; 4]],
    at: u64,
    left: usize,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(file: &'a Shared, order: Order, known: &'static [&'static [u8; 4]], at: u64) -> Chunks<'a> {
        Chunks { file, order, known, at, left: MOST }
    }

    /// The chunk that begins here; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Chunk>, ReadError> {
        let mut head = [0; 8];
        if self.left == 0 || self.file.read_at(self.at, &mut head)? < 8 {
            return Ok(None);
        }
        self.left -= 1;
        let [a, b, c, d, ..] = head;
        let size = Fields::new(&head, self.order).u32(4);
        Ok(Some(Chunk { id: [a, b, c, d], body: self.at + 8, size }))
    }

    /// Whether a chunk that this format knows begins at byte `at`.
    pub(super) fn knows(&self, at: u64) -> Result<bool, ReadError> {
        let mut id = [0; 4];
        Ok(self.file.read_at(at, &mut id)? == 4 && self.known.contains(&&id))
    }

    /// Goes on behind a body of `size` bytes. Many writers forget the byte behind an odd one: where the next chunk begins is seen.
    pub(super) fn skip(&mut self, body: u64, size: u64) -> Result<(), ReadError> {
        let end = body.saturating_add(size);
        if end >= self.file.length {
            self.left = 0;
            return Ok(());
        }
        let padded = end + (end & 1);
        self.at = if padded > end && !self.knows(padded)? && self.knows(end)? { end } else { padded };
        Ok(())
    }
}
