//! What was asked of files and what came of it.

use super::Written;
use super::text::{Rows, plain, value};
use crate::session::{Asked, Goal};

/// How a limiter was driven.
#[derive(Clone, Copy, Debug)]
pub struct Solved {
    /// dB, before the limiter.
    pub gain: f64,
    /// dB: the deepest that it took away.
    pub reduction: f64,
    /// Whether it was put there for this file.
    pub added: bool,
}

/// The files that something was asked of, or that a service plays at a level of its own: asked, got, how far apart, and how they got there.
/// Nothing when there are none.
pub(super) fn asked(all: &[Written<'_>]) -> String {
    let told =
        |f: &&Written<'_>| f.asked.is_some_and(|a| a.needs_solving()) || f.solved.is_some() || f.plays().is_some();
    let files: Vec<&Written<'_>> = all.iter().filter(told).collect();
    if files.is_empty() {
        return String::new();
    }
    let goals: Vec<Vec<[String; 4]>> = files.iter().map(|f| goals(f)).collect();
    let mut rows = Rows::new("<<>>", &["", "asked", "got", "margin"]);
    goals.iter().flatten().for_each(|row| rows.row(row.to_vec()));
    let table = rows.text("  ");
    let mut lines = table.lines();
    let mut text = match lines.next().filter(|_| goals.iter().any(|g| !g.is_empty())) {
        Some(head) => format!("{head}\n"),
        None => String::new(),
    };
    for (file, goals) in files.iter().zip(&goals) {
        text.push_str(&format!("{}\n", file.path.display()));
        lines.by_ref().take(goals.len()).for_each(|line| text.push_str(&format!("{line}\n")));
        let whole = file.part && file.asked.is_some_and(|a| a.loudness.is_some());
        let sentences = [
            whole.then(|| "a part: its loudness was asked of the whole".to_string()),
            file.solved.map(|s| solved(&s, file.kind)),
            file.plays().map(plays),
        ];
        for sentence in sentences.into_iter().flatten() {
            text.push_str(&format!("  {sentence}\n"));
        }
    }
    text
}

/// A row for each goal: what, asked, got, margin.
fn goals(file: &Written<'_>) -> Vec<[String; 4]> {
    let Some(asked) = file.asked else { return Vec::new() };
    let Asked { loudness, .. } = asked;
    let m = file.measurement;
    let mut rows = Vec::new();
    if let Some(goal) = loudness {
        let got = m.integrated_lufs;
        let how = |goal| if matches!(goal, Goal::AtLeast(_)) { "at least" } else { "exactly" };
        let (how, margin) = match goal {
            Goal::AtLeast(_) | Goal::Exactly(_) if file.part => (how(goal), None),
            Goal::AtLeast(x) => (how(goal), got.map(|got| room(got - x))),
            Goal::Exactly(x) => (how(goal), got.map(|got| format!("{} off", value(Some((got - x).abs()))))),
        };
        let asked = format!("{how} {} LUFS", plain(goal.value()));
        rows.push(["loudness".to_string(), asked, value(got), margin.unwrap_or_else(|| "-".to_string())]);
    }
    if let Some(peak) = asked.peak_at(m.integrated_lufs.filter(|_| !file.part)) {
        let margin = m.true_peak_dbtp.map_or("-".to_string(), |got| room(peak - got));
        let asked = format!("at most {} dBTP", plain(peak));
        rows.push(["true peak".to_string(), asked, value(m.true_peak_dbtp), margin]);
    }
    rows
}

/// What is left to the goal: `+0.03`; less than nothing where it is missed.
fn room(x: f64) -> String {
    let text = value(Some(x));
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// `driven by 3.2 dB into the last insert of master, which takes away 2.1 dB at most`.
fn solved(solved: &Solved, kind: &str) -> String {
    let into = limiter(solved, kind);
    let into = if solved.added { "a transparent limiter, put last".to_string() } else { format!("the {into}") };
    let (gain, reduction) = (format!("{:.1}", solved.gain.abs()), format!("{:.1}", solved.reduction.abs()));
    let before = match gain.as_str() {
        "0.0" => format!("as loud as it was into {into}"),
        gain if solved.gain > 0.0 => format!("driven by {gain} dB into {into}"),
        gain => format!("turned down by {gain} dB before {into}"),
    };
    if reduction == "0.0" { before } else { format!("{before}, which takes away {reduction} dB at most") }
}

/// Which limiter was driven.
pub(super) fn limiter(solved: &Solved, kind: &str) -> String {
    match kind {
        _ if solved.added => "added".to_string(),
        "mix" | "master" => format!("last insert of {kind}"),
        _ => "last insert".to_string(),
    }
}

/// `Spotify will play it 4.5 dB lower`.
fn plays((service, gain): (&str, f64)) -> String {
    match format!("{:.1}", gain.abs()).as_str() {
        "0.0" => format!("{service} will play it as loud as it is"),
        by if gain < 0.0 => format!("{service} will play it {by} dB lower"),
        by => format!("{service} will play it {by} dB higher"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::analysis::Measurement;

    fn measured(integrated: f64, true_peak: f64) -> Measurement {
        Measurement { integrated_lufs: Some(integrated), true_peak_dbtp: Some(true_peak), ..Measurement::default() }
    }

    fn written<'a>(path: &'a str, measurement: &'a Measurement, asked: Asked) -> Written<'a> {
        let path = Path::new(path);
        let asked = Some(asked);
        Written {
            target: "",
            kind: "master",
            path,
            measurement,
            clipped: 0,
            asked,
            solved: None,
            service: None,
            part: false,
            preview: None,
        }
    }

    #[test]
    fn asked_and_got_stand_side_by_side() {
        let floor = Asked {
            loudness: Some(Goal::AtLeast(-14.0)),
            peak: Some(-1.0),
            peak_when_louder: Some(-2.0),
            ..Asked::NOTHING
        };
        let exact = Asked { loudness: Some(Goal::Exactly(-23.0)), peak: Some(-1.0), ..Asked::NOTHING };
        let peak = Asked { peak: Some(-0.3), ..Asked::NOTHING };
        let (loud, lifted, met, cd) =
            (measured(-9.52, -2.05), measured(-14.0, -1.04), measured(-23.02, -4.0), measured(-9.4, -0.29));
        let driven = Solved { gain: 3.24, reduction: 2.06, added: false };
        let all = [
            Written {
                service: Some(("Spotify", -4.48)),
                ..written("out/masters/Night Drive-spotify.flac", &loud, floor)
            },
            Written { solved: Some(driven), service: Some(("Spotify", 0.0)), ..written("out/b.flac", &lifted, floor) },
            Written {
                solved: Some(Solved { gain: -6.5, reduction: 0.0, added: true }),
                ..written("out/tv.wav", &met, exact)
            },
            written("out/cd.wav", &cd, peak),
            Written { asked: None, ..written("out/mix.wav", &cd, peak) },
        ];
        let text = asked(&all);
        assert_eq!(
            text,
            "             asked                 got    margin\n\
             out/masters/Night Drive-spotify.flac\n  \
               loudness   at least -14 LUFS   -9.52     +4.48\n  \
               true peak  at most -2 dBTP     -2.05     +0.05\n  \
               Spotify will play it 4.5 dB lower\n\
             out/b.flac\n  \
               loudness   at least -14 LUFS  -14.00     +0.00\n  \
               true peak  at most -1 dBTP     -1.04     +0.04\n  \
               driven by 3.2 dB into the last insert of master, which takes away 2.1 dB at most\n  \
               Spotify will play it as loud as it is\n\
             out/tv.wav\n  \
               loudness   exactly -23 LUFS   -23.02  0.02 off\n  \
               true peak  at most -1 dBTP     -4.00     +3.00\n  \
               turned down by 6.5 dB before a transparent limiter, put last\n\
             out/cd.wav\n  \
               true peak  at most -0.3 dBTP   -0.29     -0.01\n"
        );
        assert!(text.lines().all(|l| l.chars().count() <= 88), "{text}");
        assert_eq!(asked(&all[4..]), "");
    }

    #[test]
    fn a_part_is_not_held_against_what_was_asked_of_the_whole() {
        let asked_of = Asked {
            loudness: Some(Goal::AtLeast(-14.0)),
            peak: Some(-1.0),
            peak_when_louder: Some(-2.0),
            ..Asked::NOTHING
        };
        let loud = measured(-9.5, -1.04);
        let part = Written { part: true, service: Some(("Spotify", -4.5)), ..written("out/b.flac", &loud, asked_of) };
        assert_eq!(
            asked(&[part]),
            "             asked                got  margin\n\
             out/b.flac\n  \
               loudness   at least -14 LUFS  -9.50       -\n  \
               true peak  at most -1 dBTP    -1.04   +0.04\n  \
               a part: its loudness was asked of the whole\n"
        );
    }

    #[test]
    fn silence_has_nothing_to_compare() {
        let silence = Measurement::default();
        let text =
            asked(&[written("a.wav", &silence, Asked { loudness: Some(Goal::Exactly(-16.0)), ..Asked::NOTHING })]);
        assert!(text.ends_with("  loudness  exactly -16 LUFS    -       -\n"), "{text}");
    }
}
