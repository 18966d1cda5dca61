use super::Settings;
use super::absorption::Absorption;
use super::diffuser::Diffuser;
use super::network::Network;
use super::room::{EARLY, Reflection};
use super::rotation::Rotation;
use crate::audio::isa::{Level, levels};
use crate::audio::{StateError, StateReader, StateWriter};
use crate::dsp::parts::allpass::AllPass;
use crate::dsp::parts::cell::{CELL, Frames, SILENCE, take};
use crate::dsp::parts::cut::Cut;
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::rest::Rest;
use crate::dsp::parts::single::{self, QUIET, Singles, coefficient};
use crate::dsp::{Flow, GRID, Io, Processor};

/// The early reflections of one side.
#[derive(Clone, Debug)]
struct Early {
    gains: [f32; EARLY],
    /// Frames after the predelay.
    delays: [usize; EARLY],
    /// Which input they come from: 0 or 1.
    sides: [usize; EARLY],
    /// What they are reflected from is not smooth.
    walls: [AllPass; 2],
}

/// Works cell by cell of the song's grid: every delay that is fed back is longer than a cell.
#[derive(Debug)]
pub(super) struct Reverberation {
    channels: usize,
    cuts: [Vec<Cut>; 2],
    before: [DelayLine<f32>; 2],
    predelay: usize,
    early: Option<[Early; 2]>,
    diffuser: Diffuser,
    network: Network,
    /// What is heard of the network.
    late: [Singles; 2],
    /// What sound enters with.
    entry: f64,
    /// Level of the middle and of the side.
    middle: f64,
    side: f64,
    rest: Rest,
    level: Level,
}

impl Reverberation {
    pub(super) fn new(settings: &Settings, channels: usize) -> Reverberation {
        let room = &settings.room;
        let absorption = Absorption::new(&settings.decay, &room.lines, settings.rate);
        let gain = settings.gain(&absorption);
        let late = room.early.iter().flatten().map(|r| r.delay).max().unwrap_or(0);
        let first = room.steps[0].iter().max().copied().unwrap_or(0);
        let cuts = Cut::all(settings.low_cut, settings.high_cut, settings.rate);
        // left and right have nothing in common, so middle and side are alike: whatever the width, the power is the same
        let width = (2.0 / (1.0 + settings.width * settings.width)).sqrt();
        let diffuser = Diffuser::new(room, settings.diffusion);
        let early = |side: usize| {
            let all: &[Reflection; EARLY] = room.early[side].first_chunk()?;
            Some(Early {
                gains: all.map(|r| coefficient(r.gain / diffuser.scale())),
                delays: all.map(|r| r.delay),
                sides: all.map(|r| r.side),
                walls: room.walls[side].map(|delay| AllPass::new(delay, 0.6 * settings.diffusion)),
            })
        };
        Reverberation {
            channels,
            cuts: [cuts.clone(), cuts],
            before: std::array::from_fn(|_| DelayLine::new(settings.predelay + late.max(first) + CELL)),
            predelay: settings.predelay,
            early: early(0).zip(early(1)).map(|(left, right)| [left, right]),
            late: [QUIET; 2],
            entry: diffuser.scale(),
            diffuser,
            network: Network::new(
                room.lines,
                absorption,
                Rotation::new(settings.modulation, settings.seed, settings.rate),
            ),
            middle: gain * width,
            side: gain * width * settings.width,
            rest: settings.rest(gain),
            level: Level::find(),
        }
    }

    /// One piece of a cell: `frames` of each input channel become left and right.
    fn run(&mut self, sound: &mut [Frames; 2], at: i64, frames: usize, listen: bool) {
        for (channel, plane) in sound.iter_mut().enumerate().take(self.channels) {
            for cut in &mut self.cuts[channel] {
                plane[..frames].iter_mut().for_each(|x| *x = cut.step(*x) + 0.0);
            }
            enter(self.level, plane, self.entry, self.before[channel].room());
            self.before[channel].keep(frames);
        }
        let input = [&self.before[0], &self.before[self.channels - 1]];
        let diffuse = self.diffuser.run(input, self.predelay, self.level, frames);
        let peak = self.network.run(self.level, &diffuse, at, frames, listen, &mut self.late);
        self.diffuser.pass(frames);
        self.rest.keep(peak);
        hear(self.level, self, sound, frames);
    }

    fn walls(&mut self) -> impl Iterator<Item = &mut AllPass> {
        self.early.iter_mut().flatten().flat_map(|side| &mut side.walls)
    }

    fn clear(&mut self) {
        self.cuts.iter_mut().flatten().for_each(Cut::clear);
        self.before.iter_mut().for_each(DelayLine::clear);
        self.walls().for_each(AllPass::clear);
        self.diffuser.clear();
        self.network.clear();
    }
}

levels! {
    fn enter(sound: &Frames, gain: f64, into: &mut Singles) = entered;
    fn hear(on: &mut Reverberation, sound: &mut [Frames; 2], frames: usize) = heard;
}

#[inline(always)]
fn entered(sound: &Frames, gain: f64, into: &mut Singles) {
    for n in 0..CELL {
        into[n] = single::enter(sound[n] * gain);
    }
}

