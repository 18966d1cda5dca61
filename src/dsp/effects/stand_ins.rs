//! Simple effects with what real ones have only among much else, for the tests of the frame around all effects.

use num_complex::Complex64;

use crate::audio::{Layout, StateError, StateReader, StateWriter};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::{
    Args, Category, Declaration, Effect, Flow, Io, Param, Processor, Refused, Setup, Shape, Tail, common,
};
use crate::units::{Frames, Hz, Unit};

/// What there is only where effects of effects are tested: one that is late, hears a key and has a gain that moves, and one that makes stereo of mono.
pub(in crate::dsp) const EFFECTS: &[&dyn Effect] = &[&Late, &Spread];

struct Late;

static LATE: Declaration = Declaration {
    name: "late",
    category: Category::Repair,
    help: "Comes late",
    version: 1,
    params: &[
        Param::number("frames", Unit::Samples, 0.0, 1000.0, 37.0, "How late"),
        Param::number("factor", Unit::None, -1e6, 1e6, 1.0, "A factor of the late sound").curve(),
        Param::key("key", "It is added"),
    ],
};

impl Effect for Late {
    fn declaration(&self) -> &'static Declaration {
        &LATE
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let latency = Frames::new(args.number(0).unwrap_or(0.0) as i64);
        Ok(Shape { latency, tail: Tail::None, out: setup.layout })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        let late = args.number(0).unwrap_or(0.0) as usize;
        Ok(Box::new(Lag(DelayRing::new(setup.layout.channels(), late))))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        let late = Frames::new(args.number(0)? as i64);
        Some(common::delayed(late, setup, frequency) * args.number(1)?)
    }
}

struct Lag(DelayRing);

impl Processor for Lag {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let factor = io.params.get(1);
        for channel in 0..io.audio.channels() {
            for (i, x) in io.audio.channel_mut(channel).iter_mut().enumerate() {
                *x = *x * factor.at(i) + io.keys.first().map_or(0.0, |key| key.channel(0)[i]);
            }
        }
        self.0.process(&mut io.audio);
        if self.0.at_rest() && io.audio.is_silent() { Flow::Silent } else { Flow::Written }
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        self.0.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.0.load(from)
    }
}

struct Spread;

static SPREAD: Declaration = Declaration {
    name: "spread",
    category: Category::Space,
    help: "Makes stereo of mono: the sound on the left, three times as much on the right",
    version: 1,
    params: &[],
};

impl Effect for Spread {
    fn declaration(&self) -> &'static Declaration {
        &SPREAD
    }

    fn shape(&self, _: &Args, setup: &Setup) -> Result<Shape, Refused> {
        Ok(Shape { out: setup.layout.max(Layout::STEREO), ..Shape::plain(setup) })
    }

    fn build(&self, _: &Args, _: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Spread))
    }
}

impl Processor for Spread {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let (left, right) = io.audio.pair_mut(0, 1);
        left.iter().zip(right).for_each(|(l, r)| *r = 3.0 * l);
        if io.audio.is_silent() { Flow::Silent } else { Flow::Written }
    }

    fn reset(&mut self) {}

    fn save(&self, _: &mut StateWriter) {}

    fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), StateError> {
        Ok(())
    }
}
