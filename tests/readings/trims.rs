//! Trims that bring a source to a level.

use std::path::Path;

use mixdown::project::{Built, Request, build_read, check_read, plan_read};
use mixdown::script::Reading;
use mixdown::session::{Level, Trim};
use mixdown::world::Memory;

use crate::{Counting, SONG, at, build, read, sounds, told, trimmed};

/// What the file at this place of a build measures.
fn measured(built: &Built, index: usize, level: Level) -> f64 {
    let m = &built.artifacts[index].measurement;
    match level {
        Level::Lufs => m.integrated_lufs,
        Level::Dbfs => m.sample_peak_dbfs,
        Level::Dbtp => m.true_peak_dbtp,
    }
    .unwrap()
}

const EVERY: [(Level, f64); 3] = [(Level::Lufs, -18.0), (Level::Dbfs, -6.0), (Level::Dbtp, -1.0)];

/// Wherever it lies: the measure is of the source itself, from its first clip to its last, and so is the file that is measured here.
#[test]
fn a_track_comes_to_its_level() {
    let session = sounds();
    for (track, from) in [
        ("track(\"a\", \"stereo.wav\")", "0s"),
        ("track(\"a\", \"mono.wav\")", "0s"),
        ("track(\"a\", \"cd.wav\")", "0s"),
        ("track(\"a\", \"cd.wav\").polarity().delay(30ms)", "30ms"),
        ("track(\"a\", \"stereo.wav\").delay(1.01s).insert(limiter(ceiling: -20dB)).mute()", "1.01s"),
        (
            "track(\"a\").clip(\"stereo.wav\", at: 3s, to: 1s, gain: -9dB, fade_in: 20ms)\
             .clip(\"mono.wav\", from: 0.5s, fade_out: 0.5s, repeat: 2)",
            "3s",
        ),
        // a clip before the song belongs to the source, too
        ("track(\"a\").clip(\"cd.wav\", at: -1s).clip(\"mono.wav\", at: 100ms).delay(1s)", "0s"),
    ] {
        for (level, value) in EVERY {
            let world = session.world(&format!(
                "song(\"x\", rate: 48kHz);\nlet a = {track};\ndeliver(a.source, \"a.wav\", bits: 32, from: {from});"
            ));
            let built = build(&world, trimmed(&world, &[("a", level, value)]));
            assert!(built.ok, "{track}: {:?}", told(&built));
            let got = measured(&built, 0, level);
            assert!((got - value).abs() < 0.01, "{track} to {value} {level:?} came to {got}");
        }
    }
}

#[test]
fn a_bus_comes_to_its_level_after_what_feeds_it() {
    let session = sounds();
    let script = "song(\"x\", rate: 48kHz);\nlet g = bus(\"g\").insert(limiter(ceiling: -3dB));\nlet top = bus(\"top\");\n\
        let k = track(\"k\", \"mono.wav\").to(off);\n\
        track(\"a\", \"stereo.wav\").gain([0s: 0dB, 1s: -9dB]).insert(compressor(key: k)).to(g);\n\
        track(\"b\", \"cd.wav\").pan(20%).send(top, follow(k, from: -20dB, to: 0dB)).to(g);\ng.to(top);\n\
        deliver(g.source, \"g.wav\", bits: 32);\ndeliver(top.source, \"top.wav\", bits: 32);\ndeliver(mix.source, \"mix.wav\", bits: 32);";
    for (level, value) in EVERY {
        let world = session.world(script);
        let all = ["mix", "top", "g", "a", "k", "b"].map(|name| (name, level, value - name.len() as f64));
        let built = build(&world, trimmed(&world, &all));
        assert!(built.ok, "{:?}", told(&built));
        for (index, name) in ["g", "top", "mix"].iter().enumerate() {
            let got = measured(&built, index, level);
            let value = value - name.len() as f64;
            assert!((got - value).abs() < 0.01, "{name} to {value} {level:?} came to {got}");
        }
    }
}

