//! Several processes in one folder and one cache.

use std::fs;
use std::process::Child;

use crate::place::{Place, signal};

fn all_well(children: Vec<Child>, when: &str) {
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0), "{when}");
    }
}

#[test]
fn two_to_eight_renders_of_one_song_make_one_set_of_files() {
    let place = Place::new();
    for count in 2..=8 {
        place.song(count);
        let new = place.reference();
        let start = |_| place.mixdown(&["render", "song.mix", "-o", "out"]).spawn().unwrap();
        all_well((0..count).map(start).collect(), &format!("{count} at once"));
        place.is(&new, "out", &format!("{count} at once"));
        assert_eq!(place.parts("cache"), Vec::<String>::new(), "{count} at once");
        place.cache_is_sound(&format!("{count} at once"));
    }
}

#[test]
fn renders_of_different_songs_do_not_meet() {
    let place = Place::new();
    let text = fs::read_to_string(place.at("song.mix")).unwrap();
    // half of them share names, and there the last one wins, with a whole file
    let songs: Vec<_> = (0..6)
        .map(|i| {
            let folder = ["shared/", "0/", "1/", "2/"][if i < 3 { 0 } else { i - 2 }];
            let text = text
                .replace("20Hz", &format!("{}Hz", 30 + i))
                .replace("stems()", &format!("stems(path: \"{folder}{{strip}}.wav\")"));
            place.script(&text);
            place.render(&["--no-cache", "-o", &format!("alone{i}")]);
            fs::write(place.at(&format!("song{i}.mix")), &text).unwrap();
            place.files(&format!("alone{i}"))
        })
        .collect();
    for round in 0..4 {
        let start = |i: usize| place.mixdown(&["render", &format!("song{i}.mix"), "-o", "out"]).spawn().unwrap();
        all_well((0..songs.len()).map(start).collect(), &format!("round {round}"));
        let any: Vec<_> = songs.iter().collect();
        for (name, bytes) in place.files("out") {
            assert!(any.iter().any(|files| files.get(&name) == Some(&bytes)), "{name} in round {round}");
        }
        place.cache_is_sound("after different songs");
    }
}

/// One that is suspended holds its locks and nobody up; when it is killed nothing of it stays.
#[test]
fn a_suspended_neighbour_is_not_waited_for() {
    let place = Place::new();
    place.script("song(length: 3600s); track(\"a\", \"a.wav\"); deliver(mix, \"long.wav\");");
    let mut child = place.mixdown(&["render", "song.mix", "-o", "out"]).spawn().unwrap();
    while place.parts("out").is_empty() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    // beyond the looking whether files can be written
    std::thread::sleep(std::time::Duration::from_millis(100));
    signal("-STOP", child.id());
    let held = place.parts("out");
    place.song(1);
    let new = place.reference();
    place.render(&["-o", "out"]);
    assert_eq!(place.parts("out"), held, "what it writes stays");
    signal("-KILL", child.id());
    child.wait().unwrap();
    place.song(2);
    let newer = place.reference();
    assert_ne!(new, newer);
    place.recovers(&newer, "after its end");
}
