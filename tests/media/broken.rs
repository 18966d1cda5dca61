//! What is no audio, what ends early, what changes and what is broken.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mixdown::audio::Block;
use mixdown::media::writer::{Format, Spec};
use mixdown::media::{ReadError, Reader, hash, probe};
use mixdown::world::{Input, Memory, Output, Stamp, World};

use super::{FRAMES, fixture, fmt, ints, open, read, riff, spec, write};

#[test]
fn what_can_t_be_read_says_why() {
    let world = Memory::new();
    let err = |bytes: Vec<u8>| {
        world.put("x", bytes);
        probe(&world, Path::new("x")).unwrap_err()
    };
    let wav = |fmt: Vec<u8>, data: Vec<u8>| riff(b"RIFF", &[(b"fmt ", None, fmt), (b"data", None, data)]);
    assert!(
        matches!(probe(&world, Path::new("no.wav")).unwrap_err(), ReadError::Io(e) if e.kind() == io::ErrorKind::NotFound)
    );
    assert!(matches!(err(vec![]), ReadError::Empty));
    assert!(matches!(err(wav(fmt(1, 2, 44_100, 16), vec![])), ReadError::Empty));
    assert!(matches!(err(b"hello, this is a text".to_vec()), ReadError::NotAudio));
    assert!(matches!(err(b"version https://git-lfs.github.com/spec/v1\noid sha256:0".to_vec()), ReadError::LfsPointer));
    assert!(matches!(err(b"FORM\0\0\0\x20AIFFCOMM".to_vec()), ReadError::Unsupported(_)));
    assert!(matches!(err(wav(fmt(1, 17, 44_100, 16), vec![0; 340])), ReadError::TooManyChannels(17)));
    assert!(matches!(err(wav(fmt(1, 2, 7_999, 16), vec![0; 40])), ReadError::Rate(7_999)));
    assert!(matches!(err(wav(fmt(2, 2, 44_100, 16), vec![0; 40])), ReadError::Unsupported(_)));
    assert!(matches!(err(wav(fmt(1, 0, 44_100, 16), vec![0; 40])), ReadError::Damaged { .. }));
    assert!(matches!(err(b"RIFF\0\0\0\0WAVE".to_vec()), ReadError::Damaged { .. }));
    assert!(matches!(err(b"fLaC\0\0\0\x22".to_vec()), ReadError::Damaged { .. }));
    let mut opus = b"OggS\0\x02".to_vec();
    opus.extend_from_slice(&[0; 20]);
    assert!(probe(&world, Path::new("x")).is_err());
    assert!(matches!(err(vec![0xFF; 4000]), ReadError::NotAudio));
    assert!(matches!(err([b"\xFF\xFB\x90\x00".to_vec(), vec![7; 300]].concat()), ReadError::NotAudio));
    // whatever it is, there are words for it
    for bytes in [opus, b"ID3\x04\0\0\0\0\0\x10".to_vec()] {
        assert!(err(bytes).to_string().len() > 10);
    }
}

#[test]
fn a_file_that_ends_early_says_by_how_much_or_is_read_as_it_is() {
    let world = Memory::new();
    let planes = ints(2, 16, FRAMES);
    write(&world, "x.wav", spec(Format::Wav, 16, 2), &planes);
    let bytes = world.get("x.wav").unwrap();
    world.put("cut.wav", bytes[..44 + 4 * 600 + 3].to_vec());
    let error = probe(&world, Path::new("cut.wav")).unwrap_err();
    assert!(matches!(error, ReadError::Truncated { expected: 10_007, found: 600 }));
    assert!(error.to_string().contains("9407 are missing"));
    let mut reader = Reader::open(&world, Path::new("cut.wav"), true).unwrap();
    assert_eq!(reader.info().frames, 600);
    assert_eq!(read(&mut reader).unwrap()[1].len(), 600);

    write(&world, "x.flac", spec(Format::Flac, 16, 2), &planes);
    let bytes = world.get("x.flac").unwrap();
    world.put("cut.flac", bytes[..bytes.len() / 2].to_vec());
    let error = read(&mut open(&world, "cut.flac")).unwrap_err();
    assert!(matches!(error, ReadError::Truncated { expected: 10_007, found: 4096 }), "{error:?}");
    let mut reader = Reader::open(&world, Path::new("cut.flac"), true).unwrap();
    let back = read(&mut reader).unwrap();
    assert_eq!(back[0].len(), FRAMES);
    assert!(back[0][4096..].iter().all(|x| *x == 0.0) && back[0][4095] != 0.0);
}

