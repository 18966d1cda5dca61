//! Section by section at each sample, states in registers: the oracle of the vector levels, and what a machine without them runs.

use super::Pair;
use crate::dsp::GRID;
use crate::dsp::parts::biquad::Section;

pub(super) fn two(
    of: [&[Section]; 2],
    states: &mut [Pair],
    l: &mut [f64],
    r: &mut [f64],
    place: usize,
    gains: [f64; 2],
) {
    run(of, states, [l, r], place, gains);
}

pub(super) fn one(
    of: [&[Section]; 2],
    states: &mut [Pair],
    l: &mut [f64],
    _: &mut [f64],
    place: usize,
    gains: [f64; 2],
) {
    run([of[0]], states, [l], place, [gains[0]]);
}

fn run<const CHANNELS: usize>(
    of: [&[Section]; CHANNELS],
    states: &mut [Pair],
    mut audio: [&mut [f64]; CHANNELS],
    place: usize,
    gains: [f64; CHANNELS],
) {
    let frames = audio[0].len();
    let mut from = 0;
    while from < frames {
        let to = cell_end(place, from, frames);
        piece(of, states, audio.each_mut().map(|x| &mut x[from..to]), gains);
        if (place + to).is_multiple_of(GRID as usize) {
            states.iter_mut().for_each(Pair::flush);
        }
        from = to;
    }
}

/// The piece of a cell of the grid that begins at frame `from`: one past its last frame, of at most `frames`.
fn cell_end(place: usize, from: usize, frames: usize) -> usize {
    let cell = GRID as usize;
    (from + cell - (place + from) % cell).min(frames)
}

/// Part of a cell.
fn piece<const CHANNELS: usize>(
    of: [&[Section]; CHANNELS],
    states: &mut [Pair],
    audio: [&mut [f64]; CHANNELS],
    gains: [f64; CHANNELS],
) {
    match states.len() {
        1 => some::<CHANNELS, 1>(of, states, audio, gains),
        2 => some::<CHANNELS, 2>(of, states, audio, gains),
        3 => some::<CHANNELS, 3>(of, states, audio, gains),
        4 => some::<CHANNELS, 4>(of, states, audio, gains),
        5 => some::<CHANNELS, 5>(of, states, audio, gains),
        _ => some::<CHANNELS, 6>(of, states, audio, gains),
    }
}

/// `N` sections.
#[inline(always)]
fn some<const CHANNELS: usize, const N: usize>(
    of: [&[Section]; CHANNELS],
    states: &mut [Pair],
    audio: [&mut [f64]; CHANNELS],
    gains: [f64; CHANNELS],
) {
    let c: [[Section; CHANNELS]; N] = std::array::from_fn(|k| of.map(|sections| sections[k]));
    let mut s = [Pair::default(); N];
    s.copy_from_slice(states);
    for i in 0..audio[0].len() {
        let mut x = [0.0; CHANNELS];
        for lane in 0..CHANNELS {
            x[lane] = audio[lane][i];
        }
        for k in 0..N {
            let (c, Pair { u1, u2 }) = (&c[k], s[k]);
            let mut y = [0.0; CHANNELS];
            for lane in 0..CHANNELS {
                let c = &c[lane];
                y[lane] = x[lane] + u1[lane];
                s[k].u1[lane] = (c.c1 * x[lane] + u2[lane]) - c.a1 * u1[lane];
                s[k].u2[lane] = c.c2 * x[lane] - c.a2 * u1[lane];
            }
            x = y;
        }
        for lane in 0..CHANNELS {
            // without the sign of zero, which lanes without a section don't keep
            audio[lane][i] = x[lane] * gains[lane] + 0.0;
        }
    }
    states.copy_from_slice(&s);
}
