//! `mixdown watch` as its users meet it: every way to save, one build each; mistakes at once, with the last good files still there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than any build here takes.
const LONG: Duration = Duration::from_secs(30);
/// As long as a second answer to one save could be late.
const SHORT: Duration = Duration::from_millis(700);

fn mixdown(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mixdown"));
    command.current_dir(folder).args(args).env("MIXDOWN_CACHE_DIR", folder.join("remembered"));
    command
}

struct Watched {
    dir: tempfile::TempDir,
    child: Child,
    lines: Receiver<Value>,
}

impl Watched {
    /// Watches the project that `mixdown new` makes; its first build is over.
    fn new(args: &[&str]) -> Watched {
        Watched::of(&["demo/song.mix"], args)
    }

    /// The same for several scripts; all but the first are copies of it that write elsewhere.
    fn of(scripts: &[&str], args: &[&str]) -> Watched {
        let dir = tempfile::tempdir().unwrap();
        assert!(mixdown(dir.path(), &["new", "demo"]).output().unwrap().status.success());
        for other in &scripts[1..] {
            let text = fs::read_to_string(dir.path().join(scripts[0])).unwrap();
            let text = text.replace("stems();", "").replace("deliver(master", "// deliver(master");
            fs::write(dir.path().join(other), text.replace("\"mix.wav\"", "\"other.wav\"")).unwrap();
        }
        let mut command = mixdown(dir.path(), &["watch", "--message-format", "json"]);
        command.args(scripts);
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let watched = Watched { dir, child, lines };
        for script in scripts {
            assert!(watched.summary(LONG).unwrap()["ok"] == true, "{script}");
        }
        watched
    }

    fn script(&self) -> PathBuf {
        self.dir.path().join("demo/song.mix")
    }

    fn read(&self) -> String {
        fs::read_to_string(self.script()).unwrap()
    }

