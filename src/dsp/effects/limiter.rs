//! A true-peak limiter: the gain every frame needs is read from an eight-fold interpolated side chain, recovers as the programme lets it, is held
//! and smoothed over the look-ahead, and acts at the sample rate itself, where no decimation can make new peaks. A gain that moves within the
//! interpolator's reach makes peaks higher than it was asked to: a second stage measures again where that can be, and takes the rest away.

use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::dsp::parts::ballistics::factor;
use crate::dsp::parts::brickwall::{Brickwall, Watch};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::true_peak::{self, Interpolator, TruePeak};
use crate::dsp::{Args, Category, Declaration, Effect, Flow, GRID, Io, Param, Processor, Refused, Setup, Shape, Tail};
use crate::units::{Frames, Rate, Unit};

const CEILING: usize = 0;
const GAIN: usize = 1;
const LOOKAHEAD: usize = 2;
const RELEASE: usize = 3;
const LINK: usize = 4;
const TRUE_PEAK: usize = 5;

static DECLARATION: Declaration = Declaration {
    name: "limiter",
    category: Category::Dynamics,
    help: "Lets no peak through that is higher than the ceiling",
    version: 1,
    params: &[
        Param::number("ceiling", Unit::Dbtp, -60.0, 6.0, -1.0, "The highest true peak that leaves it").curve(),
        Param::number("gain", Unit::Db, -36.0, 36.0, 0.0, "Level before it").curve(),
        Param::number("lookahead", Unit::Ms, 0.1, 20.0, 2.0, "How long before a peak it begins to turn down"),
        Param::number(
            "release",
            Unit::Ms,
            1.0,
            5000.0,
            100.0,
            "The time to 63 % of its way back; auto: soon after a peak, slowly after lasting loudness",
        )
        .or(&["auto"])
        .optional(),
        Param::number(
            "link",
            Unit::Percent,
            0.0,
            100.0,
            100.0,
            "How much the channels share the largest of their reductions",
        ),
        Param::switch("truepeak", true, "Whether peaks between samples count"),
    ],
};

pub(crate) struct Limiter;

impl Effect for Limiter {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let second = if args.switch(TRUE_PEAK) { true_peak::HALF + correction(setup.rate) } else { 0 };
        let latency = Frames::new((lookahead(args, setup.rate) + interpolation(args) + second) as i64);
        Ok(Shape { latency, tail: Tail::None, out: setup.layout })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Running::new(args, setup)))
    }
}

fn lookahead(args: &Args, rate: Rate) -> usize {
    ((args.number(LOOKAHEAD).unwrap_or(2.0) * rate.hz() / 1000.0).round() as usize).max(1)
}

fn interpolation(args: &Args) -> usize {
    if args.switch(TRUE_PEAK) { true_peak::HALF } else { 0 }
}

/// The second stage's look-ahead in frames: 1 ms. Its corrections are small, so they are slow enough even then.
fn correction(rate: Rate) -> usize {
    (rate.hz() / 1000.0).round() as usize
}

const CELL: usize = GRID as usize;

/// How far below the ceiling a true peak is set, as a factor: the second stage's gain moves too, if slowly, and meters round.
const MARGIN: f64 = 0.998_849_4; // -0.01 dB

/// An automatic release goes back to where the slow stage is, in this many ms; what the slow stage has learnt it forgets slowly.
const FAST_RELEASE: f64 = 30.0;
const SLOW_ATTACK: f64 = 50.0;
const SLOW_RELEASE: f64 = 500.0;

/// A reduction below this (1e-8 dB) is over.
const OVER: f64 = 1e-9;

/// How a reduction (1 - gain) goes back. The slow stage follows an average of the reductions; the fast one falls towards it only: so bass, whose
/// peaks come again and again, isn't modulated, and a lone peak is over at once.
#[derive(Clone, Copy, Debug, Default)]
struct Recovery {
    fast: f64,
    slow: f64,
}

