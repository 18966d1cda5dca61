//! A track's clips, played from their files: streamed, or out of memory when a short one is heard again and again.

use std::f64::consts::FRAC_PI_2;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::Failure;
use crate::audio::isa::Level;
use crate::audio::{Block, PanLaw, Planes, math, samples};
use crate::graph::plan::Clip;
use crate::media::{ReadError, Reader, Source};
use crate::units::Rate;
use crate::world::World;

/// A material of at most this many samples that is played more than once is kept in memory …
const SHORT: i64 = 1 << 20;
/// … as long as all that are kept stay below this many: 64 MB.
const KEPT: i64 = 1 << 23;

/// The files of a plan.
pub(super) struct Materials<'a> {
    world: &'a dyn World,
    rate: Rate,
    files: Vec<Sound>,
}

/// A file to play.
#[derive(Clone, Debug)]
pub struct File {
    pub path: PathBuf,
    pub channels: usize,
    /// Frames at the session's rate.
    pub frames: i64,
    /// It may end before its header says.
    pub allow_truncated: bool,
    /// Which of its channels; all where it is empty.
    pub only: Vec<usize>,
}

struct Sound {
    file: File,
    keep: bool,
    kept: OnceLock<Result<Arc<Block>, Arc<ReadError>>>,
}

impl<'a> Materials<'a> {
    /// `plays[i]` says how often file `i` is played.
    pub(super) fn new(world: &'a dyn World, rate: Rate, files: &[File], plays: &[i64]) -> Materials<'a> {
        let mut left = KEPT;
        let files = files
            .iter()
            .zip(plays)
            .map(|(file, plays)| {
                let samples = file.frames * file.channels as i64;
                let keep = *plays > 1 && samples <= SHORT.min(left);
                left -= if keep { samples } else { 0 };
                Sound { file: file.clone(), keep, kept: OnceLock::new() }
            })
            .collect();
        Materials { world, rate, files }
    }

    fn open(&self, index: usize) -> Result<Source, ReadError> {
        let file = &self.files[index].file;
        let reader = Reader::open(self.world, &file.path, file.allow_truncated)?.only(&file.only)?;
        Ok(Source::new(reader, self.rate))
    }

    fn kept(&self, index: usize) -> Result<Arc<Block>, Failure> {
        let sound = &self.files[index];
        let kept = sound.kept.get_or_init(|| {
            let mut block = Block::new(sound.file.channels, sound.file.frames as usize);
            let mut source = self.open(index)?;
            let mut done = 0;
            while done < block.capacity() {
                let mut planes = block.planes(sound.file.channels, sound.file.frames as usize);
                match source.read(&mut planes.slice(done, (done + 4096).min(sound.file.frames as usize)))? {
                    0 => break,
                    n => done += n,
                }
            }
            Ok(Arc::new(block))
        });
        kept.clone().map_err(|error| Failure::Read { material: index, error })
    }
}

pub(super) struct Tape {
    clips: Vec<Playing>,
    block: Block,
}

struct Playing {
    clip: Clip,
    source: Option<Reading>,
    /// The next frame of the clip that `source` gives.
    next: i64,
}

enum Reading {
    Streamed(Box<Source>),
    Kept(Arc<Block>),
}

impl Reading {
    fn signs_zeros(&self) -> bool {
        match self {
            Reading::Streamed(source) => source.signs_zeros(),
            Reading::Kept(_) => true,
        }
    }
}

impl Tape {
    pub(super) fn new(clips: &[Clip], block: usize) -> Tape {
        let clips = clips.iter().map(|c| Playing { clip: c.clone(), source: None, next: 0 }).collect();
        Tape { clips, block: Block::new(2, block) }
    }

