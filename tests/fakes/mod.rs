//! A small catalogue for tests of the language, shaped like the real one.

use std::path::Path;

use mixdown::dsp::{Category, Declaration, Kind, Number, Param};
use mixdown::script::{Reading, read_with};
use mixdown::units::Unit;
use mixdown::world::Memory;

const fn declare(name: &'static str, category: Category, params: &'static [Param]) -> Declaration {
    Declaration { name, category, help: "", version: 1, params }
}

const AUTO: Param = Param {
    name: "release",
    help: "Time to let go",
    kind: Kind::Number(Number {
        unit: Unit::Ms,
        min: 1.0,
        max: 5000.0,
        default: Some(100.0),
        words: &["auto"],
        steps: &[],
        curve: false,
        nyquist: false,
    }),
};

static COMPRESSOR: Declaration = declare(
    "compressor",
    Category::Dynamics,
    &[
        Param::number("threshold", Unit::Db, -80.0, 0.0, -18.0, "Level where it begins").curve(),
        Param::number("ratio", Unit::None, 1.0, 100.0, 2.0, "How much of what is over stays").curve(),
        Param::number("attack", Unit::Ms, 0.0, 1000.0, 10.0, "Time to grip"),
        AUTO,
        Param::choice("detector", &["peak", "rms"], 0, "What it hears"),
        Param::key("key", "What steers it"),
    ],
);
static EQ: Declaration = declare(
    "eq",
    Category::Equaliser,
    &[Param::effects("bands", "Its bands"), Param::choice("phase", &["minimum", "linear"], 0, "Phase")],
);
const FREQUENCY: Param = Param::frequency("frequency", 10.0, 1000.0, "Centre").curve();
const GAIN: Param = Param::number("gain", Unit::Db, -36.0, 36.0, 0.0, "Boost or cut").curve();
const Q: Param = Param::number("q", Unit::None, 0.1, 100.0, 1.0, "Width").curve();
const SLOPE: Param =
    Param::number("slope", Unit::None, 6.0, 48.0, 12.0, "dB per octave").steps(&[6.0, 12.0, 18.0, 24.0, 36.0, 48.0]);
static BELL: Declaration = declare("bell", Category::Equaliser, &[FREQUENCY, GAIN, Q]);
static HIGH_SHELF: Declaration = declare("high_shelf", Category::Equaliser, &[FREQUENCY, GAIN, Q]);
static LOW_SHELF: Declaration = declare("low_shelf", Category::Equaliser, &[FREQUENCY, GAIN, Q]);
static LOW_CUT: Declaration = declare("low_cut", Category::Equaliser, &[FREQUENCY, SLOPE, Q]);
static HIGH_CUT: Declaration = declare("high_cut", Category::Equaliser, &[FREQUENCY, SLOPE, Q]);
static TILT: Declaration = declare("tilt", Category::Equaliser, &[GAIN, FREQUENCY]);
static CHAIN: Declaration = declare("chain", Category::Image, &[Param::effects("effects", "In a row")]);
static REVERB: Declaration = declare(
    "reverb",
    Category::Space,
    &[
        Param::choice("kind", &["room", "chamber", "hall", "plate", "ambience"], 2, "Which space"),
        Param::number("decay", Unit::S, 0.1, 20.0, 1.8, "Time to -60 dB").curve(),
        Param::number("predelay", Unit::Ms, 0.0, 250.0, 20.0, "Time before it"),
        Param::frequency("damp", 500.0, 6000.0, "Above it decays faster"),
    ],
);
static DELAY: Declaration = declare(
    "delay",
    Category::Space,
    &[
        Param::number("time", Unit::Ms, 1.0, 10_000.0, 300.0, "Between echoes").curve(),
        Param::number("feedback", Unit::Percent, 0.0, 95.0, 35.0, "How much comes again").curve(),
        Param::frequency("high_cut", 100.0, 8000.0, "Darker echoes").optional(),
    ],
);
static SATURATE: Declaration = declare(
    "saturate",
    Category::Colour,
    &[
        Param::number("drive", Unit::Db, 0.0, 36.0, 6.0, "How hard").curve(),
        Param::choice("kind", &["tape", "tube", "soft"], 0, "How"),
    ],
);
static TREMOLO: Declaration =
    declare("tremolo", Category::Movement, &[Param::number("rate", Unit::Hz, 0.0, 50.0, 5.0, "How fast").curve()]);
static WIDTH: Declaration =
    declare("width", Category::Image, &[Param::number("amount", Unit::Percent, 0.0, 200.0, 100.0, "How wide").curve()]);
static MULTIBAND: Declaration = declare(
    "multiband",
    Category::Dynamics,
    &[
        Param::numbers("split", Unit::Hz, 20.0, 20_000.0, &[120.0, 3000.0], "Where bands meet"),
        Param::effect("low", "For the low band"),
        Param::effect("high", "For the high band"),
    ],
);
static LIMITER: Declaration =
    declare("limiter", Category::Dynamics, &[Param::number("ceiling", Unit::Dbtp, -24.0, 0.0, -1.0, "The most")]);

pub(crate) static FAKES: &[&Declaration] = &[
    &COMPRESSOR,
    &EQ,
    &BELL,
    &HIGH_SHELF,
    &LOW_SHELF,
    &LOW_CUT,
    &HIGH_CUT,
    &TILT,
    &CHAIN,
    &REVERB,
    &DELAY,
    &SATURATE,
    &TREMOLO,
    &WIDTH,
    &MULTIBAND,
    &LIMITER,
];

/// A script by itself.
#[allow(dead_code, reason = "not every test of the language reads one text alone")]
pub(crate) fn read_text(text: &str) -> Reading {
    read_files(&[("song.mix", text)])
}

/// The first of several files.
pub(crate) fn read_files(files: &[(&str, &str)]) -> Reading {
    let world = Memory::default();
    for (path, text) in files {
        world.put(Path::new(path), text.as_bytes().to_vec());
    }
    read_with(&world, Path::new(files[0].0), FAKES)
}

/// Every diagnostic on a line: code, `file:line:column+length`, message, help.
pub(crate) fn told(reading: &Reading) -> Vec<String> {
    reading
        .diagnostics
        .iter()
        .map(|d| {
            let place = d.labels.first().map_or("nowhere".to_string(), |l| {
                let name = reading.sources.get(l.span.source).map_or("", |s| &s.name);
                match reading.sources.place(l.span) {
                    Some(p) => format!("{}:{}:{}+{}", name.trim_start_matches("song.mix"), p.line, p.column, p.length),
                    None => "outside".into(),
                }
            });
            let help = d.help.as_deref().map_or(String::new(), |h| format!(" / {h}"));
            format!("{} {} {}{}", d.code, place.trim_start_matches(':'), d.message, help)
        })
        .collect()
}
