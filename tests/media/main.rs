//! Files in and out: every format against an independent reader or writer, or against bytes laid by hand, and against broken bytes.

mod aiff;
mod broken;
mod by_hand;
mod cells;
mod coded;
mod defects;
mod flac;
mod formats;
mod mp4;
mod ogg;
mod plain;

use std::path::Path;

use mixdown::audio::{Block, math};
use mixdown::media::writer::{self, Finished, Format, Samples, Spec};
use mixdown::media::{ReadError, Reader, seal};
use mixdown::units::Rate;
use mixdown::world::{Memory, World};

const FRAMES: usize = 10_007;

/// A tone and some noise, per channel its own, as integers of `bits`.
fn ints(channels: usize, bits: u32, frames: usize) -> Vec<Vec<i32>> {
    let full = f64::from(1u32 << (bits - 1));
    let one = |channel: usize, n: usize| {
        let seed = mixdown::audio::rng::Seed::of("media").with(channel as u64);
        let tone = math::sin(n as f64 * (0.05 + 0.01 * channel as f64)) * 0.7 + seed.bipolar(n as i64) * 0.01;
        match n {
            3 => -full as i32,
            4 => (full - 1.0) as i32,
            _ => (tone * full) as i32,
        }
    };
    (0..channels).map(|channel| (0..frames).map(|n| one(channel, n)).collect()).collect()
}

fn write(world: &Memory, path: &str, spec: Spec, planes: &[Vec<i32>]) -> Finished {
    let mut writer = writer::create(world.create(Path::new(path)).unwrap(), spec).unwrap();
    let mut at = 0;
    for step in [1, 4095, 3, 5000].into_iter().cycle() {
        let to = (at + step).min(planes[0].len());
        let floats: Vec<Vec<f32>> =
            planes.iter().map(|p| p[at..to].iter().map(|x| *x as f32 / 8_388_608.0).collect()).collect();
        let ints: Vec<&[i32]> = planes.iter().map(|p| &p[at..to]).collect();
        let float_refs: Vec<&[f32]> = floats.iter().map(|p| &p[..]).collect();
        let block = if spec.bits == 32 { Samples::Float(&float_refs) } else { Samples::Int(&ints) };
        writer.write(block).unwrap();
        at = to;
        if at == planes[0].len() {
            break;
        }
    }
    let finished = writer.finish().unwrap();
    let bytes = world.get(path).unwrap();
    assert_eq!(finished.bytes, bytes.len() as u64);
    assert_eq!(finished.hash, blake3::hash(&bytes).to_hex().to_string());
    assert_eq!(seal(world, Path::new(path), &|| false), Some(finished.seal));
    finished
}

/// All of a file, in pieces of an awkward size.
fn read(reader: &mut Reader) -> Result<Vec<Vec<f64>>, ReadError> {
    let channels = reader.info().channels;
    let mut planes = vec![Vec::new(); channels];
    let mut block = Block::new(channels, 1013);
    loop {
        let frames = reader.read(&mut block.planes(channels, 1013))?;
        if frames == 0 {
            return Ok(planes);
        }
        planes.iter_mut().enumerate().for_each(|(c, plane)| plane.extend_from_slice(&block.channel(c)[..frames]));
    }
}

/// A small coded file.
fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sound");
    std::fs::read(folder.join(name)).unwrap()
}

fn open(world: &Memory, path: &str) -> Reader {
    Reader::open(world, Path::new(path), false).unwrap()
}

fn spec(format: Format, bits: u32, channels: usize) -> Spec {
    Spec { format, bits, channels, rate: Rate::STUDIO, frames: FRAMES as u64, compression: 5 }
}
