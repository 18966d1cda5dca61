//! The catalogue of effects for people, written from their declarations.

use super::text::{Rows, fill, plain};
use crate::dsp::catalogue::CATALOGUE;
use crate::dsp::{COMMON, Category, Declaration, Kind, Number, Param};
use crate::units::Unit;

const WIDTH: usize = 80;
/// A longer list of words stands on lines of its own.
const WIDEST: usize = 40;
const INDENT: &str = "      ";

const ORDER: [Category; 8] = [
    Category::Equaliser,
    Category::Dynamics,
    Category::Colour,
    Category::Space,
    Category::Movement,
    Category::Image,
    Category::Repair,
    Category::Pitch,
];

/// Every effect, in the order of the manual.
pub fn all() -> Vec<&'static Declaration> {
    CATALOGUE.iter().map(|e| e.declaration()).collect()
}

pub fn find(name: &str) -> Option<&'static Declaration> {
    all().into_iter().find(|d| d.name == name)
}

/// Names and what they do, by category.
pub fn list(all: &[&Declaration]) -> String {
    let widest = all.iter().map(|d| d.name.chars().count()).max().unwrap_or(0);
    let indent = " ".repeat(widest + 4);
    let mut parts = Vec::new();
    for category in ORDER {
        let of: Vec<_> = all.iter().filter(|d| d.category == category).collect();
        if of.is_empty() {
            continue;
        }
        let mut part = format!("{}\n", category.name());
        for d in of {
            let help = fill(d.help, &indent, WIDTH);
            // the first line stands beside the name
            let rest = help.get(indent.len()..).unwrap_or("\n");
            part.push_str(&format!("  {:widest$}  {rest}", d.name));
        }
        parts.push(part);
    }
    parts.join("\n")
}

/// One effect: each parameter with unit, range, default and help, its own first, then those that every effect has.
pub fn detail(d: &Declaration) -> String {
    let head = format!("{} ({}, version {})\n{}", d.name, d.category.name(), d.version, fill(d.help, "", WIDTH));
    let mut parts = vec![head];
    if !d.params.is_empty() {
        parts.push(params(d.params));
    }
    parts.push(format!("As for every effect:\n\n{}", params(COMMON)));
    parts.join("\n")
}

fn params(all: &[Param]) -> String {
    let mut rows = Rows::new("<<<<", &[]);
    for p in all {
        let moves = match p.kind {
            Kind::Number(Number { curve: true, .. }) | Kind::Switch { curve: true, .. } => "curve",
            _ => "",
        };
        let range = Some(range(p)).filter(|r| r.len() <= WIDEST).unwrap_or_else(|| "one of".to_string());
        rows.row(vec![p.name.to_string(), range, default(p), moves.to_string()]);
    }
    let below = |p: &Param| {
        let words = Some(range(p)).filter(|r| r.len() > WIDEST).unwrap_or_default();
        fill(&words, INDENT, WIDTH) + fill(p.help, INDENT, WIDTH).as_str()
    };
    let table = rows.text("  ");
    table.lines().zip(all).map(|(line, p)| format!("{line}\n{}", below(p))).collect()
}

fn range(p: &Param) -> String {
    match &p.kind {
        Kind::Number(n) => {
            let numbers = if n.steps.is_empty() {
                // a frequency's maximum depends on the sample rate
                let max = if n.nyquist { "0.49 of the rate".to_string() } else { with_unit(n.max, n.unit) };
                let min = if n.nyquist { with_unit(n.min, n.unit) } else { plain(n.min) };
                format!("{min} .. {max}")
            } else {
                let steps: Vec<String> = n.steps.iter().map(|s| plain(*s)).collect();
                let unit = n.unit.symbol();
                format!("{}{}{unit}", steps.join(" | "), if unit.is_empty() { "" } else { " " })
            };
            n.words.iter().fold(numbers, |so_far, word| format!("{so_far} | \"{word}\""))
        }
        Kind::Choice { options, .. } => options.iter().map(|o| format!("\"{o}\"")).collect::<Vec<_>>().join(" | "),
        Kind::Switch { .. } => "true | false".to_string(),
        Kind::Numbers { unit, min, max, .. } => format!("[{} .. {}, ...]", plain(*min), with_unit(*max, *unit)),
        Kind::Effect => "an effect".to_string(),
        Kind::Effects => "effects".to_string(),
        Kind::Key => "a strip".to_string(),
    }
}

