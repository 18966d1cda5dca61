//! What files say of themselves, read by other people's readers (lofty, id3): every word, from the song and from its deliveries.

#[path = "../sessions/mod.rs"]
mod sessions;

mod broadcast;
mod mistakes;
mod words;

use std::io::Cursor;
use std::path::Path;

use mixdown::project::{Built, Made, Request, build};
use mixdown::world::Memory;
use sessions::{Session, noise};

/// A red pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

/// The head of a JPEG of 3000 x 2000 pixels, of an odd length in all.
fn jpeg() -> Vec<u8> {
    let mut bytes =
        b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xFF\xC0\0\x11\x08\x07\xD0\x0B\xB8\x03".to_vec();
    bytes.extend((0..40_000u32).map(|n| (n * 31 % 251) as u8));
    bytes.extend(b"\xFF\xD9!");
    assert_eq!(bytes.len() % 2, 1);
    bytes
}

/// A second and a half of noise, and two covers.
fn world(script: &str) -> Memory {
    let world = Session::new().wav("t.wav", 48_000, 24, &noise(1, 2, 72_000, 0.2)).world(script);
    world.put("art/cover.png", PNG.to_vec());
    world.put("art/cover.jpg", jpeg());
    world
}

fn build_in(world: &Memory, request: &Request) -> Built {
    let built = build(world, Path::new("song.mix"), request, &());
    let told: Vec<String> = built.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    assert!(built.ok, "{told:#?}");
    built
}

fn rendered(script: &str) -> Memory {
    let world = world(script);
    build_in(&world, &Request::default());
    world
}

fn bytes(world: &Memory, name: &str) -> Vec<u8> {
    world.get(Path::new("out").join(name)).unwrap_or_else(|| panic!("{name}")).to_vec()
}

/// All chunks of a WAV or an AIFF, which must fill it.
fn chunks(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let word = |at: usize| {
        let word = bytes[at..at + 4].try_into().unwrap();
        (if bytes.starts_with(b"FORM") { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }) as usize
    };
    assert!(bytes.starts_with(b"RIFF") || bytes.starts_with(b"FORM"));
    assert_eq!(word(4), bytes.len() - 8);
    let (mut at, mut all) = (12, Vec::new());
    while at < bytes.len() {
        let size = word(at + 4);
        all.push((String::from_utf8(bytes[at..at + 4].to_vec()).unwrap(), bytes[at + 8..at + 8 + size].to_vec()));
        at += 8 + size + size % 2;
    }
    assert_eq!(at, bytes.len());
    all
}

fn chunk(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let found: Vec<_> = chunks(bytes).into_iter().filter(|c| c.0 == name).collect();
    assert!(found.len() < 2, "{name} once");
    found.into_iter().next().map(|c| c.1)
}

fn id3(bytes: Vec<u8>) -> id3::Tag {
    id3::Tag::read_from2(Cursor::new(bytes)).unwrap()
}
