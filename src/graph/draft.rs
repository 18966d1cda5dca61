//! The representation that the passes work on: strips with their edges, not yet in order, latencies unknown.

use super::drive;
use super::plan::{Fader, Insert, Point};
use crate::audio::Layout;
use crate::diag::Span;
use crate::dsp::Tail;
use crate::dsp::curve::Driver;
use crate::session::{StripId, StripKind};

/// A strip on its way to becoming a node.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) kind: StripKind,
    pub(super) layout: Layout,
    pub(super) clips: Vec<super::plan::Clip>,
    pub(super) trim: f64,
    pub(super) invert: [bool; 2],
    /// Frames later …
    pub(super) delay: i64,
    /// … or earlier: by giving the stream that much latency.
    pub(super) advance: i64,
    pub(super) inserts: Vec<Insert>,
    /// Latency and tail of each insert.
    pub(super) insert_latency: Vec<i64>,
    pub(super) tail: Tail,
    pub(super) pre: Layout,
    pub(super) fader: Fader,
    pub(super) inputs: Vec<DraftEdge>,
    pub(super) keys: Vec<DraftKey>,
}

/// A way into a strip's sum.
#[derive(Clone)]
pub(super) struct DraftEdge {
    pub(super) from: StripId,
    pub(super) point: Point,
    pub(super) gain: Driver,
    /// Place among the listener's keys.
    pub(super) follow: Option<usize>,
    pub(super) span: Span,
}

/// A sound that steers something in a strip.
#[derive(Clone, Copy)]
pub(super) struct DraftKey {
    pub(super) from: StripId,
    pub(super) point: Point,
    pub(super) place: KeyPlace,
    pub(super) span: Span,
}

/// Where a key must be in time.
#[derive(Clone, Copy)]
pub(super) enum KeyPlace {
    Input,
    /// At an insert, and so many frames into it.
    Insert(usize, i64),
    Fader,
}

impl Draft {
    /// Frames between the strip's input and a place in it.
    pub(super) fn offset(&self, place: KeyPlace) -> i64 {
        match place {
            KeyPlace::Input => 0,
            KeyPlace::Insert(index, late) => self.advance + self.insert_latency[..index].iter().sum::<i64>() + late,
            KeyPlace::Fader => self.advance + self.insert_latency.iter().sum::<i64>(),
        }
    }

    pub(super) fn offset_of(&self, point: Point) -> i64 {
        match point {
            Point::Input => 0,
            Point::Source => self.advance,
            Point::Drive => match drive::last_limiter(self) {
                Some(index) => self.offset(KeyPlace::Insert(index, 0)),
                None => self.offset(KeyPlace::Fader),
            },
            Point::Pre | Point::Post => self.offset(KeyPlace::Fader),
        }
    }

    /// The layout of a tap: what passes the fader of a mono strip is panned, so stereo.
    pub(super) fn layout_at(&self, point: Point) -> Layout {
        match point {
            Point::Input | Point::Source => self.layout,
            Point::Drive => drive::last_limiter(self).map_or(self.pre, |index| self.inserts[index].layout),
            Point::Pre => self.pre,
            Point::Post => self.pre.max(Layout::STEREO),
        }
    }
}
