//! Who may run when. The unit of work is (task, segment); it is ready when what it hears has that segment, its own segment before is done, and the
//! place it writes to has been read by all its listeners. Counters, no locks; any order gives the same sound.

use std::sync::atomic::{AtomicU32, Ordering};

use rayon::Scope;

/// Which tasks hear which: every task after those it hears.
pub(super) struct Schedule {
    hears: Vec<Vec<usize>>,
    heard_by: Vec<Vec<usize>>,
    segments: usize,
    window: usize,
}

impl Schedule {
    /// `hears[t]` are the tasks that `t` reads from.
    pub(super) fn new(mut hears: Vec<Vec<usize>>, segments: usize, window: usize) -> Schedule {
        let mut heard_by = vec![Vec::new(); hears.len()];
        for (task, all) in hears.iter_mut().enumerate() {
            all.sort_unstable();
            all.dedup();
            all.iter().for_each(|from| heard_by[*from].push(task));
        }
        Schedule { hears, heard_by, segments, window }
    }

    pub(super) fn units(&self) -> usize {
        self.hears.len() * self.segments
    }

    /// Runs everything on the current rayon pool; `work` says false to end it all.
    pub(super) fn run(&self, work: &(dyn Fn(usize, usize) -> bool + Sync)) {
        let waits: Vec<AtomicU32> = (0..self.segments)
            .flat_map(|s| (0..self.hears.len()).map(move |t| (t, s)))
            .map(|(t, s)| {
                let before = u32::from(s > 0);
                let readers = if s >= self.window { self.heard_by[t].len() } else { 0 };
                AtomicU32::new(self.hears[t].len() as u32 + before + readers as u32)
            })
            .collect();
        let run = Run { schedule: self, waits, work };
        rayon::scope(|scope| {
            for task in 0..self.hears.len() {
                if self.segments > 0 && self.hears[task].is_empty() {
                    let run = &run;
                    scope.spawn(move |scope| run.go(scope, task, 0));
                }
            }
        });
    }
}

struct Run<'a> {
    schedule: &'a Schedule,
    waits: Vec<AtomicU32>,
    work: &'a (dyn Fn(usize, usize) -> bool + Sync),
}

impl<'a> Run<'a> {
    fn go<'s>(&'s self, scope: &Scope<'s>, task: usize, segment: usize) {
        if !(self.work)(task, segment) {
            return;
        }
        let schedule = self.schedule;
        // in this order the newest spawn, taken first, is the listener: sound flows on while it is in the cache
        for from in &schedule.hears[task] {
            self.done(scope, *from, segment + schedule.window);
        }
        self.done(scope, task, segment + 1);
        for listener in &schedule.heard_by[task] {
            self.done(scope, *listener, segment);
        }
    }

    /// One thing fewer to wait for.
    fn done<'s>(&'s self, scope: &Scope<'s>, task: usize, segment: usize) {
        if segment >= self.schedule.segments {
            return;
        }
        let left = &self.waits[segment * self.schedule.hears.len() + task];
        if left.fetch_sub(1, Ordering::AcqRel) == 1 {
            scope.spawn(move |scope| self.go(scope, task, segment));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn everything_runs_once_after_what_it_needs() {
        // two tracks into a bus, one of them also straight into the mix
        let schedule = Schedule::new(vec![vec![], vec![], vec![0, 1], vec![2, 1, 1]], 9, 4);
        let log = Mutex::new(Vec::new());
        schedule.run(&|task, segment| {
            log.lock().unwrap().push((task, segment));
            true
        });
        let log = log.into_inner().unwrap();
        assert_eq!(log.len(), schedule.units());
        let when = |task, segment| log.iter().position(|x| *x == (task, segment)).unwrap();
        for segment in 0..9 {
            for (task, hears) in schedule.hears.iter().enumerate() {
                assert!(hears.iter().all(|from| when(*from, segment) < when(task, segment)));
                assert!(segment == 0 || when(task, segment - 1) < when(task, segment));
                for listener in &schedule.heard_by[task] {
                    assert!(segment < 4 || when(*listener, segment - 4) < when(task, segment));
                }
            }
        }
    }

    #[test]
    fn it_ends_when_told_to() {
        let schedule = Schedule::new(vec![vec![], vec![0]], 1000, 4);
        let count = AtomicU32::new(0);
        schedule.run(&|_, segment| {
            count.fetch_add(1, Ordering::Relaxed);
            segment < 3
        });
        assert!(count.into_inner() < 20);
    }
}
