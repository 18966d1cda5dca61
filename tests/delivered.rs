//! What happens between a sum and a file: conversion to the file's rate, the last limiter, the kinds of dither.

mod deliveries;
mod sessions;

use std::f64::consts::{PI, TAU};

use deliveries::{Form, deliver, try_deliver};
use mixdown::audio::{math, rng::Seed};
use mixdown::dsp::parts::dither::{Noise, shaped_rates};
use mixdown::engine::Failure;
use mixdown::media::WriteError;
use mixdown::world::Memory;
use sessions::{Session, noise};

/// From and to, in Hz.
const RATES: [(u32, u32); 5] =
    [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (48_000, 96_000), (192_000, 44_100)];

/// One track with these samples at unity.
fn song(rate: u32, samples: &[Vec<f64>]) -> Memory {
    let script = format!("song(\"x\", rate: {rate}Hz);\ntrack(\"a\", \"a.wav\");");
    Session::new().wav("a.wav", rate, 32, samples).world(&script)
}

/// What is late and remembers: a track that moves, one with a limiter, on its way through a compressor.
fn busy() -> Memory {
    let script = "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\").pan(lfo(rate: 2Hz, from: -80%, to: 80%));\n\
        track(\"b\", \"b.wav\").insert(limiter(gain: 6dB));\nmix.insert(compressor(threshold: -30dB));";
    sessions::tone_world().world(script)
}

fn sine(rate: u32, hz: f64, phase: f64, frames: usize) -> Vec<f64> {
    (0..frames).map(|n| 0.5 * math::sin(TAU * (hz * n as f64 / f64::from(rate)) + phase)).collect()
}

/// Amplitude and phase of the part of `x` at `hz`, and the rms of all that is not it, by least squares over `from..to`.
fn fit(x: &[f64], rate: u32, hz: f64, from: usize, to: usize) -> (f64, f64, f64) {
    let basis = |n: usize| math::sincos(TAU * hz * n as f64 / f64::from(rate));
    let (mut ss, mut cc, mut sc, mut xs, mut xc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, x) in x.iter().enumerate().take(to).skip(from) {
        let (s, c) = basis(n);
        ss += s * s;
        cc += c * c;
        sc += s * c;
        xs += x * s;
        xc += x * c;
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((xs * cc - xc * sc) / det, (xc * ss - xs * sc) / det);
    let rest: f64 = (from..to)
        .map(|n| {
            let (s, c) = basis(n);
            let e = x[n] - a * s - b * c;
            e * e
        })
        .sum();
    ((a * a + b * b).sqrt(), math::atan2(b, a), (rest / (to - from) as f64).sqrt())
}

fn db(x: f64) -> f64 {
    20.0 * math::log10(x)
}

#[test]
fn a_tone_keeps_its_frequency_its_level_and_its_place_at_every_rate() {
    let (hz, phase) = (997.0, 0.7);
    for (from, to) in RATES {
        let frames = from as usize / 2 + 1;
        let out = deliver(&song(from, &vec![sine(from, hz, phase, frames); 2]), &Form::at(to));
        let m = &out.written.measurement;
        // halves up, as everywhere
        let length = (frames as f64 * f64::from(to) / f64::from(from) + 0.5).floor() as usize;
        assert_eq!((out.samples[0].len(), m.frames, m.sample_rate), (length, length as u64, to), "{from} to {to}");
        // where the song has begun and not ended for the filter too
        let (level, place, rest) = fit(&out.samples[1], to, hz, 200, length - 200);
        assert!((db(level) + 6.0206).abs() < 1e-4, "{from} to {to}: {} dB", db(level));
        // what a float's 24 bits leave
        assert!(db(rest) < -148.0, "{from} to {to}: residual {} dB", db(rest));
        let late = (place - phase) / TAU / hz * f64::from(to);
        assert!(late.abs() < 1e-5, "{from} to {to}: {late} frames late");
    }
}

#[test]
fn what_cannot_be_heard_at_the_new_rate_is_not_folded_into_it() {
    for (from, to, hz) in [(48_000, 44_100, 23_500.0), (96_000, 44_100, 24_100.0), (192_000, 44_100, 60_000.0)] {
        let frames = from as usize / 4;
        let out = deliver(&song(from, &[sine(from, hz, 0.0, frames)]), &Form::at(to));
        let n = out.samples[0].len();
        let middle = &out.samples[0][300..n - 300];
        let alias = (middle.iter().map(|x| x * x).sum::<f64>() / middle.len() as f64).sqrt() / 0.5;
        assert!(db(alias) < -100.0, "{hz} Hz of {from} at {to}: {} dB", db(alias));
    }
}

/// Peaks near a place, between frames too: a parabola through the largest.
fn peak(x: &[f64]) -> f64 {
    let at = (0..x.len()).max_by(|a, b| x[*a].total_cmp(&x[*b])).unwrap();
    let (l, m, r) = (x[at - 1], x[at], x[at + 1]);
    at as f64 + 0.5 * (l - r) / (l - 2.0 * m + r)
}

#[test]
fn an_impulse_lies_where_it_lay() {
    for (from, to) in RATES {
        let mut x = vec![0.0; from as usize / 8];
        // soft enough for every rate: a raised cosine of 2 ms
        let (at, half) = (from as usize / 16 + 3, from as i64 / 1000);
        for k in -half..=half {
            x[(at as i64 + k) as usize] = 0.25 + 0.25 * math::cos(PI * k as f64 / half as f64);
        }
        for form in [Form::at(to), Form::at(to).last(0.0, -1.0)] {
            let out = deliver(&song(from, &[x.clone()]), &form);
            let expected = at as f64 * f64::from(to) / f64::from(from);
            let late = peak(&out.samples[0]) - expected;
            assert!(late.abs() < 0.01, "{from} to {to}, {:?}: {late} frames late", form.last);
        }
    }
}

/// Everything at once, in all the ways that a file can be made.
fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    for rate in [44_100, 48_000, 96_000] {
        for (bits, noise) in [(16, Noise::Shaped), (24, Noise::Tpdf), (16, Noise::None), (32, Noise::None)] {
            if noise == Noise::Shaped && !shaped_rates().contains(&rate) {
                continue;
            }
            let form = Form::at(rate).bits(bits, noise).between(9_001, 110_000);
            // every other one: at some rate each kind of noise has both
            let form = if forms.len() % 2 == 0 { form.last(9.0, -1.0) } else { form };
            forms.push(Form { fades: (3_000, 20_000), ..form });
        }
    }
    forms
}

