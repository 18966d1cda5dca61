//! The equaliser of linear phase: against the minimum-phase one, frequency by frequency, and in time.

mod sessions;
#[allow(dead_code, reason = "the laws use the rest of it")]
mod support;

use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, Layout, math};
use mixdown::dsp::catalogue;
use mixdown::dsp::{Arg, Args, Io, Setup, Value, Values};
use mixdown::units::{Hz, Rate};
use rustfft::{FftPlanner, num_complex::Complex64};
use sessions::{Session, noise, sine};
use support::cases::{BLOCK, Case, setup};
use support::runner::Runner;

fn band(name: &str, settings: &[(&str, f64)]) -> Args {
    let declaration = catalogue::declaration(name).unwrap();
    settings.iter().fold(Args::defaults(declaration), |args, (name, x)| args.with(name, Arg::Number(*x)))
}

fn eq(bands: Vec<Args>, linear: bool) -> Args {
    let eq = Args::defaults(catalogue::declaration("eq").unwrap());
    eq.with("bands", Arg::Effects(bands)).with("phase", Arg::Choice(usize::from(linear)))
}

fn case(args: Args, rate: u32, layout: Layout) -> Case {
    Case::new(String::new(), args, setup(rate, layout, BLOCK)).expect("it is accepted")
}

/// Its impulse response, `n` frames of it.
fn impulse(args: &Args, rate: u32, n: usize) -> Vec<f64> {
    let case = case(args.clone(), rate, Layout::MONO);
    let mut sound = vec![vec![0.0; n]];
    sound[0][0] = 1.0;
    Runner::new(&case).run(&sound, BLOCK).0.remove(0)
}

fn latency(rate: u32) -> usize {
    case(eq(vec![], true), rate, Layout::MONO).shape.latency.get() as usize
}

fn to_db(x: f64) -> f64 {
    20.0 * math::log10(x)
}

