use mixdown::audio::math;
use mixdown::dsp::{Arg, Flow};

use crate::ceiling::programmes;
use crate::rig::{Rig, args, db, level, n, noise, rms, sameness, sine};

#[test]
fn sample_peaks_are_limited_exactly() {
    for rate in [44_100, 96_000] {
        for (name, sound) in programmes(f64::from(rate)) {
            let with = [("truepeak", Arg::Switch(false)), ("ceiling", n(-6.0)), ("release", n(50.0))];
            let out = Rig::new(args("limiter", &with), rate, 2).run(&sound, 500);
            let ceiling = math::from_db(-6.0);
            assert!(out.iter().flatten().all(|x| x.abs() <= ceiling), "{name} {rate}");
        }
    }
}

#[test]
fn below_the_ceiling_it_only_delays() {
    let mut sound = vec![noise(1, 0.5, 9000), noise(2, 0.5, 9000)];
    sound[0][100] = -0.0;
    sound[1][200] = 5e-324;
    let mut rig = Rig::new(args("limiter", &[("ceiling", n(0.0))]), 48_000, 2);
    let late = rig.latency();
    assert_eq!(late, 96 + 41 + 48 + 41);
    let out = rig.run(&sound, 300);
    for c in 0..2 {
        assert!(out[c][late..].iter().zip(&sound[c]).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
    let (_, flow) = rig.run_keyed(&vec![vec![0.0; 48_000]; 2], None, 500);
    assert_eq!(flow, Flow::Silent);
    // after work it comes back to exactly one, and rests
    let mut rig = Rig::new(args("limiter", &[("ceiling", n(-12.0))]), 48_000, 2);
    rig.run(&sound, 300);
    let (out, flow) = rig.run_keyed(&vec![vec![0.0; 48_000 * 12]; 2], None, 500);
    assert!(flow == Flow::Silent && out[0][late..].iter().all(|x| *x == 0.0));
}

#[test]
fn lasting_bass_is_not_modulated_and_a_click_is_soon_forgotten() {
    let sound = vec![sine(50.0, level(3.0), 48_000.0, 48_000)]; // 4 dB over -1
    let mut rig = Rig::new(args("limiter", &[]), 48_000, 1);
    let late = rig.latency();
    let out = rig.run(&sound, 500);
    let (x, y) = (&sound[0][24_000..48_000 - late], &out[0][24_000 + late..]);
    let gain = x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / x.iter().map(|x| x * x).sum::<f64>();
    let rest: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - gain * x).collect();
    let residual = db(rms(&rest) / rms(y));
    println!("50 Hz, 4 dB over: gain {:.2} dB, residual {residual:.1} dB", db(gain));
    assert!(residual < -30.0, "{residual}");
    let mut click = vec![0.25; 60_000];
    click[1000] = 4.0;
    let out = Rig::new(args("limiter", &[]), 48_000, 1).run(&[click], 500);
    let after = |ms: usize| db(out[0][1000 + late + ms * 48] / 0.25);
    println!("after a click: {:.3} dB at 200 ms, {:.4} dB at 1 s", after(200), after(1000));
    assert!(after(200) > -0.5 && after(1000) > -0.1);
}

#[test]
fn channels_share_one_gain_or_have_their_own() {
    let loud = noise(4, 1.5, 6000);
    let pair = [loud.clone(), loud.iter().map(|x| x * 0.25).collect()];
    let out = Rig::new(args("limiter", &[]), 48_000, 2).run(&pair, 100);
    assert!(out[0].iter().zip(&out[1]).all(|(a, b)| a * 0.25 == *b));
    let free = Rig::new(args("limiter", &[("link", n(0.0))]), 48_000, 2).run(&pair, 100);
    assert!(free[1][226..] == pair[1][..6000 - 226], "the soft one is left alone");
}

#[test]
fn a_moving_ceiling_holds_where_it_stands() {
    let sound = vec![sine(997.0, 1.0, 48_000.0, 24_000)];
    let falling: fn(i64) -> f64 = |at| -1.0 - 6.0 * (at as f64 / 24_000.0);
    let mut rig = Rig::new(args("limiter", &[]), 48_000, 1).moving(&[("ceiling", falling)]);
    let late = rig.latency();
    let out = rig.run(&sound, 500);
    for (i, y) in out[0].iter().enumerate().skip(late) {
        assert!(db(*y) <= falling((i - late) as i64) + 0.05, "{i}");
    }
    assert!(db(rms(&out[0][20_000..]) / rms(&sound[0])) > -7.5);
}

#[test]
fn blocks_saves_and_resets_make_no_difference() {
    let mut sound = vec![noise(8, 2.0, 3000), noise(9, 2.0, 3000)];
    sound.iter_mut().for_each(|x| x[400..2000].iter_mut().for_each(|x| *x *= 0.1));
    sameness(|| Rig::new(args("limiter", &[]), 48_000, 2).from(-77), &sound);
    let with = [("link", n(40.0)), ("release", n(20.0)), ("gain", n(3.0)), ("lookahead", n(0.3))];
    let rich = || {
        Rig::new(args("limiter", &with), 44_100, 2)
            .moving(&[("ceiling", |at| -3.0 + (at % 700) as f64 * 0.002), ("gain", |at| (at % 300) as f64 * 0.01)])
            .from(5)
    };
    sameness(rich, &sound);
    sameness(|| Rig::new(args("limiter", &[("truepeak", Arg::Switch(false))]), 48_000, 2), &sound);
}
