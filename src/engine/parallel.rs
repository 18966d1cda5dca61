//! The same for many things at once.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::lock;

fn pool(threads: Option<usize>, items: usize) -> Option<ThreadPool> {
    match items {
        0 | 1 => None,
        _ => ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().ok(),
    }
}

/// `one` of each item, in the items' order, on so many threads or one per core.
pub fn each<T: Sync, R: Send>(threads: Option<usize>, items: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    match pool(threads, items.len()) {
        // one by one: they are few and long
        Some(pool) => pool.install(|| items.par_iter().with_max_len(1).map(&one).collect()),
        None => items.iter().map(&one).collect(),
    }
}

/// One and the other, side by side where there are threads for it.
pub fn both<A: Send, B: Send>(
    threads: Option<usize>,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    match pool(threads, 2) {
        Some(pool) => pool.install(|| rayon::join(one, other)),
        None => (one(), other()),
    }
}

/// So many results a thread may wait for one before them.
const AHEAD: usize = 64;

/// As [`each`], and `done` is given each as soon as it and all before it are there, on the thread that called. What waits for its turn is bounded,
/// however many items there are.
pub fn stream<T: Sync, R: Send>(
    threads: Option<usize>,
    items: &[T],
    one: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(&T, R),
) {
    let Some(pool) = pool(threads, items.len()) else { return items.iter().for_each(|item| done(item, one(item))) };
    let threads = pool.current_num_threads();
    let line = Line { queue: Mutex::new(Queue::default()), moved: Condvar::new(), most: threads * AHEAD };
    pool.in_place_scope(|scope| {
        // whatever happens below, the threads end
        let _over = Over(&line);
        for _ in 0..threads {
            scope.spawn(|_| {
                while let Some(index) = line.next(items.len()) {
                    line.bring(index, catch_unwind(AssertUnwindSafe(|| one(&items[index]))));
                }
            });
        }
        for (index, item) in items.iter().enumerate() {
            match line.take(index) {
                Ok(result) => done(item, result),
                Err(panic) => resume_unwind(panic),
            }
        }
    });
}

/// Where results wait for their turn.
struct Line<R> {
    queue: Mutex<Queue<R>>,
    /// Something came, went or is over.
    moved: Condvar,
    most: usize,
}

struct Queue<R> {
    /// The item that is next to be begun, and the result that is next to be taken.
    begun: usize,
    taken: usize,
    ready: BTreeMap<usize, thread::Result<R>>,
    over: bool,
}

impl<R> Default for Queue<R> {
    fn default() -> Queue<R> {
        Queue { begun: 0, taken: 0, ready: BTreeMap::new(), over: false }
    }
}

impl<R> Line<R> {
    fn wait<'a>(&self, queue: MutexGuard<'a, Queue<R>>) -> MutexGuard<'a, Queue<R>> {
        self.moved.wait(queue).unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The item to be done next. Waits while too many results do; the one that they wait for has been begun.
    fn next(&self, items: usize) -> Option<usize> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.over || queue.begun >= items {
                return None;
            }
            if queue.begun < queue.taken + self.most {
                queue.begun += 1;
                return Some(queue.begun - 1);
            }
            queue = self.wait(queue);
        }
    }

    fn bring(&self, index: usize, result: thread::Result<R>) {
        lock(&self.queue).ready.insert(index, result);
        self.moved.notify_all();
    }

    fn take(&self, index: usize) -> thread::Result<R> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(result) = queue.ready.remove(&index) {
                queue.taken = index + 1;
                self.moved.notify_all();
                return result;
            }
            queue = self.wait(queue);
        }
    }
}

struct Over<'a, R>(&'a Line<R>);

impl<R> Drop for Over<'_, R> {
    fn drop(&mut self) {
        lock(&self.0.queue).over = true;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{AHEAD, each, stream};

    /// Every seventh takes much longer, so that others are done before it.
    fn slow(x: &usize) -> usize {
        std::thread::sleep(Duration::from_micros(if x.is_multiple_of(7) { 3_000 } else { 10 }));
        x * 2
    }

    #[test]
    fn a_stream_comes_in_order_and_waits_for_its_reader() {
        let items: Vec<usize> = (0..500).collect();
        for threads in [None, Some(1), Some(4)] {
            let mut got = Vec::new();
            stream(threads, &items, slow, |item, x| got.push((*item, x)));
            assert_eq!(got, items.iter().map(|x| (*x, x * 2)).collect::<Vec<_>>());
        }
        // nobody runs away from who reads slowly
        let (begun, mut taken, mut far) = (AtomicUsize::new(0), 0, 0);
        let begin = |x: &usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            *x
        };
        stream(Some(2), &items, begin, |_, _| {
            std::thread::sleep(Duration::from_micros(200));
            far = far.max(begun.load(Ordering::SeqCst) - taken);
            taken += 1;
        });
        assert!(far <= 2 * AHEAD + 1, "{far} were there at once");
        stream(None, &[7], |x| x + 1, |_, x| assert_eq!(x, 8));
        stream(None, &[], |x: &usize| *x, |_, _| unreachable!());
    }

    #[test]
    fn a_panic_in_a_stream_is_passed_on() {
        let items: Vec<usize> = (0..1000).collect();
        let fails = |x: &usize| if *x == 300 { std::panic::panic_any(*x) } else { *x };
        let mut last = 0;
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            stream(Some(2), &items, fails, |_, x| last = x);
        }));
        assert_eq!((caught.unwrap_err().downcast_ref::<usize>(), last), (Some(&300), 299));
    }

    #[test]
    fn everything_comes_in_order() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [None, Some(1), Some(3)] {
            assert_eq!(each(threads, &items, |x| x * 2), items.iter().map(|x| x * 2).collect::<Vec<_>>());
        }
        assert_eq!(each(None, &[7], |x| x + 1), [8]);
        assert!(each(None, &[], |x: &usize| *x).is_empty());
    }
}
