//! Pages of an Ogg file (RFC 3533, section 6), found forward from a place or by their granule position.

use crate::media::ReadError;
use crate::media::coded::guard::damaged;
use crate::media::coded::window::Window;
use crate::media::input::Shared;

/// A page at its largest.
const LARGEST: usize = 27 + 255 + 255 * 255;

/// Where bisecting ends and walking begins, in bytes.
const NEAR: u64 = 1 << 17;

/// The checksum of a page: polynomial 0x04C11DB7, highest bit first, by byte.
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

fn crc(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| crc << 8 ^ CRC[(crc >> 24) as usize ^ usize::from(*byte)])
}

#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) at: u64,
    /// Where the next one should begin.
    pub(super) end: u64,
    /// Whether its first packet began on the page before, whether it is the first and whether it is the last of its stream.
    pub(super) continued: bool,
    pub(super) first: bool,
    pub(super) last: bool,
    /// The position in the sound behind the last packet that ends on it; `None` where none does.
    pub(super) granule: Option<i64>,
    pub(super) serial: u32,
    pub(super) number: u32,
    /// Sizes of its segments: a packet goes on behind one of 255 bytes.
    pub(super) segments: Vec<u8>,
    pub(super) body: Vec<u8>,
}

pub(super) struct Pages {
    window: Window,
    /// Bytes of pages that were none: what looks like many pages and is none must come to an end.
    wasted: u64,
}

impl Pages {
    pub(super) fn new(file: Shared) -> Pages {
        Pages { window: Window::new(file), wasted: 0 }
    }

    pub(super) fn length(&self) -> u64 {
        self.window.file.length
    }

    /// The first whole page that begins at `at` or behind it, before `before`.
    pub(super) fn next(&mut self, at: u64, before: u64) -> Result<Option<Page>, ReadError> {
        let mut at = at;
        while at < before {
            let bytes = self.window.look(at, 4096)?;
            match bytes.windows(4).position(|four| four == b"OggS") {
                Some(n) => {
                    at += n as u64;
                    if at < before
                        && let Some(page) = self.page(at)?
                    {
                        return Ok(Some(page));
                    }
                    at += 1;
                }
                None if bytes.len() < 4096 => return Ok(None),
                None => at += bytes.len() as u64 - 3,
            }
        }
        Ok(None)
    }

    /// The page at `at`, if there is a whole one that its checksum speaks for.
    fn page(&mut self, at: u64) -> Result<Option<Page>, ReadError> {
        if self.wasted > 16 * self.length() + (1 << 26) {
            return Err(damaged(None, "it is full of broken Ogg pages"));
        }
        let bytes = self.window.look(at, LARGEST)?;
        let Some((head, rest)) = bytes.split_at_checked(27) else { return Ok(None) };
        let (flags, count) = (head[5], usize::from(head[26]));
        let Some((segments, rest)) = rest.split_at_checked(count) else { return Ok(None) };
        let size: usize = segments.iter().map(|size| usize::from(*size)).sum();
        let Some(body) = rest.get(..size) else { return Ok(None) };
        let number = |from: usize| u32::from_le_bytes([head[from], head[from + 1], head[from + 2], head[from + 3]]);
        let sum = crc(crc(crc(crc(0, &head[..22]), &[0; 4]), &head[26..]), segments);
        if head[4] != 0 || crc(sum, body) != number(22) {
            self.wasted += size as u64;
            return Ok(None);
        }
        let granule = (u64::from(number(10)) << 32 | u64::from(number(6))) as i64;
        Ok(Some(Page {
            at,
            end: at + (27 + count + size) as u64,
            continued: flags & 1 != 0,
            first: flags & 2 != 0,
            last: flags & 4 != 0,
            granule: Some(granule).filter(|granule| *granule != -1),
            serial: number(14),
            number: number(18),
            segments: segments.to_vec(),
            body: body.to_vec(),
        }))
    }

    /// The first page of a stream with a position, from `at` on and before `before`.
    fn positioned(&mut self, serial: u32, at: u64, before: u64) -> Result<Option<Page>, ReadError> {
        let mut at = at;
        while let Some(page) = self.next(at, before)? {
            if page.serial == serial && page.granule.is_some() {
                return Ok(Some(page));
            }
            at = page.end;
        }
        Ok(None)
    }

    /// Where the last page of a stream begins, from `from` on, whose position is `granule` at most; `None` where the first one's is not.
    pub(super) fn before(&mut self, serial: u32, from: u64, granule: i64) -> Result<Option<u64>, ReadError> {
        let (mut low, mut high, mut found) = (from, self.length(), None);
        while high.saturating_sub(low) > NEAR {
            let middle = low + (high - low) / 2;
            match self.positioned(serial, middle, high)? {
                Some(page) if page.granule.is_some_and(|at| at <= granule) => {
                    found = Some(page.at);
                    low = page.end;
                }
                _ => high = middle,
            }
        }
        while let Some(page) = self.positioned(serial, low, high)? {
            if page.granule.is_none_or(|at| at > granule) {
                break;
            }
            found = Some(page.at);
            low = page.end;
        }
        Ok(found)
    }

    /// The last page of a stream that has a position.
    pub(super) fn last(&mut self, serial: u32) -> Result<Option<Page>, ReadError> {
        let mut high = self.length();
        loop {
            let low = high.saturating_sub(NEAR);
            let (mut at, mut found) = (low, None);
            while let Some(page) = self.next(at, high)? {
                at = page.end;
                if page.serial == serial && page.granule.is_some() {
                    found = Some(page);
                }
            }
            if found.is_some() || low == 0 {
                return Ok(found);
            }
            high = low;
        }
    }
}
