use crate::diag::{Code, Explanation};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: Code::EMPTY_BUS,
        title: "A bus that nothing goes into",
        cause: "It leads to the mix, but no strip is routed or sent to it: what was meant for it goes elsewhere.",
        bad: "let drums = bus(\"drums\"); track(\"kick\", \"kick.wav\");",
        good: "let drums = bus(\"drums\"); track(\"kick\", \"kick.wav\").to(drums);",
    },
    Explanation {
        code: Code::OFF_SEND,
        title: "A send that is never on",
        cause: "Its level is `off`, or every point of its curve is.",
        bad: "vox.send(echo, [bar(9)..bar(10): off]);",
        good: "vox.send(echo, [bar(9)..bar(10): -4dB]);",
    },
    Explanation {
        code: Code::ONLY_WET,
        title: "A track that is only its own reverb or echo",
        cause: "An effect's `mix` is 100 % unless it is said: on a track, that leaves nothing of the dry sound. Where it is meant, say `mix: 100%`.",
        bad: "vox.insert(reverb(decay: 2s));",
        good: "vox.insert(reverb(decay: 2s, mix: 20%));",
    },
    Explanation {
        code: Code::DRY_RETURN,
        title: "A return that brings the dry sound a second time",
        cause: "What is sent to it is heard dry already. What a return's `mix` leaves dry is added to that, and its reverb is quieter than its sends say.",
        bad: "bus(\"plate\").insert(reverb(mix: 30%)); vox.send(\"plate\", -12dB);",
        good: "bus(\"plate\").insert(reverb()); vox.send(\"plate\", -12dB);",
    },
    Explanation {
        code: Code::LATE_STRIP,
        title: "A strip that comes as late as an echo",
        cause: "`.delay(…)` moves the whole strip, which lines microphones up. Echoes are an effect, with the dry sound beside them.",
        bad: "vox.delay(250ms);",
        good: "vox.insert(delay(time: 250ms, mix: 25%));",
    },
    Explanation {
        code: Code::HIGH_FADER,
        title: "A fader above what faders are for",
        cause: "A source that needs more than 12 dB is quiet before its inserts too, where compressors do not hear it. A trim is before all of them.",
        bad: "vox.gain(18dB);",
        good: "vox.trim(18dB);",
    },
    Explanation {
        code: Code::MONO_WIDTH,
        title: "A width of what is mono",
        cause: "A mono strip in the middle has no side that could be wider or narrower.",
        bad: "track(\"kick\", \"mono.wav\").width(150%);",
        good: "track(\"kick\", \"mono.wav\").pan(20%);",
    },
    Explanation {
        code: Code::LIMITED_MIX,
        title: "A mix that is limited before it is mastered",
        cause: "What a limiter or a clipper flattens, mastering cannot bring back. On `master` it comes after the mix.",
        bad: "mix.insert(limiter()); deliver(mix, \"mix.wav\", target: \"premaster\");",
        good: "master.insert(limiter()); deliver(mix, \"mix.wav\", target: \"premaster\");",
    },
    Explanation {
        code: Code::SAME_SOUND,
        title: "Two files of the same sound",
        cause: "They are equal byte for byte under different names: a copy, or an export that did not change what it should have.",
        bad: "track(\"take 1\", \"take 1.wav\"); track(\"take 2\", \"copy of take 1.wav\");",
        good: "track(\"take 1\", \"take 1.wav\"); track(\"take 2\", \"take 2.wav\");",
    },
    Explanation {
        code: Code::UNDELIVERED,
        title: "A version that goes into no file",
        cause: "`version` says what is silent in it; a delivery makes files of the versions that its `versions:` names.",
        bad: "version(\"tv\").mute(vox); deliver(master, \"song.wav\");",
        good: "version(\"tv\").mute(vox); deliver(master, \"song-{version}.wav\", versions: \"all\");",
    },
];
