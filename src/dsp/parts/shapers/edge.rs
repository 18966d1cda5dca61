//! The hard clip with antiderivative antialiasing (J. Parker, V. Zavalishin, E. Le Bivic, "Reducing the aliasing of nonlinear waveshaping using
//! continuous-time convolution", DAFx-16), averaged over both neighbours: late by exactly one sample. In f64, because it divides a small difference by
//! another. A sample needs what came before the one before it and no result of theirs, so that whole lines are shaped side by side.

use super::{Bend, clip, to_single};
use crate::audio::isa::{Level, levels};
use crate::dsp::parts::oversample::{CELL, Samples};

/// What it remembers: the last sample, driven, and what it added between that and the one before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edge {
    pub last: f64,
    pub mean: f64,
}

impl Edge {
    /// All samples of a cell, of which each frame has at least two; `bends`: one for each frame, or one for all.
    pub(super) fn shape(&mut self, isa: Level, bias: f64, samples: &mut Samples<'_>, bends: &[Bend]) {
        let (n, lines) = (samples.frames(), samples.count());
        let (mut driven, mut means) = ([0.0; CELL], [0.0; CELL]);
        let (driven, means) = (&mut driven[..n], &mut means[..n]);
        // before a frame's first sample is the last of the frame before
        let mut last = [0.0; CELL];
        let last = &mut last[..n];
        for line in [lines - 2, lines - 1] {
            last.copy_from_slice(samples.line(line));
            bend(isa, last, bends, bias, driven, means);
        }
        let after = Edge { last: driven[n - 1], mean: means[n - 1] };
        driven.copy_within(..n - 1, 1);
        means.copy_within(..n - 1, 1);
        (driven[0], means[0]) = (self.last, self.mean);
        samples.lines().for_each(|line| bend(isa, line, bends, bias, driven, means));
        *self = after;
    }
}

levels! {
    /// Goes one line on, from what was driven into it and the means before.
    fn bend(line: &mut [f32], bends: &[Bend], bias: f64, driven: &mut [f64], means: &mut [f64]) = bent;
}

#[inline(always)]
fn bent(line: &mut [f32], bends: &[Bend], bias: f64, driven: &mut [f64], means: &mut [f64]) {
    match bends {
        [bend] => bent_by(line, std::iter::repeat(bend), bias, driven, means),
        _ => bent_by(line, bends.iter(), bias, driven, means),
    }
}

#[inline(always)]
fn bent_by<'a>(
    line: &mut [f32],
    bends: impl Iterator<Item = &'a Bend>,
    bias: f64,
    driven: &mut [f64],
    means: &mut [f64],
) {
    for (((x, bend), driven), mean) in line.iter_mut().zip(bends).zip(driven).zip(means) {
        let before = *mean;
        (*driven, *mean) = step(*x, bend.drive, bias, *driven);
        *x = to_single(bend.back * (0.5 * (*mean + before)));
    }
}

/// A sample driven, and the mean of clip(w) - w over the way to it from the one before.
#[inline(always)]
fn step(x: f32, drive: f64, bias: f64, last: f64) -> (f64, f64) {
    let v = drive * f64::from(x);
    let step = v - last;
    let middle = 0.5 * (v + last) + bias;
    let steep = (area(v + bias) - area(last + bias)) / step;
    (v, if step.abs() < 1e-6 { clip(middle) - middle } else { steep })
}

/// The antiderivative of clip(w) - w.
#[inline(always)]
fn area(w: f64) -> f64 {
    let over = w.abs() - 1.0;
    let over = if over > 0.0 { over } else { 0.0 };
    -0.5 * over * over
}