    /// What sounds from song time `song` on, into `out`. Says whether anything does.
    pub(super) fn play(&mut self, song: i64, out: &mut Planes<'_>, materials: &Materials<'_>) -> Result<bool, Failure> {
        let n = out.frames() as i64;
        if let Some(playing) = self.alone(song, n, out.channels(), materials) {
            playing.whole(song - playing.clip.at, out, materials)?;
            return Ok(true);
        }
        out.fill(0.0);
        let mut sounds = false;
        for playing in &mut self.clips {
            let (from, to) = (playing.clip.at.max(song), playing.clip.end().min(song + n));
            if from >= to {
                if playing.clip.end() <= song {
                    playing.source = None;
                }
                continue;
            }
            sounds = true;
            let channels = materials.files[playing.clip.material].file.channels.min(2);
            let mut part = out.slice((from - song) as usize, (to - song) as usize);
            playing.mix(from - playing.clip.at, channels, &mut part, &mut self.block, materials)?;
        }
        Ok(sounds)
    }
}

impl Tape {
    /// The clip that sounds alone in `n` frames from `song` on, in all of them, as it is, on as many channels as it has.
    fn alone(&mut self, song: i64, n: i64, channels: usize, materials: &Materials<'_>) -> Option<&mut Playing> {
        let mut sounding = self.clips.iter_mut().filter(|p| p.clip.at < song + n && p.clip.end() > song);
        let (first, None) = (sounding.next()?, sounding.next()) else { return None };
        let clip = &first.clip;
        let plain = clip.gain == 1.0 && clip.fade_in == 0 && clip.fade_out == 0 && clip.repeat == 1;
        let covers = clip.at <= song && clip.end() >= song + n;
        (plain && covers && materials.files[clip.material].file.channels == channels).then_some(first)
    }
}

impl Playing {
    /// The clip's frames from `at` on, as if they were added to zeros.
    fn whole(&mut self, at: i64, out: &mut Planes<'_>, materials: &Materials<'_>) -> Result<(), Failure> {
        self.read(at, at, out, materials)?;
        if self.source.as_ref().is_none_or(Reading::signs_zeros) {
            // a negative zero would tell how long the block is
            out.each_mut().for_each(|plane| samples::unsign_zeros(Level::find(), plane));
        }
        Ok(())
    }

    /// Adds the clip's frames from `at` on (counted from its beginning) to `out`.
    fn mix(
        &mut self,
        at: i64,
        channels: usize,
        out: &mut Planes<'_>,
        block: &mut Block,
        materials: &Materials<'_>,
    ) -> Result<(), Failure> {
        let n = out.frames();
        let mut read = block.planes(channels, n);
        let mut done = 0;
        while done < n {
            // one pass of the material at a time
            let into = (at + done as i64) % self.clip.frames;
            let run = ((self.clip.frames - into) as usize).min(n - done);
            self.read(at + done as i64, into, &mut read.slice(done, done + run), materials)?;
            done += run;
        }
        let clip = &self.clip;
        let plain = clip.gain == 1.0 && clip.fade_in == 0 && clip.fade_out == 0;
        if !plain {
            let whole = clip.frames * clip.repeat;
            for i in 0..n {
                let gain = clip.gain * fade(clip, at + i as i64, whole);
                (0..channels).for_each(|c| read.channel_mut(c)[i] *= gain);
            }
        }
        // a mono file on a stereo track comes in the middle
        let spread = channels == 1 && out.channels() > 1;
        let centre = if spread { PanLaw::default().gains(0.0).0 } else { 1.0 };
        let isa = Level::find();
        for side in 0..out.channels() {
            let from = read.channel(side.min(channels - 1));
            let to = out.channel_mut(side);
            if centre == 1.0 {
                samples::add(isa, to, from);
            } else {
                samples::add_scaled(isa, to, from, centre);
            }
        }
        Ok(())
    }

    fn read(&mut self, at: i64, into: i64, out: &mut Planes<'_>, materials: &Materials<'_>) -> Result<(), Failure> {
        let index = self.clip.material;
        let wrong = |error: ReadError| Failure::Read { material: index, error: Arc::new(error) };
        let frame = self.clip.from + into;
        let source = match &mut self.source {
            Some(source) => source,
            none => {
                let opened = if materials.files[index].keep {
                    Reading::Kept(materials.kept(index)?)
                } else {
                    Reading::Streamed(Box::new(materials.open(index).map_err(wrong)?))
                };
                self.next = -1;
                none.insert(opened)
            }
        };
        match source {
            Reading::Kept(block) => {
                for channel in 0..out.channels() {
                    let from = &block.channel(channel)[frame as usize..][..out.frames()];
                    out.channel_mut(channel).copy_from_slice(from);
                }
            }
            Reading::Streamed(source) => {
                // it stands somewhere else: at the beginning, after a jump, or where a repeat begins anew
                if self.next != at || (into == 0 && (at > 0 || self.clip.from > 0)) {
                    source.seek(frame as u64).map_err(wrong)?;
                }
                let mut done = 0;
                while done < out.frames() {
                    let frames = out.frames();
                    match source.read(&mut out.slice(done, frames)).map_err(wrong)? {
                        0 => {
                            // shorter than it said, and that was allowed
                            out.slice(done, frames).fill(0.0);
                            break;
                        }
                        n => done += n,
                    }
                }
                self.next = at + out.frames() as i64;
            }
        }
        Ok(())
    }
}

/// Equal-power fades: sin over the way in, and over the way out.
fn fade(clip: &Clip, at: i64, whole: i64) -> f64 {
    let way = |done: i64, all: i64| {
        if done >= all { 1.0 } else { math::sin((done as f64 + 0.5) / all as f64 * FRAC_PI_2) }
    };
    way(at, clip.fade_in) * way(whole - 1 - at, clip.fade_out)
}
