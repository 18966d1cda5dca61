//! Frames into a file: brought to its integers, written and measured as they are written.

use super::{End, Written};
use crate::analysis::{Meter, What};
use crate::audio::{Block, Planes, rng::Seed};
use crate::dsp::parts::dither::{Noise, Quantiser};
use crate::graph::plan::{Output, Plan};
use crate::media::WriteError;
use crate::media::writer::{self, Format, Samples, Spec, Writer};
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
}

/// A transparent limiter at a file's end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Last {
    /// dB, before it.
    pub gain: f64,
    /// dBTP.
    pub ceiling: f64,
}

pub(super) struct File {
    channels: usize,
    measured: Block,
    integers: Vec<Vec<i32>>,
    floats: Vec<Vec<f32>>,
    quantiser: Option<Quantiser>,
    /// Of one integer, full scale = 1.
    step: f64,
    writer: Box<dyn Writer>,
    meter: Meter,
    format: Format,
    bits: u32,
    rate: Rate,
}

impl File {
    pub(super) fn create(
        plan: &Plan,
        output: &Output,
        delivery: &Delivery,
        world: &dyn World,
        block: usize,
    ) -> Result<File, WriteError> {
        let channels = output.layout.channels();
        let spec = Spec {
            format: delivery.format,
            bits: delivery.bits,
            channels,
            rate: plan.rate,
            frames: (output.to - output.from) as u64,
        };
        let writer = writer::create(world.create(&delivery.path)?, spec)?;
        let what = if delivery.full { What::Full } else { What::Peaks };
        Ok(File {
            channels,
            measured: Block::new(channels, block),
            integers: vec![vec![0; block]; channels],
            floats: vec![vec![0.0; block]; channels],
            quantiser: (delivery.bits < 32).then(|| Quantiser::new(delivery.bits, delivery.noise, delivery.seed)),
            step: 1.0 / f64::from(1u32 << (delivery.bits - 1)),
            writer,
            meter: Meter::new(plan.rate, channels, what),
            format: delivery.format,
            bits: delivery.bits,
            rate: plan.rate,
        })
    }
}

impl End for File {
    fn take(&mut self, song: i64, planes: Planes<'_>) -> Result<(), WriteError> {
        let n = planes.frames();
        let mut measured = self.measured.planes(self.channels, n);
        match &mut self.quantiser {
            Some(quantiser) => {
                for (channel, integers) in self.integers.iter_mut().enumerate() {
                    quantiser.run(channel, song, planes.channel(channel), &mut integers[..n]);
                    let to = measured.channel_mut(channel);
                    to.iter_mut().zip(&*integers).for_each(|(m, i)| *m = f64::from(*i) * self.step);
                }
            }
            None => {
                for (channel, floats) in self.floats.iter_mut().enumerate() {
                    floats.iter_mut().zip(planes.channel(channel)).for_each(|(f, x)| *f = *x as f32);
                    let to = measured.channel_mut(channel);
                    to.iter_mut().zip(&*floats).for_each(|(m, f)| *m = f64::from(*f));
                }
            }
        }
        self.meter.add(measured.as_ref());
        if self.quantiser.is_some() {
            let planes: Vec<&[i32]> = self.integers.iter().map(|p| &p[..n]).collect();
            self.writer.write(Samples::Int(&planes))
        } else {
            let planes: Vec<&[f32]> = self.floats.iter().map(|p| &p[..n]).collect();
            self.writer.write(Samples::Float(&planes))
        }
    }

    fn finish(self: Box<Self>) -> Result<Written, WriteError> {
        let finished = self.writer.finish()?;
        let mut measurement = self.meter.finish();
        measurement.format = self.format.name().to_string();
        measurement.codec = self.format.codec(self.bits).to_string();
        measurement.sample_rate = self.rate.get();
        measurement.blake3 = finished.hash;
        Ok(Written { measurement, clipped: self.quantiser.map_or(0, |q| q.clipped()) })
    }
}
