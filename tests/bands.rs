//! Bands, `eq` and `multiband` as they run: blocks, states, curves, silence, against their own responses.

use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, Layout, PlanesRef, StateReader, StateWriter, math};
use mixdown::dsp::parts::linkwitz::Crossover;
use mixdown::dsp::{Arg, Args, Effect, Flow, Io, Processor, Setup, Value, Values, catalogue};
use mixdown::units::{Hz, Rate};
use num_complex::Complex64;

const STEREO: Setup = Setup { rate: Rate::STUDIO, layout: Layout::STEREO, block: 512, seed: Seed::new(1) };
const BANDS: [&str; 9] =
    ["low_cut", "high_cut", "bell", "low_shelf", "high_shelf", "notch", "band_pass", "all_pass", "tilt"];

fn effect(name: &str) -> &'static dyn Effect {
    catalogue::find(name).unwrap()
}

fn args(name: &str, settings: &[(&str, f64)]) -> Args {
    settings.iter().fold(Args::defaults(effect(name).declaration()), |args, (name, x)| args.with(name, Arg::Number(*x)))
}

fn eq(bands: Vec<Args>) -> Args {
    args("eq", &[]).with("bands", Arg::Effects(bands))
}

/// A value at a song frame.
type Course = fn(i64) -> f64;
/// A parameter that moves: its slot and its value.
type Curve = (usize, Course);

/// The values at rest of an effect and its children, slot by slot.
fn slots(args: &Args, into: &mut Vec<f64>) {
    into.extend(args.values.iter().map(|value| match value {
        Arg::Number(x) => *x,
        Arg::Switch(on) => f64::from(u8::from(*on)),
        _ => 0.0,
    }));
    args.children().for_each(|child| slots(child, into));
}

/// What key `index` is at a song frame.
fn key(index: usize, at: i64) -> f64 {
    let bursts = at.rem_euclid(700 + 150 * index as i64) < 250;
    if bursts { Seed::of("key").with(index as u64).bipolar(at) } else { 0.0 }
}

/// The song time of frame 0.
const AT: i64 = -77;

fn run(
    p: &mut dyn Processor,
    args: &Args,
    curves: &[Curve],
    sound: &mut [Vec<f64>],
    size: usize,
    frames: (usize, usize),
) -> Flow {
    run_with_keys(0, p, args, curves, sound, size, frames)
}

/// Runs frames `from..to` of `sound` in blocks of `size`, with the keys from `first_key` on.
fn run_with_keys(
    first_key: usize,
    p: &mut dyn Processor,
    args: &Args,
    curves: &[Curve],
    sound: &mut [Vec<f64>],
    size: usize,
    (from, to): (usize, usize),
) -> Flow {
    let mut rest = Vec::new();
    slots(args, &mut rest);
    let mut flow = Flow::Through;
    let mut i = from;
    while i < to {
        let n = size.min(to - i);
        let at = AT + i as i64;
        let cell = at - at.rem_euclid(32);
        let moving: Vec<(Vec<f64>, f64)> =
            curves.iter().map(|(_, f)| ((0..n as i64).map(|k| f(at + k)).collect(), f(cell))).collect();
        let mut values: Vec<Value<'_>> = rest.iter().map(|x| Value::Constant(*x)).collect();
        for ((slot, _), (frames, cell)) in curves.iter().zip(&moving) {
            values[*slot] = Value::PerFrame { frames, cell: *cell };
        }
        let mut block = Block::new(sound.len(), n);
        sound.iter().enumerate().for_each(|(c, s)| block.channel_mut(c).copy_from_slice(&s[i..i + n]));
        let params = Values::new(&values);
        let mut keys = vec![Block::new(1, n); args.keys()];
        for (k, block) in keys.iter_mut().enumerate() {
            let frames = block.channel_mut(0).iter_mut().enumerate();
            frames.for_each(|(i, x)| *x = key(first_key + k, at + i as i64));
        }
        let keys: Vec<PlanesRef<'_>> = keys.iter().map(|key| key.planes_ref(1, n)).collect();
        flow = p.process(&mut Io { at, audio: block.planes(sound.len(), n), keys: &keys, params });
        sound.iter_mut().enumerate().for_each(|(c, s)| s[i..i + n].copy_from_slice(block.channel(c)));
        i += n;
    }
    flow
}

