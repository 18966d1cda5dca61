//! One hostile script, and what must hold of the process that reads it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// Processor time of one process, for a machine that does [`work`] in [`WORK`]; a slower one has as much more. What the clock says is other programs' doing
/// too.
const SECONDS: f64 = 2.0;
/// Seconds.
const WORK: f64 = 0.03;
/// Who is not done by then waits for something, and is killed.
const PATIENCE: Duration = Duration::from_secs(10);
const MEBIBYTES: u64 = 256;
/// All that is said, even of a thousand mistakes.
const WORDS: usize = 4 << 20;

pub(crate) struct Case {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    args: Vec<String>,
    says: Vec<String>,
    codes: &'static [i32],
    mebibytes: u64,
    before: Option<fn(&Path)>,
    /// Folders below which files may appear.
    may_write: &'static [&'static str],
}

/// `mixdown check song.mix` with this text.
pub(crate) fn case(name: &str, text: impl Into<Vec<u8>>) -> Case {
    Case {
        name: name.to_string(),
        files: vec![("song.mix".to_string(), text.into())],
        args: vec!["check".into(), "song.mix".into()],
        says: Vec::new(),
        codes: &[1],
        mebibytes: MEBIBYTES,
        before: None,
        may_write: &[],
    }
}

impl Case {
    pub(crate) fn file(mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) -> Case {
        self.files.push((path.into(), text.into()));
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Case {
        self.args = args.iter().map(|a| a.to_string()).collect();
        self
    }

    /// A part of what is told.
    pub(crate) fn says(mut self, part: &str) -> Case {
        self.says.push(part.to_string());
        self
    }

    pub(crate) fn ends_with(mut self, codes: &'static [i32]) -> Case {
        self.codes = codes;
        self
    }

    pub(crate) fn within(mut self, mebibytes: u64) -> Case {
        self.mebibytes = mebibytes;
        self
    }

    /// Makes what is no plain file.
    pub(crate) fn before(mut self, make: fn(&Path)) -> Case {
        self.before = Some(make);
        self
    }

    pub(crate) fn may_write(mut self, below: &'static [&'static str]) -> Case {
        self.may_write = below;
        self
    }
}

/// What a process took.
struct Taken {
    seconds: f64,
    bytes: u64,
}

/// Everything below a folder: names, and what they are. Contents of what is small.
fn listing(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, before: &str, all: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().unwrap();
            let length = if kind.is_file() { entry.metadata().unwrap().len() } else { 0 };
            all.push(format!("{name} {length}"));
            if kind.is_dir() {
                walk(&entry.path(), &format!("{name}/"), all);
            }
        }
    }
    let mut all = Vec::new();
    walk(folder, "", &mut all);
    all.sort();
    all
}

