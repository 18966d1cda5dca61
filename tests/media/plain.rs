//! Every encoding in every container of plain samples, laid by hand.

use std::path::Path;

use mixdown::audio::Block;
use mixdown::media::{Info, ReadError, probe};
use mixdown::units::Rate;
use mixdown::world::Memory;

use super::by_hand::*;
use super::{open, read};

/// Samples as integers of 64 bits, full scale at both ends; per channel others.
fn sound(channels: usize) -> Vec<Vec<i64>> {
    let one = |channel: i64| {
        vec![
            i64::MIN,
            i64::MAX,
            0,
            1 << 62,
            -(1 << 61),
            0x0123_4567_89AB_CDEF ^ channel << 40,
            !channel << 55,
            channel << 57,
        ]
    };
    (0..channels as i64).map(one).collect()
}

/// One sample in its bytes, big end first, and what it is worth.
type Laid = fn(i64) -> (Vec<u8>, f64);

fn integer<const N: usize>(x: i64) -> (Vec<u8>, f64) {
    let kept = x >> (64 - 8 * N);
    let full = two(8 * N as u32 - 1);
    (x.to_be_bytes()[..N].to_vec(), kept as f64 / full)
}

/// Of `valid` bits, at the top of N bytes.
fn left<const N: usize, const VALID: u32>(x: i64) -> (Vec<u8>, f64) {
    let kept = x >> (64 - VALID);
    ((kept << (64 - VALID)).to_be_bytes()[..N].to_vec(), kept as f64 / two(VALID - 1))
}

fn offset(x: i64) -> (Vec<u8>, f64) {
    let (bytes, worth) = integer::<1>(x);
    (vec![bytes[0] ^ 0x80], worth)
}

fn single(x: i64) -> (Vec<u8>, f64) {
    let worth = (x as f64 / two(62)) as f32;
    (worth.to_be_bytes().to_vec(), f64::from(worth))
}

fn double(x: i64) -> (Vec<u8>, f64) {
    let worth = x as f64 / two(62);
    (worth.to_be_bytes().to_vec(), worth)
}

/// Codes of G.711 and their worth: see the tables' own test for the rest.
fn a_law(x: i64) -> (Vec<u8>, f64) {
    let (code, worth) = if x < 0 { (0x2A, -32_256.0) } else { (0xD5, 8.0) };
    (vec![code], worth / 32_768.0)
}

fn mu_law(x: i64) -> (Vec<u8>, f64) {
    let (code, worth) = if x < 0 { (0x00, -32_124.0) } else { (0xEF, 132.0) };
    (vec![code], worth / 32_768.0)
}

/// 2 to the power of `n`.
fn two(n: u32) -> f64 {
    (1u64 << n) as f64
}

/// Interleaved bytes, and the planes that they are worth.
fn lay(channels: usize, laid: Laid, little: bool) -> (Vec<u8>, Vec<Vec<f64>>) {
    let sound = sound(channels);
    let mut bytes = Vec::new();
    for n in 0..sound[0].len() {
        for plane in &sound {
            let (mut sample, _) = laid(plane[n]);
            if little {
                sample.reverse();
            }
            bytes.extend_from_slice(&sample);
        }
    }
    (bytes, sound.iter().map(|plane| plane.iter().map(|x| laid(*x).1).collect()).collect())
}

/// Both as one file of `format` and `codec`: what is said of it, what is read, and what is read from every frame on.
fn check(what: &str, file: Vec<u8>, info: Info, expected: &[Vec<f64>]) {
    let world = Memory::new();
    world.put("x", file);
    assert_eq!(probe(&world, Path::new("x")).unwrap(), info, "{what}");
    let mut reader = open(&world, "x");
    assert_eq!(read(&mut reader).unwrap(), expected, "{what}");
    let mut block = Block::new(info.channels, 3);
    for from in [5usize, 0, 7, 3, 8] {
        reader.seek(from as u64).unwrap();
        let frames = reader.read(&mut block.planes(info.channels, 3)).unwrap();
        assert_eq!(frames, 3.min(8 - from), "{what}");
        for (channel, plane) in expected.iter().enumerate() {
            assert_eq!(block.channel(channel)[..frames], plane[from..from + frames], "{what} from {from}");
        }
    }
}

