//! Every format at every depth, rate and number of channels, made by ffmpeg, sox and flac, and read as they read it: to the bit.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mixdown::audio::Block;
use mixdown::audio::rng::Seed;
use mixdown::media::{ReadError, Reader};
use mixdown::world::Disk;

use super::{Bench, music};

const RATES: [u32; 12] =
    [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 384_000];
const CHANNELS: [usize; 3] = [1, 2, 6];
const FRAMES: usize = 4_999;

/// Files of `source.raw` (f64), and the tool's own decode of each into `name.raw` (f64).
struct Made {
    name: String,
    codec: String,
}

/// What was compared, by maker, format and codec.
type Table = BTreeMap<String, (usize, usize)>;

fn source(bench: &Bench, rate: u32, channels: usize) {
    let planes = music(rate, channels, (FRAMES as f64 + 0.5) / f64::from(rate));
    let seed = Seed::of("table");
    let mut bytes = Vec::new();
    for n in 0..FRAMES {
        for (channel, plane) in planes.iter().enumerate() {
            // to the last bit of any depth, and to both ends
            let noise = seed.with(channel as u64).bipolar(n as i64) * 1e-3;
            let x = [-1.0, 1.0 - 1e-10, plane[n] + noise][n.min(2)];
            bytes.extend_from_slice(&x.clamp(-1.0, 1.0).to_le_bytes());
        }
    }
    fs::write(bench.at("source.raw"), bytes).unwrap();
}

const BY_FFMPEG: &[(&str, &str, &[&str])] = &[
    ("wav", "u8 s16le s24le s32le s64le f32le f64le alaw mulaw", &[]),
    ("wav", "s16le s24le f32le", &["-rf64", "always"]),
    ("w64", "u8 s16le s24le s32le s64le f32le f64le alaw mulaw", &[]),
    ("aiff", "s8 u8 s16be s16le s24be s32be f32be f64be alaw mulaw", &[]),
    ("caf", "s8 s16be s16le s24be s24le s32be s32le f32be f32le f64be f64le alaw mulaw", &[]),
    ("au", "s8 s16be s24be s32be f32be f64be alaw mulaw", &[]),
];

fn by_ffmpeg(bench: &Bench, rate: u32, channels: usize) -> Vec<Made> {
    let (rate, channels) = (rate.to_string(), channels.to_string());
    let mut args = vec!["-v", "error", "-f", "f64le", "-ar", &rate, "-ac", &channels, "-i", "source.raw"];
    let all = BY_FFMPEG
        .iter()
        .flat_map(|(format, codecs, how)| codecs.split(' ').map(move |codec| (*format, format!("pcm_{codec}"), *how)));
    let made: Vec<(Made, &[&str])> = all
        .map(|(format, codec, how)| {
            let name = format!("{codec}{}.{format}", if how.is_empty() { "" } else { "-rf64" });
            (Made { name, codec }, how)
        })
        .collect();
    for (made, how) in &made {
        args.extend_from_slice(&["-c:a", &made.codec]);
        args.extend_from_slice(how);
        args.push(&made.name);
    }
    bench.run("ffmpeg", &args);
    let raws: Vec<(String, String)> =
        made.iter().enumerate().map(|(i, (made, _))| (i.to_string(), format!("{}.raw", made.name))).collect();
    let mut args = vec!["-v", "error"];
    made.iter().for_each(|(made, _)| args.extend_from_slice(&["-i", &made.name]));
    for (index, raw) in &raws {
        args.extend_from_slice(&["-map", index, "-c:a", "pcm_f64le", "-f", "f64le", raw]);
    }
    bench.run("ffmpeg", &args);
    made.into_iter().map(|(made, _)| made).collect()
}

