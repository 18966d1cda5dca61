use std::collections::BTreeSet;

use super::signals::highest;
use super::{Desk, category};
use crate::audio::Layout;
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::dsp::Category;
use crate::session::{Level, Signal, Strip, StripId, StripKind, Trim};

/// dB: where the faders of desks end.
const HIGHEST: f64 = 12.0;
/// dB: as far as trims go.
const MOST_TRIM: f64 = 60.0;

/// Faders that do a trim's work.
pub(super) fn high_faders(desk: &Desk<'_>, found: &mut Diagnostics) {
    for id in desk.session.ids() {
        let strip = desk.session.strip(id);
        let Some((level, loc)) = highest(&strip.gain, strip.said.gain).filter(|(level, _)| *level > HIGHEST) else {
            continue;
        };
        // what was turned down before the inserts is turned up again after them
        let lowered = matches!(strip.trim, Trim::By(trim) if trim < 0.0 && trim + level <= HIGHEST);
        // one that leads nowhere is a key's, or a chain of its own
        let heard = desk.sounds(id) || strip.kind == StripKind::Master;
        if lowered || !heard || is_parallel(desk, id) {
            continue;
        }
        let still = strip.gain.constant().is_some();
        let level = round(level);
        let (does, label) = match still {
            true => ("stands at", "the fader"),
            false => ("goes up to", "as far as here"),
        };
        found.push(
            Diagnostic::warning(Code::HIGH_FADER, format!("the fader of `{}` {does} {level} dB", strip.name))
                .label(loc.0, label)
                .help(help(strip, level, still)),
        );
    }
}

/// A bus that is pressed or bent: what that took away comes back at its fader.
fn is_parallel(desk: &Desk<'_>, id: StripId) -> bool {
    let takes = |category: Option<Category>| matches!(category, Some(Category::Dynamics | Category::Colour));
    desk.session.strip(id).kind == StripKind::Bus && desk.inserts(id).any(|effect| takes(category(effect)))
}

/// As people write levels.
fn round(level: f64) -> f64 {
    (level * 100.0).round() / 100.0
}

fn help(strip: &Strip, level: f64, still: bool) -> String {
    let rest = if still { "leave the fader at 0 dB" } else { &*format!("take {level} dB off every point") };
    let trim = match strip.trim {
        Trim::By(before) => (before + level <= MOST_TRIM).then(|| format!("{}dB", round(before + level))),
        Trim::To { level: of, value, .. } => {
            let unit = match of {
                Level::Lufs => "LUFS",
                Level::Dbfs => "dBFS",
                Level::Dbtp => "dBTP",
            };
            (value + level <= 0.0).then(|| format!("{}{unit}", round(value + level)))
        }
    };
    match trim {
        Some(trim) => format!("lift it before its inserts, `.trim({trim})`, and {rest}"),
        None => format!("is `{level}dB` what was meant? Its trim moves it already"),
    }
}

/// Widths of strips that have no side.
pub(super) fn mono_widths(desk: &Desk<'_>, found: &mut Diagnostics) {
    let session = desk.session;
    let widens = |id: &StripId| session.strip(*id).width != Signal::Constant(100.0);
    let idle = |id: &StripId| {
        let strip = session.strip(*id);
        let middle = matches!(strip.pan, None | Some(Signal::Constant(0.0)));
        strip.kind == StripKind::Track && desk.compiled.layout(*id) == Layout::MONO && middle
    };
    // one call for many strips, of which some are stereo
    let works: BTreeSet<Span> =
        session.ids().filter(|id| widens(id) && !idle(id)).map(|id| session.strip(id).said.width.0).collect();
    for id in session.ids().filter(|id| widens(id) && idle(id)) {
        let strip = session.strip(id);
        if !works.contains(&strip.said.width.0) {
            found.push(
                Diagnostic::warning(Code::MONO_WIDTH, format!("`width` does nothing on `{}`: it is mono", strip.name))
                    .label(strip.said.width.0, "a mono sound has no side")
                    .help("place it, `.pan(20%)`, or take `.width(…)` out"),
            );
        }
    }
}
