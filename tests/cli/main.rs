//! The program as people and programs meet it: the real binary, its exit codes, what it says and where.

mod dates;
mod deliveries;
mod expecting;
mod formatting;
mod mastering;
mod measuring;
mod rendering;
mod sameness;
mod settings;

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use mixdown::audio::math;
use serde_json::Value;
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

/// The same, with every line of its stdout as JSON.
fn objects(folder: &Path, args: &[&str]) -> (Option<i32>, Vec<Value>) {
    let ran = finish(mixdown(folder).args(args).args(["--message-format", "json"]));
    (ran.code, ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect())
}

fn of<'a>(objects: &'a [Value], reason: &str) -> Vec<&'a Value> {
    objects.iter().filter(|o| o["reason"] == reason).collect()
}

/// All files below `folder`, hidden ones too, in order.
fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, before: &str, all: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            // the runs' own cache is no work of theirs
            if name == "remembered" {
                continue;
            }
            if entry.path().is_dir() { walk(&entry.path(), &format!("{name}/"), all) } else { all.push(name) }
        }
    }
    let mut all = Vec::new();
    walk(folder, "", &mut all);
    all.sort();
    all
}

/// Writes beats of a chord with noise in them, 24 bits, at about -20 LUFS.
fn beats(path: &Path, rate: u32, channels: u16, seconds: f64) {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 24, sample_format: hound::SampleFormat::Int };
    let mut file = hound::WavWriter::create(path, spec).unwrap();
    let mut noise = 1u32;
    for n in 0..(seconds * f64::from(rate)).round() as u32 {
        let t = f64::from(n) / f64::from(rate);
        let beat = 0.3 + 0.7 * math::exp(-(t % 0.5) * 9.0);
        for channel in 0..channels {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = f64::from(noise >> 8) / f64::from(1 << 23) - 1.0;
            let tone = |hz: f64| math::sin(std::f64::consts::TAU * hz * t + f64::from(channel));
            let x = 0.3 * beat * (tone(110.0) + 0.5 * tone(440.0) + 0.3 * hiss);
            file.write_sample((x * 8_388_607.0) as i32).unwrap();
        }
    }
    file.finalize().unwrap();
}

/// The samples of a WAV, interleaved.
fn samples(path: &Path) -> (hound::WavSpec, Vec<i32>) {
    let mut file = hound::WavReader::open(path).unwrap();
    (file.spec(), file.samples::<i32>().map(Result::unwrap).collect())
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
    assert_eq!(
        verbs,
        [
            "new", "check", "fmt", "render", "watch", "master", "plan", "measure", "effects", "targets", "explain",
            "cache"
        ]
    );
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
    for verb in ["check", "fmt", "render", "plan"] {
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
    let objects: Vec<Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
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
        let effect: Value = serde_json::from_str(line).unwrap();
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
    let all: Vec<Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
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
        assert_eq!(serde_json::from_str::<Value>(&one).unwrap(), *target);
    }
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
