use super::cell::CELL;
use super::hadamard::{Cell, LINES};
use super::single::Singles;
use crate::audio::isa::{Level, levels};
use crate::audio::{Aligned, StateError, StateReader, StateWriter};

/// Sixteen delays of different lengths, each in a ring as long as it needs, read N frames at a time: a cell, and what lies before it. Only whole
/// cells are written, in one piece: what a shorter piece leaves behind it is written over by the next.
#[derive(Clone, Debug)]
pub struct DelayLines<const N: usize> {
    /// Ring by ring, each followed by its beginning once more, so that what is read lies in one piece at every place.
    rings: Aligned<f32>,
    /// In frames, N - CELL more than the delay.
    held: [usize; LINES],
    writing: Places,
    reading: Places,
}

/// A place in each ring, and where the ring begins, ends, and how long it is; all as `i32`, of which vectors hold most.
#[derive(Clone, Debug)]
struct Places {
    at: [i32; LINES],
    begin: [i32; LINES],
    end: [i32; LINES],
    length: [i32; LINES],
}

impl<const N: usize> DelayLines<N> {
    /// All zero. Channel `i` is read from line `order[i]`.
    pub fn new(delays: [usize; LINES], order: [usize; LINES]) -> DelayLines<N> {
        let held = delays.map(|delay| delay + N - CELL);
        // in whole cells, so that these lie on cache lines
        let length = held.map(|held| (held + 2 * CELL).next_multiple_of(CELL));
        let (mut begin, mut end) = ([0; LINES], 0);
        for i in 0..LINES {
            begin[i] = end;
            end += (length[i] + N + CELL).next_multiple_of(CELL);
        }
        let places = |order: [usize; LINES]| Places {
            at: order.map(|i| begin[i] as i32),
            begin: order.map(|i| begin[i] as i32),
            end: order.map(|i| (begin[i] + length[i]) as i32),
            length: order.map(|i| length[i] as i32),
        };
        let mut reading = places(order);
        (0..LINES).for_each(|i| reading.at[i] = reading.end[i] - held[order[i]] as i32);
        DelayLines { rings: Aligned::new(end), held, writing: places(std::array::from_fn(|i| i)), reading }
    }

    /// What went into each line its delay ago, and N - CELL frames more before it.
    #[inline(always)]
    pub fn cells(&self) -> [&[f32; N]; LINES] {
        let rings = &self.rings[..];
        let mut cells = [&[0.0; N]; LINES];
        for i in 0..LINES {
            cells[i] = rings[self.reading.at[i] as usize..].first_chunk().expect("a ring goes on behind its end");
        }
        cells
    }

    /// Puts a cell behind what was [passed](DelayLines::pass): from now on it can be read.
    pub fn put(&mut self, level: Level, cell: &Cell) {
        put(level, &mut self.rings, &self.writing, N as i32, cell);
    }

    /// Lets the first `frames` of the cell that was put there be past.
    #[inline(always)]
    pub fn pass(&mut self, frames: usize) {
        self.writing.pass(frames as i32);
        self.reading.pass(frames as i32);
    }

    pub fn clear(&mut self) {
        self.rings.fill(0.0);
    }

    /// Line by line as far as it is read, oldest first.
    pub fn save(&self, into: &mut StateWriter) {
        let Places { at, begin, end, .. } = &self.writing;
        for i in 0..LINES {
            let wrapped = self.held[i].saturating_sub((at[i] - begin[i]) as usize);
            into.all(&self.rings[end[i] as usize - wrapped..end[i] as usize]);
            into.all(&self.rings[at[i] as usize - (self.held[i] - wrapped)..at[i] as usize]);
        }
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.clear();
        for i in 0..LINES {
            let (begin, end) = (self.writing.begin[i] as usize, self.writing.end[i] as usize);
            from.all(&mut self.rings[end - CELL - self.held[i]..end - CELL])?;
            self.rings.copy_within(begin..begin + N, end);
            self.writing.at[i] = (end - CELL) as i32;
        }
        for i in 0..LINES {
            let line = (0..LINES).find(|line| self.writing.begin[*line] == self.reading.begin[i]).unwrap_or(i);
            self.reading.at[i] = self.writing.at[line] - self.held[line] as i32;
        }
        Ok(())
    }
}

impl Places {
    #[inline(always)]
    fn pass(&mut self, frames: i32) {
        for i in 0..LINES {
            let at = self.at[i] + frames;
            self.at[i] = if at >= self.end[i] { at - self.length[i] } else { at };
        }
    }
}

levels! {
    fn put(rings: &mut [f32], places: &Places, most: i32, cell: &Cell) = written;
}

#[inline(always)]
fn written(rings: &mut [f32], places: &Places, most: i32, cell: &Cell) {
    let Places { at, begin, end, length } = places;
    for i in 0..LINES {
        write(rings, at[i], &cell[i]);
        if at[i] - begin[i] < most {
            write(rings, at[i] + length[i], &cell[i]);
        }
        if at[i] + CELL as i32 > end[i] {
            // behind what was written lies the ring's beginning, as it was
            let beginning: Singles = *rings[end[i] as usize..].first_chunk().expect("a ring goes on behind its end");
            write(rings, begin[i], &beginning);
        }
    }
}

#[inline(always)]
fn write(rings: &mut [f32], at: i32, cell: &Singles) {
    *rings[at as usize..].first_chunk_mut().expect("a ring goes on behind its end") = *cell;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved<const N: usize>(lines: &DelayLines<N>) -> Vec<u8> {
        let mut state = StateWriter::new();
        lines.save(&mut state);
        state.into_bytes()
    }

    /// Delays from `shortest` on, in pieces of all lengths.
    fn every_line_is_late<const N: usize>(shortest: usize) {
        let before = N - CELL;
        let delays: [usize; LINES] = std::array::from_fn(|i| shortest + 7 * i);
        let order: [usize; LINES] = std::array::from_fn(|i| (5 * i + 3) % LINES);
        let mut lines = DelayLines::<N>::new(delays, order);
        let mut loaded = lines.clone();
        let mut count = 0;
        for length in [32, 5, 1, 32, 2, 26, 31, 32, 32, 32].repeat(9) {
            for lines in [&mut lines, &mut loaded] {
                // what is behind a piece must not matter
                let mut cell = [[f32::NAN; CELL]; LINES];
                for (line, cell) in cell.iter_mut().enumerate() {
                    (0..length).for_each(|n| cell[n] = 10_000.0 * line as f32 + (count + n) as f32);
                }
                lines.put(Level::find(), &cell);
                for (i, cell) in lines.cells().iter().enumerate() {
                    for (n, x) in cell.iter().enumerate().take(before + length) {
                        let written = (count + n) as i32 - (before + delays[order[i]]) as i32;
                        let expected = if written < 0 { 0 } else { 10_000 * order[i] as i32 + written };
                        assert_eq!(*x, expected as f32, "{N} {shortest} {count} {i} {n}");
                    }
                }
                lines.pass(length);
            }
            count += length;
            let state = saved(&lines);
            assert!(state == saved(&loaded), "the state does not tell where the seam was");
            loaded.load(&mut StateReader::new(&state)).unwrap();
        }
        assert_eq!(lines.load(&mut StateReader::new(&[0; 8])), Err(StateError));
    }

    #[test]
    fn every_line_is_late_by_its_own_delay_across_the_seam() {
        every_line_is_late::<CELL>(0);
        every_line_is_late::<CELL>(61);
        every_line_is_late::<{ CELL + 3 }>(33);
        every_line_is_late::<{ CELL + 3 }>(64);
    }
}
