//! Sound that mixdown changed, against sox and ffmpeg doing the same.

use mixdown::audio::math;
use rustfft::{FftPlanner, num_complex::Complex};

use super::{Bench, residual, sine};

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn a_resampled_tone_is_that_of_sox() {
    for (from, to) in [(44_100u32, 48_000u32), (48_000, 44_100), (96_000, 48_000), (48_000, 96_000), (192_000, 44_100)]
    {
        let bench = Bench::new();
        let tone = sine(from, 1000.0, 0.3, 0.5, 2.0);
        bench.write("tone.wav", from, &[tone.clone(), tone]);
        bench.render(&format!("song(rate: {to}Hz);\ntrack(\"a\", \"tone.wav\");\ndeliver(mix, \"m.wav\", bits: 32);"));
        let rate = to.to_string();
        bench.run("sox", &["-D", "tone.wav", "-b", "32", "-e", "signed-integer", "sox.wav", "rate", "-v", &rate]);
        let (ours, theirs) = (bench.ours("out/m.wav"), bench.sox("sox.wav"));
        assert_eq!(ours.len(), theirs.len(), "{from} to {to}");
        // where the tone begins and ends each rings in its own way
        let edge = to as usize / 5 * 2;
        let inner = edge..ours.len() - edge;
        let apart = residual(&theirs[inner.clone()], &ours[inner]);
        println!("{from} to {to}: {apart:.1} dB apart");
        assert!(apart <= -120.0, "{from} to {to}: {apart} dB apart");
    }
}

/// Magnitude in dB at bins of 1 Hz.
fn response(interleaved: &[f64], rate: usize) -> Vec<f64> {
    let mut bins: Vec<Complex<f64>> = interleaved.iter().step_by(2).map(|x| Complex::new(*x, 0.0)).collect();
    assert!(bins.len() >= rate);
    bins.truncate(rate);
    FftPlanner::new().plan_fft_forward(rate).process(&mut bins);
    bins.iter().map(|b| math::to_db(b.norm())).collect()
}

/// Both follow the cookbook's definition of Q (R. Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients"); near half
/// the rate the two part, as theirs is warped by the bilinear transform.
#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn a_bell_is_that_of_ffmpeg() {
    let rate = 96_000;
    for (hz, gain, q) in [(1000, 6.0, 1.0), (100, -9.0, 2.0), (3000, 3.0, 0.7)] {
        let bench = Bench::new();
        let mut click = vec![0.0; rate];
        click[0] = 0.25;
        bench.write("click.wav", rate as u32, &[click.clone(), click]);
        bench.render(&format!(
            "track(\"a\", \"click.wav\").insert(bell({hz}Hz, {gain}dB, q: {q}));\ndeliver(mix, \"m.wav\", bits: 32);"
        ));
        let bell = format!("aformat=dblp,equalizer=f={hz}:t=q:w={q}:g={gain}");
        bench.run("ffmpeg", &["-v", "error", "-i", "click.wav", "-af", &bell, "-c:a", "pcm_f64le", "theirs.wav"]);
        let (ours, theirs) = (response(&bench.ours("out/m.wav"), rate), response(&bench.ffmpeg("theirs.wav"), rate));
        let worst = (20..10_000).map(|f| (ours[f] - theirs[f]).abs()).fold(0.0, f64::max);
        println!("bell {hz} Hz {gain} dB q {q}: {worst:.4} dB apart");
        assert!(worst <= 0.1, "bell {hz} Hz {gain} dB q {q}: {worst} dB apart");
        assert!((ours[hz] - math::to_db(0.25) - gain).abs() < 0.01, "{} in the middle", ours[hz]);
    }
}
