use crate::cli::End;
use crate::cli::args::Measure;
use crate::cli::messages::{self, Count};
use crate::cli::terminal::Terminal;
use crate::diag::{Diagnostic, Diagnostics, Sources};
use crate::project::{self, MeasureError};
use crate::report;
use crate::world::Disk;

/// Measures files, each by itself: one that cannot be read does not keep the others from being measured.
pub(in crate::cli) fn measure(terminal: &Terminal, world: &Disk, asked: &Measure) -> End {
    let (mut end, mut count) = (End::Fine, Count::default());
    let mut rows = Vec::new();
    for file in &asked.files {
        let name = file.display().to_string();
        match project::measure(world, file, asked.dual_mono, asked.true_peak.into()) {
            Ok(measurement) if terminal.json() => terminal.object(&report::json::measurement(&name, &measurement)),
            Ok(measurement) => rows.push((name, measurement)),
            Err(error) => {
                end = end.max(End::of(true, error.outside));
                let mut diagnostics = Diagnostics::default();
                diagnostics.push(diagnostic(error));
                count.add(messages::show(terminal, &Sources::default(), &mut diagnostics));
            }
        }
    }
    match &rows[..] {
        [] => {}
        [(name, measurement)] => terminal.data(&report::measurement(name, measurement)),
        several => terminal.data(&report::measurements(several)),
    }
    if asked.files.len() > 1 {
        count.summary().into_iter().for_each(|summary| terminal.say(&summary));
    }
    end
}

pub(super) fn diagnostic(error: MeasureError) -> Diagnostic {
    let diagnostic = Diagnostic::error(error.code, error.message);
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
