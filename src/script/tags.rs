//! Tags: what files say of themselves. Codes and dates are checked here, where they stand; whether a cover is a picture is seen when it is read.

use std::sync::Arc;

use super::bind::{Bound, Cx, Parameter};
use super::values::{self, Given};
use super::{sandbox, sources};
use crate::diag::{Code, Diagnostic};
use crate::session::{Cover, Loc, Tag, Tags, Track};

pub(super) const TITLE: Parameter =
    ("title", "in the file's tags; like all tags the song's unless said, and none where it is `off` or \"\"");
pub(super) const ARTIST: Parameter = ("artist", "a tag: who made it");
pub(super) const ALBUM: Parameter = ("album", "a tag: what it is part of");
pub(super) const TRACK: Parameter =
    ("track", "a tag: its place on the album, 3 or \"3/12\"; `{track}` in paths, `{track:02}` for two digits");
pub(super) const ISRC: Parameter = ("isrc", "a tag: the code of this very recording, \"GB-XXX-26-00001\"");
pub(super) const UPC: Parameter = ("upc", "a tag: the bar code of the release, 12 or 13 digits");
pub(super) const DATE: Parameter = ("date", "a tag: \"2026\", \"2026-05\" or \"2026-05-12\"");
pub(super) const GENRE: Parameter = ("genre", "a tag");
pub(super) const COVER: Parameter = ("cover", "a tag: a JPEG or PNG file of 16 MB at most");
pub(super) const COMMENT: Parameter = ("comment", "a tag");

/// The tags in the order in which `stems` and `deliver` take them.
const ALL: [Parameter; 10] = [TITLE, ARTIST, ALBUM, TRACK, ISRC, UPC, DATE, GENRE, COVER, COMMENT];

/// Tracks of an album.
const MOST_TRACKS: i64 = 9999;

