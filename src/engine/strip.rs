//! A strip at work, block by block in cache: clips or a sum, trim, polarity, delay, inserts, fader, and the taps on the way.

mod insert;
mod state;
mod total;
mod turn;

use super::fader::Fader;
use super::needs::Sum;
use super::params::Followers;
use super::slots::Slot;
use super::spool::Reel;
use super::sum::{self, Input};
use super::tape::Tape;
use super::{Failure, Options};
use crate::audio::isa::Level;
use crate::audio::{Block, Layout, math, samples};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::graph::Undo;
use crate::graph::plan::Node;
use crate::units::Rate;
use insert::Running;
use total::Total;
pub(super) use turn::{Scene, abreast};

/// Louder than this is no sound but a mistake (+60 dBFS); it also keeps sums exact.
const LOUDEST: f64 = 1024.0;

pub(super) struct Strip {
    index: usize,
    layout: Layout,
    pre: Layout,
    tape: Option<Tape>,
    inputs: Vec<Input>,
    /// Of a strip whose sum is kept or was.
    total: Option<Box<Total>>,
    trim: f64,
    invert: [bool; 2],
    delay: Option<DelayRing>,
    inserts: Vec<Running>,
    /// The insert before which the sound is tapped for a solve.
    drive: usize,
    reel: Option<Reel>,
    fader: Fader,
    followers: Followers,
    block: Block,
    gate: Vec<f64>,
    latency: crate::graph::plan::Latency,
}

impl Strip {
    /// `total`: its sum is to be kept, or made of what was kept, with this to be undone.
    pub(super) fn new(
        index: usize,
        node: &Node,
        rate: Rate,
        options: &Options,
        total: Option<Option<&Undo>>,
    ) -> Result<Strip, Failure> {
        let block = options.block;
        let channels = node.inserts.iter().map(|i| i.out.channels()).max().unwrap_or(1);
        let channels = channels.max(node.layout.channels()).max(2);
        let inserts: Result<Vec<Running>, Failure> =
            node.inserts.iter().map(|insert| Running::new(insert, node, rate, block)).collect();
        Ok(Strip {
            index,
            layout: node.layout,
            pre: node.pre,
            tape: (!node.clips.is_empty()).then(|| Tape::new(&node.clips, block)),
            inputs: node.inputs.iter().map(|edge| Input::new(edge, block)).collect(),
            total: total.map(|undo| Box::new(Total::new(node, undo, block))),
            trim: node.trim,
            invert: node.invert,
            delay: (node.delay > 0).then(|| DelayRing::new(node.layout.channels(), node.delay as usize)),
            inserts: inserts?,
            drive: node.drive.unwrap_or(node.inserts.len()),
            reel: node.spool.map(Reel::new),
            fader: Fader::new(&node.fader, block),
            followers: Followers::new(node, block),
            block: Block::new(channels, block),
            gate: vec![0.0; block],
            latency: node.latency,
        })
    }

    /// Takes what was kept of its sum for the next segment; false for what is none.
    pub(super) fn read_sum(&mut self, bytes: &[u8]) -> bool {
        self.total.as_mut().is_some_and(|total| total.read(bytes))
    }

    /// The bytes of its last segment's sum, to be kept, where there is one.
    pub(super) fn sum_parts(&mut self) -> Option<[&[u8]; 3]> {
        self.total.as_mut()?.parts()
    }

    /// The deepest reduction of the first limiter, in dB.
    pub(super) fn reduction(&self) -> f64 {
        let least = self.inserts.first().map_or(1.0, |insert| insert.processor.reduction());
        (-math::to_db(least)).max(0.0)
    }

