//! What is read and written, sample by sample.

use std::io::Cursor;
use std::path::Path;

use mixdown::audio::{Block, math};
use mixdown::media::writer::{self, Format, Samples, Spec};
use mixdown::media::{Info, ReadError, Reader, Source, WriteError, probe};
use mixdown::units::Rate;
use mixdown::world::{Memory, World};

use super::by_hand::{fmt, riff};
use super::{FRAMES, ints, open, read, spec, write};

#[test]
fn what_is_written_is_read_back_bit_for_bit() {
    let world = Memory::new();
    for (format, name, codecs) in
        [(Format::Wav, "x.wav", ["pcm_s16le", "pcm_s24le", "pcm_f32le"]), (Format::Flac, "x.flac", ["flac"; 3])]
    {
        for (bits, codec) in [16, 24, 32].into_iter().zip(codecs) {
            if format == Format::Flac && bits == 32 {
                continue;
            }
            for channels in [1, 2, 6] {
                let depth = bits.min(24);
                let planes = ints(channels, depth, FRAMES);
                let once = write(&world, name, spec(format, bits, channels), &planes);
                assert_eq!(once, write(&world, name, spec(format, bits, channels), &planes), "the same bytes again");
                let expected = Info {
                    format: if format == Format::Wav { "wav" } else { "flac" },
                    codec,
                    channels,
                    rate: Rate::STUDIO,
                    frames: FRAMES as u64,
                    bits: (bits < 32).then_some(bits),
                    lossless: true,
                    mask: (channels > 2 && format == Format::Wav).then_some(0x3F),
                };
                assert_eq!(probe(&world, Path::new(name)).unwrap(), expected);
                let full = f64::from(1u32 << (depth - 1));
                let back = read(&mut open(&world, name)).unwrap();
                for (plane, back) in planes.iter().zip(&back) {
                    assert!(plane.iter().map(|x| f64::from(*x) / full).eq(back.iter().copied()), "{name} {bits} bits");
                }
            }
        }
    }
}

#[test]
fn hound_reads_what_is_written() {
    let world = Memory::new();
    for bits in [16, 24] {
        for channels in [1, 2, 6] {
            let planes = ints(channels, bits, FRAMES);
            write(&world, "x.wav", spec(Format::Wav, bits, channels), &planes);
            let bytes = world.get("x.wav").unwrap();
            let mut reader = hound::WavReader::new(Cursor::new(&bytes[..])).unwrap();
            assert_eq!(reader.duration() as usize, FRAMES);
            assert_eq!(u32::from(reader.spec().bits_per_sample), bits);
            let samples: Vec<i32> = reader.samples().map(Result::unwrap).collect();
            assert!(samples.iter().enumerate().all(|(i, x)| *x == planes[i % channels][i / channels]));
        }
    }
    let planes = ints(2, 24, FRAMES);
    write(&world, "x.wav", spec(Format::Wav, 32, 2), &planes);
    let bytes = world.get("x.wav").unwrap();
    let mut reader = hound::WavReader::new(Cursor::new(&bytes[..])).unwrap();
    let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
    assert!(samples.iter().enumerate().all(|(i, x)| *x == planes[i % 2][i / 2] as f32 / 8_388_608.0));
}

#[test]
fn what_hound_writes_is_read() {
    let world = Memory::new();
    for (bits, format) in [
        (8, hound::SampleFormat::Int),
        (16, hound::SampleFormat::Int),
        (24, hound::SampleFormat::Int),
        (32, hound::SampleFormat::Int),
        (32, hound::SampleFormat::Float),
    ] {
        for channels in [1u16, 2, 3] {
            let mut bytes = Cursor::new(Vec::new());
            let spec = hound::WavSpec { channels, sample_rate: 44_100, bits_per_sample: bits, sample_format: format };
            let planes = ints(usize::from(channels), u32::from(bits), 500);
            let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
            for n in 0..500 {
                for plane in &planes {
                    match format {
                        hound::SampleFormat::Int => writer.write_sample(plane[n]).unwrap(),
                        hound::SampleFormat::Float => writer.write_sample(plane[n] as f32).unwrap(),
                    }
                }
            }
            writer.finalize().unwrap();
            world.put("h.wav", bytes.into_inner());
            let back = read(&mut open(&world, "h.wav")).unwrap();
            let full = if format == hound::SampleFormat::Int { math::pow(2.0, f64::from(bits) - 1.0) } else { 1.0 };
            for (plane, back) in planes.iter().zip(&back) {
                for (x, y) in plane.iter().zip(back) {
                    let x = if full == 1.0 { f64::from(*x as f32) } else { f64::from(*x) };
                    assert_eq!(*y, x / full, "{bits} bits {format:?}");
                }
            }
        }
    }
}

