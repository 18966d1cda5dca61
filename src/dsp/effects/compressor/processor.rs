use super::press::{self, press};
use super::{
    ATTACK, DETECTOR, HOLD, KEY, KEY_HIGH_CUT, KEY_LOW_CUT, KNEE, LINK, MAKEUP, RANGE, RATIO, RELEASE, THRESHOLD,
    WINDOW, frames, lookahead,
};
use crate::audio::isa::Level;
use crate::audio::{Layout, StateError, StateReader, StateWriter, math, samples};
use crate::dsp::parts::ballistics::{Envelope, Times};
use crate::dsp::parts::cell::{CELL, Frames, SILENCE};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::detector::{Detector, StaticCurve, largest, raise};
use crate::dsp::{Args, Flow, GRID, Io, Processor, Setup, Values};
use crate::units::Rate;

const OCTAVES: f64 = 1.0 / math::DB_PER_OCTAVE;

pub(super) struct Running {
    rate: Rate,
    channels: usize,
    keyed: bool,
    /// 0..1
    link: f64,
    hold: u64,
    rms: bool,
    auto_release: bool,
    auto_makeup: bool,
    times: Times,
    /// One per channel of what is heard; a key may have up to [`Layout::MOST`].
    detectors: Vec<Detector>,
    plain: bool,
    /// One envelope without hold and automatic release: what nearly all are.
    at_once: bool,
    /// One per channel, or a single one for all.
    envelopes: Vec<Envelope>,
    /// Keeps the sound while it looks ahead.
    delay: DelayRing,
    /// Levels, then reductions of a cell: one row per envelope.
    rows: Vec<Frames>,
    /// For what a loop leaves to the next one.
    room: [Frames; 2],
    isa: Level,
}

impl Running {
    pub(super) fn new(args: &Args, setup: &Setup) -> Running {
        let rate = setup.rate;
        let channels = setup.layout.channels();
        let keyed = args.has_key(KEY);
        let link = args.number(LINK).unwrap_or(100.0) / 100.0;
        let rms = args.choice(DETECTOR) == 1;
        let window = rms.then(|| args.number(WINDOW).unwrap_or(10.0));
        let ear = Detector::new(args.number(KEY_LOW_CUT), args.number(KEY_HIGH_CUT), window, rate);
        let plain = ear.is_plain();
        let lanes = if link == 1.0 { 1 } else { channels };
        let hold = frames(args.number(HOLD).unwrap_or(0.0), rate) as u64;
        let auto_release = args.word(RELEASE).is_some();
        Running {
            rate,
            channels,
            keyed,
            link,
            hold,
            rms,
            auto_release,
            at_once: lanes == 1 && hold == 0 && !auto_release,
            auto_makeup: args.word(MAKEUP).is_some(),
            times: Times::new(args.number(ATTACK).unwrap_or(10.0), args.number(RELEASE), rate),
            detectors: vec![ear; if keyed { Layout::MOST } else { channels }],
            plain,
            envelopes: vec![Envelope::default(); lanes],
            delay: DelayRing::new(channels, lookahead(args, rate)),
            rows: vec![SILENCE; lanes],
            room: [SILENCE; 2],
            isa: Level::find(),
        }
    }

    fn at_rest(&self) -> bool {
        self.envelopes.iter().all(Envelope::at_rest)
            && self.detectors.iter().all(Detector::at_rest)
            && self.delay.at_rest()
    }

    /// Fills the rows with what is heard in frames `from..to`; returns the largest value.
    fn hear(&mut self, io: &Io<'_>, from: usize, to: usize) -> f64 {
        let main = io.audio.as_ref();
        let heard = if self.keyed { io.keys[0].slice(from, to) } else { main.slice(from, to) };
        let (n, lanes) = (to - from, self.rows.len());
        // a key of another layout steers all channels alike
        let together = lanes == 1 || heard.channels() != lanes;
        let mut peak = None;
        if together && self.plain && heard.channels() <= 2 {
            let right = heard.channel(heard.channels() - 1);
            peak = Some(press::peaks(self.isa, heard.channel(0), right, &mut self.rows[0]));
        } else if together && self.plain {
            let row = &mut self.rows[0][..n];
            row.fill(0.0);
            for x in heard.each() {
                raise(row, x);
            }
        } else {
            for (channel, x) in heard.each().enumerate() {
                let mut heard = [0.0; CELL];
                let heard = &mut heard[..n];
                heard.copy_from_slice(x);
                self.detectors[channel].process(heard);
                let row = &mut self.rows[if together { 0 } else { channel }][..n];
                if together && channel > 0 {
                    row.iter_mut().zip(&*heard).for_each(|(row, x)| *row = if *x > *row { *x } else { *row });
                } else {
                    row.copy_from_slice(heard);
                }
            }
        }
        if together {
            let (first, others) = self.rows.split_at_mut(1);
            others.iter_mut().for_each(|row| *row = first[0]);
            peak.unwrap_or_else(|| largest(&first[0][..n]))
        } else {
            self.rows.iter().fold(0.0, |most, row| largest(&row[..n]).max(most))
        }
    }

    /// The least value that is heard, and what its logarithm is of one of amplitude.
    fn floor(&self) -> (f64, f64) {
        if self.rms { (1e-12, 0.5) } else { (1e-6, 1.0) }
    }

