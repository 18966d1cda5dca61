use crate::audio::{StateError, StateReader, StateWriter};

/// A ring of the last samples of one channel.
///
/// Time is counted back from the next sample to be written: a delay of 1 is the sample written last.
#[derive(Clone, Debug)]
pub struct DelayLine {
    ring: Vec<f64>,
    /// Where the next sample goes: the oldest is there.
    next: usize,
}

impl DelayLine {
    /// Holds the last `longest` samples (at least one), all zero at first.
    pub fn new(longest: usize) -> DelayLine {
        DelayLine { ring: vec![0.0; longest.max(1)], next: 0 }
    }

    /// How many samples it holds: the longest delay.
    pub fn longest(&self) -> usize {
        self.ring.len()
    }

    #[inline]
    pub fn push(&mut self, x: f64) {
        self.ring[self.next] = x;
        self.next += 1;
        if self.next == self.ring.len() {
            self.next = 0;
        }
    }

    /// The sample `delay` (1 to `longest`) before the next.
    #[inline]
    pub fn tap(&self, delay: usize) -> f64 {
        self.ring[self.place(delay)]
    }

    #[inline]
    fn place(&self, delay: usize) -> usize {
        debug_assert!(delay >= 1 && delay <= self.ring.len());
        if self.next >= delay { self.next - delay } else { self.next + self.ring.len() - delay }
    }

    /// Appends samples: no more than `longest`.
    #[inline]
    pub fn write(&mut self, from: &[f64]) {
        let room = self.ring.len() - self.next;
        if from.len() < room {
            self.ring[self.next..][..from.len()].copy_from_slice(from);
            self.next += from.len();
        } else {
            let (head, rest) = from.split_at(room);
            self.ring[self.next..].copy_from_slice(head);
            self.ring[..rest.len()].copy_from_slice(rest);
            self.next = rest.len();
        }
    }

    /// The samples from `delay` before the next on, forward in time: `delay` is `into.len()` to `longest`.
    #[inline]
    pub fn read(&self, delay: usize, into: &mut [f64]) {
        debug_assert!(into.len() <= delay);
        let from = self.place(delay);
        let straight = self.ring.len() - from;
        if into.len() <= straight {
            into.copy_from_slice(&self.ring[from..][..into.len()]);
        } else {
            let (head, rest) = into.split_at_mut(straight);
            head.copy_from_slice(&self.ring[from..]);
            rest.copy_from_slice(&self.ring[..rest.len()]);
        }
    }

    /// The same without a copy, where the seam of the ring isn't in it.
    #[inline]
    pub fn get(&self, delay: usize, frames: usize) -> Option<&[f64]> {
        self.ring.get(self.place(delay)..)?.get(..frames)
    }

    pub fn clear(&mut self) {
        self.ring.fill(0.0);
    }

    /// Oldest first.
    pub fn save(&self, into: &mut StateWriter) {
        into.all(&self.ring[self.next..]);
        into.all(&self.ring[..self.next]);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.next = 0;
        from.all(&mut self.ring)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_after_its_delay_across_the_seam() {
        let mut line = DelayLine::new(7);
        let mut count = 0.0;
        for length in [3, 5, 1, 7, 2, 6, 4] {
            let piece: Vec<f64> = (0..length).map(|i| count + f64::from(i)).collect();
            line.write(&piece);
            count += f64::from(length);
            let held = (count as usize).min(7);
            let mut out = vec![0.0; held];
            line.read(held, &mut out);
            for (i, x) in out.iter().enumerate() {
                assert_eq!(*x, count - held as f64 + i as f64);
                assert_eq!(*x, line.tap(held - i));
            }
            assert!(line.get(held, held).is_none_or(|same| same == out));
        }
    }

    #[test]
    fn the_state_does_not_tell_where_the_seam_was() {
        let (mut a, mut b) = (DelayLine::new(5), DelayLine::new(5));
        a.write(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        b.write(&[9.0, 9.0, 1.0]);
        b.write(&[2.0, 3.0, 4.0, 5.0]);
        let bytes = |line: &DelayLine| {
            let mut writer = StateWriter::new();
            line.save(&mut writer);
            writer.into_bytes()
        };
        assert_eq!(bytes(&a), bytes(&b));
        let mut c = DelayLine::new(5);
        let saved = bytes(&b);
        c.load(&mut StateReader::new(&saved)).unwrap();
        assert_eq!((1..=5).map(|d| c.tap(d)).collect::<Vec<_>>(), [5.0, 4.0, 3.0, 2.0, 1.0]);
        assert_eq!(c.load(&mut StateReader::new(&saved[8..])), Err(StateError));
    }
}
