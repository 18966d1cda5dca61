//! Biquads in series, all sections at each sample: while one section waits for its recursion the others work.

#[cfg(target_arch = "x86_64")]
mod lanes;
mod plain;

use super::biquad::Section;
use crate::audio::isa::{Isa, Level};
use crate::audio::{Planes, StateError, StateReader, StateWriter, math};
use crate::dsp::GRID;

/// Sections that run side by side.
const GROUP: usize = 4;

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
    let groups = sections.len().div_ceil(GROUP);
    for channel in (0..channels).step_by(2) {
        let states = &mut states[channel / 2 * stride..][..sections.len()];
        for (i, (sections, states)) in sections.chunks(GROUP).zip(states.chunks_mut(GROUP)).enumerate() {
            let gain = if i + 1 == groups { gain } else { 1.0 };
            if channel + 1 < channels {
                let (l, r) = audio.pair_mut(channel, channel + 1);
                group(isa, sections, states, [l, r], place, gain);
            } else {
                group(isa, sections, states, [audio.channel_mut(channel)], place, gain);
            }
        }
    }
}

/// Up to [`GROUP`] sections over one channel or two.
#[allow(
    unsafe_code,
    reason = "a function of a vector level may only be called where the machine has it: a `Level` is the proof"
)]
fn group<const CHANNELS: usize>(
    isa: Level,
    sections: &[Section],
    states: &mut [Pair],
    audio: [&mut [f64]; CHANNELS],
    place: usize,
    gain: f64,
) {
    match isa.isa() {
        Isa::Baseline => plain::run(sections, states, audio, place, gain),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a `Level` is made only where the machine has it
        Isa::Avx2 | Isa::Avx512 => unsafe { lanes::run(sections, states, audio, place, gain) },
        #[cfg(not(target_arch = "x86_64"))]
        _ => plain::run(sections, states, audio, place, gain),
    }
}

/// The piece of a cell of the grid that begins at frame `from`: one past its last frame, of at most `frames`.
fn cell_end(place: usize, from: usize, frames: usize) -> usize {
    let cell = GRID as usize;
    (from + cell - (place + from) % cell).min(frames)
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
