use std::path::Path;

use crate::cli::args::Check;
use crate::cli::messages::{self, Count};
use crate::cli::terminal::Terminal;
use crate::cli::{End, Format};
use crate::project::{self, Checked, Request};
use crate::report::checked::{self, Dependency, Parameter};
use crate::world::{Disk, World};

/// Finds mistakes in scripts and in the files they name, without rendering.
pub(in crate::cli) fn check(terminal: &Terminal, world: &Disk, asked: Check) -> End {
    let request = Request { set: asked.settings.set, ..Request::default() };
    let (mut end, mut count) = (End::Fine, Count::default());
    for file in &asked.files {
        let mut checked = project::check(world, file, &request);
        end = end.max(End::of(checked.diagnostics.has_errors(), checked.outside));
        count.add(messages::show(terminal, &checked.sources, &mut checked.diagnostics));
        parameters(terminal, file, &checked);
        if asked.deps || terminal.verbose {
            dependencies(terminal, world, file, &checked);
        }
    }
    let fine = || match &asked.files[..] {
        [one] => format!("{}: no mistakes found", one.display()),
        many => format!("{} scripts: no mistakes found", many.len()),
    };
    if terminal.format != Format::Github || count != Count::default() {
        terminal.say(&count.summary().unwrap_or_else(fine));
    }
    end
}

fn parameters(terminal: &Terminal, script: &Path, found: &Checked) {
    let all = found.params.iter().map(|p| Parameter {
        name: &p.name,
        takes: p.takes,
        default: &p.default,
        value: &p.value,
        help: &p.help,
    });
    match terminal.format {
        Format::Json => all.for_each(|p| terminal.object(&checked::parameter(script, p))),
        Format::Github => {}
        _ => {
            let all: Vec<Parameter<'_>> = all.collect();
            if !all.is_empty() && !terminal.quiet {
                terminal.data(&checked::parameters(&all));
            }
        }
    }
}

fn dependencies(terminal: &Terminal, world: &Disk, script: &Path, found: &Checked) {
    let dependency = |path| {
        let script = found.read.contains(path) || found.missing.contains(path);
        let there = if script { found.read.contains(path) } else { world.exists(path) };
        let kind = match script {
            true => "script",
            false if found.covers.contains(path) => "cover",
            false => "audio",
        };
        Dependency { path, kind, there }
    };
    let all: Vec<Dependency<'_>> = found.deps.iter().map(dependency).collect();
    match terminal.format {
        Format::Json => all.iter().for_each(|d| terminal.object(&checked::dependency(script, *d))),
        _ => terminal.data(&checked::dependencies(&all)),
    }
}
