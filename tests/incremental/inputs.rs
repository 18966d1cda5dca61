//! Files that change: before a build they are another sound, during a build they spoil nothing.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use mixdown::project::{Observer, Request, build};
use mixdown::world::Memory;

use super::{SONG, cold, outputs, render, sounds};
use crate::sessions::noise;

#[test]
fn another_sound_under_the_same_name_is_heard() {
    let world = sounds().world(SONG).storing();
    render(&world);
    let other = sounds().wav("b.wav", 48_000, 24, &noise(99, 2, 200_000, 0.3));
    world.put("b.wav", other.world("").get("b.wav").unwrap().to_vec());
    let built = render(&world);
    assert_eq!(outputs(&world), cold(&other, SONG));
    assert!(built.rendered.contains(&"b".to_string()), "{:?}", built.rendered);
}

/// Writes another file over a source once the build has begun.
struct Meddler {
    world: Memory,
    bytes: Vec<u8>,
    done: AtomicBool,
}

impl Observer for Meddler {
    fn progress(&self, done: u64, total: u64) {
        if done > total / 3 && !self.done.swap(true, Ordering::Relaxed) {
            self.world.put("b.wav", self.bytes.clone());
        }
    }
}

#[test]
fn what_changes_during_a_build_is_told_and_poisons_nothing() {
    let session = sounds();
    let other = session.clone().wav("b.wav", 48_000, 24, &noise(99, 2, 200_000, 0.3));
    let bytes = other.world("").get("b.wav").unwrap().to_vec();
    let world = session.world(SONG).storing();
    let meddler = Meddler { world: world.clone(), bytes, done: AtomicBool::new(false) };
    let torn = build(&world, Path::new("song.mix"), &Request::default(), &meddler);
    assert!(!torn.ok && torn.diagnostics.iter().any(|d| d.code.to_string() == "MX0506"), "{:?}", torn.diagnostics);
    assert!(outputs(&world).is_empty());
    render(&world);
    assert_eq!(outputs(&world), cold(&other, SONG));
    // and back: nothing wrong is known of the first one either
    world.put("b.wav", session.world("").get("b.wav").unwrap().to_vec());
    render(&world);
    assert_eq!(outputs(&world), cold(&session, SONG));
}
