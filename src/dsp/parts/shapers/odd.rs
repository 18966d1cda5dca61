//! What curves without bias add to the straight line, in f32. No formula takes one large number from another, so that what is added to quiet sound
//! is as exact as the rest: within 2⁻²¹ of the sound before the bend.

/// How far [`soft_less`] goes.
pub(super) const SMALL: f32 = 1.0;

/// Below this nothing is added that f64 would hold beside the sound, and squares and cubes would be subnormal.
const LEAST: f32 = 1.0 / 16_777_216.0;
/// The same for the fourth power.
const LEAST_FOURTH: f32 = 1.0 / 8192.0;

#[inline(always)]
fn from(least: f32, v: f32) -> f32 {
    if v.abs() < least { 0.0 } else { v }
}

/// v / √(1 + v²) - v.
#[inline(always)]
pub(super) fn tape(v: f32) -> f32 {
    let v = from(LEAST, v);
    let u = v * v;
    let square = 1.0 + u;
    -(v * u) / (square + square.sqrt())
}

/// v / ⁴√(1 + v⁴) - v.
#[inline(always)]
pub(super) fn transistor(v: f32) -> f32 {
    let v = from(LEAST_FOURTH, v);
    let u = v * v;
    let w = u * u;
    let root = (1.0 + w).sqrt();
    -v * (w / ((1.0 + root) * (root.sqrt() + root)))
}

#[inline(always)]
pub(super) fn hard(v: f32) -> f32 {
    let w = if v > 1.0 { 1.0 } else { v };
    let w = if w < -1.0 { -1.0 } else { w };
    w - v
}

/// tanh v - v for |v| up to [`SMALL`]: v³ P(v²) of the 15th power, the one whose largest error beside v is least (Remez' exchange): 5.9e-9.
#[inline(always)]
pub(super) fn soft_less(v: f32) -> f32 {
    const P: [f32; 7] =
        [-0.333_333_28, 0.133_328_9, -0.053_912_07, 0.021_576_54, -0.008_074_659, 0.002_392_771, -0.000_384_057_6];
    let v = from(LEAST, v);
    let u = v * v;
    let (low, middle) = (P[0] + u * P[1], P[2] + u * P[3]);
    let high = (P[4] + u * P[5]) + (u * u) * P[6];
    (v * u) * (low + (u * u) * (middle + (u * u) * high))
}

/// tanh v - v: v³ P(v²) / Q(v²) up to ±9, where tanh is 1 to the last bit but one; the quotient whose largest error beside v is least: 5.1e-9.
#[inline(always)]
pub(super) fn soft(v: f32) -> f32 {
    const END: f32 = 9.0;
    const P: [f32; 4] = [-0.333_333_32, -0.022_503_93, -0.000_314_262_8, -8.018_753_6e-7];
    const Q: [f32; 5] = [1.0, 0.467_511_64, 0.026_042_823, 0.000_335_564_96, 8.161_476e-7];
    let v = from(LEAST, v);
    let near = if v > END { END } else { v };
    let near = if near < -END { -END } else { near };
    let u = near * near;
    let p = P[0] + u * (P[1] + u * (P[2] + u * P[3]));
    let q = Q[0] + u * (Q[1] + u * (Q[2] + u * (Q[3] + u * Q[4])));
    (near * u) * p / q + (near - v)
}

/// sin v - v: the nearest multiple of π taken off, in three parts, then r³ P(r²) of the 9th power, the one whose
/// largest error beside r is least: 6.4e-9.
#[inline(always)]
pub(super) fn fold(v: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to an integer
    const PI: [f32; 3] = [3.140_625, 0.000_967_502_6, 1.509_958e-7];
    const P: [f32; 4] = [-0.166_666_64, 0.008_333_15, -0.000_198_150_3, 2.616_615_6e-6];
    const FAR: f32 = 1e6;
    let v = from(LEAST, v);
    let near = if v > FAR { FAR } else { v };
    let near = if near < -FAR { -FAR } else { near };
    let turns = near * std::f32::consts::FRAC_1_PI + ROUND;
    let sign = turns.to_bits() << 31;
    let turns = turns - ROUND;
    let r = ((near - turns * PI[0]) - turns * PI[1]) - turns * PI[2];
    let z = r * r;
    let less = (r * z) * ((P[0] + z * P[1]) + (z * z) * (P[2] + z * P[3]));
    let signed = |x: f32| f32::from_bits(x.to_bits() ^ sign);
    (signed(r) - v) + signed(less)
}

/// The largest magnitude.
#[inline(always)]
pub(super) fn largest(x: &[f32]) -> f32 {
    // in columns, so that none waits for the one before
    const COLUMNS: usize = 32;
    let more = |most: f32, x: f32| if x.abs() > most { x.abs() } else { most };
    let mut most = [0.0; COLUMNS];
    let (chunks, rest) = x.as_chunks::<COLUMNS>();
    for chunk in chunks {
        (0..COLUMNS).for_each(|i| most[i] = more(most[i], chunk[i]));
    }
    for half in [16, 8, 4, 2, 1] {
        (0..half).for_each(|i| most[i] = more(most[i], most[i + half]));
    }
    rest.iter().fold(most[0], |most, x| more(most, *x))
}
