//! Who may run when. The unit of work is (task, segment); it is ready when what it hears has that segment, its own segment before is done, and the
//! place it writes to has been read by all its listeners. Any order gives the same sound.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::slots::WINDOW;

/// What there is to be done.
pub(super) struct Task {
    /// The tasks that it reads from, all before it.
    pub(super) hears: Vec<usize>,
    /// By segment: whether it reads from them there. Where it does not it waits for nobody, and nobody waits for it to have read.
    pub(super) reads: Vec<bool>,
    /// It has anything to do at all.
    pub(super) busy: bool,
    /// How many segments it may be ahead of who reads from it.
    pub(super) window: usize,
    /// The task that goes well with it at the same segment: where both may run they are one piece of work.
    pub(super) beside: Option<usize>,
}

/// Which tasks hear which.
pub(super) struct Schedule {
    tasks: Vec<Task>,
    heard_by: Vec<Vec<usize>>,
    segments: usize,
}

impl Schedule {
    pub(super) fn new(mut tasks: Vec<Task>, segments: usize) -> Schedule {
        let busy: Vec<bool> = tasks.iter().map(|task| task.busy).collect();
        let mut heard_by = vec![Vec::new(); tasks.len()];
        for (index, task) in tasks.iter_mut().enumerate() {
            task.hears.retain(|from| busy[*from] && task.busy);
            task.hears.sort_unstable();
            task.hears.dedup();
            task.hears.iter().for_each(|from| heard_by[*from].push(index));
        }
        Schedule { tasks, heard_by, segments }
    }

    pub(super) fn units(&self) -> usize {
        self.tasks.iter().filter(|task| task.busy).count() * self.segments
    }

    /// For how much a unit waits: what it hears, itself a segment before, and who must have read what it writes over.
    fn waits(&self, task: usize, segment: usize) -> usize {
        let Task { hears, reads, window, .. } = &self.tasks[task];
        let heard = if reads[segment] { hears.len() } else { 0 };
        let read = |listener: &&usize| segment >= *window && self.tasks[**listener].reads[segment - window];
        heard + usize::from(segment > 0) + self.heard_by[task].iter().filter(read).count()
    }

    /// Runs everything on the current rayon pool: `work` is given a task, the one beside it if it is to be done too, and a segment, and says false to end
    /// it all.
    ///
    /// Of what may run, a window of segments comes before the next one, and in it who is heard before his listeners: sound is not far away when it is
    /// heard, and so much of it is ahead of everybody that no thread must wait for another.
    pub(super) fn run(&self, work: &(dyn Fn(usize, Option<usize>, usize) -> bool + Sync)) {
        let tasks = self.tasks.len();
        let waits = (0..self.segments).flat_map(|s| (0..tasks).map(move |t| AtomicUsize::new(self.waits(t, s))));
        let first = (0..tasks).filter(|task| self.segments > 0 && self.tasks[*task].busy && self.waits(*task, 0) == 0);
        let queue = Queue { ready: first.map(|task| unit(task, 0)).collect(), left: self.units(), idle: 0 };
        let waits = waits.collect();
        let run = Run { schedule: self, waits, work, queue: Mutex::new(queue), news: Condvar::new() };
        rayon::scope(|scope| (0..rayon::current_num_threads()).for_each(|_| scope.spawn(|_| run.serve())));
    }
}

/// A unit in the order in which they are taken: window, task, segment.
type Unit = (usize, usize, usize);

fn unit(task: usize, segment: usize) -> Unit {
    (segment / WINDOW, task, segment)
}

/// What a thread has taken: one task, or two, at a segment.
type Taken = (usize, Option<usize>, usize);

struct Queue {
    ready: BTreeSet<Unit>,
    /// Units that are not done; 0 also when all is to end.
    left: usize,
    /// Threads that wait.
    idle: usize,
}

struct Run<'a> {
    schedule: &'a Schedule,
    waits: Vec<AtomicUsize>,
    work: &'a (dyn Fn(usize, Option<usize>, usize) -> bool + Sync),
    queue: Mutex<Queue>,
    news: Condvar,
}

