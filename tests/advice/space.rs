use super::{quiet, told};

#[test]
fn a_track_that_is_only_its_own_reverb() {
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").insert(low_cut(80Hz), chain(reverb(decay: 1s), high_cut(9kHz)));"),
        [
            "MX0703 [1 reverb: all of the sound goes in here: `mix` is 100%] `vox` is only its own reverb: nothing of it is dry / write `mix: 20%` into it, or put it on a bus and send to that: `.send(\"reverb\", -12dB)`; where it is meant, write `mix: 100%`"
        ]
    );
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").insert(delay(time: 120ms)); track(\"kick\", \"kick.wav\");"),
        [
            "MX0703 [1 delay: all of the sound goes in here: `mix` is 100%] `vox` is only its own echoes: nothing of it is dry / write `mix: 20%` into it, or put it on a bus and send to that: `.send(\"delay\", -12dB)`; where it is meant, write `mix: 100%`"
        ]
    );
    // its sends are behind the reverb too, unless they leave from the source
    assert_eq!(
        told("let b = bus(\"b\"); track(\"vox\", \"vox.wav\").insert(reverb()).send(b, 0dB, pre: true);").len(),
        1
    );
    // two of them are no dry sound to one another
    assert_eq!(told("for n in [\"a\", \"b\"] { track(n, \"vox.wav\").insert(reverb()); }").len(), 1);
}

#[test]
fn tracks_with_something_dry_are_left_alone() {
    for effect in [
        "reverb(mix: 20%)",
        "reverb(mix: 100%)",
        "reverb(mix: [0s: 0%, 1s: 100%])",
        "reverb(on: [0s..1s: true])",
        "reverb(on: false)",
        "reverb(channels: \"side\")",
        "parallel(chain(), reverb())",
        "chain(reverb(), mix: 30%)",
        "delay(time: 15ms, feedback: 0%)",
    ] {
        quiet(&format!("track(\"vox\", \"vox.wav\").insert({effect});"));
    }
    quiet("track(\"vox\", \"vox.wav\").insert(reverb()).mute();");
    quiet("let b = bus(\"b\"); let v = track(\"vox\", \"vox.wav\").insert(reverb()); v.source.send(b, -3dB);");
    quiet(
        "let v = track(\"vox\", \"vox.wav\").insert(reverb()); deliver(v.source, \"dry.wav\"); deliver(mix, \"mix.wav\");",
    );
    // the dry sound is another track
    quiet("track(\"vox\", \"vox.wav\"); track(\"vox room\", \"vox.wav\").insert(reverb());");
    // a key that nobody hears
    quiet(
        "let g = track(\"ghost\", \"kick.wav\").insert(reverb()).to(off); track(\"pad\", \"pad.wav\").insert(compressor(key: g));",
    );
    // a group that is far away is meant
    quiet("let far = bus(\"far\").insert(reverb()); track(\"vox\", \"vox.wav\").to(far);");
}

#[test]
fn a_return_that_brings_the_dry_sound_again() {
    assert_eq!(
        told(
            "let p = bus(\"plate\").insert(low_cut(200Hz), reverb(mix: 40%));\ntrack(\"vox\", \"vox.wav\").send(p, -12dB);"
        ),
        [
            "MX0704 [1 40%: the other 60% of it are dry] the return `plate` brings the dry sound a second time / write `mix: 100%`, or leave `mix` out: the sends say how much of it is heard"
        ]
    );
    for (name, insert) in [
        ("ducked", "delay(mix: 50%), compressor(key: \"vox\")"),
        ("two", "delay(mix: 50%), reverb(mix: 30%)"),
        ("chained", "chain(reverb(mix: 0%), width(120%))"),
    ] {
        let all =
            told(&format!("bus(\"{name}\").insert({insert}); track(\"vox\", \"vox.wav\").send(\"{name}\", -12dB);"));
        assert!(all.len() == 1 && all[0].starts_with("MX0704"), "{name}: {all:?}");
    }
    // another return that sends to it too changes nothing for the voice
    let all = told(
        "let hall = bus(\"hall\").insert(reverb(mix: 30%)); let echo = bus(\"echo\").insert(delay()).send(hall, -9dB);\n\
         track(\"vox\", \"vox.wav\").send(echo, -6dB).send(hall, -12dB);",
    );
    assert!(all.len() == 1 && all[0].starts_with("MX0704"), "{all:?}");
}

