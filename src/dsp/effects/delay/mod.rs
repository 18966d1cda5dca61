//! Echoes, in time to the frame.
//!
//! Each side is a ring: written is (input + feedback × echo) through the cuts, the echo is read `time` later. So the first echo is at
//! unity (and has passed the cuts once), the next at feedback, the n-th at feedbackⁿ⁻¹ and n times through the cuts. In ping-pong the middle of the
//! input enters on the left and each side feeds the other. `offset` moves what is heard of the right side, not what is fed back, so the
//! sides stay apart by it.

mod duck;
mod echoes;
mod sway;
#[cfg(test)]
mod tests;

use echoes::Echoes;

use crate::audio::Layout;
use crate::dsp::parts::interpolate::TAPS;
use crate::dsp::{Args, Category, Declaration, Effect, GRID, Param, Processor, Refused, Setup, Shape, Tail};
use crate::units::{Frames, Seconds, Unit};

#[derive(Debug)]
pub(crate) struct Delay;

const TIME: usize = 0;
const FEEDBACK: usize = 1;
const PING_PONG: usize = 2;
const OFFSET: usize = 3;
const LOW_CUT: usize = 4;
const HIGH_CUT: usize = 5;
const MODULATION: usize = 6;
const RATE: usize = 7;
const DUCK: usize = 8;

static DECLARATION: Declaration = Declaration {
    name: "delay",
    category: Category::Space,
    help: "Echoes",
    version: 1,
    params: &[
        Param::number(
            "time",
            Unit::S,
            0.001,
            10.0,
            0.375,
            "From one echo to the next; a note's length keeps it in tempo",
        ),
        Param::number("feedback", Unit::Percent, 0.0, 95.0, 35.0, "How much of an echo is in the next").curve(),
        Param::switch("ping_pong", false, "Echoes on alternate sides, the first on the left"),
        Param::number("offset", Unit::Ms, -500.0, 500.0, 0.0, "How much later the right side is"),
        Param::frequency("low_cut", 10.0, 200.0, "Takes the lows out of each echo, 12 dB an octave").optional(),
        Param::frequency("high_cut", 10.0, 6000.0, "Takes the highs out of each echo, 12 dB an octave").optional(),
        Param::number("modulation", Unit::Ms, 0.0, 20.0, 0.0, "How far the time wanders to either side, as a tape's"),
        Param::number("rate", Unit::Hz, 0.01, 10.0, 0.5, "How fast it wanders; the right side a quarter later"),
        Param::number("duck", Unit::Db, 0.0, 60.0, 0.0, "How far echoes fall while the input is above -20 dBFS"),
    ],
};

/// The arguments in frames.
#[derive(Debug)]
struct Settings {
    time: usize,
    offset: i64,
    depth: f64,
    feedback: f64,
    ping_pong: bool,
}

impl Settings {
    fn new(args: &Args, setup: &Setup) -> Result<Settings, Refused> {
        let number = |index: usize, default: f64| args.number(index).unwrap_or(default);
        let time = Seconds::new(number(TIME, 0.375)).frames(setup.rate).get().max(1);
        let offset = Seconds::from_ms(number(OFFSET, 0.0)).frames(setup.rate).get();
        let depth = number(MODULATION, 0.0) / 1000.0 * setup.rate.hz();
        let ping_pong = args.switch(PING_PONG);
        if (ping_pong || offset != 0) && setup.layout.channels() > 2 {
            return Err(Refused::new(format!("a sound of {} channels has no left and right", setup.layout.channels()))
                .at(if ping_pong { PING_PONG } else { OFFSET }));
        }
        let shortest = time + offset.min(0);
        if shortest < 1 {
            return Err(Refused::new("an offset of the right side to before its own sound")
                .at(OFFSET)
                .help("the offset cannot be longer than the time"));
        }
        if depth > 0.0 && (shortest as f64) < depth + TAPS as f64 {
            return Err(Refused::new("a modulation deeper than the time is long")
                .at(MODULATION)
                .help("a longer time or less modulation"));
        }
        Ok(Settings { time: time as usize, offset, depth, feedback: number(FEEDBACK, 35.0) / 100.0, ping_pong })
    }

    fn out(&self, layout: Layout) -> Layout {
        if self.ping_pong || self.offset != 0 { Layout::STEREO } else { layout }
    }

    /// The longest way through a ring.
    fn memory(&self) -> i64 {
        self.time as i64 + self.offset.max(0) + self.depth as i64 + TAPS as i64
    }

    /// Until the echoes of a full-scale sound are below -120 dB, at the feedback's value at rest.
    fn tail(&self) -> i64 {
        let mut echoes = 0;
        let mut level = 1.0;
        while level > 1e-6 {
            echoes += 1;
            level *= self.feedback;
        }
        echoes * self.time as i64 + (self.memory() - self.time as i64) + 2 * GRID
    }
}

impl Effect for Delay {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let settings = Settings::new(args, setup)?;
        let tail = Tail::Sounds(Frames::new(settings.tail()));
        Ok(Shape { latency: Frames::ZERO, tail, out: settings.out(setup.layout) })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Echoes::new(Settings::new(args, setup)?, args, setup)))
    }
}
