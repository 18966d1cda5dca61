//! A fix is certain: applied, its mistake is gone and no other is there.

use std::fs;

use serde_json::Value;

use super::cases::{cases, manual};
use super::fakes::{read_text, told};
use super::mixdown;

/// Every diagnostic of a folder's song, as objects.
fn check(folder: &std::path::Path) -> Vec<Value> {
    let output = mixdown(folder).args(["check", "song.mix", "--message-format", "json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let all = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    all.filter(|o| o["reason"] == "diagnostic").collect()
}

/// What is left of `before` when each of `after` has taken its like away, and what of `after` has no like.
fn apart(before: &[String], after: &[String]) -> (usize, Vec<String>) {
    let mut left: Vec<&String> = before.iter().collect();
    let mut new = Vec::new();
    for one in after {
        match left.iter().position(|b| *b == one) {
            Some(i) => drop(left.remove(i)),
            None => new.push(one.clone()),
        }
    }
    (left.len(), new)
}

#[test]
fn every_fix_of_the_manual_takes_its_mistake_away() {
    let (mut wrong, mut count) = (String::new(), 0);
    for file in manual() {
        for case in cases(&fs::read_to_string(&file).unwrap()) {
            if case.typed != "mixdown check song.mix" {
                continue;
            }
            let dir = case.folder();
            let before = check(dir.path());
            let name = |o: &Value| format!("{} {}", o["code"].as_str().unwrap(), o["message"].as_str().unwrap());
            let names: Vec<String> = before.iter().map(name).collect();
            for (index, told) in before.iter().enumerate().filter(|(_, o)| o["fix"].is_object()) {
                let fix = &told["fix"];
                let path = dir.path().join(fix["file"].as_str().unwrap());
                let text = fs::read_to_string(&path).unwrap();
                let at = |key: &str| fix[key].as_u64().unwrap() as usize;
                let mut fixed = text.clone();
                fixed.replace_range(at("byte_start")..at("byte_end"), fix["text"].as_str().unwrap());
                fs::write(&path, &fixed).unwrap();
                let after: Vec<String> = check(dir.path()).iter().map(name).collect();
                fs::write(&path, text).unwrap();
                count += 1;
                let (gone, new) = apart(&names, &after);
                if gone != 1 || !new.is_empty() {
                    wrong += &format!("{}: {} gives {new:?}\n{fixed}\n", case.title, names[index]);
                }
            }
        }
    }
    assert!(count > 40, "{count} fixes");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Where the suite has two mistakes in one place: with the first gone the second is seen.
const UNMASK: &[(&str, &str)] = &[
    ("Words as names of arguments", "`compressor` has no parameter `in`"),
    ("Functions take as many values", "`f` has no parameter `bb`"),
    ("What is asked of a delivery", "there is no unit `MHz`"),
    ("Delivery targets", "`kind` of `target` is never"),
    ("Imports", "there is no module \"vocal\""),
    ("One mistake has no children", "no function is called `buss`"),
];

#[test]
fn every_fix_of_the_suite_takes_its_mistake_away() {
    let suite = include_str!("../suite/mistakes.md");
    let (mut wrong, mut count) = (String::new(), 0);
    for case in suite.split("\n## ").skip(1) {
        let Some((_, rest)) = case.split_once("```mix\n") else { continue };
        let script = rest.split("```\n").next().unwrap();
        let reading = read_text(script);
        // places move with the fix: only what is said is compared
        let said = |text: &str| -> Vec<String> {
            let words = |line: String| {
                let (code, rest) = line.split_once(' ').map(|(c, r)| (c.to_string(), r.to_string())).unwrap();
                format!("{code} {}", rest.split_once(' ').map_or("", |r| r.1))
            };
            told(&read_text(text)).into_iter().map(words).collect()
        };
        let before = said(script);
        for diagnostic in reading.diagnostics.iter() {
            let Some((span, text)) = diagnostic.edit(&reading.sources) else { continue };
            let mut fixed = script.to_string();
            fixed.replace_range(span.start as usize..span.end as usize, &text);
            count += 1;
            let (gone, new) = apart(&before, &said(&fixed));
            // lists of names in a help may change; that there is one mistake less is what counts
            let (fewer, more) = (before.len(), said(&fixed).len());
            let title = case.lines().next().unwrap();
            let known = |(t, m): &(&str, &str)| title.starts_with(t) && diagnostic.message.starts_with(m);
            if gone == 0 || more >= fewer && !UNMASK.iter().any(known) {
                wrong += &format!("{title}: {} gives {new:?}\n{fixed}\n", diagnostic.message);
            }
        }
    }
    assert!(count > 20, "{count} fixes");
    assert!(wrong.is_empty(), "{wrong}");
}
