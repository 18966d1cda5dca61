//! A letter too few, or another one, anywhere: the script is told of or read, and never gives the reader trouble of its own.

use super::fakes::{read_text, told};

const SONG: &str = include_str!("../suite/night_drive.mix");
const DOZEN: &str = include_str!("dozen.mix");

fn survives(text: &str) {
    let reading = read_text(text);
    for diagnostic in reading.diagnostics.iter() {
        assert!(!diagnostic.message.ends_with("could not be read"), "{text}");
        for label in &diagnostic.labels {
            assert!(reading.sources.place(label.span).is_some(), "{:?}: {}\n{text}", label.span, diagnostic.message);
        }
        if let Some((span, _)) = diagnostic.edit(&reading.sources) {
            assert!(reading.sources.place(span).is_some(), "{span:?}: {}\n{text}", diagnostic.message);
        }
        let words = format!("{} {}", diagnostic.message, diagnostic.help.as_deref().unwrap_or(""));
        for jargon in ["Poison", "Dynamic", "FnPtr", "i64", "f64", "mixdown::", "rhai", "Expecting"] {
            assert!(!words.contains(jargon), "{words}\n{text}");
        }
    }
}

#[test]
fn a_letter_too_few() {
    for text in [SONG, DOZEN] {
        for (at, c) in text.char_indices().step_by(3) {
            survives(&format!("{}{}", &text[..at], &text[at + c.len_utf8()..]));
        }
    }
}

#[test]
fn another_letter() {
    let others = ['(', ')', '[', '}', '"', '\'', ';', '=', '#', '–', '“', '.', ':', '/', '\\', '\n', '`', 'ä'];
    for text in [SONG, DOZEN] {
        for (n, (at, c)) in text.char_indices().enumerate().step_by(5) {
            let other = others[(n / 5) % others.len()];
            survives(&format!("{}{other}{}", &text[..at], &text[at + c.len_utf8()..]));
        }
    }
}

/// Whoever mends must say so: what does not parse has at least one mistake.
#[test]
fn a_text_that_ends_anywhere() {
    for (at, _) in SONG.char_indices().step_by(7) {
        survives(&SONG[..at]);
    }
    assert_ne!(told(&read_text("track(\"a\"")), Vec::<String>::new());
}