    /// From what is heard to the reductions that are wanted; false when none are, anywhere in the cell.
    fn compute(&mut self, params: &Params<'_>, from: usize, n: usize, peak: f64) -> bool {
        // -120 dBFS is as deep as it hears; a mean square has twice the logarithm
        let (floor, scale) = self.floor();
        match params.curve {
            Some(curve) => {
                if peak <= params.quiet {
                    self.rows.iter_mut().for_each(|row| row[..n].fill(0.0));
                    return false;
                }
                let floor = (floor, scale);
                self.rows.iter_mut().for_each(|row| press::reductions(self.isa, row, &curve, floor, &mut self.room));
            }
            None => {
                for row in &mut self.rows {
                    for (i, x) in row[..n].iter_mut().enumerate() {
                        let level = if *x > floor { *x } else { floor };
                        *x = params.curve_at(from + i).reduction(scale * math::log2(level));
                    }
                }
            }
        }
        if self.rows.len() > 1 && self.link > 0.0 {
            for i in 0..n {
                let most = self.rows.iter().fold(0.0, |most, row| if row[i] > most { row[i] } else { most });
                self.rows.iter_mut().for_each(|row| row[i] += self.link * (most - row[i]));
            }
        }
        true
    }
}

/// The parameters of the static curve over a block.
struct Params<'a> {
    values: Values<'a>,
    /// The static curve when nothing of it moves.
    curve: Option<StaticCurve>,
    /// What is surely quiet for it, as it is heard.
    quiet: f64,
    auto_makeup: bool,
    /// The makeup in octaves when it stands still.
    makeup: Option<f64>,
}

impl<'a> Params<'a> {
    fn new(values: Values<'a>, auto_makeup: bool, rms: bool) -> Params<'a> {
        let still = ![THRESHOLD, RATIO, KNEE, RANGE].iter().any(|p| values.get(*p).moves());
        let mut params = Params { values, curve: None, quiet: 0.0, auto_makeup, makeup: None };
        params.curve = still.then(|| params.curve_at(0));
        if let Some(curve) = params.curve {
            params.quiet = if rms { curve.quiet() * curve.quiet() } else { curve.quiet() };
        }
        let makeup_stands = if auto_makeup { still } else { !values.get(MAKEUP).moves() };
        params.makeup = makeup_stands.then(|| params.makeup_at(0));
        params
    }

    #[inline(always)]
    fn curve_at(&self, i: usize) -> StaticCurve {
        let at = |p| self.values.get(p).at(i);
        StaticCurve::new(at(THRESHOLD), at(RATIO), at(KNEE), at(RANGE))
    }

    #[inline(always)]
    fn makeup_at(&self, i: usize) -> f64 {
        if self.auto_makeup {
            0.5 * self.curve.unwrap_or_else(|| self.curve_at(i)).reduction(0.0)
        } else {
            self.values.get(MAKEUP).at(i) * OCTAVES
        }
    }
}

impl Processor for Running {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let key_silent = !self.keyed || io.keys[0].is_silent();
        if key_silent && io.audio.is_silent() && self.at_rest() {
            return Flow::Silent;
        }
        let params = Params::new(io.params, self.auto_makeup, self.rms);
        let mut flow = if self.delay.delay() > 0 { Flow::Written } else { Flow::Through };
        for (from, to) in io.grid() {
            let n = to - from;
            let attack = io.params.get(ATTACK).cell(from);
            let release = (!self.auto_release).then(|| io.params.get(RELEASE).cell(from));
            self.times = self.times.moved(attack, release, self.rate);
            let peak = self.hear(io, from, to);
            let mut audio = io.audio.slice(from, to);
            self.delay.process(&mut audio);
            let isa = self.isa;
            if let (Some(curve), Some(makeup), true) = (params.curve, params.makeup, self.at_once) {
                let rested = self.envelopes[0].at_rest();
                if peak <= params.quiet && rested {
                    if makeup != 0.0 {
                        flow = Flow::Written;
                        audio.each_mut().for_each(|plane| samples::scale(isa, plane, math::exp2(makeup)));
                    }
                } else {
                    flow = Flow::Written;
                    let (floor, row, room) = (self.floor(), &mut self.rows[0], &mut self.room);
                    let (times, envelope) = (&self.times, &mut self.envelopes[0]);
                    envelope.go(|y| press(isa, row, n, &curve, floor, times, y, makeup, room));
                    audio.each_mut().for_each(|plane| samples::multiply(isa, plane, &*row));
                }
            } else {
                let works = self.compute(&params, from, n, peak);
                let shared = self.envelopes.len() == 1;
                for lane in 0..self.envelopes.len() {
                    let (row, envelope) = (&mut self.rows[lane], &mut self.envelopes[lane]);
                    let rested = envelope.at_rest();
                    if works || !rested {
                        envelope.run(isa, &self.times, self.hold, &mut row[..n]);
                    }
                    if rested && params.makeup == Some(0.0) && envelope.at_rest() {
                        continue;
                    }
                    flow = Flow::Written;
                    match params.makeup {
                        Some(makeup) => press::gains(isa, row, makeup, &mut self.room),
                        None => {
                            for (i, c) in row[..n].iter_mut().enumerate() {
                                *c = math::exp2(params.makeup_at(from + i) - *c);
                            }
                        }
                    }
                    let channels = if shared { 0..self.channels } else { lane..lane + 1 };
                    channels.for_each(|channel| samples::multiply(isa, audio.channel_mut(channel), &*row));
                }
            }
            if (io.at + to as i64).rem_euclid(GRID) == 0 {
                self.envelopes.iter_mut().for_each(Envelope::settle);
                self.detectors.iter_mut().for_each(Detector::settle);
            }
        }
        flow
    }

    fn reset(&mut self) {
        self.envelopes.fill(Envelope::default());
        self.detectors.iter_mut().for_each(Detector::reset);
        self.delay.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        self.envelopes.iter().for_each(|e| e.save(into));
        self.detectors.iter().for_each(|d| d.save(into));
        self.delay.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.envelopes.iter_mut().try_for_each(|e| e.load(from))?;
        self.detectors.iter_mut().try_for_each(|d| d.load(from))?;
        self.delay.load(from)
    }
}
