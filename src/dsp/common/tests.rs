use super::*;
use crate::audio::rng::Seed;
use crate::dsp::{Arg, Values};
use crate::units::Rate;

const N: usize = 600;

fn setup(layout: Layout) -> Setup {
    Setup { rate: Rate::STUDIO, layout, block: N, seed: Seed::new(1) }
}

fn late(frames: usize) -> Args {
    of("late").with("frames", Arg::Number(frames as f64))
}

fn of(name: &str) -> Args {
    Args::defaults(catalogue::declaration(name).expect("a declared effect"))
}

fn with_effects(name: &str, effects: &[Args]) -> Args {
    of(name).with("effects", Arg::Effects(effects.to_vec()))
}

fn noise(channels: usize) -> Vec<Vec<f64>> {
    (0..channels).map(|c| (0..N).map(|i| Seed::of("sound").with(c as u64).bipolar(i as i64)).collect()).collect()
}

/// What a parameter that moves is at a frame of song time: an `on` between off and on, anything else between 0 and 1 too.
fn moving(frame: i64) -> f64 {
    (1.5 - (frame.rem_euclid(400) - 200).abs() as f64 / 50.0).clamp(0.0, 1.0)
}

/// What a key sounds like: its frames' numbers.
fn key(frame: i64) -> f64 {
    frame as f64 * 1e-3
}

fn values(args: &Args, delays: &mut impl Iterator<Item = Frames>, at: i64, into: &mut Vec<(f64, Option<Vec<f64>>)>) {
    for (index, value) in args.values.iter().enumerate() {
        let at = at - delays.next().expect("one delay per slot").get();
        let still = match value {
            Arg::Number(x) => *x,
            Arg::Switch(on) => f64::from(u8::from(*on)),
            _ => 0.0,
        };
        into.push((still, args.moves(index).then(|| (0..N as i64).map(|i| moving(at + i)).collect())));
    }
    args.children().for_each(|child| values(child, delays, at, into));
}

/// Runs it in blocks of `size`, every state saved and loaded between; the song begins at frame 0.
fn run(args: &Args, layout: Layout, sound: &[Vec<f64>], size: usize) -> Vec<Vec<f64>> {
    let setup = setup(layout);
    let shape = catalogue::shape(args, &setup).expect("a shape");
    let mut processor = catalogue::build(args, &setup).expect("it can be built");
    let wide = layout.channels().max(shape.out.channels());
    let mut delays = catalogue::delays(args, &setup).expect("delays").into_iter();
    let mut slots = Vec::new();
    values(args, &mut delays, 0, &mut slots);
    let (mut block, mut keys) = (Block::new(wide, N), Block::new(1, N));
    sound.iter().enumerate().for_each(|(c, plane)| block.channel_mut(c).copy_from_slice(plane));
    keys.channel_mut(0).iter_mut().enumerate().for_each(|(i, x)| *x = key(i as i64));
    for from in (0..N).step_by(size) {
        let to = (from + size).min(N);
        let slots: Vec<Value> = slots
            .iter()
            .map(|(still, moving)| match moving {
                Some(values) => Value::PerFrame { frames: &values[from..to], cell: values[from] },
                None => Value::Constant(*still),
            })
            .collect();
        let key = vec![keys.planes_ref(1, N).slice(from, to); args.keys()];
        let mut planes = block.planes(wide, N);
        let audio = planes.slice(from, to);
        processor.process(&mut Io { at: from as i64, audio, keys: &key, params: Values::new(&slots) });
        let mut state = StateWriter::new();
        processor.save(&mut state);
        processor.reset();
        processor.load(&mut StateReader::new(&state.into_bytes())).expect("its own state");
    }
    (0..shape.out.channels()).map(|c| block.channel(c).to_vec()).collect()
}

/// The same whatever the blocks.
fn result(args: &Args, layout: Layout, sound: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let whole = run(args, layout, sound, N);
    for size in [1, 7, 100] {
        assert!(run(args, layout, sound, size) == whole, "{} in blocks of {size}", args.of.name);
    }
    whole
}

fn after(sound: &[Vec<f64>], latency: usize) -> Vec<Vec<f64>> {
    let late = |plane: &Vec<f64>| (0..N).map(|i| if i < latency { 0.0 } else { plane[i - latency] }).collect();
    sound.iter().map(late).collect()
}

fn close(a: &[f64], b: impl Iterator<Item = f64>) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
}

