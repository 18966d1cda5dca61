use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::media::writer::Mark;
use crate::session::{MarkerKind, Session, Timeline};

/// The markers and chapters of a session in song frames, early ones first.
pub(super) fn marks(session: &Session, timeline: &Timeline, length: i64, found: &mut Diagnostics) -> Vec<Mark> {
    let mut all = Vec::new();
    for marker in &session.markers {
        match timeline.position(&marker.at).map(|frame| frame.get()) {
            Ok(frame) if (0..length).contains(&frame) => all.push(Mark {
                frame: frame as u64,
                text: marker.text.clone(),
                chapter: marker.kind == MarkerKind::Chapter,
            }),
            Ok(_) => found.push(
                Diagnostic::warning(Code::RANGE, format!("\"{}\" lies outside of the song", marker.text))
                    .label(marker.loc.0, "it is in no file")
                    .help("put it between the song's beginning and its end"),
            ),
            Err(diagnostic) => found.push(diagnostic),
        }
    }
    all.sort_by_key(|mark| mark.frame);
    all
}
