//! Exact sums. Every contribution is rounded to a multiple of 2^-36 (-217 dBFS); f64 additions of such numbers are exact below 2^16, so no order
//! of threads or strips can change a bit, and a contribution can be taken out again.

use super::params;
use super::ring::Ring;
use super::slots::{Slot, Slots};
use crate::audio::{Planes, math};
use crate::dsp::curve::Driver;
use crate::graph::plan::Edge;
use crate::units::Db;

/// Added and taken away again it leaves a multiple of 2^-36: 1.5 × 2^16.
const ROUND: f64 = 98_304.0;

/// One way into a sum, with the delay that aligns it.
pub(super) struct Input {
    edge: Edge,
    /// Amplitude of a gain that stands still, per side.
    still: Option<[f64; 2]>,
    ring: Option<Ring>,
    delayed: Vec<Vec<f32>>,
    levels: Vec<f64>,
}

impl Input {
    pub(super) fn new(edge: &Edge, block: usize) -> Input {
        let channels = edge.layout.channels();
        let delay = edge.delay.max(0) as usize;
        let spread = edge.spread.unwrap_or((1.0, 1.0));
        let still = match edge.gain {
            Driver::Constant(db) => Some(Db::new(db).amplitude()).map(|g| [g * spread.0, g * spread.1]),
            _ => None,
        };
        Input {
            edge: edge.clone(),
            still,
            ring: (delay > 0).then(|| Ring::new(channels, delay)),
            delayed: if delay > 0 { vec![vec![0.0; block]; channels] } else { Vec::new() },
            levels: if still.is_none() { vec![0.0; block] } else { Vec::new() },
        }
    }

    /// The block's samples of the tap, aligned: calls `with` with a channel's. False when all is silence (then `with` isn't called).
    pub(super) fn take(
        &mut self,
        slots: &Slots,
        segment: usize,
        at: usize,
        n: usize,
        mut with: impl FnMut(usize, &[f32]),
    ) -> bool {
        let Some(slot) = slots.read(self.edge.from, self.edge.point, segment) else { return false };
        let slot: &Slot = &slot;
        let channels = self.edge.layout.channels();
        match &mut self.ring {
            None => {
                if slot.silent {
                    return false;
                }
                (0..channels).for_each(|c| with(c, &slot.channel(c)[at..at + n]));
            }
            Some(ring) => {
                if slot.silent && ring.is_silent() {
                    return false;
                }
                ring.pass(n, slot.silent, channels, |c| &slot.channel(c)[at..at + n], &mut self.delayed);
                (0..channels).for_each(|c| with(c, &self.delayed[c][..n]));
            }
        }
        true
    }
}

/// Adds all `inputs` into `out`, frames `at..at + n` of `segment`; `song` is the song time of the first, `keys` are the listener's for levels that
/// follow a sound. Says whether anything but silence came.
pub(super) fn sum(
    inputs: &mut [Input],
    slots: &Slots,
    segment: usize,
    at: usize,
    song: i64,
    followers: &mut params::Followers,
    out: &mut Planes<'_>,
) -> bool {
    let n = out.frames();
    // a sum of one is a copy: unity stays bit for bit
    let alone = inputs.len() == 1;
    let mut sounds = false;
    for input in inputs {
        let mut levels = std::mem::take(&mut input.levels);
        if input.still.is_none() {
            params::fill(&input.edge.gain, input.edge.follow, song, followers, &mut levels[..n]);
            levels[..n].iter_mut().for_each(|x| *x = math::from_db(*x));
        }
        let (still, spread) = (input.still, input.edge.spread);
        let stereo = out.channels() > 1;
        sounds |= input.take(slots, segment, at, n, |channel, from| {
            // a mono tap goes to both sides
            let sides = if spread.is_some() && stereo { 0..2 } else { channel..channel + 1 };
            for side in sides {
                let to = out.channel_mut(side);
                match still {
                    Some(gains) => {
                        let gain = gains[side.min(1)];
                        match (alone, gain == 1.0) {
                            (true, true) => to.iter_mut().zip(from).for_each(|(o, x)| *o = f64::from(*x)),
                            (true, false) => to.iter_mut().zip(from).for_each(|(o, x)| *o = f64::from(*x) * gain),
                            (false, _) => {
                                to.iter_mut().zip(from).for_each(|(o, x)| *o += (f64::from(*x) * gain + ROUND) - ROUND);
                            }
                        }
                    }
                    None => {
                        let side_gain = spread.map_or(1.0, |(l, r)| if side == 0 { l } else { r });
                        for ((o, x), g) in to.iter_mut().zip(from).zip(&levels) {
                            let x = f64::from(*x) * (g * side_gain);
                            *o += if alone { x } else { (x + ROUND) - ROUND };
                        }
                    }
                }
            }
        });
        input.levels = levels;
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::ROUND;
    use crate::audio::rng::Seed;

    #[test]
    fn no_order_changes_a_bit_and_a_part_can_be_taken_out_again() {
        let seed = Seed::new(7);
        let parts: Vec<f64> = (0..64).map(|i| (seed.bipolar(i) * 0.7 + ROUND) - ROUND).collect();
        let forward: f64 = parts.iter().sum();
        let backward: f64 = parts.iter().rev().sum();
        assert_eq!(forward.to_bits(), backward.to_bits());
        let without: f64 = parts.iter().skip(1).sum();
        assert_eq!((forward - parts[0]).to_bits(), without.to_bits());
        // 24-bit samples lie on the grid
        assert!((0..1000).map(|i| f64::from(i) / 8_388_608.0).all(|x| (x + ROUND) - ROUND == x));
    }
}
