use super::{Anchor, Info, Loc, Step, Time};
use crate::audio::math;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::units::{Beats, Rate};

/// Musical time: bars and beats to quarter notes (exact), quarter notes to seconds and back. Quarter 0 is the first beat of bar 1.
///
/// What the first point of a tempo or a meter says also holds before it.
#[derive(Clone, Debug, PartialEq)]
pub struct TempoMap {
    /// Ascending, at least one; the first also holds before its bar.
    meters: Vec<Meter>,
    /// Ascending, at least one; the first also holds before its place.
    tempi: Vec<Tempo>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Meter {
    bar: i64,
    /// Where that bar begins.
    quarter: Beats,
    beats: u32,
    note: u32,
}

/// From `quarter` on, at `seconds`, the tempo is `bpm` and changes by `slope` with every quarter.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tempo {
    quarter: f64,
    seconds: f64,
    bpm: f64,
    slope: f64,
}

impl TempoMap {
    /// Nothing musical is further from bar 1 than this many bars, beats or notes: 48 hours at 3400 beats a minute.
    pub const MOST: f64 = 1e7;
    const BPM: std::ops::RangeInclusive<f64> = 1.0..=2000.0;

    /// The map of a session's tempo, meter and first bar. `rate` turns samples into seconds. Points that cannot be placed are left out and
    /// named.
    pub fn new(info: &Info, rate: Rate) -> (TempoMap, Diagnostics) {
        let mut found = Diagnostics::default();
        let mut map = TempoMap {
            meters: vec![Meter { bar: 1, quarter: Beats::ZERO, beats: 4, note: 4 }],
            tempi: vec![Tempo { quarter: 0.0, seconds: 0.0, bpm: 120.0, slope: 0.0 }],
        };
        map.set_meters(&info.meter, &mut found);
        let first_bar = first_bar(info, rate, &mut found);
        map.tempi[0].seconds = first_bar;
        map.set_tempi(&info.tempo, first_bar, rate, &mut found);
        (map, found)
    }

    fn set_meters(&mut self, steps: &[Step<(u32, u32)>], found: &mut Diagnostics) {
        let mut points: Vec<Meter> = Vec::new();
        for step in steps {
            let (beats, note) = step.value;
            if !(1..=1024).contains(&beats) || !(1..=128).contains(&note) {
                let problem = Diagnostic::error(Code::OUT_OF_RANGE, format!("{beats}/{note} is no meter"));
                found.push(at(problem, step.at.loc, "here").help("a meter is written \"4/4\", \"7/8\" or \"6/8\""));
                continue;
            }
            // the meters so far count the bars up to here
            let meters = match points.is_empty() {
                true => vec![Meter { bar: 1, quarter: Beats::ZERO, beats, note }],
                false => points.clone(),
            };
            let so_far = TempoMap { meters, tempi: Vec::new() };
            let bar = so_far.musical(&step.at).and_then(|quarter| so_far.whole_bar(quarter));
            let Some(bar) = bar else {
                let problem = Diagnostic::error(Code::TIME, "a meter changes at the beginning of a bar");
                found.push(at(problem, step.at.loc, "this is none").help("place it with `bar(n)`"));
                continue;
            };
            match points.last() {
                Some(last) if bar <= last.bar => {
                    let problem = Diagnostic::error(Code::TIME, format!("the meter of bar {bar} comes too late"));
                    found.push(
                        at(problem, step.at.loc, format!("after that of bar {}", last.bar))
                            .help("put them in the order of the song"),
                    );
                    continue;
                }
                _ => {
                    let quarter = points.last().map_or(Beats::ZERO, |last| last.start_of(bar));
                    points.push(Meter { bar, quarter, beats, note });
                }
            }
        }
        if let Some(first) = points.first().copied() {
            let bar_1 = points.iter().rev().find(|m| m.bar <= 1).copied().unwrap_or(first).start_of(1);
            points.iter_mut().for_each(|m| m.quarter = m.quarter - bar_1);
            self.meters = points;
        }
    }

