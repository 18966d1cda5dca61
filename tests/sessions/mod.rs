//! Sessions in memory: files made here, scripts rendered, results read back.
#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, math};
use mixdown::media::Reader;
use mixdown::project::{Request, build};
use mixdown::world::Memory;

pub(crate) fn db(level: f64) -> f64 {
    math::pow(10.0, level / 20.0)
}

/// Channels × frames of noise, the same for the same seed.
pub(crate) fn noise(seed: u64, channels: usize, frames: usize, peak: f64) -> Vec<Vec<f64>> {
    let seed = Seed::new(seed);
    (0..channels).map(|c| (0..frames).map(|n| seed.with(c as u64).bipolar(n as i64) * peak).collect()).collect()
}

pub(crate) fn sine(hz: f64, channels: usize, frames: usize, peak: f64) -> Vec<Vec<f64>> {
    let wave = |n: usize| math::sin(std::f64::consts::TAU * hz * n as f64 / 48_000.0) * peak;
    vec![(0..frames).map(wave).collect(); channels]
}

/// Files for a session.
#[derive(Clone, Default)]
pub(crate) struct Session {
    files: BTreeMap<String, Vec<u8>>,
}

/// Three tracks of 2.5 to 3 seconds: a, b stereo, c mono.
pub(crate) fn tone_world() -> Session {
    Session::new()
        .wav("a.wav", 48_000, 24, &noise(11, 2, 120_000, 0.3))
        .wav("b.wav", 48_000, 24, &sine(110.0, 2, 120_000, 0.4))
        .wav("c.wav", 48_000, 16, &noise(12, 1, 120_000, 0.2))
}

impl Session {
    pub(crate) fn new() -> Session {
        Session::default()
    }

    /// Adds a WAV; 32 bits are float.
    pub(crate) fn wav(mut self, name: &str, rate: u32, bits: u16, samples: &[Vec<f64>]) -> Session {
        let float = bits == 32;
        let spec = hound::WavSpec {
            channels: samples.len() as u16,
            sample_rate: rate,
            bits_per_sample: bits,
            sample_format: if float { hound::SampleFormat::Float } else { hound::SampleFormat::Int },
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        let full = f64::from(1u32 << (bits - 1));
        for n in 0..samples[0].len() {
            for plane in samples {
                if float {
                    writer.write_sample(plane[n] as f32).unwrap();
                } else {
                    writer.write_sample((plane[n] * full).round().clamp(-full, full - 1.0) as i32).unwrap();
                }
            }
        }
        writer.finalize().unwrap();
        self.files.insert(name.to_string(), bytes.into_inner());
        self
    }

    /// The samples of one of its files, as they are read.
    pub(crate) fn samples(&self, name: &str) -> Vec<Vec<f64>> {
        read(&self.world(""), Path::new(name))
    }

    pub(crate) fn world(&self, script: &str) -> Memory {
        let world = Memory::new();
        self.files.iter().for_each(|(name, bytes)| world.put(name, bytes.clone()));
        world.put("song.mix", script);
        world
    }

    pub(crate) fn render(&self, script: &str) -> Rendered {
        self.render_with(script, &Request::default())
    }

    pub(crate) fn render_with(&self, script: &str, request: &Request) -> Rendered {
        let world = self.world(script);
        let built = build(&world, Path::new("song.mix"), request, &());
        let told: Vec<String> =
            built.diagnostics.iter().map(|d| format!("{} {} {:?}", d.code, d.message, d.help)).collect();
        assert!(built.ok, "{told:#?}\n{script}");
        Rendered { world }
    }
}

pub(crate) struct Rendered {
    world: Memory,
}

impl Rendered {
    /// The outputs, as named below the output folder.
    pub(crate) fn names(&self) -> Vec<String> {
        let paths: Vec<PathBuf> = self.world.paths();
        paths.iter().filter_map(|p| p.strip_prefix("out").ok()).map(|p| p.to_string_lossy().into_owned()).collect()
    }

    pub(crate) fn samples(&self, name: &str) -> Vec<Vec<f64>> {
        read(&self.world, &Path::new("out").join(name))
    }

    /// What every output's bytes are.
    pub(crate) fn hashes(&self) -> BTreeMap<String, String> {
        let hash = |name: &String| blake3::hash(&self.world.get(Path::new("out").join(name)).unwrap()).to_string();
        self.names().into_iter().map(|name| (name.clone(), hash(&name))).collect()
    }
}

/// All samples of a file: channels × frames.
pub(crate) fn read(world: &Memory, path: &Path) -> Vec<Vec<f64>> {
    let mut reader = Reader::open(world, path, false).unwrap();
    let channels = reader.info().channels;
    let mut block = Block::new(channels, 4096);
    let mut samples = vec![Vec::new(); channels];
    loop {
        let n = reader.read(&mut block.planes(channels, 4096)).unwrap();
        if n == 0 {
            return samples;
        }
        samples.iter_mut().enumerate().for_each(|(c, plane)| plane.extend_from_slice(&block.channel(c)[..n]));
    }
}
