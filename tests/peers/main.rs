//! What other programs say about mixdown's files and numbers, and what mixdown says about theirs. Ignored by default: they need ffmpeg, sox and
//! flac. `cargo test --release --test peers -- --ignored` runs them.

mod coded;
mod converted;
mod decoded;
#[path = "../deliveries/mod.rs"]
mod deliveries;
mod limiters;
mod measured;
mod processed;
mod table;
mod tagged;
mod written;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, math};
use mixdown::media::Reader;
use mixdown::world::Disk;
use tempfile::TempDir;

/// A folder of its own for a test, and the programs started in it.
struct Bench(TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let output = Command::new(program).args(args).current_dir(self.0.path()).output();
        let output = output.unwrap_or_else(|e| panic!("{program}: {e}"));
        // in json mixdown tells its mistakes on stdout
        let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{program} {args:?}: {}{}", told(&output.stderr), told(&output.stdout));
        output
    }

    /// What a program prints.
    fn says(&self, program: &str, args: &[&str]) -> String {
        String::from_utf8(self.run(program, args).stdout).unwrap()
    }

    fn mixdown(&self, args: &[&str]) -> String {
        self.says(env!("CARGO_BIN_EXE_mixdown"), args)
    }

    /// Renders a script into `out/`.
    fn render(&self, script: &str) {
        fs::write(self.at("song.mix"), script).unwrap();
        self.mixdown(&["render", "song.mix", "-q"]);
    }

    /// A measurement by mixdown.
    fn measure(&self, file: &str, more: &[&str]) -> serde_json::Value {
        let args = [&["measure", file, "--message-format", "json"], more].concat();
        serde_json::from_str(&self.mixdown(&args)).unwrap()
    }

    /// A 32-bit float WAV.
    fn write(&self, name: &str, rate: u32, planes: &[Vec<f64>]) {
        let spec = hound::WavSpec {
            channels: planes.len() as u16,
            sample_rate: rate,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut writer = hound::WavWriter::create(self.at(name), spec).unwrap();
        for n in 0..planes[0].len() {
            planes.iter().for_each(|p| writer.write_sample(p[n] as f32).unwrap());
        }
        writer.finalize().unwrap();
    }

    /// Interleaved samples as mixdown reads them.
    fn ours(&self, name: &str) -> Vec<f64> {
        let mut reader = Reader::open(&Disk::new(self.0.path()), Path::new(name), false).unwrap();
        let channels = reader.info().channels;
        let mut block = Block::new(channels, 1013);
        let mut all = Vec::new();
        loop {
            let n = reader.read(&mut block.planes(channels, 1013)).unwrap();
            if n == 0 {
                return all;
            }
            (0..n).for_each(|i| all.extend((0..channels).map(|c| block.channel(c)[i])));
        }
    }

    /// Interleaved samples as ffmpeg reads them.
    fn ffmpeg(&self, name: &str) -> Vec<f64> {
        let out = self.run("ffmpeg", &["-v", "error", "-i", name, "-c:a", "pcm_f64le", "-f", "f64le", "-"]).stdout;
        out.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
    }

    /// Interleaved samples as sox reads them: 32-bit integers inside.
    fn sox(&self, name: &str) -> Vec<f64> {
        let raw = ["-D", name, "-t", "raw", "-e", "floating-point", "-b", "64", "-L", "-"];
        let out = self.run("sox", &raw).stdout;
        out.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
    }
}

/// Both are equally long; the largest difference.
fn apart(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn rms(x: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = x.len() as f64;
    (x.map(|x| x * x).sum::<f64>() / n).sqrt()
}

/// The level of what is left of `a` without `b`, against that of `a`, in dB.
fn residual(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    math::to_db(rms(a.iter().zip(b).map(|(a, b)| a - b)) / rms(a.iter().copied()))
}

fn sine(rate: u32, hz: f64, phase: f64, gain: f64, seconds: f64) -> Vec<f64> {
    let step = std::f64::consts::TAU * hz / f64::from(rate);
    (0..(seconds * f64::from(rate)) as usize).map(|n| gain * math::sin(phase + step * n as f64)).collect()
}

/// Plucked chords over noise bursts, a quiet part, a middling and a loud one; channels are alike but not the same. Peaks below 0.9.
fn music(rate: u32, channels: usize, seconds: f64) -> Vec<Vec<f64>> {
    let hz = f64::from(rate);
    let frames = (seconds * hz) as usize;
    let notes = [220.0, 277.2, 329.6, 440.0, 164.8, 587.3, 110.0, 659.3];
    let one = |channel: usize| {
        let seed = Seed::of("peers").with(channel as u64);
        let mut plane = vec![0.0; frames];
        for (index, start) in (0..frames).step_by((0.25 * hz) as usize).enumerate() {
            let part = [0.15, 0.3, 0.6][(3 * start / frames).min(2)];
            let (note, leaning) = (notes[(index * 5 + channel) % 8], if index % 2 == channel { 1.0 } else { 0.6 });
            let (mut ring, mut burst) = (1.0, 1.0);
            let (slow, fast) = (math::exp(-6.0 / hz), math::exp(-60.0 / hz));
            for (n, out) in plane[start..].iter_mut().take((0.5 * hz) as usize).enumerate() {
                let t = std::f64::consts::TAU * note * n as f64 / hz;
                let tone = math::sin(t) + 0.4 * math::sin(2.0 * t) + 0.15 * math::sin(5.0 * t);
                let attack = (n as f64 / (0.003 * hz)).min(1.0);
                *out += part * leaning * attack * (0.35 * ring * tone + 0.2 * burst * seed.bipolar((start + n) as i64));
                (ring, burst) = (ring * slow, burst * fast);
            }
        }
        let peak = plane.iter().fold(0.9f64, |most, x| most.max(x.abs()));
        plane.iter().map(|x| x * 0.9 / peak).collect()
    };
    (0..channels).map(one).collect()
}