#[test]
fn threads_and_blocks_are_not_heard() {
    let world = busy();
    for form in forms() {
        let first = deliver(&world, &form);
        for (threads, block) in [(2, None), (1, Some(64)), (2, Some(1000)), (1, Some(4096))] {
            let again = deliver(&world, &Form { threads, block, ..form.clone() });
            assert!(again.bytes == first.bytes, "{form:?}, -j {threads}, blocks of {block:?}");
        }
    }
}

/// The place of a song frame in a file's own rate: the nearest frame of the song's grid, halves later.
fn place(song: i64, rate: u32) -> usize {
    (song as f64 * f64::from(rate) / 48_000.0 + 0.5).floor() as usize
}

#[test]
fn a_part_is_a_slice_of_the_whole() {
    let world = busy();
    for form in forms() {
        let whole = deliver(&world, &form);
        let (begin, end) = (place(9_001, form.rate), place(110_000, form.rate));
        assert_eq!(whole.samples[0].len(), end - begin, "{form:?}");
        for (from, to) in [(9_001, 30_000), (10_007, 10_008), (33_333, 77_777), (100_003, 110_000), (0, 200_000)] {
            let part = deliver(&world, &form.clone().part(from, to));
            let (first, last) = (place(from.max(9_001), form.rate), place(to.min(110_000), form.rate));
            for channel in 0..2 {
                let slice = &whole.samples[channel][first - begin..last - begin];
                assert!(part.samples[channel] == slice, "{form:?} from {from} to {to}");
            }
        }
    }
}

/// Without fades and what remembers, two deliveries of a song are parts of one: neither gap nor overlap.
#[test]
fn deliveries_that_follow_one_another_meet() {
    let world = busy();
    for rate in [44_100, 48_000, 96_000, 11_025] {
        let form = Form::at(rate).bits(24, Noise::Tpdf);
        let whole = deliver(&world, &form);
        for cut in [3, 35_001, 35_002, 119_997] {
            let first = deliver(&world, &Form { to: Some(cut), ..form.clone() });
            let second = deliver(&world, &Form { from: Some(cut), ..form.clone() });
            for channel in 0..2 {
                let both = [&first.samples[channel][..], &second.samples[channel]].concat();
                assert!(both == whole.samples[channel], "{rate} Hz, cut at {cut}");
            }
        }
    }
}