#[test]
fn a_plan_knows_the_trims_and_a_check_measures_nothing() {
    let session = sounds();
    let script = "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"stereo.wav\");\ndeliver(mix, \"mix.wav\");";
    let keys = |world: &Memory, script: Reading| {
        let planned = plan_read(world, Path::new(SONG), script, &Request::default());
        assert!(!planned.diagnostics.has_errors());
        planned.nodes.into_iter().map(|n| n.key).collect::<Vec<_>>()
    };
    let world = session.world(script);
    let sixth = keys(&world, trimmed(&world, &[("a", Level::Dbfs, -6.0)]));
    assert_eq!(sixth, keys(&world, trimmed(&world, &[("a", Level::Dbfs, -6.0)])));
    assert_ne!(sixth, keys(&world, trimmed(&world, &[("a", Level::Dbfs, -7.0)])));
    assert_ne!(sixth, keys(&world, read(&world)));

    let counting = Counting::new(session.world(script));
    let checked = check_read(&counting, Path::new(SONG), trimmed(&counting, &[("a", Level::Lufs, -18.0)]));
    assert!(checked.diagnostics.is_empty());
    assert!(counting.bytes() < 100_000, "headers only: {} bytes were read", counting.bytes());
}

#[test]
fn what_has_no_level_is_told_with_the_way_out() {
    let session = sounds();
    let case = |file: &str, level, value| {
        let world = session
            .world(&format!("song(\"x\", rate: 48kHz);\ntrack(\"vox\", \"{file}\");\ndeliver(mix, \"mix.wav\");"));
        let mut script = trimmed(&world, &[("vox", level, value)]);
        let place = at(&world, file);
        let id = script.session.find("vox").unwrap();
        script.session.strips[id.0].trim = Trim::To { level, value, loc: place };
        let built = build(&world, script);
        assert_eq!(built.diagnostics.iter().next().unwrap().labels[0].span, place.0);
        assert!(built.diagnostics.iter().all(|d| d.help.is_some()));
        (told(&built), built.ok, world.get("out/mix.wav").is_some())
    };
    let silent = "MX0612 `vox` is silent: there is nothing to bring to -18 LUFS";
    assert_eq!(case("nothing.wav", Level::Lufs, -18.0), (vec![silent.to_string()], false, false));
    let silent = "MX0612 `vox` is silent: there is nothing to bring to -6.5 dBFS";
    assert_eq!(case("nothing.wav", Level::Dbfs, -6.5), (vec![silent.to_string()], false, false));
    let short = "MX0612 `vox` has no loudness: it is too short or too quiet to be brought to -18 LUFS";
    assert_eq!(case("click.wav", Level::Lufs, -18.0), (vec![short.to_string()], false, false));
    let (far, ok, written) = case("hiss.wav", Level::Dbfs, -6.0);
    assert!(ok && written && far.len() == 1, "a warning: {far:?}");
    assert!(far[0].starts_with("MX0613 `vox` is at -120.0 dBFS"), "{far:?}");
}

/// Two silent strips made on one line are both named, and a bus that nothing feeds is as silent as a file of zeros.
#[test]
fn all_that_is_silent_is_told() {
    let world = sounds().world(
        "song(\"x\", rate: 48kHz);\nfor n in [\"one\", \"two\"] { track(n, \"nothing.wav\"); }\nbus(\"empty\");\ntrack(\"a\", \"mono.wav\");",
    );
    let all = ["one", "two", "empty"].map(|name| (name, Level::Dbtp, -1.0));
    let built = build(&world, trimmed(&world, &all));
    let all = built.diagnostics.iter().map(|d| format!("{} {:?}", d.message, d.labels)).collect::<String>();
    assert!(["`one`", "`two`", "`empty`"].iter().all(|name| all.contains(name)), "{all}");
}

#[test]
fn strips_that_nobody_asks_for_are_not_surveyed() {
    let world = sounds().world(
        "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"mono.wav\");\ntrack(\"b\", \"nothing.wav\");\ndeliver(mix, \"mix.wav\");",
    );
    let script = trimmed(&world, &[("a", Level::Lufs, -18.0), ("b", Level::Lufs, -18.0)]);
    let request = Request { targets: vec!["a".to_string()], ..Request::default() };
    let built = build_read(&world, Path::new(SONG), script, &request, &());
    assert!(built.ok, "{:?}", told(&built));
}
