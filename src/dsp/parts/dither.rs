//! From floating point to the integers of a file: TPDF dither (Lipshitz, Wannamaker, Vanderkooy, "Quantization and dither: a theoretical
//! survey", JAES 40(5), 1992), rounding, saturation.

use crate::audio::{Layout, rng::Seed};

/// What is added before rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Triangular, 2 LSB peak to peak: the error's mean and variance (¼ LSB²) don't depend on the signal.
    Tpdf,
    None,
}

/// Samples worked on together.
const PIECE: usize = 128;

/// Triangular noise on (-1, 1) from song frame `at` on: the difference of two independent uniform numbers, the two halves of one draw.
fn triangular(seed: Seed, at: i64, noise: &mut [f64]) {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    for (i, noise) in noise.iter_mut().enumerate() {
        let bits = seed.bits(at.wrapping_add(i as i64));
        // 32 bits each as the fraction of a number between 1 and 2
        let (a, b) = (ONE | (bits >> 32) << 20, ONE | (bits << 32) >> 12);
        *noise = f64::from_bits(a) - f64::from_bits(b);
    }
}

/// Rounds samples (full scale 1) to integers of `bits` bits.
///
/// The noise is a pure function of (seed, channel, song frame): a range of a file gets the bytes of the same range of the whole.
#[derive(Clone, Debug)]
pub struct Quantiser {
    full: f64,
    noise: Noise,
    seeds: [Seed; Layout::MOST],
    clipped: u64,
}

impl Quantiser {
    /// `bits`: 2 to 24. `seed`: the file's own.
    pub fn new(bits: u32, noise: Noise, seed: Seed) -> Quantiser {
        assert!((2..=24).contains(&bits), "{bits} bits are not 2 to 24");
        let seeds = std::array::from_fn(|channel| seed.with(channel as u64));
        Quantiser { full: f64::from(1 << (bits - 1)), noise, seeds, clipped: 0 }
    }

    /// Quantises one channel, whose first sample is at song frame `at`: to nearest, halves to even, saturating at -2^(bits-1) and
    /// 2^(bits-1) - 1. What is not a number becomes 0.
    pub fn run<T: Copy + Into<f64>>(&mut self, channel: usize, at: i64, from: &[T], to: &mut [i32]) {
        let mut noise = [0.0; PIECE];
        for (piece, (from, to)) in from.chunks(PIECE).zip(to.chunks_mut(PIECE)).enumerate() {
            if self.noise == Noise::Tpdf {
                triangular(self.seeds[channel], at + (piece * PIECE) as i64, &mut noise[..from.len()]);
            }
            self.round(from, &noise, to);
        }
    }

    /// No branch and no conversion of one sample at a time, so that the loop vectorises.
    fn round<T: Copy + Into<f64>>(&mut self, from: &[T], noise: &[f64; PIECE], to: &mut [i32]) {
        const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: adding it rounds to an integer and puts it into the low bits
        let (low, high) = (-self.full, self.full - 1.0);
        let mut clipped = 0.0;
        for ((x, noise), y) in from.iter().zip(noise).zip(to) {
            let x: f64 = (*x).into();
            let x = if x.is_nan() { 0.0 } else { x * self.full + noise };
            let rounded = (x + ROUND) - ROUND;
            let held = if rounded < low { low } else { rounded };
            let held = if held > high { high } else { held };
            clipped += if held == rounded { 0.0 } else { 1.0 };
            *y = (held + ROUND).to_bits() as i32;
        }
        self.clipped += clipped as u64;
    }