fn worst(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn it_is_symmetric_about_its_latency() {
    for rate in [44_100, 48_000, 96_000, 192_000] {
        let bands = vec![band("low_shelf", &[("gain", 6.0)]), band("bell", &[("gain", -9.0), ("q", 5.0)])];
        let late = latency(rate);
        let response = impulse(&eq(bands, true), rate, 2 * late + 1);
        let error = (0..late).map(|i| (response[late - i] - response[late + i]).abs()).fold(0.0, f64::max);
        assert!(error < 1e-12, "{rate}: {error:e}");
    }
    assert_eq!([44_100, 48_000, 96_000, 192_000].map(latency), [10_240, 10_240, 20_480, 40_960]);
}

/// A band, its settings, the error in dB that it may have, and the level above which it is looked at.
type Promise = (&'static str, &'static [(&'static str, f64)], f64, f64);

/// Every kind of band, from where the response is long enough on.
#[test]
fn its_curve_is_that_of_the_minimum_phase_eq() {
    let all: [Promise; 18] = [
        ("bell", &[("frequency", 1000.0), ("gain", 12.0), ("q", 1.0)], 0.001, -60.0),
        ("bell", &[("frequency", 1000.0), ("gain", -12.0), ("q", 10.0)], 0.001, -60.0),
        ("bell", &[("frequency", 60.0), ("gain", 12.0), ("q", 1.0)], 0.01, -60.0),
        ("bell", &[("frequency", 100.0), ("gain", 12.0), ("q", 4.0)], 0.1, -60.0),
        ("bell", &[("frequency", 16_000.0), ("gain", 12.0), ("q", 0.5)], 0.001, -60.0),
        ("low_shelf", &[("frequency", 20.0), ("gain", 12.0), ("q", 0.707)], 0.01, -60.0),
        ("low_shelf", &[("frequency", 30.0), ("gain", -6.0), ("q", 0.707)], 0.001, -60.0),
        ("low_shelf", &[("frequency", 100.0), ("gain", 6.0), ("q", 0.707)], 0.001, -60.0),
        ("high_shelf", &[("frequency", 8000.0), ("gain", 6.0), ("q", 0.707)], 0.001, -60.0),
        ("tilt", &[("gain", 6.0)], 0.001, -60.0),
        ("low_cut", &[("frequency", 30.0), ("slope", 12.0)], 0.01, -40.0),
        ("low_cut", &[("frequency", 80.0), ("slope", 24.0)], 0.01, -60.0),
        ("low_cut", &[("frequency", 200.0), ("slope", 48.0)], 0.01, -60.0),
        ("high_cut", &[("frequency", 8000.0), ("slope", 48.0)], 0.001, -60.0),
        ("high_cut", &[("frequency", 200.0), ("slope", 6.0)], 0.01, -60.0),
        ("band_pass", &[("frequency", 500.0), ("q", 2.0)], 0.1, -40.0),
        ("notch", &[("frequency", 1000.0), ("q", 1.0)], 0.1, -30.0),
        ("notch", &[("frequency", 50.0), ("q", 0.5)], 0.5, -12.0),
    ];
    for rate in [44_100, 48_000, 96_000, 192_000] {
        let late = latency(rate);
        let n = (4 * late).next_power_of_two();
        let fft = FftPlanner::new().plan_fft_forward(n);
        for (name, settings, within, above) in all {
            let one = band(name, settings);
            let response = impulse(&eq(vec![one.clone()], true), rate, n);
            let mut spectrum: Vec<Complex64> = response.iter().map(|x| Complex64::new(*x, 0.0)).collect();
            fft.process(&mut spectrum);
            // a response of N frames is right from 2 rate / N on
            let taps = late * 8 / 5;
            let setup = setup(rate, Layout::MONO, BLOCK);
            let hz = |bin: usize| bin as f64 * f64::from(rate) / n as f64;
            let mut most: f64 = 0.0;
            let mut bin = 2 * n / taps;
            while bin < n / 2 {
                let expected = catalogue::response(&one, &setup, Hz::new(hz(bin))).unwrap().norm();
                if to_db(expected) > above {
                    most = most.max(to_db(spectrum[bin].norm() / expected).abs());
                }
                bin += 1 + bin / 64;
            }
            println!("{rate} {name} {settings:?}: {most:.5} dB");
            assert!(most < within, "{name} {settings:?} at {rate}: {most} dB");
        }
    }
}

#[test]
fn it_says_what_it_is() {
    let bands = vec![
        band("low_shelf", &[("frequency", 40.0), ("gain", 9.0)]),
        band("bell", &[("gain", -6.0), ("q", 3.0), ("mix", 40.0), ("output", -2.0)]),
        band("high_cut", &[("frequency", 9000.0)]).with("on", Arg::Switch(false)),
    ];
    let (args, n) = (eq(bands.clone(), true), 1 << 16);
    let mut spectrum: Vec<Complex64> = impulse(&args, 48_000, n).iter().map(|x| Complex64::new(*x, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(n).process(&mut spectrum);
    let setup = setup(48_000, Layout::MONO, BLOCK);
    for bin in [3, 10, 30, 100, 500, 1366, 5000, 20_000, 32_000] {
        let hz = Hz::new(bin as f64 * 48_000.0 / n as f64);
        let declared = catalogue::response(&args, &setup, hz).unwrap();
        assert!((declared - spectrum[bin]).norm() < 1e-9 * declared.norm(), "{bin}: {declared} {}", spectrum[bin]);
        // a band's mix is one of amplitudes: nothing is turned against anything
        let bare = |name: &str, settings: &[(&str, f64)]| {
            catalogue::response(&band(name, settings), &setup, hz).unwrap().norm()
        };
        let bell = 1.0 + 0.4 * (bare("bell", &[("gain", -6.0), ("q", 3.0)]) - 1.0);
        let expected = bare("low_shelf", &[("frequency", 40.0), ("gain", 9.0)]) * bell * math::pow(10.0, -0.1);
        if bin > 10 {
            assert!(to_db(declared.norm() / expected).abs() < 0.01, "{bin}: {} {expected}", declared.norm());
        }
    }
    let moving = eq(vec![bands[0].clone().with_moving("gain")], true);
    assert!(catalogue::response(&moving, &setup, Hz::new(100.0)).is_none());
}

/// What runs through `args` when the slot of its first band's parameter is what `curve` says at a frame of song time.
fn follow(args: &Args, place: usize, sound: &[f64], blocks: usize, curve: impl Fn(i64) -> f64) -> Vec<f64> {
    let setup = Setup { rate: Rate::STUDIO, layout: Layout::MONO, block: BLOCK, seed: Seed::new(1) };
    let mut processor = catalogue::build(args, &setup).unwrap();
    let child = args.children().next().unwrap();
    let number = |arg: &Arg| match arg {
        Arg::Number(x) => *x,
        Arg::Switch(on) => f64::from(u8::from(*on)),
        _ => 0.0,
    };
    let still: Vec<f64> = args.values.iter().chain(&child.values).map(number).collect();
    let slot = args.values.len() + place;
    let late = catalogue::delays(args, &setup).unwrap()[slot].get();
    let mut out = Vec::new();
    let mut block = Block::new(1, BLOCK);
    for (index, piece) in sound.chunks(blocks).enumerate() {
        let at = (index * blocks) as i64;
        let frames: Vec<f64> = (0..piece.len() as i64).map(|i| curve(at + i - late)).collect();
        let mut values: Vec<Value<'_>> = still.iter().map(|x| Value::Constant(*x)).collect();
        values[slot] = Value::PerFrame { frames: &frames, cell: curve((at - late).div_euclid(32) * 32) };
        block.channel_mut(0)[..piece.len()].copy_from_slice(piece);
        let audio = block.planes(1, piece.len());
        processor.process(&mut Io { at, audio, keys: &[], params: Values::new(&values) });
        out.extend(&block.channel(0)[..piece.len()]);
    }
    out
}

#[test]
fn a_curve_that_stands_still_is_no_curve() {
    let bell = band("bell", &[("frequency", 700.0), ("gain", 5.0)]);
    let sound = noise(1, 1, 40_000, 0.5).remove(0);
    let moving = follow(&eq(vec![bell.clone().with_moving("gain")], true), 1, &sound, 1000, |_| 5.0);
    let still = Runner::new(&case(eq(vec![bell], true), 48_000, Layout::MONO)).run(&[sound], 1000).0.remove(0);
    // the runner's song begins elsewhere, so partitions do; from the last few digits on nothing may differ
    assert!(worst(&moving, &still) < 1e-14);
}

#[test]
fn a_curve_that_moves_is_heard_where_it_is_written() {
    // a sine in the middle of a bell, whose gain goes from -6 to 6 dB and back once a second
    let bell = band("bell", &[("frequency", 1000.0), ("q", 0.5)]).with_moving("gain");
    let level = |at: i64| 6.0 * math::sin(std::f64::consts::TAU * at as f64 / 48_000.0);
    let sound = sine(1000.0, 1, 144_000, 0.5).remove(0);
    let args = eq(vec![bell], true);
    let out = follow(&args, 1, &sound, 512, level);
    assert_eq!(out, follow(&args, 1, &sound, 4096, level), "whatever the blocks");
    let late = latency(48_000);
    let error: Vec<f64> =
        (24_000..120_000).map(|n| out[n + late] - sound[n] * math::from_db(level(n as i64))).collect();
    let rms = (error.iter().map(|x| x * x).sum::<f64>() / error.len() as f64).sqrt();
    println!("{:.1} dBFS", to_db(rms));
    assert!(to_db(rms) < -55.0, "{}", to_db(rms));
    // what is beside the sine: nothing that belongs to the grid
    let n = 1 << 16;
    let window = |i: usize| {
        let x = std::f64::consts::TAU * i as f64 / n as f64;
        0.35875 - 0.48829 * math::cos(x) + 0.14128 * math::cos(2.0 * x) - 0.01168 * math::cos(3.0 * x)
    };
    let mut spectrum: Vec<Complex64> =
        (0..n).map(|i| Complex64::new(out[late + 24_000 + i] * window(i), 0.0)).collect();
    FftPlanner::new().plan_fft_forward(n).process(&mut spectrum);
    let level = |x: &Complex64| to_db(x.norm() / (0.35875 * n as f64 / 2.0));
    let beside = spectrum[..n / 2].iter().enumerate().filter(|(bin, _)| {
        let hz = *bin as f64 * 48_000.0 / n as f64;
        !(800.0..1200.0).contains(&hz)
    });
    let spur = beside.map(|(_, x)| level(x)).fold(f64::NEG_INFINITY, f64::max);
    println!("spur {spur:.1} dBFS");
    assert!(spur < -90.0, "{spur}");
}

#[test]
fn what_does_nothing_changes_no_bit() {
    let off = band("bell", &[("gain", 12.0)]).with("on", Arg::Switch(false));
    for bands in [vec![], vec![band("bell", &[]), band("low_shelf", &[]), band("tilt", &[]), off]] {
        for (rate, layout) in [(44_100, Layout::MONO), (48_000, Layout::STEREO), (96_000, Layout::STEREO)] {
            let late = latency(rate);
            let sound = noise(2, layout.channels(), late + 5000, 0.9);
            let case = case(eq(bands.clone(), true), rate, layout);
            for (out, plane) in Runner::new(&case).run(&sound, 777).0.iter().zip(&sound) {
                assert!(out[..late].iter().all(|x| *x == 0.0) && out[late..] == plane[..5000]);
            }
        }
    }
    // so does a frequency that moves while there is no gain
    let sound = noise(3, 1, 30_000, 0.9).remove(0);
    let args = eq(vec![band("bell", &[]).with_moving("frequency")], true);
    let out = follow(&args, 0, &sound, 500, |at| 1000.0 + at as f64 * 0.1);
    assert_eq!(out[latency(48_000)..], sound[..30_000 - latency(48_000)]);
}

#[test]
fn mono_stays_mono_and_silence_silence() {
    let case = case(eq(vec![band("bell", &[("gain", 6.0)])], true), 48_000, Layout::STEREO);
    let (one, none) = (noise(4, 1, 30_000, 0.5).remove(0), vec![0.0; 30_000]);
    let out = Runner::new(&case).run(&[one.clone(), one.clone()], 999).0;
    assert_eq!(out[0], out[1]);
    let out = Runner::new(&case).run(&[none, one], 999).0;
    assert!(out[0].iter().all(|x| *x == 0.0) && out[1].iter().any(|x| *x != 0.0));
}

#[test]
fn what_it_cannot_be_is_refused_with_a_way_out() {
    let refused = |band: Args| {
        let refused = catalogue::shape(&eq(vec![band], true), &setup(48_000, Layout::STEREO, BLOCK)).unwrap_err();
        assert_eq!(refused.param, Some(0));
        format!("{}; {}", refused.message, refused.help.unwrap())
    };
    let all_pass = refused(band("all_pass", &[]));
    assert!(all_pass.contains("only turns the phase") && all_pass.contains("phase: \"minimum\""), "{all_pass}");
    let channels = refused(band("bell", &[]).with("channels", Arg::Choice(1)));
    assert!(channels.contains("set `channels` on the `eq`"), "{channels}");
    let side = eq(vec![band("bell", &[("gain", 3.0)])], true).with("channels", Arg::Choice(2));
    assert!(catalogue::build(&side, &setup(48_000, Layout::STEREO, BLOCK)).is_ok());
}

/// Tracks are as late as the latest of them: what an eq of linear phase takes away another gives back.
#[test]
fn a_session_waits_for_it() {
    let session = Session::new().wav("a.wav", 48_000, 32, &noise(5, 2, 60_000, 0.5));
    let null = |left: &str, right: &str| {
        let out = session.render(&format!(
            "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\"){left};\ntrack(\"b\", \"a.wav\"){right}.polarity();\n\
             deliver(mix, \"mix.wav\", bits: 32);"
        ));
        let samples = out.samples("mix.wav");
        assert_eq!(samples[0].len(), 60_000);
        samples.iter().flatten().fold(0.0, |a: f64, x| a.max(x.abs()))
    };
    assert_eq!(null(".insert(eq(bell(1kHz, 0dB), phase: \"linear\"))", ""), 0.0, "a neutral one");
    let there = ".insert(eq(bell(1kHz, 6dB, q: 2), high_shelf(8kHz, 3dB), phase: \"linear\"))";
    let back = ".insert(eq(bell(1kHz, -6dB, q: 2), high_shelf(8kHz, -3dB), phase: \"linear\"))";
    let rest = null(&format!("{there}{back}"), "");
    assert!(to_db(rest) < -100.0, "{}", to_db(rest));
    assert!(null(there, "") > 0.05, "one alone is heard");
    // and moving ones: only the bits of 32-bit files are left
    let moving = |sign: f64| {
        format!(".insert(eq(bell(1kHz, [0s: {}dB, 1s: {}dB], q: 1), phase: \"linear\"))", 3.0 * sign, -3.0 * sign)
    };
    assert_eq!(null(&moving(1.0), &moving(1.0)), 0.0, "the same curve twice");
    assert!(to_db(null(&format!("{}{}", moving(1.0), moving(-1.0)), "")) < -35.0, "there and back while it moves");
}

#[test]
fn the_ends_of_every_range_are_finite() {
    for (name, gains) in [
        ("low_cut", &[0.0][..]),
        ("high_cut", &[0.0]),
        ("bell", &[-36.0, 36.0]),
        ("low_shelf", &[-36.0, 36.0]),
        ("high_shelf", &[-36.0, 36.0]),
        ("notch", &[0.0]),
        ("band_pass", &[0.0]),
        ("tilt", &[-36.0, 36.0]),
    ] {
        for (frequency, gain) in [10.0, 23_520.0].into_iter().flat_map(|f| gains.iter().map(move |g| (f, *g))) {
            for q in [0.1, 100.0] {
                let has = |param: &str| catalogue::declaration(name).unwrap().index_of(param).is_some();
                let all = [("frequency", frequency), ("gain", gain), ("q", q), ("slope", 6.0)];
                let settings: Vec<(&str, f64)> = all.into_iter().filter(|(param, _)| has(param)).collect();
                let response = impulse(&eq(vec![band(name, &settings)], true), 48_000, 20_480);
                let size = response.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
                assert!(response.iter().all(|x| x.is_finite()) && size < 1e4, "{name} {settings:?}: {size}");
            }
        }
    }
}
