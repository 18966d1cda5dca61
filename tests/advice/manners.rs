use std::path::Path;

use mixdown::project::{Request, build, check, plan};
use mixdown::session::{Loc, Time};
use mixdown::{diag, script};

use super::sessions::{Session, noise};
use super::{SONG, lines, quiet, sounds, told, told_in};

const LEFT_ON: &str = "track(\"vox\", \"vox.wav\").gain(18dB).solo();\ntrack(\"kick\", \"kick.wav\"); bus(\"empty\");";

#[test]
fn a_check_a_plan_and_a_render_say_it_once_each() {
    let world = sounds().world(LEFT_ON);
    let (song, request) = (Path::new(SONG), Request::default());
    let checked = check(&world, song, &Default::default());
    let said = lines(&checked.diagnostics, &checked.sources);
    assert_eq!(said.len(), 3, "{said:?}");
    let planned = plan(&world, song, &request);
    assert_eq!(lines(&planned.diagnostics, &planned.sources), said);
    for _ in 0..2 {
        let built = build(&world, song, &request, &());
        assert!(built.ok);
        let of_script = |line: &&String| !line.starts_with("MX0603");
        let all = lines(&built.diagnostics, &built.sources);
        assert_eq!(all.iter().filter(of_script).cloned().collect::<Vec<_>>(), said);
    }
}

#[test]
fn nothing_is_said_beside_mistakes() {
    for wrong in
        ["track(\"x\", \"missing.wav\");", "low_cut(80hz);", "deliver(mix, \"a.wav\"); deliver(mix, \"a.wav\");"]
    {
        let world = sounds().world(&format!("{LEFT_ON}\n{wrong}"));
        let checked = check(&world, Path::new(SONG), &Default::default());
        assert!(checked.diagnostics.has_errors());
        let warned = checked.diagnostics.iter().filter(|d| d.severity == diag::Severity::Warning).count();
        assert_eq!(warned, 0, "{wrong}");
    }
}

#[test]
fn a_strip_is_not_called_unheard_because_of_a_mistake() {
    let codes = |script: &str| -> Vec<String> {
        check(&sounds().world(script), Path::new(SONG), &Default::default())
            .diagnostics
            .iter()
            .map(|d| d.code.to_string())
            .collect()
    };
    let unheard = "track(\"vox\", \"vox.wav\").to(off); track(\"kick\", \"kick.wav\");";
    assert_eq!(codes(unheard), ["MX0402"]);
    // strips in a circle, beside it and behind it
    let circle =
        "let a = bus(\"a\").to(off); let b = bus(\"b\").to(a); a.send(b, -6dB); track(\"vox\", \"vox.wav\").to(b);";
    assert_eq!(codes(circle), ["MX0401"]);
    assert_eq!(codes(&format!("{circle} track(\"kick\", \"kick.wav\").to(off);")), ["MX0401"]);
    // its only way cannot be understood
    let lost = "let p = bus(\"p\"); track(\"vox\", \"vox.wav\").to(off).send(p, [2s: -6dB, 1s: -3dB]); track(\"kick\", \"kick.wav\");";
    assert_eq!(codes(lost), ["MX0306"]);
    let refused = "let k = track(\"k\", \"kick.wav\").to(off); track(\"bass\", \"bass.wav\").insert(width(120%), compressor(key: k));";
    assert_eq!(codes(refused), ["MX0308"]);
}

#[test]
fn a_width_as_an_effect_on_mono_is_a_mistake_already() {
    let checked = check(
        &sounds().world("track(\"bass\", \"bass.wav\").insert(width(150%));"),
        Path::new(SONG),
        &Default::default(),
    );
    let all: Vec<String> = checked.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    assert_eq!(all, ["MX0308 `width` on `bass`: `width` needs a stereo sound: there is no side in a mono one"]);
}

#[test]
fn an_absolute_path_is_told_once() {
    let world = sounds().world("track(\"vox\", \"/sounds/vox.wav\");");
    world.put("/sounds/vox.wav", world.get("vox.wav").unwrap().to_vec());
    assert_eq!(
        told_in(&world),
        [
            "MX0510 [1 \"/sounds/vox.wav\": only on this machine] an absolute path will not travel / put the file below the project and name it from the script"
        ]
    );
}

