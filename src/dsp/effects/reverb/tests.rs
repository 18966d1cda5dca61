use rustfft::{FftPlanner, num_complex::Complex64};

use super::absorption::{Absorption, Decay};
use super::{KINDS, Reverb, Room, Settings};
use crate::audio::{math, rng::Seed};
use crate::dsp::effects::rendering::{Running, assert_lawful, setup};
use crate::dsp::{Arg, Args, Effect, Flow, Tail};

const RATE: f64 = 48_000.0;

fn args(kind: usize) -> Args {
    Args::defaults(Reverb.declaration()).with("kind", Arg::Choice(kind))
}

/// Left and right of a click on both sides.
fn response(args: &Args, frames: usize) -> Vec<Vec<f64>> {
    let mut click = vec![vec![0.0; frames]];
    click[0][0] = 1.0;
    Running::new(&Reverb, args, &setup(1), 0).run(&click, 512)
}

fn noise(frames: usize, stream: u64) -> Vec<f64> {
    (0..frames).map(|n| Seed::new(stream).bipolar(n as i64)).collect()
}

fn energy(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

fn spectrum(x: &[f64], length: usize) -> Vec<Complex64> {
    let mut all: Vec<Complex64> = x.iter().map(|x| Complex64::new(*x, 0.0)).collect();
    all.resize(length, Complex64::ZERO);
    FftPlanner::new().plan_fft_forward(length).process(&mut all);
    all
}

/// The octave around `hz` of left and right, without a shift in time: edges of a sixth of an octave, raised-cosine. The two go through
/// one transform as real and imaginary part.
fn octave(sides: &[Vec<f64>], hz: f64) -> Vec<Vec<f64>> {
    let length = 1 << 17;
    let mut all: Vec<Complex64> = sides[0].iter().zip(&sides[1]).map(|(l, r)| Complex64::new(*l, *r)).collect();
    all.resize(length, Complex64::ZERO);
    FftPlanner::new().plan_fft_forward(length).process(&mut all);
    for (bin, value) in all.iter_mut().enumerate() {
        let f = bin.min(length - bin) as f64 * RATE / length as f64;
        let beyond = (math::log2((f / hz).max(1e-9)).abs() - 0.417) * 6.0;
        *value *= 0.5 + 0.5 * math::cos(std::f64::consts::PI * beyond.clamp(0.0, 1.0));
    }
    FftPlanner::new().plan_fft_inverse(length).process(&mut all);
    let scaled = |part: fn(&Complex64) -> f64| all[..sides[0].len()].iter().map(|c| part(c) / length as f64).collect();
    vec![scaled(|c| c.re), scaled(|c| c.im)]
}

/// T60 by the line through -5 and -35 dB of the energy that is still to come (Schroeder 1965, ISO 3382), of both sides together.
fn t30(sides: &[Vec<f64>]) -> f64 {
    let mut left = 0.0;
    let mut curve: Vec<f64> = (0..sides[0].len())
        .rev()
        .map(|n| {
            left += sides.iter().map(|side| side[n] * side[n]).sum::<f64>();
            left
        })
        .collect();
    curve.reverse();
    slope(curve.iter().enumerate().step_by(20).map(|(n, e)| (n as f64 / RATE, 10.0 * math::log10(e / left))))
}

/// T60 from seconds and dB.
fn slope(decay: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut n, mut st, mut sd, mut stt, mut std) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (t, db) in decay {
        if (-35.0..-5.0).contains(&db) {
            (n, st, sd, stt, std) = (n + 1.0, st + t, sd + db, stt + t * t, std + t * db);
        }
    }
    -60.0 * (n * stt - st * st) / (n * std - st * sd)
}

/// The absorption that `args` ask for.
fn designed(args: &Args) -> Absorption {
    let s = Settings::new(args, &setup(1)).unwrap();
    Absorption::new(&s.decay, &s.room.lines, RATE)
}

#[test]
fn every_octave_decays_as_designed() {
    for kind in [0, 1] {
        let flat = args(kind).with("damp", Arg::Number(20_000.0));
        let coloured = args(kind).with("decay", Arg::Number(1.6)).with("low_decay", Arg::Number(150.0));
        for args in [flat, coloured] {
            let (out, design) = (response(&args, 110_000), designed(&args));
            for hz in [125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0] {
                let measured = t30(&octave(&out, hz));
                let expected = together(&design, hz / 1.34, hz * 1.34);
                assert!((measured / expected - 1.0).abs() < 0.05, "{kind} {hz}: {measured} for {expected}");
            }
            let (measured, expected) = (t30(&out), together(&design, 20.0, 24_000.0));
            assert!((measured / expected - 1.0).abs() < 0.03, "{kind}: {measured} for {expected}");
        }
    }
}

