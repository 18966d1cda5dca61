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

    /// The block's sound of the tap, aligned; none when all of it is silence.
    fn hear<'s>(&mut self, slots: &'s Slots, segment: usize, at: usize, n: usize) -> Option<Sound<'s>> {
        let (before, late) = self.place(segment, at);
        if late + n <= SEGMENT {
            return self.slot(slots, before).map(|slot| Sound::InPlace(slot, late));
        }
        let (early, later) = (self.slot(slots, before), self.slot(slots, before + 1));
        if early.is_none() && later.is_none() {
            return None;
        }
        let run = SEGMENT - late;
        for channel in 0..self.edge.layout.channels() {
            let (left, right) = self.straddling[channel][..n].split_at_mut(run);
            match &early {
                Some(slot) => left.copy_from_slice(&slot.channel(channel)[late..]),
                None => left.fill(0.0),
            }
            match &later {
                Some(slot) => right.copy_from_slice(&slot.channel(channel)[..n - run]),
                None => right.fill(0.0),
            }
        }
        Some(Sound::Straddling)
    }

    /// `n` samples of a channel of what it [hears](Input::hear).
    fn samples<'a>(&'a self, sound: &'a Sound<'_>, channel: usize, n: usize) -> &'a [f32] {
        match sound {
            Sound::InPlace(slot, late) => &slot.channel(channel)[*late..][..n],
            Sound::Straddling => &self.straddling[channel][..n],
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
        let Some(sound) = self.hear(slots, segment, at, n) else { return false };
        (0..self.edge.layout.channels()).for_each(|channel| with(channel, self.samples(&sound, channel, n)));
        true
    }

    /// The channel that is heard on one of the `sides` of a sum, and by how much before any level: a mono tap goes to both of two.
    fn channel(&self, side: usize, sides: usize) -> Option<(usize, f64)> {
        match self.edge.spread {
            Some((l, r)) if sides > 1 => [l, r].get(side).map(|gain| (0, *gain)),
            spread => (side < self.edge.layout.channels()).then_some((side, spread.map_or(1.0, |(l, _)| l))),
        }
    }
}

/// Where a block of a tap is.
enum Sound<'s> {
    /// In a segment, from that frame on.
    InPlace(RwLockReadGuard<'s, Slot>, usize),
    /// In two segments, put together in the [`Input`].
    Straddling,
}

/// What comes next: asked for piece by piece while something else is added.
struct Ahead<'s>([Option<Sound<'s>>; 2]);

