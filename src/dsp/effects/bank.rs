use std::ops::Range;

use super::band::{self, Band, MOST, Settings};
use crate::audio::isa::Level;
use crate::audio::{Planes, StateError, StateReader, StateWriter};
use crate::dsp::parts::biquad::{Prototype, Section};
use crate::dsp::parts::cascade::{self, Pair, Standing};
use crate::dsp::parts::state_variable::{Variable, Way};
use crate::dsp::{Args, Flow, GRID, Io, Processor, Refused, Setup, Values, catalogue, common};
use crate::units::Rate;

/// Bands in series. Those that stand still run as one cascade; one that moves pays for itself, as state-variable filters whose coefficients go
/// in straight lines from each grid cell's design to the next, a cell (32 frames) late, because a cell's end is not known at its beginning.
/// (A bell that goes from -12 to 12 dB in half a second leaves spurs of -97 dBFS beside a sine; with coefficients that step they are at -62.)
pub(super) struct Bank {
    entries: Vec<Entry>,
    /// Of all entries, one after the other.
    sections: Vec<Section>,
    /// Per two channels, per section: (u₁, u₂) of one that stands still, the integrators of one that moves.
    states: Vec<Pair>,
    /// Room for those that run as one.
    row: Vec<Section>,
    row_states: Vec<Pair>,
    rate: Rate,
    isa: Level,
    /// No band moves, and each stands where its values say: what stands still does so for the whole song.
    stands: bool,
}

/// How a band runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Not at all: it changes no bit.
    Idle,
    Stands,
    Moves,
    /// With its own common parameters.
    Apart,
}

struct Entry {
    band: &'static Band,
    slope: u32,
    /// Its first section and how many: none when it is apart.
    first: usize,
    count: usize,
    /// Where its slots begin.
    slots: usize,
    /// What its sections are designed for, and in the cell before.
    settings: Settings,
    before: Settings,
    now: [Variable; MOST],
    then: [Variable; MOST],
    /// As built.
    start: Settings,
    identity: bool,
    /// Nothing of it moves, and one section does for two.
    one: bool,
    mode: Mode,
    /// All its states were zero where the last cell ended: nothing is left that a change of coefficients could disturb.
    rested: bool,
    /// The band as it runs alone, when its mix, on, channels or output say something.
    apart: Option<Box<dyn Processor>>,
}

impl Entry {
    fn new(args: &Args, slots: usize, first: usize, setup: &Setup, inside: bool) -> Result<Entry, Refused> {
        let band =
            band::of(args).ok_or_else(|| Refused::new(format!("`{}` is no band of an equaliser", args.of.name)))?;
        let slope = band.slope(args);
        let settings = band.at_rest(args);
        let one = args.moving.is_empty() && band.does_with_one(settings, slope, setup.rate);
        let (prototypes, count) = band.sections(settings, slope, setup.rate, one);
        let now = prototypes.map(|p| Variable::new(&p));
        let apart = if inside && !common::is_bare(args) { Some(catalogue::build(args, setup)?) } else { None };
        Ok(Entry {
            band,
            slope,
            first,
            count: if apart.is_some() { 0 } else { count },
            slots,
            settings,
            before: settings,
            now,
            then: now,
            start: settings,
            identity: false,
            one,
            mode: Mode::Stands,
            rested: true,
            apart,
        })
    }

    fn design(&self, settings: Settings, rate: Rate) -> [Prototype; MOST] {
        self.band.sections(settings, self.slope, rate, self.one).0
    }

    /// Brings its sections to `settings`.
    fn stand(&mut self, settings: Settings, rate: Rate, sections: &mut [Section]) {
        let prototypes = self.design(settings, rate);
        let mine = &mut sections[self.first..][..self.count];
        mine.iter_mut().zip(&prototypes).for_each(|(section, p)| *section = p.section());
        self.identity = mine.iter().all(Section::is_identity);
        self.settings = settings;
    }

    /// Brings its way to the cell with `settings`: a new cell goes on from the last one, and from nowhere when there is nothing to disturb.
    fn go(&mut self, settings: Settings, begins: bool, rate: Rate) {
        if begins {
            (self.before, self.then) = (self.settings, self.now);
        }
        if settings != self.settings {
            self.now = self.design(settings, rate).map(|p| Variable::new(&p));
            self.settings = settings;
        }
        if self.rested {
            (self.before, self.then) = (self.settings, self.now);
        }
    }
}

impl Bank {
    /// One band alone; its common parameters are the caller's.
    pub(super) fn of_one(args: &Args, setup: &Setup) -> Result<Bank, Refused> {
        let entry = Entry::new(args, 0, 0, setup, false)?;
        Ok(Bank::new(vec![entry], setup))
    }

