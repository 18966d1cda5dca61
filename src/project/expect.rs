//! What must hold of the sound: every reading is an output of the plan that is measured and not written; after the render each is judged.

mod words;

use super::gather::gather;
use super::request::{Judged, Request};
use crate::analysis::{Measurement, What as Measure};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::engine::{Sink, Written};
use crate::graph::{Want, What};
use crate::session::{Expectation, Quantity, Range, Reading, Relation, Session, Tap, Than, Timeline};
use crate::units::{Frames, Rate};
use words::{Telling, noun};

/// What holds as equal, far below what any meter tells apart.
const SLACK: f64 = 1e-9;

/// What must be measured, each once, and for which expectations.
#[derive(Debug, Default)]
pub(super) struct Expected {
    heard: Vec<Heard>,
    asked: Vec<Asked>,
}

/// A tap over parts of the song.
#[derive(Debug)]
struct Heard {
    tap: Tap,
    /// Song frames, in order, apart.
    ranges: Vec<(i64, i64)>,
    what: Measure,
}

#[derive(Debug)]
struct Asked {
    expectation: Expectation,
    /// Places in `heard`.
    reading: usize,
    than: Option<usize>,
}

impl Expected {
    /// Finds the parts of the song that are read. `length`: of the song, when it is known; without it only mistakes of the script are found.
    pub(super) fn new(
        session: &Session,
        timeline: &Timeline,
        length: Option<i64>,
        found: &mut Diagnostics,
    ) -> Expected {
        let mut all = Expected::default();
        for expectation in &session.expectations {
            let mut hear = |reading: &Reading| {
                let ranges = ranges(reading, session, timeline, length);
                ranges.map_err(|d| found.push(d)).ok().map(|ranges| all.hear(reading, ranges))
            };
            let reading = hear(&expectation.reading);
            let than = match &expectation.than {
                Than::Number(_) => Some(None),
                Than::Reading(than) => hear(than).map(Some),
            };
            if let (Some(reading), Some(than)) = (reading, than) {
                all.asked.push(Asked { expectation: expectation.clone(), reading, than });
            }
        }
        all
    }

    /// What of it is judged when `request` is built: everything when all deliveries are rendered whole, otherwise nothing.
    pub(super) fn on(self, request: &Request) -> Expected {
        if request.is_whole() { self } else { Expected::default() }
    }

    fn hear(&mut self, reading: &Reading, ranges: Vec<(i64, i64)>) -> usize {
        let what = if reading.of == Quantity::SamplePeak { Measure::Peaks } else { Measure::Full };
        let known = self.heard.iter().position(|h| h.tap == reading.tap && h.ranges == ranges);
        let index = known.unwrap_or_else(|| {
            self.heard.push(Heard { tap: reading.tap, ranges, what });
            self.heard.len() - 1
        });
        if what == Measure::Full {
            self.heard[index].what = what;
        }
        index
    }

    /// What the plan must bring.
    pub(super) fn wants(&self) -> impl Iterator<Item = Want> {
        self.heard.iter().map(|heard| Want {
            what: What::Tap(heard.tap),
            from: heard.ranges.first().map(|r| r.0),
            to: heard.ranges.last().map(|r| r.1),
            fade_in: 0,
            fade_out: 0,
            part: (None, None),
        })
    }

    /// What becomes of it.
    pub(super) fn sinks(&self) -> impl Iterator<Item = Sink> {
        self.heard.iter().map(|heard| Sink::Meter { ranges: heard.ranges.clone(), what: heard.what })
    }

