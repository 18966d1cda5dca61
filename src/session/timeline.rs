use super::{Anchor, Info, Loc, Range, Section, SectionRef, StripId, TempoMap, Time};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::units::{Beats, Frames, Rate, Seconds};

mod typed;

pub use typed::Edge;

/// Where everything lies: the session's tempo, sections and the extents of its strips, in frames of song time.
#[derive(Clone, Debug)]
pub struct Timeline {
    rate: Rate,
    tempo: TempoMap,
    sections: Vec<Section>,
    /// What became of each section.
    places: Vec<State>,
    /// Where each strip's first clip begins and its last ends; `None`: without clips, or not known yet.
    strips: Vec<Option<(Frames, Frames)>>,
}

/// A point in time. It stays musical as long as it can, so that sums of bars and beats are exact.
#[derive(Clone, Copy, Debug)]
struct Place {
    quarter: Option<Beats>,
    /// After the quarter, or song time when there is none.
    seconds: f64,
}

#[derive(Clone, Debug)]
enum State {
    Todo,
    Doing,
    Done(Place, Place),
    Failed(Box<Diagnostic>),
}

/// Sections that are placed by sections that are placed by sections …
const DEEPEST: usize = 100;

impl Timeline {
    /// The longest song: 48 hours, in seconds.
    pub const LONGEST: f64 = 172_800.0;

    /// Resolves tempo and sections. `strips` has one entry per strip of the session: its first and last frame (exclusive), `None` while its
    /// files are not read and for strips without clips. A section placed by such a strip is a diagnostic here, so build the time line again
    /// once the strips are known. What cannot be resolved is named once here, and again by whatever asks for it.
    pub fn new(
        info: &Info,
        sections: &[Section],
        rate: Rate,
        strips: &[Option<(Frames, Frames)>],
    ) -> (Timeline, Diagnostics) {
        let (tempo, mut found) = TempoMap::new(info, rate);
        let places = vec![State::Todo; sections.len()];
        let mut timeline = Timeline { rate, tempo, sections: sections.to_vec(), places, strips: strips.to_vec() };
        for index in 0..sections.len() {
            timeline.resolve(index, &mut Vec::new());
            if let State::Failed(problem) = &timeline.places[index] {
                found.push((**problem).clone());
            }
        }
        (timeline, found)
    }

    pub fn rate(&self) -> Rate {
        self.rate
    }

    pub fn tempo(&self) -> &TempoMap {
        &self.tempo
    }

    /// The frame of a position: halves round up. Without an anchor it counts from song time 0, musical lengths from bar 1.
    pub fn position(&self, time: &Time) -> Result<Frames, Diagnostic> {
        Ok(self.seconds(time)?.frames(self.rate))
    }

    /// The song time of a position, not rounded to a frame.
    pub fn seconds(&self, time: &Time) -> Result<Seconds, Diagnostic> {
        let place = self.place(time)?;
        Ok(Seconds::new(self.seconds_of(place)))
    }

    /// A length of time; negative when it goes back. Musical lengths are as long as at the beginning of bar 1.
    pub fn duration(&self, time: &Time) -> Result<Seconds, Diagnostic> {
        self.duration_at(time, None)
    }

    /// [`Timeline::duration`] of what begins at `at`: a fade of two beats is as long as two beats are there.
    pub fn duration_at(&self, time: &Time, at: Option<Frames>) -> Result<Seconds, Diagnostic> {
        if anchored(time) != 0 {
            let problem =
                Diagnostic::error(Code::TIME, "a length of time is needed here, and this is a place in the song");
            let help =
                "write a length (`2s`, `4bars`), or subtract a place from it: `end(\"chorus\") - start(\"chorus\")`";
            return Err(label(problem, time.loc, "a place").help(help));
        }
        let from = match (at, time.anchors.first()) {
            (Some(at), _) => Place { quarter: None, seconds: at.seconds(self.rate).value() },
            (None, Some((_, anchor))) => self.anchor(anchor, time.loc)?,
            (None, None) => Place { quarter: Some(Beats::ZERO), seconds: 0.0 },
        };
        let length = self.musical_length(from, time)? + self.absolute(time);
        let length = if time.anchors.is_empty() { length } else { length + self.sum(time)? };
        self.limit(length, time.loc).map(Seconds::new)
    }

