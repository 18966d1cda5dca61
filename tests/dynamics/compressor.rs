use mixdown::audio::math;
use mixdown::dsp::{Arg, Flow};

use crate::rig::{Rig, args, db, level, n, noise, rms, sameness, sine, spectrum};

const RATE: u32 = 48_000;

/// What the paper's equation 4 says, in dB.
fn reduction(x: f64, threshold: f64, ratio: f64, knee: f64) -> f64 {
    let over = x - threshold;
    if 2.0 * over < -knee {
        0.0
    } else if 2.0 * over <= knee {
        (1.0 - 1.0 / ratio) * (over + knee / 2.0) * (over + knee / 2.0) / (2.0 * knee)
    } else {
        (1.0 - 1.0 / ratio) * over
    }
}

/// The settled gain in dB for a constant input.
fn settled(x: f64, with: &[(&str, Arg)]) -> f64 {
    let mut with = with.to_vec();
    with.push(("attack", n(1.0)));
    let out = Rig::new(args("compressor", &with), RATE, 1).run(&[vec![level(x); 2400]], 500);
    db(out[0][2399]) - x
}

#[test]
fn the_static_curve_is_the_formula() {
    let mut worst = 0.0f64;
    for (threshold, ratio, knee) in [(-18.0, 2.0, 6.0), (-30.0, 10.0, 0.0), (-24.0, 4.0, 12.0)] {
        for x in -60..=0 {
            let x = f64::from(x);
            let with = [("threshold", n(threshold)), ("ratio", n(ratio)), ("knee", n(knee)), ("range", n(60.0))];
            worst = worst.max((settled(x, &with) + reduction(x, threshold, ratio, knee)).abs());
        }
    }
    println!("static curve: {worst:e} dB");
    assert!(worst < 0.05);
    // the knee has no kink: the slope changes nowhere by more than the bend itself allows
    let gain = |x: f64| settled(x, &[("knee", n(12.0)), ("ratio", n(4.0))]);
    for x in (-26..-10).map(f64::from) {
        let bend = gain(x + 0.5) - 2.0 * gain(x) + gain(x - 0.5);
        assert!(bend.abs() <= 0.75 / 12.0 * 0.25 + 1e-6, "{x}: {bend}");
    }
    assert!((settled(0.0, &[("ratio", n(100.0)), ("threshold", n(-40.0)), ("range", n(10.0))]) + 10.0).abs() < 1e-6);
    let auto = [("makeup", Arg::Word(0)), ("threshold", n(-20.0)), ("ratio", n(2.0))];
    assert!((settled(-40.0, &auto) - 5.0).abs() < 1e-6, "half of 10 dB");
}

#[test]
fn times_are_those_to_63_percent() {
    // 20 dB up and down again, ratio 100: the reduction's step is known
    for (attack, release) in [(10.0, 100.0), (50.0, 20.0), (1.0, 60.0)] {
        let with = [
            ("threshold", n(-40.0)),
            ("ratio", n(100.0)),
            ("knee", n(0.0)),
            ("attack", n(attack)),
            ("release", n(release)),
        ];
        let loud = (attack * 48.0 * 20.0) as usize + 100;
        let frames = loud + (release * 48.0 * 2.0) as usize;
        let input: Vec<f64> = (0..frames).map(|i| level(if i < loud { -20.0 } else { -60.0 })).collect();
        let out = Rig::new(args("compressor", &with), RATE, 1).run(std::slice::from_ref(&input), 512);
        let gain = |i: usize| -db(out[0][i] / input[i]);
        let full = 19.8;
        let part = 1.0 - math::exp(-1.0);
        let up = (0..loud).find(|i| gain(*i) >= part * full).expect("it attacks") as f64 + 1.0;
        let down = (loud..frames).find(|i| gain(*i) <= (1.0 - part) * full).expect("it releases") as f64 + 1.0;
        assert!((up - attack * 48.0).abs() <= 1.0, "attack {up}");
        assert!((down - loud as f64 - release * 48.0).abs() <= 1.0, "release {}", down - loud as f64);
    }
}

