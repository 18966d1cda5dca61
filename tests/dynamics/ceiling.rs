//! The limiter keeps its true-peak ceiling, whatever comes: in what is written, as the standards' meters and a longer one read it.

use mixdown::audio::{math, rng::Seed};
use mixdown::dsp::parts::dither::{Noise, Quantiser};
use mixdown::units::Rate;

use crate::rig::{Rig, Sound, args, db, level, n, noise, rms};

/// A Kaiser-windowed sinc of `half` samples to each side, sixteen-fold.
fn kaiser(half: usize, beta: f64) -> Vec<Vec<f64>> {
    let i0 = |x: f64| {
        let (mut sum, mut term) = (1.0, 1.0);
        for k in 1..60 {
            term *= x * x / (4.0 * f64::from(k) * f64::from(k));
            sum += term;
        }
        sum
    };
    sinc(half, 16, |t| if t.abs() < 1.0 { i0(beta * (1.0 - t * t).sqrt()) / i0(beta) } else { 0.0 })
}

fn sinc(half: usize, factor: usize, window: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let h = |t: f64| {
        let x = std::f64::consts::PI * t;
        if t == 0.0 { 1.0 } else { math::sin(x) / x * window(t / half as f64) }
    };
    let at = |p: usize, k: usize| h(p as f64 / factor as f64 + (half as f64 - 1.0) - k as f64);
    (0..factor).map(|p| (0..2 * half).map(|k| at(p, k)).collect()).collect()
}

/// The peak in dB by an interpolator, given as the taps of its phases.
fn peak_by(sound: &[Vec<f64>], phases: &[Vec<f64>]) -> f64 {
    let mut peak = 0.0f64;
    let width = phases[0].len();
    // equal channels are measured once
    let different = if sound.len() == 2 && sound[0] == sound[1] { &sound[..1] } else { sound };
    for x in different {
        let mut padded = vec![0.0; width];
        padded.extend_from_slice(x);
        padded.extend(vec![0.0; width]);
        peak = padded.iter().fold(peak, |a, b| a.max(b.abs()));
        for window in padded.windows(width) {
            for taps in phases {
                peak = peak.max(taps.iter().zip(window).map(|(a, b)| a * b).sum::<f64>().abs());
            }
        }
    }
    db(peak)
}

/// ITU-R BS.1770-5 Annex 2, table 1: phase 0 and 1; 3 and 2 are they, backwards.
const BS1770: [[f64; 12]; 2] = [
    [
        0.0017089843750,
        0.0109863281250,
        -0.0196533203125,
        0.0332031250000,
        -0.0594482421875,
        0.1373291015625,
        0.9721679687500,
        -0.1022949218750,
        0.0476074218750,
        -0.0266113281250,
        0.0148925781250,
        -0.0083007812500,
    ],
    [
        -0.0291748046875,
        0.0292968750000,
        -0.0517578125000,
        0.0891113281250,
        -0.1665039062500,
        0.4650878906250,
        0.7797851562500,
        -0.2003173828125,
        0.1015625000000,
        -0.0582275390625,
        0.0330810546875,
        -0.0189208984375,
    ],
];

/// In dBTP: sixteen-fold by a Kaiser-windowed sinc of 38 samples to each side, as BS.1770 does it, as libebur128 does, and as ffmpeg does, which
/// resamples with 32 taps and a Kaiser window of β 9.
fn readings(sound: &[Vec<f64>]) -> [f64; 4] {
    let standard =
        BS1770.iter().flat_map(|phase| [phase.to_vec(), phase.iter().rev().copied().collect()]).collect::<Vec<_>>();
    let hann = sinc(6, 4, |t| 0.5 + 0.5 * math::cos(std::f64::consts::PI * t));
    let mut ffmpeg = kaiser(16, 9.0);
    for phase in &mut ffmpeg {
        let sum: f64 = phase.iter().sum();
        phase.iter_mut().for_each(|x| *x /= sum);
    }
    [kaiser(38, 10.06), standard, hann, ffmpeg].map(|phases| peak_by(sound, &phases))
}

/// As it is in a file of so many bits.
fn written(sound: &[Vec<f64>], bits: u32) -> Sound {
    let mut quantiser = Quantiser::new(bits, Noise::Tpdf, Rate::STUDIO, Seed::of("written"));
    let scale = 1.0 / f64::from(1 << (bits - 1));
    let mut one = |(channel, x): (usize, &Vec<f64>)| {
        let mut to = vec![0; x.len()];
        quantiser.run(channel, 0, x, &mut to);
        to.iter().map(|y| f64::from(*y) * scale).collect()
    };
    sound.iter().enumerate().map(&mut one).collect()
}