impl Run<'_> {
    /// What each thread does.
    fn serve(&self) {
        let _end = EndsAll(self);
        let mut freed = Vec::new();
        let mut next = self.next(self.lock());
        while let Some((task, beside, segment)) = next {
            let more = (self.work)(task, beside, segment);
            let done = [Some(task), beside].into_iter().flatten();
            if more {
                done.clone().for_each(|task| self.free(task, segment, &mut freed));
            }
            let mut queue = self.lock();
            queue.left = if more { queue.left.saturating_sub(done.count()) } else { 0 };
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

    fn next(&self, mut queue: MutexGuard<'_, Queue>) -> Option<Taken> {
        loop {
            if queue.left == 0 {
                return None;
            }
            if let Some((_, task, segment)) = queue.ready.pop_first() {
                // what an idle thread could do at once is left to it
                let plenty = queue.ready.len() > queue.idle;
                let beside = self.schedule.tasks[task].beside.filter(|_| plenty);
                let beside = beside.filter(|beside| queue.ready.remove(&unit(*beside, segment)));
                return Some((task, beside, segment));
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
        let Schedule { tasks, heard_by, segments } = self.schedule;
        let heard = tasks[task].hears.iter().filter(|_| tasks[task].reads[segment]);
        let room = heard.map(|from| (*from, segment + tasks[*from].window));
        let listeners = heard_by[task].iter().filter(|listener| tasks[**listener].reads[segment]);
        let listeners = listeners.map(|listener| (*listener, segment));
        for (task, segment) in room.chain([(task, segment + 1)]).chain(listeners) {
            if segment < *segments && self.done(task, segment) {
                freed.push(unit(task, segment));
            }
        }
    }

    /// One thing fewer to wait for; true when it was the last.
    fn done(&self, task: usize, segment: usize) -> bool {
        self.waits[segment * self.schedule.tasks.len() + task].fetch_sub(1, Ordering::AcqRel) == 1
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
    use std::sync::atomic::AtomicU32;

    /// Tasks that hear these and read everywhere.
    fn tasks<const N: usize>(hears: [&[usize]; N], segments: usize, window: usize) -> [Task; N] {
        hears.map(|hears| Task { hears: hears.to_vec(), reads: vec![true; segments], busy: true, window, beside: None })
    }

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    /// The units in the order in which they ran.
    fn ran(schedule: &Schedule, threads: usize) -> Vec<(usize, usize)> {
        let log = Mutex::new(Vec::new());
        pool(threads).install(|| {
            schedule.run(&|task, beside, segment| {
                log.lock().unwrap().extend([Some(task), beside].into_iter().flatten().map(|task| (task, segment)));
                true
            });
        });
        log.into_inner().unwrap()
    }

    #[test]
    fn everything_runs_once_after_what_it_needs() {
        // two tracks into a bus, one of them also straight into the mix
        let schedule = Schedule::new(tasks([&[], &[], &[0, 1], &[2, 1, 1]], 9, 4).into(), 9);
        for threads in [1, 3] {
            let log = ran(&schedule, threads);
            assert_eq!(log.len(), schedule.units());
            let when = |task, segment| log.iter().position(|x| *x == (task, segment)).unwrap();
            for segment in 0..9 {
                for (task, Task { hears, .. }) in schedule.tasks.iter().enumerate() {
                    assert!(hears.iter().all(|from| when(*from, segment) < when(task, segment)));
                    assert!(segment == 0 || when(task, segment - 1) < when(task, segment));
                    for listener in &schedule.heard_by[task] {
                        assert!(segment < 4 || when(*listener, segment - 4) < when(task, segment));
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_waits_for_who_has_nothing_to_do() {
        let [a, b, c, d] = tasks([&[], &[0], &[0, 1], &[2]], 3, 1);
        let schedule = Schedule::new(vec![Task { busy: false, ..a }, b, c, Task { busy: false, ..d }], 3);
        let mut log = ran(&schedule, 2);
        log.sort_unstable();
        assert_eq!(log, [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]);
        assert_eq!(schedule.units(), 6);
    }

    #[test]
    fn who_reads_late_in_the_song_holds_nobody_back_before() {
        // a track with room for all that it makes, a bus that reads at the end alone, a file that reads everywhere
        let [track, bus, file] = tasks([&[], &[0], &[1]], 40, 1);
        let track = Task { window: 40, ..track };
        let bus = Task { reads: (0..40).map(|segment| segment >= 30).collect(), ..bus };
        let schedule = Schedule::new(vec![track, bus, file], 40);
        let log = Mutex::new(Vec::new());
        let through = || log.lock().unwrap().contains(&(0, 39));
        let nap = |_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            through()
        };
        pool(2).install(|| {
            schedule.run(&|task, _, segment| {
                log.lock().unwrap().push((task, segment));
                // the file goes on when the track is through, and ends it all when that does not come
                task != 2 || segment == 0 || through() || (0..10_000).any(nap)
            });
        });
        assert_eq!(log.into_inner().unwrap().len(), 120);
    }

    #[test]
    fn it_ends_when_told_to() {
        let schedule = Schedule::new(tasks([&[], &[0]], 1000, 4).into(), 1000);
        let count = AtomicU32::new(0);
        schedule.run(&|_, _, segment| {
            count.fetch_add(1, Ordering::Relaxed);
            segment < 3
        });
        assert!(count.into_inner() < 20);
    }

    #[test]
    fn a_window_comes_before_the_next_one_and_in_it_who_is_heard() {
        let schedule = Schedule::new(tasks([&[], &[], &[0], &[1, 2]], 2 * WINDOW, WINDOW).into(), 2 * WINDOW);
        let window = |s: usize| (0..4).flat_map(move |task| (s..s + WINDOW).map(move |segment| (task, segment)));
        assert_eq!(ran(&schedule, 1), window(0).chain(window(WINDOW)).collect::<Vec<_>>());
    }

    #[test]
    fn who_goes_well_with_another_runs_beside_it_where_both_may() {
        let [a, b, c, d] = tasks([&[], &[], &[], &[0, 1, 2]], 9, 4);
        let (a, c) = (Task { beside: Some(2), ..a }, Task { beside: Some(0), ..c });
        // the bus goes well with one that it hears: never both at once
        let (b, d) = (Task { beside: Some(3), ..b }, Task { beside: Some(1), ..d });
        let schedule = Schedule::new(vec![a, b, c, d], 9);
        let beside = Mutex::new(Vec::new());
        pool(1).install(|| {
            schedule.run(&|task, other, segment| {
                beside.lock().unwrap().push((task, other, segment));
                true
            });
        });
        let beside = beside.into_inner().unwrap();
        assert!(
            (0..9).all(|s| [(0, Some(2), s), (1, None, s), (3, None, s)].iter().all(|taken| beside.contains(taken)))
        );
        assert_eq!(beside.len(), 27);
        let mut log = ran(&schedule, 3);
        log.sort_unstable();
        assert_eq!(log, (0..4).flat_map(|task| (0..9).map(move |s| (task, s))).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_ends_it_for_all() {
        let schedule = Schedule::new(tasks([&[], &[0]], 1000, 4).into(), 1000);
        let run = || pool(3).install(|| schedule.run(&|_, _, segment| if segment < 5 { true } else { panic!("5") }));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
    }
}
