use serde::{Deserialize, Serialize};

/// What a number in a script or a parameter is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unit {
    /// A plain number: a ratio, a q, a count.
    None,
    Db,
    Dbfs,
    Dbtp,
    Lufs,
    Lu,
    Hz,
    Khz,
    Ms,
    S,
    Min,
    Samples,
    Percent,
    Semitones,
    Cents,
    Degrees,
    Kbps,
    Bars,
    Beats,
}

/// What a unit measures. Units of one dimension convert into one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    None,
    /// dB, dBFS, dBTP, LU: decibels of something.
    Level,
    Loudness,
    Frequency,
    Time,
    /// Samples need the rate to become a time.
    Samples,
    Ratio,
    Pitch,
    Angle,
    Bitrate,
    /// Bars and beats need the tempo to become a time.
    Musical,
}

impl Unit {
    /// Every way a unit is written after a number.
    pub const WRITTEN: &'static [(&'static str, Unit)] = &[
        ("dB", Unit::Db),
        ("dBFS", Unit::Dbfs),
        ("dBTP", Unit::Dbtp),
        ("LUFS", Unit::Lufs),
        ("LU", Unit::Lu),
        ("Hz", Unit::Hz),
        ("kHz", Unit::Khz),
        ("ms", Unit::Ms),
        ("s", Unit::S),
        ("min", Unit::Min),
        ("smp", Unit::Samples),
        ("samples", Unit::Samples),
        ("%", Unit::Percent),
        ("st", Unit::Semitones),
        ("cents", Unit::Cents),
        ("deg", Unit::Degrees),
        ("kbps", Unit::Kbps),
        ("bars", Unit::Bars),
        ("bar", Unit::Bars),
        ("beats", Unit::Beats),
        ("beat", Unit::Beats),
    ];

    pub fn parse(text: &str) -> Option<Unit> {
        Unit::WRITTEN.iter().find(|(name, _)| *name == text).map(|(_, unit)| *unit)
    }

    /// As written in a script; empty for a plain number.
    pub const fn symbol(self) -> &'static str {
        match self {
            Unit::None => "",
            Unit::Db => "dB",
            Unit::Dbfs => "dBFS",
            Unit::Dbtp => "dBTP",
            Unit::Lufs => "LUFS",
            Unit::Lu => "LU",
            Unit::Hz => "Hz",
            Unit::Khz => "kHz",
            Unit::Ms => "ms",
            Unit::S => "s",
            Unit::Min => "min",
            Unit::Samples => "samples",
            Unit::Percent => "%",
            Unit::Semitones => "st",
            Unit::Cents => "cents",
            Unit::Degrees => "deg",
            Unit::Kbps => "kbps",
            Unit::Bars => "bars",
            Unit::Beats => "beats",
        }
    }

    pub const fn dimension(self) -> Dimension {
        match self {
            Unit::None => Dimension::None,
            Unit::Db | Unit::Dbfs | Unit::Dbtp | Unit::Lu => Dimension::Level,
            Unit::Lufs => Dimension::Loudness,
            Unit::Hz | Unit::Khz => Dimension::Frequency,
            Unit::Ms | Unit::S | Unit::Min => Dimension::Time,
            Unit::Samples => Dimension::Samples,
            Unit::Percent => Dimension::Ratio,
            Unit::Semitones | Unit::Cents => Dimension::Pitch,
            Unit::Degrees => Dimension::Angle,
            Unit::Kbps => Dimension::Bitrate,
            Unit::Bars | Unit::Beats => Dimension::Musical,
        }
    }

    /// How many of the dimension's base unit (Hz, seconds, semitones) one of these is.
    pub const fn factor(self) -> f64 {
        match self {
            Unit::Khz => 1000.0,
            Unit::Ms => 0.001,
            Unit::Min => 60.0,
            Unit::Cents => 0.01,
            _ => 1.0,
        }
    }

    /// `value` of this unit counted in `to`; `None` when the two don't measure the same thing.
    pub fn convert(self, value: f64, to: Unit) -> Option<f64> {
        if self == to {
            return Some(value);
        }
        // written to divide when that is exact: 10 ms is 0.01 s, not 10 * 0.001
        let base = match self {
            Unit::Ms => value / 1000.0,
            Unit::Cents => value / 100.0,
            unit => value * unit.factor(),
        };
        let there = match to {
            Unit::Ms => base * 1000.0,
            Unit::Cents => base * 100.0,
            unit => base / unit.factor(),
        };
        (self.dimension() == to.dimension()).then_some(there)
    }

    /// In words, for a message: "decibels", "a time".
    pub const fn words(self) -> &'static str {
        match self.dimension() {
            Dimension::None => "a plain number",
            Dimension::Level => "a level in dB",
            Dimension::Loudness => "a loudness in LUFS",
            Dimension::Frequency => "a frequency in Hz or kHz",
            Dimension::Time => "a time in ms or s",
            Dimension::Samples => "a length in samples",
            Dimension::Ratio => "a percentage",
            Dimension::Pitch => "a pitch in st or cents",
            Dimension::Angle => "an angle in deg",
            Dimension::Bitrate => "a bit rate in kbps",
            Dimension::Musical => "a musical time in bars or beats",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_convert_within_their_dimension_only() {
        assert_eq!(Unit::Khz.convert(1.5, Unit::Hz), Some(1500.0));
        assert_eq!(Unit::Ms.convert(10.0, Unit::S), Some(0.01));
        assert_eq!(Unit::S.convert(0.01, Unit::Ms), Some(10.0));
        assert_eq!(Unit::Cents.convert(50.0, Unit::Semitones), Some(0.5));
        assert_eq!(Unit::Hz.convert(80.0, Unit::Db), None);
        for (name, unit) in Unit::WRITTEN {
            assert_eq!(Unit::parse(name), Some(*unit));
        }
    }
}
