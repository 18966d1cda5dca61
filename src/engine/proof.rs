//! Stems against the mix: their sum must be what the mix heard.

use super::params::Followers;
use super::slots::{SEGMENT, Slots};
use super::sum::{self, Input};
use crate::audio::Block;
use crate::graph::plan;

pub(super) struct Proof {
    stems: Vec<Input>,
    followers: Followers,
    whole: Vec<Input>,
    sum: Block,
    mix: Block,
    latency: i64,
    worst: f64,
}

impl Proof {
    pub(super) fn new(proof: &plan::Proof, latency: i64, block: usize) -> Proof {
        Proof {
            stems: proof.stems.iter().map(|edge| Input::new(edge, block)).collect(),
            followers: Followers::of_sum(&proof.keys, &proof.stems, block),
            whole: vec![Input::new(&proof.whole, block)],
            sum: Block::new(2, block),
            mix: Block::new(2, block),
            latency,
            worst: 0.0,
        }
    }

    pub(super) fn segment(&mut self, segment: usize, slots: &Slots) {
        let step = self.sum.capacity();
        let mut at = 0;
        while at < SEGMENT {
            let n = step.min(SEGMENT - at);
            let song = (segment * SEGMENT + at) as i64 - self.latency;
            let (mut sum, mut mix) = (self.sum.planes(2, n), self.mix.planes(2, n));
            self.followers.take(slots, segment, at, n);
            let alone = self.stems.len() == 1;
            sum::sum(&mut self.stems, (alone, true), slots, segment, at, song, &mut self.followers, &mut sum);
            sum::sum(&mut self.whole, (true, true), slots, segment, at, song, &mut Followers::none(), &mut mix);
            for channel in 0..2 {
                for (s, m) in sum.channel(channel).iter().zip(mix.channel(channel)) {
                    // what the mix heard went through f32; the sum of the stems is held to the same
                    self.worst = self.worst.max((f64::from(*s as f32) - m).abs());
                }
            }
            at += n;
        }
    }

    /// The largest difference, full scale = 1.
    pub(super) fn worst(&self) -> f64 {
        self.worst
    }
}
