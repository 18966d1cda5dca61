//! What holds of every file, whatever its bytes.

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mixdown::audio::Block;
use mixdown::media::{Info, ReadError, Reader};
use mixdown::world::{Input, Memory, Output, Stamp, World};

use super::mutant::Dice;
use super::{memory, mend};

/// Frames that are read of a mutant at most, in all.
const FRAMES: u64 = 2_000_000;
/// Frames read at once.
const PIECE: usize = 1024;
/// What a reader may hold: the decoders' tables and buffers, whatever the file says.
const HELD: usize = 16 << 20;
/// Calls that a reader may make to its file, and bytes that it may get from it: so often it may go through the file again, and through its blocks.
const CALLS: u64 = 400_000;
const TIMES: u64 = 400;

/// What a mutant came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) opened: bool,
    pub(crate) whole: bool,
    pub(crate) held: usize,
    pub(crate) largest: usize,
    /// Times that the file was read, in its bytes.
    pub(crate) times: u64,
    pub(crate) calls: u64,
}

/// A world of one file that counts what is read of it, and gives no more when that is out of all bounds.
struct Watched(Memory, Arc<Work>);

#[derive(Default)]
struct Work {
    calls: AtomicU64,
    bytes: AtomicU64,
}

struct Counted(Box<dyn Input>, Arc<Work>);

impl World for Watched {
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
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let calls = self.1.calls.fetch_add(1, Ordering::Relaxed);
        if calls > CALLS {
            return Err(io::Error::other("too much work"));
        }
        let read = self.0.read(into)?;
        self.1.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
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
}

/// Everything that must hold of a file, with its seed for the places that are sought.
pub(crate) fn holds(bytes: &[u8], seed: u64) -> Result<Told, String> {
    let length = bytes.len();
    let work = Arc::new(Work::default());
    let world = Watched(Memory::new(), work.clone());
    world.0.put("x", bytes);
    let repeats = mend::repeats(bytes);
    let read = || {
        let mut told = Told::default();
        for allow_truncated in [false, true] {
            through(&world, allow_truncated, repeats, seed, &mut told)?;
        }
        Ok::<Told, String>(told)
    };
    let (result, held, largest) = memory::of(seed, || catch_unwind(AssertUnwindSafe(read)));
    let told = result.map_err(|panic| {
        let why = panic.downcast_ref::<String>().cloned();
        let why = why.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
        format!("a panic that escapes: {}", why.unwrap_or_default())
    })??;
    let (calls, bytes) = (work.calls.load(Ordering::Relaxed), work.bytes.load(Ordering::Relaxed));
    let times = bytes / length.max(1) as u64;
    if held > HELD || largest > HELD {
        return Err(format!("{held} bytes are held at once, the largest request is one of {largest}"));
    }
    if calls > CALLS || times > TIMES && bytes > 1 << 20 {
        return Err(format!("{length} bytes were read {times} times, in {calls} calls"));
    }
    Ok(Told { held, largest, times, calls, ..told })
}

/// Reads a file from its beginning to its end, and from anywhere on.
fn through(world: &Watched, allow_truncated: bool, repeats: bool, seed: u64, told: &mut Told) -> Result<(), String> {
    let mut reader = match Reader::open(world, Path::new("x"), allow_truncated) {
        Ok(reader) => reader,
        Err(error) => return sayable(&error),
    };
    told.opened = true;
    let info = reader.info().clone();
    sensible(&info)?;
    let mut block = Block::new(info.channels, PIECE);
    let mut all = vec![Vec::new(); 1];
    let whole = loop {
        match reader.read(&mut block.planes(info.channels, PIECE)) {
            // no frame has all its channels kept: the last one's stand for them
            Ok(frames @ 1..) => all[0].extend_from_slice(&block.channel(info.channels - 1)[..frames]),
            Ok(0) => break true,
            Err(error) => {
                sayable(&error)?;
                break false;
            }
        }
        let read = all[0].len() as u64;
        if read > info.frames {
            return Err(format!("{read} frames are read of {}", info.frames));
        }
        if read >= FRAMES / 4 {
            break false;
        }
    };
    let all = &all[0];
    if whole && all.len() as u64 != info.frames {
        return Err(format!("{} frames were promised, {} are there", info.frames, all.len()));
    }
    told.whole |= whole;
    let whole = whole && !(repeats && info.format == "flac");
    let mut dice = Dice::new(!seed);
    for _ in 0..5 {
        let from = dice.below(info.frames.min(1 << 40) as usize + 2);
        let sought = reader.seek(from as u64).and_then(|()| reader.read(&mut block.planes(info.channels, PIECE)));
        match sought {
            Ok(frames) if whole => {
                let expected = &all[from.min(all.len())..(from + PIECE).min(all.len())];
                let found = &block.channel(info.channels - 1)[..frames];
                let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
                if found.len() != expected.len() || !found.iter().zip(expected).all(same) {
                    return Err(format!("from frame {from} of {} another sound follows", all.len()));
                }
            }
            Err(error) if whole => {
                return Err(format!("the file reads without an error, but not from frame {from}: {error}"));
            }
            Ok(_) => {}
            Err(error) => sayable(&error)?,
        }
    }
    Ok(())
}

fn sayable(error: &ReadError) -> Result<(), String> {
    let text = error.to_string();
    if text.len() < 10 || text.len() > 400 {
        return Err(format!("an error of no or many words: {text:?}"));
    }
    Ok(())
}

fn sensible(info: &Info) -> Result<(), String> {
    let bits = info.bits.is_none_or(|bits| (1..=64).contains(&bits));
    if !(1..=16).contains(&info.channels) || info.frames == 0 || !bits || info.codec.is_empty() {
        return Err(format!("an open file of {info:?}"));
    }
    Ok(())
}
