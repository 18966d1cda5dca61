//! Laws that hold for every effect of the catalogue, by one loop: what they try is derived from the declarations, so that a new effect is
//! covered the day it appears.

mod support;

use mixdown::audio::rng::Seed;
use mixdown::audio::{Layout, math};
use mixdown::dsp::catalogue::{self, CATALOGUE};
use mixdown::dsp::{Arg, Args, COMMON, Category, Flow, Kind, Tail};
use mixdown::units::Hz;
use rustfft::{FftPlanner, num_complex::Complex64};
use support::cases::{BLOCK, Case, everything, setup};
use support::runner::{Runner, START};

type Sound = Vec<Vec<f64>>;

/// Noise of a level, the same at every run, with a hole of silence in the middle.
fn noise(layout: Layout, frames: usize, level: f64) -> Sound {
    let hole = frames / 2..frames / 2 + frames / 8;
    let sample = |seed: Seed, i: usize| if hole.contains(&i) { 0.0 } else { seed.bipolar(i as i64) * level };
    (0..layout.channels())
        .map(|channel| {
            let seed = Seed::of("noise").with(channel as u64);
            (0..frames).map(|i| sample(seed, i)).collect()
        })
        .collect()
}

fn silence(layout: Layout, frames: usize) -> Sound {
    vec![vec![0.0; frames]; layout.channels()]
}

fn bits(sound: &Sound) -> impl Iterator<Item = u64> {
    sound.iter().flatten().map(|x| x.to_bits())
}

fn assert_same(a: &Sound, b: &Sound, what: &str) {
    if let Some(at) = bits(a).zip(bits(b)).position(|(a, b)| a != b) {
        let (channel, frame) = (at / a[0].len(), at % a[0].len());
        panic!("{what}: channel {channel}, frame {frame}: {:e} and {:e}", a[channel][frame], b[channel][frame]);
    }
    assert_eq!(bits(a).count(), bits(b).count(), "{what}");
}

/// The same sound and the same state whatever the blocks, after a reset as when fresh, and nothing allocated on the way.
#[test]
fn blocks_do_not_matter_and_nothing_is_allocated() {
    for case in everything() {
        let frames = if case.variant { 1500 } else { 3000 } + case.shape.latency.get() as usize;
        let sound = noise(case.setup.layout, frames, 0.5);
        let mut runner = Runner::new(&case);
        let fresh = runner.state();
        let whole = frames.min(BLOCK);
        let (expected, _) = runner.run(&sound, whole);
        let state = runner.state();
        let sizes: &[usize] = if case.variant { &[whole, 7, 500] } else { &[whole, 1, 7, 32, 64, 500] };
        for size in sizes {
            runner.processor.reset();
            runner.at = START;
            assert!(runner.state() == fresh, "{}: reset is fresh", case.what);
            let (result, _) = runner.run(&sound, *size);
            assert_same(&expected, &result, &format!("{}: blocks of {size} after a reset", case.what));
            assert!(runner.state() == state, "{}: the state after blocks of {size}", case.what);
        }
        assert_eq!(runner.allocated, 0, "{}: allocations while processing", case.what);
    }
}

/// A state that is saved and loaded goes on as if nothing had happened, in a fresh processor and in a used one.
#[test]
fn a_loaded_state_goes_on_bit_for_bit() {
    for case in everything() {
        let latency = case.shape.latency.get() as usize;
        let sound = noise(case.setup.layout, 2000 + latency, 0.5);
        let cut = 877 + latency / 2;
        let (head, tail): (Sound, Sound) =
            sound.iter().map(|plane| (plane[..cut].to_vec(), plane[cut..].to_vec())).unzip();
        let mut first = Runner::new(&case);
        first.run(&head, 64);
        let (state, at) = (first.state(), first.at);
        let (expected, _) = first.run(&tail, 64);
        let end = first.state();
        let mut second = Runner::new(&case);
        for runner in [&mut second, &mut first] {
            runner.load(&state);
            assert!(runner.state() == state, "{}: a state is saved as it was loaded", case.what);
            runner.at = at;
            let (result, _) = runner.run(&tail, 500);
            assert_same(&expected, &result, &format!("{}: after loading", case.what));
            assert!(runner.state() == end, "{}: the state after loading and going on", case.what);
        }
        if !state.is_empty() {
            let mut reader = mixdown::audio::StateReader::new(&state[..state.len() - 1]);
            assert!(first.processor.load(&mut reader).is_err(), "{}: a state cut short is an error", case.what);
        }
    }
}

