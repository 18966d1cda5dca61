use crate::diag::{Diagnostic, Diagnostics};

/// More than this is not read.
const MOST: usize = 20;

/// Tells all, those of one code and place as one: a loop over strips asks for many things on one line, and a list of diagnostics keeps one a place.
pub(super) fn gather(all: Vec<Diagnostic>, found: &mut Diagnostics) {
    let place = |d: &Diagnostic| d.labels.first().map(|label| label.span);
    let mut told: Vec<Diagnostic> = Vec::new();
    for diagnostic in all {
        let same = told.iter_mut().find(|d| d.code == diagnostic.code && place(d) == place(&diagnostic));
        match (same, place(&diagnostic)) {
            (Some(first), Some(span)) => {
                let new = first.message != diagnostic.message;
                if new && first.labels.len() < MOST {
                    *first = first.clone().label(span, diagnostic.message);
                }
            }
            _ => told.push(diagnostic),
        }
    }
    told.into_iter().for_each(|diagnostic| found.push(diagnostic));
}
