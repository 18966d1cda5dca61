//! Files as no program writes them: small ones of every kind, mutated. Whatever the bytes, the reader answers with sound or with an error, within
//! bounds of memory and work that no header moves.
//!
//! By default a fixed number of mutants of each; `MIXDOWN_MUTATIONS_SECONDS=600` goes on by the clock, `MIXDOWN_MUTATIONS_SEED=…` begins
//! elsewhere (`scripts/mutate-sounds` does both). What fails is told with its seed, and written beside other temporary files.

mod corpus;
mod memory;
mod mend;
mod mutant;
mod properties;

use std::fs;
use std::time::{Duration, Instant};

use properties::{Told, holds};

/// Mutants of each file.
const MUTANTS: u64 = 1_200;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Panics that a guard catches are no news.
fn quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.location().is_some_and(|at| at.file().starts_with("tests")) {
                told(info);
            }
        }));
    });
}

type Make = fn(&[(String, Vec<u8>)], usize, u64) -> Vec<u8>;

/// Mutants of `first..`, each file of the corpus in turn, until `last` or until the time is over.
fn run(make: Make, first: u64, last: u64, until: Option<Instant>) {
    quiet();
    let corpus = corpus::files();
    let files = corpus.len() as u64;
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let work = |thread: u64| {
        let mut all: Vec<(u64, Told)> = Vec::new();
        for seed in (first + thread..).step_by(threads as usize) {
            if until.map_or(seed >= last, |until| Instant::now() > until) {
                break;
            }
            let which = (seed % files) as usize;
            let bytes = make(&corpus, which, seed);
            match holds(&bytes, seed) {
                Ok(told) => all.push((seed, told)),
                Err(why) => {
                    let path = std::env::temp_dir().join(format!("mixdown-mutant-{seed}"));
                    let kept = fs::write(&path, &bytes);
                    panic!("the mutant of seed {seed}, of {}: {why} ({}: {kept:?})", corpus[which].0, path.display());
                }
            }
        }
        all
    };
    let begun = Instant::now();
    let all: Vec<(u64, Told)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        running.into_iter().flat_map(|t| t.join().unwrap_or_else(|e| std::panic::resume_unwind(e))).collect()
    });
    println!("{} mutants of {files} files from seed {first} in {:.1} s", all.len(), begun.elapsed().as_secs_f64());
    println!("file                         opened   whole  held kB largest kB  times   calls");
    for (which, (name, _)) in corpus.iter().enumerate() {
        let of: Vec<&Told> =
            all.iter().filter(|(seed, _)| seed % files == which as u64).map(|(_, told)| told).collect();
        let share = |what: fn(&Told) -> bool| 100 * of.iter().filter(|told| what(told)).count() / of.len().max(1);
        let most = |what: fn(&Told) -> u64| of.iter().map(|told| what(told)).max().unwrap_or(0);
        println!(
            "{name:<28} {:>5} % {:>5} % {:>8} {:>10} {:>6} {:>7}",
            share(|told| told.opened),
            share(|told| told.whole),
            most(|told| told.held as u64) / 1000,
            most(|told| told.largest as u64) / 1000,
            most(|told| told.times),
            most(|told| told.calls),
        );
    }
}

#[test]
fn every_mutant_is_read_or_refused_within_bounds() {
    let first = setting("MIXDOWN_MUTATIONS_SEED").unwrap_or(0);
    let until = setting("MIXDOWN_MUTATIONS_SECONDS").map(|s| Instant::now() + Duration::from_secs(s));
    run(mutant::of, first, first + MUTANTS * corpus::files().len() as u64, until);
}

#[test]
fn ten_thousand_mutated_headers_bring_nothing_down() {
    run(mutant::headed, 0, 10_000, None);
}

/// What is not mutated reads to its end: a property that fails here is wrong itself.
#[test]
fn the_files_themselves_hold() {
    for (name, bytes) in corpus::files() {
        let told = holds(&bytes, 0).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(told.opened && told.whole && bytes.len() <= 8_192, "{name}: {told:?}, {} bytes", bytes.len());
    }
}