#[test]
fn returns_whose_dry_sound_is_needed_are_left_alone() {
    let vox = "track(\"vox\", \"vox.wav\")";
    for insert in [
        "reverb()",
        "reverb(mix: 100%)",
        "reverb(mix: [0s: 10%, 1s: 100%])",
        "reverb(mix: 30%, on: false)",
        "reverb(mix: 30%, channels: \"side\")",
        // parallel compression with a bit of room
        "compressor(threshold: -40dB, ratio: 20), reverb(mix: 20%)",
        "reverb(mix: 20%), compressor(threshold: -40dB, ratio: 20)",
        "saturate(drive: 12dB), delay(mix: 20%)",
        // the echo's own room, and an echo of the room
        "delay(), reverb(mix: 20%)",
        "reverb(mix: 50%), delay()",
    ] {
        quiet(&format!("let r = bus(\"r\").insert({insert}); {vox}.send(r, -12dB);"));
    }
    // a return that is also a group
    quiet(&format!(
        "let r = bus(\"r\").insert(reverb(mix: 20%)); {vox}.send(r, -12dB); track(\"kick\", \"kick.wav\").to(r);"
    ));
    // the sender is heard through it alone, or wet already
    quiet(&format!("let r = bus(\"r\").insert(reverb(mix: 20%)); {vox}.to(off).send(r, 0dB);"));
    quiet(&format!("let r = bus(\"r\").insert(reverb(mix: 20%)); {vox}.gain(off).send(r, 0dB, pre: true);"));
    quiet(&format!(
        "let r = bus(\"r\").insert(reverb(mix: 20%)); let e = bus(\"e\").insert(delay()).send(r, -6dB); {vox}.send(e, -6dB);"
    ));
    // a second mix, made of sends: a headphone mix, a vinyl master
    quiet(&format!(
        "let cue = bus(\"cue\").insert(reverb(mix: 20%)).to(off); {vox}.send(cue, 0dB); deliver(cue, \"cue.wav\"); deliver(mix, \"mix.wav\");"
    ));
    // what comes from before the inserts is another sound
    quiet("let r = bus(\"r\").insert(reverb(mix: 20%)); let v = track(\"vox\", \"vox.wav\"); v.source.send(r, -6dB);");
}

#[test]
fn a_strip_as_late_as_an_echo() {
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").delay(120ms);"),
        [
            "MX0705 [1 120ms: this moves the whole strip] `vox` comes 120 ms late: its delay is no echo / for an echo: `.insert(delay(time: 120ms, mix: 25%))`"
        ]
    );
    assert_eq!(
        told("tempo(100);\nlet g = bus(\"g\").delay(note(1/8)); track(\"vox\", \"vox.wav\").to(g);"),
        [
            "MX0705 [2 note(1/8): this moves the whole strip] `g` comes 300 ms late: its delay is no echo / for an echo: `.insert(delay(time: note(1/8), mix: 25%))`"
        ]
    );
    assert_eq!(
        told("track(\"vox\", \"vox.wav\").delay(20s);"),
        [
            "MX0705 [1 20s: this moves the whole strip] `vox` comes 20000 ms late: its delay is no echo / place its clips: `.clip(…, at: …)`"
        ]
    );
}

#[test]
fn delays_that_line_up_are_left_alone() {
    for time in ["50ms", "-200ms", "-1beats", "441samples"] {
        quiet(&format!("track(\"long\", \"long.wav\").delay({time});"));
    }
    // a return that answers late, a late copy beside the first, a key that nobody hears
    quiet("let p = bus(\"plate\").delay(80ms).insert(reverb()); track(\"vox\", \"vox.wav\").send(p, -12dB);");
    quiet("track(\"vox\", \"vox.wav\"); track(\"slap\", \"vox.wav\").delay(110ms).gain(-9dB);");
    quiet(
        "let g = track(\"ghost\", \"kick.wav\").delay(2beats).to(off); track(\"pad\", \"pad.wav\").insert(compressor(key: g));",
    );
}