/// T30 of frequencies that each decay in their own time, from the same power on.
fn together(design: &Absorption, from: f64, to: f64) -> f64 {
    let bands: Vec<f64> = (0..60).map(|k| design.t60(from + (to - from) * (f64::from(k) + 0.5) / 60.0)).collect();
    let left = |t: f64| bands.iter().map(|t60| t60 * math::pow(10.0, -6.0 * t / t60)).sum::<f64>();
    slope(
        (0..200_000)
            .step_by(200)
            .map(|n| (f64::from(n) / RATE, 10.0 * math::log10(left(f64::from(n) / RATE) / left(0.0)))),
    )
}

/// Normalised echo density: the share of samples beyond one standard deviation against a Gaussian's, in a Hann window of 20 ms
/// (J. S. Abel, P. Huang, "A simple, robust measure of reverberation echo density", AES 121, 2006).
fn echo_density(x: &[f64], ms: f64) -> f64 {
    let window = 960;
    let x = &x[(ms * 48.0) as usize - window / 2..][..window];
    let weight =
        |n: usize| (0.5 - 0.5 * math::cos(std::f64::consts::TAU * n as f64 / window as f64)) * 2.0 / window as f64;
    let deviation = x.iter().enumerate().map(|(n, x)| weight(n) * x * x).sum::<f64>().sqrt();
    x.iter().enumerate().filter(|(_, x)| x.abs() > deviation).map(|(n, _)| weight(n)).sum::<f64>() / 0.317_310_5
}

#[test]
fn it_is_dense_uncoloured_and_wide() {
    for kind in [0, 1] {
        let out = response(&args(kind), 60_000);
        let mean = |from: usize, to: usize| {
            (from..to).map(|k| echo_density(&out[0], 10.0 * k as f64)).sum::<f64>() / (to - from) as f64
        };
        assert!(echo_density(&out[0], 100.0) > 0.9);
        assert!((mean(10, 60) - 1.0).abs() < 0.1, "{}", mean(10, 60));
        if kind == 1 {
            assert!(mean(1, 5) > 0.85, "a plate is dense at once: {}", mean(1, 5));
            assert!(out[0][..144].iter().any(|x| x.abs() > 1e-3), "and answers at once");
        }

        let late = |c: usize| spectrum(&out[c][14_400..14_400 + 32_768], 32_768);
        let power: Vec<[f64; 2]> = late(0).iter().zip(&late(1)).map(|(l, r)| [l.norm_sqr(), r.norm_sqr()]).collect();
        let (mut spread, mut bands) = (0.0, 0.0);
        let mut low = 200.0;
        while low < 10_000.0 {
            let high = low * math::exp2(1.0 / 3.0);
            let band = &power[(low * 32_768.0 / RATE) as usize..(high * 32_768.0 / RATE) as usize];
            let db: Vec<f64> = band.iter().map(|p| 10.0 * math::log10(p[0])).collect();
            let mean = db.iter().sum::<f64>() / db.len() as f64;
            spread += db.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / db.len() as f64;
            bands += 1.0;
            // a mode is heard on both sides
            let mut both: Vec<f64> = band.iter().map(|p| p[0] + p[1]).collect();
            both.sort_by(f64::total_cmp);
            let highest = 10.0 * math::log10(both[both.len() - 1] / both[both.len() / 2]);
            assert!(highest < 12.0, "{kind}: a mode of +{highest} dB at {low} Hz");
            low = high;
        }
        let deviation = (spread / bands).sqrt();
        assert!((deviation - 5.6).abs() < 1.0, "{kind}: the late spectrum varies by {deviation} dB");

        for from in [9_600, 24_000, 40_000] {
            let (l, r) = (&out[0][from..from + 14_400], &out[1][from..from + 14_400]);
            let both: f64 = l.iter().zip(r).map(|(l, r)| l * r).sum();
            assert!((both / (energy(l) * energy(r)).sqrt()).abs() < 0.2);
        }
    }
}

/// Noise with the same power in every octave (P. Kellet's filter).
fn pink(frames: usize) -> Vec<f64> {
    let mut b = [0.0; 3];
    noise(frames, 9)
        .iter()
        .map(|white| {
            b[0] = 0.99765 * b[0] + white * 0.0990460;
            b[1] = 0.96300 * b[1] + white * 0.2965164;
            b[2] = 0.57000 * b[2] + white * 1.0526913;
            0.1 * (b[0] + b[1] + b[2] + white * 0.1848)
        })
        .collect()
}

