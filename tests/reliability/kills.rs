//! Killed at any moment.

use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use mixdown::audio::rng::Seed;

use crate::place::{Files, Place, signal};

/// How long a render of something new takes, cache and all.
fn duration(place: &Place, first: usize) -> Duration {
    let one = |number: usize| {
        place.song(number);
        let begun = Instant::now();
        place.render(&["-o", "out"]);
        begun.elapsed()
    };
    (first..first + 3).map(one).max().unwrap()
}

#[test]
fn fifty_kills_leave_old_files_or_new_ones() {
    let place = Place::new();
    let length = duration(&place, 1);
    let seed = Seed::new(7);
    let (mut killed, mut torn) = (0, 0);
    for round in 0..50 {
        let old: Files = place.files("out");
        place.song(10 + round);
        let mut child = place.mixdown(&["render", "song.mix", "-o", "out"]).process_group(0).spawn().unwrap();
        std::thread::sleep(length.mul_f64(seed.unit(round as i64)));
        killed += usize::from(child.try_wait().unwrap().is_none());
        signal("-9", child.id());
        child.wait().unwrap();
        torn += usize::from(!place.parts("out").is_empty());
        let new = place.reference();
        let when = format!("killed in round {round}");
        place.whole(&[&old, &new], true, &when);
        place.cache_is_sound(&when);
        place.recovers(&new, &when);
    }
    println!("{killed} of 50 were killed, {torn} of them while they wrote");
    assert!(killed > 10 && torn > 2, "nothing was tried: {killed} were killed, {torn} while they wrote");
}

#[test]
fn a_watch_that_is_killed_leaves_old_files_or_new_ones() {
    let place = Place::new();
    let length = duration(&place, 1);
    let seed = Seed::new(8);
    for round in 0..4 {
        let old = place.files("out");
        let mut child = place.mixdown(&["watch", "song.mix", "-o", "out"]).process_group(0).spawn().unwrap();
        std::thread::sleep(length);
        place.song(100 + round);
        // a save is noticed, and what it was is waited for
        std::thread::sleep(length.mul_f64(2.0 * seed.unit(round as i64)));
        signal("-9", child.id());
        child.wait().unwrap();
        let new = place.reference();
        let when = format!("killed in round {round}");
        place.whole(&[&old, &new], true, &when);
        place.cache_is_sound(&when);
        place.recovers(&new, &when);
    }
}
