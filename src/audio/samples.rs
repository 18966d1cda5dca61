//! Loops over samples that many rooms need, compiled for each vector level.

use super::isa::levels;
use super::math;

/// What hangs on all samples is found in so many columns, so that none waits for the one before.
pub const COLUMNS: usize = 8;

/// The largest magnitude.
#[inline(always)]
pub fn largest(x: &[f64]) -> f64 {
    let more = |most: f64, x: f64| if x > most { x } else { most };
    let mut most = [0.0; COLUMNS];
    let (chunks, rest) = x.as_chunks::<COLUMNS>();
    for chunk in chunks {
        for (most, x) in most.iter_mut().zip(chunk) {
            *most = more(*most, x.abs());
        }
    }
    // halves by halves: eight in a row would wait for one another
    for half in [4, 2, 1] {
        for i in 0..half {
            most[i] = more(most[i], most[i + half]);
        }
    }
    rest.iter().fold(most[0], |most, x| more(most, x.abs()))
}

levels! {
    /// Whether all are zero, of either sign.
    pub fn is_silent(x: &[f64]) -> bool = silent;
    /// `x` times `gain`.
    pub fn scale(x: &mut [f64], gain: f64) = scaled;
    /// A mono sound to both sides.
    pub fn spread(x: &mut [f64], other: &mut [f64], gain: f64, other_gain: f64) = spread_out;
    /// `x` times what stands beside it.
    pub fn multiply(x: &mut [f64], by: &[f64]) = multiplied;
    /// `x` and what stands beside it.
    pub fn add(x: &mut [f64], other: &[f64]) = added;
    /// `x` and `gain` times what stands beside it.
    pub fn add_scaled(x: &mut [f64], other: &[f64], gain: f64) = added_scaled;
    /// Every zero a positive one.
    pub fn unsign_zeros(x: &mut [f64]) = unsigned;
    /// Levels in dB become amplitudes.
    pub fn amplitudes(db: &mut [f64]) = amplified;
    /// From f32, exactly.
    pub fn widen(from: &[f32], into: &mut [f64]) = widened;
    /// To the nearest f32.
    pub fn narrow(from: &[f64], into: &mut [f32]) = narrowed;
    /// To the nearest f32; false when something is no number or louder than `most`.
    pub fn narrow_below(from: &[f64], into: &mut [f32], most: f64) -> bool = narrowed_below;
    /// Samples times one and then the other gain, as [`narrow_below`].
    pub fn narrow_scaled(from: &[f64], gains: [f64; 2], into: &mut [f32], most: f64) -> bool = narrowed_scaled;
    /// Samples times what stands beside them and then `gain`, as [`narrow_below`].
    pub fn narrow_leveled(from: &[f64], levels: &[f64], gain: f64, into: &mut [f32], most: f64) -> bool = narrowed_leveled;
    /// Whole numbers times `step`.
    pub fn of_integers(from: &[i32], into: &mut [f64], step: f64) = stepped;
}

/// Piece by piece, because most often the first sample tells, or the first piece.
#[inline(always)]
fn silent(x: &[f64]) -> bool {
    const PIECE: usize = 64;
    // all but the sign
    let none = |piece: &[f64]| piece.iter().fold(0, |any, x| any | x.to_bits() << 1) == 0;
    x.first().is_none_or(|x| *x == 0.0) && x.chunks(PIECE).all(none)
}

#[inline(always)]
fn scaled(x: &mut [f64], gain: f64) {
    x.iter_mut().for_each(|x| *x *= gain);
}

#[inline(always)]
fn spread_out(x: &mut [f64], other: &mut [f64], gain: f64, other_gain: f64) {
    for (x, other) in x.iter_mut().zip(other) {
        (*x, *other) = (*x * gain, *x * other_gain);
    }
}

#[inline(always)]
fn multiplied(x: &mut [f64], by: &[f64]) {
    x.iter_mut().zip(by).for_each(|(x, by)| *x *= by);
}

#[inline(always)]
fn added(x: &mut [f64], other: &[f64]) {
    x.iter_mut().zip(other).for_each(|(x, other)| *x += other);
}

#[inline(always)]
fn added_scaled(x: &mut [f64], other: &[f64], gain: f64) {
    x.iter_mut().zip(other).for_each(|(x, other)| *x += other * gain);
}

#[inline(always)]
fn unsigned(x: &mut [f64]) {
    x.iter_mut().for_each(|x| *x += 0.0);
}

#[inline(always)]
fn amplified(db: &mut [f64]) {
    // in two loops over short pieces: in one each level would wait for the end of the one before
    const PIECE: usize = 32;
    let mut scales = [0.0; PIECE];
    for piece in db.chunks_mut(PIECE) {
        for (db, scale) in piece.iter_mut().zip(&mut scales) {
            (*scale, *db) = math::from_db_begin(*db);
        }
        piece.iter_mut().zip(&scales).for_each(|(db, scale)| *db = math::exp2_end(*scale, *db));
    }
}

#[inline(always)]
fn widened(from: &[f32], into: &mut [f64]) {
    into.iter_mut().zip(from).for_each(|(into, x)| *into = f64::from(*x));
}

