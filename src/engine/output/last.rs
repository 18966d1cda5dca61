//! The limiter that stands last before a file's integers, at the file's rate.

use crate::audio::{Block, Layout, Planes, rng::Seed};
use crate::dsp::{Arg, Args, Io, Processor, Refused, Setup, Value, Values, catalogue};
use crate::graph;
use crate::units::{Db, Rate};

/// A transparent limiter at a file's end: `limiter()` with this gain and ceiling, and otherwise as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Last {
    /// dB, before it.
    pub gain: f64,
    /// dBTP, of the file: what quantising adds is left room for.
    pub ceiling: f64,
}

pub(super) struct Limiter {
    processor: Box<dyn Processor>,
    slots: Vec<f64>,
    /// Frames by which it is late.
    pub(super) latency: i64,
    silence: Block,
}

impl Limiter {
    /// `headroom`: dB that it stays below the ceiling; `block`: the most frames at once.
    pub(super) fn new(
        last: &Last,
        headroom: f64,
        rate: Rate,
        layout: Layout,
        block: usize,
    ) -> Result<Limiter, Refused> {
        let declaration = catalogue::declaration("limiter").ok_or_else(|| Refused::new("there is no `limiter`"))?;
        let args = Args::defaults(declaration)
            .with("gain", Arg::Number(last.gain))
            .with("ceiling", Arg::Number(last.ceiling - headroom));
        let setup = Setup { rate, layout, block, seed: Seed::of("last") };
        let latency = catalogue::shape(&args, &setup)?.latency.get();
        let mut slots = Vec::new();
        graph::constants(&args, &mut slots);
        let silence = Block::new(layout.channels(), block);
        Ok(Limiter { processor: catalogue::build(&args, &setup)?, slots, latency, silence })
    }

    /// Frames from `at` on, in place: what comes out is those from `at` less its latency on.
    pub(super) fn run(&mut self, at: i64, audio: Planes<'_>) {
        // more than it has; on the stack, as a vector of references can't be kept
        let mut values = [Value::Constant(0.0); 32];
        values.iter_mut().zip(&self.slots).for_each(|(value, slot)| *value = Value::Constant(*slot));
        self.processor.process(&mut Io { at, audio, keys: &[], params: Values::new(&values[..self.slots.len()]) });
    }

    /// What comes out when `frames` of silence go in, at most as many as its block.
    pub(super) fn silence(&mut self, at: i64, frames: usize) -> Planes<'_> {
        let channels = self.silence.channels();
        let mut block = std::mem::take(&mut self.silence);
        let mut planes = block.planes(channels, frames);
        planes.fill(0.0);
        self.run(at, planes);
        self.silence = block;
        self.silence.planes(channels, frames)
    }

    /// The deepest reduction so far: dB, 0 without any.
    pub(super) fn reduction(&self) -> f64 {
        let gain = self.processor.reduction();
        if gain < 1.0 { -Db::of(gain).value() } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{StateError, StateReader, StateWriter};
    use crate::dsp::Flow;

    /// Halves what it is given from frame 100 on.
    struct Halves(f64);

    impl Processor for Halves {
        fn process(&mut self, io: &mut Io<'_>) -> Flow {
            if io.at >= 100 {
                io.audio.each_mut().for_each(|x| x.iter_mut().for_each(|x| *x *= 0.5));
                self.0 = 0.5;
            }
            Flow::Written
        }
        fn reduction(&self) -> f64 {
            self.0
        }
        fn reset(&mut self) {}
        fn save(&self, _: &mut StateWriter) {}
        fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), StateError> {
            Ok(())
        }
    }

    #[test]
    fn the_deepest_reduction_is_told_in_decibels() {
        let last = Last { gain: 0.0, ceiling: -1.0 };
        let mut limiter = Limiter::new(&last, 0.0, Rate::CD, Layout::STEREO, 64).unwrap();
        assert_eq!(limiter.reduction(), 0.0);
        limiter.processor = Box::new(Halves(1.0));
        let mut block = Block::new(2, 64);
        limiter.run(0, block.planes(2, 64));
        assert_eq!(limiter.reduction(), 0.0);
        limiter.run(128, block.planes(2, 64));
        assert!((limiter.reduction() - 6.0206).abs() < 1e-4);
    }

    #[test]
    fn it_is_as_late_as_it_says() {
        let last = Last { gain: 0.0, ceiling: -1.0 };
        let mut limiter = Limiter::new(&last, 0.0, Rate::STUDIO, Layout::MONO, 1024).unwrap();
        let mut block = Block::new(1, 1024);
        block.channel_mut(0)[5] = 0.25;
        limiter.run(0, block.planes(1, 1024));
        assert_eq!(block.channel(0).iter().position(|x| *x != 0.0), Some(5 + limiter.latency as usize));
        assert_eq!(block.channel(0)[5 + limiter.latency as usize], 0.25);
    }
}
