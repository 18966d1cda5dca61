//! Echoes, in time to the frame.
//!
//! Each side is a ring: written is (input + feedback × echo) through the cuts, the echo is read `time` later. So the first echo is at
//! unity (and has passed the cuts once), the next at feedback, the n-th at feedbackⁿ⁻¹ and n times through the cuts. In ping-pong the middle of the
//! input enters on the left and each side feeds the other. `offset` moves what is heard of the right side, not what is fed back, so the
//! sides stay apart by it.

mod duck;
mod sway;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use duck::Duck;
use sway::Sway;

use crate::audio::{Layout, StateError, StateReader, StateWriter, math};
use crate::dsp::parts::cut::Cut;
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::interpolate::{SINC, TAPS};
use crate::dsp::parts::rest::Rest;
use crate::dsp::{
    Args, Category, Declaration, Effect, Flow, GRID, Io, Param, Processor, Refused, Setup, Shape, Tail, Value,
};
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
        let settings = Settings::new(args, setup)?;
        let rate = setup.rate.hz();
        let cuts = Cut::all(args.number(LOW_CUT), args.number(HIGH_CUT), rate);
        let rings = settings.out(setup.layout).channels();
        let duck = args.number(DUCK).unwrap_or(0.0);
        if settings.depth > 0.0 {
            // the table is made here, not while sound runs
            LazyLock::force(&SINC);
        }
        Ok(Box::new(Echoes {
            channels: setup.layout.channels(),
            heard: (0..rings)
                .map(|c| if c == 1 { (settings.time as i64 + settings.offset) as usize } else { settings.time })
                .collect(),
            cuts: vec![cuts; rings],
            rings: vec![DelayLine::new(settings.memory() as usize + 1); rings],
            rest: Rest::new(settings.memory() + GRID, settings.tail() - GRID, 1e-6),
            frame: [0.0; Layout::MOST],
            sway: (settings.depth > 0.0)
                .then(|| Sway { depth: settings.depth, turns: args.number(RATE).unwrap_or(0.5) / rate }),
            duck: (duck > 0.0).then(|| Duck::new(duck, rate)),
            settings,
        }))
    }
}

#[derive(Debug)]
struct Echoes {
    settings: Settings,
    channels: usize,
    /// How late each ring is heard; fed back it is `time` later.
    heard: Vec<usize>,
    cuts: Vec<Vec<Cut>>,
    rings: Vec<DelayLine>,
    sway: Option<Sway>,
    duck: Option<Duck>,
    rest: Rest,
    frame: [f64; Layout::MOST],
}

impl Echoes {
    /// A ring's sound of `delay` ago, `more` frames later still.
    #[inline]
    fn read(ring: &DelayLine, delay: usize, more: Option<f64>) -> f64 {
        let Some(more) = more else { return ring.tap(delay) };
        let exact = delay as f64 + more;
        let whole = exact.ceil();
        let mut x = [0.0; TAPS];
        ring.read(whole as usize + (TAPS / 2 - 1), &mut x);
        SINC.at(whole - exact, &x)
    }

    fn run(&mut self, io: &mut Io<'_>, feedback: &Value<'_>, from: usize, to: usize) {
        let rings = self.rings.len();
        let sways =
            self.sway.as_ref().map(|sway| [sway.cell(io.at + from as i64, 0.0), sway.cell(io.at + from as i64, 0.25)]);
        let into = (io.at + from as i64).rem_euclid(GRID) as f64;
        let mut peak: f64 = 0.0;
        for n in from..to {
            let back = feedback.at(n) * 0.01;
            let mut loudest: f64 = 0.0;
            for c in 0..self.channels {
                self.frame[c] = math::flush(io.audio.channel(c)[n]) + 0.0;
                loudest = loudest.max(self.frame[c].abs());
            }
            if self.channels < rings {
                self.frame[1] = self.frame[0];
            }
            if self.settings.ping_pong {
                self.frame[0] = 0.5 * (self.frame[0] + self.frame[1]);
                self.frame[1] = 0.0;
            }
            let duck = self.duck.as_mut().map_or(1.0, |duck| duck.step(loudest));
            let mut echoes = [0.0; Layout::MOST];
            for c in 0..rings {
                let more = sways.as_ref().map(|s| s[c % 2].at((into + (n - from) as f64) / GRID as f64));
                let echo = Self::read(&self.rings[c], self.settings.time, more);
                let heard = if self.heard[c] == self.settings.time {
                    echo
                } else {
                    Self::read(&self.rings[c], self.heard[c], more)
                };
                echoes[if self.settings.ping_pong { 1 - c } else { c }] = echo;
                io.audio.channel_mut(c)[n] = if self.duck.is_some() { heard * duck } else { heard };
            }
            for c in 0..rings {
                let mut x = self.frame[c] + back * echoes[c];
                for cut in &mut self.cuts[c] {
                    x = cut.step(x);
                }
                x += 0.0;
                peak = peak.max(x.abs());
                self.rings[c].push(x);
            }
        }
        self.rest.keep(peak);
    }

    fn clear(&mut self) {
        self.rings.iter_mut().for_each(DelayLine::clear);
        self.cuts.iter_mut().flatten().for_each(Cut::clear);
        if let Some(duck) = &mut self.duck {
            duck.clear();
        }
    }
}

impl Processor for Echoes {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let feedback = io.params.get(FEEDBACK);
        let mut flow = Flow::Silent;
        for (from, to) in io.grid() {
            let silent =
                (0..self.channels).all(|c| io.audio.channel(c)[from..to].iter().all(|x| math::flush(*x) == 0.0));
            if !silent {
                self.rest.hear();
            }
            if self.rest.resting() {
                io.audio.slice(from, to).fill(0.0);
                continue;
            }
            flow = Flow::Written;
            self.run(io, &feedback, from, to);
            let end = io.at + to as i64;
            if end.rem_euclid(GRID) == 0 {
                self.cuts.iter_mut().flatten().for_each(Cut::flush);
            }
            if self.rest.judge(end, !feedback.moves()) {
                self.clear();
            }
        }
        flow
    }

    fn reset(&mut self) {
        self.clear();
        self.rest.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        self.rest.save(into);
        self.rings.iter().for_each(|ring| ring.save(into));
        self.cuts.iter().flatten().for_each(|cut| cut.save(into));
        if let Some(duck) = &self.duck {
            duck.save(into);
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.rest.load(from)?;
        self.rings.iter_mut().try_for_each(|ring| ring.load(from))?;
        self.cuts.iter_mut().flatten().try_for_each(|cut| cut.load(from))?;
        if let Some(duck) = &mut self.duck {
            duck.load(from)?;
        }
        Ok(())
    }
}
