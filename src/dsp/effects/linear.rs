use super::band::{self, Band, Settings};
use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::dsp::parts::biquad::Prototype;
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::linear_phase::{self, Designer};
use crate::dsp::parts::partitioned::{Convolver, Kernel, Way};
use crate::dsp::{Args, Flow, Io, Processor, Refused, Setup, Values, common};
use crate::units::{Frames, Hz, Rate};

/// The equaliser's bands as one filter of linear phase: the product of their amplitudes, those of the minimum-phase bands, so that both phases have
/// one curve. Where bands move, a filter is designed for each partition's end (43 ms apart at 48 kHz), and the sound goes in straight lines from what
/// one gives to what the next gives.
pub(super) struct Linear {
    bands: Vec<Line>,
    moves: bool,
    designer: Design,
    convolver: Convolver,
    /// What the bands are set to where the partition that goes out ends, and where it began.
    settings: Vec<Knobs>,
    before: Vec<Knobs>,
    /// As built.
    start: Vec<Knobs>,
    then: Kernel,
    first: Kernel,
}

/// Partitions of a response.
const PARTS: usize = 8;
/// How many of them lie before its middle.
const MIDDLE: usize = PARTS / 2;

fn part(rate: Rate) -> usize {
    linear_phase::half(rate) / MIDDLE
}

/// How late the sound is: half a response, and the partition that is waited for.
pub(super) fn latency(rate: Rate) -> Frames {
    Frames::new(((MIDDLE + 1) * part(rate)) as i64)
}

/// How late the bands' curves are read against the input: what they are where the partition that is about to go out ends.
pub(super) fn late(rate: Rate) -> Frames {
    Frames::new((MIDDLE * part(rate)) as i64)
}

/// A band, where its slots are, and its slope.
struct Line {
    band: &'static Band,
    slots: usize,
    common: usize,
    slope: u32,
}

/// Everything of a band that may move.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Knobs {
    settings: Settings,
    /// 0 to 1, and a factor.
    mix: f64,
    on: f64,
    output: f64,
}

impl Knobs {
    fn new(settings: Settings, [mix, on, output]: [f64; 3]) -> Knobs {
        Knobs { settings, mix: mix * 0.01, on, output: math::from_db(output) }
    }

    fn numbers(&self) -> [f64; 6] {
        let Settings { frequency, gain, q } = self.settings;
        [frequency, gain, q, self.mix, self.on, self.output]
    }

    fn of_numbers([frequency, gain, q, mix, on, output]: [f64; 6]) -> Knobs {
        Knobs { settings: Settings { frequency, gain, q }, mix, on, output }
    }
}

impl Line {
    fn all(args: &Args) -> Result<Vec<Line>, Refused> {
        let mut slots = args.values.len();
        let line = |child: &Args| {
            let band = band::of(child).ok_or_else(|| Refused::new(format!("`{}` is no band", child.of.name)))?;
            let line = Line { band, slots, common: child.common(), slope: band.slope(child) };
            slots += child.slots();
            Ok(line)
        };
        args.children().map(line).collect()
    }

    fn at_rest(&self, args: &Args) -> Knobs {
        let [mix, output] = [common::MIX, common::OUTPUT].map(|at| args.number(self.common + at).unwrap_or(0.0));
        let on = f64::from(u8::from(args.switch(self.common + common::ON)));
        Knobs::new(self.band.at_rest(args), [mix, on, output])
    }

    /// At a frame of the block.
    fn at(&self, values: &Values<'_>, frame: usize) -> Knobs {
        let values = values.child(self.slots);
        let common = [common::MIX, common::ON, common::OUTPUT].map(|at| values.get(self.common + at).at(frame));
        Knobs::new(self.band.at(&values, frame), common)
    }
}

/// From settings to responses.
struct Design {
    rate: Rate,
    designer: Designer,
    amplitudes: Vec<f64>,
    /// Of a band with common parameters of its own.
    alone: Vec<f64>,
    taps: Vec<f64>,
    /// sin² of half the angle of each point.
    places: Vec<f64>,
}

