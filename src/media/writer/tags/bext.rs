//! The `bext` chunk of a Broadcast Wave file, version 2 (EBU Tech 3285 v2, section 2.3), with one row of coding history (EBU R98). It stands before
//! everything else, as recorders write it; its numbers of loudness are known at the end and put in then.

use super::{Broadcast, Loudness, Tags};
use crate::media::writer::Spec;
use crate::media::writer::wav::chunk as put;

/// Where they are in the chunk, its own head included.
const LOUDNESS: u64 = 8 + 412;
/// Of a number that there is none of.
const UNSET: i16 = 0x7FFF;

/// The chunk, of a length that depends on the spec alone.
pub(in crate::media::writer) fn chunk(broadcast: &Broadcast, tags: &Tags, spec: &Spec) -> Vec<u8> {
    let (date, time) = match (&tags.date, &broadcast.made) {
        (Some(date), _) if date.len() == "YYYY-MM-DD".len() => (&**date, "00:00:00"),
        (_, Some(made)) => (made.date.as_str(), made.time.as_str()),
        _ => ("", ""),
    };
    let mut body = Vec::with_capacity(700);
    let mut text = |text: &str, room: usize| {
        let end = (0..=room.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        body.extend(text[..end].bytes());
        body.resize(body.len() + room - end, 0);
    };
    text(tags.title.as_deref().unwrap_or_default(), 256);
    text("mixdown", 32);
    // the originator's reference is for broadcasters to give
    text("", 32);
    text(date, 10);
    text(time, 8);
    body.extend(broadcast.reference.to_le_bytes());
    body.extend(2u16.to_le_bytes());
    // no UMID
    body.extend([0; 64]);
    body.extend(loudness(&Loudness::default()));
    body.extend([0; 180]);
    let mode = match spec.channels {
        1 => ",M=mono",
        2 => ",M=stereo",
        _ => "",
    };
    body.extend(format!("A=PCM,F={},W={}{mode},T=mixdown\r\n", spec.rate.get(), spec.bits).bytes());
    let mut all = Vec::new();
    put(&mut all, b"bext", &body);
    all
}

/// Where its loudness lies in a file in which the chunk begins at byte `at`.
pub(in crate::media::writer) const fn loudness_at(at: u64) -> u64 {
    at + LOUDNESS
}

/// Loudness, its range, true peak, momentary and short-term maximum: hundredths, halves away from zero.
pub(in crate::media::writer) fn loudness(measured: &Loudness) -> [u8; 10] {
    let Loudness { integrated, range, true_peak, momentary, short_term } = *measured;
    let mut bytes = [0; 10];
    for (pair, value) in
        bytes.as_chunks_mut::<2>().0.iter_mut().zip([integrated, range, true_peak, momentary, short_term])
    {
        let hundredths = value.map(|value| (value * 100.0).round()).filter(|n| (-9999.0..=9999.0).contains(n));
        *pair = hundredths.map_or(UNSET, |n| n as i16).to_le_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::writer::Format;
    use crate::units::Rate;

    #[test]
    fn every_field_lies_where_the_standard_has_it() {
        let spec = Spec { format: Format::Wav, bits: 24, channels: 2, rate: Rate::STUDIO, frames: 1, compression: 5 };
        let tags = Tags { title: Some("é".repeat(200).into()), date: Some("2026-05-12".into()), ..Tags::default() };
        let broadcast = Broadcast { made: None, reference: 0x1_0000_0002 };
        let chunk = chunk(&broadcast, &tags, &spec);
        let body = &chunk[8..];
        assert_eq!((&chunk[..4], chunk.len() % 2), (&b"bext"[..], 0));
        assert_eq!(&body[..256], "é".repeat(128).as_bytes(), "cut between letters");
        assert_eq!(&body[256..264], b"mixdown\0");
        assert_eq!(&body[320..338], b"2026-05-1200:00:00");
        assert_eq!(body[338..346], [2, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(body[346..348], [2, 0]);
        assert_eq!(body[412..422], [0xFF, 0x7F].repeat(5));
        assert!(body[602..].starts_with(b"A=PCM,F=48000,W=24,M=stereo,T=mixdown\r\n"));
    }

    /// The standard's own examples of rounding.
    #[test]
    fn hundredths_are_rounded_away_from_zero() {
        let measured = Loudness { integrated: Some(-22.645), range: Some(12.765), ..Loudness::default() };
        assert_eq!(loudness(&measured)[..6], [0x27, 0xF7, 0xFD, 0x04, 0xFF, 0x7F]);
    }
}
