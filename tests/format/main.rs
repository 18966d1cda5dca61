//! How scripts are laid out: the style by cases (`cases.md`), and what holds for every script, however it is written.

#[path = "../fakes/mod.rs"]
mod fakes;
mod scrambled;
mod soup;

use std::fs;
use std::path::{Path, PathBuf};

use mixdown::format::format;
use mixdown::script::{self, Reading};
use mixdown::world::Memory;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All scripts that come with the source.
fn shipped() -> Vec<PathBuf> {
    let mix = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|e| e.unwrap().path());
        entries.filter(|p| p.extension().is_some_and(|e| e == "mix")).collect::<Vec<_>>()
    };
    let songs = fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path().join("song.mix"));
    let mut all: Vec<PathBuf> = songs.collect();
    all.extend(["stdlib", "src/cli/template", "tests/suite"].into_iter().flat_map(mix));
    all.sort();
    assert!(all.len() > 8);
    all
}

/// The blocks of a kind in a Markdown file, with the titles above them.
fn blocks(text: &str, kind: &str) -> Vec<(String, String)> {
    let sections = text.split("\n## ").skip(1);
    let found = sections.filter_map(|section| {
        let (_, rest) = section.split_once(&format!("```{kind}\n"))?;
        Some((section.lines().next()?.to_string(), rest.split("```\n").next()?.to_string()))
    });
    found.collect()
}

fn read(text: &str) -> Reading {
    let world = Memory::new();
    world.put("song.mix", text);
    script::read(&world, Path::new("song.mix"))
}

fn messages(reading: &Reading) -> Vec<String> {
    let mut all: Vec<String> = reading.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    // in reading order, which two mistakes on one line may change
    all.sort();
    all
}

/// The text formatted, which must be what its formatted text is, and say the same; one that does not parse says nothing that could be compared.
fn kept(text: &str, read: impl Fn(&str) -> Reading) -> String {
    let formatted = format(text).unwrap_or_else(|p| panic!("{p:?}\n{text}"));
    assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "formatted again it is another, of\n{text}");
    let (before, after) = (read(text), read(&formatted));
    if before.diagnostics.iter().any(|d| d.code == mixdown::diag::Code::SYNTAX) {
        return formatted;
    }
    assert_eq!(messages(&before), messages(&after), "{text}---\n{formatted}");
    assert!(before.session == after.session, "another session:\n{text}---\n{formatted}");
    formatted
}

#[test]
fn cases() {
    let text = include_str!("cases.md");
    let (written, formatted) = (blocks(text, "mix"), blocks(text, "formatted"));
    assert!(written.len() > 20 && written.len() == formatted.len());
    let mut wrong = String::new();
    for ((title, script), (_, expected)) in written.iter().zip(&formatted) {
        for text in [script, expected, &script.replace('\n', "\r\n")] {
            let actual = format(text).unwrap_or_else(|p| format!("{p:?}\n"));
            if actual != *expected {
                wrong += &format!("## {title}\n{text}--- expected\n{expected}--- formatted\n{actual}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_ends_of_a_text() {
    for (text, expected) in [
        ("", ""),
        ("\n \n", ""),
        ("stems()", "stems()\n"),
        ("\u{feff}stems();\r\n\r\n", "stems();\n"),
        ("// only this", "// only this\n"),
        ("\n\n// a \t\n\n\n// b\n\n", "// a\n\n// b\n"),
    ] {
        assert_eq!(format(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn what_has_no_end_is_refused() {
    for (text, message, place) in [
        ("track(\"kick\"", "`(` is never closed", "("),
        ("let a = [1, 2;\nstems();", "`[` is never closed", "["),
        ("f(a]", "`(` is closed by `]` instead of `)`", "]"),
        ("}", "`}` closes nothing", "}"),
        ("a(\"b);\nc(\"d\");", "this string does not end on its line", "\""),
        ("a(`b ${c} );", "this string does not end", "`"),
        ("a(`b ${c );", "this interpolation does not end", "${"),
        ("a(); /* /* */", "this comment does not end", "/*"),
        ("a = 'b;", "this character does not end", "'"),
    ] {
        let problem = format(text).unwrap_err();
        assert_eq!((problem.message.as_str(), &text[problem.span]), (message, place), "{text}");
    }
    let deep = ["(".repeat(10_000), ")".repeat(10_000)].concat();
    assert!(format(&deep).is_err());
    for deep in ["!", "-", "|x| ", "if ", "x.y().", "a = ", "switch x { 1 => "] {
        let _ = format(&deep.repeat(10_000));
    }
}

#[test]
fn shipped_scripts_are_formatted_and_say_the_same() {
    for path in shipped() {
        let text = fs::read_to_string(&path).unwrap();
        let formatted = kept(&text, read);
        assert!(text == formatted, "{}: `mixdown fmt` it", path.display());
        let long: Vec<&str> = text.lines().filter(|l| l.chars().count() > 100 && !l.contains(['/', '"'])).collect();
        assert!(long.is_empty(), "{}: {long:?}", path.display());
    }
}

#[test]
fn the_scripts_of_the_suite_say_the_same() {
    for path in fs::read_dir(root().join("tests/suite")).unwrap().map(|e| e.unwrap().path()) {
        if path.extension().is_some_and(|e| e == "md") {
            for (title, script) in blocks(&fs::read_to_string(&path).unwrap(), "mix") {
                if format(&script).is_err() {
                    assert!(!fakes::told(&fakes::read_text(&script)).is_empty(), "{title} is refused");
                    continue;
                }
                kept(&script, fakes::read_text);
            }
        }
    }
}

#[test]
fn trailing_commas_are_where_rhai_takes_them() {
    for text in ["f(1,);", "let a = [1, 2,];", "let a = #{ a: 1, };", "let a = switch 1 { 1 => 2, _ => 3, };"] {
        let text = format!("fn f(a) {{ a }} {text}");
        assert_eq!(messages(&read(&text)), Vec::<String>::new(), "{text}");
    }
}

/// The style is quick: a long song in a few milliseconds.
#[test]
fn a_long_script_takes_no_time() {
    let song = include_str!("../../examples/night-bus/song.mix");
    let text = song.repeat(500 / song.lines().count() + 1);
    let clock = std::time::Instant::now();
    let rounds = 20;
    for _ in 0..rounds {
        format(&text).unwrap();
    }
    let spent = clock.elapsed() / rounds;
    // some 2 ms where nothing else runs
    assert!(spent.as_millis() < 50, "{spent:?}");
    println!("{} lines: {spent:?}", text.lines().count());
}
