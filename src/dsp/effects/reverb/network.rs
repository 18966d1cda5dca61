use super::absorption::Absorption;
use super::poles::{BACK, Reach};
use super::rotation::{PAIRS, Rotation, Turn, turn};
use crate::audio::isa::{Level, levels};
use crate::audio::{OnLine, StateError, StateReader, StateWriter};
use crate::dsp::parts::cell::CELL;
use crate::dsp::parts::delay_lines::DelayLines;
use crate::dsp::parts::hadamard::{Cell, EMPTY, LINES, quartet};
use crate::dsp::parts::single::{QUIET, Singles};

/// The feedback delay network: sixteen lines, each with its absorption, mixed all into all and fed back. Without the absorption it would
/// keep its energy for ever, so that alone decides on the decay.
#[derive(Clone, Debug)]
pub(super) struct Network {
    lines: DelayLines<{ BACK + CELL }>,
    absorption: Absorption,
    rotation: Rotation,
    /// Half mixed, and mixed.
    cells: Box<OnLine<[Cell; 2]>>,
}

impl Network {
    pub(super) fn new(lengths: [usize; LINES], absorption: Absorption, rotation: Rotation) -> Network {
        Network {
            lines: DelayLines::new(lengths, std::array::from_fn(|i| i)),
            absorption,
            rotation,
            cells: Box::new(OnLine([EMPTY; 2])),
        }
    }

    /// Adds the diffuse sound to what the lines return and mixes it: any two channels of the mix are two uncorrelated views of the room, and
    /// two of them are left in `heard`. The mix, turned, goes back into the lines. With `listen` the highest magnitude of it is returned.
    pub(super) fn run(
        &mut self,
        level: Level,
        diffuse: &[&Singles; LINES],
        at: i64,
        frames: usize,
        listen: bool,
        heard: &mut [Singles; 2],
    ) -> f64 {
        let [between, back] = &mut self.cells.0;
        absorb(level, &mut self.absorption, &self.lines.cells(), diffuse, between, frames);
        feed_back(level, self.rotation.at(at), between, back, heard);
        self.lines.put(level, back);
        self.lines.pass(frames);
        let mut peak = f64::INFINITY;
        if listen {
            let mut peaks = QUIET;
            highest(level, back, &mut peaks);
            peak = f64::from(peaks[..frames].iter().fold(0.0_f32, |peak, x| peak.max(*x)));
        }
        peak
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
    fn absorb(on: &mut Absorption, returned: &[&Reach; LINES], diffuse: &[&Singles; LINES], into: &mut Cell, frames: usize) = absorbed;
    fn feed_back(turns: &[Turn; PAIRS], cell: &Cell, into: &mut Cell, heard: &mut [Singles; 2]) = fed_back;
    fn highest(lines: &Cell, peaks: &mut Singles) = peaked;
}

/// What returns, absorbed, with the diffuse sound, and mixed four by four.
#[inline(always)]
fn absorbed(
    on: &mut Absorption,
    returned: &[&Reach; LINES],
    diffuse: &[&Singles; LINES],
    into: &mut Cell,
    frames: usize,
) {
    on.run(returned);
    for (g, [p, q, r, s]) in into.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let i = 4 * g;
        let (a, b, c, d) = (diffuse[i], diffuse[i + 1], diffuse[i + 2], diffuse[i + 3]);
        let (x, y, z, w) = (on.line(i), on.line(i + 1), on.line(i + 2), on.line(i + 3));
        for n in 0..CELL {
            let (a, b, c, d) = (a[n] + x[n], b[n] + y[n], c[n] + z[n], d[n] + w[n]);
            (p[n], q[n], r[n], s[n]) = quartet(a, b, c, d, |a, b| (a + b, a - b));
        }
    }
    on.keep(frames);
}

/// The highest magnitude in each frame.
#[inline(always)]
fn peaked(lines: &Cell, peaks: &mut Singles) {
    for line in lines {
        for n in 0..CELL {
            let x = line[n].abs();
            peaks[n] = if x > peaks[n] { x } else { peaks[n] };
        }
    }
}

/// The other half of the mix, and what of it is heard, turned into the lines.
#[inline(always)]
fn fed_back(turns: &[Turn; PAIRS], cell: &Cell, into: &mut Cell, heard: &mut [Singles; 2]) {
    let [a, b, c, d] = cell.as_chunks::<4>().0 else { return };
    let [left, right] = heard;
    for n in 0..CELL {
        // channels 5 and 10
        left[n] = quartet(a[1][n], b[1][n], c[1][n], d[1][n], |a, b| (a + b, a - b)).1;
        right[n] = quartet(a[2][n], b[2][n], c[2][n], d[2][n], |a, b| (a + b, a - b)).2;
    }
    let [p, q, r, s] = into.as_chunks_mut::<4>().0 else { return };
    for i in 0..4 {
        back([&a[i], &b[i], &c[i], &d[i]], &turns[i], &turns[i + 4], &mut p[i], &mut q[i], &mut r[i], &mut s[i]);
    }
}

/// Arguments of their own, not arrays of them, tell the compiler that no two are the same memory.
#[inline(always)]
fn back(
    [a, b, c, d]: [&Singles; 4],
    even: &Turn,
    odd: &Turn,
    p: &mut Singles,
    q: &mut Singles,
    r: &mut Singles,
    s: &mut Singles,
) {
    for n in 0..CELL {
        let (x, y, z, w) = quartet(a[n], b[n], c[n], d[n], |a, b| (a + b, a - b));
        (p[n], r[n]) = turn(even, n, x, z);
        (q[n], s[n]) = turn(odd, n, y, w);
    }
}
