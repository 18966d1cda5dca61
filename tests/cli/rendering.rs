//! Renders: a new project, Ctrl-C, the cache.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use serde_json::Value;

use super::{finish, folder, mixdown, objects, of, run};

#[test]
fn a_new_project_renders_as_it_is_and_the_same_again() {
    let dir = folder();
    assert_eq!(run(dir.path(), &["new", "song"]).code, Some(0));
    let check = run(dir.path(), &["check", "song/song.mix"]);
    assert_eq!((check.code, check.out.as_str()), (Some(0), ""), "{}", check.err);
    let files = ["stems/kick.wav", "stems/bass.wav", "stems/pad.wav", "stems/plate.wav", "mix.wav", "master.wav"];
    let read = |out: &str| files.map(|f| fs::read(dir.path().join(out).join(f)).unwrap_or_else(|e| panic!("{f}: {e}")));

    let ran = run(dir.path(), &["render", "song/song.mix"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(files.iter().all(|f| ran.out.contains(&format!("song/out/{f}"))), "{}", ran.out);
    assert!(ran.err.contains(" of sound in "), "{}", ran.err);
    assert!(!ran.err.contains("warning"), "{}", ran.err);

    let json = run(dir.path(), &["render", "song/song.mix", "-o", "again", "-j", "1", "--message-format", "json"]);
    let objects: Vec<Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(objects.iter().filter(|o| o["reason"] == "artifact").count(), files.len());
    assert_eq!(objects.last().unwrap()["reason"], "summary");
    assert_eq!(objects.last().unwrap()["ok"], true);
    assert!(read("song/out") == read("again"), "the same script, the same bytes");

    let measured = run(dir.path(), &["measure", "song/out/master.wav", "--message-format", "json"]);
    let measured: Value = serde_json::from_str(&measured.out).unwrap();
    let master = objects.iter().find(|o| o["kind"] == "master").unwrap();
    assert_eq!(measured["integrated_lufs"], master["measurement"]["integrated_lufs"]);
    assert!(master["measurement"]["true_peak_dbtp"].as_f64().unwrap() <= -0.95);
    // the reading by the letter is another figure in the same field, and the table says so
    let letter = run(dir.path(), &["measure", "song/out/master.wav", "--true-peak", "itu"]);
    assert!(letter.out.contains("true peak (ITU x4)"), "{}", letter.out);
    let json = ["measure", "song/out/master.wav", "--true-peak", "itu", "--message-format", "json"];
    let letter: Value = serde_json::from_str(&run(dir.path(), &json).out).unwrap();
    let between = (letter["true_peak_dbtp"].as_f64(), measured["true_peak_dbtp"].as_f64());
    assert!(between.0 != between.1 && (between.0.unwrap() - between.1.unwrap()).abs() < 0.3, "{between:?}");
    assert_eq!(letter["integrated_lufs"], measured["integrated_lufs"]);
}

/// Ctrl-C ends a render soon, with 130, and leaves nothing that is half, not even an empty folder.
#[cfg(unix)]
#[test]
fn an_interrupted_render_leaves_nothing_half() {
    let dir = folder();
    assert_eq!(run(dir.path(), &["new", "song"]).code, Some(0));
    let script = dir.path().join("song/song.mix");
    let text = fs::read_to_string(&script).unwrap().replace("rate: 48kHz)", "rate: 48kHz, length: 1800s)");
    fs::write(&script, text).unwrap();
    let child = Process::new(env!("CARGO_BIN_EXE_mixdown"))
        .args(["render", "song/song.mix"])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let out = dir.path().join("song/out");
    let writes = || fs::read_dir(&out).into_iter().flatten().flatten().count() > 0;
    // it hears Ctrl-C from before its first file on
    for _ in 0..2_000 {
        if writes() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(Process::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stderr).contains("stopped; nothing was left half written"));
    fn leftovers(folder: &Path) -> bool {
        fs::read_dir(folder).into_iter().flatten().flatten().any(|e| {
            e.path().is_dir() && leftovers(&e.path()) || e.file_name().to_string_lossy().ends_with(".mixdown-part")
        })
    }
    assert!(!leftovers(dir.path()));
    assert!(!out.exists());
}

#[test]
fn the_cache_can_be_seen_verified_and_cleaned() {
    let dir = folder();
    assert_eq!(run(dir.path(), &["new", "demo"]).code, Some(0));
    assert_eq!(run(dir.path(), &["render", "demo/song.mix"]).code, Some(0));
    let (code, shown) = objects(dir.path(), &["cache"]);
    assert_eq!(code, Some(0));
    assert!(shown[0]["reason"] == "cache" && shown[0]["packs"] == 1 && shown[0]["damaged"].is_null(), "{shown:?}");
    assert_eq!(objects(dir.path(), &["cache", "verify"]).1[0]["damaged"], 0);
    let packs = dir.path().join("remembered/packs");
    let pack = fs::read_dir(&packs).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&pack).unwrap();
    bytes[1000] ^= 1;
    fs::write(&pack, bytes).unwrap();
    let told = run(dir.path(), &["cache", "verify"]);
    assert!(told.code == Some(1) && told.out.contains("1 damaged"), "{}", told.out);
    let cleaned = run(dir.path(), &["cache", "clean"]);
    assert!(cleaned.code == Some(0) && cleaned.out.contains("0 objects in 0 packs"), "{}", cleaned.out);
    assert_eq!(run(dir.path(), &["cache", "--no-cache"]).code, Some(2));
}

/// A file that has lain there for long enough to be remembered.
const OLD: &str = "examples/tideline/audio/boom.flac";

#[test]
fn the_cache_is_where_it_was_asked_for_or_nowhere() {
    let dir = folder();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join(OLD);
    assert!(old.is_file());
    fs::write(dir.path().join("song.mix"), format!("track(\"a\", {:?});", old.display().to_string())).unwrap();
    let plan = |settings: &[(&str, &str)], args: &[&str]| {
        let mut command = mixdown(dir.path());
        command.env_remove("MIXDOWN_CACHE_DIR").env("HOME", dir.path().join("home")).env_remove("XDG_CACHE_HOME");
        command.env("LOCALAPPDATA", dir.path().join("home"));
        command.envs(settings.iter().copied());
        let ran = finish(command.args(["plan", "song.mix", "--message-format", "json"]).args(args));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        // without a cache that is the reason for everything
        ran.out.replace("there is no cache", "it was not rendered before")
    };
    let there = |name: &str| dir.path().join(name).join("surveys").is_dir();
    let first = plan(&[], &["--no-cache", "--cache-dir", "one"]);
    assert_eq!(plan(&[("MIXDOWN_NO_CACHE", "1"), ("MIXDOWN_CACHE_DIR", "one")], &[]), first);
    assert!(!there("one") && !dir.path().join("home").exists());
    assert_eq!(plan(&[("MIXDOWN_CACHE_DIR", "two")], &["--cache-dir", "one"]), first);
    assert!(there("one") && !there("two"), "what is typed wins");
    assert_eq!(plan(&[("MIXDOWN_CACHE_DIR", "two")], &[]), first);
    assert!(there("two") && !dir.path().join("home").exists());
    assert_eq!(plan(&[], &[]), first);
    assert!(dir.path().join("home").is_dir(), "the user's own");
    let xdg = dir.path().join("xdg");
    assert_eq!(plan(&[("XDG_CACHE_HOME", &xdg.display().to_string())], &[]), first);
    assert!(!cfg!(target_os = "linux") || there("xdg/mixdown"));
    let help = run(dir.path(), &["render", "--help"]).out;
    assert!(["--no-cache", "--cache-dir <DIR>", "Expectations"].iter().all(|part| help.contains(part)), "{help}");
}

#[test]
fn where_the_time_went_is_told_and_no_sound_hangs_on_it() {
    let folder = folder();
    assert!(run(folder.path(), &["new", "demo"]).code == Some(0));
    let plain = run(folder.path(), &["--no-cache", "render", "demo/song.mix", "-o", "plain"]);
    let timed = run(folder.path(), &["render", "demo/song.mix", "-o", "timed", "--timings=where.json"]);
    assert!(plain.code == Some(0) && timed.code == Some(0));
    for file in ["mix.wav", "master.wav"] {
        let read = |out: &str| fs::read(folder.path().join(out).join(file)).unwrap();
        assert!(read("plain") == read("timed"), "{file}");
    }
    // a row for each strip, and below it for each of its effects
    let (plain, table) = (plain.out, timed.out);
    assert!(!plain.contains("ns/frame") && table.contains("ns/frame"), "{table}");
    for row in ["bass", "  compressor", "  input", "  fader", "master", "rendering", "timed/mix.wav"] {
        assert!(table.lines().any(|line| line.starts_with(row)), "{row} is missing from\n{table}");
    }
    // the trace: all units, each thread's one after another, effects inside their strips
    let trace: Value = serde_json::from_slice(&fs::read(folder.path().join("where.json")).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let spans = |category: &str| {
        let mine = events.iter().filter(|e| e["cat"] == category);
        let time = |e: &Value, key: &str| e[key].as_f64().unwrap();
        let mut all: Vec<(u64, f64, f64)> =
            mine.map(|e| (e["tid"].as_u64().unwrap(), time(e, "ts"), time(e, "ts") + time(e, "dur"))).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        all
    };
    let (strips, effects) = (spans("strip"), spans("effect"));
    assert!(strips.len() > 10 && effects.len() > strips.len());
    let apart = |pair: &[(u64, f64, f64)]| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1 + 0.01;
    assert!(strips.windows(2).all(apart) && effects.windows(2).all(apart));
    let inside = |e: &(u64, f64, f64)| strips.iter().any(|s| s.0 == e.0 && s.1 <= e.1 + 0.01 && e.2 <= s.2 + 0.01);
    assert!(effects.iter().all(inside));
    // what was there already took nothing
    let (code, objects) = objects(folder.path(), &["render", "demo/song.mix", "-o", "timed", "--timings"]);
    let timings = of(&objects, "timing");
    assert_eq!(code, Some(0));
    assert!(
        timings.iter().any(|t| t["kind"] == "phase") && !timings.iter().any(|t| t["kind"] == "strip"),
        "{timings:?}"
    );
}
