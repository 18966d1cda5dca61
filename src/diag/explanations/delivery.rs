use crate::diag::{Code, Explanation};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: Code::SAME_PATH,
        title: "Two deliveries into one file",
        cause: "One would overwrite the other.",
        bad: "deliver(mix, \"a.wav\"); deliver(master, \"a.wav\");",
        good: "deliver(mix, \"mix.wav\"); deliver(master, \"master.wav\");",
    },
    Explanation {
        code: Code::FORMAT,
        title: "A format, depth or option that the file cannot have",
        cause: "FLAC holds 16 or 24 bits; WAV and AIFF 16, 24 or 32 (float), an AIFF less than 4 GiB. Only a FLAC is compressed. Noise is shaped at 44.1 and 48 kHz, for 16 and 24 bits.",
        bad: "deliver(mix, \"mix.flac\", bits: 32)",
        good: "deliver(mix, \"mix.wav\", bits: 32)",
    },
    Explanation {
        code: Code::CLIPPED,
        title: "Samples over full scale in an integer file",
        cause: "They were saturated. A float file holds them, a limiter prevents them.",
        bad: "deliver(mix, \"mix.wav\", bits: 24)",
        good: "deliver(mix, \"mix.wav\", bits: 32)",
    },
    Explanation {
        code: Code::SOLO,
        title: "A solo left on",
        cause: "Everything else is silent in what was delivered.",
        bad: "vox.solo();",
        good: "vox.solo(false);",
    },
    Explanation {
        code: Code::PATH_WORD,
        title: "A word in braces that a path does not know",
        cause: "Known are {song} {artist} {album} {strip} {target} {rate} {bits} {track} {title} and a few more; each only where it is said.",
        bad: "deliver(mix, \"{sogn}.wav\")",
        good: "deliver(mix, \"{song}.wav\")",
    },
    Explanation {
        code: Code::NO_DELIVERY,
        title: "Nothing to deliver",
        cause: "The target exists, but nothing reaches it.",
        bad: "stems([]);",
        good: "stems();",
    },
    Explanation {
        code: Code::STEMS,
        title: "Stems that do not sum to the mix",
        cause: "What the strips carry together is not what the mix receives, or a strip is asked for that brings nothing into it.",
        bad: "kick.to(off); stems([kick]);",
        good: "stems([kick]);",
    },
    Explanation {
        code: Code::RANGE,
        title: "A range that holds nothing",
        cause: "It ends where it begins, or lies outside of the song.",
        bad: "mixdown render song.mix --from 2:00 --to 1:00",
        good: "mixdown render song.mix --from 1:00 --to 2:00",
    },
    Explanation {
        code: Code::EXPECTATION,
        title: "An expectation that does not hold",
        cause: "What was rendered measures otherwise. The files are written, so that they can be heard. A reading is of the strip itself, \
                before any delivery is brought to a loudness.",
        bad: "expect(vox.loudness(\"chorus\"), above: music.loudness(\"chorus\"), by: 1LU)",
        good: "vox.ride([\"chorus\": 1.5dB])",
    },
    Explanation {
        code: Code::NO_READING,
        title: "A reading that does not exist",
        cause: "Silence has no level, loudness needs 0.4 s of sound above -70 LUFS, short-term loudness and the loudness range 3 s, \
                correlation and mono loss two sides.",
        bad: "expect(vox.short_term_max(0s..2s), below: -10LUFS)",
        good: "expect(vox.loudness(0s..2s), below: -10LUFS)",
    },
    Explanation {
        code: Code::NO_LEVEL,
        title: "A source without the measure that its trim is to bring to a level",
        cause: "It is silent, or it has a peak and no loudness: shorter than 0.4 s, or below -70 LUFS.",
        bad: "track(\"click\", \"click.wav\").trim(-18LUFS)",
        good: "track(\"click\", \"click.wav\").trim(-6dBFS)",
    },
    Explanation {
        code: Code::FAR_TRIM,
        title: "A trim that would move a source further than trims go",
        cause: "A trim to a level moves by 60 dB at most: what is quieter than that is rarely the sound that was meant.",
        bad: "track(\"hiss\", \"hiss.wav\").trim(-6dBFS)",
        good: "track(\"hiss\", \"hiss.wav\").trim(40dB)",
    },
    Explanation {
        code: Code::LOUDNESS,
        title: "A loudness that cannot be met",
        cause: "The limiter would have to take away more than `max_reduction` (6 dB unless said), or there is no sound that has a loudness.",
        bad: "deliver(master, \"m.wav\", loudness: -6LUFS);",
        good: "deliver(master, \"m.wav\", loudness: -11LUFS, max_reduction: 8dB);",
    },
];
