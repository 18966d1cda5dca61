use super::view::between;
use super::*;
use crate::audio::{math, rng::Seed};
use crate::dsp::parts::kaiser::{self, Kaiser};

fn read(x: &[f64], block: usize, alert: f64) -> Vec<f64> {
    let mut meter = TruePeak::default();
    let mut peaks = vec![0.0; x.len()];
    for (x, peaks) in x.chunks(block).zip(peaks.chunks_mut(block)) {
        meter.process(x, alert, peaks);
    }
    peaks
}

/// Loud and soft noise, with and without treble: what bends much and what bends little.
fn programme(frames: i64) -> Vec<f64> {
    let seed = Seed::new(3);
    let mut low = 0.0;
    (0..frames)
        .map(|i| {
            let white = seed.bipolar(i);
            low += 0.05 * (white - low);
            match i / 500 % 4 {
                0 => white,
                1 => 0.2 * white,
                2 => 6.0 * low,
                _ => 5.0 * low + 0.05 * white,
            }
        })
        .collect()
}

#[test]
fn sines_read_their_amplitude_at_every_phase() {
    for cycles in [0.02, 0.125, 1.0 / 6.0, 0.25, 0.39, 0.43] {
        for phase in 0..32 {
            let phase = f64::from(phase) / 64.0;
            let at = |i: usize| math::sin(std::f64::consts::TAU * (cycles * i as f64 + phase));
            // without the standards' readings, which lie above
            let x: Vec<f64> = (0..400).map(at).collect();
            let mut meter = TruePeak::default();
            let mut peak = 0.0f64;
            for (cell, x) in x.chunks(CELL).enumerate() {
                meter.take(x);
                let Some(mut view) = meter.view(x.len(), 0.0) else { continue };
                for from in (0..x.len()).step_by(TILE).filter(|_| cell > 6) {
                    let mut most = std::array::from_fn(|i| view.x[LATE + from + i].abs());
                    between(view.x, &TAPS.middle, from, &mut view.midway[0], &mut view.known[0]);
                    view.fine(from, 0, 1.0, 0.0, &mut most);
                    peak = most.iter().fold(peak, |a, b| a.max(*b));
                }
            }
            let error = 20.0 * math::log10(peak);
            assert!(error.abs() < 0.004, "{cycles} {phase}: {error} dB");
        }
    }
}

#[test]
fn in_two_steps_it_reads_what_the_long_kernel_reads_in_one() {
    let window = Kaiser::new(10.06);
    let x = programme(2000);
    let peaks = read(&x, CELL, 0.0);
    for i in 100..1900 {
        for phase in 0..16 {
            let t = f64::from(phase) / 16.0;
            let tap = |k: usize| (k as f64 - 37.0) - t;
            let h = |t: f64| kaiser::sinc(t, 1.0) * window.at(t / 38.0);
            let value: f64 = (0..76).map(|k| x[i + k - 37] * h(tap(k))).sum();
            assert!(peaks[i + LATE] > value.abs() - 1.2e-3, "{i} + {t}: {} {value}", peaks[i + LATE]);
        }
    }
}

#[test]
fn what_is_left_out_cannot_pass_the_alert_and_blocks_make_no_difference() {
    let x = programme(8000);
    let all = read(&x, CELL, 0.0);
    for alert in [0.1, 0.5, 0.9, 1.5] {
        for block in [CELL, 1, 7, 30] {
            let some = read(&x, block, alert);
            assert!(
                some.iter().zip(&all).all(|(some, all)| some == all || (*all <= alert && some <= all)),
                "{alert} {block}"
            );
            let left_out = some.iter().filter(|x| **x == 0.0).count();
            assert!(alert < 0.9 || left_out > 2000, "{alert}: {left_out}");
        }
    }
}

