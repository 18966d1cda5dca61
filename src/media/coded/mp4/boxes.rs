//! The boxes of an MP4 or QuickTime file (ISO/IEC 14496-12, section 4.2).

use crate::media::ReadError;
use crate::media::coded::guard::damaged;
use crate::media::input::Shared;

/// Boxes beside each other at most.
const MOST: usize = 1 << 12;

/// Bytes of a box that is read whole at most.
const LARGEST: u64 = 1 << 16;

#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) kind: [u8; 4],
    /// Its content.
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Part {
    pub(super) fn whole(file: &Shared) -> Part {
        Part { kind: *b"file", from: 0, to: file.length }
    }

    pub(super) fn size(&self) -> u64 {
        self.to - self.from
    }

    /// The same without its first bytes.
    pub(super) fn after(self, bytes: u64) -> Part {
        Part { from: (self.from + bytes).min(self.to), ..self }
    }

    /// The boxes in it. In the file itself the last one may be cut off.
    pub(super) fn parts(&self, file: &Shared) -> Result<Vec<Part>, ReadError> {
        let mut parts = Vec::new();
        let mut at = self.from;
        while self.to - at >= 8 {
            let mut head = [0; 16];
            let length = (self.to - at).min(16) as usize;
            if file.read_at(at, &mut head[..length])? < length {
                return Err(damaged(None, "its boxes are cut off"));
            }
            let [a, b, c, d, kind @ ..] = head.first_chunk::<8>().copied().unwrap_or_default();
            let (size, skip) = match u32::from_be_bytes([a, b, c, d]) {
                0 if self.kind == *b"file" => (self.to - at, 8),
                // QuickTime ends some lists with four zeros
                0 => break,
                1 => (head.last_chunk().copied().map_or(0, u64::from_be_bytes), 16),
                size => (u64::from(size), 8),
            };
            let end = at.checked_add(size).filter(|_| size >= skip);
            let end = end.ok_or_else(|| damaged(None, "one of its boxes is smaller than its own header"))?;
            if end > self.to && self.kind != *b"file" {
                return Err(damaged(None, "one of its boxes is larger than the one around it"));
            }
            if parts.len() == MOST {
                return Err(damaged(None, "it has too many boxes"));
            }
            parts.push(Part { kind, from: at + skip, to: end.min(self.to) });
            at = end.min(self.to);
        }
        Ok(parts)
    }

    /// The first box of a kind in it.
    pub(super) fn find(&self, file: &Shared, kind: &[u8; 4]) -> Result<Option<Part>, ReadError> {
        Ok(self.parts(file)?.into_iter().find(|part| part.kind == *kind))
    }

    /// The first box at the end of a way of kinds.
    pub(super) fn way(&self, file: &Shared, kinds: &[&[u8; 4]]) -> Result<Option<Part>, ReadError> {
        let mut part = *self;
        for kind in kinds {
            match part.find(file, kind)? {
                Some(found) => part = found,
                None => return Ok(None),
            }
        }
        Ok(Some(part))
    }

    /// All that is in it.
    pub(super) fn bytes(&self, file: &Shared) -> Result<Vec<u8>, ReadError> {
        if self.size() > LARGEST {
            let kind = self.kind.escape_ascii();
            return Err(damaged(None, &format!("its `{kind}` box is {} bytes long", self.size())));
        }
        let mut bytes = vec![0; self.size() as usize];
        let filled = file.read_at(self.from, &mut bytes)?;
        bytes.truncate(filled);
        Ok(bytes)
    }
}

/// Numbers out of some bytes, the highest byte first; 0 beyond the end.
pub(super) struct Numbers<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl Numbers<'_> {
    pub(super) fn take(&mut self, bytes: usize) -> u64 {
        (0..bytes).fold(0, |value, _| {
            let byte = self.bytes.get(self.at).copied().unwrap_or(0);
            self.at += 1;
            value << 8 | u64::from(byte)
        })
    }
}
