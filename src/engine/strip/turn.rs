//! A strip's turn: a segment, block by block. Two strips can take theirs abreast, a block of one and a block of the other: what both hear is near when the
//! second one reads it, and their filters run side by side.

use std::sync::RwLockWriteGuard;

use super::Strip;
use super::insert::{Piece, run_both};
use crate::audio::ahead::fetch;
use crate::engine::Failure;
use crate::engine::needs::Sum;
use crate::engine::slots::{SEGMENT, Slot, Slots};
use crate::engine::spool::Spool;
use crate::engine::tape::Materials;
use crate::engine::timing::Laps;
use crate::graph::plan::Point;

/// Which segment it is, and what strips read and write in it.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Scene<'a> {
    pub(in crate::engine) segment: usize,
    pub(in crate::engine) slots: &'a Slots,
    pub(in crate::engine) materials: &'a Materials<'a>,
    pub(in crate::engine) spools: &'a [Spool],
}

impl Scene<'_> {
    /// Frame `at` of the segment in the stream.
    pub(super) fn frame(&self, at: usize) -> i64 {
        (self.segment * SEGMENT + at) as i64
    }
}

type Tap<'s> = Option<RwLockWriteGuard<'s, Slot>>;

/// Where the sum comes from, and the taps that somebody hears.
struct Turn<'s> {
    from: Sum,
    input: Tap<'s>,
    source: Tap<'s>,
    drive: Tap<'s>,
    pre: Tap<'s>,
    post: Tap<'s>,
}

impl Turn<'_> {
    /// Whether anybody hears what is behind the inserts.
    fn whole(&self) -> bool {
        self.pre.is_some() || self.post.is_some()
    }

    /// Asks for one of so many `parts` of what a block will be written to: all of it at once would be waited for.
    fn fetch(&self, at: usize, n: usize, part: usize, parts: usize) {
        let (from, to) = (at + n * part / parts, at + n * (part + 1) / parts);
        for slot in [&self.drive, &self.pre, &self.post].into_iter().flatten() {
            (0..slot.channels()).for_each(|channel| fetch(&slot.channel(channel)[from..to]));
        }
    }
}

/// The blocks of a segment: where they begin, and how long they are.
fn blocks(step: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..SEGMENT).step_by(step).map(move |at| (at, step.min(SEGMENT - at)))
}

impl Strip {
    /// Renders one segment into the strip's slots.
    pub(in crate::engine) fn segment(
        &mut self,
        from: Sum,
        scene: &Scene<'_>,
        laps: &mut Option<Laps<'_>>,
    ) -> Result<(), Failure> {
        let mut turn = self.begin(from, scene);
        for (at, n) in blocks(self.block.capacity()) {
            let mut silent = self.enter(&mut turn, scene, at, n, laps)?;
            if turn.whole() || turn.drive.is_some() {
                for index in 0..self.drive {
                    turn.fetch(at, n, index + 1, self.inserts.len() + 1);
                    silent = self.insert(index, scene, at, n, silent, laps);
                }
            }
            if let Some(slot) = &mut turn.drive {
                let layout = self.inserts.get(self.drive).map_or(self.pre, |insert| insert.layout);
                self.leave(slot, at, n, layout, silent, scene.frame(at) - self.latency.drive)?;
            }
            if turn.whole() {
                for index in self.drive..self.inserts.len() {
                    turn.fetch(at, n, index + 1, self.inserts.len() + 1);
                    silent = self.insert(index, scene, at, n, silent, laps);
                }
                self.exit(&mut turn, scene, at, n, silent)?;
            }
            lap(laps, self.inserts.len() + 1);
        }
        Ok(())
    }