#[test]
fn headers_of_all_kinds() {
    let world = Memory::new();
    let floats: Vec<u8> = [0.25f64, -1.5, 1e-20].iter().flat_map(|x| x.to_le_bytes()).collect();
    let odd = (b"LIST", None, vec![1, 2, 3]);
    world.put(
        "f64.wav",
        riff(b"RIFF", &[odd.clone(), (b"fmt ", None, fmt(3, 1, 96_000, 64)), (b"data", None, floats.clone())]),
    );
    assert_eq!(read(&mut open(&world, "f64.wav")).unwrap(), [[0.25, -1.5, 1e-20]]);
    assert_eq!(probe(&world, Path::new("f64.wav")).unwrap().codec, "pcm_f64le");
    let mut ds64 = vec![0; 28];
    ds64[8] = 6;
    let long = riff(
        b"RF64",
        &[
            (b"ds64", None, ds64),
            (b"fmt ", None, fmt(1, 1, 44_100, 24)),
            (b"data", Some(u32::MAX), vec![0, 0, 0x40, 0, 0, 0xC0, 9, 9, 9]),
        ],
    );
    world.put("rf64.wav", long);
    assert_eq!(read(&mut open(&world, "rf64.wav")).unwrap(), [[0.5, -0.5]]);
    // a recorder that never came back to write its length
    world.put(
        "open.wav",
        riff(b"RIFF", &[(b"fmt ", None, fmt(1, 1, 44_100, 16)), (b"data", Some(u32::MAX), vec![0, 64, 0, 32])]),
    );
    assert_eq!(read(&mut open(&world, "open.wav")).unwrap(), [[0.5, 0.25]]);
}

#[test]
fn lossy_files_have_their_exact_length_and_place() {
    let world = Memory::new();
    world.put("sine.mp3", include_bytes!("../fixtures/sine.mp3").to_vec());
    world.put("plain.mp3", include_bytes!("../fixtures/plain.mp3").to_vec());
    world.put("sine.ogg", include_bytes!("../fixtures/sine.ogg").to_vec());
    for (name, format, codec, frames, at) in [
        ("sine.mp3", "mp3", "mp3", 20_000, 0),
        // without a LAME header nobody knows the encoder's delay: 1105 frames, and whole frames of 1152
        ("plain.mp3", "mp3", "mp3", 19 * 1152, 1105),
        ("sine.ogg", "ogg", "vorbis", 20_000, 0),
    ] {
        let info = probe(&world, Path::new(name)).unwrap();
        assert_eq!((info.format, info.codec, info.channels, info.rate), (format, codec, 1, Rate::CD), "{name}");
        assert_eq!((info.frames, info.bits, info.lossless), (frames, None, false), "{name}");
        let back = read(&mut open(&world, name)).unwrap().remove(0);
        assert_eq!(back.len() as u64, frames, "{name}");
        let sine = |n: usize| 0.5 * math::sin(std::f64::consts::TAU * 997.0 * (n as f64 - f64::from(at)) / 44_100.0);
        let worst = (3000..18_000).map(|n| (back[n] - sine(n)).abs()).fold(0.0, f64::max);
        // a codec this coarse errs by .03; one frame beside its place would be .07
        assert!(worst < 0.04, "{name}: {worst}");
        // seeking gives what reading on gives
        let mut reader = open(&world, name);
        let mut block = Block::new(1, 700);
        for from in [9_000usize, 9_100, 3, 15_000, 14_999, 0] {
            reader.seek(from as u64).unwrap();
            assert_eq!(reader.read(&mut block.planes(1, 700)).unwrap(), 700);
            assert_eq!(block.channel(0), &back[from..from + 700], "{name} at {from}");
        }
        reader.seek(frames).unwrap();
        assert_eq!(reader.read(&mut block.planes(1, 700)).unwrap(), 0);
        reader.seek(1).unwrap();
        assert_eq!(reader.read(&mut block.planes(1, 700)).unwrap(), 700);
        assert_eq!(block.channel(0), &back[1..701]);
    }
    // cut in the middle, it is shorter than its own header says
    let bytes = include_bytes!("../fixtures/sine.mp3");
    world.put("cut.mp3", bytes[..bytes.len() / 2].to_vec());
    assert!(matches!(probe(&world, Path::new("cut.mp3")), Err(ReadError::Truncated { expected: 20_000, .. })));
}

#[test]
fn readers_go_from_thread_to_thread() {
    fn send<T: Send>() {}
    send::<Reader>();
    send::<Source>();
}

