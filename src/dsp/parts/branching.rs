//! The branching recursion of a reduction (`ballistics`), a grid cell at a time: y ← max(a y + (1 - a) c, r y + (1 - r) c), which is the branch that
//! asks for the larger one.
//!
//! Step by step every frame waits for the one before: a multiplication, an addition and a comparison. But the largest of straight lines of y is, one
//! step later, again the largest of straight lines of y. So four frames are one step with five lines, whose offsets hang on the c alone and are computed
//! side by side; what is in between is filled in afterwards. It differs from the plain recursion by roundings (1e-15 of the reduction).

use super::cell::{CELL, Frames};

/// Steps of a cell.
const STEPS: usize = CELL / 4;

type Column = [f64; STEPS];

/// The factors of the lines.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// a, r: attack and release, and 1 less each.
    a: f64,
    r: f64,
    a1: f64,
    r1: f64,
    /// -1 where the release is the faster one: then the smaller of the two is the branch, which is the larger of their opposites.
    sign: f64,
}

impl Lines {
    pub fn new(attack: f64, release: f64) -> Lines {
        Lines {
            a: attack,
            r: release,
            a1: 1.0 - attack,
            r1: 1.0 - release,
            sign: if attack <= release { 1.0 } else { -1.0 },
        }
    }

    /// Replaces a cell's wanted reductions by the smoothed ones, coming from `y`. Returns where it ends.
    #[inline(always)]
    pub fn run(&self, y: f64, cell: &mut Frames) -> f64 {
        let Lines { a, r, a1, r1, sign } = *self;
        let (a2, ar, r2) = (a * a, a * r, r * r);
        let (a3, a2r, ar2, r3) = (a2 * a, a2 * r, a * r2, r2 * r);
        let (a4, a3r, a2r2, ar3, r4) = (a2 * a2, a3 * r, a2 * r2, a * r3, r2 * r2);
        let mut c = [[0.0; STEPS]; 4];
        for step in 0..STEPS {
            for i in 0..4 {
                c[i][step] = cell[4 * step + i] * sign;
            }
        }
        // the offsets of the lines after one, two, three and four frames
        let (mut one, mut two): ([Column; 2], [Column; 3]) = ([[0.0; STEPS]; 2], [[0.0; STEPS]; 3]);
        let (mut three, mut four): ([Column; 4], [Column; 5]) = ([[0.0; STEPS]; 4], [[0.0; STEPS]; 5]);
        for j in 0..STEPS {
            let (up, down) = (a1 * c[0][j], r1 * c[0][j]);
            (one[0][j], one[1][j]) = (up, down);
            let k = [up, down];
            let (up, down) = (a1 * c[1][j], r1 * c[1][j]);
            let k = [a * k[0] + up, max(a * k[1] + up, r * k[0] + down), r * k[1] + down];
            (two[0][j], two[1][j], two[2][j]) = (k[0], k[1], k[2]);
            let (up, down) = (a1 * c[2][j], r1 * c[2][j]);
            let k = [
                a * k[0] + up,
                max(a * k[1] + up, r * k[0] + down),
                max(a * k[2] + up, r * k[1] + down),
                r * k[2] + down,
            ];
            (three[0][j], three[1][j], three[2][j], three[3][j]) = (k[0], k[1], k[2], k[3]);
            let (up, down) = (a1 * c[3][j], r1 * c[3][j]);
            four[0][j] = a * k[0] + up;
            four[1][j] = max(a * k[1] + up, r * k[0] + down);
            four[2][j] = max(a * k[2] + up, r * k[1] + down);
            four[3][j] = max(a * k[3] + up, r * k[2] + down);
            four[4][j] = r * k[3] + down;
        }
        // where each step begins
        let mut begins = [0.0; STEPS];
        let mut y = y * sign;
        for j in 0..STEPS {
            begins[j] = y;
            let (k0, k1) = (a4 * y + four[0][j], a3r * y + four[1][j]);
            let (k2, k3) = (a2r2 * y + four[2][j], ar3 * y + four[3][j]);
            y = max(max(max(k0, k1), max(k2, k3)), r4 * y + four[4][j]);
        }
        let mut out = [[0.0; STEPS]; 4];
        for j in 0..STEPS {
            let y = begins[j];
            out[0][j] = max(a * y + one[0][j], r * y + one[1][j]);
            out[1][j] = max(max(a2 * y + two[0][j], ar * y + two[1][j]), r2 * y + two[2][j]);
            let (k0, k1) = (a3 * y + three[0][j], a2r * y + three[1][j]);
            out[2][j] = max(max(k0, k1), max(ar2 * y + three[2][j], r3 * y + three[3][j]));
        }
        for j in 0..STEPS {
            out[3][j] = if j + 1 < STEPS { begins[j + 1] } else { y };
        }
        for step in 0..STEPS {
            for i in 0..4 {
                cell[4 * step + i] = out[i][step] * sign;
            }
        }
        y * sign
    }
}

#[inline(always)]
fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    /// The recursion as it is written.
    fn plain(attack: f64, release: f64, mut y: f64, cell: &mut Frames) -> f64 {
        for c in cell {
            let factor = if *c > y { attack } else { release };
            y = factor * y + (1.0 - factor) * *c;
            *c = y;
        }
        y
    }

    #[test]
    fn four_frames_at_once_are_the_plain_recursion() {
        for (attack, release) in [(0.9, 0.999), (0.0, 0.99), (0.999, 0.9), (0.5, 0.5), (0.9999, 0.0), (0.99, 0.0)] {
            let (mut fast, mut slow) = (0.0, 0.0);
            for at in 0..200 {
                let wave = |i: i64| 2.0 * Seed::new(3).unit((at * CELL as i64 + i) / 37) * Seed::new(9).unit(i);
                let mut cell: Frames = std::array::from_fn(|i| wave(i as i64));
                if at % 5 == 4 {
                    cell.fill(0.0);
                }
                let mut oracle = cell;
                fast = Lines::new(attack, release).run(fast, &mut cell);
                slow = plain(attack, release, slow, &mut oracle);
                for (i, (x, y)) in cell.iter().zip(&oracle).enumerate() {
                    assert!((x - y).abs() < 1e-14, "{attack} {release}: cell {at}, frame {i}: {x} for {y}");
                }
                assert_eq!(fast, cell[CELL - 1]);
            }
        }
    }

    #[test]
    fn nothing_wanted_and_nothing_there_stays_nothing() {
        let mut cell = [0.0; CELL];
        assert_eq!(Lines::new(0.9, 0.99).run(0.0, &mut cell), 0.0);
        assert_eq!(cell, [0.0; CELL]);
        assert_eq!(Lines::new(0.99, 0.9).run(0.0, &mut cell).abs(), 0.0);
    }
}
