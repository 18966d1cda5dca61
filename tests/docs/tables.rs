//! The tables of the manual are written by the program: `MIXDOWN_BLESS=1 cargo test --release --test docs` writes them anew.

use std::fmt::Write;

use mixdown::diag::CODES;
use mixdown::report::effects;
use mixdown::script::{self, Form, Word, caps, words};
use mixdown::session::{Target, TargetKind};
use mixdown::units::Unit;

use crate::{library, root, text};

const NAMES: [&str; 7] = ["units", "words", "effects", "library", "targets", "codes", "caps"];

fn table(name: &str) -> String {
    match name {
        "units" => units(),
        "words" => all_words(),
        "effects" => all_effects(),
        "library" => functions(),
        "targets" => targets(),
        "codes" => codes(),
        _ => sandbox(),
    }
}

fn rows(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(|cell| cell.replace('|', "\\|")).collect();
        writeln!(text, "| {} |", cells.join(" | ")).unwrap();
    }
    text
}

fn units() -> String {
    let mut all: Vec<(&str, Vec<String>)> = Vec::new();
    for (written, unit) in Unit::WRITTEN {
        let written = format!("`{written}`");
        match all.iter_mut().find(|(words, _)| *words == unit.words()) {
            Some((_, row)) => row.push(written),
            None => all.push((unit.words(), vec![written])),
        }
    }
    rows(&["written", "what it is"], all.into_iter().map(|(words, written)| vec![written.join(" "), words.to_string()]))
}

fn heading(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A word as it is called.
fn called(word: &Word) -> String {
    let name = word.name;
    let by_position = word.params[..word.positional].iter().map(|(name, _)| name.to_string());
    let rest = word.rest.iter().map(|(name, _)| format!("{name}…"));
    let by_name = word.params[word.positional..].iter().map(|(name, _)| format!("{name}:"));
    let takes: Vec<String> = by_position.chain(rest).chain(by_name).collect();
    match word.form {
        Form::Name => name.to_string(),
        Form::Property => format!(".{name}"),
        Form::Function => format!("{name}({})", takes.join(", ")),
        Form::Method => format!(".{name}({})", takes.join(", ")),
    }
}

fn all_words() -> String {
    let mut page = String::new();
    let mut family = "";
    for word in words() {
        if word.family != family {
            family = word.family;
            let gap = if page.is_empty() { "" } else { "\n" };
            writeln!(page, "{gap}**{}**\n", heading(family)).unwrap();
        }
        let what = if word.params.is_empty() && word.rest.is_none() && !word.help.ends_with('.') { ":" } else { "" };
        writeln!(page, "- **`{}`**{what} {}", called(&word), word.help).unwrap();
        let position = word.params[..word.positional].iter().map(|(name, help)| (name.to_string(), *help));
        let rest = word.rest.iter().map(|(name, help)| (format!("{name}…"), *help));
        let named = word.params[word.positional..].iter().map(|(name, help)| (format!("{name}:"), *help));
        for (name, help) in position.chain(rest).chain(named) {
            writeln!(page, "  - `{name}` {help}").unwrap();
        }
    }
    page
}

fn all_effects() -> String {
    let row = |of: &&mixdown::dsp::Declaration| {
        let params: Vec<String> = of.params.iter().map(|p| format!("`{}`", p.name)).collect();
        vec![format!("`{}`", of.name), of.category.name().to_string(), of.help.to_string(), params.join(" ")]
    };
    rows(&["effect", "kind", "what it does", "its parameters"], effects::all().iter().map(row))
}

fn functions() -> String {
    let mut page = String::new();
    for module in library::modules() {
        let gap = if page.is_empty() { "" } else { "\n" };
        writeln!(page, "{gap}**`{}`** {}\n", module.import, module.about).unwrap();
        for function in &module.functions {
            let params = function.params.join(", ");
            writeln!(page, "- **`{}::{}({params})`** {}", module.alias, function.name, function.about).unwrap();
            for (name, said) in &function.said {
                writeln!(page, "  - `{name}` {said}").unwrap();
            }
        }
    }
    page
}

fn targets() -> String {
    let row = |of: &Target| {
        let loudness = of.loudness.map_or(String::new(), |level| match of.kind {
            TargetKind::Floor => format!("at least {level} LUFS"),
            _ => format!("{level} LUFS"),
        });
        let peak = of.peak.map_or(String::new(), |peak| format!("{peak} dBTP"));
        let rate = of.rate.map(|rate| format!("{} kHz", f64::from(rate.get()) / 1000.0));
        let bits = of.bits.map(|bits| format!("{bits} bits"));
        let form = of.format.map(|format| format.name().to_uppercase());
        let file: Vec<String> = [form, rate, bits].into_iter().flatten().collect();
        vec![format!("`{}`", of.name), of.title().to_string(), loudness, peak, file.join(", ")]
    };
    rows(&["target", "goes to", "loudness", "peak at most", "file"], script::targets().iter().map(row))
}

fn codes() -> String {
    rows(&["code", "what it means"], CODES.iter().map(|e| vec![format!("`{}`", e.code), e.title.to_string()]))
}

fn sandbox() -> String {
    rows(&["what", "at most"], caps().into_iter().map(|cap| vec![cap.what.to_string(), cap.most]))
}

/// Where the text between the markers of a table stands.
fn place(page: &str, name: &str) -> std::ops::Range<usize> {
    let begin = format!("<!-- generated: {name} -->\n");
    let from = page.find(&begin).unwrap_or_else(|| panic!("the manual has no `{}`", begin.trim())) + begin.len();
    let to = page[from..].find("<!-- end -->").unwrap_or_else(|| panic!("the table of {name} never ends")) + from;
    from..to
}

#[test]
fn the_manuals_tables_are_what_the_program_says() {
    let path = root().join("docs/language.md");
    let mut page = text(&path);
    let markers = page.matches("<!-- generated: ").count();
    assert_eq!(markers, NAMES.len(), "every table is known by its name");
    let mut old = Vec::new();
    for name in NAMES {
        let (place, table) = (place(&page, name), table(name));
        if page[place.clone()] != table {
            old.push(name);
            page.replace_range(place, &table);
        }
    }
    if std::env::var_os("MIXDOWN_BLESS").is_some() {
        std::fs::write(&path, page).unwrap();
    } else {
        assert!(old.is_empty(), "out of date: {old:?}; `MIXDOWN_BLESS=1 cargo test --release --test docs` writes them");
    }
}

/// What the tables are made of has all that a reader needs.
#[test]
fn every_word_and_every_parameter_is_explained() {
    for word in words() {
        let sentence = matches!(word.form, Form::Function | Form::Method);
        assert!(!word.help.is_empty() && word.help.ends_with('.') == sentence, "{}: {}", word.name, word.help);
        for (name, help) in word.params.iter().copied().chain(word.rest) {
            assert!(!help.is_empty() && !help.ends_with('.'), "{}({name}): {help}", word.name);
        }
    }
    for of in effects::all() {
        assert!(!of.help.is_empty() && of.params.iter().all(|p| !p.help.is_empty()), "{}", of.name);
    }
}
