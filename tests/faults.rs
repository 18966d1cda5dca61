//! Everything that can fail outside, failing: what was there stays, nothing half appears, and the reason is told.

mod deliveries;
mod sessions;

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use mixdown::project::{Built, Observer, Request, build};
use mixdown::world::{Input, Memory, Output, Stamp, World};
use sessions::tone_world;

const SCRIPT: &str = "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\");\ntrack(\"b\", \"b.wav\").insert(limiter());\n\
    stems();\ndeliver(mix, \"mix.wav\");\ndeliver(master, \"master.flac\");";

/// A world in which the operation number `fails` (of reads, writes, creations and commits, counted together) fails, and all after it.
struct Failing {
    world: Memory,
    left: Arc<AtomicI64>,
    kind: io::ErrorKind,
}

impl Failing {
    fn step(left: &AtomicI64, kind: io::ErrorKind) -> io::Result<()> {
        if left.fetch_sub(1, Ordering::SeqCst) <= 0 { Err(kind.into()) } else { Ok(()) }
    }
}

impl World for Failing {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.world.read_text(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        self.world.open(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.world.list(folder)
    }
    fn exists(&self, path: &Path) -> bool {
        self.world.exists(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Failing::step(&self.left, self.kind)?;
        let file = self.world.create(path)?;
        Ok(Box::new(FailingOutput { file, left: self.left.clone(), kind: self.kind }))
    }
    fn canonical(&self, path: &Path) -> PathBuf {
        self.world.canonical(path)
    }
    fn sweep(&self, folder: &Path) -> io::Result<()> {
        self.world.sweep(folder)
    }
}

struct FailingOutput {
    file: Box<dyn Output>,
    left: Arc<AtomicI64>,
    kind: io::ErrorKind,
}

impl Read for FailingOutput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }
}

impl Write for FailingOutput {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Failing::step(&self.left, self.kind)?;
        self.file.write(from)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for FailingOutput {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Output for FailingOutput {
    fn commit(self: Box<Self>) -> io::Result<()> {
        Failing::step(&self.left, self.kind)?;
        self.file.commit()
    }
}

fn render(world: &dyn World) -> Built {
    build(world, Path::new("song.mix"), &Request::default(), &())
}

#[test]
fn a_disk_that_fills_at_any_moment_leaves_old_files_or_whole_new_ones() {
    let good = tone_world().world(SCRIPT);
    assert!(render(&good).ok);
    let outputs: Vec<PathBuf> = good.paths().into_iter().filter(|p| p.starts_with("out")).collect();
    assert_eq!(outputs.len(), 4);
    let mut at = 0;
    loop {
        let world = tone_world().world(SCRIPT);
        outputs.iter().for_each(|path| world.put(path, b"old".to_vec()));
        let failing =
            Failing { world: world.clone(), left: Arc::new(AtomicI64::new(at)), kind: io::ErrorKind::StorageFull };
        let built = render(&failing);
        for path in &outputs {
            let now = world.get(path).unwrap();
            assert!(*now == *b"old" || now == good.get(path).unwrap(), "{} at {at} is half", path.display());
        }
        if built.ok {
            break;
        }
        let told: Vec<String> = built.diagnostics.iter().map(|d| d.code.to_string()).collect();
        assert_eq!(told, ["MX0508"], "{at}");
        assert!(built.outside);
        // every moment at first, then in ever larger steps
        at += 1 + at / 6;
    }
    assert!(at > 8, "something was tried");
}

/// The same where there is still something to be written when the song is over: what the last limiter has kept.
#[test]
fn what_a_file_ends_with_can_fail_too() {
    use mixdown::{dsp::parts::dither::Noise, engine::Failure, media::WriteError};
    let world = tone_world().world("song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\");");
    let form = deliveries::Form::at(44_100).bits(16, Noise::Shaped).last(6.0, -1.0);
    let good = deliveries::deliver(&world, &form).bytes;
    let mut failed = 0;
    for at in 0.. {
        world.put("delivered.wav", b"old".to_vec());
        let left = Arc::new(AtomicI64::new(at));
        let failing = Failing { world: world.clone(), left, kind: io::ErrorKind::StorageFull };
        match deliveries::deliver_through(&world, &failing, &form) {
            Ok(delivered) => {
                assert!(delivered.bytes == good);
                break;
            }
            Err(Failure::Write { output: 0, error: WriteError::Io(e) }) if e.kind() == io::ErrorKind::StorageFull => {
                assert_eq!(&*world.get("delivered.wav").unwrap(), b"old", "at {at}");
                failed += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(failed > 3, "something was tried");
}

/// Says stop after so many reports.
struct Impatient {
    after: u64,
    seen: AtomicU64,
}

impl Observer for Impatient {
    fn progress(&self, _: u64, _: u64) {
        self.seen.fetch_add(1, Ordering::SeqCst);
    }
    fn cancelled(&self) -> bool {
        self.seen.load(Ordering::SeqCst) >= self.after
    }
}

#[test]
fn a_build_that_is_stopped_leaves_what_was_there() {
    for after in [0, 1, 5, 20] {
        let world = tone_world().world(SCRIPT);
        world.put("out/mix.wav", b"old".to_vec());
        let observer = Impatient { after, seen: AtomicU64::new(0) };
        let built = build(&world, Path::new("song.mix"), &Request::default(), &observer);
        assert!(built.cancelled && !built.ok, "{after}");
        assert_eq!(&*world.get("out/mix.wav").unwrap(), b"old");
        assert_eq!(world.paths().iter().filter(|p| p.starts_with("out")).count(), 1);
    }
}

/// A world in which a source is another file after it was opened so many times.
struct Changing {
    world: Memory,
    opened: AtomicU64,
}

impl World for Changing {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.world.read_text(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        let inner = self.world.open(path)?;
        let changes = path == Path::new("b.wav") && self.opened.fetch_add(1, Ordering::SeqCst) > 0;
        Ok(if changes { Box::new(Restless { inner, asked: AtomicI64::new(0) }) } else { inner })
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
}

/// A file whose time stamp moves.
struct Restless {
    inner: Box<dyn Input>,
    asked: AtomicI64,
}

impl Read for Restless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.inner.read(into)
    }
}

impl Seek for Restless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl Input for Restless {
    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }
    fn stamp(&self) -> io::Result<Stamp> {
        let modified = i128::from(self.asked.fetch_add(1, Ordering::SeqCst));
        Ok(Stamp { modified, ..self.inner.stamp()? })
    }
}

#[test]
fn a_source_that_changes_while_it_is_read_is_told_and_nothing_is_written() {
    let world = tone_world().world(SCRIPT);
    let built = render(&Changing { world: world.clone(), opened: AtomicU64::new(0) });
    let told: Vec<String> = built.diagnostics.iter().map(|d| d.code.to_string()).collect();
    assert_eq!(told, ["MX0506"]);
    let label = &built.diagnostics.iter().next().unwrap().labels[0];
    assert_eq!(&SCRIPT[label.span.start as usize..label.span.end as usize], "\"b.wav\"", "where it is named");
    assert!(!built.ok);
    assert!(!world.paths().iter().any(|p| p.starts_with("out")));
}