    /// The next build's summary.
    fn summary(&self, wait: Duration) -> Option<Value> {
        let end = Instant::now() + wait;
        loop {
            let object = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())).ok()?;
            if object["reason"] == "summary" {
                return Some(object);
            }
        }
    }

    /// Exactly one build answers.
    fn one(&self, what: &str) {
        let summary = self.summary(LONG).unwrap_or_else(|| panic!("{what}: no build"));
        assert!(summary["ok"] == true, "{what}: {summary}");
        assert!(self.summary(SHORT).is_none(), "{what}: a second build");
    }

    fn mix(&self) -> Vec<u8> {
        fs::read(self.dir.path().join("demo/out/mix.wav")).unwrap()
    }

    /// What a render without any past makes of the script as it is.
    fn cold(&self) -> Vec<u8> {
        let ran = mixdown(self.dir.path(), &["--no-cache", "render", "demo/song.mix", "-o", "cold"]).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        fs::read(self.dir.path().join("cold/mix.wav")).unwrap()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The script with another tempo.
fn other(text: &str, n: usize) -> String {
    let at = text.find("tempo: ").unwrap() + "tempo: ".len();
    let digits = text[at..].chars().take_while(char::is_ascii_digit).count();
    format!("{}{}{}", &text[..at], 100 + n % 60, &text[at + digits..])
}

type Style = (&'static str, fn(&Path, &str));

/// How editors and tools save.
const STYLES: &[Style] = &[
    ("written over", |path, text| fs::write(path, text).unwrap()),
    ("cut to nothing, then written", |path, text| {
        fs::write(path, "").unwrap();
        std::thread::sleep(Duration::from_millis(20));
        fs::write(path, text).unwrap();
    }),
    ("written beside and renamed", |path, text| {
        let beside = path.with_extension("mix~");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, path).unwrap();
    }),
    ("deleted and made again", |path, text| {
        fs::remove_file(path).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        fs::write(path, text).unwrap();
    }),
    ("gone for a moment", |path, text| {
        fs::remove_file(path).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        fs::write(path, text).unwrap();
    }),
    ("kept as a backup", |path, text| {
        fs::rename(path, path.with_extension("bak")).unwrap();
        fs::write(path, text).unwrap();
    }),
    ("checked out with others", |path, text| {
        for name in ["README.md", ".gitignore", "notes.txt"] {
            fs::write(path.with_file_name(name), text).unwrap();
        }
        fs::remove_file(path).unwrap();
        fs::write(path, text).unwrap();
        fs::write(path.with_file_name("after.txt"), text).unwrap();
    }),
];

fn save(times: usize) {
    let watched = Watched::new(&[]);
    let mut n = 0;
    for (what, style) in STYLES {
        for _ in 0..times {
            n += 1;
            style(&watched.script(), &other(&watched.read(), n));
            watched.one(what);
        }
    }
    assert!(watched.mix() == watched.cold());
}

#[test]
fn every_kind_of_save_is_one_build() {
    save(1);
}

#[test]
#[ignore = "three hundred saves take five minutes: `cargo test --release --test watch -- --ignored`"]
fn every_kind_of_save_is_one_build_fifty_times() {
    save(50);
}

#[test]
fn what_does_not_change_the_script_is_no_save() {
    let watched = Watched::new(&[]);
    fs::write(watched.script(), watched.read()).unwrap();
    fs::write(watched.dir.path().join("demo/.song.mix.swp"), "an editor's").unwrap();
    fs::write(watched.dir.path().join("demo/out/mix.wav"), "an output of ours").unwrap();
    assert!(watched.summary(Duration::from_secs(3)).is_none());
}

#[test]
fn a_mistake_is_told_and_the_last_files_stay() {
    let watched = Watched::new(&[]);
    let (good, text) = (watched.mix(), watched.read());
    fs::write(watched.script(), format!("{text}\ntrack(\"x\", \"nope.wav\").insert(compresor());")).unwrap();
    let mut codes = Vec::new();
    let summary = loop {
        let object = watched.lines.recv_timeout(LONG).unwrap();
        match object["reason"].as_str() {
            Some("diagnostic") => codes.push(object["code"].as_str().unwrap().to_string()),
            Some("summary") => break object,
            _ => {}
        }
    };
    assert!(summary["ok"] == false && codes == ["MX0501", "MX0104"], "{codes:?}");
    assert!(watched.mix() == good);
    // the file that was missing comes: that is a save too, and so is the module's
    fs::write(watched.script(), format!("import \"./later\" as later;\n{text}")).unwrap();
    assert!(watched.summary(LONG).unwrap()["ok"] == false);
    fs::write(watched.dir.path().join("demo/later.mix"), "fn nothing() {}\n").unwrap();
    assert!(watched.summary(LONG).unwrap()["ok"] == true);
}

#[test]
fn of_two_hundred_saves_the_last_is_what_is_rendered() {
    let watched = Watched::new(&[]);
    let text = watched.read();
    for n in 0..200 {
        fs::write(watched.script(), other(&text, n)).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    while watched.summary(Duration::from_secs(2)).is_some() {}
    assert!(watched.mix() == watched.cold());
}

#[test]
fn the_loop_comes_first_as_a_file_of_its_own() {
    let watched = Watched::new(&["--loop", "bar:2..bar:3"]);
    let preview = watched.dir.path().join("demo/out/preview.wav");
    let whole = fs::metadata(watched.dir.path().join("demo/out/mix.wav")).unwrap().len();
    let length = fs::metadata(&preview).unwrap().len();
    assert!(length > 1000 && length < whole / 2, "{length} of {whole}");
    fs::remove_file(&preview).unwrap();
    fs::write(watched.script(), other(&watched.read(), 33)).unwrap();
    watched.one("a save with a loop");
    assert!(preview.is_file());
}

#[cfg(unix)]
#[test]
fn scripts_are_built_one_after_another_and_none_is_forgotten() {
    let mut watched = Watched::of(&["demo/song.mix", "demo/other.mix"], &[]);
    assert!(watched.summary(SHORT).is_none(), "two scripts are two builds");
    let script = |name: &str| watched.dir.path().join("demo").join(name);
    let save = |name: &str, n: usize| {
        let text = fs::read_to_string(script(name)).unwrap();
        fs::write(script(name), other(&text, n)).unwrap();
    };
    save("other.mix", 7);
    watched.one("the second script saved");
    // the second while the first is being built: neither is lost
    for n in 0..5 {
        save("song.mix", 11 + n);
        std::thread::sleep(Duration::from_millis(90 + 30 * n as u64));
        save("other.mix", 21 + n);
        assert!(watched.summary(LONG).unwrap()["ok"] == true);
        watched.one("both saved");
        assert!(watched.mix() == watched.cold());
    }
    watched.child.kill().unwrap();
}

#[test]
fn it_ends_when_it_is_told_to() {
    let mut watched = Watched::new(&[]);
    let pid = watched.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let begun = Instant::now();
    assert_eq!(watched.child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(1));
}
