//! A case: a heading, some words, scripts, and under them what is told of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mixdown::diag::CODES;
use tempfile::TempDir;

use super::{bytes_of, mixdown};

pub(crate) struct Case {
    pub(crate) title: String,
    /// Its text as it stands in the file.
    pub(crate) whole: String,
    /// The scripts by their paths, the main one first.
    pub(crate) scripts: Vec<(String, String)>,
    /// What is typed; `mixdown check song.mix` unless the case says otherwise.
    pub(crate) typed: String,
    pub(crate) told: String,
    files: BTreeMap<String, String>,
}

pub(crate) fn manual() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mistakes");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.retain(|f| f.extension().is_some_and(|e| e == "md"));
    files
}

pub(crate) fn cases(text: &str) -> Vec<Case> {
    text.split("\n## ").skip(1).map(case).collect()
}

fn case(whole: &str) -> Case {
    let title = whole.lines().next().unwrap_or_default().to_string();
    let mut case = Case {
        title: title.clone(),
        whole: whole.to_string(),
        scripts: Vec::new(),
        typed: "mixdown check song.mix".into(),
        told: String::new(),
        files: BTreeMap::new(),
    };
    let mut rest = whole;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (kind, body) = after.split_once('\n').unwrap_or_else(|| panic!("{title}: a fence without an end"));
        let (body, behind) = match body.strip_prefix("```\n") {
            Some(behind) => ("", behind),
            None => body.split_once("\n```").unwrap_or_else(|| panic!("{title}: a fence without an end")),
        };
        match kind {
            "mix" => case.scripts.insert(0, ("song.mix".into(), format!("{body}\n"))),
            "text" => case.told = body.to_string(),
            "console" => case.typed = body.to_string(),
            other => {
                let path = other.strip_prefix("mix ").unwrap_or_else(|| panic!("{title}: ```{other}?"));
                case.scripts.push((path.to_string(), format!("{body}\n")));
            }
        }
        rest = behind;
    }
    for (_, text) in &case.scripts {
        // what stands in quotes and lies in `audio/` is there
        for name in text.split(['"', '`']).filter(|t| t.starts_with("audio/") && t.len() > 6 && !t.contains('\n')) {
            case.files.insert(name.to_string(), String::new());
        }
    }
    if let Some((_, said)) = whole.split_once("<!-- files: ") {
        for one in said.split_once(" -->").unwrap().0.split("; ") {
            let (name, words) = one.split_once(": ").unwrap_or((one, ""));
            case.files.insert(name.to_string(), words.to_string());
        }
    }
    case
}

impl Case {
    /// A folder with everything that the case speaks of.
    pub(crate) fn folder(&self) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        for (name, words) in &self.files {
            if let Some(bytes) = bytes_of(name, words).filter(|_| !name.contains("${")) {
                put(name, &bytes);
            }
        }
        for (path, text) in &self.scripts {
            put(path, text.as_bytes());
        }
        dir
    }

    /// What the program tells of it.
    fn tell(&self) -> String {
        let dir = self.folder();
        let mut words = Vec::new();
        let mut quoted = false;
        for c in self.typed.chars() {
            match c {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => {
                    if words.is_empty() {
                        words.push(String::new());
                    }
                    words.last_mut().unwrap().push(c);
                }
            }
        }
        assert_eq!(words[0], "mixdown", "{}", self.title);
        let output = mixdown(dir.path()).args(&words[1..]).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        // the path of the folder is nobody's business
        let text = text.replace(&format!("{}/", dir.path().display()), "");
        // how far a render is, and how long it took
        let told = |l: &&str| {
            let progress = ["rendering ", "measuring "].iter().any(|w| l.starts_with(w)) || l.ends_with(" %");
            !progress && !l.contains(" of sound in ")
        };
        let lines: Vec<&str> = text.lines().filter(told).map(str::trim_end).collect();
        lines.join("\n").trim_matches('\n').to_string()
    }
}

#[test]
fn the_manual_shows_what_is_drawn() {
    let bless = std::env::var_os("MIXDOWN_BLESS").is_some();
    let (mut wrong, mut count) = (String::new(), 0);
    for file in manual() {
        let text = fs::read_to_string(&file).unwrap();
        let mut blessed = text.clone();
        for case in cases(&text) {
            count += 1;
            let told = case.tell();
            if told == case.told {
                continue;
            }
            let name = file.file_name().unwrap().to_string_lossy();
            wrong += &format!("--- {name}: {}\n{}", case.title, difference(&case.told, &told));
            let shown = match case.whole.split_once("\n```text\n") {
                Some((before, after)) => {
                    let behind = after.split_once("```").map_or("", |a| a.1);
                    format!("{before}\n```text\n{told}\n```{behind}")
                }
                None => format!("{}\n\n```text\n{told}\n```\n", case.whole.trim_end()),
            };
            blessed = blessed.replacen(&case.whole, &shown, 1);
        }
        if bless && blessed != text {
            fs::write(&file, blessed).unwrap();
        }
    }
    assert!(count > 60, "{count} cases");
    assert!(bless || wrong.is_empty(), "what is shown, and what is drawn:\n{wrong}");
}

/// The lines that are not the same, `-` for what was expected and `+` for what is.
fn difference(expected: &str, actual: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let behind = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    a[..same].iter().for_each(|l| text += &format!("  {l}\n"));
    a[same..a.len() - behind].iter().for_each(|l| text += &format!("- {l}\n"));
    b[same..b.len() - behind].iter().for_each(|l| text += &format!("+ {l}\n"));
    a[a.len() - behind..].iter().for_each(|l| text += &format!("  {l}\n"));
    text
}

/// What only a render or a broken machine can show, and the test that shows it.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("MX0405", "tests/readings/faults.rs", "MX0405"),
    ("MX0505", "tests/mistakes/denied.rs", "FILE_DENIED"),
    ("MX0506", "tests/faults.rs", "MX0506"),
    ("MX0508", "tests/faults.rs", "MX0508"),
];

#[test]
fn every_code_is_in_the_manual() {
    let all: String = manual().iter().map(|f| fs::read_to_string(f).unwrap()).collect();
    for e in CODES {
        let code = e.code.to_string();
        let drawn = ["error", "warning"].iter().any(|word| all.contains(&format!("{word} {code}\n")));
        let elsewhere = ELSEWHERE.iter().find(|(c, ..)| *c == code);
        assert!(drawn || elsewhere.is_some(), "{code} ({}) is in no case of docs/mistakes", e.title);
        assert!(!(drawn && elsewhere.is_some()), "{code} is in the manual: take it out of ELSEWHERE");
        if let Some((_, file, word)) = elsewhere {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            assert!(text.contains(word), "{code}: {file} does not speak of {word}");
        }
    }
}
