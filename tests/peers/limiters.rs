//! The ceiling, on the written file, by ffmpeg's meter: mixdown's limiter holds it, ffmpeg's doesn't.

use mixdown::audio::{math, rng::Seed};

use super::{Bench, music};

const TAU: f64 = std::f64::consts::TAU;

/// What is hard to limit, 3 dB over full scale, two channels each.
fn hostile(rate: u32) -> Vec<(&'static str, Vec<Vec<f64>>)> {
    let (hz, seed) = (f64::from(rate), Seed::of("limiters"));
    let frames = rate as usize;
    let over = math::from_db(3.0);
    let make = |f: &dyn Fn(usize) -> f64| -> Vec<Vec<f64>> {
        // comes and goes slowly: at a cut every interpolator rings in its own way
        let fade = |i: usize| (i.min(frames - 1 - i) as f64 / 2000.0).min(1.0);
        vec![(0..frames).map(|i| over * fade(i) * f(i)).collect(); 2]
    };
    let burst = |i: usize, every: usize, cycles: f64| {
        if i % every < every / 3 { math::sin(TAU * ((cycles * i as f64) % 1.0 + 0.125)) } else { 0.0 }
    };
    vec![
        ("white noise", make(&|i| seed.bipolar(i as i64))),
        ("bursts at fs/4", make(&|i| burst(i, 3000, 0.25))),
        ("bursts at fs/6", make(&|i| burst(i, 2000, 1.0 / 6.0))),
        ("squares", make(&|i| if i % 64 < 32 { 1.0 } else { -1.0 })),
        ("clicks", make(&|i| if i % 4801 == 2400 { 1.0 } else { 0.0 })),
        ("17.2 kHz", make(&|i| math::sin(TAU * ((17_200.0 * i as f64 / hz) % 1.0)))),
        ("music", music(rate, 2, 2.0).iter().map(|x| x.iter().map(|x| 2.8 * x).collect()).collect()),
    ]
}

/// In dBTP, as ffmpeg's ebur128 filter prints it: to a tenth. The digits are had by asking for the peaks it hands on.
fn true_peak(bench: &Bench, file: &str) -> f64 {
    let print = "ebur128=peak=true:metadata=1,ametadata=print:key=lavfi.r128.true_peaks_ch0:file=-";
    let both = [print.to_owned(), print.replace("ch0", "ch1")].map(|filter| {
        let text = bench.says(
            "ffmpeg",
            &["-nostats", "-hide_banner", "-v", "error", "-i", file, "-af", &filter, "-f", "null", "-"],
        );
        let last = text.lines().rev().find_map(|l| l.trim().strip_prefix("lavfi.r128.true_peaks_ch")?.split_once('='));
        last.expect("a peak").1.parse::<f64>().unwrap()
    });
    20.0 * math::log10(both[0].max(both[1]))
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn ffmpeg_finds_no_peak_over_the_ceiling_in_what_is_written() {
    let mut passed = 0;
    for rate in [44_100, 48_000, 96_000] {
        let bench = Bench::new();
        for (name, sound) in hostile(rate) {
            bench.write("source.wav", rate, &sound);
            let limiter = "limiter(ceiling: -1dBTP)";
            bench.render(&format!(
                "track(\"a\", \"source.wav\");\nmaster.insert({limiter});\ndeliver(master, \"16.wav\", bits: 16);\ndeliver(master, \"24.flac\", bits: 24);"
            ));
            let alimiter = "alimiter=limit=0.891251:level=disabled:attack=2:release=80";
            let args = ["-v", "error", "-y", "-i", "source.wav", "-af", alimiter, "-c:a", "pcm_s16le", "theirs.wav"];
            bench.run("ffmpeg", &args);
            let [ours, fine, theirs] = ["out/16.wav", "out/24.flac", "theirs.wav"].map(|file| true_peak(&bench, file));
            println!("{rate} {name:14}: mixdown {ours:.3} and {fine:.3} dBTP, alimiter {theirs:.3}");
            assert!(ours <= -0.999 && fine <= -0.999, "{rate} {name}: {ours} {fine}");
            // it turns down what has to be, and no more
            assert!(ours > -1.3, "{rate} {name}: {ours}");
            passed += i32::from(theirs > -0.95);
        }
    }
    assert!(passed >= 9, "alimiter let only {passed} of 21 pass");
}
