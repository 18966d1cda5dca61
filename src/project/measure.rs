use std::path::Path;

use crate::analysis::{Measurement, Meter, TruePeak, What};
use crate::audio::Block;
use crate::diag::Code;
use crate::media::{self, ReadError, Reader};
use crate::world::World;

/// A file that could not be read.
#[derive(Debug)]
pub struct MeasureError {
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
    /// The trouble is with the machine (not there, no right), not with the sound in the file.
    pub outside: bool,
}

/// Measures an audio file. `dual_mono` reads a mono file as it plays on two loudspeakers.
pub fn measure(
    world: &dyn World,
    file: &Path,
    dual_mono: bool,
    true_peak: TruePeak,
) -> Result<Measurement, MeasureError> {
    read(world, file, dual_mono, true_peak).map_err(|error| told(file, &error))
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

fn read(world: &dyn World, file: &Path, dual_mono: bool, true_peak: TruePeak) -> Result<Measurement, ReadError> {
    let mut reader = Reader::open(world, file, false)?;
    let info = reader.info().clone();
    let mut meter = Meter::of(info.rate, info.channels, What::Full, info.mask, dual_mono).reading(true_peak);
    let mut block = Block::new(info.channels, 4096);
    loop {
        let n = reader.read(&mut block.planes(info.channels, 4096))?;
        if n == 0 {
            break;
        }
        meter.add(block.planes_ref(info.channels, n));
    }
    let mut measurement = meter.finish();
    measurement.format = info.format.to_string();
    measurement.codec = info.codec.to_string();
    measurement.sample_rate = info.rate.get();
    measurement.blake3 = media::hex(&media::hash(world, file)?);
    Ok(measurement)
}
