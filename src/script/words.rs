//! Words that Rhai keeps for itself.

/// Cannot be the name of a variable.
pub(super) const RESERVED: &[&str] = &[
    "throw",
    "sync",
    "default",
    "match",
    "new",
    "thread",
    "case",
    "public",
    "protected",
    "super",
    "use",
    "module",
    "package",
    "exit",
    "with",
    "shared",
    "goto",
    "var",
    "static",
    "void",
    "null",
    "nil",
    "spawn",
    "go",
    "async",
    "await",
    "yield",
    "is",
    "eval",
    "print",
    "debug",
    "call",
    "curry",
];

/// Followed by a parenthesis they still call nothing.
pub(super) const KEYWORDS: &[&str] =
    &["if", "while", "for", "in", "switch", "return", "throw", "else", "catch", "until", "let", "const", "do"];

/// A value does not end with them.
pub(super) const GOING_ON: &[&str] = &[
    "if", "while", "for", "in", "switch", "return", "throw", "else", "catch", "until", "let", "const", "do", "as",
    "fn", "import", "export", "private", "loop", "try", "break", "continue", "is",
];

/// A name near a reserved one that is free.
pub(super) fn instead(word: &str) -> String {
    match word {
        "throw" => "throws".into(),
        "match" => "matched".into(),
        "default" => "standard".into(),
        "new" => "fresh".into(),
        word => format!("{word}_"),
    }
}
