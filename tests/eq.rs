//! The equaliser against its analogue prototypes, frequency by frequency.

use mixdown::audio::rng::Seed;
use mixdown::audio::{Layout, math};
use mixdown::dsp::{Arg, Args, Setup, catalogue};
use mixdown::units::{Hz, Rate};

const Q: [f64; 14] = [0.3, 0.4, 0.5, 0.6, 0.707, 0.85, 1.0, 1.3, 1.7, 2.5, 4.0, 8.0, 15.0, 30.0];

fn setup() -> Setup {
    at_rate(Rate::STUDIO)
}

fn at_rate(rate: Rate) -> Setup {
    Setup { rate, layout: Layout::MONO, block: 512, seed: Seed::new(1) }
}

fn band(name: &str, settings: &[(&str, f64)]) -> Args {
    let declaration = catalogue::declaration(name).unwrap();
    settings.iter().fold(Args::defaults(declaration), |args, (name, x)| args.with(name, Arg::Number(*x)))
}

fn db(args: &Args, hz: f64) -> f64 {
    db_at(args, hz, Rate::STUDIO)
}

fn db_at(args: &Args, hz: f64, rate: Rate) -> f64 {
    let effect = catalogue::find(args.of.name).unwrap();
    20.0 * math::log10(effect.response(args, &at_rate(rate), Hz::new(hz)).unwrap().norm())
}

/// A quadratic over a quadratic in s / ω₀, in dB at `v` times ω₀.
fn analogue(n: [f64; 3], d: [f64; 3], v: f64) -> f64 {
    let power = |p: [f64; 3]| (p[0] - p[2] * v * v) * (p[0] - p[2] * v * v) + p[1] * p[1] * v * v;
    10.0 * math::log10(power(n) / power(d))
}

/// The prototypes of R. Bristow-Johnson's cookbook.
fn prototype(name: &str, gain: f64, q: f64) -> ([f64; 3], [f64; 3]) {
    let a = math::pow(10.0, gain / 40.0);
    let r = a.sqrt() / q;
    match name {
        "bell" => ([1.0, a / q, 1.0], [1.0, 1.0 / (a * q), 1.0]),
        "low_shelf" => ([a * a, a * r, a], [1.0, r, a]),
        "high_shelf" => ([a, a * r, a * a], [a, r, 1.0]),
        "low_cut" => ([0.0, 0.0, 1.0], [1.0, 1.0 / q, 1.0]),
        "high_cut" => ([1.0, 0.0, 0.0], [1.0, 1.0 / q, 1.0]),
        "notch" => ([1.0, 0.0, 1.0], [1.0, 1.0 / q, 1.0]),
        "band_pass" => ([0.0, 1.0 / q, 0.0], [1.0, 1.0 / q, 1.0]),
        "tilt" => ([1.0, a, 0.0], [a, 1.0, 0.0]),
        other => panic!("{other}"),
    }
}

/// Where to look at a band: evenly in octaves from 20 Hz to 20 kHz, and across its own resonances.
fn places(corners: &[f64], q: f64) -> Vec<f64> {
    let even = (0..60).map(|i| 20.0 * math::pow(1000.0, f64::from(i) / 59.0));
    let across = corners.iter().flat_map(|f| {
        (-8..=8).map(move |i| {
            let half = f64::from(i) / (5.0 * q);
            f * (half + (1.0 + half * half).sqrt())
        })
    });
    even.chain(across).filter(|hz| (20.0..=20_000.0).contains(hz)).collect()
}

const WITH_GAIN: [&str; 4] = ["bell", "low_shelf", "high_shelf", "tilt"];

/// A band and how far it is from its prototype at `hz`, in dB; none where the prototype is below -60 dB.
fn misses(name: &str, frequency: f64, gain: f64, q: f64, rate: Rate) -> impl Fn(f64) -> Option<f64> {
    let mut settings = vec![("frequency", frequency)];
    if WITH_GAIN.contains(&name) {
        settings.push(("gain", gain));
    }
    if name != "tilt" {
        settings.push(("q", q));
    }
    let args = band(name, &settings);
    let (n, d) = prototype(name, gain, q);
    move |hz| {
        let target = analogue(n, d, hz / frequency);
        (target >= -60.0).then(|| db_at(&args, hz, rate) - target)
    }
}

