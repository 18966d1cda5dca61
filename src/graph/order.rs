//! An order in which everything comes after what it hears; circles and strips that nothing hears.

use super::draft::Draft;
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::session::StripId;

/// All strips, every one after what feeds or steers it. `None` after a circle, which was reported.
pub(super) fn order(drafts: &[Draft], found: &mut Diagnostics) -> Option<Vec<StripId>> {
    let mut walk =
        Walk { drafts, state: vec![State::New; drafts.len()], path: Vec::new(), order: Vec::new(), circles: 0 };
    for index in 0..drafts.len() {
        walk.visit(index, found);
    }
    (walk.circles == 0).then_some(walk.order)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Walk<'a> {
    drafts: &'a [Draft],
    state: Vec<State>,
    /// The strips that are open, each with the place at which it hears the next.
    path: Vec<(usize, Span)>,
    order: Vec<StripId>,
    circles: usize,
}

impl Walk<'_> {
    // Depth-first by hand: a session may be a chain of ten thousand buses, deeper than a thread's stack.
    fn visit(&mut self, index: usize, found: &mut Diagnostics) {
        if self.state[index] != State::New {
            return;
        }
        let mut stack = vec![(index, 0usize)];
        self.state[index] = State::Open;
        while let Some((at, next)) = stack.last_mut() {
            let (at, turn) = (*at, *next);
            *next += 1;
            let Some((from, span)) = hears(&self.drafts[at], turn) else {
                self.state[at] = State::Done;
                self.order.push(StripId(at));
                stack.pop();
                self.path.pop();
                continue;
            };
            match self.state[from] {
                State::Done => {}
                State::New => {
                    self.state[from] = State::Open;
                    self.path.push((at, span));
                    stack.push((from, 0));
                }
                State::Open => {
                    self.path.push((at, span));
                    self.report(from, found);
                    self.path.pop();
                }
            }
        }
    }

    fn report(&mut self, from: usize, found: &mut Diagnostics) {
        self.circles += 1;
        if found.full() {
            return;
        }
        let start = self.path.iter().position(|(at, _)| *at == from).unwrap_or(0);
        // the path goes from listener to what it hears; told as sound flows, it reads backwards
        let hops: Vec<(usize, Span)> = self.path[start..].iter().rev().copied().collect();
        let name = |index: usize| &self.drafts[index].name;
        let mut story = vec![format!("`{}`", name(from))];
        let mut feeder = from;
        let mut diagnostic_labels = Vec::new();
        for (listener, span) in &hops {
            story.push(format!("`{}`", name(*listener)));
            diagnostic_labels.push((*span, format!("`{}` feeds `{}` here", name(feeder), name(*listener))));
            feeder = *listener;
        }
        let mut diagnostic =
            Diagnostic::error(Code::CYCLE, format!("the sound goes in a circle: {}", story.join(" to ")));
        // `mix` feeds `master` without a word of the script
        let written = |(span, _): &(Span, String)| !span.is_empty();
        for (span, text) in diagnostic_labels.into_iter().filter(written) {
            diagnostic = diagnostic.label(span, text);
        }
        found.push(diagnostic.help(
            "take one of these routes, sends or keys out; for an echo that feeds itself, use `delay(feedback: …)`",
        ));
    }
}

/// What a strip hears at one of its turns, without a walk over those before: a bus may hear a hundred thousand sends.
fn hears(draft: &Draft, turn: usize) -> Option<(usize, Span)> {
    match draft.inputs.get(turn) {
        Some(edge) => Some((edge.from.0, edge.span)),
        None => draft.keys.get(turn - draft.inputs.len()).map(|key| (key.from.0, key.span)),
    }
}

/// What a strip hears and where that is said.
fn heard(draft: &Draft) -> impl Iterator<Item = (usize, Span)> {
    draft.inputs.iter().map(|e| (e.from.0, e.span)).chain(draft.keys.iter().map(|k| (k.from.0, k.span)))
}

/// Marks everything that is heard by `roots`, themselves included.
pub(super) fn reach(drafts: &[Draft], roots: impl IntoIterator<Item = StripId>) -> Vec<bool> {
    let mut reached = vec![false; drafts.len()];
    let mut stack: Vec<usize> = roots.into_iter().map(|id| id.0).collect();
    while let Some(index) = stack.pop() {
        if !std::mem::replace(&mut reached[index], true) {
            stack.extend(heard(&drafts[index]).map(|(from, _)| from));
        }
    }
    reached
}
