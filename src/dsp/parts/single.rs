//! Sound in f32, for what is long and lies under a tail: a vector holds twice as many frames, and memory half as many bytes.

use super::cell::CELL;

/// One channel over a cell of the song's grid.
pub type Singles = [f32; CELL];

pub const QUIET: Singles = [0.0; CELL];

/// `x`, or +0 where it is below 8e-28, in two additions that cost less than a comparison. What is left is a multiple of 2^-89 ≈ 1.6e-27: no
/// product of it with a [`coefficient`] is subnormal, which would be 20 times slower. What lies below -250 dB is rounded once more by this,
/// and nothing above.
#[inline(always)]
pub fn settle(x: f32) -> f32 {
    (x + GRAIN) - GRAIN
}

const GRAIN: f32 = 1.0 / (1_u128 << 66) as f32;

/// `x` in f32, settled. What is louder than +600 dB stays there: sums of it are still finite.
#[inline(always)]
pub fn enter(x: f64) -> f32 {
    const MOST: f64 = 1e30;
    let x = if x > MOST { MOST } else { x };
    let x = if x < -MOST { -MOST } else { x };
    (x + GRAIN as f64) as f32 - GRAIN
}

/// A factor for sound in f32: below 2^-30 (-180 dB) it is none.
pub fn coefficient(x: f64) -> f32 {
    if x.abs() < 1.0 / f64::from(1 << 30) { 0.0 } else { x as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_is_zero_or_far_from_subnormal_and_sound_is_left_alone() {
        for x in [0.0, -0.0, 1e-45, -1e-30, 7e-28] {
            assert_eq!(settle(x).to_bits(), 0);
        }
        let mut x = 1.0_f32;
        while x > 1e-37 {
            let settled = settle(x);
            assert!(settled == 0.0 || settled >= 1.6e-27);
            assert!((settled - x).abs() <= x * 2.4e-7 || x < 3e-20);
            assert!(x < 1e-12 || settled == x && settle(-x) == -x);
            x *= 0.937;
        }
        for x in [0.0, -0.0, 1e-300, -7e-28, 0.1, -1e-20, 1e30, 1e300, f64::NEG_INFINITY] {
            assert_eq!(enter(x).to_bits(), settle(x.clamp(-1e30, 1e30) as f32).to_bits());
        }
        assert_eq!((coefficient(-0.25), coefficient(9e-10)), (-0.25, 0.0));
        assert!(coefficient(1e-9) * settle(9e-28) > f32::MIN_POSITIVE);
    }
}
