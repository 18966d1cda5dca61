//! Coded files: their length, their place, their seeks, by small files of every kind (`tests/fixtures/sound`).

use std::path::Path;

use mixdown::audio::rng::Seed;
use mixdown::audio::{Block, math};
use mixdown::media::probe;
use mixdown::world::Memory;

use super::{fixture, open, read};

/// A fixture: file, format, codec, channels, rate, frames; the frame in which the tones begin.
type Row = (&'static str, &'static str, &'static str, usize, u32, u64, f64);

const ALL: &[Row] = &[
    ("aac.m4a", "mp4", "aac", 2, 44_100, 15_435, 0.0),
    ("adts.aac", "aac", "aac", 1, 44_100, 19 * 1024, 1024.0),
    ("alac16.m4a", "mp4", "alac", 1, 44_100, 4410, 0.0),
    ("alac24.m4a", "mp4", "alac", 2, 44_100, 1323, 0.0),
    ("opus.opus", "ogg", "opus", 2, 48_000, 16_800, 0.0),
    ("speech.opus", "ogg", "opus", 1, 48_000, 19_200, 0.0),
    ("vorbis.ogg", "ogg", "vorbis", 2, 44_100, 15_435, 0.0),
    ("oggflac.oga", "ogg", "flac", 1, 44_100, 4410, 0.0),
    ("cbr.mp3", "mp3", "mp3", 2, 44_100, 15_435, 0.0),
    ("vbr.mp3", "mp3", "mp3", 1, 44_100, 17_640, 0.0),
    ("mpeg2.mp3", "mp3", "mp3", 1, 22_050, 8820, 0.0),
    ("mpeg25.mp3", "mp3", "mp3", 1, 11_025, 4410, 0.0),
    ("layer2.mp2", "mp2", "mp2", 1, 44_100, 8 * 1152, 481.0),
];

fn put(world: &Memory) {
    ALL.iter().for_each(|row| world.put(row.0, fixture(row.0)));
}

/// The level of a tone of `step` radians a frame, and how many frames after `at` it begins.
fn tone(plane: &[f64], part: std::ops::Range<usize>, step: f64, at: f64) -> (f64, f64) {
    let phase = |n: usize| step * (n as f64 - at);
    let count = part.len() as f64;
    let sum = |by: fn(f64) -> f64| part.clone().map(|n| plane[n] * by(phase(n))).sum::<f64>() * 2.0 / count;
    let (re, im) = (sum(math::sin), sum(math::cos));
    ((re * re + im * im).sqrt(), -im / re / step)
}

#[test]
fn every_coded_file_has_its_exact_length_and_place() {
    let world = Memory::new();
    put(&world);
    let mut wrong = Vec::new();
    for &(name, format, codec, channels, rate, frames, at) in ALL {
        let info = probe(&world, Path::new(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let told = (info.format, info.codec, info.channels, info.rate.get(), info.frames);
        assert_eq!(told, (format, codec, channels, rate, frames), "{name}");
        let back = read(&mut open(&world, name)).unwrap();
        assert_eq!(back[0].len() as u64, frames, "{name}");
        let gains = if name == "alac16.m4a" { [0.45, 0.0] } else { [0.5, 0.4] };
        for (plane, (hz, gain)) in back.iter().zip([997.0, 1301.0].into_iter().zip(gains)) {
            let step = std::f64::consts::TAU * hz / f64::from(rate);
            if let Some(bits) = info.bits {
                let half = 0.5001 / f64::from(1u32 << (bits - 1)) + 1e-7;
                let worst = (0..plane.len()).map(|n| (plane[n] - gain * math::sin(step * n as f64)).abs());
                assert!(worst.fold(0.0, f64::max) <= half, "{name} is not exact");
                continue;
            }
            // where a coder has settled, and knows not yet of the end
            let settled = plane.len() / 4..plane.len() * 3 / 4;
            let (level, late) = tone(plane, settled, step, at);
            let decibels = math::to_db(level / gain);
            println!("{name}: {decibels:.3} dB, {late:.3} frames late");
            // LAME takes away .45 dB; the resampler of the Opus encoder from 16 kHz doesn't care for three frames
            let latest = if name == "speech.opus" { 3.0 } else { 0.1 };
            if decibels.abs() > 0.5 || late.abs() > latest {
                wrong.push(format!("{name}: {decibels} dB, {late} frames late"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_seek_gives_what_reading_through_gives() {
    let world = Memory::new();
    put(&world);
    let seed = Seed::of("seeks");
    for &(name, _, _, channels, _, frames, _) in ALL {
        let whole = read(&mut open(&world, name)).unwrap();
        let mut reader = open(&world, name);
        let mut block = Block::new(channels, 700);
        let ends = [frames - 1, 0, frames - 700, 1, frames / 2, frames / 2 + 3];
        let random = (0..20).map(|n| seed.bits(n) % frames);
        for from in ends.into_iter().chain(random) {
            reader.seek(from).unwrap();
            let count = reader.read(&mut block.planes(channels, 700)).unwrap();
            assert_eq!(count as u64, (frames - from).min(700), "{name}");
            for (c, plane) in whole.iter().enumerate() {
                assert_eq!(block.channel(c)[..count], plane[from as usize..][..count], "{name} at {from}");
            }
        }
        reader.seek(frames).unwrap();
        assert_eq!(reader.read(&mut block.planes(channels, 700)).unwrap(), 0);
    }
}
