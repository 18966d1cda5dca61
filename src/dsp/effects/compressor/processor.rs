use super::press::{self, Law, Room, press};
use super::{
    ATTACK, DETECTOR, HOLD, KEY, KEY_HIGH_CUT, KEY_LOW_CUT, KNEE, LINK, MAKEUP, RANGE, RATIO, RELEASE, THRESHOLD,
    WINDOW, frames, lookahead,
};
use crate::audio::isa::Level;
use crate::audio::samples::{self, largest};
use crate::audio::{Layout, PlanesRef, StateError, StateReader, StateWriter, math};
use crate::dsp::parts::ballistics::{Envelope, Times};
use crate::dsp::parts::cell::{CELL, Frames, SILENCE};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::detector::{Detector, StaticCurve, raise};
use crate::dsp::{Args, Flow, GRID, Io, Processor, Setup, Values, cells};
use crate::units::Rate;

const OCTAVES: f64 = 1.0 / math::DB_PER_OCTAVE;
/// Cells that are pressed together: as many as stay in the first cache.
const TOGETHER: usize = 16;

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
    /// Levels, then reductions: of a cell, one row per envelope; of several, one row per cell.
    rows: Vec<Frames>,
    room: Room,
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
            rows: vec![SILENCE; lanes.max(TOGETHER)],
            room: Room::EMPTY,
            isa: Level::find(),
        }
    }

    fn at_rest(&self) -> bool {
        self.envelopes.iter().all(Envelope::at_rest)
            && self.detectors.iter().all(Detector::at_rest)
            && self.delay.at_rest()
    }

    /// Fills the rows, one per envelope, with what is heard in frames `from..to`; returns the largest value.
    fn hear(&mut self, io: &Io<'_>, from: usize, to: usize) -> f64 {
        let lanes = self.envelopes.len();
        // a key of another layout steers all channels alike
        if lanes == 1 || self.heard(io).channels() != lanes {
            let most = self.hear_together(io, from, to, 0);
            let (first, others) = self.rows[..lanes].split_at_mut(1);
            others.iter_mut().for_each(|row| *row = first[0]);
            return most;
        }
        let heard = self.heard(io).slice(from, to);
        for ((x, detector), row) in heard.each().zip(&mut self.detectors).zip(&mut self.rows) {
            let row = &mut row[..to - from];
            row.copy_from_slice(x);
            detector.process(row);
        }
        self.rows[..lanes].iter().fold(0.0, |most, row| largest(&row[..to - from]).max(most))
    }

    /// Fills one row with what is heard on all channels; returns the largest value.
    fn hear_together(&mut self, io: &Io<'_>, from: usize, to: usize, row: usize) -> f64 {
        let heard = self.heard(io).slice(from, to);
        if self.plain && heard.channels() <= 2 && to - from == CELL {
            let (right, mut peak) = (heard.channel(heard.channels() - 1), [0.0]);
            press::peaks(self.isa, heard.channel(0), right, &mut self.rows[row..=row], &mut peak);
            return peak[0];
        }
        let row = &mut self.rows[row][..to - from];
        row.fill(0.0);
        for (x, detector) in heard.each().zip(&mut self.detectors) {
            if self.plain {
                raise(row, x);
            } else {
                let mut heard = SILENCE;
                let heard = &mut heard[..to - from];
                heard.copy_from_slice(x);
                detector.process(heard);
                raise(row, heard);
            }
        }
        largest(row)
    }

    fn heard<'a>(&self, io: &'a Io<'_>) -> PlanesRef<'a> {
        if self.keyed { io.keys[0] } else { io.audio.as_ref() }
    }

    /// The least value that is heard, and what its logarithm is of one of amplitude.
    fn floor(&self) -> (f64, f64) {
        if self.rms { (1e-12, 0.5) } else { (1e-6, 1.0) }
    }

    /// From what is heard to the reductions that are wanted; false when none are, anywhere in the cell.
    fn compute(&mut self, params: &Params<'_>, from: usize, n: usize, peak: f64) -> bool {
        // -120 dBFS is as deep as it hears; a mean square has twice the logarithm
        let (floor, scale) = self.floor();
        let rows = &mut self.rows[..self.envelopes.len()];
        match params.curve {
            Some(curve) => {
                if peak <= params.quiet {
                    rows.iter_mut().for_each(|row| row[..n].fill(0.0));
                    return false;
                }
                let floor = (floor, scale);
                rows.iter_mut().for_each(|row| press::reductions(self.isa, row, &curve, floor, &mut self.room));
            }
            None => {
                for row in &mut *rows {
                    for (i, x) in row[..n].iter_mut().enumerate() {
                        let level = if *x > floor { *x } else { floor };
                        *x = params.curve_at(from + i).reduction(scale * math::log2(level));
                    }
                }
            }
        }
        if rows.len() > 1 && self.link > 0.0 {
            for i in 0..n {
                let most = rows.iter().fold(0.0, |most, row| if row[i] > most { row[i] } else { most });
                rows.iter_mut().for_each(|row| row[i] += self.link * (most - row[i]));
            }
        }
        true
    }
}