    /// Bands with their common parameters, of which the first one's slots begin at `slots`.
    pub(super) fn of_bands<'a>(
        bands: impl Iterator<Item = &'a Args>,
        mut slots: usize,
        setup: &Setup,
    ) -> Result<Bank, Refused> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut first = 0;
        for args in bands {
            let entry = Entry::new(args, slots, first, setup, true)?;
            slots += args.slots();
            first += entry.count;
            entries.push(entry);
        }
        Ok(Bank::new(entries, setup))
    }

    fn new(mut entries: Vec<Entry>, setup: &Setup) -> Bank {
        let count = entries.iter().map(|e| e.count).sum();
        let mut sections = vec![Section::default(); count];
        for entry in &mut entries {
            entry.stand(entry.settings, setup.rate, &mut sections);
        }
        let states = vec![Pair::default(); count * setup.layout.channels().div_ceil(2)];
        let (row, row_states) = (sections.clone(), states.clone());
        Bank { entries, sections, states, row, row_states, rate: setup.rate, isa: Level::find(), stands: false }
    }

    /// Looks at each band's values: how it runs in this block.
    fn look(&mut self, values: &Values<'_>) {
        if self.stands {
            return;
        }
        for entry in &mut self.entries {
            let values = values.child(entry.slots);
            entry.mode = if entry.apart.is_some() {
                Mode::Apart
            } else if entry.band.moves(&values) {
                Mode::Moves
            } else {
                let settings = entry.band.in_cell(&values, 0);
                if settings != entry.settings {
                    entry.stand(settings, self.rate, &mut self.sections);
                }
                if entry.identity { Mode::Idle } else { Mode::Stands }
            };
        }
        self.stands = self.entries.iter().all(|entry| entry.mode != Mode::Moves);
    }

    /// The entries `from..to`, none of them apart, over the block: cell by cell where one moves.
    fn run(&mut self, from: usize, to: usize, at: i64, audio: &mut Planes<'_>, values: &Values<'_>) {
        let stride = self.sections.len();
        let moves = self.entries[from..to].iter().any(|entry| entry.mode == Mode::Moves);
        let mut begun = 0;
        while begun < audio.frames() {
            let (start, end) =
                (begun, if moves { cell(at, begun, audio.frames()) } else { whole(at, begun, audio.frames()) });
            begun = end;
            let mut cell = audio.slice(start, end);
            let place = (at + start as i64).rem_euclid(GRID) as usize;
            let mut next = from;
            while next < to {
                let entry = &mut self.entries[next];
                match entry.mode {
                    Mode::Moves => {
                        let settings = entry.band.in_cell(&values.child(entry.slots), start);
                        entry.go(settings, place == 0, self.rate);
                        for k in 0..entry.count {
                            let way = Way::new(&entry.then[k], &entry.now[k], place, end - start);
                            for (channel, samples) in cell.each_mut().enumerate() {
                                let pair = &mut self.states[channel / 2 * stride + entry.first + k];
                                let lane = channel % 2;
                                (pair.u1[lane], pair.u2[lane]) = way.run((pair.u1[lane], pair.u2[lane]), samples);
                            }
                        }
                        next += 1;
                    }
                    Mode::Stands => {
                        let first = next;
                        while next < to && matches!(self.entries[next].mode, Mode::Stands | Mode::Idle) {
                            next += 1;
                        }
                        self.stand(first, next, place, &mut cell);
                    }
                    Mode::Idle | Mode::Apart => next += 1,
                }
            }
            if (at + end as i64).rem_euclid(GRID) == 0 {
                self.settle(from, to);
            }
        }
    }

    /// The entries `from..to`, which stand or do nothing, over a block: those that stand as one cascade.
    fn stand(&mut self, from: usize, to: usize, place: usize, audio: &mut Planes<'_>) {
        let stands = standing(&self.entries[from..to]);
        let mut count = 0;
        for k in stands.clone().flatten() {
            self.row[count] = self.sections[k];
            count += 1;
        }
        let stride = self.sections.len();
        for (own, row) in self.states.chunks(stride).zip(self.row_states.chunks_mut(count)) {
            row.iter_mut().zip(stands.clone().flatten()).for_each(|(to, k)| *to = own[k]);
        }
        cascade::run(self.isa, &self.row[..count], &mut self.row_states, count, place, audio);
        for (own, row) in self.states.chunks_mut(stride).zip(self.row_states.chunks(count)) {
            row.iter().zip(stands.clone().flatten()).for_each(|(from, k)| own[k] = *from);
        }
    }

    /// Where a cell ends decayed states become zero.
    fn settle(&mut self, from: usize, to: usize) {
        let stride = self.sections.len();
        for entry in &mut self.entries[from..to] {
            entry.rested = true;
            for states in self.states.chunks_mut(stride) {
                for pair in &mut states[entry.first..][..entry.count] {
                    pair.flush();
                    entry.rested &= pair.is_at_rest();
                }
            }
        }
    }

    fn is_at_rest(&self, from: usize, to: usize) -> bool {
        let (first, last) = (self.entries[from].first, &self.entries[to - 1]);
        let mine = first..last.first + last.count;
        self.entries[from..to].iter().all(|e| e.rested)
            && self.states.chunks(self.sections.len()).all(|s| s[mine.clone()].iter().all(Pair::is_at_rest))
    }
}

