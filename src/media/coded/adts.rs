//! AAC as it lies in a file by itself: packets behind headers of seven or nine bytes (ISO/IEC 13818-7, section 6.2, "ADTS"). Nothing in it says
//! where the music begins and ends, so all packets are heard, as in other programs.

use super::Opened;
use super::asc::{self, Config, LEAD, PACKET};
use super::guard::damaged;
use super::steady::{Packets, Steady};
use super::window::Window;
use crate::media::ReadError;
use crate::media::input::Shared;

/// How far into a file the first packet is looked for, and how many packets are looked into for HE-AAC.
const PREFACE: u64 = 1 << 20;
const LOOKED_INTO: u64 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    /// Profile, index of the sample rate, channel configuration: the same in all packets of a stream.
    kind: (u8, u8, u8),
    /// Bytes of the whole frame and of its header.
    size: usize,
    head: usize,
    /// Packets in it beyond the first.
    more: u8,
}

impl Header {
    fn parse(b: [u8; 7]) -> Option<Header> {
        // twelve ones, any version, layer 0
        if b[0] != 0xFF || b[1] & 0xF6 != 0xF0 {
            return None;
        }
        let kind = (b[2] >> 6, b[2] >> 2 & 15, (b[2] & 1) << 2 | b[3] >> 6);
        let size = usize::from(b[3] & 3) << 11 | usize::from(b[4]) << 3 | usize::from(b[5] >> 5);
        let head = if b[1] & 1 == 1 { 7 } else { 9 };
        (kind.1 < 13 && size > head).then_some(Header { kind, size, head, more: b[6] & 3 })
    }
}

struct Frames {
    window: Window,
    like: Header,
    count: u64,
    /// Where the first packet that is decoded for a cell lies.
    cells: Vec<u64>,
    at: u64,
}

pub(super) fn open(file: Shared, base: u64) -> Result<Opened, ReadError> {
    let mut window = Window::new(file);
    let end = base.saturating_add(PREFACE).min(window.file.length);
    let mut at = base;
    let (start, like) = loop {
        let Some((found, header)) = sync(&mut window, at, end, None)? else { return Err(ReadError::NotAudio) };
        if followed(&mut window, found, &header)? {
            break (found, header);
        }
        at = found + 1;
    };
    match like.kind.0 {
        1 => {}
        0 => return Err(ReadError::Unsupported("AAC Main".into())),
        2 => return Err(ReadError::Unsupported("AAC-SSR".into())),
        _ => return Err(ReadError::Unsupported("AAC-LTP".into())),
    }
    let config = Config::new(like.kind.1, like.kind.2)?;
    let mut frames = Frames { window, like, count: 0, cells: Vec::new(), at: start };
    let mut looked = Vec::new();
    // the last packets' places, the newest last
    let mut recent = [start; LEAD as usize];
    while let Some((at, header)) = frames.find()? {
        if header.more > 0 {
            return Err(ReadError::Unsupported("ADTS with several packets a frame".into()));
        }
        if frames.count.is_multiple_of(Frames::CELL) {
            frames.cells.push(if frames.count == 0 { at } else { recent[0] });
        }
        recent.rotate_left(1);
        recent[LEAD as usize - 1] = at;
        if frames.count < LOOKED_INTO {
            looked.push(frames.window.look(at, header.size)?[header.head..].to_vec());
        }
        frames.count += 1;
    }
    if asc::replicates(&looked) {
        return Err(ReadError::Unsupported("HE-AAC".into()));
    }
    let info = config.info("aac", frames.count * PACKET)?;
    let stream = Box::new(Steady::new(frames, config.decoder()?, PACKET, 0, false));
    Ok(Opened { info, stream })
}

fn sync(window: &mut Window, at: u64, end: u64, like: Option<&Header>) -> Result<Option<(u64, Header)>, ReadError> {
    let mut at = at;
    while at < end {
        let bytes = window.look(at, 4096)?;
        for (n, seven) in bytes.windows(7).enumerate() {
            if seven[0] == 0xFF
                && let Ok(seven) = seven.try_into()
                && let Some(header) = Header::parse(seven)
                && like.is_none_or(|like| like.kind == header.kind)
            {
                return Ok(Some((at + n as u64, header)));
            }
        }
        if bytes.len() < 4096 {
            return Ok(None);
        }
        at += bytes.len() as u64 - 6;
    }
    Ok(None)
}

/// Whether behind the whole frame at `at` another of its kind begins, or the file or its tags end.
fn followed(window: &mut Window, at: u64, header: &Header) -> Result<bool, ReadError> {
    let end = at + header.size as u64;
    if end > window.file.length {
        return Ok(false);
    }
    let next = window.look(end, 7)?;
    if next.is_empty() || [&b"TAG"[..], b"APE", b"ID3"].iter().any(|tag| next.starts_with(tag)) {
        return Ok(true);
    }
    Ok(next.try_into().ok().and_then(Header::parse).is_some_and(|next| next.kind == header.kind))
}

impl Frames {
    /// The next frame from `self.at` on; what lies between two is passed over.
    fn find(&mut self) -> Result<Option<(u64, Header)>, ReadError> {
        let end = self.window.file.length;
        let here = self.window.array(self.at)?.and_then(Header::parse).filter(|header| header.kind == self.like.kind);
        let (at, header) = match here {
            Some(header) => (self.at, header),
            None => loop {
                match sync(&mut self.window, self.at, end, Some(&self.like))? {
                    None => return Ok(None),
                    Some((at, header)) if followed(&mut self.window, at, &header)? => break (at, header),
                    Some((at, _)) => self.at = at + 1,
                }
            },
        };
        if at + header.size as u64 > end {
            return Ok(None);
        }
        self.at = at + header.size as u64;
        Ok(Some((at, header)))
    }
}

impl Packets for Frames {
    const CELL: u64 = asc::CELL;

    fn count(&self) -> u64 {
        self.count
    }

    fn enter(&mut self, cell: u64) -> Result<u64, ReadError> {
        self.at = *self.cells.get(cell as usize).ok_or_else(|| damaged(None, "a packet is missing"))?;
        Ok((cell * Frames::CELL).saturating_sub(LEAD))
    }

    fn next(&mut self, into: &mut Vec<u8>) -> Result<bool, ReadError> {
        let Some((at, header)) = self.find()? else { return Ok(false) };
        into.clear();
        into.extend_from_slice(&self.window.look(at, header.size)?[header.head..]);
        Ok(true)
    }
}
