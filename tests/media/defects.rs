//! Headers of plain files that are wrong in one thing, each by hand: what is read in spite of it, and what is said where nothing can be.

use std::path::Path;

use mixdown::media::{ReadError, Reader, probe};
use mixdown::world::Memory;

use super::by_hand::*;
use super::{open, read};

const SOUND: [u8; 8] = [0, 0x40, 0, 0xC0, 0, 0x20, 0, 0xE0];
/// [`SOUND`] as 16-bit integers, little end first.
const WORTH: [f64; 4] = [0.5, -0.5, 0.25, -0.25];

fn big() -> Vec<u8> {
    SOUND.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect()
}

fn mono() -> Chunk<'static> {
    (b"fmt ", None, fmt(1, 1, 44_100, 16))
}

fn data(size: Option<u32>) -> Chunk<'static> {
    (b"data", size, SOUND.to_vec())
}

fn sound_of(file: Vec<u8>) -> Vec<f64> {
    let world = Memory::new();
    world.put("x", file);
    read(&mut open(&world, "x")).unwrap().remove(0)
}

fn error_of(file: Vec<u8>) -> ReadError {
    let world = Memory::new();
    world.put("x", file);
    probe(&world, Path::new("x")).unwrap_err()
}

fn one_comm(frames: u32) -> Chunk<'static> {
    (b"COMM", None, comm(1, frames, 16, 44_100.0, None))
}

fn one_desc() -> (&'static [u8; 4], Option<i64>, Vec<u8>) {
    (b"desc", None, desc(44_100.0, b"lpcm", 2, 2, 1, 1, 16))
}

/// ffmpeg, sox and libsndfile read the sound up to the end of the file where its size was never filled in.
#[test]
fn what_a_recorder_that_died_has_written_is_read() {
    for size in [Some(0), Some(u32::MAX), Some(0x7FFF_F000)] {
        assert_eq!(sound_of(riff(b"RIFF", &[mono(), data(size)])), WORTH, "{size:?}");
    }
    for size in [Some(0), Some(u32::MAX)] {
        assert_eq!(sound_of(riff(b"RF64", &[mono(), data(size)])), WORTH, "no ds64, {size:?}");
        assert_eq!(sound_of(riff(b"BW64", &[(b"ds64", None, ds64(0, 0)), mono(), data(size)])), WORTH, "{size:?}");
        // where ds64 knows, it is believed
        assert_eq!(sound_of(riff(b"RF64", &[(b"ds64", None, ds64(6, 3)), mono(), data(size)])), WORTH[..3]);
    }
    for size in [0, 23, 24, i64::MAX as u64, u64::MAX] {
        let chunks = [(b"fmt ", None, fmt(1, 1, 44_100, 16)), (b"data", Some(size), SOUND.to_vec())];
        assert_eq!(sound_of(w64(&chunks)), WORTH, "{size}");
    }
    for (frames, size) in [(0, 0), (4, 0), (4, u32::MAX), (0x3F80_0000, 0x7F00_0008)] {
        let file = aiff(b"AIFF", &[one_comm(frames), (b"SSND", Some(size), ssnd(0, &big()))]);
        assert_eq!(sound_of(file), WORTH, "{frames} frames, {size} bytes");
    }
    // a common chunk that knows how far the sound goes
    let trailing = [one_comm(3), (b"SSND", Some(0), ssnd(0, &big())), (b"NAME", None, b"no sound".to_vec())];
    assert_eq!(sound_of(aiff(b"AIFF", &trailing)), WORTH[..3]);
    // bytes of a frame that is not whole are none
    let mut half = riff(b"RIFF", &[mono(), data(Some(0))]);
    half.push(1);
    assert_eq!(sound_of(half), WORTH);
}

