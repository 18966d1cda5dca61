//! Deliveries at another rate against SoX's best converter (`rate -v`) and libsoxr's in ffmpeg.

use mixdown::audio::{math, rng::Seed};

use super::deliveries::{Form, deliver};
use super::{Bench, residual, sine};
use mixdown::world::Memory;

const PAIRS: [(u32, u32); 5] =
    [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (48_000, 96_000), (192_000, 44_100)];

/// What mixdown delivers of `in.wav` at another rate.
fn ours(bench: &Bench, from: u32, to: u32) -> Vec<f64> {
    let world = Memory::new();
    world.put("in.wav", std::fs::read(bench.at("in.wav")).unwrap());
    world.put("song.mix", format!("song(\"x\", rate: {from}Hz);\ntrack(\"a\", \"in.wav\");"));
    deliver(&world, &Form::at(to)).samples.swap_remove(0)
}

fn theirs(bench: &Bench, to: u32) -> [(&'static str, Vec<f64>); 2] {
    let rate = to.to_string();
    bench.run("sox", &["in.wav", "-b", "32", "-e", "floating-point", "sox.wav", "rate", "-v", &rate]);
    let soxr = format!("aresample={to}:resampler=soxr:precision=33");
    bench.run("ffmpeg", &["-v", "error", "-i", "in.wav", "-af", &soxr, "-c:a", "pcm_f32le", "soxr.wav"]);
    let left = |name: &str| bench.ours(name).into_iter().step_by(2).collect();
    [("sox -v", left("sox.wav")), ("soxr 33", left("soxr.wav"))]
}

/// Forty tones from 30 Hz to `top`, each with a phase of its own.
fn tones(rate: u32, top: f64, seconds: f64) -> Vec<f64> {
    let seed = Seed::of("converted");
    let mut sum = vec![0.0; (seconds * f64::from(rate)) as usize];
    for k in 0..40 {
        let hz = 30.0 * math::pow(top / 30.0, f64::from(k) / 39.0);
        let tone = sine(rate, hz, 7.0 * seed.unit(k.into()), 0.02, seconds);
        sum.iter_mut().zip(tone).for_each(|(s, x)| *s += x);
    }
    sum
}

/// The same tones made at the new rate are the truth. SoX's converters begin to close at 15 kHz of 44.1, by hundredths of a decibel.
#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn it_is_as_near_to_the_truth_as_sox_and_soxr() {
    for (from, to) in PAIRS {
        for top in [10_000.0, 19_000.0] {
            let bench = Bench::new();
            bench.write("in.wav", from, &vec![tones(from, top, 1.5); 2]);
            let truth = tones(to, top, 1.5);
            let middle = 2_000..truth.len() - 2_000;
            let error = |x: &[f64]| residual(&truth[middle.clone()], &x[middle.clone()]);
            let ours = ours(&bench, from, to);
            assert_eq!(ours.len(), truth.len());
            let mine = error(&ours);
            for (name, theirs) in theirs(&bench, to) {
                assert!(theirs.len().abs_diff(ours.len()) <= 1, "{name}: {} and {}", theirs.len(), ours.len());
                let (yours, apart) = (error(&theirs), residual(&theirs[middle.clone()], &ours[middle.clone()]));
                println!("{from} to {to}, to {top} Hz: {mine:.1} dB, {name} {yours:.1} dB, {apart:.1} dB apart");
                assert!(mine < yours + 0.5 && (top > 15_000.0 || apart < -125.0), "{mine} {yours} {apart}");
            }
            assert!(mine < -145.0, "{mine}");
        }
    }
}

/// What is in `x` beside a tone at `hz`, against the tone, in dB.
fn beside(x: &[f64], rate: u32, hz: f64) -> f64 {
    let middle = &x[2_000..x.len() - 2_000];
    let (mut ss, mut cc, mut sc, mut xs, mut xc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let basis = |n: usize| math::sincos(std::f64::consts::TAU * hz * n as f64 / f64::from(rate));
    for (n, x) in middle.iter().enumerate() {
        let (s, c) = basis(n);
        (ss, cc, sc, xs, xc) = (ss + s * s, cc + c * c, sc + s * c, xs + x * s, xc + x * c);
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((xs * cc - xc * sc) / det, (xc * ss - xs * sc) / det);
    let fitted: Vec<f64> = (0..middle.len()).map(|n| a * basis(n).0 + b * basis(n).1).collect();
    residual(middle, &fitted)
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn its_tones_are_as_clean_as_theirs() {
    for (from, to) in PAIRS {
        for hz in [997.0, 15_013.0] {
            let bench = Bench::new();
            bench.write("in.wav", from, &vec![sine(from, hz, 0.3, 0.5, 1.0); 2]);
            let ours = beside(&ours(&bench, from, to), to, hz);
            let theirs = theirs(&bench, to).map(|(name, x)| (name, beside(&x, to, hz)));
            println!("{from} to {to}, {hz} Hz: {ours:.1} dB, {theirs:.1?}");
            // files of 24-bit floats, in and out: their rounding is what is left of all three
            assert!(theirs.iter().all(|(_, theirs)| ours < theirs + 0.5) && ours < -145.0, "{ours} {theirs:?}");
        }
    }
}