    /// The same of what ends at `end`.
    pub fn duration_before(&self, time: &Time, end: Frames) -> Result<Seconds, Diagnostic> {
        if !time.is_musical() {
            return self.duration(time);
        }
        self.duration_at(&time.clone().negated(), Some(end)).map(|length| Seconds::new(-length.value()))
    }

    /// Every section that is meant, (first frame, frame after the last), in the order written: all of a name, or the one with the number.
    pub fn section(&self, section: &SectionRef) -> Result<Vec<(Frames, Frames)>, Diagnostic> {
        self.meant(section)?.into_iter().map(|index| self.frames_of(index)).collect()
    }

    /// The parts of the song that a range names, as [`Timeline::section`].
    pub fn range(&self, range: &Range) -> Result<Vec<(Frames, Frames)>, Diagnostic> {
        match range {
            Range::Section(section) => self.section(section),
            Range::Times(from, to) => self.span(from, to).map(|span| vec![span]),
        }
    }

    /// From a time to a later one.
    pub fn span(&self, from: &Time, to: &Time) -> Result<(Frames, Frames), Diagnostic> {
        let (start, end) = (self.position(from)?, self.position(to)?);
        if end > start {
            return Ok((start, end));
        }
        Err(backwards(from, to))
    }

    fn resolve(&mut self, index: usize, above: &mut Vec<usize>) {
        match self.places[index] {
            State::Todo => {}
            State::Doing => return self.fail_cycle(index, above),
            _ => return,
        }
        if above.len() >= DEEPEST {
            let problem = Diagnostic::error(Code::TIME, "sections are placed by one another over too many steps");
            let problem = problem.label(self.sections[index].loc.0, "this one is too deep");
            self.places[index] = State::Failed(Box::new(problem.help("place it with `bar(n)`")));
            return;
        }
        self.places[index] = State::Doing;
        above.push(index);
        let Section { from, to, .. } = self.sections[index].clone();
        for (_, anchor) in from.anchors.iter().chain(&to.anchors) {
            if let Anchor::SectionStart(section) | Anchor::SectionEnd(section) = anchor
                && let Ok(meant) = self.meant(section)
            {
                self.resolve(meant[0], above);
            }
        }
        above.pop();
        // a cycle through this one has already said what is wrong
        if matches!(self.places[index], State::Doing) {
            self.places[index] = match self.both(index) {
                Ok((from, to)) => State::Done(from, to),
                Err(problem) => State::Failed(Box::new(problem)),
            };
        }
    }

    fn both(&self, index: usize) -> Result<(Place, Place), Diagnostic> {
        let Section { name, from, to, loc } = &self.sections[index];
        let place = |time: &Time| {
            let place = self.place(time);
            place.map_err(
                |problem| if problem.labels.is_empty() { problem.label(loc.0, "this section") } else { problem },
            )
        };
        let (start, end) = (place(from)?, place(to)?);
        let frame = |place| Seconds::new(self.seconds_of(place)).frames(self.rate);
        if frame(end) <= frame(start) {
            let problem = Diagnostic::error(Code::TIME, format!("the section \"{name}\" ends before it begins"));
            let problem = label(problem.label(loc.0, "this section"), from.loc, "it begins here");
            return Err(label(problem, to.loc, "and ends here").help("put its end after its beginning"));
        }
        Ok((start, end))
    }

    fn fail_cycle(&mut self, index: usize, above: &[usize]) {
        let begin = above.iter().position(|i| *i == index).unwrap_or(0);
        let names: Vec<_> =
            above[begin..].iter().chain([&index]).map(|i| format!("`{}`", self.sections[*i].name)).collect();
        let message = format!("sections that wait for one another: {}", names.join(" is placed by "));
        let problem = Diagnostic::error(Code::TIME, message).help("place one of them with `bar(n)`");
        let problem =
            above[begin..].iter().fold(problem, |p, i| p.label(self.sections[*i].loc.0, "placed by another section"));
        for i in &above[begin..] {
            self.places[*i] = State::Failed(Box::new(problem.clone()));
        }
    }

