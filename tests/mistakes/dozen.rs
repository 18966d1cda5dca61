//! A script of some thirty lines with a mistake on nearly every one: all are told, at their lines, in every form.

use std::fs;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use super::{bytes_of, mixdown};

const SCRIPT: &str = include_str!("dozen.mix");

/// Every mistake of the script: its line, and its code.
const EXPECTED: &[(usize, &str)] = &[
    (2, "MX0108"),
    (4, "MX0105"),
    (7, "MX0104"),
    (9, "MX0101"),
    (11, "MX0501"),
    (11, "MX0102"),
    (12, "MX0306"),
    (12, "MX0202"),
    (14, "MX0105"),
    (15, "MX0301"),
    (17, "MX0101"),
    (17, "MX0203"),
    (18, "MX0101"),
    (19, "MX0110"),
    (20, "MX0201"),
    (20, "MX0101"),
    (22, "MX0401"),
    (24, "MX0304"),
    (26, "MX0105"),
    (28, "MX0207"),
];

fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("audio")).unwrap();
    for name in ["kick", "snare", "bass", "vox", "double"] {
        let path = format!("audio/{name}.wav");
        fs::write(dir.path().join(&path), bytes_of(&path, "").unwrap()).unwrap();
    }
    fs::write(dir.path().join("song.mix"), SCRIPT).unwrap();
    dir
}

/// Standard output and error of a check in a form.
fn told(format: &str, narrated: bool) -> (String, String) {
    let dir = folder();
    let mut command = mixdown(dir.path());
    if narrated {
        command.env("NO_GRAPHICS", "1");
    }
    let Output { status, stdout, stderr } =
        command.args(["check", "song.mix", "--message-format", format]).output().unwrap();
    assert_eq!(status.code(), Some(1), "{format}");
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The number that stands at the beginning of a text.
fn number(text: &str) -> usize {
    text[..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())].parse().unwrap()
}

/// Line and code of every mistake, by the code's line and the first place after it.
fn drawn(text: &str, code: &str, place: &str) -> Vec<(usize, String)> {
    let blocks = text.split(code).skip(1);
    let read = |block: &str| {
        let (_, at) = block.split_once(place).unwrap_or_else(|| panic!("no place in {block}"));
        (number(at), block[..6].to_string())
    };
    blocks.map(read).collect()
}

#[test]
fn every_mistake_is_told_at_its_line_in_every_form() {
    let expected: Vec<(usize, String)> = EXPECTED.iter().map(|(l, c)| (*l, c.to_string())).collect();
    let (out, err) = told("human", false);
    let human = drawn(&err, "error ", "[song.mix:");
    assert_eq!((human.as_slice(), out.as_str()), (expected.as_slice(), ""), "{err}");
    assert!(expected.len() >= 12);

    let (out, err) = told("human", true);
    assert_eq!(out, "");
    // told in words the code comes last: the mistakes are counted, and every line is there
    let codes: Vec<&str> = err.split("diagnostic code: ").skip(1).map(|b| &b[..6]).collect();
    assert_eq!(codes, expected.iter().map(|e| e.1.as_str()).collect::<Vec<_>>(), "{err}");
    let blocks: Vec<&str> = err.split("diagnostic code: ").collect();
    for (block, (line, _)) in blocks.iter().zip(&expected) {
        let said =
            ["starting at line ", "line ", "label at line "].iter().any(|w| block.contains(&format!("{w}{line}")));
        assert!(said, "line {line} is not told in\n{block}");
    }

    let (out, err) = told("short", false);
    assert_eq!(out, "");
    let heads = err.lines().filter_map(|l| {
        let (place, rest) = l.strip_prefix("song.mix:")?.split_once(": error ")?;
        Some((number(place), rest[..6].to_string()))
    });
    assert_eq!(heads.collect::<Vec<_>>(), expected, "{err}");

    let (out, _) = told("json", false);
    let objects: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let lines = objects.iter().filter(|o| o["reason"] == "diagnostic").map(|o| {
        assert_eq!(o["severity"], "error");
        let primary = o["labels"].as_array().unwrap().iter().find(|l| l["primary"] == true).unwrap();
        // the bytes are those of the line
        let start = primary["byte_start"].as_u64().unwrap() as usize;
        let line = primary["line"].as_u64().unwrap() as usize;
        assert_eq!(SCRIPT[..start].matches('\n').count() + 1, line);
        (line, o["code"].as_str().unwrap().to_string())
    });
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{out}");

    let (out, err) = told("github", false);
    let commands = out.lines().filter_map(|l| {
        let (_, rest) = l.strip_prefix("::error ")?.split_once("file=song.mix,line=")?;
        let code = rest.split_once("title=")?.1;
        Some((number(rest), code[..6].to_string()))
    });
    assert_eq!(commands.collect::<Vec<_>>(), expected, "{out}{err}");
}
