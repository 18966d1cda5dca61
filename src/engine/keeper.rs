//! Between the strips of a run and the store: reads what is there, keeps what is worth it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::needs::{Known, Needs, Sum};
use super::slots::{SEGMENT, Slots};
use super::store::{Kind, get_tap, object, tap_parts};
use super::strip::Strip;
use crate::audio::{StateReader, StateWriter};
use crate::graph::plan::{Plan, Point};
use crate::graph::{Key, Undo, breaks};
use crate::units::Rate;

/// A state of at most so many bytes is kept at every segment …
const SMALL: usize = 4096;
/// … a larger one after so many seconds, and before a curve above it may change.
const SECONDS: f64 = 16.0;
/// Of more breaks than this none is waited for.
const BREAKS: usize = 64;

thread_local! {
    /// What comes from the store.
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Keeper<'a> {
    known: Known<'a>,
    /// By node: the segments after which its state is kept; `None`: after every one.
    states: Vec<Option<BTreeSet<usize>>>,
}

/// An object that was there is not, or is not what it should be.
pub(super) struct Lost;

impl<'a> Keeper<'a> {
    pub(super) fn new(known: Known<'a>, plan: &Plan, strips: &[Strip], segments: usize) -> Keeper<'a> {
        let mut above: Vec<BTreeSet<usize>> = Vec::new();
        let mut states = Vec::new();
        for (node, strip) in plan.nodes.iter().zip(strips) {
            let mut own: BTreeSet<usize> =
                breaks(node).filter_map(|frame| usize::try_from(frame).ok()).map(|f| f / SEGMENT).collect();
            for edge in node.inputs.iter().chain(&node.keys).filter(|edge| edge.from < above.len()) {
                own.extend(&above[edge.from]);
            }
            let mut state = StateWriter::new();
            strip.save(&mut state);
            states.push((state.into_bytes().len() > SMALL).then(|| after(&own, plan.rate, segments)));
            above.push(own);
        }
        Keeper { known, states }
    }

    /// What must be undone for a node's sum.
    pub(super) fn undo(&self, node: usize) -> Option<&Undo> {
        self.known.trail.undo[node].as_ref()
    }

    fn key(&self, node: usize, segment: usize, kind: Kind) -> Option<Key> {
        self.known.trail.nodes[node].get(segment).map(|key| object(key, kind))
    }

    fn get<T>(&self, key: Option<Key>, with: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, Lost> {
        BYTES.with_borrow_mut(|bytes| {
            let there = key.is_some_and(|key| self.known.store.get(&key, bytes));
            if there { with(bytes).ok_or(Lost) } else { Err(Lost) }
        })
    }

    /// The key, where nothing is there yet.
    fn lacks(&self, key: Option<Key>) -> Option<Key> {
        key.filter(|key| !self.known.store.has(key))
    }

    /// The taps that somebody needs, into their slots.
    pub(super) fn read(&self, node: usize, segment: usize, needs: &Needs, slots: &Slots) -> Result<(), Lost> {
        for point in [Point::Input, Point::Source, Point::Drive, Point::Pre, Point::Post] {
            if !needs.needs(node, point, segment) {
                continue;
            }
            let Some(mut slot) = slots.write(node, point, segment) else { continue };
            let read = |bytes: &[u8]| get_tap(bytes, &mut slot).then_some(());
            self.get(self.key(node, segment, Kind::Tap(point)), read)?;
        }
        Ok(())
    }

    /// What a strip needs before it runs.
    pub(super) fn prepare(
        &self,
        node: usize,
        segment: usize,
        sum: Sum,
        resume: bool,
        strip: &mut Strip,
    ) -> Result<(), Lost> {
        let trail = self.known.trail;
        let sums = match sum {
            Sum::Whole => None,
            Sum::Stored => trail.sums[node].as_ref(),
            Sum::Undone => trail.undo[node].as_ref().map(|undo| &undo.sums),
        };
        if let Some(sums) = sums {
            let key = sums.get(segment).map(|key| object(key, Kind::Sum));
            self.get(key, |bytes| strip.read_sum(bytes).then_some(()))?;
        }
        if resume {
            let key = segment.checked_sub(1).and_then(|before| self.key(node, before, Kind::State));
            self.get(key, |bytes| strip.load(&mut StateReader::new(bytes)).ok())?;
        }
        Ok(())
    }

    /// What a strip has made of a segment; `sum`: with what it summed.
    pub(super) fn keep(&self, node: usize, segment: usize, sum: bool, needs: &Needs, strip: &mut Strip, slots: &Slots) {
        if node < self.known.trail.own {
            for point in &needs.keep[node] {
                let key = self.lacks(self.key(node, segment, Kind::Tap(*point)));
                if let (Some(key), Some(slot)) = (key, slots.read(node, *point, segment)) {
                    self.known.store.put_parts(&key, &tap_parts(&slot));
                }
            }
            if needs.keep_sum[node] && sum {
                let sums = self.known.trail.sums[node].as_ref();
                let key = sums.and_then(|sums| sums.get(segment)).map(|key| object(key, Kind::Sum));
                if let (Some(key), Some(parts)) = (self.lacks(key), strip.sum_parts()) {
                    self.known.store.put_parts(&key, &parts);
                }
            }
        }
        if self.states[node].as_ref().is_none_or(|after| after.contains(&segment)) {
            let Some(key) = self.lacks(self.key(node, segment, Kind::State)) else { return };
            let mut state = StateWriter::new();
            strip.save(&mut state);
            self.known.store.put(&key, &state.into_bytes());
        }
    }
}

/// After which segments a large state is kept.
fn after(breaks: &BTreeSet<usize>, rate: Rate, segments: usize) -> BTreeSet<usize> {
    let every = ((SECONDS * rate.hz()) as usize / SEGMENT).max(1);
    let steady = (every..segments).step_by(every).map(|segment| segment - 1);
    let before = breaks.iter().filter(|_| breaks.len() <= BREAKS).filter_map(|segment| segment.checked_sub(1));
    steady.chain(before).collect()
}
