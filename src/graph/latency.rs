//! When things arrive: every strip waits for the latest of what it sums and of what steers it.

use super::draft::Draft;
use super::plan::{Latency, Point};
use crate::session::StripId;

/// The latencies of every strip, in frames; `order` as [`super::order`] gives it.
pub(super) fn latencies(drafts: &[Draft], order: &[StripId]) -> Vec<Latency> {
    let mut all = vec![Latency::default(); drafts.len()];
    for id in order {
        let draft = &drafts[id.0];
        let sums = draft.inputs.iter().map(|e| all[e.from.0].at(e.point));
        // a key that is late at its insert holds back the whole strip
        let keys = draft.keys.iter().map(|k| all[k.from.0].at(k.point) - draft.offset(k.place));
        let input = sums.chain(keys).max().unwrap_or(0).max(0);
        let at = |point| input + draft.offset_of(point);
        all[id.0] = Latency { input, source: at(Point::Source), drive: at(Point::Drive), pre: at(Point::Pre) };
    }
    all
}
