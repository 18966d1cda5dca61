use serde::Serialize;

use crate::audio::{Layout, PanLaw, rng::Seed};
use crate::dsp::Args;
use crate::dsp::curve::Driver;
use crate::session::{StripId, StripKind};
use crate::units::Rate;

/// A plan: what the engine runs, in numbers only. Nodes stand in an order in which every node comes after all that it hears.
///
/// Every signal is a stream of frames. A stream with latency `L` carries song time `t` in its frame `t + L`; edges delay the earlier of two streams
/// so that what meets was played together.
#[derive(Clone, Debug)]
pub struct Plan {
    pub rate: Rate,
    /// The length of the song, and of every file unless it is cut: frames.
    pub length: i64,
    pub nodes: Vec<Node>,
    pub outputs: Vec<Output>,
    /// Stems that must sum to the mix's input.
    pub proof: Option<Proof>,
}

impl Plan {
    /// All ways from a tap to who hears it.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        let nodes = self.nodes.iter().flat_map(|n| n.inputs.iter().chain(&n.keys));
        let outputs = self.outputs.iter().flat_map(|o| o.inputs.iter().chain(&o.keys));
        nodes.chain(outputs).chain(self.proof.iter().flat_map(|p| p.stems.iter().chain(&p.keys).chain([&p.whole])))
    }
}

/// A strip.
#[derive(Clone, Debug)]
pub struct Node {
    /// Of the session; in a version it may be there once more.
    pub strip: StripId,
    pub name: String,
    pub kind: StripKind,
    /// The layout that comes in: of a track's files, stereo for the others.
    pub layout: Layout,
    pub clips: Vec<Clip>,
    /// Instead of clips: what an earlier run has kept, by its place among the spools; its frame 0 is song frame 0.
    pub spool: Option<usize>,
    /// What is summed.
    pub inputs: Vec<Edge>,
    /// Amplitude.
    pub trim: f64,
    /// Inverted polarity per side; a mono strip goes by the left.
    pub invert: [bool; 2],
    /// Frames later.
    pub delay: i64,
    pub inserts: Vec<Insert>,
    /// The insert before which [`Point::Drive`] is tapped.
    pub drive: Option<usize>,
    /// The layout after the inserts.
    pub pre: Layout,
    pub fader: Fader,
    /// Sounds that steer inserts and curves, aligned to where they are used.
    pub keys: Vec<Edge>,
    pub latency: Latency,
    pub taps: Taps,
    /// Bits of the fixed-point grid its output is proven to lie on.
    pub depth: Option<u32>,
    /// Song frame at which its sound is over, tails included.
    pub end: i64,
}

/// A file, or a part of it, on a track's time line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clip {
    /// Which of the materials.
    pub material: usize,
    /// Song frame of its first frame.
    pub at: i64,
    /// First frame of the material.
    pub from: i64,
    /// Frames of one pass.
    pub frames: i64,
    pub repeat: i64,
    /// Amplitude.
    pub gain: f64,
    /// Frames; of the whole clip, repeats included. Equal-power.
    pub fade_in: i64,
    pub fade_out: i64,
}

impl Clip {
    pub fn end(&self) -> i64 {
        self.at + self.frames * self.repeat
    }
}

/// Which of a strip's signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Point {
    /// The sum of a bus, before its trim.
    Input,
    Source,
    /// Before the last limiter.
    Drive,
    Pre,
    Post,
}

/// Which of its signals somebody hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taps {
    pub input: bool,
    pub source: bool,
    pub drive: bool,
    pub pre: bool,
    pub post: bool,
}

impl Taps {
    pub fn add(&mut self, point: Point) {
        match point {
            Point::Input => self.input = true,
            Point::Source => self.source = true,
            Point::Drive => self.drive = true,
            Point::Pre => self.pre = true,
            Point::Post => self.post = true,
        }
    }

    pub fn each(self) -> impl Iterator<Item = Point> {
        [
            (self.input, Point::Input),
            (self.source, Point::Source),
            (self.drive, Point::Drive),
            (self.pre, Point::Pre),
            (self.post, Point::Post),
        ]
        .into_iter()
        .filter_map(|(used, point)| used.then_some(point))
    }
}

/// A way from a tap to a sum or a key.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Place among the nodes.
    pub from: usize,
    pub point: Point,
    /// dB.
    pub gain: Driver,
    /// Index into the listener's `keys` of the sound that moves `gain`.
    pub follow: Option<usize>,
    /// Gains to left and right for a mono tap; `None` for one that keeps its layout.
    pub spread: Option<(f64, f64)>,
    pub layout: Layout,
    /// Frames by which the stream is delayed at the listener, so that it meets the others.
    pub delay: i64,
}

