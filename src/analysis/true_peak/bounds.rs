//! What a value between samples cannot exceed.

use super::{HALF, more};

/// The weights of the 76 samples around an interval, oldest first.
pub(super) type Row = [f64; 2 * HALF];

/// |Σ r x| <= `all` · the largest |x|.
pub(super) fn all(row: &Row) -> f64 {
    row.iter().map(|r| r.abs()).sum()
}

/// A bound that is close where the wave is smooth: |Σ r x| <= `bend` · the largest |x[i-1] - 2 x[i] + x[i+1]| + `rest` · the largest |x|.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Smooth {
    bend: f64,
    rest: f64,
}

impl Smooth {
    /// For weights that give (nearly) nothing for a straight line: they are some other weights of its second differences, found by division, and
    /// `rest` is what the division leaves.
    pub(super) fn new(row: &Row) -> Smooth {
        let last = row.len() - 1;
        let (mut before, mut d, mut bend) = (0.0, row[0], row[0].abs());
        for i in 1..last - 1 {
            (before, d) = (d, row[i] + 2.0 * d - before);
            bend += d.abs();
        }
        let rest = (row[last - 1] - (before - 2.0 * d)).abs() + (row[last] - d).abs();
        Smooth { bend, rest }
    }

    /// The bound for samples up to `level` and second differences up to `bend`.
    pub(super) fn of(&self, level: f64, bend: f64) -> f64 {
        self.bend * bend + self.rest * level
    }

    /// One that holds where either does.
    pub(super) fn or(self, other: Smooth) -> Smooth {
        Smooth { bend: more(self.bend, other.bend), rest: more(self.rest, other.rest) }
    }

    /// For the sum of what the two are for.
    pub(super) fn and(self, other: Smooth) -> Smooth {
        Smooth { bend: self.bend + other.bend, rest: self.rest + other.rest }
    }

    /// With `part` of the largest sample more.
    pub(super) fn loose(self, part: f64) -> Smooth {
        Smooth { rest: self.rest + part, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    #[test]
    fn the_bounds_hold_and_are_met() {
        // a difference of neighbours' mean and the middle: half the second difference
        let mut row = [0.0; 2 * HALF];
        (row[30], row[31], row[32]) = (0.5, -1.0, 0.5);
        let bound = Smooth::new(&row);
        assert_eq!((all(&row), bound.bend, bound.rest), (2.0, 0.5, 0.0));
        let seed = Seed::of("bounds");
        for trial in 0..200 {
            let noise = seed.with(trial);
            let row: Row = std::array::from_fn(|i| noise.bipolar(i as i64) / (1 + i.abs_diff(37)) as f64);
            let x: Row = std::array::from_fn(|i| noise.bipolar(1000 + i as i64));
            let y: f64 = row.iter().zip(&x).map(|(r, x)| r * x).sum();
            let most = |x: &mut dyn Iterator<Item = f64>| x.fold(0.0, |most: f64, x| most.max(x.abs()));
            let level = most(&mut x.iter().copied());
            let bent = most(&mut x.windows(3).map(|x| x[0] - 2.0 * x[1] + x[2]));
            assert!(y.abs() <= all(&row) * level && y.abs() <= Smooth::new(&row).of(level, bent));
        }
    }
}
