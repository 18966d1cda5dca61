use crate::audio::{StateError, StateReader, StateWriter};
use crate::dsp::GRID;

/// Decides when a sounding tail is over. It judges at the ends of the song's grid cells only, so the decision is the same for all blocks.
///
/// A tail is over when the input has been exactly silent and everything kept has stayed below the threshold for as long as the memory
/// reaches back, or when the input has been silent for the whole declared tail. What then is still in memory is below the threshold and
/// is cleared: a step of less than -120 dBFS.
#[derive(Clone, Debug)]
pub struct Rest {
    /// As long as the memory: frames.
    memory: i64,
    /// After so many silent frames it is over in any case.
    tail: i64,
    threshold: f64,
    /// Since when the input has been silent, and since when the memory has been quiet, in frames.
    silent: i64,
    quiet: i64,
    /// Whether the cell under way has had sound, and its highest level in memory.
    sound: bool,
    peak: f64,
    resting: bool,
}

impl Rest {
    /// `threshold`: the amplitude in memory below which nothing is heard.
    pub fn new(memory: i64, tail: i64, threshold: f64) -> Rest {
        Rest { memory, tail, threshold, silent: 0, quiet: 0, sound: false, peak: 0.0, resting: true }
    }

    /// All memory is exactly zero.
    pub fn resting(&self) -> bool {
        self.resting
    }

    /// Sound has arrived: to be called for every piece of a cell that is not exactly silent.
    pub fn hear(&mut self) {
        self.sound = true;
        self.resting = false;
    }

    /// What was kept in a piece of a cell: its highest magnitude.
    pub fn keep(&mut self, peak: f64) {
        self.peak = self.peak.max(peak);
    }

    /// Ends a piece of a cell; `at` is the song time of its end. True when the tail has just ended: all memory is then to be cleared.
    /// `timed`: whether the declared tail holds (not when a feedback moves).
    pub fn judge(&mut self, at: i64, timed: bool) -> bool {
        if at.rem_euclid(GRID) != 0 {
            return false;
        }
        self.silent = if self.sound { 0 } else { self.silent + GRID };
        self.quiet = if self.peak < self.threshold { self.quiet + GRID } else { 0 };
        self.sound = false;
        self.peak = 0.0;
        let over = self.silent.min(self.quiet) >= self.memory || (timed && self.silent >= self.tail);
        if over {
            self.reset();
        }
        over
    }

    pub fn reset(&mut self) {
        *self = Rest::new(self.memory, self.tail, self.threshold);
    }

    pub fn save(&self, into: &mut StateWriter) {
        into.i64(self.silent);
        into.i64(self.quiet);
        into.u64(u64::from(self.sound));
        into.u64(u64::from(self.resting));
        into.f64(self.peak);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.silent = from.i64()?;
        self.quiet = from.i64()?;
        self.sound = from.u64()? != 0;
        self.resting = from.u64()? != 0;
        self.peak = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame at which it rests after sound in frame 40, kept at `peak` for 1000 frames, cut into pieces of `block`.
    fn ends(tail: Option<i64>, peak: f64, block: i64) -> Option<i64> {
        let mut rest = Rest::new(100, tail.unwrap_or(1), 1e-6);
        let mut at = 0;
        while at < 4000 {
            let end = (at + block).min((at / GRID + 1) * GRID);
            if (at..end).contains(&40) {
                rest.hear();
            }
            rest.keep(if at < 1000 { peak } else { 0.0 });
            if rest.judge(end, tail.is_some()) && end > 40 {
                return Some(end);
            }
            at = end;
        }
        None
    }

    #[test]
    fn it_ends_by_level_or_by_time_on_the_grid() {
        assert_eq!(ends(None, 1e-7, 32), Some(192), "quiet: as soon as memory has passed");
        assert_eq!(ends(None, 1e-3, 32), Some(1152), "loud until the cell that ends at 1024");
        assert_eq!(ends(Some(300), 1e-3, 32), Some(384), "over in any case");
        for block in [1, 7, 500] {
            assert_eq!(ends(None, 1e-7, block), Some(192));
            assert_eq!(ends(Some(300), 1e-3, block), Some(384));
        }
    }
}
