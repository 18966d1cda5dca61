//! What a thread allocates: how much at most at once, and the largest single request.
#![allow(
    unsafe_code,
    reason = "a global allocator can be written in no other way; it passes everything on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Watched;

#[global_allocator]
static WATCHED: Watched = Watched;

/// So large a request would take the whole process down before anybody could tell why.
const ABSURD: usize = 1 << 34;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
    static AT: Cell<u64> = const { Cell::new(0) };
}

fn count(more: usize, less: usize) {
    // while a thread ends its cells are gone, and nobody asks any more
    let _ = HELD.try_with(|held| {
        let now = held.get() + more as isize - less as isize;
        held.set(now);
        MOST.with(|most| most.set(most.get().max(now)));
        LARGEST.with(|largest| largest.set(largest.get().max(more)));
        if more > ABSURD {
            eprintln!("{more} bytes at once for the mutant of seed {}", AT.with(Cell::get));
        }
    });
}

// SAFETY: every call goes unchanged to the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Bytes allocated at once above what was held before, and the largest request, while `work` runs for the mutant of `seed`.
pub(crate) fn of<T>(seed: u64, work: impl FnOnce() -> T) -> (T, usize, usize) {
    AT.set(seed);
    let before = HELD.get();
    MOST.set(before);
    LARGEST.set(0);
    let done = work();
    (done, (MOST.get() - before) as usize, LARGEST.get())
}
