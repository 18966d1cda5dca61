//! The signals as their standards describe them, at 48 kHz.

use std::f64::consts::PI;

use mixdown::audio::{Block, math};

pub(crate) const FS: usize = 48_000;
pub(crate) const SILENCE: f64 = f64::NEG_INFINITY;

/// Sines of 1 kHz through steps of (peak dBFS, seconds), each from its upward zero crossing.
pub(crate) fn tones(steps: &[(f64, f64)]) -> Vec<f64> {
    let mut all = Vec::new();
    for (db, seconds) in steps {
        let level = if *db == SILENCE { 0.0 } else { math::pow(10.0, db / 20.0) };
        let frames = (seconds * FS as f64).round() as usize;
        all.extend((0..frames).map(|n| level * math::sin(2.0 * PI * (n % 48) as f64 / 48.0)));
    }
    all
}

pub(crate) fn planes(planes: &[&[f64]]) -> Block {
    let mut block = Block::new(planes.len(), planes[0].len());
    planes.iter().enumerate().for_each(|(channel, plane)| block.channel_mut(channel).copy_from_slice(plane));
    block
}

pub(crate) fn stereo(steps: &[(f64, f64)]) -> Block {
    let one = tones(steps);
    planes(&[&one, &one])
}

/// L R C LFE Ls Rs, the fourth silent.
pub(crate) fn surround(levels: [f64; 5], seconds: f64) -> Block {
    let [l, r, c, ls, rs] = levels.map(|db| tones(&[(db, seconds)]));
    planes(&[&l, &r, &c, &vec![0.0; l.len()], &ls, &rs])
}

/// In and out along a straight line, 10 ms each.
fn faded(mut x: Vec<f64>, fs: usize) -> Vec<f64> {
    let (n, last) = (fs / 100, x.len() - 1);
    for i in 0..n {
        let gain = i as f64 / (n - 1) as f64;
        x[i] *= gain;
        x[last - i] *= gain;
    }
    x
}

/// Tech 3341, 15 to 19: a sine of `amplitude` at a `part` of the rate, from a phase in degrees.
pub(crate) fn between_samples(amplitude: f64, part: usize, degrees: f64) -> Block {
    let sine = |n: usize| amplitude * math::sin(2.0 * PI * ((n % part) as f64 / part as f64 + degrees / 360.0));
    let one = faded((0..FS).map(sine).collect(), FS);
    planes(&[&one, &one])
}

/// Tech 3341, 20 to 23: made at four times the rate, a sine of half scale at a sixth of it with one period of full scale at a quarter of it let in
/// at an upward zero crossing; then low-passed and every fourth sample taken, from the `offset`th on.
pub(crate) fn overshoot(offset: usize) -> Block {
    const TAPS: usize = 1023;
    let at_four = 4 * FS;
    let host = |n: usize| 0.5 * math::sin(2.0 * PI * (n % 24) as f64 / 24.0);
    let insert = at_four / 2 / 24 * 24;
    let mut x: Vec<f64> = (0..insert).map(host).collect();
    x.extend((0..16).map(|n| math::sin(2.0 * PI * n as f64 / 16.0)));
    x.extend((insert..at_four - 16).map(host));
    let x = faded(x, at_four);
    // a Hamming-windowed sinc, -6 dB at 0.95 of the Nyquist frequency that is to come
    let tap = |i: usize| {
        let t = i as f64 - (TAPS / 2) as f64;
        let sinc = if t == 0.0 { 0.95 / 4.0 } else { math::sin(PI * t * 0.95 / 4.0) / (PI * t) };
        sinc * (0.54 - 0.46 * math::cos(2.0 * PI * i as f64 / (TAPS - 1) as f64))
    };
    let taps: Vec<f64> = (0..TAPS).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    let mut padded = vec![0.0; TAPS / 2];
    padded.extend(x);
    padded.extend(vec![0.0; TAPS]);
    let at = |n: usize| padded[4 * n + offset..].iter().zip(&taps).map(|(x, tap)| x * tap).sum::<f64>() / sum;
    let one: Vec<f64> = (0..FS).map(at).collect();
    planes(&[&one, &one])
}
