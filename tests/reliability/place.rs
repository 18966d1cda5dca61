//! A folder with a session in it, and what must hold of its files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use mixdown::audio::rng::Seed;
use tempfile::TempDir;

/// Everything that is written: stems, a mix in both formats, and masters that are solved, in a folder of their own; all of it is kept.
const SONG: &str = r#"song("x", rate: 48kHz);
let plate = bus("plate").insert(reverb(kind: "plate", decay: 0.3s));
track("a", "a.wav").insert(eq(bell(1kHz, 2dB)), compressor(threshold: -24dB)).send(plate, -12dB);
track("b", "b.wav").gain(-3dB).pan(20%);
mix.insert(eq(low_cut(@Hz)));
master.insert(limiter(ceiling: -1dBTP));
stems();
deliver(mix, "mix.wav", bits: 16);
deliver(mix, "mix.flac");
deliver(master, "masters/loud.wav", loudness: -14LUFS, peak: -1dBTP, max_reduction: 24dB);
deliver(master, "masters/soft.flac", loudness: -16LUFS, peak: -2dBTP, max_reduction: 24dB, rate: 44.1kHz, bits: 16);
"#;

/// Names below a folder and their bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) struct Place {
    dir: TempDir,
}

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    /// Both streams, without the line breaks and rulers of messages.
    pub(crate) told: String,
}

impl Place {
    /// With two tracks and the song numbered 0.
    pub(crate) fn new() -> Place {
        let place = Place { dir: tempfile::tempdir().unwrap() };
        place.sound("a.wav", 1, 60_000);
        place.sound("b.wav", 2, 50_000);
        place.song(0);
        place
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A stereo WAV of noise.
    pub(crate) fn sound(&self, name: &str, seed: u64, frames: usize) {
        fs::write(self.at(name), noise(seed, frames)).unwrap();
    }

    /// Writes the song, another one for every number.
    pub(crate) fn song(&self, number: usize) {
        self.script(&SONG.replace('@', &(20 + number).to_string()));
    }

    pub(crate) fn script(&self, text: &str) {
        fs::write(self.at("song.mix"), text).unwrap();
    }

    /// `program` in this folder, with none of the caller's settings and a cache of the folder's own.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).env("MIXDOWN_CACHE_DIR", self.at("cache"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("MIXDOWN_") && name != "MIXDOWN_CACHE_DIR" {
                command.env_remove(&name);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    pub(crate) fn mixdown(&self, args: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_mixdown"));
        command.args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(&mut self.mixdown(args))
    }

    /// The same, and it went well.
    pub(crate) fn render(&self, args: &[&str]) {
        let ran = self.run(&[&["render", "song.mix", "-q"], args].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.told);
    }

    /// What a render from nothing makes of the song as it is.
    pub(crate) fn reference(&self) -> Files {
        let _ = fs::remove_dir_all(self.at("reference"));
        self.render(&["--no-cache", "-o", "reference"]);
        self.files("reference")
    }

    /// All files below a folder, hidden ones too.
    pub(crate) fn files(&self, folder: &str) -> Files {
        fn walk(folder: &Path, before: &str, all: &mut Files) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = format!("{before}{}", entry.file_name().to_string_lossy());
                match entry.path().is_dir() {
                    true => walk(&entry.path(), &format!("{name}/"), all),
                    // who is there may be gone in the next moment
                    false => all.extend(fs::read(entry.path()).ok().map(|bytes| (name, bytes))),
                }
            }
        }
        let mut all = Files::new();
        walk(&self.at(folder), "", &mut all);
        all
    }

    /// Puts these there instead of what is.
    pub(crate) fn put(&self, folder: &str, files: &Files) {
        let _ = fs::remove_dir_all(self.at(folder));
        for (name, bytes) in files {
            let path = self.at(folder).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Parts in a folder and below it.
    pub(crate) fn parts(&self, folder: &str) -> Vec<String> {
        self.files(folder).into_keys().filter(|name| is_part(name)).collect()
    }

    /// That every object in the cache is what was put there.
    pub(crate) fn cache_is_sound(&self, when: &str) {
        let ran = self.run(&["cache", "verify", "--message-format", "json"]);
        assert!(ran.code == Some(0) && ran.told.contains("\"damaged\":0"), "{when}: {}", ran.told);
    }

    /// That a run on what is there makes `new`, and leaves nothing else.
    pub(crate) fn recovers(&self, new: &Files, when: &str) {
        self.render(&["-o", "out"]);
        self.is(new, "out", when);
        assert_eq!(self.parts("cache"), Vec::<String>::new(), "{when}: left in the cache");
    }

    /// That a folder holds these files and no other.
    pub(crate) fn is(&self, files: &Files, folder: &str, when: &str) {
        let there = self.files(folder);
        let names = |files: &Files| files.keys().cloned().collect::<BTreeSet<String>>();
        assert_eq!(names(&there), names(files), "{when}");
        for (name, bytes) in files {
            assert!(there[name] == *bytes, "{when}: {name} is another");
        }
    }

    /// That every file in `out` is wholly one of these. `leftovers`: parts may lie there too.
    pub(crate) fn whole(&self, any: &[&Files], leftovers: bool, when: &str) {
        for (name, bytes) in self.files("out") {
            let known = any.iter().any(|files| files.get(&name).is_some_and(|whole| *whole == bytes));
            assert!(
                known || leftovers && is_part(&name),
                "{when}: {name}, {} bytes, is neither old nor new",
                bytes.len()
            );
        }
        // nor is one gone that was in all
        let there = self.files("out");
        for name in any[0].keys() {
            assert!(there.contains_key(name), "{when}: {name} is gone");
        }
    }
}

pub(crate) fn is_part(name: &str) -> bool {
    name.ends_with(".mixdown-part")
}

/// A stereo WAV, 16 bits.
pub(crate) fn noise(seed: u64, frames: usize) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    let seed = Seed::new(seed);
    for n in 0..frames as i64 * 2 {
        writer.write_sample((seed.bipolar(n) * 9_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

pub(crate) fn finish(command: &mut Command) -> Ran {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let told = told.split(|c: char| c.is_whitespace() || c == '│').filter(|word| !word.is_empty()).collect::<Vec<_>>();
    Ran { code: output.status.code(), signal: output.status.signal(), told: told.join(" ") }
}

pub(crate) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([name, &process.to_string()]).stderr(Stdio::null()).status();
    // who has ended in between does not hear it
    let _ = sent.unwrap();
}

/// Stopped as it should be: told so, or by the signal itself before anybody listened, which a shell tells alike.
pub(crate) fn stopped(status: ExitStatus) -> bool {
    status.code() == Some(130) || matches!(status.signal(), Some(2 | 15))
}

/// Why a test cannot be tried here is told, once, and it ends.
pub(crate) fn skip(why: &str) {
    println!("skipped: {why}");
}

/// Whether this user is the one that nothing is denied.
pub(crate) fn root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}