#[derive(Clone, Copy, Debug)]
struct Speeds {
    fast: f64,
    slow: Option<(f64, f64)>,
}

impl Recovery {
    fn run(&mut self, speeds: Speeds, gains: &mut [f64]) {
        let Recovery { mut fast, mut slow } = *self;
        for gain in gains {
            let needed = 1.0 - *gain;
            if let Some((attack, release)) = speeds.slow {
                let factor = if needed > slow { attack } else { release };
                slow = needed + (slow - needed) * factor;
            }
            let back = slow + (fast - slow) * speeds.fast;
            fast = if needed > back { needed } else { back };
            // the gain itself where nothing is left from before, so that rounding can't lift it
            *gain = if needed >= back { *gain } else { 1.0 - back };
        }
        *self = Recovery { fast, slow };
    }

    fn at_rest(&self) -> bool {
        self.fast == 0.0 && self.slow == 0.0
    }

    fn settle(&mut self) {
        if self.fast < OVER && self.slow < OVER {
            *self = Recovery::default();
        }
    }
}

/// What both stages have: peaks are measured, the gains they need made smooth, and the sound waits for them.
struct Stage {
    /// One per channel, with true peaks.
    meters: Vec<TruePeak>,
    /// One per channel, or a single one for all.
    walls: Vec<Brickwall>,
    /// A wall's peaks, then the gains they need, then those that act.
    rows: Vec<[f64; CELL]>,
    delays: Vec<DelayRing>,
}

impl Stage {
    /// `late`: what the meter is late by, 0 without one.
    fn new(channels: usize, walls: usize, ahead: usize, late: usize) -> Stage {
        // an interpolated peak is made by the samples around it: two frames to each side obey it too
        let before = if late > 0 { 2 } else { 0 };
        Stage {
            meters: vec![TruePeak::default(); if late > 0 { channels } else { 0 }],
            walls: vec![Brickwall::new(ahead, before); walls],
            rows: vec![[1.0; CELL]; walls],
            delays: (0..channels).map(|_| DelayRing::new(1, ahead + late)).collect(),
        }
    }

    fn at_rest(&self) -> bool {
        self.walls.iter().all(Brickwall::at_rest)
            && self.meters.iter().all(TruePeak::at_rest)
            && self.delays.iter().all(DelayRing::at_rest)
    }

    /// From the rows' peaks to the gains that they need: those above `from` times the ceiling come to `to` times the ceiling.
    fn need(&mut self, ceilings: &[f64], from: f64, to: f64, link: f64) {
        for row in &mut self.rows {
            for (x, ceiling) in row.iter_mut().zip(ceilings) {
                *x = if *x > from * *ceiling { to * *ceiling / *x } else { 1.0 };
            }
        }
        if self.rows.len() > 1 && link > 0.0 {
            for i in 0..ceilings.len() {
                let least = self.rows.iter().fold(1.0, |a: f64, row| a.min(row[i]));
                self.rows.iter_mut().for_each(|row| row[i] += link * (least - row[i]));
            }
        }
    }

    fn reset(&mut self) {
        self.walls.iter_mut().for_each(Brickwall::reset);
        self.meters.iter_mut().for_each(TruePeak::reset);
        self.delays.iter_mut().for_each(DelayRing::reset);
    }

    fn save(&self, into: &mut StateWriter) {
        self.walls.iter().for_each(|w| w.save(into));
        self.meters.iter().for_each(|m| m.save(into));
        self.delays.iter().for_each(|d| d.save(into));
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.walls.iter_mut().try_for_each(|w| w.load(from))?;
        self.meters.iter_mut().try_for_each(|m| m.load(from))?;
        self.delays.iter_mut().try_for_each(|d| d.load(from))
    }
}

