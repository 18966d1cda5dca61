//! A block's way through stages that run behind one another, each [`LAG`] samples behind the one before it: only where the block begins and ends
//! some of them wait. Each comes to the end of a cell at a step of its own.

use crate::dsp::GRID;

/// With one sample between them a step would wait for the one just before it; what came two steps ago is there already.
pub(super) const LAG: usize = 2;

const CELL: usize = GRID as usize;

/// A step where a block begins or ends.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    step: usize,
    frames: usize,
}

impl Edge {
    /// Whether a stage has begun and is not through.
    pub(super) fn has(self, stage: usize) -> bool {
        (LAG * stage..LAG * stage + self.frames).contains(&self.step)
    }

    /// The frame that goes in.
    pub(super) fn first(self) -> Option<usize> {
        (self.step < self.frames).then_some(self.step)
    }

    /// The frame that leaves stage `last`.
    pub(super) fn last(self, last: usize) -> Option<usize> {
        self.step.checked_sub(LAG * last)
    }
}

/// Leads `frames` frames, the first at `place` in its cell, through stages `0..=last` that remember `state`. `step` takes the number of the frame that
/// goes in while all are at work, `edge` says who is where not all are, and `settle` is told which stage has come to a cell's end. What is best done `TWICE`
/// in a row has fewer moves between registers.
#[inline(always)]
pub(super) fn walk<const TWICE: bool, S, A>(
    last: usize,
    mut state: S,
    audio: &mut A,
    (place, frames): (usize, usize),
    step: impl Fn(S, &mut A, usize) -> S,
    edge: impl Fn(S, &mut A, Edge) -> S,
    settle: impl Fn(S, usize) -> S,
) -> S {
    let late = LAG * last;
    let ends = |at: usize| {
        let place = (place + at) % CELL;
        (place <= late && place.is_multiple_of(LAG)).then_some(place / LAG)
    };
    // only a stage that has begun, and is not yet further than its last sample
    let ends_here = |at: usize| ends(at).filter(|stage| (LAG * stage..=LAG * stage + frames).contains(&at));
    let mut at = 0;
    while at < late + frames {
        if (late..frames).contains(&at) {
            while at < frames {
                if let Some(stage) = ends(at) {
                    state = settle(state, stage);
                }
                let place = (place + at) % CELL;
                let next = if place < late { at + LAG - place % LAG } else { at + CELL - place };
                let next = next.min(frames);
                while TWICE && at + 1 < next {
                    state = step(state, audio, at);
                    state = step(state, audio, at + 1);
                    at += 2;
                }
                while at < next {
                    state = step(state, audio, at);
                    at += 1;
                }
            }
        } else {
            if let Some(stage) = ends_here(at) {
                state = settle(state, stage);
            }
            state = edge(state, audio, Edge { step: at, frames });
            at += 1;
        }
    }
    match ends_here(at) {
        Some(stage) => settle(state, stage),
        None => state,
    }
}
