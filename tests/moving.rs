//! What moves in a session, against models: oscillators, functions, followers, VCAs, sections.

mod sessions;

use sessions::{Rendered, Session, db, noise, sine};

const RATE: f64 = 48_000.0;

/// A steady stereo signal of 0.5, two seconds of it, through `track`.
fn steady(track: &str, before: &str) -> Vec<Vec<f64>> {
    render(track, before).samples("mix.wav")
}

fn render(track: &str, before: &str) -> Rendered {
    let flat = vec![vec![0.5; 96_000]; 2];
    let mono = vec![vec![0.5; 96_000]];
    Session::new().wav("a.wav", 48_000, 32, &flat).wav("m.wav", 48_000, 32, &mono).render(&format!(
        "song(\"x\", rate: 48kHz, tempo: 120);\n{before}\ntrack(\"a\", \"a.wav\"){track};\ndeliver(mix, \"mix.wav\", bits: 32);"
    ))
}

fn close(got: &[f64], model: impl Fn(f64) -> f64, within_db: f64, what: &str) {
    let worst = got.iter().enumerate().map(|(n, x)| (x - model(n as f64 / RATE)).abs()).fold(0.0, f64::max);
    assert!(20.0 * libm::log10(worst) < within_db, "{what}: off by {worst:e}");
}

#[test]
fn an_oscillator_begins_at_from_and_is_at_to_half_a_period_later() {
    let level = |t: f64, hz: f64| -12.0 + 12.0 * (0.5 - 0.5 * libm::cos(std::f64::consts::TAU * hz * t));
    let got = steady(".gain(lfo(rate: 2Hz, from: -12dB, to: 0dB))", "");
    close(&got[0], |t| 0.5 * db(level(t, 2.0)), -110.0, "in hertz");
    // a half note at 120 is a second
    let got = steady(".gain(lfo(rate: note(1/2), from: -12dB, to: 0dB))", "");
    close(&got[0], |t| 0.5 * db(level(t, 1.0)), -110.0, "in notes");
}

#[test]
fn a_function_of_time_is_heard_as_it_is_written() {
    let got = steady(".gain(|t| -6.0 - 3.0 * t)", "");
    close(&got[1], |t| 0.5 * db(-6.0 - 3.0 * t), -110.0, "a straight line");
}

#[test]
fn rides_and_vcas_add_to_the_fader() {
    let got = steady(".gain(-3dB).ride([1s..1.5s: 2dB]).ride(-1dB)", "");
    // the span fades over 5 ms from where it begins and where it ends
    for (from, to, level) in [(0.1, 0.99, -4.0), (1.006, 1.499, -2.0), (1.506, 1.99, -4.0)] {
        for n in (from * RATE) as usize..(to * RATE) as usize {
            assert!((got[0][n] - 0.5 * db(level)).abs() < 1e-7, "{n}");
        }
    }
    let out = Session::new().wav("a.wav", 48_000, 32, &noise(1, 2, 4800, 0.5)).render(
        "song(\"x\", rate: 48kHz);\nlet a = track(\"a\", \"a.wav\").gain(-2dB);\nvca(\"all\", [a]).gain(-4dB);\n\
         deliver(mix, \"mix.wav\", bits: 32);\ndeliver(a.pre, \"a.wav\", bits: 32);",
    );
    let (mix, pre) = (out.samples("mix.wav"), out.samples("a.wav"));
    for (x, y) in mix[0].iter().zip(&pre[0]) {
        assert!((x - y * db(-6.0)).abs() < 1e-7);
    }
}

