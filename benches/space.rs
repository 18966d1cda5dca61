//! Reverb and delay on a stereo strip: time per block of 512 frames.

use divan::{Bencher, counter::ItemsCount};
use mixdown::audio::{Block, Layout, rng::Seed};
use mixdown::dsp::{Arg, Args, Effect, Io, Setup, Value, Values, catalogue};
use mixdown::units::Rate;

const FRAMES: usize = 512;

fn main() {
    divan::main();
}

/// Noise through an effect with one parameter set, in ns per stereo frame (items are frames).
fn run(bencher: Bencher<'_, '_>, name: &str, set: &[(&str, Arg)]) {
    let effect: &dyn Effect = catalogue::find(name).expect("it is in the catalogue");
    let args = set.iter().fold(Args::defaults(effect.declaration()), |args, (name, arg)| args.with(name, arg.clone()));
    let setup = Setup { rate: Rate::STUDIO, layout: Layout::STEREO, block: FRAMES, seed: Seed::new(1) };
    let mut processor = effect.build(&args, &setup).expect("it can be built");
    let slots: Vec<Value<'_>> =
        args.values.iter().map(|arg| Value::Constant(if let Arg::Number(x) = arg { *x } else { 0.0 })).collect();
    let seed = Seed::new(2);
    let noise: [Vec<f64>; 2] = std::array::from_fn(|c| {
        let stream = seed.with(c as u64);
        (0..FRAMES).map(|n| 0.25 * stream.bipolar(n as i64)).collect()
    });
    let mut sound = Block::new(2, FRAMES);
    let mut at = 0;
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        for c in 0..2 {
            sound.channel_mut(c).copy_from_slice(&noise[c]);
        }
        let mut io = Io { at, audio: sound.planes(2, FRAMES), keys: &[], params: Values::new(&slots) };
        at += FRAMES as i64;
        processor.process(&mut io)
    });
}

#[divan::bench]
fn hall(bencher: Bencher<'_, '_>) {
    run(bencher, "reverb", &[("kind", Arg::Choice(0))]);
}

#[divan::bench]
fn plate(bencher: Bencher<'_, '_>) {
    run(bencher, "reverb", &[("kind", Arg::Choice(1))]);
}

#[divan::bench]
fn plate_with_its_own_lows(bencher: Bencher<'_, '_>) {
    run(bencher, "reverb", &[("kind", Arg::Choice(1)), ("low_decay", Arg::Number(140.0))]);
}

#[divan::bench]
fn delay(bencher: Bencher<'_, '_>) {
    run(bencher, "delay", &[]);
}

#[divan::bench]
fn delay_modulated(bencher: Bencher<'_, '_>) {
    run(bencher, "delay", &[("modulation", Arg::Number(2.0))]);
}
