use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use serde::Serialize;
use similar::TextDiff;

use crate::cli::End;
use crate::cli::args::Fmt;
use crate::cli::messages::{self, Count};
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::format;
use crate::project;
use crate::world::{Disk, World};

/// A script, as programs are told of it.
#[derive(Serialize)]
struct Formatted<'a> {
    reason: &'static str,
    schema: u32,
    file: &'a str,
    changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a str>,
}

/// Lays scripts out, each by itself: one that cannot be read does not keep the others from being formatted.
pub(in crate::cli) fn fmt(terminal: &Terminal, world: &Disk, asked: &Fmt) -> End {
    let (mut end, mut count) = (End::Fine, Count::default());
    for file in &asked.files {
        let formatted = match text(world, file) {
            Ok((name, text)) => one(terminal, world, asked, file, &name, &text, &mut count),
            Err(error) => {
                let diagnostic = Diagnostic::unreadable(&format!("the script {}", file.display()), error.kind());
                count.add(tell(terminal, &Sources::default(), diagnostic));
                End::of(true, error.kind() != ErrorKind::InvalidData)
            }
        };
        end = end.max(formatted);
    }
    count.summary().into_iter().for_each(|summary| terminal.say(&summary));
    end
}

/// A script and the name it is shown under.
fn text(world: &Disk, file: &Path) -> io::Result<(String, String)> {
    if is_stream(file) {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text)?;
        return Ok(("<stdin>".into(), text));
    }
    Ok((file.display().to_string(), world.read_text(file)?))
}

fn is_stream(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn one(terminal: &Terminal, world: &Disk, asked: &Fmt, file: &Path, name: &str, text: &str, count: &mut Count) -> End {
    // what is no script is told of as `check` tells it, and left alone
    let (sources, mut found) = project::syntax(name, text);
    if found.has_errors() {
        count.add(messages::show(terminal, &sources, &mut found));
        terminal.say(&format!("{name} was left as it is"));
        return End::Problem;
    }
    let formatted = match format::format(text) {
        Ok(formatted) => formatted,
        Err(problem) => {
            count.add(refuse(terminal, name, text, problem));
            return End::Problem;
        }
    };
    let changed = formatted != text;
    let only_told = asked.check || asked.diff;
    if !only_told
        && !is_stream(file)
        && changed
        && let Err(error) = write(world, file, &formatted)
    {
        return terminal.fail(&format!("`{name}` could not be written: {error}"), None);
    }
    let diff = (asked.diff && changed).then(|| {
        let diff = TextDiff::from_lines(text, &formatted);
        diff.unified_diff().context_radius(3).header(name, name).to_string()
    });
    if terminal.json() {
        let diff = diff.as_deref();
        terminal.object(&Formatted { reason: "formatted", schema: 1, file: name, changed, diff });
    } else if let Some(diff) = diff {
        terminal.data(&diff);
    } else if asked.check && changed {
        terminal.data(name);
    } else if !only_told && is_stream(file) {
        terminal.data(&formatted);
    } else if !only_told && changed {
        terminal.say(&format!("formatted {name}"));
    }
    if only_told && changed { End::Problem } else { End::Fine }
}

fn write(world: &Disk, file: &Path, text: &str) -> io::Result<()> {
    // a link stays one: what it points to is written
    let mut output = world.create(&world.canonical(file))?;
    output.write_all(text.as_bytes())?;
    output.commit()
}

/// A script whose brackets or strings don't end is left as it is.
fn refuse(terminal: &Terminal, name: &str, text: &str, problem: format::Problem) -> Count {
    let mut sources = Sources::default();
    let source = sources.add(name, text);
    let mut diagnostic = Diagnostic::error(Code::SYNTAX, problem.message)
        .label(Span::new(source, problem.span.start, problem.span.end), "")
        .help("the script was left as it is");
    if let Some(opened) = problem.opened {
        diagnostic = diagnostic.label(Span::new(source, opened.start, opened.end), "opened here");
    }
    tell(terminal, &sources, diagnostic)
}

fn tell(terminal: &Terminal, sources: &Sources, diagnostic: Diagnostic) -> Count {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(diagnostic);
    messages::show(terminal, sources, &mut diagnostics)
}