fn noise(channels: usize, frames: usize) -> Vec<Vec<f64>> {
    (0..channels).map(|c| (0..frames as i64).map(|i| Seed::new(7).with(c as u64).bipolar(i)).collect()).collect()
}

fn whole(args: &Args, curves: &[Curve], setup: &Setup, mut sound: Vec<Vec<f64>>, size: usize) -> Vec<Vec<f64>> {
    let mut p = catalogue::build(args, setup).unwrap();
    let frames = sound[0].len();
    run(&mut *p, args, curves, &mut sound, size, (0, frames));
    sound
}

fn gliding(at: i64) -> f64 {
    200.0 + (at as f64).abs()
}

/// An `eq` of everything, of which one band moves, and a `multiband` of it.
fn everything() -> Vec<(Args, Vec<Curve>)> {
    let bands: Vec<Args> = BANDS.iter().map(|name| args(name, &[])).collect();
    let set = eq(vec![
        args("low_cut", &[("frequency", 30.0), ("slope", 48.0)]),
        args("bell", &[("gain", 6.0)]),
        args("tilt", &[("gain", -3.0)]),
        args("high_cut", &[("slope", 18.0)]),
    ]);
    let own = set.values.len();
    let first = set.children().next().unwrap().slots();
    let multi = args("multiband", &[]).with("low", Arg::Effect(Box::new(set.clone())));
    let inside = multi.values.len() + own + first;
    vec![
        (eq(bands), vec![]),
        (set.clone(), vec![]),
        (set, vec![(own + first, gliding)]),
        (multi, vec![(inside, gliding)]),
    ]
}

#[test]
fn blocks_change_no_bit() {
    for (args, curves) in everything() {
        let expected = whole(&args, &curves, &STEREO, noise(2, 1500), 500);
        for size in [1, 7, 32, 64] {
            assert!(whole(&args, &curves, &STEREO, noise(2, 1500), size) == expected, "{} {size}", args.of.name);
        }
    }
}

#[test]
fn a_saved_state_goes_on_and_a_reset_begins_again() {
    for (args, curves) in everything() {
        let expected = whole(&args, &curves, &STEREO, noise(2, 1500), 64);
        let mut p = catalogue::build(&args, &STEREO).unwrap();
        let mut sound = noise(2, 1500);
        run(&mut *p, &args, &curves, &mut sound, 64, (0, 700));
        let mut state = StateWriter::new();
        p.save(&mut state);
        let bytes = state.into_bytes();
        let mut q = catalogue::build(&args, &STEREO).unwrap();
        let mut reader = StateReader::new(&bytes);
        q.load(&mut reader).unwrap();
        reader.end().unwrap();
        run(&mut *q, &args, &curves, &mut sound, 64, (700, 1500));
        assert!(sound == expected, "{}", args.of.name);
        assert!(q.load(&mut StateReader::new(&bytes[1..])).is_err());
        p.reset();
        let mut sound = noise(2, 1500);
        run(&mut *p, &args, &curves, &mut sound, 64, (0, 1500));
        assert!(sound == expected, "{} reset", args.of.name);
    }
}

#[test]
fn silence_becomes_exact() {
    for (args, curves) in everything() {
        let mut sound = noise(2, 160_000);
        sound.iter_mut().for_each(|s| s[300..].fill(0.0));
        let mut p = catalogue::build(&args, &STEREO).unwrap();
        let flow = run(&mut *p, &args, &curves, &mut sound, 512, (0, 160_000));
        assert_eq!(flow, Flow::Silent, "{}", args.of.name);
        assert!(sound.iter().all(|s| s[150_000..].iter().all(|x| *x == 0.0)), "{}", args.of.name);
    }
}

