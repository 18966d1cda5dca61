use mixdown::audio::math;
use mixdown::dsp::{Arg, Flow};

use crate::rig::{Rig, args, db, level, n, noise, rms, sameness, sine, spectrum};

const KINDS: [&str; 6] = ["tape", "tube", "transistor", "soft", "hard", "fold"];
const FRAMES: usize = 16_384;

fn kind(name: &str) -> Arg {
    Arg::Choice(KINDS.iter().position(|k| *k == name).expect("a kind"))
}

/// The settled spectrum of a sine on a bin near `hz`, and that bin.
fn harmonics(with: &[(&str, Arg)], hz: f64, amplitude: f64) -> (Vec<f64>, usize) {
    let bin = (hz * FRAMES as f64 / 48_000.0).round() as usize | 1;
    let settle = 48_000;
    let input = sine(bin as f64 * 48_000.0 / FRAMES as f64, amplitude, 48_000.0, settle + FRAMES);
    let out = Rig::new(args("saturate", with), 48_000, 1).run(&[input], 512);
    (spectrum(&out[0][settle..]), bin)
}

/// The largest line from 20 Hz to 20 kHz that is no harmonic.
fn alias(lines: &[f64], bin: usize) -> f64 {
    let last = 20_000 * FRAMES / 48_000;
    db((7..last).filter(|i| i % bin != 0).map(|i| lines[i]).fold(0.0, f64::max))
}

#[test]
fn aliases_stay_below_what_can_be_heard() {
    for name in KINDS {
        let with = [("kind", kind(name)), ("drive", n(12.0))];
        let (lines, bin) = harmonics(&with, 5000.0, 1.0);
        let worst = alias(&lines, bin);
        println!("{name:10} 5 kHz, 0 dBFS, 12 dB: aliases {worst:.1} dBFS, third {:.1} dBFS", db(lines[3 * bin]));
        assert!(worst < if name == "hard" { -85.0 } else { -100.0 }, "{name}: {worst}");
    }
}

#[test]
fn a_sine_at_minus_18_keeps_its_level() {
    for name in KINDS {
        for drive in [3.0, 6.0, 12.0, 24.0, 36.0] {
            let input = sine(500.0, level(-18.0), 48_000.0, 96_000);
            let out = Rig::new(args("saturate", &[("kind", kind(name)), ("drive", n(drive))]), 48_000, 1)
                .run(std::slice::from_ref(&input), 512);
            let change = db(rms(&out[0][48_000..]) / rms(&input[48_000..]));
            assert!(change.abs() < 0.05, "{name} {drive} dB: {change}");
        }
    }
}

#[test]
fn symmetric_curves_have_odd_harmonics_only_and_bias_brings_even_ones_without_dc() {
    for name in KINDS {
        let with = [("kind", kind(name)), ("drive", n(12.0))];
        let (lines, bin) = harmonics(&with, 1000.0, 0.5);
        let even = (2..=8).step_by(2).map(|k| db(lines[k * bin])).fold(-400.0, f64::max);
        if name == "tube" {
            assert!(even > -50.0, "{even}");
        } else {
            assert!(even < -140.0, "{name}: {even}");
        }
        let mut biased = with.to_vec();
        biased.push(("bias", n(50.0)));
        let (lines, bin) = harmonics(&biased, 1000.0, 0.5);
        println!("{name:10} bias 50 %: second {:.1} dBFS, DC {:.1} dBFS", db(lines[2 * bin]), db(lines[0]));
        assert!(db(lines[2 * bin]) > -50.0 && db(lines[0]) < -90.0, "{name}");
    }
}

#[test]
fn drive_comes_from_identity_and_is_exact_at_zero() {
    let mut input = vec![noise(1, 1.0, 4000), noise(2, 1.0, 4000)];
    input[0][50] = -0.0;
    for name in KINDS {
        for factor in [1.0, 2.0, 4.0, 8.0, 16.0] {
            let with = [
                ("kind", kind(name)),
                ("drive", n(0.0)),
                ("oversample", n(factor)),
                ("tone", n(2000.0)),
                ("bias", n(20.0)),
            ];
            let mut rig = Rig::new(args("saturate", &with), 44_100, 2);
            let late = rig.latency();
            let out = rig.run(&input, 300);
            for c in 0..2 {
                assert!(
                    out[c][late..].iter().zip(&input[c]).all(|(a, b)| a.to_bits() == b.to_bits()),
                    "{name} {factor}"
                );
            }
            let mut last = f64::INFINITY;
            for drive in [0.1, 0.001] {
                let with = [("kind", kind(name)), ("drive", n(drive)), ("oversample", n(factor))];
                let out = Rig::new(args("saturate", &with), 44_100, 2).run(&input, 300);
                let change = (late..4000).map(|i| (out[0][i] - input[0][i - late]).abs()).fold(0.0, f64::max);
                assert!(change <= last && change < 0.2 * drive, "{name} {factor} {drive}: {change:e}");
                last = change;
            }
        }
    }
}

