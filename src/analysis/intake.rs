//! What has come in, cut into steps of 10 ms wherever the blocks began, behind the samples before it.

use super::loudness::STEPS;
use super::true_peak::HISTORY;
use crate::audio::{Block, PlanesRef, StateError, StateReader, StateWriter};
use crate::units::Rate;

/// The step being filled. Where 10 ms aren't whole frames, steps are of two lengths, so that they never drift.
#[derive(Clone, Debug)]
pub(super) struct Intake {
    rate: u64,
    /// Channels × ([`HISTORY`] + a step).
    block: Block,
    /// Steps since the start, and frames of this one.
    steps: u64,
    filled: usize,
}

impl Intake {
    pub(super) fn new(rate: Rate, channels: usize) -> Intake {
        let most = rate.get().div_ceil(STEPS) as usize;
        // the history is also what follows the last frame
        let block = Block::new(channels, HISTORY + most.max(HISTORY));
        Intake { rate: u64::from(rate.get()), block, steps: 0, filled: 0 }
    }

    /// Frames until the step is full.
    fn left(&self) -> usize {
        let begins = |step: u64| step * self.rate / u64::from(STEPS);
        (begins(self.steps + 1) - begins(self.steps)) as usize - self.filled
    }

    /// Takes frames from the beginning of `planes`, up to the end of the step; gives how many, and whether the step is full.
    pub(super) fn take(&mut self, planes: &PlanesRef<'_>) -> (usize, bool) {
        let (left, at) = (self.left(), HISTORY + self.filled);
        let n = left.min(planes.frames());
        for (channel, plane) in planes.each().enumerate() {
            self.block.channel_mut(channel)[at..at + n].copy_from_slice(&plane[..n]);
        }
        self.filled += n;
        (n, n == left)
    }

    /// The step as it is, without what was before.
    pub(super) fn step(&self, channel: usize) -> &[f64] {
        &self.block.channel(channel)[HISTORY..HISTORY + self.filled]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// The step with [`HISTORY`] older samples before it.
    pub(super) fn rows(&self) -> PlanesRef<'_> {
        self.block.planes_ref(self.block.channels(), HISTORY + self.filled)
    }

    /// On to the next step.
    pub(super) fn turn(&mut self) {
        for channel in 0..self.block.channels() {
            self.block.channel_mut(channel).copy_within(self.filled..self.filled + HISTORY, 0);
        }
        (self.steps, self.filled) = (self.steps + 1, 0);
    }

    /// What follows the last frame: silence, as much as the interpolator hears.
    pub(super) fn silence(&mut self) -> PlanesRef<'_> {
        for channel in 0..self.block.channels() {
            self.block.channel_mut(channel)[HISTORY..2 * HISTORY].fill(0.0);
        }
        self.block.planes_ref(self.block.channels(), 2 * HISTORY)
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.block.clear();
        (self.steps, self.filled) = (0, 0);
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        into.u64(self.steps);
        into.u64(self.filled as u64);
        self.rows().each().for_each(|row| into.all(row));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        (self.steps, self.filled) = (from.u64()?, 0);
        if self.steps > u64::MAX / self.rate - 1 {
            return Err(StateError);
        }
        let filled = from.u64()? as usize;
        // a full step is never kept
        if filled >= self.left() {
            return Err(StateError);
        }
        self.filled = filled;
        (0..self.block.channels()).try_for_each(|c| from.all(&mut self.block.channel_mut(c)[..HISTORY + filled]))
    }
}