/// Whatever finite comes in, nothing else goes out.
#[test]
fn finite_stays_finite() {
    for case in everything() {
        let part = if case.variant { 250 } else { 600 };
        let kinds: [fn(f64, usize) -> f64; 6] = [
            |noise, _| noise,
            |noise, _| noise * 1000.0,
            |_, _| 1.0,
            |noise, _| noise * 1e-309,
            |_, i| if i % 100 == 0 { 1.0 } else { 0.0 },
            |_, i| if i % 2 == 0 { 1.0 } else { -1.0 },
        ];
        let seed = Seed::of("finite");
        let mut plane: Vec<f64> = (0..6 * part).map(|i| kinds[i / part](seed.bipolar(i as i64), i)).collect();
        plane.resize(6 * part + case.shape.latency.get() as usize, 0.0);
        let sound = vec![plane; case.setup.layout.channels()];
        let (result, _) = Runner::new(&case).run(&sound, 512);
        let bad = result.iter().flatten().position(|x| !x.is_finite());
        assert_eq!(bad, None, "{}: not finite", case.what);
    }
}

/// When the input has ended and the tail is over there is nothing: exact zeros, and the processor says that it rests.
#[test]
fn silence_becomes_exact_silence() {
    for case in everything() {
        let rate = case.setup.rate.get() as usize;
        // one that moves or stands at an extreme may ring for minutes: it has to become quieter
        let strict = !case.variant && case.args.moving.is_empty() && rate == 48_000;
        let latency = case.shape.latency.get() as usize;
        let over = match case.shape.tail {
            Tail::Sounds(frames) if frames.get() as usize > 5 * rate => continue,
            Tail::Sounds(frames) => frames.get() as usize,
            Tail::None | Tail::Rings => 0,
        };
        let limit = if strict { 30 * rate } else { rate / 4 };
        let mut runner = Runner::new(&case);
        let (mut loud, _) = runner.run(&noise(case.setup.layout, 700, 0.5), 500);
        let (ringing, _) = runner.run(&silence(case.setup.layout, latency + over.max(1)), BLOCK);
        loud.extend(ringing);
        let peak = |sound: &Sound| sound.iter().flatten().fold(0.0, |a: f64, x| a.max(x.abs()));
        let (mut last, mut rests, mut frames) = (loud, false, 0);
        let before = peak(&last);
        let pause = silence(case.setup.layout, BLOCK);
        while !rests && frames < limit {
            let (result, flows) = runner.run(&pause, BLOCK);
            rests = flows.iter().all(|(_, flow)| *flow == Flow::Silent);
            (last, frames) = (result, frames + BLOCK);
            if matches!(case.shape.tail, Tail::None) || matches!(case.shape.tail, Tail::Sounds(_)) && frames > rate {
                assert_eq!(peak(&last), 0.0, "{}: silent once its tail is over", case.what);
            }
        }
        let rest = peak(&last);
        assert!(rest == 0.0 || rest > 1e-60, "{}: still at {rest:e}, states are to be flushed to zero", case.what);
        assert!(rest <= before, "{}: quieter after {frames} frames of silence", case.what);
        if strict {
            assert!(rests, "{}: at rest after {frames} frames of silence, still at {rest:e}", case.what);
        }
        if rests {
            let state = runner.state();
            runner.run(&pause, 100);
            assert!(runner.state() == state, "{}: at rest, silence changes nothing", case.what);
        }
    }
}

