//! MP4 boxes by hand: what iTunes tells of the gaps, what is cut off, what lies, what is not read.

use std::path::Path;

use mixdown::media::{ReadError, Reader, probe};
use mixdown::world::Memory;

use super::{fixture, open, read};

/// Where the content of the first box of a kind begins.
fn find(bytes: &[u8], kind: &[u8; 4]) -> usize {
    bytes.windows(4).position(|four| four == kind).unwrap() + 4
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

/// `aac.m4a` without its edit list, with a tag of iTunes; the boxes behind the packets only, so that no place moves.
fn tagged(smpb: &str) -> Vec<u8> {
    let mut bytes = fixture("aac.m4a");
    let edits = find(&bytes, b"edts");
    bytes[edits - 4..edits].copy_from_slice(b"free");
    let old = find(&bytes, b"udta");
    bytes[old - 4..old].copy_from_slice(b"free");
    let part = |kind, text: &[u8]| boxed(kind, &[&[0; 4][..], text].concat());
    let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0][..], smpb.as_bytes()].concat());
    let tag = boxed(b"----", &[part(b"mean", b"com.apple.iTunes"), part(b"name", b"iTunSMPB"), data].concat());
    let meta = boxed(b"meta", &[&[0; 4][..], &boxed(b"ilst", &tag)].concat());
    let tags = boxed(b"udta", &meta);
    let movie = find(&bytes, b"moov") - 8;
    let size = u32::from_be_bytes(bytes[movie..movie + 4].try_into().unwrap()) + tags.len() as u32;
    bytes[movie..movie + 4].copy_from_slice(&size.to_be_bytes());
    bytes.extend(tags);
    bytes
}

#[test]
fn itunes_tells_where_the_music_is() {
    let world = Memory::new();
    world.put("plain.m4a", tagged("nothing"));
    let all = read(&mut open(&world, "plain.m4a")).unwrap();
    // no word of gaps: all durations, the encoder's delay included
    assert_eq!(all[0].len(), 1024 + 15_435);
    world.put("itunes.m4a", tagged(" 00000000 00000840 00000123 0000000000003000 00000000 00000000"));
    let cut = read(&mut open(&world, "itunes.m4a")).unwrap();
    assert_eq!(cut[0][..], all[0][0x840..0x840 + 0x3000]);
    // more than there is: not believed
    world.put("lies.m4a", tagged(" 00000000 00000840 00000123 00000000FF003000"));
    assert_eq!(read(&mut open(&world, "lies.m4a")).unwrap(), all);
    // the edit list cuts the same way
    world.put("edits.m4a", fixture("aac.m4a"));
    assert_eq!(read(&mut open(&world, "edits.m4a")).unwrap()[1][..], all[1][1024..]);
}

#[test]
fn what_an_mp4_holds_is_named_where_it_is_not_read() {
    let world = Memory::new();
    let why = |bytes: Vec<u8>| {
        world.put("x", bytes);
        probe(&world, Path::new("x")).unwrap_err().to_string()
    };
    let with = |kind: &[u8; 4], at: usize, new: &[u8]| {
        let mut bytes = fixture("aac.m4a");
        let place = find(&bytes, kind) + at;
        bytes[place..place + new.len()].copy_from_slice(new);
        bytes
    };
    for (codec, name) in
        [(b"ac-3", "AC-3"), (b"ec-3", "E-AC-3"), (b"lpcm", "PCM"), (b"enca", "protected"), (b"zzzz", "zzzz")]
    {
        assert!(why(with(b"mp4a", 0usize.wrapping_sub(4), codec)).contains(name));
    }
    // in the descriptor of the elementary stream: the object type, then the AudioSpecificConfig
    let esds = &fixture("aac.m4a")[find(&fixture("aac.m4a"), b"esds")..];
    let config = esds.windows(2).position(|b| b == [0x12, 0x10]).unwrap();
    let object = esds.windows(2).position(|b| b == [0x40, 0x15]).unwrap();
    assert!(why(with(b"esds", object, &[0x6B])).contains("MP3 inside MP4"));
    assert!(why(with(b"esds", config, &[0x2A, 0x10])).contains("HE-AAC"));
    assert!(why(with(b"esds", config, &[0x12, 0x30])).contains("more than two channels"));
    assert!(why(with(b"hdlr", 8, b"vide")).contains("without sound"));
    assert!(why(with(b"moov", 0usize.wrapping_sub(4), b"free")).contains("never finished"));
}