#[test]
fn hold_waits_and_an_automatic_release_knows_a_peak_from_lasting_loudness() {
    let run = |with: &[(&str, Arg)], loud: usize| {
        let mut all = vec![("threshold", n(-40.0)), ("ratio", n(100.0)), ("attack", n(0.0)), ("knee", n(0.0))];
        all.extend_from_slice(with);
        let input: Vec<f64> = (0..loud + 48_000).map(|i| level(if i < loud { -20.0 } else { -60.0 })).collect();
        let out = Rig::new(args("compressor", &all), RATE, 1).run(std::slice::from_ref(&input), 512);
        let full = 19.8;
        (loud..input.len()).find(|i| -db(out[0][*i] / input[*i]) < full * 0.3679).expect("it releases") - loud
    };
    let plain = run(&[("release", n(50.0))], 4800);
    let held = run(&[("release", n(50.0)), ("hold", n(30.0))], 4800);
    assert_eq!(held - plain, 1440);
    let (peak, lasting) = (run(&[("release", Arg::Word(0))], 48), run(&[("release", Arg::Word(0))], 48_000));
    assert!((2870..3100).contains(&peak), "{peak}");
    assert!((28_000..29_000).contains(&lasting), "{lasting}");
}

#[test]
fn an_rms_detector_reads_a_full_sine_at_minus_3() {
    let with = [
        ("detector", Arg::Choice(1)),
        ("window", n(50.0)),
        ("threshold", n(-20.0)),
        ("ratio", n(100.0)),
        ("knee", n(0.0)),
        ("attack", n(100.0)),
        ("release", n(100.0)),
    ];
    let input = sine(1000.0, 1.0, 48_000.0, 48_000);
    let out = Rig::new(args("compressor", &with), RATE, 1).run(std::slice::from_ref(&input), 512);
    let gain = db(rms(&out[0][43_200..]) / rms(&input[43_200..]));
    assert!((gain + (20.0 - 3.0103) * 0.99).abs() < 0.02, "{gain}");
}

#[test]
fn distortion_at_3_db_is_below_minus_60() {
    let frames = 65_536;
    let hz = 1000.0;
    let bin = (hz * frames as f64 / 48_000.0).round();
    let input = sine(bin * 48_000.0 / frames as f64, 1.0, 48_000.0, 2 * frames);
    let with = [("threshold", n(-7.1)), ("ratio", n(2.0)), ("attack", n(10.0)), ("release", n(100.0))];
    let out = Rig::new(args("compressor", &with), RATE, 1).run(&[input], 512);
    let lines = spectrum(&out[0][frames..]);
    let tone = lines[bin as usize];
    assert!((2.9..3.2).contains(&-db(tone)), "{}", db(tone));
    let others =
        lines.iter().enumerate().filter(|(i, _)| *i > 0 && *i != bin as usize).map(|(_, x)| x * x).sum::<f64>();
    let thd = db(others.sqrt() / tone);
    println!("THD+N at {:.2} dB: {thd:.1} dB", db(tone));
    assert!(thd < -60.0, "{thd}");
}

#[test]
fn linked_channels_have_one_gain_and_free_ones_their_own() {
    let input = [noise(1, 0.9, 4000), noise(2, 0.2, 4000)];
    // as an exact power of two below, the second channel shows the first one's gain bit for bit
    let pair = [input[0].clone(), input[0].iter().map(|x| x * 0.125).collect()];
    let out = Rig::new(args("compressor", &[]), RATE, 2).run(&pair, 100);
    assert!(out[0].iter().zip(&out[1]).all(|(a, b)| a * 0.125 == *b));
    assert!(out[0] != pair[0]);
    let free = Rig::new(args("compressor", &[("link", n(0.0))]), RATE, 2).run(&input, 100);
    for channel in 0..2 {
        let alone = Rig::new(args("compressor", &[]), RATE, 1).run(&input[channel..=channel], 100);
        assert!(alone[0] == free[channel]);
    }
    let half = Rig::new(args("compressor", &[("link", n(50.0))]), RATE, 2).run(&input, 100);
    assert!(rms(&half[1]) < rms(&free[1]));
}

#[test]
fn a_key_steers_instead_of_the_sound() {
    let input = [vec![0.01; 9600], vec![0.02; 9600]];
    let key = [(0..9600).map(|i| if i < 4800 { 0.0 } else { 1.0 }).collect::<Vec<f64>>()];
    for link in [0.0, 100.0] {
        let mut rig = Rig::new(args("compressor", &[("key", Arg::Key), ("link", n(link))]), RATE, 2);
        let (out, _) = rig.run_keyed(&input, Some(&key), 77);
        assert!(out[0][..4800] == input[0][..4800] && out[1][..4800] == input[1][..4800]);
        for channel in 0..2 {
            let gain = db(out[channel][9599] / input[channel][9599]);
            assert!((gain + 9.0).abs() < 0.01, "{gain}");
        }
    }
    // 12 dB per octave: 50 Hz is 24 dB down under a cut at 200 Hz
    let tone = [sine(50.0, 1.0, 48_000.0, 9600)];
    let deaf = [("key_low_cut", n(200.0)), ("threshold", n(-23.5)), ("knee", n(0.0)), ("release", n(1.0))];
    let out = Rig::new(args("compressor", &deaf), RATE, 1).run(&tone, 512);
    assert!(out[0][4800..] == tone[0][4800..]);
    let mut hears = deaf;
    hears[1].1 = n(-24.5);
    let out = Rig::new(args("compressor", &hears), RATE, 1).run(&tone, 512);
    assert!(out[0][4800..] != tone[0][4800..]);
}

