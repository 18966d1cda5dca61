//! Saturation whose straight part never leaves its way: the dry sound is only delayed and scaled, and what the curve adds to it is made at a
//! higher rate, in f32. With no drive nothing is added, bit for bit.

use std::f64::consts::PI;

use crate::audio::isa::{Level, levels};
use crate::audio::{StateError, StateReader, StateWriter, math, samples};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::oversample::{CELL, MOST, Oversampler, Samples};
use crate::dsp::parts::shapers::{Bend, Curve, Edge, Shaper};
use crate::dsp::{
    Arg, Args, Category, Declaration, Effect, Flow, GRID, Io, Param, Processor, Refused, Setup, Shape, Tail, Value,
    cells_of,
};
use crate::units::{Frames, Rate, Unit};

const KIND: usize = 0;
const DRIVE: usize = 1;
const BIAS: usize = 2;
const TONE: usize = 3;
const OVERSAMPLE: usize = 4;

static DECLARATION: Declaration = Declaration {
    name: "saturate",
    category: Category::Colour,
    help: "Adds harmonics by bending the waveform; a sine at -18 dBFS keeps its level",
    version: 3,
    params: &[
        Param::choice("kind", &["tape", "tube", "transistor", "soft", "hard", "fold"], 0, "The shape of the bend"),
        Param::number("drive", Unit::Db, 0.0, 36.0, 6.0, "How far the sound is driven into the bend").curve(),
        Param::number("bias", Unit::Percent, -100.0, 100.0, 0.0, "Moves the working point: even harmonics"),
        Param::frequency(
            "tone",
            20.0,
            3_000.0,
            "Above it sound is driven up to 12 dB harder, and as much softer afterwards: a darker bend",
        )
        .optional(),
        Param::number(
            "oversample",
            Unit::None,
            1.0,
            16.0,
            8.0,
            "How many times the rate it bends at; by kind: 4, and 8 for transistor, hard and fold",
        )
        .steps(&[1.0, 2.0, 4.0, 8.0, 16.0])
        .optional(),
    ],
};

const TUBE: usize = 1;
const CURVES: [Curve; 6] = [Curve::Tape, Curve::Soft, Curve::Transistor, Curve::Soft, Curve::Hard, Curve::Fold];

/// The working point of the tube, away from the middle of its curve.
const TUBE_BIAS: f64 = 0.35;
/// `bias: 100%`, in units of the curve's end.
const FULL_BIAS: f64 = 0.9;

/// The level that is kept: -18 dBFS.
const KEPT: f64 = 0.125_892_541_179_416_7;

/// Gains are designed for every quarter of a dB of drive.
const STEPS_PER_DB: f64 = 4.0;
const MOST_DRIVE: f64 = 36.0;

pub(crate) struct Saturate;

impl Effect for Saturate {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let latency = Frames::new(Oversampler::latency(factor(args)) as i64);
        Ok(Shape { latency, tail: Tail::Rings, out: setup.layout })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Running::new(args, setup)))
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION).with("drive", Arg::Number(0.0)))
    }
}

fn factor(args: &Args) -> usize {
    match (args.number(OVERSAMPLE), CURVES[args.choice(KIND)]) {
        (Some(factor), _) => factor as usize,
        (None, Curve::Tape | Curve::Soft) => 4,
        (None, _) => 8,
    }
}

/// A drive in dB as the factor before the curve: d - 1 / d, which is about the drive itself where it is large and goes to 0 at 0 dB.
fn drive_of(db: f64) -> f64 {
    let d = math::from_db(db);
    d - 1.0 / d
}

/// A first-order high shelf of +12 dB around a frequency, or exactly its inverse.
#[derive(Clone, Copy, Debug)]
struct Shelf {
    b0: f64,
    b1: f64,
    a1: f64,
    state: f64,
}

impl Shelf {
    /// H(s) = (4 s + 2 w) / (s + 2 w), bilinear.
    fn emphasis(hz: f64, rate: Rate) -> Shelf {
        let k = 2.0 * math::tan(PI * (hz / rate.hz()).min(0.49));
        let a0 = 1.0 + k;
        Shelf { b0: (4.0 + k) / a0, b1: (k - 4.0) / a0, a1: (k - 1.0) / a0, state: 0.0 }
    }

    fn inverse(self) -> Shelf {
        Shelf { b0: 1.0 / self.b0, b1: self.a1 / self.b0, a1: self.b1 / self.b0, state: 0.0 }
    }

