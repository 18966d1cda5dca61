//! Saturation whose straight part never leaves its way: the dry sound is only delayed and scaled, and what the curve adds to it is made at a
//! higher rate. With no drive nothing is added, bit for bit.

use std::f64::consts::PI;

use crate::audio::isa::Level;
use crate::audio::{StateError, StateReader, StateWriter, math, samples};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::oversample::{CELL, MOST, Oversampler};
use crate::dsp::parts::shapers::{Curve, Edge, Shaper};
use crate::dsp::{
    Arg, Args, Category, Declaration, Effect, Flow, GRID, Io, Param, Processor, Refused, Setup, Shape, Tail,
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
    version: 2,
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
    /// To where the sound is shaped, from there to the end, and the same for what the makeup of a moving drive adds to the straight part.
    to_shaper: DelayRing,
    to_end: DelayRing,
    scaled: DelayRing,
    over: Oversampler,
    edge: Edge,
    emphasis: Option<[Shelf; 2]>,
    /// The constant part of what is added.
    constant: f64,
}

impl Channel {
    fn at_rest(&self) -> bool {
        self.constant == 0.0
            && self.emphasis.is_none_or(|e| e.iter().all(|s| s.state == 0.0))
            && (self.edge.last, self.edge.mean) == (0.0, 0.0)
            && [&self.to_shaper, &self.to_end, &self.scaled].iter().all(|d| d.at_rest())
            && self.over.at_rest()
    }

    fn states(&mut self) -> impl Iterator<Item = &mut f64> {
        let shelves = self.emphasis.iter_mut().flatten().map(|s| &mut s.state);
        [&mut self.constant, &mut self.edge.last, &mut self.edge.mean].into_iter().chain(shelves)
    }
}

struct Running {
    isa: Level,
    shaper: Shaper,
    factor: usize,
    /// The hard clip in its antiderivative form.
    smooth: bool,
    /// The factor per frame of the filter (5 Hz) that finds the constant part; `None` for odd curves, which make none.
    dc: Option<f64>,
    gains: Vec<f64>,
    channels: Vec<Channel>,
    /// A moving drive waits with the sound until it is shaped.
    drives: DelayRing,
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
                to_shaper: DelayRing::new(1, up),
                to_end: DelayRing::new(1, rest),
                scaled: DelayRing::new(1, rest),
                over: Oversampler::new(factor, smooth),
                edge: Edge::default(),
                emphasis: shelf.map(|s| [s, s.inverse()]),
                constant: 0.0,
            }
        };
        Running {
            isa: Level::find(),
            shaper,
            factor,
            smooth,
            dc: (!shaper.is_odd()).then(|| 1.0 - math::exp(-2.0 * PI * 5.0 / setup.rate.hz())),
            gains,
            channels: (0..setup.layout.channels()).map(|_| channel()).collect(),
            drives: DelayRing::new(1, up),
        }
    }

    /// The factor before the curve and the gain that makes up for it, at a drive in dB.
    fn at(&self, db: f64) -> (f64, f64) {
        let place = db.clamp(0.0, MOST_DRIVE) * STEPS_PER_DB;
        let index = place as usize;
        let part = place - index as f64;
        (drive_of(db), self.gains[index] + part * (self.gains[index + 1] - self.gains[index]))
    }

    /// One cell of one channel; `drives` is one (drive, gain) per frame where the drive `moves`, or a single one for all.
    fn shape(&mut self, channel: usize, x: &mut [f64], drives: &[(f64, f64)], moves: bool) {
        let (shaper, factor, smooth, isa) = (self.shaper, self.factor, self.smooth, self.isa);
        let Channel { to_shaper, to_end, scaled, over, edge, emphasis, constant } = &mut self.channels[channel];
        let n = x.len();
        let mut added = [0.0; CELL];
        let added = &mut added[..n];
        added.copy_from_slice(x);
        if let Some([before, _]) = emphasis {
            before.process(added);
        }
        match drives {
            [(drive, gain)] if !smooth => over.process_unordered(added, |x| shaper.residual(isa, x, *drive, *gain)),
            _ => over.process(added, |x| {
                let each = x.len() / drives.len();
                debug_assert!(drives.len() == 1 || each == factor);
                for (x, (drive, gain)) in x.chunks_mut(each).zip(drives) {
                    if smooth {
                        shaper.hard_residual(edge, x, *drive, *gain);
                    } else {
                        shaper.residual(isa, x, *drive, *gain);
                    }
                }
            }),
        }
        if let Some([_, after]) = emphasis {
            after.process(added);
        }
        to_shaper.process_mono(x);
        if moves {
            // the gain is that of where the sound is shaped
            let mut more = [0.0; CELL];
            let more = &mut more[..n];
            more.iter_mut().zip(&*x).zip(drives).for_each(|((more, x), (_, gain))| *more = (gain - 1.0) * x);
            scaled.process_mono(more);
            samples::add(isa, added, more);
            to_end.process_mono(x);
        } else {
            to_end.process_mono(x);
            samples::add_scaled(isa, added, x, drives[0].1 - 1.0);
        }
        if let Some(factor) = self.dc {
            for added in &mut *added {
                *constant += factor * (*added - *constant);
                *added -= *constant;
            }
        }
        samples::add(isa, x, added);
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
        for (from, to) in io.grid() {
            let n = to - from;
            let mut audio = io.audio.slice(from, to);
            if still == Some(0.0) {
                for (x, channel) in audio.each_mut().zip(&mut self.channels) {
                    channel.to_shaper.process_mono(x);
                    channel.to_end.process_mono(x);
                }
                continue;
            }
            let mut drives = [(0.0, 1.0); CELL];
            let drives = match still {
                Some(db) => {
                    drives[0] = self.at(db);
                    &drives[..1]
                }
                None => {
                    let mut moving = [0.0; CELL];
                    (0..n).for_each(|i| moving[i] = drive.at(from + i));
                    self.drives.process_mono(&mut moving[..n]);
                    (0..n).for_each(|i| drives[i] = self.at(moving[i]));
                    &drives[..n]
                }
            };
            for channel in 0..self.channels.len() {
                self.shape(channel, audio.channel_mut(channel), drives, still.is_none());
            }
            if (io.at + to as i64).rem_euclid(GRID) == 0 {
                self.channels.iter_mut().flat_map(Channel::states).for_each(|s| *s = math::flush(*s));
            }
        }
        Flow::Written
    }

    fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.states().for_each(|s| *s = 0.0);
            for delay in [&mut channel.to_shaper, &mut channel.to_end, &mut channel.scaled] {
                delay.reset();
            }
            channel.over.reset();
        }
        self.drives.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        for channel in &self.channels {
            into.all(&[channel.constant, channel.edge.last, channel.edge.mean]);
            channel.emphasis.iter().flatten().for_each(|s| into.f64(s.state));
            for delay in [&channel.to_shaper, &channel.to_end, &channel.scaled] {
                delay.save(into);
            }
            channel.over.save(into);
        }
        self.drives.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        for channel in &mut self.channels {
            channel.states().try_for_each(|s| from.f64().map(|x| *s = x))?;
            channel.to_shaper.load(from)?;
            channel.to_end.load(from)?;
            channel.scaled.load(from)?;
            channel.over.load(from)?;
        }
        self.drives.load(from)
    }
}

const _: () = assert!(CELL == GRID as usize && MOST == 16);
