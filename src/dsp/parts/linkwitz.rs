//! Crossovers that sum to an all-pass: Linkwitz-Riley of the fourth order (S. Linkwitz, "Active Crossover Networks for Noncoincident Drivers",
//! JAES 24, 1976), two Butterworth sections in series for each side, -6 dB and in phase at the split.

use num_complex::Complex64;

use super::biquad::{Prototype, Section};
use super::cascade::Cascade;
use crate::audio::{Block, Planes, StateError, StateReader, StateWriter, math};
use crate::units::{Hz, Rate};

/// The three filters of one split, on one denominator: bilinear, so that low² + high² is the all-pass to the last digits.
#[derive(Clone, Copy, Debug)]
struct Split {
    low: Section,
    high: Section,
    all: Section,
}

impl Split {
    fn new(frequency: f64, rate: Rate) -> Split {
        let t = math::tan(std::f64::consts::PI * (frequency / rate.hz()).clamp(1e-6, 0.49));
        let d = [t * t, std::f64::consts::SQRT_2 * t, 1.0];
        let section = |n| Prototype { n, d }.section();
        Split { low: section([d[0], 0.0, 0.0]), high: section([0.0, 0.0, d[2]]), all: section([d[0], -d[1], d[2]]) }
    }
}

/// Splits a sound into bands whose sum is the sound behind one all-pass per split: every band passes the all-passes of the splits that are not its
/// own, without which the sum of three bands would dip by up to 3.6 dB.
#[derive(Clone, Debug)]
pub struct Crossover {
    splits: Vec<Split>,
    /// Of each band but the last: its low side and the all-passes of the splits above.
    lows: Vec<Cascade>,
    /// What each split leaves to the next.
    highs: Vec<Cascade>,
}

impl Crossover {
    /// `splits` in Hz, ascending: one band more than splits.
    pub fn new(splits: &[f64], channels: usize, rate: Rate) -> Crossover {
        let splits: Vec<Split> = splits.iter().map(|f| Split::new(*f, rate)).collect();
        let low = |i: usize| {
            let sections = [splits[i].low; 2].into_iter().chain(splits[i + 1..].iter().map(|s| s.all));
            Cascade::new(sections.collect(), channels)
        };
        let lows = (0..splits.len()).map(low).collect();
        let highs = splits.iter().map(|s| Cascade::new(vec![s.high; 2], channels)).collect();
        Crossover { splits, lows, highs }
    }

    pub fn bands(&self) -> usize {
        self.splits.len() + 1
    }

    /// Splits `audio` (channels × frames, from song time `at` on) into `bands`, the lowest first.
    pub fn split(&mut self, at: i64, audio: &Planes<'_>, bands: &mut [Block]) {
        let (channels, frames) = (audio.channels(), audio.frames());
        let Some(first) = bands.first_mut() else { return };
        first.planes(channels, frames).copy_from(&audio.as_ref());
        for i in 0..self.splits.len() {
            let (here, above) = bands.split_at_mut(i + 1);
            let mut low = here[i].planes(channels, frames);
            let mut rest = above[0].planes(channels, frames);
            rest.copy_from(&low.as_ref());
            Cascade::process_both([&mut self.lows[i], &mut self.highs[i]], at, [&mut low, &mut rest]);
        }
    }

    /// What band `band` does to e^{jωn}.
    pub fn response(&self, band: usize, frequency: Hz, rate: Rate) -> Complex64 {
        let of = |section: &Section| section.response(frequency, rate);
        let mut h = Complex64::ONE;
        for (i, split) in self.splits.iter().enumerate() {
            h *= match i.cmp(&band) {
                std::cmp::Ordering::Less => of(&split.high) * of(&split.high),
                std::cmp::Ordering::Equal => of(&split.low) * of(&split.low),
                std::cmp::Ordering::Greater => of(&split.all),
            };
        }
        h
    }

    pub fn is_at_rest(&self) -> bool {
        self.lows.iter().chain(&self.highs).all(Cascade::is_at_rest)
    }

    pub fn reset(&mut self) {
        self.lows.iter_mut().chain(&mut self.highs).for_each(Cascade::reset);
    }

    pub fn save(&self, into: &mut StateWriter) {
        self.lows.iter().chain(&self.highs).for_each(|c| c.save(into));
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.lows.iter_mut().chain(&mut self.highs).try_for_each(|c| c.load(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_sum_to_the_all_passes() {
        for splits in
            [vec![120.0], vec![120.0, 3000.0], vec![500.0, 1000.0], vec![60.0, 250.0, 1000.0, 4000.0, 12_000.0]]
        {
            let crossover = Crossover::new(&splits, 1, Rate::STUDIO);
            let mut hz = 10.0;
            while hz < 23_900.0 {
                let sum: Complex64 =
                    (0..crossover.bands()).map(|b| crossover.response(b, Hz::new(hz), Rate::STUDIO)).sum();
                let all: Complex64 =
                    crossover.splits.iter().map(|s| s.all.response(Hz::new(hz), Rate::STUDIO)).product();
                assert!(20.0 * math::log10((sum / all).norm()).abs() < 1e-9, "{splits:?} {hz}");
                assert!((sum - all).norm() < 1e-9, "{splits:?} {hz}");
                hz *= 1.031;
            }
            let at_split = crossover.response(0, Hz::new(splits[0]), Rate::STUDIO).norm();
            assert!((at_split - 0.5).abs() < 1e-9, "{at_split}");
        }
    }
}
