//! What is only measured: a reading of a tap, of the whole song or of parts of it.

use super::{End, Written};
use crate::analysis::{Measurement, Meter, What};
use crate::audio::Planes;
use crate::graph::plan::Output;
use crate::media::WriteError;
use crate::units::Rate;

pub(super) struct Heard {
    meter: Option<Meter>,
    measurement: Measurement,
    wants: (i64, i64),
    ranges: Vec<(i64, i64)>,
    /// The first range that is not over.
    next: usize,
    begun: bool,
}

impl Heard {
    /// `ranges`: song frames, in order.
    pub(super) fn new(rate: Rate, output: &Output, ranges: &[(i64, i64)], what: What) -> Heard {
        Heard {
            meter: Some(Meter::new(rate, output.layout.channels(), what)),
            measurement: Measurement::default(),
            wants: (output.from, output.to),
            ranges: ranges.to_vec(),
            next: 0,
            begun: false,
        }
    }
}

impl End for Heard {
    fn wants(&self) -> (i64, i64) {
        self.wants
    }

    fn take(&mut self, song: i64, mut planes: Planes<'_>) -> Result<(), WriteError> {
        let end = song + planes.frames() as i64;
        let Some(meter) = &mut self.meter else { return Ok(()) };
        while let Some((from, to)) = self.ranges.get(self.next).copied() {
            let (first, last) = (from.max(song), to.min(end));
            if first < last {
                if !self.begun && self.next > 0 {
                    meter.gap();
                }
                self.begun = true;
                meter.add(planes.slice((first - song) as usize, (last - song) as usize).as_ref());
            }
            if to > end {
                break;
            }
            self.next += 1;
            self.begun = false;
        }
        Ok(())
    }

    fn measured(&mut self) -> Result<Measurement, WriteError> {
        if let Some(meter) = self.meter.take() {
            self.measurement = meter.finish();
        }
        Ok(self.measurement.clone())
    }

    fn finish(mut self: Box<Self>) -> Result<Written, WriteError> {
        Ok(Written { measurement: self.measured()?, clipped: 0, reduction: 0.0, kept: None, seal: None })
    }
}
