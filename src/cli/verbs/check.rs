use crate::cli::args::Check;
use crate::cli::messages::{self, Count};
use crate::cli::terminal::Terminal;
use crate::cli::{End, Format};
use crate::project;
use crate::world::Disk;

/// Finds mistakes in scripts and in the files they name, without rendering.
pub(in crate::cli) fn check(terminal: &Terminal, world: &Disk, asked: &Check) -> End {
    let (mut end, mut count) = (End::Fine, Count::default());
    for file in &asked.files {
        let mut checked = project::check(world, file);
        end = end.max(End::of(checked.diagnostics.has_errors(), checked.outside));
        count.add(messages::show(terminal, &checked.sources, &mut checked.diagnostics));
        if terminal.verbose {
            checked.deps.iter().for_each(|d| terminal.say(&format!("read {}", d.display())));
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