    fn set_tempi(&mut self, steps: &[Step<f64>], first_bar: f64, rate: Rate, found: &mut Diagnostics) {
        let mut points: Vec<Tempo> = Vec::new();
        let mut absolute = None;
        for step in steps {
            if !TempoMap::BPM.contains(&step.value) {
                let problem = Diagnostic::error(Code::OUT_OF_RANGE, format!("{} is no tempo", step.value));
                found.push(at(problem, step.at.loc, "here").help("a tempo is 1 to 2000 quarter notes a minute"));
                continue;
            }
            let bpm = step.value;
            let Some((quarter, seconds)) = self.tempo_point(step, &points, first_bar, rate) else {
                let problem = Diagnostic::error(Code::TIME, "a tempo changes at a bar or a time in seconds");
                found
                    .push(at(problem, step.at.loc, "this is neither").help("place it with `bar(n)` or `bar(n, beat)`"));
                continue;
            };
            if step.at.is_absolute() {
                absolute = Some(step.at.loc);
            }
            if let Some(last) = points.last_mut() {
                if quarter <= last.quarter {
                    let problem = Diagnostic::error(Code::TIME, "the points of a tempo go forward in time");
                    let problem = at(problem, step.at.loc, "this one does not come after the one before");
                    found.push(problem.help("put them in the order of the song"));
                    continue;
                }
                last.slope = if step.smooth { (bpm - last.bpm) / (quarter - last.quarter) } else { 0.0 };
            }
            points.push(Tempo { quarter, seconds, bpm, slope: 0.0 });
        }
        if points.is_empty() {
            return;
        }
        self.tempi = points;
        // changes before bar 1: only now is known how far it is from the first of them to bar 1
        let off = first_bar - self.seconds_at(0.0);
        if off.abs() > 1e-9 && steps.iter().all(|step| step.at.is_absolute()) {
            let bar_1 = self.seconds_to_quarters(first_bar);
            self.tempi.iter_mut().for_each(|t| t.quarter -= bar_1);
        } else if off.abs() > 1e-9 {
            self.tempi.iter_mut().for_each(|t| t.seconds += off);
            if let Some(loc) = absolute {
                let problem = Diagnostic::error(Code::TIME, "before bar 1 a tempo is placed by bars, not by seconds");
                found.push(at(problem, loc, "this is in seconds"));
            }
        }
    }

    /// Where a tempo point lies, after those so far: (quarter, seconds).
    fn tempo_point(&self, step: &Step<f64>, points: &[Tempo], first_bar: f64, rate: Rate) -> Option<(f64, f64)> {
        let absolute = step.at.is_absolute().then(|| step.at.seconds + step.at.samples / rate.hz());
        if absolute.is_some_and(|s| s.is_nan() || s.abs() > TempoMap::MOST) {
            return None;
        }
        let Some(last) = points.last() else {
            return match absolute {
                Some(seconds) => Some(((seconds - first_bar) * step.value / 60.0, seconds)),
                None => {
                    let quarter = self.musical(&step.at)?.value();
                    Some((quarter, first_bar + quarter * 60.0 / step.value))
                }
            };
        };
        let slope = |length: f64| if step.smooth { (step.value - last.bpm) / length } else { 0.0 };
        match absolute {
            // a ramp's length in seconds is proportional to its length in quarters
            Some(seconds) => {
                let one = Tempo { slope: slope(1.0), ..*last }.seconds_after(1.0);
                Some((last.quarter + (seconds - last.seconds) / one, seconds))
            }
            None => {
                let quarter = self.musical(&step.at)?.value();
                let length = quarter - last.quarter;
                if length <= 0.0 {
                    return Some((quarter, last.seconds)); // refused by the caller
                }
                Some((quarter, last.seconds + Tempo { slope: slope(length), ..*last }.seconds_after(length)))
            }
        }
    }

