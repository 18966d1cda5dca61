//! From energies of blocks to one figure: the gates of BS.1770-5 and the loudness range of EBU Tech 3342.
//!
//! An energy is the mean square of K-weighted samples, weighed and added up over the channels. All blocks are kept and sorted out at the end,
//! exactly, not by a histogram: at ten a second they are 288 kB an hour.

use crate::audio::math;

/// The absolute gate, LUFS.
pub(super) const ABSOLUTE: f64 = -70.0;

/// The K-weighting's gain at 997 Hz in dB, which a full-scale sine must not have.
const OFFSET: f64 = 0.691;

/// Loudness in LUFS of an energy; none for none.
pub(super) fn level(energy: f64) -> Option<f64> {
    (energy > 0.0 && energy.is_finite()).then(|| 10.0 * math::log10(energy) - OFFSET)
}

fn energy(lufs: f64) -> f64 {
    math::pow(10.0, (lufs + OFFSET) / 10.0)
}

/// BS.1770-5, Annex 1: the mean of the blocks of 400 ms that are neither below -70 LUFS nor more than 10 LU below the mean of those.
/// None where no block is above the gate, so for silence and for less than 400 ms: half a block is no block, and libebur128 says the same.
pub fn integrated(blocks: &[f64]) -> Option<f64> {
    level(mean(blocks, gate(blocks, 0.1)))
}

/// Tech 3342: from the 10th to the 95th percentile of short-term loudness, without what is below -70 LUFS or more than 20 LU below the mean of
/// the rest. None where nothing is above the gate, so for less than 3 s. It means little below a minute, says the standard.
pub(super) fn range(readings: &[f64]) -> Option<f64> {
    let gate = gate(readings, 0.01);
    let mut heard: Vec<f64> = readings.iter().copied().filter(|energy| *energy >= gate).collect();
    heard.sort_by(f64::total_cmp);
    let percentile = |p: f64| heard.get(((heard.len() as f64 - 1.0) * p).round() as usize).copied();
    Some(level(percentile(0.95)?)? - level(percentile(0.1)?)?)
}

/// The energy of the higher gate: the absolute one, or this part of the mean of what passes that.
fn gate(energies: &[f64], part: f64) -> f64 {
    let absolute = energy(ABSOLUTE);
    let relative = part * mean(energies, absolute);
    if relative > absolute { relative } else { absolute }
}

/// Of what is at or above the gate; 0 if nothing is.
fn mean(energies: &[f64], gate: f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0u64);
    for energy in energies.iter().filter(|energy| **energy >= gate) {
        (sum, count) = (sum + energy, count + 1);
    }
    if count == 0 { 0.0 } else { sum / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energies(levels: &[f64]) -> Vec<f64> {
        levels.iter().map(|level| energy(*level)).collect()
    }

    #[test]
    fn two_gates() {
        assert_eq!(integrated(&[]), None);
        assert_eq!(integrated(&[0.0; 5]), None);
        assert_eq!(integrated(&energies(&[-70.1; 5])), None);
        let near = |levels: &[f64], wanted: f64| {
            let got = integrated(&energies(levels)).unwrap();
            assert!((got - wanted).abs() < 1e-9, "{levels:?}: {got}");
        };
        near(&[-69.9; 5], -69.9);
        near(&[-23.0, -23.0, -23.0, -80.0, -100.0], -23.0);
        // the relative gate lies at -33 less what the quieter block takes from the mean
        near(&[-23.0, -23.0, -36.0], -23.0);
        let both = 10.0 * math::log10((2.0 + math::pow(10.0, -0.9)) / 3.0) - 23.0;
        near(&[-23.0, -23.0, -32.0], both);
    }

    /// The example of Tech 3342: percentiles of -40 to -20 LUFS in steps of one.
    #[test]
    fn the_range_is_between_percentiles() {
        let steps: Vec<f64> = (0..21).map(|step| -40.0 + f64::from(step)).collect();
        let got = range(&energies(&steps)).unwrap();
        assert!((got - 17.0).abs() < 1e-9, "{got}");
        let many = range(&energies(&steps.repeat(3))).unwrap();
        assert!((many - 17.0).abs() < 1e-9, "{many}");
        assert_eq!((range(&[]), range(&energies(&[-71.0]))), (None, None));
        assert_eq!(range(&energies(&[-50.0])), Some(0.0));
    }
}
