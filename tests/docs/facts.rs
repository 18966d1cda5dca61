//! What the manual says of sound, measured: each sentence stands there, and a strip called `x` is as it says.

use crate::sessions::Session;
use crate::{root, text};

/// What a constant of a half on both sides comes to in the middle, by the pan law.
const MIDDLE: f64 = 0.353_553;

/// A part of a sentence, a script, and what is heard of `x` at so many seconds on the left and on the right.
type Fact = (&'static str, &'static str, &'static [(f64, f64, f64)]);

/// At 120 a bar lasts two seconds; `a` is 1 s to 3 s and 5 s to 7 s, `b` what lies between. `dc.wav` is a half, in mono; `lr.wav` a half on the
/// left and a quarter on the right. Both last eight seconds.
const HEAD: &str = "song(\"F\", tempo: 120, first_bar: 1s, rate: 48kHz, tail: 0s);
    sections([bar(1): \"a\", bar(2): \"b\", bar(3): \"a\", bar(4): \"\"]);
    track(\"silence\").clip(\"dc.wav\", gain: off);
    deliver(\"x\", \"x.wav\", bits: 32);\n";

const FACTS: &[Fact] = &[
    (
        "Sound goes through a strip in this order, whatever the order of the calls",
        "track(\"x\", \"lr.wav\").width(0%).gain(-20dB).insert(limiter(ceiling: -12.0412dBTP)).trim(12.0412dB);",
        &[(4.0, 0.01875, 0.01875)],
    ),
    (
        "their decibels add up",
        "let x = track(\"x\", \"dc.wav\").gain(-6.0206dB).ride(-6.0206dB); vca(\"v\", [x]).gain(6.0206dB);",
        &[(4.0, MIDDLE / 2.0, MIDDLE / 2.0)],
    ),
    ("without one it stands in the centre by the pan law", "track(\"x\", \"dc.wav\");", &[(4.0, MIDDLE, MIDDLE)]),
    (
        "left and right always add up to the same",
        "track(\"x\", \"dc.wav\").pan(50%, law: -6dB);",
        &[(4.0, 0.125, 0.375)],
    ),
    (
        "Of a stereo strip `pan` is a balance, whatever the law",
        "track(\"x\", \"lr.wav\").pan(50%, law: -6dB);",
        &[(4.0, MIDDLE, 0.25)],
    ),
    ("`place(100%, -100%)` is turned around", "track(\"x\", \"lr.wav\").place(100%, -100%);", &[(4.0, 0.25, 0.5)]),
    ("`width(0%)` is mono", "track(\"x\", \"lr.wav\").width(0%);", &[(4.0, 0.375, 0.375)]),
    (
        "Mute silences all that leaves a strip but its `.source`",
        "let x = bus(\"x\"); let m = track(\"m\", \"lr.wav\").mute().send(x).send(x, pre: true); m.source.send(x, 0dB);",
        &[(4.0, 0.5, 0.25)],
    ),
    (
        "Solo silences the tracks that neither are soloed nor feed what is, by a route or a send",
        "let x = bus(\"x\"); let s = bus(\"s\").solo().to(off); track(\"fed\", \"lr.wav\").send(s).to(x); track(\"other\", \"lr.wav\").to(x);",
        &[(4.0, 0.5, 0.25)],
    ),
    ("what is muted stays so when it is soloed", "track(\"x\", \"lr.wav\").mute().solo();", &[(4.0, 0.0, 0.0)]),
    (
        "silence parts of the song",
        "track(\"x\", \"lr.wav\").only_in(\"a\").mute_in(bar(3, 3)..bar(4));",
        &[(0.5, 0.0, 0.0), (2.0, 0.5, 0.25), (4.0, 0.0, 0.0), (5.5, 0.5, 0.25), (6.5, 0.0, 0.0)],
    ),
    (
        "Files without `at:` still begin with the song; what is placed in bars moves",
        "let x = bus(\"x\"); track(\"t\").clip(\"lr.wav\", to: 0.5s).clip(\"lr.wav\", at: bar(1), to: 0.5s).to(x);",
        &[(0.4, 0.5, 0.25), (0.9, 0.0, 0.0), (1.1, 0.5, 0.25), (1.6, 0.0, 0.0)],
    ),
    ("`at: 4bars` is `at: bar(5)`", "track(\"x\").clip(\"lr.wav\", at: 1bars);", &[(2.9, 0.0, 0.0), (3.1, 0.5, 0.25)]),
    (
        "the first of that name, or the second",
        "track(\"x\").clip(\"lr.wav\", at: start(\"a\", 2) - 1beats, to: 1s).clip(\"lr.wav\", at: end(\"a\"), to: 1s);",
        &[(2.9, 0.0, 0.0), (3.1, 0.5, 0.25), (4.4, 0.0, 0.0), (4.6, 0.5, 0.25), (5.6, 0.0, 0.0)],
    ),
    (
        "`\"chorus\"` means all of them, `\"chorus 2\"` the second",
        "track(\"x\", \"lr.wav\").mute_in(\"a 2\").ride([\"a\": -6.0206dB]);",
        &[(2.0, 0.25, 0.125), (4.0, 0.5, 0.25), (6.0, 0.0, 0.0)],
    ),
    (
        "Before the first point the first value holds, after the last the last",
        "track(\"x\", \"lr.wav\").gain([bar(2): -6.0206dB, bar(3): 0dB]);",
        &[(0.5, 0.25, 0.125), (4.0, 0.353_553, 0.176_777), (7.5, 0.5, 0.25)],
    ),
    (
        "Where they overlap, the one written later wins; where there is none, the points speak",
        "track(\"x\", \"lr.wav\").gain([bar(1): 0dB, bar(1)..bar(4): off, \"b\": -6.0206dB]);",
        &[(0.5, 0.5, 0.25), (2.0, 0.0, 0.0), (4.0, 0.25, 0.125), (7.5, 0.5, 0.25)],
    ),
    (
        "0 dB for `gain` and `ride`",
        "track(\"x\", \"lr.wav\").gain([\"b\": off]).ride([\"a 2\": off]);",
        &[(0.5, 0.5, 0.25), (4.0, 0.0, 0.0), (6.0, 0.0, 0.0), (7.5, 0.5, 0.25)],
    ),
    (
        "`off` for `send`",
        "let x = bus(\"x\"); track(\"t\", \"lr.wav\").to(off).send(x, [\"b\": 0dB]);",
        &[(0.5, 0.0, 0.0), (4.0, 0.5, 0.25), (7.5, 0.0, 0.0)],
    ),
    (
        "0 % for `pan`, 100 % for `width`",
        "track(\"x\", \"lr.wav\").pan([\"b\": 100%]).width([\"a\": 0%]);",
        &[(0.5, 0.5, 0.25), (2.0, 0.375, 0.375), (4.0, 0.0, 0.25)],
    ),
    (
        "false for a switch such as `on`",
        "track(\"x\", \"lr.wav\").insert(chain(output: -6.0206dB, on: [\"b\": true]));",
        &[(2.0, 0.5, 0.25), (4.0, 0.25, 0.125)],
    ),
    (
        "For a number of an effect it is its default",
        "track(\"x\", \"lr.wav\").insert(width(0%, mix: [\"b\": 0%]));",
        &[(2.0, 0.375, 0.375), (4.0, 0.5, 0.25)],
    ),
    (
        "`hold(v)` keeps the value before and steps there",
        "track(\"x\", \"lr.wav\").gain([bar(1): -6.0206dB, bar(3): hold(0dB)]);",
        &[(4.9, 0.25, 0.125), (5.1, 0.5, 0.25)],
    ),
    (
        "Tempo counts quarter notes a minute, whatever the meter",
        "meter(\"6/8\"); track(\"x\").clip(\"lr.wav\", at: bar(2, 3));",
        &[(2.9, 0.0, 0.0), (3.1, 0.5, 0.25)],
    ),
    (
        "rides add up, each is 0 dB where it says nothing",
        "track(\"x\", \"lr.wav\").ride([\"a\": -6.0206dB]).ride([\"a 2\": -6.0206dB]);",
        &[(2.0, 0.25, 0.125), (4.0, 0.5, 0.25), (6.0, 0.125, 0.0625)],
    ),
    (
        "What it uses from around it (`depth`) is taken along as it is at that moment",
        "let depth = 6.0206; track(\"x\", \"lr.wav\").gain(|t| -depth); depth = 0;",
        &[(4.0, 0.25, 0.125)],
    ),
];

#[test]
fn what_the_manual_says_of_sound_is_heard() {
    let page = text(&root().join("docs/language.md"));
    let page: Vec<&str> = page.split_whitespace().collect();
    let page = page.join(" ");
    let constant = |level: f64| vec![level; 8 * 48_000];
    let session = Session::new().wav("dc.wav", 48_000, 24, &[constant(0.5)]).wav(
        "lr.wav",
        48_000,
        24,
        &[constant(0.5), constant(0.25)],
    );
    let mut wrong = String::new();
    for (sentence, script, heard) in FACTS {
        assert!(page.contains(sentence), "the manual does not say: {sentence}");
        let sound = session.render(&format!("{HEAD}{script}")).samples("x.wav");
        for (seconds, left, right) in *heard {
            let frame = (seconds * 48_000.0) as usize;
            let got = [sound[0][frame], sound[1][frame]];
            if (got[0] - left).abs() > 1e-4 || (got[1] - right).abs() > 1e-4 {
                wrong += &format!("{sentence}: {got:?} at {seconds} s, not {left} and {right}\n{script}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