    fn begin<'s>(&mut self, from: Sum, scene: &Scene<'s>) -> Turn<'s> {
        let tap = |point| {
            let mut tap = scene.slots.write(self.index, point, scene.segment);
            tap.iter_mut().for_each(|slot| slot.silent = true);
            tap
        };
        let [input, source, drive, pre, post] =
            [Point::Input, Point::Source, Point::Drive, Point::Pre, Point::Post].map(tap);
        if let (Some(total), Sum::Whole) = (&mut self.total, from) {
            total.begin();
        }
        Turn { from, input, source, drive, pre, post }
    }

    /// What comes before the inserts. Says whether it is silent.
    fn enter(
        &mut self,
        turn: &mut Turn<'_>,
        scene: &Scene<'_>,
        at: usize,
        n: usize,
        laps: &mut Option<Laps<'_>>,
    ) -> Result<bool, Failure> {
        // song time of the stream's frame at the strip's input
        let song = scene.frame(at) - self.latency.input;
        self.followers.take(scene.slots, scene.segment, at, n);
        turn.fetch(at, n, 0, self.inserts.len() + 1);
        let mut silent = !self.gather(turn.from, scene, at, n, song)?;
        if let Some(slot) = &mut turn.input {
            self.leave(slot, at, n, self.layout, silent, song)?;
        }
        silent = self.prepare(n, silent);
        lap(laps, 0);
        if let Some(slot) = &mut turn.source {
            self.leave(slot, at, n, self.layout, silent, scene.frame(at) - self.latency.source)?;
        }
        Ok(silent)
    }

    fn insert(
        &mut self,
        index: usize,
        scene: &Scene<'_>,
        at: usize,
        n: usize,
        silent: bool,
        laps: &mut Option<Laps<'_>>,
    ) -> bool {
        let piece = Piece { frame: scene.frame(at), frames: n, silent };
        let silent = self.inserts[index].run((piece, &mut self.block, &mut self.followers));
        lap(laps, index + 1);
        silent
    }

    fn exit(
        &mut self,
        turn: &mut Turn<'_>,
        scene: &Scene<'_>,
        at: usize,
        n: usize,
        silent: bool,
    ) -> Result<(), Failure> {
        self.finish(&mut turn.pre, &mut turn.post, at, n, silent, scene.frame(at) - self.latency.pre)
    }
}

/// Renders one segment of each of two strips that are not heard [before](Point::Drive) an insert. What fails ends its own strip's turn alone.
pub(in crate::engine) fn abreast(
    [a, b]: [&mut Strip; 2],
    from: [Sum; 2],
    scene: &Scene<'_>,
) -> [Result<(), Failure>; 2] {
    let mut turns = (a.begin(from[0], scene), b.begin(from[1], scene));
    let mut results = [Ok(()), Ok(())];
    for (at, n) in blocks(a.block.capacity()) {
        let silent = (
            entered(&mut results[0], || a.enter(&mut turns.0, scene, at, n, &mut None)),
            entered(&mut results[1], || b.enter(&mut turns.1, scene, at, n, &mut None)),
        );
        let (mut x, mut y) = (silent.0.filter(|_| turns.0.whole()), silent.1.filter(|_| turns.1.whole()));
        for index in 0..a.inserts.len().max(b.inserts.len()) {
            for (strip, turn) in [(&*a, &turns.0), (&*b, &turns.1)] {
                if index < strip.inserts.len() {
                    turn.fetch(at, n, index + 1, strip.inserts.len() + 1);
                }
            }
            let piece = |silent| Piece { frame: scene.frame(at), frames: n, silent };
            match (&mut x, a.inserts.get_mut(index), &mut y, b.inserts.get_mut(index)) {
                (Some(x), Some(p), Some(y), Some(q)) => {
                    let places =
                        [(piece(*x), &mut a.block, &mut a.followers), (piece(*y), &mut b.block, &mut b.followers)];
                    [*x, *y] = run_both([p, q], places);
                }
                (Some(x), Some(p), ..) => *x = p.run((piece(*x), &mut a.block, &mut a.followers)),
                (.., Some(y), Some(q)) => *y = q.run((piece(*y), &mut b.block, &mut b.followers)),
                _ => {}
            }
        }
        if let Some(silent) = x {
            results[0] = a.exit(&mut turns.0, scene, at, n, silent);
        }
        if let Some(silent) = y {
            results[1] = b.exit(&mut turns.1, scene, at, n, silent);
        }
    }
    results
}

/// Whether the block is silent; none when the turn is over.
fn entered(result: &mut Result<(), Failure>, enter: impl FnOnce() -> Result<bool, Failure>) -> Option<bool> {
    if result.is_err() {
        return None;
    }
    match enter() {
        Ok(silent) => Some(silent),
        Err(failure) => {
            *result = Err(failure);
            None
        }
    }
}

/// `part`: 0 is what comes before the effects, then they, then what comes after.
fn lap(laps: &mut Option<Laps<'_>>, part: usize) {
    if let Some(laps) = laps {
        laps.lap(part);
    }
}
