use super::*;
use crate::dsp::parts::kaiser;
use shape::FILTERS;
use std::f64::consts::{PI, TAU};

const N: usize = 1 << 18;
const LSB: f64 = 1.0 / 32_768.0;
/// Every kind that there is noise in, at each of its rates.
const KINDS: [(Noise, Rate); 3] = [(Noise::Tpdf, Rate::CD), (Noise::Shaped, Rate::CD), (Noise::Shaped, Rate::STUDIO)];

fn quantiser(bits: u32, noise: Noise, rate: Rate) -> Quantiser {
    Quantiser::new(bits, noise, rate, Seed::of("test"))
}

fn run(bits: u32, noise: Noise, rate: Rate, channel: usize, at: i64, from: &[f64]) -> Vec<i32> {
    let mut to = vec![0; from.len()];
    quantiser(bits, noise, rate).run(channel, at, from, &mut to);
    to
}

/// Amplitude in LSB of the part of `x` at `cycles` per its whole length.
fn amplitude(x: &[i32], cycles: usize) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, x) in x.iter().enumerate() {
        let (sin, cos) = math::sincos(TAU * ((cycles * n) % N) as f64 / N as f64);
        re += f64::from(*x) * cos;
        im += f64::from(*x) * sin;
    }
    2.0 * (re * re + im * im).sqrt() / N as f64
}

fn tone(db: f64, cycles: usize) -> Vec<f64> {
    let level = math::from_db(db);
    (0..N).map(|n| level * math::sin(TAU * ((cycles * n) % N) as f64 / N as f64)).collect()
}

fn decibels(amplitude: f64) -> f64 {
    20.0 * math::log10(amplitude)
}

/// By how much a kind makes the white error stronger in all, as power.
fn power(noise: Noise, rate: Rate) -> f64 {
    match noise {
        Noise::Shaped => 1.0 + taps(rate).iter().map(|a| a * a).sum::<f64>(),
        _ => 1.0,
    }
}

fn taps(rate: Rate) -> [f64; ORDER] {
    FILTERS[shape::RATES.iter().position(|hz| *hz == rate.get()).unwrap()]
}

#[test]
fn the_error_keeps_its_variance_and_mean_at_every_offset() {
    for (noise, rate) in KINDS {
        for bits in [16, 24] {
            let lsb = 1.0 / f64::from(1 << (bits - 1));
            for step in 0..=10 {
                let offset = f64::from(step) * 0.1;
                let out = run(bits, noise, rate, 0, 0, &vec![offset * lsb; 4 * N]);
                let (mut sum, mut squares) = (0.0, 0.0);
                for error in out.iter().map(|y| f64::from(*y) - offset) {
                    sum += error;
                    squares += error * error;
                }
                let mean = sum / out.len() as f64;
                let variance = squares / out.len() as f64 - mean * mean;
                assert!(mean.abs() < 0.005, "{noise:?} {bits} bits, offset {offset}: mean {mean}");
                // ¼: TPDF's own 1/6 and rounding's 1/12
                let part = variance / (0.25 * power(noise, rate));
                assert!((part - 1.0).abs() < 0.01, "{noise:?} {rate} {bits} bits, offset {offset}: {part} of ¼ LSB²");
            }
        }
    }
}

#[test]
fn tones_below_one_bit_are_recovered() {
    for (bits, below) in [(16, 0.0), (24, -48.164_8)] {
        for db in [-90.0, -100.0, -110.0] {
            let full = f64::from(1 << (bits - 1));
            for (noise, rate) in KINDS {
                let out = run(bits, noise, rate, 0, 0, &tone(db + below, 5449));
                let heard = decibels(amplitude(&out, 5449) / full) - below;
                assert!((heard - db).abs() < 0.1, "{noise:?} {rate} {bits} bits: {db} dB reads {heard}");
            }
            if db < -99.0 {
                let without = run(bits, Noise::None, Rate::CD, 0, 0, &tone(db + below, 5449));
                assert!(without.iter().all(|y| *y == 0), "{db} dB at {bits} bits");
            }
        }
    }
}

