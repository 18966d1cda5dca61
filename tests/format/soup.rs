//! Tokens in any order: nothing panics, nothing is lost, and what comes out is refused or stays.

use mixdown::audio::rng::Seed;
use mixdown::format::format;

const TOKENS: &[&str] = &[
    "let",
    "x",
    "=",
    "foo",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "#{",
    "}",
    ",",
    ",",
    ";",
    ";",
    ":",
    ".",
    "::",
    "..",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "in",
    "||",
    "|",
    "&&",
    "??",
    "?.",
    "?[",
    "=>",
    "if",
    "else",
    "switch",
    "for",
    "while",
    "do",
    "fn",
    "try",
    "catch",
    "return",
    "1",
    "20%",
    "-3dB",
    "1.5",
    "3/16",
    "\"a\"",
    "`b ${ x }`",
    "'c'",
    "#\"r\"#",
    "// note\n",
    "/* b */",
    "\n// own\n",
    "a_long_name_that_makes_lines_long",
    "\"on \\\n      and on\"",
    "~",
    "import",
];

fn soup(seed: Seed) -> String {
    let die = |i: i64, sides: usize| (seed.bits(i) % sides as u64) as usize;
    let (mut text, mut open) = (String::new(), Vec::new());
    for i in 0..1 + die(0, 40) as i64 {
        let mut token = TOKENS[die(2 * i + 1, TOKENS.len())];
        if matches!(token, ")" | "]" | "}") {
            let Some(close) = open.pop() else { continue };
            token = close;
        }
        match token {
            "(" => open.push(")"),
            "[" | "?[" => open.push("]"),
            "{" | "#{" => open.push("}"),
            _ => {}
        }
        text += token;
        text += ["\n", "\n\n", "\r\n", "", " ", " ", " ", "  "][die(2 * i + 2, 8)];
    }
    text.push(' ');
    text.extend(open.into_iter().rev());
    text
}

#[test]
fn nothing_is_lost_of_a_soup() {
    let (mut formatted, mut refused) = (0, 0);
    for i in 0..4000 {
        let text = soup(Seed::of("soup").with(i));
        let Ok(once) = format(&text) else {
            refused += 1;
            continue;
        };
        formatted += 1;
        let again = format(&once).unwrap_or_else(|p| panic!("{p:?}\n{text}---\n{once}"));
        // a comment after an operator without an operand may change sides
        let bare = |text: &str| {
            let text: String = text.split_whitespace().collect();
            ["//note", "//own", "/*b*/", ","].iter().fold(text, |text, part| text.replace(part, ""))
        };
        assert_eq!(bare(&once), bare(&again), "{text}");
    }
    // `/**`, made of two tokens, begins a comment
    assert!(formatted > 3900, "{refused} of {formatted} were refused");
}
