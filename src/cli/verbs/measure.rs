use std::path::Path;

use crate::cli::args::Measure;
use crate::cli::messages::{self, Count};
use crate::cli::terminal::{Terminal, complain};
use crate::cli::{End, Format, stop};
use crate::diag::{Diagnostic, Diagnostics, Sources};
use crate::project::{self, MeasureError, Measuring, Observer};
use crate::report;
use crate::world::Disk;

/// Measures files, each by itself: one that cannot be read does not keep the others from being measured.
pub(in crate::cli) fn measure(terminal: &Terminal, world: &Disk, asked: &Measure, jobs: Option<usize>) -> End {
    if asked.csv && matches!(terminal.format, Format::Json | Format::Github) {
        let help = "`--message-format short` tells mistakes a line each, beside the rows";
        return terminal.fail("`--csv` cannot be mixed with messages on the standard output", Some(help));
    }
    let (mut end, mut count, mut files) = (End::Fine, Count::default(), 0);
    // columns are as wide as their widest name: a table comes at the end
    let mut rows = Vec::new();
    if asked.csv {
        terminal.data(&report::spreadsheet::head());
    }
    let how = Measuring { dual_mono: asked.dual_mono, true_peak: asked.true_peak.into(), threads: jobs };
    let whole = project::measure(world, &asked.files, how, &Stoppable, &mut |path: &Path, measured| {
        files += 1;
        let name = path.display().to_string();
        match measured {
            Ok(measurement) if asked.csv => terminal.data(&report::spreadsheet::measured(&name, &measurement)),
            Ok(measurement) if terminal.json() => terminal.object(&report::json::measurement(&name, &measurement)),
            Ok(measurement) => rows.push((name, measurement)),
            Err(error) => {
                end = end.max(End::of(true, error.outside));
                let mut diagnostics = Diagnostics::default();
                diagnostics.push(diagnostic(error));
                count.add(messages::show(terminal, &Sources::default(), &mut diagnostics));
            }
        }
    });
    match &rows[..] {
        [] => {}
        [(name, measurement)] => terminal.data(&report::measurement(name, measurement)),
        several => terminal.data(&report::measurements(several)),
    }
    if !whole {
        if !terminal.json() {
            complain("stopped");
        }
        return End::Stopped;
    }
    if files > 1 {
        count.summary().into_iter().for_each(|summary| terminal.say(&summary));
    }
    end
}

/// Ctrl-C ends it.
struct Stoppable;

impl Observer for Stoppable {
    fn cancelled(&self) -> bool {
        stop::asked()
    }
}

pub(super) fn diagnostic(error: MeasureError) -> Diagnostic {
    let diagnostic = Diagnostic::error(error.code, error.message);
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