impl Edge {
    /// Whether what arrives is what left, bit for bit.
    pub fn is_unity(&self) -> bool {
        self.gain == Driver::Constant(0.0) && self.spread.is_none_or(|s| s == (1.0, 1.0))
    }
}

/// Latencies in frames at the places of a strip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    pub input: i64,
    pub source: i64,
    /// Before the last limiter.
    pub drive: i64,
    /// After the inserts; fader and pan add none.
    pub pre: i64,
}

impl Latency {
    pub fn at(&self, point: Point) -> i64 {
        match point {
            Point::Input => self.input,
            Point::Source => self.source,
            Point::Drive => self.drive,
            Point::Pre | Point::Post => self.pre,
        }
    }
}

/// An effect in a strip.
#[derive(Clone, Debug)]
pub struct Insert {
    pub args: Args,
    pub seed: Seed,
    pub layout: Layout,
    pub out: Layout,
    pub moves: Vec<Move>,
    /// Its keys among the node's: first and count.
    pub keys: (usize, usize),
    /// Latency of the stream at its input.
    pub latency: i64,
}

/// A parameter that moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    pub slot: usize,
    pub driver: Driver,
    /// The key that a follower listens to, among the node's.
    pub follow: Option<usize>,
    /// How late the sound is inside the insert where the parameter acts, in frames: its curve is read that much earlier.
    pub late: i64,
}

/// Fader, pan, width and mute.
#[derive(Clone, Debug)]
pub struct Fader {
    /// Levels in dB that add up: gain, rides, VCAs; with the key of those that follow.
    pub gain: Vec<(Driver, Option<usize>)>,
    pub pan: Pan,
    /// Percent.
    pub width: (Driver, Option<usize>),
    /// Amplitude, from `mute_in` and `only_in`.
    pub gate: Driver,
    /// Silence from beginning to end.
    pub muted: bool,
}

impl Fader {
    /// One that does nothing.
    pub fn still() -> Fader {
        Fader {
            gain: Vec::new(),
            pan: Pan::None,
            width: (Driver::Constant(100.0), None),
            gate: Driver::Constant(1.0),
            muted: false,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Pan {
    /// As it is: a stereo strip that was never panned.
    None,
    /// A mono strip, by the law. Percent.
    Law(PanLaw, Driver, Option<usize>),
    /// A stereo strip: balance. Percent.
    Balance(Driver, Option<usize>),
    /// Left and right each to a place, by the law. Percent.
    Place(PanLaw, [Driver; 2], [Option<usize>; 2]),
}

impl Pan {
    /// What moves it, and the keys that it follows.
    pub fn drivers(&self) -> impl Iterator<Item = (&Driver, Option<usize>)> {
        let (left, right) = match self {
            Pan::None => (None, None),
            Pan::Law(_, driver, follow) | Pan::Balance(driver, follow) => (Some((driver, *follow)), None),
            Pan::Place(_, [left, right], follows) => (Some((left, follows[0])), Some((right, follows[1]))),
        };
        left.into_iter().chain(right)
    }
}

/// A file to be written.
#[derive(Clone, Debug)]
pub struct Output {
    /// What is summed into it: one tap, or the ways of a stem into the mix.
    pub inputs: Vec<Edge>,
    /// Sounds that the levels of its inputs follow.
    pub keys: Vec<Edge>,
    pub layout: Layout,
    /// Latency of the sum.
    pub latency: i64,
    /// The song frames of the whole file, first and one past the last: there it fades, and from there on what remembers runs.
    pub begin: i64,
    pub end: i64,
    /// Those of it that are wanted.
    pub from: i64,
    pub to: i64,
    /// Frames at the whole file's beginning and end.
    pub fade_in: i64,
    pub fade_out: i64,
    /// Bits of the grid its samples are proven to lie on before fades.
    pub depth: Option<u32>,
}

/// The stems (all outputs of it) against the mix's input.
#[derive(Clone, Debug)]
pub struct Proof {
    pub stems: Vec<Edge>,
    /// Sounds that the levels of the stems follow.
    pub keys: Vec<Edge>,
    pub whole: Edge,
    /// Latency of both.
    pub latency: i64,
}

/// A file as it was found: what a plan needs to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    pub channels: usize,
    /// Frames at the session's rate.
    pub frames: i64,
    /// Bits of integer samples that are not converted in rate.
    pub depth: Option<u32>,
    /// What its bytes are, for keys.
    pub seal: u128,
    /// Which of its channels; all where it is empty.
    pub only: Vec<usize>,
}
