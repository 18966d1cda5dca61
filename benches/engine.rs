//! The whole engine on a session like a song's: eight tracks (cut, three bells, compressor, level curve, pan) into two groups, a hall, a delay,
//! mix and master. Throughput counts stereo frames of the song: `cargo bench --bench engine`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use divan::counter::ItemsCount;
use mixdown::audio::rng::Seed;
use mixdown::diag::{Diagnostics, SourceId, Span};
use mixdown::dsp::parts::dither::Noise;
use mixdown::engine::{self, Delivery, File, Job, Options, Sink, Watcher};
use mixdown::graph::{self, Ground, Want, What, plan::Material};
use mixdown::media::writer::{Format, Spec};
use mixdown::session::{
    At, Clip, Curve, Effect, Info, Loc, Point, Route, RouteTo, Send, Session, Signal, Strip, StripId, StripKind, Tap,
    TapPoint, Time, Timeline, Value, Way,
};
use mixdown::units::Rate;
use mixdown::world::Memory;

const FRAMES: usize = 480_000;

fn main() {
    divan::main();
}

fn loc() -> Loc {
    Loc(Span::new(SourceId(0), 0, 0))
}

fn effect(name: &str, values: &[(&str, f64)]) -> Effect {
    let values = values.iter().map(|(n, x)| (n.to_string(), Value::Number(Signal::Constant(*x)), loc())).collect();
    Effect { name: name.to_string(), values, loc: loc() }
}

fn holding(name: &str, param: &str, children: Vec<Effect>) -> Effect {
    Effect { name: name.to_string(), values: vec![(param.to_string(), Value::Effects(children), loc())], loc: loc() }
}

fn bell(hz: f64, gain: f64, q: f64) -> Effect {
    effect("bell", &[("frequency", hz), ("gain", gain), ("q", q)])
}

fn compressor(threshold: f64, ratio: f64) -> Effect {
    effect("compressor", &[("threshold", threshold), ("ratio", ratio)])
}

/// Tracks, two groups, two returns, mix, master.
fn session(tracks: usize) -> Session {
    let strip = |name: String, kind| Strip::new(name, kind, loc());
    let mut strips = Vec::new();
    let bus = |n: usize| StripId(tracks + n);
    for i in 0..tracks {
        let mut track = strip(format!("track {i}"), StripKind::Track);
        track.clips.push(Clip {
            path: format!("{i}.wav"),
            loc: loc(),
            at: None,
            from: None,
            to: None,
            fade_in: None,
            fade_out: None,
            gain: 0.0,
            repeat: 1,
            allow_truncated: false,
            channels: Vec::new(),
        });
        let f = i as f64;
        let bands = vec![
            effect("low_cut", &[("frequency", 30.0 + f)]),
            bell(120.0 + 15.0 * f, -2.0, 1.0),
            bell(900.0 + 70.0 * f, 1.5, 1.2),
            bell(4500.0 + 250.0 * f, 2.0, 0.8),
        ];
        track.inserts = vec![holding("eq", "bands", bands), compressor(-24.0, 3.0)];
        let points = (0..10)
            .map(|k| Point {
                at: At::Point(Time::seconds(f64::from(k))),
                value: -9.0 + f64::from(k % 3),
                way: Way::Straight,
                loc: loc(),
            })
            .collect();
        track.gain = Signal::Curve(Curve { points, rest: 0.0, loc: loc() });
        track.pan = Some(Signal::Constant(f * 10.0 - 40.0));
        track.to = Some(Route { to: RouteTo::Strip(bus(i % 2)), loc: loc() });
        for (to, level) in [(bus(2), -12.0), (bus(3), -18.0)] {
            let level = Signal::Constant(level);
            track.sends.push(Send { from: TapPoint::Post, to: RouteTo::Strip(to), level, loc: loc() });
        }
        strips.push(track);
    }
    for (name, inserts) in [
        ("one", vec![holding("eq", "bands", vec![bell(3000.0, -1.0, 1.0)]), compressor(-20.0, 2.0)]),
        ("two", vec![holding("eq", "bands", vec![bell(100.0, 1.5, 0.7)]), compressor(-20.0, 2.0)]),
        ("hall", vec![effect("reverb", &[("decay", 2.0)])]),
        ("echo", vec![effect("delay", &[("time", 0.375)])]),
    ] {
        let mut bus = strip(name.to_string(), StripKind::Bus);
        bus.inserts = inserts;
        strips.push(bus);
    }
    let mut mix = strip("mix".to_string(), StripKind::Mix);
    mix.inserts = vec![compressor(-16.0, 2.0)];
    let mut master = strip("master".to_string(), StripKind::Master);
    let bands = Effect {
        name: "multiband".to_string(),
        values: ["low", "mid", "high"]
            .map(|band| (band.to_string(), Value::Effect(compressor(-20.0, 2.0)), loc()))
            .to_vec(),
        loc: loc(),
    };
    master.inserts = vec![bands, effect("saturate", &[("drive", 2.0)]), effect("limiter", &[("ceiling", -1.0)])];
    strips.extend([mix, master]);
    let info = Info { rate: Some(Rate::STUDIO), ..Info::default() };
    Session {
        info,
        strips,
        sections: vec![],
        vcas: vec![],
        markers: Vec::new(),
        versions: Vec::new(),
        stems: vec![],
        deliveries: vec![],
        targets: vec![],
        expectations: vec![],
    }
}

