//! What dynamics and saturation cost: one stereo block of 512 frames per iteration (divide by 512 for ns per frame).

use divan::Bencher;
use mixdown::audio::{Block, Layout, rng::Seed};
use mixdown::dsp::{Arg, Args, COMMON, Io, Setup, Value, Values, catalogue};
use mixdown::units::Rate;

const FRAMES: usize = 512;

fn main() {
    divan::main();
}

fn bench(bencher: Bencher<'_, '_>, effect: &str, level: f64, with: &[(&str, Arg)]) {
    let declaration = catalogue::declaration(effect).expect("an effect");
    let args = with.iter().fold(Args::defaults(declaration), |a, (name, value)| a.with(name, value.clone()));
    let setup = Setup { rate: Rate::STUDIO, layout: Layout::STEREO, block: FRAMES, seed: Seed::new(1) };
    let mut processor = catalogue::build(&args, &setup).expect("it builds");
    let own = args.values.len() - COMMON.len();
    let common = [100.0, 1.0, 0.0, 0.0];
    let slots: Vec<Value<'_>> = (0..args.values.len())
        .map(|i| Value::Constant(if i < own { args.number(i).unwrap_or(0.0) } else { common[i - own] }))
        .collect();
    let seed = Seed::new(2);
    let mut input = Block::new(2, FRAMES);
    for channel in 0..2 {
        let plane = input.channel_mut(channel);
        plane.iter_mut().enumerate().for_each(|(i, x)| *x = level * seed.bipolar((i * 2 + channel) as i64));
    }
    let (mut work, mut at) = (Block::new(2, FRAMES), 0);
    bencher.bench_local(|| {
        let mut audio = work.planes(2, FRAMES);
        audio.copy_from(&input.planes_ref(2, FRAMES));
        processor.process(&mut Io { at, audio, keys: &[], params: Values::new(&slots) });
        at += FRAMES as i64;
    });
}

#[divan::bench]
fn compressor_working(bencher: Bencher<'_, '_>) {
    bench(bencher, "compressor", 1.0, &[]);
}

#[divan::bench]
fn compressor_auto_rms(bencher: Bencher<'_, '_>) {
    bench(bencher, "compressor", 1.0, &[("release", Arg::Word(0)), ("detector", Arg::Choice(1))]);
}

#[divan::bench]
fn compressor_below_threshold(bencher: Bencher<'_, '_>) {
    bench(bencher, "compressor", 0.01, &[]);
}

#[divan::bench]
fn limiter_working(bencher: Bencher<'_, '_>) {
    bench(bencher, "limiter", 1.4, &[]);
}

#[divan::bench]
fn limiter_below_the_ceiling(bencher: Bencher<'_, '_>) {
    bench(bencher, "limiter", 0.2, &[]);
}

#[divan::bench]
fn limiter_of_samples(bencher: Bencher<'_, '_>) {
    bench(bencher, "limiter", 1.4, &[("truepeak", Arg::Switch(false))]);
}

#[divan::bench(args = [0, 1, 2, 3, 4, 5])]
fn saturate(bencher: Bencher<'_, '_>, kind: usize) {
    bench(bencher, "saturate", 0.5, &[("kind", Arg::Choice(kind))]);
}

#[divan::bench]
fn saturate_tape_fourfold(bencher: Bencher<'_, '_>) {
    bench(bencher, "saturate", 0.5, &[("oversample", Arg::Number(4.0))]);
}