/// The largest error in dB to 10 kHz and to `end`.
fn error(name: &str, frequency: f64, gain: f64, q: f64, rate: Rate, end: f64) -> (f64, f64) {
    let miss = misses(name, frequency, gain, q, rate);
    let apart = math::pow(10.0, gain / 80.0);
    let mut worst = (0.0f64, 0.0f64);
    for hz in places(&[frequency, frequency * apart, frequency / apart], q).into_iter().filter(|hz| *hz <= end) {
        let error = miss(hz).map_or(0.0, f64::abs);
        worst.1 = worst.1.max(error);
        if hz <= 10_000.0 {
            worst.0 = worst.0.max(error);
        }
    }
    worst
}

/// Frequencies from 20 Hz to `highest`.
fn octaves(highest: f64) -> Vec<f64> {
    (0..31).map(|i| 20.0 * math::pow(highest / 20.0, f64::from(i) / 30.0)).collect()
}

/// Those to 20 kHz and every 50 Hz from 14 kHz on, where the Nyquist frequency is felt.
fn dense() -> Vec<f64> {
    let high = (0..=120).map(|i| 14_000.0 + 50.0 * f64::from(i));
    octaves(14_000.0).into_iter().chain(high).collect()
}

/// Asserts that over all gains and `Q`s up to `most_q` no error exceeds `low` to 10 kHz and `all` to `end`.
fn within_at(rate: Rate, end: f64, name: &str, frequencies: &[f64], most_q: f64, (low, all): (f64, f64)) {
    let gains: &[f64] = if WITH_GAIN.contains(&name) { &[-12.0, 3.0, 12.0] } else { &[0.0] };
    let mut worst = (0.0f64, 0.0f64);
    for q in Q.into_iter().filter(|q| *q <= most_q && (name != "tilt" || *q == 1.0)) {
        for gain in gains {
            for frequency in frequencies {
                let (low, all) = error(name, *frequency, *gain, q, rate, end);
                worst = (worst.0.max(low), worst.1.max(all));
            }
        }
    }
    let found = format!("{name} at {} Hz: {:.3} dB to 10 kHz, {:.3} dB to {end} Hz", rate.hz(), worst.0, worst.1);
    println!("{found}");
    assert!(worst.0 <= low && worst.1 <= all, "{found}");
}

fn within(name: &str, frequencies: &[f64], most_q: f64, low: f64, all: f64) {
    within_at(Rate::STUDIO, 20_000.0, name, frequencies, most_q, (low, all));
}

#[test]
fn bells_match_the_analogue_prototype() {
    within("bell", &octaves(20_000.0), 30.0, 0.1, 0.6);
}

#[test]
fn shelves_match_the_analogue_prototype() {
    // the promise is 0.1 and 0.6 dB; the factors keep it with room to spare
    for name in ["low_shelf", "high_shelf"] {
        within(name, &dense(), 30.0, 0.04, 0.3);
    }
}

#[test]
fn shelves_match_at_other_rates() {
    for name in ["low_shelf", "high_shelf"] {
        within_at(Rate::new(44_100).unwrap(), 18_000.0, name, &octaves(20_000.0), 30.0, (0.04, 0.3));
        within_at(Rate::new(96_000).unwrap(), 20_000.0, name, &octaves(20_000.0), 30.0, (0.01, 0.01));
    }
}

#[test]
fn cuts_and_band_passes_match_too() {
    within("low_cut", &dense(), 30.0, 0.03, 0.1);
    within("high_cut", &dense(), 30.0, 0.03, 0.15);
    within("band_pass", &dense(), 30.0, 0.03, 0.1);
    // above what is heard the filters may be set, too
    for name in ["low_cut", "high_cut", "band_pass"] {
        within(name, &[20_500.0, 21_500.0, 22_500.0, 23_000.0, 23_500.0], 30.0, 0.1, 0.6);
    }
}

#[test]
fn the_others_match_too() {
    within("tilt", &octaves(20_000.0), 1.0, 0.1, 0.6);
    within("notch", &octaves(20_000.0), 30.0, 0.15, 0.6);
}

#[test]
fn a_slope_is_a_butterworth() {
    for (slope, poles) in [(6.0, 1), (12.0, 2), (18.0, 3), (24.0, 4), (36.0, 6), (48.0, 8)] {
        let low = band("low_cut", &[("frequency", 100.0), ("slope", slope)]);
        let high = band("high_cut", &[("frequency", 5000.0), ("slope", slope)]);
        for octave in [0.25, 0.5, 0.9, 1.0, 1.2, 2.0, 3.0] {
            let power = |v: f64| 1.0 + (0..2 * poles).fold(1.0, |product, _| product * v);
            let target = |v: f64| -10.0 * math::log10(power(v));
            assert!((db(&low, 100.0 * octave) - target(1.0 / octave)).abs() < 0.05, "low_cut {slope} at {octave}");
            assert!((db(&high, 5000.0 * octave) - target(octave)).abs() < 0.4, "high_cut {slope} at {octave}");
        }
    }
}