/// 24-bit stereo noise, by hand: a header and samples.
fn wav(seed: u64) -> Vec<u8> {
    let data = FRAMES * 6;
    let mut bytes = Vec::with_capacity(44 + data);
    bytes.extend(b"RIFF");
    bytes.extend((36 + data as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend(48_000u32.to_le_bytes());
    bytes.extend(288_000u32.to_le_bytes());
    bytes.extend(b"\x06\0\x18\0data");
    bytes.extend((data as u32).to_le_bytes());
    let seed = Seed::new(seed);
    for i in 0..FRAMES as i64 * 2 {
        let sample = (seed.bipolar(i) * 1_000_000.0) as i32;
        bytes.extend_from_slice(&sample.to_le_bytes()[..3]);
    }
    bytes
}

struct Nobody;

impl Watcher for Nobody {
    fn progress(&self, _: u64, _: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

fn run(bencher: divan::Bencher<'_, '_>, threads: usize) {
    const TRACKS: usize = 8;
    let world = Memory::new();
    let session = session(TRACKS);
    let mut clips = BTreeMap::new();
    let mut files = Vec::new();
    let mut materials = Vec::new();
    for i in 0..TRACKS {
        world.put(format!("{i}.wav"), wav(i as u64));
        clips.insert((StripId(i), 0), i);
        let path = PathBuf::from(format!("{i}.wav"));
        files.push(File { path, channels: 2, frames: FRAMES as i64, allow_truncated: false, only: Vec::new() });
        materials.push(Material { channels: 2, frames: FRAMES as i64, depth: Some(24), seal: 0, only: Vec::new() });
    }
    let (timeline, _) = Timeline::new(&session.info, &[], Rate::STUDIO, &vec![None; session.strips.len()]);
    let ground = Ground { rate: Rate::STUDIO, timeline: &timeline, materials: &materials, clips: &clips };
    let mut found = Diagnostics::default();
    let compiled = graph::compile(&session, &ground, &mut found).expect("the session compiles");
    assert!(!found.has_errors(), "{found:?}");
    let want = |strip| Want {
        what: What::Tap(Tap { strip, point: TapPoint::Post }),
        from: None,
        to: Some(FRAMES as i64),
        part: (None, None),
        fade_in: 0,
        fade_out: 0,
    };
    let plan = compiled.plan(&session, &[want(session.mix()), want(session.master())]);
    let delivery = |name: &str, bits, full| {
        Sink::File(Delivery {
            path: PathBuf::from(name),
            format: Format::Wav,
            bits,
            rate: plan.rate,
            last: None,
            noise: Noise::Tpdf,
            seed: Seed::of(name),
            full,
            about: Default::default(),
            compression: Spec::COMPRESSION,
            told: false,
        })
    };
    let deliveries = [delivery("mix.wav", 24, true), delivery("master.wav", 16, true)];
    let options = Options::new(Some(threads), None);
    let job = Job {
        plan: &plan,
        files: &files,
        spools: &[],
        sinks: &deliveries,
        world: &world,
        options,
        past: None,
        start: None,
    };
    let render = || engine::run(&job, &Nobody).and_then(|rendered| rendered.keep(|_| true));
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| render().map(|_| ()).expect("it renders"));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn one_thread(bencher: divan::Bencher<'_, '_>) {
    run(bencher, 1);
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_threads(bencher: divan::Bencher<'_, '_>) {
    run(bencher, 2);
}
