use crate::diag::{Code, Explanation};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: Code::DUPLICATE_NAME,
        title: "Two strips of one name",
        cause: "Routes, stems and meters find strips by their names.",
        bad: "track(\"vox\"); track(\"vox\");",
        good: "track(\"vox\"); track(\"vox double\");",
    },
    Explanation {
        code: Code::UNKNOWN_BUS,
        title: "A route or send to a bus that does not exist",
        cause: "The bus is called otherwise, was never made, or is a track.",
        bad: "vox.send(\"plat\")",
        good: "bus(\"plate\"); vox.send(\"plate\")",
    },
    Explanation {
        code: Code::UNKNOWN_SECTION,
        title: "A section that does not exist",
        cause: "Sections are named by `sections` or `section`; \"chorus 2\" is the second chorus.",
        bad: "vox.mute_in(\"intor\")",
        good: "vox.mute_in(\"intro\")",
    },
    Explanation {
        code: Code::UNKNOWN_TARGET,
        title: "A render target that does not exist",
        cause: "A target is a delivery's name, a strip, `stems`, `mix` or `master`.",
        bad: "mixdown render song.mix mastr",
        good: "mixdown render song.mix master",
    },
    Explanation {
        code: Code::UNUSABLE_NAME,
        title: "A name that cannot become a file",
        cause: "It holds a sign that a file system refuses, or differs from another only in capitals.",
        bad: "track(\"AC/DC\")",
        good: "track(\"AC-DC\")",
    },
    Explanation {
        code: Code::UNKNOWN_STRIP,
        title: "A strip that does not exist",
        cause: "A strip is named that no `track` or `bus` made.",
        bad: "track(\"lead\", \"lead.wav\"); stems([\"led\"]);",
        good: "track(\"lead\", \"lead.wav\"); stems([\"lead\"]);",
    },
    Explanation {
        code: Code::DELIVERY_TARGET,
        title: "A delivery target that does not exist",
        cause: "`mixdown targets` lists those that come with the program; a script makes its own with `target`.",
        bad: "deliver(master, \"song.flac\", target: \"spotfy\")",
        good: "deliver(master, \"song.flac\", target: \"spotify\")",
    },
    Explanation {
        code: Code::UNKNOWN_SETTING,
        title: "A value for a parameter that the script does not have",
        cause: "`--set` gives a value to a `param` of the script, by its name. `mixdown check` lists them.",
        bad: "mixdown render song.mix --set vocl=1dB",
        good: "mixdown render song.mix --set vocal=1dB // param(\"vocal\", 0dB)",
    },
    Explanation {
        code: Code::UNKNOWN_VERSION,
        title: "A version that does not exist",
        cause: "Versions are made with `version`; the session as it stands is the version \"main\".",
        bad: "deliver(master, \"{version}.wav\", versions: [\"main\", \"instrumntal\"])",
        good: "version(\"instrumental\").mute(vox); deliver(master, \"{version}.wav\", versions: \"all\")",
    },
];
