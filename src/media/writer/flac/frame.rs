//! A block as a frame (RFC 9639, section 9): head, subframes, checksum. It depends on nothing but its own samples and its number, so frames can be made
//! in any order.

use super::bits::Bits;
use super::channel::{Channel, Part};
use super::crc::{crc_8, crc_16};
use super::settings::{BLOCK, Pairs, Settings};
use super::window::{Window, windows};
use crate::audio::isa::Level;

/// What frames of one file share, and room to work in.
pub(super) struct Encoder {
    settings: Settings,
    bits: u32,
    rate: u32,
    level: Level,
    /// Those of a whole block.
    windows: Vec<Window>,
    channels: Vec<Channel>,
    into: Bits,
}

impl Encoder {
    pub(super) fn new(settings: Settings, bits: u32, rate: u32) -> Encoder {
        let windows = windows(BLOCK, settings.parts);
        Encoder { settings, bits, rate, level: Level::find(), windows, channels: Vec::new(), into: Bits::default() }
    }

    #[cfg(test)]
    pub(super) fn at(self, level: Level) -> Encoder {
        Encoder { level, ..self }
    }

    /// The frame's bytes. `planes`: 1 to 8 channels of 1 to [`BLOCK`] samples; `number`: of the frame, below 2^31.
    pub(super) fn frame(&mut self, planes: &[&[i32]], number: u64) -> &[u8] {
        let parts: Vec<Part<'_>> = match *planes {
            [left, right] if self.settings.pairs != Pairs::Apart => {
                vec![Part::Alone(left), Part::Alone(right), Part::Middle(left, right), Part::Side(left, right)]
            }
            _ => planes.iter().map(|plane| Part::Alone(plane)).collect(),
        };
        self.channels.resize_with(parts.len().max(self.channels.len()), Channel::default);
        let frames = planes.first().map_or(0, |plane| plane.len());
        let own = (frames != BLOCK).then(|| windows(frames, self.settings.parts));
        let windows = own.as_deref().unwrap_or(&self.windows);
        let Encoder { settings, level, .. } = *self;
        let estimates: Vec<f64> = (parts.iter().zip(&mut self.channels))
            .map(|(part, channel)| {
                channel.take(level, *part, self.bits);
                channel.estimate(level, &settings, windows)
            })
            .collect();
        let mut bits = |channel: usize| self.channels[channel].settle(level, &settings);
        // the code of how channels are told, and which they are
        let (code, chosen): (u32, Vec<usize>) = if parts.len() == planes.len() {
            let all: Vec<usize> = (0..parts.len()).collect();
            let _: u64 = all.iter().map(|channel| bits(*channel)).sum();
            (parts.len() as u32 - 1, all)
        } else if settings.pairs == Pairs::Tried {
            let exact: Vec<u64> = (0..parts.len()).map(bits).collect();
            let (code, pair) = least(|channel| exact[channel] as f64);
            (code, pair.to_vec())
        } else {
            let (code, pair) = least(|channel| estimates[channel]);
            let _: u64 = pair.iter().map(|channel| bits(*channel)).sum();
            (code, pair.to_vec())
        };
        let Encoder { into, channels, .. } = self;
        into.bytes.clear();
        head(into, frames, self.rate, code, self.bits, number);
        chosen.iter().for_each(|channel| channels[*channel].write(into));
        into.align();
        let sum = crc_16(&into.bytes);
        into.bytes.extend_from_slice(&sum.to_be_bytes());
        &into.bytes
    }
}

/// The pair of left, right, middle and side that takes the least, and its code (RFC 9639, section 9.1.3).
fn least(cost: impl Fn(usize) -> f64) -> (u32, [usize; 2]) {
    let (left, right, middle, side) = (0, 1, 2, 3);
    let mut best = (1, [left, right]);
    for next in [(8, [left, side]), (9, [side, right]), (10, [middle, side])] {
        let of = |pair: [usize; 2]| cost(pair[0]) + cost(pair[1]);
        if of(next.1) < of(best.1) {
            best = next;
        }
    }
    best
}

/// RFC 9639, section 9.1.
fn head(into: &mut Bits, frames: usize, rate: u32, channels: u32, bits: u32, number: u64) {
    // a frame begins, and all blocks but the last are alike
    into.put(0xFFF8, 16);
    let size = match frames {
        192 => 1,
        576 | 1152 | 2304 | 4608 => 2 + (frames / 576).ilog2(),
        256 | 512 | 1024 | 2048 | 4096 | 8192 | 16384 | 32768 => 8 + (frames / 256).ilog2(),
        ..=256 => 6,
        _ => 7,
    };
    into.put(size, 4);
    let (code, more) = rate_code(rate);
    into.put(code, 4);
    into.put(channels, 4);
    let depth = match bits {
        8 => 1,
        12 => 2,
        16 => 4,
        20 => 5,
        24 => 6,
        32 => 7,
        // as STREAMINFO says
        _ => 0,
    };
    into.put(depth << 1, 4);
    numbered(into, number as u32);
    match size {
        6 => into.put(frames as u32 - 1, 8),
        7 => into.put(frames as u32 - 1, 16),
        _ => {}
    }
    if let Some((value, width)) = more {
        into.put(value, width);
    }
    into.align();
    let sum = crc_8(&into.bytes);
    into.put(u32::from(sum), 8);
}

