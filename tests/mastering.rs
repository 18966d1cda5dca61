//! What the library's mastering chains promise, on something like music.

mod sessions;

use mixdown::analysis::{Measurement, Meter, What};
use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, math};
use mixdown::units::Rate;
use rustfft::{FftPlanner, num_complex::Complex64};
use sessions::{Session, db};

const RATE: f64 = 48_000.0;
const FRAMES: usize = 240_000;

type Sound = Vec<Vec<f64>>;

fn measure(sound: &Sound) -> Measurement {
    let frames = sound[0].len();
    let mut block = Block::new(sound.len(), frames);
    sound.iter().enumerate().for_each(|(channel, plane)| block.channel_mut(channel).copy_from_slice(plane));
    let mut meter = Meter::new(Rate::STUDIO, sound.len(), What::Full);
    meter.add(block.planes_ref(sound.len(), frames));
    meter.finish()
}

/// Five seconds of a kick, a snare, a hat and a chord, the first two 4 dB softer, at a loudness.
fn music(lufs: f64) -> Sound {
    let wave = |hz: f64, t: f64| math::sin(std::f64::consts::TAU * hz * t);
    let channel = |channel: u64| -> Vec<f64> {
        let noise = Seed::of("hat").with(channel);
        let sample = |n: usize| {
            let t = n as f64 / RATE;
            let since = |period: f64| t - (t / period).floor() * period;
            let kick = 0.9 * wave(55.0, since(0.5)) * math::exp(-12.0 * since(0.5));
            let hat = 0.25 * (noise.bipolar(n as i64) - noise.bipolar(n as i64 - 1)) * math::exp(-50.0 * since(0.25));
            let snare = 0.6 * noise.bipolar(n as i64 + 7_000_000) * math::exp(-25.0 * since(1.0));
            let spread = if channel == 0 { 1.0 } else { 1.002 };
            let chord: f64 = [110.0, 220.0, 277.2, 329.6]
                .iter()
                .flat_map(|hz| (1..12).map(move |k| (hz * f64::from(k), 0.05 / f64::from(k))))
                .map(|(hz, level)| level * wave(hz * spread, t))
                .sum();
            (kick + hat + snare + chord) * if t < 2.0 { db(-4.0) } else { 1.0 }
        };
        (0..FRAMES).map(sample).collect()
    };
    let mut sound: Sound = (0..2).map(channel).collect();
    let gain = db(lufs - measure(&sound).integrated_lufs.unwrap());
    sound.iter_mut().flatten().for_each(|x| *x *= gain);
    sound
}

fn through(chain: &str, sound: &Sound) -> Sound {
    let out = Session::new().wav("a.wav", 48_000, 32, sound).render(&format!(
        "import \"mastering\" as m;\nsong(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\");\n{chain};\ndeliver(master, \"o.wav\", bits: 32);"
    ));
    let mut out = out.samples("o.wav");
    out.iter_mut().for_each(|plane| plane.truncate(FRAMES));
    out
}

/// The levels of the octaves around 31.5 Hz to 16 kHz, in dB.
fn octaves(sound: &Sound) -> Vec<f64> {
    let n = FRAMES;
    let mut x: Vec<Complex64> = sound[0].iter().map(|x| Complex64::new(*x, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(n).process(&mut x);
    let level = |octave: i32| {
        let middle = 1000.0 * math::exp2(f64::from(octave));
        let bin = |hz: f64| (hz * n as f64 / RATE) as usize;
        let bins = bin(middle * std::f64::consts::FRAC_1_SQRT_2)..bin(middle * std::f64::consts::SQRT_2).min(n / 2);
        10.0 * math::log10(x[bins].iter().map(|x| x.norm_sqr()).sum())
    };
    (-5..=4).map(level).collect()
}

/// What a chain with an idle limiter changes: loudness, peak, octaves.
fn changes(chain: &str) -> (f64, f64, Vec<f64>) {
    let before = music(-20.0);
    let after = through(&format!("m::{chain}(6dBTP)"), &before);
    let (a, b) = (measure(&before), measure(&after));
    let loudness = b.integrated_lufs.unwrap() - a.integrated_lufs.unwrap();
    let peak = b.sample_peak_dbfs.unwrap() - a.sample_peak_dbfs.unwrap();
    let octaves: Vec<f64> = octaves(&after).iter().zip(octaves(&before)).map(|(b, a)| b - a).collect();
    println!("{chain}: {loudness:+.2} LU, peak {peak:+.1} dB, octaves {octaves:.1?}");
    assert!(loudness.abs() < 1.0, "{chain}: as loud as before, {loudness:+.2} LU");
    (loudness, peak, octaves)
}

#[test]
fn transparent_changes_little() {
    let (_, _, octaves) = changes("transparent");
    let most = octaves.iter().fold(f64::NEG_INFINITY, |a, x| a.max(*x));
    let least = octaves.iter().fold(f64::INFINITY, |a, x| a.min(*x));
    assert!(most - least < 1.0, "{octaves:.2?}");
}

#[test]
fn warm_is_rounder_fuller_and_softer() {
    let (_, peak, octaves) = changes("warm");
    let (bottom, middle, top) = (octaves[1], octaves[5], octaves[9]);
    assert!((-4.0..=-1.0).contains(&peak), "{peak}");
    assert!((0.3..1.5).contains(&(bottom - middle)) && (-2.0..-0.5).contains(&(top - middle)), "{octaves:.2?}");
}

#[test]
fn loud_is_denser_and_brighter() {
    let (_, peak, octaves) = changes("loud");
    assert!((-4.0..=-1.0).contains(&peak), "{peak}");
    let body = octaves[2..7].iter().sum::<f64>() / 5.0;
    assert!((0.3..2.5).contains(&(octaves[9] - body)), "{octaves:.2?}");
}

#[test]
fn no_chain_lets_a_peak_through() {
    let hot = music(-9.0);
    for chain in ["gentle", "transparent", "warm", "loud"] {
        let out = measure(&through(&format!("m::{chain}(-1dBTP)"), &hot));
        let peak = out.true_peak_dbtp.unwrap();
        assert!(peak <= -0.99 && peak > -2.0, "{chain}: {peak} dBTP");
    }
}
