//! The program as people and programs meet it: the real binary, its exit codes, what it says and where.

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The binary in `folder`, with none of the caller's settings.
fn mixdown(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mixdown"));
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("MIXDOWN_") || ["NO_COLOR", "NO_GRAPHICS", "COLUMNS"].contains(&&*text) {
            command.env_remove(&name);
        }
    }
    // nobody's own cache is read or written here
    command.env("MIXDOWN_CACHE_DIR", folder.join("remembered"));
    command
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    finish(mixdown(folder).args(args))
}

fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn help_lists_the_verbs_that_work_and_no_others() {
    let dir = folder();
    let ran = run(dir.path(), &["--help"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let after = ran.out.split("Commands:\n").nth(1).unwrap();
    let verbs: Vec<&str> =
        after.lines().take_while(|l| !l.is_empty()).filter_map(|l| l.split_whitespace().next()).collect();
    assert_eq!(verbs, ["new", "check", "render", "plan", "measure", "effects", "targets", "explain"]);
    assert!(!ran.out.contains("dot"), "a format of one verb is not everybody's");

    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let told = readme.lines().filter_map(|l| l.strip_prefix("| `mixdown ")?.split([' ', '`']).next());
    assert_eq!(told.collect::<Vec<_>>(), verbs, "the README's table of verbs");
}

#[test]
fn a_wrong_line_is_answered_with_the_right_one_and_2() {
    let dir = folder();
    for (args, answer) in [
        (&["song.mix"][..], "did you mean mixdown render song.mix?"),
        (&["-q", "songs/a.mix"], "did you mean mixdown render songs/a.mix?"),
        (&["rendr", "song.mix"], "'render'"),
        (&["render", "song.mix", "--form", "1"], "'--from'"),
        (&["check"], "<FILE>"),
        (&[], "Usage:"),
        (&["render", "a.mix", "-j", "0"], "1..=1024"),
        (&["check", "a.mix", "--message-format", "dot"], "`plan` only"),
        (&["check", "a.mix", "--message-format", "jsno"], "'json'"),
        (&["-C", "nowhere", "effects"], "no folder `nowhere`"),
        (&["effects", "no-such-effect-at-all"], "no effect is called `no-such-effect-at-all`"),
        (&["targets", "spotfy"], "did you mean `spotify`?"),
        (&["targets", "no-such-target-at-all"], "`mixdown targets` lists all of them"),
        (&["explain", "MX9999"], "no code `MX9999`"),
    ] {
        let ran = run(dir.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(answer), "{args:?} is answered by\n{}", ran.err);
    }
}

#[test]
fn a_missing_script_is_named_and_2() {
    let dir = folder();
    for verb in ["check", "render", "plan"] {
        let ran = run(dir.path(), &[verb, "nope.mix"]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{}", ran.err);
        assert!(ran.err.contains("nope.mix") && ran.err.contains("1 error"), "{}", ran.err);
    }
    let ran = run(dir.path(), &["measure", "nope.wav", "neither.wav"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("nope.wav") && ran.err.contains("neither.wav") && ran.err.contains("2 errors"));
}

#[test]
fn every_format_goes_where_it_belongs() {
    let dir = folder();
    let in_format = |format: &str| run(dir.path(), &["check", "nope.mix", "--message-format", format]);

    let json = in_format("json");
    assert_eq!((json.code, json.err.as_str()), (Some(2), ""));
    let objects: Vec<serde_json::Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(objects.len(), 1);
    let object = &objects[0];
    assert_eq!((&object["reason"], &object["schema"]), (&"diagnostic".into(), &1.into()));
    assert_eq!((&object["severity"], &object["labels"]), (&"error".into(), &serde_json::json!([])));
    let code = object["code"].as_str().unwrap();
    let message = object["message"].as_str().unwrap();

    let short = in_format("short");
    assert_eq!(short.out, "");
    assert!(short.err.starts_with(&format!("error {code}: {message}")), "{}", short.err);
    let github = in_format("github");
    assert!(github.out.starts_with(&format!("::error title={code}::")), "{}", github.out);
    let human = in_format("human");
    assert!(human.err.contains(code) && !human.err.contains('\x1b'), "{}", human.err);
    let coloured = run(dir.path(), &["check", "nope.mix", "--color", "always"]);
    assert!(coloured.err.contains('\x1b'));
    let narrated = finish(mixdown(dir.path()).args(["check", "nope.mix"]).env("NO_GRAPHICS", "1"));
    assert!(narrated.err.contains(&format!("diagnostic code: {code}")), "{}", narrated.err);
}

#[test]
fn long_options_come_from_the_environment_too() {
    let dir = folder();
    let ran = finish(mixdown(dir.path()).args(["check", "nope.mix"]).env("MIXDOWN_MESSAGE_FORMAT", "json"));
    assert!(ran.out.starts_with('{'), "{}", ran.err);
    let typed = ["check", "nope.mix", "--message-format", "human"];
    let ran = finish(mixdown(dir.path()).args(typed).env("MIXDOWN_MESSAGE_FORMAT", "json"));
    assert_eq!(ran.out, "", "what is typed wins");
    let ran = finish(mixdown(dir.path()).args(["new", "a"]).env("MIXDOWN_QUIET", "1"));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let ran = finish(mixdown(dir.path()).args(["new", "b"]).env("MIXDOWN_QUIET", "0"));
    assert_ne!(ran.err, "");
}

#[test]
fn new_makes_a_project_and_touches_nothing_that_is_there() {
    let dir = folder();
    let ran = run(dir.path(), &["new", "Night \u{00dc}berfahrt"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    assert!(ran.err.contains("mixdown render \"Night \u{00dc}berfahrt/song.mix\""), "{}", ran.err);
    let made = dir.path().join("Night \u{00dc}berfahrt");
    let script = fs::read_to_string(made.join("song.mix")).unwrap();
    assert!(script.contains("song(\"Night \u{00dc}berfahrt\","));
    assert_eq!(fs::read_to_string(made.join(".gitignore")).unwrap(), "out/\n");
    assert!(made.join(".gitattributes").is_file());
    for line in script.lines() {
        if let Some(path) = line.split('"').find(|part| part.starts_with("audio/")) {
            let bytes = fs::read(made.join(path)).unwrap();
            assert_eq!(&bytes[..4], b"RIFF", "{path}");
            let said = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
            assert_eq!(said as usize + 8, bytes.len(), "{path}");
        }
    }

    let stamp = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    let before = stamp(&made.join("song.mix"));
    let again = run(dir.path(), &["new", "Night \u{00dc}berfahrt"]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("exists and is not empty"), "{}", again.err);
    assert_eq!(stamp(&made.join("song.mix")), before);

    fs::create_dir(dir.path().join("empty")).unwrap();
    assert_eq!(run(dir.path(), &["-C", "empty", "new", "."]).code, Some(2));
    assert_eq!(run(dir.path(), &["new", "empty"]).code, Some(0));
    fs::write(dir.path().join("file"), "kept").unwrap();
    let on_file = run(dir.path(), &["new", "file"]);
    assert!(on_file.code == Some(2) && on_file.err.contains("is no folder"), "{}", on_file.err);
    assert_eq!(fs::read_to_string(dir.path().join("file")).unwrap(), "kept");
    assert_eq!(run(dir.path(), &["-C", "empty", "new", "inner/deep"]).code, Some(0));
    assert!(dir.path().join("empty/inner/deep/song.mix").is_file());
    for name in ["..", "a/..", "/", "a:b", "CON", "end."] {
        let ran = run(dir.path(), &["new", name]);
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(ran.err.contains("cannot name a folder"), "{name}: {}", ran.err);
    }
}

#[test]
fn the_catalogue_is_data() {
    let dir = folder();
    let ran = run(dir.path(), &["effects", "--message-format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    for line in ran.out.lines() {
        let effect: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(effect["reason"], "effect");
        let params = effect["params"].as_array().unwrap();
        let last: Vec<&str> = params.iter().rev().take(4).rev().filter_map(|p| p["name"].as_str()).collect();
        assert_eq!(last, ["mix", "on", "channels", "output"]);
        let name = effect["name"].as_str().unwrap();
        let detail = run(dir.path(), &["effects", name]);
        assert!(params.iter().all(|p| detail.out.contains(p["name"].as_str().unwrap())), "{}", detail.out);
    }
    let listed = run(dir.path(), &["effects"]).out;
    assert_eq!(
        listed.lines().filter(|l| l.starts_with("  ") && !l.starts_with("   ")).count(),
        ran.out.lines().count()
    );
}

#[test]
fn the_targets_are_data() {
    let dir = folder();
    let ran = run(dir.path(), &["targets", "--message-format", "json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let all: Vec<serde_json::Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let names: Vec<&str> = all.iter().map(|t| t["name"].as_str().unwrap()).collect();
    let promised = "spotify apple-music youtube tidal amazon-music deezer soundcloud podcast radio cd vinyl premaster \
                    broadcast-eu broadcast-us netflix";
    assert_eq!(names.join(" "), promised);
    assert!(ran.out.starts_with(concat!(
        r#"{"reason":"target","schema":1,"name":"spotify","kind":"floor","loudness":-14,"peak":-1,"#,
        r#""peak_when_louder":-2,"rate":null,"bits":24,"format":"flac","source":""#
    )));
    let listed = run(dir.path(), &["targets"]).out;
    assert!(listed.lines().all(|l| l.chars().count() <= 100), "{listed}");
    for target in &all {
        let name = target["name"].as_str().unwrap();
        let row = listed.lines().find(|l| l.trim_start().starts_with(&format!("{name} ")));
        let row = row.unwrap_or_else(|| panic!("{name} is missing from\n{listed}"));
        let date = target["date"].as_str().unwrap();
        assert!(row.contains(date) && row.contains(target["format"].as_str().unwrap()), "{row}");
        let detail = run(dir.path(), &["targets", name]).out;
        assert!(detail.contains(target["source"].as_str().unwrap()) && detail.contains(date), "{detail}");
        assert!(detail.lines().all(|l| l.chars().count() <= 100), "{detail}");
        let one = run(dir.path(), &["targets", name, "--message-format", "json"]).out;
        assert_eq!(serde_json::from_str::<serde_json::Value>(&one).unwrap(), *target);
    }
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
    let files: Vec<serde_json::Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let files: Vec<_> = files.iter().filter(|o| o["reason"] == "artifact").collect();
    let (spotify, house) = (files[0], files[1]);
    assert_eq!(spotify["asked"], serde_json::json!({"integrated_lufs": null, "true_peak_dbtp": null}));
    assert_eq!(house["asked"], serde_json::json!({"integrated_lufs": -30, "true_peak_dbtp": -0.5}));
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let loudness = number(&house["measurement"]["integrated_lufs"]);
    assert_eq!(house["plays"]["service"], "The house");
    assert!((number(&house["plays"]["gain_db"]) - (-30.0 - loudness)).abs() < 1e-9, "{house}");
    assert!(!spotify["plays"].is_null());
}

#[test]
fn every_code_can_be_explained() {
    let dir = folder();
    let codes = run(dir.path(), &["explain"]).out;
    for line in codes.lines() {
        let code = line.split_whitespace().next().unwrap();
        assert!(mixdown::diag::CODES.iter().any(|e| e.code.to_string() == code));
    }
    assert_eq!(codes.lines().count(), mixdown::diag::CODES.len());
    for e in mixdown::diag::CODES.iter().take(1) {
        let ran = run(dir.path(), &["explain", &e.code.to_string().to_lowercase()]);
        assert!(ran.code == Some(0) && ran.out.contains(e.title), "{}", ran.err);
    }
}

/// `mixdown … | head -0`: nobody reads, nobody is told.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_accident() {
    let dir = folder();
    for args in [&["--help"][..], &["effects"], &["effects", "--message-format", "json"], &["check", "nope.mix"]] {
        let mut child = Process::new(env!("CARGO_BIN_EXE_mixdown"))
            .args(args)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(0 | 2)), "{args:?}: {code:?}");
    }
}

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
    let objects: Vec<serde_json::Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(objects.iter().filter(|o| o["reason"] == "artifact").count(), files.len());
    assert_eq!(objects.last().unwrap()["reason"], "summary");
    assert_eq!(objects.last().unwrap()["ok"], true);
    assert!(read("song/out") == read("again"), "the same script, the same bytes");

    let measured = run(dir.path(), &["measure", "song/out/master.wav", "--message-format", "json"]);
    let measured: serde_json::Value = serde_json::from_str(&measured.out).unwrap();
    let master = objects.iter().find(|o| o["kind"] == "master").unwrap();
    assert_eq!(measured["integrated_lufs"], master["measurement"]["integrated_lufs"]);
    assert!(master["measurement"]["true_peak_dbtp"].as_f64().unwrap() <= -0.95);
    // the reading by the letter is another figure in the same field, and the table says so
    let letter = run(dir.path(), &["measure", "song/out/master.wav", "--true-peak", "itu"]);
    assert!(letter.out.contains("true peak (ITU x4)"), "{}", letter.out);
    let json = ["measure", "song/out/master.wav", "--true-peak", "itu", "--message-format", "json"];
    let letter: serde_json::Value = serde_json::from_str(&run(dir.path(), &json).out).unwrap();
    let between = (letter["true_peak_dbtp"].as_f64(), measured["true_peak_dbtp"].as_f64());
    assert!(between.0 != between.1 && (between.0.unwrap() - between.1.unwrap()).abs() < 0.3, "{between:?}");
    assert_eq!(letter["integrated_lufs"], measured["integrated_lufs"]);
}

/// Ctrl-C ends a render soon, with 130, and leaves nothing that is half.
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
        ran.out
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
