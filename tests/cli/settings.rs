//! Values from outside: `param` and `--set`; and what a script was read from.

use std::fs;

use super::{TempDir, beats, folder, objects, of, run};

const SONG: &str = "track(\"a\", \"audio/a.wav\").gain(param(\"level\", -3dB, help: \"How loud a is\"));\n\
                    if param(\"dark\", false) { mix.insert(high_cut(2kHz)); }\n\
                    song(param(\"title\", \"Song\"));\ndeliver(mix, \"{song}.wav\");\n";

fn song() -> TempDir {
    let folder = folder();
    fs::create_dir(folder.path().join("audio")).unwrap();
    fs::write(folder.path().join("song.mix"), SONG).unwrap();
    beats(&folder.path().join("audio/a.wav"), 48_000, 1, 1.0);
    folder
}

#[test]
fn check_lists_what_can_be_set_and_what_it_is() {
    let folder = song();
    let ran = run(folder.path(), &["check", "song.mix", "--set", "level=-6dB"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(
        ran.out,
        "parameter  default  now\nlevel      -3dB     -6dB  How loud a is\ndark       false          true or false\n\
         title      Song           a text\n"
    );
    let (_, all) = objects(folder.path(), &["check", "song.mix"]);
    let all = of(&all, "parameter");
    assert_eq!(all.len(), 3);
    assert_eq!((&all[0]["name"], &all[0]["default"]), (&"level".into(), &"-3dB".into()));
}

#[test]
fn a_render_takes_what_is_set() {
    let folder = song();
    let peak = |args: &[&str]| {
        let (code, all) = objects(folder.path(), &[&["render", "song.mix"], args].concat());
        assert_eq!(code, Some(0));
        of(&all, "artifact")[0]["measurement"]["sample_peak_dbfs"].as_f64().unwrap()
    };
    let (plain, less) = (peak(&[]), peak(&["--set", "level=-9dB", "--set", "title=Two"]));
    assert!((plain - less - 6.0).abs() < 0.01, "{plain} {less}");
    assert!(folder.path().join("out/Two.wav").exists());
    assert_eq!(peak(&[]), plain, "what was set once is not remembered");
}

#[test]
fn what_cannot_be_set_is_told() {
    let folder = song();
    for (set, part) in [
        ("levle=1dB", "did you mean `level`?"),
        ("level=80Hz", "takes a level in dB"),
        ("level=loud", "`loud` is no number"),
        ("level=1db", "did you mean `dB`?"),
        ("dark=maybe", "`true` or `false`"),
    ] {
        let ran = run(folder.path(), &["check", "song.mix", "--set", set]);
        assert_eq!(ran.code, Some(1), "{set}: {}", ran.err);
        assert!(ran.err.contains(part), "{set}: {}", ran.err);
    }
    assert_eq!(run(folder.path(), &["check", "song.mix", "--set", "level"]).code, Some(2));
}

#[test]
fn check_lists_what_was_read_and_what_was_looked_for() {
    let folder = song();
    let text = format!("import \"vocals\" as v;\nimport \"./near\" as n;\n{SONG}");
    fs::write(folder.path().join("song.mix"), text).unwrap();
    fs::write(folder.path().join("near.mix"), "fn f() {}\n").unwrap();
    let ran = run(folder.path(), &["check", "song.mix", "--deps", "-q"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let lines = ["script  song.mix", "script  near.mix", "script  lib/vocals.mix  not there", "audio   audio/a.wav"];
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), lines);
    let (_, all) = objects(folder.path(), &["check", "song.mix", "--deps"]);
    let missing: Vec<_> = of(&all, "dependency").into_iter().filter(|d| d["state"] == "missing").collect();
    assert_eq!(missing.len(), 1);
    assert_eq!((&missing[0]["path"], &missing[0]["kind"]), (&"lib/vocals.mix".into(), &"script".into()));
}
