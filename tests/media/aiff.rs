//! AIFF as it is written, taken apart chunk by chunk.

use std::path::Path;

use mixdown::media::WriteError;
use mixdown::media::writer::{self, About, Format, Mark, Samples, Spec};
use mixdown::units::Rate;
use mixdown::world::{Memory, World};

use super::{FRAMES, ints, spec, write};

/// The form's kind and its chunks; sizes and padding must fill the file.
fn chunks(bytes: &[u8]) -> (String, Vec<(String, Vec<u8>)>) {
    let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let name = |at: usize| String::from_utf8(bytes[at..at + 4].to_vec()).unwrap();
    assert_eq!((name(0).as_str(), word(4)), ("FORM", bytes.len() - 8));
    let (mut at, mut all) = (12, Vec::new());
    while at < bytes.len() {
        let size = word(at + 4);
        all.push((name(at), bytes[at + 8..at + 8 + size].to_vec()));
        at += 8 + size + size % 2;
    }
    assert_eq!(at, bytes.len(), "chunks up to its end");
    (name(8), all)
}

#[test]
fn it_holds_what_was_written_the_highest_byte_first() {
    let world = Memory::new();
    for (bits, channels) in [(16, 1), (16, 2), (24, 1), (24, 2), (24, 5), (32, 1), (32, 2)] {
        // an odd number of bytes too
        for frames in [FRAMES, 3, 2, 1] {
            let planes = ints(channels, bits.min(24), frames);
            let spec = Spec { frames: frames as u64, ..spec(Format::Aiff, bits, channels) };
            let once = write(&world, "x.aiff", spec, &planes);
            assert_eq!(once, write(&world, "x.aiff", spec, &planes), "the same bytes again");
            let (kind, chunks) = chunks(&world.get("x.aiff").unwrap());
            let names: Vec<&str> = chunks.iter().map(|chunk| chunk.0.as_str()).collect();
            let common = &chunks[names.iter().position(|name| *name == "COMM").unwrap()].1;
            let mut expected = vec![0, channels as u8];
            expected.extend((frames as u32).to_be_bytes());
            expected.extend([0, bits as u8, 0x40, 0x0E, 0xBB, 0x80, 0, 0, 0, 0, 0, 0]);
            if bits == 32 {
                assert_eq!((kind.as_str(), &names[..]), ("AIFC", &["FVER", "COMM", "SSND"][..]));
                assert_eq!(chunks[0].1, [0xA2, 0x80, 0x51, 0x40]);
                expected.extend(b"fl32\x1532-bit floating point");
            } else {
                assert_eq!((kind.as_str(), &names[..]), ("AIFF", &["COMM", "SSND"][..]));
            }
            assert_eq!(*common, expected);
            let sound = &chunks[names.len() - 1].1;
            assert_eq!(sound[..8], [0; 8]);
            let back: Vec<i32> = sound[8..]
                .chunks(bits as usize / 8)
                .map(|b| match *b {
                    [a, b] => i32::from(i16::from_be_bytes([a, b])),
                    [a, b, c] => i32::from_be_bytes([a, b, c, 0]) >> 8,
                    [a, b, c, d] => (f32::from_be_bytes([a, b, c, d]) * 8_388_608.0) as i32,
                    _ => panic!("{b:?}"),
                })
                .collect();
            let given = (0..frames).flat_map(|n| planes.iter().map(move |plane| plane[n]));
            assert!(given.eq(back), "{bits} bits, {channels} channels, {frames} frames");
        }
    }
}

#[test]
fn places_have_names() {
    let world = Memory::new();
    let spec = Spec { frames: 10, ..spec(Format::Aiff, 16, 1) };
    let mut writer = writer::create(world.create(Path::new("m.aif")).unwrap(), spec).unwrap();
    let mark = |frame, text: &str| Mark { frame, text: text.into(), chapter: false };
    let marks = vec![mark(0, "Salz & Süd"), mark(7, "late")];
    writer.describe(&About { marks, ..About::default() }).unwrap();
    writer.write(Samples::Int(&[&[1; 10]])).unwrap();
    writer.finish().unwrap();
    let (_, chunks) = chunks(&world.get("m.aif").unwrap());
    let marks = &chunks.iter().find(|chunk| chunk.0 == "MARK").unwrap().1;
    let mut expected = vec![0, 2, 0, 1, 0, 0, 0, 0, 11];
    expected.extend("Salz & Süd".bytes());
    expected.extend([0, 2, 0, 0, 0, 7, 4]);
    expected.extend(b"late\0");
    assert_eq!(*marks, expected);
}

#[test]
fn what_is_too_long_is_known_before_there_is_sound() {
    let spec = |bits, frames| Spec { format: Format::Aiff, bits, channels: 2, rate: Rate::CD, frames, compression: 5 };
    assert!(writer::check(&spec(24, 715_000_000)).is_ok());
    for (bits, frames) in [(24, 716_000_000), (16, 1 << 30), (32, 1 << 29), (16, u64::MAX)] {
        assert!(matches!(writer::check(&spec(bits, frames)), Err(WriteError::Unsupported(_))), "{frames}");
        assert!(writer::check(&Spec { format: Format::Wav, frames: frames.min(1 << 40), ..spec(bits, 0) }).is_ok());
    }
}
