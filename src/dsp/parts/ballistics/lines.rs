//! The recursion with two time constants, four frames at a step.
//!
//! Both branches are straight lines of where it comes from, and the right one is always the upper one where the attack is the faster, otherwise the
//! lower. So after n frames it is at the upper (lower) of n + 1 lines, one for each number of attacks among them. What the lines add hangs on the wanted
//! reductions alone and is found for a whole cell at once; only from each fourth frame to the next one waits for the other.

use std::hint::black_box;

use super::Times;
use crate::dsp::parts::cell::{CELL, Frames};

/// Frames that are one step.
pub const GROUP: usize = 4;
const GROUPS: usize = CELL / GROUP;

/// One value for each group of a cell.
type Row = [f64; GROUPS];
/// A cell's frames, a row for each place in a group.
type Turned = [Row; GROUP];

/// What one and the other line are multiplied with, up to four frames on: of n frames with j attacks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slopes {
    attack: f64,
    release: f64,
    one: [f64; 2],
    two: [f64; 3],
    three: [f64; 4],
    four: [f64; 5],
}

impl Slopes {
    pub(super) fn new(attack: f64, release: f64) -> Slopes {
        fn longer<const N: usize, const M: usize>(before: [f64; N], attack: f64, release: f64) -> [f64; M] {
            std::array::from_fn(|j| if j < N { before[j] * release } else { before[N - 1] * attack })
        }
        let one = [release, attack];
        let two = longer(one, attack, release);
        let three = longer(two, attack, release);
        Slopes { attack, release, one, two, three, four: longer(three, attack, release) }
    }
}

/// What the lines add, after one frame of each group up to four.
#[derive(Clone, Copy)]
pub struct Lines {
    one: [Row; 2],
    two: [Row; 3],
    three: [Row; 4],
    four: [Row; 5],
    /// Where each group begins, and where it is after each of its frames.
    starts: Row,
    way: Turned,
}

const NOTHING: Row = [0.0; GROUPS];

impl Lines {
    pub const EMPTY: Lines = Lines {
        one: [NOTHING; 2],
        two: [NOTHING; 3],
        three: [NOTHING; 4],
        four: [NOTHING; 5],
        starts: NOTHING,
        way: [NOTHING; GROUP],
    };
}

// Rows are made one by one from rows: so each is a vector or two.
#[inline(always)]
fn row(of: impl Fn(usize) -> f64) -> Row {
    let mut row = NOTHING;
    for (g, x) in row.iter_mut().enumerate() {
        *x = of(g);
    }
    row
}

/// The upper one, or the lower.
#[inline(always)]
fn pick<const UPPER: bool>(a: f64, b: f64) -> f64 {
    if UPPER == (a > b) { a } else { b }
}

/// A number of groups that the compiler does not know: otherwise it would turn them frame by frame.
#[inline(always)]
fn groups() -> usize {
    black_box(GROUPS).min(GROUPS)
}

#[inline(always)]
fn turned(frames: &Frames) -> Turned {
    let (mut rows, (groups_of, _)) = ([NOTHING; GROUP], frames.as_chunks::<GROUP>());
    let [a, b, c, d] = &mut rows;
    for g in 0..groups() {
        [a[g], b[g], c[g], d[g]] = groups_of[g];
    }
    rows
}

#[inline(always)]
fn turn_back([a, b, c, d]: &Turned, frames: &mut Frames) {
    let (groups_of, _) = frames.as_chunks_mut::<GROUP>();
    for g in 0..groups() {
        groups_of[g] = [a[g], b[g], c[g], d[g]];
    }
}

impl Times {
    /// Whether the attack is the faster.
    #[inline(always)]
    fn rises(&self) -> bool {
        self.slopes.attack <= self.slopes.release
    }

    /// What the lines of a cell of wanted reductions add.
    #[inline(always)]
    pub fn draw(&self, wanted: &Frames, lines: &mut Lines) {
        if self.rises() { self.drawn::<true>(wanted, lines) } else { self.drawn::<false>(wanted, lines) }
    }

