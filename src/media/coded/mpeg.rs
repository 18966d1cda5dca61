//! MPEG audio, layers I to III, as it lies in a file by itself (ISO/IEC 11172-3 and 13818-3, section 2.4.1, and what is called MPEG 2.5).

use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3};

use super::decoder::Decoder;
use super::guard::damaged;
use super::steady::{Packets, Steady};
use super::window::Window;
use super::{Opened, lame};
use crate::media::info::rate;
use crate::media::input::Shared;
use crate::media::{Info, ReadError};

/// Some encoders count their own header as a frame of music, so a file may be this much shorter than it says.
const SLACK: u64 = 2 * 1152;

/// How far into a file the first frame is looked for.
const PREFACE: u64 = 1 << 20;

/// Kilobits a second by the index in a header, for layers I, II, III of MPEG 1, layer I and layers II, III of MPEG 2.
const RATES: [[u32; 15]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

/// The first four bytes of an MPEG audio frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether it is MPEG 2 or 2.5: half the rate, half the granules.
    pub(super) low: bool,
    /// 1 to 3.
    pub(super) layer: u8,
    pub(super) rate: u32,
    pub(super) channels: usize,
    /// Bytes of the whole frame.
    pub(super) size: usize,
    /// Bytes before the main data of layer III: header, checksum and side information.
    pub(super) head: usize,
}

impl Header {
    /// `None` when these bytes are no header; a size of 0 means a free format.
    pub(super) fn parse(bytes: [u8; 4]) -> Option<Header> {
        let word = u32::from_be_bytes(bytes);
        let field = |shift: u32, bits: u32| (word >> shift & ((1 << bits) - 1)) as usize;
        let (version, layer, index, frequency) = (field(19, 2), 4 - field(17, 2), field(12, 4), field(10, 2));
        if field(21, 11) != 0x7FF || version == 1 || layer == 4 || index == 15 || frequency == 3 {
            return None;
        }
        let low = version != 3;
        let row = if low { layer.min(2) + 2 } else { layer - 1 };
        let rate = [44_100, 48_000, 32_000][frequency] >> [2, 0, 1, 0][version];
        let padding = field(9, 1);
        let bits = RATES[row][index] * 1000;
        let channels = if field(6, 2) == 3 { 1 } else { 2 };
        let size = match layer {
            1 => ((12 * bits / rate) as usize + padding) * 4,
            3 if low => (72 * bits / rate) as usize + padding,
            _ => (144 * bits / rate) as usize + padding,
        };
        let side = [[32, 17], [17, 9]][usize::from(low)][2 - channels];
        let checksum = if field(16, 1) == 0 { 2 } else { 0 };
        let size = if index == 0 { 0 } else { size };
        Some(Header { low, layer: layer as u8, rate, channels, size, head: 4 + checksum + side })
    }

    /// Frames of sound that it holds.
    pub(super) fn frames(&self) -> u64 {
        match self.layer {
            1 => 384,
            3 if self.low => 576,
            _ => 1152,
        }
    }

    /// Whether both can be of one stream.
    fn fits(&self, other: &Header) -> bool {
        (self.low, self.layer, self.rate) == (other.low, other.layer, other.rate)
    }

    /// Bytes of earlier frames that a frame of layer III may use (`main_data_begin` has 9 bits, in MPEG 2 8).
    fn reservoir(&self) -> usize {
        match (self.layer, self.low) {
            (3, false) => 511,
            (3, true) => 255,
            _ => 0,
        }
    }
}

/// Where decoding for a cell begins.
struct Entry {
    /// Packets before the cell.
    lead: u64,
    at: u64,
}

struct Frames {
    window: Window,
    like: Header,
    count: u64,
    cells: Vec<Entry>,
    /// Where the next frame is looked for.
    at: u64,
}

pub(super) fn open(file: Shared, base: u64, allow_truncated: bool) -> Result<Opened, ReadError> {
    let mut window = Window::new(file);
    let (at, like) = first(&mut window, base)?;
    let tag = lame::read(&mut window, at, &like)?;
    let start = if tag.is_some() { at + like.size as u64 } else { at };
    let mut frames = Frames { window, like, count: 0, cells: Vec::new(), at: start };
    frames.index()?;
    let total = frames.count * like.frames();
    let tag = tag.unwrap_or_default();
    let trimmed = total.saturating_sub(tag.delay);
    let frames_of_sound = match tag.frames.map(|count| (count * like.frames()).saturating_sub(tag.delay + tag.padding))
    {
        Some(promised) if trimmed + SLACK < promised && !allow_truncated => {
            return Err(ReadError::Truncated { expected: promised, found: trimmed });
        }
        // a header that tells of another file than this one is of no use: several were joined
        Some(promised) if total > promised + tag.delay + tag.padding + SLACK => trimmed,
        Some(promised) => promised.min(trimmed),
        None => trimmed,
    };
    let (name, codec) = [("mp1", CODEC_ID_MP1), ("mp2", CODEC_ID_MP2), ("mp3", CODEC_ID_MP3)][like.layer as usize - 1];
    let info = Info {
        format: name,
        codec: name,
        channels: like.channels,
        rate: rate(like.rate)?,
        frames: frames_of_sound,
        bits: None,
        lossless: false,
        mask: None,
    };
    let decoder = Decoder::new(codec, like.rate, like.channels, &[])?;
    let stream = Box::new(Steady::new(frames, decoder, like.frames(), tag.delay, false));
    Ok(Opened { info, stream })
}