#[test]
fn seeking_is_exact_at_any_rate() {
    let world = Memory::new();
    let planes = ints(2, 24, FRAMES);
    for (format, name) in [(Format::Wav, "x.wav"), (Format::Flac, "x.flac")] {
        write(&world, name, spec(format, 24, 2), &planes);
        for rate in [48_000, 44_100, 96_000, 44_101] {
            let rate = Rate::new(rate).unwrap();
            let all = |pieces: usize| {
                let mut source = Source::new(Reader::open(&world, Path::new(name), false).unwrap(), rate);
                let mut block = Block::new(2, pieces);
                let mut back = Vec::new();
                loop {
                    let frames = source.read(&mut block.planes(2, pieces)).unwrap();
                    back.extend_from_slice(&block.channel(1)[..frames]);
                    if frames == 0 {
                        assert_eq!(back.len() as u64, source.frames());
                        return back;
                    }
                }
            };
            let whole = all(4_000);
            assert_eq!(whole.len(), (FRAMES as f64 * rate.hz() / 48_000.0 + 0.5) as usize);
            assert_eq!(whole, all(512));
            let mut source = Source::new(Reader::open(&world, Path::new(name), false).unwrap(), rate);
            let mut block = Block::new(2, 900);
            for from in [5_000usize, 100, 8_000, 8_100, 8_950, 4_097, 0, whole.len() - 10] {
                source.seek(from as u64).unwrap();
                let frames = source.read(&mut block.planes(2, 900)).unwrap();
                assert_eq!(frames, 900.min(whole.len() - from));
                assert_eq!(block.channel(1)[..frames], whole[from..from + frames], "{name} {rate} at {from}");
            }
        }
    }
}

/// From the end back into the first block and on over its border, where the decoder must not remember what it has seen.
#[test]
fn a_flac_is_read_again_from_its_beginning() {
    let world = Memory::new();
    write(&world, "x.flac", spec(Format::Flac, 16, 1), &ints(1, 16, FRAMES));
    let mut reader = open(&world, "x.flac");
    let whole = read(&mut reader).unwrap().remove(0);
    for from in [4_000, 0, 8_000, 100] {
        reader.seek(from as u64).unwrap();
        assert!(read(&mut reader).unwrap()[0] == whole[from..], "from {from}");
    }
}

#[test]
fn a_writer_keeps_its_promises() {
    let world = Memory::new();
    let planes = ints(2, 16, 100);
    let refs: Vec<&[i32]> = planes.iter().map(|p| &p[..]).collect();
    for format in [Format::Wav, Format::Flac] {
        let create = |bits, channels, frames| {
            let spec = Spec { format, bits, channels, rate: Rate::CD, frames, compression: 5 };
            writer::create(world.create(Path::new("y")).unwrap(), spec)
        };
        let mut writer = create(16, 2, 150).unwrap();
        writer.write(Samples::Int(&refs)).unwrap();
        assert!(matches!(writer.write(Samples::Int(&refs)), Err(WriteError::Length { promised: 150, given: 200 })));
        assert!(matches!(writer.finish(), Err(WriteError::Length { promised: 150, given: 100 })));
        let mut writer = create(16, 2, 100).unwrap();
        writer.write(Samples::Int(&refs)).unwrap();
        drop(writer);
        assert!(world.paths().is_empty(), "an unfinished file leaves nothing");
        assert!(create(16, 1, 100).unwrap().write(Samples::Int(&refs)).is_err());
        assert!(create(16, 2, 100).unwrap().write(Samples::Float(&[&[0.0], &[0.0]])).is_err());
        assert!(matches!(create(20, 2, 100), Err(WriteError::Unsupported(_))));
        assert!(matches!(create(16, 17, 100), Err(WriteError::Unsupported(_))));
    }
    // a rate above what the encoder itself knows
    let fast = Spec {
        format: Format::Flac,
        bits: 16,
        channels: 2,
        rate: Rate::new(352_800).unwrap(),
        frames: 100,
        compression: 5,
    };
    write(&world, "fast.flac", fast, &planes);
    assert_eq!(probe(&world, Path::new("fast.flac")).unwrap().rate, fast.rate);
    assert_eq!(read(&mut open(&world, "fast.flac")).unwrap()[1].len(), 100);
    let nine = Spec { format: Format::Flac, bits: 16, channels: 9, rate: Rate::CD, frames: 1, compression: 5 };
    assert!(matches!(writer::create(world.create(Path::new("y")).unwrap(), nine), Err(WriteError::Unsupported(_))));
}