#[inline(always)]
fn narrowed(from: &[f64], into: &mut [f32]) {
    into.iter_mut().zip(from).for_each(|(into, x)| *into = *x as f32);
}

#[inline(always)]
fn narrowed_below(from: &[f64], into: &mut [f32], most: f64) -> bool {
    narrowed_of(from, into, most, |_, x| x)
}

#[inline(always)]
fn narrowed_scaled(from: &[f64], gains: [f64; 2], into: &mut [f32], most: f64) -> bool {
    narrowed_of(from, into, most, |_, x| x * gains[0] * gains[1])
}

#[inline(always)]
fn narrowed_leveled(from: &[f64], levels: &[f64], gain: f64, into: &mut [f32], most: f64) -> bool {
    let levels = &levels[..from.len()];
    narrowed_of(from, into, most, |i, x| x * levels[i] * gain)
}

/// What `of` makes of each sample and its place, to the nearest f32.
#[inline(always)]
fn narrowed_of(from: &[f64], into: &mut [f32], most: f64, of: impl Fn(usize, f64) -> f64) -> bool {
    // magnitudes are in the order of their bits, with what is no number behind all others
    const MAGNITUDE: i64 = i64::MAX;
    let (most, mut left) = (most.to_bits() as i64, 0);
    for (i, (into, x)) in into[..from.len()].iter_mut().zip(from).enumerate() {
        let x = of(i, *x);
        *into = x as f32;
        left |= most - (x.to_bits() as i64 & MAGNITUDE);
    }
    left >= 0
}

#[inline(always)]
fn stepped(from: &[i32], into: &mut [f64], step: f64) {
    into.iter_mut().zip(from).for_each(|(into, x)| *into = f64::from(*x) * step);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    #[test]
    fn every_level_computes_the_same_bits() {
        let noise = |seed: u64| (0..1001).map(|i| Seed::new(seed).bipolar(i) * 60.0).collect::<Vec<f64>>();
        let singles: Vec<f32> = noise(3).iter().map(|x| *x as f32).collect();
        let integers: Vec<i32> = noise(4).iter().map(|x| (*x * 1e7) as i32).collect();
        let all = |level: Level| {
            let mut x = noise(1);
            amplitudes(level, &mut x[..500]);
            multiply(level, &mut x, &noise(2));
            add(level, &mut x, &noise(5));
            scale(level, &mut x, 0.3);
            add_scaled(level, &mut x, &noise(2), 0.7);
            let mut other = noise(8);
            spread(level, &mut x, &mut other, 0.9, -0.4);
            add(level, &mut x, &other);
            let (mut wide, mut whole) = (noise(6), noise(7));
            widen(level, &singles, &mut wide[..900]);
            of_integers(level, &integers, &mut whole, 0.125);
            let mut single = singles.clone();
            narrow(level, &x, &mut single[..77]);
            let (mut once, mut twice, mut beside) = (singles.clone(), singles.clone(), singles.clone());
            assert!(narrow_below(level, &x, &mut once, 1e9));
            assert!(narrow_scaled(level, &x, [0.3, 1.7], &mut twice, 1e9));
            assert!(narrow_leveled(level, &x, &other, 1.7, &mut beside, 1e9));
            assert!((0..x.len()).all(|i| once[i] == x[i] as f32 && twice[i] == (x[i] * 0.3 * 1.7) as f32));
            assert!((0..x.len()).all(|i| beside[i] == (x[i] * other[i] * 1.7) as f32));
            (x, wide, whole, single)
        };
        let plain = all(Level::all()[0]);
        assert!(Level::all().into_iter().all(|level| all(level) == plain));
        assert_eq!(plain.1[900], noise(6)[900]);
        assert_eq!(plain.3[77], singles[77]);
    }

    #[test]
    fn silence_is_zeros_of_either_sign() {
        for level in Level::all() {
            for length in [0, 1, 64, 150] {
                let mut x = vec![-0.0; length];
                assert!(is_silent(level, &x));
                for place in 0..length {
                    x[place] = if place % 2 == 0 { f64::from_bits(1) } else { f64::NAN };
                    assert!(!is_silent(level, &x));
                    x[place] = 0.0;
                }
            }
        }
    }

    #[test]
    fn what_is_too_loud_or_no_number_is_seen_wherever_it_stands() {
        for level in Level::all() {
            for wrong in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1024.1, -1025.0] {
                for place in 0..21 {
                    let mut x = vec![-1024.0; 21];
                    let mut into = [0.0; 21];
                    assert!(narrow_below(level, &x, &mut into, 1024.0));
                    assert_eq!(into, [-1024.0; 21]);
                    x[place] = wrong;
                    assert!(!narrow_below(level, &x, &mut into, 1024.0), "{wrong} at {place}");
                    assert!(!narrow_scaled(level, &x, [0.5, 2.0], &mut into, 1024.0), "{wrong} at {place}");
                    assert!(!narrow_leveled(level, &x, &[2.0; 21], 0.5, &mut into, 1024.0), "{wrong} at {place}");
                }
            }
        }
    }
}
