use crate::diag::{Code, Explanation};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: Code::WRONG_UNIT,
        title: "A number in the wrong unit",
        cause: "The parameter measures something else.",
        bad: "compressor(threshold: 80Hz)",
        good: "compressor(threshold: -18dB)",
    },
    Explanation {
        code: Code::WRONG_TYPE,
        title: "Something else where a value is needed",
        cause: "A text for a number, a number for a strip, a strip for an effect.",
        bad: "vox.gain(\"loud\")",
        good: "vox.gain(3dB)",
    },
    Explanation {
        code: Code::OUT_OF_RANGE,
        title: "A number outside the range of its parameter",
        cause: "The range is shown; `mixdown effects NAME` lists all of them.",
        bad: "compressor(ratio: 0.5)",
        good: "compressor(ratio: 2)",
    },
    Explanation {
        code: Code::UNKNOWN_CHOICE,
        title: "A word that the parameter does not know",
        cause: "The parameter takes one of a few words.",
        bad: "reverb(kind: \"plato\")",
        good: "reverb(kind: \"plate\")",
    },
    Explanation {
        code: Code::CLAMPED,
        title: "A frequency above what the sample rate holds",
        cause: "Filters work up to 0.49 of the sample rate; the frequency was brought down to that.",
        bad: "high_cut(23kHz) // at 44.1 kHz",
        good: "high_cut(20kHz)",
    },
    Explanation {
        code: Code::CURVE,
        title: "Points of a curve that make no curve",
        cause: "A curve is a list of `time: value` pairs.",
        bad: "vox.gain([-3dB, -6dB]);",
        good: "vox.gain([bar(1): -3dB, bar(9): -6dB]);",
    },
    Explanation {
        code: Code::TIME,
        title: "A time that cannot be placed",
        cause: "A value that is no time, a length where a place is needed, or an end before its beginning.",
        bad: "section(\"a\", bar(9), bar(1))",
        good: "section(\"a\", bar(1), bar(9))",
    },
    Explanation {
        code: Code::REFUSED,
        title: "Settings that an effect cannot work with",
        cause: "Each value is in range, but not all of them together.",
        bad: "vox.insert(multiband(split: [3kHz, 120Hz]));",
        good: "vox.insert(multiband(split: [120Hz, 3kHz]));",
    },
    Explanation {
        code: Code::NOT_A_CURVE,
        title: "A curve for a parameter that stands still",
        cause: "Not every parameter can move without a click or a change of latency.",
        bad: "limiter(lookahead: [0s: 1ms, 9s: 2ms])",
        good: "limiter(lookahead: 2ms)",
    },
    Explanation {
        code: Code::TAG,
        title: "A tag that is not written as it must be",
        cause: "Shops and players refuse codes that are not whole: an ISRC has 12 characters, a bar code 12 or 13 digits of which the last checks \
                the others, a date is YYYY, YYYY-MM or YYYY-MM-DD, a track 3 or \"3/12\". Texts are one line.",
        bad: "song(\"Salt\", isrc: \"GB-XXX-26-1\");",
        good: "song(\"Salt\", isrc: \"GB-XXX-26-00001\");",
    },
];
