//! Deliveries that must come to something: what is written and what is told of it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{beats, files, folder, objects, of, run, samples};

/// A song of six seconds with a limiter on its master, and what is delivered of it.
fn song(deliveries: &str) -> TempDir {
    let dir = folder();
    beats(&dir.path().join("a.wav"), 48_000, 2, 6.0);
    let script = format!(
        "song(\"Song\", rate: 48kHz);\nlet a = track(\"a\", \"a.wav\");\nmaster.insert(limiter(ceiling: -1dBTP));\n{deliveries}\n"
    );
    fs::write(dir.path().join("song.mix"), script).unwrap();
    dir
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// A file's length and content.
fn hashes(objects: &[Value]) -> Vec<String> {
    of(objects, "artifact").iter().map(|a| format!("{} {}", a["target"], a["measurement"]["blake3"])).collect()
}

/// What was asked of a file, and what a listener will hear of it, beside what it came to.
#[test]
fn a_render_tells_what_was_asked() {
    let dir = folder();
    assert_eq!(run(dir.path(), &["new", "song"]).code, Some(0));
    let script = dir.path().join("song/song.mix");
    let text = fs::read_to_string(&script).unwrap()
        + "deliver(master, \"{target}.flac\", target: \"spotify\", loudness: \"as is\");
           deliver(master, \"{target}-{rate}-{bits}.wav\", target: \"house\");
           target(\"house\", title: \"The house\", kind: \"floor\", loudness: -30LUFS, peak: -0.5dBTP, bits: 16);\n";
    fs::write(&script, text).unwrap();
    let ran = run(dir.path(), &["render", "song/song.mix", "spotify", "house-48000-16"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let told = ran.out.split_once("\n\n").unwrap().1;
    for part in [
        "song/out/spotify.flac\n  Spotify will play it ",
        "at least -30 LUFS",
        "at most -0.5 dBTP",
        "The house will play it ",
    ] {
        assert!(told.contains(part), "`{part}` is missing from\n{told}");
    }
    assert!(told.lines().all(|l| l.chars().count() <= 80), "{told}");
    let json = run(dir.path(), &["render", "song/song.mix", "spotify", "house-48000-16", "--message-format", "json"]);
    let files: Vec<Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let files: Vec<_> = files.iter().filter(|o| o["reason"] == "artifact").collect();
    let (spotify, house) = (files[0], files[1]);
    assert_eq!(spotify["asked"], serde_json::json!({"integrated_lufs": null, "true_peak_dbtp": null}));
    assert_eq!(house["asked"], serde_json::json!({"integrated_lufs": -30, "true_peak_dbtp": -0.5}));
    let number = |value: &Value| value.as_f64().unwrap();
    let loudness = number(&house["measurement"]["integrated_lufs"]);
    assert_eq!(house["plays"]["service"], "The house");
    assert!((number(&house["plays"]["gain_db"]) - (-30.0 - loudness)).abs() < 1e-9, "{house}");
    assert!(!spotify["plays"].is_null());
}

#[test]
fn several_targets_at_once_are_each_what_was_asked() {
    let names = ["spotify", "apple-music", "podcast", "cd", "radio", "broadcast-eu", "premaster"];
    let extension = |name: &str| if name == "spotify" { "flac" } else { "wav" };
    let deliveries: String = names
        .iter()
        .map(|name| format!("deliver(master, \"{{song}}-{{target}}.{}\", target: \"{name}\");\n", extension(name)))
        .collect();
    let dir = song(&deliveries);
    let (code, told) = objects(dir.path(), &["render", "song.mix"]);
    assert_eq!(code, Some(0), "{told:?}");
    let artifacts = of(&told, "artifact");
    assert_eq!(artifacts.len(), names.len());
    for (name, artifact) in names.iter().zip(&artifacts) {
        assert_eq!(artifact["target"], format!("Song-{name}.{}", extension(name)));
        let (_, known) = objects(dir.path(), &["targets", name]);
        let (target, m, asked) = (&known[0], &artifact["measurement"], &artifact["asked"]);
        let (loudness, peak) = (number(&m["integrated_lufs"]), number(&m["true_peak_dbtp"]));
        match target["kind"].as_str().unwrap() {
            "floor" => assert!(loudness > number(&target["loudness"]) - 0.1, "{artifact}"),
            "exact" => assert!((loudness - number(&target["loudness"])).abs() < 0.1, "{artifact}"),
            _ => assert!(asked["integrated_lufs"].is_null(), "{artifact}"),
        }
        assert_eq!(asked["integrated_lufs"], target["loudness"], "{artifact}");
        assert_eq!(asked["true_peak_dbtp"], target["peak"], "{artifact}");
        assert!(target["peak"].is_null() || peak <= number(&target["peak"]), "{artifact}");
        assert_eq!(artifact["plays"].is_null(), target["kind"] != "floor", "{artifact}");
        assert_eq!(artifact["solved"].is_null(), *name == "premaster", "{artifact}");
        assert_eq!(m["sample_rate"], target["rate"].as_u64().unwrap_or(48_000), "{artifact}");
        let path = format!("out/Song-{name}.{}", extension(name));
        let bits = match m["codec"].as_str().unwrap() {
            // as STREAMINFO has it
            "flac" => {
                let bytes = fs::read(dir.path().join(&path)).unwrap();
                (u64::from(bytes[20] & 1) << 4 | u64::from(bytes[21] >> 4)) + 1
            }
            codec => codec.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap(),
        };
        assert_eq!(target["bits"], bits, "{artifact}");
        assert_eq!(m["format"], extension(name));
        // the figures are those of the file that lies there
        let (_, read) = objects(dir.path(), &["measure", &path]);
        for field in ["integrated_lufs", "true_peak_dbtp", "frames", "blake3"] {
            assert_eq!(read[0][field], m[field], "{name}: {field}");
        }
    }
    let solved = &artifacts[0]["solved"];
    assert_eq!(solved["limiter"], "last insert of master");
    assert!(number(&solved["gain_db"]) > 0.0 && number(&solved["reduction_db"]) >= 0.0, "{solved}");

    let table = run(dir.path(), &["render", "song.mix", "Song-spotify", "Song-cd", "Song-broadcast-eu"]).out;
    for part in [
        "at least -14 LUFS",
        "exactly -23 LUFS",
        "at most -0.3 dBTP",
        " dB into the last insert of master",
        "turned down by ",
        "Spotify will play it as loud as it is",
    ] {
        assert!(table.contains(part), "`{part}` is missing from\n{table}");
    }
    assert!(!table.contains("Compact disc will") && !table.contains("podcast"), "{table}");
}

#[test]
fn what_cannot_be_met_leaves_the_others_and_no_trace() {
    let dir = song(
        "deliver(master, \"deep/far.wav\", loudness: -5LUFS);
         deliver(master, \"deep/near.wav\", loudness: -14LUFS);
         deliver(mix, \"mix.wav\");",
    );
    let old = dir.path().join("out/deep/far.wav");
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    fs::write(&old, "the old one").unwrap();
    let ran = run(dir.path(), &["render", "song.mix"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    for part in ["MX0614", "`deep/far.wav` cannot be brought to -5 LUFS", "it comes to -"] {
        assert!(ran.err.contains(part), "`{part}` is missing from\n{}", ran.err);
    }
    assert_eq!(files(&dir.path().join("out")), ["deep/far.wav", "deep/near.wav", "mix.wav"]);
    assert_eq!(fs::read(&old).unwrap(), b"the old one");
    assert!(!ran.out.contains("far.wav") && ran.out.contains("near.wav"), "{}", ran.out);
    let (code, told) = objects(dir.path(), &["render", "song.mix", "-o", "other"]);
    assert_eq!((code, of(&told, "artifact").len()), (Some(1), 2));
    assert_eq!(told.last().unwrap()["ok"], false);
    assert_eq!(files(&dir.path().join("other")), ["deep/near.wav", "mix.wav"]);
}

#[test]
fn a_range_of_a_solved_file_is_a_slice_of_it() {
    let dir = song(
        "a.gain([0s: -12dB, 3s: -12dB, 3.1s: 0dB]);
         deliver(master, \"cd.wav\", loudness: -14LUFS, rate: 44.1kHz, bits: 16, dither: \"shaped\");
         deliver(master, \"same.wav\", target: \"spotify\", bits: 24, format: \"wav\");
         deliver(mix, \"own.wav\", loudness: -12LUFS, rate: 96kHz, bits: 24);",
    );
    let whole = run(dir.path(), &["render", "song.mix"]);
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    let part = run(dir.path(), &["render", "song.mix", "-o", "part", "--from", "1", "--to", "2.5"]);
    assert_eq!(part.code, Some(0), "{}", part.err);
    for (file, rate) in [("cd.wav", 44_100), ("same.wav", 48_000), ("own.wav", 96_000)] {
        let (spec, whole) = samples(&dir.path().join("out").join(file));
        let (_, part) = samples(&dir.path().join("part").join(file));
        assert_eq!(spec.sample_rate, rate);
        let frame = |seconds: f64| (seconds * f64::from(rate)).round() as usize * 2;
        assert!(whole[frame(1.0)..frame(2.5)] == part[..], "{file}");
        assert!(part.iter().any(|x| *x != 0));
    }
    // a quiet part has not failed, and no service plays it
    assert!(part.out.contains("a part: its loudness was asked of the whole"), "{}", part.out);
    assert!(!part.out.contains(" off") && !part.out.contains("will play it"), "{}", part.out);
    assert!(whole.out.contains(" off") && whole.out.contains("will play it"), "{}", whole.out);
}

#[test]
fn threads_and_blocks_are_not_heard_in_what_was_solved() {
    let dir = song(
        "import \"mastering\" as m;
         a.insert(eq(bell(1kHz, 3dB), phase: \"linear\"));
         m::loud(-1dBTP);
         deliver(master, \"a.flac\", target: \"spotify\");
         deliver(master, \"b.wav\", loudness: -11LUFS, rate: 44.1kHz, bits: 16, dither: \"shaped\");
         deliver(mix, \"c.wav\", loudness: -12LUFS, rate: 96kHz);
         deliver(mix, \"d.wav\", bits: 16, dither: \"shaped\");
         stems();",
    );
    let mut first = None;
    for more in [&["-j", "1"][..], &["-j", "2"], &["-j", "2", "--block", "64"], &["-j", "1", "--block", "5000"]] {
        let (code, told) = objects(dir.path(), &[&["render", "song.mix"], more].concat());
        assert_eq!(code, Some(0), "{told:?}");
        let hashes = hashes(&told);
        assert_eq!(hashes.len(), 5);
        assert_eq!(*first.get_or_insert_with(|| hashes.clone()), hashes, "{more:?}");
    }
}

#[test]
fn progress_is_told_in_whole_numbers() {
    let dir = song("deliver(master, \"a.wav\", loudness: -14LUFS);");
    let (_, told) = objects(dir.path(), &["render", "song.mix"]);
    for step in of(&told, "progress") {
        assert!(step["done"].as_u64() <= step["total"].as_u64(), "{step}");
    }
    assert_eq!(of(&told, "artifact")[0]["asked"], json!({"integrated_lufs": -14, "true_peak_dbtp": null}));
}

/// What a killed run leaves is gone after the next one.
#[cfg(unix)]
#[test]
fn a_killed_solve_is_swept_up() {
    use std::process::{Command, Stdio};
    let dir = song("deliver(master, \"deep/a.wav\", loudness: -14LUFS);");
    let script = dir.path().join("song.mix");
    let short = fs::read_to_string(&script).unwrap();
    fs::write(&script, short.replace("rate: 48kHz", "rate: 48kHz, length: 3600s")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_mixdown"))
        .args(["render", "song.mix", "--no-cache"])
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = dir.path().join("out");
    let kept = |out: &Path| files(out).iter().any(|f| f.ends_with(".mixdown-part"));
    for _ in 0..2_000 {
        if kept(&out) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(kept(&out), "it was killed in time: {:?}", files(&out));
    fs::write(&script, short).unwrap();
    assert_eq!(run(dir.path(), &["render", "song.mix"]).code, Some(0));
    assert_eq!(files(&out), ["deep/a.wav"]);
}
