//! What a stereo frame costs to measure, beside the `ebur128` crate (a port of libebur128). Ten seconds at 48 kHz in blocks of 512.

use divan::Bencher;
use divan::counter::ItemsCount;
use ebur128::{EbuR128, Mode};
use mixdown::analysis::{Meter, TruePeak, What};
use mixdown::audio::{Block, math, rng::Seed};
use mixdown::units::Rate;

const FRAMES: usize = 480_000;
const PIECE: usize = 512;

fn main() {
    divan::main();
}

#[derive(Clone, Copy, Debug)]
enum Programme {
    /// Tones that beat, decaying hits every half second, and a little noise: peaks here and there.
    Ordinary,
    /// Noise at full scale: every sample may hide a peak.
    Noise,
    /// A sine near the Nyquist frequency that grows all the time: every crest is the highest so far.
    Growing,
}

const ALL: [Programme; 3] = [Programme::Ordinary, Programme::Noise, Programme::Growing];

fn sound(programme: Programme) -> Block {
    let seed = Seed::of("meter");
    let mut block = Block::new(2, FRAMES);
    for channel in 0..2 {
        let noise = seed.with(channel as u64);
        for (n, x) in block.channel_mut(channel).iter_mut().enumerate() {
            let t = n as f64;
            *x = match programme {
                Programme::Ordinary => {
                    let hit = math::exp2(-((n % 24_000) as f64) / 1500.0);
                    let tones = 0.25 * math::sin(t * 0.031) + 0.2 * math::sin(t * 0.0171 + channel as f64);
                    tones + hit * (0.3 * math::sin(t * 0.007) + 0.2 * noise.bipolar(n as i64))
                }
                Programme::Noise => noise.bipolar(n as i64),
                Programme::Growing => (0.5 + 0.4 * t / FRAMES as f64) * math::sin(t * 2.7),
            };
        }
    }
    block
}

fn ours(bencher: Bencher, programme: Programme, what: What, kind: TruePeak) {
    let block = sound(programme);
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let mut meter = Meter::new(Rate::STUDIO, 2, what).reading(kind);
        for at in (0..FRAMES).step_by(PIECE) {
            meter.add(block.planes_ref(2, FRAMES).slice(at, (at + PIECE).min(FRAMES)));
        }
        meter.finish()
    });
}

fn theirs(bencher: Bencher, programme: Programme, mode: Mode) {
    let block = sound(programme);
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        let mut meter = EbuR128::new(2, 48_000, mode).unwrap();
        for at in (0..FRAMES).step_by(PIECE) {
            let piece = block.planes_ref(2, FRAMES).slice(at, (at + PIECE).min(FRAMES));
            meter.add_frames_planar_f64(&[piece.channel(0), piece.channel(1)]).unwrap();
        }
        (meter.loudness_global(), meter.true_peak(0))
    });
}

#[divan::bench(args = ALL, sample_count = 20)]
fn full(bencher: Bencher, programme: Programme) {
    ours(bencher, programme, What::Full, TruePeak::Exact);
}

#[divan::bench(args = ALL, sample_count = 20)]
fn true_peak(bencher: Bencher, programme: Programme) {
    ours(bencher, programme, What::TruePeak, TruePeak::Exact);
}

#[divan::bench(args = ALL, sample_count = 20)]
fn true_peak_itu(bencher: Bencher, programme: Programme) {
    ours(bencher, programme, What::TruePeak, TruePeak::Itu);
}

#[divan::bench(args = [Programme::Ordinary], sample_count = 20)]
fn peaks(bencher: Bencher, programme: Programme) {
    ours(bencher, programme, What::Peaks, TruePeak::Exact);
}

/// Integrated loudness, range and true peak; momentary and short-term are to be asked for between.
#[divan::bench(args = ALL, sample_count = 20)]
fn ebur128_full(bencher: Bencher, programme: Programme) {
    theirs(bencher, programme, Mode::I | Mode::LRA | Mode::TRUE_PEAK);
}

#[divan::bench(args = [Programme::Ordinary], sample_count = 20)]
fn ebur128_true_peak(bencher: Bencher, programme: Programme) {
    theirs(bencher, programme, Mode::TRUE_PEAK);
}

#[divan::bench(args = [Programme::Ordinary], sample_count = 20)]
fn ebur128_integrated(bencher: Bencher, programme: Programme) {
    theirs(bencher, programme, Mode::I);
}