#[test]
fn mutes_fade_inside_the_muted_part_and_leave_the_rest_untouched() {
    let sections = "sections([bar(1): \"one\", 0.5s: \"two\", 1s: \"three\", bar(2): \"\"]);";
    let got = steady(".mute_in(\"two\")", sections);
    let (two, three) = (24_000, 48_000);
    assert!(got[0][..two].iter().chain(&got[0][three..]).all(|x| *x == 0.5), "outside it nothing changes");
    assert!(got[0][two + 241..three - 241].iter().all(|x| *x == 0.0), "inside it is silent");
    let steps = got[0].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
    assert!(steps < 0.01, "no click: {steps}");
    let got = steady(".only_in(\"two\")", sections);
    assert!(got[0][two..three].iter().all(|x| *x == 0.5));
    assert!(got[0][..two - 241].iter().chain(&got[0][three + 241..]).all(|x| *x == 0.0));
}

#[test]
fn a_throw_is_off_elsewhere() {
    let got = steady(".send(throws, [1s..1.5s: -6dB]).gain(off)", "let throws = bus(\"throws\");");
    // the send is after the fader, which is off: nothing at all
    assert!(got[0].iter().all(|x| *x == 0.0));
    let got = steady(".send(throws, [1s..1.5s: -6dB], pre: true).gain(off)", "let throws = bus(\"throws\");");
    assert!(got[0][..48_000].iter().all(|x| *x == 0.0));
    assert!(got[0][48_241..72_000].iter().all(|x| (x - 0.5 * db(-6.0)).abs() < 1e-7));
    assert!(got[0][72_241..].iter().all(|x| *x == 0.0));
}

#[test]
fn a_follower_maps_what_it_hears() {
    // a sine of -6 dBFS peak lies at 54 of 60 dB: nine tenths of the way
    let key = sine(1000.0, 2, 96_000, 0.5011872336272722);
    let out =
        Session::new().wav("k.wav", 48_000, 32, &key).wav("a.wav", 48_000, 32, &vec![vec![0.5; 96_000]; 2]).render(
            "song(\"x\", rate: 48kHz);\nlet k = track(\"k\", \"k.wav\").to(off);\n\
         track(\"a\", \"a.wav\").gain(follow(k, from: -20dB, to: 0dB, attack: 0.1ms, release: 200ms));\n\
         deliver(mix, \"mix.wav\", bits: 32);",
        );
    let got = &out.samples("mix.wav")[0];
    let level = 20.0 * libm::log10(got[90_000] / 0.5);
    assert!((level + 2.0).abs() < 0.25, "{level}");
    assert!(20.0 * libm::log10(got[0] / 0.5) < -10.0, "it begins low");
}

#[test]
fn switches_move_without_a_click_and_are_exact_on_both_sides() {
    let got = steady(".insert(saturate(drive: 12dB, on: [0s: true, 1s: false]))", "");
    assert!(got[0][49_000..].iter().all(|x| *x == 0.5), "off, it is the input");
    assert!((got[0][40_000] - 0.5).abs() > 0.01, "on, it is not");
    let steps = got[0][4800..].windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
    assert!(steps < 0.01, "no click: {steps}");
}

#[test]
fn a_filter_that_moves_is_the_same_in_bars_and_seconds() {
    let (seconds, bars) = ("[0s: 200Hz, 1s: 5kHz]", "[bar(1): 200Hz, bar(1, 3): 5kHz]");
    let render = |curve: &str| {
        Session::new().wav("a.wav", 48_000, 32, &noise(5, 2, 96_000, 0.5)).render(&format!(
            "song(\"x\", rate: 48kHz, tempo: 120);\ntrack(\"a\", \"a.wav\").insert(bell({curve}, 9dB, q: 2));\ndeliver(mix, \"mix.wav\", bits: 32);"
        ))
    };
    assert_eq!(render(seconds).samples("mix.wav"), render(bars).samples("mix.wav"));
}

#[test]
fn a_mono_file_is_mono_up_to_its_pan() {
    let out = render(
        "",
        "let m = track(\"m\", \"m.wav\").to(off);\ndeliver(m.pre, \"pre.wav\", bits: 32);\ndeliver(m, \"post.wav\", bits: 32);",
    );
    assert_eq!(out.samples("pre.wav").len(), 1);
    let post = out.samples("post.wav");
    assert_eq!(post.len(), 2);
    assert!((post[0][100] - 0.5 * std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-7);
}
