//! FLAC as it is written: whatever the sound, what is decoded is what was given, and the bytes are always the same ones.

use std::path::Path;

use mixdown::audio::rng::Seed;
use mixdown::media::writer::{self, Format, Samples, Spec};
use mixdown::units::Rate;
use mixdown::world::{Memory, World};
use proptest::prelude::*;

use super::{ints, open, read};

/// Sounds that try an encoder's corners.
#[derive(Clone, Copy, Debug)]
enum Sound {
    Silence,
    Constant,
    Noise,
    Square,
    Impulse,
    /// Lowest bits that are 0 in all samples.
    Wasted,
    /// The same but for a bit, so that a side is nearly nothing.
    Tone,
    /// Silence and full scale within one block.
    Bursts,
}

const SOUNDS: [Sound; 8] = [
    Sound::Silence,
    Sound::Constant,
    Sound::Noise,
    Sound::Square,
    Sound::Impulse,
    Sound::Wasted,
    Sound::Tone,
    Sound::Bursts,
];

fn made(sound: Sound, bits: u32, frames: usize, seed: u64) -> Vec<i32> {
    let (low, high) = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1);
    let seed = Seed::new(seed);
    let noise = |n: usize| (seed.bits(n as i64) >> (64 - bits)) as i32 + low;
    let one = |n: usize| match sound {
        Sound::Silence => 0,
        Sound::Constant => noise(0),
        Sound::Noise => noise(n),
        Sound::Square => [low, high][n / (1 + seed.bits(0) as usize % 90) % 2],
        Sound::Impulse => [0, low][usize::from(n == frames / 2)],
        Sound::Wasted => noise(n) >> 9 << 7,
        Sound::Tone => (mixdown::audio::math::sin(n as f64 * 0.02) * f64::from(high)) as i32 ^ (noise(n) & 1),
        Sound::Bursts => [0, noise(n)][n / 700 % 2],
    };
    (0..frames).map(one).collect()
}

fn written(world: &Memory, bits: u32, compression: u8, planes: &[Vec<i32>]) -> Vec<u8> {
    let frames = planes[0].len() as u64;
    let spec = Spec {
        format: Format::Flac,
        bits,
        channels: planes.len(),
        rate: Rate::new(44_100).unwrap(),
        frames,
        compression,
    };
    let mut writer = writer::create(world.create(Path::new("x.flac")).unwrap(), spec).unwrap();
    let all: Vec<&[i32]> = planes.iter().map(|p| &p[..]).collect();
    writer.write(Samples::Int(&all)).unwrap();
    writer.finish().unwrap();
    world.get("x.flac").unwrap().to_vec()
}

