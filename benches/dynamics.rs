//! What dynamics and saturation cost: one stereo block of 512 frames per iteration (divide by 512 for ns per frame).

use divan::Bencher;
use mixdown::audio::{Block, Layout, math, rng::Seed};
use mixdown::dsp::{
    Arg, Args, COMMON, ENVELOPE_CELL, Io, LimiterSettings, PeakEnvelope, Setup, Value, Values, catalogue,
    limiter_envelope,
};
use mixdown::units::Rate;

const FRAMES: usize = 512;

fn main() {
    divan::main();
}

fn white(level: f64) -> Block {
    let seed = Seed::new(2);
    let mut block = Block::new(2, FRAMES);
    for channel in 0..2 {
        let plane = block.channel_mut(channel);
        plane.iter_mut().enumerate().for_each(|(i, x)| *x = level * seed.bipolar((i * 2 + channel) as i64));
    }
    block
}

/// Four seconds of drums, bass and chords that peak at full scale.
fn song() -> Block {
    let seed = Seed::new(3);
    let frames = 4 * 48_000 / FRAMES * FRAMES;
    let mut block = Block::new(2, frames);
    for channel in 0..2 {
        let mut dull = 0.0;
        for (i, x) in block.channel_mut(channel).iter_mut().enumerate() {
            let t = i as f64 / 48_000.0;
            let saw = |hz: f64, phase: f64| 2.0 * ((hz * t + phase) % 1.0) - 1.0;
            let since = |every: f64, from: f64| (t + every - from) % every;
            let hiss = seed.with(channel as u64).bipolar(i as i64);
            let kick = since(0.5, 0.0);
            let snare = since(1.0, 0.5);
            let chord: f64 = [220.0, 277.2, 329.6, 441.0].iter().map(|hz| saw(*hz, 0.3 * channel as f64)).sum();
            dull += 0.15 * (0.09 * chord + 0.35 * saw(55.0, 0.0) - dull);
            *x = 0.8 * math::exp(-kick / 0.12) * math::sin(345.0 * kick + 9.0 * (1.0 - math::exp(-kick / 0.02)))
                + 0.5 * math::exp(-snare / 0.07) * hiss
                + 0.12 * math::exp(-since(0.125, 0.0) / 0.03) * (hiss - dull)
                + dull;
        }
    }
    let peak = (0..2).flat_map(|c| block.channel(c).to_vec()).fold(0.0f64, |a, x| a.max(x.abs()));
    (0..2).for_each(|c| block.channel_mut(c).iter_mut().for_each(|x| *x /= peak));
    block
}

fn bench(bencher: Bencher<'_, '_>, effect: &str, level: f64, with: &[(&str, Arg)]) {
    bench_of(bencher, effect, &white(level), with);
}

fn bench_of(bencher: Bencher<'_, '_>, effect: &str, input: &Block, with: &[(&str, Arg)]) {
    let declaration = catalogue::declaration(effect).expect("an effect");
    let args = with.iter().fold(Args::defaults(declaration), |a, (name, value)| a.with(name, value.clone()));
    let setup = Setup { rate: Rate::STUDIO, layout: Layout::STEREO, block: FRAMES, seed: Seed::new(1) };
    let mut processor = catalogue::build(&args, &setup).expect("it builds");
    let own = args.values.len() - COMMON.len();
    let common = [100.0, 1.0, 0.0, 0.0];
    let slots: Vec<Value<'_>> = (0..args.values.len())
        .map(|i| Value::Constant(if i < own { args.number(i).unwrap_or(0.0) } else { common[i - own] }))
        .collect();
    let (mut work, mut at) = (Block::new(2, FRAMES), 0);
    bencher.bench_local(|| {
        let mut audio = work.planes(2, FRAMES);
        let from = at as usize % input.channel(0).len();
        audio.copy_from(&input.planes_ref(2, input.channel(0).len()).slice(from, from + FRAMES));
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

/// Turned down by 3 to 6 dB at its peaks.
#[divan::bench(args = [4.0, 7.0])]
fn limiter_on_a_song(bencher: Bencher<'_, '_>, drive: f64) {
    bench_of(bencher, "limiter", &song(), &[("gain", Arg::Number(drive))]);
}

#[divan::bench]
fn limiter_on_a_song_below_the_ceiling(bencher: Bencher<'_, '_>) {
    bench_of(bencher, "limiter", &song(), &[("gain", Arg::Number(-6.0))]);
}

/// What another meter takes to find the true peak alone.
#[divan::bench]
fn true_peak_by_ebur128(bencher: Bencher<'_, '_>) {
    let song = song();
    let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::TRUE_PEAK).expect("a meter");
    let mut from = 0;
    bencher.bench_local(|| {
        let planes = [0, 1].map(|c| &song.channel(c)[from..from + FRAMES]);
        from = (from + FRAMES) % song.channel(0).len();
        meter.add_frames_planar_f64(&planes)
    });
}

#[divan::bench]
fn peak_envelope(bencher: Bencher<'_, '_>) {
    let song = song();
    let frames = song.channel(0).len();
    let mut envelope = PeakEnvelope::new(2);
    let mut from = 0;
    bencher.bench_local(|| {
        envelope.add(song.planes_ref(2, frames).slice(from, from + FRAMES));
        from = (from + FRAMES) % frames;
    });
}

/// One guess of a drive for four minutes.
#[divan::bench]
fn limiter_foretold(bencher: Bencher<'_, '_>) {
    let song = song();
    let mut envelope = PeakEnvelope::new(2);
    envelope.add(song.planes_ref(2, song.channel(0).len()));
    let peaks: Vec<f32> = envelope.finish().into_iter().cycle().take(240 * 48_000 / ENVELOPE_CELL).collect();
    let settings = LimiterSettings { rate: Rate::STUDIO, drive: 6.0, ceiling: -1.0, lookahead: 2.0, release: None };
    bencher.bench_local(|| limiter_envelope(&peaks, &settings));
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
