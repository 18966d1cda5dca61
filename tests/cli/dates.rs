//! Dates in headers come from the environment, and only where a header is asked to say one.

use std::fs;

use super::{beats, finish, folder, mixdown};

const SONG: &str = "track(\"a\", \"a.wav\");\ndeliver(mix, \"plain.wav\");\ndeliver(mix, \"air.wav\", bext: true);\n";

#[test]
fn source_date_epoch_is_honoured_and_checked() {
    let folder = folder();
    fs::write(folder.path().join("song.mix"), SONG).unwrap();
    beats(&folder.path().join("a.wav"), 48_000, 1, 1.0);
    let with = |epoch: &str, args: &[&str]| finish(mixdown(folder.path()).args(args).env("SOURCE_DATE_EPOCH", epoch));
    let file = |name: &str| fs::read(folder.path().join("out").join(name)).unwrap();
    let render = ["render", "song.mix"];
    assert_eq!(with("", &render).code, Some(0));
    let (plain, air) = (file("plain.wav"), file("air.wav"));
    let date = |bytes: &[u8]| bytes[20 + 320..20 + 338].to_vec();
    assert_eq!((&air[12..16], date(&air)), (&b"bext"[..], vec![0; 18]));
    // another day makes another file, of that one alone
    let ran = with("1778594405", &render);
    assert_eq!((ran.code, date(&file("air.wav"))), (Some(0), b"2026-05-1214:00:05".to_vec()), "{}", ran.err);
    assert!(file("plain.wav") == plain);
    assert_eq!(with("", &render).code, Some(0));
    assert!(file("air.wav") == air);
    let ran = with("yesterday", &render);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("SOURCE_DATE_EPOCH is `yesterday`"), "{}", ran.err);
    assert_eq!(with("yesterday", &["check", "song.mix"]).code, Some(0));
}
