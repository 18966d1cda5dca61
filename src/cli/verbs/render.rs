use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::cli::args::{Measured, Render};
use crate::cli::progress::Progress;
use crate::cli::terminal::{Terminal, complain};
use crate::cli::{End, messages};
use crate::project::{self, Built, Request};
use crate::report::timings::Timings;
use crate::report::{self, Expectation, Summary, Written};
use crate::world::{Disk, World};

/// Renders, and shows what was written.
pub(in crate::cli) fn render(terminal: &Terminal, world: &Disk, asked: Render, request: Request) -> End {
    let request = Request {
        targets: asked.targets,
        out: asked.out,
        from: asked.range.from,
        to: asked.range.to,
        block: asked.block.map(|b| b as usize),
        measure_all: asked.measure == Measured::All,
        set: asked.settings.set,
        ..request
    };
    go(terminal, world, &asked.file, &asked.file, &request, asked.timings.as_ref().map(Option::as_deref))
}

/// Renders a script of this world; `what` is shown to be rendered. `timings`: where the time went is told, and written where there is a path.
pub(super) fn go(
    terminal: &Terminal,
    world: &dyn World,
    what: &Path,
    script: &Path,
    request: &Request,
    timings: Option<Option<&Path>>,
) -> End {
    let begun = Instant::now();
    let progress = Progress::start(terminal, &what.display().to_string());
    let progress = if timings.is_some() { progress.timed() } else { progress };
    let mut built = project::build(world, script, request, &progress);
    let taken = progress.finish();
    let seconds = begun.elapsed().as_secs_f64();

    let count = messages::show(terminal, &built.sources, &mut built.diagnostics);
    expectations(terminal, &built);
    results(terminal, &built, request.from.is_some() || request.to.is_some(), seconds);
    let mut told = true;
    if let Some(taken) = taken {
        told = tell(terminal, world, &taken, timings.flatten());
    }
    if built.cancelled {
        if !terminal.json() {
            complain("stopped; nothing was left half written");
        }
        return End::Stopped;
    }
    count.summary().into_iter().for_each(|summary| terminal.say(&summary));
    End::of(!built.ok || built.diagnostics.has_errors(), built.outside || !told)
}

/// Where the time went. False when the trace could not be written.
fn tell(terminal: &Terminal, world: &dyn World, timings: &Timings, trace: Option<&Path>) -> bool {
    if terminal.json() {
        report::timings::objects(timings).iter().for_each(|object| terminal.object(object));
    } else {
        terminal.data(&format!("\n{}", report::timings::table(timings)));
    }
    let Some(path) = trace else { return true };
    let write = || {
        let text = report::timings::trace(timings).map_err(std::io::Error::other)?;
        let mut file = world.create(path)?;
        file.write_all(text.as_bytes())?;
        file.commit()
    };
    match write() {
        Ok(()) => {
            terminal.say(&format!("the trace is in {}: open it at ui.perfetto.dev", path.display()));
            true
        }
        Err(error) => {
            complain(&format!("{} could not be written: {error}", path.display()));
            false
        }
    }
}

/// All of them for programs; for people those that hold, when they want to know: the others are among the mistakes.
fn expectations(terminal: &Terminal, built: &Built) {
    for judged in &built.judged {
        if terminal.json() {
            let source = built.sources.get(judged.span.source);
            terminal.object(&report::json::expectation(&Expectation {
                ok: judged.ok,
                file: source.map_or("", |s| &s.name),
                line: built.sources.place(judged.span).map_or(0, |place| place.line),
                reading: judged.reading,
                strip: &judged.strip,
                section: judged.section.as_deref(),
                relation: judged.relation,
                asked: judged.asked,
                within: judged.within,
                got: judged.got,
            }));
        } else if judged.ok && terminal.verbose {
            terminal.say(&format!("holds: {}", judged.text));
        }
    }
}

/// What a render came to: all of it, or only a part of every file.
pub(super) fn results(terminal: &Terminal, built: &Built, part: bool, seconds: f64) {
    let (files, summary) = (written(built, part, None), summary(built, seconds));
    if terminal.json() {
        files.iter().for_each(|file| terminal.object(&report::json::artifact(file, &summary)));
        terminal.object(&report::json::summary(&summary));
    } else if !files.is_empty() && !terminal.quiet {
        terminal.data(&report::files(&files));
        terminal.say(&report::pace(files.len(), &summary));
    }
}

/// For programs: the files of a preview. The summary is that of the render which follows.
pub(super) fn previews(terminal: &Terminal, built: &Built, seconds: f64) {
    if terminal.json() {
        let summary = summary(built, seconds);
        let files = written(built, true, Some(built.exact));
        files.iter().for_each(|file| terminal.object(&report::json::artifact(file, &summary)));
    }
}

fn written(built: &Built, part: bool, preview: Option<bool>) -> Vec<Written<'_>> {
    built
        .artifacts
        .iter()
        .map(|a| Written {
            target: &a.target,
            kind: a.kind.name(),
            path: &a.path,
            measurement: &a.measurement,
            clipped: a.clipped,
            asked: a.asked,
            solved: a.solved.map(|s| report::Solved { gain: s.gain, reduction: s.reduction, added: s.added }),
            service: a.service.as_ref().map(|(name, gain)| (name.as_str(), *gain)),
            part,
            preview,
        })
        .collect()
}

fn summary(built: &Built, seconds: f64) -> Summary {
    Summary {
        ok: built.ok && !built.diagnostics.has_errors() && !built.cancelled,
        wall_seconds: seconds,
        audio_seconds: built.audio_seconds,
        nodes_total: built.nodes_total,
        nodes_rendered: built.nodes_rendered,
        nodes_reused: built.nodes_reused,
    }
}