struct Running {
    /// 0..1
    link: f64,
    speeds: Speeds,
    recoveries: Vec<Recovery>,
    first: Stage,
    /// With true peaks: what the first stage's moving gain has left over the ceiling, it takes away.
    second: Option<(Interpolator, Vec<Watch>, Stage)>,
    /// Keep the ceiling with the frames that are measured, with those that leave the first stage, and with those that are measured again.
    ceilings: [DelayRing; 3],
}

impl Running {
    fn new(args: &Args, setup: &Setup) -> Running {
        let channels = setup.layout.channels();
        let link = args.number(LINK).unwrap_or(100.0) / 100.0;
        let (ahead, late) = (lookahead(args, setup.rate), interpolation(args));
        let walls = if link == 1.0 { 1 } else { channels };
        let speeds = match args.number(RELEASE) {
            Some(ms) => Speeds { fast: factor(ms, setup.rate), slow: None },
            None => Speeds {
                fast: factor(FAST_RELEASE, setup.rate),
                slow: Some((factor(SLOW_ATTACK, setup.rate), factor(SLOW_RELEASE, setup.rate))),
            },
        };
        let second = || {
            let watches = (0..walls).map(|_| Watch::new(ahead + late)).collect();
            (Interpolator::default(), watches, Stage::new(channels, walls, correction(setup.rate), late))
        };
        Running {
            link,
            speeds,
            recoveries: vec![Recovery::default(); walls],
            first: Stage::new(channels, walls, ahead, late),
            second: (late > 0).then(second),
            ceilings: [DelayRing::new(1, late), DelayRing::new(1, ahead), DelayRing::new(1, late)],
        }
    }

    fn at_rest(&self) -> bool {
        self.recoveries.iter().all(Recovery::at_rest)
            && self.first.at_rest()
            && self.second.as_ref().is_none_or(|(_, _, stage)| stage.at_rest())
    }
}

/// Delays ceilings. On the way they are reciprocals, so that the zeros of an empty delay stand for no ceiling at all.
fn delayed(by: &mut DelayRing, ceilings: &mut [f64]) {
    ceilings.iter_mut().for_each(|c| *c = 1.0 / *c);
    by.process_mono(ceilings);
    ceilings.iter_mut().for_each(|c| *c = 1.0 / *c);
}

fn least(of: &[f64]) -> f64 {
    of.iter().fold(f64::INFINITY, |a, b| if *b < a { *b } else { a })
}

