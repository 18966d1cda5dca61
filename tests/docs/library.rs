//! The standard library: what stands above a function is what the manual says of it, and its lines run.

use mixdown::script::stdlib::{MODULES, TARGETS};

use crate::blocks::told;

/// A function and the comment above it.
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) params: Vec<&'a str>,
    /// What it does, in sentences.
    pub(crate) about: String,
    /// Each parameter and what it is.
    pub(crate) said: Vec<(&'a str, &'a str)>,
    /// Lines that call it, for a reader and for the test.
    pub(crate) usage: Vec<&'a str>,
    pub(crate) tests: Vec<&'a str>,
}

pub(crate) struct Module<'a> {
    pub(crate) name: &'a str,
    pub(crate) about: &'a str,
    /// The name it is imported under.
    pub(crate) alias: &'a str,
    pub(crate) import: &'a str,
    pub(crate) functions: Vec<Function<'a>>,
}

fn comment(line: &str) -> Option<&str> {
    line.strip_prefix("//").map(|rest| rest.strip_prefix(' ').unwrap_or(rest))
}

/// Lines of script in a comment.
fn usage<'a>(comment: &[&'a str]) -> Vec<&'a str> {
    let script = comment.iter().filter_map(|line| line.strip_prefix("    "));
    script.filter(|line| line.starts_with(char::is_alphabetic)).collect()
}

fn function<'a>(comment: &[&'a str], head: &'a str) -> Function<'a> {
    let (name, rest) = head.split_once('(').unwrap();
    let params: Vec<&str> = rest.split_once(')').unwrap().0.split(", ").filter(|p| !p.is_empty()).collect();
    let about: Vec<&str> = comment.iter().copied().take_while(|line| !line.is_empty()).collect();
    let said = comment.iter().filter_map(|line| line.split_once(' ')).filter(|(word, _)| params.contains(word));
    Function {
        name,
        about: about.join(" "),
        said: said.map(|(word, rest)| (word, rest.trim())).collect(),
        usage: usage(comment),
        tests: comment.iter().filter_map(|line| line.strip_prefix("test: ")).collect(),
        params,
    }
}

pub(crate) fn modules() -> Vec<Module<'static>> {
    let module = |(name, text): &(&'static str, &'static str)| {
        let lines: Vec<&str> = text.lines().collect();
        let head: Vec<&str> = lines.iter().map_while(|line| comment(line)).collect();
        let about = head[0].strip_prefix(&format!("{name}: ")).unwrap_or_else(|| panic!("{name} begins otherwise"));
        let import = usage(&head)[0];
        let alias = import.trim_end_matches(';').rsplit(' ').next().unwrap();
        let mut functions = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let Some(head) = line.strip_prefix("fn ") else { continue };
            let above = lines[..index].iter().rev().take_while(|line| line.starts_with("//")).count();
            let comment: Vec<&str> = lines[index - above..index].iter().filter_map(|line| comment(line)).collect();
            functions.push(function(&comment, head));
        }
        Module { name, about, alias, import, functions }
    };
    MODULES.iter().map(module).collect()
}

/// What usage lines speak of.
const STRIPS: [&str; 3] = ["vox", "drums", "kick"];

#[test]
fn every_function_says_what_it_does_and_its_lines_run() {
    for module in modules() {
        assert!(!module.functions.is_empty(), "{}", module.name);
        for function in &module.functions {
            let place = format!("{}::{}", module.name, function.name);
            let names: Vec<&str> = function.said.iter().map(|said| said.0).collect();
            assert_eq!(names, function.params, "{place}: one line for each parameter, in their order");
            assert!(function.about.ends_with('.'), "{place}: {}", function.about);
            assert!(!function.usage.is_empty() && !function.tests.is_empty(), "{place}: a usage line and a test line");
            for line in function.usage.iter().chain(&function.tests) {
                assert!(line.contains(&format!("{}::{}(", module.alias, function.name)), "{place}: {line}");
                let strips: String =
                    STRIPS.iter().map(|name| format!("let {name} = track(\"{name}\", \"{name}.wav\");\n")).collect();
                let script = format!("{}\n{strips}{};\n", module.import, line.trim_end_matches(';'));
                let all = told(&script, &[]);
                // a return that nothing is sent to yet
                let wrong: Vec<_> = all.iter().filter(|(code, _)| code != "MX0701").collect();
                assert!(wrong.is_empty(), "{place}: {line}: {wrong:?}");
            }
        }
    }
}

#[test]
fn the_lines_above_the_targets_run() {
    let head: Vec<&str> = TARGETS.lines().map_while(comment).collect();
    let lines = usage(&head);
    assert!(lines.len() >= 3, "{lines:?}");
    let script = format!("song(\"Night Drive\");\ntrack(\"vox\", \"vox.wav\");\n{}", lines.join("\n"));
    assert_eq!(told(&script, &[]), []);
}
