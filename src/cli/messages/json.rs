use serde::Serialize;

use super::word;
use crate::diag::{Diagnostic, Sources};

/// A diagnostic for programs: lines and columns from 1, columns and lengths in characters, bytes from the file's start.
#[derive(Serialize)]
pub(super) struct Object<'a> {
    reason: &'static str,
    schema: u32,
    severity: &'static str,
    code: String,
    message: &'a str,
    help: Option<&'a str>,
    suggestion: Option<&'a str>,
    /// The one change that takes the mistake away, where it is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'a>>,
    labels: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    file: &'a str,
    byte_start: u32,
    byte_end: u32,
    text: String,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    length: usize,
    byte_start: u32,
    byte_end: u32,
    message: &'a str,
    primary: bool,
}

pub(super) fn object<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Object<'a> {
    let labels = diagnostic.labels.iter().filter_map(|label| {
        let place = sources.place(label.span)?;
        Some(Place {
            file: &sources.get(label.span.source)?.name,
            line: place.line,
            column: place.column,
            length: place.length,
            byte_start: label.span.start,
            byte_end: label.span.end,
            message: &label.text,
            primary: label.primary,
        })
    });
    let fix = diagnostic.edit(sources).and_then(|(span, text)| {
        let file = &sources.get(span.source)?.name;
        Some(Fix { file, byte_start: span.start, byte_end: span.end, text })
    });
    Object {
        reason: "diagnostic",
        schema: 1,
        severity: word(diagnostic.severity),
        code: diagnostic.code.to_string(),
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        suggestion: diagnostic.suggestion.as_deref(),
        fix,
        labels: labels.collect(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_count_characters_and_bytes_count_bytes() {
        let (sources, diagnostic) = super::super::tests::mistake();
        let line = serde_json::to_string(&super::object(&sources, &diagnostic)).unwrap();
        assert_eq!(
            line,
            concat!(
                r#"{"reason":"diagnostic","schema":1,"severity":"error","code":"MX0104","#,
                r#""message":"no effect is called `compresor`","help":"did you mean `compressor`?","#,
                r#""suggestion":"compressor","fix":{"file":"song.mix","byte_start":12,"byte_end":21,"text":"compressor"},"labels":["#,
                r#"{"file":"song.mix","line":1,"column":12,"length":9,"byte_start":12,"byte_end":21,"#,
                r#""message":"not an effect","primary":true},"#,
                r#"{"file":"lib/vocals.mix","line":2,"column":1,"length":6,"byte_start":12,"byte_end":18,"#,
                r#""message":"called from here, 100%","primary":false}]}"#,
            )
        );
    }
}
