//! Files that ffmpeg and lame made, read by mixdown.

use super::{Bench, apart, music, residual, rms};
use mixdown::audio::math;

/// A file made by ffmpeg of `source.wav`.
fn make(bench: &Bench, file: &str, how: &[&str]) {
    let args = [&["-v", "error", "-y", "-i", "source.wav"], how, &[file]].concat();
    bench.run("ffmpeg", &args);
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn every_depth_of_wav_and_flac_is_read_exactly() {
    // over 48 kHz, more than two channels and more than 16 bits make ffmpeg write WAVE_FORMAT_EXTENSIBLE
    for (rate, channels) in [(44_100, 2), (48_000, 1), (96_000, 2), (48_000, 6)] {
        let bench = Bench::new();
        let source = music(rate, channels, 1.37);
        bench.write("source.wav", rate, &source);
        let frames = source[0].len();
        let source: Vec<f64> = (0..frames).flat_map(|n| source.iter().map(move |p| p[n])).collect();
        for (file, codec, how, step) in [
            ("u8.wav", "pcm_u8", &["-c:a", "pcm_u8"][..], 1.0 / 128.0),
            ("s16.wav", "pcm_s16le", &["-c:a", "pcm_s16le"], 1.0 / 32_768.0),
            ("s24.wav", "pcm_s24le", &["-c:a", "pcm_s24le"], 1.0 / 8_388_608.0),
            ("s32.wav", "pcm_s32le", &["-c:a", "pcm_s32le"], 1.0 / 8_388_608.0),
            ("f32.wav", "pcm_f32le", &["-c:a", "pcm_f32le"], 0.0),
            ("f64.wav", "pcm_f64le", &["-c:a", "pcm_f64le"], 0.0),
            ("rf64.wav", "pcm_s24le", &["-c:a", "pcm_s24le", "-rf64", "always"], 1.0 / 8_388_608.0),
            ("s16.flac", "flac", &["-c:a", "flac", "-sample_fmt", "s16"], 1.0 / 32_768.0),
            ("s24.flac", "flac", &["-c:a", "flac", "-sample_fmt", "s32"], 1.0 / 8_388_608.0),
        ] {
            make(&bench, file, how);
            let measured = bench.measure(file, &[]);
            assert_eq!(measured["codec"], codec, "{file}");
            assert_eq!(measured["frames"], frames, "{file}");
            assert_eq!(measured["channels"], channels, "{file}");
            assert_eq!(measured["sample_rate"], rate, "{file}");
            let ours = bench.ours(file);
            assert_eq!(apart(&ours, &bench.ffmpeg(file)), 0.0, "{file} at {rate} Hz, {channels} channels");
            let single = 1.0 / 16_777_216.0;
            assert!(apart(&ours, &source) <= step + single, "{file} is the source");
        }
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn mp3_is_as_long_as_what_went_in() {
    for (rate, channels) in [(44_100, 2), (48_000, 1)] {
        let bench = Bench::new();
        let source = music(rate, channels, 2.345);
        bench.write("source.wav", rate, &source);
        for how in [&["-b:a", "192k"][..], &["-q:a", "2"]] {
            make(&bench, "a.mp3", &[&["-c:a", "libmp3lame"], how].concat());
            assert_eq!(bench.measure("a.mp3", &[])["frames"], source[0].len(), "{rate} {how:?}");
            let apart = residual(&bench.ffmpeg("a.mp3"), &bench.ours("a.mp3"));
            println!("mp3 {rate} {how:?}: {apart:.1} dB apart");
            assert!(apart <= -90.0, "{rate} {how:?}: {apart} dB apart");
        }
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn vorbis_is_as_loud_and_as_long_as_what_went_in() {
    for (rate, channels) in [(44_100, 2), (48_000, 1)] {
        let bench = Bench::new();
        let source = music(rate, channels, 2.345);
        bench.write("source.wav", rate, &source);
        make(&bench, "a.ogg", &["-c:a", "libvorbis", "-q:a", "6"]);
        let ours = bench.ours("a.ogg");
        assert!((ours.len() / channels).abs_diff(source[0].len()) <= 1, "{} frames", ours.len() / channels);
        let level = math::to_db(rms(ours.iter().copied()) / rms(bench.ours("source.wav").into_iter()));
        assert!(level.abs() <= 0.3, "{level} dB");
        let theirs = bench.ffmpeg("a.ogg");
        let both = ours.len().min(theirs.len());
        let apart = residual(&theirs[..both], &ours[..both]);
        println!("vorbis {rate}: {level:.3} dB, {apart:.1} dB apart");
        assert!(apart <= -90.0, "{apart} dB apart");
    }
}