/// Format, encoding, bits, and what ffmpeg calls it. Float files are left to ffmpeg: sox keeps 32 bits.
const BY_SOX: &[(&str, &str, &str, &str)] = &[
    ("wav", "unsigned", "8", "pcm_u8"),
    ("wav", "signed", "16", "pcm_s16le"),
    ("wav", "signed", "24", "pcm_s24le"),
    ("wav", "signed", "32", "pcm_s32le"),
    ("wav", "a-law", "8", "pcm_alaw"),
    ("wav", "mu-law", "8", "pcm_mulaw"),
    ("w64", "signed", "16", "pcm_s16le"),
    ("w64", "signed", "24", "pcm_s24le"),
    ("w64", "signed", "32", "pcm_s32le"),
    ("aiff", "signed", "8", "pcm_s8"),
    ("aiff", "signed", "16", "pcm_s16be"),
    ("aiff", "signed", "24", "pcm_s24be"),
    ("aiff", "signed", "32", "pcm_s32be"),
    ("aifc", "signed", "16", "pcm_s16be"),
    ("aifc", "signed", "24", "pcm_s24be"),
    ("caf", "signed", "16", "pcm_s16be"),
    ("caf", "signed", "24", "pcm_s24be"),
    ("caf", "signed", "32", "pcm_s32be"),
    ("au", "signed", "8", "pcm_s8"),
    ("au", "signed", "16", "pcm_s16be"),
    ("au", "signed", "24", "pcm_s24be"),
    ("au", "signed", "32", "pcm_s32be"),
    ("au", "mu-law", "8", "pcm_mulaw"),
    ("au", "a-law", "8", "pcm_alaw"),
];

fn by_sox(bench: &Bench, rate: u32, channels: usize) -> Vec<Made> {
    let (rate, channels) = (rate.to_string(), channels.to_string());
    let raw = ["-t", "raw", "-e", "floating-point", "-b", "64", "-L"];
    let made = BY_SOX.iter().map(|(format, encoding, bits, codec)| {
        let made = Made { name: format!("{encoding}{bits}.{format}"), codec: codec.to_string() };
        let source = [&["-D"], &raw[..], &["-r", &rate, "-c", &channels, "source.raw"]].concat();
        bench.run("sox", &[&source, &["-e", encoding, "-b", bits, &made.name][..]].concat());
        bench.run("sox", &[&["-D", &made.name], &raw[..], &[&format!("{}.raw", made.name)]].concat());
        made
    });
    made.collect()
}

/// The other depths of FLAC are made of raw samples, which flac takes by whole bytes; 12 and 20 bits of a WAV that says so.
fn by_flac(bench: &Bench, rate: u32, channels: usize) -> Vec<Made> {
    let source = fs::read(bench.at("source.raw")).unwrap();
    let source: Vec<f64> = source.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
    let mut all = Vec::new();
    for bits in [8u32, 12, 16, 20, 24, 32] {
        let made = Made { name: format!("s{bits}.flac"), codec: "flac".into() };
        let (bytes, full) = (bits.div_ceil(8), (1u64 << (bits - 1)) as f64);
        let ints: Vec<i64> = source.iter().map(|x| (x * full) as i64).collect();
        let signed = if bits == 8 { 128 } else { 0 };
        let data =
            ints.iter().flat_map(|x| ((x << (bytes * 8 - bits)) + signed).to_le_bytes()[..bytes as usize].to_vec());
        let wav = extensible(rate, channels as u32, bytes, bits, &data.collect::<Vec<u8>>());
        fs::write(bench.at("ints.wav"), wav).unwrap();
        bench.run("flac", &["--silent", "-f", "--lax", "-o", &made.name, "ints.wav"]);
        bench.run("flac", &["--silent", "-t", &made.name]);
        if (bits, channels) == (32, 2) {
            let error = Reader::open(&Disk::new(bench.0.path()), Path::new(&made.name), false).map(|_| ()).unwrap_err();
            assert!(matches!(error, ReadError::Unsupported(_)), "{error}");
            continue;
        }
        // flac has tested that it gives these back
        let floats: Vec<u8> = ints.iter().flat_map(|x| (*x as f64 / full).to_le_bytes()).collect();
        fs::write(bench.at(&format!("{}.raw", made.name)), floats).unwrap();
        all.push(made);
    }
    all
}