/// The sections of those entries that stand, by their places.
fn standing(entries: &[Entry]) -> impl Iterator<Item = Range<usize>> + Clone {
    entries.iter().filter(|entry| entry.mode == Mode::Stands).map(|entry| entry.first..entry.first + entry.count)
}

/// Where the cell ends in which frame `from` of a block from song time `at` on is: one past its last frame, of at most `frames`.
fn cell(at: i64, from: usize, frames: usize) -> usize {
    let into = (at + from as i64).rem_euclid(GRID) as usize;
    (from + GRID as usize - into).min(frames)
}

/// As far as cells are whole, or else to the end.
fn whole(at: i64, from: usize, frames: usize) -> usize {
    let over = (at + frames as i64).rem_euclid(GRID) as usize;
    if frames > from + over { frames - over } else { frames }
}

impl Processor for Bank {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        self.look(&io.params);
        let mut silent = io.audio.is_silent();
        let mut through = true;
        let mut next = 0;
        while next < self.entries.len() {
            let begin = next;
            while next < self.entries.len() && self.entries[next].mode != Mode::Apart {
                next += 1;
            }
            if begin < next {
                let idle = self.entries[begin..next].iter().all(|e| e.mode == Mode::Idle);
                let resting = silent && self.is_at_rest(begin, next);
                if !(idle || resting) {
                    self.run(begin, next, io.at, &mut io.audio, &io.params);
                    (silent, through) = (false, false);
                }
            }
            if let Some(Entry { slots, apart: Some(apart), .. }) = self.entries.get_mut(next) {
                let params = io.params.child(*slots);
                let flow = apart.process(&mut Io { at: io.at, audio: io.audio.reborrow(), keys: &[], params });
                through &= flow == Flow::Through || silent && flow == Flow::Silent;
                silent = flow == Flow::Silent;
                next += 1;
            }
        }
        match (silent, through) {
            (true, _) => Flow::Silent,
            (false, true) => Flow::Through,
            (false, false) => Flow::Written,
        }
    }

    fn standing(&mut self, params: &Values<'_>) -> Option<Standing> {
        self.look(params);
        let still = |entry: &Entry| matches!(entry.mode, Mode::Stands | Mode::Idle);
        let alone = self.states.len() == self.sections.len();
        if !alone || !self.entries.iter().all(still) {
            return None;
        }
        Standing::new(standing(&self.entries).flatten().map(|k| (&self.sections[k], &self.states[k])))
    }

    fn stood(&mut self, lent: &Standing) {
        for (k, state) in standing(&self.entries).flatten().zip(&lent.states) {
            self.states[k] = *state;
        }
        self.settle(0, self.entries.len());
    }

    fn reset(&mut self) {
        self.stands = false;
        self.states.fill(Pair::default());
        for entry in &mut self.entries {
            entry.rested = true;
            entry.stand(entry.start, self.rate, &mut self.sections);
            entry.before = entry.start;
            entry.now = entry.design(entry.start, self.rate).map(|p| Variable::new(&p));
            entry.then = entry.now;
            if let Some(apart) = &mut entry.apart {
                apart.reset();
            }
        }
    }

    fn save(&self, into: &mut StateWriter) {
        cascade::save(&self.states, into);
        for entry in &self.entries {
            into.u64(u64::from(entry.rested));
            for settings in [entry.before, entry.settings] {
                into.all(&[settings.frequency, settings.gain, settings.q]);
            }
            if let Some(apart) = &entry.apart {
                apart.save(into);
            }
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.stands = false;
        cascade::load(&mut self.states, from)?;
        for entry in &mut self.entries {
            entry.rested = from.u64()? != 0;
            for way in [true, false] {
                let mut all = [0.0; 3];
                from.all(&mut all)?;
                let settings = Settings { frequency: all[0], gain: all[1], q: all[2] };
                let design = entry.design(settings, self.rate).map(|p| Variable::new(&p));
                if way {
                    (entry.before, entry.then) = (settings, design);
                } else {
                    entry.now = design;
                    entry.stand(settings, self.rate, &mut self.sections);
                }
            }
            if let Some(apart) = &mut entry.apart {
                apart.load(from)?;
            }
        }
        Ok(())
    }
}
