//! The only place that joins everything: script, files, graph and engine become outputs.

mod about;
mod advice;
mod before;
mod build;
mod covers;
mod expect;
mod failure;
mod files;
mod form;
mod gather;
mod load;
mod marks;
mod mastering;
mod measure;
mod planned;
mod probe;
mod request;
mod reuse;
mod run;
mod size;
mod solved;
mod standing;
mod survey;
mod targets;
mod trouble;
mod wanted;
mod watch;
mod why;
mod words;

pub use crate::analysis::TruePeak;
pub use crate::engine::{SEGMENT, TimedWork, Timer, Unit};
pub use crate::media::writer::Made;
pub use crate::script::Param;
pub use build::{build, build_read};
pub use mastering::{Mastering, extension};
pub use measure::{MeasureError, Measuring, measure, playable};
pub use planned::{plan, plan_read};
pub use request::{Artifact, Built, Checked, Judged, Kind, NodeRow, Observer, Planned, Request, Solved};

use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, Sources};
use crate::script::{self, Reading};
use crate::session::{self, Timeline};
use crate::world::{Memory, World, join};
use load::{For, Loaded, load};
use targets::{Asking, Target};

/// The delivery targets that come with the program, in the order of the manual.
pub fn delivery_targets() -> &'static [session::Target] {
    script::targets()
}

/// Finds the mistakes of a script and of the files it names; renders and measures nothing.
pub fn check(world: &dyn World, script: &Path, request: &Request) -> Checked {
    check_read(world, script, script::read_set(world, script, &request.set))
}

/// What keeps a text from being a script, as far as it alone can tell.
pub fn syntax(name: &str, text: &str) -> (Sources, Diagnostics) {
    let world = Memory::new();
    world.put(name, text);
    let reading = script::read(&world, Path::new(name));
    let mut found = Diagnostics::default();
    reading.diagnostics.iter().filter(|d| d.code == Code::SYNTAX).for_each(|d| found.push(d.clone()));
    (reading.sources, found)
}

/// The same with a script that was read before.
pub fn check_read(world: &dyn World, script: &Path, reading: Reading) -> Checked {
    let params = reading.params.clone();
    let mut loaded = load(world, script, reading, For::Checking);
    // the deliveries are part of the script: their mistakes too
    let _ = targets(world, script, &mut loaded, &Request::default());
    advice::advise(world, &mut loaded);
    Checked {
        sources: loaded.sources,
        diagnostics: loaded.diagnostics,
        outside: loaded.outside,
        deps: loaded.deps,
        covers: loaded.covers.paths,
        missing: loaded.missing,
        read: loaded.read,
        params,
    }
}

/// The files that are asked for; `None` when mistakes stand against them.
fn targets(world: &dyn World, script: &Path, loaded: &mut Loaded, request: &Request) -> Option<Vec<Target>> {
    let compiled = loaded.compiled.as_ref()?;
    let out = output_folder(script, request);
    let mut found = Diagnostics::default();
    let marks = match loaded.diagnostics.has_errors() {
        true => Vec::new(),
        false => marks::marks(&loaded.session, &loaded.timeline, compiled.length, &mut found),
    };
    let asking = Asking {
        world,
        session: &loaded.session,
        compiled,
        timeline: &loaded.timeline,
        rate: loaded.rate,
        out: &out,
        files: &loaded.files,
        scripts: &loaded.deps,
        marks: &marks,
        covers: &loaded.covers,
        made: request.made.as_ref(),
    };
    let mut targets = asking.targets(request, &mut found);
    if !loaded.diagnostics.has_errors() {
        cut(&mut targets, &loaded.timeline, compiled.length, request, &mut found);
        size::fits(&targets, compiled, &mut found);
    }
    loaded.diagnostics.extend(found);
    loaded.diagnostics.sort();
    (!loaded.diagnostics.has_errors()).then_some(targets)
}

/// `out/` beside the script unless another is asked for.
fn output_folder(script: &Path, request: &Request) -> PathBuf {
    match &request.out {
        Some(out) => out.clone(),
        None => join(script.parent().unwrap_or(Path::new("")), Path::new("out")),
    }
}

/// `--from` and `--to`: a part of what each delivery holds.
fn cut(targets: &mut [Target], timeline: &Timeline, length: i64, request: &Request, found: &mut Diagnostics) {
    let mut parse = |text: &Option<String>, edge| {
        let text = text.as_deref()?;
        timeline.parse(text, edge).map(|f| f.get()).map_err(|d| found.push(d)).ok()
    };
    let from = parse(&request.from, session::Edge::From);
    let to = parse(&request.to, session::Edge::To);
    for target in targets {
        let want = &mut target.want;
        want.part = (from, to);
        let first = [want.from, from].into_iter().flatten().max().unwrap_or(0).max(0);
        let last = [want.to, to].into_iter().flatten().min().unwrap_or(length).min(length);
        if first >= last {
            let diagnostic = Diagnostic::error(Code::RANGE, format!("`{}` would be empty", target.name))
                .help("the range must end after it begins, inside the song");
            found.push(match target.asked_at() {
                Some(span) => diagnostic.label(span, "this file"),
                None => diagnostic,
            });
        }
    }
}