/// A neutral setting gives back its input bit for bit, late by what is declared; also half mixed, and switched on and off meanwhile.
#[test]
fn neutral_is_bit_exact() {
    for (effect, layout) in CATALOGUE.iter().flat_map(|e| [(e, Layout::STEREO), (e, Layout::MONO)]) {
        let Some(args) = effect.neutral() else { continue };
        assert_eq!(args.of.name, effect.declaration().name);
        let frames = BLOCK;
        let cases = [
            ("neutral", args.clone()),
            ("neutral, half mixed", args.clone().with("mix", Arg::Number(37.0))),
            ("neutral, on and off", args.clone().with_moving("on").with_moving("mix")),
            ("neutral, its middle", args.clone().with("channels", Arg::Choice(1))),
            ("neutral, its right", args.with("channels", Arg::Choice(4))),
        ];
        for (what, args) in cases {
            let Some(case) = Case::new(what.to_owned(), args, setup(48_000, layout, BLOCK)) else { continue };
            let latency = case.shape.latency.get() as usize;
            let sound = noise(layout, frames + latency, 0.7);
            let (result, _) = Runner::new(&case).run(&sound, 500);
            for (out, plane) in result.iter().zip(&sound) {
                assert!(
                    out[..latency.min(out.len())].iter().all(|x| *x == 0.0),
                    "{}: nothing before {latency}",
                    case.what
                );
                let same = out[latency..].iter().zip(plane).position(|(a, b)| a != b);
                assert_eq!(same, None, "{}: bit for bit, {latency} frames late", case.what);
            }
        }
    }
}

/// A linear effect does what it says: its measured response is within 0.01 dB of its own formula, in phase too (1.15e-3 of it).
#[test]
fn responses_are_what_is_measured() {
    const N: usize = 1 << 15;
    let fft = FftPlanner::new().plan_fft_forward(N);
    let (mut tried, mut measured) = (0, 0);
    for case in everything() {
        let response = |bin: usize| {
            let frequency = Hz::new(bin as f64 * case.setup.rate.hz() / N as f64);
            catalogue::response(&case.args, &case.setup, frequency)
        };
        if response(1000).is_none() {
            continue;
        }
        tried += 1;
        let mut sound = silence(case.setup.layout, N);
        sound.iter_mut().for_each(|plane| plane[0] = 1.0);
        let (result, _) = Runner::new(&case).run(&sound, 4000);
        for plane in &result {
            let size = |part: &[f64]| part.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
            // an impulse response that does not end in time cannot be measured this way: a high q at a low frequency
            if size(&plane[N - N / 16..]) > 1e-8 {
                continue;
            }
            measured += 1;
            let mut spectrum: Vec<Complex64> = plane.iter().map(|x| Complex64::new(*x, 0.0)).collect();
            fft.process(&mut spectrum);
            let bins = (0..48).map(|i| math::exp2(2.0 + f64::from(i) * 0.27) as usize).filter(|bin| *bin < N / 2 - 1);
            for bin in bins {
                let expected = response(bin).unwrap_or_else(|| panic!("{}: a response at every frequency", case.what));
                let error = (spectrum[bin] - expected).norm();
                assert!(
                    error < 1.15e-3 * expected.norm() + 1e-7,
                    "{}: bin {bin}: measured {}, declared {expected}",
                    case.what,
                    spectrum[bin]
                );
            }
        }
    }
    assert!(measured > 0 && measured * 2 > tried, "{measured} impulse responses of {tried} cases could be measured");
}

/// The lag of `out` against `input` where they are most alike, by phase alone (generalised cross-correlation with phase transform; Knapp and
/// Carter 1976), and how alike: 1 for a pure delay.
fn lag(input: &[f64], out: &[f64]) -> (i64, f64) {
    let n = (input.len() + out.len()).next_power_of_two();
    let mut planner = FftPlanner::new();
    let spectrum = |x: &[f64], planner: &mut FftPlanner<f64>| {
        let mut x: Vec<Complex64> = x.iter().map(|x| Complex64::new(*x, 0.0)).collect();
        x.resize(n, Complex64::new(0.0, 0.0));
        planner.plan_fft_forward(n).process(&mut x);
        x
    };
    let (a, b) = (spectrum(input, &mut planner), spectrum(out, &mut planner));
    let phase = |(a, b): (&Complex64, &Complex64)| {
        let cross = b * a.conj();
        if cross.norm() > 1e-14 { cross / cross.norm() } else { Complex64::new(0.0, 0.0) }
    };
    let mut cross: Vec<Complex64> = a.iter().zip(&b).map(phase).collect();
    planner.plan_fft_inverse(n).process(&mut cross);
    let best = (0..n).max_by(|i, j| cross[*i].norm().total_cmp(&cross[*j].norm())).unwrap_or(0);
    let lag = if best > n / 2 { best as i64 - n as i64 } else { best as i64 };
    (lag, cross[best].norm() / n as f64)
}