impl Cx<'_> {
    /// All tags, from parameter `first` on.
    pub(super) fn tags(&mut self, bound: &mut Bound, first: usize) -> Tags {
        let mut tags = Tags::default();
        for (index, (word, _)) in ALL.into_iter().enumerate() {
            if let Some(given) = bound.take(first + index) {
                self.tag(&mut tags, word, &given);
            }
        }
        tags
    }

    /// One tag; a mistake leaves it unsaid.
    pub(super) fn tag(&mut self, tags: &mut Tags, word: &'static str, given: &Given) {
        match word {
            "title" => tags.title = self.read(word, given, Cx::line),
            "artist" => tags.artist = self.read(word, given, Cx::line),
            "album" => tags.album = self.read(word, given, Cx::line),
            "track" => tags.track = self.read(word, given, Cx::track),
            "isrc" => tags.isrc = self.read(word, given, Cx::isrc),
            "upc" => tags.upc = self.read(word, given, Cx::upc),
            "date" => tags.date = self.read(word, given, Cx::date),
            "genre" => tags.genre = self.read(word, given, Cx::line),
            "cover" => tags.cover = self.read(word, given, Cx::cover),
            _ => tags.comment = self.read(word, given, Cx::line),
        }
    }

    fn read<T>(
        &mut self,
        word: &'static str,
        given: &Given,
        read: fn(&mut Self, &'static str, &Given) -> Option<T>,
    ) -> Tag<T> {
        let off = values::quantity(&given.value).is_some_and(|q| q.value == f64::NEG_INFINITY);
        if off || values::text(&given.value).is_some_and(|text| text.is_empty()) {
            return Tag::Off;
        }
        read(self, word, given).map_or(Tag::Unsaid, Tag::Said)
    }

    /// A mistake of form: what is wrong, and how it is written.
    fn malformed<T>(
        &mut self,
        message: String,
        given: &Given,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.state.push(Diagnostic::error(Code::TAG, message).label(given.span, label).help(help));
        None
    }

    /// A text without control characters, for which no format has a place.
    fn line(&mut self, word: &'static str, given: &Given) -> Option<Arc<str>> {
        let text = self.state.text_up_to(self.what(word), given, sandbox::STRING)?;
        let Some(control) = text.chars().find(|c| c.is_control()) else { return Some(text.into()) };
        let what = match control {
            '\n' | '\r' => "a line break".to_string(),
            '\t' => "a tab".to_string(),
            c => format!("`{}`", c.escape_default()),
        };
        let message = format!("{} is one line, without control characters", self.what(word));
        self.malformed(message, given, format!("holds {what}"), "take it out, or put a space in its place")
    }

    /// 3, or "3/12".
    fn track(&mut self, word: &'static str, given: &Given) -> Option<Track> {
        let range = 1..=MOST_TRACKS;
        let (number, of) = match (given.value.as_int(), values::text(&given.value)) {
            (Ok(number), _) => (Some(number), None),
            (_, Some(text)) => match text.split_once('/') {
                Some((number, of)) => (number.trim().parse().ok(), Some(of.trim().parse().ok())),
                None => (text.trim().parse().ok(), None),
            },
            // `3/12` is a quarter
            _ if given.value.as_float().is_ok() => (None, None),
            _ => {
                let label = format!("this is {}", values::words(&given.value));
                let message = format!("{} is a number, or a number of how many", self.what(word));
                let diagnostic = Diagnostic::error(Code::WRONG_TYPE, message).label(given.span, label);
                self.state.push(diagnostic.help("write 3, or \"3/12\""));
                return None;
            }
        };
        let fits = |n: &i64| range.contains(n);
        let (number, of) = (number.filter(fits), of.map(|of| of.filter(fits)));
        match (number, of) {
            (Some(number), None) => Some(Track { number: number as u32, of: None }),
            (Some(number), Some(Some(of))) if number <= of => {
                Some(Track { number: number as u32, of: Some(of as u32) })
            }
            (Some(_), Some(Some(_))) => {
                let message = format!("{} lies within the album", self.what(word));
                self.malformed(message, given, "more than there are", "write the number first: \"3/12\"")
            }
            _ => {
                let message =
                    format!("{} is a number from 1 to {MOST_TRACKS}, or a number of how many", self.what(word));
                self.malformed(message, given, "not such a number", "write 3, or with the quotes \"3/12\"")
            }
        }
    }

    /// ISO 3901: two letters, three letters or digits, two digits of a year and five of a number. There is no check digit.
    fn isrc(&mut self, word: &'static str, given: &Given) -> Option<Arc<str>> {
        let text = self.state.text(self.what(word), given)?;
        let code: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_uppercase()).collect();
        let label = if let Some(c) = code.chars().find(|c| !c.is_ascii_alphanumeric()) {
            format!("holds `{}`", c.escape_debug())
        } else if code.len() != 12 {
            format!("has {} characters", code.len())
        } else if code[..2].contains(|c: char| c.is_ascii_digit()) {
            format!("begins with `{}`, which are not two letters", &code[..2])
        } else if code[5..].contains(|c: char| !c.is_ascii_digit()) {
            format!("ends with `{}`, which are not seven digits", &code[5..])
        } else {
            return Some(code.into());
        };
        let message = format!("{} has 12 characters: a prefix of 5, a year of 2 and a number of 5", self.what(word));
        self.malformed(message, given, label, "write it as it was given out: \"GB-XXX-26-00001\"")
    }

    /// GS1, "General Specifications", section 7.9: the last digit checks the others.
    fn upc(&mut self, word: &'static str, given: &Given) -> Option<Arc<str>> {
        let text = self.state.text(self.what(word), given)?;
        let code: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let message = format!("{} is a bar code of 12 or 13 digits", self.what(word));
        if let Some(c) = code.chars().find(|c| !c.is_ascii_digit()) {
            let label = format!("holds `{}`", c.escape_debug());
            return self.malformed(message, given, label, "write its digits alone: \"5012345678900\"");
        }
        match code.len() {
            11 => {
                let whole = format!("{code}{}", check_digit(&code));
                let help = format!("if its last digit is missing, it is \"{whole}\"");
                self.malformed(message, given, "has 11 digits", help)
            }
            12 | 13 => {
                let (digits, last) = code.split_at(code.len() - 1);
                let check = check_digit(digits);
                if last == check.to_string() {
                    return Some(code.into());
                }
                let message = format!("the last digit of {} does not fit the others", self.what(word));
                let help = format!("a digit is wrong; if it is the last one, it is {check}: \"{digits}{check}\"");
                self.malformed(message, given, format!("ends with {last}"), help)
            }
            length => {
                let label = format!("has {length} digits");
                self.malformed(message, given, label, "write all of them, with the last one, which checks the others")
            }
        }
    }

    fn date(&mut self, word: &'static str, given: &Given) -> Option<Arc<str>> {
        const HELP: &str = "write the year first: \"2026\", \"2026-05\" or \"2026-05-12\"";
        if values::quantity(&given.value).is_some() {
            // `2026-05-12` is 2009
            let message = format!("{} is a text", self.what(word));
            let diagnostic = Diagnostic::error(Code::WRONG_TYPE, message).label(given.span, "without quotes a number");
            self.state.push(diagnostic.help("put it in quotes: \"2026-05-12\""));
            return None;
        }
        let text = self.state.text(self.what(word), given)?;
        let message = format!("{} is a year, a month or a day", self.what(word));
        let part = |text: &str, digits: usize| {
            (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse::<u32>().ok())
                .flatten()
        };
        let parts: Vec<&str> = text.split('-').collect();
        let numbers: Option<Vec<u32>> =
            parts.iter().enumerate().map(|(i, text)| part(text, if i == 0 { 4 } else { 2 })).collect();
        let Some(numbers) = numbers.filter(|numbers| numbers.len() <= 3) else {
            return self.malformed(message, given, "not written like that", HELP);
        };
        let (year, month, day) = (numbers[0], numbers.get(1).copied(), numbers.get(2).copied());
        if let Some(month) = month.filter(|month| !(1..=12).contains(month)) {
            return self.malformed(message, given, format!("there is no month {month}"), "months go from 01 to 12");
        }
        let last = days(year, month.unwrap_or(1));
        if let Some(day) = day.filter(|day| !(1..=last).contains(day)) {
            let (label, help) = (format!("there is no day {day}"), format!("the last day of that month is {last}"));
            return self.malformed(message, given, label, help);
        }
        Some(text.into())
    }

    fn cover(&mut self, word: &'static str, given: &Given) -> Option<Cover> {
        let path = sources::path(self, given, word)?;
        Some(Cover { path: path.into(), loc: Loc(given.span) })
    }
}

/// Of the digits before it: from the right they weigh 3, 1, 3, 1 …
fn check_digit(digits: &str) -> u32 {
    let weighed = digits.bytes().rev().zip([3, 1].into_iter().cycle()).map(|(digit, by)| u32::from(digit - b'0') * by);
    (10 - weighed.sum::<u32>() % 10) % 10
}

/// Of a month of the Gregorian calendar.
fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_real_codes() {
        for code in ["5012345678900", "4006381333931", "036000291452"] {
            let (digits, last) = code.split_at(code.len() - 1);
            assert_eq!(check_digit(digits).to_string(), last, "{code}");
        }
    }

    #[test]
    fn months_have_their_days() {
        assert_eq!(
            [(2024, 2), (2026, 2), (1900, 2), (2000, 2), (2026, 4), (2026, 12)].map(|(y, m)| days(y, m)),
            [29, 28, 28, 29, 30, 31]
        );
    }
}
