//! How a residual is coded (RFC 9639, section 9.2.7): in how many partitions, and each with which parameter.
//! Residuals come folded: 0, -1, 1, -2, 2 … are 0, 1, 2, 3, 4 …

use super::bits::Bits;
use crate::audio::isa::{Level, levels};

/// How a partition is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    /// Rice codes with so many low bits.
    Rice(u32),
    /// Each number as it is, in so many bits; none where all are 0.
    Plain(u32),
}

/// Largest parameters of 4 and of 5 bits: all ones says that numbers are plain.
const SHORT: u32 = 14;
const LONG: u32 = 30;
/// Bits that say how many a plain number has.
const WIDTH: u32 = 5;

/// How all partitions are coded.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// There are 2^order of them.
    order: u32,
    /// Parameters have 5 bits.
    long: bool,
    codes: Vec<Code>,
    /// Of all numbers.
    pub(super) sum: u64,
    /// All that [`Plan::write`] writes.
    pub(super) bits: u64,
}

/// What is known of a partition: the sum of its numbers, all their bits, how many there are.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    sum: u64,
    all: u32,
    count: u64,
}

impl Part {
    fn joined(self, other: Part) -> Part {
        Part { sum: self.sum + other.sum, all: self.all | other.all, count: self.count + other.count }
    }

    /// The best parameter and its bits when what lies below it is spread evenly: a number is then floored by half of that on average.
    fn estimate(&self) -> (u32, u64) {
        let half = self.count / 2;
        let sum = self.sum + half;
        let mean = sum / self.count.max(1);
        // one bit more for each of them costs as much as half of all unary codes
        let mut low = mean.max(1).ilog2().saturating_sub(1);
        while low < LONG && sum >> (low + 1) > self.count {
            low += 1;
        }
        (low, self.count * u64::from(low + 1) + (sum >> low).saturating_sub(half))
    }

    /// Bits of the numbers themselves: a folded one has as many as one with a sign.
    fn width(&self) -> u32 {
        32 - self.all.leading_zeros()
    }
}

/// Fewer partitions than 2^order where the block can't be cut so often, or the first would have nothing left of the predictor's first samples.
fn finest(block: usize, before: usize, most: u32) -> u32 {
    (0..=most).rev().find(|order| block.is_multiple_of(1 << order) && block >> order > before).unwrap_or(0)
}

impl Plan {
    /// The best of all with at most 2^`most` partitions. `folded`: the residual of a block, without the `before` samples that nothing predicts.
    pub(super) fn of(level: Level, folded: &[u32], before: usize, most: u32, parts: &mut Parts) -> Plan {
        let block = folded.len() + before;
        let finest = finest(block, before, most);
        let size = block >> finest;
        let Parts(parts) = parts;
        parts.clear();
        parts.extend(pieces(folded, before, size).map(|piece| {
            let (sum, all) = summed(level, piece);
            Part { sum, all, count: piece.len() as u64 }
        }));
        let (mut best, mut best_bits) = (finest, u64::MAX);
        let mut all = parts.as_slice().to_vec();
        for order in (0..=finest).rev() {
            let bits: u64 =
                all.iter().map(|part| part.estimate().1.min(part.count * u64::from(part.width())) + 4).sum();
            if bits < best_bits {
                (best, best_bits) = (order, bits);
                parts.clone_from(&all);
            }
            all = all.chunks(2).map(|two| two.iter().copied().reduce(Part::joined).unwrap_or_default()).collect();
        }
        Plan::with(level, folded, before, best, parts)
    }

    /// Exactly, with 2^`order` partitions of which this is known.
    fn with(level: Level, folded: &[u32], before: usize, order: u32, parts: &[Part]) -> Plan {
        let size = (folded.len() + before) >> order;
        let mut bits = 0;
        let code = |(piece, part): (&[u32], &Part)| {
            let (code, cost) = best(level, piece, part);
            bits += cost;
            code
        };
        let codes: Vec<Code> = pieces(folded, before, size).zip(parts).map(code).collect();
        let long = codes.iter().any(|code| matches!(code, Code::Rice(low) if *low > SHORT));
        bits += 6 + codes.len() as u64 * if long { 5 } else { 4 };
        Plan { order, long, codes, sum: parts.iter().map(|part| part.sum).sum(), bits }
    }

    pub(super) fn write(&self, folded: &[u32], before: usize, into: &mut Bits) {
        into.put(u32::from(self.long), 2);
        into.put(self.order, 4);
        let (width, escape) = if self.long { (5, LONG + 1) } else { (4, SHORT + 1) };
        let size = (folded.len() + before) >> self.order;
        for (piece, code) in pieces(folded, before, size).zip(&self.codes) {
            match *code {
                Code::Rice(low) => {
                    into.put(low, width);
                    into.rice(piece, low);
                }
                Code::Plain(bits) => {
                    into.put(escape, width);
                    into.put(bits, WIDTH);
                    let unfolded = |folded: u32| i64::from((folded >> 1) as i32 ^ -((folded & 1) as i32));
                    piece.iter().filter(|_| bits > 0).for_each(|folded| into.signed(unfolded(*folded), bits));
                }
            }
        }
    }
}

/// Room for what is known of partitions.
#[derive(Debug, Default)]
pub(super) struct Parts(Vec<Part>);

/// The partitions: the first is shorter by what nothing predicts.
fn pieces(folded: &[u32], before: usize, size: usize) -> impl Iterator<Item = &[u32]> {
    let (first, rest) = folded.split_at(size.saturating_sub(before).min(folded.len()));
    std::iter::once(first).chain(rest.chunks(size.max(1)))
}