    /// The quarter of a time that is made of bars and beats alone: at most one `bar()` and musical lengths.
    fn musical(&self, time: &Time) -> Option<Beats> {
        if time.seconds != 0.0 || time.samples != 0.0 {
            return None;
        }
        let from = match time.anchors.as_slice() {
            [] => self.bar_to_quarters(Beats::new(1, 1), Beats::new(1, 1))?,
            [(1, Anchor::Bar { bar, beat })] => self.bar_to_quarters(*bar, *beat)?,
            _ => return None,
        };
        self.advance(from, time.bars, time.beats, time.notes)
    }

    fn whole_bar(&self, quarter: Beats) -> Option<i64> {
        let (bar, rest) = self.bar_of(quarter);
        (rest == Beats::ZERO).then_some(bar)
    }

    /// Where `bar(bar, beat)` lies, in quarters from bar 1; both count from 1 and may be fractions, a bar may also be 0 or negative.
    /// A beat is the meter's own. `None` beyond [`TempoMap::MOST`] bars or beats.
    pub fn bar_to_quarters(&self, bar: Beats, beat: Beats) -> Option<Beats> {
        if !sane(bar) || !sane(beat) {
            return None;
        }
        let whole = bar.floor();
        let meter = self.meter_of_bar(whole);
        let fraction = (bar - Beats::new(whole, 1)).times(meter.bar_length());
        Some(meter.start_of(whole) + fraction + (beat - Beats::new(1, 1)).times(meter.beat_length()))
    }

    /// The quarter that lies so many bars, then beats, then whole notes after (or before) `from`. Whole bars are counted along the meter's
    /// changes: 4 bars after bar 15 is bar 19. A beat is that of the meter there. `None` beyond [`TempoMap::MOST`].
    pub fn advance(&self, from: Beats, bars: Beats, beats: Beats, notes: Beats) -> Option<Beats> {
        if ![from, bars, beats, notes].into_iter().all(sane) {
            return None;
        }
        let mut quarter = from;
        if bars != Beats::ZERO {
            let (bar, rest) = self.bar_of(from);
            quarter = self.bar_to_quarters(Beats::new(bar, 1) + bars, Beats::new(1, 1))? + rest;
        }
        if beats != Beats::ZERO {
            let (bar, _) = self.bar_of(quarter);
            quarter = quarter + beats.times(self.meter_of_bar(bar).beat_length());
        }
        quarter = quarter + notes.times(Beats::new(4, 1));
        sane(quarter).then_some(quarter)
    }

    /// The bar that a quarter lies in, and how many quarters after its beginning.
    pub fn bar_of(&self, quarter: Beats) -> (i64, Beats) {
        let place = self.meters.partition_point(|m| m.quarter <= quarter);
        let meter = self.meters[place.saturating_sub(1)];
        let bars = over(quarter - meter.quarter, meter.bar_length()).floor();
        let bar = meter.bar.saturating_add(bars);
        (bar, quarter - meter.start_of(bar))
    }

    /// For display: the bar and the beat in it (both from 1, the beat with its fraction) that sound at `seconds`.
    pub fn bar_and_beat(&self, seconds: f64) -> (i64, f64) {
        // a grid finer than any frame, so that the first frame of a bar already counts as that bar
        let quarter = (self.seconds_to_quarters(seconds) * 46_080.0).round() as i64;
        let (bar, rest) = self.bar_of(Beats::new(quarter, 46_080));
        (bar, 1.0 + rest.value() / self.meter_of_bar(bar).beat_length().value())
    }

    /// The meter of a bar: (beats, note value of a beat).
    pub fn meter(&self, bar: i64) -> (u32, u32) {
        let meter = self.meter_of_bar(bar);
        (meter.beats, meter.note)
    }

    /// Quarter notes a minute at a quarter.
    pub fn tempo(&self, quarter: f64) -> f64 {
        let tempo = self.tempo_at(|t| t.quarter <= quarter);
        tempo.bpm + tempo.slope * (quarter - tempo.quarter)
    }

    /// Song time of a quarter. A ramp of the tempo is linear over musical time; its seconds are the exact integral of 60 / tempo.
    pub fn quarters_to_seconds(&self, quarter: Beats) -> f64 {
        self.seconds_at(quarter.value())
    }

