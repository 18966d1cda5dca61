//! What the store keeps of a run, as bytes: taps as f32, exact sums as whole numbers, states.

use super::slots::{SEGMENT, Slot};
use super::sum::ROUND;
use crate::audio::Block;
use crate::audio::isa::{Level, levels};
use crate::audio::samples::largest;
use crate::graph::Key;
use crate::graph::plan::Point;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A segment of a tap.
    Tap(Point),
    /// What a strip was after a segment.
    State,
    /// A segment of a sum.
    Sum,
}

/// The key of an object that belongs to a node's or sum's key: those are even noise, so another one differs in its last byte as well as in any.
pub(super) fn object(key: &Key, kind: Kind) -> Key {
    let mut key = *key;
    key[31] ^= match kind {
        Kind::Tap(point) => 0x10 | point as u8,
        Kind::State => 0x20,
        Kind::Sum => 0x30,
    };
    key
}

const SILENT: u8 = 0;
const FLOATS: u8 = 1;
/// Sums in 40 and in 48 bits.
const NARROW: u8 = 2;
const WIDE: u8 = 3;

/// A segment of a tap: a byte that says what it is, then channels × frames.
pub(super) fn put_tap(slot: &Slot, channels: usize, into: &mut Vec<u8>) {
    if slot.silent {
        into.clear();
        return into.push(SILENT);
    }
    // all of it is written over: nothing that is there needs to be cleared
    into.resize(1 + channels * SEGMENT * 4, 0);
    into[0] = FLOATS;
    let (samples, _) = into[1..].as_chunks_mut::<4>();
    for (channel, samples) in samples.chunks_exact_mut(SEGMENT).enumerate() {
        samples.iter_mut().zip(slot.channel(channel)).for_each(|(bytes, x)| *bytes = x.to_le_bytes());
    }
}

/// False for bytes that are no such tap.
pub(super) fn get_tap(bytes: &[u8], channels: usize, slot: &mut Slot) -> bool {
    match bytes.split_first() {
        Some((&SILENT, [])) => {
            slot.silent = true;
            (0..channels).for_each(|c| slot.channel_mut(c).fill(0.0));
            true
        }
        Some((&FLOATS, samples)) if samples.len() == channels * SEGMENT * 4 => {
            slot.silent = false;
            let (samples, _) = samples.as_chunks::<4>();
            for (channel, samples) in samples.chunks_exact(SEGMENT).enumerate() {
                let to = slot.channel_mut(channel);
                to.iter_mut().zip(samples).for_each(|(x, bytes)| *x = f32::from_le_bytes(*bytes));
            }
            true
        }
        _ => false,
    }
}

/// Above this a sum takes 48 bits.
const NARROW_PEAK: f64 = 7.0;
/// And above this it is not kept: +66 dBFS.
const WIDE_PEAK: f64 = 2047.0;

/// A segment of a sum: every sample is a multiple of 2^-36, and added to [`ROUND`] its mantissa is that whole number. Channel by channel the low 32
/// bits, then the high 8 or 16. False for one that is too loud to be kept so.
pub(super) fn put_sum(sum: &Block, silent: bool, into: &mut Vec<u8>) -> bool {
    if silent {
        into.clear();
        into.push(SILENT);
        return true;
    }
    let level = Level::find();
    let peak = (0..sum.channels()).map(|channel| peak(level, &sum.channel(channel)[..SEGMENT])).fold(0.0_f64, f64::max);
    if peak >= WIDE_PEAK {
        return false;
    }
    let wide = peak > NARROW_PEAK;
    let high = if wide { 2 } else { 1 };
    into.resize(1 + sum.channels() * SEGMENT * (4 + high), 0);
    into[0] = if wide { WIDE } else { NARROW };
    for (channel, bytes) in into[1..].chunks_exact_mut(SEGMENT * (4 + high)).enumerate() {
        let samples = &sum.channel(channel)[..SEGMENT];
        let (low, high) = bytes.split_at_mut(SEGMENT * 4);
        put_low(level, samples, low.as_chunks_mut::<4>().0);
        if wide {
            put_wide(level, samples, high.as_chunks_mut::<2>().0);
        } else {
            put_narrow(level, samples, high);
        }
    }
    true
}

