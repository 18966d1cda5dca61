//! What each strip does at each segment: rest, be read from the store, or run; worked out backwards from what the outputs need, so that nothing is
//! computed that is there already, and nothing is read that nobody hears.

use super::Past;
use super::slots::SEGMENT;
use super::store::{Kind, object};
use crate::dsp::Category;
use crate::graph::plan::{Edge, Node, Output, Plan, Point};
use crate::graph::{Key, Trail, Undo};
use crate::world::Store;

/// What a strip does at a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Work {
    /// Nobody needs it.
    #[default]
    Rest,
    /// Its taps are in the store.
    Read,
    Run {
        sum: Sum,
        /// It did not run at the segment before: its state there is loaded.
        resume: bool,
    },
}

/// Where a strip's sum comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    /// From all that it hears.
    Whole,
    /// From the store.
    Stored,
    /// From an earlier one in the store, with what has changed taken out and put in.
    Undone,
}

/// The work of a run.
pub(super) struct Needs {
    /// By node and segment.
    pub(super) work: Vec<Vec<Work>>,
    /// The taps that are needed of each, as bits of [`bit`].
    taps: Vec<Vec<u8>>,
    /// By node: the taps that are worth keeping.
    pub(super) keep: Vec<Vec<Point>>,
    /// Whether a node's sum is.
    pub(super) keep_sum: Vec<bool>,
    /// The earlier sums have served: every sum that is another now is kept, and what has it runs.
    renews: bool,
}

/// The bit of a tap.
pub(super) fn bit(point: Point) -> u8 {
    1 << (point as u8)
}

const POINTS: [Point; 5] = [Point::Input, Point::Source, Point::Drive, Point::Pre, Point::Post];

/// What is known to be there.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) trail: &'a Trail,
}

impl Known<'_> {
    fn has(&self, kind: Kind, node: usize, segment: usize) -> bool {
        self.trail.nodes[node].get(segment).is_some_and(|key| self.store.has(&object(key, kind)))
    }
}

impl Needs {
    /// Without a store everything that somebody hears runs. `spans`: the segments that each output needs, first and one past the last; `start`: no
    /// strip runs before that segment; one that has no state there begins anew, which only a preview may ask for.
    pub(super) fn new(
        plan: &Plan,
        known: Option<Known<'_>>,
        spans: &[(usize, usize)],
        segments: usize,
        start: usize,
    ) -> Needs {
        let nodes = plan.nodes.len();
        let keep: Vec<Vec<Point>> = plan.nodes.iter().map(worth).collect();
        let keep_sum = (0..nodes).map(|i| worth_summing(plan, i, &keep)).collect();
        let mut needs = Needs {
            work: vec![vec![Work::Rest; segments]; nodes],
            taps: vec![vec![0; segments]; nodes],
            keep,
            keep_sum,
            renews: known.is_some_and(|known| !known.trail.one_is_new(plan)),
        };
        for (output, (from, to)) in plan.outputs.iter().zip(spans) {
            for segment in *from..*to {
                output.inputs.iter().chain(&output.keys).for_each(|edge| needs.hear(edge, segment));
            }
        }
        // every node after all that hear it: tracks of an earlier plan hear only this one's, and stand behind it
        let own = known.map_or(nodes, |known| known.trail.own);
        for node in (0..own).rev().chain((own..nodes).rev()) {
            needs.node(plan, node, known, segments, start);
        }
        // what they are steered by was passed over before: once more, it only grows
        if own < nodes {
            for node in (0..own).rev() {
                needs.node(plan, node, known, segments, start);
            }
        }
        needs
    }

    /// The proof of the stems, where all that it compares is there anyway. Says so.
    pub(super) fn prove(&mut self, plan: &Plan, segments: usize) -> bool {
        let Some(proof) = &plan.proof else { return false };
        let runs = |edge: &Edge| {
            (0..segments)
                .all(|s| matches!(self.work[edge.from][s], Work::Run { .. }) || self.needs(edge.from, edge.point, s))
        };
        let ready = proof.stems.iter().chain(&proof.keys).all(runs)
            && self.work[proof.whole.from].iter().all(|work| matches!(work, Work::Run { .. }));
        if ready {
            for segment in 0..segments {
                proof.stems.iter().chain(&proof.keys).chain([&proof.whole]).for_each(|edge| self.hear(edge, segment));
            }
        }
        ready
    }

    /// The seals of the sums that need not be kept, see [`Rendered::spared`](super::Rendered::spared): of all that are made of earlier ones, or none.
    pub(super) fn spared(&self, past: Past<'_>) -> Vec<Key> {
        if self.renews {
            return Vec::new();
        }
        let Past { trail, spared, .. } = past;
        let undone = |work: &Work| matches!(work, Work::Run { sum: Sum::Undone, .. });
        let nodes = (0..trail.own).filter(|node| self.keep_sum[*node] && self.work[*node].iter().any(undone));
        let seal = |node| trail.seal(node).filter(|seal| !spared.contains(seal));
        nodes.map(seal).collect::<Option<Vec<Key>>>().unwrap_or_default()
    }

    /// Whether all sums are in the store after the run, if those that are made of earlier ones are `kept`.
    pub(super) fn summed(&self, known: Known<'_>, segments: usize, kept: bool) -> bool {
        let trail = known.trail;
        (0..trail.own).filter(|node| self.keep_sum[*node]).all(|node| {
            let Some(sums) = &trail.sums[node] else { return true };
            (0..segments.min(sums.len())).all(|segment| match self.work[node][segment] {
                Work::Run { sum: Sum::Undone, .. } => kept,
                Work::Run { .. } => true,
                _ => known.store.has(&object(&sums[segment], Kind::Sum)),
            })
        })
    }