/// What is declared as latency is how late the sound is. Echoes and modulated delays are late on purpose: of them only that nothing comes
/// too early is asked.
#[test]
fn latency_is_what_is_declared() {
    let usual = |case: &Case| {
        let args = Args::defaults(case.args.of);
        catalogue::shape(&args, &case.setup).map_or(0, |shape| shape.latency.get())
    };
    for case in everything().filter(|case| !case.variant || case.shape.latency.get() != usual(case)) {
        let latency = case.shape.latency.get();
        // noise that stands still, so that dynamics do
        let frames = 8192 + latency as usize;
        let sound: Sound = (0..case.setup.layout.channels())
            .map(|channel| (0..frames).map(|i| 0.2 * Seed::of("lag").with(channel as u64).bipolar(i as i64)).collect())
            .collect();
        let (result, _) = Runner::new(&case).run(&sound, 512);
        if result[0].iter().all(|x| x.abs() < 1e-9) {
            continue;
        }
        let (lag, alike) = lag(&sound[0], &result[0]);
        if alike < 0.15 {
            continue;
        }
        // minimum-phase filters disperse by a few frames; a sound that was held back does not
        let tolerance = if latency == 0 { 4 } else { 2 };
        assert!(lag >= latency - tolerance, "{}: it comes {lag} frames late, {latency} declared", case.what);
        let on_purpose = matches!(case.args.of.category, Category::Space | Category::Movement | Category::Pitch);
        if !on_purpose {
            assert!(lag <= latency + tolerance, "{}: it comes {lag} frames late, {latency} declared", case.what);
        }
    }
}

#[test]
fn declarations_are_sound() {
    let snake = |name: &str| {
        let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(ok)
    };
    let sentence = |help: &str| !help.is_empty() && help.trim() == help && !help.contains('\n') && !help.ends_with('.');
    for (place, effect) in CATALOGUE.iter().enumerate() {
        let of = effect.declaration();
        let twin = CATALOGUE[..place].iter().any(|other| other.declaration().name == of.name);
        assert!(!twin && snake(of.name) && of.version >= 1, "{}", of.name);
        assert!(sentence(of.help), "{}: {:?}", of.name, of.help);
        for (index, param) in of.all_params().enumerate() {
            let what = format!("{}({})", of.name, param.name);
            assert_eq!(of.index_of(param.name), Some(index), "{what}: said twice");
            assert!(snake(param.name) && sentence(param.help), "{what}: {:?}", param.help);
            match &param.kind {
                Kind::Number(n) => {
                    assert!(n.min < n.max, "{what}: {}..{}", n.min, n.max);
                    assert!(n.default.is_none_or(|x| (n.min..=n.max).contains(&x)), "{what}: default {:?}", n.default);
                    let steps_fit = n.steps.iter().all(|x| (n.min..=n.max).contains(x));
                    assert!(steps_fit && n.steps.is_sorted(), "{what}: steps {:?}", n.steps);
                    let default_is_a_step = n.default.is_none_or(|x| n.steps.contains(&x));
                    assert!(n.steps.is_empty() || default_is_a_step && !n.curve, "{what}: steps {:?}", n.steps);
                }
                Kind::Choice { options, default } => {
                    assert!(options.len() > 1 && *default < options.len(), "{what}");
                    assert!((1..options.len()).all(|i| !options[..i].contains(&options[i])), "{what}: a word twice");
                }
                Kind::Numbers { min, max, default, .. } => {
                    assert!(min < max && default.iter().all(|x| (min..=max).contains(&x)), "{what}");
                }
                _ => {}
            }
        }
        assert_eq!(of.all_params().count(), of.params.len() + COMMON.len());
    }
}
