//! `measure` against ffmpeg's ebur128 (EBU R 128, libavfilter/f_ebur128.c) and astats filters.

use super::{Bench, music, sine};

/// The last value of a key that a filter printed.
fn last(text: &str, key: &str) -> f64 {
    let line = text.lines().rev().find_map(|l| l.trim().split_once(key).map(|(_, value)| value));
    let value = line.unwrap_or_else(|| panic!("no {key} in {text}"));
    value.split_whitespace().next().unwrap().parse().unwrap()
}

struct Peer {
    integrated: f64,
    range: f64,
    true_peak: f64,
    sample_peak: f64,
}

fn ffmpeg(bench: &Bench, file: &str, dual_mono: bool) -> Peer {
    let filter = |filter: &str| {
        let args = ["-nostats", "-hide_banner", "-i", file, "-af", filter, "-f", "null", "-"];
        let output = bench.run("ffmpeg", &args);
        String::from_utf8_lossy(&output.stdout).into_owned() + &*String::from_utf8_lossy(&output.stderr)
    };
    let key = |key: &str| {
        let print = format!("ebur128=metadata=1:dualmono={dual_mono},ametadata=print:key=lavfi.r128.{key}:file=-");
        last(&filter(&print), &format!("lavfi.r128.{key}="))
    };
    Peer {
        integrated: key("I"),
        range: key("LRA"),
        true_peak: last(&filter("ebur128=peak=true"), "Peak:"),
        // overall is printed last
        sample_peak: last(&filter("astats"), "Peak level dB:"),
    }
}

fn agree(bench: &Bench, file: &str, dual_mono: bool) {
    let flags: &[&str] = if dual_mono { &["--dual-mono"] } else { &[] };
    let ours = bench.measure(file, flags);
    let ours = |key: &str| ours[key].as_f64().unwrap_or_else(|| panic!("{file}: no {key}"));
    let peer = ffmpeg(bench, file, dual_mono);
    for (key, theirs, within) in [
        // it sorts blocks into steps of 0.01 LU, and its bass cut is 0.02 dB quieter at 96 kHz than at 48
        ("integrated_lufs", peer.integrated, 0.03),
        // ten readings a second here and there
        ("loudness_range_lu", peer.range, 0.015),
        // it prints one decimal, and reads the largest sample at 192 kHz: a coarse grid where that is only twice the rate
        ("true_peak_dbtp", peer.true_peak, 0.2),
        ("sample_peak_dbfs", peer.sample_peak, 1e-5),
    ] {
        println!("{file}{}: {key} {} {theirs}", if dual_mono { " (dual mono)" } else { "" }, ours(key));
        assert!((ours(key) - theirs).abs() <= within, "{file}: {key} is {}, ffmpeg says {theirs}", ours(key));
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn music_measures_as_ffmpeg_measures_it() {
    let bench = Bench::new();
    for (rate, channels, seconds) in
        [(44_100, 2, 24.0), (48_000, 2, 24.0), (96_000, 2, 24.0), (48_000, 1, 75.0), (44_100, 1, 75.0)]
    {
        let file = format!("{rate}-{channels}.wav");
        bench.write(&file, rate, &music(rate, channels, seconds));
        agree(&bench, &file, false);
        if channels == 1 {
            agree(&bench, &file, true);
        }
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn sines_measure_as_ffmpeg_measures_them() {
    let bench = Bench::new();
    for rate in [44_100, 48_000, 96_000] {
        let tone = sine(rate, 997.0, 0.0, 0.5, 8.0);
        bench.write("tone.wav", rate, &[tone.clone(), tone.clone()]);
        agree(&bench, "tone.wav", false);
        // a quarter of the rate, caught beside its crests: 3 dB hide between the samples
        let mut between = sine(rate, f64::from(rate) / 4.0, std::f64::consts::FRAC_PI_4, 0.7, 8.0);
        // it comes in slowly: at a sudden beginning every interpolator rings in its own way
        between.iter_mut().take(4800).enumerate().for_each(|(n, x)| *x *= n as f64 / 4800.0);
        bench.write("between.wav", rate, &[between.clone(), between]);
        agree(&bench, "between.wav", false);
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn what_a_render_says_of_its_master_is_what_ffmpeg_says() {
    let bench = Bench::new();
    bench.write("a.wav", 48_000, &music(48_000, 2, 16.0));
    bench.render(
        "track(\"a\", \"a.wav\").gain(9dB);\nmaster.insert(limiter(ceiling: -1dBTP));\ndeliver(master, \"m.flac\");",
    );
    agree(&bench, "out/m.flac", false);
    let peak = ffmpeg(&bench, "out/m.flac", false).true_peak;
    assert!(peak <= -0.9, "the limiter held -1 dBTP: {peak}");
}
