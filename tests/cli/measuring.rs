//! Many files measured at once: what comes out is in the order of what was asked, whatever measures it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Ran, beats, folder, objects, run};

/// Twelve files, the first by far the longest, and among them some that cannot be read.
fn album(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for n in 0..12u32 {
        let name = format!("{}.wav", 20 - n);
        let seconds = if n == 0 { 20.0 } else { 0.3 + 0.1 * f64::from(n) };
        beats(&folder.join(&name), if n % 2 == 0 { 48_000 } else { 44_100 }, (1 + n % 2) as u16, seconds);
        names.push(name);
    }
    fs::write(folder.join("text.wav"), "no sound").unwrap();
    fs::write(folder.join("empty.flac"), "").unwrap();
    names.insert(3, "text.wav".into());
    names.insert(7, "nope.wav".into());
    names.insert(9, "empty.flac".into());
    names
}

fn measure(at: &Path, names: &[String], more: &[&str]) -> Ran {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    run(at, &[&["measure"], &names[..], more].concat())
}

#[test]
fn every_number_of_threads_says_the_same_in_the_same_order() {
    let dir = folder();
    let names = album(dir.path());
    for form in [&["--message-format", "json"][..], &["--csv"], &["--message-format", "short"], &[]] {
        let [one, two, eight] =
            ["1", "2", "8"].map(|threads| measure(dir.path(), &names, &[&["-j", threads], form].concat()));
        assert_eq!(one.code, Some(2));
        for other in [two, eight] {
            assert_eq!((&one.out, &one.err, one.code), (&other.out, &other.err, other.code), "{form:?}");
        }
    }
    let (_, told) =
        objects(dir.path(), &[&["measure"], &names.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    let order: Vec<&str> = told
        .iter()
        .map(|object| match object["reason"].as_str() {
            Some("measurement") => object["file"].as_str().unwrap(),
            _ => object["message"].as_str().unwrap().split('`').nth(1).unwrap(),
        })
        .collect();
    assert_eq!(order, names, "mistakes have their place in the order too");
}

#[test]
fn a_spreadsheet_has_what_the_objects_have() {
    let dir = folder();
    let mut names = album(dir.path());
    for strange in ["a, b.wav", "\"quoted\".wav", "two\nlines.wav"] {
        fs::copy(dir.path().join("20.wav"), dir.path().join(strange)).unwrap();
        names.push(strange.to_string());
    }
    let ran = measure(dir.path(), &names, &["--csv"]);
    assert!(ran.err.contains("text.wav") && ran.err.contains("3 errors"), "{}", ran.err);
    assert!(!ran.out.replace("\r\n", "").replace("two\nlines", "").contains('\n'), "lines end as RFC 4180 says");
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let told = measure(dir.path(), &names, &["--message-format", "json"]).out;
    let told: Vec<&str> = told.lines().filter(|line| line.starts_with("{\"reason\":\"measurement\"")).collect();
    assert_eq!((rows.len(), told.len()), (15, 15));
    for (row, line) in rows.iter().zip(told) {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(head.len() + 2, object.as_object().unwrap().len(), "reason and schema are no columns");
        for (name, value) in head.iter().zip(row) {
            // as it is written: reading a number could lose its last digit
            let written = match &object[name] {
                Value::Null => format!("\"{name}\":null{value}"),
                Value::String(_) => format!("\"{name}\":{}", Value::from(value)),
                Value::Array(_) => format!("\"{name}\":[{}]", value.replace(';', ",")),
                _ => format!("\"{name}\":{value},"),
            };
            assert!(line.contains(&written), "{written} is missing from {line}");
        }
    }
    for format in ["json", "github"] {
        let ran = run(dir.path(), &["measure", "20.wav", "--csv", "--message-format", format]);
        assert!(ran.code == Some(2) && ran.out.is_empty() && ran.err.contains("--csv"), "{format}: {}", ran.err);
    }
}

#[test]
fn of_a_folder_the_sounds_in_it_are_measured() {
    let dir = folder();
    let at = dir.path();
    fs::create_dir_all(at.join("album/inner.wav")).unwrap();
    for name in ["album/b.wav", "album/A.WAV", "album/inner.wav/c.wav", "album/.hidden.wav"] {
        beats(&at.join(name), 48_000, 1, 0.5);
    }
    fs::write(at.join("album/cover.png"), "no sound").unwrap();
    let (code, told) = objects(at, &["measure", "album/", "album/b.wav"]);
    let files: Vec<&str> = told.iter().map(|object| object["file"].as_str().unwrap()).collect();
    assert_eq!((code, &files[..]), (Some(0), &["album/A.WAV", "album/b.wav", "album/b.wav"][..]));
    // one that ends as sound does and is none is told of
    fs::write(at.join("album/text.flac"), "no sound").unwrap();
    let (code, told) = objects(at, &["measure", "album"]);
    assert_eq!((code, told.len()), (Some(1), 3));
    fs::create_dir(at.join("bare")).unwrap();
    let ran = run(at, &["measure", "bare", "album/b.wav"]);
    assert!(ran.code == Some(2) && ran.out.contains("album/b.wav"), "{}", ran.out);
    assert!(ran.err.contains("MX0501") && ran.err.contains("no audio lies in this folder"), "{}", ran.err);
}
