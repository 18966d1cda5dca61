//! Frames into a file: converted to its rate, limited, brought to its integers and written.

use super::convert::{self, Convert};
use super::ink::Ink;
use super::last::{Last, Limiter};
use super::{End, Written};
use crate::analysis::Measurement;
use crate::audio::{Planes, rng::Seed};
use crate::dsp::parts::dither::{self, Noise};
use crate::graph::plan::{Output, Plan};
use crate::media::WriteError;
use crate::media::writer::{About, Broadcast, Format, Mark, Writer};
use crate::units::Rate;
use crate::world::World;

/// How a file is to be written.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub path: std::path::PathBuf,
    pub format: Format,
    /// 16, 24: integers. 32: float.
    pub bits: u32,
    /// The file's: the output is converted to it.
    pub rate: Rate,
    /// What stands last before the file's integers, at the file's rate.
    pub last: Option<Last>,
    pub noise: Noise,
    /// Of its dither.
    pub seed: Seed,
    /// Everything, or only peaks.
    pub full: bool,
    /// What it says of itself; its marks lie at song frames.
    pub about: std::sync::Arc<About>,
    /// See [`Spec`](crate::media::writer::Spec).
    pub compression: u8,
    /// Whether anybody asks for its BLAKE3.
    pub told: bool,
}

/// Times are frames at the file's rate on the song's grid (see [`convert`]). What remembers, limiter and shaped noise, begins with the delivery, so that
/// a part of a file is a slice of the whole.
pub(super) struct File {
    /// Song frames that it must be given.
    wants: (i64, i64),
    convert: Option<Convert>,
    last: Option<Limiter>,
    /// The frame that the limiter is given next.
    fed: i64,
    ink: Ink,
}

impl File {
    pub(super) fn create(
        plan: &Plan,
        output: &Output,
        delivery: &Delivery,
        world: &dyn World,
        block: usize,
    ) -> Result<File, WriteError> {
        let Delivery { bits, rate, .. } = *delivery;
        let noise = if bits < 32 { delivery.noise } else { Noise::None };
        let (channels, converts) = (output.layout.channels(), rate != plan.rate);
        let place = |song: i64| if converts { convert::place(song, plan.rate, rate) } else { song };
        let [begin, end, from, to] = [output.begin, output.end, output.from, output.to].map(place);
        if noise == Noise::Shaped && !dither::shaped_rates().contains(&rate.get()) {
            return Err(WriteError::Unsupported(format!("its noise can't be shaped at {rate}")));
        }
        // blocks at the file's rate
        let piece = if converts { convert::PIECE } else { block };
        let last = delivery.last.as_ref().map(|last| {
            let headroom = dither::headroom(last.ceiling, bits, noise);
            Limiter::new(last, headroom, rate, output.layout, piece)
        });
        let last = last.transpose().map_err(|refused| WriteError::Unsupported(refused.message))?;
        let late = last.as_ref().map_or(0, |last| last.latency);
        let remembers = last.is_some() || noise == Noise::Shaped;
        let first = if remembers { begin } else { from };
        // what the limiter looks ahead to; beyond the delivery's end that is silence, as it is to who measures the file
        let until = (to + late).min(end);
        let convert = converts.then(|| Convert::new(plan.rate, rate, channels, first, until, block));
        let wants = convert.as_ref().map_or((first, until), Convert::needs);
        let About { tags, marks, broadcast } = &*delivery.about;
        let marks = marks.iter().map(|mark| (place(mark.frame as i64), mark)).filter(|(at, _)| (from..to).contains(at));
        let about = About {
            tags: tags.clone(),
            marks: marks.map(|(at, mark)| Mark { frame: (at - from) as u64, ..mark.clone() }).collect(),
            broadcast: broadcast.as_ref().map(|b| Broadcast { reference: from.max(0) as u64, ..b.clone() }),
        };
        let ink = Ink::create(delivery, channels, [first, from, to], &about, world, piece)?;
        Ok(File { wants, convert, last, fed: first, ink })
    }
}

impl End for File {
    fn wants(&self) -> (i64, i64) {
        self.wants
    }

    fn take(&mut self, song: i64, planes: Planes<'_>) -> Result<(), WriteError> {
        let File { convert, last, fed, ink, .. } = self;
        let mut limited = |at: i64, mut planes: Planes<'_>| {
            let mut late = 0;
            if let Some(last) = last {
                last.run(at, planes.reborrow());
                late = last.latency;
            }
            *fed = at + planes.frames() as i64;
            ink.take(at - late, planes)
        };
        let Some(convert) = convert else { return limited(song, planes) };
        convert.take(song, &planes);
        while let Some((at, planes)) = convert.give() {
            limited(at, planes)?;
        }
        Ok(())
    }

    fn writer(&mut self) -> Option<&mut dyn Writer> {
        Some(&mut *self.ink.writer)
    }

    fn reduction(&self) -> f64 {
        self.last.as_ref().map_or(0.0, Limiter::reduction)
    }

    fn measured(&mut self) -> Result<Measurement, WriteError> {
        if let Some(last) = &mut self.last {
            let end = self.ink.to + last.latency;
            while self.fed < end {
                let frames = self.ink.piece.min((end - self.fed) as usize);
                let (at, latency) = (self.fed, last.latency);
                self.ink.take(at - latency, last.silence(at, frames))?;
                self.fed += frames as i64;
            }
        }
        Ok(self.ink.measured())
    }

    fn finish(mut self: Box<Self>) -> Result<Written, WriteError> {
        self.measured()?;
        let reduction = self.reduction();
        Ok(Written { reduction, ..self.ink.finish()? })
    }
}
