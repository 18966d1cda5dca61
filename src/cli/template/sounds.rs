use std::f64::consts::TAU;

use crate::audio::math::{exp, sin, tanh};
use crate::audio::rng::Seed;

const RATE: f64 = 48_000.0;
/// Of 120 per minute.
const BEAT: f64 = 0.5;
const BEATS: usize = 16;
const LENGTH: usize = (BEATS as f64 * BEAT * RATE) as usize;

/// A minor, F, C, G: the root in the bass, then the chord.
const CHORDS: [[f64; 4]; 4] = [
    [55.0, 220.0, 261.63, 329.63],
    [43.65, 220.0, 261.63, 349.23],
    [65.41, 196.0, 261.63, 329.63],
    [49.0, 196.0, 246.94, 293.66],
];

/// On every beat a sine that falls from 155 to 45 Hz, with a click of noise.
pub(super) fn kick() -> Vec<u8> {
    let noise = Seed::of("kick");
    wav(1, |n, _| {
        let t = n as f64 / RATE % BEAT;
        let phase = TAU * (45.0 * t + 110.0 / 30.0 * (1.0 - exp(-30.0 * t)));
        let body = sin(phase) * exp(-9.0 * t);
        let click = noise.bipolar(n as i64) * exp(-900.0 * t);
        fade(t, BEAT, 0.0, 0.02) * (0.8 * body + 0.1 * click)
    })
}

/// Eighth notes on the root: five harmonics of a sawtooth, the upper ones dying first.
pub(super) fn bass() -> Vec<u8> {
    let note = BEAT / 2.0;
    wav(1, |n, _| {
        let (t, root) = (n as f64 / RATE % note, chord(n)[0]);
        let tone: f64 = (1..=5).map(f64::from).map(|k| sin(TAU * root * k * t) / k * exp(-3.0 * (k - 1.0) * t)).sum();
        fade(t, note, 0.004, 0.03) * 0.6 * tanh(tone)
    })
}

/// The chords, a little detuned between left and right.
pub(super) fn pad() -> Vec<u8> {
    let bar = 4.0 * BEAT;
    wav(2, |n, channel| {
        let t = n as f64 / RATE % bar;
        let detune = if channel == 0 { 0.998 } else { 1.002 };
        let chord = chord(n);
        let voices = chord[1..].iter().map(|f| {
            let phase = TAU * f * detune * t;
            sin(phase) + 0.4 * sin(2.0 * phase) + 0.2 * sin(3.0 * phase)
        });
        fade(t, bar, 0.25, 0.25) * 0.12 * voices.sum::<f64>()
    })
}

/// A bar for each.
fn chord(frame: usize) -> [f64; 4] {
    CHORDS[frame * CHORDS.len() / LENGTH]
}

/// Straight up in the first `rise` seconds of a note and down in its last `fall` seconds.
fn fade(t: f64, length: f64, rise: f64, fall: f64) -> f64 {
    let up = if rise > 0.0 { (t / rise).min(1.0) } else { 1.0 };
    up * ((length - t) / fall).clamp(0.0, 1.0)
}

/// A 16-bit WAV of `sample(frame, channel)`, full scale at 1: the canonical 44-byte header, then the samples.
fn wav(channels: u16, sample: impl Fn(usize, u16) -> f64) -> Vec<u8> {
    let (rate, frame_bytes) = (RATE as u32, channels * 2);
    let data = LENGTH as u32 * u32::from(frame_bytes);
    let mut bytes = Vec::with_capacity(44 + data as usize);
    bytes.extend(b"RIFF");
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(frame_bytes)).to_le_bytes());
    bytes.extend(frame_bytes.to_le_bytes());
    bytes.extend(16u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    for frame in 0..LENGTH {
        for channel in 0..channels {
            let rounded = (sample(frame, channel) * 32_767.0 + 0.5).floor();
            bytes.extend((rounded as i16).to_le_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sounds_are_whole_loud_enough_and_not_clipped() {
        for (bytes, channels) in [(kick(), 1), (bass(), 1), (pad(), 2)] {
            assert_eq!(bytes.len(), 44 + LENGTH * channels * 2);
            let samples = bytes[44..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]]).unsigned_abs());
            let peak = samples.max().unwrap();
            assert!((8_000..32_000).contains(&peak), "{peak}");
            // ends in silence, so that nothing clicks
            assert!(i16::from_le_bytes([bytes[bytes.len() - 2], bytes[bytes.len() - 1]]).unsigned_abs() < 60);
        }
    }
}
