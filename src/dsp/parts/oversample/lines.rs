use super::{CELL, TILE};
use crate::audio::{Aligned, StateError, StateReader, StateWriter};

/// In samples: what lies in one cache line.
const LINE: usize = 16;

/// A sound at a multiple of the frames' rate, as one line of every so-manieth sample: line q holds the samples q, q + lines, q + 2 lines …, so that what
/// is done to one line is done to neighbours in memory, and no sample ever changes its place. Each line is the past, then a cell.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    data: Aligned<f32>,
    count: usize,
    /// How many past frames are read.
    past: usize,
    /// Where the new frames begin in a line.
    first: usize,
}

impl Lines {
    /// `count` lines, zeros; filters over them reach back by `reach` samples.
    pub(super) fn new(count: usize, reach: usize) -> Lines {
        let past = reach.div_ceil(count);
        let first = past.next_multiple_of(LINE);
        Lines { data: Aligned::new(count * (first + CELL)), count, past, first }
    }

    fn stride(&self) -> usize {
        self.first + CELL
    }

    /// Where sample `at` stands, counted from the cell's first one; the one so many samples later in the same line is its neighbour.
    pub(super) fn place(&self, at: isize) -> usize {
        let count = self.count as isize;
        let place = at.rem_euclid(count) * self.stride() as isize + self.first as isize + at.div_euclid(count);
        place as usize
    }

    pub(super) fn data(&self) -> &[f32] {
        &self.data
    }

    /// A whole cell of a line.
    pub(super) fn cell(&mut self, line: usize) -> &mut [f32] {
        let from = line * self.stride() + self.first;
        &mut self.data[from..][..CELL]
    }

    /// The `n` new frames, to be shaped.
    pub(super) fn new_frames(&mut self, n: usize) -> Samples<'_> {
        let (stride, first) = (self.stride(), self.first);
        Samples { data: &mut self.data, stride, first, n }
    }

    /// `n` frames have become past.
    pub(super) fn advance(&mut self, n: usize) {
        let (past, first) = (self.past, self.first);
        let stride = self.stride();
        for line in self.data.chunks_exact_mut(stride) {
            line.copy_within(first + n - past..first + n, first - past);
        }
    }

    fn pasts(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact(self.stride()).map(|line| &line[self.first - self.past..self.first])
    }

    pub(super) fn at_rest(&self) -> bool {
        self.pasts().flatten().all(|x| *x == 0.0)
    }

    pub(super) fn reset(&mut self) {
        self.data.fill(0.0);
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.pasts().for_each(|past| into.all(past));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        let (past, first) = (self.past, self.first);
        let stride = self.stride();
        self.data.chunks_exact_mut(stride).try_for_each(|line| from.all(&mut line[first - past..first]))
    }
}

/// What is to be shaped: `n` frames at the highest rate.
#[derive(Debug)]
pub struct Samples<'a> {
    data: &'a mut [f32],
    stride: usize,
    first: usize,
    n: usize,
}

impl<'a> Samples<'a> {
    /// One line, as it is without oversampling.
    pub(super) fn of(line: &'a mut [f32]) -> Samples<'a> {
        Samples { stride: line.len(), first: 0, n: line.len(), data: line }
    }

    /// The frames' first samples, all second ones, and so on: for shapes to which the order does not matter.
    pub fn lines(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.data.chunks_exact_mut(self.stride).map(|line| &mut line[self.first..][..self.n])
    }

    pub fn frames(&self) -> usize {
        self.n
    }

    /// How many samples a frame has.
    pub fn count(&self) -> usize {
        self.data.len() / self.stride
    }

    /// All frames' sample `line`.
    pub fn line(&self, line: usize) -> &[f32] {
        &self.data[line * self.stride + self.first..][..self.n]
    }

    /// One frame's samples in their order.
    #[cfg(test)]
    pub(super) fn frame(&mut self, frame: usize) -> impl Iterator<Item = &mut f32> {
        debug_assert!(frame < self.n);
        self.data[self.first + frame..].iter_mut().step_by(self.stride)
    }
}

const _: () = assert!(CELL.is_multiple_of(TILE) && CELL.is_multiple_of(LINE));
