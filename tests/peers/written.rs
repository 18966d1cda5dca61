//! Files that mixdown writes, opened by ffmpeg, sox and flac.

use mixdown::media::writer::Format;

use super::{Bench, apart, music};

/// The header as soxi reads it: channels, rate, frames, bits.
fn header(bench: &Bench, file: &str) -> [u64; 4] {
    ["-c", "-r", "-s", "-b"].map(|what| bench.says("soxi", &[what, file]).trim().parse().unwrap())
}

/// Samples as `flac -d` gives them.
fn flac(bench: &Bench, file: &str, bits: u32) -> Vec<f64> {
    let raw = ["-d", "-c", "-s", "--force-raw-format", "--endian=little", "--sign=signed", file];
    let out = bench.run("flac", &raw).stdout;
    let bytes = bits as usize / 8;
    let sample = |b: &[u8]| {
        let mut whole = [0; 4];
        whole[4 - bytes..].copy_from_slice(b);
        f64::from(i32::from_le_bytes(whole)) / 2_147_483_648.0
    };
    out.chunks_exact(bytes).map(sample).collect()
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn every_format_holds_the_same_samples_for_everybody() {
    let files = ["16.wav", "24.wav", "32.wav", "16.flac", "24.flac", "16.aiff", "24.aif", "32.aiff"];
    for (rate, channels) in [(44_100, 2), (48_000, 1), (96_000, 2)] {
        let bench = Bench::new();
        bench.write("source.wav", rate, &music(rate, channels, 3.1));
        let mut script = String::from("let a = track(\"a\", \"source.wav\").gain(-1.3dB);\n");
        for file in files {
            let bits = &file[..2];
            script.push_str(&format!("deliver(mix, \"{file}\", bits: {bits});\n"));
            script.push_str(&format!("deliver(a.pre, \"pre-{file}\", bits: {bits});\n"));
        }
        bench.render(&script);
        let frames = (3.1 * f64::from(rate)) as u64;
        for (file, channels) in files.iter().flat_map(|f| [(f.to_string(), 2), (format!("pre-{f}"), channels as u64)]) {
            let path = format!("out/{file}");
            let bits: u32 = if file.contains("16") {
                16
            } else if file.contains("24") {
                24
            } else {
                32
            };
            assert_eq!(header(&bench, &path), [channels, rate.into(), frames, bits.into()], "{path}");
            if path.contains(".aif") {
                let codec = ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", &path];
                let codec = bench.says("ffprobe", &codec);
                assert_eq!(codec.trim(), Format::Aiff.codec(bits), "{path}");
            }
            // an AIFF is dithered by its own name
            let ours = if path.contains(".aif") { bench.ffmpeg(&path) } else { bench.ours(&path) };
            assert_eq!(ours.len() as u64, frames * channels, "{path}");
            assert!(ours.iter().any(|x| x.abs() > 0.1), "{path}: there is sound in it");
            assert_eq!(apart(&ours, &bench.ffmpeg(&path)), 0.0, "{path} in ffmpeg");
            // sox turns float into 32-bit integers
            let rounding = if bits == 32 { 1.0 / 2_147_483_648.0 } else { 0.0 };
            assert!(apart(&ours, &bench.sox(&path)) <= rounding, "{path} in sox");
            if path.ends_with("flac") {
                bench.run("flac", &["-t", "-s", &path]);
                assert_eq!(apart(&ours, &flac(&bench, &path, bits)), 0.0, "{path} in flac");
            }
        }
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn what_is_not_touched_arrives_bit_for_bit() {
    let bench = Bench::new();
    bench.write("float.wav", 48_000, &music(48_000, 2, 2.0));
    for bits in ["16", "24"] {
        bench.run("sox", &["-D", "float.wav", "-b", bits, "-e", "signed-integer", &format!("{bits}.wav")]);
        let deliver = |end: &str| format!("deliver(mix, \"{bits}.{end}\", bits: {bits});\n");
        bench.render(&format!(
            "track(\"a\", \"{bits}.wav\");\n{}{}",
            deliver("wav"),
            [deliver("flac"), deliver("aiff")].concat()
        ));
        let source = bench.sox(&format!("{bits}.wav"));
        for end in ["wav", "flac", "aiff"] {
            assert_eq!(apart(&source, &bench.sox(&format!("out/{bits}.{end}"))), 0.0, "{bits} {end}");
        }
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn places_are_found_in_an_aiff() {
    let bench = Bench::new();
    bench.write("a.wav", 48_000, &music(48_000, 2, 2.0));
    bench.render(
        "track(\"a\", \"a.wav\");\nmarker(\"here\", 0.5s);\ndeliver(mix, \"m.aiff\", dither: \"none\");\ndeliver(mix, \"m.wav\", dither: \"none\");",
    );
    // ffmpeg tells no marks of an AIFF: they must not disturb it or sox
    let wav = bench.ours("out/m.wav");
    assert_eq!(apart(&wav, &bench.ffmpeg("out/m.aiff")), 0.0);
    assert_eq!(apart(&wav, &bench.sox("out/m.aiff")), 0.0);
    assert_eq!(header(&bench, "out/m.aiff"), [2, 48_000, 96_000, 24]);
}

/// Sounds between music and noise, so that no level is at its ease with all of them.
#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn every_level_is_as_small_as_that_of_flac() {
    let bench = Bench::new();
    let hz = |rate: u32| f64::from(rate);
    let noisy = |rate: u32| {
        let mut planes = music(rate, 2, 8.0);
        for (channel, plane) in planes.iter_mut().enumerate() {
            let seed = mixdown::audio::rng::Seed::of("floor").with(channel as u64);
            plane.iter_mut().enumerate().for_each(|(n, x)| *x += 0.002 * seed.bipolar(n as i64));
        }
        planes
    };
    let chord = |rate: u32| {
        let one = |side: f64| -> Vec<f64> {
            let ring = |n: usize, note: f64| {
                let t = n as f64 / hz(rate);
                let beat = t.rem_euclid(0.5);
                mixdown::audio::math::exp(-4.0 * beat) * mixdown::audio::math::sin(std::f64::consts::TAU * note * t)
            };
            let notes = [110.0, 220.5, 329.6 + side, 1318.5, 2637.0];
            (0..8 * rate as usize).map(|n| notes.iter().map(|note| 0.12 * ring(n, *note)).sum()).collect()
        };
        vec![one(0.0), one(0.4)]
    };
    for (name, rate, planes) in
        [("noisy", 44_100, noisy(44_100)), ("chord", 48_000, chord(48_000)), ("high", 96_000, noisy(96_000))]
    {
        bench.write("float.wav", rate, &planes);
        for bits in ["16", "24"] {
            bench.run("sox", &["-D", "float.wav", "-b", bits, "-e", "signed-integer", "in.wav"]);
            let mut script = String::from("track(\"a\", \"in.wav\");\n");
            (0..=8).for_each(|level| {
                script.push_str(&format!("deliver(mix, \"{level}.flac\", bits: {bits}, compression: {level});\n"));
            });
            bench.render(&script);
            for level in 0..=8 {
                let theirs =
                    ["-f", "-s", "--no-padding", "--no-seektable", &format!("-{level}"), "-o", "their.flac", "in.wav"];
                bench.run("flac", &theirs);
                let ours = format!("out/{level}.flac");
                bench.run("flac", &["-t", "-s", &ours]);
                assert_eq!(apart(&bench.sox("in.wav"), &bench.sox(&ours)), 0.0, "{name} {bits} {level}");
                let size = |file: &str| std::fs::metadata(bench.at(file)).unwrap().len() as f64;
                let more = 100.0 * (size(&ours) / size("their.flac") - 1.0);
                assert!(more < 1.0, "{name}, {bits} bits, level {level}: {more:+.2} %");
            }
        }
    }
}
