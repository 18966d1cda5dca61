//! Content keys: what changes changes them, what doesn't leaves them, in the graph and in time.

mod sessions;

use std::collections::BTreeMap;
use std::path::Path;

use mixdown::engine::SEGMENT;
use mixdown::project::{Request, plan};
use sessions::{Session, noise, tone_world};

type Keys = BTreeMap<String, Vec<[u8; 32]>>;

fn keys_of(session: &Session, script: &str) -> Keys {
    let planned = plan(&session.world(script), Path::new("song.mix"), &Request::default());
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    planned.nodes.into_iter().map(|node| (node.name, node.segments)).collect()
}

fn script(eq: &str, ride: &str, comment: &str) -> String {
    format!(
        "song(\"x\", rate: 48kHz); // {comment}\nlet drums = bus(\"drums\");\nlet plate = bus(\"plate\").insert(reverb(decay: 0.3s));\n\
         track(\"a\", \"a.wav\").insert(bell(1kHz, {eq})).gain([0s: -3dB, 1s: -6dB, 2s: -4dB, 2.4s: {ride}]).to(drums);\n\
         track(\"b\", \"b.wav\").send(plate, -6dB);\ntrack(\"c\", \"c.wav\").to(drums);\ndeliver(master, \"m.wav\");\n"
    )
}

fn changed(before: &Keys, after: &Keys) -> Vec<String> {
    before.iter().filter(|(name, keys)| after[*name] != **keys).map(|(name, _)| name.clone()).collect()
}

#[test]
fn one_band_changes_its_track_and_what_hears_it_only() {
    let session = tone_world();
    let before = keys_of(&session, &script("3dB", "-5dB", ""));
    assert_eq!(before.len(), 7);
    let after = keys_of(&session, &script("3.5dB", "-5dB", ""));
    assert_eq!(changed(&before, &after), ["a", "drums", "master", "mix"]);
}

#[test]
fn words_that_make_no_sound_change_nothing() {
    let session = tone_world();
    let before = keys_of(&session, &script("3dB", "-5dB", "one"));
    assert_eq!(keys_of(&session, &script("3.0dB", "-5dB", "another, longer comment")), before);
}

/// Which of the session's files a clip plays is no matter of order.
#[test]
fn another_file_before_changes_nothing_of_the_others() {
    let session = tone_world();
    let all = script("3dB", "-5dB", "");
    let before = keys_of(&session, &all);
    let after = keys_of(&session, &all.replace("track(\"a\"", "track(\"new\", \"c.wav\").to(off);\ntrack(\"a\""));
    assert_eq!(after, before);
}

#[test]
fn a_point_late_in_a_curve_leaves_the_keys_before_it() {
    let session = tone_world();
    let before = keys_of(&session, &script("3dB", "-5dB", ""));
    let after = keys_of(&session, &script("3dB", "-9dB", ""));
    // the way to the last point begins at 2 s
    let first = 2 * 48_000 / SEGMENT;
    for name in ["a", "drums", "mix", "master"] {
        let same = before[name].iter().zip(&after[name]).take_while(|(a, b)| a == b).count();
        assert_eq!(same, first, "{name}");
    }
    assert_eq!(changed(&before, &after), ["a", "drums", "master", "mix"]);
}

#[test]
fn the_content_of_a_file_is_part_of_the_keys_and_its_name_is_not() {
    let session = tone_world();
    let text = script("3dB", "-5dB", "");
    let before = keys_of(&session, &text);
    let other = tone_world().wav("b.wav", 48_000, 24, &noise(99, 2, 120_000, 0.3));
    assert_eq!(changed(&before, &keys_of(&other, &text)), ["b", "master", "mix", "plate"]);
    let renamed = tone_world().wav("d.wav", 48_000, 24, &session.samples("b.wav"));
    assert_eq!(keys_of(&renamed, &text.replace("b.wav", "d.wav")), before);
}
