//! What files sound like in numbers.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::request::Observer;
use crate::analysis::{Measurement, Meter, TruePeak, What};
use crate::audio::Block;
use crate::diag::Code;
use crate::engine;
use crate::media::{ReadError, Reader, label};
use crate::world::{Input, World};

/// A file that could not be read.
#[derive(Debug)]
pub struct MeasureError {
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
    /// The trouble is with the machine (not there, no right), not with the sound in the file.
    pub outside: bool,
}

/// How files are measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measuring {
    /// A mono file is read as it plays on two loudspeakers.
    pub dual_mono: bool,
    pub true_peak: TruePeak,
    /// Threads; `None`: one per core.
    pub threads: Option<usize>,
}

/// Measures audio files, and those that lie in folders, several at once. `done` is given each under its path, in the order of `files` and, of a folder, of
/// names, as soon as it and all before it are there. False when it was stopped: then the rest is missing.
pub fn measure(
    world: &dyn World,
    files: &[PathBuf],
    how: Measuring,
    observer: &dyn Observer,
    done: &mut dyn FnMut(&Path, Result<Measurement, MeasureError>),
) -> bool {
    let files: Vec<Listed> = files.iter().flat_map(|file| listed(world, file)).collect();
    let one = |file: &Listed| match file {
        Listed::File(path) => match read(world, path, how, observer) {
            Ok(measurement) => measurement.map(Ok),
            Err(error) => Some(Err(told(path, &error))),
        },
        Listed::Bare(folder) => Some(Err(bare(folder))),
    };
    engine::stream(how.threads, &files, one, |file, measured| {
        let (Listed::File(path) | Listed::Bare(path)) = file;
        if let Some(measured) = measured {
            done(path, measured);
        }
    });
    !observer.cancelled()
}

/// What stands for a name that was given.
enum Listed {
    File(PathBuf),
    /// A folder in which no audio lies.
    Bare(PathBuf),
}

/// A file is itself; a folder is what lies in it and ends as audio does, by name, whether it can be read or not.
fn listed(world: &dyn World, path: &Path) -> Vec<Listed> {
    let Ok(names) = world.list(path) else { return vec![Listed::File(path.to_path_buf())] };
    let sounds = |name: &&String| !name.starts_with('.') && label::of(Path::new(name.as_str())).is_some();
    let paths = names.iter().filter(sounds).map(|name| path.join(name)).filter(|path| world.list(path).is_err());
    let files: Vec<Listed> = paths.map(Listed::File).collect();
    if files.is_empty() { vec![Listed::Bare(path.to_path_buf())] } else { files }
}

fn bare(folder: &Path) -> MeasureError {
    MeasureError {
        code: Code::FILE_MISSING,
        message: format!("`{}`: no audio lies in this folder", folder.display()),
        help: Some("name files, or the folder that they lie in: folders inside it are not looked into".to_string()),
        outside: true,
    }
}

/// Whether a track can play this file.
pub fn playable(world: &dyn World, file: &Path) -> Result<(), MeasureError> {
    let channels = Reader::open(world, file, false).map(|reader| reader.info().channels);
    match channels {
        Ok(channels) if channels > 2 => Err(told(file, &ReadError::TooManyChannels(channels as u32))),
        Ok(_) => Ok(()),
        Err(error) => Err(told(file, &error)),
    }
}

fn told(file: &Path, error: &ReadError) -> MeasureError {
    MeasureError {
        code: super::trouble::code(error),
        message: format!("`{}`: {error}", file.display()),
        help: super::trouble::help(error, &file.display().to_string()).filter(|_| {
            // no word of a command line
            !matches!(error, ReadError::Truncated { .. })
        }),
        outside: matches!(error, ReadError::Io(_)),
    }
}

/// Frames that are read at once.
const BLOCK: usize = 4096;

/// `None` when it was stopped.
fn read(
    world: &dyn World,
    file: &Path,
    how: Measuring,
    observer: &dyn Observer,
) -> Result<Option<Measurement>, ReadError> {
    let mut bytes = Watched { input: world.open(file)?, observer };
    let stamp = bytes.input.stamp()?;
    let mut reader = Reader::open(world, file, false)?;
    let info = reader.info().clone();
    let mut meter = Meter::of(info.rate, info.channels, What::Full, info.mask, how.dual_mono).reading(how.true_peak);
    let mut block = Block::new(info.channels, BLOCK);
    loop {
        if observer.cancelled() {
            return Ok(None);
        }
        let n = reader.read(&mut block.planes(info.channels, BLOCK))?;
        if n == 0 {
            break;
        }
        meter.add(block.planes_ref(info.channels, n));
    }
    let mut measurement = meter.finish();
    measurement.format = info.format.to_string();
    measurement.codec = info.codec.to_string();
    measurement.sample_rate = info.rate.get();
    let mut hash = blake3::Hasher::new();
    let hashed = hash.update_reader(&mut bytes).map(|hash| hash.finalize().to_hex().to_string());
    if observer.cancelled() {
        return Ok(None);
    }
    measurement.blake3 = hashed?;
    // what was measured and what was hashed is one file
    if world.open(file)?.stamp()? != stamp { Err(ReadError::Changed) } else { Ok(Some(measurement)) }
}

/// Bytes that end when it is stopped.
struct Watched<'a> {
    input: Box<dyn Input>,
    observer: &'a dyn Observer,
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.observer.cancelled() { Ok(0) } else { self.input.read(into) }
    }
}