fn comes_back(bits: u32, compression: u8, planes: &[Vec<i32>]) {
    let world = Memory::new();
    let size = written(&world, bits, compression, planes).len();
    let frames = planes[0].len();
    let heads = 42 + frames.div_ceil(4096) * (18 + planes.len());
    assert!(size <= frames * planes.len() * bits as usize / 8 + heads, "{size} bytes");
    let full = f64::from(1u32 << (bits - 1));
    let back = read(&mut open(&world, "x.flac")).unwrap();
    assert_eq!(back.len(), planes.len());
    for (plane, back) in planes.iter().zip(&back) {
        assert_eq!(plane.len(), back.len());
        assert!(plane.iter().map(|x| f64::from(*x) / full).eq(back.iter().copied()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_encoded_is_decoded(
        sounds in prop::collection::vec(prop::sample::select(&SOUNDS[..]), 8),
        channels in prop::sample::select(&[1usize, 2, 2, 2, 6, 8][..]),
        bits in prop::sample::select(&[16u32, 24][..]),
        frames in prop_oneof![1usize..40, 1usize..5000, 4094usize..4100],
        compression in 0u8..=8,
        seed in any::<u64>(),
        same in any::<bool>(),
    ) {
        let planes: Vec<Vec<i32>> = (0..channels as u64)
            .map(|c| made(sounds[c as usize], bits, frames, if same { seed } else { seed.wrapping_add(c) }))
            .collect();
        comes_back(bits, compression, &planes);
    }
}

#[test]
fn every_sound_comes_back_at_every_level() {
    for (index, sound) in SOUNDS.into_iter().enumerate() {
        for compression in 0..=8 {
            for bits in [16, 24] {
                let [left, right] = [1, 2].map(|seed| made(sound, bits, 4500, seed + index as u64));
                comes_back(bits, compression, &[left.clone(), right]);
                comes_back(bits, compression, &[left.clone(), left]);
            }
        }
    }
}

/// A mono sound on two channels takes hardly more than on one, 16 bits in 24 no more than in 16.
#[test]
fn what_is_there_twice_or_not_at_all_costs_nothing() {
    let world = Memory::new();
    let mono = ints(1, 16, 20_000).remove(0);
    let wide: Vec<i32> = mono.iter().map(|x| x << 8).collect();
    for compression in [1, 2, 4, 5, 6, 7, 8] {
        let one = written(&world, 16, compression, std::slice::from_ref(&mono)).len();
        let two = written(&world, 16, compression, &[mono.clone(), mono.clone()]).len();
        assert!(two < one + 100, "level {compression}: {one} {two}");
        let deep = written(&world, 24, compression, &[wide.clone(), wide.clone()]).len();
        assert!(deep < two + 300, "level {compression}: {two} {deep}");
    }
    let silence = written(&world, 24, 0, &[vec![0; 40_960], vec![0; 40_960]]).len();
    assert!(silence < 42 + 10 * 20, "{silence}");
}

#[test]
fn a_higher_level_makes_no_larger_file() {
    let world = Memory::new();
    let planes = ints(2, 24, 40_000);
    let sizes: Vec<usize> = (0..=8).map(|level| written(&world, 24, level, &planes).len()).collect();
    // 3 looks at left and right alone, as 0 does; what is estimated may be wrong, by little
    for (low, high) in [(0, 1), (1, 2), (0, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8)] {
        assert!(sizes[high] as f64 <= sizes[low] as f64 * 1.004, "{low} to {high}: {sizes:?}");
    }
    assert!(sizes[5] < sizes[0]);
}

/// What STREAMINFO says of frames and samples is true.
#[test]
fn streaminfo_knows_the_sizes_of_all_frames() {
    let world = Memory::new();
    let bytes = written(&world, 16, 5, &ints(2, 16, 10_000));
    let three = |at: usize| u32::from_be_bytes([0, bytes[at], bytes[at + 1], bytes[at + 2]]) as usize;
    assert_eq!(bytes[8..12], [0x10, 0, 0x10, 0]);
    // where frames begin: the head of each has its number
    let heads = (0..3u8).map(|number| {
        let begins = |w: &[u8]| w[..2] == [0xFF, 0xF8] && w[2] & 0x0F == 9 && w[4] == number;
        42 + bytes[42..].windows(5).position(begins).unwrap()
    });
    let mut heads: Vec<usize> = heads.collect();
    heads.push(bytes.len());
    let sizes: Vec<usize> = heads.windows(2).map(|w| w[1] - w[0]).collect();
    assert_eq!((three(12), three(15)), (*sizes.iter().min().unwrap(), *sizes.iter().max().unwrap()), "{sizes:?}");
    // the MD5 of nothing, as RFC 1321 has it; `flac -t` in the peers' tests looks at others
    let empty = written(&world, 16, 5, &[vec![], vec![]]);
    let digest: String = empty[26..42].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((digest.as_str(), empty.len()), ("d41d8cd98f00b204e9800998ecf8427e", 42));
}

/// The same bytes on every machine: another hash is another sound or another encoder, and then [`Spec`]'s readers must know.
#[test]
fn the_bytes_are_these() {
    let world = Memory::new();
    let found: Vec<String> = [0u8, 2, 3, 5, 8]
        .into_iter()
        .flat_map(|level| [(16, 1), (24, 2)].map(|(bits, channels)| (level, bits, channels)))
        .map(|(level, bits, channels)| {
            let bytes = written(&world, bits, level, &ints(channels, bits, 10_000));
            format!("{level} {bits} {channels} {} {}", bytes.len(), &blake3::hash(&bytes).to_hex()[..16])
        })
        .collect();
    assert_eq!(found, GOLDEN, "{found:#?}");
}

const GOLDEN: [&str; 10] = [
    "0 16 1 13931 681a664052b9d76e",
    "0 24 2 47794 231bef2fa93fbb4a",
    "2 16 1 13931 681a664052b9d76e",
    "2 24 2 47784 4c26fa5d4514945b",
    "3 16 1 12864 dbe8b3c8c21d22a7",
    "3 24 2 45694 f6dd0229fa4d323f",
    "5 16 1 12738 7e2580995e3735aa",
    "5 24 2 45435 cc77fdf68c16c4c6",
    "8 16 1 12620 30836d1b54b192ce",
    "8 24 2 45201 423b65c8f38f50df",
];
