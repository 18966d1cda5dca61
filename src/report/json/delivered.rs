//! Files that were delivered, and the targets that ask something of them.

use serde::Serialize;
use serde_json::Value;

use super::{Head, head, number};
use crate::analysis::Measurement;
use crate::report::asked::limiter;
use crate::report::{Summary, Written};
use crate::session::{Format, Target};
use crate::units::Rate;

/// A file that was written, with its numbers.
pub fn artifact<'a>(file: &Written<'a>, summary: &Summary) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head,
        target: &'a str,
        kind: &'static str,
        path: String,
        measurement: &'a Measurement,
        asked: Asked,
        solved: Option<Solved>,
        plays: Option<Plays<'a>>,
        preview: Option<Preview>,
        nodes_rendered: usize,
        nodes_total: usize,
        seconds_wall: f64,
    }
    /// What a delivery was to meet: the peak is the one that holds at its loudness.
    #[derive(Serialize)]
    struct Asked {
        integrated_lufs: Value,
        true_peak_dbtp: Value,
    }
    #[derive(Serialize)]
    struct Solved {
        gain_db: f64,
        reduction_db: f64,
        limiter: String,
    }
    /// What a listener hears of it.
    #[derive(Serialize)]
    struct Plays<'a> {
        service: &'a str,
        gain_db: f64,
    }
    /// Only a range, for a quick listen.
    #[derive(Serialize)]
    struct Preview {
        exact: bool,
    }
    let goal = |x: Option<f64>| x.map_or(Value::Null, number);
    Object {
        head: head("artifact"),
        target: file.target,
        kind: file.kind,
        path: file.path.display().to_string(),
        measurement: file.measurement,
        asked: Asked {
            integrated_lufs: goal(file.asked.and_then(|a| a.loudness).map(|g| g.value())),
            true_peak_dbtp: goal(
                file.asked.and_then(|a| a.peak_at(file.measurement.integrated_lufs.filter(|_| !file.part))),
            ),
        },
        solved: file.solved.map(|s| Solved {
            gain_db: s.gain,
            reduction_db: s.reduction,
            limiter: limiter(&s, file.kind),
        }),
        plays: file.plays().map(|(service, gain_db)| Plays { service, gain_db }),
        preview: file.preview.map(|exact| Preview { exact }),
        nodes_rendered: summary.nodes_rendered,
        nodes_total: summary.nodes_total,
        seconds_wall: summary.wall_seconds,
    }
}

/// A delivery target; null where it says nothing.
pub fn target(t: &Target) -> impl Serialize + use<'_> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head,
        name: &'a str,
        kind: &'static str,
        loudness: Value,
        peak: Value,
        peak_when_louder: Value,
        rate: Option<u32>,
        bits: Option<u32>,
        format: Option<&'static str>,
        source: &'a str,
        date: &'a str,
        title: &'a str,
        playback: Value,
        lifts: Value,
        note: Option<&'a str>,
    }
    let level = |x: Option<f64>| x.map_or(Value::Null, number);
    Object {
        head: head("target"),
        name: &t.name,
        kind: t.kind.name(),
        loudness: level(t.loudness),
        peak: level(t.peak),
        peak_when_louder: level(t.peak_when_louder),
        rate: t.rate.map(Rate::get),
        bits: t.bits,
        format: t.format.map(Format::name),
        source: &t.source,
        date: &t.date,
        title: t.title(),
        playback: level(t.playback),
        lifts: level(t.lifts),
        note: t.note.as_deref(),
    }
}
