//! A segment of an exact sum as whole numbers: every sample is a multiple of 2^-36, and added to [`ROUND`] its mantissa is that number. So sums are kept,
//! in 40 bits where none is above ±8, in 48 where none is above ±2048 (+66 dBFS).

use super::slots::SEGMENT;
use super::sum::ROUND;
use crate::audio::isa::{Level, levels};

/// As bytes: a byte that says which of these it is, then the low 32 bits of all channels × frames, then the high 8 or 16.
const SILENT: u8 = 0;
const NARROW: u8 = 2;
const WIDE: u8 = 3;

/// Channels × [`SEGMENT`].
pub(super) struct Whole {
    low: Vec<u32>,
    high: Vec<u16>,
    /// The high bits where they are 8.
    narrow: Vec<u8>,
    /// Something is louder than what can be kept.
    loud: bool,
}

impl Whole {
    pub(super) fn new(channels: usize) -> Whole {
        let samples = channels * SEGMENT;
        Whole { low: vec![0; samples], high: vec![0; samples], narrow: vec![0; samples], loud: false }
    }

    /// Before a segment is put anew.
    pub(super) fn begin(&mut self) {
        self.loud = false;
    }

    /// A channel's samples from frame `at` of the segment on.
    pub(super) fn put(&mut self, channel: usize, at: usize, samples: &[f64]) {
        let (low, high) = (&mut self.low[channel * SEGMENT + at..], &mut self.high[channel * SEGMENT + at..]);
        self.loud |= !part(Level::find(), samples, low, high);
    }

    /// What was put.
    pub(super) fn get(&self, channel: usize, at: usize, samples: &mut [f64]) {
        let from = channel * SEGMENT + at;
        join(Level::find(), &self.low[from..], &self.high[from..], samples);
    }

    /// The parts of the segment as bytes; `None` where it is too loud to be kept.
    pub(super) fn parts(&mut self, silent: bool) -> Option<[&[u8]; 3]> {
        if silent {
            return Some([&[SILENT], &[], &[]]);
        }
        if self.loud {
            return None;
        }
        let narrow = shorten(Level::find(), &self.high, &mut self.narrow);
        let (kind, high): (&[u8], &[u8]) =
            if narrow { (&[NARROW], &self.narrow) } else { (&[WIDE], bytemuck::cast_slice(&self.high)) };
        Some([kind, bytemuck::cast_slice(&self.low), high])
    }

    /// What `parts` gave, in a row, and whether it sounds; `None` for bytes that are no such sum.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Option<bool> {
        // what was kept was none
        self.loud = false;
        let (kind, bytes) = bytes.split_first()?;
        let long = match *kind {
            SILENT if bytes.is_empty() => {
                self.low.fill(0);
                self.high.fill(0);
                return Some(false);
            }
            NARROW => size_of_val(&*self.narrow),
            WIDE => size_of_val(&*self.high),
            _ => return None,
        };
        let (low, high) = bytes.split_at_checked(size_of_val(&*self.low)).filter(|(_, high)| high.len() == long)?;
        bytemuck::cast_slice_mut(&mut self.low).copy_from_slice(low);
        if *kind == NARROW {
            lengthen(Level::find(), high, &mut self.high);
        } else {
            bytemuck::cast_slice_mut(&mut self.high).copy_from_slice(high);
        }
        Some(true)
    }
}

levels! {
    /// False when one takes more than 48 bits.
    fn part(x: &[f64], low: &mut [u32], high: &mut [u16]) -> bool = parted;
    fn join(low: &[u32], high: &[u16], x: &mut [f64]) = joined;
    /// False when one takes more than 8 bits.
    fn shorten(high: &[u16], narrow: &mut [u8]) -> bool = shortened;
    fn lengthen(narrow: &[u8], high: &mut [u16]) = lengthened;
}

#[inline(always)]
fn parted(x: &[f64], low: &mut [u32], high: &mut [u16]) -> bool {
    let mut beyond = 0;
    for ((x, low), high) in x.iter().zip(low).zip(high) {
        let bits = (x + ROUND).to_bits();
        (*low, *high) = (bits as u32, (bits >> 32) as u16);
        // half of 48 bits more is nothing negative
        beyond |= bits.wrapping_sub(ROUND.to_bits()).wrapping_add(1 << 47) >> 48;
    }
    beyond == 0
}

