//! Orthogonal mixing of sixteen channels over a grid cell: the energy of a frame is the same before and after.

use crate::dsp::GRID;

pub const LINES: usize = 16;

/// One grid cell of sixteen channels: lines × frames. Every frame of it is computed, also those beyond a shorter piece of a cell, so that
/// the loops have a fixed length and vectorise over time.
pub type Cell = [[f64; GRID as usize]; LINES];

pub const EMPTY: Cell = [[0.0; GRID as usize]; LINES];

/// The Hadamard matrix of order 16 over every frame, scaled by 1/4 to be orthonormal (fast Walsh-Hadamard transform, natural order).
pub fn hadamard(cell: &mut Cell) {
    mix(cell, |a, b| (a + b, a - b), 0.25);
}

/// The same with every butterfly turned by `angle` only: π/4 is [`hadamard`] to the last bits, 0 keeps the channels apart (the signs of
/// some turned). Orthonormal at every angle. `tangent` is tan(angle), `cosine` cos(angle).
pub fn blend(cell: &mut Cell, tangent: f64, cosine: f64) {
    let square = cosine * cosine;
    mix(cell, |a, b| (a + tangent * b, tangent * a - b), square * square);
}

#[inline(always)]
fn mix(cell: &mut Cell, butterfly: impl Fn(f64, f64) -> (f64, f64) + Copy, scale: f64) {
    for frame in 0..GRID as usize {
        let mut x: [f64; LINES] = std::array::from_fn(|line| cell[line][frame]);
        let mut half = LINES / 2;
        while half > 0 {
            for start in (0..LINES).step_by(2 * half) {
                for i in start..start + half {
                    (x[i], x[i + half]) = butterfly(x[i], x[i + half]);
                }
            }
            half /= 2;
        }
        for line in 0..LINES {
            // adding zero turns -0 into 0: silence has one form only
            cell[line][frame] = x[line] * scale + 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{math, rng::Seed};

    fn noise() -> Cell {
        let seed = Seed::new(3);
        std::array::from_fn(|i| std::array::from_fn(|n| seed.bipolar((i * 32 + n) as i64)))
    }

    fn energy(cell: &Cell, frame: usize) -> f64 {
        cell.iter().map(|line| line[frame] * line[frame]).sum()
    }

    #[test]
    fn mixing_keeps_the_energy_of_every_frame() {
        let before = noise();
        for angle in [0.0, 0.3, std::f64::consts::FRAC_PI_4] {
            let mut after = before;
            blend(&mut after, math::tan(angle), math::cos(angle));
            for frame in 0..GRID as usize {
                assert!((energy(&after, frame) / energy(&before, frame) - 1.0).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn one_channel_reaches_all_alike() {
        let mut cell = EMPTY;
        cell[5][7] = 1.0;
        hadamard(&mut cell);
        assert!(cell.iter().all(|line| line[7].abs() == 0.25 && line[6] == 0.0));
        hadamard(&mut cell);
        assert_eq!(cell[5][7], 1.0, "it is its own inverse");
    }
}
