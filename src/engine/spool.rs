//! What comes to a limiter that will be driven: kept once, measured on the way, and played back as often as a solve takes.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use super::slots::SEGMENT;
use super::{Failure, lock};
use crate::audio::Planes;
use crate::units::Rate;
use crate::world::Output;

const BYTES: usize = size_of::<f32>();

/// Frames of a tap from song frame 0 on, as f32, in a file that has no name.
pub struct Spool {
    file: Mutex<Box<dyn Output>>,
    channels: usize,
    frames: i64,
}

/// What a solve must know of what was kept, in cells of [`ENVELOPE_CELL`](crate::dsp::ENVELOPE_CELL) frames.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub rate: Rate,
    /// K-weighted power of all channels.
    pub power: Vec<f32>,
    /// The highest peak of all channels as the limiter reads it, amplitude.
    pub peaks: Vec<f32>,
}

/// Writes a spool.
pub(super) struct Recorder {
    file: Box<dyn Output>,
    channels: usize,
    frames: i64,
    /// Interleaved, not yet written.
    bytes: Vec<u8>,
}

impl Recorder {
    pub(super) fn new(file: Box<dyn Output>, channels: usize) -> Recorder {
        Recorder { file, channels, frames: 0, bytes: Vec::with_capacity(SEGMENT * channels * BYTES) }
    }

    pub(super) fn add(&mut self, planes: &Planes<'_>) -> io::Result<()> {
        let n = planes.frames();
        let start = self.bytes.len();
        self.bytes.resize(start + n * self.channels * BYTES, 0);
        let frame = self.channels * BYTES;
        for channel in 0..self.channels {
            let samples = self.bytes[start + channel * BYTES..].chunks_mut(frame);
            for (to, x) in samples.zip(planes.channel(channel)) {
                to[..BYTES].copy_from_slice(&(*x as f32).to_le_bytes());
            }
        }
        self.frames += n as i64;
        if self.bytes.len() >= SEGMENT * frame {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Spool> {
        self.write()?;
        self.file.flush()?;
        Ok(Spool { file: Mutex::new(self.file), channels: self.channels, frames: self.frames })
    }
}

impl std::fmt::Debug for Spool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spool").field("channels", &self.channels).field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl Spool {
    /// Frames from `from` on, interleaved: as many as there are, at most a segment.
    fn read(&self, from: i64, into: &mut Vec<u8>) -> io::Result<usize> {
        let frame = self.channels * BYTES;
        let n = (self.frames - from).clamp(0, SEGMENT as i64) as usize;
        into.resize(n * frame, 0);
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(from as u64 * frame as u64))?;
        file.read_exact(into)?;
        Ok(n)
    }
}

/// Plays a spool.
pub(super) struct Reel {
    spool: usize,
    /// The frames that were read, and the song frame of the first.
    bytes: Vec<u8>,
    from: i64,
    held: usize,
}

impl Reel {
    pub(super) fn new(spool: usize) -> Reel {
        Reel { spool, bytes: Vec::new(), from: 0, held: 0 }
    }

    /// Puts what lies from song time `song` on into `out`. Says whether anything does.
    pub(super) fn play(&mut self, song: i64, out: &mut Planes<'_>, spools: &[Spool]) -> Result<bool, Failure> {
        let spool = &spools[self.spool];
        let (mut at, end) = (song.max(0), (song + out.frames() as i64).min(spool.frames));
        let mut sounds = false;
        while at < end {
            if at < self.from || at >= self.from + self.held as i64 {
                self.held = spool.read(at, &mut self.bytes).map_err(Failure::Spool)?;
                self.from = at;
            }
            let run = (self.from + self.held as i64).min(end) - at;
            let frame = spool.channels * BYTES;
            let bytes = &self.bytes[(at - self.from) as usize * frame..][..run as usize * frame];
            for channel in 0..spool.channels {
                let to = &mut out.channel_mut(channel)[(at - song) as usize..][..run as usize];
                for (to, bytes) in to.iter_mut().zip(bytes.chunks_exact(frame)) {
                    let bytes = &bytes[channel * BYTES..][..BYTES];
                    let x = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                    *to = f64::from(x);
                    sounds |= x != 0.0;
                }
            }
            at += run;
        }
        Ok(sounds)
    }
}
