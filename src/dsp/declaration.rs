use crate::units::Unit;

/// What an effect is called, what it takes, and in which version it sounds as it does. Everything else (binding, ranges, help, JSON,
/// content keys) is derived from it.
#[derive(Debug)]
pub struct Declaration {
    pub name: &'static str,
    pub category: Category,
    /// One sentence, in audio words.
    pub help: &'static str,
    /// Raised whenever the sound changes.
    pub version: u32,
    pub params: &'static [Param],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Equaliser,
    Dynamics,
    Colour,
    Space,
    Movement,
    Image,
    Repair,
    Pitch,
}

impl Category {
    pub const fn name(self) -> &'static str {
        match self {
            Category::Equaliser => "equaliser",
            Category::Dynamics => "dynamics",
            Category::Colour => "colour",
            Category::Space => "space",
            Category::Movement => "movement",
            Category::Image => "image",
            Category::Repair => "repair",
            Category::Pitch => "pitch",
        }
    }
}

/// One parameter of an effect.
#[derive(Debug)]
pub struct Param {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: Kind,
}

#[derive(Debug)]
pub enum Kind {
    Number(Number),
    /// One word of several.
    Choice {
        options: &'static [&'static str],
        default: usize,
    },
    /// True or false; with `curve` it may move (its slot then carries 0..1, faded over 5 ms).
    Switch {
        default: bool,
        curve: bool,
    },
    /// A list of numbers: split frequencies.
    Numbers {
        unit: Unit,
        min: f64,
        max: f64,
        default: &'static [f64],
    },
    /// Another effect, optional.
    Effect,
    /// Any number of effects: the positional arguments of `chain`, or a list.
    Effects,
    /// A strip whose sound steers this effect, optional.
    Key,
}

/// A number with a unit. Built with `const fn`s: `Param::number("ratio", Unit::None, 1.0, 100.0, 2.0, "…").curve()`.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The unit of the values below, and of a bare number in a script.
    pub unit: Unit,
    pub min: f64,
    pub max: f64,
    /// Without one the parameter may be left out and is then [`Arg::Absent`](super::Arg::Absent), or the first word.
    pub default: Option<f64>,
    /// Words that may stand instead of the number: `"auto"`.
    pub words: &'static [&'static str],
    /// When not empty, only these numbers are allowed.
    pub steps: &'static [f64],
    /// May move, sample-accurately.
    pub curve: bool,
    /// The maximum is 0.49 of the sample rate, whatever `max` says for 48 kHz.
    pub nyquist: bool,
}

impl Param {
    pub const fn number(name: &'static str, unit: Unit, min: f64, max: f64, default: f64, help: &'static str) -> Param {
        let default = Some(default);
        let number = Number { unit, min, max, default, words: &[], steps: &[], curve: false, nyquist: false };
        Param { name, help, kind: Kind::Number(number) }
    }

    /// A frequency from `min` to 0.49 of the rate.
    pub const fn frequency(name: &'static str, min: f64, default: f64, help: &'static str) -> Param {
        let param = Param::number(name, Unit::Hz, min, 23_520.0, default, help);
        match param.kind {
            Kind::Number(n) => Param { kind: Kind::Number(Number { nyquist: true, ..n }), ..param },
            _ => param,
        }
    }

    pub const fn choice(
        name: &'static str,
        options: &'static [&'static str],
        default: usize,
        help: &'static str,
    ) -> Param {
        Param { name, help, kind: Kind::Choice { options, default } }
    }

    pub const fn switch(name: &'static str, default: bool, help: &'static str) -> Param {
        Param { name, help, kind: Kind::Switch { default, curve: false } }
    }

    pub const fn numbers(
        name: &'static str,
        unit: Unit,
        min: f64,
        max: f64,
        default: &'static [f64],
        help: &'static str,
    ) -> Param {
        Param { name, help, kind: Kind::Numbers { unit, min, max, default } }
    }

    pub const fn effect(name: &'static str, help: &'static str) -> Param {
        Param { name, help, kind: Kind::Effect }
    }

    pub const fn effects(name: &'static str, help: &'static str) -> Param {
        Param { name, help, kind: Kind::Effects }
    }

    pub const fn key(name: &'static str, help: &'static str) -> Param {
        Param { name, help, kind: Kind::Key }
    }

    /// May move.
    pub const fn curve(self) -> Param {
        let kind = match self.kind {
            Kind::Number(n) => Kind::Number(Number { curve: true, ..n }),
            Kind::Switch { default, .. } => Kind::Switch { default, curve: true },
            kind => kind,
        };
        Param { name: self.name, help: self.help, kind }
    }

    /// May be left out: it is then absent, or the first of its words.
    pub const fn optional(self) -> Param {
        match self.kind {
            Kind::Number(n) => Param { kind: Kind::Number(Number { default: None, ..n }), ..self },
            _ => self,
        }
    }

    /// Words that may stand instead of the number.
    pub const fn or(self, words: &'static [&'static str]) -> Param {
        match self.kind {
            Kind::Number(n) => Param { kind: Kind::Number(Number { words, ..n }), ..self },
            _ => self,
        }
    }

    /// Only these numbers.
    pub const fn steps(self, steps: &'static [f64]) -> Param {
        match self.kind {
            Kind::Number(n) => Param { kind: Kind::Number(Number { steps, ..n }), ..self },
            _ => self,
        }
    }
}

/// The four parameters that every effect takes, after its own: their slots follow its own slots in this order.
pub const COMMON: &[Param] = &[
    Param::number(
        "mix",
        Unit::Percent,
        0.0,
        100.0,
        100.0,
        "How much of the processed sound, the rest dry and aligned in time",
    )
    .curve(),
    Param::switch("on", true, "Off passes the sound through, aligned in time").curve(),
    Param::choice("channels", &["all", "mid", "side", "left", "right"], 0, "Which part of the sound is processed"),
    Param::number("output", Unit::Db, f64::NEG_INFINITY, 24.0, 0.0, "Level after the effect").curve(),
];

impl Declaration {
    /// Its own parameters, then the common ones: the order of [`Args::values`](super::Args::values) and of the slots.
    pub fn all_params(&self) -> impl Iterator<Item = &'static Param> + use<> {
        self.params.iter().chain(COMMON)
    }

    /// The position of a parameter among all of them.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.all_params().position(|p| p.name == name)
    }
}
