//! When files were made, for headers that must say it: `SOURCE_DATE_EPOCH` (reproducible-builds.org), never a clock.

use crate::project::Made;

const NAME: &str = "SOURCE_DATE_EPOCH";

/// `None` unless the environment says it.
///
/// # Errors
/// What it says instead of seconds since 1970, in words.
pub(super) fn made() -> Result<Option<Made>, String> {
    match std::env::var_os(NAME) {
        Some(text) if !text.is_empty() => read(&text.to_string_lossy()).map(Some),
        _ => Ok(None),
    }
}

fn read(text: &str) -> Result<Made, String> {
    let seconds = text.parse::<u32>().map(i64::from).ok();
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let time = time.ok_or_else(|| format!("{NAME} is `{text}`, which is no number of seconds since 1970"))?;
    Ok(Made { date: time.strftime("%Y-%m-%d").to_string(), time: time.strftime("%H:%M:%S").to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_a_day_and_a_time_of_it() {
        let made = read("1778594405").unwrap();
        assert_eq!((made.date.as_str(), made.time.as_str()), ("2026-05-12", "14:00:05"));
        assert_eq!(read("0").unwrap().date, "1970-01-01");
        assert!(["", "-1", "now", "1e9", "99999999999999"].iter().all(|text| read(text).is_err()));
    }
}
