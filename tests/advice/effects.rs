use super::{quiet, told};

const KICK: &str = "track(\"kick\", \"kick.wav\");\n";

#[test]
fn a_mix_that_is_limited_before_it_is_mastered() {
    assert_eq!(
        told(&format!(
            "{KICK}mix.insert(compressor(ratio: 2), limiter(ceiling: -0.5dBTP, gain: 3dB));\n\
             deliver(mix, \"mix.wav\", target: \"premaster\");"
        )),
        [
            "MX0708 [2 limiter: what this flattens stays flat] [3 \"mix.wav\": delivered here] `mix` ends with a limiter, and is delivered to be mastered / move it to the master: `master.insert(limiter(ceiling: -0.5dBTP, gain: 3dB));`"
        ]
    );
    assert_eq!(
        told(&format!(
            "{KICK}mix.insert(chain(low_cut(20Hz), limiter())); master.insert(eq(low_shelf(80Hz, 1dB)), limiter());\n\
             deliver(mix, \"mix.wav\");\ndeliver(master, \"master.wav\", target: \"spotify\");"
        )),
        [
            "MX0708 [2 limiter: what this flattens stays flat] [3 \"mix.wav\": delivered here] `mix` ends with a limiter, and is delivered to be mastered / take it out: `master` has its own `limiter`"
        ]
    );
    assert_eq!(
        told(&format!(
            "{KICK}mix.insert(saturate(kind: \"hard\", drive: 2dB));\ndeliver(mix, \"mix.wav\", target: \"premaster\");"
        )),
        [
            "MX0708 [2 saturate: what this flattens stays flat] [3 \"mix.wav\": delivered here] `mix` ends with a clipper, and is delivered to be mastered / move it to the master: `master.insert(saturate(kind: \"hard\", drive: 2dB));`"
        ]
    );
}

#[test]
fn limiters_that_are_somebodys_master_are_left_alone() {
    let song = |rest: &str| quiet(&format!("{KICK}{rest}"));
    // the mix is the master
    song("mix.insert(limiter());");
    song("mix.insert(limiter()); deliver(mix, \"mix.wav\");");
    song("mix.insert(limiter()); deliver(mix, \"mix.wav\", target: \"podcast\");");
    song(
        "mix.insert(limiter()); master.insert(eq(bell(1kHz, 1dB))); deliver(mix, \"mix.wav\", loudness: -16LUFS); deliver(master, \"m.wav\");",
    );
    // where it belongs, not last, off, in parallel, or on what is not delivered
    song("master.insert(limiter()); deliver(mix, \"mix.wav\", target: \"premaster\"); deliver(master, \"m.wav\");");
    song("mix.insert(limiter(), eq(bell(1kHz, 1dB))); deliver(mix, \"mix.wav\", target: \"premaster\");");
    song("mix.insert(limiter(on: false)); deliver(mix, \"mix.wav\", target: \"premaster\");");
    song("mix.insert(limiter(mix: 40%)); deliver(mix, \"mix.wav\", target: \"premaster\");");
    song("mix.insert(limiter()); master.insert(eq(bell(1kHz, 1dB))); deliver(master, \"m.wav\");");
    song("mix.insert(limiter()); deliver(mix.source, \"sum.wav\", target: \"premaster\");");
    song("mix.insert(saturate(kind: \"tape\")); deliver(mix, \"mix.wav\", target: \"premaster\");");
    song(
        "mix.insert(compressor(ratio: 4)); master.insert(limiter()); deliver(mix, \"mix.wav\"); deliver(master, \"m.wav\");",
    );
}
