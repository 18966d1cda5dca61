//! `mixdown fmt`: files in place, what would change, a stream, and scripts that cannot be formatted.

use std::fs;

use serde_json::json;

use super::{files, finish, folder, mixdown, objects, of, run};

const MESSY: &str = "song( \"x\" );stems( )\n";
const CLEAN: &str = "song(\"x\");\nstems()\n";

#[test]
fn files_are_formatted_in_place_and_only_if_they_change() {
    let dir = folder();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("messy.mix"), MESSY).unwrap();
    fs::write(path("clean.mix"), CLEAN).unwrap();
    let before = fs::metadata(path("clean.mix")).unwrap().modified().unwrap();

    let ran = run(dir.path(), &["fmt", "messy.mix", "clean.mix"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", "formatted messy.mix\n"));
    assert_eq!(fs::read_to_string(path("messy.mix")).unwrap(), CLEAN);
    assert_eq!(fs::metadata(path("clean.mix")).unwrap().modified().unwrap(), before);
    assert_eq!(files(dir.path()), ["clean.mix", "messy.mix"]);

    let ran = run(dir.path(), &["fmt", "messy.mix", "clean.mix"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
}

#[test]
fn check_lists_and_diff_shows_and_neither_writes() {
    let dir = folder();
    fs::write(dir.path().join("messy.mix"), MESSY).unwrap();
    fs::write(dir.path().join("clean.mix"), CLEAN).unwrap();

    let ran = run(dir.path(), &["fmt", "--check", "messy.mix", "clean.mix"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(1), "messy.mix\n", ""));
    let ran = run(dir.path(), &["fmt", "--diff", "messy.mix", "clean.mix"]);
    let diff = "--- messy.mix\n+++ messy.mix\n@@ -1 +1,2 @@\n-song( \"x\" );stems( )\n+song(\"x\");\n+stems()\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(1), diff, ""));
    assert_eq!(fs::read_to_string(dir.path().join("messy.mix")).unwrap(), MESSY);
    for option in ["--check", "--diff"] {
        let ran = run(dir.path(), &["fmt", option, "clean.mix"]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    }
}

#[test]
fn a_stream_is_formatted_too() {
    let dir = folder();
    let ran = finish(mixdown(dir.path()).args(["fmt", "-"]).write_stdin(MESSY));
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), CLEAN, ""));
    let ran = finish(mixdown(dir.path()).args(["fmt", "-", "--check"]).write_stdin(MESSY));
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "<stdin>\n"));
    assert_eq!(files(dir.path()), Vec::<String>::new());
}

#[test]
fn what_has_no_end_is_told_and_left_and_the_others_are_formatted() {
    let dir = folder();
    let broken = "song(\"x\";\nstems();";
    fs::write(dir.path().join("broken.mix"), broken).unwrap();
    fs::write(dir.path().join("messy.mix"), MESSY).unwrap();
    let ran = run(dir.path(), &["fmt", "broken.mix", "messy.mix", "--message-format", "short"]);
    let told = "broken.mix:1:6: error MX0101: `)` is missing\n\
                broken.mix:1:6: note: expected `)` after this\n\
                broken.mix:1:5: note: opened here\n\
                broken.mix was left as it is\nformatted messy.mix\n1 error\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(1), "", told));
    assert_eq!(fs::read_to_string(dir.path().join("broken.mix")).unwrap(), broken);
    assert_eq!(fs::read_to_string(dir.path().join("messy.mix")).unwrap(), CLEAN);

    let human = run(dir.path(), &["fmt", "broken.mix"]);
    assert!(human.err.contains("`)` is missing") && human.err.contains("broken.mix:1:6"), "{}", human.err);
    let github = run(dir.path(), &["fmt", "broken.mix", "--message-format", "github"]);
    assert!(github.out.starts_with("::error file=broken.mix,line=1,col=6,title=MX0101::"), "{}", github.out);
}

#[test]
fn a_missing_script_is_told_and_2_and_the_others_are_formatted() {
    let dir = folder();
    fs::write(dir.path().join("messy.mix"), MESSY).unwrap();
    fs::write(dir.path().join("latin.mix"), b"// \xe4\n").unwrap();
    let ran = run(dir.path(), &["fmt", "nope.mix", "messy.mix"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("the script nope.mix is not there"), "{}", ran.err);
    assert_eq!(fs::read_to_string(dir.path().join("messy.mix")).unwrap(), CLEAN);
    let ran = run(dir.path(), &["fmt", "latin.mix"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("not text in UTF-8"), "{}", ran.err);
}

#[test]
fn programs_get_an_object_per_file() {
    let dir = folder();
    fs::write(dir.path().join("messy.mix"), MESSY).unwrap();
    fs::write(dir.path().join("clean.mix"), CLEAN).unwrap();
    fs::write(dir.path().join("broken.mix"), "(").unwrap();
    let (code, all) = objects(dir.path(), &["fmt", "--check", "messy.mix", "clean.mix"]);
    let object =
        |file: &str, changed: bool| json!({"reason": "formatted", "schema": 1, "file": file, "changed": changed});
    assert_eq!((code, all), (Some(1), vec![object("messy.mix", true), object("clean.mix", false)]));
    let (_, all) = objects(dir.path(), &["fmt", "--diff", "messy.mix"]);
    assert!(all[0]["diff"].as_str().unwrap().contains("+stems()\n"));
    let (code, all) = objects(dir.path(), &["fmt", "broken.mix", "messy.mix"]);
    assert_eq!((code, of(&all, "diagnostic").len(), of(&all, "formatted").len()), (Some(1), 1, 1));
    assert_eq!(of(&all, "diagnostic")[0]["labels"][0]["byte_start"], 0);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let dir = folder();
    fs::write(dir.path().join("real.mix"), MESSY).unwrap();
    std::os::unix::fs::symlink("real.mix", dir.path().join("link.mix")).unwrap();
    assert_eq!(run(dir.path(), &["fmt", "link.mix"]).code, Some(0));
    assert!(fs::symlink_metadata(dir.path().join("link.mix")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(dir.path().join("real.mix")).unwrap(), CLEAN);
}
