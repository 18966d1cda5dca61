use crate::diag::{Code, Explanation};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: Code::CYCLE,
        title: "Strips that feed one another in a circle",
        cause: "Sound would have to be there before itself.",
        bad: "a.send(b); b.send(a);",
        good: "a.send(b);",
    },
    Explanation {
        code: Code::UNHEARD,
        title: "A strip that nothing hears",
        cause: "No route, send, key or delivery leads from it to a file.",
        bad: "bus(\"plate\").to(off);",
        good: "bus(\"plate\");",
    },
    Explanation {
        code: Code::SELF_SEND,
        title: "A strip that sends to itself",
        cause: "Echoes are made with the feedback of a delay.",
        bad: "echo.send(echo)",
        good: "echo.insert(delay(feedback: 35%))",
    },
    Explanation {
        code: Code::EMPTY,
        title: "A session without sound",
        cause: "No track plays a file.",
        bad: "song(\"Silence\");",
        good: "track(\"vox\", \"vox.wav\");",
    },
    Explanation {
        code: Code::NOT_FINITE,
        title: "A sample that is no number",
        cause: "A file holds infinities or not-a-numbers, or an effect ran away.",
        bad: "track(\"broken\", \"nan.wav\")",
        good: "track(\"sound\", \"repaired.wav\")",
    },
];
