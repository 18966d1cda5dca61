//! Files as they go wrong: sources that are broken, outputs that can't be, runs that are killed; through the real binary.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A folder with `a.wav` (two seconds, stereo) in it.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    wav(&dir.path().join("a.wav"), 2, 96_000);
    dir
}

fn wav(path: &Path, channels: u16, frames: u32) {
    let spec =
        hound::WavSpec { channels, sample_rate: 48_000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..frames * u32::from(channels) {
        writer.write_sample((n.wrapping_mul(2_654_435_761) >> 18) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

fn mixdown(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mixdown"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MIXDOWN_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Exit code, stdout, stderr without its line breaks.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = mixdown(folder, args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), plain(&text(&output.stderr)))
}

/// Wrapped lines of a message joined again.
fn plain(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c == '│').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn script(folder: &Path, text: &str) {
    fs::write(folder.join("song.mix"), text).unwrap();
}

fn parts(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            names.extend(parts(&entry.path()));
        }
        names.extend(Some(entry.file_name().to_string_lossy().into_owned()).filter(|n| n.ends_with(".mixdown-part")));
    }
    names
}

#[test]
fn broken_sources_are_the_scripts_problem_and_named() {
    let dir = folder();
    let whole = fs::read(dir.path().join("a.wav")).unwrap();
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("text", b"hello, this is text"),
        ("annex", b"/annex/objects/SHA256E-s12--4d7a.wav\n"),
        ("page", b"\n<!DOCTYPE html><html></html>"),
        ("zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("midi", b"MThd\0\0\0\x06\0\x01"),
        ("lfs", lfs),
        ("cut", &whole[..20_044]),
        ("head", &whole[..20]),
    ] {
        fs::write(dir.path().join(format!("{name}.wav")), bytes).unwrap();
    }
    wav(&dir.path().join("none.wav"), 2, 0);
    wav(&dir.path().join("surround.wav"), 6, 100);
    fs::create_dir(dir.path().join("folder.wav")).unwrap();
    for (name, code, told) in [
        ("empty", "MX0502", "holds no audio"),
        ("none", "MX0502", "holds no audio"),
        ("text", "MX0502", "isn't audio"),
        ("lfs", "MX0502", "git lfs pull"),
        ("annex", "MX0502", "git annex get \"annex.wav\""),
        ("page", "MX0502", "is a web page"),
        ("zip", "MX0502", "unpack it"),
        ("midi", "MX0502", "notes without sound"),
        ("head", "MX0502", "is damaged"),
        ("cut", "MX0503", "promises 96000 frames, 5000 are there, 91000 are missing"),
        ("surround", "MX0504", "has 6 channels"),
        ("folder", "MX0502", "is a folder"),
    ] {
        script(dir.path(), &format!("track(\"x\", \"{name}.wav\");"));
        for verb in ["check", "render", "plan"] {
            let (end, out, err) = run(dir.path(), &[verb, "song.mix"]);
            assert_eq!((end, out.as_str()), (1, ""), "{verb} {name}: {err}");
            assert!(err.contains(code) && err.contains(told), "{verb} {name}: {err}");
        }
        let (end, _, err) = run(dir.path(), &["measure", &format!("{name}.wav")]);
        // more channels are measured, and what lies in a folder
        if !["surround", "folder"].contains(&name) {
            assert!(end > 0 && err.contains(code) && err.contains(told), "measure {name}: {err}");
        }
    }
    script(dir.path(), "track(\"x\", \"surround.wav\");");
    let err = run(dir.path(), &["check", "song.mix"]).2;
    assert!(err.contains("a track has one or two") && err.contains("channels: [1, 2]"), "{err}");
    script(dir.path(), "track(\"x\", \"cut.wav\", allow_truncated: true);");
    assert_eq!(run(dir.path(), &["render", "song.mix"]).0, 0);
    assert_eq!(hound::WavReader::open(dir.path().join("out/mix.wav")).unwrap().duration(), 5000);
}

#[test]
fn tracks_play_the_channels_that_they_name() {
    let dir = folder();
    wav(&dir.path().join("scene.wav"), 6, 5_000);
    let all: Vec<i16> = hound::WavReader::open(dir.path().join("scene.wav")).unwrap().samples().flatten().collect();
    let form = "bits: 16, dither: \"none\"";
    for (channels, picked) in [("[3, 6]", [2, 5]), ("[6, 3]", [5, 2]), ("[4, 4]", [3, 3])] {
        script(
            dir.path(),
            &format!("let t = track(\"t\", \"scene.wav\", channels: {channels}); deliver(t, \"t.wav\", {form});"),
        );
        let (end, _, err) = run(dir.path(), &["render", "song.mix"]);
        assert_eq!(end, 0, "{err}");
        let got: Vec<i16> = hound::WavReader::open(dir.path().join("out/t.wav")).unwrap().samples().flatten().collect();
        let expected: Vec<i16> = all.chunks(6).flat_map(|frame| picked.map(|channel| frame[channel])).collect();
        assert!(got == expected, "{channels}");
    }
    // one is mono, also as a clip and at another rate
    script(
        dir.path(),
        "song(\"x\", rate: 44.1kHz);\ntrack(\"t\").clip(\"scene.wav\", channels: 5); deliver(\"t\", \"t.wav\");",
    );
    let (end, _, err) = run(dir.path(), &["render", "song.mix"]);
    assert_eq!(end, 0, "{err}");
    for (channels, told) in [("0", "from 1 to 16"), ("[1, 2, 3]", "3 are named"), ("7", "no channel 7")] {
        script(dir.path(), &format!("track(\"t\", \"scene.wav\", channels: {channels});"));
        let (end, _, err) = run(dir.path(), &["check", "song.mix"]);
        assert!(end == 1 && err.contains(told) && err.contains("1 error"), "{channels}: {err}");
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_and_pipes_are_named() {
    let dir = folder();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, dir.path().join(name)).unwrap();
    link("/Volumes/Takes/vox.wav", "gone.wav");
    link(".git/annex/objects/3x/Zk/SHA256E-s12--4d7a.wav", "annexed.wav");
    link("round.wav", "round.wav");
    link("a.wav", "good.wav");
    assert!(Command::new("mkfifo").arg(dir.path().join("pipe.wav")).status().unwrap().success());
    fs::write(dir.path().join(".cloud.wav.icloud"), "").unwrap();
    for (name, code, told) in [
        ("gone", "MX0501", "is a link to `/Volumes/Takes/vox.wav`, which is not there"),
        ("annexed", "MX0501", "git annex get \"annexed.wav\""),
        ("round", "MX0502", "can't be read"),
        ("pipe", "MX0502", "is a pipe or a device"),
        ("cloud", "MX0501", "is in iCloud only"),
    ] {
        script(dir.path(), &format!("track(\"x\", \"{name}.wav\");"));
        let (end, _, err) = run(dir.path(), &["check", "song.mix"]);
        assert!(end > 0 && err.contains(code) && err.contains(told) && err.contains("song.mix:1:12"), "{name}: {err}");
    }
    script(dir.path(), "track(\"x\", \"good.wav\");");
    assert_eq!(run(dir.path(), &["check", "song.mix"]).0, 0);
}

#[test]
fn a_script_that_cannot_be_read_is_outside() {
    let dir = folder();
    for verb in ["check", "render", "plan"] {
        let (end, _, err) = run(dir.path(), &[verb, "."]);
        assert!(end == 2 && err.contains("is a folder"), "{verb}: {err}");
    }
    fs::write(dir.path().join("bytes.mix"), b"track(\"\xff\")").unwrap();
    assert_eq!(run(dir.path(), &["check", "bytes.mix"]).0, 1);
    fs::write(dir.path().join("lines.mix"), "\u{feff}song(\"x\");\r\ntrack(\"a\",\r\n \"a.wav\").gian(1dB);\r\n")
        .unwrap();
    let (end, _, err) = run(dir.path(), &["check", "lines.mix", "--message-format", "short"]);
    assert!(end == 1 && err.contains("lines.mix:3:11:"), "{err}");
}

#[test]
fn nothing_that_is_read_is_written_over() {
    let dir = folder();
    fs::create_dir(dir.path().join("lib")).unwrap();
    fs::write(dir.path().join("lib/x.mix"), "fn f() { 1 }").unwrap();
    for (path, format) in [("a.wav", ""), ("song.mix", ", format: \"wav\""), ("lib/x.mix", ", format: \"wav\"")] {
        let text = format!("import \"x\" as x;\ntrack(\"a\", \"a.wav\");\ndeliver(mix, \"{path}\"{format});");
        script(dir.path(), &text);
        let before = fs::read(dir.path().join(path)).unwrap();
        let (end, _, err) = run(dir.path(), &["render", "song.mix", "-o", "."]);
        assert!(end == 1 && err.contains("it would be written over"), "{path}: {err}");
        assert!(before == fs::read(dir.path().join(path)).unwrap(), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_the_output_folder() {
    let (dir, elsewhere) = (folder(), tempfile::tempdir().unwrap());
    fs::create_dir(dir.path().join("out")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("out/link")).unwrap();
    script(dir.path(), "track(\"a\", \"a.wav\"); deliver(mix, \"link/deep/x.wav\");");
    let (end, _, err) = run(dir.path(), &["render", "song.mix"]);
    assert!(end == 1 && err.contains("leads out of the output folder"), "{err}");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    // the folder itself may be elsewhere: that is the user's word
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("o")).unwrap();
    script(dir.path(), "track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\");");
    assert_eq!(run(dir.path(), &["render", "song.mix", "-o", "o"]).0, 0);
    assert!(elsewhere.path().join("x.wav").is_file());
}

#[test]
fn what_is_in_the_way_is_named() {
    let dir = folder();
    script(dir.path(), "track(\"a\", \"a.wav\"); deliver(mix, \"x.wav\");");
    fs::create_dir_all(dir.path().join("o/x.wav")).unwrap();
    fs::write(dir.path().join("file"), "kept").unwrap();
    for (out, told) in [
        ("o", "a folder of this name is in the way"),
        ("file", "a file is in the way"),
        ("file/x", "a file is in the way"),
    ] {
        let (end, _, err) = run(dir.path(), &["render", "song.mix", "-o", out]);
        assert!(end == 2 && err.contains(told), "{out}: {err}");
    }
    assert_eq!(fs::read_to_string(dir.path().join("file")).unwrap(), "kept");
}

/// Long enough to be killed in.
fn long(folder: &Path) -> Child {
    script(folder, "song(length: 1800s); track(\"a\", \"a.wav\"); deliver(mix, \"m.wav\"); deliver(mix, \"m.flac\");");
    let child = mixdown(folder, &["render", "song.mix", "-q"]).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..2_000 {
        if parts(folder).len() == 2 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(parts(folder).len(), 2, "it writes");
    child
}

#[test]
fn what_a_killed_run_leaves_the_next_removes_but_not_what_is_being_written() {
    let dir = folder();
    let mut child = long(dir.path());
    // a number that runs, as after a restart of a container
    let out = dir.path().join("out");
    fs::write(out.join(format!(".m.wav.{}-0.mixdown-part", std::process::id())), "left").unwrap();
    fs::write(out.join(".m.flac.1-1.mixdown-part"), "left").unwrap();
    let living = parts(dir.path()).len();
    script(dir.path(), "track(\"a\", \"a.wav\"); deliver(mix, \"other.wav\");");
    assert_eq!(run(dir.path(), &["render", "song.mix"]).0, 0);
    assert_eq!((living, parts(dir.path()).len()), (4, 2), "{:?}", parts(dir.path()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(parts(dir.path()).len(), 2);
    assert!(!out.join("m.wav").exists());
    assert_eq!(run(dir.path(), &["render", "song.mix"]).0, 0);
    assert_eq!(parts(dir.path()), Vec::<String>::new());
}

#[test]
fn a_range_before_the_song_is_told_as_a_range() {
    let dir = folder();
    script(dir.path(), "track(\"a\", \"a.wav\");");
    let (_, _, err) = run(dir.path(), &["render", "song.mix", "--from", "-1"]);
    assert!(err.contains("`-1` is neither a time nor a section"), "{err}");
}

#[test]
fn ten_thousand_tracks_are_a_session() {
    let dir = folder();
    script(dir.path(), "for i in 0..10000 { track(`t${i}`, \"a.wav\").gain(-80dB); }");
    let (end, _, err) = run(dir.path(), &["check", "song.mix"]);
    assert_eq!(end, 0, "{err}");
}

#[test]
fn an_aiff_too_long_is_told_before_anything_is_rendered() {
    let dir = folder();
    // 3000 s × 384 kHz × 8 bytes are 9.2 GB, 3000 s × 48 kHz × 6 bytes are not
    script(
        dir.path(),
        "song(rate: 48kHz, length: 3000s); track(\"a\", \"a.wav\"); deliver(mix, \"n.aiff\");\n\
         deliver(mix, \"m.aiff\", rate: 384kHz, bits: 32);",
    );
    for verb in ["check", "render"] {
        let (end, _, err) = run(dir.path(), &[verb, "song.mix"]);
        assert!(end == 1 && err.contains("MX0602") && err.contains("`m.aiff` would be too long"), "{verb}: {err}");
        assert!(!err.contains("n.aiff` would"), "{err}");
    }
    assert!(!dir.path().join("out").exists(), "nothing was begun");
}
