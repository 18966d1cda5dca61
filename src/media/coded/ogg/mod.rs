//! Ogg files (RFC 3533): one stream of Vorbis, Opus or FLAC. Pages tell the position in the sound, so a cell is found by bisecting them.

mod flac;
mod opus;
mod packets;
mod page;
mod vorbis;

use packets::{Event, Packets};
use page::{Page, Pages};

use super::decoder::Decoder;
use super::guard::damaged;
use super::{Opened, Stream};
use crate::media::input::Shared;
use crate::media::{Info, ReadError};

/// Streams beside each other at most.
const MOST: usize = 32;

/// Frames that one byte can hold at most: a packet of Vorbis has half of 8192, and nobody packs more.
const DENSEST: u64 = 8192;

/// Frames of silence that are given at once where something is missing.
const PIECE: i64 = 1 << 16;

/// What decodes the packets of a stream.
trait Codec: Send {
    /// Forgets all packets.
    fn reset(&mut self) -> Result<(), ReadError>;

    /// Decodes a packet into `planes`, one for each channel, and returns its frames; after an error they are empty.
    fn decode(&mut self, packet: &[u8], planes: &mut Vec<Vec<f64>>) -> Result<usize, ReadError>;

    /// How many frames a packet has that can't be decoded, where it still tells.
    fn length(&self, _packet: &[u8]) -> Option<usize> {
        None
    }
}

impl Codec for Decoder {
    fn reset(&mut self) -> Result<(), ReadError> {
        Decoder::reset(self);
        Ok(())
    }

    fn decode(&mut self, packet: &[u8], planes: &mut Vec<Vec<f64>>) -> Result<usize, ReadError> {
        Decoder::decode(self, packet, planes)
    }
}

/// What the headers of a stream say.
struct Header {
    info: Info,
    codec: Box<dyn Codec>,
    /// Frames that are decoded and not heard at the start.
    skip: i64,
    /// Frames of a cell, and those decoded before it.
    cell: i64,
    lead: i64,
}

/// All positions are the stream's own, as in its pages.
struct Ogg {
    packets: Packets,
    codec: Box<dyn Codec>,
    lossless: bool,
    /// Where the first page with sound lies, and the position of the first frame on it.
    start: u64,
    origin: i64,
    /// The first frame that is heard, and the one behind the last.
    zero: i64,
    end: i64,
    cell: i64,
    lead: i64,
    /// The frame that is given next, and where its cell ends.
    at: i64,
    until: i64,
    /// The frame that is decoded next, where that is known.
    decoded: Option<i64>,
    /// Whether the decoder has had a packet since it was reset.
    primed: bool,
}

pub(super) fn open(file: Shared, base: u64, allow_truncated: bool) -> Result<Opened, ReadError> {
    let mut pages = Pages::new(file);
    let first = choose(&mut pages, base)?;
    let mut packets = Packets::new(pages, first.serial, first.at);
    let header = match &first.body[..] {
        [1, b'v', b'o', b'r', b'b', b'i', b's', ..] => vorbis::open(&mut packets)?,
        [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..] => opus::open(&mut packets)?,
        _ => flac::open(&mut packets)?,
    };
    let Header { mut info, codec, skip, cell, lead } = header;
    let (start, lossless) = (packets.at, info.lossless);
    let mut ogg = Ogg {
        packets,
        codec,
        lossless,
        start,
        origin: 0,
        zero: 0,
        end: i64::MAX,
        cell,
        lead,
        at: 0,
        until: 0,
        decoded: None,
        primed: false,
    };
    // the page that the headers end on still has a position
    ogg.packets.jump(start);
    ogg.origin = ogg.measure()?;
    ogg.zero = ogg.origin.max(0).saturating_add(skip);
    ogg.end = ogg.last()?;
    let there = u64::try_from(ogg.end.saturating_sub(ogg.zero)).unwrap_or(0);
    if there / DENSEST > ogg.packets.pages.length() {
        return Err(damaged(None, "its pages tell of more sound than it can hold"));
    }
    if info.frames > there && !allow_truncated {
        return Err(ReadError::Truncated { expected: info.frames, found: there });
    }
    if info.frames == 0 {
        info.frames = there;
    }
    (ogg.at, ogg.until) = (ogg.zero, ogg.zero);
    Ok(Opened { info, stream: Box::new(ogg) })
}

/// The first stream that can be read: all streams begin before any goes on.
fn choose(pages: &mut Pages, base: u64) -> Result<Page, ReadError> {
    let mut at = base;
    let mut name = None;
    for _ in 0..MOST {
        let Some(page) = pages.next(at, u64::MAX)?.filter(|page| page.first) else { break };
        at = page.end;
        name = name.or(match &page.body[..] {
            [1, b'v', b'o', b'r', b'b', b'i', b's', ..]
            | [b'O', b'p', b'u', b's', b'H', b'e', b'a', b'd', ..]
            | [0x7F, b'F', b'L', b'A', b'C', ..] => return Ok(page),
            [b'S', b'p', b'e', b'e', b'x', ..] => Some("Speex"),
            [b'f', b'L', b'a', b'C', ..] => Some("FLAC inside Ogg of the first kind"),
            _ => None,
        });
    }
    match name {
        Some(name) => Err(ReadError::Unsupported(name.into())),
        None if at > base => Err(ReadError::Unsupported("an Ogg without Vorbis, Opus or FLAC".into())),
        None => Err(damaged(None, "its first Ogg page is broken")),
    }
}