    fn process(&mut self, x: &mut [f64]) {
        for x in x {
            let y = self.b0 * *x + self.state;
            self.state = self.b1 * *x - self.a1 * y;
            *x = y;
        }
    }
}

struct Channel {
    /// The sound as it is.
    straight: DelayRing,
    over: Oversampler,
    edge: Edge,
    emphasis: Option<[Shelf; 2]>,
    /// The constant part of what is added.
    constant: f64,
    room: Vec<f64>,
}

impl Channel {
    fn at_rest(&self) -> bool {
        self.constant == 0.0
            && self.emphasis.is_none_or(|e| e.iter().all(|s| s.state == 0.0))
            && (self.edge.last, self.edge.mean) == (0.0, 0.0)
            && self.straight.at_rest()
            && self.over.at_rest()
    }

    fn states(&mut self) -> impl Iterator<Item = &mut f64> {
        let shelves = self.emphasis.iter_mut().flatten().map(|s| &mut s.state);
        [&mut self.constant, &mut self.edge.last, &mut self.edge.mean].into_iter().chain(shelves)
    }

    /// One cell. `bends` and `makeups`: one for each frame, or one for all.
    fn shape(&mut self, common: Common, x: &mut [f64], bends: &[Bend], makeups: &[f64]) {
        let Common { isa, shaper, smooth, dc } = common;
        let Channel { straight, over, edge, emphasis, constant, room } = self;
        let bend = |mut samples: Samples<'_>| {
            if smooth {
                shaper.hard_residual(isa, edge, &mut samples, bends);
            } else {
                samples.lines().for_each(|line| shaper.residual(isa, line, bends));
            }
        };
        if let (None, None, [makeup]) = (&emphasis, dc, makeups) {
            over.process(x, bend, |x, shaped| {
                straight.process_mono(x);
                shaped.add(x, *makeup);
            });
            return;
        }
        let sum = &mut room[..x.len()];
        sum.copy_from_slice(x);
        if let Some([before, _]) = emphasis {
            before.process(sum);
        }
        over.process(sum, bend, |sum, shaped| shaped.write(sum));
        if let Some([_, after]) = emphasis {
            after.process(sum);
        }
        straight.process_mono(x);
        match makeups {
            [makeup] => samples::add_scaled(isa, sum, x, *makeup),
            _ => make_up(isa, sum, x, makeups),
        }
        if let Some(factor) = dc {
            for sum in &mut *sum {
                *constant += factor * (*sum - *constant);
                *sum -= *constant;
            }
        }
        samples::add(isa, x, sum);
    }
}

/// What all channels have in common.
#[derive(Clone, Copy)]
struct Common {
    isa: Level,
    shaper: Shaper,
    /// The hard clip in its antiderivative form.
    smooth: bool,
    /// The factor per frame of the filter (5 Hz) that finds the constant part; `None` for odd curves, which make none.
    dc: Option<f64>,
}

struct Running {
    common: Common,
    gains: Vec<f64>,
    channels: Vec<Channel>,
    /// A moving drive waits with the sound until it is shaped, and what its gain adds to the straight part from there to the end.
    drives: DelayRing,
    makeups_late: DelayRing,
    /// For each frame of a cell, or only the first for all.
    bends: Vec<Bend>,
    /// What the gains add to the straight part.
    makeups: Vec<f64>,
}

levels! {
    /// What a moving makeup adds to the straight sound.
    fn make_up(sum: &mut [f64], x: &[f64], makeups: &[f64]) = made_up;
}

#[inline(always)]
fn made_up(sum: &mut [f64], x: &[f64], makeups: &[f64]) {
    sum.iter_mut().zip(x).zip(makeups).for_each(|((sum, x), makeup)| *sum += x * makeup);
}

