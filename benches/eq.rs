//! The equaliser per stereo frame, and a design. Divide a block's time by its 512 frames.

use divan::{Bencher, black_box, counter::ItemsCount};
use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, Layout};
use mixdown::dsp::parts::fft::Fft;
use mixdown::dsp::{Arg, Args, Io, Setup, Value, Values, catalogue};
use mixdown::units::{Hz, Rate};
use num_complex::Complex64;

const FRAMES: usize = 512;
const SETUP: Setup = Setup { rate: Rate::STUDIO, layout: Layout::STEREO, block: FRAMES, seed: Seed::new(1) };

fn main() {
    divan::main();
}

fn bell(frequency: f64) -> Args {
    Args::defaults(catalogue::declaration("bell").unwrap())
        .with("frequency", Arg::Number(frequency))
        .with("gain", Arg::Number(3.0))
}

fn shelf() -> Args {
    Args::defaults(catalogue::declaration("high_shelf").unwrap()).with("gain", Arg::Number(3.0))
}

fn slots(args: &Args, into: &mut Vec<f64>) {
    into.extend(args.values.iter().map(|value| match value {
        Arg::Number(x) => *x,
        Arg::Switch(on) => f64::from(u8::from(*on)),
        _ => 0.0,
    }));
    args.children().for_each(|child| slots(child, into));
}

fn run(bencher: Bencher<'_, '_>, args: &Args, moving: Option<usize>) {
    let mut processor = catalogue::build(args, &SETUP).unwrap();
    let mut rest = Vec::new();
    slots(args, &mut rest);
    // eight blocks of it, then again
    let ramp: Vec<f64> = (0..8 * FRAMES).map(|i| 1000.0 + i as f64).collect();
    let mut values: Vec<Value<'_>> = rest.iter().map(|x| Value::Constant(*x)).collect();
    let mut block = Block::new(2, FRAMES);
    let noise: Vec<f64> = (0..FRAMES as i64).map(|i| Seed::new(3).bipolar(i)).collect();
    let mut at = 0;
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        block.channel_mut(0).copy_from_slice(&noise);
        block.channel_mut(1).copy_from_slice(&noise);
        if let Some(slot) = moving {
            let frames = &ramp[at as usize % ramp.len()..][..FRAMES];
            values[slot] = Value::PerFrame { frames, cell: frames[0] };
        }
        let audio = block.planes(2, FRAMES);
        processor.process(&mut Io { at, audio, keys: &[], params: Values::new(&values) });
        at += FRAMES as i64;
        black_box(block.channel(0)[0])
    });
}

#[divan::bench(args = [1, 2, 4, 8])]
fn still(bencher: Bencher<'_, '_>, sections: usize) {
    let bands = (0..sections).map(|k| bell(100.0 * (k + 1) as f64)).collect();
    let eq = Args::defaults(catalogue::declaration("eq").unwrap()).with("bands", Arg::Effects(bands));
    run(bencher, &eq, None);
}

fn linear(bands: usize) -> Args {
    let bands = (0..bands).map(|k| bell(100.0 * (k + 1) as f64)).collect();
    let eq = Args::defaults(catalogue::declaration("eq").unwrap()).with("bands", Arg::Effects(bands));
    eq.with("phase", Arg::Choice(1))
}

#[divan::bench(args = [1, 8], sample_count = 40, sample_size = 20)]
fn linear_still(bencher: Bencher<'_, '_>, bands: usize) {
    run(bencher, &linear(bands), None);
}

/// A sample is 20 blocks: five partitions, of which each begins with a design.
#[divan::bench(args = [1, 8], sample_count = 40, sample_size = 20)]
fn linear_moving(bencher: Bencher<'_, '_>, bands: usize) {
    let mut args = linear(bands);
    if let Arg::Effects(bands) = &mut args.values[0] {
        bands[0] = bands[0].clone().with_moving("frequency");
    }
    let slot = args.values.len();
    run(bencher, &args, Some(slot));
}

#[divan::bench(args = [4096, 32_768], sample_count = 200)]
fn transform(bencher: Bencher<'_, '_>, length: usize) {
    let fft = Fft::new(length);
    let (mut re, mut im) = (vec![0.5; length], vec![0.25; length]);
    bencher.bench_local(|| {
        fft.forward(&mut re, &mut im);
        re.iter_mut().chain(&mut im).for_each(|x| *x *= 1.0 / 64.0);
        black_box(re[1])
    });
}

/// The same by another, without the instructions that not every machine has.
#[divan::bench(args = [4096, 32_768], sample_count = 200)]
fn transform_by_rustfft(bencher: Bencher<'_, '_>, length: usize) {
    let fft = rustfft::FftPlannerScalar::new().plan_fft_forward(length);
    let mut data = vec![Complex64::new(0.5, 0.25); length];
    let mut scratch = data.clone();
    bencher.bench_local(|| {
        fft.process_with_scratch(&mut data, &mut scratch);
        data.iter_mut().for_each(|x| *x *= 1.0 / 64.0);
        black_box(data[1])
    });
}

#[divan::bench(args = [1, 2, 4])]
fn still_shelves(bencher: Bencher<'_, '_>, shelves: usize) {
    let bands = (0..shelves).map(|_| shelf()).collect();
    let eq = Args::defaults(catalogue::declaration("eq").unwrap()).with("bands", Arg::Effects(bands));
    run(bencher, &eq, None);
}

#[divan::bench]
fn moving_shelf(bencher: Bencher<'_, '_>) {
    run(bencher, &shelf(), Some(0));
}

#[divan::bench]
fn moving_bell(bencher: Bencher<'_, '_>) {
    run(bencher, &bell(1000.0), Some(0));
}

#[divan::bench]
fn multiband(bencher: Bencher<'_, '_>) {
    run(bencher, &Args::defaults(catalogue::declaration("multiband").unwrap()), None);
}

#[divan::bench(args = ["bell", "high_shelf", "low_cut", "high_cut", "band_pass", "tilt"])]
fn design(bencher: Bencher<'_, '_>, name: &str) {
    let effect = catalogue::find(name).unwrap();
    let mut args = Args::defaults(effect.declaration());
    if args.of.index_of("gain").is_some() {
        args = args.with("gain", Arg::Number(6.0));
    }
    bencher.bench_local(|| effect.response(black_box(&args), &SETUP, Hz::new(1000.0)));
}