/// A world whose files are written to while they are read.
struct Restless(Memory);

struct Moving(Box<dyn Input>, AtomicU64);

impl World for Restless {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.0.read_text(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        Ok(Box::new(Moving(self.0.open(path)?, AtomicU64::new(0))))
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.0.list(folder)
    }
    fn exists(&self, path: &Path) -> bool {
        self.0.exists(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.0.create(path)
    }
    fn canonical(&self, path: &Path) -> PathBuf {
        self.0.canonical(path)
    }
    fn sweep(&self, folder: &Path) -> io::Result<()> {
        self.0.sweep(folder)
    }
}

impl Read for Moving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for Moving {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for Moving {
    fn length(&self) -> io::Result<u64> {
        self.0.length()
    }
    fn stamp(&self) -> io::Result<Stamp> {
        let modified = i128::from(self.1.fetch_add(1, Ordering::Relaxed));
        Ok(Stamp { modified, ..self.0.stamp()? })
    }
}

#[test]
fn a_file_that_is_written_to_while_it_is_read_is_refused() {
    let world = Memory::new();
    let planes = ints(2, 16, FRAMES);
    for (format, name) in [(Format::Wav, "x.wav"), (Format::Flac, "x.flac")] {
        write(&world, name, spec(format, 16, 2), &planes);
        let restless = Restless(world.clone());
        let mut reader = Reader::open(&restless, Path::new(name), false).unwrap();
        assert!(matches!(read(&mut reader), Err(ReadError::Changed)));
        assert!(matches!(hash(&restless, Path::new(name)), Err(ReadError::Changed)));
    }
}

/// Broken bytes give an error or some sound, never a panic, an endless loop or a great allocation (the reader's own memory is bounded by
/// constants; what it hands out is counted here).
#[test]
fn mutated_files_never_bring_it_down() {
    let world = Memory::new();
    let planes = ints(2, 16, 5_000);
    for (format, name) in [(Format::Wav, "m.wav"), (Format::Flac, "m.flac")] {
        write(&world, name, Spec { frames: 5_000, ..spec(format, 16, 2) }, &planes);
    }
    let coded = [
        "aac.m4a",
        "adts.aac",
        "alac16.m4a",
        "cbr.mp3",
        "layer2.mp2",
        "oggflac.oga",
        "opus.opus",
        "speech.opus",
        "vorbis.ogg",
    ];
    coded.iter().for_each(|name| world.put(name, fixture(name)));
    let seed = mixdown::audio::rng::Seed::of("mutations");
    let coded = coded.map(|name| (name, usize::MAX, 150));
    for (name, head, rounds) in [("m.wav", 48, 400), ("m.flac", 60, 400)].into_iter().chain(coded) {
        let whole = world.get(name).unwrap();
        // an MP4's tables lie at its end
        let head = head.min(whole.len());
        for round in 0..rounds {
            let mut bytes = whole.to_vec();
            for change in 0..1 + round % 4 {
                let at = seed.bits(round * 8 + change);
                let byte = [0, 0xFF, 0x7F, 0x80, 1, at as u8][(at >> 40) as usize % 6];
                bytes[(at >> 8) as usize % head] = byte;
            }
            if round % 7 == 0 {
                bytes.truncate(seed.bits(-round) as usize % whole.len());
            }
            world.put("mutant", bytes);
            for allow_truncated in [false, true] {
                let Ok(mut reader) = Reader::open(&world, Path::new("mutant"), allow_truncated) else { continue };
                let channels = reader.info().channels;
                assert!((1..=16).contains(&channels));
                let mut block = Block::new(channels, 4096);
                for _ in 0..20 {
                    if !matches!(reader.read(&mut block.planes(channels, 4096)), Ok(1..)) {
                        break;
                    }
                }
                let _ = reader.seek(reader.info().frames / 2);
                let _ = reader.read(&mut block.planes(channels, 4096));
            }
        }
    }
}
