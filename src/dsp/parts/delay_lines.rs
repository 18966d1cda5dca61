use super::cell::{CELL, Frames, SILENCE};
use super::hadamard::LINES;
use crate::audio::{Aligned, StateError, StateReader, StateWriter};

/// Sixteen delays of different lengths in one memory: they are written at one place and read at sixteen. Only whole cells are moved, in one
/// piece: what a shorter piece leaves behind it is written over by the next.
#[derive(Clone, Debug)]
pub struct DelayLines {
    /// Line by line `stride` samples: a ring up to `seam`, and behind it its first cell once more, so that a cell lies in one piece at every
    /// place.
    rings: Aligned<f64>,
    stride: usize,
    seam: usize,
    /// Where the next samples go.
    next: usize,
    delays: [usize; LINES],
    /// Which line each channel is read from.
    order: [usize; LINES],
}

impl DelayLines {
    /// All zero. Channel `i` is read from line `order[i]`.
    pub fn new(delays: [usize; LINES], order: [usize; LINES]) -> DelayLines {
        let seam = delays.iter().max().copied().unwrap_or(0) + 2 * CELL;
        // the same place of all lines fills a page of the first cache, where multiples of a page would contend for a few sets of it
        let stride = (seam + CELL).next_multiple_of(512) + CELL;
        DelayLines { rings: Aligned::new(LINES * stride), stride, seam, next: 0, delays, order }
    }

    /// What went into each line its delay ago, the frame after the last `written` less: before a piece was kept 0, after it its length.
    pub fn cells(&self, written: usize) -> [&Frames; LINES] {
        let mut cells = [&SILENCE; LINES];
        for i in 0..LINES {
            let line = self.order[i];
            let delay = self.delays[line] + written;
            let at = if self.next >= delay { self.next - delay } else { self.next + self.seam - delay };
            cells[i] = self.rings[line * self.stride + at..].first_chunk().expect("a cell lies behind the seam");
        }
        cells
    }

    /// Where the next cell goes: to be filled, and then to be [kept](DelayLines::keep).
    pub fn rooms(&mut self) -> [&mut Frames; LINES] {
        let mut lines = self.rings.chunks_exact_mut(self.stride);
        let next = self.next;
        std::array::from_fn(|_| {
            let line = lines.next().expect("there are as many lines");
            line[next..].first_chunk_mut().expect("a cell fits behind the seam")
        })
    }

    /// Appends the first `frames` of the cells that were put into the [`rooms`](DelayLines::rooms).
    pub fn keep(&mut self, frames: usize) {
        let (from, to) = (self.next, self.next + CELL);
        if from < CELL || to > self.seam {
            for line in self.rings.chunks_exact_mut(self.stride) {
                if from < CELL {
                    line.copy_within(from..CELL, self.seam + from);
                }
                if to > self.seam {
                    line.copy_within(self.seam..to, 0);
                }
            }
        }
        self.next += frames;
        if self.next >= self.seam {
            self.next -= self.seam;
        }
    }

    pub fn clear(&mut self) {
        self.rings.fill(0.0);
    }

    /// Line by line as long as it is, oldest first.
    pub fn save(&self, into: &mut StateWriter) {
        for (line, delay) in self.rings.chunks_exact(self.stride).zip(self.delays) {
            let wrapped = delay.saturating_sub(self.next);
            into.all(&line[self.seam - wrapped..self.seam]);
            into.all(&line[self.next - (delay - wrapped)..self.next]);
        }
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.clear();
        self.next = self.seam - CELL;
        for (line, delay) in self.rings.chunks_exact_mut(self.stride).zip(self.delays) {
            from.all(&mut line[self.next - delay..self.next])?;
            line.copy_within(..CELL, self.seam);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_late_by_its_own_delay_across_the_seam() {
        let delays: [usize; LINES] = std::array::from_fn(|i| 33 + 7 * i);
        let order: [usize; LINES] = std::array::from_fn(|i| (5 * i + 3) % LINES);
        let mut lines = DelayLines::new(delays, order);
        let mut loaded = lines.clone();
        let mut count = 0;
        for length in [32, 5, 1, 32, 2, 26, 31, 32].repeat(9) {
            let expected = |i: usize, n: usize| {
                let written = count as f64 + n as f64 - delays[order[i]] as f64;
                if written < 0.0 { 0.0 } else { 1000.0 * order[i] as f64 + written }
            };
            for lines in [&lines, &loaded] {
                for (i, cell) in lines.cells(0).iter().enumerate() {
                    assert!((0..CELL).all(|n| cell[n] == expected(i, n)));
                }
            }
            for lines in [&mut lines, &mut loaded] {
                for (line, room) in lines.rooms().into_iter().enumerate() {
                    // what is behind a piece must not matter
                    *room = [f64::NAN; CELL];
                    (0..length).for_each(|n| room[n] = 1000.0 * line as f64 + (count + n) as f64);
                }
                lines.keep(length);
                assert!(lines.cells(length).iter().enumerate().all(|(i, cell)| cell[0] == expected(i, 0)));
            }
            count += length;
            let saved = |lines: &DelayLines| {
                let mut state = StateWriter::new();
                lines.save(&mut state);
                state.into_bytes()
            };
            let state = saved(&lines);
            assert!(state == saved(&loaded), "the state does not tell where the seam was");
            loaded.load(&mut StateReader::new(&state)).unwrap();
        }
        assert_eq!(lines.load(&mut StateReader::new(&[0; 8])), Err(StateError));
    }
}