    /// The sections of a name, or the one with a number, in the order written. Never empty.
    fn meant(&self, section: &SectionRef) -> Result<Vec<usize>, Diagnostic> {
        let called = |name: &str| -> Vec<usize> {
            (0..self.sections.len()).filter(|i| !name.is_empty() && self.sections[*i].name == name).collect()
        };
        let all = called(&section.name);
        if !all.is_empty() {
            return Ok(all);
        }
        let numbered = section.name.rsplit_once(' ').and_then(|(name, n)| Some((name, n.parse::<usize>().ok()?)));
        let missing = match numbered {
            Some((name, n)) if !called(name).is_empty() => {
                let all = called(name);
                match n.checked_sub(1).and_then(|n| all.get(n)) {
                    Some(index) => return Ok(vec![*index]),
                    None => {
                        let has = format!(
                            "`{name}` occurs {}",
                            if all.len() == 1 { "once".into() } else { format!("{} times", all.len()) }
                        );
                        Diagnostic::error(Code::UNKNOWN_SECTION, format!("no section `{}`", section.name)).help(has)
                    }
                }
            }
            _ => {
                let mut names: Vec<&str> =
                    self.sections.iter().map(|s| s.name.as_str()).filter(|n| !n.is_empty()).collect();
                names.sort_unstable();
                names.dedup();
                let near = suggest(&section.name, names.iter().copied());
                let problem = Diagnostic::error(Code::UNKNOWN_SECTION, format!("no section `{}`", section.name))
                    .did_you_mean(near);
                let listed = names.iter().take(20).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                let help = match (problem.help.clone(), names.is_empty()) {
                    (_, true) => {
                        "the song has no sections: name them with `sections([bar(1): \"intro\", …])`".to_string()
                    }
                    (Some(near), _) => format!("{near} The song has {listed}"),
                    (None, _) => format!("the song has {listed}"),
                };
                problem.help(help)
            }
        };
        Err(label(missing, section.loc, "this section does not exist"))
    }

    /// Both ends of the first section that is meant.
    fn known(&self, section: &SectionRef) -> Result<(Place, Place), Diagnostic> {
        self.places_of(self.meant(section)?[0])
    }

    fn places_of(&self, index: usize) -> Result<(Place, Place), Diagnostic> {
        match &self.places[index] {
            State::Done(from, to) => Ok((*from, *to)),
            State::Failed(problem) => Err((**problem).clone()),
            State::Todo | State::Doing => Err(Diagnostic::error(Code::TIME, "this section is not placed yet")),
        }
    }

    fn frames_of(&self, index: usize) -> Result<(Frames, Frames), Diagnostic> {
        let (from, to) = self.places_of(index)?;
        let frame = |place| Seconds::new(self.seconds_of(place)).frames(self.rate);
        Ok((frame(from), frame(to)))
    }

    fn place(&self, time: &Time) -> Result<Place, Diagnostic> {
        let place = match (time.anchors.as_slice(), anchored(time)) {
            ([(1, anchor)], _) => self.advance(self.anchor(anchor, time.loc)?, time)?,
            ([], 0) if time.is_musical() => self.advance(Place { quarter: Some(Beats::ZERO), seconds: 0.0 }, time)?,
            ([], 0) => Place { quarter: None, seconds: self.absolute(time) },
            (_, 0) => Place { quarter: None, seconds: self.duration(time)?.value() },
            (anchors, 1) => {
                // a place plus a difference: the difference is in seconds, musical lengths count from the place
                let first = anchors.iter().find(|(sign, _)| *sign > 0).map_or(&anchors[0].1, |(_, anchor)| anchor);
                let from = self.anchor(first, time.loc)?;
                let length = self.musical_length(from, time)? + self.absolute(time);
                Place { quarter: None, seconds: self.sum(time)? + length }
            }
            _ => {
                let problem = Diagnostic::error(Code::TIME, "places in the song cannot be added to one another");
                let help = "subtract one from the other for a length: `end(\"chorus\") - start(\"chorus\")`";
                return Err(label(problem, time.loc, "this is no place and no length").help(help));
            }
        };
        self.limit(self.seconds_of(place), time.loc)?;
        Ok(place)
    }

    /// The song times of the anchors, added and subtracted.
    fn sum(&self, time: &Time) -> Result<f64, Diagnostic> {
        time.anchors.iter().try_fold(0.0, |sum, (sign, anchor)| {
            Ok(sum + f64::from(*sign) * self.seconds_of(self.anchor(anchor, time.loc)?))
        })
    }

