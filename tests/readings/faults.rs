//! Surveys that fail or are stopped.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use mixdown::project::{Observer, Request, build_read, plan_read};
use mixdown::session::Level;
use mixdown::world::Memory;

use crate::sessions::{Session, noise};
use crate::{BUSES, SONG, Surveyor, TRIMS, build, read, sounds, told, trimmed};

#[test]
fn a_survey_that_is_stopped_leaves_what_was_there() {
    for most in [0, 1, 3] {
        let world = sounds().world(BUSES);
        world.put("out/mix.wav", b"old".to_vec());
        let observer = Surveyor { most: Some(most), ..Surveyor::default() };
        let built = build_read(&world, Path::new(SONG), trimmed(&world, &TRIMS), &Request::default(), &observer);
        assert!(built.cancelled && !built.ok && told(&built).is_empty(), "{most}");
        assert_eq!(observer.rendered.into_inner(), 0, "it was stopped before the render");
        assert_eq!(&*world.get("out/mix.wav").unwrap(), b"old");
    }
}

/// Sound that is damaged behind a good header: the survey is the first to read it.
#[test]
fn a_source_that_cannot_be_read_is_told_and_nothing_is_written() {
    let session = sounds();
    let world = session.world("song(\"x\", rate: 48kHz);\ntrack(\"a\", \"stereo.wav\");\ndeliver(mix, \"mix.flac\");");
    assert!(build(&world, read(&world)).ok);
    let mut flac = world.get("out/mix.flac").unwrap().to_vec();
    let middle = flac.len() / 2;
    flac[middle..middle + 4000].fill(0x55);
    let broken = session.world("song(\"x\", rate: 48kHz);\ntrack(\"a\", \"broken.flac\");\ndeliver(mix, \"mix.wav\");");
    broken.put("broken.flac", flac);
    for level in [Level::Lufs, Level::Dbfs] {
        let observer = Surveyor::default();
        let script = trimmed(&broken, &[("a", level, -18.0)]);
        let built = build_read(&broken, Path::new(SONG), script, &Request::default(), &observer);
        assert_eq!(built.diagnostics.len(), 1, "{:?}", told(&built));
        assert!(told(&built)[0].starts_with("MX0502 `broken.flac`: it is damaged"), "{:?}", told(&built));
        assert!(!built.ok && !built.outside);
        assert_eq!(observer.rendered.into_inner(), 0);
        assert!(broken.get("out/mix.wav").is_none());
    }
    let planned =
        plan_read(&broken, Path::new(SONG), trimmed(&broken, &[("a", Level::Lufs, -18.0)]), &Request::default());
    assert!(planned.diagnostics.has_errors() && planned.nodes.is_empty());
}

#[test]
fn a_sample_that_is_no_number_is_named_by_the_survey_too() {
    let mut samples = noise(1, 1, 5000, 0.5);
    samples[0][3000] = f64::NAN;
    let world = Session::new()
        .wav("a.wav", 48_000, 32, &samples)
        .world("song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\");\ndeliver(mix, \"mix.wav\");");
    let built = build(&world, trimmed(&world, &[("a", Level::Dbfs, -1.0)]));
    assert!(
        !built.ok && told(&built)[0].starts_with("MX0405 `a` is no sound any more at 0.053s"),
        "{:?}",
        told(&built)
    );
}

/// Puts another file in the place of one while it is surveyed.
struct Swapping<'a>(&'a Memory, AtomicU64);

impl Observer for Swapping<'_> {
    fn survey(&self, _: u64, _: u64) {
        if self.1.fetch_add(1, Ordering::SeqCst) == 0 {
            self.0.put(
                "mono.wav",
                sounds().wav("mono.wav", 48_000, 16, &other()).world("").get("mono.wav").unwrap().to_vec(),
            );
        }
    }
}

fn other() -> Vec<Vec<f64>> {
    noise(9, 1, 96_000, 0.1)
}

/// Nothing of it is remembered, under neither content.
#[test]
fn a_source_that_changes_during_the_survey_is_told() {
    let world = sounds().world(BUSES);
    let before = world.get("mono.wav").unwrap();
    let observer = Swapping(&world, AtomicU64::new(0));
    let script = trimmed(&world, &[("b", Level::Dbfs, -9.0)]);
    let built = build_read(&world, Path::new(SONG), script, &Request::default(), &observer);
    assert_eq!(told(&built), ["MX0506 `mono.wav`: it was changed while it was read"]);
    assert!(!built.ok && world.get("out/mix.wav").is_none());
    for content in [world.get("mono.wav").unwrap(), before] {
        world.put("mono.wav", content.to_vec());
        let observer = Surveyor::default();
        let script = trimmed(&world, &[("b", Level::Dbfs, -9.0)]);
        assert!(build_read(&world, Path::new(SONG), script, &Request::default(), &observer).ok);
        assert!(observer.seen.into_inner() > 0);
    }
}