    /// Every expectation against what was `written` of the sinks. Those that don't hold are told.
    pub(super) fn judge(
        &self,
        session: &Session,
        rate: Rate,
        written: &[Written],
        found: &mut Diagnostics,
    ) -> Vec<Judged> {
        let mut failed: Vec<Diagnostic> = Vec::new();
        let judge = |asked: &Asked| {
            let telling = Telling { session, rate, expected: self, asked };
            let got = read(asked.expectation.reading.of, &written[asked.reading].measurement);
            let than = match (&asked.expectation.than, asked.than) {
                (Than::Reading(than), Some(index)) => read(than.of, &written[index].measurement),
                (Than::Number(number), _) => Ok(*number),
                (Than::Reading(_), None) => Err("it is not read"),
            };
            let margin = asked.expectation.margin;
            let (text, ok) = match (got, than) {
                (Ok(got), Ok(than)) => {
                    let ok = holds(asked.expectation.relation, got, than, margin);
                    let text = telling.sentence(got, than, ok);
                    if !ok {
                        failed.push(fails(asked.expectation.loc.0, &text));
                    }
                    (text, ok)
                }
                (got, than) => {
                    let lacks = |reading: &Reading, index: usize, why: &str| {
                        let text = format!("{} has no {}: {why}", telling.name(reading, index), noun(reading.of));
                        missing(reading.loc.0, text)
                    };
                    let own = got.err().map(|why| lacks(&asked.expectation.reading, asked.reading, why));
                    let other = match (&asked.expectation.than, asked.than) {
                        (Than::Reading(other), Some(index)) => than.err().map(|why| lacks(other, index, why)),
                        _ => None,
                    };
                    let all: Vec<Diagnostic> = own.into_iter().chain(other).collect();
                    let text = all.iter().map(|d| d.message.as_str()).collect::<Vec<_>>().join("; ");
                    failed.extend(all);
                    (text, false)
                }
            };
            let section = match &asked.expectation.reading.part {
                Some(Range::Section(section)) => Some(section.name.clone()),
                _ => None,
            };
            let (relation, asked_for) = match asked.expectation.relation {
                Relation::Above => ("above", than.map(|t| t + margin)),
                Relation::Below => ("below", than.map(|t| t - margin)),
                Relation::Equals => ("equals", than),
            };
            Judged {
                ok,
                span: asked.expectation.loc.0,
                text,
                reading: asked.expectation.reading.of.name(),
                strip: session.strip(asked.expectation.reading.tap.strip).name.clone(),
                section,
                relation,
                asked: asked_for.ok(),
                within: (asked.expectation.relation == Relation::Equals).then_some(margin),
                got: got.ok(),
            }
        };
        let judged = self.asked.iter().map(judge).collect();
        gather(failed, found);
        judged
    }
}

fn fails(place: Span, text: &str) -> Diagnostic {
    Diagnostic::error(Code::EXPECTATION, text)
        .label(place, "this does not hold")
        .help("the files are written, so that they can be heard: change the sound, or what is expected of it")
}

fn missing(place: Span, text: String) -> Diagnostic {
    Diagnostic::error(Code::NO_READING, text)
        .label(place, "there is nothing to read")
        .help("read it where it sounds, or read something that it has")
}

/// The parts of the song that are read: in order, apart, inside the song.
fn ranges(
    reading: &Reading,
    session: &Session,
    timeline: &Timeline,
    length: Option<i64>,
) -> Result<Vec<(i64, i64)>, Diagnostic> {
    let parts = match &reading.part {
        Some(part) => timeline.range(part)?.iter().map(|(from, to)| (from.get(), to.get())).collect(),
        None => vec![(0, length.unwrap_or(i64::MAX))],
    };
    let Some(length) = length else { return Ok(parts) };
    let mut parts: Vec<(i64, i64)> = parts.iter().map(|(from, to)| ((*from).max(0), (*to).min(length))).collect();
    parts.retain(|(from, to)| from < to);
    parts.sort_unstable();
    let mut apart: Vec<(i64, i64)> = Vec::with_capacity(parts.len());
    for (from, to) in parts {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    let seconds = |frames: i64| Frames::new(frames).seconds(timeline.rate());
    let name = &session.strip(reading.tap.strip).name;
    let Some(longest) = apart.iter().map(|(from, to)| to - from).max() else {
        return Err(Diagnostic::error(
            Code::RANGE,
            format!("nothing of \"{name}\" can be read there: the song lasts {}", seconds(length)),
        )
        .label(reading.loc.0, "outside of the song")
        .help("read a part of the song, or make the song longer: `song(length: …)`"));
    };
    let least = match reading.of {
        Quantity::Loudness | Quantity::MonoLoss => 0.4,
        Quantity::ShortTermMax | Quantity::LoudnessRange => 3.0,
        _ => 0.0,
    };
    if seconds(longest).value() < least {
        let what = noun(reading.of);
        let text = format!("\"{name}\" has no {what} there: it lasts {}, and {least} s are needed", seconds(longest));
        return Err(Diagnostic::error(Code::NO_READING, text)
            .label(reading.loc.0, "too short")
            .help("read a longer part, or a peak, which every sound has"));
    }
    Ok(apart)
}

/// The number, or why there is none.
fn read(of: Quantity, from: &Measurement) -> Result<f64, &'static str> {
    let number = match of {
        Quantity::Loudness => from.integrated_lufs,
        Quantity::ShortTermMax => from.short_term_max_lufs,
        Quantity::Peak => from.true_peak_dbtp,
        Quantity::SamplePeak => from.sample_peak_dbfs,
        Quantity::LoudnessRange => from.loudness_range_lu,
        Quantity::MonoLoss => from.mono_loss_lu,
        Quantity::Correlation => from.correlation,
    };
    number.filter(|x| x.is_finite()).ok_or(match of {
        _ if from.sample_peak_dbfs.is_none() => "it is silent",
        Quantity::MonoLoss | Quantity::Correlation if from.channels != 2 => "it is mono",
        Quantity::Correlation => "one of its sides is silent",
        Quantity::ShortTermMax | Quantity::LoudnessRange => "it never sounds above -70 LUFS for 3 s",
        _ => "it never sounds above -70 LUFS for 0.4 s",
    })
}