fn default(p: &Param) -> String {
    match &p.kind {
        Kind::Number(n) => match (n.default, n.words.first()) {
            (Some(x), _) => format!("= {}", with_unit(x, n.unit)),
            (None, Some(word)) => format!("= \"{word}\""),
            (None, None) => "optional".to_string(),
        },
        Kind::Choice { options, default } => options.get(*default).map(|o| format!("= \"{o}\"")).unwrap_or_default(),
        Kind::Switch { default, .. } => format!("= {default}"),
        Kind::Numbers { default: [], .. } | Kind::Effect | Kind::Effects | Kind::Key => "optional".to_string(),
        Kind::Numbers { unit, default, .. } => {
            let all: Vec<String> = default.iter().map(|x| with_unit(*x, *unit)).collect();
            format!("= [{}]", all.join(", "))
        }
    }
}

/// As written in a script: `-18dB`, `off`.
fn with_unit(x: f64, unit: Unit) -> String {
    if x == f64::NEG_INFINITY { plain(x) } else { format!("{}{}", plain(x), unit.symbol()) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::report) static SQUASH: Declaration = Declaration {
        name: "squash",
        category: Category::Dynamics,
        help: "Turns down what is louder than the threshold.",
        version: 3,
        params: &[
            Param::number("threshold", Unit::Db, -80.0, 0.0, -18.0, "Where it begins").curve(),
            Param::number("release", Unit::Ms, 1.0, 5000.0, 100.0, "How fast it lets go").optional().or(&["auto"]),
            Param::number("slope", Unit::None, 6.0, 48.0, 12.0, "How steep").steps(&[6.0, 12.0]),
            Param::frequency("key_low_cut", 10.0, 80.0, "Below it the key is deaf").optional(),
            Param::choice("detector", &["peak", "rms"], 1, "What it hears"),
            Param::choice("kind", &["tape", "tube", "transistor", "soft", "hard", "fold"], 0, "How it bends"),
            Param::numbers("split", Unit::Hz, 20.0, 20_000.0, &[120.0], "Where it splits"),
            Param::key("key", "What steers it"),
            Param::effects("inside", "What it wraps"),
        ],
    };

    #[test]
    fn an_effect_is_told_with_every_parameter() {
        let text = detail(&SQUASH);
        for line in [
            "squash (dynamics, version 3)",
            "Turns down what is louder than the threshold.",
            "  threshold    -80 .. 0dB                = -18dB    curve",
            "  release      1 .. 5000ms | \"auto\"      = \"auto\"",
            "  slope        6 | 12                    = 12",
            "  key_low_cut  10Hz .. 0.49 of the rate  optional",
            "  detector     \"peak\" | \"rms\"            = \"rms\"",
            "  split        [20 .. 20000Hz, ...]      = [120Hz]",
            "  kind         one of                    = \"tape\"",
            "      \"tape\" | \"tube\" | \"transistor\" | \"soft\" | \"hard\" | \"fold\"",
            "  key          a strip                   optional",
            "As for every effect:",
        ] {
            assert!(text.lines().any(|l| l == line), "`{line}` is missing from\n{text}");
        }
        assert!(COMMON.iter().all(|p| text.contains(&format!("\n  {} ", p.name))), "{text}");
        assert!(text.contains("off .. 24dB"), "{text}");
        assert!(text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
    }

    #[test]
    fn the_list_goes_by_category() {
        assert_eq!(list(&[&SQUASH]), "dynamics\n  squash  Turns down what is louder than the threshold.\n");
    }

    #[test]
    fn every_effect_of_the_catalogue_fits_the_page() {
        let all = all();
        assert!(all.iter().all(|d| ORDER.contains(&d.category)));
        for text in all.iter().map(|d| detail(d)).chain([list(&all)]) {
            assert!(text.lines().all(|l| l.chars().count() <= WIDTH), "{text}");
        }
    }
}