    /// Clips and sums into the block. Says whether anything sounds.
    fn gather(&mut self, from: Sum, scene: &Scene<'_>, at: usize, n: usize, song: i64) -> Result<bool, Failure> {
        let Scene { segment, slots, materials, spools } = *scene;
        let mut planes = self.block.planes(self.layout.channels(), n);
        let fresh = self.tape.is_none() && self.reel.is_none();
        let mut sounds = false;
        match &mut self.tape {
            Some(tape) => sounds |= tape.play(song, &mut planes, materials)?,
            None if !fresh => planes.fill(0.0),
            None => {}
        }
        if let Some(reel) = &mut self.reel {
            sounds |= reel.play(song, &mut planes, spools)?;
        }
        sounds |= match (&mut self.total, from) {
            (Some(total), Sum::Stored | Sum::Undone) => total.give(from, slots, segment, at, song, &mut planes),
            (total, _) => {
                let how = (self.inputs.len() == 1, fresh);
                let any = sum::sum(&mut self.inputs, how, slots, segment, at, song, &mut self.followers, &mut planes);
                if let Some(total) = total {
                    total.note(at, any, &planes);
                }
                any
            }
        };
        Ok(sounds)
    }

    /// Trim, polarity, delay. Says whether the block is silent.
    fn prepare(&mut self, n: usize, silent: bool) -> bool {
        let mut planes = self.block.planes(self.layout.channels(), n);
        if !silent {
            for (channel, plane) in planes.each_mut().enumerate() {
                let invert = self.invert[channel.min(1)];
                let gain = if invert { -self.trim } else { self.trim };
                if gain != 1.0 {
                    samples::scale(Level::find(), plane, gain);
                }
            }
        }
        match &mut self.delay {
            Some(ring) => {
                ring.process(&mut planes);
                planes.is_silent()
            }
            None => silent,
        }
    }

    /// Gate and fader, into the last two taps.
    fn finish(
        &mut self,
        pre: &mut Option<impl std::ops::DerefMut<Target = Slot>>,
        post: &mut Option<impl std::ops::DerefMut<Target = Slot>>,
        at: usize,
        n: usize,
        silent: bool,
        song: i64,
    ) -> Result<(), Failure> {
        let silent = silent || self.fader.is_muted();
        let gated = !silent && self.fader.gate(song, &mut self.gate[..n]);
        if gated {
            let gate = &self.gate[..n];
            for plane in self.block.planes(self.pre.channels(), n).each_mut() {
                samples::multiply(Level::find(), plane, gate);
            }
        }
        if let Some(slot) = pre {
            self.leave(slot, at, n, self.pre, silent, song)?;
        }
        let Some(slot) = post else { return Ok(()) };
        let out = self.pre.max(Layout::STEREO);
        if !silent && self.fader.is_plain(n, song, &mut self.followers) {
            let planes = self.block.planes_ref(out.channels(), n);
            let narrow = |channel: usize, to: &mut [f32]| self.fader.narrow(&planes, channel, to, LOUDEST);
            return self.lay(slot, at, n, song, narrow);
        }
        // even over silence a follower goes on listening
        let mut planes = self.block.planes(out.channels(), n);
        if silent {
            planes.fill(0.0);
        }
        self.fader.apply(&mut planes, self.pre, song, &mut self.followers);
        self.leave(slot, at, n, out, silent, song)
    }

    /// The block into a slot, as f32.
    fn leave(
        &self,
        slot: &mut Slot,
        at: usize,
        n: usize,
        layout: Layout,
        silent: bool,
        song: i64,
    ) -> Result<(), Failure> {
        if silent {
            // nobody reads what is silent as a whole
            if !slot.silent {
                (0..slot.channels()).for_each(|channel| slot.channel_mut(channel)[at..at + n].fill(0.0));
            }
            return Ok(());
        }
        let planes = self.block.planes_ref(layout.channels(), n);
        let narrow =
            |channel: usize, to: &mut [f32]| samples::narrow_below(Level::find(), planes.channel(channel), to, LOUDEST);
        self.lay(slot, at, n, song, narrow)
    }

    /// What `narrow` makes of each channel into a slot; it says false of what must not be.
    fn lay(
        &self,
        slot: &mut Slot,
        at: usize,
        n: usize,
        song: i64,
        narrow: impl Fn(usize, &mut [f32]) -> bool,
    ) -> Result<(), Failure> {
        let first = std::mem::replace(&mut slot.silent, false);
        for channel in 0..slot.channels() {
            let (before, to) = slot.channel_mut(channel)[..at + n].split_at_mut(at);
            if !narrow(channel, to) {
                return Err(Failure::NotFinite { node: self.index, song });
            }
            if first {
                before.fill(0.0);
            }
        }
        Ok(())
    }
}