/// A WAV whose samples are `valid` bits at the top of `bytes`.
fn extensible(rate: u32, channels: u32, bytes: u32, valid: u32, data: &[u8]) -> Vec<u8> {
    let block = channels * bytes;
    let words = |words: &[u32]| words.iter().flat_map(|w| (*w as u16).to_le_bytes()).collect::<Vec<u8>>();
    let longs = |longs: &[u32]| longs.iter().flat_map(|l| l.to_le_bytes()).collect::<Vec<u8>>();
    let mask = [0x4, 0x3, 0, 0, 0, 0x3F][channels as usize - 1];
    [
        &b"RIFF"[..],
        &longs(&[data.len() as u32 + 60]),
        b"WAVEfmt ",
        &longs(&[40]),
        &words(&[0xFFFE, channels]),
        &longs(&[rate, rate * block]),
        &words(&[block, bytes * 8, 22, valid]),
        &longs(&[mask, 1, 0x0010_0000, 0xAA00_0080, 0x719B_3800]),
        b"data",
        &longs(&[data.len() as u32]),
        data,
    ]
    .concat()
}

fn compare(bench: &Bench, maker: &str, rate: u32, channels: usize, made: &[Made], table: &mut Table) {
    for Made { name, codec } in made {
        let what = format!("{maker}'s {name} at {rate} Hz, {channels} channels");
        let mut reader = Reader::open(&Disk::new(bench.0.path()), Path::new(name), false)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let info = reader.info().clone();
        assert_eq!((info.rate.get(), info.channels, info.codec), (rate, channels, codec.as_str()), "{what}");
        let theirs = fs::read(bench.at(&format!("{name}.raw"))).unwrap();
        let theirs: Vec<f64> = theirs.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
        let ours = bench.ours(name);
        assert_eq!((ours.len(), info.frames as usize * channels), (theirs.len(), theirs.len()), "{what}");
        // ffmpeg counts the padding of a Wave64's samples as sound, and reads it back as such
        let padded = if maker == "ffmpeg" && info.format == "w64" { 7 } else { 0 };
        let frames = info.frames as usize;
        assert!((FRAMES..=FRAMES + padded).contains(&frames), "{what}: {frames} frames");
        let first = ours.iter().zip(&theirs).position(|(a, b)| a != b);
        assert_eq!(first.map(|i| (i, ours[i], theirs[i])), None, "{what}");
        // from anywhere it goes on as it does when it is read through
        let seed = Seed::of(&what);
        let mut block = Block::new(channels, 300);
        for place in 0..20 {
            let from = seed.bits(place) as usize % frames;
            reader.seek(from as u64).unwrap();
            let read =
                reader.read(&mut block.planes(channels, 300)).unwrap_or_else(|e| panic!("{what} from {from}: {e}"));
            assert_eq!(read, 300.min(frames - from), "{what} from {from}");
            for n in 0..read {
                for channel in 0..channels {
                    let there = ours[(from + n) * channels + channel];
                    assert_eq!(block.channel(channel)[n], there, "{what} from {from}");
                }
            }
        }
        let row = format!("{maker:<7} {:<6} {name}", info.format);
        let (files, samples) = table.entry(row).or_default();
        *files += 1;
        *samples += ours.len();
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn every_file_is_read_as_its_maker_reads_it() {
    let mut table = Table::new();
    for rate in RATES {
        for channels in CHANNELS {
            let bench = Bench::new();
            source(&bench, rate, channels);
            for (maker, make) in
                [("ffmpeg", by_ffmpeg as fn(&Bench, u32, usize) -> Vec<Made>), ("sox", by_sox), ("flac", by_flac)]
            {
                compare(&bench, maker, rate, channels, &make(&bench, rate, channels), &mut table);
            }
        }
    }
    println!("maker   format kind                 files  samples  apart");
    for (row, (files, samples)) in &table {
        println!("{row:<34} {files:>5} {samples:>8}      0");
    }
    // all but FLAC of 32 bits in stereo
    let short = table.values().filter(|(files, _)| *files != RATES.len() * CHANNELS.len()).count();
    assert_eq!(short, 1);
}