impl Processor for Running {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let (gain, ceiling) = (io.params.get(GAIN), io.params.get(CEILING));
        // a moving ceiling is still on its way when the sound has gone
        if !ceiling.moves() && io.audio.is_silent() && self.at_rest() {
            return Flow::Silent;
        }
        let still = (!ceiling.moves()).then(|| math::from_db(ceiling.at(0)));
        let still_gain = (!gain.moves()).then(|| math::from_db(gain.at(0)));
        let shared = self.first.rows.len() == 1;
        for (from, to) in io.grid() {
            let n = to - from;
            let mut audio = io.audio.slice(from, to);
            for x in audio.each_mut() {
                match still_gain {
                    Some(1.0) => {}
                    Some(gain) => x.iter_mut().for_each(|x| *x *= gain),
                    None => x.iter_mut().enumerate().for_each(|(i, x)| *x *= math::from_db(gain.at(from + i))),
                }
            }
            let mut ceilings = [still.unwrap_or(1.0); CELL];
            let ceilings = &mut ceilings[..n];
            if still.is_none() {
                ceilings.iter_mut().enumerate().for_each(|(i, c)| *c = math::from_db(ceiling.at(from + i)));
                delayed(&mut self.ceilings[0], ceilings);
            }
            let stage = &mut self.first;
            stage.rows.iter_mut().for_each(|row| *row = [0.0; CELL]);
            let alert = least(ceilings);
            for (channel, x) in audio.each_mut().enumerate() {
                let row = &mut stage.rows[if shared { 0 } else { channel }][..n];
                match &self.second {
                    Some((by, ..)) => stage.meters[channel].process(by, x, alert, row),
                    None => {
                        row.iter_mut().zip(x).for_each(|(row, x)| *row = if x.abs() > *row { x.abs() } else { *row })
                    }
                }
            }
            stage.need(ceilings, 1.0, if self.second.is_some() { MARGIN } else { 1.0 }, self.link);
            if still.is_none() {
                delayed(&mut self.ceilings[1], ceilings);
            }
            let ends = (io.at + to as i64).rem_euclid(GRID) == 0;
            for lane in 0..stage.rows.len() {
                let (row, wall, recovery) =
                    (&mut stage.rows[lane][..n], &mut stage.walls[lane], &mut self.recoveries[lane]);
                let mut needs = [0.0; CELL];
                let needs = &mut needs[..n];
                needs.copy_from_slice(row);
                let unity = recovery.at_rest() && wall.at_rest() && row.iter().all(|g| *g == 1.0);
                if !unity {
                    recovery.run(self.speeds, row);
                    wall.process(row);
                    if ends {
                        recovery.settle();
                    }
                }
                let which = match &mut self.second {
                    Some((_, watches, _)) => watches[lane].look(needs, row, still.is_none()),
                    None => 0,
                };
                let channels = if shared { 0..audio.channels() } else { lane..lane + 1 };
                if let Some((_, _, second)) = &mut self.second {
                    second.rows[lane][..n].fill(0.0);
                }
                for channel in channels {
                    let x = audio.channel_mut(channel);
                    stage.delays[channel].process_mono(x);
                    if !unity {
                        x.iter_mut().zip(&*row).for_each(|(x, gain)| *x *= gain);
                    }
                    match &mut self.second {
                        Some((by, _, second)) => {
                            second.meters[channel].process_some(by, x, which, &mut second.rows[lane][..n]);
                            second.delays[channel].process_mono(x);
                        }
                        // the last bit of a rounding
                        None => x.iter_mut().zip(&*ceilings).for_each(|(x, c)| *x = x.clamp(-c, *c)),
                    }
                }
            }
            let Some((_, _, second)) = &mut self.second else { continue };
            if still.is_none() {
                delayed(&mut self.ceilings[2], ceilings);
            }
            second.need(ceilings, MARGIN, MARGIN, self.link);
            for lane in 0..second.rows.len() {
                let (row, wall) = (&mut second.rows[lane][..n], &mut second.walls[lane]);
                if wall.at_rest() && row.iter().all(|g| *g == 1.0) {
                    continue;
                }
                wall.process(row);
                for channel in if shared { 0..audio.channels() } else { lane..lane + 1 } {
                    audio.channel_mut(channel).iter_mut().zip(&*row).for_each(|(x, gain)| *x *= gain);
                }
            }
        }
        Flow::Written
    }

    fn reset(&mut self) {
        self.recoveries.fill(Recovery::default());
        self.first.reset();
        if let Some((_, watches, stage)) = &mut self.second {
            watches.iter_mut().for_each(Watch::reset);
            stage.reset();
        }
        self.ceilings.iter_mut().for_each(DelayRing::reset);
    }

    fn save(&self, into: &mut StateWriter) {
        for recovery in &self.recoveries {
            into.f64(recovery.fast);
            into.f64(recovery.slow);
        }
        self.first.save(into);
        if let Some((_, watches, stage)) = &self.second {
            watches.iter().for_each(|w| w.save(into));
            stage.save(into);
        }
        self.ceilings.iter().for_each(|c| c.save(into));
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        for recovery in &mut self.recoveries {
            *recovery = Recovery { fast: from.f64()?, slow: from.f64()? };
        }
        self.first.load(from)?;
        if let Some((_, watches, stage)) = &mut self.second {
            watches.iter_mut().try_for_each(|w| w.load(from))?;
            stage.load(from)?;
        }
        self.ceilings.iter_mut().try_for_each(|c| c.load(from))
    }
}
