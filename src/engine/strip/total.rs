//! Where a bus's sum comes from: from all that it hears, from the store, or from an earlier sum in the store with what has changed taken out and put in.

use crate::audio::isa::Level;
use crate::audio::{Block, Planes, samples};
use crate::engine::needs::Sum;
use crate::engine::params::Followers;
use crate::engine::slots::{SEGMENT, Slots};
use crate::engine::store::{get_sum, put_sum};
use crate::engine::sum::{Input, sum};
use crate::graph::Undo;
use crate::graph::plan::Node;

/// A segment of a strip's sum, to be kept or as it was kept.
pub(super) struct Total {
    sum: Block,
    /// Whether anything sounds in it.
    sounds: bool,
    minus: Vec<Input>,
    plus: Vec<Input>,
    taken: Block,
}

impl Total {
    pub(super) fn new(node: &Node, undo: Option<&Undo>, block: usize) -> Total {
        let channels = node.layout.channels();
        let inputs = |edge: &crate::graph::plan::Edge| Input::new(edge, block);
        Total {
            sum: Block::new(channels, SEGMENT),
            sounds: false,
            minus: undo.map_or(Vec::new(), |undo| undo.minus.iter().map(inputs).collect()),
            plus: undo.map_or(Vec::new(), |undo| undo.plus.iter().map(|i| inputs(&node.inputs[*i])).collect()),
            taken: Block::new(channels, block),
        }
    }

    /// Takes what was kept of a segment; false for what is no sum.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        match get_sum(bytes, &mut self.sum) {
            Some(sounds) => {
                self.sounds = sounds;
                true
            }
            None => false,
        }
    }

    /// The bytes of the segment, to be kept; false where it is too loud for that.
    pub(super) fn bytes(&self, into: &mut Vec<u8>) -> bool {
        put_sum(&self.sum, !self.sounds, into)
    }

    /// Begins a segment that is summed anew.
    pub(super) fn begin(&mut self) {
        self.sounds = false;
    }

    /// Takes down what was summed at frame `at`.
    pub(super) fn note(&mut self, at: usize, sounds: bool, planes: &Planes<'_>) {
        self.sounds |= sounds;
        for channel in 0..planes.channels() {
            self.sum.channel_mut(channel)[at..at + planes.frames()].copy_from_slice(planes.channel(channel));
        }
    }

    /// The sum of frames `at..` of the segment into `out`. Says whether anything sounds.
    pub(super) fn give(
        &mut self,
        how: Sum,
        slots: &Slots,
        segment: usize,
        at: usize,
        song: i64,
        out: &mut Planes<'_>,
    ) -> bool {
        let n = out.frames();
        for channel in 0..out.channels() {
            out.channel_mut(channel).copy_from_slice(&self.sum.channel(channel)[at..at + n]);
        }
        if how != Sum::Undone {
            return self.sounds;
        }
        // exact both ways: what is left has the bits of a sum that never held it
        let mut followers = Followers::none();
        let mut taken = self.taken.planes(out.channels(), n);
        if sum(&mut self.minus, (false, true), slots, segment, at, song, &mut followers, &mut taken) {
            for channel in 0..out.channels() {
                samples::add_scaled(Level::find(), out.channel_mut(channel), taken.channel(channel), -1.0);
            }
        }
        sum(&mut self.plus, (false, false), slots, segment, at, song, &mut followers, out);
        let sounds = !out.is_silent();
        self.note(at, sounds, out);
        sounds
    }
}