/// The sign of what was cut off goes on upwards, and 0 lies at [`ROUND`].
#[inline(always)]
fn joined(low: &[u32], high: &[u16], x: &mut [f64]) {
    for ((x, low), high) in x.iter_mut().zip(low).zip(high) {
        let whole = i64::from(*high as i16) << 32 | i64::from(*low);
        *x = f64::from_bits(ROUND.to_bits().wrapping_add_signed(whole)) - ROUND;
    }
}

#[inline(always)]
fn shortened(high: &[u16], narrow: &mut [u8]) -> bool {
    let mut beyond = 0;
    for (narrow, high) in narrow.iter_mut().zip(high) {
        *narrow = *high as u8;
        beyond |= high.wrapping_add(1 << 7) >> 8;
    }
    beyond == 0
}

#[inline(always)]
fn lengthened(narrow: &[u8], high: &mut [u16]) {
    high.iter_mut().zip(narrow).for_each(|(high, narrow)| *high = *narrow as i8 as u16);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    #[test]
    fn a_sum_comes_back_bit_for_bit() {
        for (peak, bits) in [(1e-9, 40), (0.5, 40), (7.9, 40), (8.1, 48), (100.0, 48), (2047.9, 48), (2100.0, 0)] {
            let x: Vec<f64> =
                (0..2 * SEGMENT as i64).map(|i| (Seed::new(3).bipolar(i) * peak + ROUND) - ROUND).collect();
            let loudest = x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            assert!(loudest > 0.99 * peak);
            let (mut sum, mut back) = (Whole::new(2), Whole::new(2));
            sum.begin();
            for (i, x) in x.chunks(500).enumerate() {
                let (before, after) = x.split_at(x.len().min((SEGMENT - i * 500 % SEGMENT).min(500)));
                sum.put(i * 500 / SEGMENT, i * 500 % SEGMENT, before);
                (!after.is_empty()).then(|| sum.put(1, 0, after));
            }
            let bytes = sum.parts(false).map(|parts| parts.concat());
            assert_eq!(bytes.as_ref().map_or(0, |bytes| (bytes.len() - 1) * 8 / (2 * SEGMENT)), bits, "{peak}");
            let Some(bytes) = bytes else { continue };
            assert_eq!(back.read(&bytes), Some(true));
            let mut got = vec![0.0; SEGMENT];
            for (channel, x) in x.chunks(SEGMENT).enumerate() {
                back.get(channel, 0, &mut got);
                assert!(x == got, "{peak}");
            }
            // as long as the high bits alone, too
            for wrong in [0, 1, 1 + 2 * SEGMENT, 1 + 4 * SEGMENT, 4 * SEGMENT, bytes.len() - 1] {
                assert_eq!(back.read(&bytes[..wrong]), None);
            }
        }
    }

    #[test]
    fn silence_is_a_byte_and_loudness_is_of_one_segment() {
        let mut sum = Whole::new(1);
        sum.begin();
        sum.put(0, 7, &[-5000.0]);
        assert!(sum.parts(false).is_none());
        let silence = sum.parts(true).unwrap().concat();
        assert_eq!(silence.len(), 1);
        sum.begin();
        assert_eq!(sum.read(&silence), Some(false));
        let mut x = [1.0; 9];
        sum.get(0, 0, &mut x);
        assert_eq!(x, [0.0; 9]);
    }

    #[test]
    fn every_level_has_the_same_numbers() {
        let x: Vec<f64> = (0..1003).map(|i| (Seed::new(5).bipolar(i) * 9.0 + ROUND) - ROUND).collect();
        let all = |level: Level| {
            let (mut low, mut high, mut back) = (vec![0; x.len()], vec![0; x.len()], vec![0.0; x.len()]);
            assert!(part(level, &x, &mut low, &mut high));
            join(level, &low, &high, &mut back);
            let (mut narrow, mut again) = (vec![0; x.len()], vec![0; x.len()]);
            let fits = shorten(level, &high, &mut narrow);
            lengthen(level, &narrow, &mut again);
            assert!(back == x && !fits && high.iter().zip(&again).all(|(high, again)| *high as i8 as u16 == *again));
            (low, high, narrow)
        };
        let plain = all(Level::all()[0]);
        assert!(Level::all().into_iter().all(|level| all(level) == plain));
    }
}
