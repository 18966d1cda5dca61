//! Scripts whose blanks, line breaks and comments are thrown about: the same is said, and all comments are there.

use mixdown::audio::rng::Seed;
use mixdown::format::format;

use super::{blocks, fakes, kept, messages, read, shipped};

/// Numbers from a seed, one after the other.
struct Dice(Seed, i64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.1 += 1;
        (self.0.bits(self.1) % sides as u64) as usize
    }
}

/// The text in parts: what is code, and strings and comments.
fn parts(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let quoted = |quote: char| {
            let inner = rest[1..].char_indices();
            let mut escaped = false;
            let end = inner.into_iter().find(|(_, c)| {
                let ends = *c == quote && !escaped;
                escaped = *c == '\\' && !escaped && quote != '`';
                ends
            });
            end.map_or(rest.len(), |(i, c)| 1 + i + c.len_utf8())
        };
        let length = match rest.as_bytes()[0] {
            b'"' => quoted('"'),
            b'`' => quoted('`'),
            b'\'' => quoted('\''),
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |i| i + 2),
            _ => 0,
        };
        if length > 0 {
            parts.extend([(true, &text[from..at]), (false, &rest[..length])]);
            at += length;
            from = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    parts.push((true, &text[from..]));
    parts
}

/// Blanks between two tokens: some are needed where there were some.
fn blanks(dice: &mut Dice, needed: bool, after: char, comments: &mut Vec<String>) -> String {
    let mut text = String::new();
    for _ in 0..dice.roll(3) {
        let note = comments.len();
        text += match dice.roll(12) {
            0 | 1 => "\n",
            2 => "\r\n",
            3 => "\n\n\n",
            4 => "\t",
            5 => {
                comments.push(format!("// note {note}"));
                text += &format!(" // note {note} \n");
                continue;
            }
            6 => {
                comments.push(format!("// own {note}"));
                text += &format!("\n // own {note}\n");
                continue;
            }
            // `20%` before a comment like this one is no number but the beginning of a modulo
            7 if after != '%' => {
                comments.push(format!("/* block {note} */"));
                text += &format!("{}/* block {note} */", if after == '/' { " " } else { "" });
                continue;
            }
            _ => "  ",
        };
    }
    if needed && text.is_empty() { " ".into() } else { text }
}

/// The formatted `text` with other blanks, and the comments that are in it then.
fn scramble(text: &str, dice: &mut Dice) -> (String, Vec<String>) {
    let (mut scrambled, mut comments) = (String::new(), Vec::new());
    for (code, part) in parts(text) {
        if !code {
            scrambled += part;
            if part.starts_with("//") || part.starts_with("/*") {
                comments.push(part.trim_end().to_string());
                scrambled += if part.starts_with("//") { "\n" } else { "" };
            }
            continue;
        }
        let mut before = ' ';
        let mut chars = part.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_whitespace() {
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                let next = chars.peek().copied().unwrap_or('x');
                let free = "([{,;".contains(before) || ")]},;".contains(next);
                scrambled += &blanks(dice, !free, before, &mut comments);
            } else {
                scrambled.push(c);
                let next = chars.peek().copied().unwrap_or('x');
                // `( )` is no value where `()` is one
                if (c, next) != ('(', ')') && ("([{,;".contains(c) || ")]},;".contains(next)) {
                    scrambled += &blanks(dice, false, c, &mut comments);
                }
            }
            before = c;
        }
    }
    (scrambled, comments)
}

fn comments_of(text: &str) -> Vec<String> {
    let comments = parts(text).into_iter().filter(|(code, part)| !code && part.starts_with('/'));
    comments.map(|(_, part)| part.trim_end().to_string()).collect()
}

#[test]
fn songs_say_the_same_however_they_are_written() {
    for path in shipped() {
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = (messages(&read(&text)), read(&text).session);
        for round in 0..12 {
            let mut dice = Dice(Seed::of(&path.file_name().unwrap().to_string_lossy()).with(round), 0);
            let (scrambled, comments) = scramble(&text, &mut dice);
            let formatted = kept(&scrambled, read);
            assert_eq!(comments_of(&formatted), comments, "{scrambled}---\n{formatted}");
            let reading = read(&formatted);
            assert_eq!(messages(&reading), expected.0, "{}, {round}", path.display());
            assert!(reading.session == expected.1, "{}, {round}\n{scrambled}", path.display());
        }
    }
}

#[test]
fn without_comments_the_layout_is_that_of_the_tokens() {
    for path in shipped() {
        let text = std::fs::read_to_string(&path).unwrap();
        let bare = |text: &str| {
            let code =
                parts(text).into_iter().map(|(code, part)| if !code && part.starts_with('/') { " " } else { part });
            code.collect::<String>()
        };
        let lines = |text: &str| format(text).unwrap().lines().filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
        let expected = lines(&bare(&text));
        for round in 0..12 {
            let mut dice = Dice(Seed::of("bare").with(round), 0);
            let (scrambled, _) = scramble(&bare(&text), &mut dice);
            assert_eq!(lines(&bare(&scrambled)), expected, "{}, {round}", path.display());
        }
    }
}

#[test]
fn cases_and_mistakes_say_the_same_however_they_are_written() {
    let suites = [include_str!("cases.md"), include_str!("../suite/mistakes.md")];
    for (title, script) in suites.iter().flat_map(|text| blocks(text, "mix")) {
        let Ok(text) = format(&script) else { continue };
        // strings in strings are more than `parts` understands
        if text.contains("${") || text.contains("#\"") || text.contains("\\\n") || text.contains("/* /*") {
            continue;
        }
        for round in 0..6 {
            let mut dice = Dice(Seed::of(&title).with(round), 0);
            let (scrambled, comments) = scramble(&text, &mut dice);
            let formatted = kept(&scrambled, fakes::read_text);
            assert_eq!(comments_of(&formatted), comments, "{title}\n{scrambled}---\n{formatted}");
        }
    }
}
