//! Where the packets of a track lie: its sample table (ISO/IEC 14496-12, sections 8.6 and 8.7), checked against the file.

use super::boxes::Part;
use crate::media::ReadError;
use crate::media::coded::guard::damaged;
use crate::media::coded::window::Window;
use crate::media::input::Shared;

/// A packet's size has this many of the 64 bits that are kept of it, its place the others.
const SIZE_BITS: u32 = 24;

pub(super) struct Table {
    /// Place and size of every packet that is whole.
    packets: Vec<u64>,
    /// How many there should be.
    pub(super) promised: u64,
    /// The sum of all durations, in units of the track's time scale.
    pub(super) duration: u64,
    /// Whether all packets but the last are equally long, and how long, in the same units.
    pub(super) steady: Option<u64>,
}

impl Table {
    pub(super) fn count(&self) -> u64 {
        self.packets.len() as u64
    }

    /// Place and bytes of a packet.
    pub(super) fn packet(&self, index: u64) -> Option<(u64, usize)> {
        let packet = self.packets.get(usize::try_from(index).ok()?)?;
        Some((packet >> SIZE_BITS, (packet & ((1 << SIZE_BITS) - 1)) as usize))
    }
}

/// A table of entries of `width` bytes behind `head` bytes, the last four of which count them.
struct Rows {
    window: Window,
    from: u64,
    width: u64,
    count: u64,
}

impl Rows {
    fn new(file: &Shared, table: Part, head: u64, width: u64) -> Result<Rows, ReadError> {
        let mut window = Window::new(file.clone());
        let count = window.array(table.from + head - 4)?.map_or(0, u32::from_be_bytes).into();
        let fits = head <= table.size() && count <= (table.size() - head) / width.max(1);
        if width > 0 && !fits {
            return Err(damaged(None, &format!("its `{}` table is cut off", table.kind.escape_ascii())));
        }
        Ok(Rows { window, from: table.from + head, width, count })
    }

    /// A number of `bytes` at an offset in an entry.
    fn number(&mut self, row: u64, offset: u64, bytes: usize) -> Result<u64, ReadError> {
        let seen = self.window.look(self.from + row * self.width + offset, bytes)?;
        Ok(seen.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}

pub(super) fn read(file: &Shared, table: Part) -> Result<Table, ReadError> {
    let parts = table.parts(file)?;
    let find = |kind: &[u8; 4]| parts.iter().find(|part| part.kind == *kind).copied();
    let need = |kind: &[u8; 4]| {
        find(kind).ok_or_else(|| damaged(None, &format!("its `{}` table is missing", kind.escape_ascii())))
    };
    let (duration, steady) = durations(file, need(b"stts")?)?;
    let mut sizes = Sizes::new(file, find(b"stsz"), find(b"stz2"))?;
    let mut runs = Rows::new(file, need(b"stsc")?, 8, 12)?;
    let mut chunks = match find(b"co64") {
        Some(table) => Rows::new(file, table, 8, 8)?,
        None => Rows::new(file, need(b"stco")?, 8, 4)?,
    };
    let mut packets = Vec::new();
    let (mut index, mut total, mut run) = (0, 0u64, 0);
    'all: for chunk in 0..chunks.count {
        while run + 1 < runs.count && runs.number(run + 1, 0, 4)? <= chunk + 1 {
            run += 1;
        }
        let mut at = chunks.number(chunk, 0, chunks.width as usize)?;
        for _ in 0..if runs.count == 0 { 0 } else { runs.number(run, 4, 4)? } {
            if index == sizes.count {
                break 'all;
            }
            let size = sizes.size(index)?;
            total = total.saturating_add(size);
            if size >> SIZE_BITS != 0 || total > file.length {
                return Err(damaged(None, "its packets are larger than the file"));
            }
            let end = at.checked_add(size).filter(|end| end >> (64 - SIZE_BITS) == 0);
            let end = end.ok_or_else(|| damaged(None, "a packet lies beyond every file"))?;
            if end > file.length {
                // the rest is counted, not kept
                break 'all;
            }
            packets.push(at << SIZE_BITS | size);
            at = end;
            index += 1;
        }
    }
    Ok(Table { packets, promised: sizes.count, duration, steady })
}

/// The sum of `stts`, and the length of all packets but the last where they are equally long.
fn durations(file: &Shared, table: Part) -> Result<(u64, Option<u64>), ReadError> {
    let mut rows = Rows::new(file, table, 8, 8)?;
    let (mut sum, mut steady) = (0u64, None);
    let mut even = true;
    for row in 0..rows.count {
        let (count, delta) = (rows.number(row, 0, 4)?, rows.number(row, 4, 4)?);
        sum = sum.saturating_add(count.saturating_mul(delta));
        let last = row + 1 == rows.count && count == 1;
        even &= count == 0 || last && row > 0 || *steady.get_or_insert(delta) == delta;
    }
    Ok((sum, steady.filter(|_| even)))
}

/// The sizes of all packets: one for all, or a table of 4, 8, 16 or 32 bits each.
struct Sizes {
    rows: Rows,
    all: u64,
    bits: u64,
    count: u64,
}

impl Sizes {
    fn new(file: &Shared, plain: Option<Part>, compact: Option<Part>) -> Result<Sizes, ReadError> {
        let table = plain.or(compact).ok_or_else(|| damaged(None, "its `stsz` table is missing"))?;
        let mut rows = Rows::new(file, table, 12, 0)?;
        let field = rows.window.array(table.from + 4)?.map_or(0, u32::from_be_bytes).into();
        let (all, bits) = if plain.is_some() { (field, 32) } else { (0, field & 0xFF) };
        if all == 0
            && (![4, 8, 16, 32].contains(&bits)
                || rows.count.div_ceil(8 / bits.min(8)) * bits.div_ceil(8) > table.size().saturating_sub(12))
        {
            return Err(damaged(None, "its `stsz` table is cut off"));
        }
        // packets without a byte are no packets, and as many as bytes are enough
        let count = rows.count.min(file.length);
        rows.width = bits.div_ceil(8);
        Ok(Sizes { rows, all, bits, count })
    }

    fn size(&mut self, index: u64) -> Result<u64, ReadError> {
        match (self.all, self.bits) {
            (0, 4) => Ok(self.rows.number(index / 2, 0, 1)? >> (4 * (1 - index % 2)) & 15),
            (0, bits) => self.rows.number(index, 0, bits as usize / 8),
            (all, _) => Ok(all),
        }
    }
}
