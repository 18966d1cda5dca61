//! Long files, made of the packets of short ones over and over: what is decoded in cells is what one uninterrupted decoder gives, a seek across
//! them gives the same bits, and what is missing in the middle moves nothing.

use mixdown::audio::Block;
use mixdown::audio::rng::Seed;
use mixdown::world::Memory;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_MP3, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoder};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::ogg::{packets, paged};
use super::{fixture, open, read};

fn decoder(codec: AudioCodecId, rate: u32, extra: &[u8]) -> Box<dyn AudioDecoder> {
    let mut params = AudioCodecParameters::new();
    params.for_codec(codec).with_sample_rate(rate).with_extra_data(extra.into());
    symphonia::default::get_codecs().make_audio_decoder(&params, &Default::default()).unwrap()
}

/// What one decoder gives for all packets.
fn straight(mut decoder: Box<dyn AudioDecoder>, packets: &[Vec<u8>]) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = Vec::new();
    for packet in packets {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let mut planes: Vec<Vec<f64>> = Vec::new();
        decoder.decode_ref(&packet).unwrap().copy_to_vecs_planar(&mut planes);
        all.resize(planes.len(), Vec::new());
        all.iter_mut().zip(planes).for_each(|(all, plane)| all.extend(plane));
    }
    all
}

/// The frames of an MP3 without its encoder's header, or of ADTS.
fn frames(bytes: &[u8], size: impl Fn(&[u8]) -> usize) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    // behind a tag, whose size is four times seven bits
    let tag =
        bytes.starts_with(b"ID3").then(|| 10 + bytes[6..10].iter().fold(0, |size, b| size << 7 | usize::from(*b)));
    let mut rest = &bytes[tag.unwrap_or(0)..];
    while rest.len() > 7 && rest[0] == 0xFF && size(rest) <= rest.len() {
        let (frame, behind) = rest.split_at(size(rest));
        frames.push(frame.to_vec());
        rest = behind;
    }
    frames
}

fn over_and_over(packets: &[Vec<u8>], times: usize) -> Vec<Vec<u8>> {
    packets.iter().cycle().take(packets.len() * times).cloned().collect()
}