/// Nothing was recorded, and other chunks follow: they are no sound.
#[test]
fn an_empty_file_is_empty() {
    let list = (b"LIST", None, b"INFOISFT\x04\0\0\0abc\0".to_vec());
    assert!(matches!(error_of(riff(b"RIFF", &[mono(), (b"data", None, vec![]), list])), ReadError::Empty));
    let chunks = [(b"fmt ", None, fmt(1, 1, 44_100, 16)), (b"data", None, vec![]), (b"junk", None, vec![1; 16])];
    assert!(matches!(error_of(w64(&chunks)), ReadError::Empty));
    assert!(matches!(error_of(aiff(b"AIFF", &[one_comm(0)])), ReadError::Empty));
    assert!(matches!(error_of(aiff(b"AIFF", &[one_comm(0), (b"SSND", None, ssnd(0, &[]))])), ReadError::Empty));
    assert!(matches!(error_of(caf(&[one_desc(), (b"data", None, edited(&[]))])), ReadError::Empty));
    assert!(matches!(error_of(au(3, 44_100, 1, None, &[])), ReadError::Empty));
    assert!(matches!(error_of(au(3, 44_100, 1, None, &[1])), ReadError::Empty));
}

#[test]
fn chunks_before_the_sound_are_passed_over_even_where_their_padding_is_forgotten() {
    let before: [Chunk<'_>; 5] = [
        (b"JUNK", None, vec![0; 27]),
        (b"bext", None, vec![b'x'; 603]),
        (b"LIST", None, b"INFOISFT\x03\0\0\0abc".to_vec()),
        (b"iXML", None, b"<BWFXML/>".to_vec()),
        (b"none", None, b"nobody knows this".to_vec()),
    ];
    let chunks: Vec<Chunk<'_>> = before.iter().cloned().chain([mono(), data(None)]).collect();
    assert_eq!(sound_of(riff(b"RIFF", &chunks)), WORTH);
    assert_eq!(sound_of(riff_unpadded(&chunks)), WORTH);
    // a text that looks like a chunk inside another is none
    let inside = [(b"LIST", None, b"xxxdata\0\0\0\x04".to_vec()), mono(), data(None)];
    assert_eq!(sound_of(riff(b"RIFF", &inside)), WORTH);
    let chunks = [(b"NAME", None, b"odd".to_vec()), one_comm(4), (b"SSND", None, ssnd(0, &big()))];
    assert_eq!(sound_of(aiff(b"AIFF", &chunks)), WORTH);
    assert_eq!(sound_of(aiff_unpadded(&chunks)), WORTH);
    // the fmt chunk behind the sound
    assert_eq!(sound_of(riff(b"RIFF", &[data(None), mono()])), WORTH);
}

