//! `mixdown master`: one file, mastered by a script that it writes itself.

use std::fs;

use super::{beats, files, folder, objects, of, run};

#[test]
fn one_line_masters_a_file() {
    let dir = folder();
    beats(&dir.path().join("song.wav"), 48_000, 2, 5.0);
    let ran = run(dir.path(), &["master", "song.wav", "--for", "spotify, cd"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(files(dir.path()), ["out/song-cd.wav", "out/song-spotify.flac", "song.wav"]);
    assert!(ran.err.contains("rendering song.wav"), "no script is named that is not there: {}", ran.err);
    let read =
        |out: &str| ["song-cd.wav", "song-spotify.flac"].map(|f| fs::read(dir.path().join(out).join(f)).unwrap());

    let saved = ["master", "song.wav", "--for", "spotify,cd", "--save", "dir/song.mix"];
    let ran = run(dir.path(), &saved);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("wrote dir/song.mix"), "{}", ran.err);
    assert!(read("dir/out") == read("out"));
    assert_eq!(run(dir.path(), &["render", "dir/song.mix", "-o", "again"]).code, Some(0));
    assert!(read("again") == read("out"), "the script makes the same files");

    // a script that is there may have been worked on
    let script = dir.path().join("dir/song.mix");
    fs::write(&script, "// mine").unwrap();
    let again = run(dir.path(), &saved);
    assert_eq!((again.code, again.out.as_str()), (Some(2), ""));
    assert!(again.err.contains("`dir/song.mix` is there already"), "{}", again.err);
    assert_eq!(fs::read_to_string(&script).unwrap(), "// mine");

    // and the source is never written over
    fs::copy(dir.path().join("song.wav"), dir.path().join("song-podcast.wav")).unwrap();
    let over = ["master", "song-podcast.wav", "--title", "song", "--for", "podcast", "-o", "."];
    let ran = run(dir.path(), &over);
    assert!(ran.code == Some(1) && ran.err.contains("written over") && ran.err.contains("-o DIR"), "{}", ran.err);
    assert!(fs::read(dir.path().join("song-podcast.wav")).unwrap() == fs::read(dir.path().join("song.wav")).unwrap());

    // without --save one that happens to lie here is neither read nor touched
    fs::write(dir.path().join("master.mix"), "// mine").unwrap();
    let (code, told) = objects(dir.path(), &["master", "song.wav", "--chain", "warm", "-o", "warm"]);
    assert_eq!(code, Some(0), "{told:?}");
    assert_eq!(fs::read_to_string(dir.path().join("master.mix")).unwrap(), "// mine");
    let warm = of(&told, "artifact")[0];
    assert_eq!(warm["path"], "warm/song-spotify.flac");
    assert!(warm["measurement"]["integrated_lufs"].as_f64().unwrap() > -14.1);
    assert!(fs::read(dir.path().join("warm/song-spotify.flac")).unwrap() != read("out")[1], "another chain");
}

#[test]
fn what_cannot_be_mastered_is_said_before_anything_is_written() {
    let dir = folder();
    fs::write(dir.path().join("text.wav"), "no audio at all, whatever its name says").unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    beats(&dir.path().join("six.wav"), 48_000, 6, 1.0);
    for (file, more, code, says) in [
        ("nope.wav", &[][..], 2, "`nope.wav`"),
        ("folder", &[], 2, "`folder`"),
        ("text.wav", &[], 1, "`text.wav`: it isn't audio"),
        ("six.wav", &[], 1, "`six.wav`"),
        ("six.wav", &["--for", "spotfy"], 2, "did you mean `spotify`?"),
        ("six.wav", &["--for", "no-such-target-at-all"], 2, "`mixdown targets` lists all of them"),
        ("six.wav", &["--chain", "wram"], 2, "'warm'"),
    ] {
        let ran = run(dir.path(), &[&["master", file, "--save", "kept/it.mix"], more].concat());
        assert_eq!((ran.code, ran.out.as_str()), (Some(code), ""), "{file} {more:?}: {}", ran.err);
        assert!(ran.err.contains(says) && !ran.err.contains("it.mix"), "{file} {more:?}: {}", ran.err);
    }
    let (code, told) = objects(dir.path(), &["master", "nope.wav"]);
    assert_eq!((code, told[0]["code"].as_str()), (Some(2), Some("MX0501")));
    assert_eq!(files(dir.path()), ["six.wav", "text.wav"]);
}

#[test]
fn any_file_can_be_mastered_from_anywhere() {
    let dir = folder();
    fs::create_dir(dir.path().join("below")).unwrap();
    let absolute = dir.path().join("plain.wav").display().to_string();
    beats(&dir.path().join("plain.wav"), 44_100, 1, 2.0);
    // what a name may hold where any name may
    let odd = if cfg!(windows) { "Mein L\u{e4}uf #1 {song}.wav" } else { "Mein \"L\u{e4}uf\" #1 {song}: *live*.wav" };
    let written = if cfg!(windows) { "Mein L\u{e4}uf #1 song" } else { "Mein L\u{e4}uf #1 song live" };
    fs::copy(&absolute, dir.path().join(odd)).unwrap();
    for (args, file) in [
        (&["master", odd][..], format!("out/{written}-spotify.flac")),
        (&["master", odd, "--save", "a b/x.mix"], format!("a b/out/{written}-spotify.flac")),
        (&["master", odd, "--title", "AC/DC"], "out/AC-DC-spotify.flac".to_string()),
        (&["master", odd, "--title", "two\nlines", "-o", "o"], "o/twolines-spotify.flac".to_string()),
        (&["-C", "below", "master", "../plain.wav"], "below/out/plain-spotify.flac".to_string()),
        (
            &["-C", "below", "master", &absolute, "-o", "abs", "--for", "podcast"],
            "below/abs/plain-podcast.wav".to_string(),
        ),
        (&["-C", "below", "master", &absolute, "--save", "s/s.mix"], "below/s/out/plain-spotify.flac".to_string()),
    ] {
        let ran = run(dir.path(), args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        assert!(!ran.err.contains("warning"), "{args:?}: {}", ran.err);
        assert!(dir.path().join(&file).is_file(), "{args:?}: {file} is not among {:?}", files(dir.path()));
    }
    // a saved script names its sound relative to itself, so that both can move together
    let script = fs::read_to_string(dir.path().join("below/s/s.mix")).unwrap();
    assert!(script.contains("\"../../plain.wav\""), "{script}");
}