impl Ogg {
    /// The position of the first frame: that behind the first page with sound, less what is on it. It is less than 0 where frames at the start are
    /// not heard (Vorbis I specification, section A.2), and more where the stream was cut out of a longer one.
    fn measure(&mut self) -> Result<i64, ReadError> {
        let (mut planes, mut frames) = (Vec::new(), 0);
        loop {
            match self.packets.next()? {
                Event::Packet => {
                    let packet = &self.packets.packet;
                    let length = self.codec.length(packet);
                    frames += match length.map_or_else(|| self.codec.decode(packet, &mut planes), Ok) {
                        Ok(frames) => frames as i64,
                        Err(e @ ReadError::Io(_)) => return Err(e),
                        Err(_) => 0,
                    };
                }
                Event::Position(at) => {
                    let origin = at.saturating_sub(frames);
                    // a first page that is the last as well is cut at its end
                    return Ok(if self.packets.ended { origin.max(0) } else { origin });
                }
                Event::Gap => {}
                Event::End => return Err(ReadError::Empty),
            }
        }
    }

    /// The position behind the last frame.
    fn last(&mut self) -> Result<i64, ReadError> {
        let pages = &mut self.packets.pages;
        let last = pages.last(self.packets.serial)?.ok_or(ReadError::Empty)?;
        let mut at = last.end;
        while let Some(page) = pages.next(at, u64::MAX)? {
            if page.first {
                return Err(ReadError::Unsupported("a chain of several Ogg streams".into()));
            }
            at = page.end;
        }
        Ok(last.granule.unwrap_or(0))
    }

    /// Begins anew before the cell that begins at `from`.
    fn begin(&mut self, from: i64) -> Result<(), ReadError> {
        let mut lead = self.lead;
        // a page far before its next one may hold too little to begin with
        for _ in 0..4 {
            let found = match from == self.zero {
                true => None,
                false => self.packets.pages.before(self.packets.serial, self.start, from.saturating_sub(lead))?,
            };
            self.gap()?;
            self.packets.jump(found.unwrap_or(self.start));
            self.decoded = if found.is_none() { Some(self.origin) } else { None };
            let mut planes = Vec::new();
            while self.decoded.is_none() && self.step(&mut planes)? {}
            if found.is_none() || self.decoded.is_some_and(|at| at <= from) {
                break;
            }
            lead = 4 * lead.max(4096);
        }
        (self.at, self.until) = (from, from.saturating_add(self.cell).min(self.end));
        Ok(())
    }

    /// Nothing is known of what comes next.
    fn gap(&mut self) -> Result<(), ReadError> {
        (self.decoded, self.primed) = (None, false);
        self.codec.reset()
    }

    /// Goes one event on; what is decoded at a known place lies in `planes`, before `decoded`. False at the end of the stream.
    fn step(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError> {
        planes.iter_mut().for_each(Vec::clear);
        match self.packets.next()? {
            Event::Packet => {
                let packet = &self.packets.packet;
                let frames = match self.codec.decode(packet, planes) {
                    Ok(frames) => frames,
                    Err(e @ ReadError::Io(_)) => return Err(e),
                    Err(ReadError::Damaged { why, .. }) if self.lossless => {
                        return Err(damaged(Some(self.frame()), &why));
                    }
                    Err(_) => match self.codec.length(packet) {
                        Some(frames) => {
                            planes.iter_mut().for_each(|plane| plane.resize(frames, 0.0));
                            frames
                        }
                        None => {
                            self.gap()?;
                            return Ok(true);
                        }
                    },
                };
                self.primed = true;
                match &mut self.decoded {
                    Some(at) => *at = at.saturating_add(frames as i64),
                    None => planes.iter_mut().for_each(Vec::clear),
                }
            }
            Event::Position(at) if self.decoded.is_none() && self.primed => self.decoded = Some(at),
            Event::Position(_) => {}
            Event::Gap if self.lossless => return Err(damaged(Some(self.frame()), "an Ogg page is missing or broken")),
            Event::Gap => self.gap()?,
            Event::End => return Ok(false),
        }
        Ok(true)
    }

    fn frame(&self) -> u64 {
        u64::try_from(self.at.max(self.decoded.unwrap_or(self.at)) - self.zero).unwrap_or(0)
    }
}

impl Stream for Ogg {
    fn enter(&mut self, frame: u64) -> Result<u64, ReadError> {
        let wanted = self.zero + frame as i64;
        let from = self.zero + (wanted - self.zero) / self.cell * self.cell;
        if wanted < self.at || wanted >= self.until || self.at < from {
            // begins when it is read
            (self.at, self.until) = (from, from);
        }
        Ok((self.at - self.zero) as u64)
    }

    fn next(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError> {
        planes.iter_mut().for_each(Vec::clear);
        if self.at >= self.end {
            return Ok(false);
        }
        if self.at >= self.until {
            self.begin(self.at).inspect_err(|_| self.until = self.at)?;
        }
        loop {
            let missing = self.decoded.map_or(0, |at| at.min(self.until) - self.at);
            if missing > 0 {
                let piece = missing.min(PIECE);
                planes.iter_mut().for_each(|plane| plane.resize(piece as usize, 0.0));
                self.at += piece;
                return Ok(true);
            }
            if !self.step(planes).inspect_err(|_| self.until = self.at)? {
                if self.lossless {
                    return Ok(false);
                }
                // where a lossy stream ends too early its cell is silent
                self.decoded = Some(self.until);
                continue;
            }
            let frames = planes.first().map_or(0, Vec::len) as i64;
            let Some(behind) = self.decoded.filter(|_| frames > 0) else { continue };
            let from = behind - frames;
            let (first, last) = (self.at.clamp(from, behind) - from, self.until.clamp(from, behind) - from);
            for plane in planes.iter_mut() {
                plane.truncate(last.max(first) as usize);
                plane.drain(..first as usize);
            }
            if last > first {
                self.at += last - first;
                return Ok(true);
            }
        }
    }
}
