//! Who may run when. The unit of work is (task, segment); it is ready when what it hears has that segment, its own segment before is done, and the
//! place it writes to has been read by all its listeners. Any order gives the same sound.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Which tasks hear which: every task after those it hears.
pub(super) struct Schedule {
    hears: Vec<Vec<usize>>,
    heard_by: Vec<Vec<usize>>,
    /// Which have anything to do.
    busy: Vec<bool>,
    segments: usize,
    window: usize,
}

impl Schedule {
    /// `hears[t]` are the tasks that `t` reads from; `busy[t]`: it has anything to do at all.
    pub(super) fn new(mut hears: Vec<Vec<usize>>, busy: Vec<bool>, segments: usize, window: usize) -> Schedule {
        let mut heard_by = vec![Vec::new(); hears.len()];
        for (task, all) in hears.iter_mut().enumerate() {
            all.retain(|from| busy[*from] && busy[task]);
            all.sort_unstable();
            all.dedup();
            all.iter().for_each(|from| heard_by[*from].push(task));
        }
        Schedule { hears, heard_by, busy, segments, window }
    }

    pub(super) fn units(&self) -> usize {
        self.busy.iter().filter(|busy| **busy).count() * self.segments
    }

    /// Runs everything on the current rayon pool; `work` says false to end it all.
    ///
    /// Of what may run, a window of segments comes before the next one, and in it who is heard before his listeners: sound is not far away when it is
    /// heard, and so much of it is ahead of everybody that no thread must wait for another.
    pub(super) fn run(&self, work: &(dyn Fn(usize, usize) -> bool + Sync)) {
        let waits: Vec<AtomicU32> = (0..self.segments)
            .flat_map(|s| (0..self.hears.len()).map(move |t| (t, s)))
            .map(|(t, s)| {
                let before = u32::from(s > 0);
                let readers = if s >= self.window { self.heard_by[t].len() } else { 0 };
                AtomicU32::new(self.hears[t].len() as u32 + before + readers as u32)
            })
            .collect();
        let first = (0..self.hears.len()).filter(|task| self.busy[*task] && self.hears[*task].is_empty());
        let first = first.filter(|_| self.segments > 0).map(|task| self.unit(task, 0));
        let queue = Queue { ready: first.collect(), left: self.units(), idle: 0 };
        let run = Run { schedule: self, waits, work, queue: Mutex::new(queue), news: Condvar::new() };
        rayon::scope(|scope| (0..rayon::current_num_threads()).for_each(|_| scope.spawn(|_| run.serve())));
    }

    fn unit(&self, task: usize, segment: usize) -> Unit {
        Reverse((segment / self.window.max(1), task, segment))
    }
}

/// A unit in the order in which they are taken: window, task, segment.
type Unit = Reverse<(usize, usize, usize)>;

struct Queue {
    ready: BinaryHeap<Unit>,
    /// Units that are not done; 0 also when all is to end.
    left: usize,
    /// Threads that wait.
    idle: usize,
}

struct Run<'a> {
    schedule: &'a Schedule,
    waits: Vec<AtomicU32>,
    work: &'a (dyn Fn(usize, usize) -> bool + Sync),
    queue: Mutex<Queue>,
    news: Condvar,
}

impl Run<'_> {
    /// What each thread does.
    fn serve(&self) {
        let _end = EndsAll(self);
        let mut freed = Vec::new();
        let mut next = self.next(self.lock());
        while let Some((task, segment)) = next {
            let more = (self.work)(task, segment);
            if more {
                self.free(task, segment, &mut freed);
            }
            let mut queue = self.lock();
            queue.left = if more { queue.left.saturating_sub(1) } else { 0 };
            queue.ready.extend(freed.drain(..));
            if queue.left == 0 {
                self.news.notify_all();
            } else {
                // one of them is this thread's own
                (1..queue.ready.len().min(queue.idle + 1)).for_each(|_| self.news.notify_one());
            }
            next = self.next(queue);
        }
    }

    fn next(&self, mut queue: MutexGuard<'_, Queue>) -> Option<(usize, usize)> {
        loop {
            if queue.left == 0 {
                return None;
            }
            if let Some(Reverse((_, task, segment))) = queue.ready.pop() {
                return Some((task, segment));
            }
            queue.idle += 1;
            queue = self.news.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What may run now that a unit is done.
    fn free(&self, task: usize, segment: usize, freed: &mut Vec<Unit>) {
        let Schedule { hears, heard_by, window, .. } = self.schedule;
        let room = hears[task].iter().map(|from| (*from, segment + window));
        let listeners = heard_by[task].iter().map(|listener| (*listener, segment));
        for (task, segment) in room.chain([(task, segment + 1)]).chain(listeners) {
            if segment < self.schedule.segments && self.done(task, segment) {
                freed.push(self.schedule.unit(task, segment));
            }
        }
    }

    /// One thing fewer to wait for; true when it was the last.
    fn done(&self, task: usize, segment: usize) -> bool {
        self.waits[segment * self.schedule.hears.len() + task].fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// Whoever panics ends it for all: nobody waits for what will never come.
struct EndsAll<'a>(&'a Run<'a>);

impl Drop for EndsAll<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().left = 0;
            self.0.news.notify_all();
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
        let schedule = Schedule::new(vec![vec![], vec![], vec![0, 1], vec![2, 1, 1]], vec![true; 4], 9, 4);
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
    fn nobody_waits_for_who_has_nothing_to_do() {
        let busy = vec![false, true, true, false];
        let schedule = Schedule::new(vec![vec![], vec![0], vec![0, 1], vec![2]], busy, 3, 1);
        let log = Mutex::new(Vec::new());
        schedule.run(&|task, segment| {
            log.lock().unwrap().push((task, segment));
            true
        });
        let mut log = log.into_inner().unwrap();
        log.sort_unstable();
        assert_eq!(log, [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]);
        assert_eq!(schedule.units(), 6);
    }

    #[test]
    fn it_ends_when_told_to() {
        let schedule = Schedule::new(vec![vec![], vec![0]], vec![true; 2], 1000, 4);
        let count = AtomicU32::new(0);
        schedule.run(&|_, segment| {
            count.fetch_add(1, Ordering::Relaxed);
            segment < 3
        });
        assert!(count.into_inner() < 20);
    }

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn a_window_comes_before_the_next_one_and_in_it_who_is_heard() {
        let schedule = Schedule::new(vec![vec![], vec![], vec![0], vec![1, 2]], vec![true; 4], 4, 2);
        let log = Mutex::new(Vec::new());
        pool(1).install(|| {
            schedule.run(&|task, segment| {
                log.lock().unwrap().push((task, segment));
                true
            });
        });
        let window = |s| [0, 1, 2, 3].map(|task| [(task, s), (task, s + 1)]).concat();
        assert_eq!(log.into_inner().unwrap(), [window(0), window(2)].concat());
    }

    #[test]
    fn a_panic_ends_it_for_all() {
        let schedule = Schedule::new(vec![vec![], vec![0]], vec![true; 2], 1000, 4);
        let run = || pool(3).install(|| schedule.run(&|_, segment| if segment < 5 { true } else { panic!("5") }));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
    }
}