fn holds(relation: Relation, got: f64, than: f64, margin: f64) -> bool {
    match relation {
        Relation::Above => got >= than + margin - SLACK,
        Relation::Below => got <= than - margin + SLACK,
        Relation::Equals => (got - than).abs() <= margin + SLACK,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::script;
    use crate::session::{Loc, Time};
    use crate::world::Memory;

    fn reading(session: &Session, of: Quantity, part: Option<Range>) -> Reading {
        let tap = Tap { strip: session.master(), point: crate::session::TapPoint::Post };
        Reading { tap, of, part, loc: session.strips[0].loc }
    }

    #[test]
    fn equal_readings_are_measured_once_and_touching_parts_are_one() {
        let world = Memory::new();
        let sections = "sections([0s: \"a\", 4s: \"b\", 8s: \"a\", 10s: \"a\", 12s: \"\"]);";
        world.put("song.mix", format!("song(\"x\", rate: 8kHz);\n{sections}"));
        let mut session = script::read(&world, Path::new("song.mix")).session;
        let part = |name: &str| Some(Range::Section(crate::session::SectionRef { name: name.to_string(), loc: None }));
        let first = || Some(Range::Times(Time::seconds(0.0), Time::seconds(4.0)));
        for (of, part, than) in [
            (Quantity::SamplePeak, part("a"), part("b")),
            (Quantity::Loudness, part("a"), part("a 1")),
            (Quantity::Peak, first(), None),
        ] {
            session.expectations.push(Expectation {
                reading: reading(&session, of, part),
                relation: Relation::Above,
                than: Than::Reading(reading(&session, Quantity::SamplePeak, than)),
                margin: 0.0,
                loc: Loc(session.strips[0].loc.0),
            });
        }
        let rate = Rate::new(8000).unwrap();
        let (timeline, _) = Timeline::new(&session.info, &session.sections, rate, &[None, None]);
        let mut found = Diagnostics::default();
        let expected = Expected::new(&session, &timeline, Some(88_000), &mut found);
        assert!(found.is_empty(), "{found:?}");
        let heard: Vec<_> = expected.heard.iter().map(|h| (h.ranges.clone(), h.what)).collect();
        assert_eq!(
            heard,
            [
                // the song ends before the last section does
                (vec![(0, 32_000), (64_000, 88_000)], Measure::Full),
                (vec![(32_000, 64_000)], Measure::Peaks),
                (vec![(0, 32_000)], Measure::Full),
                (vec![(0, 88_000)], Measure::Peaks),
            ]
        );
        let whole: Vec<_> = expected.wants().map(|w| (w.from, w.to)).collect();
        assert_eq!(whole[0], (Some(0), Some(88_000)));
        assert_eq!(expected.sinks().count(), 4);
    }
}
