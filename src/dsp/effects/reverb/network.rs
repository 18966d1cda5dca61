use super::absorption::Absorption;
use super::rotation::Rotation;
use crate::audio::{StateError, StateReader, StateWriter};
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::hadamard::{Cell, EMPTY, LINES, hadamard};

/// The feedback delay network: sixteen lines, each with its absorption, mixed all into all and fed back. Without the absorption it would
/// keep its energy for ever, so that alone decides on the decay.
#[derive(Clone, Debug)]
pub(super) struct Network {
    lengths: [usize; LINES],
    lines: Vec<DelayLine>,
    absorption: Absorption,
    rotation: Rotation,
    back: Box<Cell>,
}

impl Network {
    pub(super) fn new(lengths: [usize; LINES], absorption: Absorption, rotation: Rotation) -> Network {
        let lines = lengths.iter().map(|m| DelayLine::new(*m)).collect();
        Network { lengths, lines, absorption, rotation, back: Box::new(EMPTY) }
    }

    /// Adds the diffuse sound in `cell` to what the lines return, mixes it and leaves the mix in `cell`: any two of its channels are two
    /// uncorrelated views of the room. The mix, turned, goes back into the lines. With `listen` the highest magnitude of it is returned.
    pub(super) fn run(&mut self, cell: &mut Cell, at: i64, frames: usize, listen: bool) -> f64 {
        let back = &mut *self.back;
        for i in 0..LINES {
            self.lines[i].read(self.lengths[i], &mut back[i][..frames]);
        }
        self.absorption.run(back, cell, frames);
        hadamard(cell);
        self.rotation.run(cell, back, at);
        for i in 0..LINES {
            self.lines[i].write(&back[i][..frames]);
        }
        if !listen {
            return f64::INFINITY;
        }
        back.iter().flat_map(|line| &line[..frames]).fold(0.0, |peak: f64, x| peak.max(x.abs()))
    }

    pub(super) fn flush(&mut self) {
        self.absorption.flush();
    }

    pub(super) fn clear(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::clear);
        self.absorption.clear();
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.lines.iter().for_each(|line| line.save(into));
        self.absorption.save(into);
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.lines.iter_mut().try_for_each(|line| line.load(from))?;
        self.absorption.load(from)
    }
}
