//! From the gain that every frame needs to a gain that is smooth and nowhere above: a sliding minimum over the look-ahead (D. Lemire, "Streaming
//! maximum-minimum filter using no more than three comparisons per element", 2006) and three box filters, a quadratic spline in all
//! (P. Hämäläinen, "Smoothing of the control signal without clipped output in digital peak limiters", DAFx-02). Box lengths in the ratio that
//! makes the side lobes smallest (Signalsmith `BoxStackFilter`). Sums are integers: they are exact, however long they run.

use crate::audio::{StateError, StateReader, StateWriter};

/// The first two boxes' shares of the whole length.
pub const RATIOS: [f64; 2] = [0.404, 0.335];

#[derive(Clone, Debug)]
struct Mean {
    ring: Vec<i64>,
    at: usize,
    sum: i64,
}

impl Mean {
    #[inline(always)]
    fn step(&mut self, x: i64) -> i64 {
        self.sum += x - self.ring[self.at];
        self.ring[self.at] = x;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        self.sum
    }

    fn fill(&mut self, x: i64) {
        self.ring.fill(x);
        self.at = 0;
        self.sum = x * self.ring.len() as i64;
    }
}

/// A gain's hold and attack for one channel or for linked ones.
#[derive(Clone, Debug)]
pub struct Brickwall {
    /// Unity as an integer.
    one: i64,
    /// Unity as the last sum gives it.
    full: f64,
    window: u64,
    means: [Mean; 3],
    /// Candidates for the minimum, ascending in value and time: a ring of (time, value).
    queue: Vec<(u64, i64)>,
    head: usize,
    count: usize,
    now: u64,
    /// Frames since something else than unity came, no further than it takes to be forgotten.
    steady: u64,
    settled: u64,
}

impl Brickwall {
    /// It is `lookahead` (≥ 1) frames late: time enough to go down softly. The gain of a frame is at most what the frame itself, the next one and
    /// the `before` frames before it need.
    pub fn new(lookahead: usize, before: usize) -> Brickwall {
        let span = lookahead + 2; // three boxes of together this length reach over lookahead - 1 frames
        let first = ((span as f64 * RATIOS[0]).round() as usize).clamp(1, span - 2);
        let second = ((span as f64 * RATIOS[1]).round() as usize).clamp(1, span - first - 1);
        let lengths = [first, second, span - first - second];
        let product: usize = lengths.iter().product();
        let bits = (62 - (usize::BITS - product.leading_zeros())).min(40);
        let window = (lookahead + before) as u64 + 1;
        let means = lengths.map(|n| Mean { ring: vec![0; n], at: 0, sum: 0 });
        let mut this = Brickwall {
            one: 1 << bits,
            full: (product as i64 * (1 << bits)) as f64,
            window,
            means,
            queue: vec![(0, 0); window as usize + 1],
            head: 0,
            count: 0,
            now: 0,
            steady: 0,
            settled: window + span as u64,
        };
        this.reset();
        this
    }

    /// Replaces needed gains (0..=1) by the smooth one, exactly 1 where nothing near is below 1.
    pub fn process(&mut self, gains: &mut [f64]) {
        if self.at_rest() && gains.iter().all(|g| *g == 1.0) {
            return;
        }
        let scale = self.one as f64;
        for gain in gains {
            // rounded down: never above what is needed
            let value = (*gain * scale) as i64;
            self.steady = if value == self.one { (self.steady + 1).min(self.settled) } else { 0 };
            let mut x = self.minimum(value);
            for mean in &mut self.means {
                x = mean.step(x);
            }
            *gain = x as f64 / self.full;
        }
    }

    fn minimum(&mut self, value: i64) -> i64 {
        let size = self.queue.len();
        let wrap = |i: usize| if i >= size { i - size } else { i };
        while self.count > 0 && self.queue[wrap(self.head + self.count - 1)].1 >= value {
            self.count -= 1;
        }
        self.queue[wrap(self.head + self.count)] = (self.now, value);
        self.count += 1;
        if self.queue[self.head].0 + self.window <= self.now {
            self.head = wrap(self.head + 1);
            self.count -= 1;
        }
        self.now += 1;
        self.queue[self.head].1
    }

    /// Unity comes out, and goes on to as long as it goes in.
    pub fn at_rest(&self) -> bool {
        self.steady == self.settled
    }

    pub fn reset(&mut self) {
        let mut x = self.one;
        for mean in &mut self.means {
            mean.fill(x);
            x = mean.sum;
        }
        (self.head, self.count, self.now) = (0, 1, 1);
        self.queue[0] = (0, self.one);
        self.steady = self.settled;
    }

    pub fn save(&self, into: &mut StateWriter) {
        for mean in &self.means {
            let (new, old) = mean.ring.split_at(mean.at);
            old.iter().chain(new).for_each(|x| into.i64(*x));
        }
        into.u64(self.steady);
        into.u64(self.count as u64);
        for i in 0..self.count {
            let (time, value) = self.queue[(self.head + i) % self.queue.len()];
            into.u64(self.now - time);
            into.i64(value);
        }
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        let mut most = self.one;
        for mean in &mut self.means {
            mean.at = 0;
            for x in &mut mean.ring {
                *x = from.i64()?;
                if !(0..=most).contains(x) {
                    return Err(StateError);
                }
            }
            mean.sum = mean.ring.iter().sum();
            most *= mean.ring.len() as i64;
        }
        self.steady = from.u64()?.min(self.settled);
        let count = from.u64()?;
        if count == 0 || count > self.window {
            return Err(StateError);
        }
        (self.head, self.count, self.now) = (0, count as usize, self.window);
        for i in 0..self.count {
            let age = from.u64()?;
            let time = self.now.checked_sub(age).ok_or(StateError)?;
            self.queue[i] = (time, from.i64()?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    #[test]
    fn it_obeys_every_frame_in_reach_and_returns_to_exactly_one() {
        for (lookahead, before) in [(1, 0), (2, 2), (5, 2), (96, 2), (481, 0)] {
            let seed = Seed::new(lookahead as u64);
            let mut wall = Brickwall::new(lookahead, before);
            let need: Vec<f64> =
                (0..3000).map(|i| if i < 1500 && seed.unit(i) > 0.97 { seed.unit(i + 9999) } else { 1.0 }).collect();
            let mut out = need.clone();
            out.chunks_mut(37).for_each(|x| wall.process(x));
            for j in 0..need.len() - lookahead.max(2) {
                let reach = j.saturating_sub(before)..j + 2;
                let least = need[reach].iter().fold(1.0f64, |a, b| a.min(*b));
                assert!(out[j + lookahead] <= least + 1e-15, "{lookahead}: {j}");
            }
            assert_eq!(out[2999], 1.0);
            assert!(wall.at_rest());
        }
    }
}