#[test]
fn a_late_neutral_is_the_input_bit_for_bit_at_every_mix_and_switch() {
    let sound = noise(2);
    let expected = after(&sound, 37);
    for args in [
        late(37).with("mix", Arg::Number(33.3)),
        late(37).with_moving("mix").with_moving("on"),
        late(37).with("channels", Arg::Choice(1)),
        late(37).with("channels", Arg::Choice(2)).with("mix", Arg::Number(50.0)),
        late(37).with("channels", Arg::Choice(3)).with_moving("on"),
        with_effects("chain", &[late(30), late(7).with("mix", Arg::Number(10.0))]),
        with_effects("parallel", &[late(37)]).with("mix", Arg::Number(20.0)),
        of("mid_side").with("mid", Arg::Effect(Box::new(late(37)))),
        of("mid_side").with("mid", Arg::Effect(Box::new(late(3)))).with("side", Arg::Effect(Box::new(late(37)))),
        of("mid_side").with("side", Arg::Effect(Box::new(late(37)))).with("mix", Arg::Number(70.0)),
    ] {
        assert_eq!(catalogue::shape(&args, &setup(Layout::STEREO)).expect("a shape").latency, Frames::new(37));
        assert!(result(&args, Layout::STEREO, &sound) == expected, "{args:?}");
    }
}

#[test]
fn the_mix_is_linear_and_follows_its_curve_at_the_output() {
    let sound = noise(1);
    let dry = &after(&sound, 37)[0];
    let args =
        late(37).with("factor", Arg::Number(-3.0)).with("mix", Arg::Number(25.0)).with("output", Arg::Number(-20.0));
    assert!(close(&result(&args, Layout::MONO, &sound)[0], dry.iter().map(|x| x * (0.75 - 3.0 * 0.25) * 0.1)));
    // frame i of the output is song time i - 37; the mix moves between 0 and 1 per cent, `on` between 0 and 1
    let args = late(37).with("factor", Arg::Number(-3.0)).with_moving("mix");
    let mix = |i: usize| 0.01 * moving(i as i64 - 37);
    assert!(close(&result(&args, Layout::MONO, &sound)[0], (0..N).map(|i| dry[i] * (1.0 - 4.0 * mix(i)))));
    let args = late(37).with("factor", Arg::Number(-3.0)).with_moving("on");
    let out = &result(&args, Layout::MONO, &sound)[0];
    let on = |i: usize| moving(i as i64 - 37);
    assert!(close(out, (0..N).map(|i| dry[i] * (1.0 - 4.0 * on(i)))));
    assert!((0..N).all(|i| on(i) != 0.0 || out[i] == dry[i]) && (0..N).any(|i| on(i) == 0.0));
    assert!((0..N).all(|i| on(i) != 1.0 || out[i] == -3.0 * dry[i]) && (0..N).any(|i| on(i) == 1.0));
}

#[test]
fn off_for_good_costs_nothing_and_output_can_be_off() {
    let sound = noise(2);
    let off = late(37).with("on", Arg::Switch(false));
    assert_eq!(catalogue::shape(&off, &setup(Layout::STEREO)), Ok(Shape::plain(&setup(Layout::STEREO))));
    assert!(result(&off, Layout::STEREO, &sound) == sound);
    let silent = late(0).with("output", Arg::Number(f64::NEG_INFINITY));
    assert!(result(&silent, Layout::STEREO, &sound).iter().flatten().all(|x| *x == 0.0));
    let defaults = catalogue::delays(&late(37).with_moving("output"), &setup(Layout::MONO)).expect("delays");
    assert_eq!(defaults.iter().map(|d| d.get()).collect::<Vec<_>>(), [0, 0, 0, 37, 37, 37, 37]);
}

#[test]
fn a_part_is_processed_and_the_other_passes_aligned() {
    let sound = noise(2);
    let dry = after(&sound, 5);
    for part in 1..5 {
        let args = late(5).with("factor", Arg::Number(-3.0)).with("channels", Arg::Choice(part));
        let out = result(&args, Layout::STEREO, &sound);
        for i in 0..N {
            let (l, r) = (dry[0][i], dry[1][i]);
            let (m, s) = ((l + r) / 2.0, (l - r) / 2.0);
            let expected = match part {
                1 => (-3.0 * m + s, -3.0 * m - s),
                2 => (m - 3.0 * s, m + 3.0 * s),
                3 => (-3.0 * l, r),
                _ => (l, -3.0 * r),
            };
            assert!((out[0][i] - expected.0).abs() < 1e-12 && (out[1][i] - expected.1).abs() < 1e-12);
        }
    }
    let refused = catalogue::shape(&late(5).with("channels", Arg::Choice(1)), &setup(Layout::MONO)).expect_err("mono");
    assert!(refused.message.contains("mono") && refused.help.is_some());
    assert_eq!(refused.param, of("late").of.index_of("channels"));
}

