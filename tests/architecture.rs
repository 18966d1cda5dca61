//! The house rules as code: who may import whom, one crate one door, small rooms, no dead files. The picture is in `src/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mixdown::diag::CODES;

/// What of effects may be seen without running them.
const DECLARED: &[&str] = &[
    "dsp::catalogue",
    "dsp::curve",
    "dsp::Arg",
    "dsp::Args",
    "dsp::COMMON",
    "dsp::Category",
    "dsp::Declaration",
    "dsp::Effect",
    "dsp::Kind",
    "dsp::Number",
    "dsp::Param",
    "dsp::Refused",
    "dsp::Setup",
    "dsp::Shape",
    "dsp::Tail",
];

/// A part of the house and what it may import, as beginnings of paths below `crate::`; `DECLARED` stands for that list. The longest
/// matching part counts. Every part may import itself.
const FLOORS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("memory", &[]),
    ("audio", &["units"]),
    ("diag", &[]),
    ("world", &["units"]),
    ("dsp", &["units", "audio"]),
    ("analysis", &["dsp", "units", "audio"]),
    ("media", &["units", "audio", "world", "dsp"]),
    ("session", &["units", "diag", "audio", "DECLARED"]),
    ("format", &["units"]),
    ("script", &["session", "units", "diag", "world", "audio", "memory", "DECLARED"]),
    ("graph", &["session", "dsp", "analysis", "units", "audio", "diag"]),
    ("engine", &["graph", "dsp", "analysis", "media", "world", "audio", "units"]),
    ("report", &["session", "analysis", "units", "audio", "DECLARED"]),
    (
        "project",
        &["units", "audio", "diag", "world", "dsp", "analysis", "media", "session", "script", "graph", "engine"],
    ),
    ("watch", &["project", "world", "units", "diag", "report"]),
    ("cli", &["project", "world", "units", "diag", "report", "watch", "format"]),
    // makes sounds, so it needs what sounds are made of
    ("cli/template", &["audio"]),
    ("lib", &["cli"]),
    ("main", &[]),
];

/// External crates and the parts that may use them. Every dependency is listed, so that a new one is a decision.
const DOORS: &[(&str, &[&str])] = &[
    ("blake3", &["world", "media", "graph", "engine", "project"]),
    ("bytemuck", &["engine"]),
    ("clap", &["cli"]),
    ("comfy_table", &["report"]),
    ("csv", &["report"]),
    ("ctrlc", &["cli"]),
    ("dasp_sample", &["media"]),
    ("hound", &["media"]),
    ("indicatif", &["cli"]),
    ("libm", &["dsp", "audio", "units"]),
    ("jiff", &["cli"]),
    ("md_5", &["media"]),
    ("md5", &["media"]),
    ("miette", &["cli"]),
    ("mixdown", &["main"]),
    ("num_complex", &["dsp", "audio", "units"]),
    ("num_rational", &["units"]),
    ("notify", &["watch"]),
    ("postcard", &["graph", "project"]),
    ("rayon", &["engine"]),
    ("rhai", &["script"]),
    ("ropus", &["media"]),
    ("rustix", &["cli"]),
    ("serde", &["units", "audio", "diag", "dsp", "analysis", "session", "graph", "project", "report", "cli"]),
    ("serde_json", &["graph", "engine", "report", "cli"]),
    ("signal_hook", &["cli"]),
    ("similar", &["cli"]),
    ("strsim", &["diag"]),
    ("symphonia", &["media"]),
    ("unicode_normalization", &["project"]),
    ("xxhash_rust", &["world", "media"]),
];

/// Functions whose bits depend on the platform: `.clippy.toml` must ban each, for f32 and f64.
const BANNED: &[&str] = &[
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sin_cos", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "cbrt", "hypot", "mul_add",
];

const MOST_LINES: usize = 400;

/// A source file: its path below `src`, and its code without comments, strings and test modules.
struct Room {
    path: PathBuf,
    text: String,
    code: String,
}

impl Room {
    /// `cli/template` for `cli/template/sounds.rs`, `cli` for `cli/stop.rs`, `main` for `main.rs`.
    fn part(&self) -> &'static str {
        let path = self.path.with_extension("").to_string_lossy().into_owned();
        let fits = |part: &str| path == part || path.strip_prefix(part).is_some_and(|rest| rest.starts_with('/'));
        let parts = FLOORS.iter().map(|(part, _)| *part).filter(|part| fits(part));
        parts.max_by_key(|part| part.len()).unwrap_or_else(|| panic!("{path} is on no floor: add it to FLOORS"))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rooms() -> Vec<Room> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let src = root().join("src");
    let mut paths = Vec::new();
    walk(&src, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        // a file of tests is declared under `cfg(test)`, see `declares_tests`
        let code = if is_tests(&path) { String::new() } else { without_tests(&plain_code(&text)) };
        Room { path: path.strip_prefix(&src).unwrap().to_path_buf(), text, code }
    };
    paths.into_iter().map(read).collect()
}

