//! Versions of a song: what they change, what they share, and how loud they are.

mod sessions;

use std::path::Path;

use mixdown::project::{Artifact, Built, Request, build, check};
use mixdown::world::Memory;
use sessions::{Session, noise, sine};

const RATE: usize = 48_000;

/// A voice, drums and a guitar, groups, a return and a chain.
const SONG: &str = r#"
song("Song", rate: 48kHz);
let plate = bus("plate").insert(reverb(decay: 0.4s));
let vocals = bus("vocals").insert(compressor(threshold: -30dB, ratio: 2));
let drums = bus("drums");
let vox = track("vox", "vox.wav").insert(eq(bell(1kHz, 3dB))).send(plate, -10dB).to(vocals);
let double = track("double", "double.wav").to(vocals).mute();
let kick = track("kick", "kick.wav").send(plate, -20dB).to(drums);
let guitar = track("guitar", "guitar.wav").insert(compressor(threshold: -40dB, ratio: 3, key: vox));
master.insert(limiter(ceiling: -1dBTP));
"#;

fn world(script: &str) -> Memory {
    let n = RATE * 3;
    let session = Session::new()
        .wav("vox.wav", 48_000, 24, &sine(440.0, 1, n, 0.3))
        .wav("double.wav", 48_000, 24, &sine(523.0, 1, n, 0.2))
        .wav("kick.wav", 48_000, 24, &noise(3, 2, n, 0.3))
        .wav("guitar.wav", 48_000, 24, &noise(4, 2, n, 0.1));
    session.world(&format!("{SONG}{script}"))
}

fn rendered(script: &str, targets: &[&str]) -> (Built, Memory) {
    let world = world(script);
    let request = Request { targets: targets.iter().map(|t| t.to_string()).collect(), ..Request::default() };
    let built = build(&world, Path::new("song.mix"), &request, &());
    assert!(built.ok, "{script}: {:?}", built.diagnostics);
    (built, world)
}

fn file<'a>(built: &'a Built, name: &str) -> &'a Artifact {
    built.artifacts.iter().find(|a| a.target == name).unwrap_or_else(|| panic!("{name}: {:?}", built.artifacts))
}

fn bytes(world: &Memory, name: &str) -> Vec<u8> {
    world.get(Path::new(&format!("out/{name}"))).unwrap_or_else(|| panic!("{name} is not there")).to_vec()
}

const FORM: &str = "bits: 32";

#[test]
fn a_version_is_the_session_with_those_strips_muted() {
    for (name, version, by_hand) in [
        ("one", "version(\"one\").mute(\"kick\");", "kick.mute();"),
        ("un", "version(\"un\").unmute(double);", "double.mute(false);"),
        ("tv", "version(\"tv\").mute(vox);", "vox.mute();"),
        (
            "both",
            "version(\"both\").mute(guitar, \"kick\").unmute(double);",
            "guitar.mute(); kick.mute(); double.mute(false);",
        ),
        ("solo", "version(\"solo\").solo(vocals);", "vocals.solo();"),
        ("list", "version(\"list\").mute([vox, guitar]);", "vox.mute(); guitar.mute();"),
    ] {
        let deliver = format!("deliver(mix, \"mix-{{version}}.wav\", {FORM}, versions: \"all\");");
        let (built, versions) = rendered(&format!("{version} {deliver}"), &[]);
        assert_eq!(built.artifacts.len(), 2, "{name}");
        let alone = format!("deliver(mix, \"mix.wav\", {FORM});");
        let (_, plain) = rendered(&alone, &[]);
        assert!(bytes(&versions, "mix-main.wav") == bytes(&plain, "mix.wav"), "{name}: the session as it stands");
        let (_, hand) = rendered(&format!("{by_hand} {alone}"), &[]);
        assert!(bytes(&versions, &format!("mix-{name}.wav")) == bytes(&hand, "mix.wav"), "{name}");
        assert!(bytes(&versions, "mix-main.wav") != bytes(&hand, "mix.wav"), "{name} does something");
    }
}

