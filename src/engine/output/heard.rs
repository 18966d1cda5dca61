//! What is only measured: a reading of a tap, of the whole song or of parts of it.

use super::{End, Written};
use crate::analysis::{Meter, What};
use crate::audio::Planes;
use crate::graph::plan::Output;
use crate::media::WriteError;
use crate::units::Rate;

pub(super) struct Heard {
    meter: Meter,
    wants: (i64, i64),
    ranges: Vec<(i64, i64)>,
    /// The first range that is not over.
    next: usize,
    begun: bool,
}

impl Heard {
    /// `ranges`: song frames, in order.
    pub(super) fn new(rate: Rate, output: &Output, ranges: &[(i64, i64)], what: What) -> Heard {
        let meter = Meter::new(rate, output.layout.channels(), what);
        Heard { meter, wants: (output.from, output.to), ranges: ranges.to_vec(), next: 0, begun: false }
    }
}

impl End for Heard {
    fn wants(&self) -> (i64, i64) {
        self.wants
    }

    fn take(&mut self, song: i64, mut planes: Planes<'_>) -> Result<(), WriteError> {
        let end = song + planes.frames() as i64;
        while let Some((from, to)) = self.ranges.get(self.next).copied() {
            let (first, last) = (from.max(song), to.min(end));
            if first < last {
                if !self.begun && self.next > 0 {
                    self.meter.gap();
                }
                self.begun = true;
                self.meter.add(planes.slice((first - song) as usize, (last - song) as usize).as_ref());
            }
            if to > end {
                break;
            }
            self.next += 1;
            self.begun = false;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Written, WriteError> {
        Ok(Written { measurement: self.meter.finish(), clipped: 0, reduction: 0.0 })
    }
}
