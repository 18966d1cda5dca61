//! What pages tell to type: the verbs and options are there.

use std::collections::BTreeSet;
use std::process::Command;

use crate::{blocks, pages, root, text};

fn help(arguments: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_mixdown")).args(arguments).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// What `mixdown --help` lists.
fn verbs() -> BTreeSet<String> {
    let help = help(&[]).unwrap();
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    let names =
        rest.lines().take_while(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_string).collect()
}

/// What is wrong with a line, if it calls this program at all.
fn trouble(line: &str) -> Option<String> {
    let typed = line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("mixdown "))?;
    let words: Vec<&str> = typed.split_whitespace().take_while(|word| *word != "#").collect();
    let Some(help) = help(&words[..1]) else { return Some(format!("there is no verb `{}`", words[0])) };
    let options: BTreeSet<&str> =
        help.split(|c: char| c.is_whitespace() || "[]<>=,".contains(c)).filter(|word| word.starts_with('-')).collect();
    let unknown = words
        .iter()
        .map(|word| word.split('=').next().unwrap_or(word))
        .find(|word| word.starts_with('-') && !options.contains(word));
    unknown.map(|word| format!("`{}` has no `{word}`", words[0]))
}

#[test]
fn every_line_for_a_console_can_be_typed() {
    let mut calls = 0;
    for page in pages() {
        for line in blocks::console(&text(&page)) {
            calls += 1;
            assert_eq!(trouble(&line), None, "{}: {line}", page.display());
        }
    }
    assert!(calls > 5);
    assert_eq!(trouble("mixdown render song.mix --form x").as_deref(), Some("`render` has no `--form`"));
    assert_eq!(trouble("mixdown rendr song.mix").as_deref(), Some("there is no verb `rendr`"));
}

#[test]
fn the_readme_tells_of_every_verb() {
    let readme = text(&root().join("README.md"));
    let (_, rest) = readme.split_once("## The verbs\n").unwrap();
    let rows = rest.lines().take_while(|line| !line.starts_with("## "));
    let told: BTreeSet<String> =
        rows.filter_map(|row| row.strip_prefix("| `mixdown ")?.split([' ', '`']).next()).map(str::to_string).collect();
    assert_eq!(told, verbs());
}
