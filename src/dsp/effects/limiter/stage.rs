use crate::audio::{StateError, StateReader, StateWriter};
use crate::dsp::GRID;
use crate::dsp::parts::brickwall::Brickwall;
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::true_peak::TruePeak;

pub(super) const CELL: usize = GRID as usize;

/// What both stages have: peaks are measured, the gains they need made smooth, and the sound waits for them.
pub(super) struct Stage {
    /// One per channel, with true peaks.
    pub(super) meters: Vec<TruePeak>,
    /// One per channel, or a single one for all.
    pub(super) walls: Vec<Brickwall>,
    /// A wall's peaks, then the gains they need, then those that act.
    pub(super) rows: Vec<[f64; CELL]>,
    pub(super) delays: Vec<DelayRing>,
}

impl Stage {
    /// `late`: what the meter is late by, 0 without one.
    pub(super) fn new(channels: usize, walls: usize, ahead: usize, late: usize) -> Stage {
        // an interpolated peak is made by the samples around it: two frames to each side obey it too
        let before = if late > 0 { 2 } else { 0 };
        Stage {
            meters: vec![TruePeak::default(); if late > 0 { channels } else { 0 }],
            walls: vec![Brickwall::new(ahead, before); walls],
            rows: vec![[1.0; CELL]; walls],
            delays: (0..channels).map(|_| DelayRing::new(1, ahead + late)).collect(),
        }
    }

    pub(super) fn at_rest(&self) -> bool {
        self.walls.iter().all(Brickwall::at_rest)
            && self.meters.iter().all(TruePeak::at_rest)
            && self.delays.iter().all(DelayRing::at_rest)
    }

    /// From the rows' peaks to the gains that they need: those above `from` times the ceiling come to `to` times the ceiling.
    /// Whether any can be below 1: none can where nothing was `found`.
    pub(super) fn need(&mut self, found: bool, ceilings: &[f64], from: f64, to: f64, link: f64) -> bool {
        if !found {
            self.rows.iter_mut().for_each(|row| row[..ceilings.len()].fill(1.0));
            return false;
        }
        for row in &mut self.rows {
            for (x, ceiling) in row.iter_mut().zip(ceilings) {
                *x = if *x > from * *ceiling { to * *ceiling / *x } else { 1.0 };
            }
        }
        if self.rows.len() > 1 && link > 0.0 {
            for i in 0..ceilings.len() {
                let least = self.rows.iter().fold(1.0, |a: f64, row| a.min(row[i]));
                self.rows.iter_mut().for_each(|row| row[i] += link * (least - row[i]));
            }
        }
        true
    }

    pub(super) fn reset(&mut self) {
        self.walls.iter_mut().for_each(Brickwall::reset);
        self.meters.iter_mut().for_each(TruePeak::reset);
        self.delays.iter_mut().for_each(DelayRing::reset);
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.walls.iter().for_each(|w| w.save(into));
        self.meters.iter().for_each(|m| m.save(into));
        self.delays.iter().for_each(|d| d.save(into));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.walls.iter_mut().try_for_each(|w| w.load(from))?;
        self.meters.iter_mut().try_for_each(|m| m.load(from))?;
        self.delays.iter_mut().try_for_each(|d| d.load(from))
    }
}