#[test]
fn what_is_said_where_is_no_part_of_a_session() {
    let session = |text: &str| script::read(&sounds().world(text), Path::new(SONG)).session;
    let one = session("track(\"vox\", \"vox.wav\").gain(-3dB).width(90%).solo();");
    let other = session("\n\n   track(\"vox\", \"vox.wav\")\n.solo().width(90%).gain(-3dB);");
    assert_eq!(one, other);
    assert_ne!(one.strips[2].said.gain.0, other.strips[2].said.gain.0);
    assert_eq!(
        Time { loc: Some(Loc(one.strips[2].loc.0)), ..Time::default() },
        Time { loc: Some(one.strips[2].said.gain), ..Time::default() }
    );
}

/// The session of every habit: a ghost kick, a reference, parallel compression, throws, a second mix of sends, groups in groups.
#[test]
fn a_session_with_good_habits_hears_nothing() {
    quiet(
        "let plate = bus(\"plate\").insert(low_cut(200Hz), reverb(kind: \"plate\")).delay(20ms);
         let echo = bus(\"echo\").insert(delay(time: note(3/16))).send(plate, -9dB);
         let drums = bus(\"drums\").insert(compressor(ratio: 2));
         let crush = bus(\"crush\").insert(compressor(threshold: -40dB, ratio: 20), reverb(mix: 15%)).gain(13dB);
         let band = bus(\"band\").width(120%);
         drums.to(band).source.send(crush);
         let ghost = track(\"ghost\", \"kick.wav\").insert(low_cut(100Hz)).to(off);
         track(\"reference\", \"long.wav\").to(off).mute();
         track(\"kick\", \"kick.wav\").trim(-18LUFS).gain(-2dB).to(drums);
         track(\"snare\", \"snare.wav\").delay(-3ms).send(plate, -12dB).to(drums);
         track(\"bass\", \"bass.wav\").pan(0%).insert(compressor(key: ghost)).to(band);
         let vox = track(\"vox\", \"vox.wav\").insert(reverb(decay: 0.3s, mix: 10%)).send(echo, [0.2s..0.4s: -4dB]);
         vox.send(plate, [0s: off, 1s: -12dB]);
         track(\"pad\", \"pad.wav\").insert(saturate(drive: 6dB, mix: 30%)).gain([0s: -12dB, 1s: 0dB]).width(130%).to(band);
         let vinyl = bus(\"vinyl\").insert(width(100%, mono_below: 150Hz), limiter()).to(off);
         mix.insert(compressor(ratio: 1.5)).send(vinyl);
         master.insert(eq(low_shelf(80Hz, 1dB)), limiter(ceiling: -1dBTP));
         stems(); deliver(mix, \"mix.wav\", bits: 32); deliver(master, \"master.wav\", target: \"spotify\"); deliver(vinyl, \"vinyl.wav\");",
    );
}

/// Noise under a song's own names; long enough for its sections.
fn sources(names: &[(&str, usize)]) -> Session {
    let add = |all: Session, (seed, (name, channels)): (usize, &(&str, usize))| {
        all.wav(&format!("audio/{name}"), 8_000, 16, &noise(seed as u64, *channels, 1_000_000, 0.3))
    };
    names.iter().enumerate().fold(Session::new(), add)
}

#[test]
fn the_songs_of_the_program_hear_nothing() {
    let all =
        ["kick.wav", "snare.wav", "hat.wav", "tom L.wav", "tom R.wav", "vox.wav", "bass.wav"].map(|name| (name, 1));
    let song = include_str!("../suite/night_drive.mix").replace("bass.flac", "bass.wav");
    assert_eq!(told_in(&sources(&all).world(&song)), Vec::<String>::new());
    let template = include_str!("../../src/cli/template/song.mix").replace("{title}", "x");
    let all = [("kick.wav", 1), ("bass.wav", 1), ("pad.wav", 2)];
    assert_eq!(told_in(&sources(&all).world(&template)), Vec::<String>::new());
}

#[test]
fn one_call_for_many_strips_is_told_once() {
    let all = told(
        "for i in 0..3000 { track(`t${i}`, \"vox.wav\").gain(13dB).delay(60ms).insert(reverb()); }
         fn lift(s) { s.gain(14dB) } lift(track(\"kick\", \"kick.wav\")); lift(track(\"pad\", \"pad.wav\"));",
    );
    let codes: Vec<&str> = all.iter().map(|line| &line[..6]).collect();
    assert_eq!(codes, ["MX0706", "MX0705", "MX0703", "MX0706"], "{all:?}");
}