/// Bytes of a frame of layer III.
fn mp3(head: &[u8]) -> usize {
    let (one, index) = (head[1] & 8 != 0, usize::from(head[2] >> 4));
    let rates = match one {
        true => [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        false => [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    };
    let rate = [44_100, 48_000, 32_000][usize::from(head[2] >> 2 & 3)] >> [2, 0, 1, 0][usize::from(head[1] >> 3 & 3)];
    (if one { 144 } else { 72 }) * rates[index] * 1000 / rate + usize::from(head[2] >> 1 & 1)
}

/// Reading through is `expected`, and so is what follows any seek.
fn agrees(name: &str, bytes: Vec<u8>, expected: &[Vec<f64>]) {
    let world = Memory::new();
    world.put(name, bytes);
    let mut reader = open(&world, name);
    let frames = expected[0].len();
    assert_eq!(reader.info().frames, frames as u64, "{name}");
    let back = read(&mut reader).unwrap();
    for (c, (back, expected)) in back.iter().zip(expected).enumerate() {
        let first = back.iter().zip(expected).position(|(a, b)| a != b);
        assert_eq!(first, None, "{name}, channel {c} of {frames} frames");
    }
    let channels = expected.len();
    let mut block = Block::new(channels, 300);
    for n in 0..20 {
        let from = Seed::of("cells").bits(n) as usize % (frames - 300);
        reader.seek(from as u64).unwrap();
        assert_eq!(reader.read(&mut block.planes(channels, 300)).unwrap(), 300);
        for (c, plane) in expected.iter().enumerate() {
            assert_eq!(block.channel(c), &plane[from..from + 300], "{name} at {from}");
        }
    }
}

#[test]
fn cells_of_mp3_are_one_decoding() {
    for (name, rate) in [("cbr.mp3", 44_100), ("vbr.mp3", 44_100), ("mpeg2.mp3", 22_050), ("mpeg25.mp3", 11_025)] {
        let mut short = frames(&fixture(name), mp3);
        short.remove(0);
        let many = over_and_over(&short, 700 / short.len());
        agrees(name, many.concat(), &straight(decoder(CODEC_ID_MP3, rate, &[]), &many));
    }
}

#[test]
fn cells_of_aac_are_one_decoding() {
    let size = |head: &[u8]| usize::from(head[3] & 3) << 11 | usize::from(head[4]) << 3 | usize::from(head[5] >> 5);
    let many = over_and_over(&frames(&fixture("adts.aac"), size), 70);
    assert!(many.len() > 1100);
    let packets: Vec<Vec<u8>> = many.iter().map(|frame| frame[7..].to_vec()).collect();
    agrees("long.aac", many.concat(), &straight(decoder(CODEC_ID_AAC, 44_100, &[0x12, 0x08]), &packets));
}

/// Vorbis packets over and over, and the headers before them.
fn vorbis() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut heads = packets(&fixture("vorbis.ogg"));
    let sound = heads.split_off(3);
    (heads, over_and_over(&sound, 45))
}

#[test]
fn cells_of_vorbis_are_one_decoding() {
    let (heads, many) = vorbis();
    let all = straight(decoder(CODEC_ID_VORBIS, 44_100, &[&heads[0][..], &heads[2]].concat()), &many);
    assert!(all[0].len() > 2 * (1 << 18), "{}", all[0].len());
    let (bytes, _) = long(&heads, &many);
    agrees("long.ogg", bytes, &all);
}

/// A file of them with pages of ten packets, and where the pages with sound begin.
fn long(heads: &[Vec<u8>], many: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let mut one = decoder(CODEC_ID_VORBIS, 44_100, &[&heads[0][..], &heads[2]].concat());
    let mut at = 0;
    let timed: Vec<(i64, Vec<u8>)> = many
        .iter()
        .map(|packet| {
            let sound = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
            at += one.decode_ref(&sound).unwrap().frames() as i64;
            (at, packet.clone())
        })
        .collect();
    paged(heads, &timed, 10)
}

#[test]
fn a_lost_page_is_silence_and_moves_nothing() {
    let (heads, many) = vorbis();
    let all = straight(decoder(CODEC_ID_VORBIS, 44_100, &[&heads[0][..], &heads[2]].concat()), &many);
    let (whole, pages) = long(&heads, &many);
    let mut holed = whole.clone();
    // the body of a page in the second cell, so that its checksum is wrong
    let hole = pages[pages.len() / 2];
    holed[hole + 60] ^= 0x55;
    let world = Memory::new();
    world.put("holed.ogg", holed);
    let back = read(&mut open(&world, "holed.ogg")).unwrap();
    assert_eq!(back[0].len(), all[0].len());
    let first = back[0].iter().zip(&all[0]).position(|(a, b)| a != b).unwrap();
    let last = back[0].iter().zip(&all[0]).rposition(|(a, b)| a != b).unwrap();
    // ten packets at most, and one page more in which the decoder begins
    assert!(last - first < 21 * 1024, "{first} to {last}");
    assert!(back[0][first + 1024..last - 1024].iter().all(|x| *x == 0.0));
    let mut reader = open(&world, "holed.ogg");
    let mut block = Block::new(2, 300);
    for from in [first - 200, first + 5000, last - 100, last + 1, 3] {
        reader.seek(from as u64).unwrap();
        reader.read(&mut block.planes(2, 300)).unwrap();
        assert_eq!(block.channel(0), &back[0][from..from + 300], "at {from}");
    }
}

#[test]
fn a_broken_packet_of_mp3_is_silence_of_its_length() {
    let mut short = frames(&fixture("vbr.mp3"), mp3);
    short.remove(0);
    let many = over_and_over(&short, 20);
    let all = straight(decoder(CODEC_ID_MP3, 44_100, &[]), &many);
    let mut broken = many.clone();
    // side information that asks for more than there is
    broken[300][4..21].fill(0xFF);
    let world = Memory::new();
    world.put("x.mp3", broken.concat());
    let back = read(&mut open(&world, "x.mp3")).unwrap();
    assert_eq!(back[0].len(), all[0].len());
    assert!(back[0][300 * 1152..301 * 1152].iter().all(|x| *x == 0.0));
    assert_eq!(back[0][..300 * 1152], all[0][..300 * 1152]);
    assert_eq!(back[0][310 * 1152..], all[0][310 * 1152..]);
}