fn info(format: &'static str, codec: &'static str, channels: usize, bits: Option<u32>, lossless: bool) -> Info {
    Info { format, codec, channels, rate: Rate::CD, frames: 8, bits, lossless, mask: None }
}

/// Samples, format tag, bits, bytes of each, codec, bits that are told.
type InWav = (Laid, u16, u16, u16, &'static str, Option<u32>);

#[test]
fn every_wav() {
    let cases: &[InWav] = &[
        (offset, 1, 8, 1, "pcm_u8", Some(8)),
        (integer::<2>, 1, 16, 2, "pcm_s16le", Some(16)),
        (integer::<3>, 1, 24, 3, "pcm_s24le", Some(24)),
        (integer::<4>, 1, 32, 4, "pcm_s32le", Some(32)),
        (integer::<8>, 1, 64, 8, "pcm_s64le", Some(64)),
        (left::<2, 12>, 1, 12, 2, "pcm_s16le", Some(12)),
        (left::<3, 20>, 1, 20, 3, "pcm_s24le", Some(20)),
        (left::<4, 24>, 1, 24, 4, "pcm_s32le", Some(24)),
        (single, 3, 32, 4, "pcm_f32le", None),
        (double, 3, 64, 8, "pcm_f64le", None),
        (a_law, 6, 8, 1, "pcm_alaw", None),
        (mu_law, 7, 8, 1, "pcm_mulaw", None),
    ];
    for (laid, tag, bits, each, codec, valid) in cases {
        for channels in [1u16, 2, 6, 16] {
            let (data, planes) = lay(channels.into(), *laid, true);
            let expected = info("wav", codec, channels.into(), *valid, !codec.ends_with("law"));
            let fmt = fmt_of(*tag, channels, 44_100, *bits, channels * each);
            let file = riff(b"RIFF", &[(b"fmt ", None, fmt.clone()), (b"data", None, data.clone())]);
            check(&format!("{codec} {bits} {channels}"), file, expected.clone(), &planes);

            let long = [
                (b"ds64", None, ds64(data.len() as u64, 8)),
                (b"JUNK", None, vec![1; 28]),
                (b"fmt ", None, fmt.clone()),
                (b"data", Some(u32::MAX), data.clone()),
                (b"LIST", None, b"INFOISFT\x04\0\0\0abc\0".to_vec()),
            ];
            for magic in [b"RF64", b"BW64"] {
                check(&format!("RF64 {codec}"), riff(magic, &long), expected.clone(), &planes);
            }
            let chunks = [(b"fact", None, vec![8; 8]), (b"fmt ", None, fmt.clone()), (b"data", None, data.clone())];
            let in_w64 = Info { format: "w64", ..expected.clone() };
            check(&format!("Wave64 {codec}"), w64(&chunks), in_w64.clone(), &planes);

            let container = each * 8;
            let fmt = extensible(*tag, channels, 44_100, container, *bits, 0x3);
            let masked = Info { mask: Some(3), ..expected.clone() };
            let file = riff(b"RIFF", &[(b"fmt ", None, fmt.clone()), (b"data", None, data.clone())]);
            check(&format!("extensible {codec} {bits}"), file, masked, &planes);
            let chunks = [(b"fmt ", None, fmt), (b"data", None, data)];
            check("extensible Wave64", w64(&chunks), Info { mask: Some(3), ..in_w64 }, &planes);

            let (data, planes) = lay(channels.into(), *laid, false);
            let codec = match *codec {
                "pcm_s16le" => "pcm_s16be",
                "pcm_s24le" => "pcm_s24be",
                "pcm_s32le" => "pcm_s32be",
                "pcm_s64le" => "pcm_s64be",
                "pcm_f32le" => "pcm_f32be",
                "pcm_f64le" => "pcm_f64be",
                same => same,
            };
            let file = rifx(fmt_of(*tag, channels, 44_100, *bits, channels * each), &data);
            check(&format!("RIFX {codec}"), file, Info { codec, ..expected }, &planes);
        }
    }
}

/// Samples, compression type, bits, whether the little end comes first, codec, bits that are told.
type InAiff = (Laid, Option<&'static [u8; 4]>, u16, bool, &'static str, Option<u32>);

#[test]
fn every_aiff() {
    let cases: &[InAiff] = &[
        (integer::<1>, None, 8, false, "pcm_s8", Some(8)),
        (left::<2, 12>, None, 12, false, "pcm_s16be", Some(12)),
        (integer::<2>, None, 16, false, "pcm_s16be", Some(16)),
        (left::<3, 20>, None, 20, false, "pcm_s24be", Some(20)),
        (integer::<3>, None, 24, false, "pcm_s24be", Some(24)),
        (integer::<4>, None, 32, false, "pcm_s32be", Some(32)),
        (integer::<2>, Some(b"NONE"), 16, false, "pcm_s16be", Some(16)),
        (integer::<3>, Some(b"twos"), 24, false, "pcm_s24be", Some(24)),
        (integer::<1>, Some(b"sowt"), 8, true, "pcm_s8", Some(8)),
        (integer::<2>, Some(b"sowt"), 16, true, "pcm_s16le", Some(16)),
        (integer::<3>, Some(b"sowt"), 24, true, "pcm_s24le", Some(24)),
        (integer::<4>, Some(b"sowt"), 32, true, "pcm_s32le", Some(32)),
        (offset, Some(b"raw "), 8, false, "pcm_u8", Some(8)),
        // QuickTime writes 16 bits beside types that are not of 16
        (integer::<3>, Some(b"in24"), 16, false, "pcm_s24be", Some(24)),
        (integer::<4>, Some(b"in32"), 32, false, "pcm_s32be", Some(32)),
        (integer::<3>, Some(b"42n1"), 24, true, "pcm_s24le", Some(24)),
        (integer::<4>, Some(b"23ni"), 32, true, "pcm_s32le", Some(32)),
        (single, Some(b"fl32"), 32, false, "pcm_f32be", None),
        (single, Some(b"FL32"), 16, false, "pcm_f32be", None),
        (double, Some(b"fl64"), 64, false, "pcm_f64be", None),
        (double, Some(b"FL64"), 16, false, "pcm_f64be", None),
        (a_law, Some(b"alaw"), 8, false, "pcm_alaw", None),
        (a_law, Some(b"ALAW"), 16, false, "pcm_alaw", None),
        (mu_law, Some(b"ulaw"), 8, false, "pcm_mulaw", None),
        (mu_law, Some(b"ULAW"), 16, false, "pcm_mulaw", None),
    ];
    for (laid, kind, bits, little, codec, valid) in cases {
        for channels in [1, 2, 6, 16] {
            let (data, planes) = lay(channels, *laid, *little);
            let comm = comm(channels as u16, 8, *bits, 44_100.0, *kind);
            let form = if kind.is_some() { b"AIFC" } else { b"AIFF" };
            let expected = info("aiff", codec, channels, *valid, !codec.ends_with("law"));
            for before in [0, 6] {
                let sound = (b"SSND", None, ssnd(before, &data));
                let name = (b"NAME", None, b"odd".to_vec());
                let file = aiff(form, &[name, (b"COMM", None, comm.clone()), sound.clone()]);
                check(&format!("{codec} {bits} {channels} {before}"), file, expected.clone(), &planes);
                // the sound may come first
                let file = aiff(form, &[sound, (b"COMM", None, comm.clone())]);
                check(&format!("{codec} {bits} {channels} {before}"), file, expected.clone(), &planes);
            }
        }
    }
}

/// Samples, format, flags, bytes of each, bits, codec, bits that are told.
type InCaf = (Laid, &'static [u8; 4], u32, u32, u32, &'static str, Option<u32>);

#[test]
fn every_caf_and_au() {
    let cases: &[InCaf] = &[
        (integer::<1>, b"lpcm", 0, 1, 8, "pcm_s8", Some(8)),
        (integer::<2>, b"lpcm", 0, 2, 16, "pcm_s16be", Some(16)),
        (integer::<3>, b"lpcm", 0, 3, 24, "pcm_s24be", Some(24)),
        (left::<3, 20>, b"lpcm", 0, 3, 20, "pcm_s24be", Some(20)),
        (left::<4, 24>, b"lpcm", 0, 4, 24, "pcm_s32be", Some(24)),
        (integer::<4>, b"lpcm", 0, 4, 32, "pcm_s32be", Some(32)),
        (integer::<8>, b"lpcm", 0, 8, 64, "pcm_s64be", Some(64)),
        (integer::<2>, b"lpcm", 2, 2, 16, "pcm_s16le", Some(16)),
        (integer::<3>, b"lpcm", 2, 3, 24, "pcm_s24le", Some(24)),
        (integer::<4>, b"lpcm", 2, 4, 32, "pcm_s32le", Some(32)),
        (single, b"lpcm", 1, 4, 32, "pcm_f32be", None),
        (double, b"lpcm", 1, 8, 64, "pcm_f64be", None),
        (single, b"lpcm", 3, 4, 32, "pcm_f32le", None),
        (double, b"lpcm", 3, 8, 64, "pcm_f64le", None),
        (a_law, b"alaw", 0, 1, 8, "pcm_alaw", None),
        (mu_law, b"ulaw", 0, 1, 8, "pcm_mulaw", None),
    ];
    for (laid, kind, flags, each, bits, codec, valid) in cases {
        for channels in [1u32, 2, 6, 16] {
            let (data, planes) = lay(channels as usize, *laid, flags & 2 != 0);
            let expected = info("caf", codec, channels as usize, *valid, !codec.ends_with("law"));
            let desc = desc(44_100.0, kind, *flags, each * channels, 1, channels, *bits);
            let free = (b"free", None, vec![7; 13]);
            for size in [None, Some(-1), Some(0)] {
                let chunks = [(b"desc", None, desc.clone()), free.clone(), (b"data", size, edited(&data))];
                check(&format!("{codec} {channels} {size:?}"), caf(&chunks), expected.clone(), &planes);
            }
        }
    }
    let cases: &[(Laid, u32, &'static str, Option<u32>)] = &[
        (mu_law, 1, "pcm_mulaw", None),
        (integer::<1>, 2, "pcm_s8", Some(8)),
        (integer::<2>, 3, "pcm_s16be", Some(16)),
        (integer::<3>, 4, "pcm_s24be", Some(24)),
        (integer::<4>, 5, "pcm_s32be", Some(32)),
        (single, 6, "pcm_f32be", None),
        (double, 7, "pcm_f64be", None),
        (a_law, 27, "pcm_alaw", None),
    ];
    for (laid, encoding, codec, valid) in cases {
        for channels in [1, 2, 16] {
            let (data, planes) = lay(channels, *laid, false);
            let expected = info("au", codec, channels, *valid, !codec.ends_with("law"));
            for size in [None, Some(u32::MAX), Some(0)] {
                let file = au(*encoding, 44_100, channels as u32, size, &data);
                check(&format!("{codec} {channels} {size:?}"), file, expected.clone(), &planes);
            }
        }
    }
}

/// A rate between two hertz is the nearer one; what is no rate is refused as what it says.
#[test]
fn rates_are_whole_hertz() {
    let world = Memory::new();
    let in_aiff =
        |rate: f64| aiff(b"AIFF", &[(b"COMM", None, comm(1, 1, 16, rate, None)), (b"SSND", None, ssnd(0, &[1, 2]))]);
    let in_caf =
        |rate: f64| caf(&[(b"desc", None, desc(rate, b"lpcm", 0, 2, 1, 1, 16)), (b"data", None, edited(&[1, 2]))]);
    for make in [&in_aiff as &dyn Fn(f64) -> Vec<u8>, &in_caf] {
        for (rate, read) in [
            (44_056.4, Ok(44_056)),
            (22_254.545_454_545_456, Ok(22_255)),
            (7_999.4, Err(7_999)),
            (7_999.5, Ok(8_000)),
            (384_000.4, Ok(384_000)),
            (384_001.0, Err(384_001)),
            (1e30, Err(u32::MAX)),
            (1e-30, Err(0)),
        ] {
            world.put("x", make(rate));
            match (probe(&world, Path::new("x")), read) {
                (Ok(info), Ok(rate)) => assert_eq!(info.rate.get(), rate),
                (Err(ReadError::Rate(hz)), Err(rate)) => assert_eq!(hz, rate),
                (found, _) => panic!("{rate}: {found:?}"),
            }
        }
    }
    world.put("x", in_caf(f64::NAN));
    assert!(matches!(probe(&world, Path::new("x")), Err(ReadError::Rate(0))));
}

/// The one list of what can be read, wherever it is told.
#[test]
fn documents_name_what_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["README.md", "docs/language.md"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(words.join(" ").contains(mixdown::media::READABLE), "{file} names other formats");
    }
}
