use serde::Serialize;

use crate::cli::End;
use crate::cli::args::Explain;
use crate::cli::terminal::Terminal;
use crate::diag::{CODES, Code, Explanation, suggest};

#[derive(Serialize)]
struct Object {
    reason: &'static str,
    schema: u32,
    code: String,
    title: &'static str,
    cause: &'static str,
    bad: &'static str,
    good: &'static str,
}

/// What a code means, or all codes in a list.
pub(in crate::cli) fn explain(terminal: &Terminal, asked: &Explain) -> End {
    let Some(word) = &asked.code else {
        for e in CODES {
            if terminal.json() {
                terminal.object(&object(e))
            } else {
                terminal.data(&format!("{}  {}", e.code, e.title))
            }
        }
        return End::Fine;
    };
    let Some(found) = parse(word).and_then(|code| CODES.iter().find(|e| e.code == code)) else {
        return unknown(terminal, word);
    };
    if terminal.json() {
        terminal.object(&object(found));
    } else {
        terminal.data(&text(found));
    }
    End::Fine
}

fn object(e: &Explanation) -> Object {
    let code = e.code.to_string();
    Object { reason: "explanation", schema: 1, code, title: e.title, cause: e.cause, bad: e.bad, good: e.good }
}

/// `MX0104`, `mx104`, `104`.
fn parse(word: &str) -> Option<Code> {
    let upper = word.to_ascii_uppercase();
    upper.strip_prefix("MX").unwrap_or(&upper).parse().ok().map(Code)
}

fn text(e: &Explanation) -> String {
    let indented = |example: &str| {
        let lines = example.trim_end().lines().map(|l| format!("    {l}").trim_end().to_string());
        lines.collect::<Vec<_>>().join("\n")
    };
    let mut text = format!("{}: {}\n\n{}\n", e.code, e.title, e.cause.trim_end());
    for (what, example) in [("Wrong", e.bad), ("Right", e.good)] {
        if !example.trim().is_empty() {
            text.push_str(&format!("\n{what}:\n\n{}\n", indented(example)));
        }
    }
    text
}

fn unknown(terminal: &Terminal, word: &str) -> End {
    let names: Vec<String> = CODES.iter().map(|e| e.code.to_string()).collect();
    let help = match suggest(word, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? `mixdown explain` lists all codes"),
        None => "`mixdown explain` lists all codes".to_string(),
    };
    terminal.fail(&format!("there is no code `{word}`"), Some(&help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        for word in ["MX0104", "mx0104", "MX104", "0104", "104"] {
            assert_eq!(parse(word), Some(Code(104)), "{word}");
        }
        assert_eq!(parse("MX"), None);
        assert_eq!(parse("MX99999"), None);
    }

    #[test]
    fn both_examples_are_shown() {
        let e = Explanation { code: Code(104), title: "t", cause: "because", bad: "a();\nb();", good: "c();" };
        assert_eq!(text(&e), "MX0104: t\n\nbecause\n\nWrong:\n\n    a();\n    b();\n\nRight:\n\n    c();\n");
    }
}
