//! Loudness over time: windows of 400 ms and 3 s over K-weighted energy in steps of 10 ms (BS.1770-5, EBU Tech 3341).

use super::gate;
use super::weighting::{Pair, Weighting};
use crate::audio::isa::Level;
use crate::audio::{StateError, StateReader, StateWriter};
use crate::units::Rate;

/// Steps a second. The windows move by one step: Tech 3341's signals 10 to 14 cannot be met by less than 50 a second.
pub(super) const STEPS: u32 = 100;
/// Steps in 400 ms, in 3 s, and between gating blocks, which overlap by 75 %; the loudness range is read as often as they.
const MOMENTARY: usize = 40;
const SHORT_TERM: usize = 300;
const BLOCK: u64 = 10;

/// The energies of the last steps in one piece: they move along a longer row and seldom back to its start.
#[derive(Clone, Debug)]
struct Steps {
    row: Vec<f64>,
    at: usize,
}

impl Steps {
    fn new() -> Steps {
        Steps { row: vec![0.0; 4 * SHORT_TERM], at: SHORT_TERM }
    }

    fn push(&mut self, energy: f64) {
        if self.at == self.row.len() {
            self.row.copy_within(self.at - SHORT_TERM.., 0);
            self.at = SHORT_TERM;
        }
        self.row[self.at] = energy;
        self.at += 1;
    }

    fn last(&self, steps: usize) -> &[f64] {
        &self.row[self.at - steps..self.at]
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.at = SHORT_TERM;
        from.all(&mut self.row[..SHORT_TERM])
    }
}

/// Integrated, momentary and short-term loudness and range of one programme, and the integrated loudness of its fold to mono.
#[derive(Clone, Debug)]
pub(super) struct Loudness {
    weighting: Weighting,
    /// Channels that count, two by two, with what each counts.
    pairs: Vec<([usize; 2], [f64; 2], Pair)>,
    /// Frames in a step.
    step: f64,
    steps: Steps,
    /// Steps since the start.
    count: u64,
    /// The largest energies of a window.
    momentary: f64,
    short_term: f64,
    /// Of each gating block, and of each short-term reading.
    blocks: Vec<f64>,
    readings: Vec<f64>,
    /// The same of (L+R)/2 on both channels, for stereo.
    fold: Option<Fold>,
}

#[derive(Clone, Debug)]
struct Fold {
    steps: Steps,
    blocks: Vec<f64>,
}

impl Loudness {
    /// `weights`: what each channel counts.
    pub(super) fn new(rate: Rate, weights: &[f64]) -> Loudness {
        let heard: Vec<usize> = (0..weights.len()).filter(|channel| weights[*channel] > 0.0).collect();
        let pairs = heard.chunks(2).map(|pair| match *pair {
            [a, b] => ([a, b], [weights[a], weights[b]], Pair::default()),
            _ => ([pair[0]; 2], [weights[pair[0]], 0.0], Pair::default()),
        });
        Loudness {
            weighting: Weighting::new(rate),
            pairs: pairs.collect(),
            step: rate.hz() / f64::from(STEPS),
            steps: Steps::new(),
            count: 0,
            momentary: 0.0,
            short_term: 0.0,
            blocks: Vec::new(),
            readings: Vec::new(),
            fold: (weights.len() == 2).then(|| Fold { steps: Steps::new(), blocks: Vec::new() }),
        }
    }

