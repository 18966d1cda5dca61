//! What f32 adds, against the same filters and curves in f64.

use super::{CELL, Oversampler, STAGES, Samples};
use crate::audio::isa::Level;
use crate::audio::math;
use crate::audio::rng::Seed;
use crate::dsp::parts::shapers::{Bend, Curve, Edge, Shaper};

const KEPT: f64 = 0.125_892_541_179_416_7;

/// The symmetric filter; before the beginning there is silence.
fn filtered(taps: &[f32], x: &[f64]) -> Vec<f64> {
    let m = taps.len() as isize;
    let at = |i: isize| if i < 0 { 0.0 } else { x[i as usize] };
    let pair = |t: isize, k: isize| f64::from(taps[k as usize]) * (at(t - m + 1 + k) + at(t - m - k));
    (0..x.len() as isize).map(|t| (0..m).map(|k| pair(t, k)).sum()).collect()
}

fn late(x: &[f64], by: usize) -> impl Iterator<Item = f64> {
    std::iter::repeat_n(0.0, by).chain(x.iter().copied())
}

fn exact(input: &[f64], factor: usize, early: bool, shape: impl FnOnce(&mut [f64])) -> Vec<f64> {
    let count = factor.ilog2() as usize;
    let mut x = input.to_vec();
    for (taps, _) in &STAGES[..count] {
        x = filtered(taps, &x).into_iter().zip(late(&x, taps.len() - 1)).flat_map(|(a, b)| [a, b]).collect();
    }
    shape(&mut x);
    for (i, (_, taps)) in STAGES[..count].iter().enumerate().rev() {
        let early = usize::from(early && i + 1 == count);
        let half = |from: usize| x.iter().skip(from).step_by(2).copied().collect::<Vec<f64>>();
        let plain = half(1 - early);
        let plain = late(&plain, taps.len() - early);
        x = filtered(taps, &half(early)).into_iter().zip(plain).map(|(a, b)| 0.5 * (a + b)).collect();
    }
    x
}

/// Parker's clip less the straight line.
fn exact_clip(x: &mut [f64], drive: f64, gain: f64) {
    let area = |v: f64| -0.5 * (v.abs() - 1.0).max(0.0) * (v.abs() - 1.0).max(0.0);
    let (mut last, mut mean) = (0.0, 0.0);
    for x in x {
        let v = drive * *x;
        let middle = 0.5 * (v + last);
        let step = v - last;
        let new = if step.abs() < 1e-6 { middle.clamp(-1.0, 1.0) - middle } else { (area(v) - area(last)) / step };
        *x = gain / drive * 0.5 * (new + mean);
        (last, mean) = (v, new);
    }
}

/// The rms of what f32 adds, in dB; a sine of full scale has -3.
fn noise(curve: Curve, bias: f64, factor: usize, db: f64, input: &[f64]) -> f64 {
    let shaper = Shaper::new(curve, bias);
    let drive = math::from_db(db) - math::from_db(-db);
    let gain = shaper.makeup(drive, KEPT);
    let (bend, smooth, mut edge) = ([Bend::new(drive, gain)], curve == Curve::Hard, Edge::default());
    let mut over = Oversampler::new(factor, smooth);
    let mut got = input.to_vec();
    for x in got.chunks_mut(CELL) {
        let shape = |mut samples: Samples<'_>| {
            if smooth {
                shaper.hard_residual(Level::find(), &mut edge, &mut samples, &bend);
            } else {
                samples.lines().for_each(|line| shaper.residual(Level::find(), line, &bend));
            }
        };
        over.process(x, shape, |x, shaped| shaped.write(x));
    }
    let expected = exact(input, factor, smooth, |x| {
        if smooth {
            exact_clip(x, drive, gain);
        } else {
            x.iter_mut().for_each(|x| *x = gain * (shaper.value(drive * *x) / drive - *x));
        }
    });
    let square: f64 = got.iter().zip(&expected).map(|(a, b)| (a - b) * (a - b)).sum();
    20.0 * math::log10((square / input.len() as f64).sqrt())
}

#[test]
fn what_is_rounded_is_far_below_what_is_heard() {
    let sine = |i: i64| math::sin(i as f64 * 0.1421);
    let sines: Vec<f64> = (0..8000).map(sine).collect();
    let white: Vec<f64> = (0..8000).map(|i| Seed::new(7).bipolar(i)).collect();
    let quiet: Vec<f64> = white.iter().map(|x| x * 0.001).collect();
    let kinds = [
        ("tape", Curve::Tape, 0.0, 4),
        ("tube", Curve::Soft, 0.35, 4),
        ("transistor", Curve::Transistor, 0.0, 8),
        ("soft", Curve::Soft, 0.0, 4),
        ("hard", Curve::Hard, 0.0, 8),
        ("fold", Curve::Fold, 0.0, 8),
    ];
    for (name, curve, bias, factor) in kinds {
        for (db, most) in [(0.1, -180.0), (2.0, -160.0), (12.0, -141.0), (36.0, -125.0)] {
            let of = |input: &[f64]| noise(curve, bias, factor, db, input);
            let (sine, white, quiet) = (of(&sines), of(&white), of(&quiet));
            println!("{name:10} {db:4} dB: sine {sine:.1}, noise {white:.1}, noise at -60 dB {quiet:.1} dBFS");
            assert!(sine < most && white < most && quiet < most, "{name} {db}");
        }
    }
}
