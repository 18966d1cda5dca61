//! The true peak of sines at every phase, at every rate, whole files.

use mixdown::analysis::{Meter, TruePeak, What};
use mixdown::audio::{Block, math};
use mixdown::units::Rate;

use super::signals::planes;

/// In dB above its amplitude: a sine of `cycles` per frame that comes and goes over 400 frames.
fn error(cycles: f64, phase: f64, rate: u32, kind: TruePeak) -> f64 {
    let frames = 1600;
    let wave = |n: usize| {
        let edge = (n.min(frames - 1 - n) as f64 / 400.0).min(1.0);
        let fade = math::sin(edge * std::f64::consts::FRAC_PI_2);
        0.8 * fade * fade * math::sin(2.0 * std::f64::consts::PI * (cycles * n as f64 + phase))
    };
    let one: Vec<f64> = (0..frames).map(wave).collect();
    let block: Block = planes(&[&one]);
    let mut meter = Meter::new(Rate::new(rate).unwrap(), 1, What::TruePeak).reading(kind);
    meter.add(block.planes_ref(1, frames));
    meter.finish().true_peak_dbtp.unwrap() - 20.0 * math::log10(0.8)
}

#[test]
fn a_sine_reads_its_amplitude_at_every_phase() {
    let mut worst = 0.0f64;
    for rate in [44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        for cycles in [997.0 / f64::from(rate), 0.1, 1.0 / 6.0, 0.25, 0.3, 1.0 / 3.0, 0.4, 0.45] {
            for phase in 0..32 {
                let error = error(cycles, f64::from(phase) / 64.0, rate, TruePeak::Exact);
                assert!(error.abs() < 0.01, "{rate}, {cycles} at phase {phase}: {error} dB");
                worst = worst.max(error.abs());
            }
        }
    }
    println!("true peak of sines up to 0.45 of the rate: within {worst:.4} dB");
}

/// What the letter of the standard reads: above at a quarter of the rate, below near the Nyquist frequency.
#[test]
fn the_reading_by_the_letter_errs_as_its_filter_does() {
    let errors = |cycles: f64| (0..32).map(move |phase| error(cycles, f64::from(phase) / 64.0, 48_000, TruePeak::Itu));
    let most = |cycles| errors(cycles).fold(f64::MIN, f64::max);
    let least = |cycles| errors(cycles).fold(f64::MAX, f64::min);
    assert!(most(0.25) > 0.15 && most(0.25) < 0.3, "{}", most(0.25));
    assert!(least(0.25) < -0.1 && least(0.25) > -0.3, "{}", least(0.25));
    assert!(least(0.45) < -0.4, "{}", least(0.45));
}
