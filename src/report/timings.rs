//! Where the time of a render went: a table for people, rows for programs, a trace for a browser's viewer.

use std::collections::BTreeMap;

use serde::Serialize;

use super::text::Rows;

/// What was taken down. Times are nanoseconds from one moment on.
#[derive(Debug, Default)]
pub struct Timings {
    /// The parts of the whole work, one after another.
    pub phases: Vec<Phase>,
    /// Of each strip and file, the time of every part; what has no name is the engine's own.
    pub rows: Vec<Row>,
    pub events: Vec<Event>,
    /// Frames of a segment.
    pub segment: usize,
}

#[derive(Debug)]
pub struct Phase {
    pub name: &'static str,
    pub begin: u64,
    pub end: u64,
}

#[derive(Debug)]
pub struct Row {
    /// `strip`, `read` (from the store), `file` or `proof`.
    pub kind: &'static str,
    pub strip: String,
    pub part: String,
    pub spent: u64,
    pub segments: usize,
}

/// A piece of work, for the trace.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub kind: &'static str,
    pub segment: usize,
    pub thread: usize,
    pub begin: u64,
    pub end: u64,
    /// What it consisted of, in order.
    pub slices: Vec<Slice>,
}

#[derive(Debug)]
pub struct Slice {
    pub name: String,
    pub spent: u64,
}

fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 * 1e-9
}

/// What belongs together: all rows of one strip, the longest first, and their sum.
fn strips(timings: &Timings) -> Vec<(u64, Vec<&Row>)> {
    let mut all: BTreeMap<(&str, &str), (u64, Vec<&Row>)> = BTreeMap::new();
    for row in &timings.rows {
        let (sum, rows) = all.entry((row.kind, &row.strip)).or_default();
        *sum += row.spent;
        rows.push(row);
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by_key(|(sum, _)| std::cmp::Reverse(*sum));
    all
}

/// The parts of strips by name, in all strips together, the longest first.
fn parts(timings: &Timings) -> Vec<(&str, u64)> {
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for row in timings.rows.iter().filter(|row| row.kind == "strip" && !row.part.is_empty()) {
        // `eq 2` is the second of its strip
        let name = row.part.split(' ').next().unwrap_or_default();
        *all.entry(name).or_default() += row.spent;
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, spent)| std::cmp::Reverse(*spent));
    all
}

/// Phases of the work on the wall's clock; strips and files with the time of their threads, the longest first; effects in all strips together.
pub fn table(timings: &Timings) -> String {
    let mut phases = Rows::new("<>", &["phase", "seconds"]);
    for phase in &timings.phases {
        phases.row(vec![phase.name.to_string(), format!("{:.3}", seconds(phase.end - phase.begin))]);
    }
    if timings.rows.is_empty() {
        return phases.text("");
    }
    let total: u64 = timings.rows.iter().map(|row| row.spent).sum();
    let mut rows = Rows::new("<>>>", &["strip", "seconds", "%", "ns/frame"]);
    let mut line = |name: String, spent: u64, segments: usize| {
        let share = 100.0 * spent as f64 / total.max(1) as f64;
        let frame = match segments * timings.segment {
            // a sum over strips of many lengths has no frame of its own
            0 => String::new(),
            frames => format!("{:.1}", spent as f64 / frames as f64),
        };
        rows.row(vec![name, format!("{:.3}", seconds(spent)), format!("{share:.1}"), frame]);
    };
    for (sum, parts) in strips(timings) {
        let segments = parts[0].segments;
        let name = match parts[0].kind {
            "read" => format!("{} (read)", parts[0].strip),
            _ => parts[0].strip.clone(),
        };
        line(name, sum, segments);
        // alone it is the whole, and what would read 0.0 % tells nothing
        for part in parts.iter().filter(|part| parts.len() > 1 && part.spent * 2000 >= total) {
            let name = if part.part.is_empty() { "(engine)" } else { &part.part };
            line(format!("  {name}"), part.spent, part.segments);
        }
    }
    line("all threads together".to_string(), total, 0);
    let mut effects = Rows::new("<>>", &["in all strips", "seconds", "%"]);
    for (name, spent) in parts(timings) {
        let share = 100.0 * spent as f64 / total.max(1) as f64;
        effects.row(vec![name.to_string(), format!("{:.3}", seconds(spent)), format!("{share:.1}")]);
    }
    format!("{}\n{}\n{}", phases.text(""), rows.text(""), effects.text(""))
}

/// One object per phase and per part of each strip and file.
pub fn objects(timings: &Timings) -> Vec<impl Serialize + use<'_>> {
    #[derive(Serialize)]
    struct Object<'a> {
        reason: &'static str,
        schema: u32,
        kind: &'static str,
        name: &'a str,
        part: Option<&'a str>,
        seconds: f64,
        segments: usize,
    }
    let object = |kind, name, part, spent, segments| Object {
        reason: "timing",
        schema: 1,
        kind,
        name,
        part,
        seconds: seconds(spent),
        segments,
    };
    let phases = timings.phases.iter().map(|phase| object("phase", phase.name, None, phase.end - phase.begin, 0));
    let rows = timings.rows.iter().map(|row| {
        let part = Some(row.part.as_str()).filter(|part| !part.is_empty());
        object(row.kind, &row.strip, part, row.spent, row.segments)
    });
    phases.chain(rows).collect()
}

