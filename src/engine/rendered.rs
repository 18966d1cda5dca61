//! What a run leaves.

use super::{Failure, Written, output};
use crate::analysis::Measurement;
use crate::graph::Key;

/// What a run made: measured and whole, but under no name yet. Dropped, it leaves nothing.
pub struct Rendered {
    pub(super) outputs: Vec<output::Output>,
    /// What was measured of each output, without what only a finished file has (its hash).
    pub measured: Vec<Measurement>,
    /// The deepest reduction of each node's first limiter, in dB: 0 where there is none.
    pub reductions: Vec<f64>,
    /// And of the limiter at each output's end.
    pub last: Vec<f64>,
    /// The largest difference between the sum of the stems and what the mix heard, when the plan asked for the proof.
    pub proof: Option<f64>,
    /// By node: how many of its segments were run.
    pub ran: Vec<usize>,
    /// Of every sum that was made of an earlier one and not kept: its seal. As long as one track alone is another than in those that are kept, it is
    /// cheaper to take it out of them each time; but a sum that is the same once more is kept after all.
    pub spared: Vec<Key>,
    /// All sums of the plan are in the store now: the next ones can be made of them.
    pub summed: bool,
    /// Whether every strip began at the song's beginning or with what it was before: false for a preview with a pre-roll.
    pub exact: bool,
}

impl Rendered {
    /// Puts the outputs under their names, but for those of which `keep` says no.
    ///
    /// # Errors
    /// [`Failure::Write`]: then those before it have appeared.
    pub fn keep(self, keep: impl Fn(usize) -> bool) -> Result<Vec<Option<Written>>, Failure> {
        let one = |(i, output): (usize, output::Output)| if keep(i) { output.finish().map(Some) } else { Ok(None) };
        self.outputs.into_iter().enumerate().map(one).collect()
    }
}
