//! A file and a seed make another file.

use std::ops::Range;

use mixdown::audio::rng::Seed;

use super::mend;

/// Numbers as they come, each the next of its seed.
pub(crate) struct Dice(Seed, i64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(Seed::of("broken files").with(seed), 0)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.1 += 1;
        (self.0.bits(self.1) % most.max(1) as u64) as usize
    }
}

/// No mutant is longer: duplicates of duplicates would be.
const MOST: usize = 1 << 16;
/// Where most headers lie.
const HEAD: usize = 160;
const BYTES: [u8; 8] = [0, 1, 0x7F, 0x80, 0xFF, 0xFE, 0x10, b' '];
/// What a size may be that none is: ends of ranges, and what overflows when a little is added or when it is multiplied.
const NUMBERS: [u64; 18] = [
    0,
    1,
    7,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFF0,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
    1 << 32,
    1 << 40,
    0x7FFF_FFFF_FFFF_FFF0,
    0x7FFF_FFFF_FFFF_FFFF,
    1 << 63,
    0xFFFF_FFFF_FFFF_FFF8,
    u64::MAX,
];

/// The mutant of `seed`: a file of the corpus, changed in one place or a few.
pub(crate) fn of(corpus: &[(String, Vec<u8>)], which: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut bytes = corpus[which].1.clone();
    for _ in 0..=[0, 0, 0, 1, 2, 5][dice.below(6)] {
        change(&mut bytes, corpus, &mut dice);
    }
    if dice.below(2) == 0 {
        mend::checksums(&mut bytes);
    }
    bytes
}

/// As [`of`], with changes of single bytes and of numbers in its first bytes only.
pub(crate) fn headed(corpus: &[(String, Vec<u8>)], which: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut bytes = corpus[which].1.clone();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len().min(HEAD));
        match dice.below(3) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = BYTES[dice.below(BYTES.len())],
            _ => number(&mut bytes, at, &mut dice),
        }
    }
    if dice.below(2) == 0 {
        mend::checksums(&mut bytes);
    }
    bytes
}

/// A place: every second time in the head, now and then where a chunk begins.
fn place(bytes: &[u8], dice: &mut Dice) -> usize {
    match dice.below(8) {
        0..4 => dice.below(bytes.len().min(HEAD)),
        4 | 5 => {
            let chunks = chunks(bytes);
            if chunks.is_empty() { dice.below(bytes.len()) } else { chunks[dice.below(chunks.len())] }
        }
        _ => dice.below(bytes.len()),
    }
}

/// Where four letters stand, as the names of chunks, pages and boxes do.
fn chunks(bytes: &[u8]) -> Vec<usize> {
    let letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b' ';
    let named = |w: &[u8]| w.iter().all(letter) && w.iter().filter(|b| b.is_ascii_alphabetic()).count() > 1;
    bytes.windows(4).enumerate().filter(|(_, w)| named(w)).map(|(at, _)| at).collect()
}

fn range(bytes: &[u8], dice: &mut Dice) -> Range<usize> {
    let from = place(bytes, dice);
    let to = if dice.below(2) == 0 { place(bytes, dice) } else { from + dice.below(64) };
    from.min(to)..from.max(to).min(bytes.len())
}

fn number(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    let value = NUMBERS[dice.below(NUMBERS.len())].wrapping_add(dice.below(3) as u64);
    let long = [2, 4, 4, 8][dice.below(4)].min(bytes.len() - at);
    let field = &mut bytes[at..at + long];
    field.copy_from_slice(&value.to_le_bytes()[..long]);
    if dice.below(2) == 0 {
        field.reverse();
    }
}

fn change(bytes: &mut Vec<u8>, corpus: &[(String, Vec<u8>)], dice: &mut Dice) {
    if bytes.is_empty() {
        return;
    }
    let at = place(bytes, dice);
    match dice.below(16) {
        0 | 1 => bytes[at] ^= 1 << dice.below(8),
        2 | 3 => bytes[at] = BYTES[dice.below(BYTES.len())],
        4..7 => number(bytes, at, dice),
        7 => {
            // behind the letters of a chunk stands its size
            let chunks = chunks(bytes);
            if !chunks.is_empty() {
                let at = (chunks[dice.below(chunks.len())] + 4).min(bytes.len() - 1);
                number(bytes, at, dice);
            }
        }
        8 => bytes.truncate(at),
        9 => {
            let part = range(bytes, dice);
            let part = bytes[part].to_vec();
            let times = [1, 1, 2, 20][dice.below(4)];
            bytes.splice(at..at, part.repeat(times));
        }
        10 => {
            let (one, other) = (range(bytes, dice), range(bytes, dice));
            if one.end <= other.start {
                let (first, second) = (bytes[one.clone()].to_vec(), bytes[other.clone()].to_vec());
                bytes.splice(other, first);
                bytes.splice(one, second);
            }
        }
        11 => {
            // the beginning of this, the end of another
            let other = &corpus[dice.below(corpus.len())].1;
            let from = place(other, dice);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        12 => {
            let other = &corpus[dice.below(corpus.len())].1;
            let part = range(other, dice);
            bytes.splice(at..at, other[part].iter().copied());
        }
        13 => {
            let byte = BYTES[dice.below(BYTES.len())];
            bytes.splice(at..at, vec![byte; [1, 2, 3, 8, 1000][dice.below(5)]]);
        }
        14 => {
            let part = range(bytes, dice);
            bytes.drain(part);
        }
        _ => {
            // noise over a part
            let part = range(bytes, dice);
            for byte in &mut bytes[part] {
                *byte = dice.below(256) as u8;
            }
        }
    }
    bytes.truncate(MOST);
}
