//! Sources that change while they are read: an error, or a sound that was there, and nothing wrong is remembered.

use std::fs;
use std::time::{Duration, Instant};

use mixdown::audio::rng::Seed;

use crate::place::{Place, finish, noise};

type Change = (&'static str, fn(&Place, Vec<u8>));

const CHANGES: &[Change] = &[
    ("written over", |place, new| fs::write(place.at("a.wav"), new).unwrap()),
    ("written over bit by bit", |place, new| {
        use std::io::Write;
        let mut file = fs::File::options().write(true).open(place.at("a.wav")).unwrap();
        for piece in new.chunks(30_000) {
            file.write_all(piece).unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
    }),
    ("cut short", |place, _| {
        let file = fs::File::options().write(true).open(place.at("a.wav")).unwrap();
        file.set_len(50_000).unwrap();
    }),
    ("replaced", |place, new| {
        fs::write(place.at("new.wav"), new).unwrap();
        fs::rename(place.at("new.wav"), place.at("a.wav")).unwrap();
    }),
    ("deleted", |place, _| fs::remove_file(place.at("a.wav")).unwrap()),
];

fn change_at_any_moment(cache: &[&str]) {
    let place = Place::new();
    let begun = Instant::now();
    place.render(&[&["-o", "out"], cache].concat());
    let length = begun.elapsed();
    let seed = Seed::new(12);
    let mut refused = 0;
    for round in 0..20 {
        let (what, change) = CHANGES[round % CHANGES.len()];
        let when = format!("{what} in round {round}");
        // of one length, so that nothing but its times and bytes is another
        let sounds = [noise(100 + 2 * round as u64, 60_000), noise(101 + 2 * round as u64, 60_000)];
        let of = |sound: &Vec<u8>| {
            fs::write(place.at("a.wav"), sound).unwrap();
            place.reference()
        };
        let (after, before) = (of(&sounds[1]), of(&sounds[0]));
        let old = place.files("out");
        let mut command = place.mixdown(&["render", "song.mix", "-o", "out"]);
        let ran = std::thread::scope(|scope| {
            let ran = scope.spawn(|| finish(command.args(cache)));
            std::thread::sleep(length.mul_f64(1.2 * seed.unit(round as i64)));
            change(&place, sounds[1].clone());
            ran.join().unwrap()
        });
        match ran.code {
            Some(0) => {
                let there = place.files("out");
                assert!(there == before || there == after, "{when}: files are of neither sound");
            }
            Some(1 | 2) => {
                refused += 1;
                let codes = ["MX0501", "MX0502", "MX0503", "MX0506"];
                assert!(codes.iter().any(|code| ran.told.contains(code)), "{when}: {}", ran.told);
                place.whole(&[&old, &before, &after], false, &when);
            }
            code => panic!("{when}: {code:?} {:?} {}", ran.signal, ran.told),
        }
        place.cache_is_sound(&when);
        // of both sounds nothing wrong is known
        for (sound, right) in [(&sounds[1], &after), (&sounds[0], &before)] {
            fs::write(place.at("a.wav"), sound).unwrap();
            place.render(&[&["-o", "out"], cache].concat());
            place.is(right, "out", &when);
        }
    }
    println!("{refused} of 20 were refused");
}

#[test]
fn a_source_may_change_at_any_moment() {
    change_at_any_moment(&["--no-cache"]);
}

#[test]
fn a_source_may_change_at_any_moment_and_the_cache_knows_nothing_wrong() {
    change_at_any_moment(&["--cache-dir", "cache"]);
}
