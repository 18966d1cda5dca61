//! What is kept for a solve: recorded, and measured as far as a solve needs it.

use super::{End, Written};
use crate::analysis::{Measurement, Power};
use crate::audio::Planes;
use crate::dsp::PeakEnvelope;
use crate::engine::spool::{Envelope, Recorder};
use crate::graph::plan::Output;
use crate::media::WriteError;
use crate::units::Rate;
use crate::world;

pub(super) struct Kept {
    recorder: Recorder,
    power: Power,
    rate: Rate,
    wants: (i64, i64),
    peaks: PeakEnvelope,
}

impl Kept {
    pub(super) fn new(file: Box<dyn world::Output>, rate: Rate, output: &Output) -> Kept {
        let channels = output.layout.channels();
        Kept {
            recorder: Recorder::new(file, channels),
            power: Power::new(rate, channels),
            peaks: PeakEnvelope::new(channels),
            rate,
            wants: (output.begin, output.end),
        }
    }
}

impl End for Kept {
    fn wants(&self) -> (i64, i64) {
        self.wants
    }

    fn take(&mut self, _: i64, planes: Planes<'_>) -> Result<(), WriteError> {
        self.power.add(planes.as_ref());
        self.peaks.add(planes.as_ref());
        Ok(self.recorder.add(&planes)?)
    }

    fn measured(&mut self) -> Result<Measurement, WriteError> {
        Ok(Measurement::default())
    }

    fn finish(self: Box<Self>) -> Result<Written, WriteError> {
        let envelope = Envelope { rate: self.rate, power: self.power.finish(), peaks: self.peaks.finish() };
        let kept = Some((self.recorder.finish()?, envelope));
        Ok(Written { measurement: Measurement::default(), clipped: 0, reduction: 0.0, kept, seal: None })
    }
}
