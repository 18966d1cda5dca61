//! What cannot be met, in words, with how far it goes.

use crate::engine::{Answer, Ask, Setting};

/// What is wrong, and the way out.
pub(super) type Refusal = (String, String);

/// The setting of an answer, or why the file `name` is not made.
pub(super) fn setting(answer: Answer, name: &str, ask: &Ask) -> Result<Setting, Refusal> {
    Err(match answer {
        Answer::Drive(setting) => return Ok(setting),
        Answer::TooFar { reduction, allowed, reach } => {
            let (takes, allow) = match reduction {
                Some(deep) => (
                    format!("that takes {deep:.1} dB of gain reduction, and {allowed:.1} dB are allowed"),
                    format!(", allow more with `max_reduction: {:.0}dB`", deep.ceil()),
                ),
                None => ("no limiter makes it as loud".to_string(), String::new()),
            };
            let goal = ask.loudness.unwrap_or_default();
            (
                format!("`{name}` cannot be brought to {goal} LUFS: {takes}"),
                format!("it comes to {reach:.1} LUFS: ask for that{allow}, or make the mix denser"),
            )
        }
        Answer::TooHigh { reduction, allowed } => (
            format!(
                "`{name}` cannot be kept under {} dBTP: its peaks take {reduction:.1} dB of gain reduction, and {allowed:.1} dB are \
                 allowed",
                ask.ceiling
            ),
            format!(
                "turn it down by {:.0} dB before, or allow more: `max_reduction: {:.0}dB`",
                (reduction - allowed).ceil(),
                reduction.ceil()
            ),
        ),
        Answer::Silent => (
            format!("`{name}` has no loudness: it is silent, or shorter than 0.4 s"),
            "write `loudness: \"as is\"` to deliver it as it is".to_string(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_a_way_out() {
        let ask =
            Ask { loudness: Some(-5.0), floor: false, ceiling: -1.0, ceiling_when_louder: None, max_reduction: 6.0 };
        let told = |answer| setting(answer, "m.wav", &ask).unwrap_err();
        let (text, help) = told(Answer::TooFar { reduction: Some(9.21), allowed: 6.0, reach: -8.04 });
        assert_eq!(
            text,
            "`m.wav` cannot be brought to -5 LUFS: that takes 9.2 dB of gain reduction, and 6.0 dB are allowed"
        );
        assert_eq!(
            help,
            "it comes to -8.0 LUFS: ask for that, allow more with `max_reduction: 10dB`, or make the mix denser"
        );
        let (text, help) = told(Answer::TooFar { reduction: None, allowed: 6.0, reach: -8.04 });
        assert!(text.ends_with("no limiter makes it as loud") && !help.contains("max_reduction"), "{text} {help}");
        let (text, help) = told(Answer::TooHigh { reduction: 12.1, allowed: 6.0 });
        assert!(text.contains("under -1 dBTP") && help.contains("turn it down by 7 dB"), "{text} {help}");
        assert!(told(Answer::Silent).1.contains("as is"));
        let drive = Setting { gain: 1.0, ceiling: -1.0, driven: true };
        assert_eq!(setting(Answer::Drive(drive), "m.wav", &ask), Ok(drive));
    }
}
