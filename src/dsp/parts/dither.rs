//! From floating point to the integers of a file: TPDF dither (Lipshitz, Wannamaker, Vanderkooy, "Quantization and dither: a theoretical
//! survey", JAES 40(5), 1992), its noise shaped or not, rounding, saturation.

mod shape;

use crate::audio::isa::{Level, levels};
use crate::audio::{Layout, StateError, StateReader, StateWriter, math, rng::Seed};
use crate::units::Rate;
use shape::{ORDER, Shape};

/// What is added before rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Triangular, 2 LSB peak to peak: the error's mean and variance (¼ LSB²) don't depend on the signal.
    Tpdf,
    /// TPDF, and the error fed back so that its noise lies where the ear hears least of it: 15 dB less of it at 44.1 kHz, 16 at 48 kHz (by
    /// ISO 226's 15 phon), 14 dB more in all, most of that above 16 kHz. Only at [`shaped_rates`], and for what is heard as it is: whatever
    /// encodes, converts or turns up the file afterwards takes the noise for sound.
    Shaped,
    None,
}

/// The rates in Hz that there is a filter for: [`Noise::Shaped`] is for these and for no others.
pub fn shaped_rates() -> &'static [u32] {
    &shape::RATES
}

/// How far below `ceiling` (dBTP) peaks must stay, in dB, so that those of the file stay below it with the noise of its quantising on top;
/// 32 `bits` are floating point.
///
/// Of rounding and of TPDF it is a bound: ½ and 1½ LSB, and no interpolator reads more than 3.2 times the largest sample. Shaped noise has one
/// too, but twenty times what it ever comes to; 6.5 standard deviations are passed once in 10^10 samples.
pub fn headroom(ceiling: f64, bits: u32, noise: Noise) -> f64 {
    const INTERPOLATED: f64 = 3.2;
    const DEVIATIONS: f64 = 6.5;
    // the steps of a float just below full scale are those of 25 bits
    let lsb = 1.0 / f64::from(1u32 << (bits.min(25) - 1));
    let reach = lsb
        * match noise {
            _ if bits >= 25 => 0.5 * INTERPOLATED,
            Noise::None => 0.5 * INTERPOLATED,
            Noise::Tpdf => 1.5 * INTERPOLATED,
            Noise::Shaped => 0.5 * shape::most_noise() * DEVIATIONS,
        };
    let left = 1.0 - reach / math::from_db(ceiling);
    // a ceiling down in the noise can't be kept
    -math::to_db(if left > 0.5 { left } else { 0.5 })
}

/// Samples whose noise is drawn together.
const PIECE: usize = 128;

levels! {
    /// Triangular noise from song frame `at` on, of at most a piece.
    fn triangular(seed: Seed, at: i64, noise: &mut [f64]) = drawn;
    /// A piece's samples and their noise to integers, and how many were saturated.
    fn round(full: f64, from: &[f64], noise: &[f64; PIECE], to: &mut [i32]) -> u64 = rounded;
}

/// Triangular noise on (-1, 1): the difference of two independent uniform numbers of 16 bits. One draw is enough for two frames.
#[inline(always)]
fn drawn(seed: Seed, at: i64, noise: &mut [f64]) {
    let mut bits = [0_u32; PIECE + 2];
    let (mut key, odd) = (seed.key(at.div_euclid(2)), at.rem_euclid(2) as usize);
    for pair in bits[..(odd + noise.len()).next_multiple_of(2)].as_chunks_mut::<2>().0 {
        let draw = Seed::mixed(key);
        key = key.wrapping_add(Seed::STEP);
        *pair = [draw as u32, (draw >> 32) as u32];
    }
    for (noise, bits) in noise.iter_mut().zip(&bits[odd..]) {
        *noise = f64::from((bits >> 16) as i32 - (bits & 0xFFFF) as i32) * (1.0 / 65_536.0);
    }
}

/// Rounds samples (full scale 1) to integers of `bits` bits.
///
/// The noise is a pure function of (seed, channel, frame): a range of a file gets the bytes of the same range of the whole. Shaped noise
/// remembers: it does so where both begin with the same frame.
#[derive(Clone, Debug)]
pub struct Quantiser {
    full: f64,
    noise: Noise,
    seeds: [Seed; Layout::MOST],
    shape: Option<Box<Shape>>,
    clipped: u64,
}

impl Quantiser {
    /// `bits`: 2 to 24. `rate` and `seed`: the file's own. Shaped noise must be among [`shaped_rates`].
    pub fn new(bits: u32, noise: Noise, rate: Rate, seed: Seed) -> Quantiser {
        assert!((2..=24).contains(&bits), "{bits} bits are not 2 to 24");
        let seeds = std::array::from_fn(|channel| seed.with(channel as u64));
        let shape = (noise == Noise::Shaped).then(|| match Shape::new(rate) {
            Some(shape) => Box::new(shape),
            None => panic!("noise can't be shaped at {rate}"),
        });
        Quantiser { full: f64::from(1 << (bits - 1)), noise, seeds, shape, clipped: 0 }
    }