/// The first frame: one that another of its kind follows, or the end of the file or a tag.
fn first(window: &mut Window, base: u64) -> Result<(u64, Header), ReadError> {
    let mut at = base;
    let end = base.saturating_add(PREFACE).min(window.file.length);
    while let Some((found, header)) = sync(window, at, end, None)? {
        if header.size == 0 {
            // a free format's length is known by the next header only
            if found == base {
                return Err(ReadError::Unsupported("MPEG audio of a free bit rate".into()));
            }
        } else if followed(window, found, &header)? {
            return Ok((found, header));
        }
        at = found + 1;
    }
    Err(ReadError::NotAudio)
}

/// The next place from `at` on, before `end`, where a header lies, of the kind of `like` if there is one.
fn sync(window: &mut Window, at: u64, end: u64, like: Option<&Header>) -> Result<Option<(u64, Header)>, ReadError> {
    let mut at = at;
    while at < end {
        let bytes = window.look(at, 4096)?;
        if bytes.len() < 4 {
            return Ok(None);
        }
        for (n, four) in bytes.windows(4).enumerate() {
            if four[0] == 0xFF
                && let Some(header) = Header::parse([four[0], four[1], four[2], four[3]])
                && like.is_none_or(|like| like.fits(&header) && header.size > 0)
            {
                return Ok(Some((at + n as u64, header)));
            }
        }
        at += bytes.len() as u64 - 3;
    }
    Ok(None)
}

/// Whether behind the whole frame at `at` the next one begins, or the file or its tags end.
fn followed(window: &mut Window, at: u64, header: &Header) -> Result<bool, ReadError> {
    let end = at + header.size as u64;
    if end > window.file.length {
        return Ok(false);
    }
    let next = window.look(end, 4)?;
    Ok(match *next {
        [b'T', b'A', b'G', ..] | [b'A', b'P', b'E', b'T'] | [b'I', b'D', b'3', ..] | [] => true,
        [a, b, c, d] => Header::parse([a, b, c, d]).is_some_and(|next| next.fits(header)),
        _ => false,
    })
}

impl Frames {
    /// The next frame from `self.at` on, and what comes behind it; headers of encoders in the middle (of files that were joined) are no frames.
    fn find(&mut self) -> Result<Option<(u64, Header)>, ReadError> {
        let end = self.window.file.length;
        loop {
            let here = self.window.array(self.at)?.and_then(Header::parse);
            let here = here.filter(|header| self.like.fits(header) && header.size > 0);
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
            if lame::read(&mut self.window, at, &header)?.is_none() {
                return Ok(Some((at, header)));
            }
        }
    }

    /// Goes through all headers.
    fn index(&mut self) -> Result<(), ReadError> {
        let start = self.at;
        // the frames just before, newest last, and their main data
        let mut recent: std::collections::VecDeque<(u64, usize)> = std::collections::VecDeque::new();
        while let Some((at, header)) = self.find()? {
            if self.count.is_multiple_of(Frames::CELL) {
                // what the reservoir may hold, then what overlap and synthesis remember: two granules, so two frames of MPEG 2; one more is
                // for frames whose own reservoir was not full when they were decoded
                let (mut lead, mut held, mut more) = (0, 0, 3);
                for (_, data) in recent.iter().rev() {
                    if held >= self.like.reservoir() {
                        if more == 0 {
                            break;
                        }
                        more -= 1;
                    }
                    held += data;
                    lead += 1;
                }
                let at = if lead == 0 { at } else { recent[recent.len() - lead].0 };
                self.cells.push(Entry { lead: lead as u64, at });
            }
            recent.push_back((at, header.size.saturating_sub(header.head)));
            if recent.len() > 64 {
                recent.pop_front();
            }
            self.count += 1;
        }
        self.at = start;
        Ok(())
    }
}

impl Packets for Frames {
    const CELL: u64 = 256;

    fn count(&self) -> u64 {
        self.count
    }

    fn enter(&mut self, cell: u64) -> Result<u64, ReadError> {
        let entry = self.cells.get(cell as usize).ok_or_else(|| damaged(None, "a frame is missing"))?;
        self.at = entry.at;
        Ok(cell * Frames::CELL - entry.lead)
    }

    fn next(&mut self, into: &mut Vec<u8>) -> Result<bool, ReadError> {
        let Some((at, header)) = self.find()? else { return Ok(false) };
        into.clear();
        into.extend_from_slice(self.window.look(at, header.size)?);
        Ok(true)
    }
}