    fn anchor(&self, anchor: &Anchor, loc: Option<Loc>) -> Result<Place, Diagnostic> {
        match anchor {
            Anchor::Bar { bar, beat } => {
                let quarter = self.tempo.bar_to_quarters(*bar, *beat).ok_or_else(|| too_far(loc))?;
                Ok(Place { quarter: Some(quarter), seconds: 0.0 })
            }
            Anchor::SectionStart(section) => self.known(section).map(|(from, _)| from).map_err(|p| or_label(p, loc)),
            Anchor::SectionEnd(section) => self.known(section).map(|(_, to)| to).map_err(|p| or_label(p, loc)),
            Anchor::StripStart(strip) => self.extent(*strip, loc).map(|(from, _)| self.at_frame(from)),
            Anchor::StripEnd(strip) => self.extent(*strip, loc).map(|(_, to)| self.at_frame(to)),
        }
    }

    fn at_frame(&self, frame: Frames) -> Place {
        Place { quarter: None, seconds: frame.seconds(self.rate).value() }
    }

    fn extent(&self, strip: StripId, loc: Option<Loc>) -> Result<(Frames, Frames), Diagnostic> {
        self.strips.get(strip.0).copied().flatten().ok_or_else(|| {
            let problem = Diagnostic::error(Code::TIME, "this strip has no audio to begin or end");
            label(problem, loc, "placed by a strip without clips")
                .help("only a track with a file has a start and an end")
        })
    }

    /// `from` and the lengths of a time: musical ones first, then seconds and samples.
    fn advance(&self, from: Place, time: &Time) -> Result<Place, Diagnostic> {
        let seconds = from.seconds + self.absolute(time);
        Ok(match from.quarter {
            Some(quarter) => Place { quarter: Some(self.later(quarter, time)?), seconds },
            None => Place { quarter: None, seconds: seconds + self.musical_length(from, time)? },
        })
    }

    fn later(&self, quarter: Beats, time: &Time) -> Result<Beats, Diagnostic> {
        self.tempo.advance(quarter, time.bars, time.beats, time.notes).ok_or_else(|| too_far(time.loc))
    }

    /// Seconds that the musical lengths of a time last from a place on; counted from the nearest exact quarter where the place is none.
    fn musical_length(&self, from: Place, time: &Time) -> Result<f64, Diagnostic> {
        if !time.is_musical() {
            return Ok(0.0);
        }
        let quarter = match from.quarter {
            Some(quarter) => quarter,
            None => {
                self.limit(from.seconds, time.loc)?;
                let near = self.tempo.seconds_to_quarters(from.seconds);
                Beats::from_f64(near).ok_or_else(|| too_far(time.loc))?
            }
        };
        Ok(self.tempo.seconds_between(quarter, self.later(quarter, time)?))
    }

    fn absolute(&self, time: &Time) -> f64 {
        time.seconds + time.samples / self.rate.hz()
    }

    fn seconds_of(&self, place: Place) -> f64 {
        place.seconds + place.quarter.map_or(0.0, |quarter| self.tempo.quarters_to_seconds(quarter))
    }

    fn limit(&self, seconds: f64, loc: Option<Loc>) -> Result<f64, Diagnostic> {
        if seconds.abs() <= Timeline::LONGEST { Ok(seconds) } else { Err(too_far(loc)) }
    }
}

/// 1 for a place, 0 for a length.
fn anchored(time: &Time) -> i64 {
    time.anchors.iter().map(|(sign, _)| i64::from(*sign)).sum()
}

fn backwards(from: &Time, to: &Time) -> Diagnostic {
    let problem = Diagnostic::error(Code::RANGE, "this range ends no later than it begins");
    label(label(problem, to.loc, "the end"), from.loc.filter(|_| to.loc.is_some()), "the beginning")
        .help("put the end after the beginning")
}

fn too_far(loc: Option<Loc>) -> Diagnostic {
    label(Diagnostic::error(Code::TIME, "this time lies more than 48 hours away"), loc, "no song is that long")
}

fn label(problem: Diagnostic, loc: Option<Loc>, text: &str) -> Diagnostic {
    match loc {
        Some(loc) => problem.label(loc.0, text),
        None => problem,
    }
}

fn or_label(problem: Diagnostic, loc: Option<Loc>) -> Diagnostic {
    if problem.labels.is_empty() { label(problem, loc, "here") } else { problem }
}

#[cfg(test)]
mod tests;