/// The Trace Event Format of Chromium's `chrome://tracing`, which Perfetto opens too: every piece of work on its thread, its effects inside it, the
/// phases on a thread of their own.
pub fn trace(timings: &Timings) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Trace {
        #[serde(rename = "traceEvents")]
        events: Vec<Line>,
        #[serde(rename = "displayTimeUnit")]
        unit: &'static str,
    }
    #[derive(Serialize)]
    struct Line {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        cat: Option<&'static str>,
        ph: &'static str,
        pid: u32,
        tid: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        ts: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        dur: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        args: Option<serde_json::Value>,
    }
    let micro = |nanoseconds: u64| nanoseconds as f64 * 1e-3;
    let span = |name: &str, cat, tid, begin: u64, end: u64| Line {
        name: name.to_string(),
        cat: Some(cat),
        ph: "X",
        pid: 1,
        tid,
        ts: Some(micro(begin)),
        dur: Some(micro(end.saturating_sub(begin))),
        args: None,
    };
    let named = |tid, name: String| Line {
        name: "thread_name".to_string(),
        cat: None,
        ph: "M",
        pid: 1,
        tid,
        ts: None,
        dur: None,
        args: Some(serde_json::json!({ "name": name })),
    };
    let mut events = vec![named(0, "phases".to_string())];
    let threads = timings.events.iter().map(|event| event.thread + 1).max().unwrap_or(0);
    events.extend((0..threads).map(|thread| named(thread + 1, format!("render {thread}"))));
    events.extend(timings.phases.iter().map(|phase| span(phase.name, "phase", 0, phase.begin, phase.end)));
    for event in &timings.events {
        let tid = event.thread + 1;
        events.push(Line {
            args: Some(serde_json::json!({ "segment": event.segment })),
            ..span(&event.name, event.kind, tid, event.begin, event.end)
        });
        let mut at = event.begin;
        for slice in event.slices.iter().filter(|slice| slice.spent > 0) {
            let end = (at + slice.spent).min(event.end);
            events.push(span(&slice.name, "effect", tid, at, end));
            at = end;
        }
    }
    serde_json::to_string(&Trace { events, unit: "ms" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timings() -> Timings {
        let row = |kind, strip: &str, part: &str, spent, segments| Row {
            kind,
            strip: strip.into(),
            part: part.into(),
            spent,
            segments,
        };
        let event = Event {
            name: "vox".into(),
            kind: "strip",
            segment: 3,
            thread: 1,
            begin: 2_000,
            end: 9_000,
            slices: vec![Slice { name: "eq".into(), spent: 4_000 }, Slice { name: "fader".into(), spent: 0 }],
        };
        Timings {
            phases: vec![Phase { name: "rendering", begin: 0, end: 1_500_000_000 }],
            rows: vec![
                row("file", "mix.wav", "", 100_000_000, 10),
                row("strip", "vox", "eq", 290_000_000, 10),
                row("strip", "vox", "", 10_000_000, 10),
            ],
            events: vec![event],
            segment: 16_384,
        }
    }

    #[test]
    fn the_longest_comes_first_and_everything_adds_up() {
        assert_eq!(
            table(&timings()),
            "phase      seconds\n\
             rendering    1.500\n\
             \n\
             strip                 seconds      %  ns/frame\n\
             vox                     0.300   75.0    1831.1\n\
             \u{20}\u{20}eq                    0.290   72.5    1770.0\n\
             \u{20}\u{20}(engine)              0.010    2.5      61.0\n\
             mix.wav                 0.100   25.0     610.4\n\
             all threads together    0.400  100.0\n\
             \n\
             in all strips  seconds     %\n\
             eq               0.290  72.5\n"
        );
    }

    #[test]
    fn where_nothing_was_rendered_there_are_phases_alone() {
        let nothing = Timings { rows: Vec::new(), ..timings() };
        assert_eq!(table(&nothing), "phase      seconds\nrendering    1.500\n");
    }

    #[test]
    fn a_trace_is_what_a_viewer_reads() {
        let trace: serde_json::Value = serde_json::from_str(&trace(&timings()).unwrap()).unwrap();
        let events = trace["traceEvents"].as_array().unwrap();
        let of = |name: &str| events.iter().find(|e| e["name"] == name).unwrap();
        let (vox, eq) = (of("vox"), of("eq"));
        assert_eq!((vox["ph"].as_str(), vox["ts"].as_f64(), vox["dur"].as_f64()), (Some("X"), Some(2.0), Some(7.0)));
        assert_eq!((eq["tid"].as_u64(), eq["ts"].as_f64(), eq["dur"].as_f64()), (Some(2), Some(2.0), Some(4.0)));
        assert_eq!(vox["args"]["segment"], 3);
        assert_eq!(events.iter().filter(|e| e["ph"] == "M").count(), 3);
        assert!(!events.iter().any(|e| e["name"] == "fader"));
    }
}
