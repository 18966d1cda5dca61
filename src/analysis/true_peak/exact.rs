//! The crest of the wave.

use std::sync::LazyLock;

use super::bounds::{self, Row, Smooth};
use super::{Around, FEW, GROUP, HALF, HISTORY, REACH, TILE, Tiles, around, half, highest, largest, more};
use crate::dsp::parts::kaiser::{self, Kaiser};

const PHASES: usize = 8;
/// The window's shape: 100 dB.
const BETA: f64 = 10.06;

static KERNEL: LazyLock<Kernel> = LazyLock::new(Kernel::new);

/// Phases p and 8 - p mirror each other: they are sum and difference of an even and an odd half.
struct Kernel {
    middle: [[f64; 1]; HALF],
    evens: [[f64; 3]; HALF],
    odds: [[f64; 3]; HALF],
    /// Of any value between samples, the parabola's vertex included.
    all: f64,
    /// Of what such a value adds to the larger of the two samples beside it.
    beside: Smooth,
    /// Of what it adds to the largest of those two and the value in the middle.
    closer: Smooth,
    closer_all: f64,
}

impl Kernel {
    fn new() -> Kernel {
        let window = Kaiser::new(BETA);
        let h = |t: f64| kaiser::sinc(t, 1.0) * window.at(t / HALF as f64);
        let tap = |p: usize, k: usize, sign: f64| {
            let (t, k) = (p as f64 / PHASES as f64, k as f64);
            0.5 * (h(k + t) + sign * h(k + 1.0 - t))
        };
        let rows: [Row; PHASES + 1] = std::array::from_fn(|p| {
            std::array::from_fn(|i| h(i as f64 - (HALF - 1) as f64 - p as f64 / PHASES as f64))
        });
        // row p beyond the straight line between rows 0 and `end`
        let beyond = |p: usize, end: usize| -> Row {
            let share = p as f64 / end as f64;
            std::array::from_fn(|i| rows[p][i] - (1.0 - share) * rows[0][i] - share * rows[end][i])
        };
        // a parabola's vertex between three points exceeds the largest of them by at most an eighth of their second difference
        let bend =
            |p: usize| -> Row { std::array::from_fn(|i| 0.125 * (rows[p - 1][i] - 2.0 * rows[p][i] + rows[p + 1][i])) };
        let all = |rows: &mut dyn Iterator<Item = Row>| rows.map(|row| bounds::all(&row)).fold(0.0, more);
        let smooth =
            |rows: &mut dyn Iterator<Item = Row>| rows.map(|row| Smooth::new(&row)).fold(Smooth::default(), Smooth::or);
        let vertex = (all(&mut (1..PHASES).map(bend)), smooth(&mut (1..PHASES).map(bend)));
        let middle = PHASES / 2;
        Kernel {
            middle: std::array::from_fn(|k| [tap(middle, k, 1.0)]),
            evens: std::array::from_fn(|k| [1, 2, 3].map(|p| tap(p, k, 1.0))),
            odds: std::array::from_fn(|k| [1, 2, 3].map(|p| tap(p, k, -1.0))),
            // and a hair more, for rounding
            all: all(&mut rows.into_iter()) + vertex.0 + 1e-9,
            beside: smooth(&mut (1..PHASES).map(|p| beyond(p, PHASES))).and(vertex.1).loose(1e-9),
            closer_all: all(&mut (1..middle).map(|p| beyond(p, middle))) + vertex.0 + 1e-9,
            closer: smooth(&mut (1..middle).map(|p| beyond(p, middle))).and(vertex.1).loose(1e-9),
        }
    }
}

/// `peak`, which no sample exceeds, or the highest crest between the samples of a piece.
#[inline(always)]
pub(super) fn raise(x: &[f64], tiles: &Tiles, mut peak: f64) -> f64 {
    let kernel = &*KERNEL;
    let level = tiles.largest();
    if kernel.all * level <= peak {
        return peak;
    }
    let bends = bends(x);
    let least = kernel.beside.of(level, highest(&bends));
    let intervals = x.len() - HISTORY;
    for (t, from) in (0..intervals).step_by(TILE).enumerate() {
        if tiles.beside(t) + least <= peak {
            continue;
        }
        let (level, bend) = (tiles.around(t), highest(&bends[t..t + REACH]));
        let (all, beside) = (kernel.all * level, kernel.beside.of(level, bend));
        if less(all, tiles.beside(t) + beside) <= peak {
            continue;
        }
        let closer = less(kernel.closer_all * level, kernel.closer.of(level, bend));
        for from in (from..intervals.min(from + TILE)).step_by(GROUP) {
            let count = GROUP.min(intervals - from);
            if less(all, largest(&x[from + HALF - 1..][..count + 1]) + beside) > peak {
                peak = around(x, from, |x| group(kernel, x, count, closer, peak));
            }
        }
    }
    peak
}

/// `peak`, or the highest crest in the first `count` intervals; none is higher than what `closer` adds to two samples and the value between.
#[inline(always)]
fn group(kernel: &Kernel, x: &Around, count: usize, closer: f64, mut peak: f64) -> f64 {
    let [middle] = half::<true, 1, GROUP>(&kernel.middle, x);
    for from in (0..count).step_by(FEW) {
        let near = more(largest(&middle[from..][..FEW]), largest(&x[HALF - 1 + from..][..FEW + 1]));
        if near + closer <= peak {
            continue;
        }
        let evens = half::<true, 3, FEW>(&kernel.evens, &x[from..]);
        let odds = half::<false, 3, FEW>(&kernel.odds, &x[from..]);
        for i in 0..FEW.min(count - from) {
            let (now, next) = (x[HALF - 1 + from + i], x[HALF + from + i]);
            let mut y = [now, 0.0, 0.0, 0.0, middle[from + i], 0.0, 0.0, 0.0, next];
            for p in 0..3 {
                (y[1 + p], y[7 - p]) = (evens[p][i] + odds[p][i], evens[p][i] - odds[p][i]);
            }
            peak = crest(&y, peak);
        }
    }
    peak
}

/// `peak`, or the largest of the values and of the vertices of parabolas through three of them.
fn crest(y: &[f64; PHASES + 1], peak: f64) -> f64 {
    let mut peak = more(peak, largest(y));
    for y in y.windows(3) {
        let (slope, bend) = (y[2] - y[0], y[2] - 2.0 * y[1] + y[0]);
        // a vertex away from zero, between the outer two
        let is_crest = bend * y[1] < 0.0 && slope.abs() <= 2.0 * bend.abs();
        if is_crest && largest(y) + 0.125 * bend.abs() > peak {
            peak = more(peak, (y[1] - slope * slope / (8.0 * bend)).abs());
        }
    }
    peak
}

/// The largest second differences around the 16 samples after the first of each tile.
#[inline(always)]
fn bends(x: &[f64]) -> [f64; Tiles::MOST] {
    let mut bends = [0.0; Tiles::MOST];
    for (t, most) in bends.iter_mut().enumerate().take(x.len().div_ceil(TILE)) {
        *most = match x[t * TILE..].first_chunk::<{ TILE + 2 }>() {
            Some(x) => {
                let bend: [f64; TILE] = std::array::from_fn(|i| (x[i] - x[i + 1]) - (x[i + 1] - x[i + 2]));
                largest(&bend)
            }
            None => x[t * TILE..].windows(3).map(|x| ((x[0] - x[1]) - (x[1] - x[2])).abs()).fold(0.0, more),
        };
    }
    bends
}

#[inline(always)]
fn less(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}
