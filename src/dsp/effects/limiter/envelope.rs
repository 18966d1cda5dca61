//! The peaks of what comes to a limiter, in cells of [`CELL`] frames: all that must be known to foretell what it does at any drive.

use crate::audio::PlanesRef;
use crate::dsp::parts::true_peak::{self, LATE, TruePeak};

/// Frames that have one peak and one gain.
pub const CELL: usize = 16;

/// Frames measured together.
const PIECE: usize = true_peak::CELL;

/// Cells whose peaks come this near to the highest so far (-7 dB) are read exactly: those that a drive turns down first and most. What lies lower is
/// turned down by drives of more than 7 dB alone, and told well enough by a short kernel.
const NEAR: f64 = 0.447;

/// Measures the peaks of a limiter's input, as its first stage reads them: fed with the sound from its beginning on, it gives the largest true peak
/// of all channels for every [`CELL`] frames.
///
/// A peak that lies 7 dB below the highest before it may be told roughly: within a tenth of a dB for most music, never so that the highest is missed.
#[derive(Clone, Debug)]
pub struct PeakEnvelope {
    meters: Vec<TruePeak>,
    /// Channels × what waits for a whole piece.
    waiting: Vec<[f64; PIECE]>,
    filled: usize,
    /// How many frames come before the next piece ends: the first ones end where the meters' first interval begins.
    piece: usize,
    frames: usize,
    peaks: Vec<f32>,
    /// The largest of them.
    highest: f64,
}

impl PeakEnvelope {
    pub fn new(channels: usize) -> PeakEnvelope {
        PeakEnvelope {
            meters: vec![TruePeak::default(); channels],
            waiting: vec![[0.0; PIECE]; channels],
            filled: 0,
            piece: LATE % PIECE,
            frames: 0,
            peaks: Vec::new(),
            highest: 0.0,
        }
    }

    /// Channels × frames that follow those before, any number of them. Channels that it wasn't made for are left out.
    pub fn add(&mut self, audio: PlanesRef<'_>) {
        let mut from = 0;
        while from < audio.frames() {
            let count = (self.piece - self.filled).min(audio.frames() - from);
            for (channel, waiting) in self.waiting.iter_mut().enumerate().take(audio.channels()) {
                waiting[self.filled..self.filled + count].copy_from_slice(&audio.channel(channel)[from..from + count]);
            }
            from += count;
            self.frames += count;
            self.filled += count;
            if self.filled == self.piece {
                self.measure();
            }
        }
    }

    fn measure(&mut self) {
        let mut cells = [0.0; PIECE / CELL];
        for (meter, x) in self.meters.iter_mut().zip(&self.waiting) {
            meter.roughly(&x[..self.piece], &mut cells);
        }
        let near = NEAR * self.highest;
        let wanted = cells.map(|cell| cell > near);
        if wanted.contains(&true) {
            let mut read = [0.0; PIECE / CELL];
            for meter in &mut self.meters {
                meter.highest(self.piece, &wanted, near, &mut read);
            }
            for (cell, read) in cells.iter_mut().zip(read).filter(|(cell, _)| **cell > near) {
                // where nothing above was found, nothing is
                *cell = if read > near { read } else { near };
                self.highest = self.highest.max(*cell);
            }
        }
        // before the first interval there is nothing
        if self.piece == PIECE {
            self.peaks.extend(cells.map(|x| x as f32));
        }
        (self.filled, self.piece) = (0, PIECE);
    }

    /// One peak per cell, the last of which may be shorter.
    pub fn finish(mut self) -> Vec<f32> {
        let cells = self.frames.div_ceil(CELL);
        // the first pieces were of what lies before the sound; what is on its way comes out with silence behind it
        let late = LATE.div_ceil(PIECE) - 1;
        while self.peaks.len() < cells + late * (PIECE / CELL) {
            self.waiting.iter_mut().for_each(|x| x[self.filled..].fill(0.0));
            self.measure();
        }
        self.peaks.drain(..late * (PIECE / CELL));
        self.peaks.truncate(cells);
        self.peaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};

    fn sound(frames: usize) -> Block {
        let seed = Seed::new(5);
        let mut block = Block::new(2, frames);
        for channel in 0..2 {
            let mut low = 0.0;
            for (i, x) in block.channel_mut(channel).iter_mut().enumerate() {
                let white = seed.with(channel as u64).bipolar(i as i64);
                low += 0.1 * (white - low);
                *x = if i / 700 % 2 == 0 { 2.0 * low } else { 0.6 * white };
            }
        }
        block
    }

    #[test]
    fn a_cell_has_the_largest_peak_that_the_limiter_reads_in_it() {
        for frames in [1, 40, 41, 1000, 4001] {
            let block = sound(frames);
            let mut all = vec![0.0; frames + LATE];
            for channel in 0..2 {
                let mut meter = TruePeak::default();
                let mut x = block.channel(channel).to_vec();
                x.extend([0.0; LATE]);
                for (x, all) in x.chunks(32).zip(all.chunks_mut(32)) {
                    meter.process(x, 0.0, all);
                }
            }
            for size in [7, 500, 5000] {
                let mut envelope = PeakEnvelope::new(2);
                for from in (0..frames).step_by(size) {
                    envelope.add(block.planes_ref(2, frames).slice(from, (from + size).min(frames)));
                }
                let peaks = envelope.finish();
                assert_eq!(peaks.len(), frames.div_ceil(CELL));
                let real: Vec<f64> =
                    all[LATE..].chunks(CELL).map(|x| x.iter().fold(0.0f64, |a, b| a.max(*b))).collect();
                let (mut before, mut exact) = (0.0f64, 0);
                for (cell, (found, real)) in peaks.iter().zip(&real).enumerate().take(peaks.len() - 1) {
                    let (found, near) = (f64::from(*found), NEAR * before);
                    let off = (found - real).abs();
                    assert!(
                        off < 1e-6 * real || (off < 0.4 * real && found <= near * (1.0 + 1e-6)),
                        "{frames}, {size}: cell {cell} {found} {real}, near {near}"
                    );
                    exact += usize::from(off < 1e-6 * real);
                    before = before.max(*real);
                }
                assert!(frames < 4000 || (50..230).contains(&exact), "{exact} of {} cells", peaks.len());
            }
        }
    }
}
