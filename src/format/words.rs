//! The words and symbols of Rhai's grammar that the layout knows.

/// Begin a statement or stand between its parts: never a value that is called or calculated with.
pub(super) const STATEMENTS: &[&str] = &[
    "let", "const", "return", "throw", "break", "continue", "import", "export", "as", "fn", "private", "in", "if",
    "else", "switch", "while", "until", "for", "loop", "do", "try", "catch",
];

/// Binary operators, the weakest first. Those of one row have one strength.
pub(super) const STRENGTHS: &[&[&str]] = &[
    &["||", "|", "^"],
    &["&&", "&"],
    &["==", "!="],
    &["in", "!in"],
    &["<", "<=", ">", ">="],
    &["??"],
    &RANGES,
    &["+", "-"],
    &["*", "/", "%"],
    &["**"],
    &["<<", ">>"],
];

pub(super) const RANGES: [&str; 2] = ["..", "..="];

/// Between a place and its new value; an arm's `=>` is laid out like them.
pub(super) const ASSIGNMENTS: &[&str] =
    &["=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "|=", "&=", "^=", "=>"];
