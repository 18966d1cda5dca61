//! Ogg pages by hand (RFC 3533), and what is wrong with files of them.

use std::path::Path;

use mixdown::media::{ReadError, probe};
use mixdown::world::Memory;

use super::{fixture, open, read};

/// The packets of a file with one stream.
pub(super) fn packets(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut part, mut rest) = (Vec::new(), Vec::new(), bytes);
    while let Some((head, behind)) = rest.split_at_checked(27) {
        let (segments, mut body) = behind.split_at(usize::from(head[26]));
        for size in segments {
            let (segment, left) = body.split_at(usize::from(*size));
            part.extend_from_slice(segment);
            body = left;
            if *size < 255 {
                packets.push(std::mem::take(&mut part));
            }
        }
        rest = body;
    }
    packets
}

fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8)
            .fold(crc ^ u32::from(*byte) << 24, |crc, _| if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 })
    })
}

/// One page of whole packets.
pub(super) fn page(flags: u8, granule: i64, serial: u32, number: u32, packets: &[&[u8]]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend_from_slice(&granule.to_le_bytes());
    page.extend_from_slice(&serial.to_le_bytes());
    page.extend_from_slice(&number.to_le_bytes());
    page.extend_from_slice(&[0; 4]);
    let mut segments = Vec::new();
    for packet in packets {
        segments.resize(segments.len() + packet.len() / 255, 255);
        segments.push((packet.len() % 255) as u8);
    }
    page.push(u8::try_from(segments.len()).unwrap());
    page.extend_from_slice(&segments);
    packets.iter().for_each(|packet| page.extend_from_slice(packet));
    let sum = crc(&page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

/// A stream: a page for each header, then `count` packets a page, with the positions behind them; and where those pages begin.
pub(super) fn paged(heads: &[Vec<u8>], sound: &[(i64, Vec<u8>)], count: usize) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    for (n, head) in heads.iter().enumerate() {
        bytes.extend(page(if n == 0 { 2 } else { 0 }, 0, 7, n as u32, &[head]));
    }
    for (n, packets) in sound.chunks(count).enumerate() {
        let last = (n + 1) * count >= sound.len();
        let refs: Vec<&[u8]> = packets.iter().map(|(_, packet)| &packet[..]).collect();
        places.push(bytes.len());
        let granule = packets[packets.len() - 1].0;
        bytes.extend(page(if last { 4 } else { 0 }, granule, 7, (n + heads.len()) as u32, &refs));
    }
    (bytes, places)
}

#[test]
fn what_is_no_single_stream_is_named() {
    let world = Memory::new();
    let why = |bytes: Vec<u8>| {
        world.put("x.ogg", bytes);
        probe(&world, Path::new("x.ogg")).unwrap_err()
    };
    let mut heads = packets(&fixture("opus.opus"));
    let sound = heads.split_off(2);
    let (second, _) = paged(&heads, &[(960, sound[0].clone())], 1);
    let chain = why([fixture("vorbis.ogg"), second].concat());
    assert!(matches!(&chain, ReadError::Unsupported(what) if what.contains("chain")), "{chain}");
    let speex = why(page(2, 0, 1, 0, &[b"Speex   1.2"]));
    assert!(matches!(&speex, ReadError::Unsupported(what) if what == "Speex"), "{speex}");
    let mut heads = packets(&fixture("vorbis.ogg"));
    let sound = heads.split_off(3);
    heads[0][11] = 6;
    let six = why(paged(&heads, &[(960, sound[0].clone())], 1).0);
    assert!(matches!(&six, ReadError::Unsupported(what) if what.contains("more than two channels")), "{six}");
    let film = why(page(2, 0, 1, 0, &[b"\x80theora"]));
    assert!(matches!(&film, ReadError::Unsupported(what) if what.contains("without")), "{film}");
}

/// A stream that was cut out of a longer one begins where its first page says.
#[test]
fn a_stream_may_begin_late_or_be_beside_another() {
    let world = Memory::new();
    world.put("whole.opus", fixture("opus.opus"));
    let whole = read(&mut open(&world, "whole.opus")).unwrap();
    let mut heads = packets(&fixture("opus.opus"));
    let sound = heads.split_off(2);
    let timed: Vec<(i64, Vec<u8>)> =
        sound.iter().enumerate().map(|(n, packet)| (1_000_000 + 960 * (n as i64 + 1), packet.clone())).collect();
    let (bytes, _) = paged(&heads, &timed, 3);
    world.put("late.opus", bytes.clone());
    let late = read(&mut open(&world, "late.opus")).unwrap();
    assert_eq!(late[0].len() as i64, 960 * sound.len() as i64 - 312);
    assert_eq!(late[0][..whole[0].len()], whole[0]);
    // a film beside it: its pages are passed over
    let first = page(2, 0, 9, 0, &[b"\x80theora"]);
    let beside = page(0, 77, 9, 1, &[&[1; 300]]);
    let (head, rest) = bytes.split_at(28 + heads[0].len());
    world.put("film.ogv", [&first[..], head, &beside, rest, &beside].concat());
    assert_eq!(read(&mut open(&world, "film.ogv")).unwrap(), late);
}

#[test]
fn the_gain_of_an_opus_header_is_heard() {
    let world = Memory::new();
    let mut heads = packets(&fixture("opus.opus"));
    let sound = heads.split_off(2);
    let timed: Vec<(i64, Vec<u8>)> =
        sound.iter().enumerate().map(|(n, packet)| (960 * (n as i64 + 1), packet.clone())).collect();
    world.put("plain.opus", paged(&heads, &timed, 3).0);
    // -6 dB in 256ths
    heads[0][16..18].copy_from_slice(&(-6 * 256i16).to_le_bytes());
    world.put("quiet.opus", paged(&heads, &timed, 3).0);
    let [plain, quiet] = ["plain.opus", "quiet.opus"].map(|name| read(&mut open(&world, name)).unwrap());
    let gain = mixdown::audio::math::from_db(-6.0);
    assert!(plain[1].iter().zip(&quiet[1]).all(|(a, b)| (a * gain - b).abs() < 1e-12));
    assert!(plain[1].iter().any(|x| x.abs() > 0.3));
}
