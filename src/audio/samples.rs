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
    /// Whole numbers times `step`.
    pub fn of_integers(from: &[i32], into: &mut [f64], step: f64) = stepped;
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
    // the largest magnitude's bits, of which those of what is no number are the largest
    const MAGNITUDE: u64 = !(1 << 63);
    let mut largest = [0; COLUMNS];
    let (from_chunks, from_rest) = from.as_chunks::<COLUMNS>();
    let (into_chunks, into_rest) = into[..from.len()].as_chunks_mut::<COLUMNS>();
    for (into, from) in into_chunks.iter_mut().zip(from_chunks) {
        for i in 0..COLUMNS {
            into[i] = from[i] as f32;
            let bits = (from[i].to_bits() & MAGNITUDE) as i64;
            largest[i] = if bits > largest[i] { bits } else { largest[i] };
        }
    }
    for (into, x) in into_rest.iter_mut().zip(from_rest) {
        *into = *x as f32;
        largest[0] = largest[0].max((x.to_bits() & MAGNITUDE) as i64);
    }
    largest.iter().all(|bits| *bits <= most.to_bits() as i64)
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
            (x, wide, whole, single)
        };
        let plain = all(Level::all()[0]);
        assert!(Level::all().into_iter().all(|level| all(level) == plain));
        assert_eq!(plain.1[900], noise(6)[900]);
        assert_eq!(plain.3[77], singles[77]);
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
                }
            }
        }
    }
}