    /// Quantises one channel, whose first sample is frame `at` (of the song, or of the file's own grid): to nearest, halves to even,
    /// saturating at -2^(bits-1) and 2^(bits-1) - 1. What is not a number becomes 0. With shaped noise every call takes up where the last one
    /// for that channel ended.
    pub fn run(&mut self, channel: usize, at: i64, from: &[f64], to: &mut [i32]) {
        let (isa, seed) = (Level::find(), self.seeds[channel]);
        let mut noise = [0.0; PIECE];
        for (piece, (from, to)) in from.chunks(PIECE).zip(to.chunks_mut(PIECE)).enumerate() {
            if self.noise != Noise::None {
                triangular(isa, seed, at + (piece * PIECE) as i64, &mut noise[..from.len()]);
            }
            self.clipped += match &mut self.shape {
                Some(shape) => feed_back(shape, channel, self.full, from, &noise, to),
                None => round(isa, self.full, from, &noise, to),
            };
        }
    }

    /// How many samples were saturated so far.
    pub fn clipped(&self) -> u64 {
        self.clipped
    }

    /// What the first `channels` remember, exactly.
    pub fn save(&self, channels: usize, into: &mut StateWriter) {
        into.u64(self.clipped);
        if let Some(shape) = &self.shape {
            shape.errors.iter().take(channels).for_each(|errors| into.all(errors));
        }
    }

    /// What one made alike has saved for as many `channels`.
    pub fn load(&mut self, channels: usize, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.clipped = from.u64()?;
        match &mut self.shape {
            Some(shape) => shape.errors.iter_mut().take(channels).try_for_each(|errors| from.all(errors)),
            None => Ok(()),
        }
    }
}

/// 1.5 · 2^52: adding it rounds to an integer and puts it into the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// No branch and no conversion of one sample at a time, and whether any was saturated is all that is asked on the way, so that the loop vectorises.
#[inline(always)]
fn rounded(full: f64, from: &[f64], noise: &[f64; PIECE], to: &mut [i32]) -> u64 {
    let mut differ = 0;
    for ((x, noise), y) in from.iter().zip(noise).zip(to) {
        let x = if x.is_nan() { 0.0 } else { *x * full + noise };
        // held before it is rounded: the limits are integers
        let held = hold(x, full);
        differ |= held.to_bits() ^ x.to_bits();
        *y = (held + ROUND).to_bits() as i32;
    }
    if differ == 0 {
        return 0;
    }
    // by less than half a step is not saturated
    let beyond = |(x, noise): (&f64, &f64)| {
        let rounded = (*x * full + noise + ROUND) - ROUND;
        hold(rounded, full) != rounded && !rounded.is_nan()
    };
    from.iter().zip(noise).map(|frame| u64::from(beyond(frame))).sum()
}

/// The same with the error of every sample fed back to those after it: out = in + e * shape. The error is that of rounding alone: what saturating
/// takes away is not made up for, so that nothing builds up.
fn feed_back(shape: &mut Shape, channel: usize, full: f64, from: &[f64], noise: &[f64; PIECE], to: &mut [i32]) -> u64 {
    let (last, older) = shape.taps.split_last().unwrap_or((&0.0, &[]));
    // those before the piece, then its own
    let mut errors = [0.0; ORDER + PIECE];
    errors[..ORDER].copy_from_slice(&shape.errors[channel]);
    // every sample waits for the error of the one before: that one is kept at hand and comes last into the sum
    let mut newest = errors[ORDER - 1];
    let mut clipped = 0;
    for (n, ((x, noise), y)) in from.iter().zip(noise).zip(to).enumerate() {
        // far over full scale nothing changes any more, and an error must stay a number
        let mut sum = if x.is_nan() { 0.0 } else { x.clamp(-2.0, 2.0) * full };
        for (error, tap) in errors[n..n + ORDER - 1].iter().zip(older) {
            sum += error * tap;
        }
        sum += newest * last;
        let rounded = ((sum + noise) + ROUND) - ROUND;
        newest = rounded - sum;
        errors[ORDER + n] = newest;
        let held = hold(rounded, full);
        clipped += u64::from(held != rounded);
        *y = (held + ROUND).to_bits() as i32;
    }
    shape.errors[channel].copy_from_slice(&errors[from.len()..from.len() + ORDER]);
    clipped
}

#[inline(always)]
fn hold(rounded: f64, full: f64) -> f64 {
    let (low, high) = (-full, full - 1.0);
    let held = if rounded < low { low } else { rounded };
    if held > high { high } else { held }
}

#[cfg(test)]
mod tests;
