use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mixdown::project::check;
use mixdown::world::{Input, Memory, Output, Stamp, World};

use super::sessions::{Session, noise};
use super::{SONG, lines, sounds, told_in};

fn twice() -> Session {
    sounds().wav("take 2.wav", 48_000, 16, &noise(3, 2, 4_800, 0.3))
}

#[test]
fn two_files_of_the_same_sound() {
    assert_eq!(
        told_in(&twice().world("track(\"vox\", \"vox.wav\");\ntrack(\"double\", \"take 2.wav\").pan(20%);")),
        [
            "MX0709 [2 \"take 2.wav\": `take 2.wav` is equal byte for byte] [1 \"vox.wav\": to `vox.wav`] `double` plays the same sound as `vox`, from another file / name one file in both places, `\"vox.wav\"`; or was another take meant?"
        ]
    );
    assert_eq!(
        told_in(&twice().world(
            "track(\"vox\").clip(\"kick.wav\").clip(\"vox.wav\")\n    .clip(\"take 2.wav\").clip(\"take 2.wav\");"
        )),
        [
            "MX0709 [2 \"take 2.wav\": `take 2.wav` is equal byte for byte] [1 \"vox.wav\": to `vox.wav`] `vox` plays one sound from two files / name one file in both places, `\"vox.wav\"`; or was another take meant?"
        ]
    );
    // the two are named by one call
    assert_eq!(
        told_in(&twice().world("for n in [\"vox\", \"take 2\"] { track(n, `${n}.wav`); }")),
        [
            "MX0709 [1 `${n}.wav`: `take 2.wav` is equal byte for byte] `take 2` plays the same sound as `vox`, from another file / name one file in both places, `\"vox.wav\"`; or was another take meant?"
        ]
    );
}

#[test]
fn one_file_and_files_that_differ_are_left_alone() {
    for script in [
        "track(\"a\", \"vox.wav\"); track(\"b\", \"vox.wav\"); track(\"c\", \"./x/../vox.wav\");",
        "track(\"a\", \"vox.wav\"); track(\"b\").clip(\"vox.wav\", allow_truncated: true);",
        "for n in [\"kick\", \"snare\", \"vox\", \"pad\", \"bass\", \"hat\", \"long\"] { track(n, `${n}.wav`); }",
    ] {
        assert_eq!(told_in(&twice().world(script)), Vec::<String>::new(), "{script}");
    }
    // as long, and equal but for one sample
    let mut other = noise(3, 2, 48_000, 0.3);
    let world = Session::new().wav("a.wav", 48_000, 16, &other);
    other[1][31_111] += 0.01;
    let world = world.wav("b.wav", 48_000, 16, &other);
    assert_eq!(told_in(&world.world("track(\"a\", \"a.wav\"); track(\"b\", \"b.wav\");")), Vec::<String>::new());
}

/// Counts the bytes that are read.
struct Counting(Memory, Arc<AtomicU64>);

struct Counted(Box<dyn Input>, Arc<AtomicU64>);

impl io::Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into)?;
        self.1.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl io::Seek for Counted {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for Counted {
    fn length(&self) -> io::Result<u64> {
        self.0.length()
    }
    fn stamp(&self) -> io::Result<Stamp> {
        self.0.stamp()
    }
    fn settled(&self) -> bool {
        self.0.settled()
    }
}

impl World for Counting {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.0.read_text(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        Ok(Box::new(Counted(self.0.open(path)?, self.1.clone())))
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.0.list(folder)
    }
    fn exists(&self, path: &Path) -> bool {
        self.0.exists(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.0.create(path)
    }
    fn canonical(&self, path: &Path) -> PathBuf {
        self.0.canonical(path)
    }
    fn sweep(&self, folder: &Path) -> io::Result<()> {
        self.0.sweep(folder)
    }
    fn recall(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        self.0.recall(key)
    }
    fn remember(&self, key: &[u8; 32], bytes: &[u8]) {
        self.0.remember(key, bytes);
    }
}

/// Forty stems of one length, silent at first as stems are: a check reads a little of each. Only what seems equal is read whole, and once.
#[test]
fn long_files_are_not_read_for_it() {
    let mut session = Session::new();
    let stem = |seed: u64| {
        let mut planes = noise(seed, 2, 96_000, 0.3);
        planes.iter_mut().for_each(|plane| plane[..40_000].fill(0.0));
        planes
    };
    for n in 0..40 {
        session = session.wav(&format!("{n}.wav"), 48_000, 24, &stem(n));
    }
    let mut text = "for n in 0..40 { track(`${n}`, `${n}.wav`); }\n".to_string();
    let one = 96_000 * 6;
    let bytes = |world: &Counting| {
        let checked = check(world, Path::new(SONG), &Default::default());
        (world.1.swap(0, Ordering::Relaxed), lines(&checked.diagnostics, &checked.sources).len())
    };
    let (read, told) = bytes(&Counting(session.world(&text), Arc::default()));
    assert!(read < 40 * 48 * 1024 && told == 0, "{read} bytes, {told}");
    text += "track(\"again\", \"copy.wav\");";
    let world = Counting(session.wav("copy.wav", 48_000, 24, &stem(7)).world(&text), Arc::default());
    let (first, told) = bytes(&world);
    assert!(first > 2 * one && first < 2 * one + 41 * 48 * 1024 && told == 1, "{first} bytes, {told}");
    let (again, told) = bytes(&world);
    assert!(again < 41 * 48 * 1024 && told == 1, "{again} bytes, {told}");
}
