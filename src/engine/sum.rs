//! Exact sums. Every contribution is rounded to a multiple of 2^-36 (-217 dBFS); f64 additions of such numbers are exact below 2^16, so no order
//! of threads or strips can change a bit, and a contribution can be taken out again.

use std::ops::Range;
use std::sync::RwLockReadGuard;

use super::params;
use super::slots::{SEGMENT, Slot, Slots};
use crate::audio::ahead::fetch;
use crate::audio::isa::{Level, levels};
use crate::audio::{Aligned, Planes};
use crate::dsp::curve::Driver;
use crate::graph::plan::Edge;
use crate::units::Db;

/// Added and taken away again it leaves a multiple of 2^-36: 1.5 × 2^16.
pub(super) const ROUND: f64 = 98_304.0;

/// So many samples are added while as many of the next are asked for.
const PIECE: usize = 128;

/// One way into a sum, with the delay that aligns it. What it reads depends on nothing that was read before: any segment can come next.
pub(super) struct Input {
    edge: Edge,
    /// Amplitude of a gain that stands still, per side.
    still: Option<[f64; 2]>,
    /// Frames that straddle two segments.
    straddling: Vec<Vec<f32>>,
    levels: Aligned<f64>,
}

impl Input {
    pub(super) fn new(edge: &Edge, block: usize) -> Input {
        let channels = edge.layout.channels();
        let spread = edge.spread.unwrap_or((1.0, 1.0));
        let still = match edge.gain {
            Driver::Constant(db) => Some(Db::new(db).amplitude()).map(|g| [g * spread.0, g * spread.1]),
            _ => None,
        };
        Input {
            edge: edge.clone(),
            still,
            straddling: if edge.delay > 0 { vec![vec![0.0; block]; channels] } else { Vec::new() },
            levels: if still.is_none() { Aligned::new(block) } else { Aligned::default() },
        }
    }

    /// The segment of its tap in which frame `at` of `segment` lies, and where: frames of the stream, before whose first there is nothing.
    fn place(&self, segment: usize, at: usize) -> (i64, usize) {
        let first = (segment * SEGMENT + at) as i64 - self.edge.delay.max(0);
        (first.div_euclid(SEGMENT as i64), first.rem_euclid(SEGMENT as i64) as usize)
    }

    fn slot<'s>(&self, slots: &'s Slots, segment: i64) -> Option<RwLockReadGuard<'s, Slot>> {
        let slot = usize::try_from(segment).ok().and_then(|s| slots.read(self.edge.from, self.edge.point, s));
        slot.filter(|slot| !slot.silent)
    }

    /// What it will read, as far as that is in one piece.
    fn ahead<'s>(&self, slots: &'s Slots, segment: usize, at: usize) -> Option<(RwLockReadGuard<'s, Slot>, usize)> {
        let (segment, late) = self.place(segment, at);
        Some((self.slot(slots, segment)?, late))
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
        let channels = self.edge.layout.channels();
        let (before, late) = self.place(segment, at);
        if late + n <= SEGMENT {
            let Some(slot) = self.slot(slots, before) else { return false };
            (0..channels).for_each(|c| with(c, &slot.channel(c)[late..late + n]));
            return true;
        }
        let (early, later) = (self.slot(slots, before), self.slot(slots, before + 1));
        if early.is_none() && later.is_none() {
            return false;
        }
        let run = SEGMENT - late;
        for channel in 0..channels {
            let to = &mut self.straddling[channel][..n];
            let (left, right) = to.split_at_mut(run);
            match &early {
                Some(slot) => left.copy_from_slice(&slot.channel(channel)[late..]),
                None => left.fill(0.0),
            }
            match &later {
                Some(slot) => right.copy_from_slice(&slot.channel(channel)[..n - run]),
                None => right.fill(0.0),
            }
            with(channel, to);
        }
        true
    }
}