#[test]
fn noise_comes_out_as_loud_as_it_goes_in() {
    let input = pink(144_000);
    for (kind, decay, size, width) in [
        (0, 2.0, 100.0, 100.0),
        (1, 2.0, 100.0, 100.0),
        (0, 0.3, 100.0, 0.0),
        (1, 1.0, 0.0, 200.0),
        (0, 1.5, 200.0, 50.0),
    ] {
        let args = args(kind)
            .with("decay", Arg::Number(decay))
            .with("size", Arg::Number(size))
            .with("width", Arg::Number(width));
        let out = Running::new(&Reverb, &args, &setup(1), 0).run(std::slice::from_ref(&input), 512);
        let power = 0.5 * (energy(&out[0][72_000..]) + energy(&out[1][72_000..]));
        let db = 10.0 * math::log10(power / energy(&input[72_000..]));
        assert!(db.abs() < 1.0, "{kind} {decay} s, {size} %: {db} dB");
    }
}

#[test]
fn the_tail_ends_in_exact_silence() {
    for kind in [0, 1] {
        let args = args(kind)
            .with("decay", Arg::Number(0.5))
            .with("predelay", Arg::Number(20.0))
            .with("low_cut", Arg::Number(100.0));
        let Tail::Sounds(tail) = Reverb.shape(&args, &setup(2)).unwrap().tail else { panic!("it sounds") };
        let tail = tail.get() as usize;
        let mut input = vec![noise(4800, 1), noise(4800, 2)];
        input.iter_mut().for_each(|x| x.resize(4800 + tail + 1024, 0.0));
        let mut running = Running::new(&Reverb, &args, &setup(2), 0);
        let out = running.run(&input, 512);
        assert!(out.iter().flat_map(|x| &x[4800 + tail..]).all(|x| x.to_bits() == 0));
        assert_eq!(running.flow, Flow::Silent);
        assert!(out.iter().flatten().all(|x| *x == 0.0 || x.abs() > 1e-30), "nothing subnormal on the way");
        let end = out[0].iter().rposition(|x| *x != 0.0).unwrap();
        assert!(out[0][end - 4800..].iter().all(|x| x.abs() < 1e-6), "it ends below -120 dBFS");
        assert!(running.save() == Running::new(&Reverb, &args, &setup(2), 0).save(), "at rest it is as when built");
        assert!(out[0][..4800].iter().zip(&out[1]).any(|(l, r)| l != r));
        assert!(out[0][..960].iter().all(|x| *x == 0.0), "the predelay");
    }
}

#[test]
fn blocks_and_saved_states_change_nothing() {
    let mut input = vec![noise(3000, 1), noise(3000, 2)];
    input.iter_mut().for_each(|x| x.resize(30_000, 0.0));
    for kind in [0, 1] {
        let args = args(kind)
            .with("decay", Arg::Number(0.12))
            .with("size", Arg::Number(20.0))
            .with("high_cut", Arg::Number(5000.0));
        assert_lawful(&Reverb, &args, &input);
        assert_lawful(
            &Reverb,
            &args.with("diffusion", Arg::Number(40.0)).with("low_decay", Arg::Number(120.0)),
            &input[..1],
        );
    }
}

#[test]
fn a_seed_is_a_room_and_surround_is_refused() {
    let first = |seed: f64| response(&args(0).with("seed", Arg::Number(seed)), 4800);
    assert!(first(1.0) == first(1.0) && first(1.0) != first(2.0));
    assert!(Reverb.shape(&args(0), &setup(6)).unwrap_err().message.contains("6 channels"));
    // both sides of a stereo sound alike are that sound in mono
    let click = |channels: usize| {
        let mut planes = vec![vec![0.0; 4800]; channels];
        planes.iter_mut().for_each(|x| x[3] = 1.0);
        Running::new(&Reverb, &args(0), &setup(channels), 0).run(&planes, 512)
    };
    assert!(click(1) == click(2));
}

#[test]
fn any_setting_stays_finite_and_decays() {
    for (kind, decay, size, low, diffusion, modulation) in
        [(0, 0.1, 0.0, 50.0, 0.0, 100.0), (1, 20.0, 200.0, 200.0, 100.0, 100.0), (1, 0.1, 200.0, 200.0, 50.0, 0.0)]
    {
        let args = args(kind)
            .with("decay", Arg::Number(decay))
            .with("size", Arg::Number(size))
            .with("low_decay", Arg::Number(low))
            .with("diffusion", Arg::Number(diffusion))
            .with("modulation", Arg::Number(modulation));
        let out = response(&args, 96_000);
        assert!(out.iter().flatten().all(|x| x.is_finite() && x.abs() < 2.0));
        assert!(energy(&out[0][72_000..]) < energy(&out[0][24_000..48_000]).max(1e-12));
    }
    assert!(KINDS.iter().all(|kind| Room::new(kind, 1.0, 2.0, Seed::new(1), RATE).reach() > 1000));
    let decay = Decay { t60: 2.0, damp: 6000.0, low: 1.0 };
    assert!(
        (Absorption::new(&decay, &[2003; 16], RATE).remainder(1.0) - math::pow(10.0, -6.0 * 2003.0 / 96_000.0)).abs()
            < 1e-6
    );
}
