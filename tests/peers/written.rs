//! Files that mixdown writes, opened by ffmpeg, sox and flac.

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
    let files = ["16.wav", "24.wav", "32.wav", "16.flac", "24.flac"];
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
            let ours = bench.ours(&path);
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
        bench.render(&format!("track(\"a\", \"{bits}.wav\");\n{}{}", deliver("wav"), deliver("flac")));
        let source = bench.sox(&format!("{bits}.wav"));
        for end in ["wav", "flac"] {
            assert_eq!(apart(&source, &bench.sox(&format!("out/{bits}.{end}"))), 0.0, "{bits} {end}");
        }
    }
}
