//! The interpolator of ITU-R BS.1770-5, Annex 2: four phases of 12 taps, at odd eighths of each interval, and no parabola.

use std::sync::LazyLock;

use super::{FEW, HISTORY, TILE, Tiles, around, half, more};
use crate::dsp::parts::true_peak::BS1770 as PHASES;

const HALF: usize = 6;

static KERNEL: LazyLock<Kernel> = LazyLock::new(Kernel::new);

struct Kernel {
    evens: [[f64; 2]; HALF],
    odds: [[f64; 2]; HALF],
    bound: f64,
}

impl Kernel {
    fn new() -> Kernel {
        let taps = |sign: f64| {
            std::array::from_fn(|k| PHASES.map(|phase| 0.5 * (phase[HALF + k] + sign * phase[HALF - 1 - k])))
        };
        let sum = |phase: &[f64; 2 * HALF]| phase.iter().map(|tap| tap.abs()).sum::<f64>();
        // a hair more, for rounding
        Kernel { evens: taps(1.0), odds: taps(-1.0), bound: more(sum(&PHASES[0]), sum(&PHASES[1])) * (1.0 + 1e-9) }
    }
}

/// `peak`, or the largest magnitude between the samples of a piece.
#[inline(always)]
pub(super) fn raise(x: &[f64], tiles: &Tiles, mut peak: f64) -> f64 {
    let kernel = &*KERNEL;
    if kernel.bound * tiles.largest() <= peak {
        return peak;
    }
    let intervals = x.len() - HISTORY;
    for (t, from) in (0..intervals).step_by(TILE).enumerate() {
        if kernel.bound * tiles.around(t) <= peak {
            continue;
        }
        for from in (from..intervals.min(from + TILE)).step_by(FEW) {
            let (evens, odds) =
                around(x, from, |x| (half::<true, 2, FEW>(&kernel.evens, x), half::<false, 2, FEW>(&kernel.odds, x)));
            for i in 0..FEW.min(intervals - from) {
                // of a phase and its mirror
                peak = more(peak, evens[0][i].abs() + odds[0][i].abs());
                peak = more(peak, evens[1][i].abs() + odds[1][i].abs());
            }
        }
    }
    peak
}
