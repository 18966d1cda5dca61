use super::room::{Room, STEPS};
use crate::audio::isa::Level;
use crate::audio::{OnLine, StateError, StateReader, StateWriter};
use crate::dsp::parts::cell::CELL;
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::delay_lines::DelayLines;
use crate::dsp::parts::hadamard::{Cell, EMPTY, Exchange, LINES, mix};
use crate::dsp::parts::single::{QUIET, Singles};

/// Makes one click a dense cloud: each step delays sixteen channels by different times, exchanges them and mixes them, so that after
/// three steps every channel holds 4096 echoes (G. Luff, "Let's Write A Reverb", Signalsmith Audio, ADC 2021). The mixing of the
/// third step is the network's own.
#[derive(Clone, Debug)]
pub(super) struct Diffuser {
    /// The first step's delays and order: it has no lines of its own, the input's are read at sixteen places.
    first: ([usize; LINES], [usize; LINES]),
    steps: [DelayLines<CELL>; STEPS - 1],
    how: Exchange,
    /// Half mixed, and mixed.
    cells: Box<OnLine<[Cell; 2]>>,
}

impl Diffuser {
    /// `diffusion` from 0 (sixteen echoes) to 1.
    pub(super) fn new(room: &Room, diffusion: f64) -> Diffuser {
        let from = room.order.map(|order| std::array::from_fn(|i| order.iter().position(|to| *to == i).unwrap_or(i)));
        Diffuser {
            first: (room.steps[0], from[0]),
            steps: std::array::from_fn(|s| DelayLines::new(room.steps[s + 1], from[s + 1])),
            cells: Box::new(OnLine([EMPTY; 2])),
            how: if diffusion < 1.0 { Exchange::new(diffusion * std::f64::consts::FRAC_PI_4) } else { Exchange::FULL },
        }
    }

    /// What entered `input` (left and right) `before` frames ago, diffused: even channels from the left, odd ones from
    /// the right, so that a sound on both sides enters with energy 16.
    pub(super) fn run(
        &mut self,
        input: [&DelayLine<f32>; 2],
        before: usize,
        level: Level,
        frames: usize,
    ) -> [&Singles; LINES] {
        let mut entered = [&QUIET; LINES];
        for i in 0..LINES {
            let from = self.first.1[i];
            entered[i] = input[from % 2].cell(before + self.first.0[from] + frames);
        }
        let [second, third] = &mut self.steps;
        let [between, mixed] = &mut self.cells.0;
        mix(level, self.how, &entered, mixed, between);
        second.put(level, mixed);
        mix(level, self.how, &second.cells(), mixed, between);
        third.put(level, mixed);
        third.cells()
    }

    /// Lets the first `frames` of the cell be past.
    pub(super) fn pass(&mut self, frames: usize) {
        self.steps.iter_mut().for_each(|step| step.pass(frames));
    }

    /// What the input is to be scaled by, for this and for the mix that follows.
    pub(super) fn scale(&self) -> f64 {
        self.how.scale * self.how.scale * Exchange::FULL.scale
    }

    pub(super) fn clear(&mut self) {
        self.steps.iter_mut().for_each(|step| step.clear());
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.steps.iter().for_each(|step| step.save(into));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.steps.iter_mut().try_for_each(|step| step.load(from))
    }
}
