//! The manual of mistakes is true: every case of `docs/mistakes`, through the real program. `MIXDOWN_BLESS=1` writes what is drawn as what is
//! shown: read the difference before it is committed.

mod cases;
mod denied;
mod dozen;
mod explained;
#[path = "../fakes/mod.rs"]
mod fakes;
mod fixes;
mod letters;

use std::path::Path;
use std::process::Command;

/// The program in a folder, with none of the caller's settings.
fn mixdown(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mixdown"));
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("MIXDOWN_") || ["NO_COLOR", "NO_GRAPHICS", "COLUMNS"].contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command.env("MIXDOWN_CACHE_DIR", folder.join("remembered")).env("NO_COLOR", "1").env("COLUMNS", "100");
    command
}

/// A WAV of 16 bits, a tenth of a second of something. `said`: as many frames as its header tells of.
fn wav(rate: u32, channels: u16, seed: u32, said: u32) -> Vec<u8> {
    let frames = 4_800u32;
    let bytes = |frames: u32| frames * u32::from(channels) * 2;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + bytes(said)).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(channels) * 2).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend(16u16.to_le_bytes());
    file.extend(b"data");
    file.extend(bytes(said).to_le_bytes());
    let mut noise = seed.wrapping_mul(2_654_435_761) | 1;
    for _ in 0..frames * u32::from(channels) {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        file.extend(((noise >> 18) as i16 - 8_192).to_le_bytes());
    }
    file
}

/// The bytes of a file that a case speaks of, by its words: `missing`, `truncated`, `empty`, `pointer`, `page`, `text`, `48000 1`, nothing for a good one.
fn bytes_of(name: &str, words: &str) -> Option<Vec<u8>> {
    let seed = name.bytes().fold(7u32, |seed, b| seed.wrapping_mul(31).wrapping_add(u32::from(b)));
    let numbers: Vec<u32> = words.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    match (words, numbers.as_slice()) {
        ("missing", _) => None,
        ("truncated", _) => Some(wav(48_000, 2, seed, 96_000)),
        ("empty", _) => Some(Vec::new()),
        ("pointer", _) => Some(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".to_vec()),
        ("page", _) => Some(b"<!DOCTYPE html>\n<html><title>Sign in</title></html>\n".to_vec()),
        ("a wav", _) => Some(wav(48_000, 2, seed, 4_800)),
        ("text", _) => Some(b"not a sound at all, but some lines of text\n".to_vec()),
        // of 3000 x 3000 pixels, as far as its head tells
        ("picture", _) => Some(b"\xFF\xD8\xFF\xC0\0\x11\x08\x0B\xB8\x0B\xB8\x03".to_vec()),
        ("large", _) => Some([&bytes_of(name, "picture")?[..], &vec![0; 17_000_000]].concat()),
        ("webp", _) => Some(b"RIFF\x1A\0\0\0WEBPVP8 ".to_vec()),
        ("silent", _) => {
            let mut file = wav(48_000, 2, seed, 4_800);
            file[44..].fill(0);
            Some(file)
        }
        ("quiet", _) => {
            let mut file = wav(48_000, 2, seed, 4_800);
            file[44..].fill(0);
            file[44] = 1;
            Some(file)
        }
        ("", _) => Some(wav(48_000, 2, seed, 4_800)),
        (_, [rate, channels]) => Some(wav(*rate, *channels as u16, seed, 4_800)),
        (words, _) => {
            let other = words.strip_prefix("a copy of ").unwrap_or_else(|| panic!("{name} {words}?"));
            bytes_of(other, "")
        }
    }
}
