use super::Delay;
use crate::audio::math;
use crate::dsp::effects::rendering::{Running, assert_lawful, setup};
use crate::dsp::{Arg, Args, Effect, Flow, Tail};

fn args() -> Args {
    Args::defaults(Delay.declaration()).with("time", Arg::Number(0.1)).with("feedback", Arg::Number(50.0))
}

fn click(channels: usize, frames: usize) -> Vec<Vec<f64>> {
    let mut planes = vec![vec![0.0; frames]; channels];
    planes.iter_mut().for_each(|plane| plane[10] = 1.0);
    planes
}

/// Where there is sound and how much.
fn echoes(plane: &[f64]) -> Vec<(usize, f64)> {
    plane.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(n, x)| (n - 10, *x)).take(4).collect()
}

#[test]
fn echoes_are_exact_in_time_and_level() {
    let out = Running::new(&Delay, &args(), &setup(2), 5).run(&click(2, 20_000), 512);
    let expected = [(4800, 1.0), (9600, 0.5), (14400, 0.25), (19200, 0.125)];
    assert_eq!(echoes(&out[0]), expected);
    assert_eq!(echoes(&out[1]), expected);
    // 1.01 ms are 48.48 frames, 1.0105 ms 48.504
    for (time, frames) in [(0.00101, 48), (0.0010105, 49)] {
        let args = args().with("time", Arg::Number(time));
        let out = Running::new(&Delay, &args, &setup(1), 0).run(&click(1, 100), 512);
        assert_eq!(out.len(), 1);
        assert_eq!(echoes(&out[0])[0], (frames, 1.0));
    }
}

#[test]
fn ping_pong_begins_left_and_an_offset_moves_the_right() {
    let ping = args().with("ping_pong", Arg::Switch(true));
    for channels in [1, 2] {
        let out = Running::new(&Delay, &ping, &setup(channels), 0).run(&click(channels, 20_000), 512);
        assert_eq!(echoes(&out[0]), [(4800, 1.0), (14400, 0.25)]);
        assert_eq!(echoes(&out[1]), [(9600, 0.5), (19200, 0.125)]);
    }
    for (ms, later) in [(10.0, 480), (-10.0, -480)] {
        let args = args().with("offset", Arg::Number(ms));
        let out = Running::new(&Delay, &args, &setup(1), 0).run(&click(1, 15_200), 512);
        assert_eq!(echoes(&out[0]), [(4800, 1.0), (9600, 0.5), (14400, 0.25)]);
        assert_eq!(echoes(&out[1]).iter().map(|e| e.0 as i64 - later).collect::<Vec<_>>(), [4800, 9600, 14400]);
    }
    assert!(Delay.shape(&args().with("offset", Arg::Number(-100.0)), &setup(2)).is_err());
    assert!(Delay.shape(&args().with("offset", Arg::Number(5.0)), &setup(6)).is_err());
}

#[test]
fn the_tail_is_as_declared_and_then_silence_is_exact() {
    for args in [args(), args().with("feedback", Arg::Number(0.0)), args().with("modulation", Arg::Number(3.0))] {
        let Tail::Sounds(tail) = Delay.shape(&args, &setup(1)).unwrap().tail else { panic!("it sounds") };
        let tail = tail.get() as usize;
        let mut running = Running::new(&Delay, &args, &setup(1), 0);
        let out = running.run(&click(1, tail + 600), 512);
        assert!(out[0][tail + 11..].iter().all(|x| x.to_bits() == 0));
        assert_eq!(running.flow, Flow::Silent);
        assert!(out[0][..tail + 11].iter().any(|x| *x != 0.0));
        let fresh = Running::new(&Delay, &args, &setup(1), 0).save();
        assert!(running.save() == fresh, "at rest it is as it was when built");
    }
    let Tail::Sounds(tail) = Delay.shape(&args(), &setup(1)).unwrap().tail else { panic!("it sounds") };
    // the 21st echo is the first below -120 dB
    assert!((20 * 4800..20 * 4800 + 200).contains(&tail.get()));
}

#[test]
fn echoes_fall_while_the_input_is_loud() {
    let args = args().with("feedback", Arg::Number(0.0)).with("duck", Arg::Number(12.0));
    // loud for .5 s, then 1 s at -26 dBFS
    let input: Vec<f64> =
        (0..72_000).map(|n| (if n < 24_000 { 0.5 } else { 0.05 }) * f64::from(n % 2 * 2 - 1)).collect();
    let out = Running::new(&Delay, &args, &setup(1), 0).run(std::slice::from_ref(&input), 512);
    let gain = |n: usize| out[0][n] / input[n - 4800];
    assert!((math::to_db(gain(20_000)) + 12.0).abs() < 1e-6, "{}", gain(20_000));
    assert!((gain(70_000) - 1.0).abs() < 1e-2, "{}", gain(70_000));
    assert!(out[0].windows(3).skip(4805).all(|w| (w[2].abs() - w[0].abs()).abs() < 0.46));
}

#[test]
fn cuts_darken_every_echo_and_a_modulated_one_keeps_its_level() {
    let dark = args().with("high_cut", Arg::Number(2000.0));
    let out = Running::new(&Delay, &dark, &setup(1), 0).run(&click(1, 14_000), 512);
    let energy = |range: std::ops::Range<usize>| out[0][range].iter().map(|x| x * x).sum::<f64>();
    let (first, second) = (energy(4800..9000), energy(9600..13_000));
    assert!(first < 0.12 && second < first / 4.0, "{first} {second}");

    let tape =
        args().with("feedback", Arg::Number(0.0)).with("modulation", Arg::Number(2.0)).with("rate", Arg::Number(2.0));
    let tone: Vec<f64> =
        (0..48_000).map(|n| math::sin(std::f64::consts::TAU * 15_000.0 * f64::from(n) / 48_000.0)).collect();
    let out = Running::new(&Delay, &tape, &setup(1), 0).run(&[tone], 512);
    let rms = (out[0][6000..].iter().map(|x| x * x).sum::<f64>() / 42_000.0).sqrt();
    assert!((math::to_db(rms) + 3.0103).abs() < 0.02, "15 kHz keeps its level: {rms}");
}

#[test]
fn blocks_and_saved_states_change_nothing() {
    let noise: Vec<f64> =
        (0..9000).map(|n| if n < 3000 { crate::audio::rng::Seed::new(4).bipolar(n) } else { 0.0 }).collect();
    let all = args()
        .with("time", Arg::Number(0.02))
        .with("ping_pong", Arg::Switch(true))
        .with("offset", Arg::Number(3.0))
        .with("low_cut", Arg::Number(200.0))
        .with("modulation", Arg::Number(1.0))
        .with("duck", Arg::Number(6.0));
    assert_lawful(&Delay, &all, std::slice::from_ref(&noise));
    let dry = args().with("time", Arg::Number(0.02)).with("feedback", Arg::Number(5.0));
    assert_lawful(&Delay, &dry, &[noise.clone(), noise]);
}
