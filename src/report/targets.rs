//! The delivery targets for people.

use super::text::{Rows, fill, plain};
use crate::session::{Target, TargetKind};
use crate::units::Rate;

const WIDTH: usize = 80;
/// What the list may be wide, with the names of its sources.
const WIDEST: usize = 100;

const fn about(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Floor => "floor: the service normalises on playback; quieter masters are lifted, louder ones kept",
        TargetKind::Exact => "exact: met from both sides",
        TargetKind::None => "none: no rule of loudness",
    }
}

/// All of them by kind: name, loudness, peak, file, date and source.
pub fn list(all: &[Target]) -> String {
    let mut rows = Rows::new("<>><<<", &["", "LUFS", "dBTP", "file", "as of", "source"]);
    let by_kind = |kind| all.iter().filter(move |t| t.kind == kind);
    let number = |x: Option<f64>| x.map(plain).unwrap_or_default();
    for target in TargetKind::ALL.into_iter().flat_map(by_kind) {
        let (name, source) = (target.name.clone(), target.source.clone());
        let (loudness, peak) = (number(target.loudness), number(target.peak));
        rows.row(vec![name, loudness, peak, file(target), target.date.clone(), source]);
    }
    let table = rows.text("  ");
    let mut lines = table.lines().map(|line| short(line, WIDEST));
    let mut text = lines.next().map(|head| head + "\n").unwrap_or_default();
    for kind in TargetKind::ALL {
        let count = by_kind(kind).count();
        if count > 0 {
            text.push_str(&format!("{}\n", about(kind)));
        }
        lines.by_ref().take(count).for_each(|line| text.push_str(&format!("{line}\n")));
    }
    text
}

/// One of them, with everything that is known.
pub fn detail(t: &Target) -> String {
    let mut rows = Rows::new("<<", &[]);
    let mut row = |what: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            rows.row(vec![what.to_string(), value]);
        }
    };
    let unit = |x: Option<f64>, unit: &str| x.map(|x| format!("{} {unit}", plain(x)));
    let loudness = if t.kind == TargetKind::Floor { "loudness at least" } else { "loudness" };
    row(loudness, unit(t.loudness, "LUFS"));
    row("true peak at most", unit(t.peak, "dBTP"));
    row("where it is louder", unit(t.peak_when_louder, "dBTP"));
    row("plays at", unit(t.playback, "LUFS"));
    let lifted = unit(t.lifts, "dBTP").map_or("not".to_string(), |peak| format!("up to peaks of {peak}"));
    row("lifts quiet masters", t.playback.map(|_| lifted));
    row("file", Some(file(t)));
    row("source", Some(t.source.clone()));
    row("as of", Some(t.date.clone()));
    let kind = fill(about(t.kind), "", WIDTH);
    let note = t.note.as_deref().map(|n| fill(n, "", WIDTH)).unwrap_or_default();
    let title = if t.title() == t.name { t.name.clone() } else { format!("{} ({})", t.name, t.title()) };
    format!("{title}\n{kind}\n{}{}{note}", rows.text("  "), if note.is_empty() { "" } else { "\n" })
}

/// `24-bit flac`, `16-bit wav 44.1kHz`.
fn file(t: &Target) -> String {
    let bits = t.bits.map(|b| format!("{b}-bit"));
    let parts = [bits, t.format.map(|f| f.name().to_string()), t.rate.map(|r: Rate| r.to_string())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// At most this wide, cut at a word.
fn short(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_string();
    }
    let cut: String = line.chars().take(width - 3).collect();
    let whole = cut.rfind(' ').map_or(cut.as_str(), |at| &cut[..at]);
    format!("{}...", whole.trim_end_matches([' ', ',', ';']))
}
