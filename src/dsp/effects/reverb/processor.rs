use super::Settings;
use super::absorption::Absorption;
use super::diffuser::Diffuser;
use super::network::Network;
use super::room::Reflection;
use super::rotation::Rotation;
use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::dsp::parts::allpass::AllPass;
use crate::dsp::parts::cut::Cut;
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::hadamard::{Cell, EMPTY};
use crate::dsp::parts::rest::Rest;
use crate::dsp::{Flow, GRID, Io, Processor};

type Frames = [f64; GRID as usize];

/// Works cell by cell of the song's grid: every delay that is fed back is longer than a cell.
#[derive(Debug)]
pub(super) struct Reverberation {
    channels: usize,
    cuts: [Vec<Cut>; 2],
    before: [DelayLine; 2],
    predelay: usize,
    early: [Vec<Reflection>; 2],
    /// What the early reflections are reflected from is not smooth.
    walls: [Vec<AllPass>; 2],
    diffuser: Diffuser,
    network: Network,
    cell: Box<Cell>,
    /// Level of the middle and of the side.
    middle: f64,
    side: f64,
    rest: Rest,
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
        Reverberation {
            channels,
            cuts: [cuts.clone(), cuts],
            before: std::array::from_fn(|_| DelayLine::new(settings.predelay + late.max(first) + GRID as usize)),
            predelay: settings.predelay,
            early: room.early.clone(),
            walls: room.walls.map(|side| side.map(|delay| AllPass::new(delay, 0.6 * settings.diffusion)).to_vec()),
            cell: Box::new(EMPTY),
            diffuser: Diffuser::new(room, settings.diffusion),
            network: Network::new(
                room.lines,
                absorption,
                Rotation::new(settings.modulation, settings.seed, settings.rate),
            ),
            middle: gain * width,
            side: gain * width * settings.width,
            rest: settings.rest(gain),
        }
    }

    /// One piece of a cell: `frames` of each input channel become left and right.
    fn run(&mut self, sound: &mut [Frames; 2], at: i64, frames: usize, listen: bool) {
        for (channel, plane) in sound.iter_mut().enumerate().take(self.channels) {
            for cut in &mut self.cuts[channel] {
                plane[..frames].iter_mut().for_each(|x| *x = cut.step(*x) + 0.0);
            }
            self.before[channel].write(&plane[..frames]);
        }
        let input = [&self.before[0], &self.before[self.channels - 1]];
        self.diffuser.run(input, self.predelay, &mut self.cell, frames);
        let peak = self.network.run(&mut self.cell, at, frames, listen);
        self.rest.keep(peak);
        let mut out = [self.cell[5], self.cell[10]];
        for (side, plane) in out.iter_mut().enumerate() {
            if self.early[side].is_empty() {
                continue;
            }
            let mut early = [0.0; GRID as usize];
            for reflection in &self.early[side] {
                let delay = self.predelay + reflection.delay + frames;
                let ring = input[reflection.side];
                let mut copy = [0.0; GRID as usize];
                let echo = ring.get(delay, frames).unwrap_or_else(|| {
                    ring.read(delay, &mut copy[..frames]);
                    &copy[..frames]
                });
                for (sum, x) in early.iter_mut().zip(echo) {
                    *sum += reflection.gain * x;
                }
            }
            self.walls[side].iter_mut().for_each(|wall| wall.run(&mut early[..frames]));
            for n in 0..frames {
                plane[n] += early[n];
            }
        }
        for n in 0..GRID as usize {
            let (m, s) = (self.middle * 0.5 * (out[0][n] + out[1][n]), self.side * 0.5 * (out[0][n] - out[1][n]));
            sound[0][n] = m + s + 0.0;
            sound[1][n] = m - s + 0.0;
        }
    }

    fn clear(&mut self) {
        self.cuts.iter_mut().flatten().for_each(Cut::clear);
        self.before.iter_mut().for_each(DelayLine::clear);
        self.walls.iter_mut().flatten().for_each(AllPass::clear);
        self.diffuser.clear();
        self.network.clear();
    }
}

impl Processor for Reverberation {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let mut flow = Flow::Silent;
        for (from, to) in io.grid() {
            let (at, frames) = (io.at + from as i64, to - from);
            let mut sound: [Frames; 2] = [[0.0; GRID as usize]; 2];
            for (channel, plane) in sound.iter_mut().enumerate().take(self.channels) {
                for (into, x) in plane.iter_mut().zip(&io.audio.channel(channel)[from..to]) {
                    *into = math::flush(*x) + 0.0;
                }
            }
            let silent = sound.iter().flatten().all(|x| *x == 0.0);
            if !silent {
                self.rest.hear();
            }
            if !self.rest.resting() {
                flow = Flow::Written;
                self.run(&mut sound, at, frames, silent);
                if (at + frames as i64).rem_euclid(GRID) == 0 {
                    self.cuts.iter_mut().flatten().for_each(Cut::flush);
                    self.network.flush();
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
        self.walls.iter().flatten().for_each(|wall| wall.save(into));
        self.diffuser.save(into);
        self.network.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.rest.load(from)?;
        self.cuts.iter_mut().flatten().try_for_each(|cut| cut.load(from))?;
        self.before.iter_mut().try_for_each(|line| line.load(from))?;
        self.walls.iter_mut().flatten().try_for_each(|wall| wall.load(from))?;
        self.diffuser.load(from)?;
        self.network.load(from)
    }
}
