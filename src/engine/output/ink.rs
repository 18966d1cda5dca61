//! The end of the way: samples as the file holds them, measured as they are written.

use super::Written;
use super::file::Delivery;
use crate::analysis::{Measurement, Meter, What};
use crate::audio::isa::Level;
use crate::audio::{Block, Planes, samples};
use crate::dsp::parts::dither::Quantiser;
use crate::media::WriteError;
use crate::media::writer::{self, About, Format, Loudness, Samples, Spec, Writer};
use crate::world::World;

pub(super) struct Ink {
    channels: usize,
    /// Quantised from here on.
    first: i64,
    /// What is written.
    from: i64,
    pub(super) to: i64,
    /// The most frames at once.
    pub(super) piece: usize,
    measured: Block,
    integers: Vec<Vec<i32>>,
    floats: Vec<Vec<f32>>,
    quantiser: Option<Quantiser>,
    /// Of one integer, full scale = 1.
    step: f64,
    /// Samples held at full scale before what is written.
    before: u64,
    pub(super) writer: Box<dyn Writer>,
    meter: Option<Meter>,
    measurement: Measurement,
    format: Format,
    bits: u32,
}

impl Ink {
    /// `first`, `from`, `to`: frames at the file's rate from which on it is quantised, from which on it is written, and where it ends.
    pub(super) fn create(
        delivery: &Delivery,
        channels: usize,
        [first, from, to]: [i64; 3],
        about: &About,
        world: &dyn World,
        piece: usize,
    ) -> Result<Ink, WriteError> {
        let Delivery { format, bits, rate, noise, seed, compression, .. } = *delivery;
        let spec = Spec { format, bits, channels, rate, frames: (to - from) as u64, compression };
        let mut writer = writer::create(world.create(&delivery.path)?, spec)?;
        writer.describe(about)?;
        if !delivery.told {
            writer.untold();
        }
        let what = if delivery.full { What::Full } else { What::Peaks };
        Ok(Ink {
            channels,
            first,
            from,
            to,
            piece,
            measured: Block::new(channels, piece),
            integers: vec![vec![0; piece]; channels],
            floats: vec![vec![0.0; piece]; channels],
            quantiser: (bits < 32).then(|| Quantiser::new(bits, noise, rate, seed)),
            step: 1.0 / f64::from(1u32 << (bits - 1)),
            before: 0,
            writer,
            meter: Some(Meter::new(rate, channels, what)),
            measurement: Measurement::default(),
            format,
            bits,
        })
    }

    /// Frames from `at` on; those that are before the first and after the last are passed over.
    pub(super) fn take(&mut self, at: i64, mut planes: Planes<'_>) -> Result<(), WriteError> {
        let (begin, end) = (at.max(self.first), self.to.min(at + planes.frames() as i64));
        if begin >= end {
            return Ok(());
        }
        let planes = planes.slice((begin - at) as usize, (end - at) as usize);
        let (level, n) = (Level::find(), planes.frames());
        // what is only there so that the noise remembers it
        let skip = (self.from - begin).clamp(0, n as i64) as usize;
        let mut measured = self.measured.planes(self.channels, n - skip);
        match &mut self.quantiser {
            Some(quantiser) => {
                for (channel, integers) in self.integers.iter_mut().enumerate() {
                    let (old, new) = planes.channel(channel).split_at(skip);
                    if skip > 0 {
                        let clipped = quantiser.clipped();
                        quantiser.run(channel, begin, old, &mut integers[..skip]);
                        self.before += quantiser.clipped() - clipped;
                    }
                    quantiser.run(channel, begin + skip as i64, new, &mut integers[..n - skip]);
                    samples::of_integers(level, integers, measured.channel_mut(channel), self.step);
                }
            }
            None => {
                for (channel, floats) in self.floats.iter_mut().enumerate() {
                    samples::narrow(level, &planes.channel(channel)[skip..], floats);
                    samples::widen(level, floats, measured.channel_mut(channel));
                }
            }
        }
        if skip == n {
            return Ok(());
        }
        if let Some(meter) = &mut self.meter {
            meter.add(measured.as_ref());
        }
        if self.quantiser.is_some() {
            let planes: Vec<&[i32]> = self.integers.iter().map(|p| &p[..n - skip]).collect();
            self.writer.write(Samples::Int(&planes))
        } else {
            let planes: Vec<&[f32]> = self.floats.iter().map(|p| &p[..n - skip]).collect();
            self.writer.write(Samples::Float(&planes))
        }
    }

    pub(super) fn measured(&mut self) -> Measurement {
        if let Some(meter) = self.meter.take() {
            self.measurement = Measurement {
                format: self.format.name().to_string(),
                codec: self.format.codec(self.bits).to_string(),
                ..meter.finish()
            };
        }
        self.measurement.clone()
    }

    pub(super) fn finish(mut self) -> Result<Written, WriteError> {
        let measurement = self.measured();
        self.writer.measured(&Loudness {
            integrated: measurement.integrated_lufs,
            range: measurement.loudness_range_lu,
            true_peak: measurement.true_peak_dbtp,
            momentary: measurement.momentary_max_lufs,
            short_term: measurement.short_term_max_lufs,
        });
        let finished = self.writer.finish()?;
        let clipped = self.quantiser.map_or(0, |q| q.clipped()) - self.before;
        let measurement = Measurement { blake3: finished.hash, ..measurement };
        Ok(Written { measurement, clipped, reduction: 0.0, kept: None, seal: Some(finished.seal) })
    }
}
