//! The packets of one stream of an Ogg file, in order, with what happens between them.

use super::page::{Page, Pages};
use crate::media::ReadError;
use crate::media::coded::guard::damaged;

/// Bytes that are kept of a packet at most; what is longer is no sound.
const LARGEST: usize = 1 << 22;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A whole packet, in `Packets::packet`.
    Packet,
    /// All packets that end on a page were given: the position behind them.
    Position(i64),
    /// Something is missing here.
    Gap,
    End,
}

pub(super) struct Packets {
    pub(super) pages: Pages,
    pub(super) serial: u32,
    pub(super) packet: Vec<u8>,
    page: Option<Page>,
    /// Whether the stream's last page was given.
    pub(super) ended: bool,
    /// What of the page was given.
    segment: usize,
    used: usize,
    /// A packet that is not whole yet.
    part: Vec<u8>,
    /// Whether `part` has its beginning: not after a jump into the middle of a packet.
    whole: bool,
    /// Where the next page should be, and its number where that is known.
    pub(super) at: u64,
    number: Option<u32>,
}

impl Packets {
    /// The packets from the page at `at` on.
    pub(super) fn new(pages: Pages, serial: u32, at: u64) -> Packets {
        let (packet, part) = (Vec::new(), Vec::new());
        Packets {
            pages,
            serial,
            packet,
            page: None,
            ended: false,
            segment: 0,
            used: 0,
            part,
            whole: false,
            at,
            number: None,
        }
    }

    /// Goes on with the page at `at`.
    pub(super) fn jump(&mut self, at: u64) {
        (self.page, self.ended, self.number) = (None, false, None);
        self.part.clear();
        self.at = at;
    }

    /// Goes to the next packet of the stream's headers.
    pub(super) fn header(&mut self) -> Result<(), ReadError> {
        loop {
            match self.next()? {
                Event::Packet => return Ok(()),
                Event::End => return Err(damaged(None, "its header is cut off")),
                Event::Position(_) | Event::Gap => {}
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Event, ReadError> {
        loop {
            if self.ended {
                return Ok(Event::End);
            }
            let Some(page) = &self.page else {
                match self.turn()? {
                    Some(event) => return Ok(event),
                    None => continue,
                }
            };
            let Some(size) = page.segments.get(self.segment).copied() else {
                let (last, granule) = (page.last, page.granule);
                self.page = None;
                self.ended = last;
                match granule {
                    Some(granule) => return Ok(Event::Position(granule)),
                    None => continue,
                }
            };
            let segment = self.used..self.used + usize::from(size);
            self.used = segment.end;
            self.segment += 1;
            if self.whole && self.part.len() < LARGEST {
                self.part.extend_from_slice(page.body.get(segment).unwrap_or(&[]));
            }
            if size < 255 {
                let whole = std::mem::replace(&mut self.whole, true);
                std::mem::swap(&mut self.part, &mut self.packet);
                self.part.clear();
                if whole {
                    return Ok(Event::Packet);
                }
            }
        }
    }

    /// Goes to the stream's next page.
    fn turn(&mut self) -> Result<Option<Event>, ReadError> {
        let Some(page) = self.pages.next(self.at, u64::MAX)? else { return Ok(Some(Event::End)) };
        let junk = page.at != self.at;
        self.at = page.end;
        if page.serial != self.serial {
            // a stream beside this one; but what lies between two pages may have been one of this one: its number tells
            return Ok(None);
        }
        let missing = self.number.is_some_and(|number| number != page.number) || junk && self.number.is_none();
        self.number = Some(page.number.wrapping_add(1));
        let torn = page.continued && (missing || self.part.is_empty());
        if missing || !page.continued {
            self.part.clear();
            self.whole = true;
        }
        if torn {
            self.whole = false;
        }
        (self.segment, self.used) = (0, 0);
        self.page = Some(page);
        Ok(missing.then_some(Event::Gap))
    }
}