#[test]
fn a_cut_mp4_says_by_how_much() {
    // the index first, as for the web
    let bytes = fixture("alac16.m4a");
    let movie = find(&bytes, b"moov") - 8;
    let (front, index) = bytes.split_at(movie);
    let head = u32::from_be_bytes(front[..4].try_into().unwrap()) as usize;
    let mut index = index.to_vec();
    let place = find(&index, b"stco") + 8;
    let old = u32::from_be_bytes(index[place..place + 4].try_into().unwrap());
    let new = old + index.len() as u32;
    index[place..place + 4].copy_from_slice(&new.to_be_bytes());
    let whole = [&front[..head], &index, &front[head..]].concat();
    let world = Memory::new();
    world.put("whole.m4a", whole.clone());
    world.put("first.m4a", bytes);
    let sound = read(&mut open(&world, "whole.m4a")).unwrap();
    assert_eq!(sound, read(&mut open(&world, "first.m4a")).unwrap());
    world.put("cut.m4a", whole[..whole.len() - 100].to_vec());
    let error = probe(&world, Path::new("cut.m4a")).unwrap_err();
    assert!(matches!(error, ReadError::Truncated { expected: 4410, found: 4096 }), "{error:?}");
    let cut = read(&mut Reader::open(&world, Path::new("cut.m4a"), true).unwrap()).unwrap();
    assert_eq!((cut[0].len(), &cut[0][..4096]), (4410, &sound[0][..4096]));
    assert!(cut[0][4096..].iter().all(|x| *x == 0.0));
}

/// Tables that promise more than the file has give an error at once, and take no memory for it.
#[test]
fn tables_that_lie_are_refused() {
    let world = Memory::new();
    for (kind, at) in
        [(b"stsz", 8), (b"stsc", 4), (b"stco", 4), (b"stts", 4), (b"elst", 4), (b"stsz", 4), (b"stsc", 12)]
    {
        let mut bytes = fixture("aac.m4a");
        let place = find(&bytes, kind) + at;
        bytes[place..place + 4].copy_from_slice(&0xFFFF_FF00u32.to_be_bytes());
        world.put("x.m4a", bytes);
        let found = probe(&world, Path::new("x.m4a"));
        if (*kind, at) != (*b"stsc", 12) {
            assert!(matches!(found, Err(ReadError::Damaged { .. })), "{kind:?} at {at}: {found:?}");
        }
    }
    for (at, new) in [(4, u32::MAX), (4, 0), (4, 1 << 17), (8, 0xFF00_0000), (24, 0)] {
        let mut bytes = fixture("alac16.m4a");
        let first = find(&bytes, b"alac");
        let place = first + find(&bytes[first..], b"alac") + at;
        bytes[place..place + 4].copy_from_slice(&new.to_be_bytes());
        world.put("x.m4a", bytes);
        assert!(probe(&world, Path::new("x.m4a")).is_err(), "{new} at {at}");
    }
    // a packet that is no ALAC names its frame
    let mut bytes = fixture("alac16.m4a");
    let data = find(&bytes, b"mdat");
    bytes[data..data + 200].fill(0xAA);
    world.put("x.m4a", bytes);
    let error = read(&mut open(&world, "x.m4a")).unwrap_err();
    assert!(matches!(error, ReadError::Damaged { frame: Some(0), .. }), "{error:?}");
}
