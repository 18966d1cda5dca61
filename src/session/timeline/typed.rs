use super::Timeline;
use crate::diag::{Code, Diagnostic};
use crate::session::{Anchor, SectionRef, Time};
use crate::units::{Beats, Frames, Unit};

/// Which end of a range a text on the command line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    From,
    To,
}

impl Timeline {
    /// A position as typed: `1:02.5` (minutes and seconds), `12.5` or `90s`, `bar:17`, `bar:17.3` (its third beat), or a section: its start
    /// for [`Edge::From`], its end for [`Edge::To`].
    pub fn parse(&self, text: &str, edge: Edge) -> Result<Frames, Diagnostic> {
        let text = text.trim();
        let section = SectionRef { name: text.to_string(), loc: None };
        if let Ok(meant) = self.meant(&section) {
            let (from, to) = self.frames_of(meant[0])?;
            return Ok(if edge == Edge::From { from } else { to });
        }
        let time = match text.strip_prefix("bar:") {
            Some(bar) => bar_of(bar).ok_or_else(|| {
                Diagnostic::error(Code::TIME, format!("`{text}` is no bar"))
                    .help("write `bar:17`, or `bar:17.3` for its third beat")
            })?,
            None => match clock(text) {
                Some(seconds) => Time::seconds(seconds),
                None => {
                    let problem = self.meant(&section).err().unwrap_or_else(|| Diagnostic::error(Code::TIME, text));
                    return Err(Diagnostic {
                        message: format!("`{text}` is neither a time nor a section"),
                        help: problem.help.map(|h| format!("{h}; a time is written `1:02.5`, `90s` or `bar:17`")),
                        ..problem
                    });
                }
            },
        };
        self.position(&time)
    }
}

/// `12.5`, `90s`, `120ms`, `1:02.5`, `1:02:03`: seconds.
fn clock(text: &str) -> Option<f64> {
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| t.parse::<f64>().ok())?;
    if text.contains(':') {
        let parts: Vec<&str> = text.split(':').collect();
        let (last, whole) = parts.split_last()?;
        let seconds = plain(last).filter(|s| *s < 60.0 && whole.len() <= 2)?;
        return whole
            .iter()
            .try_fold(0.0, |sum, part| Some(sum * 60.0 + f64::from(part.parse::<u16>().ok()?)))
            .map(|m| m * 60.0 + seconds);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    match &text[digits.len()..] {
        "" => plain(digits),
        unit => Unit::parse(unit)?.convert(plain(digits)?, Unit::S),
    }
}

/// `17`, `17.3`.
fn bar_of(text: &str) -> Option<Time> {
    let (bar, beat) = text.split_once('.').unwrap_or((text, "1"));
    let beat = beat.parse::<u16>().ok().filter(|beat| *beat > 0)?;
    let (bar, beat) = (Beats::new(i64::from(bar.parse::<i32>().ok()?), 1), Beats::new(i64::from(beat), 1));
    Some(Time::anchor(Anchor::Bar { bar, beat }))
}
