use std::f64::consts::PI;

use crate::audio::math;
use crate::dsp::GRID;

/// The wandering of the time: depth × sin(2π rate t) in song time, exact at the grid's cells and a cubic through values and slopes between.
#[derive(Debug)]
pub(super) struct Sway {
    /// In frames.
    pub(super) depth: f64,
    /// Periods per frame.
    pub(super) turns: f64,
}

/// Hermite's cubic over one grid cell.
#[derive(Debug)]
pub(super) struct Cubic([f64; 4]);

impl Sway {
    /// The cell in which song time `at` lies, `ahead` of a period early.
    pub(super) fn cell(&self, at: i64, ahead: f64) -> Cubic {
        let start = at.div_euclid(GRID) * GRID;
        let end = |at: i64| {
            let turns = self.turns * at as f64 + ahead;
            let (s, c) = math::sincos(2.0 * PI * (turns - turns.floor()));
            (self.depth * s, self.depth * c * 2.0 * PI * self.turns * GRID as f64)
        };
        let ((y0, d0), (y1, d1)) = (end(start), end(start + GRID));
        Cubic([y0, d0, 3.0 * (y1 - y0) - 2.0 * d0 - d1, 2.0 * (y0 - y1) + d0 + d1])
    }
}

impl Cubic {
    /// At `t` from 0 to 1 of the cell.
    #[inline]
    pub(super) fn at(&self, t: f64) -> f64 {
        let [a, b, c, d] = self.0;
        a + t * (b + t * (c + t * d))
    }
}
