//! Hits and misses: a needless rebuild is a failure.

use std::path::Path;
use std::sync::Mutex;

use mixdown::project::{Artifact, Observer, Request, build};

use super::{SONG, built, cold, outputs, render, sounds};

/// A world in which `SONG` was built once.
fn warm() -> mixdown::world::Memory {
    let world = sounds().world(SONG).storing();
    assert_eq!(render(&world).nodes_rendered, 10);
    world
}

/// Builds an edit of `SONG` in a world where it was built; which strips were rendered.
fn edited(from: &str, to: &str) -> Vec<String> {
    let text = SONG.replacen(from, to, 1);
    assert_ne!(text, SONG, "{from}");
    let world = warm();
    world.put("song.mix", text.clone());
    let built = render(&world);
    assert_eq!(outputs(&world), cold(&sounds(), &text), "{from} -> {to}");
    built.rendered
}

#[test]
fn nothing_changed_is_nothing_rendered_and_nothing_written() {
    let world = warm();
    let before = outputs(&world);
    let again = render(&world);
    assert_eq!((again.nodes_rendered, again.nodes_reused), (0, 10));
    assert!(again.artifacts.iter().all(|artifact| artifact.reused), "{:?}", again.artifacts);
    assert_eq!(outputs(&world), before);
    world.put("song.mix", format!("{SONG}// nothing that sounds\n"));
    assert_eq!(render(&world).nodes_rendered, 0);
}

#[test]
fn an_edit_renders_its_strip_and_what_hears_it() {
    assert_eq!(
        edited("bell(300Hz, -2dB)", "bell(300Hz, -3dB)"),
        ["hall", "echo", "b", "drums", "mix", "master"].sorted()
    );
    assert_eq!(edited("gain(-6dB)", "gain(-5dB)"), ["echo", "d", "music", "mix", "master"].sorted());
    assert_eq!(edited("low_shelf(100Hz, 1dB)", "low_shelf(100Hz, 2dB)"), ["drums", "mix", "master"].sorted());
    assert_eq!(edited("decay: 0.4s", "decay: 0.4s, damp: 4kHz"), ["hall", "mix", "master"].sorted());
    assert_eq!(edited("high_shelf(8kHz, 1dB)", "high_shelf(8kHz, 2dB)"), ["mix", "master"].sorted());
    assert_eq!(edited("drive: 2dB", "drive: 3dB"), ["master"]);
    // a send's level is its bus's matter; what is sent must be there once more
    assert_eq!(edited("send(hall, -15dB)", "send(hall, -14dB)"), ["b", "hall", "mix", "master"].sorted());
}

/// A key is heard by who is steered by it: `c` hears `a`.
#[test]
fn what_is_steered_by_an_edit_is_rendered_too() {
    let rendered = edited("bell(1kHz, 3dB)", "bell(1kHz, 4dB)");
    // two of three that come to the hall have changed: `b` costs less than both as they were
    assert_eq!(rendered, ["hall", "a", "b", "drums", "c", "music", "mix", "master"].sorted());
}

#[test]
fn back_again_is_read_not_rendered() {
    let world = warm();
    let first = outputs(&world);
    world.put("song.mix", SONG.replace("bell(300Hz, -2dB)", "bell(300Hz, -3dB)"));
    render(&world);
    world.put("song.mix", SONG);
    let back = render(&world);
    assert_eq!(outputs(&world), first);
    assert_eq!(back.nodes_rendered, 0, "{:?}", back.rendered);
}

#[test]
fn a_lost_or_foreign_file_is_written_again_without_rendering_its_strips() {
    let world = warm();
    let first = outputs(&world);
    world.remove("out/mix.wav");
    world.put("out/stems/drums.wav", "foreign");
    let again = render(&world);
    assert_eq!(outputs(&world), first);
    assert_eq!(again.nodes_rendered, 0, "{:?}", again.rendered);
    assert_eq!(again.artifacts.iter().filter(|artifact| !artifact.reused).count(), 2);
}

#[test]
fn one_target_after_another_shares_the_work() {
    let world = sounds().world(SONG).storing();
    let mix = Request { targets: vec!["mix".into()], ..Request::default() };
    assert_eq!(built(&world, &mix).nodes_rendered, 9);
    assert_eq!(render(&world).rendered, ["master"]);
    assert_eq!(outputs(&world), cold(&sounds(), SONG));
}

#[test]
fn solved_files_are_known_too() {
    let text = SONG.replace("\"master.wav\", bits: 16", "\"master.wav\", bits: 16, loudness: -16LUFS, peak: -1dBTP");
    let world = sounds().world(&text).storing();
    render(&world);
    let first = outputs(&world);
    assert_eq!(first, cold(&sounds(), &text));
    let again = render(&world);
    assert_eq!(again.nodes_rendered, 0);
    assert!(
        again.artifacts.iter().all(|artifact| artifact.reused) && again.artifacts.iter().any(|a| a.solved.is_some())
    );
    // another goal: what comes to the limiter is there
    let louder = text.replace("-16LUFS", "-15LUFS");
    world.put("song.mix", louder.clone());
    assert_eq!(render(&world).nodes_rendered, 0);
    assert_eq!(outputs(&world), cold(&sounds(), &louder));
}

