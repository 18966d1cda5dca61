//! The K-weighted power of a programme in cells as small as those of a limiter's envelope: what its loudness will be under a gain that moves can
//! be told from it.

use super::weighting::{Pair, Weighting};
use crate::audio::PlanesRef;
use crate::dsp::ENVELOPE_CELL as CELL;
use crate::units::Rate;

/// Measures sound as it goes by: 1 or 2 channels, in front, where each counts alike.
pub struct Power {
    weighting: Weighting,
    pair: Pair,
    /// The cell that is not full, and its frames. A single channel lies in both rows.
    rows: [[f64; CELL]; 2],
    held: usize,
    channels: usize,
    cells: Vec<f32>,
}

impl Power {
    pub fn new(rate: Rate, channels: usize) -> Power {
        Power {
            weighting: Weighting::new(rate),
            pair: Pair::default(),
            rows: [[0.0; CELL]; 2],
            held: 0,
            channels: channels.clamp(1, 2),
            cells: Vec::new(),
        }
    }

    /// Takes the next frames; channels beyond the second are not heard.
    pub fn add(&mut self, planes: PlanesRef<'_>) {
        let mut at = 0;
        while at < planes.frames() {
            let n = (CELL - self.held).min(planes.frames() - at);
            for (side, row) in self.rows.iter_mut().enumerate() {
                let plane = planes.channel(side.min(self.channels - 1));
                row[self.held..self.held + n].copy_from_slice(&plane[at..at + n]);
            }
            self.held += n;
            at += n;
            if self.held == CELL {
                self.cell();
            }
        }
    }

    fn cell(&mut self) {
        let energy = self.pair.run(&self.weighting, &self.rows[0], &self.rows[1]);
        self.cells.push((energy.each[..self.channels].iter().sum::<f64>() / CELL as f64) as f32);
        self.held = 0;
    }

    /// The mean power of every cell, summed over the channels; the last one filled up with silence.
    pub fn finish(mut self) -> Vec<f32> {
        if self.held > 0 {
            self.rows.iter_mut().for_each(|row| row[self.held..].fill(0.0));
            self.cell();
        }
        self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Meter, What, integrated};
    use crate::audio::{Block, rng::Seed};

    #[test]
    fn loudness_can_be_told_from_cells() {
        let frames = 48_000 * 5;
        for channels in [1, 2] {
            let mut block = Block::new(channels, frames);
            for channel in 0..channels {
                let seed = Seed::new(channel as u64);
                let row = block.channel_mut(channel).iter_mut().enumerate();
                row.for_each(|(n, x)| *x = 0.2 * seed.bipolar(n as i64) * if n < 100_000 { 0.1 } else { 1.0 });
            }
            let planes = block.planes_ref(channels, frames);
            let mut power = Power::new(Rate::STUDIO, channels);
            [0..777, 777..100_000, 100_000..frames].into_iter().for_each(|r| power.add(planes.slice(r.start, r.end)));
            let cells = power.finish();
            let hops: Vec<f64> =
                cells.chunks(300).map(|hop| hop.iter().map(|c| f64::from(*c)).sum::<f64>() / 300.0).collect();
            let blocks: Vec<f64> = hops.windows(4).map(|w| w.iter().sum::<f64>() / 4.0).collect();
            let mut meter = Meter::new(Rate::STUDIO, channels, What::Full);
            meter.add(planes);
            let (ours, meters) = (integrated(&blocks).unwrap(), meter.finish().integrated_lufs.unwrap());
            assert!((ours - meters).abs() < 1e-3, "{ours} is not {meters}");
        }
    }
}
