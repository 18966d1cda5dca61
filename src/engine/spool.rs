//! What comes to a limiter that will be driven: kept once, measured on the way, and played back as often as a solve takes.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

use super::slots::SEGMENT;
use super::{Failure, lock};
use crate::audio::Planes;
use crate::audio::isa::{Level, levels};
use crate::units::Rate;
use crate::world::Output;

const BYTES: usize = size_of::<f32>();

type Bytes = [u8; BYTES];

/// Frames of a tap from song frame 0 on, as f32, in a file that has no name: a segment of one channel, then that of the next; the last ones may be
/// shorter.
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
    /// Channels × [`SEGMENT`], not yet written.
    samples: Vec<Bytes>,
    filled: usize,
}

impl Recorder {
    pub(super) fn new(file: Box<dyn Output>, channels: usize) -> Recorder {
        Recorder { file, channels, frames: 0, samples: vec![[0; BYTES]; SEGMENT * channels], filled: 0 }
    }

    pub(super) fn add(&mut self, planes: &Planes<'_>) -> io::Result<()> {
        let mut from = 0;
        while from < planes.frames() {
            let n = (SEGMENT - self.filled).min(planes.frames() - from);
            for channel in 0..self.channels {
                let to = &mut self.samples[channel * SEGMENT + self.filled..][..n];
                pack(Level::find(), &planes.channel(channel)[from..from + n], to);
            }
            self.filled += n;
            from += n;
            if self.filled == SEGMENT {
                self.write()?;
            }
        }
        self.frames += planes.frames() as i64;
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        for samples in self.samples.chunks(SEGMENT) {
            self.file.write_all(samples[..self.filled].as_flattened())?;
        }
        self.filled = 0;
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
    /// Reads the segment with frame `at`: how many frames of each channel it has.
    fn read(&self, at: i64, into: &mut Vec<Bytes>) -> io::Result<usize> {
        let from = at - at % SEGMENT as i64;
        let n = (self.frames - from).clamp(0, SEGMENT as i64) as usize;
        into.resize(n * self.channels, [0; BYTES]);
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(from as u64 * (self.channels * BYTES) as u64))?;
        file.read_exact(into.as_flattened_mut())?;
        Ok(n)
    }
}

levels! {
    fn pack(from: &[f64], into: &mut [Bytes]) = packed;
    /// Whether anything sounds.
    fn unpack(from: &[Bytes], into: &mut [f64]) -> bool = unpacked;
}

#[inline(always)]
fn packed(from: &[f64], into: &mut [Bytes]) {
    into.iter_mut().zip(from).for_each(|(into, x)| *into = (*x as f32).to_le_bytes());
}

#[inline(always)]
fn unpacked(from: &[Bytes], into: &mut [f64]) -> bool {
    let mut bits = 0;
    for (into, bytes) in into.iter_mut().zip(from) {
        let x = f32::from_le_bytes(*bytes);
        *into = f64::from(x);
        bits |= x.to_bits();
    }
    // zeros have a sign at most
    bits << 1 != 0
}

/// Plays a spool.
pub(super) struct Reel {
    spool: usize,
    /// The segment that was read, the song frame where it begins, and its frames.
    samples: Vec<Bytes>,
    from: i64,
    held: usize,
}

impl Reel {
    pub(super) fn new(spool: usize) -> Reel {
        Reel { spool, samples: Vec::new(), from: 0, held: 0 }
    }

    /// Puts what lies from song time `song` on into `out`. Says whether anything does.
    pub(super) fn play(&mut self, song: i64, out: &mut Planes<'_>, spools: &[Spool]) -> Result<bool, Failure> {
        let spool = &spools[self.spool];
        let (mut at, end) = (song.max(0), (song + out.frames() as i64).min(spool.frames));
        let mut sounds = false;
        while at < end {
            if at < self.from || at >= self.from + self.held as i64 {
                self.held = spool.read(at, &mut self.samples).map_err(Failure::Spool)?;
                self.from = at - at % SEGMENT as i64;
            }
            let run = ((self.from + self.held as i64).min(end) - at) as usize;
            for channel in 0..spool.channels {
                let from = &self.samples[channel * self.held + (at - self.from) as usize..][..run];
                let to = &mut out.channel_mut(channel)[(at - song) as usize..][..run];
                sounds |= unpack(Level::find(), from, to);
            }
            at += run as i64;
        }
        Ok(sounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};

    impl Output for io::Cursor<Vec<u8>> {
        fn commit(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_was_recorded_is_played_wherever_pieces_begin() {
        const FRAMES: usize = 2 * SEGMENT + 777;
        let mut block = Block::new(2, FRAMES);
        for channel in 0..2 {
            let seed = Seed::new(channel as u64);
            // the last quarter is silent, by zeros of both signs
            let at = |i: usize| if i < 3 * FRAMES / 4 { seed.bipolar(i as i64) } else { -0.0 };
            block.channel_mut(channel).iter_mut().enumerate().for_each(|(i, x)| *x = at(i));
        }
        let mut recorder = Recorder::new(Box::new(io::Cursor::new(Vec::new())), 2);
        let mut all = block.planes(2, FRAMES);
        for from in (0..FRAMES).step_by(1001) {
            recorder.add(&all.slice(from, FRAMES.min(from + 1001))).unwrap();
        }
        let spools = [recorder.finish().unwrap()];
        for size in [500, SEGMENT, 20_000] {
            let (mut reel, mut out) = (Reel::new(0), Block::new(2, size));
            for song in (-300..FRAMES as i64 + 300).step_by(size) {
                out.channel_mut(0).fill(9.0);
                out.channel_mut(1).fill(9.0);
                let sounds = reel.play(song, &mut out.planes(2, size), &spools).ok().unwrap();
                let mut heard = false;
                for channel in 0..2 {
                    for (i, x) in out.channel(channel).iter().enumerate() {
                        // beyond its ends nothing is put
                        let known = usize::try_from(song + i as i64).ok().filter(|frame| *frame < FRAMES);
                        let wanted = known.map_or(9.0, |frame| f64::from(block.channel(channel)[frame] as f32));
                        assert!(x.to_bits() == wanted.to_bits(), "{size} {song} {i}: {x} {wanted}");
                        heard |= known.is_some() && wanted != 0.0;
                    }
                }
                assert_eq!(sounds, heard, "{size} {song}");
            }
        }
    }

    #[test]
    fn every_level_packs_the_same_bytes() {
        let x: Vec<f64> = (0..1003).map(|i| Seed::new(3).bipolar(i)).collect();
        let all = |level: Level| {
            let (mut bytes, mut back) = (vec![[0; BYTES]; x.len()], vec![0.0; x.len()]);
            pack(level, &x, &mut bytes);
            (unpack(level, &bytes, &mut back), bytes, back)
        };
        let plain = all(Level::all()[0]);
        assert!(plain.0 && plain.2.iter().zip(&x).all(|(back, x)| *back == f64::from(*x as f32)));
        assert!(Level::all().into_iter().all(|level| all(level) == plain));
    }
}