#[test]
fn a_file_of_any_kind_that_ends_early_says_by_how_much() {
    let many: Vec<u8> = (0..100).map(|n| n as u8).collect();
    let fmt = || (b"fmt ", None, fmt(1, 2, 44_100, 16));
    let long = |data: &[u8]| {
        riff(
            b"RF64",
            &[
                (b"ds64", None, ds64(100, 25)),
                (b"fmt ", None, self::fmt(1, 2, 44_100, 16)),
                (b"data", Some(u32::MAX), data.to_vec()),
            ],
        )
    };
    let stereo = (b"COMM", None, comm(2, 25, 16, 44_100.0, None));
    let files = [
        riff(b"RIFF", &[fmt(), (b"data", None, many.clone())]),
        long(&many),
        w64(&[(b"fmt ", None, self::fmt(1, 2, 44_100, 16)), (b"data", None, many.clone())]),
        aiff(b"AIFF", &[stereo, (b"SSND", None, ssnd(0, &many))]),
        caf(&[(b"desc", None, desc(44_100.0, b"lpcm", 2, 4, 1, 2, 16)), (b"data", None, edited(&many))]),
        au(3, 44_100, 2, None, &many),
    ];
    let world = Memory::new();
    for file in files {
        let name = String::from_utf8_lossy(&file[..4]).into_owned();
        let end = file.windows(4).rposition(|bytes| bytes == [96, 97, 98, 99]).unwrap() + 4;
        world.put("whole", file[..end].to_vec());
        let whole = read(&mut open(&world, "whole")).unwrap();
        assert_eq!(whole[1].len(), 25, "{name}");
        for missing in [1, 4, 50, 97, 100] {
            world.put("cut", file[..end - missing].to_vec());
            let left = (100 - missing) / 4;
            match probe(&world, Path::new("cut")) {
                Err(ReadError::Truncated { expected: 25, found }) => assert_eq!(found, left as u64, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
            let reader = Reader::open(&world, Path::new("cut"), true);
            if left == 0 {
                assert!(matches!(reader.map(|_| ()), Err(ReadError::Empty)), "{name}");
                continue;
            }
            let mut reader = reader.unwrap();
            assert_eq!(reader.info().frames, left as u64, "{name}");
            let back = read(&mut reader).unwrap();
            assert_eq!((&back[0], &back[1]), (&whole[0][..left].to_vec(), &whole[1][..left].to_vec()), "{name}");
        }
    }
    // a COMM that promises more than SSND holds
    let file = aiff(b"AIFF", &[one_comm(9), (b"SSND", None, ssnd(0, &big()))]);
    assert!(matches!(error_of(file), ReadError::Truncated { expected: 9, found: 4 }));
}

/// No size is believed: not one of these is more than a few bytes long.
#[test]
fn sizes_beyond_the_file_are_told() {
    for size in [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE] {
        let found = error_of(riff(b"RIFF", &[mono(), data(Some(size))]));
        assert!(matches!(found, ReadError::Truncated { expected, found: 4 } if expected == u64::from(size) / 2));
        assert!(matches!(
            error_of(riff(b"RIFF", &[(b"LIST", Some(size), vec![]), mono(), data(None)])),
            ReadError::Damaged { .. }
        ));
        assert!(matches!(
            error_of(aiff(b"AIFF", &[one_comm(size), (b"SSND", None, ssnd(0, &big()))])),
            ReadError::Truncated { .. }
        ));
        assert!(matches!(error_of(au(3, 44_100, 1, Some(size), &SOUND)), ReadError::Truncated { .. }));
    }
    for size in [0x7FFF_FFFF_FFFF_FFF0, 0x8000_0000, 1 << 40] {
        let ds64 = (b"ds64", None, ds64(size, 0));
        assert!(matches!(
            error_of(riff(b"RF64", &[ds64, mono(), data(Some(u32::MAX))])),
            ReadError::Truncated { found: 4, .. }
        ));
        let chunks = [(b"fmt ", None, fmt(1, 1, 44_100, 16)), (b"data", Some(size), SOUND.to_vec())];
        assert!(matches!(error_of(w64(&chunks)), ReadError::Truncated { found: 4, .. }));
        let chunks = [(b"junk", Some(size), vec![]), (b"fmt ", None, fmt(1, 1, 44_100, 16))];
        assert!(matches!(error_of(w64(&chunks)), ReadError::Damaged { .. }));
        let chunks = [one_desc(), (b"data", Some(size as i64), edited(&SOUND))];
        assert!(matches!(error_of(caf(&chunks)), ReadError::Truncated { found: 4, .. }));
        assert!(matches!(
            error_of(caf(&[(b"free", Some(size as i64), vec![]), one_desc()])),
            ReadError::Damaged { .. }
        ));
    }
    for offset in [9, 0x7FFF_FFFF, u32::MAX] {
        let mut sound = ssnd(0, &big());
        sound[..4].copy_from_slice(&offset.to_be_bytes());
        assert!(matches!(
            error_of(aiff(b"AIFF", &[one_comm(4), (b"SSND", None, sound)])),
            ReadError::Truncated { found: 0, .. }
        ));
        let mut file = au(3, 44_100, 1, None, &SOUND);
        file[4..8].copy_from_slice(&(offset | 64).to_be_bytes());
        assert!(matches!(error_of(file), ReadError::Truncated { expected: 4, found: 0 }));
    }
}

#[test]
fn headers_that_contradict_themselves_are_damaged() {
    let whole = |fmt: Vec<u8>| error_of(riff(b"RIFF", &[(b"fmt ", None, fmt), data(None)]));
    // where only the frame's bytes are missing, they are worked out
    assert_eq!(sound_of(riff(b"RIFF", &[(b"fmt ", None, fmt_of(1, 1, 44_100, 16, 0)), data(None)])), WORTH);
    for fmt in [
        fmt_of(1, 1, 44_100, 24, 2),
        fmt_of(1, 2, 44_100, 16, 3),
        fmt_of(1, 1, 44_100, 0, 2),
        fmt(1, 0, 44_100, 16),
        fmt(1, 1, 44_100, 16)[..14].to_vec(),
        fmt(0xFFFE, 1, 44_100, 16),
    ] {
        assert!(matches!(whole(fmt.clone()), ReadError::Damaged { .. }), "{fmt:?}");
    }
    assert!(matches!(error_of(riff(b"RIFF", &[mono()])), ReadError::Damaged { .. }));
    assert!(matches!(error_of(riff(b"RIFF", &[data(None)])), ReadError::Damaged { .. }));
    assert!(matches!(error_of(riff(b"RF64", &[(b"ds64", None, vec![0; 20]), mono()])), ReadError::Damaged { .. }));
    for kind in [0, 1, 2] {
        let body = [
            comm(0, 4, 16, 44_100.0, None),
            comm(1, 4, 0, 44_100.0, None),
            comm(1, 4, 16, 44_100.0, None)[..17].to_vec(),
        ];
        let file = aiff(b"AIFF", &[(b"COMM", None, body[kind].clone()), (b"SSND", None, ssnd(0, &big()))]);
        assert!(matches!(error_of(file), ReadError::Damaged { .. }), "{kind}");
    }
    assert!(matches!(error_of(aiff(b"AIFF", &[one_comm(4)])), ReadError::Damaged { .. }));
    assert!(matches!(error_of(aiff(b"AIFF", &[(b"SSND", None, ssnd(0, &big()))])), ReadError::Damaged { .. }));
    let described = |desc: Vec<u8>| error_of(caf(&[(b"desc", None, desc), (b"data", None, edited(&SOUND))]));
    for desc in [
        desc(44_100.0, b"lpcm", 0, 2, 2, 1, 16),
        desc(44_100.0, b"lpcm", 0, 3, 1, 2, 8),
        desc(44_100.0, b"lpcm", 0, 2, 1, 1, 24),
        desc(44_100.0, b"lpcm", 0, 2, 1, 0, 16),
        desc(44_100.0, b"lpcm", 0, 2, 1, 1, 16)[..31].to_vec(),
    ] {
        assert!(matches!(described(desc.clone()), ReadError::Damaged { .. }), "{desc:?}");
    }
    let mut file = au(3, 44_100, 1, None, &SOUND);
    file[7] = 8;
    assert!(matches!(error_of(file), ReadError::Damaged { .. }));
    assert!(matches!(error_of(b".snd\0\0\0\x20".to_vec()), ReadError::Damaged { .. }));
}

/// What is not read is named, with what is.
#[test]
fn other_codecs_are_named() {
    let wav = |tag, bits| riff(b"RIFF", &[(b"fmt ", None, fmt(tag, 1, 44_100, bits)), data(None)]);
    let of = |kind: &[u8; 4]| {
        aiff(b"AIFC", &[(b"COMM", None, comm(1, 4, 16, 44_100.0, Some(kind))), (b"SSND", None, ssnd(0, &big()))])
    };
    let core = |kind: &[u8; 4]| {
        caf(&[(b"desc", None, desc(44_100.0, kind, 0, 0, 4096, 1, 0)), (b"data", None, edited(&SOUND))])
    };
    for (file, name) in [
        (wav(2, 4), "a WAV of Microsoft ADPCM with 4 bits"),
        (wav(0x11, 4), "IMA ADPCM"),
        (wav(0x55, 0), "MP3"),
        (wav(1, 40), "integer PCM with 40 bits"),
        (wav(3, 16), "floating-point PCM with 16 bits"),
        (wav(0x1234, 16), "format 0x1234"),
        (of(b"ima4"), "an AIFC of IMA ADPCM"),
        (of(b"raw "), "unsigned samples of more than 8 bits"),
        (of(b"x\"y\0"), "type `x\\\"y\\x00`"),
        (core(b"alac"), "a CAF of Apple Lossless"),
        (core(b"aac "), "AAC"),
        (core(b"opus"), "Opus"),
        (core(b"what"), "type `what`"),
        (au(23, 44_100, 1, None, &SOUND), "an AU of encoding 23"),
        (caf(&[(b"desc", None, desc(44_100.0, b"lpcm", 1, 2, 1, 1, 16))]), "linear PCM with 16 bits"),
    ] {
        let error = error_of(file);
        assert!(matches!(error, ReadError::Unsupported(_)), "{name}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(mixdown::media::READABLE), "{text}");
    }
}