impl Running {
    fn new(args: &Args, setup: &Setup) -> Running {
        let (kind, factor) = (args.choice(KIND), factor(args));
        let own = if kind == TUBE { TUBE_BIAS } else { 0.0 };
        let shaper = Shaper::new(CURVES[kind], own + FULL_BIAS * args.number(BIAS).unwrap_or(0.0) / 100.0);
        let smooth = shaper.curve() == Curve::Hard && factor > 1;
        let steps = (MOST_DRIVE * STEPS_PER_DB) as usize + 1;
        let gains = (0..=steps).map(|i| shaper.makeup(drive_of(i as f64 / STEPS_PER_DB), KEPT)).collect();
        let up = Oversampler::latency_up(factor);
        let rest = Oversampler::latency(factor) - up;
        let channel = || {
            let shelf = args.number(TONE).map(|hz| Shelf::emphasis(hz, setup.rate));
            Channel {
                straight: DelayRing::new(1, up + rest),
                over: Oversampler::new(factor, smooth),
                edge: Edge::default(),
                emphasis: shelf.map(|s| [s, s.inverse()]),
                constant: 0.0,
                room: vec![0.0; CELL],
            }
        };
        let dc = (!shaper.is_odd()).then(|| 1.0 - math::exp(-2.0 * PI * 5.0 / setup.rate.hz()));
        Running {
            common: Common { isa: Level::find(), shaper, smooth, dc },
            gains,
            channels: (0..setup.layout.channels()).map(|_| channel()).collect(),
            drives: DelayRing::new(1, up),
            makeups_late: DelayRing::new(1, rest),
            bends: vec![Bend::default(); CELL],
            makeups: vec![0.0; CELL],
        }
    }

    /// The factor before the curve and the gain that makes up for it, at a drive in dB.
    fn at(&self, db: f64) -> (f64, f64) {
        let place = db.clamp(0.0, MOST_DRIVE) * STEPS_PER_DB;
        let index = place as usize;
        let part = place - index as f64;
        (drive_of(db), self.gains[index] + part * (self.gains[index + 1] - self.gains[index]))
    }

    fn set(&mut self, frame: usize, db: f64) {
        let (drive, gain) = self.at(db);
        self.bends[frame] = Bend::new(drive, gain);
        self.makeups[frame] = gain - 1.0;
    }

    /// The `n` frames from `from` on of a drive that moves, each where it is shaped.
    fn follow(&mut self, drive: Value<'_>, from: usize, n: usize) {
        let mut moving = [0.0; CELL];
        (0..n).for_each(|i| moving[i] = drive.at(from + i));
        self.drives.process_mono(&mut moving[..n]);
        (0..n).for_each(|i| self.set(i, moving[i]));
        self.makeups_late.process_mono(&mut self.makeups[..n]);
    }
}

impl Processor for Running {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let drive = io.params.get(DRIVE);
        let silent = io.audio.is_silent();
        // a moving drive is still on its way when the sound has gone
        if silent && !drive.moves() && self.channels.iter().all(Channel::at_rest) {
            return Flow::Silent;
        }
        let still = (!drive.moves()).then(|| drive.at(0));
        if let Some(db) = still {
            self.set(0, db);
        }
        for (from, to) in cells_of(CELL as i64, io.at, io.frames()) {
            let mut audio = io.audio.slice(from, to);
            if still == Some(0.0) {
                let channels = audio.each_mut().zip(&mut self.channels);
                channels.for_each(|(x, channel)| channel.straight.process_mono(x));
                continue;
            }
            let count = if still.is_some() { 1 } else { to - from };
            if still.is_none() {
                self.follow(drive, from, count);
            }
            audio.each_mut().zip(&mut self.channels).for_each(|(x, channel)| {
                channel.shape(self.common, x, &self.bends[..count], &self.makeups[..count]);
            });
            if (io.at + to as i64).rem_euclid(CELL as i64) == 0 {
                self.channels.iter_mut().flat_map(Channel::states).for_each(|s| *s = math::flush(*s));
            }
        }
        Flow::Written
    }

    fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.states().for_each(|s| *s = 0.0);
            channel.straight.reset();
            channel.over.reset();
        }
        self.drives.reset();
        self.makeups_late.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        for channel in &self.channels {
            into.all(&[channel.constant, channel.edge.last, channel.edge.mean]);
            channel.emphasis.iter().flatten().for_each(|s| into.f64(s.state));
            channel.straight.save(into);
            channel.over.save(into);
        }
        self.drives.save(into);
        self.makeups_late.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        for channel in &mut self.channels {
            channel.states().try_for_each(|s| from.f64().map(|x| *s = x))?;
            channel.straight.load(from)?;
            channel.over.load(from)?;
        }
        self.drives.load(from)?;
        self.makeups_late.load(from)
    }
}

const _: () = assert!(CELL.is_multiple_of(GRID as usize) && MOST == 16);
