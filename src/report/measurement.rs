use super::text::{Rows, clock, value};
use crate::analysis::{Measurement, TruePeak};

/// Everything that was measured of one file, a value a line.
pub fn measurement(name: &str, m: &Measurement) -> String {
    let channels = match m.channels {
        1 => "mono".to_string(),
        2 => "stereo".to_string(),
        n => format!("{n} channels"),
    };
    let mut rows = Rows::new("<><", &[]);
    for (what, x, unit) in [
        ("integrated loudness", m.integrated_lufs, "LUFS"),
        ("momentary maximum", m.momentary_max_lufs, "LUFS"),
        ("short-term maximum", m.short_term_max_lufs, "LUFS"),
        ("loudness range", m.loudness_range_lu, "LU"),
        (true_peak(m), m.true_peak_dbtp, "dBTP"),
        ("sample peak", m.sample_peak_dbfs, "dBFS"),
        ("peak to loudness", m.plr_lu, "LU"),
        ("correlation", m.correlation, ""),
        ("lost in mono", m.mono_loss_lu, "LU"),
    ] {
        rows.row(vec![what.to_string(), value(x), unit.to_string()]);
    }
    for (channel, dc) in m.dc_offset.iter().enumerate() {
        let what = if m.dc_offset.len() == 1 { "DC offset".to_string() } else { format!("DC offset {}", channel + 1) };
        rows.row(vec![what, unsigned_zero(format!("{dc:.6}")), String::new()]);
    }
    format!(
        "{name}\n  {} {}, {} Hz, {channels}, {}\n{}  blake3 {}\n",
        m.format,
        m.codec,
        m.sample_rate,
        clock(m.seconds, true),
        rows.text("  "),
        m.blake3
    )
}

/// The reading by the letter is not to be mistaken for the truth.
fn true_peak(m: &Measurement) -> &'static str {
    match m.true_peak {
        TruePeak::Exact => "true peak",
        TruePeak::Itu => "true peak (ITU x4)",
    }
}

/// `0.000000` for what rounds to it from below.
fn unsigned_zero(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| "0.".contains(c)) => rest.to_string(),
        _ => text,
    }
}

/// What matters most of several files, a file a line.
pub fn measurements(all: &[(String, Measurement)]) -> String {
    let itu = all.iter().any(|(_, m)| m.true_peak == TruePeak::Itu);
    let true_peak = if itu { "dBTP (ITU x4)" } else { "dBTP" };
    let mut rows = Rows::new("<>>>>>>", &["file", "length", "LUFS", true_peak, "dBFS", "range", "PLR"]);
    for (name, m) in all {
        rows.row(vec![
            name.clone(),
            clock(m.seconds, true),
            value(m.integrated_lufs),
            value(m.true_peak_dbtp),
            value(m.sample_peak_dbfs),
            value(m.loudness_range_lu),
            value(m.plr_lu),
        ]);
    }
    rows.text("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Measurement {
        Measurement {
            format: "wav".to_string(),
            codec: "pcm_s24le".to_string(),
            sample_rate: 48_000,
            channels: 2,
            seconds: 200.0,
            integrated_lufs: Some(-14.02),
            true_peak_dbtp: Some(-1.0),
            correlation: Some(0.71),
            dc_offset: vec![0.0, -0.000_000_1],
            blake3: "abc".to_string(),
            ..Measurement::default()
        }
    }

    #[test]
    fn one_file_is_told_in_full() {
        let text = measurement("a.wav", &some());
        assert!(text.starts_with("a.wav\n  wav pcm_s24le, 48000 Hz, stereo, 3:20.000\n"), "{text}");
        assert!(text.contains("  integrated loudness    -14.02  LUFS\n"), "{text}");
        assert!(text.contains("  lost in mono                -  LU\n"), "{text}");
        assert!(text.contains("  DC offset 2          0.000000\n"), "{text}");
        assert!(text.ends_with("  blake3 abc\n"), "{text}");
    }

    #[test]
    fn a_reading_by_the_letter_says_so() {
        let m = Measurement { true_peak: TruePeak::Itu, ..some() };
        assert!(measurement("a.wav", &m).contains("  true peak (ITU x4)"));
        assert!(measurements(&[("a.wav".to_string(), m.clone()), ("b.wav".to_string(), m)]).contains("dBTP (ITU x4)"));
        assert!(!measurement("a.wav", &some()).contains("ITU"));
        assert!(!measurements(&[("a.wav".to_string(), some())]).contains("ITU"));
    }

    #[test]
    fn several_files_are_a_table_of_80_columns() {
        let text = measurements(&[("a.wav".to_string(), some()), ("night-bus/out/mix.wav".to_string(), some())]);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        assert!(text.contains("-14.02  -1.00"), "{text}");
    }
}
