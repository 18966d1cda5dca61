//! Expectations in words.

use super::{Asked, Expected, holds};
use crate::session::{Expectation, Quantity, Range, Reading, Relation, Session, TapPoint, Than};
use crate::units::{Frames, Rate, Unit};

/// As people call it.
pub(super) const fn noun(of: Quantity) -> &'static str {
    match of {
        Quantity::Loudness => "loudness",
        Quantity::ShortTermMax => "short-term maximum",
        Quantity::Peak => "true peak",
        Quantity::SamplePeak => "sample peak",
        Quantity::LoudnessRange => "loudness range",
        Quantity::MonoLoss => "mono loss",
        Quantity::Correlation => "correlation",
    }
}

/// Behind the number, and behind a difference.
fn units(of: Quantity) -> [String; 2] {
    let symbol = |unit: Unit| if unit == Unit::None { String::new() } else { format!(" {}", unit.symbol()) };
    [symbol(of.unit()), symbol(of.difference())]
}

/// An expectation in words.
pub(super) struct Telling<'a> {
    pub(super) session: &'a Session,
    pub(super) rate: Rate,
    pub(super) expected: &'a Expected,
    pub(super) asked: &'a Asked,
}

impl Telling<'_> {
    /// `"lead vox" in "chorus" is -18.2 LUFS; it should be at least 1 LU above "music" in "chorus" (-17.9 LUFS)`
    pub(super) fn sentence(&self, got: f64, than: f64, ok: bool) -> String {
        let Expectation { reading, relation, than: other, margin, .. } = &self.asked.expectation;
        let [unit, difference] = units(reading.of);
        // as many digits as it takes to see that it does not hold
        let mut digits = if reading.of == Quantity::Correlation { 2 } else { 1 };
        while !ok && digits < 6 && holds(*relation, rounded(got, digits), rounded(than, digits), *margin) {
            digits += 1;
        }
        let show = |x: f64| format!("{:.digits$}{unit}", rounded(x, digits));
        let other = match (other, self.asked.than) {
            (Than::Reading(other), Some(index)) => format!("{} ({})", self.subject(other, index), show(than)),
            _ => format!("{}{unit}", short(than)),
        };
        let by = format!("{}{difference}", short(margin.abs()));
        let should = match relation {
            Relation::Above if *margin > 0.0 => format!("at least {by} above {other}"),
            Relation::Above if *margin < 0.0 => format!("at most {by} below {other}"),
            Relation::Above => format!("no less than {other}"),
            Relation::Below if *margin > 0.0 => format!("at least {by} below {other}"),
            Relation::Below if *margin < 0.0 => format!("at most {by} above {other}"),
            Relation::Below => format!("no more than {other}"),
            Relation::Equals if *margin > 0.0 => format!("within {by} of {other}"),
            Relation::Equals => format!("as much as {other}"),
        };
        let subject = self.subject(reading, self.asked.reading);
        if ok {
            format!("{subject} is {}, {should}", show(got))
        } else {
            format!("{subject} is {}; it should be {should}", show(got))
        }
    }

    /// `the true peak of "lead vox" in "chorus"`; a loudness goes by the name alone.
    fn subject(&self, reading: &Reading, heard: usize) -> String {
        let name = self.name(reading, heard);
        if reading.of == Quantity::Loudness { name } else { format!("the {} of {name}", noun(reading.of)) }
    }

    /// `"lead vox" in "chorus"`
    pub(super) fn name(&self, reading: &Reading, heard: usize) -> String {
        let name = &self.session.strip(reading.tap.strip).name;
        let name = match reading.tap.point {
            TapPoint::Source => format!("the source of \"{name}\""),
            TapPoint::Pre => format!("\"{name}\" before its fader"),
            TapPoint::Post => format!("\"{name}\""),
        };
        match (&reading.part, self.expected.heard[heard].ranges.first()) {
            (Some(Range::Section(section)), _) => format!("{name} in \"{}\"", section.name),
            (Some(Range::Times(..)), Some((from, to))) => {
                let [from, to] = [from, to].map(|frame| Frames::new(*frame).seconds(self.rate));
                format!("{name} from {from} to {to}")
            }
            _ => name,
        }
    }
}

fn rounded(x: f64, digits: usize) -> f64 {
    let scale = (0..digits).fold(1.0, |scale, _| scale * 10.0);
    // no `-0.0`
    (x * scale).round() / scale + 0.0
}

/// A number as it is written: `-16`, `0.5`.
fn short(x: f64) -> String {
    let text = format!("{:.3}", rounded(x, 3));
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_short() {
        for (x, text) in [(-16.0, "-16"), (0.5, "0.5"), (-0.0001, "0"), (10.0, "10"), (1.2345, "1.235")] {
            assert_eq!(short(x), text);
        }
        assert_eq!(format!("{:.1}", rounded(-0.04, 1)), "0.0");
    }
}
