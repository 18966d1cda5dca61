//! Peaks told roughly, for whole cells at once: no comparison, no choice, the same work wherever the sound lies.
//!
//! The sound is read midway between the samples too, by eight samples to each side, and every value of that grid is lifted by a part of how much the
//! grid bends there. The vertex of the parabola through three values lies above the middle one by t² / 2 of their second difference, t steps beside
//! it: by a 24th on the mean of all t from -1/2 to 1/2. Noise and cymbals need more, for what the short kernel loses of the highest octave and for
//! peaks that are no parabolas; what bends less is lifted by next to nothing. A lone tone of 20 kHz is told 1.1 dB too high.

use super::CELL;
use crate::audio::samples::largest;
use crate::dsp::parts::kaiser::{self, Kaiser};

/// Half the length of the kernel midway, in samples.
const HALF: usize = 8;
const BETA: f64 = 6.0;
/// Told by this, loudness behind a limiter is as near to what it comes to as told by exact peaks: of the values tried (0.04 to 0.13) the best for
/// bursts of white noise, and no worse for music.
const LIFT: f64 = 0.1;
/// Values midway that are made: those of the cell and, for whole vectors, eight before it.
const MIDWAY: usize = CELL + 8;

/// Frames that lie before those told of.
pub(super) const BEFORE: usize = 8 + HALF - 1;
/// The frames that it takes, from [`BEFORE`] frames before the first on.
pub(super) const AROUND: usize = MIDWAY + 2 * HALF - 1;

pub(super) type Kernel = [f64; HALF];

/// With a sum of 1: what hardly moves is read as it is.
pub(super) fn kernel() -> Kernel {
    let window = Kaiser::new(BETA);
    let taps: Kernel = std::array::from_fn(|k| {
        let t = k as f64 + 0.5;
        kaiser::sinc(t, 1.0) * window.at(t / HALF as f64)
    });
    let sum = 2.0 * taps.iter().sum::<f64>();
    taps.map(|tap| tap / sum)
}

/// Raises each of `cells` to the largest magnitude in its share of the `n` intervals that begin [`BEFORE`] frames into `x`.
#[inline(always)]
pub(super) fn raise(x: &[f64; AROUND], kernel: &Kernel, n: usize, cells: &mut [f64]) {
    let mut midway = [0.0; MIDWAY];
    for i in 0..MIDWAY {
        let pair = |k: usize| kernel[k] * (x[i + HALF - 1 - k] + x[i + HALF + k]);
        midway[i] = ((pair(0) + pair(1)) + (pair(2) + pair(3))) + ((pair(4) + pair(5)) + (pair(6) + pair(7)));
    }
    let mut most = [0.0; CELL];
    for i in 0..CELL {
        let (before, now, behind, next) = (midway[i + 7], x[BEFORE + i], midway[i + 8], x[BEFORE + i + 1]);
        let lifted = |y: f64, beside: f64| (y - LIFT * (beside - 2.0 * y)).abs();
        let (at, between) = (lifted(now, before + behind), lifted(behind, now + next));
        let beside = if next.abs() > at { next.abs() } else { at };
        most[i] = if between > beside { between } else { beside };
    }
    let size = CELL / cells.len();
    for (cell, most) in cells.iter_mut().zip(most[..n].chunks(size)) {
        let most = largest(most);
        *cell = if most > *cell { most } else { *cell };
    }
}
