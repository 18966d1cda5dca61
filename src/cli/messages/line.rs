use super::word;
use crate::cli::terminal::harmless;
use crate::diag::{Diagnostic, Label, Place, Sources};

/// `song.mix:12:13: error MX0104: …`, then a `note:` line per label and a `help:` line, each with its place: what editors parse.
pub(super) fn short(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let at = |label: &Label| {
        place(sources, label).map(|(file, p)| format!("{file}:{}:{}: ", p.line, p.column)).unwrap_or_default()
    };
    let first = diagnostic.labels.first().map(at).unwrap_or_default();
    let mut lines =
        vec![format!("{first}{} {}: {}", word(diagnostic.severity), diagnostic.code, one_line(&diagnostic.message))];
    for label in diagnostic.labels.iter().filter(|l| !l.text.is_empty()) {
        lines.push(format!("{}note: {}", at(label), one_line(&label.text)));
    }
    lines.extend(diagnostic.help.iter().map(|help| format!("{first}help: {}", one_line(help))));
    harmless(&lines.join("\n")).into_owned()
}

fn one_line(text: &str) -> String {
    text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ")
}

/// A workflow command of GitHub Actions, by which the mistake is drawn into the changed file.
/// Escapes: docs.github.com, "Workflow commands for GitHub Actions"; `@actions/core` `command.ts`.
pub(super) fn github(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let mut properties = Vec::new();
    if let Some((file, p)) = diagnostic.labels.first().and_then(|l| place(sources, l)) {
        properties.push(format!("file={},line={},col={}", property(file), p.line, p.column));
    }
    properties.push(format!("title={}", diagnostic.code));
    let mut message = diagnostic.message.clone();
    for label in diagnostic.labels.iter().filter(|l| !l.text.is_empty()) {
        let at = sources.line_of(label.span);
        message.push_str(&format!("\n{at}: {}", label.text));
    }
    diagnostic.help.iter().for_each(|help| message.push_str(&format!("\nhelp: {help}")));
    let command = format!("::{} {}::{}", word(diagnostic.severity), properties.join(","), value(&message));
    harmless(&command).into_owned()
}

fn place<'a>(sources: &'a Sources, label: &Label) -> Option<(&'a str, Place)> {
    Some((&sources.get(label.span.source)?.name, sources.place(label.span)?))
}

fn value(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    value(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::tests::mistake;
    use super::*;
    use crate::diag::Code;

    #[test]
    fn short_lines_begin_with_their_place() {
        let (sources, diagnostic) = mistake();
        assert_eq!(
            short(&sources, &diagnostic),
            "song.mix:1:12: error MX0104: no effect is called `compresor`\n\
             song.mix:1:12: note: not an effect\n\
             lib/vocals.mix:2:1: note: called from here, 100%\n\
             song.mix:1:12: help: did you mean `compressor`?"
        );
        let nowhere = Diagnostic::warning(Code::SOLO, "a solo is on");
        assert_eq!(short(&sources, &nowhere), "warning MX0604: a solo is on");
    }

    #[test]
    fn github_commands_are_escaped() {
        let (sources, diagnostic) = mistake();
        assert_eq!(
            github(&sources, &diagnostic),
            "::error file=song.mix,line=1,col=12,title=MX0104::no effect is called `compresor`\
             %0Asong.mix:1: not an effect%0Alib/vocals.mix:2: called from here, 100%25%0Ahelp: did you mean `compressor`?"
        );
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
