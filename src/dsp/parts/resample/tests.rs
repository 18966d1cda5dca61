use super::*;
use crate::audio::math;
use std::f64::consts::TAU;

fn rate(hz: u32) -> Rate {
    Rate::new(hz).unwrap()
}

/// A whole signal converted at once, zeros around it.
fn convert(from: u32, to: u32, input: &[f64]) -> Vec<f64> {
    let resampler = Resampler::new(rate(from), rate(to));
    let frames = resampler.length(input.len() as u64) as usize;
    let (start, end) = resampler.needs(0, frames);
    let mut padded = vec![0.0; (end - start) as usize];
    padded[(-start) as usize..][..input.len()].copy_from_slice(input);
    let mut out = vec![0.0; frames];
    resampler.run(0, &padded, start, &mut out);
    out
}

fn sine(rate: u32, hz: f64, frames: usize) -> Vec<f64> {
    (0..frames).map(|n| math::sin(TAU * hz * n as f64 / f64::from(rate))).collect()
}

/// Amplitude of a sine of `hz`, and the rms of all that is not it, by least squares over the middle of `x`.
fn fit(x: &[f64], rate: u32, hz: f64) -> (f64, f64) {
    let edge = x.len() / 4;
    let middle = &x[edge..x.len() - edge];
    let basis = |n: usize| math::sincos(TAU * hz * (n + edge) as f64 / f64::from(rate));
    let (mut ss, mut cc, mut sc, mut xs, mut xc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, x) in middle.iter().enumerate() {
        let (s, c) = basis(n);
        ss += s * s;
        cc += c * c;
        sc += s * c;
        xs += x * s;
        xc += x * c;
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((xs * cc - xc * sc) / det, (xc * ss - xs * sc) / det);
    let rest: f64 = middle
        .iter()
        .enumerate()
        .map(|(n, x)| {
            let (s, c) = basis(n);
            x - a * s - b * c
        })
        .map(|e| e * e)
        .sum();
    ((a * a + b * b).sqrt(), (rest / middle.len() as f64).sqrt())
}

fn db(x: f64) -> f64 {
    20.0 * math::log10(x.max(1e-20))
}

const PAIRS: [(u32, u32); 11] = [
    (44_100, 48_000),
    (48_000, 44_100),
    (44_100, 96_000),
    (96_000, 44_100),
    (48_000, 96_000),
    (192_000, 44_100),
    (44_100, 88_200),
    (192_000, 48_000),
    (8_000, 44_100),
    (44_100, 44_101),
    (96_000, 44_099),
];

#[test]
fn a_tone_stays_a_tone() {
    for (from, to) in PAIRS {
        let out = convert(from, to, &sine(from, 997.0, 12_000));
        let (level, rest) = fit(&out, to, 997.0);
        assert!(db(rest) < -150.0, "{from} to {to}: residual {:.1} dB", db(rest));
        assert!(db(level).abs() < 1e-5, "{from} to {to}: level {:.7} dB", db(level));
    }
}

#[test]
fn flat_below_the_transition_and_closed_above_it() {
    for (from, to) in PAIRS {
        let nyquist = f64::from(from.min(to)) / 2.0;
        for part in [0.01, 0.3, 0.6, 0.8, 0.907] {
            let (level, _) = fit(&convert(from, to, &sine(from, part * nyquist, 6_000)), to, part * nyquist);
            assert!(db(level).abs() < 0.005, "{from} to {to}: {:.5} dB at {part} of Nyquist", db(level));
        }
        let (level, _) = fit(&convert(from, to, &sine(from, 0.95 * nyquist, 6_000)), to, 0.95 * nyquist);
        assert!(db(level) > -3.0, "{from} to {to}: {:.2} dB at .95", db(level));
        if to < from {
            for (part, below) in [(1.02, -100.0), (1.05, -140.0), (1.093, -140.0), (1.3, -140.0), (1.7, -140.0)] {
                if part * nyquist < f64::from(from) / 2.0 {
                    let out = convert(from, to, &sine(from, part * nyquist, 12_000));
                    let middle = &out[out.len() / 4..out.len() * 3 / 4];
                    let alias = (middle.iter().map(|x| x * x).sum::<f64>() / middle.len() as f64).sqrt();
                    assert!(db(alias) < below, "{from} to {to}: alias {:.1} dB at {part}", db(alias));
                }
            }
        } else {
            // the image of a tone in the transition: all that is not the tone
            for (part, below) in [(0.98, -100.0), (0.95, -140.0), (0.907, -140.0)] {
                let (_, image) = fit(&convert(from, to, &sine(from, part * nyquist, 12_000)), to, part * nyquist);
                assert!(db(image) < below, "{from} to {to}: image {:.1} dB of {part}", db(image));
            }
        }
    }
}

#[test]
fn an_impulse_keeps_its_place_and_its_symmetry() {
    for (from, to) in [(44_100, 88_200), (48_000, 44_100), (96_000, 48_000), (44_100, 48_000), (44_100, 44_101)] {
        let ratio = f64::from(to) / f64::from(from);
        for at in [700, 937] {
            let mut x = vec![0.0; 1800];
            x[at] = 1.0;
            let y = convert(from, to, &x);
            let peak = (0..y.len()).max_by(|a, b| y[*a].total_cmp(&y[*b])).unwrap();
            assert_eq!(peak as f64, (at as f64 * ratio).round(), "{from} to {to}");
            if (at as f64 * ratio).fract() == 0.0 {
                for k in 1..300 {
                    assert!((y[peak - k] - y[peak + k]).abs() < 1e-9, "{from} to {to}: {k} beside the peak");
                }
            }
        }
    }
}

#[test]
fn lengths_round_half_up() {
    let length = |from, to, frames| Resampler::new(rate(from), rate(to)).length(frames);
    assert_eq!(length(96_000, 48_000, 3), 2);
    assert_eq!(length(44_100, 48_000, 44_100), 48_000);
    assert_eq!(length(48_000, 44_100, 1), 1);
    assert_eq!(length(48_000, 44_100, 10_000_000_000), 9_187_500_000);
    assert_eq!(length(44_100, 48_000, 0), 0);
}

#[test]
fn there_and_back_is_nothing_below_20_khz() {
    let x: Vec<f64> = (0..8)
        .map(|k| sine(44_100, 150.0 + 2_800.0 * f64::from(k), 8_000))
        .fold(vec![0.0; 8_000], |sum, tone| sum.iter().zip(&tone).map(|(a, b)| a + 0.1 * b).collect());
    let y = convert(96_000, 44_100, &convert(44_100, 96_000, &x));
    assert_eq!(y.len(), x.len());
    let rest = (2_000..6_000).map(|n| y[n] - x[n]).map(|e| e * e).sum::<f64>() / 4_000.0;
    assert!(db(rest.sqrt()) < -120.0, "{:.1} dB", db(rest.sqrt()));
}

#[test]
fn what_is_ready_needs_no_more_and_the_next_does() {
    for (from, to) in PAIRS {
        let resampler = Resampler::new(rate(from), rate(to));
        assert_eq!(resampler.ready(0), 0);
        for have in [1, 60, 100, 1_001, 123_456_789] {
            let ready = resampler.ready(have);
            assert!(ready == 0 || resampler.needs(ready - 1, 1).1 <= have, "{from} to {to}: {ready} of {have}");
            assert!(resampler.needs(ready, 1).1 > have, "{from} to {to}: {ready} of {have}");
        }
    }
}

#[test]
fn the_pieces_are_the_whole() {
    let x = sine(44_100, 1234.5, 4_000);
    for to in [48_000, 44_101] {
        let whole = convert(44_100, to, &x);
        let resampler = Resampler::shared(rate(44_100), rate(to));
        for (at, frames) in [(0, 1), (77, 500), (2_000, 333)] {
            let (start, end) = resampler.needs(at, frames);
            let input: Vec<f64> =
                (start..end).map(|n| usize::try_from(n).ok().and_then(|n| x.get(n).copied()).unwrap_or(0.0)).collect();
            let mut out = vec![0.0; frames];
            resampler.run(at, &input, start, &mut out);
            assert_eq!(out, whole[at as usize..][..frames]);
            let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
            let backwards: Vec<f64> = input.iter().rev().copied().collect();
            resampler.run_pair(at, [&backwards, &input], start, [&mut left, &mut right]);
            assert_eq!(right, out);
            resampler.run(at, &backwards, start, &mut out);
            assert_eq!(left, out);
        }
    }
}
