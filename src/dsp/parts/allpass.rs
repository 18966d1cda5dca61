use super::cell::CELL;
use super::delay_line::DelayLine;
use super::single::{QUIET, Singles, coefficient, settle};
use crate::audio::{StateError, StateReader, StateWriter};

/// Schroeder's all-pass: every frequency at unity, one click becomes a decaying row of them
/// (M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10, 1962).
#[derive(Clone, Debug)]
pub struct AllPass {
    line: DelayLine<f32>,
    gain: f32,
}

impl AllPass {
    /// `delay` in frames, at least a grid cell (shorter ones become one); `gain` below 1.
    pub fn new(delay: usize, gain: f64) -> AllPass {
        AllPass { line: DelayLine::new(delay.max(CELL)), gain: coefficient(gain) }
    }

    /// The first `frames` of a cell, in place; what is behind them in it is lost.
    #[inline(always)]
    pub fn run(&mut self, sound: &mut Singles, frames: usize) {
        let old = self.line.cell(self.line.longest());
        let mut new = QUIET;
        for n in 0..CELL {
            new[n] = settle(sound[n] + self.gain * old[n]);
            sound[n] = old[n] - self.gain * new[n];
        }
        *self.line.room() = new;
        self.line.keep(frames);
    }

    pub fn clear(&mut self) {
        self.line.clear();
    }

    pub fn save(&self, into: &mut StateWriter) {
        self.line.save(into);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.line.load(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_all_energy_and_begins_with_minus_its_gain() {
        let mut all_pass = AllPass::new(37, 0.6);
        let mut response = vec![0.0_f32; 32 * 60];
        response[0] = 1.0;
        response.as_chunks_mut().0.iter_mut().for_each(|cell| all_pass.run(cell, CELL));
        assert_eq!(response[0], -0.6);
        assert!((response[37] - 0.64).abs() < 1e-7);
        assert!((response[74] - 0.384).abs() < 1e-7);
        assert!((response.iter().map(|x| f64::from(x * x)).sum::<f64>() - 1.0).abs() < 1e-6);
    }
}