impl<'s> Ahead<'s> {
    /// The two inputs behind number `index`, or the first two of the next block.
    fn of(inputs: &[Input], index: usize, slots: &'s Slots, segment: usize, at: usize, n: usize) -> Ahead<'s> {
        let (next, from) = if index + 1 < inputs.len() { (index + 1, at) } else { (0, at + n) };
        let sound = |input: &Input| {
            let (segment, late) = input.place(segment, from);
            Some(Sound::InPlace(input.slot(slots, segment)?, late))
        };
        let sound = |k: usize| inputs.get(k).filter(|_| from < SEGMENT).and_then(sound);
        Ahead([sound(next), sound(next + 1)])
    }

    fn fetch(&self, channel: usize, piece: Range<usize>) {
        for sound in self.0.iter().flatten() {
            if let Sound::InPlace(slot, late) = sound
                && channel < slot.channels()
            {
                fetch(&slot.channel(channel)[(late + piece.start).min(SEGMENT)..(late + piece.end).min(SEGMENT)]);
            }
        }
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
    let n = out.frames();
    // it has begun: from then on all is added
    let mut begun = !fresh;
    let mut sounds = false;
    // one whose level stands still waits for a second: two at once are added with fewer steps
    let mut waiting: Option<(usize, Sound<'_>)> = None;
    for index in 0..inputs.len() {
        let Some(sound) = inputs[index].hear(slots, segment, at, n) else { continue };
        sounds = true;
        if inputs[index].still.is_none() {
            let mut levels = std::mem::take(&mut inputs[index].levels);
            let edge = &inputs[index].edge;
            params::amplitudes(&edge.gain, edge.follow, song, followers, &mut levels[..n]);
            add_moving((&inputs[index], &sound), &levels[..n], (alone, begun), out);
            inputs[index].levels = levels;
        } else if let Some((first, other)) = waiting.take() {
            let ahead = Ahead::of(inputs, index, slots, segment, at, n);
            add_still(&[(&inputs[first], &other), (&inputs[index], &sound)], (alone, begun), &ahead, out);
        } else {
            waiting = Some((index, sound));
            continue;
        }
        begun = true;
    }
    if let Some((index, sound)) = waiting {
        let ahead = Ahead::of(inputs, index, slots, segment, at, n);
        add_still(&[(&inputs[index], &sound)], (alone, begun), &ahead, out);
        begun = true;
    }
    if !begun {
        out.fill(0.0);
    }
    sounds
}

/// Adds one part, or two at once, over what is there when the sum has `begun`, otherwise in its place.
fn add_still(parts: &[(&Input, &Sound<'_>)], (alone, begun): (bool, bool), ahead: &Ahead<'_>, out: &mut Planes<'_>) {
    let (level, n, sides) = (Level::find(), out.frames(), out.channels());
    for side in 0..sides {
        let mut heard = parts.iter().filter_map(|(input, sound)| {
            let (channel, _) = input.channel(side, sides)?;
            Some((input.samples(sound, channel, n), input.still?[side.min(1)]))
        });
        let (first, second) = (heard.next(), heard.next());
        let to = out.channel_mut(side);
        let Some((a, gain)) = first else {
            if !begun {
                to.fill(0.0);
            }
            continue;
        };
        for (i, to) in to.chunks_mut(PIECE).enumerate() {
            let piece = i * PIECE..i * PIECE + to.len();
            ahead.fetch(side, piece.clone());
            let a = &a[piece.clone()];
            match (second, alone, begun) {
                (None, true, true) => add_as_is(level, to, a, gain),
                (None, true, false) => put_as_is(level, to, a, gain),
                (None, false, true) => add(level, to, a, gain),
                (None, false, false) => put(level, to, a, gain),
                (Some((b, other)), _, true) => add_two(level, to, [a, &b[piece]], [gain, other]),
                (Some((b, other)), _, false) => put_two(level, to, [a, &b[piece]], [gain, other]),
            }
        }
    }
}

/// Adds a part whose level moves.
fn add_moving(
    (input, sound): (&Input, &Sound<'_>),
    levels: &[f64],
    (alone, begun): (bool, bool),
    out: &mut Planes<'_>,
) {
    let (level, n, sides) = (Level::find(), out.frames(), out.channels());
    for side in 0..sides {
        let to = out.channel_mut(side);
        if !begun {
            to.fill(0.0);
        }
        if let Some((channel, gain)) = input.channel(side, sides) {
            let from = input.samples(sound, channel, n);
            if alone {
                move_as_is(level, to, from, levels, gain);
            } else {
                move_in(level, to, from, levels, gain);
            }
        }
    }
}

levels! {
    fn add(to: &mut [f64], from: &[f32], gain: f64) = added;
    fn put(to: &mut [f64], from: &[f32], gain: f64) = laid;
    fn add_two(to: &mut [f64], from: [&[f32]; 2], gains: [f64; 2]) = added_two;
    fn put_two(to: &mut [f64], from: [&[f32]; 2], gains: [f64; 2]) = laid_two;
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

/// Of two, one is rounded where it is added to [`ROUND`] and the other where it is taken from it: what they are together needs neither taken away again.
#[inline(always)]
fn both([a, b]: [f32; 2], [gain, other]: [f64; 2]) -> f64 {
    (f64::from(a) * gain + ROUND) + (f64::from(b) * other - ROUND)
}

#[inline(always)]
fn added_two(to: &mut [f64], [a, b]: [&[f32]; 2], gains: [f64; 2]) {
    to.iter_mut().zip(a).zip(b).for_each(|((o, a), b)| *o += both([*a, *b], gains));
}

#[inline(always)]
fn laid_two(to: &mut [f64], [a, b]: [&[f32]; 2], gains: [f64; 2]) {
    to.iter_mut().zip(a).zip(b).for_each(|((o, a), b)| *o = both([*a, *b], gains));
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
    use super::{ROUND, both};
    use crate::audio::math;
    use crate::audio::rng::Seed;

    #[test]
    fn two_at_once_are_the_sum_of_both() {
        // half of the grid's step
        const TIE: f32 = 1.0 / (1_u64 << 37) as f32;
        let seed = Seed::new(9);
        let alone = |x: f32, gain: f64| (f64::from(x) * gain + ROUND) - ROUND;
        for i in 0..10_000 {
            // up to +80 dBFS, and down to where nothing is left of them; in the end with ties
            let scale = math::exp2(f64::from(i as i32 % 50) - 36.0);
            let of = |k: i64| (scale * seed.bipolar(3 * i + k)) as f32;
            let (x, gains) = match i % 5 {
                0 => ([TIE * (2 * i - 9999) as f32, TIE * (i + 1) as f32], [1.0, -1.0]),
                _ => ([of(0), of(1)], [seed.bipolar(3 * i + 2), 0.7]),
            };
            let one_by_one = alone(x[0], gains[0]) + alone(x[1], gains[1]);
            assert_eq!(both(x, gains).to_bits(), one_by_one.to_bits(), "{x:?} {gains:?}");
        }
    }

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