/// The best code of a partition and its exact bits, without the parameter.
fn best(level: Level, piece: &[u32], part: &Part) -> (Code, u64) {
    let exact = |low: u32| part.count * u64::from(low + 1) + shifted(level, piece, low);
    let (guess, _) = part.estimate();
    let mut best = (guess, exact(guess));
    // its neighbours, and on that way as long as it gets better
    for down in [true, false] {
        let start = best.0;
        let mut low = start;
        while if down { low > 0 } else { low < LONG } {
            low = if down { low - 1 } else { low + 1 };
            let bits = exact(low);
            if bits >= best.1 {
                break;
            }
            best = (low, bits);
        }
        if best.0 != start {
            break;
        }
    }
    let width = part.width();
    let plain = part.count * u64::from(width) + u64::from(WIDTH);
    if width < 32 && plain < best.1 { (Code::Plain(width), plain) } else { (Code::Rice(best.0), best.1) }
}

levels! {
    /// The sum of the numbers, and every bit that one of them has.
    fn summed(folded: &[u32]) -> (u64, u32) = sum;
    /// The sum of what is above the lowest bits.
    fn shifted(folded: &[u32], low: u32) -> u64 = shift;
}

#[inline(always)]
fn sum(folded: &[u32]) -> (u64, u32) {
    folded.iter().fold((0, 0), |(sum, all), x| (sum + u64::from(*x), all | x))
}

#[inline(always)]
fn shift(folded: &[u32], low: u32) -> u64 {
    folded.iter().map(|x| u64::from(x >> low)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    fn fold(x: i32) -> u32 {
        (x << 1 ^ x >> 31) as u32
    }

    /// Reads what a plan wrote.
    fn read(bytes: &[u8], count: usize, before: usize) -> Vec<u32> {
        let mut at = 0;
        let mut bit = || {
            at += 1;
            u32::from(bytes[(at - 1) / 8] >> (7 - (at - 1) % 8) & 1)
        };
        let mut number = |bits: u32| (0..bits).fold(0, |all, _| all << 1 | bit());
        let (width, order) = (4 + number(2), number(4));
        let mut all = Vec::new();
        for part in 0..1 << order {
            let length = ((count + before) >> order) - if part == 0 { before } else { 0 };
            let low = number(width);
            let plain = (low == (1 << width) - 1).then(|| number(5));
            for _ in 0..length {
                all.push(match plain {
                    Some(bits) => fold((number(bits) << (32 - bits.max(1))) as i32 >> (32 - bits.max(1))),
                    None => {
                        let mut high = 0;
                        while number(1) == 0 {
                            high += 1;
                        }
                        high << low | number(low)
                    }
                });
            }
        }
        all
    }

    /// Numbers of so many bits at most, of changing size.
    fn numbers(count: usize, bits: u32) -> Vec<u32> {
        let seed = Seed::of("rice").with(u64::from(bits));
        let one = |n: usize| {
            let wide = (seed.bits(2 * (n / 97) as i64) % u64::from(bits + 1)) as u32;
            fold((seed.bits(n as i64) << 32 >> (64 - wide.max(1))) as u32 as i32 - (1 << wide.max(1) >> 1))
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn what_is_written_is_read_and_as_long_as_foretold() {
        for (bits, before) in [(1, 0), (3, 1), (8, 4), (14, 12), (20, 8), (28, 0), (30, 32)] {
            for block in [4096, 4000, 577, 33] {
                let folded = numbers(block - before, bits);
                for most in [0, 3, 8] {
                    let plan = Plan::of(Level::find(), &folded, before, most, &mut Parts::default());
                    assert!(plan.order <= most);
                    let mut into = Bits::default();
                    plan.write(&folded, before, &mut into);
                    into.align();
                    assert_eq!(into.bytes.len() as u64, plan.bits.div_ceil(8), "{bits} bits, {block}");
                    assert!(read(&into.bytes, folded.len(), before) == folded, "{bits} bits, {block}");
                    assert_eq!(plan.sum, folded.iter().map(|x| u64::from(*x)).sum::<u64>());
                }
            }
        }
    }

    #[test]
    fn every_kind_of_code_is_used_where_it_is_the_shortest() {
        let plan = |folded: &[u32]| Plan::of(Level::find(), folded, 0, 0, &mut Parts::default());
        let bits = |code: usize| plan(&vec![code as u32; 1000]);
        assert_eq!((plan(&[0; 1000]).codes, plan(&[0; 1000]).bits), (vec![Code::Plain(0)], 6 + 4 + 5));
        assert_eq!(bits(1).codes, [Code::Plain(1)]);
        // geometric with a mean near 10: a Rice code, in its shortest form, and nothing else is shorter
        let folded: Vec<u32> = (0..1000).map(|n| Seed::of("g").bits(n).leading_zeros() * 10).collect();
        let best = plan(&folded);
        let exact = |low: u32| folded.iter().map(|x| u64::from((x >> low) + 1 + low)).sum::<u64>() + 10;
        assert_eq!(Some(best.bits), (0..15).map(exact).min());
        assert!(!best.long);
        let loud: Vec<u32> = (0..1000).map(|n| (Seed::of("l").bits(n).leading_zeros() + 1) << 20).collect();
        assert!(plan(&loud).long, "more than 14 bits");
    }

    #[test]
    fn a_block_is_cut_where_it_can_be() {
        assert_eq!(finest(4096, 8, 8), 8);
        assert_eq!(finest(4096, 16, 8), 7, "the first partition must hold something");
        assert_eq!(finest(4097, 0, 8), 0);
        assert_eq!(finest(12, 2, 8), 2);
    }

    #[test]
    fn every_level_counts_alike() {
        let folded = numbers(1003, 31);
        for level in Level::all() {
            assert_eq!(summed(level, &folded), sum(&folded));
            assert_eq!(shifted(level, &folded, 7), shift(&folded, 7));
        }
    }
}