#[test]
fn the_impulse_response_is_the_response() {
    let mut all: Vec<Args> = BANDS.iter().map(|name| args(name, &[])).collect();
    all.push(args("bell", &[("frequency", 9000.0), ("gain", -9.0), ("q", 4.0)]));
    all.push(args("low_shelf", &[("gain", 12.0)]));
    all.extend([6.0, 18.0, 48.0].map(|slope| args("high_cut", &[("frequency", 3000.0), ("slope", slope)])));
    all.push(everything().swap_remove(2).0);
    all.push(args("multiband", &[]));
    all.push(args("multiband", &[]).with("mid", Arg::Effect(Box::new(args("bell", &[("gain", 6.0)])))));
    let blended = || args("bell", &[("gain", 12.0), ("mix", 50.0), ("output", -3.0)]);
    all.push(eq(vec![args("tilt", &[("gain", 3.0)]), blended()]));
    all.push(args("multiband", &[]).with("mid", Arg::Effect(Box::new(blended()))));
    for channels in [1, 2, 5] {
        let setup = Setup { layout: Layout::new(channels).unwrap(), ..STEREO };
        for args in &all {
            let mut sound = vec![vec![0.0; 40_000]; channels];
            sound.iter_mut().for_each(|s| s[0] = 1.0);
            let out = whole(args, &[], &setup, sound, 512);
            for hz in [60.0, 333.0, 2500.0, 8000.0, 19_000.0] {
                let w = std::f64::consts::TAU * hz / 48_000.0;
                let turn = |i: usize| Complex64::new(math::cos(w * i as f64), -math::sin(w * i as f64));
                let h: Complex64 = out[channels - 1].iter().enumerate().map(|(i, x)| turn(i) * *x).sum();
                let expected = effect(args.of.name).response(args, &setup, Hz::new(hz)).unwrap();
                assert!((h - expected).norm() < 1e-6 * expected.norm() + 1e-9, "{} {hz}: {h} {expected}", args.of.name);
            }
        }
    }
}

#[test]
fn neutral_settings_change_no_bit() {
    for name in ["eq", "bell", "low_shelf", "high_shelf", "tilt"] {
        let args = effect(name).neutral().unwrap();
        let mut sound = noise(2, 600);
        sound[0][3] = -0.0;
        let out = whole(&args, &[], &STEREO, sound.clone(), 512);
        let bits = |s: &[Vec<f64>]| s.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(bits(&out) == bits(&sound), "{name}");
        if name != "eq" {
            let slot = usize::from(name != "tilt");
            let out = whole(&args, &[(slot, |_| 0.0)], &STEREO, sound.clone(), 512);
            assert!(out == sound, "{name} by a curve");
        }
    }
}

#[test]
fn extremes_stay_finite() {
    for name in BANDS {
        let gains = if effect(name).declaration().index_of("gain").is_some() { &[-36.0, 36.0][..] } else { &[0.0] };
        for f in [10.0, 1000.0, 23_520.0] {
            for q in [0.1, 0.7, 100.0] {
                for gain in gains {
                    let mut args = args(name, &[("frequency", f)]);
                    for (param, x) in [("gain", *gain), ("q", q)] {
                        if args.of.index_of(param).is_some() {
                            args = args.with(param, Arg::Number(x));
                        }
                    }
                    let out = whole(&args, &[], &STEREO, noise(2, 4000), 512);
                    let peak = out
                        .iter()
                        .flatten()
                        .fold(0.0f64, |peak, x| if x.is_finite() { peak.max(x.abs()) } else { f64::INFINITY });
                    assert!(peak < 1e5, "{name} {f} {gain} {q}: {peak}");
                }
            }
        }
    }
}

