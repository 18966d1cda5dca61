//! Random edits, one after another: whatever was done before, the files are those of a cold build.

use mixdown::audio::rng::Seed;

use super::{SONG, cold, outputs, render, sounds};

/// What can be changed: a place in the script and what may stand there.
const EDITS: &[(&str, &[&str])] = &[
    ("{A}", &["bell(1kHz, 3dB)", "bell(1kHz, 4dB)", "bell(2kHz, 3dB, q: 4)", "low_cut(90Hz)"]),
    ("{B}", &["bell(300Hz, -2dB)", "bell(300Hz, [1s: -2dB, 3s: 5dB])", "low_shelf(200Hz, 2dB)"]),
    ("{C}", &["key: a", "key: a, lookahead: 5ms", "ratio: 4"]),
    ("{LATE}", &["", "limiter(ceiling: -6dBTP)", "saturate(drive: 4dB)", "chain(limiter(), limiter(), limiter())"]),
    ("{CURVE}", &["3.5s: -4dB, 4.4s: -5dB", "3.5s: -4dB, 4.4s: -9dB", "3s: 0dB", "1s: -20dB, 4s: off"]),
    ("{D}", &["gain(-6dB)", "gain(-5dB)", "mute(true)", "delay(10ms)", "gain(lfo(rate: 2Hz, from: -9dB, to: -3dB))"]),
    ("{SEND}", &["[0s: -20dB, 3s: -6dB]", "-6dB", "off", "[2s..3s: -3dB]"]),
    ("{ROUTE}", &["music", "drums", "hall"]),
    ("{BUS}", &["low_shelf(100Hz, 1dB)", "low_shelf(100Hz, 3dB)", "bell(1kHz, 1dB, q: 3)"]),
    ("{HALL}", &["decay: 0.4s", "decay: 0.3s, predelay: 20ms"]),
    ("{RIDE}", &[".gain(-1dB)", ".gain(follow(a, from: -6dB, to: 0dB))", ".pan([1s: -50%, 4s: 50%])", ".width(80%)"]),
    ("{MIX}", &["high_shelf(8kHz, 1dB)", "high_shelf(8kHz, 2dB)"]),
    (
        "{MASTER}",
        &["saturate(drive: 2dB), limiter()", "limiter(), saturate(drive: 1dB)", "width(110%), limiter(gain: 3dB)"],
    ),
    (
        "{OUT}",
        &[
            "bits: 16",
            "bits: 24, rate: 44.1kHz",
            "bits: 16, dither: \"shaped\", rate: 44.1kHz",
            "from: 1s, to: 4s, fade_in: 50ms",
        ],
    ),
];

const TEXT: &str = r#"song("x", rate: 48kHz);
let hall = bus("hall").insert(reverb({HALL}));
let echo = bus("echo").insert(delay(time: 90ms));
let drums = bus("drums").insert(eq({BUS}));
let music = bus("music").insert(compressor(threshold: -20dB));
let a = track("a", "a.wav").insert(eq({A}, low_cut(40Hz)), compressor(threshold: -24dB)).gain([0s: -3dB, {CURVE}]).send(hall, -12dB).to(drums);
track("b", "b.wav").insert(eq({B})).insert({LATE}).pan(-30%).send(hall, -15dB).send(echo, -9dB).to(drums);
track("c", "c.wav").insert(compressor(threshold: -30dB, {C})).pan(20%).send(hall, -10dB).to(music);
track("d", "d.wav").{D}.send(echo, {SEND}).to({ROUTE});
drums{RIDE}; mix.insert(eq({MIX}));
master.insert({MASTER});
stems();
deliver(mix, "mix.wav");
deliver(master, "master.wav", {OUT});
"#;

fn text(choice: &[usize]) -> String {
    let fill = |text: String, ((name, ways), way): (&(&str, &[&str]), &usize)| text.replace(name, ways[*way]);
    // an empty place takes its call away
    EDITS.iter().zip(choice).fold(TEXT.to_string(), fill).replace(".insert()", "")
}

/// `sequences` worlds, `edits` in each.
fn run(seed: u64, sequences: usize, edits: usize) {
    let session = sounds();
    let seed = Seed::new(seed);
    let mut draw = 0;
    let mut pick = |below: usize| {
        draw += 1;
        ((seed.bipolar(draw) * 0.5 + 0.5) * below as f64) as usize % below
    };
    for sequence in 0..sequences {
        let mut choice = vec![0; EDITS.len()];
        let world = session.world("").storing();
        let mut before = String::new();
        for edit in 0..edits {
            // mostly one thing, now and then several
            for _ in 0..=pick(4) / 3 * 2 {
                let place = pick(EDITS.len());
                choice[place] = pick(EDITS[place].1.len());
            }
            let text = text(&choice);
            world.put("song.mix", text.clone());
            render(&world);
            let mut now = outputs(&world);
            let cold = cold(&session, &text);
            // files of earlier edits may lie beside
            now.retain(|(name, _)| cold.iter().any(|(other, _)| other == name));
            assert_eq!(now, cold, "sequence {sequence}, edit {edit}:\n{before}\nbecame\n{text}");
            before = text;
        }
    }
}

#[test]
fn any_sequence_of_edits_ends_with_the_bytes_of_a_cold_build() {
    run(1, 3, 8);
}

#[test]
#[ignore = "two hundred edits take minutes: `cargo test --release --test incremental -- --ignored`"]
fn two_hundred_edits() {
    run(2, 20, 10);
}

#[test]
fn the_song_of_the_other_tests_is_one_of_these() {
    assert!(text(&vec![0; EDITS.len()]).lines().count() == SONG.lines().count());
}