#[test]
fn dither_leaves_no_harmonics() {
    for bits in [16, 24] {
        let sound = tone(if bits == 16 { -90.0 } else { -138.164_8 }, 5449);
        // against the noise around: a harmonic may be as strong as 3 sigma of it
        let worst = |noise, rate| {
            let out = run(bits, noise, rate, 0, 0, &sound);
            let over = [3, 5, 7].map(|harmonic| {
                let around = (1..=20).flat_map(|k| [5449 * harmonic - 3 * k, 5449 * harmonic + 3 * k]);
                let sigma = (around.map(|c| amplitude(&out, c)).map(|a| a * a).sum::<f64>() / 40.0).sqrt();
                amplitude(&out, 5449 * harmonic) / sigma
            });
            over.into_iter().fold(0.0, f64::max)
        };
        for (noise, rate) in KINDS {
            assert!(worst(noise, rate) < 3.0, "{noise:?} {rate}: {}", worst(noise, rate));
        }
        assert!(worst(Noise::None, Rate::CD) > 100.0);
    }
}

#[test]
fn channels_are_independent() {
    let silence = vec![0.0; N];
    for (noise, rate) in KINDS {
        let [left, right] = [0, 1].map(|channel| run(16, noise, rate, channel, 0, &silence));
        let sum = |a: &[i32], b: &[i32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let correlation = sum(&left, &right) / (sum(&left, &left) * sum(&right, &right)).sqrt();
        assert!(correlation.abs() < 0.01, "{noise:?} {rate}: {correlation}");
    }
}

#[test]
fn a_frames_noise_says_nothing_of_the_next_ones() {
    for at in [0, 1] {
        let mut noise = [0.0; PIECE];
        let (mut sums, mut squares, mut more) = ([0.0; 4], 0.0, 0.0);
        for piece in 0..(N / PIECE) as i64 {
            triangular(Level::find(), Seed::of("test"), at + piece * PIECE as i64, &mut noise);
            for n in 0..PIECE - 4 {
                (1..=4).for_each(|late| sums[late - 1] += noise[n] * noise[n + late]);
                squares += noise[n] * noise[n];
                more += noise[n] * noise[n] * noise[n] * noise[n];
            }
            assert!(noise.iter().all(|x| x.abs() < 1.0));
        }
        let count = (N / PIECE * (PIECE - 4)) as f64;
        // five standard deviations of white noise
        assert!(sums.iter().all(|sum| (sum / squares).abs() < 5.0 / count.sqrt()), "{sums:?} of {squares}");
        // the moments of a triangle on (-1, 1)
        assert!((squares / count - 1.0 / 6.0).abs() < 1e-3 && (more / count - 1.0 / 15.0).abs() < 1e-3);
    }
}

#[test]
fn ranges_are_slices() {
    let silence = vec![0.0; 3_000];
    let whole = run(16, Noise::Tpdf, Rate::CD, 0, 0, &silence);
    assert_eq!(run(16, Noise::Tpdf, Rate::CD, 0, 1000, &silence[..500]), whole[1000..1500]);
    assert_eq!(run(16, Noise::Tpdf, Rate::CD, 0, -20, &silence[..40])[20..], whole[..20]);
    assert_eq!(run(16, Noise::Tpdf, Rate::CD, 0, 1001, &silence[..333]), whole[1001..1334]);
    assert_eq!(run(16, Noise::Tpdf, Rate::CD, 0, -21, &silence[..400])[21..], whole[..379]);
}

#[test]
fn what_it_remembers_goes_over_blocks_and_through_a_saved_state() {
    let sound = tone(-80.0, 5449);
    let whole = run(16, Noise::Shaped, Rate::CD, 1, 7, &sound[..5_000]);
    for block in [1, 8, 9, 127, 128, 129, 1000] {
        let mut one = quantiser(16, Noise::Shaped, Rate::CD);
        let mut to = vec![0; 5_000];
        for (at, (from, to)) in sound[..5_000].chunks(block).zip(to.chunks_mut(block)).enumerate() {
            one.run(1, 7 + (at * block) as i64, from, to);
            let mut state = StateWriter::new();
            one.save(2, &mut state);
            one = quantiser(16, Noise::Shaped, Rate::CD);
            let bytes = state.into_bytes();
            let mut reader = StateReader::new(&bytes);
            one.load(2, &mut reader).unwrap();
            reader.end().unwrap();
        }
        assert_eq!(to, whole, "blocks of {block}");
    }
    assert_eq!(quantiser(16, Noise::Shaped, Rate::CD).load(2, &mut StateReader::new(&[0; 9])), Err(StateError));
}

#[test]
fn saturates_counts_and_rounds_halves_to_even() {
    let mut one = quantiser(16, Noise::None, Rate::CD);
    let mut to = [0; 8];
    let from = [1.0, -1.0, 1e300, f64::NEG_INFINITY, f64::NAN, -0.0, 0.5 * LSB, 1.5 * LSB];
    one.run(0, 0, &from, &mut to);
    assert_eq!(to, [32767, -32768, 32767, -32768, 0, 0, 0, 2]);
    assert_eq!(one.clipped(), 3);
    let mut one = quantiser(24, Noise::None, Rate::CD);
    one.run(0, 0, &[0.5, -1.0], &mut to[..2]);
    assert_eq!(to[..2], [4_194_304, -8_388_608]);
    assert_eq!(one.clipped(), 0);
}

#[test]
fn what_is_far_over_full_scale_leaves_nothing_behind() {
    for (noise, rate) in KINDS {
        let mut one = quantiser(16, noise, rate);
        let mut sound = vec![0.0; 4_000];
        let nasty = [1.5, -1e300, f64::INFINITY, f64::NAN, f64::NEG_INFINITY, -0.0, 1.0, 40.0];
        (0..2_000).for_each(|n| sound[n] = nasty[n % nasty.len()]);
        let mut to = vec![0; 4_000];
        one.run(0, 0, &sound, &mut to);
        for n in (0..2_000).step_by(nasty.len()) {
            assert_eq!([to[n], to[n + 1], to[n + 2], to[n + 4], to[n + 7]], [32767, -32768, 32767, -32768, 32767]);
            // what is no number is silence, as is zero of either sign
            assert!(to[n + 3].abs() < 25 && to[n + 5].abs() < 25, "{noise:?}: {} {}", to[n + 3], to[n + 5]);
        }
        assert!(to[2_000..].iter().all(|y| y.abs() < 25), "{noise:?} {rate}");
        assert!(one.clipped() >= 5 * 250);
    }
}

/// ISO 226:2003, table 1: frequency in Hz, exponent of loudness, gain in dB, threshold in dB.
const ISO_226: [(f64, f64, f64, f64); 29] = [
    (20.0, 0.532, -31.6, 78.5),
    (25.0, 0.506, -27.2, 68.7),
    (31.5, 0.480, -23.0, 59.5),
    (40.0, 0.455, -19.1, 51.1),
    (50.0, 0.432, -15.9, 44.0),
    (63.0, 0.409, -13.0, 37.5),
    (80.0, 0.387, -10.3, 31.5),
    (100.0, 0.367, -8.1, 26.5),
    (125.0, 0.349, -6.2, 22.1),
    (160.0, 0.330, -4.5, 17.9),
    (200.0, 0.315, -3.1, 14.4),
    (250.0, 0.301, -2.0, 11.4),
    (315.0, 0.288, -1.1, 8.6),
    (400.0, 0.276, -0.4, 6.2),
    (500.0, 0.267, 0.0, 4.4),
    (630.0, 0.259, 0.3, 3.0),
    (800.0, 0.253, 0.5, 2.2),
    (1000.0, 0.250, 0.0, 2.4),
    (1250.0, 0.246, -2.7, 3.5),
    (1600.0, 0.244, -4.1, 1.7),
    (2000.0, 0.243, -1.0, -1.3),
    (2500.0, 0.243, 1.7, -4.2),
    (3150.0, 0.243, 2.5, -6.0),
    (4000.0, 0.242, 1.2, -5.4),
    (5000.0, 0.242, -2.1, -1.5),
    (6300.0, 0.245, -7.1, 6.0),
    (8000.0, 0.254, -11.2, 12.6),
    (10000.0, 0.271, -10.7, 13.9),
    (12500.0, 0.301, -3.1, 12.3),
];

/// The levels in dB that sound as loud as 15 phon (section 4.1, formula 1), and what continues them.
fn fifteen_phon() -> Vec<(f64, f64)> {
    let ten = |x: f64| math::pow(10.0, x);
    let mut curve: Vec<(f64, f64)> = ISO_226
        .iter()
        .map(|(f, alpha, gain, threshold)| {
            let a =
                4.47e-3 * (ten(0.025 * 15.0) - 1.15) + math::pow(0.4 * ten((threshold + gain) / 10.0 - 9.0), *alpha);
            (*f, 10.0 / alpha * math::log10(a) - gain + 94.0)
        })
        .collect();
    let last = curve[28].1;
    curve.extend([(14_000.0, last + 6.1), (16_000.0, last + 27.9)]);
    curve
}

/// The ear's weighting of noise power at the middles of `points` bands up to half the rate: 1 where it hears best.
fn weighting(rate: Rate, points: usize) -> Vec<f64> {
    let curve = fifteen_phon();
    let least = curve.iter().fold(f64::INFINITY, |a, (_, level)| a.min(*level));
    let level = |f: f64| {
        let next = curve.partition_point(|(at, _)| *at <= f);
        let (Some(above), true) = (curve.get(next), next > 0) else { return curve[next.saturating_sub(1)].1 };
        let below = curve[next - 1];
        below.1 + (above.1 - below.1) * math::ln(f / below.0) / math::ln(above.0 / below.0)
    };
    let hz = |point: usize| (point as f64 + 0.5) / points as f64 * rate.hz() / 2.0;
    (0..points).map(|point| math::pow(10.0, (least - level(hz(point))) / 10.0)).collect()
}

/// Terhardt's threshold in quiet ("Calculating virtual pitch", Hearing Research 1, 1979), by power.
fn terhardt(f: f64) -> f64 {
    let k = f / 1000.0;
    let bump = 6.5 * math::exp(-0.6 * (k - 3.3) * (k - 3.3));
    math::pow(10.0, -(3.64 * math::pow(k, -0.8) - bump + 1e-3 * k * k * k * k) / 10.0)
}

/// The filters' gain in power at `turn` of the rate.
fn gain(taps: &[f64; ORDER], turn: f64) -> f64 {
    let (mut re, mut im) = (1.0, 0.0);
    for (k, a) in taps.iter().enumerate() {
        let (sin, cos) = math::sincos(TAU * turn * (k + 1) as f64);
        re += a * cos;
        im -= a * sin;
    }
    re * re + im * im
}

#[test]
fn the_filters_are_made_as_they_say() {
    for (rate, filter) in [Rate::CD, Rate::STUDIO].into_iter().zip(FILTERS) {
        assert!(shaped_rates().contains(&rate.get()));
        const POINTS: usize = 4096;
        let weights = weighting(rate, POINTS);
        let lag = |k: usize| {
            let at = |(point, w): (usize, &f64)| w * math::cos(PI * k as f64 * (point as f64 + 0.5) / POINTS as f64);
            weights.iter().enumerate().map(at).sum::<f64>() / POINTS as f64
        };
        let mut r: Vec<f64> = (0..=ORDER).map(lag).collect();
        r[0] += math::pow(10.0, -4.5);
        // Levinson and Durbin
        let (mut a, mut left) = (vec![1.0], r[0]);
        for order in 1..=ORDER {
            let reflection = -(0..order).map(|k| a[k] * r[order - k]).sum::<f64>() / left;
            assert!(reflection.abs() < 1.0, "minimum phase");
            a.push(0.0);
            let mirrored: Vec<f64> = a.iter().rev().copied().collect();
            a.iter_mut().zip(mirrored).for_each(|(a, m)| *a += reflection * m);
            left *= 1.0 - reflection * reflection;
        }
        for (ours, made) in filter.iter().zip(&a[1..]) {
            assert!((ours - made).abs() < 1e-9, "{rate}: {ours} is not {made}");
        }
    }
    assert_eq!(shaped_rates().len(), FILTERS.len());
}

/// Gerzon and Craven's theorem: the mean of a noise shaper's decibels over frequency is 0 at best, and 0 with minimum phase.
#[test]
fn what_is_taken_from_one_place_is_given_to_another() {
    for filter in FILTERS {
        let points = 65_536;
        let mean = (0..points).map(|k| 10.0 * math::log10(gain(&filter, (k as f64 + 0.5) / points as f64 / 2.0)));
        let mean = mean.sum::<f64>() / f64::from(points);
        assert!(mean.abs() < 0.05, "{mean} dB");
    }
}

#[test]
fn shaped_noise_is_softer_to_the_ear() {
    for (rate, filter) in [Rate::CD, Rate::STUDIO].into_iter().zip(FILTERS) {
        const POINTS: usize = 8192;
        let turn = |point: usize| (point as f64 + 0.5) / POINTS as f64 / 2.0;
        let softer = |weights: &[f64]| {
            let shaped: f64 = weights.iter().enumerate().map(|(p, w)| w * gain(&filter, turn(p))).sum();
            10.0 * math::log10(shaped / weights.iter().sum::<f64>())
        };
        let iso = softer(&weighting(rate, POINTS));
        let quiet: Vec<f64> = (0..POINTS).map(|p| terhardt(turn(p) * rate.hz())).collect();
        let (quiet, all) = (softer(&quiet), 10.0 * math::log10(power(Noise::Shaped, rate)));
        println!("{rate}: {iso:.2} dB by ISO 226, {quiet:.2} dB by Terhardt's threshold, {all:.2} dB in all");
        assert!(iso < -14.5 && quiet < -13.0 && all < 15.0);
    }
}

/// What the quantiser writes has the spectrum that its filter promises.
#[test]
fn the_noise_has_the_shape_of_its_filter() {
    for (rate, filter) in [Rate::CD, Rate::STUDIO].into_iter().zip(FILTERS) {
        let out = run(16, Noise::Shaped, rate, 0, 0, &vec![0.3 * LSB; N]);
        for part in [0.02, 0.08, 0.16, 0.25, 0.33, 0.45] {
            let from = (part * N as f64) as usize;
            let measured: f64 = (from..from + 200).map(|c| amplitude(&out, c)).map(|a| a * a).sum::<f64>() / 200.0;
            // a bin's share of ¼ LSB², as a squared amplitude
            let white = 0.25 * 4.0 / N as f64;
            let apart = 10.0 * math::log10(measured / (white * gain(&filter, part)));
            assert!(apart.abs() < 1.2, "{rate}: {apart} dB at {part}");
        }
    }
}

/// By an interpolator as long as any that reads files.
#[test]
fn between_samples_the_noise_stays_within_the_headroom() {
    const HALF: usize = 64;
    let window = kaiser::Kaiser::new(10.0);
    let phases: Vec<Vec<f64>> = (0..4)
        .map(|p| {
            let place = |k: usize| f64::from(p) / 4.0 + (HALF - 1) as f64 - k as f64;
            (0..2 * HALF).map(|k| kaiser::sinc(place(k), 1.0) * window.at(place(k) / HALF as f64)).collect()
        })
        .collect();
    for (noise, rate) in KINDS.into_iter().chain([(Noise::None, Rate::CD)]) {
        let sound: Vec<f64> = tone(-6.0, 5449)[..1 << 17].to_vec();
        let out = run(16, noise, rate, 0, 0, &sound);
        let error: Vec<f64> = out.iter().zip(&sound).map(|(y, x)| f64::from(*y) - x / LSB).collect();
        let read = |taps: &[f64], at: &[f64]| taps.iter().zip(at).map(|(a, b)| a * b).sum::<f64>().abs();
        let most = error.windows(2 * HALF).flat_map(|w| phases.iter().map(|p| read(p, w))).fold(0.0, f64::max);
        let room = (1.0 - math::from_db(-headroom(0.0, 16, noise))) / LSB;
        println!("{noise:?} {rate}: {most:.2} LSB of {room:.2}");
        assert!(most < room && most > 0.3 * room, "{noise:?} {rate}: {most} LSB of {room}");
    }
}

#[test]
fn the_headroom_is_what_the_noise_needs() {
    // 4.8 LSB of 16 bits at -1 dBTP
    assert!((headroom(-1.0, 16, Noise::Tpdf) - 0.001_428).abs() < 2e-6, "{}", headroom(-1.0, 16, Noise::Tpdf));
    assert!(headroom(-1.0, 16, Noise::Shaped) < 0.008 && headroom(-1.0, 16, Noise::Shaped) > 0.004);
    assert!(headroom(-1.0, 24, Noise::Tpdf) < 1e-5 && headroom(-1.0, 32, Noise::None) < 2e-6);
    assert!(headroom(-20.0, 16, Noise::Tpdf) > 8.0 * headroom(-1.0, 16, Noise::Tpdf));
    // a ceiling in the noise
    assert!((headroom(-90.0, 16, Noise::Tpdf) - 6.02).abs() < 0.01);
}