#[test]
fn a_band_that_moves_sounds_like_one_that_stands() {
    for name in BANDS {
        let args = args(name, &[]);
        let slot = args.of.index_of("frequency").unwrap();
        let moving = whole(&args, &[(slot, |_| 700.0)], &STEREO, noise(2, 2000), 512);
        let still = whole(&args.clone().with("frequency", Arg::Number(700.0)), &[], &STEREO, noise(2, 2000), 512);
        let apart = moving[1].iter().zip(&still[1]).fold(0.0f64, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(apart < 1e-9, "{name}: {apart}");
    }
}

/// 20 Hz to 20 kHz in 10 ms, from frame 1000 on.
fn leap(at: i64) -> f64 {
    20.0 * math::pow(1000.0, ((at - 1000) as f64 / 480.0).clamp(0.0, 1.0))
}

#[test]
fn a_leaping_frequency_is_safe() {
    for (name, settings) in [
        ("high_cut", &[("q", 4.0)][..]),
        ("low_cut", &[("q", 4.0)]),
        ("bell", &[("gain", 12.0), ("q", 4.0)]),
        ("high_shelf", &[("gain", 12.0), ("q", 4.0)]),
        ("low_shelf", &[("gain", 12.0), ("q", 4.0)]),
        ("band_pass", &[("q", 4.0)]),
        ("notch", &[]),
    ] {
        let args = args(name, settings);
        let peak = |out: Vec<Vec<f64>>| out.iter().flatten().fold(0.0f64, |peak, x| peak.max(x.abs()));
        let still =
            |f: f64| peak(whole(&args.clone().with("frequency", Arg::Number(f)), &[], &STEREO, noise(2, 4000), 512));
        let highest = [20.0, 100.0, 500.0, 2000.0, 8000.0, 20_000.0].into_iter().map(still).fold(0.0, f64::max);
        let moving = peak(whole(&args, &[(0, leap)], &STEREO, noise(2, 4000), 512));
        assert!(moving <= 2.0 * highest, "{name}: {moving} against {highest}");
    }
}

/// Half a second from one end to the other, from frame 0 on.
fn part(at: i64) -> f64 {
    (at as f64 / 24_000.0).clamp(0.0, 1.0)
}

#[test]
fn sweeps_leave_no_spurs() {
    let sweeps: [(&str, usize, Course); 6] = [
        ("bell", 1, |at| -12.0 + 24.0 * part(at)),
        ("bell", 0, |at| 500.0 * math::pow(4.0, part(at))),
        ("bell", 2, |at| 0.5 + 7.5 * part(at)),
        ("high_shelf", 1, |at| -12.0 + 24.0 * part(at)),
        ("high_shelf", 0, |at| 500.0 * math::pow(4.0, part(at))),
        ("high_shelf", 2, |at| 0.3 + 7.7 * part(at)),
    ];
    const N: usize = 32_768;
    for (name, slot, curve) in sweeps {
        let args = args(name, &[("frequency", 1000.0), ("gain", 9.0)]);
        let sine: Vec<f64> = (0..N).map(|i| math::sin(std::f64::consts::TAU * i as f64 / 48.0)).collect();
        let out = whole(&args, &[(slot, curve)], &Setup { layout: Layout::MONO, ..STEREO }, vec![sine], 512);
        // a window of four terms (Blackman-Harris), -92 dB
        let window = |i: usize| {
            let x = std::f64::consts::TAU * i as f64 / N as f64;
            0.35875 - 0.48829 * math::cos(x) + 0.14128 * math::cos(2.0 * x) - 0.01168 * math::cos(3.0 * x)
        };
        let mut spectrum: Vec<Complex64> =
            out[0].iter().enumerate().map(|(i, x)| Complex64::new(x * window(i), 0.0)).collect();
        rustfft::FftPlanner::new().plan_fft_forward(N).process(&mut spectrum);
        let full = N as f64 * 0.35875 / 2.0;
        let spur = (0..N / 2)
            .filter(|bin| (*bin as f64 * 48_000.0 / N as f64 - 1000.0).abs() > 200.0)
            .fold(0.0f64, |most, bin| most.max(spectrum[bin].norm() / full));
        let spur = 20.0 * math::log10(spur);
        println!("{name} parameter {slot}: {spur:.1} dBFS");
        assert!(spur <= -80.0, "{name} {slot}: {spur}");
    }
}

#[test]
fn a_multiband_of_idle_bands_is_an_all_pass() {
    let idle = || eq(vec![]);
    for (split, bands) in [(vec![120.0], 2), (vec![120.0, 3000.0], 3), (vec![60.0, 250.0, 1000.0, 4000.0, 12_000.0], 6)]
    {
        let plain = args("multiband", &[]).with("split", Arg::Numbers(split));
        let full = plain.clone().with("bands", Arg::Effects((0..bands).map(|_| idle()).collect()));
        let a = whole(&plain, &[], &STEREO, noise(2, 3000), 512);
        let b = whole(&full, &[], &STEREO, noise(2, 3000), 512);
        assert!(a == b);
        for hz in [20.0, 120.0, 700.0, 3000.0, 21_000.0] {
            let level = effect("multiband").response(&full, &STEREO, Hz::new(hz)).unwrap().norm();
            assert!((20.0 * math::log10(level)).abs() < 1e-9, "{hz}");
        }
    }
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let refused = |args: &Args| catalogue::build(args, &STEREO).err().map(|r| r.message).unwrap_or_default();
    let multi = || args("multiband", &[]);
    let one = || Arg::Effect(Box::new(eq(vec![])));
    assert!(refused(&eq(vec![multi()])).contains("`multiband` is no band"));
    let falling = multi().with("split", Arg::Numbers(vec![3000.0, 120.0]));
    assert!(refused(&falling).contains("120Hz is not above the one at 3kHz"), "{}", refused(&falling));
    assert!(refused(&multi().with("split", Arg::Numbers(vec![]))).contains("2 to 6 bands"));
    assert!(refused(&multi().with("split", Arg::Numbers(vec![100.0])).with("mid", one())).contains("no `mid`"));
    assert!(refused(&multi().with("low", one()).with("bands", Arg::Effects(vec![eq(vec![])]))).contains("not both"));
    assert!(refused(&multi().with("bands", Arg::Effects(vec![eq(vec![])]))).contains("2 splits make 3 bands"));
}

fn fade(at: i64) -> f64 {
    100.0 * (at as f64 / 1500.0).clamp(0.0, 1.0)
}

fn switch(at: i64) -> f64 {
    ((at - 700) as f64 / 240.0).clamp(0.0, 1.0)
}

/// `x` and what `f` makes of its samples, the places of the others and the song times.
fn each(x: &[Vec<f64>], w: &[Vec<f64>], f: impl Fn(f64, f64, i64) -> f64) -> Vec<Vec<f64>> {
    let plane = |(x, w): (&Vec<f64>, &Vec<f64>)| {
        x.iter().zip(w).enumerate().map(|(i, (x, w))| f(*x, *w, AT + i as i64)).collect()
    };
    x.iter().zip(w).map(plane).collect()
}

#[test]
fn a_band_of_an_eq_keeps_its_own_mix_switch_channels_and_output() {
    let (first, bell) = (args("low_cut", &[]), args("bell", &[("gain", 9.0)]));
    let before = whole(&first, &[], &STEREO, noise(2, 1500), 512);
    let wet = whole(&bell, &[], &STEREO, before.clone(), 512);
    let inside = |bell: &Args, curves: &[Curve], size: usize| {
        let eq = eq(vec![first.clone(), bell.clone(), args("tilt", &[])]);
        let slot = eq.values.len() + first.slots();
        let curves: Vec<Curve> = curves.iter().map(|(place, f)| (slot + place, *f)).collect();
        whole(&eq, &curves, &STEREO, noise(2, 1500), size)
    };
    let half = inside(&bell.clone().with("mix", Arg::Number(50.0)), &[], 512);
    assert!(half == each(&before, &wet, |x, w, _| x + (w - x) * 0.5));
    let lower = inside(&bell.clone().with("output", Arg::Number(-6.0)), &[], 512);
    assert!(lower == each(&before, &wet, |_, w, _| w * math::from_db(-6.0)));
    let off = inside(&bell.clone().with("on", Arg::Switch(false)), &[], 512);
    assert!(off == before && off != wet);
    let left = inside(&bell.clone().with("channels", Arg::Choice(3)), &[], 512);
    assert!(left[0] == wet[0] && left[1] == before[1], "the left only");
    for size in [512, 7] {
        let mixed = bell.clone().with_moving("mix");
        let slot = mixed.of.index_of("mix").unwrap();
        let faded = inside(&mixed, &[(slot, fade)], size);
        assert!(faded == each(&before, &wet, |x, w, at| x + (w - x) * (fade(at) * 0.01)), "{size}");
        let switched = bell.clone().with_moving("on");
        let slot = switched.of.index_of("on").unwrap();
        let faded = inside(&switched, &[(slot, switch)], size);
        assert!(faded == each(&before, &wet, |x, w, at| if switch(at) == 1.0 { w } else { x + (w - x) * switch(at) }));
    }
    // a part of a mono sound is refused before anything is built
    let mono = Setup { layout: Layout::MONO, ..STEREO };
    let refused = catalogue::shape(&eq(vec![bell.with("channels", Arg::Choice(3))]), &mono).unwrap_err();
    assert!(refused.message.contains("this is mono"), "{}", refused.message);
}

/// A multiband by hand: what is on each band alone, all as late as the latest, summed from the lowest on.
fn by_hand(splits: &[f64], bands: &[Option<(&Args, &[Curve])>], sound: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let frames = sound[0].len();
    let mut input = Block::new(2, frames);
    sound.iter().enumerate().for_each(|(c, plane)| input.channel_mut(c).copy_from_slice(plane));
    let mut blocks = vec![Block::new(2, frames); splits.len() + 1];
    Crossover::new(splits, 2, STEREO.rate).split(AT, &input.planes(2, frames), &mut blocks);
    let latency = |args: &Args| catalogue::shape(args, &STEREO).unwrap().latency.get() as usize;
    let latest = bands.iter().flatten().map(|(args, _)| latency(args)).max().unwrap();
    let (mut sum, mut first_key) = (vec![vec![0.0; frames]; 2], 0);
    for (band, block) in bands.iter().zip(&blocks) {
        let mut here: Vec<Vec<f64>> = (0..2).map(|c| block.channel(c).to_vec()).collect();
        let mut late = latest;
        if let Some((args, curves)) = band {
            let mut p = catalogue::build(args, &STEREO).unwrap();
            run_with_keys(first_key, &mut *p, args, curves, &mut here, 512, (0, frames));
            first_key += args.keys();
            late -= latency(args);
        }
        for (sum, plane) in sum.iter_mut().zip(&here) {
            sum[late..].iter_mut().zip(plane).for_each(|(sum, x)| *sum += x);
        }
    }
    sum
}

fn gaining(at: i64) -> f64 {
    6.0 * (at as f64 / 500.0).clamp(0.0, 1.0)
}

fn sinking(at: i64) -> f64 {
    -20.0 - 20.0 * (at as f64 / 1000.0).clamp(0.0, 1.0)
}

#[test]
fn bands_with_latency_and_with_keys_are_what_they_are_alone() {
    let limiter = args("limiter", &[("ceiling", -20.0)]).with_moving("gain");
    let gain = limiter.of.index_of("gain").unwrap();
    let keyed = || args("compressor", &[("threshold", -40.0), ("ratio", 8.0)]).with("key", Arg::Key);
    let early = keyed().with("lookahead", Arg::Number(5.0)).with_moving("threshold");
    let (bell, keyed) = (args("bell", &[("gain", 6.0), ("mix", 30.0)]), keyed());
    let child = |args: &Args| Arg::Effect(Box::new(args.clone()));
    let two = args("multiband", &[]).with("split", Arg::Numbers(vec![1000.0])).with("high", child(&limiter));
    let own = two.values.len();
    let three = args("multiband", &[]).with("split", Arg::Numbers(vec![300.0, 4000.0]));
    let three = three.with("low", child(&keyed)).with("mid", child(&bell)).with("high", child(&early));
    let last = own + keyed.slots() + bell.slots();
    let (gains, thresholds): ([Curve; 1], [Curve; 1]) = ([(gain, gaining)], [(0, sinking)]);
    for (multi, curves, expected) in [
        (two, (own + gain, gaining as Course), by_hand(&[1000.0], &[None, Some((&limiter, &gains))], noise(2, 3000))),
        (
            three,
            (last, sinking as Course),
            by_hand(
                &[300.0, 4000.0],
                &[Some((&keyed, &[])), Some((&bell, &[])), Some((&early, &thresholds))],
                noise(2, 3000),
            ),
        ),
    ] {
        for size in [512, 32, 7] {
            assert!(whole(&multi, &[curves], &STEREO, noise(2, 3000), size) == expected, "{size}");
        }
        let still = whole(&multi, &[], &STEREO, noise(2, 3000), 512);
        assert!(still != expected, "the curve is heard");
        let idle = args("multiband", &[]).with("split", multi.values[0].clone());
        assert!(still != whole(&idle, &[], &STEREO, noise(2, 3000), 512), "so are the effects");
    }
}