/// What was put, and whether it sounds; `None` for bytes that are no such sum.
pub(super) fn get_sum(bytes: &[u8], sum: &mut Block) -> Option<bool> {
    let (kind, bytes) = bytes.split_first()?;
    let channels = sum.channels();
    let high = match *kind {
        SILENT if bytes.is_empty() => {
            (0..channels).for_each(|c| sum.channel_mut(c).fill(0.0));
            return Some(false);
        }
        NARROW => 1,
        WIDE => 2,
        _ => return None,
    };
    if bytes.len() != channels * SEGMENT * (4 + high) {
        return None;
    }
    let level = Level::find();
    for (channel, bytes) in bytes.chunks_exact(SEGMENT * (4 + high)).enumerate() {
        let (low, highs) = bytes.split_at(SEGMENT * 4);
        let (low, to) = (low.as_chunks::<4>().0, &mut sum.channel_mut(channel)[..SEGMENT]);
        if high == 1 {
            get_narrow(level, low, highs, to);
        } else {
            get_wide(level, low, highs.as_chunks::<2>().0, to);
        }
    }
    Some(true)
}

levels! {
    fn peak(x: &[f64]) -> f64 = largest;
    fn put_low(x: &[f64], low: &mut [[u8; 4]]) = low_of;
    fn put_narrow(x: &[f64], high: &mut [u8]) = narrow_of;
    fn put_wide(x: &[f64], high: &mut [[u8; 2]]) = wide_of;
    fn get_narrow(low: &[[u8; 4]], high: &[u8], x: &mut [f64]) = of_narrow;
    fn get_wide(low: &[[u8; 4]], high: &[[u8; 2]], x: &mut [f64]) = of_wide;
}

#[inline(always)]
fn whole(x: f64) -> u64 {
    (x + ROUND).to_bits()
}

#[inline(always)]
fn low_of(x: &[f64], low: &mut [[u8; 4]]) {
    low.iter_mut().zip(x).for_each(|(low, x)| *low = (whole(*x) as u32).to_le_bytes());
}

#[inline(always)]
fn narrow_of(x: &[f64], high: &mut [u8]) {
    high.iter_mut().zip(x).for_each(|(high, x)| *high = (whole(*x) >> 32) as u8);
}

#[inline(always)]
fn wide_of(x: &[f64], high: &mut [[u8; 2]]) {
    high.iter_mut().zip(x).for_each(|(high, x)| *high = ((whole(*x) >> 32) as u16).to_le_bytes());
}

/// The sign of what was cut off goes on upwards, and 0 lies at [`ROUND`].
#[inline(always)]
fn sample(low: [u8; 4], high: i64) -> f64 {
    let whole = (high << 32) | i64::from(u32::from_le_bytes(low));
    f64::from_bits(ROUND.to_bits().wrapping_add_signed(whole)) - ROUND
}

#[inline(always)]
fn of_narrow(low: &[[u8; 4]], high: &[u8], x: &mut [f64]) {
    x.iter_mut().zip(low).zip(high).for_each(|((x, low), high)| *x = sample(*low, i64::from(*high as i8)));
}

#[inline(always)]
fn of_wide(low: &[[u8; 4]], high: &[[u8; 2]], x: &mut [f64]) {
    let parts = x.iter_mut().zip(low).zip(high);
    parts.for_each(|((x, low), high)| *x = sample(*low, i64::from(i16::from_le_bytes(*high))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    #[test]
    fn a_sum_comes_back_bit_for_bit() {
        let mut bytes = Vec::new();
        for peak in [1e-9, 0.5, 6.9, 7.1, 100.0, 2000.0] {
            let mut sum = Block::new(2, SEGMENT);
            for channel in 0..2 {
                let seed = Seed::new(3).with(channel as u64);
                let samples = sum.channel_mut(channel).iter_mut().zip(0..);
                samples.for_each(|(x, i)| *x = (seed.bipolar(i) * peak + ROUND) - ROUND);
            }
            assert!(put_sum(&sum, false, &mut bytes));
            let mut back = Block::new(2, SEGMENT);
            assert_eq!(get_sum(&bytes, &mut back), Some(true));
            for channel in 0..2 {
                assert!(sum.channel(channel) == back.channel(channel), "{peak}");
            }
            assert_eq!(get_sum(&bytes[..bytes.len() - 1], &mut back), None);
        }
        let mut loud = Block::new(2, SEGMENT);
        loud.channel_mut(1)[7] = 5000.0;
        assert!(!put_sum(&loud, false, &mut bytes), "too loud for 48 bits");
        assert!(put_sum(&Block::new(2, SEGMENT), true, &mut bytes));
        assert_eq!(get_sum(&bytes, &mut loud), Some(false));
        assert_eq!(loud.channel(1)[7], 0.0);
    }

    #[test]
    fn objects_of_one_key_have_keys_of_their_own() {
        let kinds = [Kind::Tap(Point::Input), Kind::Tap(Point::Post), Kind::State, Kind::Sum];
        let keys = kinds.map(|kind| object(&[7; 32], kind));
        assert!(keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key)));
    }
}
