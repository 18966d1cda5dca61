//! The dimensions of a room: how long its lines, its diffusers and its early reflections are.

use crate::audio::{math, rng::Seed};
use crate::dsp::{GRID, parts::hadamard::LINES};

/// Diffusion steps before the network.
pub(super) const STEPS: usize = 3;

/// Early reflections on each side.
pub(super) const EARLY: usize = 7;

/// What tells one kind of room from another, at 100 % size; times in ms.
#[derive(Debug)]
pub(super) struct Kind {
    /// The shortest and the longest line of the network.
    lines: (f64, f64),
    /// Over what time each diffusion step spreads a sound.
    steps: [f64; STEPS],
    /// How the last of them leans towards its beginning: 1 is even.
    lean: f64,
    /// First and last early reflection, and their energy against the first pass of the diffuse sound; energy 0: none.
    early: (f64, f64),
    early_energy: f64,
}

/// As listed in the declaration: a wide space with walls far apart, and a steel sheet that answers at once and densely.
pub(super) const KINDS: [Kind; 2] = [
    Kind { lines: (31.0, 97.0), steps: [5.0, 17.0, 70.0], lean: 1.0, early: (8.0, 76.0), early_energy: 0.4 },
    Kind { lines: (23.0, 79.0), steps: [1.7, 6.0, 52.0], lean: 1.5, early: (0.0, 0.0), early_energy: 0.0 },
];

#[derive(Clone, Copy, Debug)]
pub(super) struct Reflection {
    /// After the predelay, in frames.
    pub delay: usize,
    pub gain: f64,
    /// Which input it comes from: 0 or 1.
    pub side: usize,
}

/// All lengths in frames.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub lines: [usize; LINES],
    pub steps: [[usize; LINES]; STEPS],
    /// Which channel each channel's sound goes on in, step by step.
    pub order: [[usize; LINES]; STEPS],
    /// For left and right; empty for rooms without.
    pub early: [Vec<Reflection>; 2],
    pub early_energy: f64,
    /// Left and right: the all-passes behind the early reflections.
    pub walls: [[usize; 2]; 2],
}

impl Room {
    /// `size` is 1 at 100 %. A room is never so large that a sound crosses it fewer than six times in its `decay` (s): that would be
    /// echoes, no reverberation. The seed moves every surface a little.
    pub(super) fn new(kind: &Kind, size: f64, decay: f64, seed: Seed, rate: f64) -> Room {
        let (shortest, longest) = kind.lines;
        let mean = (longest - shortest) / math::ln(longest / shortest);
        let scale = (0.2 + 0.8 * size).min(decay * 1000.0 / (6.0 * mean));
        let frames = |ms: f64| (ms * scale * rate / 1000.0) as usize;

        let lengths = seed.with(1);
        let mut lines = [0; LINES];
        for i in 0..LINES {
            let place = (i as f64 + 0.35 * lengths.bipolar(i as i64)) / (LINES - 1) as f64;
            let wanted = frames(shortest * math::pow(longest / shortest, place)).max(GRID as usize + 1);
            lines[i] = (wanted..).find(|n| is_prime(*n) && !lines[..i].contains(n)).unwrap_or(wanted);
        }
        let permuted = shuffled(seed.with(2));
        let lines = std::array::from_fn(|i| lines[permuted[i]]);

        let steps = std::array::from_fn(|step| {
            let places = seed.with(10 + step as u64);
            let slots = shuffled(seed.with(20 + step as u64));
            let lean = if step + 1 == STEPS { kind.lean } else { 1.0 };
            std::array::from_fn(|i| {
                let place = (slots[i] as f64 + places.unit(i as i64)) / LINES as f64;
                frames(kind.steps[step] * math::pow(place, lean))
            })
        });
        let order = std::array::from_fn(|step| shuffled(seed.with(30 + step as u64)));

        let early = std::array::from_fn(|side| {
            if kind.early_energy == 0.0 { Vec::new() } else { reflections(kind, side, seed.with(40), frames) }
        });
        let walls = [[3.1, 7.7], [3.7, 6.9]].map(|side| side.map(frames));
        Room { lines, steps, order, early, early_energy: kind.early_energy, walls }
    }

    /// From the input to the last line's first arrival: the longest way before the decay proper.
    pub(super) fn reach(&self) -> usize {
        let steps: usize = self.steps.iter().map(|step| step.iter().max().copied().unwrap_or(0)).sum();
        let early = self.early.iter().flatten().map(|r| r.delay).max().unwrap_or(0);
        (steps + self.lines.iter().max().copied().unwrap_or(0)).max(early)
    }
}

/// Early reflections of one side: their times grow by a steady ratio, their gains fall as distance does, most of them come from the
/// sound's own side, and the two sides have no time in common.
fn reflections(kind: &Kind, side: usize, seed: Seed, frames: impl Fn(f64) -> usize) -> Vec<Reflection> {
    let (first, last) = kind.early;
    let mut all: Vec<Reflection> = (0..EARLY)
        .map(|k| {
            let index = (2 * k + side) as i64;
            let place = (index as f64 + 0.7 * seed.unit(index)) / (2 * EARLY) as f64;
            let ms = first * math::pow(last / first, place);
            let sign = if seed.with(1).unit(index) < 0.5 { -1.0 } else { 1.0 };
            let crossed = k % 3 == 2;
            Reflection {
                delay: frames(ms),
                gain: sign / (1.0 + ms / 20.0),
                side: if crossed { 1 - side } else { side },
            }
        })
        .collect();
    let energy: f64 = all.iter().map(|r| r.gain * r.gain).sum();
    let scale = (kind.early_energy / energy).sqrt();
    all.iter_mut().for_each(|r| r.gain *= scale);
    all
}

/// Lengths that share no divisor bring no echoes together (M. R. Schroeder, "Natural sounding artificial reverberation", JAES 1962).
fn is_prime(n: usize) -> bool {
    n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d))
}

/// 0 to 15 in an order of the seed's (Fisher-Yates).
fn shuffled(seed: Seed) -> [usize; LINES] {
    let mut order = std::array::from_fn(|i| i);
    for i in (1..LINES).rev() {
        order.swap(i, (seed.unit(i as i64) * (i + 1) as f64) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_distinct_primes_and_longer_than_a_cell() {
        for kind in &KINDS {
            for (size, decay, rate) in [(1.0, 2.0, 48e3), (0.0, 0.1, 8e3), (2.0, 20.0, 192e3)] {
                let room = Room::new(kind, size, decay, Seed::new(1), rate);
                for (i, line) in room.lines.iter().enumerate() {
                    assert!(is_prime(*line) && *line > GRID as usize && !room.lines[..i].contains(line));
                }
                assert!(room.order.iter().all(|order| (0..LINES).all(|i| order.contains(&i))));
            }
        }
    }

    #[test]
    fn a_short_decay_makes_a_small_room() {
        let lines = |decay| Room::new(&KINDS[0], 1.0, decay, Seed::new(1), 48e3).lines.iter().sum::<usize>();
        assert_eq!(lines(2.0), lines(20.0));
        assert!(lines(0.1) as f64 / 16.0 < 0.1 * 48e3 / 5.5);
    }
}
