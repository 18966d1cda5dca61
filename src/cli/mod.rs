//! The command line: what is typed becomes requests, what comes back is shown. The only floor with a terminal and a clock.

mod args;
mod cache;
mod keys;
mod made;
mod messages;
mod progress;
mod stop;
mod template;
mod terminal;
mod timings;
mod verbs;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::builder::styling::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, CommandFactory, FromArgMatches};

use args::{Colour, Format, Line, Verb};
use terminal::Terminal;

use crate::project::Request;
use crate::world::Disk;

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Fine,
    /// The script or the audio has a problem.
    Problem,
    /// It could not run: usage, files, the machine.
    Outside,
    Stopped,
}

impl End {
    const fn code(self) -> u8 {
        match self {
            End::Fine => 0,
            End::Problem => 1,
            End::Outside => 2,
            End::Stopped => 130,
        }
    }

    fn of(errors: bool, outside: bool) -> End {
        match (errors, outside) {
            (_, true) => End::Outside,
            (true, false) => End::Problem,
            (false, false) => End::Fine,
        }
    }
}

pub(crate) fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let command = Line::command().color(colour_wanted(&args)).styles(Styles::styled());
    let line = match command.try_get_matches_from(&args).and_then(|m| Line::from_arg_matches(&m)) {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::new(&line.global);
    let end = obey(&terminal, line);
    let end = if terminal.broken() { end.max(End::Outside) } else { end };
    ExitCode::from(end.code())
}

fn obey(terminal: &Terminal, line: Line) -> End {
    stop::outlive_limits();
    if matches!(line.verb, Verb::Render(_) | Verb::Watch(_) | Verb::Master(_) | Verb::Measure(_)) {
        stop::listen();
    }
    let global = line.global;
    if global.message_format == Format::Dot && !matches!(line.verb, Verb::Plan(_)) {
        return terminal.fail("`--message-format dot` is for `plan` only", None);
    }
    if let Some(folder) = global.folder.as_deref().filter(|f| !f.is_dir()) {
        return terminal.fail(&format!("there is no folder `{}`", folder.display()), None);
    }
    let memory = cache::folder(&global);
    let base = global.folder.unwrap_or_default();
    let world = Disk::new(&base);
    let world = match memory {
        Some(folder) => world.remembering(folder),
        None => world,
    };
    let builds = matches!(line.verb, Verb::Master(_) | Verb::Render(_) | Verb::Watch(_) | Verb::Plan(_));
    let made = match if builds { made::made() } else { Ok(None) } {
        Ok(made) => made,
        Err(text) => {
            return terminal.fail(&text, Some("unset it, or `export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)`"));
        }
    };
    // what every build is asked alike
    let untold = !terminal.json();
    let request = Request { threads: global.jobs.map(usize::from), made, untold, ..Request::default() };
    match line.verb {
        Verb::New(new) => verbs::new(terminal, &world, &new),
        Verb::Check(check) => verbs::check(terminal, &world, check),
        Verb::Fmt(fmt) => verbs::fmt(terminal, &world, &fmt),
        Verb::Master(master) => verbs::master(terminal, &world, master, request),
        Verb::Render(render) => verbs::render(terminal, &world, render, request),
        Verb::Watch(watch) => verbs::watch(terminal, &world, &base, watch, request),
        Verb::Plan(plan) => verbs::plan(terminal, &world, plan, request),
        Verb::Measure(measure) => verbs::measure(terminal, &world, &measure, request.threads),
        Verb::Effects(effects) => verbs::effects(terminal, &effects),
        Verb::Targets(targets) => verbs::targets(terminal, &targets),
        Verb::Cache(cache) => verbs::cache(terminal, &world, &cache),
        Verb::Explain(explain) => verbs::explain(terminal, &explain),
    }
}

/// Prints help, the version or what is wrong with the line.
fn usage(error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && (Path::new(word).extension().is_some_and(|e| e == "mix") || Path::new(word).is_file())
    {
        terminal::complain(&format!("error: `{word}` is a file, not a verb\n\n  did you mean mixdown render {word}?"));
        return ExitCode::from(End::Outside.code());
    }
    // a closed pipe is nobody's mistake
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { End::Outside.code() } else { End::Fine.code() })
}

/// `--color` must be known before the line is read, for the messages about the line itself.
fn colour_wanted(args: &[OsString]) -> ColorChoice {
    let texts: Vec<&str> = args.iter().filter_map(|a| a.to_str()).collect();
    let said = texts.iter().enumerate().find_map(|(i, arg)| match arg.strip_prefix("--color")? {
        "" => texts.get(i + 1).copied(),
        rest => rest.strip_prefix('='),
    });
    let from_environment = std::env::var("MIXDOWN_COLOR").ok();
    match said.or(from_environment.as_deref()) {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}