/// Late and early sound: left and right, as wide as was asked.
#[inline(always)]
fn heard(on: &mut Reverberation, sound: &mut [Frames; 2], frames: usize) {
    let input = [&on.before[0], &on.before[on.channels - 1]];
    let mut early = [QUIET; 2];
    if let Some(sides) = &mut on.early {
        for (Early { gains, delays, sides, walls }, sum) in sides.iter_mut().zip(&mut early) {
            let mut echoes = [&QUIET; EARLY];
            for (k, echo) in echoes.iter_mut().enumerate() {
                *echo = input[sides[k]].cell(on.predelay + delays[k] + frames);
            }
            for n in 0..CELL {
                for k in 0..EARLY {
                    sum[n] += gains[k] * echoes[k][n];
                }
            }
            for wall in walls {
                wall.run(sum, frames);
            }
        }
    }
    let [left, right] = sound;
    for n in 0..CELL {
        let (l, r) = (f64::from(on.late[0][n] + early[0][n]), f64::from(on.late[1][n] + early[1][n]));
        let (m, s) = (on.middle * 0.5 * (l + r), on.side * 0.5 * (l - r));
        left[n] = m + s + 0.0;
        right[n] = m - s + 0.0;
    }
}

impl Processor for Reverberation {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let mut flow = Flow::Silent;
        for (from, to) in io.grid() {
            let (at, frames) = (io.at + from as i64, to - from);
            let mut sound: [Frames; 2] = [SILENCE; 2];
            let mut silent = true;
            for (channel, plane) in sound.iter_mut().enumerate().take(self.channels) {
                silent &= !take(self.level, &io.audio.channel(channel)[from..to], plane);
            }
            if !silent {
                self.rest.hear();
            }
            if !self.rest.resting() {
                flow = Flow::Written;
                self.run(&mut sound, at, frames, silent);
                if (at + frames as i64).rem_euclid(GRID) == 0 {
                    self.cuts.iter_mut().flatten().for_each(Cut::flush);
                }
                if self.rest.judge(at + frames as i64, true) {
                    self.clear();
                }
            }
            for (channel, plane) in sound.iter().enumerate() {
                io.audio.channel_mut(channel)[from..to].copy_from_slice(&plane[..frames]);
            }
        }
        flow
    }

    fn reset(&mut self) {
        self.clear();
        self.rest.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        self.rest.save(into);
        self.cuts.iter().flatten().for_each(|cut| cut.save(into));
        self.before.iter().for_each(|line| line.save(into));
        self.early.iter().flatten().flat_map(|side| &side.walls).for_each(|wall| wall.save(into));
        self.diffuser.save(into);
        self.network.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.rest.load(from)?;
        self.cuts.iter_mut().flatten().try_for_each(|cut| cut.load(from))?;
        self.before.iter_mut().try_for_each(|line| line.load(from))?;
        self.walls().try_for_each(|wall| wall.load(from))?;
        self.diffuser.load(from)?;
        self.network.load(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};
    use crate::dsp::effects::rendering::setup;
    use crate::dsp::effects::reverb::Reverb;
    use crate::dsp::{Arg, Args, Effect, Values};

    #[test]
    fn every_level_sounds_the_same() {
        for (kind, low) in [(0, 100.0), (1, 150.0)] {
            let args = Args::defaults(Reverb.declaration())
                .with("kind", Arg::Choice(kind))
                .with("low_decay", Arg::Number(low))
                .with("diffusion", Arg::Number(100.0 - 60.0 * kind as f64));
            let settings = Settings::new(&args, &setup(2)).unwrap();
            let run = |level: Level| {
                let mut reverb = Reverberation::new(&settings, 2);
                reverb.level = level;
                let mut sound = Block::new(2, 12_000);
                for c in 0..2 {
                    let seed = Seed::new(c as u64);
                    sound.channel_mut(c)[..6000].iter_mut().enumerate().for_each(|(n, x)| *x = seed.bipolar(n as i64));
                }
                reverb.process(&mut Io { at: 7, audio: sound.planes(2, 12_000), keys: &[], params: Values::new(&[]) });
                let mut state = StateWriter::new();
                reverb.save(&mut state);
                let bits = |c: usize| sound.channel(c).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                (bits(0), bits(1), state.into_bytes())
            };
            let levels = Level::all();
            let plain = run(levels[0]);
            assert!(plain.0.iter().any(|x| *x != 0));
            assert!(levels.into_iter().all(|level| run(level) == plain));
        }
    }

    #[test]
    fn no_level_of_sound_leaves_subnormal_numbers() {
        let args = Args::defaults(Reverb.declaration())
            .with("decay", Arg::Number(0.1))
            .with("damp", Arg::Number(500.0))
            .with("low_decay", Arg::Number(60.0));
        let settings = Settings::new(&args, &setup(2)).unwrap();
        let mut reverb = Reverberation::new(&settings, 2);
        // it falls through all levels under a sound that is too quiet to be held, and none is so quiet that it rests
        for (block, level) in [1.0, 1e-20, 1e-26, 1e-29, 1e-29, 1e-29, 1e-29, 1e-29].into_iter().enumerate() {
            let at = 12_000 * block as i64;
            let mut sound = Block::new(2, 12_000);
            for c in 0..2 {
                let seed = Seed::new(c as u64);
                sound.channel_mut(c).iter_mut().zip(at..).for_each(|(x, n)| *x = level * seed.bipolar(n));
            }
            reverb.process(&mut Io { at, audio: sound.planes(2, 12_000), keys: &[], params: Values::new(&[]) });
            let mut state = StateWriter::new();
            reverb.save(&mut state);
            // all but what decides on the rest
            for bytes in state.into_bytes()[40..].as_chunks::<4>().0 {
                let x = f32::from_le_bytes(*bytes);
                assert!(!x.is_subnormal(), "{x} at {level}");
            }
        }
        assert!(!reverb.rest.resting());
    }
}