#[test]
fn fades_lie_at_the_deliverys_own_ends() {
    let world = song(48_000, &vec![vec![0.5; 30_000]; 2]);
    let form = Form { fades: (1_000, 4_000), ..Form::at(48_000).between(2_000, 22_000) };
    let model = |n: i64| {
        let way = |done: i64, all: i64| {
            if done >= all { 1.0 } else { 0.5 - 0.5 * math::cos(PI * (done as f64 + 0.5) / all as f64) }
        };
        0.5 * way(n, 1_000) * way(19_999 - n, 4_000)
    };
    for (from, to) in [(2_000, 22_000), (2_500, 19_000), (8_000, 9_000), (21_000, 22_000)] {
        let part = &deliver(&world, &form.clone().part(from, to)).samples[0];
        assert_eq!(part.len() as i64, to - from);
        for (n, x) in part.iter().enumerate() {
            assert!((x - model(n as i64 + from - 2_000)).abs() < 1e-7, "{from} to {to}: {n}");
        }
    }
    // and at another rate, where the filter reaches over the ends, there is nothing beyond them
    let half = &deliver(&world, &Form { rate: 24_000, ..form }).samples[0];
    assert_eq!(half.len(), 10_000);
    for (n, x) in half.iter().enumerate() {
        assert!((x - model(2 * n as i64)).abs() < 1e-4, "{n}: {x}");
    }
}

/// The same through a script and a request.
#[test]
fn a_range_of_a_faded_delivery_is_a_slice_of_it() {
    let session = sessions::tone_world();
    let script = "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\");\ntrack(\"b\", \"b.wav\");\n\
        deliver(mix, \"x.wav\", from: 0.2s, to: 2s, fade_in: 0.5s, fade_out: 1s, bits: 16);";
    let whole = session.render(script).samples("x.wav");
    assert_eq!(whole[0].len(), 86_400);
    for (from, to) in [(0.3, 0.6), (1.2, 1.9), (0.0, 0.5), (1.0, 2.4)] {
        let request = mixdown::project::Request {
            from: Some(from.to_string()),
            to: Some(to.to_string()),
            ..mixdown::project::Request::default()
        };
        let part = session.render_with(script, &request).samples("x.wav");
        let frame = |s: f64| ((s.clamp(0.2, 2.0) - 0.2) * 48_000.0).round() as usize;
        for (whole, part) in whole.iter().zip(&part) {
            assert_eq!(whole[frame(from)..frame(to)], part[..], "{from} to {to}");
        }
    }
}

/// Sixteen-fold, by a Kaiser-windowed sinc of 38 samples to each side: the peak between samples too, in dB.
fn true_peak(sound: &[Vec<f64>]) -> f64 {
    const HALF: i64 = 38;
    let i0 = |x: f64| {
        let (mut sum, mut term) = (1.0, 1.0);
        for k in 1..60 {
            term *= x * x / (4.0 * f64::from(k) * f64::from(k));
            sum += term;
        }
        sum
    };
    let tap = |t: f64| {
        let part = t / HALF as f64;
        let window = i0(10.06 * (1.0 - part * part).max(0.0).sqrt()) / i0(10.06);
        math::sin(PI * t) / (PI * t) * window
    };
    let phases: Vec<Vec<f64>> = (1..16)
        .map(|p| (0..2 * HALF).map(|k| tap(f64::from(p) / 16.0 + (HALF - 1) as f64 - k as f64)).collect())
        .collect();
    let mut most = 0.0f64;
    for x in sound {
        let padded = [vec![0.0; 76], x.clone(), vec![0.0; 76]].concat();
        most = x.iter().fold(most, |a, x| a.max(x.abs()));
        for window in padded.windows(76) {
            for taps in &phases {
                most = most.max(taps.iter().zip(window).map(|(a, b)| a * b).sum::<f64>().abs());
            }
        }
    }
    db(most)
}

/// Bass, hits and treble, with peaks far over full scale once they are turned up; loud to its last frame.
fn hits(rate: u32) -> Vec<Vec<f64>> {
    let seed = Seed::of("hits");
    let one = |channel: u64| -> Vec<f64> {
        let noise = seed.with(channel);
        (0..rate as i64 * 2 / 5)
            .map(|n| {
                let t = n as f64 / f64::from(rate);
                let hit = math::exp(-(t * 16.0).fract() * 12.0) * noise.bipolar(n);
                0.4 * math::sin(TAU * 60.0 * t) + 0.4 * hit + 0.2 * math::sin(TAU * 9_000.0 * t + channel as f64)
            })
            .collect()
    };
    vec![one(0), one(1)]
}