    pub(super) fn needs(&self, node: usize, point: Point, segment: usize) -> bool {
        self.taps[node][segment] & bit(point) != 0
    }

    /// Somebody hears a tap at a segment: with its delay, it reaches into those before.
    fn hear(&mut self, edge: &Edge, segment: usize) {
        let late = (edge.delay.max(0) as usize).div_ceil(SEGMENT);
        for segment in segment.saturating_sub(late)..=segment {
            self.taps[edge.from][segment] |= bit(edge.point);
        }
    }

    fn node(&mut self, plan: &Plan, index: usize, known: Option<Known<'_>>, segments: usize, start: usize) {
        let node = &plan.nodes[index];
        // from the last segment on: a strip that runs needs what it was before
        for segment in (start..segments).rev() {
            let taps = self.taps[index][segment];
            let after =
                segments > segment + 1 && matches!(self.work[index][segment + 1], Work::Run { resume: false, .. });
            if matches!(self.work[index][segment], Work::Run { .. }) || (taps == 0 && !after) {
                continue;
            }
            let stored = |point: &Point| {
                taps & bit(*point) == 0 || known.is_some_and(|k| k.has(Kind::Tap(*point), index, segment))
            };
            if !after && !self.renews(index, segment, known) && POINTS.iter().all(stored) {
                self.work[index][segment] = Work::Read;
                continue;
            }
            let before = segment.checked_sub(1);
            let runs = before.is_some_and(|before| matches!(self.work[index][before], Work::Run { .. }));
            let resume = !runs && before.is_some_and(|before| known.is_some_and(|k| k.has(Kind::State, index, before)));
            let sum = self.sum(node, index, segment, known);
            self.work[index][segment] = Work::Run { sum, resume };
            node.keys.iter().for_each(|edge| self.hear(edge, segment));
            match (sum, known.and_then(|k| k.trail.undo[index].as_ref())) {
                (Sum::Stored, _) => {}
                (Sum::Undone, Some(undo)) => {
                    undo.minus
                        .iter()
                        .chain(undo.plus.iter().map(|i| &node.inputs[*i]))
                        .for_each(|edge| self.hear(edge, segment));
                }
                _ => node.inputs.iter().for_each(|edge| self.hear(edge, segment)),
            }
        }
    }

    /// Whether a node's sum is to be kept anew and is not there: then it runs, though its taps are there.
    fn renews(&self, index: usize, segment: usize, known: Option<Known<'_>>) -> bool {
        let Some(Known { store, trail }) = known.filter(|_| self.renews && self.keep_sum[index]) else { return false };
        let key = trail.undo[index].as_ref().and_then(|_| trail.sums[index].as_ref()?.get(segment));
        key.is_some_and(|key| !store.has(&object(key, Kind::Sum)))
    }

    fn sum(&self, node: &Node, index: usize, segment: usize, known: Option<Known<'_>>) -> Sum {
        let Some(Known { store, trail }) = known else { return Sum::Whole };
        let has = |keys: &Vec<[u8; 32]>| keys.get(segment).is_some_and(|key| store.has(&object(key, Kind::Sum)));
        if trail.sums[index].as_ref().is_some_and(has) {
            return Sum::Stored;
        }
        let there = |edge: &Edge| known.is_some_and(|k| k.has(Kind::Tap(edge.point), edge.from, segment));
        match &trail.undo[index] {
            Some(undo @ Undo { sums, plus, .. }) if has(sums) => {
                // where all that is the same can be read, adding it up is as cheap and needs nothing of the past
                let rest = (0..node.inputs.len()).filter(|i| !plus.contains(i));
                let mut rest = rest.map(|i| &node.inputs[i]);
                if rest.all(there) && undo.minus.len() + plus.len() > 1 { Sum::Whole } else { Sum::Undone }
            }
            _ => Sum::Whole,
        }
    }
}

/// The taps of a node that are dearer to compute than to read: what buses make of their sums, and of tracks what rooms and long filters do.
fn worth(node: &Node) -> Vec<Point> {
    let dear = |category: Category| matches!(category, Category::Space);
    let pays = match node.inputs.len() {
        0 => node.inserts.iter().any(|insert| dear(insert.args.of.category)),
        inputs => node.spool.is_none() && (!node.inserts.is_empty() || inputs > 1),
    };
    let heard = node.taps.each().filter(|point| !matches!(point, Point::Input | Point::Source));
    if pays { heard.collect() } else { Vec::new() }
}

/// A sum is worth keeping where something goes into it that is not kept itself.
fn worth_summing(plan: &Plan, index: usize, keep: &[Vec<Point>]) -> bool {
    let node = &plan.nodes[index];
    node.inputs.len() > 1 && node.inputs.iter().any(|edge| !keep[edge.from].contains(&edge.point))
}

/// How many segments of each node a run would run.
pub fn foresee(plan: &Plan, past: Option<Past<'_>>) -> Vec<usize> {
    let span = |output: &Output| {
        let frames = [output.from, output.to].map(|frame| (frame + output.latency).max(0) as usize);
        (frames[0] / SEGMENT, frames[1].div_ceil(SEGMENT))
    };
    let spans: Vec<(usize, usize)> = plan.outputs.iter().map(span).collect();
    let segments = spans.iter().map(|span| span.1).max().unwrap_or(0);
    let known = past.map(|past| Known { store: past.store, trail: past.trail });
    let needs = Needs::new(plan, known, &spans, segments, 0);
    needs.work.iter().map(|work| ran(work)).collect()
}

/// At how many segments a strip runs.
pub(super) fn ran(work: &[Work]) -> usize {
    work.iter().filter(|work| matches!(work, Work::Run { .. })).count()
}
