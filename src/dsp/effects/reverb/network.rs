use super::absorption::{Absorption, Quads};
use super::rotation::{PAIRS, Rotation, Turn, turn};
use crate::audio::isa::{Level, levels};
use crate::audio::{OnLine, StateError, StateReader, StateWriter};
use crate::dsp::parts::cell::{CELL, Frames};
use crate::dsp::parts::delay_lines::DelayLines;
use crate::dsp::parts::hadamard::{Cell, EMPTY, LINES, quartet};

/// The feedback delay network: sixteen lines, each with its absorption, mixed all into all and fed back. Without the absorption it would
/// keep its energy for ever, so that alone decides on the decay.
#[derive(Clone, Debug)]
pub(super) struct Network {
    lines: DelayLines,
    absorption: Absorption,
    rotation: Rotation,
    quads: Box<OnLine<Quads>>,
    /// Half mixed.
    cell: Box<OnLine<Cell>>,
}

impl Network {
    pub(super) fn new(lengths: [usize; LINES], absorption: Absorption, rotation: Rotation) -> Network {
        Network {
            lines: DelayLines::new(lengths, std::array::from_fn(|i| i)),
            absorption,
            rotation,
            quads: Box::new(OnLine([[[0.0; 4]; CELL]; LINES / 4])),
            cell: Box::new(OnLine(EMPTY)),
        }
    }

    /// Adds the diffuse sound to what the lines return and mixes it: any two channels of the mix are two uncorrelated views of the room, and
    /// two of them are left in `heard`. The mix, turned, goes back into the lines. With `listen` the highest magnitude of it is returned.
    pub(super) fn run(
        &mut self,
        level: Level,
        diffuse: [&Frames; LINES],
        at: i64,
        frames: usize,
        listen: bool,
        heard: &mut [Frames; 2],
    ) -> f64 {
        absorb(level, &mut self.absorption, self.lines.cells(0), diffuse, &mut self.quads.0, &mut self.cell.0, frames);
        feed_back(level, self.rotation.at(at), &self.cell.0, self.lines.rooms(), heard);
        let mut peak = f64::INFINITY;
        if listen {
            let back = self.lines.rooms();
            peak = back.iter().flat_map(|line| &line[..frames]).fold(0.0, |peak: f64, x| peak.max(x.abs()));
        }
        self.lines.keep(frames);
        peak
    }

    pub(super) fn flush(&mut self) {
        self.absorption.flush();
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.absorption.clear();
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        self.lines.save(into);
        self.absorption.save(into);
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.lines.load(from)?;
        self.absorption.load(from)
    }
}

levels! {
    fn absorb(on: &mut Absorption, returned: [&Frames; LINES], diffuse: [&Frames; LINES], quads: &mut Quads, into: &mut Cell, frames: usize) = absorbed;
    fn feed_back(turns: &[Turn; PAIRS], cell: &Cell, into: [&mut Frames; LINES], heard: &mut [Frames; 2]) = fed_back;
}

/// What returns, absorbed, with the diffuse sound, and mixed four by four.
#[inline(always)]
fn absorbed(
    on: &mut Absorption,
    returned: [&Frames; LINES],
    diffuse: [&Frames; LINES],
    quads: &mut Quads,
    into: &mut Cell,
    frames: usize,
) {
    // the absorption remembers, so it works on lines side by side, and all else on frames side by side
    for (quad, from) in quads.iter_mut().zip(returned.as_chunks::<4>().0) {
        let [a, b, c, d] = from;
        for n in 0..CELL {
            quad[n] = [a[n], b[n], c[n], d[n]];
        }
    }
    on.run(quads, frames);
    for ((quad, more), into) in quads.iter().zip(diffuse.as_chunks::<4>().0).zip(into.as_chunks_mut::<4>().0) {
        let ([a, b, c, d], [p, q, r, s]) = (more, into);
        for n in 0..CELL {
            let (a, b, c, d) = (a[n] + quad[n][0], b[n] + quad[n][1], c[n] + quad[n][2], d[n] + quad[n][3]);
            (p[n], q[n], r[n], s[n]) = quartet(a, b, c, d, |a, b| (a + b, a - b));
        }
    }
}

/// The other half of the mix, and what of it is heard, turned into the lines.
#[inline(always)]
fn fed_back(turns: &[Turn; PAIRS], cell: &Cell, mut into: [&mut Frames; LINES], heard: &mut [Frames; 2]) {
    let [a, b, c, d] = cell.as_chunks::<4>().0 else { return };
    let [left, right] = heard;
    for n in 0..CELL {
        // channels 5 and 10
        left[n] = quartet(a[1][n], b[1][n], c[1][n], d[1][n], |a, b| (a + b, a - b)).1;
        right[n] = quartet(a[2][n], b[2][n], c[2][n], d[2][n], |a, b| (a + b, a - b)).2;
    }
    let [p, q, r, s] = into.as_chunks_mut::<4>().0 else { return };
    for i in 0..4 {
        back([&a[i], &b[i], &c[i], &d[i]], &turns[i], &turns[i + 4], p[i], q[i], r[i], s[i]);
    }
}

/// Arguments of their own, not arrays of them, tell the compiler that no two are the same memory.
#[inline(always)]
fn back(
    [a, b, c, d]: [&Frames; 4],
    even: &Turn,
    odd: &Turn,
    p: &mut Frames,
    q: &mut Frames,
    r: &mut Frames,
    s: &mut Frames,
) {
    for n in 0..CELL {
        let (x, y, z, w) = quartet(a[n], b[n], c[n], d[n], |a, b| (a + b, a - b));
        (p[n], r[n]) = turn(even, n, x, z);
        (q[n], s[n]) = turn(odd, n, y, w);
    }
}
