//! `expect`, and `trim` to a measure.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{beats, files, folder, objects, of, run};

fn script(folder: &Path, text: &str) {
    fs::write(
        folder.join("song.mix"),
        format!("song(\"Song\", rate: 48kHz);\nlet a = track(\"a\", \"a.wav\");\n{text}\n"),
    )
    .unwrap();
}

#[test]
fn what_does_not_hold_is_1_and_the_files_stay() {
    let dir = folder();
    beats(&dir.path().join("a.wav"), 48_000, 2, 4.0);
    script(
        dir.path(),
        "deliver(mix, \"mix.wav\");
         expect(mix.loudness(), above: -10LUFS);
         expect(mix.peak(), below: 0dBTP);
         expect(a.loudness(), equals: mix.loudness(), within: 0.5LU);",
    );
    let ran = run(dir.path(), &["render", "song.mix", "-v"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("MX0610") && ran.err.contains("it should be no less than -10 LUFS"), "{}", ran.err);
    assert!(ran.err.contains("song.mix:4:") && ran.err.contains("1 error"), "{}", ran.err);
    let holds: Vec<&str> = ran.err.lines().filter(|l| l.starts_with("holds: ")).collect();
    assert!(holds.len() == 2 && holds[0].contains("true peak") && holds[1].contains("within 0.5 LU"), "{holds:?}");
    assert_eq!(files(&dir.path().join("out")), ["mix.wav"]);
    assert!(ran.out.contains("out/mix.wav"), "{}", ran.out);

    let (code, told) = objects(dir.path(), &["render", "song.mix"]);
    assert_eq!(code, Some(1));
    let judged = of(&told, "expectation");
    let all: Vec<_> = judged.iter().map(|j| (j["ok"] == true, j["line"].as_u64().unwrap(), &j["reading"])).collect();
    assert_eq!(all, [(false, 4, &"loudness".into()), (true, 5, &"peak".into()), (true, 6, &"loudness".into())]);
    assert_eq!(judged[0]["asked"], serde_json::json!({"above": -10.0}));
    let mix = &of(&told, "artifact")[0]["measurement"]["integrated_lufs"];
    assert!((judged[0]["got"].as_f64().unwrap() - mix.as_f64().unwrap()).abs() < 0.01, "{told:?}");
    assert_eq!(told.last().unwrap()["ok"], false);

    // a part and a single target are not judged
    for more in [&["mix"][..], &["--from", "1"]] {
        let (code, told) = objects(dir.path(), &[&["render", "song.mix"], more].concat());
        assert_eq!((code, of(&told, "expectation").len()), (Some(0), 0), "{more:?}");
    }
}

#[test]
fn what_holds_is_0_and_told_when_asked() {
    let dir = folder();
    beats(&dir.path().join("a.wav"), 48_000, 2, 4.0);
    script(dir.path(), "deliver(mix, \"mix.wav\");\nexpect(mix.loudness(), above: -60LUFS);");
    let ran = run(dir.path(), &["render", "song.mix"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!ran.err.contains("holds"), "{}", ran.err);
    assert!(run(dir.path(), &["render", "song.mix", "-v"]).err.contains("holds: "));
    assert!(!run(dir.path(), &["render", "song.mix", "-v", "-q"]).err.contains("holds: "));
}

#[test]
fn a_source_is_measured_once_and_brought_there() {
    let dir = folder();
    let audio = dir.path().join("a.wav");
    beats(&audio, 48_000, 2, 4.0);
    // what was just written may be written again within the clock's tick, and is measured anew until then
    let settled = SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().write(true).open(&audio).unwrap().set_modified(settled).unwrap();
    script(dir.path(), "a.trim(-18LUFS);\ndeliver(mix, \"mix.wav\");");
    let bytes = || fs::read(dir.path().join("out/mix.wav")).unwrap();
    let said = |more: &[&str]| {
        let ran = run(dir.path(), &[&["render", "song.mix"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.err.contains("measuring sources")
    };
    assert!(said(&["--no-cache"]), "without a cache it is measured");
    let first = bytes();
    assert!(said(&[]), "and that was not kept");
    // the change time of a file cannot be set: it is old soon enough
    for _ in 0..40 {
        if !said(&[]) {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!said(&[]), "then it is remembered");
    assert!(said(&["--no-cache"]));
    assert!(bytes() == first);
    let (_, told) = objects(dir.path(), &["render", "song.mix"]);
    let lufs = of(&told, "artifact")[0]["measurement"]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs + 18.0).abs() < 0.01, "{lufs}");
    // the words of the file, not its name, are remembered
    beats(&audio, 48_000, 2, 3.0);
    assert!(said(&[]), "another file is measured anew");
}
