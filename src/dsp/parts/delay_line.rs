use super::cell::CELL;
use crate::audio::{Saved, StateError, StateReader, StateWriter};

/// A ring of the last samples of one channel, written and read in pieces of at most a grid cell. It moves whole cells, in one piece and of a
/// length that is known, which is several times as fast as copies of any length.
///
/// Time is counted back from the next sample to be written: a delay of 1 is the sample written last.
#[derive(Clone, Debug)]
pub struct DelayLine<T = f64> {
    /// The ring, one cell longer than the longest delay, so that a cell can be written where less than one is meant; and behind its seam
    /// its first cell once more, so that a cell can be read from every place.
    ring: Vec<T>,
    longest: usize,
    /// Where the next sample goes.
    next: usize,
}

impl<T: Saved + Default> DelayLine<T> {
    /// Holds the last `longest` samples (at least one), all zero at first.
    pub fn new(longest: usize) -> DelayLine<T> {
        let longest = longest.max(1);
        DelayLine { ring: vec![T::default(); longest + 2 * CELL], longest, next: 0 }
    }

    /// How many samples it holds: the longest delay.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Where the next cell goes: to be filled, and then to be [kept](DelayLine::keep).
    #[inline(always)]
    pub fn room(&mut self) -> &mut [T; CELL] {
        self.ring[self.next..].first_chunk_mut().expect("a cell fits behind the seam")
    }

    /// Appends the first `frames` of the cell that was put into the [`room`](DelayLine::room).
    #[inline(always)]
    pub fn keep(&mut self, frames: usize) {
        let seam = self.longest + CELL;
        if self.next < CELL || self.next + CELL > seam {
            self.mend();
        }
        self.next += frames;
        if self.next >= seam {
            self.next -= seam;
        }
    }

    /// After a cell was written that touches the ring's first cell or its seam: makes the two copies of the first cell alike again.
    #[inline(never)]
    fn mend(&mut self) {
        let seam = self.longest + CELL;
        if self.next < CELL {
            self.ring.copy_within(self.next..CELL, seam + self.next);
        }
        if self.next + CELL > seam {
            self.ring.copy_within(seam..self.next + CELL, 0);
        }
    }

    #[inline(always)]
    fn place(&self, delay: usize) -> usize {
        debug_assert!(delay >= 1 && delay <= self.longest);
        if self.next >= delay { self.next - delay } else { self.next + self.longest + CELL - delay }
    }

    /// A cell of samples from `delay` (1 to `longest`) before the next on, forward in time. Those after the sample written last mean nothing.
    #[inline(always)]
    pub fn cell(&self, delay: usize) -> &[T; CELL] {
        self.ring[self.place(delay)..].first_chunk().expect("a cell lies behind the seam")
    }

    pub fn clear(&mut self) {
        self.ring.fill(T::default());
    }

    /// Oldest first.
    pub fn save(&self, into: &mut StateWriter) {
        let oldest = self.place(self.longest);
        let straight = (self.longest + CELL - oldest).min(self.longest);
        into.all(&self.ring[oldest..][..straight]);
        into.all(&self.ring[..self.longest - straight]);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        let (held, more) = self.ring.split_at_mut(self.longest);
        from.all(held)?;
        more.fill(T::default());
        self.next = self.longest;
        self.ring.copy_within(..CELL, self.longest + CELL);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(line: &mut DelayLine, piece: &[f64]) {
        // what is behind a piece must not matter
        *line.room() = [f64::NAN; CELL];
        line.room()[..piece.len()].copy_from_slice(piece);
        line.keep(piece.len());
    }

    #[test]
    fn what_goes_in_comes_out_after_its_delay_across_the_seam() {
        for longest in [1, 7, 31, 32, 33, 100] {
            let mut line = DelayLine::new(longest);
            let mut count = 0;
            for length in [3, 5, 1, 32, 2, 6, 31, 32, 32, 4].repeat(3) {
                let piece: Vec<f64> = (0..length).map(|i| f64::from(count + i)).collect();
                write(&mut line, &piece);
                count += length;
                for delay in 1..=longest {
                    let expected = |i: usize| (count - delay as i32).max(-1 - i as i32) + i as i32;
                    let cell = line.cell(delay);
                    for i in 0..delay.min(CELL) {
                        assert_eq!(cell[i], f64::from(expected(i).max(0)), "{longest} {delay} {i}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_state_does_not_tell_where_the_seam_was() {
        let (mut a, mut b) = (DelayLine::new(5), DelayLine::new(5));
        write(&mut a, &[1.0, 2.0, 3.0, 4.0, 5.0]);
        write(&mut b, &[9.0; 30]);
        write(&mut b, &[1.0, 2.0]);
        write(&mut b, &[3.0, 4.0, 5.0]);
        let bytes = |line: &DelayLine| {
            let mut writer = StateWriter::new();
            line.save(&mut writer);
            writer.into_bytes()
        };
        assert_eq!(bytes(&a), bytes(&b));
        let mut c = DelayLine::new(5);
        write(&mut c, &[7.0; 20]);
        let saved = bytes(&b);
        c.load(&mut StateReader::new(&saved)).unwrap();
        assert_eq!(c.cell(5)[..5], [1.0, 2.0, 3.0, 4.0, 5.0]);
        write(&mut c, &[6.0]);
        assert_eq!(c.cell(5)[..5], [2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(c.load(&mut StateReader::new(&saved[8..])), Err(StateError));
    }
}
