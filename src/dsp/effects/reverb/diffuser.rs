use super::room::{Room, STEPS};
use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::dsp::GRID;
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::hadamard::{Cell, EMPTY, LINES, blend, hadamard};

/// Makes one click a dense cloud: each step delays sixteen channels by different times, exchanges them and mixes them, so that after
/// three steps every channel holds 4096 echoes (G. Luff, "Let's Write A Reverb", Signalsmith Audio, ADC 2021). The mixing of the
/// third step is the network's own.
#[derive(Clone, Debug)]
pub(super) struct Diffuser {
    /// The first step's delays and order: it has no lines of its own, the input's are read at sixteen places.
    first: ([usize; LINES], [usize; LINES]),
    steps: [Step; STEPS - 1],
    cell: Box<Cell>,
    /// Tangent and cosine of the butterflies' angle; `None` is full diffusion.
    angle: Option<(f64, f64)>,
}

#[derive(Clone, Debug)]
struct Step {
    lines: Vec<DelayLine>,
    delays: [usize; LINES],
    order: [usize; LINES],
}

impl Step {
    fn run(&mut self, from: &Cell, into: &mut Cell, frames: usize) {
        for i in 0..LINES {
            let line = &mut self.lines[i];
            line.write(&from[i][..frames]);
            line.read(self.delays[i] + frames, &mut into[self.order[i]][..frames]);
        }
    }
}

impl Diffuser {
    /// `diffusion` from 0 (sixteen echoes) to 1.
    pub(super) fn new(room: &Room, diffusion: f64) -> Diffuser {
        let angle = diffusion * std::f64::consts::FRAC_PI_4;
        Diffuser {
            first: (room.steps[0], room.order[0]),
            steps: std::array::from_fn(|s| Step {
                lines: room.steps[s + 1].iter().map(|delay| DelayLine::new(delay + GRID as usize)).collect(),
                delays: room.steps[s + 1],
                order: room.order[s + 1],
            }),
            cell: Box::new(EMPTY),
            angle: (diffusion < 1.0).then(|| (math::tan(angle), math::cos(angle))),
        }
    }

    /// Fills `frames` of a cell with what entered `input` (left and right) `before` frames ago: even channels from the left, odd ones from
    /// the right, so that a sound on both sides enters with energy 16.
    pub(super) fn run(&mut self, input: [&DelayLine; 2], before: usize, cell: &mut Cell, frames: usize) {
        for i in 0..LINES {
            let delay = before + self.first.0[i] + frames;
            input[i % 2].read(delay, &mut self.cell[self.first.1[i]][..frames]);
        }
        self.mix();
        self.steps[0].run(&self.cell, cell, frames);
        std::mem::swap(&mut *self.cell, cell);
        self.mix();
        self.steps[1].run(&self.cell, cell, frames);
    }

    fn mix(&mut self) {
        match self.angle {
            None => hadamard(&mut self.cell),
            Some((tangent, cosine)) => blend(&mut self.cell, tangent, cosine),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &DelayLine> {
        self.steps.iter().flat_map(|step| &step.lines)
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut DelayLine> {
        self.steps.iter_mut().flat_map(|step| &mut step.lines)
    }

    pub(super) fn clear(&mut self) {
        self.lines_mut().for_each(DelayLine::clear);
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.lines().for_each(|line| line.save(into));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.lines_mut().try_for_each(|line| line.load(from))
    }
}