    /// One step of 10 ms: channel `c` is `rows(c)`. A last one may be shorter, which counts as filled up with silence; no gating block ends there.
    pub(super) fn step<'a>(&mut self, whole: bool, rows: impl Fn(usize) -> &'a [f64]) {
        let (mut energy, mut both) = (0.0, 0.0);
        for (channels, weights, pair) in &mut self.pairs {
            let read = pair.run(&self.weighting, rows(channels[0]), rows(channels[1]));
            energy += weights[0] * read.each[0] + weights[1] * read.each[1];
            both = read.both;
        }
        self.steps.push(energy / self.step);
        self.count += 1;
        let momentary = mean(self.steps.last(MOMENTARY));
        let short_term = mean(self.steps.last(SHORT_TERM));
        // an energy that isn't a number stays
        let raise = |most: f64, x: f64| if x <= most || most.is_nan() { most } else { x };
        self.momentary = raise(self.momentary, momentary);
        self.short_term = raise(self.short_term, short_term);
        let due = |window: usize| whole && self.count >= window as u64 && self.count.is_multiple_of(BLOCK);
        if due(MOMENTARY) {
            self.blocks.push(momentary);
        }
        if due(SHORT_TERM) {
            self.readings.push(short_term);
        }
        if let Some(fold) = &mut self.fold {
            // two loudspeakers, each with half of both
            fold.steps.push(0.5 * both / self.step);
            if due(MOMENTARY) {
                fold.blocks.push(mean(fold.steps.last(MOMENTARY)));
            }
        }
    }

    /// What comes next doesn't follow what came: filters and windows begin anew.
    pub(super) fn gap(&mut self) {
        self.pairs.iter_mut().for_each(|(_, _, pair)| *pair = Pair::default());
        self.count = 0;
        self.steps = Steps::new();
        if let Some(fold) = &mut self.fold {
            fold.steps = Steps::new();
        }
    }

    /// Takes in another programme's blocks and maxima.
    pub(super) fn join(&mut self, other: &Loudness) {
        let raise = |most: f64, x: f64| if x <= most || most.is_nan() { most } else { x };
        self.momentary = raise(self.momentary, other.momentary);
        self.short_term = raise(self.short_term, other.short_term);
        self.blocks.extend(&other.blocks);
        self.readings.extend(&other.readings);
        match (&mut self.fold, &other.fold) {
            (Some(ours), Some(theirs)) => ours.blocks.extend(&theirs.blocks),
            _ => self.fold = None,
        }
    }

    /// Of the last 400 ms and 3 s.
    pub(super) fn now(&self) -> (Option<f64>, Option<f64>) {
        let level = |window| gate::level(mean(self.steps.last(window)));
        (level(MOMENTARY), level(SHORT_TERM))
    }

    pub(super) fn integrated(&self) -> Option<f64> {
        self.is_sound().then(|| gate::integrated(&self.blocks))?
    }

    pub(super) fn momentary(&self) -> Option<f64> {
        gate::level(self.momentary)
    }

    pub(super) fn short_term(&self) -> Option<f64> {
        gate::level(self.short_term)
    }

    pub(super) fn range(&self) -> Option<f64> {
        self.is_sound().then(|| gate::range(&self.readings))?
    }

    /// Integrated loudness minus the fold's; a fold below the gate counts as on it.
    pub(super) fn mono_loss(&self) -> Option<f64> {
        let fold = gate::integrated(&self.fold.as_ref()?.blocks).unwrap_or(gate::ABSOLUTE);
        Some(self.integrated()? - fold)
    }

    /// Nothing was heard that isn't a number.
    fn is_sound(&self) -> bool {
        self.momentary.is_finite()
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.pairs.iter().for_each(|(_, _, pair)| pair.save(into));
        into.u64(self.count);
        into.all(&[self.momentary, self.short_term]);
        into.all(self.steps.last(SHORT_TERM));
        list(into, &self.blocks);
        list(into, &self.readings);
        into.u64(u64::from(self.fold.is_some()));
        if let Some(fold) = &self.fold {
            into.all(fold.steps.last(SHORT_TERM));
            list(into, &fold.blocks);
        }
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.pairs.iter_mut().try_for_each(|(_, _, pair)| pair.load(from))?;
        self.count = from.u64()?;
        from.all(std::slice::from_mut(&mut self.momentary))?;
        from.all(std::slice::from_mut(&mut self.short_term))?;
        self.steps.load(from)?;
        load_list(from, &mut self.blocks)?;
        load_list(from, &mut self.readings)?;
        match (from.u64()?, &mut self.fold) {
            (0, fold) => *fold = None,
            (1, Some(fold)) => {
                fold.steps.load(from)?;
                load_list(from, &mut fold.blocks)?;
            }
            _ => return Err(StateError),
        }
        Ok(())
    }
}

fn list(into: &mut StateWriter, values: &[f64]) {
    into.u64(values.len() as u64);
    into.all(values);
}

fn load_list(from: &mut StateReader<'_>, values: &mut Vec<f64>) -> Result<(), StateError> {
    values.clear();
    // nothing is reserved: the length may be wrong, and the bytes end it
    for _ in 0..from.u64()? {
        values.push(from.f64()?);
    }
    Ok(())
}

fn mean(energies: &[f64]) -> f64 {
    super::sums::sum(Level::find(), energies) / energies.len() as f64
}