impl Design {
    fn new(rate: Rate) -> Design {
        let half = linear_phase::half(rate);
        let designer = Designer::new(half);
        let points = designer.points();
        let place = |i: usize| {
            let sin = math::sin(std::f64::consts::FRAC_PI_2 * (i as f64 / (points - 1) as f64));
            sin * sin
        };
        let places = (0..points).map(place).collect();
        let (amplitudes, alone) = (vec![1.0; points], vec![1.0; points]);
        Design { rate, designer, amplitudes, alone, taps: vec![0.0; 2 * half], places }
    }

    /// The bands' amplitudes, multiplied. True when all are exactly 1.
    fn curve(&mut self, bands: &[Line], knobs: &[Knobs]) -> bool {
        // as powers first
        self.amplitudes.fill(1.0);
        for (line, knobs) in bands.iter().zip(knobs) {
            let (prototypes, count) = line.band.design(knobs.settings, line.slope, self.rate);
            let Knobs { mix, on, output, .. } = *knobs;
            if (mix, on, output) == (1.0, 1.0, 1.0) {
                prototypes[..count].iter().for_each(|p| times_power(&mut self.amplitudes, &self.places, p));
                continue;
            }
            self.alone.fill(1.0);
            prototypes[..count].iter().for_each(|p| times_power(&mut self.alone, &self.places, p));
            for (power, alone) in self.amplitudes.iter_mut().zip(&self.alone) {
                // as `dsp::common` has it
                let mixed = (1.0 + (alone.sqrt() - 1.0) * mix) * output;
                let amplitude = 1.0 + (mixed - 1.0) * on;
                *power *= amplitude * amplitude;
            }
        }
        self.amplitudes.iter_mut().for_each(|x| *x = x.sqrt());
        self.amplitudes.iter().all(|amplitude| *amplitude == 1.0)
    }

    fn kernel(&mut self, bands: &[Line], knobs: &[Knobs], convolver: &Convolver, kernel: &mut Kernel) {
        if self.curve(bands, knobs) {
            return convolver.set_delay(kernel, MIDDLE);
        }
        self.designer.taps(&self.amplitudes, &mut self.taps);
        convolver.set(kernel, &self.taps);
    }
}

/// Multiplies by the section's power where sin²(ω/2) is each of `places`: up to the Nyquist frequency, where tan²(ω/2) has no end.
fn times_power(powers: &mut [f64], places: &[f64], p: &Prototype) {
    let (n, d) = (p.n, p.d);
    let square = |p: &[f64; 3], sin2: f64, cos2: f64| {
        let real = p[0] * cos2 - p[2] * sin2;
        real * real + p[1] * p[1] * sin2 * cos2
    };
    let first = |p: &[f64; 3], sin2: f64, cos2: f64| p[0] * p[0] * cos2 + p[1] * p[1] * sin2;
    let all = powers.iter_mut().zip(places);
    if p.is_first_order() {
        all.for_each(|(power, s)| *power *= first(&n, *s, 1.0 - s) / first(&d, *s, 1.0 - s));
    } else {
        all.for_each(|(power, s)| *power *= square(&n, *s, 1.0 - s) / square(&d, *s, 1.0 - s));
    }
}

/// Refuses bands that have no place in a filter of linear phase.
pub(super) fn check(args: &Args) -> Result<(), Refused> {
    for child in args.children() {
        let name = child.of.name;
        if band::of(child).is_some_and(Band::turns_phase_only) {
            return Err(Refused::new(format!("`{name}` only turns the phase, and in this `eq` the phase is linear"))
                .help(format!("leave `{name}` out, or use phase: \"minimum\"")));
        }
        if child.choice(child.common() + common::CHANNELS) != 0 {
            return Err(Refused::new(format!(
                "`{name}` cannot have its own `channels` where the phase is linear: all bands are one filter"
            ))
            .help("set `channels` on the `eq`, and use one `eq` for each part of the sound"));
        }
    }
    Ok(())
}