/// Sums that one track alone has changed in are not kept the first time: the track is taken out of those of the build before. What is heard of them once
/// more is kept after all.
#[test]
fn one_track_is_turned_again_and_again_and_then_something_else() {
    let world = warm();
    let (mut bell, mut key, mut shelf) = ("-2dB", "-30dB", "1dB");
    let mut edit = |b: Option<&'static str>, c: Option<&'static str>, drums: Option<&'static str>| {
        (bell, key, shelf) = (b.unwrap_or(bell), c.unwrap_or(key), drums.unwrap_or(shelf));
        let text = SONG
            .replace("bell(300Hz, -2dB)", &format!("bell(300Hz, {bell})"))
            .replace("threshold: -30dB", &format!("threshold: {key}"))
            .replace("low_shelf(100Hz, 1dB)", &format!("low_shelf(100Hz, {shelf})"));
        world.put("song.mix", text.clone());
        let rendered = render(&world).rendered;
        assert_eq!(outputs(&world), cold(&sounds(), &text));
        rendered
    };
    let turned = ["hall", "echo", "b", "drums", "mix", "master"].sorted();
    for gain in ["-3dB", "-4dB", "-5dB"] {
        assert_eq!(edit(Some(gain), None, None), turned, "{gain}");
    }
    // the sum of the drums was not kept: now it is
    assert_eq!(edit(None, None, Some("2dB")), ["b", "drums", "mix", "master"].sorted());
    assert_eq!(edit(None, None, Some("3dB")), ["drums", "mix", "master"].sorted());
    assert_eq!(edit(Some("-6dB"), None, None), turned);
    // two tracks are others now: everything is kept anew, and from here on the second alone is rendered
    let second = edit(None, Some("-31dB"), None);
    assert!(second.contains(&"c".into()) && second.contains(&"hall".into()), "{second:?}");
    assert_eq!(edit(None, Some("-32dB"), None), ["a", "c", "hall", "music", "mix", "master"].sorted());
}

struct Order(Mutex<Vec<String>>);

impl Observer for Order {
    fn artifact(&self, artifact: &Artifact) {
        self.0.lock().unwrap().push(artifact.target.clone());
    }
}

#[test]
fn after_an_edit_the_mix_is_there_before_the_masters() {
    let masters = "deliver(master, \"copy.wav\", bits: 16, loudness: -16LUFS, peak: -1dBTP);
deliver(master, \"master.wav\", bits: 24, loudness: -16LUFS, peak: -1dBTP);";
    let text = SONG.replace("deliver(master, \"master.wav\", bits: 16);", masters);
    let world = sounds().world(&text).storing();
    render(&world);
    world.put("song.mix", text.replace("bell(300Hz, -2dB)", "bell(300Hz, -3dB)"));
    let order = Order(Mutex::default());
    assert!(build(&world, Path::new("song.mix"), &Request::default(), &order).ok);
    let order = order.0.into_inner().unwrap();
    // what the edit does not reach is known at once, then come what is rendered and what is made of that
    assert_eq!(order, ["stems/music.wav", "stems/drums.wav", "stems/rest.wav", "mix.wav", "copy.wav", "master.wav"]);
}

trait Sorted {
    fn sorted(self) -> Vec<String>;
}

impl<const N: usize> Sorted for [&str; N] {
    /// As they stand in the plan of `SONG`.
    fn sorted(self) -> Vec<String> {
        let mut all = self.map(str::to_string).to_vec();
        let order = ["a", "b", "c", "d", "hall", "echo", "drums", "music", "mix", "master"];
        all.sort_by_key(|name| order.iter().position(|other| other == name));
        all
    }
}

#[test]
fn a_file_of_another_compression_is_another_file() {
    let script = |how: &str| format!("{SONG}deliver(mix, \"mix.flac\"{how});\n");
    let world = sounds().world(&script("")).storing();
    let reused = |how: &str| {
        world.put("song.mix", script(how));
        let built = render(&world);
        assert_eq!(outputs(&world), cold(&sounds(), &script(how)), "{how}");
        let flac = built.artifacts.iter().find(|a| a.path.ends_with("mix.flac")).unwrap();
        (flac.reused, flac.measurement.blake3.clone())
    };
    let (_, five) = reused("");
    let (again, same) = reused(", compression: 5");
    assert!(again && same == five, "5 is what there is unless said");
    let (again, small) = reused(", compression: 8");
    assert!(!again && small != five);
}

#[test]
fn what_nobody_asked_for_is_told_when_somebody_does() {
    let script = format!("{SONG}deliver(mix, \"mix.flac\");\n");
    let world = sounds().world(&script).storing();
    let hashes = |untold: bool| {
        let request = Request { untold, ..Request::default() };
        let built = built(&world, &request);
        built.artifacts.into_iter().map(|a| (a.reused, a.path, a.measurement.blake3)).collect::<Vec<_>>()
    };
    assert!(hashes(true).iter().all(|(reused, _, hash)| !reused && hash.is_empty()));
    for _ in 0..2 {
        // they are looked at once, and told from then on
        for untold in [false, true] {
            for (reused, path, hash) in hashes(untold) {
                assert!(reused);
                assert_eq!(hash, blake3::hash(&world.get(&path).unwrap()).to_string(), "{}", path.display());
            }
        }
    }
}