    /// [`TempoMap::quarters_to_seconds`] for a place that is no exact one.
    pub fn seconds_at(&self, quarter: f64) -> f64 {
        let tempo = self.tempo_at(|t| t.quarter <= quarter);
        tempo.seconds + tempo.seconds_after(quarter - tempo.quarter)
    }

    /// How long it is from one quarter to another, in seconds: exact to the last digit where the tempo stands still between them.
    pub fn seconds_between(&self, from: Beats, to: Beats) -> f64 {
        let (a, b) = (self.tempo_at(|t| t.quarter <= from.value()), self.tempo_at(|t| t.quarter <= to.value()));
        if a == b && a.slope == 0.0 {
            return 60.0 * (to - from).value() / a.bpm;
        }
        self.quarters_to_seconds(to) - self.quarters_to_seconds(from)
    }

    /// The quarter at a song time.
    pub fn seconds_to_quarters(&self, seconds: f64) -> f64 {
        let tempo = self.tempo_at(|t| t.seconds <= seconds);
        tempo.quarter + tempo.quarters_after(seconds - tempo.seconds)
    }

    fn tempo_at(&self, begun: impl Fn(&Tempo) -> bool) -> Tempo {
        match self.tempi.partition_point(begun) {
            // before the first point its tempo stands still, even where a ramp starts from it
            0 => Tempo { slope: 0.0, ..self.tempi[0] },
            n => self.tempi[n - 1],
        }
    }

    fn meter_of_bar(&self, bar: i64) -> Meter {
        let place = self.meters.partition_point(|m| m.bar <= bar);
        self.meters[place.saturating_sub(1)]
    }
}

impl Meter {
    fn beat_length(self) -> Beats {
        Beats::new(4, i64::from(self.note))
    }

    fn bar_length(self) -> Beats {
        Beats::new(4 * i64::from(self.beats), i64::from(self.note))
    }

    fn start_of(self, bar: i64) -> Beats {
        self.quarter + self.bar_length().times(Beats::new(bar.saturating_sub(self.bar), 1))
    }
}

impl Tempo {
    /// With b(q) = bpm + slope q, the integral of 60 / b over q: 60 / slope ln(1 + slope q / bpm).
    fn seconds_after(self, quarters: f64) -> f64 {
        if self.slope == 0.0 {
            return 60.0 * quarters / self.bpm;
        }
        60.0 / self.slope * math::log1p(self.slope * quarters / self.bpm)
    }

    /// Its inverse: bpm / slope (e^(slope s / 60) - 1).
    fn quarters_after(self, seconds: f64) -> f64 {
        let x = self.slope * seconds / 60.0;
        // e^x - 1 loses its digits near 0
        let grown = if x.abs() < 1e-4 { 1.0 + x / 2.0 + x * x / 6.0 } else { (math::exp(x) - 1.0) / x };
        self.bpm * seconds / 60.0 * grown
    }
}

fn first_bar(info: &Info, rate: Rate, found: &mut Diagnostics) -> f64 {
    let Some(time) = &info.first_bar else { return 0.0 };
    let seconds = time.seconds + time.samples / rate.hz();
    if time.is_absolute() && seconds.is_finite() && seconds.abs() <= 172_800.0 {
        return seconds;
    }
    let problem =
        Diagnostic::error(Code::TIME, "`first_bar` is where bar 1 begins in the files, in seconds or samples");
    found.push(at(problem, time.loc, "this is no such time").help("write `first_bar: 1.37s`"));
    0.0
}

fn sane(beats: Beats) -> bool {
    beats.value().abs() <= TempoMap::MOST
}

fn over(a: Beats, b: Beats) -> Beats {
    a.times(Beats::new(b.denominator(), b.numerator()))
}

fn at(problem: Diagnostic, loc: Option<Loc>, text: impl Into<String>) -> Diagnostic {
    match loc {
        Some(loc) => problem.label(loc.0, text),
        None => problem,
    }
}

#[cfg(test)]
mod tests;
