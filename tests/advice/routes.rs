use super::{quiet, sounds, told, told_in};

#[test]
fn a_solo_left_on() {
    assert_eq!(
        told("let v = track(\"vox\", \"vox.wav\").gain(-3dB).solo();\ntrack(\"kick\", \"kick.wav\");"),
        [
            "MX0604 [1 solo: left on] `vox` is soloed: 1 other track is silent in all that is delivered / take `.solo()` out, or write `.solo(false)`"
        ]
    );
    // every place, and those that are silent by their own word are not counted
    assert_eq!(
        told(
            "track(\"vox\", \"vox.wav\").solo();\nlet g = bus(\"g\");\ng.solo(true);\ntrack(\"kick\", \"kick.wav\").to(g);\n\
             track(\"pad\", \"pad.wav\").mute(); track(\"hat\", \"hat.wav\"); vca(\"v\", [track(\"bass\", \"bass.wav\")]).mute();\n\
             track(\"snare\", \"snare.wav\").solo(); track(\"long\", \"long.wav\");"
        ),
        [
            "MX0604 [1 solo: left on] [3 solo: left on] [6 solo: left on] `vox` and 2 more are soloed: 2 other tracks are silent in all that is delivered / take `.solo()` out, or write `.solo(false)`"
        ]
    );
}

#[test]
fn a_solo_that_silences_nothing_is_left_alone() {
    quiet("track(\"vox\", \"vox.wav\").solo().solo(false); track(\"kick\", \"kick.wav\");");
    quiet("track(\"vox\", \"vox.wav\").solo(); track(\"kick\", \"kick.wav\").mute();");
    quiet("let g = bus(\"g\").solo(); for n in [\"vox\", \"kick\"] { track(n, `${n}.wav`).to(g); }");
    quiet("mix.solo(); track(\"vox\", \"vox.wav\");");
}

#[test]
fn a_bus_that_nothing_goes_into() {
    assert_eq!(
        told("bus(\"drums\");\nlet kick = track(\"kick\", \"kick.wav\");"),
        [
            "MX0701 [1 \"drums\": no strip is routed or sent here] nothing goes into the bus `drums` / route to it, `kick.to(\"drums\")`, or take it out"
        ]
    );
    // a return is sent to; no variable of the script's is made up
    assert_eq!(
        told("let p = bus(\"plate\").insert(low_cut(200Hz), reverb());\ntrack(\"lead vox\", \"vox.wav\");"),
        [
            "MX0701 [1 \"plate\": no strip is routed or sent here] nothing goes into the bus `plate` / send to it, `track(\"lead vox\", …).send(\"plate\", -12dB)`, or take it out"
        ]
    );
}

#[test]
fn of_empty_buses_behind_one_another_the_first_is_told() {
    let all =
        told("let all = bus(\"all\"); bus(\"drums\").to(all); bus(\"gang\").to(all);\ntrack(\"kick\", \"kick.wav\");");
    let of: Vec<&str> = all.iter().map(|l| l.split(" / ").next().unwrap()).collect();
    assert_eq!(
        of,
        [
            "MX0701 [1 \"drums\": no strip is routed or sent here] nothing goes into the bus `drums`",
            "MX0701 [1 \"gang\": no strip is routed or sent here] nothing goes into the bus `gang`"
        ]
    );
}

#[test]
fn buses_that_are_fed_or_meant_to_be_silent_are_left_alone() {
    // by a track that is muted, or that a solo silences; by a send that is off, which is told itself; by a tap
    quiet("let d = bus(\"d\"); track(\"kick\", \"kick.wav\").to(d).mute(); track(\"vox\", \"vox.wav\");");
    assert_eq!(
        told(
            "let d = bus(\"d\"); track(\"kick\", \"kick.wav\").to(d); track(\"vox\", \"vox.wav\").solo(); track(\"x\", \"pad.wav\").to(d);"
        )
        .len(),
        1
    );
    assert!(
        told("let d = bus(\"d\"); track(\"kick\", \"kick.wav\").send(d, off);").iter().all(|l| l.starts_with("MX0702"))
    );
    quiet("let d = bus(\"d\"); track(\"kick\", \"kick.wav\").source.send(d, -6dB);");
    // a bus that is muted, and one that is only a tap
    quiet("bus(\"d\").mute(); track(\"kick\", \"kick.wav\");");
    quiet("let k = bus(\"k\").to(off); track(\"kick\", \"kick.wav\").insert(compressor(key: k));");
}

#[test]
fn a_bus_that_nobody_hears_is_told_as_that_alone() {
    let all = told("bus(\"d\").to(off); track(\"kick\", \"kick.wav\");");
    assert!(all.len() == 1 && all[0].starts_with("MX0402"), "{all:?}");
}

#[test]
fn the_buses_of_a_module_are_for_whoever_needs_them() {
    let world = sounds().world("import \"desk\" as d;\nd::all();\ntrack(\"kick\", \"kick.wav\");");
    world.put("lib/desk.mix", "fn all() { bus(\"drums\"); bus(\"plate\").insert(reverb()); }");
    assert_eq!(told_in(&world), Vec::<String>::new());
    let world = sounds().world("import \"spaces\" as s;\nlet p = s::plate(\"p\", 1s);\ntrack(\"kick\", \"kick.wav\");");
    assert_eq!(told_in(&world), Vec::<String>::new());
}

#[test]
fn a_send_that_is_never_on() {
    assert_eq!(
        told("let echo = bus(\"echo\").insert(delay());\ntrack(\"vox\", \"vox.wav\")\n    .send(echo, off);"),
        [
            "MX0702 [3 echo: off from beginning to end] `vox` sends nothing to `echo`: the send is always off / give it a level, `.send(\"echo\", -12dB)`, or take it out"
        ]
    );
    for level in ["[0s: off, 1s: off]", "[0s..1s: off]", "[0s..1s: off, 2s: smooth(off)]"] {
        let all = told(&format!(
            "let e = bus(\"e\"); track(\"vox\", \"vox.wav\").send(e, {level}, pre: true); track(\"kick\", \"kick.wav\").send(e, -6dB);"
        ));
        assert!(all.len() == 1 && all[0].contains("`.send(\"e\", -12dB, pre: true)`"), "{level}: {all:?}");
    }
}

#[test]
fn sends_that_come_on_are_left_alone() {
    for level in
        ["[0s..1s: -4dB]", "[0s: off, 1s: -12dB]", "lfo(rate: 1Hz, from: off, to: -6dB)", "|t| t - 60", "-90dB"]
    {
        quiet(&format!("let e = bus(\"e\"); track(\"vox\", \"vox.wav\").send(e, {level});"));
    }
    // one call for many strips, of which some do not send
    quiet(
        "let e = bus(\"e\"); for t in [[\"kick\", off], [\"snare\", -12dB], [\"vox\", off]] { track(t[0], `${t[0]}.wav`).send(e, t[1]); }",
    );
}