#[test]
fn a_loaded_meter_goes_on_as_if_nothing_had_happened() {
    let x = programme(1000);
    let all = read(&x, CELL, 0.7);
    let mut meter = TruePeak::default();
    meter.process(&x[..7], 0.7, &mut [0.0; 7]);
    for x in x[7..567].chunks(20) {
        meter.process(x, 0.7, &mut [0.0; 20]);
    }
    let mut state = StateWriter::new();
    meter.save(&mut state);
    let mut other = TruePeak::default();
    other.load(&mut StateReader::new(&state.into_bytes())).expect("its own state");
    let mut peaks = vec![0.0; 1000 - 567];
    for (x, peaks) in x[567..].chunks(20).zip(peaks.chunks_mut(20)) {
        other.process(x, 0.7, peaks);
    }
    assert!(peaks.iter().zip(&all[567..]).all(|(a, b)| a == b || (*a <= 0.7 && *b <= 0.7)));
}

#[test]
fn every_level_reads_the_same_bits() {
    let x = programme(8000);
    let all = |level: Level| {
        let (mut meter, mut envelope) = (TruePeak::default(), TruePeak::default());
        let (mut peaks, mut cells) = (vec![0.0; x.len()], Vec::new());
        for (x, peaks) in x.chunks(30).zip(peaks.chunks_mut(30)) {
            process(level, &mut meter, x, 0.4, peaks);
        }
        roughly(level, &mut envelope, &x[..LATE % CELL], &mut [0.0; 2]);
        for x in x[LATE % CELL..].chunks(CELL) {
            let mut two = [0.0; 2];
            roughly(level, &mut envelope, x, &mut two);
            cells.extend(two);
            highest(level, &mut envelope, x.len(), &two.map(|x| x > 0.25), 0.25, &mut two);
            cells.extend(two);
        }
        (peaks, cells)
    };
    let plain = all(Level::all()[0]);
    assert!(plain.0.iter().filter(|x| **x > 0.4).count() > 1000);
    assert!(Level::all().into_iter().all(|level| all(level) == plain));
}

/// The rough and the true peaks of cells of 16 frames.
fn told(x: &[f64]) -> Vec<(f64, f64)> {
    let mut meter = TruePeak::default();
    let mut told = Vec::new();
    meter.roughly(&x[..LATE % CELL], &mut [0.0; 2]);
    for x in x[LATE % CELL..].chunks_exact(CELL) {
        let (mut rough, mut exact) = ([0.0; 2], [0.0; 2]);
        meter.roughly(x, &mut rough);
        meter.highest(CELL, &[true, true], 0.0, &mut exact);
        told.extend(rough.into_iter().zip(exact));
    }
    told.split_off(20)
}

#[test]
fn what_is_told_roughly_is_near_the_truth() {
    let errors = |x: &[f64]| {
        let off = |(rough, exact): (f64, f64)| 20.0 * math::log10(rough / exact);
        let all: Vec<f64> = told(x).into_iter().filter(|(_, exact)| *exact > 0.0).map(off).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        (mean, all.iter().fold(0.0f64, |worst, x| worst.max(x.abs())))
    };
    for (cycles, mean, worst) in
        [(0.001, 0.01, 0.02), (0.02, 0.03, 0.05), (0.1, 0.1, 0.3), (0.2, 0.2, 0.3), (0.41, 1.2, 1.3)]
    {
        let x: Vec<f64> = (0..40_000).map(|i| math::sin(std::f64::consts::TAU * cycles * f64::from(i))).collect();
        let (off, most) = errors(&x);
        println!("{cycles} cycles: {off:+.3} dB, at most {most:.3}");
        assert!(off.abs() < mean && most < worst, "{cycles}: {off} {most}");
    }
    // the spectrum of music: a few dB less per octave
    let (seed, mut low) = (Seed::new(4), 0.0);
    let dull = |i| {
        low += 0.1 * (seed.bipolar(i) - low);
        low
    };
    let (off, most) = errors(&(0..40_000).map(dull).collect::<Vec<_>>());
    println!("dull noise: {off:+.3} dB, at most {most:.3}");
    assert!(off.abs() < 0.3 && most < 2.5, "{off} {most}");
}