/// The dry and the shaped part meet in time: a soft curve on a slow sine is the curve itself.
#[test]
fn it_is_the_curve_late_by_its_latency() {
    let input = sine(200.0, 0.8, 48_000.0, 4800);
    for (factor, late) in [(1.0, 0), (2.0, 71), (4.0, 77), (8.0, 79), (16.0, 80)] {
        for name in ["soft", "tape", "hard"] {
            let with = [("kind", kind(name)), ("drive", n(12.0)), ("oversample", n(factor))];
            let mut rig = Rig::new(args("saturate", &with), 48_000, 1);
            assert_eq!(rig.latency(), late);
            let out = rig.run(std::slice::from_ref(&input), 512);
            let d = level(12.0);
            let k = d - 1.0 / d;
            let f = |x: f64| match name {
                "soft" => math::tanh(k * x) / k,
                "tape" => x / (1.0 + k * k * x * x).sqrt(),
                _ => (k * x).clamp(-1.0, 1.0) / k,
            };
            let kept = sine(1.0, level(-18.0), 1000.0, 1000);
            let gain = rms(&kept) / rms(&kept.iter().map(|x| f(*x)).collect::<Vec<f64>>());
            let worst = (1000..4800).map(|i| (out[0][i] - gain * f(input[i - late])).abs()).fold(0.0, f64::max);
            // the corners of a clip are band-limited: they ring
            assert!(worst < if name == "hard" { 1e-2 } else { 2e-5 }, "{name} {factor}: {worst:e}");
        }
    }
}

#[test]
fn tone_darkens_what_is_added_and_leaves_a_soft_sound_alone() {
    let with = [("drive", n(12.0)), ("kind", kind("soft"))];
    let mut dark = with.to_vec();
    dark.push(("tone", n(1500.0)));
    // the same excess: harmonics of a low tone are softer in proportion
    let ((plain, bin), (toned, _)) = (harmonics(&with, 100.0, 0.5), harmonics(&dark, 100.0, 0.5));
    let ratio = |lines: &[f64]| db(lines[15 * bin] / lines[3 * bin]);
    assert!(ratio(&toned) < ratio(&plain) - 3.0, "{} {}", ratio(&toned), ratio(&plain));
    let input = noise(5, 1e-5, 4000);
    let mut rig = Rig::new(args("saturate", &dark), 48_000, 1);
    let late = rig.latency();
    let out = rig.run(std::slice::from_ref(&input), 512);
    let gain = rms(&out[0][late..]) / rms(&input[..4000 - late]);
    let worst = (late..4000).map(|i| (out[0][i] - gain * input[i - late]).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-10, "{worst:e}");
}

#[test]
fn blocks_saves_and_resets_make_no_difference_and_silence_returns() {
    let mut sound = vec![noise(8, 1.0, 3000), noise(9, 1.0, 3000)];
    sound.iter_mut().for_each(|x| x[700..1800].fill(0.0));
    sameness(|| Rig::new(args("saturate", &[]), 48_000, 2).from(-77), &sound);
    let with = [("bias", n(30.0)), ("kind", kind("hard")), ("tone", n(3000.0)), ("oversample", n(4.0))];
    let rich = || {
        Rig::new(args("saturate", &with), 44_100, 2)
            .moving(&[("drive", |at| (at.rem_euclid(900)) as f64 * 0.02)])
            .from(5)
    };
    sameness(rich, &sound);
    for name in KINDS {
        let with = [("kind", kind(name)), ("bias", n(-30.0)), ("tone", n(500.0)), ("drive", n(30.0))];
        let mut rig = Rig::new(args("saturate", &with), 48_000, 2);
        assert!(rig.run(&sound, 500).iter().flatten().all(|x| x.is_finite()));
        let (out, flow) = rig.run_keyed(&vec![vec![0.0; 48_000 * 4]; 2], None, 512);
        assert!(flow == Flow::Silent && out[0][48_000 * 4 - 1] == 0.0, "{name}");
    }
    // a curve that stands still is the number, late by the same
    let moved = Rig::new(args("saturate", &[]), 48_000, 2).moving(&[("drive", |_| 6.0)]).run(&sound, 99);
    let still = Rig::new(args("saturate", &[]), 48_000, 2).run(&sound, 99);
    assert!((300..3000).all(|i| moved[0][i] == still[0][i]));
}