    #[inline(always)]
    fn drawn<const UPPER: bool>(&self, wanted: &Frames, lines: &mut Lines) {
        let Slopes { attack: a, release: r, .. } = self.slopes;
        let (from_a, from_r) = (1.0 - a, 1.0 - r);
        let wanted = turned(wanted);
        let up = |k: usize| row(|g| from_a * wanted[k][g]);
        let down = |k: usize| row(|g| from_r * wanted[k][g]);
        let rise = |x: &Row, up: &Row| row(|g| a * x[g] + up[g]);
        let fall = |x: &Row, down: &Row| row(|g| r * x[g] + down[g]);
        let either =
            |x: &Row, y: &Row, up: &Row, down: &Row| row(|g| pick::<UPPER>(a * x[g] + up[g], r * y[g] + down[g]));
        let one = [down(0), up(0)];
        let (u, d) = (up(1), down(1));
        let two = [fall(&one[0], &d), either(&one[0], &one[1], &u, &d), rise(&one[1], &u)];
        let (u, d) = (up(2), down(2));
        let three =
            [fall(&two[0], &d), either(&two[0], &two[1], &u, &d), either(&two[1], &two[2], &u, &d), rise(&two[2], &u)];
        let (u, d) = (up(3), down(3));
        lines.four = [
            fall(&three[0], &d),
            either(&three[0], &three[1], &u, &d),
            either(&three[1], &three[2], &u, &d),
            either(&three[2], &three[3], &u, &d),
            rise(&three[3], &u),
        ];
        (lines.one, lines.two, lines.three) = (one, two, three);
    }

    /// From `y` on through one group; where it ends.
    #[inline(always)]
    pub fn step(&self, y: f64, lines: &mut Lines, group: usize) -> f64 {
        if self.rises() { self.stepped::<true>(y, lines, group) } else { self.stepped::<false>(y, lines, group) }
    }

    #[inline(always)]
    fn stepped<const UPPER: bool>(&self, y: f64, lines: &mut Lines, group: usize) -> f64 {
        let slopes = self.slopes.four;
        let line = |j: usize| slopes[j] * y + lines.four[j][group];
        let end =
            pick::<UPPER>(pick::<UPPER>(pick::<UPPER>(line(0), line(1)), pick::<UPPER>(line(2), line(3))), line(4));
        lines.starts[group] = y;
        lines.way[GROUP - 1][group] = end;
        end
    }

    /// Where it is at each frame of the cell, once all groups are through.
    #[inline(always)]
    pub fn trace(&self, lines: &mut Lines, out: &mut Frames) {
        if self.rises() { self.traced::<true>(lines, out) } else { self.traced::<false>(lines, out) }
    }

    #[inline(always)]
    fn traced<const UPPER: bool>(&self, lines: &mut Lines, out: &mut Frames) {
        let Slopes { one: p, two: q, three: s, .. } = self.slopes;
        let Lines { one, two, three, starts, way, .. } = lines;
        way[0] = row(|g| pick::<UPPER>(p[0] * starts[g] + one[0][g], p[1] * starts[g] + one[1][g]));
        way[1] = row(|g| {
            let both = pick::<UPPER>(q[0] * starts[g] + two[0][g], q[1] * starts[g] + two[1][g]);
            pick::<UPPER>(both, q[2] * starts[g] + two[2][g])
        });
        way[2] = row(|g| {
            let first = pick::<UPPER>(s[0] * starts[g] + three[0][g], s[1] * starts[g] + three[1][g]);
            pick::<UPPER>(first, pick::<UPPER>(s[2] * starts[g] + three[2][g], s[3] * starts[g] + three[3][g]))
        });
        turn_back(way, out);
    }

    /// A whole cell in which nothing is wanted, from `y` on: the lines without what they add, to the same bits. Returns where it ends.
    #[inline(always)]
    pub fn fade(&self, mut y: f64, out: &mut Frames) -> f64 {
        let Slopes { one, two, three, four, .. } = &self.slopes;
        let slopes = [one[0], two[0], three[0], four[0]];
        for group in out.as_chunks_mut::<GROUP>().0 {
            *group = slopes.map(|slope| slope * y);
            y *= slopes[GROUP - 1];
        }
        y
    }

    /// Frames `from..to` of a cell of wanted reductions become where it is there, from `y` on, which is where the group of frame `from` begins; the frames
    /// before it in that group are there. Returns where the group of frame `to` begins.
    #[inline(always)]
    pub(super) fn smoothed(&self, frames: &mut Frames, mut y: f64, from: usize, to: usize) -> f64 {
        let mut lines = Lines::EMPTY;
        self.draw(frames, &mut lines);
        for group in from / GROUP..to.div_ceil(GROUP) {
            let end = self.step(y, &mut lines, group);
            y = if (group + 1) * GROUP <= to { end } else { y };
        }
        self.trace(&mut lines, frames);
        y
    }
}
