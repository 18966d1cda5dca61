use crate::diag::{Code, Explanation};

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: Code::FILE_MISSING,
        title: "An audio file that is not there",
        cause: "Paths start from the folder of the file that names them.",
        bad: "track(\"vox\", \"vocals.wav\")",
        good: "track(\"vox\", \"audio/vocals.wav\")",
    },
    Explanation {
        code: Code::FILE_UNREADABLE,
        title: "An audio file that cannot be decoded",
        cause: "It is damaged, empty, or in a format that is not supported.",
        bad: "track(\"vox\", \"notes.txt\")",
        good: "track(\"vox\", \"vox.wav\")",
    },
    Explanation {
        code: Code::FILE_TRUNCATED,
        title: "An audio file that ends before its header says",
        cause: "A copy or a recording was cut short.",
        bad: "track(\"vox\", \"short.wav\")",
        good: "track(\"vox\", \"short.wav\", allow_truncated: true)",
    },
    Explanation {
        code: Code::FILE_LAYOUT,
        title: "An audio file with a layout that is not supported",
        cause: "It has too many channels.",
        bad: "track(\"room\", \"64-channels.wav\")",
        good: "track(\"room\", \"stereo.wav\")",
    },
    Explanation {
        code: Code::FILE_DENIED,
        title: "A file that may not be read",
        cause: "The system refuses to open it for you.",
        bad: "track(\"vox\", \"private/vox.wav\")",
        good: "chmod u+r private/vox.wav",
    },
    Explanation {
        code: Code::FILE_CHANGED,
        title: "An audio file that changed while it was read",
        cause: "Something wrote to it during the render.",
        bad: "mixdown render song.mix // while recording",
        good: "mixdown render song.mix // afterwards",
    },
    Explanation {
        code: Code::PATH,
        title: "A path that leads outside",
        cause: "Outputs stay below the output folder, and paths are written with `/`.",
        bad: "deliver(mix, \"../mix.wav\")",
        good: "deliver(mix, \"mix.wav\")",
    },
    Explanation {
        code: Code::WRITE,
        title: "A file that could not be written",
        cause: "The disk is full, the folder may not be written to, or something is in the way: a folder, or a file marked read-only.",
        bad: "mixdown render song.mix -o /",
        good: "mixdown render song.mix -o out",
    },
    Explanation {
        code: Code::FILE_RATE,
        title: "An audio file with a sample rate that is not supported",
        cause: "Rates from 8 kHz to 384 kHz are.",
        bad: "track(\"x\", \"1MHz.wav\")",
        good: "track(\"x\", \"192kHz.wav\")",
    },
    Explanation {
        code: Code::PATH_ABSOLUTE,
        title: "An absolute path, which will not travel",
        cause: "On another machine the file lies elsewhere.",
        bad: "track(\"vox\", \"/home/me/vox.wav\")",
        good: "track(\"vox\", \"audio/vox.wav\")",
    },
];
