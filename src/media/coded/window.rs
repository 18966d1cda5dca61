use std::io;

use crate::media::input::Shared;

/// Bytes read at once.
const PIECE: usize = 1 << 16;

/// Many small looks into a file that go mostly forward.
pub(super) struct Window {
    pub(super) file: Shared,
    from: u64,
    bytes: Vec<u8>,
}

impl Window {
    pub(super) fn new(file: Shared) -> Window {
        Window { file, from: 0, bytes: Vec::new() }
    }

    /// `length` bytes from `at` on, or as many as there are.
    pub(super) fn look(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let end = self.from + self.bytes.len() as u64;
        // behind the file's end there is nothing to be had by reading again
        let beyond = at.saturating_add(length as u64) > end && end < self.file.length;
        if at < self.from || beyond {
            let length = length.max(PIECE) as u64;
            let length = length.min(self.file.length.saturating_sub(at)) as usize;
            self.bytes.resize(length, 0);
            let filled = self.file.read_at(at, &mut self.bytes)?;
            self.bytes.truncate(filled);
            self.from = at;
        }
        let start = ((at - self.from) as usize).min(self.bytes.len());
        Ok(&self.bytes[start..self.bytes.len().min(start.saturating_add(length))])
    }

    /// Exactly `N` bytes; `None` where the file ends before.
    pub(super) fn array<const N: usize>(&mut self, at: u64) -> io::Result<Option<[u8; N]>> {
        Ok(self.look(at, N)?.try_into().ok())
    }
}
