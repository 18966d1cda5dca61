//! One channel over a cell of the song's grid: what loops work on, because a length that is known and short keeps them in vectors and in the first
//! cache. Where a piece of a cell is shorter, the frames behind it are computed too and mean nothing.

use crate::audio::isa::levels;
use crate::audio::math;
use crate::dsp::GRID;

pub const CELL: usize = GRID as usize;

pub type Frames = [f64; CELL];

pub const SILENCE: Frames = [0.0; CELL];

levels! {
    /// Takes a piece of sound, at most a cell, without what is below [`math::REST`] and without the sign of zero; says whether anything is left.
    pub fn take(from: &[f64], into: &mut Frames) -> bool = taken;
}

#[inline(always)]
fn taken(from: &[f64], into: &mut Frames) -> bool {
    let mut sound = 0;
    for (into, x) in into.iter_mut().zip(from) {
        *into = math::flush(*x) + 0.0;
        sound |= into.to_bits();
    }
    sound != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;

    #[test]
    fn every_level_takes_the_same() {
        let mut sound = SILENCE;
        sound[..5].copy_from_slice(&[0.5, -0.0, 1e-31, -1e-29, -1e-40]);
        for level in Level::all() {
            let mut into = [1.0; CELL];
            assert!(take(level, &sound[..5], &mut into));
            assert_eq!(
                into[..6].iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
                [0.5, 0.0, 0.0, -1e-29, 0.0, 1.0].map(f64::to_bits)
            );
            assert!(!take(level, &[0.0, -0.0, 1e-31], &mut into));
        }
    }
}
