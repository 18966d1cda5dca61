//! What is measured on the way: expectations judged after a render, and trims that bring a source to a level, surveyed once.

mod cached;
mod expectations;
mod faults;
#[path = "../sessions/mod.rs"]
mod sessions;
mod trims;

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mixdown::diag::{SourceId, Span};
use mixdown::project::{Built, Observer, Request, build_read};
use mixdown::script::{self, Reading};
use mixdown::session::{Level, Loc, Trim};
use mixdown::world::{Input, Output, Stamp, World};
use sessions::{Session, noise};

const SONG: &str = "song.mix";

fn read(world: &dyn World) -> Reading {
    script::read(world, Path::new(SONG))
}

fn build(world: &dyn World, script: Reading) -> Built {
    build_read(world, Path::new(SONG), script, &Request::default(), &())
}

/// A place in the script's text: where `words` stand.
fn at(world: &dyn World, words: &str) -> Loc {
    let text = world.read_text(Path::new(SONG)).unwrap();
    let start = text.find(words).unwrap_or_else(|| panic!("no {words} in {text}"));
    Loc(Span::new(SourceId(0), start, start + words.len()))
}

fn told(built: &Built) -> Vec<String> {
    built.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

/// Gives strips their trims; the place of each is the strip's own.
fn trimmed(world: &dyn World, trims: &[(&str, Level, f64)]) -> Reading {
    let mut script = read(world);
    for (name, level, value) in trims {
        let id = script.session.find(name).unwrap_or_else(|| panic!("no strip {name}"));
        let strip = &mut script.session.strips[id.0];
        strip.trim = Trim::To { level: *level, value: *value, loc: strip.loc };
    }
    script
}

/// Stereo and mono, of two rates.
fn sounds() -> Session {
    let burst = |seed, channels| {
        let mut planes = noise(seed, channels, 96_000, 0.3);
        planes.iter_mut().for_each(|p| p.iter_mut().enumerate().for_each(|(n, x)| *x *= 1.0 - n as f64 / 130_000.0));
        planes
    };
    Session::new()
        .wav("stereo.wav", 48_000, 24, &burst(1, 2))
        .wav("mono.wav", 48_000, 16, &burst(2, 1))
        .wav("cd.wav", 44_100, 24, &burst(3, 2))
        .wav("nothing.wav", 48_000, 16, &[vec![0.0; 48_000]])
        .wav("click.wav", 48_000, 16, &[vec![0.5; 4_800]])
        .wav("hiss.wav", 48_000, 32, &noise(4, 1, 48_000, 1e-6))
}

/// A world that counts the bytes that are read, remembering through another.
struct Counting<W> {
    world: W,
    read: Arc<AtomicU64>,
}

struct Counted {
    inner: Box<dyn Input>,
    read: Arc<AtomicU64>,
}

impl<W: World> Counting<W> {
    fn new(world: W) -> Counting<W> {
        Counting { world, read: Arc::default() }
    }

    /// Since the last time it was asked.
    fn bytes(&self) -> u64 {
        self.read.swap(0, Ordering::SeqCst)
    }
}

impl<W: World> World for Counting<W> {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.world.read_text(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        Ok(Box::new(Counted { inner: self.world.open(path)?, read: self.read.clone() }))
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.world.list(folder)
    }
    fn exists(&self, path: &Path) -> bool {
        self.world.exists(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.world.create(path)
    }
    fn canonical(&self, path: &Path) -> PathBuf {
        self.world.canonical(path)
    }
    fn sweep(&self, folder: &Path) -> io::Result<()> {
        self.world.sweep(folder)
    }
    fn recall(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        self.world.recall(key)
    }
    fn remember(&self, key: &[u8; 32], bytes: &[u8]) {
        self.world.remember(key, bytes);
    }
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.read.fetch_add(n as u64, Ordering::SeqCst);
        Ok(n)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl Input for Counted {
    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }
    fn stamp(&self) -> io::Result<Stamp> {
        self.inner.stamp()
    }
    fn settled(&self) -> bool {
        self.inner.settled()
    }
}

/// Counts what is measured before the render, and stops a build there after so much.
#[derive(Default)]
struct Surveyor {
    seen: AtomicU64,
    rendered: AtomicU64,
    most: Option<u64>,
}

impl Observer for Surveyor {
    fn progress(&self, _: u64, _: u64) {
        self.rendered.fetch_add(1, Ordering::SeqCst);
    }
    fn survey(&self, done: u64, total: u64) {
        assert!(done <= total);
        self.seen.fetch_add(1, Ordering::SeqCst);
    }
    fn cancelled(&self) -> bool {
        self.most.is_some_and(|most| self.seen.load(Ordering::SeqCst) >= most)
    }
}

const BUSES: &str = "song(\"x\", rate: 48kHz);\nlet g = bus(\"g\").insert(saturate(drive: 3dB));\ntrack(\"a\", \"stereo.wav\").to(g);\n\
    track(\"b\", \"mono.wav\").to(g);\ndeliver(mix, \"mix.wav\");";

const TRIMS: [(&str, Level, f64); 3] = [("a", Level::Lufs, -20.0), ("b", Level::Dbfs, -9.0), ("g", Level::Dbtp, -3.0)];
