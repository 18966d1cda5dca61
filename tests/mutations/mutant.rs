//! A text and a seed make another text.

use std::ops::Range;

use mixdown::audio::rng::Seed;

/// Numbers as they come, each the next of its seed.
struct Dice(Seed, i64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.1 += 1;
        (self.0.bits(self.1) % most.max(1) as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

const EXTREMES: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1e308",
    "-1e308",
    "1e400",
    "5e-324",
    "9223372036854775807",
    "9223372036854775808",
    "0.0/0.0",
    "1/0",
    "0x7fffffffffffffff",
    "99999999999999999999999999",
    "1_000_000",
    "0b2",
    "1.",
    ".5",
    "1e",
    "1..2",
    "4294967296",
    "-2147483649",
];
const UNITS: &[&str] = &[
    "dB",
    "Hz",
    "kHz",
    "ms",
    "s",
    "%",
    "bars",
    "beats",
    "samples",
    "LUFS",
    "LU",
    "dBTP",
    "dBFS",
    "db",
    "hz",
    "x",
    "bars bars",
    "st",
    "",
];
const WORDS: &[&str] = &[
    "let",
    "fn",
    "if",
    "else",
    "for",
    "in",
    "while",
    "loop",
    "switch",
    "return",
    "break",
    "continue",
    "import",
    "export",
    "as",
    "const",
    "throw",
    "try",
    "catch",
    "this",
    "private",
    "do",
    "until",
    "true",
    "()",
    "mix",
    "master",
    "off",
    "track",
    "bus",
    "gain",
    "sections",
    "song",
    "deliver",
    "target",
    "expect",
    "bar(1)",
    "end(mix)",
    "lfo(rate: 1Hz, from: 1, to: 2)",
    "follow(mix, from: 1, to: 2)",
    "|t| t",
    "|t| { -t }",
    "chain()",
    "eq",
    "sort",
    "call",
    "Fn",
    "eval",
    "import \"vocals\" as v;",
    "#{a: 1}",
    "[1s: 2]",
    "stems()",
    "smooth",
    "vca",
];
const SIGNS: &[&str] = &[
    "(", ")", "[", "]", "{", "}", "#{", "${", "`", "\"", "'", "/*", "*/", "//", "///", "/**", "#\"", "\"#", ":", "::",
    ";", ",", ".", "..", "..=", "?.", "??", "=", "==", "=>", "->", "|", "||", "&&", "!", "-", "- ", "+", "*", "**",
    "/", "%", "\\", "\\u{", "@", "#", "$", "~", "\n", "\r", "\r\n", "\t", "\0",
];
const LETTERS: &[&str] = &[
    "ä",
    "é",
    "漢",
    "👩‍👩‍👧‍👦",
    "\u{301}",
    "\u{200b}",
    "\u{202e}",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\u{10ffff}",
    "İ",
    "ß",
    "１",
    "“",
    "\u{7f}",
    "\u{1b}[2J",
];

/// The mutant of a seed: one to six changes of one of the texts.
pub(crate) fn of(corpus: &[String], seed: u64) -> String {
    let mut dice = Dice(Seed::of("scripts").with(seed), 0);
    let mut text = corpus[dice.below(corpus.len())].clone();
    for _ in 0..=dice.below(6) {
        change(&mut text, corpus, &mut dice);
    }
    // what is longer is refused before anything is done with it; one is enough of that
    text.truncate(text.floor_char_boundary(200_000));
    text
}

fn change(text: &mut String, corpus: &[String], dice: &mut Dice) {
    let tokens = tokens(text);
    let at = text.floor_char_boundary(dice.below(text.len() + 1));
    let token = if tokens.is_empty() { 0..0 } else { tokens[dice.below(tokens.len())].clone() };
    let old = text[token.clone()].to_string();
    match dice.below(16) {
        0 => {
            // a letter becomes another
            if let Some(c) = text[at..].chars().next() {
                let new = char::from(dice.below(128) as u8).to_string();
                text.replace_range(at..at + c.len_utf8(), &new);
            }
        }
        1 => text.replace_range(token, ""),
        2 => {
            let times = [1, 1, 1, 2, 50, 3000][dice.below(6)];
            text.insert_str(token.end, &format!(" {old}").repeat(times));
        }
        3 if !tokens.is_empty() => {
            let other = tokens[dice.below(tokens.len())].clone();
            let new = text[other.clone()].to_string();
            let (first, second) =
                if token.start < other.start { ((token, new), (other, old)) } else { ((other, old), (token, new)) };
            if first.0.end <= second.0.start {
                text.replace_range(second.0, &second.1);
                text.replace_range(first.0, &first.1);
            }
        }
        4 => {
            // the beginning of this, the end of another
            let other = &corpus[dice.below(corpus.len())];
            let from = other.floor_char_boundary(dice.below(other.len() + 1));
            text.truncate(at);
            text.push_str(&other[from..]);
        }
        5 => {
            let other = &corpus[dice.below(corpus.len())];
            let from = other.floor_char_boundary(dice.below(other.len() + 1));
            let to = other.floor_char_boundary((from + dice.below(200)).min(other.len()));
            text.insert_str(at, &other[from..to.max(from)]);
        }
        6 | 7 => {
            let numbers: Vec<Range<usize>> =
                tokens.into_iter().filter(|t| text[t.clone()].starts_with(|c: char| c.is_ascii_digit())).collect();
            if !numbers.is_empty() {
                let number = numbers[dice.below(numbers.len())].clone();
                let digits =
                    text[number.clone()].find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(number.len());
                match dice.below(3) {
                    0 => text.replace_range(number.start..number.start + digits, dice.one_of(EXTREMES)),
                    1 => text.replace_range(number.start + digits..number.end, dice.one_of(UNITS)),
                    _ => text.replace_range(number, &format!("{}{}", dice.one_of(EXTREMES), dice.one_of(UNITS))),
                }
            }
        }
        8 => {
            let brackets: Vec<usize> =
                text.match_indices(['(', ')', '[', ']', '{', '}', '"', '`']).map(|m| m.0).collect();
            if !brackets.is_empty() {
                text.remove(brackets[dice.below(brackets.len())]);
            }
        }
        9 => text.insert_str(at, &format!(" {} ", dice.one_of(WORDS))),
        10 => text.replace_range(token, dice.one_of(WORDS)),
        11 => text.insert_str(at, dice.one_of(SIGNS)),
        12 => {
            let times = [2, 30, 300, 3000][dice.below(4)];
            let what = [SIGNS, WORDS, LETTERS][dice.below(3)];
            text.insert_str(at, &format!("{} ", dice.one_of(what)).repeat(times));
        }
        13 => text.insert_str(at, dice.one_of(LETTERS)),
        14 => {
            // a line somewhere else
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let line = lines.get(dice.below(lines.len())).copied().unwrap_or("").to_string();
            text.insert_str(at, &line);
        }
        _ => {
            let to = text.floor_char_boundary((at + dice.below(400)).min(text.len()));
            text.replace_range(at..to.max(at), "");
        }
    }
}

/// Words, numbers, texts and signs: not quite those of the language.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let mut end = start + c.len_utf8();
        if word(c) {
            while let Some((at, c)) = rest.next_if(|(_, c)| word(*c)) {
                end = at + c.len_utf8();
            }
        } else if c == '"' {
            for (at, c) in rest.by_ref() {
                end = at + c.len_utf8();
                if c == '"' || c == '\n' {
                    break;
                }
            }
        }
        if !c.is_whitespace() {
            all.push(start..end);
        }
    }
    all
}
