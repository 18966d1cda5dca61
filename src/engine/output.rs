//! Files at the end of the graph: what goes in is summed, cut, faded, brought to integers, written and measured, in that order, as it arrives.

use std::f64::consts::FRAC_PI_2;

use super::Failure;
use super::params::Followers;
use super::slots::{SEGMENT, Slots};
use super::sum::{self, Input};
use crate::analysis::{Measurement, Meter, What};
use crate::audio::{Block, math, rng::Seed};
use crate::dsp::parts::dither::{Noise, Quantiser};
use crate::graph::plan::{Output, Plan};
use crate::media::WriteError;
use crate::media::writer::{self, Samples, Spec, Writer};
use crate::units::Rate;
use crate::world::World;

/// How a file is to be written.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub path: std::path::PathBuf,
    pub format: writer::Format,
    /// 16, 24: integers. 32: float.
    pub bits: u32,
    pub dither: bool,
    /// Of its dither.
    pub seed: Seed,
    /// Everything, or only peaks.
    pub full: bool,
}

/// A file that was written.
#[derive(Clone, Debug)]
pub struct Written {
    pub measurement: Measurement,
    pub clipped: u64,
}

pub(super) struct File {
    index: usize,
    inputs: Vec<Input>,
    followers: Followers,
    channels: usize,
    latency: i64,
    from: i64,
    to: i64,
    fade_in: i64,
    fade_out: i64,
    block: Block,
    measured: Block,
    integers: Vec<Vec<i32>>,
    floats: Vec<Vec<f32>>,
    quantiser: Option<Quantiser>,
    /// Of one integer, full scale = 1.
    step: f64,
    writer: Box<dyn Writer>,
    meter: Meter,
    format: &'static str,
    codec: &'static str,
    rate: Rate,
}

impl File {
    pub(super) fn create(
        index: usize,
        plan: &Plan,
        output: &Output,
        delivery: &Delivery,
        world: &dyn World,
        block: usize,
    ) -> Result<File, Failure> {
        let channels = output.layout.channels();
        let wrong = |error: WriteError| Failure::Write { output: index, error };
        let file = world.create(&delivery.path).map_err(|e| wrong(e.into()))?;
        let spec = Spec {
            format: delivery.format,
            bits: delivery.bits,
            channels,
            rate: plan.rate,
            frames: (output.to - output.from) as u64,
        };
        let writer = writer::create(file, spec).map_err(wrong)?;
        let noise = if delivery.dither { Noise::Tpdf } else { Noise::None };
        let what = if delivery.full { What::Full } else { What::Peaks };
        Ok(File {
            index,
            inputs: output.inputs.iter().map(|edge| Input::new(edge, block)).collect(),
            followers: Followers::of_sum(&output.keys, &output.inputs, block),
            channels,
            latency: output.latency,
            from: output.from,
            to: output.to,
            fade_in: output.fade_in,
            fade_out: output.fade_out,
            block: Block::new(channels, block),
            measured: Block::new(channels, block),
            integers: vec![vec![0; block]; channels],
            floats: vec![vec![0.0; block]; channels],
            quantiser: (delivery.bits < 32).then(|| Quantiser::new(delivery.bits, noise, delivery.seed)),
            step: 1.0 / f64::from(1u32 << (delivery.bits - 1)),
            writer,
            meter: Meter::new(plan.rate, channels, what),
            format: delivery.format.name(),
            codec: delivery.format.codec(delivery.bits),
            rate: plan.rate,
        })
    }

    /// Takes one segment of what it hears.
    pub(super) fn segment(&mut self, segment: usize, slots: &Slots) -> Result<(), Failure> {
        let step = self.block.capacity();
        let mut at = 0;
        while at < SEGMENT {
            let n = step.min(SEGMENT - at);
            let song = (segment * SEGMENT + at) as i64 - self.latency;
            let mut planes = self.block.planes(self.channels, n);
            planes.fill(0.0);
            self.followers.take(slots, segment, at, n);
            sum::sum(&mut self.inputs, slots, segment, at, song, &mut self.followers, &mut planes);
            let (from, to) = (self.from.max(song), self.to.min(song + n as i64));
            if from < to {
                self.write((from - song) as usize, (to - song) as usize, from)?;
            }
            at += n;
        }
        Ok(())
    }

    /// Frames `first..last` of the block, the first at song time `song`.
    fn write(&mut self, first: usize, last: usize, song: i64) -> Result<(), Failure> {
        let n = last - first;
        let mut planes = self.block.planes(self.channels, last);
        let mut planes = planes.slice(first, last);
        if self.fade_in > 0 || self.fade_out > 0 {
            for plane in planes.each_mut() {
                for (i, x) in plane.iter_mut().enumerate() {
                    let at = song + i as i64;
                    *x *= way(at - self.from, self.fade_in) * way(self.to - 1 - at, self.fade_out);
                }
            }
        }
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
        let written = if self.quantiser.is_some() {
            let planes: Vec<&[i32]> = self.integers.iter().map(|p| &p[..n]).collect();
            self.writer.write(Samples::Int(&planes))
        } else {
            let planes: Vec<&[f32]> = self.floats.iter().map(|p| &p[..n]).collect();
            self.writer.write(Samples::Float(&planes))
        };
        written.map_err(|error| Failure::Write { output: self.index, error })
    }

    /// Puts it under its final name.
    pub(super) fn finish(self) -> Result<Written, Failure> {
        let finished = self.writer.finish().map_err(|error| Failure::Write { output: self.index, error })?;
        let mut measurement = self.meter.finish();
        measurement.format = self.format.to_string();
        measurement.codec = self.codec.to_string();
        measurement.sample_rate = self.rate.get();
        measurement.blake3 = finished.hash;
        Ok(Written { measurement, clipped: self.quantiser.map_or(0, |q| q.clipped()) })
    }
}

/// The way in or out of a file: a raised cosine from 0 to 1.
fn way(done: i64, all: i64) -> f64 {
    if done >= all {
        1.0
    } else {
        let s = math::sin((done as f64 + 0.5) / all as f64 * FRAC_PI_2);
        s * s
    }
}
