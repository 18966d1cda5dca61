//! Where a bus's sum comes from: from all that it hears, from the store, or from an earlier sum in the store with what has changed taken out and put in.

use crate::audio::isa::Level;
use crate::audio::{Block, Planes, samples};
use crate::engine::needs::Sum;
use crate::engine::params::Followers;
use crate::engine::slots::Slots;
use crate::engine::sum::{Input, sum};
use crate::engine::whole::Whole;
use crate::graph::Undo;
use crate::graph::plan::Node;

/// A segment of a strip's sum, to be kept or as it was kept.
pub(super) struct Total {
    sum: Whole,
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
            sum: Whole::new(channels),
            sounds: false,
            minus: undo.map_or(Vec::new(), |undo| undo.minus.iter().map(inputs).collect()),
            plus: undo.map_or(Vec::new(), |undo| undo.plus.iter().map(|i| inputs(&node.inputs[*i])).collect()),
            taken: Block::new(channels, block),
        }
    }

    /// Takes what was kept of a segment; false for what is no sum.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        match self.sum.read(bytes) {
            Some(sounds) => {
                self.sounds = sounds;
                true
            }
            None => false,
        }
    }

    /// The bytes of the segment, to be kept; none where it is too loud for that.
    pub(super) fn parts(&mut self) -> Option<[&[u8]; 3]> {
        self.sum.parts(!self.sounds)
    }

    /// Begins a segment that is summed anew.
    pub(super) fn begin(&mut self) {
        self.sounds = false;
        self.sum.begin();
    }

    /// Takes down what was summed at frame `at`.
    pub(super) fn note(&mut self, at: usize, sounds: bool, planes: &Planes<'_>) {
        self.sounds |= sounds;
        for channel in 0..planes.channels() {
            self.sum.put(channel, at, planes.channel(channel));
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
            self.sum.get(channel, at, out.channel_mut(channel));
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
