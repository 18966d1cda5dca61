use crate::audio::{OnLine, StateError, StateReader, StateWriter};
use crate::dsp::parts::cell::CELL;
use crate::dsp::parts::hadamard::LINES;
use crate::dsp::parts::single::{Singles, coefficient, settle};

/// How far the recursion looks back, in frames: as many as the widest vector holds.
pub(super) const STEP: usize = 16;

/// A cell, and behind what went before it.
pub(super) type Stretch = [f32; STEP + CELL];

/// So many frames before a cell are read as well.
pub(super) const BACK: usize = 3;

/// A cell of a line with the frames before it that are read.
pub(super) type Reach = [f32; BACK + CELL];

/// One one-pole low-pass g / (1 - p z⁻¹) for each line. By the identity
///
/// 1 / (1 - q) = (1 + q + q² + q³) (1 + q⁴ + q⁸ + q¹²) / (1 - q¹⁶)
///
/// with q = p z⁻¹, a frame needs the output of sixteen frames ago instead of the last one's, so sixteen are computed side by side, and of
/// what a sum is rounded by p¹⁶ goes on, not p.
#[derive(Clone, Debug)]
pub(super) struct Poles {
    /// g p⁰ to g p³, then p⁴, p⁸, p¹² and p¹⁶.
    factors: [[f32; 8]; LINES],
    /// What the first bracket makes.
    inner: Box<OnLine<[Stretch; LINES]>>,
    out: Box<OnLine<[Stretch; LINES]>>,
}

impl Poles {
    pub(super) fn new(pole: [f64; LINES], gain: [f64; LINES]) -> Poles {
        let factors = |i: usize| {
            let p = pole[i];
            let (p4, p8) = (p * p * p * p, p * p * p * p * p * p * p * p);
            [gain[i], gain[i] * p, gain[i] * p * p, gain[i] * p * p * p, p4, p8, p8 * p4, p8 * p8].map(coefficient)
        };
        Poles {
            factors: std::array::from_fn(factors),
            inner: Box::new(OnLine([[0.0; STEP + CELL]; LINES])),
            out: Box::new(OnLine([[0.0; STEP + CELL]; LINES])),
        }
    }

    /// The first bracket, for a cell of line `i`.
    #[inline(always)]
    pub(super) fn begin(&mut self, i: usize, sound: &Reach) {
        let [a, b, c, d, ..] = self.factors[i];
        let inner = &mut self.inner.0[i];
        for n in 0..CELL {
            inner[STEP + n] = (a * sound[n + 3] + b * sound[n + 2]) + (c * sound[n + 1] + d * sound[n]);
        }
    }

    /// The second, and the recursion.
    #[inline(always)]
    pub(super) fn end(&mut self, i: usize) {
        recur(&self.factors[i], &self.inner.0[i], &mut self.out.0[i]);
    }

    #[inline(always)]
    pub(super) fn cell(&self, i: usize) -> &Singles {
        self.out.0[i].last_chunk().expect("a stretch ends with a cell")
    }

    /// Lets the first `frames` of the cell be past.
    #[inline(always)]
    pub(super) fn keep(&mut self, frames: usize) {
        pass(&mut self.inner.0, frames);
        pass(&mut self.out.0, frames);
    }

    pub(super) fn clear(&mut self) {
        self.inner.0 = [[0.0; STEP + CELL]; LINES];
        self.out.0 = [[0.0; STEP + CELL]; LINES];
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.inner.0.iter().chain(&self.out.0).for_each(|line| into.all(&line[..STEP]));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.inner.0.iter_mut().chain(&mut self.out.0).try_for_each(|line| from.all(&mut line[..STEP]))
    }
}

/// Arguments of its own tell the compiler that no two are the same memory.
#[inline(always)]
fn recur(factors: &[f32; 8], inner: &Stretch, out: &mut Stretch) {
    let [_, _, _, _, a, b, c, d] = *factors;
    for n in 0..CELL {
        let new = (inner[n + 16] + a * inner[n + 12]) + (b * inner[n + 8] + c * inner[n + 4]);
        out[STEP + n] = settle(new + d * out[n]);
    }
}

/// Moves stretches on by so many frames.
#[inline(always)]
pub(super) fn pass(lines: &mut [Stretch; LINES], frames: usize) {
    for line in lines {
        let last: [f32; STEP] = *line[frames.min(CELL)..].first_chunk().expect("a step is left");
        line[..STEP].copy_from_slice(&last);
    }
}
