//! What a frame of sound costs at the files' side: decoding, encoding, resampling, dithering, delivering, measuring. Ten seconds of stereo each.

use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use mixdown::analysis::{Meter, What};
use mixdown::audio::{Block, Layout, math, rng::Seed};
use mixdown::dsp::parts::dither::{Noise, Quantiser};
use mixdown::engine::{self, Delivery, Job, Options, Sink, Watcher};
use mixdown::graph::plan;
use mixdown::media::writer::{self, Format, Samples, Spec};
use mixdown::media::{Reader, Source};
use mixdown::units::Rate;
use mixdown::world::{Memory, World};

const FRAMES: usize = 441_000;
const PIECE: usize = 512;

fn main() {
    divan::main();
}

fn music() -> Vec<Vec<f64>> {
    let seed = Seed::of("bench");
    let one = |channel: u64| {
        let noise = seed.with(channel);
        (0..FRAMES as i64)
            .map(|n| 0.4 * math::sin(n as f64 * 0.03) + 0.2 * math::sin(n as f64 * 0.0171) + 0.02 * noise.bipolar(n))
            .collect()
    };
    (0..2).map(one).collect()
}

fn quantised(bits: u32) -> Vec<Vec<i32>> {
    let mut quantiser = Quantiser::new(bits, Noise::Tpdf, Rate::CD, Seed::of("bench"));
    let mut planes = vec![vec![0; FRAMES]; 2];
    for (channel, plane) in music().iter().enumerate() {
        quantiser.run(channel, 0, plane, &mut planes[channel]);
    }
    planes
}

fn write(world: &Memory, format: Format, bits: u32, compression: u8, planes: &[Vec<i32>]) {
    let spec = Spec { format, bits, channels: 2, rate: Rate::CD, frames: FRAMES as u64, compression };
    let mut writer = writer::create(world.create(Path::new("x")).unwrap(), spec).unwrap();
    for at in (0..FRAMES).step_by(PIECE) {
        let to = (at + PIECE).min(FRAMES);
        writer.write(Samples::Int(&[&planes[0][at..to], &planes[1][at..to]])).unwrap();
    }
    writer.finish().unwrap();
}

const FILES: [(Format, u32); 4] = [(Format::Wav, 16), (Format::Wav, 24), (Format::Flac, 16), (Format::Flac, 24)];

#[divan::bench(args = FILES, sample_count = 5)]
fn encode(bencher: Bencher, (format, bits): (Format, u32)) {
    let (world, planes) = (Memory::new(), quantised(bits));
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| write(&world, format, bits, Spec::COMPRESSION, &planes));
}

/// How long each level of FLAC takes.
#[divan::bench(args = 0..=8, sample_count = 5)]
fn compress(bencher: Bencher, compression: u8) {
    let (world, planes) = (Memory::new(), quantised(24));
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| write(&world, Format::Flac, 24, compression, &planes));
}

#[divan::bench(args = FILES, sample_count = 5)]
fn decode(bencher: Bencher, (format, bits): (Format, u32)) {
    let world = Memory::new();
    write(&world, format, bits, Spec::COMPRESSION, &quantised(bits));
    let mut block = Block::new(2, PIECE);
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let mut reader = Reader::open(&world, Path::new("x"), false).unwrap();
        while reader.read(&mut block.planes(2, PIECE)).unwrap() > 0 {}
    });
}

#[divan::bench(args = [48_000, 96_000, 22_050, 44_101], sample_count = 5)]
fn resample(bencher: Bencher, to: u32) {
    let world = Memory::new();
    write(&world, Format::Wav, 16, Spec::COMPRESSION, &quantised(16));
    let mut block = Block::new(2, PIECE);
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let rate = Rate::new(to).unwrap();
        let mut source = Source::new(Reader::open(&world, Path::new("x"), false).unwrap(), rate);
        while source.read(&mut block.planes(2, PIECE)).unwrap() > 0 {}
    });
}

#[divan::bench(args = [Noise::None, Noise::Tpdf, Noise::Shaped], sample_count = 5)]
fn quantise(bencher: Bencher, noise: Noise) {
    let planes = music();
    let mut out = vec![0; FRAMES];
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let mut quantiser = Quantiser::new(16, noise, Rate::CD, Seed::of("bench"));
        (0..2).for_each(|channel| quantiser.run(channel, 0, &planes[channel], &mut out));
    });
}

/// Silence on its way from a sum into a file: from a rate to another.
#[divan::bench(args = [(48_000, 48_000), (48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (48_000, 96_000)], sample_count = 5)]
fn deliver(bencher: Bencher, (from, to): (u32, u32)) {
    let length = FRAMES as i64;
    let output = plan::Output {
        inputs: vec![],
        keys: vec![],
        layout: Layout::STEREO,
        latency: 0,
        begin: 0,
        end: length,
        from: 0,
        to: length,
        fade_in: 0,
        fade_out: 0,
        depth: None,
    };
    let plan = plan::Plan { rate: Rate::new(from).unwrap(), length, nodes: vec![], outputs: vec![output], proof: None };
    let sink = Sink::File(Delivery {
        path: "x".into(),
        format: Format::Wav,
        bits: 24,
        rate: Rate::new(to).unwrap(),
        last: None,
        noise: Noise::Tpdf,
        seed: Seed::of("bench"),
        full: false,
        about: Default::default(),
        compression: Spec::COMPRESSION,
        told: false,
    });
    let options = Options::new(Some(1), None);
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let (world, sinks) = (Memory::new(), std::slice::from_ref(&sink));
        let job = Job { plan: &plan, files: &[], spools: &[], sinks, world: &world, options, past: None, start: None };
        engine::run(&job, &Nobody).and_then(|rendered| rendered.keep(|_| true)).unwrap()
    });
}

struct Nobody;

impl Watcher for Nobody {
    fn progress(&self, _: u64, _: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

#[divan::bench(args = [What::Peaks, What::Full], sample_count = 5)]
fn measure(bencher: Bencher, what: What) {
    let mut block = Block::new(2, FRAMES);
    music().iter().enumerate().for_each(|(channel, plane)| block.channel_mut(channel).copy_from_slice(plane));
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let mut meter = Meter::new(Rate::CD, 2, what);
        for at in (0..FRAMES).step_by(PIECE) {
            meter.add(block.planes_ref(2, FRAMES).slice(at, (at + PIECE).min(FRAMES)));
        }
        meter.finish()
    });
}