fn drain(pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut pipe = pipe;
        let (mut bytes, mut part) = (Vec::new(), [0; 1 << 16]);
        while let Ok(length @ 1..) = pipe.read(&mut part) {
            // what is too much is not kept: this process's memory is where that of the next one begins
            if bytes.len() <= WORDS {
                bytes.extend_from_slice(&part[..length]);
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Runs it; what did not hold is told in words.
fn run(case: &Case) -> Result<Taken, String> {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("project");
    fs::create_dir(&folder).unwrap();
    // the project's folder for whoever looks upwards
    fs::write(folder.join("mixdown.toml"), "").unwrap();
    for (path, bytes) in &case.files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    if let Some(make) = case.before {
        make(&folder);
    }
    let before = listing(around.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_mixdown"));
    command.args(&case.args).arg("--no-cache").current_dir(&folder);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MIXDOWN_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let (out, err) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
    let id = child.id().to_string();
    let (done, ended) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if ended.recv_timeout(PATIENCE).is_err() {
            let _ = Command::new("kill").args(["-9", &id]).status();
        }
    });
    let used = child.wait4().unwrap();
    let _ = done.send(());
    watchdog.join().unwrap();
    let wall = started.elapsed();
    let told = out.join().unwrap() + &err.join().unwrap();
    let taken = Taken { seconds: (used.rusage.utime + used.rusage.stime).as_secs_f64(), bytes: used.rusage.maxrss };

    let mut wrong = Vec::new();
    match used.status.code() {
        None => wrong.push(format!("ended by a signal after {wall:?}: {}", used.status)),
        Some(code) if !case.codes.contains(&code) => wrong.push(format!("exit code {code}")),
        Some(_) => {}
    }
    if taken.seconds > allowed() || wall > PATIENCE {
        wrong.push(format!("took {:.2} s of processor time, {wall:?}", taken.seconds));
    }
    if taken.bytes >> 20 > case.mebibytes {
        wrong.push(format!("took {} MiB", taken.bytes >> 20));
    }
    if !case.codes.contains(&0) && !told.contains("MX0") {
        wrong.push("names no code".into());
    }
    for part in ["the reader itself failed", "panicked", "could not be run"] {
        if told.contains(part) {
            wrong.push(format!("says {part:?}"));
        }
    }
    if told.contains(['\0', '\x07', '\x1b', '\u{202e}', '\u{2066}']) {
        wrong.push("gives the terminal what it would obey".into());
    }
    for part in case.says.iter().filter(|part| !told.contains(part.as_str())) {
        wrong.push(format!("does not say {part:?}"));
    }
    if told.len() > WORDS {
        wrong.push(format!("says {} bytes", told.len()));
    }
    let may = |line: &String| case.may_write.iter().any(|below| line.starts_with(&format!("project/{below}")));
    let after: Vec<String> = listing(around.path()).into_iter().filter(|line| !may(line)).collect();
    let before: Vec<String> = before.into_iter().filter(|line| !may(line)).collect();
    if before != after {
        let new: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
        wrong.push(format!("the folder is not as it was: {new:?}, or something is gone"));
    }
    if wrong.is_empty() {
        return Ok(taken);
    }
    let short: String = told.chars().take(600).collect();
    Err(format!("{}: {}\n{short}\n", case.name, wrong.join("; ")))
}

/// What readers of texts do most: small pieces of memory, and looking for them.
fn work() -> usize {
    let name = |i: u64| format!("name {}", i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40);
    let names: BTreeMap<String, u64> = (0..50_000).map(|i| (name(i), i)).collect();
    (0..50_000).filter(|i| names.get(&name(*i)).is_some_and(|found| found % 3 == 0)).count()
}

/// Seconds that a process may take here.
fn allowed() -> f64 {
    static ALLOWED: OnceLock<f64> = OnceLock::new();
    *ALLOWED.get_or_init(|| {
        // the least of several: others want the processor too
        let takes = (0..9).map(|_| {
            let begun = Instant::now();
            assert!(std::hint::black_box(work()) > 0);
            begun.elapsed().as_secs_f64()
        });
        SECONDS * (takes.fold(f64::INFINITY, f64::min) / WORK).max(1.0)
    })
}

/// All of them; tells which took the most.
pub(crate) fn hold(group: &str, cases: Vec<Case>) {
    let mut wrong = Vec::new();
    let (mut slowest, mut largest) = ((0.0, ""), (0, ""));
    for case in &cases {
        match run(case) {
            Ok(taken) => {
                if std::env::var_os("MIXDOWN_HOSTILE_TABLE").is_some() {
                    println!("{group:9} {:5.2} s {:4} MiB  {}", taken.seconds, taken.bytes >> 20, case.name);
                }
                if taken.seconds > slowest.0 {
                    slowest = (taken.seconds, &case.name);
                }
                if taken.bytes > largest.0 {
                    largest = (taken.bytes, &case.name);
                }
            }
            Err(what) => wrong.push(what),
        }
    }
    println!(
        "{group}: {} scripts; slowest {:.2} s of {:.2} ({}), most memory {} MiB ({})",
        cases.len(),
        slowest.0,
        allowed(),
        slowest.1,
        largest.0 >> 20,
        largest.1
    );
    assert!(wrong.is_empty(), "{} of {} scripts:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
