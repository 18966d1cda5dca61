//! Ctrl-C and SIGTERM at any moment.

use std::fs;
use std::time::{Duration, Instant};

use mixdown::audio::rng::Seed;

use crate::place::{Place, signal, stopped};

/// Who is not gone by then hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts, waits, stops; how it ended and how long that took.
fn stop(place: &Place, args: &[&str], after: Duration, name: &str) -> (std::process::ExitStatus, Duration) {
    let mut child = place.mixdown(args).spawn().unwrap();
    std::thread::sleep(after);
    signal(name, child.id());
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status, begun.elapsed());
        }
        assert!(begun.elapsed() < PATIENCE, "{args:?} goes on after {name}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_stop_at_any_moment_leaves_nothing_half() {
    let place = Place::new();
    place.render(&["-o", "out"]);
    let begun = Instant::now();
    place.song(1);
    place.render(&["-o", "out"]);
    let length = begun.elapsed();
    let seed = Seed::new(9);
    let mut ended = 0;
    for round in 0..20 {
        let old = place.files("out");
        place.song(10 + round);
        let name = if round % 2 == 0 { "-INT" } else { "-TERM" };
        let after = length.mul_f64(seed.unit(round as i64));
        let (status, _) = stop(&place, &["render", "song.mix", "-o", "out"], after, name);
        let when = format!("{name} in round {round}");
        assert!(status.success() || stopped(status), "{when}: {status}");
        ended += usize::from(!status.success());
        let new = place.reference();
        place.whole(&[&old, &new], false, &when);
        assert_eq!(place.parts("cache"), Vec::<String>::new(), "{when}");
        place.recovers(&new, &when);
    }
    assert!(ended > 2, "nothing was tried: {ended} were stopped");
}

#[test]
fn a_long_render_and_a_long_measurement_end_soon() {
    let place = Place::new();
    let seed = Seed::new(10);
    place.script(
        "song(length: 3600s); track(\"a\", \"a.wav\"); deliver(mix, \"m.wav\"); deliver(mix, \"m.flac\");
         deliver(master, \"l.wav\", loudness: -14LUFS, max_reduction: 24dB);",
    );
    fs::create_dir(place.at("out")).unwrap();
    fs::write(place.at("out/m.wav"), "old").unwrap();
    place.sound("long.wav", 3, 8_000_000);
    let measure = vec!["long.wav"; 40];
    let mut waits = Vec::new();
    for round in 0..20 {
        let name = if round % 2 == 0 { "-INT" } else { "-TERM" };
        let after = Duration::from_millis((seed.bits(round) % 400) + 100);
        let (status, wait) = match round % 4 {
            3 => stop(&place, &[&["measure"], &measure[..]].concat(), after, name),
            _ => stop(&place, &["render", "song.mix", "-o", "out"], after, name),
        };
        assert!(stopped(status), "{name} in round {round}: {status}");
        let out = place.files("out");
        assert!(out.len() == 1 && out["m.wav"] == b"old", "{name} in round {round}: {:?}", out.keys());
        waits.push(wait);
    }
    waits.sort();
    println!("ended after {:?} on the median, {:?} at most", waits[10], waits[19]);
    // the machine may have other things to do for once, not always
    assert!(waits[10] < Duration::from_secs(1), "{waits:?}");
}

#[test]
fn a_watch_that_is_stopped_leaves_nothing_half() {
    let place = Place::new();
    place.render(&["-o", "out"]);
    let seed = Seed::new(11);
    for round in 0..4 {
        let old = place.files("out");
        place.song(10 + round);
        let name = if round % 2 == 0 { "-INT" } else { "-TERM" };
        let after = Duration::from_millis(seed.bits(round as i64) % 150);
        let (status, _) = stop(&place, &["watch", "song.mix", "-o", "out", "-q"], after, name);
        let when = format!("{name} in round {round}");
        assert!(stopped(status), "{when}: {status}");
        let new = place.reference();
        place.whole(&[&old, &new], false, &when);
        place.recovers(&new, &when);
    }
}