impl Running {
    /// What nearly all are: nothing moves, and one envelope of one recursion steers all channels. Over frames `first..last`, whole cells of the grid.
    fn process_at_once(&mut self, io: &mut Io<'_>, law: &Law, first: usize, last: usize) -> Flow {
        let isa = self.isa;
        let mut flow = if self.delay.delay() > 0 { Flow::Written } else { Flow::Through };
        for from in (first..last).step_by(TOGETHER * CELL) {
            let to = (from + TOGETHER * CELL).min(last);
            let count = (to - from) / CELL;
            let mut peaks = [0.0; TOGETHER];
            self.hear_cells(io, from, &mut peaks[..count]);
            self.delay.process(&mut io.audio.slice(from, to));
            let mut next = 0;
            while next < count {
                let begin = from + next * CELL;
                if peaks[next] <= law.quiet && self.envelopes[0].at_rest() {
                    if law.makeup != 0.0 {
                        flow = Flow::Written;
                        let gain = math::exp2(law.makeup);
                        let mut audio = io.audio.slice(begin, begin + CELL);
                        audio.each_mut().for_each(|plane| samples::scale(isa, plane, gain));
                    }
                    next += 1;
                    continue;
                }
                flow = Flow::Written;
                let (rows, peaks) = (&mut self.rows[next..count], &peaks[next..count]);
                self.envelopes[0].go(|y| press(isa, rows, peaks, law, y, &mut self.room));
                let mut audio = io.audio.slice(begin, to);
                audio.each_mut().for_each(|plane| samples::multiply(isa, plane, rows.as_flattened()));
                next = count;
            }
        }
        flow
    }

    /// Fills a row for each whole cell from frame `from` on with what is heard in it on all channels, and finds its largest value.
    fn hear_cells(&mut self, io: &Io<'_>, from: usize, peaks: &mut [f64]) {
        let heard = self.heard(io);
        if self.plain && heard.channels() <= 2 {
            let heard = heard.slice(from, from + peaks.len() * CELL);
            let right = heard.channel(heard.channels() - 1);
            return press::peaks(self.isa, heard.channel(0), right, &mut self.rows, peaks);
        }
        for (row, peak) in peaks.iter_mut().enumerate() {
            let from = from + row * CELL;
            *peak = self.hear_together(io, from, from + CELL, row);
            self.detectors.iter_mut().for_each(Detector::settle);
        }
    }

    /// Frames `first..last`, whatever moves.
    fn process_by_cell(&mut self, io: &mut Io<'_>, params: &Params<'_>, first: usize, last: usize) -> Flow {
        let mut flow = if self.delay.delay() > 0 { Flow::Written } else { Flow::Through };
        let isa = self.isa;
        for (from, to) in cells(io.at + first as i64, last - first) {
            let (from, to) = (first + from, first + to);
            let n = to - from;
            let attack = io.params.get(ATTACK).cell(from);
            let release = (!self.auto_release).then(|| io.params.get(RELEASE).cell(from));
            self.times = self.times.moved(attack, release, self.rate);
            let peak = self.hear(io, from, to);
            let mut audio = io.audio.slice(from, to);
            self.delay.process(&mut audio);
            let works = self.compute(params, from, n, peak);
            let shared = self.envelopes.len() == 1;
            for lane in 0..self.envelopes.len() {
                let (row, envelope) = (&mut self.rows[lane], &mut self.envelopes[lane]);
                let rested = envelope.at_rest();
                if works || !rested {
                    let place = (io.at + from as i64).rem_euclid(GRID) as usize;
                    envelope.run(isa, &self.times, self.hold, place, &mut row[..n]);
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
            if ends_a_cell(io.at, to) {
                self.envelopes.iter_mut().for_each(Envelope::settle);
                self.detectors.iter_mut().for_each(Detector::settle);
            }
        }
        flow
    }
}

/// Whether frame `to` of a block that begins at song time `at` is where a grid cell ends.
fn ends_a_cell(at: i64, to: usize) -> bool {
    (at + to as i64).rem_euclid(GRID) == 0
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
        let still = ![ATTACK, RELEASE].iter().any(|p| io.params.get(*p).moves());
        let frames = io.frames();
        let (Some(curve), Some(makeup), true, true) = (params.curve, params.makeup, self.at_once, still) else {
            return self.process_by_cell(io, &params, 0, frames);
        };
        let release = Some(io.params.get(RELEASE).at(0));
        self.times = self.times.moved(io.params.get(ATTACK).at(0), release, self.rate);
        let law = Law { curve, quiet: params.quiet, floor: self.floor(), times: self.times, makeup };
        let first = ((-io.at).rem_euclid(GRID) as usize).min(frames);
        let last = frames - (frames - first) % CELL;
        let mut flow = Flow::Through;
        for (from, to, whole) in [(0, first, false), (first, last, true), (last, frames, false)] {
            let here = match (from < to, whole) {
                (false, _) => Flow::Through,
                (true, true) => self.process_at_once(io, &law, from, to),
                (true, false) => self.process_by_cell(io, &params, from, to),
            };
            flow = if here == Flow::Through { flow } else { Flow::Written };
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