/// A rate's code, and what stands at the head's end for it, with its width.
fn rate_code(rate: u32) -> (u32, Option<(u32, u32)>) {
    let known = [88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
    match known.iter().zip(1..).find(|(known, _)| **known == rate) {
        Some((_, code)) => (code, None),
        None if rate.is_multiple_of(1_000) && rate < 256_000 => (12, Some((rate / 1_000, 8))),
        None if rate < 65_536 => (13, Some((rate, 16))),
        None if rate.is_multiple_of(10) && rate < 655_360 => (14, Some((rate / 10, 16))),
        None => (0, None),
    }
}

/// A frame's number as UTF-8 would write it as a character, in up to six bytes (RFC 9639, section 9.1.5).
fn numbered(into: &mut Bits, number: u32) {
    if number < 0x80 {
        return into.put(number, 8);
    }
    // the first byte has 7 bits less than there are bytes, each other one has 6
    let more = (1..5).find(|more| number >> (6 * more + 6 - more) == 0).unwrap_or(5);
    let ones = 0xFF00 >> (more + 1) & 0xFF;
    into.put(ones | number >> (6 * more), 8);
    (0..more).rev().for_each(|byte| into.put(0x80 | number >> (6 * byte) & 0x3F, 8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    fn bytes(write: impl Fn(&mut Bits)) -> Vec<u8> {
        let mut into = Bits::default();
        write(&mut into);
        into.align();
        into.bytes
    }

    #[test]
    fn numbers_are_written_as_characters_are() {
        for number in [0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x1_0000, 0x10_FFFF] {
            let text = char::from_u32(number).map(|c| c.to_string().into_bytes());
            assert_eq!(Some(bytes(|into| numbered(into, number))), text, "{number:#x}");
        }
        // beyond what a character may be, by the same rule
        assert_eq!(bytes(|into| numbered(into, 0x1F_FFFF)), [0xF7, 0xBF, 0xBF, 0xBF]);
        assert_eq!(bytes(|into| numbered(into, 0x20_0000)), [0xF8, 0x88, 0x80, 0x80, 0x80]);
        assert_eq!(bytes(|into| numbered(into, 0x3FF_FFFF)), [0xFB, 0xBF, 0xBF, 0xBF, 0xBF]);
        assert_eq!(bytes(|into| numbered(into, 0x400_0000)), [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]);
        assert_eq!(bytes(|into| numbered(into, 0x7FFF_FFFF)), [0xFD, 0xBF, 0xBF, 0xBF, 0xBF, 0xBF]);
    }

    #[test]
    fn heads_are_as_in_the_standard() {
        // RFC 9639, appendix D.1.2: one frame of one sample, stereo, 16 bits at 44.1 kHz, with its checksum
        assert_eq!(bytes(|into| head(into, 1, 44_100, 1, 16, 0)), [0xFF, 0xF8, 0x69, 0x18, 0, 0, 0xBF]);
        // appendix D.2.4: 16 samples, side and right
        assert_eq!(bytes(|into| head(into, 16, 44_100, 9, 16, 0)), [0xFF, 0xF8, 0x69, 0x98, 0, 0x0F, 0x99]);
        let sizes = [(192, 1), (576, 2), (1152, 3), (2304, 4), (4608, 5), (256, 8), (4096, 12), (32_768, 15)];
        for (frames, code) in sizes {
            let head = bytes(|into| head(into, frames, 48_000, 0, 24, 0));
            assert_eq!((head[2], head.len()), (code << 4 | 10, 6), "{frames}");
        }
        let long = bytes(|into| head(into, 4095, 352_800, 1, 24, 0));
        assert_eq!(long[2..9], [0x7E, 0x1C, 0, 0x0F, 0xFE, 0x89, 0xD0]);
        assert_eq!([24_000, 12_000, 44_101, 384_000, 655_371].map(|rate| rate_code(rate).0), [7, 12, 13, 14, 0]);
    }

    #[test]
    fn every_level_makes_the_same_frame() {
        let noise =
            |channel: u64| (0..BLOCK as i64).map(move |n| (Seed::of("f").with(channel).bipolar(n) * 9e4) as i32);
        let (left, right): (Vec<i32>, Vec<i32>) = (noise(1).collect(), noise(2).map(|x| (x / 3) << 2).collect());
        for compression in 0..=8 {
            let of = |level| {
                let mut encoder = Encoder::new(Settings::of(compression), 24, 48_000).at(level);
                [encoder.frame(&[&left, &right], 3).to_vec(), encoder.frame(&[&left[..777], &left[..777]], 4).to_vec()]
            };
            let first = of(Level::all()[0]);
            assert!(Level::all().into_iter().all(|level| of(level) == first), "level {compression}");
        }
    }

    #[test]
    fn the_cheapest_pair_is_taken() {
        let of = |costs: [f64; 4]| least(|channel| costs[channel]);
        assert_eq!(of([5.0, 5.0, 5.0, 5.0]), (1, [0, 1]));
        assert_eq!(of([4.0, 9.0, 5.0, 1.0]), (8, [0, 3]));
        assert_eq!(of([9.0, 4.0, 5.0, 1.0]), (9, [3, 1]));
        assert_eq!(of([9.0, 9.0, 5.0, 1.0]), (10, [2, 3]));
    }
}