#[test]
fn the_ceiling_is_the_files() {
    for (from, to) in [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (48_000, 48_000)] {
        let world = song(from, &hits(from));
        for (bits, noise) in
            [(16, Noise::Tpdf), (16, Noise::Shaped), (16, Noise::None), (24, Noise::Tpdf), (32, Noise::None)]
        {
            for ceiling in [-1.0, -20.0] {
                let out = deliver(&world, &Form::at(to).bits(bits, noise).last(8.0, ceiling));
                let read = true_peak(&out.samples);
                println!("{from} to {to}, {bits} {noise:?}: {read:.4} for {ceiling}");
                assert!(read <= ceiling, "{from} to {to}, {bits} {noise:?}: {read} over {ceiling}");
                assert!(read > ceiling - 0.3, "{from} to {to}, {bits} {noise:?}: {read} for {ceiling}");
                let told = out.written.measurement.true_peak_dbtp.unwrap();
                assert!((told - read).abs() < 0.3 && told <= ceiling + 0.01, "{told} {read}");
                assert_eq!(out.written.clipped, 0);
                assert!(out.written.reduction > 3.0, "{} dB", out.written.reduction);
            }
        }
    }
}

#[test]
fn below_its_ceiling_the_last_limiter_is_not_there() {
    for (from, to) in [(48_000, 48_000), (48_000, 44_100), (44_100, 96_000)] {
        let world = song(from, &noise(7, 2, from as usize / 2 + 77, 0.3));
        for (bits, noise) in [(32, Noise::None), (24, Noise::Tpdf)] {
            let form = Form::at(to).bits(bits, noise);
            let (with, without) = (deliver(&world, &form.clone().last(0.0, -1.0)), deliver(&world, &form));
            assert!(with.bytes == without.bytes, "{from} to {to}, {bits} bits");
            assert_eq!(with.written.reduction, 0.0);
        }
    }
}

#[test]
fn its_gain_is_gain() {
    let world = song(48_000, &noise(7, 2, 20_000, 0.1));
    let (plain, louder) = (deliver(&world, &Form::at(48_000)), deliver(&world, &Form::at(48_000).last(5.0, -1.0)));
    for (a, b) in plain.samples.iter().flatten().zip(louder.samples.iter().flatten()) {
        assert!((a * math::from_db(5.0) - b).abs() < 1e-7);
    }
}

#[test]
fn silence_gets_each_kind_of_noise_and_floats_none() {
    let world = song(48_000, &vec![vec![0.0; 30_000]; 2]);
    for (noise, rms) in [(Noise::Tpdf, 0.5), (Noise::Shaped, 2.5), (Noise::None, 0.0)] {
        let out = deliver(&world, &Form::at(44_100).bits(16, noise));
        let x = &out.samples[0];
        let measured = (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt() * 32_768.0;
        assert!((measured - rms).abs() <= 0.15 * rms, "{noise:?}: {measured} LSB");
        assert!(out.samples.iter().flatten().all(|x| x.abs() <= 15.0 / 32_768.0), "{noise:?}");
    }
    assert!(deliver(&world, &Form::at(44_100)).samples.iter().flatten().all(|x| *x == 0.0));
}

#[test]
fn what_is_over_full_scale_is_held_there_and_counted_in_the_part() {
    let mut x = vec![0.25; 40_000];
    x[5_000..6_000].fill(1.5);
    x[30_000..30_100].fill(-1.5);
    let world = song(48_000, &[x.clone(), x]);
    for noise in [Noise::Tpdf, Noise::Shaped] {
        let form = Form::at(48_000).bits(16, noise);
        assert_eq!(deliver(&world, &form).written.clipped, 2 * 1_100, "{noise:?}");
        assert_eq!(deliver(&world, &form.part(20_000, 40_000)).written.clipped, 2 * 100, "{noise:?}");
    }
}

#[test]
fn noise_is_not_shaped_where_there_is_no_filter() {
    let world = song(48_000, &noise(1, 2, 1_000, 0.1));
    match try_deliver(&world, &Form::at(96_000).bits(16, Noise::Shaped)) {
        Err(Failure::Write { error: WriteError::Unsupported(why), .. }) => assert!(why.contains("96"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(world.get("delivered.wav").is_none());
    // a float file has no noise to shape
    assert_eq!(deliver(&world, &Form::at(96_000).bits(32, Noise::Shaped)).samples[0].len(), 2_000);
}

#[test]
fn a_file_may_be_shorter_than_a_filter() {
    let world = song(48_000, &noise(1, 2, 1_000, 0.1));
    for (from, to) in [(0, 1), (999, 1_000), (500, 503)] {
        for last in [false, true] {
            let form = Form::at(44_100).bits(16, Noise::Shaped).between(from, to);
            let form = if last { form.last(3.0, -1.0) } else { form };
            let frames = place(to, 44_100) - place(from, 44_100);
            assert_eq!(deliver(&world, &form).samples[0].len(), frames, "{from} to {to}");
        }
    }
}