#[test]
fn special_points_are_exact() {
    for f in [30.0, 1000.0, 15_000.0] {
        assert!(db(&band("band_pass", &[("frequency", f), ("q", 3.0)]), f).abs() < 1e-9);
        assert!(db(&band("notch", &[("frequency", f)]), f) < -180.0);
        let args = band("all_pass", &[("frequency", f), ("q", 2.0)]);
        let h = catalogue::find("all_pass").unwrap().response(&args, &setup(), Hz::new(f)).unwrap();
        assert!((h.re + 1.0).abs() < 1e-7 && h.im.abs() < 1e-4, "{f}: {h}");
        assert!(db(&args, f * 1.3).abs() < 1e-7);
    }
    let tilt = band("tilt", &[("gain", 6.0)]);
    assert!(db(&tilt, 1000.0).abs() < 0.05 && (db(&tilt, 20_000.0) - db(&tilt, 10.0) - 6.0).abs() < 0.15);
}

#[test]
fn a_design_is_continuous() {
    for name in ["bell", "low_shelf", "high_shelf", "tilt"] {
        for f in [50.0, 5000.0, 18_000.0] {
            let at = |gain: f64| db(&band(name, &[("frequency", f), ("gain", gain)]), 0.9 * f);
            assert_eq!(at(0.0), 0.0);
            assert!(at(1e-6).abs() < 2e-6 && at(-1e-6).abs() < 2e-6, "{name} {f}");
        }
    }
}

#[test]
fn a_sweep_of_designs_makes_no_leap() {
    // where the analogue filter changes by up to a fifth of a decibel per step, the fit must not jump from one solution to another
    for name in ["bell", "high_shelf", "low_cut", "high_cut", "band_pass"] {
        for q in [0.3, 0.707, 2.0] {
            let has_gain = catalogue::declaration(name).unwrap().index_of("gain").is_some();
            let mut last: Option<[f64; 4]> = None;
            let mut frequency = 2000.0;
            while frequency < 22_000.0 {
                let mut settings = vec![("frequency", frequency), ("q", q)];
                if has_gain {
                    settings.push(("gain", 12.0));
                }
                let args = band(name, &settings);
                let now = [500.0, 5000.0, 10_000.0, 18_000.0].map(|hz| db(&args, hz));
                if let Some(last) = last {
                    let leap = now.iter().zip(last).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
                    assert!(leap < 0.3, "{name} q {q} at {frequency}: {leap} dB");
                }
                last = Some(now);
                frequency *= 1.004;
            }
        }
    }
}

#[test]
fn an_error_makes_no_leap() {
    // however sharp the resonance: what is left of the error wanders, it does not jump where roots change their kind or come near Nyquist
    for name in ["low_shelf", "high_shelf", "low_cut", "high_cut", "band_pass"] {
        for q in [0.3, 0.499, 0.707, 4.0, 30.0] {
            let mut last: Option<Vec<f64>> = None;
            let mut frequency = 2000.0;
            while frequency < 23_500.0 {
                let miss = misses(name, frequency, 12.0, q, Rate::STUDIO);
                let now: Vec<f64> = [500.0, 5000.0, 10_000.0, 18_000.0].into_iter().filter_map(miss).collect();
                if let Some(last) = last.filter(|last| last.len() == now.len()) {
                    let leap = now.iter().zip(last).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
                    assert!(leap < 0.02, "{name} q {q} at {frequency}: {leap} dB");
                }
                last = Some(now);
                frequency *= 1.004;
            }
        }
    }
}

#[test]
fn wide_bells_near_nyquist_match_without_gaps() {
    for q in [0.3, 0.4, 0.6, 0.85, 1.5] {
        for frequency in dense().into_iter().filter(|f| *f >= 14_000.0) {
            let (low, all) = error("bell", frequency, 12.0, q, Rate::STUDIO, 20_000.0);
            assert!(low <= 0.1 && all <= 0.6, "{frequency} q {q}: {low} {all}");
        }
    }
}