/// `tests.rs`: the tests of a module that are long enough for a file of their own.
fn is_tests(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests")
}

/// Whether a room declares a file beside or below it as its tests.
fn declares_tests(room: &Room) -> bool {
    let lines: Vec<&str> = room.text.lines().map(str::trim).collect();
    lines.windows(2).any(|w| w == ["#[cfg(test)]", "mod tests;"])
}

/// Comments and the insides of strings and chars become nothing; line breaks stay.
fn plain_code(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let (mut code, mut i) = (String::new(), 0);
    let at = |i: usize| bytes.get(i).copied().unwrap_or('\0');
    while i < bytes.len() {
        let word_before = i > 0 && (at(i - 1).is_alphanumeric() || at(i - 1) == '_');
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < bytes.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                while i < bytes.len() && !(at(i) == '*' && at(i + 1) == '/') {
                    i += 1;
                }
                i += 2;
            }
            'r' if !word_before && (at(i + 1) == '"' || at(i + 1) == '#' && matches!(at(i + 2), '"' | '#')) => {
                let hashes = (i + 1..).take_while(|j| at(*j) == '#').count();
                i += 2 + hashes;
                let closes = |i: usize| at(i) == '"' && (1..=hashes).all(|h| at(i + h) == '#');
                while i < bytes.len() && !closes(i) {
                    i += 1;
                }
                i += 1 + hashes;
                code.push_str("\"\"");
            }
            '"' => {
                i += 1;
                while i < bytes.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
                code.push_str("\"\"");
            }
            // a char, not a lifetime
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                while i < bytes.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
                code.push_str("' '");
            }
            c => {
                code.push(c);
                i += 1;
            }
        }
    }
    code
}

/// Tests may look anywhere.
fn without_tests(code: &str) -> String {
    let mut rest = code.to_string();
    while let Some(start) = rest.find("#[cfg(test)]") {
        let from = rest[start..].find(['{', ';']).map_or(rest.len(), |i| start + i);
        let mut depth = 0;
        let end = rest[from..].char_indices().find_map(|(i, c)| {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            (depth == 0).then_some(from + i + c.len_utf8())
        });
        rest.replace_range(start..end.unwrap_or(rest.len()), "");
    }
    rest
}

/// All paths below `crate::`, braces of `use` spread out.
fn inner_paths(code: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let alone = !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if alone {
            spread("", &code[start + "crate::".len()..], &mut paths);
        }
    }
    paths
}

/// Reads one path or one tree at the beginning of `text`; gives what is left.
fn spread<'a>(before: &str, text: &'a str, paths: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let left = spread(before, rest, paths);
            // `as name`, or something that is no path: on to the next one
            rest = left.find([',', '}']).map_or("", |i| &left[i..]);
            if rest.is_empty() {
                return rest;
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let path = if before.is_empty() { text[..end].to_string() } else { format!("{before}::{}", &text[..end]) };
    match text[end..].strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => spread(&path, rest, paths),
        _ => {
            paths.insert(path);
            &text[end..]
        }
    }
}

/// The first words of paths that are crates of `names`.
fn outer_crates<'a>(code: &str, names: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let uses = |name: &str| {
        code.match_indices(name).any(|(i, _)| {
            let (before, after) = (&code[..i], &code[i + name.len()..]);
            let begins = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && (!before.ends_with(':') || before.ends_with(" ::"));
            let imported = before.trim_end().ends_with("use") && after.starts_with([';', ' ']);
            begins && (after.starts_with("::") || imported)
        })
    };
    names.iter().copied().filter(|name| uses(name)).collect()
}

fn allowed(part: &str, path: &str) -> bool {
    let own = part.split('/').next().unwrap_or(part);
    let begins = |rule: &str| path == rule || path.strip_prefix(rule).is_some_and(|rest| rest.starts_with("::"));
    let rules = FLOORS.iter().filter(|(p, _)| *p == part).flat_map(|(_, rules)| rules.iter());
    begins(own)
        || rules.clone().any(|rule| begins(rule))
        || rules.clone().any(|rule| *rule == "DECLARED") && DECLARED.iter().any(|rule| begins(rule))
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for room in rooms() {
        let part = room.part();
        for path in inner_paths(&room.code) {
            if !allowed(part, &path) {
                wrong.push(format!("{}: crate::{path}", room.path.display()));
            }
        }
        if room.code.contains("super::super") {
            wrong.push(format!("{}: super::super (say crate::…)", room.path.display()));
        }
    }
    assert!(wrong.is_empty(), "not allowed by FLOORS:\n{}", wrong.join("\n"));
}

