use super::{quiet, told};

#[test]
fn a_fader_above_twelve() {
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").gain(18dB);"),
        [
            "MX0706 [1 18dB: the fader] the fader of `vox` stands at 18 dB / lift it before its inserts, `.trim(18dB)`, and leave the fader at 0 dB"
        ]
    );
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").trim(-2dB).gain([0s: off, 1s: 14.5dB, 2s: 13dB]);"),
        [
            "MX0706 [1 1s: 14.5dB: as far as here] the fader of `vox` goes up to 14.5 dB / lift it before its inserts, `.trim(12.5dB)`, and take 14.5 dB off every point"
        ]
    );
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").trim(-23LUFS).gain(13dB);"),
        [
            "MX0706 [1 13dB: the fader] the fader of `vox` stands at 13 dB / lift it before its inserts, `.trim(-10LUFS)`, and leave the fader at 0 dB"
        ]
    );
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").trim(-6dBFS).gain(20dB);"),
        [
            "MX0706 [1 20dB: the fader] the fader of `vox` stands at 20 dB / is `20dB` what was meant? Its trim moves it already"
        ]
    );
    for level in ["lfo(rate: 1Hz, from: 0dB, to: 13dB)", "|t| 13 + t", "follow(\"k\", from: 13dB, to: 0dB)"] {
        let all = told(&format!("track(\"k\", \"kick.wav\"); track(\"vox\", \"vox.wav\").gain({level});"));
        assert!(all.len() == 1 && all[0].starts_with("MX0706"), "{level}: {all:?}");
    }
}

#[test]
fn faders_that_may_be_meant_are_left_alone() {
    quiet("track(\"vox\", \"vox.wav\").gain(12dB);");
    quiet("track(\"vox\", \"vox.wav\").trim(40dB).gain(-3dB).ride([0s: 14dB, 1s: 0dB]);");
    quiet("track(\"vox\", \"vox.wav\").gain(18dB).gain(-3dB);");
    // who hears nothing of it: a mute, a key's own track
    quiet("track(\"vox\", \"vox.wav\").gain(18dB).mute(); track(\"kick\", \"kick.wav\");");
    quiet(
        "let g = track(\"ghost\", \"kick.wav\").gain(18dB).to(off); track(\"vox\", \"vox.wav\").insert(compressor(key: g));",
    );
    // driven less into what bends, and as loud as before
    quiet("track(\"vox\", \"vox.wav\").trim(-14dB).insert(saturate(drive: 3dB)).gain(14dB);");
    // a parallel bus: what the compressor took comes back
    quiet(
        "let c = bus(\"crush\").insert(compressor(threshold: -40dB, ratio: 20)).gain(14dB); track(\"kick\", \"kick.wav\").send(c);",
    );
}

#[test]
fn a_width_of_what_is_mono() {
    assert_eq!(
        told("track(\"bass\", \"bass.wav\").insert(low_cut(40Hz)).width(150%);"),
        [
            "MX0707 [1 150%: a mono sound has no side] `width` does nothing on `bass`: it is mono / place it, `.pan(20%)`, or take `.width(…)` out"
        ]
    );
    let all = told("track(\"bass\", \"bass.wav\").pan(0%).width([0s: 0%, 1s: 100%]);");
    assert!(all.len() == 1 && all[0].starts_with("MX0707"), "{all:?}");
}

#[test]
fn widths_that_do_something_are_left_alone() {
    quiet("track(\"bass\", \"bass.wav\").width(100%);");
    quiet("track(\"vox\", \"vox.wav\").width(150%);");
    // panned sound has a side, and so has what a reverb makes of mono
    quiet("track(\"bass\", \"bass.wav\").pan(30%).width(50%);");
    quiet("track(\"bass\", \"bass.wav\").pan([0s: -30%, 1s: 30%]).width(50%);");
    quiet("track(\"bass\", \"bass.wav\").insert(reverb(mix: 20%)).width(50%);");
    quiet("track(\"x\").clip(\"bass.wav\").clip(\"vox.wav\").width(50%);");
    // one call for mono and stereo
    quiet("for n in [\"bass\", \"vox\", \"hat\"] { track(n, `${n}.wav`).width(120%); }");
    quiet("fn wide(s) { s.width(120%) } wide(track(\"bass\", \"bass.wav\")); wide(track(\"vox\", \"vox.wav\"));");
}
