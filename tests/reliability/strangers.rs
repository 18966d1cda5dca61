//! Names: other people's beside ours, long ones, strange ones, and those that a file system takes for one.

use std::fs;

use crate::place::Place;

#[test]
fn other_peoples_files_stay_whatever_they_are_called() {
    let place = Place::new();
    place.script("track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\");");
    fs::create_dir_all(place.at("out/.x.wav.7-7.mixdown-part")).unwrap();
    let strange = [".x.wav.mixdown-part", ".mixdown-part", "x.wav.1-1.mixdown-part", ".x.wav.1-1.mixdown-part.bak"];
    for name in strange {
        fs::write(place.at("out").join(name), "kept").unwrap();
    }
    std::os::unix::fs::symlink("../a.wav", place.at("out/.x.wav.8-8.mixdown-part")).unwrap();
    // of this form only what we have left is
    fs::write(place.at("out/.x.wav.9-9.mixdown-part"), "left").unwrap();
    place.render(&[]);
    for name in strange {
        assert_eq!(fs::read(place.at("out").join(name)).unwrap(), b"kept", "{name}");
    }
    assert!(place.at("out/.x.wav.7-7.mixdown-part").is_dir());
    assert!(fs::symlink_metadata(place.at("out/.x.wav.8-8.mixdown-part")).unwrap().is_symlink());
    assert!(!place.at("out/.x.wav.9-9.mixdown-part").exists());
}

#[test]
fn a_name_may_be_as_long_as_the_disk_takes_it() {
    let place = Place::new();
    for (name, fine) in [("n".repeat(251), true), ("ü".repeat(125), true), ("n".repeat(252), false)] {
        place.script(&format!(
            "track(\"a\", \"a.wav\"); deliver(mix, \"{name}.wav\"); deliver(mix, \"{name}/x.flac\");"
        ));
        let ran = place.run(&["render", "song.mix", "-q"]);
        assert_eq!(ran.code, Some(i32::from(!fine)), "{}", ran.told);
        assert_eq!(place.at(&format!("out/{name}.wav")).exists(), fine);
        assert!(fine || ran.told.contains("MX0507") && ran.told.contains("255 bytes"), "{}", ran.told);
        assert_eq!(place.parts("out"), Vec::<String>::new());
    }
    // each part is short enough, all of them are not
    place.script("track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\");");
    let ran = place.run(&["render", "song.mix", "-o", &"deeper/".repeat(600), "--message-format", "json"]);
    assert!(ran.code == Some(2) && ran.told.contains("MX0508"), "{}", ran.told);
    assert!(ran.told.contains("a shorter one") && !ran.told.contains("\"progress\""), "{}", ran.told);
}

#[test]
fn what_some_disk_takes_for_one_name_is_told() {
    let place = Place::new();
    for (one, other) in [("Mix.wav", "mix.wav"), ("\u{e9}t\u{e9}.wav", "e\u{301}te\u{301}.wav"), ("a/X.wav", "A/x.wav")]
    {
        place.script(&format!("track(\"a\", \"a.wav\"); deliver(mix, \"{one}\"); deliver(master, \"{other}\");"));
        let ran = place.run(&["render", "song.mix"]);
        assert!(ran.code == Some(1) && ran.told.contains("are one file on many disks"), "{one}: {}", ran.told);
    }
    for (one, other) in [("x.wav", "x.wav/y.wav"), ("x.wav/deep/y.wav", "x.wav"), ("X.wav/y.wav", "x.wav")] {
        place.script(&format!("track(\"a\", \"a.wav\"); deliver(mix, \"{one}\"); deliver(master, \"{other}\");"));
        let ran = place.run(&["render", "song.mix"]);
        assert!(ran.code == Some(1) && ran.told.contains("would be a file, and for"), "{one}: {}", ran.told);
    }
    assert!(!place.at("out").exists());
    // names that only begin alike are two
    place.script("track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\"); deliver(mix, \"x.wave/y.wav\");");
    place.render(&[]);
}

#[test]
fn strange_names_are_told_or_taken() {
    let place = Place::new();
    for name in ["a\\nb.wav", "a\\tb.wav", "a\\u007fb.wav", "a\\x01b.wav", "a:b.wav", "end ./x.wav"] {
        place.script(&format!("track(\"a\", \"a.wav\"); deliver(mix, \"{name}\");"));
        let ran = place.run(&["render", "song.mix"]);
        assert!(ran.code == Some(1) && ran.told.contains("MX0507"), "{name}: {}", ran.told);
    }
    // a folder is as its user calls it
    place.script("track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\");");
    for out in ["a\nb", " ", "ü", "\u{202e}out"] {
        place.render(&["-o", out]);
        assert!(place.at(out).join("x.wav").is_file(), "{out:?}");
    }
}

/// An output may be a source of another session, not of its own.
#[test]
fn an_output_that_is_a_source_is_told() {
    let place = Place::new();
    place.script("track(\"a\", \"a.wav\"); deliver(mix, \"mix.wav\");");
    place.render(&[]);
    let before = place.files("out");
    for source in ["out/mix.wav", "out/../out/./mix.wav", "link.wav"] {
        if source == "link.wav" {
            std::os::unix::fs::symlink("out/mix.wav", place.at("link.wav")).unwrap();
        }
        place.script(&format!("track(\"a\", \"{source}\"); deliver(mix, \"mix.wav\");"));
        let ran = place.run(&["render", "song.mix"]);
        assert!(ran.code == Some(1) && ran.told.contains("it would be written over"), "{source}: {}", ran.told);
        place.is(&before, "out", source);
    }
}
