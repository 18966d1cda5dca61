//! Scripts as nobody writes them: the project's own, mutated. Whatever the text, the reader answers with a session and with diagnostics that
//! can be shown.
//!
//! By default a fixed number of mutants; `MIXDOWN_MUTATIONS_SECONDS=600` goes on by the clock, `MIXDOWN_MUTATIONS_SEED=…` begins elsewhere
//! (`scripts/mutate-scripts` does both). What fails is printed with its seed and as small as it still fails.

mod corpus;
mod mutant;
mod properties;
mod shrink;

use std::time::{Duration, Instant};

use properties::{PROPERTIES, holds};

/// So that the sandbox sees what a script takes, as in the program.
#[global_allocator]
static MEMORY: mixdown::memory::Counting = mixdown::memory::Counting;

const MUTANTS: u64 = 12_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn every_mutant_is_read_and_its_mistakes_can_be_shown() {
    let corpus = corpus::texts();
    let first = setting("MIXDOWN_MUTATIONS_SEED").unwrap_or(0);
    let until = setting("MIXDOWN_MUTATIONS_SECONDS").map(|s| Instant::now() + Duration::from_secs(s));
    let begun = Instant::now();
    // mutants are counted from the first seed on: every thread takes its share of them
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let run = |thread: u64| {
        let (mut count, mut slowest) = (0u64, (Duration::ZERO, 0));
        for seed in (first + thread..).step_by(threads as usize) {
            if until.map_or(seed >= first + MUTANTS, |until| Instant::now() > until) {
                break;
            }
            let text = mutant::of(&corpus, seed);
            let started = Instant::now();
            if let Err(why) = holds(&text) {
                let small = shrink::smallest(&text, |text| holds(text).is_err());
                let why = holds(&small).err().unwrap_or(why);
                panic!(
                    "the mutant of seed {seed}: {why}\n---- as small as it fails:\n{small}\n---- escaped:\n{small:?}"
                );
            }
            count += 1;
            slowest = slowest.max((started.elapsed(), seed));
        }
        (count, slowest)
    };
    let all: Vec<(u64, (Duration, u64))> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
    });
    let count: u64 = all.iter().map(|a| a.0).sum();
    let slowest = all.iter().map(|a| a.1).max().unwrap();
    println!(
        "{count} mutants from seed {first} in {:.1} s, {} properties; the slowest took {:?} (seed {})",
        begun.elapsed().as_secs_f64(),
        PROPERTIES.len(),
        slowest.0,
        slowest.1
    );
}

/// What is not mutated holds too: a property that fails here is wrong itself.
#[test]
fn the_texts_themselves_hold() {
    for text in corpus::texts() {
        holds(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    }
}

/// A harness that cannot see a failure is worth nothing.
#[test]
fn a_failure_is_made_small() {
    let text = "let a = 1;\nlet b = a + 2dB;\nlet c = bad + a;\n".repeat(20);
    assert_eq!(shrink::smallest(&text, |text| text.contains("bad")), "bad");
}