#[test]
fn what_versions_share_is_rendered_once() {
    let deliver = format!("deliver(mix, \"{{version}}.wav\", {FORM}, versions: \"all\");");
    let (built, _) = rendered(&format!("version(\"a\").mute(vox); {deliver}"), &[]);
    let mut again: Vec<&str> = built.rendered.iter().filter_map(|name| name.strip_suffix(": a")).collect();
    again.sort_unstable();
    // the guitar is keyed by the voice as it comes to its fader, which a mute silences
    assert_eq!(again, ["guitar", "mix", "plate", "vocals", "vox"], "{:?}", built.rendered);
    assert_eq!(built.rendered.iter().filter(|name| name.starts_with("drums") || name.starts_with("kick")).count(), 2);
    let (built, _) = rendered(&format!("version(\"a\").mute(\"kick\"); {deliver}"), &[]);
    assert!(!built.rendered.iter().any(|name| name == "vox: a" || name == "vocals: a"), "{:?}", built.rendered);
    // a version that nobody delivers costs nothing
    let (built, _) = rendered(&format!("version(\"a\").mute(vox); deliver(mix, \"m.wav\", {FORM});"), &[]);
    assert!(!built.rendered.iter().any(|name| name.contains(':')), "{:?}", built.rendered);
}

#[test]
fn versions_are_driven_as_the_session_is_unless_each_is_solved() {
    let all = |extra: &str| {
        format!(
            "version(\"tv\").mute(vox); deliver(master, \"{{version}}.wav\", loudness: -12LUFS, peak: -1dBTP, versions: \"all\"{extra});"
        )
    };
    let (built, _) = rendered(&all(""), &[]);
    let gain = |name| file(&built, name).solved.unwrap().gain;
    assert_eq!(gain("main.wav"), gain("tv.wav"));
    let lufs = |built: &Built, name| file(built, name).measurement.integrated_lufs.unwrap();
    let frames = |name| file(&built, name).measurement.frames;
    assert!((lufs(&built, "main.wav") + 12.0).abs() < 0.1);
    assert!(lufs(&built, "tv.wav") < -12.1, "softer without its voice: {}", lufs(&built, "tv.wav"));
    assert!(file(&built, "tv.wav").measurement.true_peak_dbtp.unwrap() <= -1.0);
    assert_eq!(frames("main.wav"), frames("tv.wav"));
    assert!(file(&built, "tv.wav").asked.is_some_and(|asked| asked.loudness.is_none()));

    let (each, _) = rendered(&all(", solve: \"each\""), &[]);
    assert!((lufs(&each, "tv.wav") + 12.0).abs() < 0.1);

    // the same file where the session as it stands is not delivered
    let alone = all("").replace("\"all\"", "[\"tv\"]");
    let (hidden, lone) = rendered(&alone, &[]);
    assert_eq!(hidden.artifacts.len(), 1, "{:?}", hidden.artifacts);
    let (_, both) = rendered(&all(""), &[]);
    assert!(bytes(&lone, "tv.wav") == bytes(&both, "tv.wav"));
    assert!(lone.get(Path::new("out/main.wav")).is_none());
    let (_, named) = rendered(&all(""), &["tv.wav"]);
    assert!(bytes(&named, "tv.wav") == bytes(&both, "tv.wav"));
}

#[test]
fn what_is_wrong_with_versions_is_told() {
    for (script, code, part) in [
        (
            "version(\"tv\").mute(vox); deliver(mix, \"{version}.wav\", versions: [\"tvv\"]);",
            "MX0209",
            "did you mean `tv`?",
        ),
        ("version(\"tv\").mute(vox); deliver(mix, \"a.wav\", versions: \"all\");", "MX0601", "{version}"),
        ("version(\"main\").mute(vox);", "MX0205", "main"),
        ("version(\"a/b\").mute(vox);", "MX0205", "a/b"),
        ("version(\"tv\").mute(\"voxx\");", "MX0206", "vox"),
        ("version(\"tv\").mute();", "MX0106", "strips"),
        ("vox.unmute();", "MX0302", "version"),
        ("version(\"tv\").gain(3dB);", "MX0302", "version"),
        ("vox.mute(true, false);", "MX0106", "one value"),
    ] {
        let checked = check(&world(script), Path::new("song.mix"), &Request::default());
        let all: Vec<String> =
            checked.diagnostics.iter().map(|d| format!("{} {} / {:?}", d.code, d.message, d.help)).collect();
        assert!(all.iter().any(|l| l.starts_with(code) && l.contains(part)), "{script}: {all:?}");
    }
}
