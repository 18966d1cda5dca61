use num_complex::Complex64;

use super::{Args, Declaration, Processor};
use crate::audio::{Layout, rng::Seed};
use crate::units::{Frames, Hz, Rate};

/// A kind of effect: one zero-sized type, one file. What it declares is all that scripts and plans see; what it builds runs.
///
/// `shape` and `build` are called through [`catalogue::shape`](super::catalogue::shape) and [`catalogue::build`](super::catalogue::build),
/// which wrap the four common parameters around every effect; effects that have children use those too.
pub trait Effect: Sync {
    fn declaration(&self) -> &'static Declaration;

    /// Latency, tail and layout: cheap, asked by check and plan.
    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused>;

    /// Designs and allocates.
    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused>;

    /// The frequency response, for effects that are linear and time-invariant at these arguments: the factor by which every channel's
    /// `e^{jωn}` comes out, latency included. `None` for the others.
    fn response(&self, _: &Args, _: &Setup, _: Hz) -> Option<Complex64> {
        None
    }

    /// What each child is built for, in the order of [`Args::children`], and how late the sound is when it reaches it: curves are read and keys
    /// are delayed by it. By default a child gets the effect's own layout, at once.
    fn places(&self, args: &Args, setup: &Setup) -> Result<Vec<Place>, Refused> {
        Ok(args.children().map(|_| Place { layout: setup.layout, late: Frames::ZERO }).collect())
    }

    /// Arguments at which it must return its input bit for bit (delayed by its latency); `None` when it has no such setting.
    fn neutral(&self) -> Option<Args> {
        None
    }
}

/// What an effect is built for.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub rate: Rate,
    /// The layout of its input.
    pub layout: Layout,
    /// No block will have more frames.
    pub block: usize,
    /// Its own stream of random numbers: from the strip's name and the effect's place in it.
    pub seed: Seed,
}

/// Where a child stands inside its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub layout: Layout,
    /// Frames from the effect's input to the child's.
    pub late: Frames,
}

impl Place {
    /// What the child `index` of an effect built for `parent` is built for: its own layout and its own stream of random numbers.
    pub fn setup(self, parent: &Setup, index: usize) -> Setup {
        Setup { layout: self.layout, seed: parent.seed.with(index as u64 + 1), ..*parent }
    }
}

/// What a plan must know of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How late its output is, in frames.
    pub latency: Frames,
    pub tail: Tail,
    /// The layout of its output. `Io::audio` always has as many planes as the wider of input and output: the input lies in the first
    /// `setup.layout.channels()` of them, the others hold anything before and the output lies in the first `out.channels()` after.
    pub out: Layout,
}

impl Shape {
    /// Neither late nor long nor wider.
    pub fn plain(setup: &Setup) -> Shape {
        Shape { latency: Frames::ZERO, tail: Tail::None, out: setup.layout }
    }
}

/// What is left when the input has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    None,
    /// A decay that is part of no music: filters and dynamics. It ends with the clip.
    Rings,
    /// A sound that the song waits for: reverb and delay, down to -120 dB, in frames.
    Sounds(Frames),
}

impl Tail {
    /// Of two in series: sounding tails add up.
    pub fn then(self, next: Tail) -> Tail {
        match (self, next) {
            (Tail::Sounds(a), Tail::Sounds(b)) => Tail::Sounds(a + b),
            (Tail::Sounds(a), _) | (_, Tail::Sounds(a)) => Tail::Sounds(a),
            (Tail::None, Tail::None) => Tail::None,
            _ => Tail::Rings,
        }
    }

    /// Of two in parallel: the longer.
    pub fn or(self, other: Tail) -> Tail {
        match (self, other) {
            (Tail::Sounds(a), Tail::Sounds(b)) => Tail::Sounds(a.max(b)),
            (a, b) => a.then(b),
        }
    }
}

/// Settings that cannot be made sound, in audio words: "the second split (100 Hz) is below the first (120 Hz)".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The parameter to point at, by its place in the declaration.
    pub param: Option<usize>,
    pub message: String,
    pub help: Option<String>,
}

impl Refused {
    pub fn new(message: impl Into<String>) -> Refused {
        Refused { param: None, message: message.into(), help: None }
    }

    pub fn at(mut self, param: usize) -> Refused {
        self.param = Some(param);
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Refused {
        self.help = Some(help.into());
        self
    }
}
