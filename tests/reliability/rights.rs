//! What may not be written: told before anything is rendered, and left as it is.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::place::{Place, Ran, finish, root, skip};

const PLAIN: &str = "track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\"); deliver(mix, \"below/y.wav\");";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

/// Runs as somebody to whom rights are denied; `None` where nobody can be made that.
fn as_nobody(place: &Place, args: &[&str]) -> Option<Ran> {
    if !root() {
        return Some(place.run(args));
    }
    let binary = env!("CARGO_BIN_EXE_mixdown");
    let nobody = |command: &mut Command| {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", binary]);
    };
    let mut command = place.program("setpriv");
    nobody(&mut command);
    if !command.arg("--version").status().is_ok_and(|status| status.success()) {
        return None;
    }
    let mut command = place.program("setpriv");
    nobody(&mut command);
    Some(finish(command.args(args)))
}

/// Its folder can be entered by everybody, as those of tests cannot.
fn open_place() -> Place {
    let place = Place::new();
    place.script(PLAIN);
    mode(&place.at(""), 0o755);
    place
}

#[test]
fn a_folder_that_may_not_be_written_is_told_of_before_anything_is_rendered() {
    let place = open_place();
    fs::create_dir_all(place.at("out/below")).unwrap();
    fs::write(place.at("out/old.wav"), "old").unwrap();
    mode(&place.at("out/below"), 0o555);
    mode(&place.at("out"), 0o555);
    let Some(ran) = as_nobody(&place, &["render", "song.mix", "--message-format", "json"]) else {
        return skip("no other user can be had here");
    };
    mode(&place.at("out"), 0o755);
    mode(&place.at("out/below"), 0o755);
    assert_eq!(ran.code, Some(2), "{}", ran.told);
    assert!(ran.told.contains("MX0508") && ran.told.contains("permission denied"), "{}", ran.told);
    assert!(ran.told.contains("`out/x.wav`") && ran.told.contains("`out/below/y.wav`"), "all at once: {}", ran.told);
    assert!(ran.told.contains("-o DIR") && !ran.told.contains("\"progress\""), "{}", ran.told);
    assert_eq!(place.files("out").len(), 1);
    assert_eq!(fs::read(place.at("out/old.wav")).unwrap(), b"old");
}

#[test]
fn a_folder_that_cannot_be_made_is_told_of_before_anything_is_rendered() {
    let place = open_place();
    fs::write(place.at("file"), "kept").unwrap();
    for (out, told) in [("file", "a file is in the way"), ("file/x", "a file is in the way"), ("/proc/x", "`/proc/x/")]
    {
        let ran = place.run(&["render", "song.mix", "-o", out, "--message-format", "json"]);
        assert!(ran.code == Some(2) && ran.told.contains("MX0508") && ran.told.contains(told), "{out}: {}", ran.told);
        assert!(!ran.told.contains("\"progress\""), "{out}: {}", ran.told);
    }
    fs::create_dir_all(place.at("out/x.wav")).unwrap();
    let ran = place.run(&["render", "song.mix", "--message-format", "json"]);
    assert!(ran.told.contains("a folder of this name is in the way"), "{}", ran.told);
    assert!(ran.code == Some(2) && !ran.told.contains("\"progress\""), "{}", ran.told);
    assert!(!place.at("out/below/y.wav").exists());
}

/// The system would let its folder's owner replace it. Who marks a master wants it kept.
#[test]
fn a_file_that_is_marked_read_only_stays() {
    let place = open_place();
    fs::create_dir(place.at("out")).unwrap();
    fs::write(place.at("out/x.wav"), "kept").unwrap();
    mode(&place.at("out/x.wav"), 0o444);
    let ran = place.run(&["render", "song.mix", "--message-format", "json"]);
    assert!(ran.code == Some(2) && ran.told.contains("`out/x.wav`"), "{}", ran.told);
    assert!(ran.told.contains("it is marked read-only") && !ran.told.contains("\"progress\""), "{}", ran.told);
    assert_eq!(fs::read(place.at("out/x.wav")).unwrap(), b"kept");
}

#[test]
fn a_file_keeps_its_mode_and_a_new_one_is_as_the_system_makes_it() {
    let place = open_place();
    fs::create_dir(place.at("out")).unwrap();
    fs::write(place.at("out/x.wav"), "old").unwrap();
    mode(&place.at("out/x.wav"), 0o600);
    let script = "umask 027; exec \"$0\" render song.mix -q";
    let ran = finish(place.program("sh").args(["-c", script, env!("CARGO_BIN_EXE_mixdown")]));
    assert_eq!(ran.code, Some(0), "{}", ran.told);
    assert_eq!([mode_of(&place.at("out/x.wav")), mode_of(&place.at("out/below/y.wav"))], [0o600, 0o640]);
}

/// What is written through a name in the output folder changes no file elsewhere.
#[test]
fn a_link_is_replaced_and_what_it_points_to_is_not() {
    let place = open_place();
    fs::create_dir_all(place.at("out/below")).unwrap();
    fs::write(place.at("precious.wav"), "precious").unwrap();
    mode(&place.at("precious.wav"), 0o444);
    fs::hard_link(place.at("precious.wav"), place.at("other.wav")).unwrap();
    symlink("../precious.wav", place.at("out/x.wav")).unwrap();
    symlink("nowhere", place.at("out/below/y.wav")).unwrap();
    place.render(&[]);
    assert!(fs::symlink_metadata(place.at("out/x.wav")).unwrap().is_file());
    assert!(fs::symlink_metadata(place.at("out/below/y.wav")).unwrap().is_file());
    assert_eq!(fs::read(place.at("precious.wav")).unwrap(), b"precious");
    // a file with two names, one of them the output's
    mode(&place.at("precious.wav"), 0o644);
    fs::remove_file(place.at("out/x.wav")).unwrap();
    fs::hard_link(place.at("precious.wav"), place.at("out/x.wav")).unwrap();
    place.render(&[]);
    assert!(fs::read(place.at("out/x.wav")).unwrap().starts_with(b"RIFF"));
    assert_eq!(fs::read(place.at("precious.wav")).unwrap(), b"precious");
    // even of a source
    fs::remove_file(place.at("out/x.wav")).unwrap();
    fs::hard_link(place.at("a.wav"), place.at("out/x.wav")).unwrap();
    let before = fs::read(place.at("a.wav")).unwrap();
    place.render(&[]);
    assert!(fs::read(place.at("a.wav")).unwrap() == before);
}

#[test]
fn a_pipe_is_not_replaced() {
    let place = open_place();
    fs::create_dir(place.at("out")).unwrap();
    assert!(place.program("mkfifo").arg("out/x.wav").status().unwrap().success());
    let ran = place.run(&["render", "song.mix"]);
    assert!(ran.code == Some(2) && ran.told.contains("something that is no file is in the way"), "{}", ran.told);
    assert!(!fs::symlink_metadata(place.at("out/x.wav")).unwrap().is_file());
}