/// Sums all `inputs` into `out`, frames `at..at + n` of `segment`: over what is there, or, when it is `fresh`, in its place. `song` is the song time of
/// the first frame, `keys` are the listener's for levels that follow a sound. A sum of one, `alone`, is a copy: unity stays bit for bit. Says whether
/// anything but silence came.
pub(super) fn sum(
    inputs: &mut [Input],
    (alone, fresh): (bool, bool),
    slots: &Slots,
    segment: usize,
    at: usize,
    song: i64,
    followers: &mut params::Followers,
    out: &mut Planes<'_>,
) -> bool {
    let level = Level::find();
    let n = out.frames();
    let mut sounds = false;
    for index in 0..inputs.len() {
        // meanwhile the next one's samples come nearer
        let (next, from) = if index + 1 < inputs.len() { (index + 1, at) } else { (0, at + n) };
        let ahead = if from < SEGMENT { inputs[next].ahead(slots, segment, from) } else { None };
        let near = |channel: usize, piece: Range<usize>| {
            if let Some((slot, late)) = ahead.as_ref().filter(|(slot, _)| channel < slot.channels()) {
                let samples = slot.channel(channel);
                fetch(&samples[(late + piece.start).min(SEGMENT)..(late + piece.end).min(SEGMENT)]);
            }
        };
        let input = &mut inputs[index];
        let mut levels = std::mem::take(&mut input.levels);
        if input.still.is_none() {
            params::amplitudes(&input.edge.gain, input.edge.follow, song, followers, &mut levels[..n]);
        }
        let (still, spread) = (input.still, input.edge.spread);
        let stereo = out.channels() > 1;
        let over = !fresh || sounds;
        // fewer channels than are summed into
        let narrow = spread.is_none() && input.edge.layout.channels() < out.channels();
        let sounding = input.take(slots, segment, at, n, |channel, from| {
            // a mono tap goes to both sides
            let sides = if spread.is_some() && stereo { 0..2 } else { channel..channel + 1 };
            for side in sides {
                let to = out.channel_mut(side);
                if let Some(gains) = still {
                    let gain = gains[side.min(1)];
                    for (i, (to, from)) in to.chunks_mut(PIECE).zip(from.chunks(PIECE)).enumerate() {
                        near(side, i * PIECE..(i + 1) * PIECE);
                        match (alone, over) {
                            (true, true) => add_as_is(level, to, from, gain),
                            (true, false) => put_as_is(level, to, from, gain),
                            (false, true) => add(level, to, from, gain),
                            (false, false) => put(level, to, from, gain),
                        }
                    }
                } else {
                    if !over {
                        to.fill(0.0);
                    }
                    let gain = spread.map_or(1.0, |(l, r)| if side == 0 { l } else { r });
                    if alone {
                        move_as_is(level, to, from, &levels, gain)
                    } else {
                        move_in(level, to, from, &levels, gain)
                    }
                }
            }
        });
        if sounding && !over && narrow {
            (input.edge.layout.channels()..out.channels()).for_each(|channel| out.channel_mut(channel).fill(0.0));
        }
        sounds |= sounding;
        input.levels = levels;
    }
    if fresh && !sounds {
        out.fill(0.0);
    }
    sounds
}

levels! {
    fn add(to: &mut [f64], from: &[f32], gain: f64) = added;
    fn put(to: &mut [f64], from: &[f32], gain: f64) = laid;
    fn add_as_is(to: &mut [f64], from: &[f32], gain: f64) = added_as_is;
    fn put_as_is(to: &mut [f64], from: &[f32], gain: f64) = laid_as_is;
    fn move_in(to: &mut [f64], from: &[f32], gains: &[f64], gain: f64) = moved;
    fn move_as_is(to: &mut [f64], from: &[f32], gains: &[f64], gain: f64) = moved_as_is;
}

#[inline(always)]
fn added(to: &mut [f64], from: &[f32], gain: f64) {
    to.iter_mut().zip(from).for_each(|(o, x)| *o += (f64::from(*x) * gain + ROUND) - ROUND);
}

#[inline(always)]
fn laid(to: &mut [f64], from: &[f32], gain: f64) {
    to.iter_mut().zip(from).for_each(|(o, x)| *o = (f64::from(*x) * gain + ROUND) - ROUND);
}

#[inline(always)]
fn added_as_is(to: &mut [f64], from: &[f32], gain: f64) {
    to.iter_mut().zip(from).for_each(|(o, x)| *o += f64::from(*x) * gain);
}

#[inline(always)]
fn laid_as_is(to: &mut [f64], from: &[f32], gain: f64) {
    to.iter_mut().zip(from).for_each(|(o, x)| *o = f64::from(*x) * gain);
}

#[inline(always)]
fn moved(to: &mut [f64], from: &[f32], gains: &[f64], gain: f64) {
    for ((o, x), g) in to.iter_mut().zip(from).zip(gains) {
        *o += (f64::from(*x) * (g * gain) + ROUND) - ROUND;
    }
}

#[inline(always)]
fn moved_as_is(to: &mut [f64], from: &[f32], gains: &[f64], gain: f64) {
    to.iter_mut().zip(from).zip(gains).for_each(|((o, x), g)| *o += f64::from(*x) * (g * gain));
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
