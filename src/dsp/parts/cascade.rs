//! Biquads in series, all sections at each sample: while one section waits for its recursion the others work.

#[cfg(target_arch = "x86_64")]
mod halves;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod plain;
#[cfg(target_arch = "x86_64")]
mod walk;
#[cfg(target_arch = "x86_64")]
mod wide;

use super::biquad::Section;
use crate::audio::isa::{Level, explicit};
use crate::audio::{Planes, StateError, StateReader, StateWriter, math};
use crate::dsp::GRID;

/// How many sections of `left` run side by side.
fn group_of(left: usize) -> usize {
    if left > 6 { 4 } else { left }
}

/// The two states of a section, for two channels side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    pub u1: [f64; 2],
    pub u2: [f64; 2],
}

impl Pair {
    pub fn is_at_rest(&self) -> bool {
        *self == Pair::default()
    }

    pub fn flush(&mut self) {
        self.u1 = self.u1.map(math::flush);
        self.u2 = self.u2.map(math::flush);
    }
}

/// Runs `sections` over all channels of `audio`, whose first frame is the one at `place` in its cell of the song's grid. `states` has one [`Pair`] per
/// section for each two channels, `stride` apart. Where a cell ends decayed states become zero.
pub fn run(isa: Level, sections: &[Section], states: &mut [Pair], stride: usize, place: usize, audio: &mut Planes<'_>) {
    let gain = sections.iter().fold(1.0, |gain, s| gain * s.gain);
    let channels = audio.channels();
    for channel in (0..channels).step_by(2) {
        let mut states = &mut states[channel / 2 * stride..][..sections.len()];
        let mut sections = sections;
        while !sections.is_empty() {
            let ((here, later), (mine, others)) = {
                let now = group_of(sections.len());
                (sections.split_at(now), states.split_at_mut(now))
            };
            let gain = if later.is_empty() { gain } else { 1.0 };
            if channel + 1 < channels {
                let (l, r) = audio.pair_mut(channel, channel + 1);
                two(isa, here, mine, l, r, place, gain);
            } else {
                one(isa, here, mine, audio.channel_mut(channel), &mut [], place, gain);
            }
            (sections, states) = (later, others);
        }
    }
}

explicit! {
    /// A group of sections over two channels, with the place of the first frame in its cell and the gain that comes last.
    fn two(of: &[Section], states: &mut [Pair], l: &mut [f64], r: &mut [f64], place: usize, gain: f64) =
        [wide::run] lanes::run::<true>, or plain::two;
    /// The same over one channel; the second is empty.
    fn one(of: &[Section], states: &mut [Pair], l: &mut [f64], r: &mut [f64], place: usize, gain: f64) =
        lanes::run::<false>, or plain::one;
}

/// Sections that stand still, with their states.
#[derive(Clone, Debug)]
pub struct Cascade {
    sections: Vec<Section>,
    states: Vec<Pair>,
    isa: Level,
}

impl Cascade {
    pub fn new(sections: Vec<Section>, channels: usize) -> Cascade {
        let states = vec![Pair::default(); sections.len() * channels.div_ceil(2)];
        Cascade { sections, states, isa: Level::find() }
    }

    /// Channels × frames in place, from song time `at` on.
    pub fn process(&mut self, at: i64, audio: &mut Planes<'_>) {
        let place = at.rem_euclid(GRID) as usize;
        run(self.isa, &self.sections, &mut self.states, self.sections.len(), place, audio);
    }

    pub fn is_at_rest(&self) -> bool {
        self.states.iter().all(Pair::is_at_rest)
    }

    pub fn reset(&mut self) {
        self.states.fill(Pair::default());
    }

    pub fn save(&self, into: &mut StateWriter) {
        save(&self.states, into);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        load(&mut self.states, from)
    }
}

pub fn save(states: &[Pair], into: &mut StateWriter) {
    for pair in states {
        into.all(&pair.u1);
        into.all(&pair.u2);
    }
}

pub fn load(states: &mut [Pair], from: &mut StateReader<'_>) -> Result<(), StateError> {
    states.iter_mut().try_for_each(|pair| from.all(&mut pair.u1).and_then(|()| from.all(&mut pair.u2)))
}

#[cfg(test)]
mod tests;
