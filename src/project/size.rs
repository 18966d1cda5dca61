//! Files that would be larger than their format can be: told before anything is rendered.

use super::targets::Target;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::parts::resample::converted;
use crate::graph::{self, Compiled, What};
use crate::media::writer::{self, Spec};
use crate::session::TapPoint;

pub(super) fn fits(targets: &[Target], compiled: &Compiled, found: &mut Diagnostics) {
    for target in targets {
        let (_, _, from, to) = graph::range(&target.want, compiled.length);
        let Target { format, bits, rate, compression, .. } = *target;
        let channels = match target.want.what {
            What::Tap(tap) if tap.point != TapPoint::Post => compiled.layout(tap.strip).channels(),
            _ => 2,
        };
        let frames = converted((to - from).max(0) as u64, compiled.rate().get().into(), rate.get().into());
        let Err(error) = writer::check(&Spec { format, bits, channels, rate, frames, compression }) else { continue };
        let diagnostic = Diagnostic::error(Code::FORMAT, format!("`{}` would be too long: {error}", target.name))
            .help("deliver a part of it, `from:` and `to:`, fewer `bits:` or a `.wav`");
        found.push(match target.asked_at() {
            Some(span) => diagnostic.label(span, "this file"),
            None => diagnostic,
        });
    }
}