fn fade(x: &mut [f64], rate: f64) {
    let n = (rate * 0.01) as usize;
    let end = x.len() - 1;
    for i in 0..n {
        let g = 0.5 - 0.5 * math::cos(std::f64::consts::PI * i as f64 / n as f64);
        x[i] *= g;
        x[end - i] *= g;
    }
}

/// Kick, hat, saws, bursts at a quarter of the rate and squares, as loud as +3 dBFS.
fn nasty(rate: f64, frames: usize) -> Sound {
    let tau = 2.0 * std::f64::consts::PI;
    let hiss = noise(7, 1.7, frames + 64);
    let mut last = [0.0; 64];
    let hat: Vec<f64> = (0..frames + 64)
        .map(|i| {
            let t = i as f64 / rate;
            last[i % 64] = hiss[i];
            (hiss[i] - 0.9 * last[(i + 63) % 64]) * math::exp(-((t * 8.0) % 1.0) / 0.05)
        })
        .collect();
    let side = |late: usize| -> Vec<f64> {
        (0..frames)
            .map(|i| {
                let t = i as f64 / rate;
                let beat = (t * 4.0) % 1.0;
                let kick = math::sin(tau * 55.0 * t + 6.0 * math::exp(-beat * 30.0)) * math::exp(-beat / 0.25);
                let saw = |hz: f64, t: f64| 2.0 * ((hz * t) % 1.0) - 1.0;
                let saws = 0.5 * saw(110.0, t + late as f64 / rate) + 0.4 * saw(165.1, t + late as f64 / rate);
                let burst = if t % 0.5 > 0.425 { math::sin(tau * (i as f64 / 4.0 + 0.125)) } else { 0.0 };
                let square = if t % 0.5 >= 0.05 {
                    0.0
                } else if (997.0 * t) % 1.0 < 0.5 {
                    1.0
                } else {
                    -1.0
                };
                1.2 * kick + 0.5 * hat[i + late] + 0.4 * saws + 1.2 * burst + 0.8 * square
            })
            .collect()
    };
    let mut sound = vec![side(0), side(31)];
    let peak = sound.iter().flatten().fold(0.0f64, |a, b| a.max(b.abs()));
    sound.iter_mut().flatten().for_each(|x| *x *= level(3.0) / peak);
    sound
}

pub(crate) fn programmes(rate: f64) -> Vec<(&'static str, Sound)> {
    let frames = (rate * 0.16) as usize;
    let mono = |mut x: Vec<f64>| {
        fade(&mut x, rate);
        vec![x.clone(), x]
    };
    let tone = |hz: f64, a: f64, phase: f64| -> Vec<f64> {
        (0..frames).map(|i| a * math::sin(2.0 * std::f64::consts::PI * (hz * i as f64 / rate + phase))).collect()
    };
    let mut pink = vec![0.0; frames];
    for octave in 0..10 {
        let held = noise(50 + octave, 0.6, frames);
        (0..frames).for_each(|i| pink[i] += held[i >> octave]);
    }
    let mut clicks = vec![0.0; frames];
    (100..frames).step_by(2777).enumerate().for_each(|(k, i)| clicks[i] = if k % 2 == 0 { 2.0 } else { -3.0 });
    let mut period = tone(rate / 6.0, 0.7, 0.0);
    for start in (600..frames - 100).step_by(1200) {
        (0..4).for_each(|i| period[start + i] = 1.41 * math::sin(std::f64::consts::FRAC_PI_2 * (i as f64 + 0.37)));
    }
    vec![
        ("997 Hz", mono(tone(997.0, level(1.0), 0.0))),
        ("17.2 kHz", mono(tone(17_200.0, level(1.0), 0.1))),
        ("square", mono((0..frames).map(|i| if i % 64 < 32 { 1.0 } else { -1.0 }).collect())),
        ("fs/4 45°", mono(tone(rate / 4.0, 1.41, 0.125))),
        ("fs/4 odd", mono(tone(rate / 4.0, 1.41, 0.03125))),
        ("fs/6 + fs/4", mono(period)),
        ("white", mono(noise(21, 2.0, frames))),
        ("pink", mono(pink)),
        ("clicks", mono(clicks)),
        ("nasty", nasty(rate, (rate * 0.5) as usize)),
    ]
}

/// The rates that files have.
const RATES: [u32; 6] = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