#[test]
fn mono_is_spread_where_the_effect_is_wider() {
    let sound = noise(1);
    let x = &sound[0];
    let spread = of("spread").with("mix", Arg::Number(50.0));
    let out = result(&spread, Layout::MONO, &sound);
    assert!(close(&out[0], x.iter().copied()) && close(&out[1], x.iter().map(|x| 2.0 * x)));
    // a chain hands the wider sound on; a branch of one channel is heard on both sides, later for waiting
    let chain = with_effects("chain", &[late(5), of("spread"), late(3)]);
    let out = result(&chain, Layout::MONO, &sound);
    let d = &after(&sound, 8)[0];
    assert!(out.len() == 2 && close(&out[1], d.iter().map(|x| 3.0 * x)));
    let parallel = with_effects("parallel", &[late(8), of("spread"), chain]);
    let out = result(&parallel, Layout::MONO, &sound);
    assert!(close(&out[0], d.iter().map(|x| 3.0 * x)) && close(&out[1], d.iter().map(|x| 7.0 * x)));
    // of what a part becomes, the mean
    let part = of("spread").with("channels", Arg::Choice(3));
    let out = result(&part, Layout::STEREO, &noise(2));
    assert!(close(&out[0], noise(2)[0].iter().map(|x| 2.0 * x)) && out[1] == noise(2)[1]);
}

#[test]
fn keys_and_curves_reach_a_late_child_in_time() {
    // before the child the sound is 50 frames late: so must its key be, and its curve is read 50 frames earlier
    let child = late(4).with_moving("factor").with("key", Arg::Key);
    let chain = with_effects("chain", &[late(50), child]);
    let out = result(&chain, Layout::MONO, &noise(1));
    let x = &after(&noise(1), 54)[0];
    let at = |i: usize| i as i64 - 54;
    let key = |i: usize| if at(i) < 0 { 0.0 } else { key(at(i)) };
    assert!(close(&out[0], (0..N).map(|i| x[i] * moving(at(i)) + key(i))));
}

#[test]
fn responses_of_series_and_sums_follow_their_children() {
    let (hz, setup) = (Hz::new(1234.5), setup(Layout::MONO));
    let half = late(10).with("factor", Arg::Number(0.5));
    let mixed = late(20).with("factor", Arg::Number(-1.0)).with("mix", Arg::Number(25.0));
    let response = |args: &Args| catalogue::response(args, &setup, hz).expect("it is linear");
    let z = |n: i64| delayed(Frames::new(n), &setup, hz);
    let same = |a: Complex64, b: Complex64| (a - b).norm() < 1e-12;
    assert!(same(response(&mixed), z(20) * 0.5));
    assert!(same(response(&with_effects("chain", &[half.clone(), mixed.clone()])), z(30) * 0.25));
    assert!(same(response(&with_effects("parallel", &[half.clone(), mixed])), z(20)));
    assert!(catalogue::response(&half.with_moving("factor"), &setup, hz).is_none());
}

#[test]
fn silence_is_told_only_once_everything_inside_is_at_rest() {
    let chain = with_effects("parallel", &[late(100), late(0)]).with("mix", Arg::Number(50.0));
    let mut processor = catalogue::build(&chain, &setup(Layout::MONO)).expect("it can be built");
    let values: Vec<f64> = chain
        .values
        .iter()
        .chain(chain.children().flat_map(|c| &c.values))
        .map(|v| match v {
            Arg::Number(x) => *x,
            _ => 1.0,
        })
        .collect();
    let slots: Vec<Value> = values.iter().map(|x| Value::Constant(*x)).collect();
    let mut block = Block::new(1, 10);
    let flows: Vec<Flow> = (0..20)
        .map(|i| {
            block.channel_mut(0).fill(if i == 0 { 1.0 } else { 0.0 });
            let audio = block.planes(1, 10);
            processor.process(&mut Io { at: i * 10, audio, keys: &[], params: Values::new(&slots) })
        })
        .collect();
    assert!(flows[..11].iter().all(|flow| *flow == Flow::Written));
    assert!(flows[11..].iter().all(|flow| *flow == Flow::Silent));
}