#[test]
fn without_work_it_is_exact_and_says_so() {
    let input = [noise(3, 1.0, 3000), noise(4, 1.0, 3000)];
    let mut rig = Rig::new(args("compressor", &[("ratio", n(1.0)), ("lookahead", n(5.0))]), RATE, 2);
    assert_eq!(rig.latency(), 240);
    let out = rig.run(&input, 300);
    assert!(out[0][240..] == input[0][..2760] && out[1][240..] == input[1][..2760]);
    let mut rig = Rig::new(args("compressor", &[("threshold", n(0.0)), ("knee", n(0.0))]), RATE, 2);
    let (out, flow) = rig.run_keyed(&input, None, 300);
    assert!(out == input && flow == Flow::Through);
    let mut rig = Rig::new(args("compressor", &[("threshold", n(-40.0)), ("detector", Arg::Choice(1))]), RATE, 2);
    rig.run(&input, 300);
    let (out, flow) = rig.run_keyed(&vec![vec![0.0; 192_000]; 2], None, 500);
    assert!(out[0].iter().all(|x| *x == 0.0) && flow == Flow::Silent);
}

/// The paper's smooth branching detector, sample by sample, with the platform-independent logarithm.
#[test]
fn it_equals_the_model() {
    let input = noise(5, 1.0, 20_000);
    let with = [("threshold", n(-24.0)), ("ratio", n(4.0)), ("attack", n(3.0)), ("release", n(80.0))];
    let out = Rig::new(args("compressor", &with), RATE, 1).run(std::slice::from_ref(&input), 512);
    let (attack, release) = (math::exp(-1.0 / (0.003 * 48_000.0)), math::exp(-1.0 / (0.08 * 48_000.0)));
    let (mut y, mut worst) = (0.0, 0.0f64);
    for (x, out) in input.iter().zip(&out[0]) {
        let c = reduction(20.0 * math::log10(x.abs().max(1e-6)), -24.0, 4.0, 6.0);
        let a = if c > y { attack } else { release };
        y = a * y + (1.0 - a) * c;
        worst = worst.max((x * math::pow(10.0, -y / 20.0) - out).abs());
    }
    println!("against the model: {worst:e}");
    assert!(worst < 1e-9, "{worst:e}");
}

#[test]
fn blocks_saves_and_resets_make_no_difference() {
    let input: Vec<Vec<f64>> = (0..2)
        .map(|c| {
            let mut x = noise(6 + c, 1.0, 3000);
            x[700..900].fill(0.0);
            x[1500..2500].iter_mut().for_each(|x| *x *= 0.01);
            x
        })
        .collect();
    let plain = || Rig::new(args("compressor", &[]), RATE, 2).from(-1001);
    sameness(plain, &input);
    let all = [
        ("release", Arg::Word(0)),
        ("makeup", Arg::Word(0)),
        ("detector", Arg::Choice(1)),
        ("lookahead", n(1.0)),
        ("link", n(30.0)),
        ("key_low_cut", n(80.0)),
        ("key_high_cut", n(9000.0)),
        ("hold", n(2.0)),
    ];
    let rich = || {
        Rig::new(args("compressor", &all), RATE, 2)
            .moving(&[
                ("threshold", |at| -30.0 + (at % 997) as f64 * 0.01),
                ("attack", |at| 1.0 + (at % 500) as f64 * 0.01),
            ])
            .from(17)
    };
    sameness(rich, &input);
    // a curve that stands still is the number
    let moved =
        Rig::new(args("compressor", &[]), RATE, 2).moving(&[("ratio", |_| 2.0), ("makeup", |_| 0.0)]).run(&input, 99);
    assert!(moved == Rig::new(args("compressor", &[]), RATE, 2).run(&input, 99));
    // sixteen channels
    let wide: Vec<Vec<f64>> = (0..16).map(|c| noise(c, 1.0, 100)).collect();
    assert_eq!(Rig::new(args("compressor", &[("link", n(0.0))]), RATE, 16).run(&wide, 64).len(), 16);
}
