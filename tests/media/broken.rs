//! What is no audio, what ends early, what changes and what is broken.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mixdown::media::writer::Format;
use mixdown::media::{ReadError, Reader, content, probe};
use mixdown::world::{Input, Memory, Output, Stamp, World};

use super::by_hand::{fmt, riff};
use super::{FRAMES, ints, open, read, spec, write};

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
    assert!(matches!(err(b"FORM\0\0\0\x20AIFFCOMM".to_vec()), ReadError::Damaged { .. }));
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

/// Mid and side of 32 bits are decoded as another sound by symphonia: better none than that.
#[test]
fn flac_of_32_bits_in_stereo_is_refused() {
    let world = Memory::new();
    write(&world, "x.flac", spec(Format::Flac, 24, 2), &ints(2, 24, FRAMES));
    let mut bytes = world.get("x.flac").unwrap().to_vec();
    bytes[20] |= 1;
    bytes[21] |= 0xF0;
    world.put("x.flac", bytes);
    let found = probe(&world, Path::new("x.flac"));
    assert!(matches!(found, Err(ReadError::Unsupported(what)) if what.contains("32 bits in stereo")));
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
    // so it is from any frame on, there or not
    for from in [9_000, 4_000, 5_000, 0] {
        reader.seek(from as u64).unwrap();
        assert!(read(&mut reader).unwrap()[0] == back[0][from..], "from {from}");
    }
}

/// A seek table that is wrong is not followed: backwards, behind the end of the file, or simply elsewhere.
#[test]
fn a_flac_whose_index_is_wrong_is_read_from_any_frame() {
    let world = Memory::new();
    write(&world, "x.flac", spec(Format::Flac, 24, 2), &ints(2, 24, FRAMES));
    let whole = read(&mut open(&world, "x.flac")).unwrap();
    let bytes = world.get("x.flac").unwrap();
    let tables: [&[(u64, u64)]; 4] = [
        &[(0, 0), (4096, 1 << 40), (8192, 1 << 41)],
        &[(8192, 0), (4096, 5_000), (0, 9_000)],
        &[(0, 9_000), (4096, 5_000), (8192, 0)],
        &[(0, 30_000), (4096, 30_000), (8192, 30_000), (u64::MAX, 0)],
    ];
    for table in tables {
        let points =
            table.iter().flat_map(|(sample, byte)| [&sample.to_be_bytes()[..], &byte.to_be_bytes(), &[16, 0]].concat());
        let points: Vec<u8> = points.collect();
        // behind STREAMINFO, which is 42 bytes with the letters before it; the last of the blocks that are there says so itself
        let last = bytes[4] & 0x80;
        let head = [3 | last, 0, 0, points.len() as u8];
        let mut file = [&bytes[..42], &head, &points, &bytes[42..]].concat();
        file[4] &= 0x7F;
        world.put("y.flac", file);
        let mut reader = open(&world, "y.flac");
        for from in [9_000, 4_000, 5_000, 0, 8_500] {
            reader.seek(from as u64).unwrap();
            assert!(read(&mut reader).unwrap()[1] == whole[1][from..], "{table:?} from {from}");
        }
    }
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
        assert!(matches!(content(&restless, Path::new(name)), Err(ReadError::Changed)));
    }
}