#[test]
fn no_hostile_programme_passes_the_ceiling_in_what_is_written() {
    let mut failed = Vec::new();
    let mut table: Vec<(&str, Vec<f64>)> = Vec::new();
    for rate in RATES {
        let recorded = ("drums +9 dB", vec![dense(0, f64::from(rate), (f64::from(rate) * 0.16) as usize); 2], 9.0);
        let all = programmes(f64::from(rate)).into_iter().map(|(name, sound)| (name, sound, 0.0));
        for (name, mut sound, drive) in all.chain([recorded]) {
            let mut rig = Rig::new(args("limiter", &[("gain", n(drive))]), rate, 2);
            let late = rig.latency();
            sound.iter_mut().for_each(|x| x.extend(vec![0.0; late]));
            let out = rig.run(&sound, 500);
            for bits in [16, 24].into_iter().filter(|bits| *bits == 16 || rate == 48_000) {
                let read = readings(&written(&out, bits));
                let most = read.iter().fold(-100.0f64, |a, b| a.max(*b));
                if most > -1.0 + 0.001 {
                    failed.push((rate, name, bits, read));
                }
                match table.iter_mut().find(|row| row.0 == name) {
                    _ if bits == 24 => {}
                    Some(row) => row.1.push(most),
                    None => table.push((name, vec![most])),
                }
            }
        }
    }
    println!("dBTP by the highest of four meters, 16 bit: {RATES:?} Hz");
    for (name, row) in table {
        println!("{name:12} {}", row.iter().map(|x| format!(" {x:8.4}")).collect::<String>());
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// Drums at random times over bass and bright chords: what the limiter must turn down by many dB within its look-ahead, with treble on top.
pub(crate) fn dense(kind: usize, rate: f64, frames: usize) -> Vec<f64> {
    let tau = 2.0 * std::f64::consts::PI;
    let seed = Seed::new(900 + kind as u64);
    let hiss = noise(70 + kind as u64, 1.0, frames + 1);
    let mut x: Vec<f64> = (0..frames)
        .map(|i| {
            let t = i as f64 / rate;
            let saw = |hz: f64| 2.0 * ((hz * t) % 1.0) - 1.0;
            let bass = math::sin(tau * 52.0 * t);
            match kind {
                0 => 0.3 * bass + 0.05 * (saw(220.0) + saw(331.0) + saw(523.3)),
                1 => 0.03 * hiss[i],
                2 => 0.5 * bass,
                _ => 0.2 * bass + 0.1 * math::sin(tau * 2960.0 * t),
            }
        })
        .collect();
    let (mut at, mut k) = (0.0, 0);
    while at < frames as f64 {
        let (loud, colour, length) =
            (0.2 + 0.8 * seed.unit(4 * k), seed.unit(4 * k + 1), 0.002 + 0.03 * seed.unit(4 * k + 2));
        let start = at as usize;
        let hz = match kind {
            0 => 80.0 * math::pow(100.0, colour),
            _ => 6000.0 + 14_000.0 * colour,
        };
        let count = ((6.0 * length * rate) as usize).min(frames - start);
        for i in 0..count {
            let t = i as f64 / rate;
            let fall = math::exp(-t / length);
            let tone = math::sin(tau * (hz * t + colour));
            let bright = hiss[start + i + 1] - hiss[start + i];
            x[start + i] += loud
                * match kind {
                    0 => fall * if k % 3 == 0 { 0.6 * bright } else { tone },
                    1 => {
                        if t < length {
                            hiss[start + i]
                        } else {
                            0.0
                        }
                    }
                    2 => {
                        if t < 0.5 * length {
                            0.7 * tone
                        } else {
                            0.0
                        }
                    }
                    _ => fall * (0.5 * tone + 0.4 * bright),
                };
        }
        at += rate * (0.002 + 0.03 * seed.unit(4 * k + 3));
        k += 1;
    }
    let peak = x.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    x.iter_mut().for_each(|x| *x /= peak);
    x
}

#[test]
pub(crate) fn dense_material_driven_hard_keeps_the_ceiling() {
    let names = ["drums and chords", "noise bursts", "treble on bass", "cymbals on bass"];
    let mut failed = Vec::new();
    let mut most = -10.0f64;
    for rate in RATES {
        for (kind, name) in names.iter().enumerate() {
            let hz = f64::from(rate);
            let mut sound = dense(kind, hz, (hz * 0.15) as usize);
            for (drive, ahead) in [(8.0, 2.0), (15.0, 2.0), (10.0, 0.5)] {
                let mut rig = Rig::new(args("limiter", &[("gain", n(drive)), ("lookahead", n(ahead))]), rate, 1);
                let late = rig.latency();
                sound.resize((hz * 0.15) as usize + late, 0.0);
                let out = rig.run(&[sound.clone()], 500);
                let after = readings(&out).into_iter().fold(-100.0, f64::max);
                println!("{rate} {name:16} +{drive} dB, {ahead} ms: {after:8.4} dBTP, {:6.2} dB rms", db(rms(&out[0])));
                most = most.max(after);
                if after > -1.0 + 0.001 {
                    failed.push((rate, name, drive, after));
                }
            }
        }
    }
    println!("most {most:.4}");
    assert!(failed.is_empty(), "{failed:?}");
}