    /// How many samples were saturated so far.
    pub fn clipped(&self) -> u64 {
        self.clipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::math;

    const LSB: f64 = 1.0 / 32768.0;
    const N: usize = 1 << 18;

    fn run(noise: Noise, channel: usize, at: i64, from: &[f64]) -> Vec<i32> {
        let mut to = vec![0; from.len()];
        Quantiser::new(16, noise, Seed::of("test")).run(channel, at, from, &mut to);
        to
    }

    /// Amplitude of the part of `x` at `cycles` per its whole length.
    fn amplitude(x: &[i32], cycles: usize) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, x) in x.iter().enumerate() {
            let (sin, cos) = math::sincos(std::f64::consts::TAU * ((cycles * n) % N) as f64 / N as f64);
            re += f64::from(*x) * cos;
            im += f64::from(*x) * sin;
        }
        2.0 * (re * re + im * im).sqrt() / N as f64 * LSB
    }

    fn tone(db: f64, cycles: usize) -> Vec<f64> {
        let level = math::from_db(db);
        (0..N).map(|n| level * math::sin(std::f64::consts::TAU * ((cycles * n) % N) as f64 / N as f64)).collect()
    }

    #[test]
    fn the_error_keeps_its_variance_and_mean_at_every_offset() {
        for step in 0..=10 {
            let offset = f64::from(step) * 0.1;
            let out = run(Noise::Tpdf, 0, 0, &vec![offset * LSB; N]);
            let mean = out.iter().map(|y| f64::from(*y) - offset).sum::<f64>() / N as f64;
            let variance =
                out.iter().map(|y| f64::from(*y) - offset).map(|e| e * e).sum::<f64>() / N as f64 - mean * mean;
            assert!(mean.abs() < 0.005, "offset {offset}: mean {mean}");
            // ¼ of TPDF's own and rounding's: 1/6 + 1/12
            assert!((variance - 0.25).abs() < 0.0025, "offset {offset}: variance {variance}");
        }
    }

    #[test]
    fn tones_below_one_bit_are_recovered() {
        for db in [-90.0, -100.0, -110.0] {
            let heard = 20.0 * math::log10(amplitude(&run(Noise::Tpdf, 0, 0, &tone(db, 5449)), 5449));
            assert!((heard - db).abs() < 0.1, "{db} dB reads {heard}");
        }
        assert!(run(Noise::None, 0, 0, &tone(-100.0, 5449)).iter().all(|y| *y == 0));
    }

    #[test]
    fn dither_leaves_no_harmonics() {
        let with = run(Noise::Tpdf, 0, 0, &tone(-90.0, 5449));
        let without = run(Noise::None, 0, 0, &tone(-90.0, 5449));
        let level = |x: &[i32], harmonic: usize| 20.0 * math::log10(amplitude(x, 5449 * harmonic).max(1e-12));
        for harmonic in [3, 5, 7] {
            // the floor per bin is -147 dB rms; a Rayleigh peak of 3 sigma stands 10 dB above it
            assert!(level(&with, harmonic) < -135.0, "h{harmonic}: {}", level(&with, harmonic));
        }
        assert!(level(&without, 5) > -115.0);
    }

    #[test]
    fn channels_are_independent_and_ranges_are_slices() {
        let silence = vec![0.0; N];
        let (left, right) = (run(Noise::Tpdf, 0, 0, &silence), run(Noise::Tpdf, 1, 0, &silence));
        let sum = |a: &[i32], b: &[i32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let correlation = sum(&left, &right) / (sum(&left, &left) * sum(&right, &right)).sqrt();
        assert!(correlation.abs() < 0.01, "{correlation}");
        assert_eq!(run(Noise::Tpdf, 0, 1000, &silence[..500]), left[1000..1500]);
        assert_eq!(run(Noise::Tpdf, 0, -20, &silence[..40])[20..], left[..20]);
    }

    #[test]
    fn saturates_counts_and_rounds_halves_to_even() {
        let mut quantiser = Quantiser::new(16, Noise::None, Seed::new(1));
        let mut to = [0; 8];
        let from = [1.0, -1.0, 1e300, f64::NEG_INFINITY, f64::NAN, -0.0, 0.5 * LSB, 1.5 * LSB];
        quantiser.run(0, 0, &from, &mut to);
        assert_eq!(to, [32767, -32768, 32767, -32768, 0, 0, 0, 2]);
        assert_eq!(quantiser.clipped(), 3);
        let mut quantiser = Quantiser::new(24, Noise::None, Seed::new(1));
        quantiser.run(0, 0, &[0.5f32, -1.0], &mut to[..2]);
        assert_eq!(to[..2], [4_194_304, -8_388_608]);
        assert_eq!(quantiser.clipped(), 0);
    }
}