#[test]
fn one_crate_has_one_door() {
    let names: BTreeSet<&str> = DOORS.iter().map(|(name, _)| *name).collect();
    let mut wrong = Vec::new();
    for room in rooms() {
        let floor = room.part().split('/').next().unwrap_or_default();
        for name in outer_crates(&room.code, &names) {
            let (_, doors) = DOORS.iter().find(|(n, _)| *n == name).unwrap();
            if !doors.contains(&floor) {
                wrong.push(format!("{}: {name}", room.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed by DOORS:\n{}", wrong.join("\n"));

    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest.split("\n[").find_map(|s| s.strip_prefix("dependencies]")).unwrap();
    let keys = section.lines().filter_map(|l| l.split_once('=')).map(|(key, _)| key.trim().replace('-', "_"));
    let unlisted: Vec<String> = keys.filter(|key| !names.contains(key.as_str())).collect();
    assert!(unlisted.is_empty(), "dependencies without a door: {unlisted:?}");
}

#[test]
fn rooms_are_small_and_none_is_dead() {
    let rooms = rooms();
    let by_path: BTreeMap<&Path, &Room> = rooms.iter().map(|r| (r.path.as_path(), r)).collect();
    let mut wrong = Vec::new();
    for room in &rooms {
        let lines = room.text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{}: {lines} lines, more than {MOST_LINES}", room.path.display()));
        }
        let name = room.path.file_stem().unwrap().to_string_lossy();
        let folder = room.path.parent().unwrap();
        let (module, declared_in) = match &*name {
            "lib" | "main" if folder == Path::new("") => continue,
            "mod" => (folder.file_name().unwrap().to_string_lossy(), folder.parent().unwrap()),
            _ => (name.clone(), folder),
        };
        let beside = declared_in.with_extension("rs");
        let parent = if declared_in == Path::new("") { PathBuf::from("lib.rs") } else { declared_in.join("mod.rs") };
        let parent = by_path.get(parent.as_path()).or_else(|| by_path.get(beside.as_path()));
        let declares = |room: &&Room| plain_code(&room.text).contains(&format!("mod {module};"));
        if is_tests(&room.path) {
            if !parent.is_some_and(|parent| declares_tests(parent)) {
                wrong.push(format!("{}: declared nowhere under cfg(test)", room.path.display()));
            }
        } else if !parent.is_some_and(declares) {
            wrong.push(format!("{}: declared nowhere", room.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let main = &by_path[Path::new("main.rs")].text;
    assert!(main.lines().count() < 20, "main.rs is the door, not a room");
}

#[test]
fn the_platforms_maths_stays_banned() {
    let clippy = fs::read_to_string(root().join(".clippy.toml")).unwrap();
    for name in BANNED {
        for float in ["f32", "f64"] {
            assert!(clippy.contains(&format!("{{ path = \"{float}::{name}\",")), "{float}::{name} is not banned");
        }
    }
    for room in rooms() {
        let lifted = room.code.contains("disallowed_methods");
        assert!(!lifted, "{} lifts the ban", room.path.display());
    }
}

#[test]
fn every_code_is_explained() {
    let text = fs::read_to_string(root().join("src/diag/codes.rs")).unwrap();
    let declared: Vec<u16> = text
        .lines()
        .filter_map(|l| l.trim().strip_prefix("pub const ")?.split_once(": Code = Code(")?.1.strip_suffix(");"))
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(declared.len() > 40, "the codes are not found in codes.rs");
    let unique: BTreeSet<u16> = declared.iter().copied().collect();
    assert_eq!(unique.len(), declared.len(), "a code is used twice");
    let explained: Vec<u16> = CODES.iter().map(|e| e.code.0).collect();
    assert!(explained.is_sorted_by(|a, b| a < b), "CODES ascend, each once");
    let missing: Vec<&u16> = unique.iter().filter(|c| !explained.contains(c)).collect();
    assert!(missing.is_empty(), "codes without an explanation: {missing:?}");
    assert_eq!(explained.len(), unique.len(), "an explanation of a code that is not declared");
    for e in CODES {
        assert!(!e.title.is_empty() && !e.cause.is_empty(), "{} says nothing", e.code);
    }
}

/// The reader itself: a test that cannot see a breach is worth nothing.
#[test]
fn the_reader_sees_what_it_must() {
    let code = plain_code(
        "use crate::{dsp::{Kind, curve::Wave as W}, units}; // crate::cli\nlet s = \"crate::report\"; /* crate::x */\n\
         let c = '\"'; crate::media::open(r#\"crate::y\"#); fn f<'a>(x: &'a crate::world::World) {}\n\
         #[cfg(test)]\nmod tests { use crate::engine::Run; mod a { } }\nuse rhai; fn g() { ::clap::x(); a::miette::b(); rayon::join(); }",
    );
    let code = without_tests(&code);
    let paths: Vec<String> = inner_paths(&code).into_iter().collect();
    assert_eq!(paths, ["dsp::Kind", "dsp::curve::Wave", "media::open", "units", "world::World"]);
    let names = BTreeSet::from(["rhai", "clap", "miette", "rayon"]);
    assert_eq!(outer_crates(&code, &names), BTreeSet::from(["rhai", "clap", "rayon"]));
    assert!(allowed("cli/template", "audio::math::sin") && !allowed("cli", "audio::math::sin"));
    assert!(allowed("session", "dsp::curve::Wave") && !allowed("session", "dsp::Processor"));
    assert!(!allowed("units", "dsp") && allowed("units", "units::Hz"));
}