/// For bands that stand still: the response's amplitude at a frequency, delay and all bands' common parameters apart.
pub(super) fn amplitude(args: &Args, rate: Rate, frequency: Hz) -> Option<f64> {
    let bands = Line::all(args).ok()?;
    let knobs: Vec<Knobs> = bands.iter().zip(args.children()).map(|(line, child)| line.at_rest(child)).collect();
    let mut design = Design::new(rate);
    if design.curve(&bands, &knobs) {
        return Some(1.0);
    }
    design.designer.taps(&design.amplitudes, &mut design.taps);
    Some(linear_phase::amplitude(&design.taps, frequency.value() / rate.hz()))
}

pub(super) fn build(args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
    let bands = Line::all(args)?;
    let moves = args.children().any(|child| !child.moving.is_empty());
    let settings: Vec<Knobs> = bands.iter().zip(args.children()).map(|(line, child)| line.at_rest(child)).collect();
    let mut designer = Design::new(setup.rate);
    if !moves && designer.curve(&bands, &settings) {
        return Ok(Box::new(Late(DelayRing::new(setup.layout.channels(), latency(setup.rate).get() as usize))));
    }
    let convolver = Convolver::new(setup.layout.channels(), part(setup.rate), PARTS);
    let (mut then, first) = (convolver.kernel(), convolver.kernel());
    let (before, start) = (settings.clone(), settings.clone());
    designer.kernel(&bands, &settings, &convolver, &mut then);
    Ok(Box::new(Linear { bands, moves, designer, convolver, settings, before, start, then, first }))
}

impl Linear {
    /// Where a partition begins, at a frame of the block.
    fn turn(&mut self, values: &Values<'_>, frame: usize) {
        if !self.moves {
            return self.convolver.turn(Way::With(&self.then));
        }
        if self.convolver.at_rest() {
            return;
        }
        let now = self.bands.iter().map(|line| line.at(values, frame));
        self.before.iter_mut().zip(now).for_each(|(knobs, now)| *knobs = now);
        std::mem::swap(&mut self.before, &mut self.settings);
        if self.settings != self.before {
            std::mem::swap(&mut self.first, &mut self.then);
            self.designer.kernel(&self.bands, &self.settings, &self.convolver, &mut self.then);
        }
        // after silence it goes on from nowhere, whoever let it rest meanwhile
        if self.convolver.is_fresh() {
            self.before.copy_from_slice(&self.settings);
        }
        let stands = self.settings == self.before || self.first.is_delay() && self.then.is_delay();
        self.convolver.turn(if stands { Way::With(&self.then) } else { Way::From(&self.first, &self.then) });
    }

    fn design(&mut self) {
        self.designer.kernel(&self.bands, &self.settings, &self.convolver, &mut self.then);
        if self.before != self.settings {
            self.designer.kernel(&self.bands, &self.before, &self.convolver, &mut self.first);
        }
    }
}

impl Processor for Linear {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        if io.audio.is_silent() && self.convolver.at_rest() {
            return Flow::Silent;
        }
        let frames = io.frames();
        let mut from = 0;
        while from < frames {
            if self.convolver.begins(io.at + from as i64) {
                self.turn(&io.params, from);
            }
            from += self.convolver.exchange(io.at + from as i64, &mut io.audio.slice(from, frames));
        }
        Flow::Written
    }

    fn reset(&mut self) {
        self.convolver.reset();
        if self.moves {
            self.settings.copy_from_slice(&self.start);
            self.before.copy_from_slice(&self.start);
            self.design();
        }
    }

    fn save(&self, into: &mut StateWriter) {
        self.convolver.save(into);
        if self.moves {
            self.settings.iter().chain(&self.before).for_each(|knobs| into.all(&knobs.numbers()));
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.convolver.load(from)?;
        if self.moves {
            for knobs in self.settings.iter_mut().chain(&mut self.before) {
                let mut numbers = [0.0; 6];
                from.all(&mut numbers)?;
                *knobs = Knobs::of_numbers(numbers);
            }
            self.design();
        }
        Ok(())
    }
}

/// Bands that do nothing: the sound, late.
struct Late(DelayRing);

impl Processor for Late {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        if io.audio.is_silent() && self.0.at_rest() {
            return Flow::Silent;
        }
        self.0.process(&mut io.audio);
        Flow::Written
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
