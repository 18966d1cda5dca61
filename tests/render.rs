//! Whole sessions, from script to samples, against models: exactness, alignment, sameness.

mod sessions;

use mixdown::project::{Request, build};
use mixdown::world::Memory;
use sessions::{Session, db, noise, sine, tone_world};

/// What each side of two signals differs by at most.
fn worst(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    assert_eq!(a.len(), b.len(), "channels");
    assert_eq!(a[0].len(), b[0].len(), "frames");
    a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

#[test]
fn a_session_of_unity_gains_returns_its_input_bit_for_bit() {
    for (bits, extension) in [(16, "wav"), (24, "wav"), (24, "flac"), (32, "wav")] {
        let session = Session::new().wav("a.wav", 48_000, bits, &noise(1, 2, 40_000, 0.9));
        let out = session.render(&format!(
            "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\").gain(0dB).pan(0%).width(100%);\n\
             deliver(mix, \"mix.{extension}\", bits: {bits});\ndeliver(master, \"master.{extension}\", bits: {bits});"
        ));
        assert_eq!(out.samples(&format!("mix.{extension}")), session.samples("a.wav"), "{bits} {extension}");
        assert_eq!(out.samples(&format!("master.{extension}")), session.samples("a.wav"), "{bits} {extension}");
    }
}

#[test]
fn six_tracks_with_buses_and_sends_equal_a_model() {
    let mut session = Session::new();
    let mut tracks = Vec::new();
    for i in 0..6u64 {
        let channels = if i % 2 == 0 { 2 } else { 1 };
        session = session.wav(&format!("{i}.wav"), 48_000, 24, &noise(i, channels, 30_000, 0.2));
        tracks.push(session.samples(&format!("{i}.wav")));
    }
    let gains = [-1.0, -2.5, 3.0, -6.0, 0.0, -12.0];
    let pans = [0.0, -50.0, 30.0, 100.0, -100.0, 12.5];
    let sends = [-3.0, -20.0, 0.0, -7.0, -9.0, 1.0];
    let mut script = String::from(
        "song(\"x\", rate: 48kHz);\nlet echo = bus(\"echo\").gain(-4dB);\nlet low = bus(\"low\").gain(1.5dB).pan(-20%);\n\
         let high = bus(\"high\").width(60%);\n",
    );
    for i in 0..6 {
        let bus = if i < 3 { "low" } else { "high" };
        script += &format!(
            "track(\"t{i}\", \"{i}.wav\").trim(-1dB).gain({}dB).pan({}%).send(echo, {}dB{}).to({bus});\n",
            gains[i],
            pans[i],
            sends[i],
            if i == 2 { ", pre: true" } else { "" }
        );
    }
    script += "mix.gain(-2dB);\ndeliver(mix, \"mix.wav\", bits: 32);";
    let out = session.render(&script);

    let frames = 30_000;
    let mut mix = vec![vec![0.0; frames]; 2];
    let (mut echo, mut low, mut high) = (mix.clone(), mix.clone(), mix.clone());
    let law = |p: f64| {
        let angle = (p / 100.0 + 1.0) * std::f64::consts::FRAC_PI_4;
        (libm::cos(angle), libm::sin(angle))
    };
    let balance = |p: f64| {
        let far = libm::cos(p.abs() / 100.0 * std::f64::consts::FRAC_PI_2);
        if p > 0.0 { (far, 1.0) } else { (1.0, far) }
    };
    for i in 0..6 {
        let stereo = tracks[i].len() == 2;
        let (gl, gr) = if stereo { balance(pans[i]) } else { law(pans[i]) };
        let target = if i < 3 { &mut low } else { &mut high };
        for n in 0..frames {
            let trimmed = |c: usize| tracks[i][if stereo { c } else { 0 }][n] * db(-1.0);
            let (l, r) = (trimmed(0) * db(gains[i]) * gl, trimmed(1) * db(gains[i]) * gr);
            target[0][n] += l;
            target[1][n] += r;
            let (l, r) = if i == 2 { (trimmed(0), trimmed(1)) } else { (l, r) };
            echo[0][n] += l * db(sends[i]);
            echo[1][n] += r * db(sends[i]);
        }
    }
    let (bl, br) = balance(-20.0);
    for n in 0..frames {
        let (m, s) = ((high[0][n] + high[1][n]) / 2.0, (high[0][n] - high[1][n]) / 2.0 * 0.6);
        let left = echo[0][n] * db(-4.0) + low[0][n] * db(1.5) * bl + m + s;
        let right = echo[1][n] * db(-4.0) + low[1][n] * db(1.5) * br + m - s;
        mix[0][n] = left * db(-2.0);
        mix[1][n] = right * db(-2.0);
    }
    let difference = worst(&out.samples("mix.wav"), &mix);
    assert!(difference < 1e-6, "{difference:e}");
}

#[test]
fn stems_sum_to_what_the_mix_hears() {
    let session = tone_world();
    let script = "song(\"x\", rate: 48kHz);\nlet plate = bus(\"plate\").insert(reverb(kind: \"plate\", decay: 0.5s));\n\
         let drums = bus(\"drums\").insert(limiter());\ntrack(\"a\", \"a.wav\").send(plate, -6dB).to(drums);\n\
         track(\"b\", \"b.wav\").send(plate, -12dB).send(mix, -20dB);\ntrack(\"c\", \"c.wav\").gain(-3dB).pan(30%);\n\
         track(\"d\", \"a.wav\").send(mix, follow(plate, from: -20dB, to: 0dB)).to(off);\n";
    for stems in ["stems(bits: 32)", "stems([drums], bits: 32)"] {
        let out = session.render(&format!("{script}{stems};\ndeliver(mix, \"mix.wav\", bits: 32);"));
        let mix = out.samples("mix.wav");
        let mut sum = vec![vec![0.0; mix[0].len()]; 2];
        let names: Vec<String> = out.names().into_iter().filter(|n| n.starts_with("stems/")).collect();
        assert_eq!(names.len(), if stems.contains('[') { 2 } else { 5 }, "{names:?}");
        for name in names {
            for (sum, stem) in sum.iter_mut().zip(out.samples(&name)) {
                sum.iter_mut().zip(stem).for_each(|(s, x)| *s += x);
            }
        }
        let difference = worst(&sum, &mix);
        assert!(difference < 1e-6, "{difference:e}");
    }
}

/// The limiter at rest is late and does nothing: what it is late by must not be heard anywhere.
#[test]
fn a_latent_neutral_insert_nulls_against_its_inverted_twin() {
    let session = tone_world();
    let late = "limiter(ceiling: 0dB)";
    for routes in [
        // straight, through buses, through sends, in front of a bus, inside a chain, as a key that must wait
        format!("track(\"one\", \"a.wav\").insert({late});\ntrack(\"two\", \"a.wav\").polarity();"),
        format!(
            "let b = bus(\"b\").insert({late});\nlet c = bus(\"c\");\ntrack(\"one\", \"a.wav\").insert({late}).to(b);\n\
             track(\"two\", \"a.wav\").polarity().to(c);"
        ),
        format!(
            "let s = bus(\"s\").insert({late});\ntrack(\"one\", \"a.wav\").send(s).to(off);\n\
             let t = bus(\"t\");\ntrack(\"two\", \"a.wav\").insert({late}, {late}).polarity().send(t, pre: true).to(off);"
        ),
        format!(
            "let s = bus(\"s\").insert({late}, {late});\nlet b = bus(\"b\").insert({late});\n\
             track(\"one\", \"a.wav\").to(b);\nb.source.send(s);\nb.gain(off);\ntrack(\"two\", \"a.wav\").polarity();"
        ),
        format!(
            "track(\"one\", \"a.wav\").insert(chain({late}, {late}));\n\
             track(\"two\", \"a.wav\").insert(parallel({late})).polarity();"
        ),
        format!(
            "let k = track(\"key\", \"b.wav\").insert({late}).to(off);\n\
             track(\"one\", \"a.wav\").insert(compressor(ratio: 1, key: k));\ntrack(\"two\", \"a.wav\").polarity();"
        ),
    ] {
        let loudest = |routes: &str| {
            let script = format!("song(\"x\", rate: 48kHz);\n{routes}\ndeliver(mix, \"mix.wav\", bits: 32);");
            session.render(&script).samples("mix.wav").iter().flatten().fold(0.0f64, |a, x| a.max(x.abs()))
        };
        assert_eq!(loudest(&routes), 0.0, "{routes}");
        // and the two are heard: without the inversion they double
        assert!((loudest(&routes.replace(".polarity()", "")) - 0.6).abs() < 0.01, "{routes}");
    }
}

#[test]
fn half_of_a_latent_neutral_insert_is_the_input() {
    let session = tone_world();
    for insert in ["limiter(ceiling: 0dB, mix: 50%)", "chain(limiter(ceiling: 0dB), mix: 50%)"] {
        let out = session.render(&format!(
            "song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\").insert({insert});\ndeliver(mix, \"mix.wav\", bits: 24, dither: \"none\");"
        ));
        assert_eq!(out.samples("mix.wav"), session.samples("a.wav"), "{insert}");
    }
}

/// Everything at once: inserts, sends, keys, curves, sections.
const BUSY: &str = "song(\"busy\", tempo: 100, rate: 48kHz);\n\
    sections([bar(1): \"intro\", bar(2): \"verse\", bar(3): \"\"]);\n\
    let plate = bus(\"plate\").insert(reverb(kind: \"plate\", decay: 0.4s));\n\
    let echo = bus(\"echo\").insert(delay(time: note(1/8), feedback: 40%));\n\
    let band = bus(\"band\").insert(compressor(threshold: -30dB, ratio: 3), saturate(drive: 6dB));\n\
    let kick = track(\"kick\", \"a.wav\").insert(eq(low_cut(40Hz), bell(60Hz, 3dB))).gain([0s: -6dB, 0.5s: -2dB, bar(2): smooth(-9dB)]).to(band);\n\
    track(\"bass\", \"b.wav\").insert(compressor(key: kick, threshold: -40dB, lookahead: 2ms), bell([0s: 300Hz, 1s: 3kHz], 4dB))\n\
        .pan(lfo(rate: 2Hz, from: -80%, to: 80%)).send(plate, -9dB).send(echo, [\"verse\": -6dB]).to(band);\n\
    track(\"pad\", \"c.wav\").gain(|t| -12.0 + 6.0 * sin(t * 3.0)).mute_in(\"intro\").send(plate, follow(kick, from: off, to: -6dB));\n\
    mix.insert(multiband(split: [200Hz, 3kHz], low: compressor(ratio: 3, threshold: -30dB), high: saturate(drive: 3dB)));\n\
    master.insert(width(120%), limiter(ceiling: -1dBTP, gain: 6dB));\n\
    stems();\ndeliver(mix, \"mix.wav\", bits: 24);\ndeliver(master, \"master.flac\", bits: 16);\n";

#[test]
fn threads_blocks_and_runs_give_one_hash() {
    let session = tone_world();
    let first = session.render(BUSY).hashes();
    assert!(first.len() >= 6, "{first:?}");
    for (threads, block) in [(1, None), (2, None), (3, Some(64)), (2, Some(7)), (1, Some(1000)), (2, Some(4096))] {
        let request = Request { threads: Some(threads), block, ..Request::default() };
        assert_eq!(session.render_with(BUSY, &request).hashes(), first, "-j {threads}, blocks of {block:?}");
    }
}

#[test]
fn a_range_equals_the_slice_of_the_whole() {
    let session = tone_world();
    let whole = session.render(BUSY);
    for (from, to) in [("0.3", "0.9"), ("verse", "bar:3"), ("1", "1.0005")] {
        let request = Request { from: Some(from.to_string()), to: Some(to.to_string()), ..Request::default() };
        let part = session.render_with(BUSY, &request);
        for name in ["mix.wav", "master.flac", "stems/band.wav"] {
            let (whole, part) = (whole.samples(name), part.samples(name));
            let first = match from {
                "verse" => 2.4 * 48_000.0,
                seconds => seconds.parse::<f64>().unwrap() * 48_000.0,
            } as usize;
            for (whole, part) in whole.iter().zip(&part) {
                assert_eq!(&whole[first..first + part.len()], &part[..], "{name} {from} {to}");
            }
            assert!(!part[0].is_empty());
        }
    }
}

#[test]
fn gain_curves_equal_a_model_per_sample() {
    let frames = 96_000;
    let session = Session::new().wav("a.wav", 48_000, 32, &sine(1000.0, 2, frames, 0.9));
    let points = [(0.0, -6.0), (0.5, -20.0), (1.0, 3.0), (1.8, -3.0)];
    let model = |t: f64| {
        let next = points.iter().position(|p| p.0 > t).unwrap_or(points.len());
        match next {
            0 => points[0].1,
            n if n == points.len() => points[n - 1].1,
            n => {
                let (a, b) = (points[n - 1], points[n]);
                a.1 + (b.1 - a.1) * (t - a.0) / (b.0 - a.0)
            }
        }
    };
    // at 120 a beat is half a second: the same points in seconds and in bars
    for curve in [
        "0s: -6dB, 0.5s: -20dB, 1s: 3dB, 1.8s: -3dB",
        "bar(1): -6dB, bar(1, 2): -20dB, bar(1, 3): 3dB, bar(1, 4) + 0.3s: -3dB",
    ] {
        let out = session.render(&format!(
            "song(\"x\", rate: 48kHz, tempo: 120);\ntrack(\"a\", \"a.wav\").gain([{curve}]);\ndeliver(mix, \"mix.wav\", bits: 32);"
        ));
        let input = session.samples("a.wav");
        let expected: Vec<Vec<f64>> = input
            .iter()
            .map(|plane| plane.iter().enumerate().map(|(n, x)| x * db(model(n as f64 / 48_000.0))).collect())
            .collect();
        let difference = 20.0 * libm::log10(worst(&out.samples("mix.wav"), &expected));
        assert!(difference < -110.0, "{curve}: {difference} dB");
    }
}

#[test]
fn pan_curves_equal_a_model_per_sample() {
    let frames = 96_000;
    let session = Session::new().wav("a.wav", 48_000, 32, &sine(440.0, 1, frames, 0.9));
    for curve in ["0s: -100%, 1s: 100%, 1.5s: 0%", "bar(1): -100%, bar(1, 3): 100%, bar(1, 4): 0%"] {
        let out = session.render(&format!(
            "song(\"x\", rate: 48kHz, tempo: 120);\ntrack(\"a\", \"a.wav\").pan([{curve}]);\ndeliver(mix, \"mix.wav\", bits: 32);"
        ));
        let input = &session.samples("a.wav")[0];
        let position = |t: f64| match t {
            t if t < 1.0 => -100.0 + 200.0 * t,
            t if t < 1.5 => 100.0 - 200.0 * (t - 1.0),
            _ => 0.0,
        };
        let side = |right: bool| -> Vec<f64> {
            let gain = |p: f64| {
                let angle = (p / 100.0 + 1.0) * std::f64::consts::FRAC_PI_4;
                if right { libm::sin(angle) } else { libm::cos(angle) }
            };
            input.iter().enumerate().map(|(n, x)| x * gain(position(n as f64 / 48_000.0))).collect()
        };
        let difference = 20.0 * libm::log10(worst(&out.samples("mix.wav"), &[side(false), side(true)]));
        assert!(difference < -110.0, "{curve}: {difference} dB");
    }
}

#[test]
fn clips_repeat_fade_and_follow_one_another() {
    let session = Session::new().wav("a.wav", 48_000, 32, &noise(3, 2, 1000, 0.5));
    let out = session.render(
        "song(\"x\", rate: 48kHz);\ntrack(\"a\").clip(\"a.wav\", at: 100smp, from: 200smp, to: 700smp, repeat: 3).clip(\"a.wav\", gain: -6dB);\n\
         deliver(mix, \"mix.wav\", bits: 32);",
    );
    let input = session.samples("a.wav");
    let got = out.samples("mix.wav");
    assert_eq!(got[0].len(), 100 + 3 * 500 + 1000);
    for channel in 0..2 {
        assert!(got[channel][..100].iter().all(|x| *x == 0.0));
        for n in 0..1500 {
            assert_eq!(got[channel][100 + n], input[channel][200 + n % 500], "{n}");
        }
        for n in 0..1000 {
            assert!((got[channel][1600 + n] - input[channel][n] * db(-6.0)).abs() < 1e-7, "{n}");
        }
    }
}

/// At 60 a beat is a second; at 120, in the first bar, half of one.
#[test]
fn musical_lengths_of_clips_and_files_are_as_long_as_they_are_there() {
    let constant = vec![vec![0.5; 5 * 48_000]; 2];
    let out = Session::new().wav("c.wav", 48_000, 24, &constant).render(
        "song(\"x\", tempo: [bar(1): 120, bar(2): 60], rate: 48kHz);
         track(\"c\").clip(\"c.wav\", at: bar(2), to: 4beats, fade_in: 1beats, fade_out: 1beats).to(off);
         track(\"d\").clip(\"c.wav\", at: 2s).to(off);
         deliver(\"c\", \"c.wav\", bits: 32);
         deliver(\"d\", \"d.wav\", bits: 32, from: bar(2), to: bar(3), fade_in: 1beats, fade_out: 1beats);",
    );
    for (name, begins) in [("c.wav", 2.0), ("d.wav", 0.0)] {
        let sound = &out.samples(name)[0];
        let at = |seconds: f64| sound[(48_000.0 * (begins + seconds)) as usize];
        let (middle, half) = (at(2.0), at(0.5));
        assert_eq!(middle, 0.5, "{name}");
        assert!(half > 0.2 && half < 0.4 && at(0.9) < 0.5 && at(1.1) == 0.5, "{name} {half}");
        assert!((at(3.5) - half).abs() < 1e-4 && at(2.9) == 0.5 && at(3.1) < 0.5 && at(3.99) < 0.01, "{name}");
    }
}

#[test]
fn clips_that_overlap_cross_fade_unless_their_fades_are_said() {
    let session = Session::new().wav("a.wav", 48_000, 32, &[vec![0.5; 1000], vec![0.5; 1000]]);
    let render = |second: &str| {
        let script = format!(
            "song(\"x\", rate: 48kHz);\ntrack(\"a\").clip(\"a.wav\").clip(\"a.wav\", at: 600smp{second});\n\
             deliver(mix, \"mix.wav\", bits: 32);"
        );
        session.render(&script).samples("mix.wav").remove(0)
    };
    let faded = render("");
    assert_eq!(faded.len(), 1600);
    for n in 0..400 {
        let angle = (n as f64 + 0.5) / 400.0 * std::f64::consts::FRAC_PI_2;
        let expected = 0.5 * (libm::sin(angle) + libm::cos(angle));
        assert!((faded[600 + n] - expected).abs() < 1e-6, "{n}");
    }
    // a hit keeps its attack
    let hit = render(", fade_in: 0ms");
    assert!(hit[600] > 0.99, "{}", hit[600]);
}

#[test]
fn solo_mute_and_taps_do_what_they_say() {
    let session = tone_world();
    let render = |tracks: &str| {
        let out = session.render(&format!("song(\"x\", rate: 48kHz);\n{tracks}\ndeliver(mix, \"mix.wav\", bits: 32);"));
        out.samples("mix.wav")
    };
    let alone = render("track(\"a\", \"a.wav\");track(\"b\", \"b.wav\").mute();");
    assert_eq!(alone[0].len(), session.samples("a.wav")[0].len());
    assert_eq!(alone, session.samples("a.wav"));
    assert_eq!(render("track(\"a\", \"a.wav\").solo();track(\"b\", \"b.wav\");"), alone);
    // a soloed bus keeps what feeds it
    assert_eq!(render("let g = bus(\"g\").solo();track(\"a\", \"a.wav\").to(g);track(\"b\", \"b.wav\");"), alone);
    // mute silences every tap but the source
    assert_eq!(render("let s = bus(\"s\");let a = track(\"a\", \"a.wav\").mute();a.source.send(s);"), alone);
    let silent = render(
        "let s = bus(\"s\");track(\"a\", \"a.wav\").mute().send(s, pre: true);track(\"b\", \"b.wav\").gain(off);",
    );
    assert!(silent.iter().flatten().all(|x| *x == 0.0));
}

#[test]
fn delays_move_later_and_earlier() {
    let session = tone_world();
    let render = |tracks: &str| {
        session
            .render(&format!("song(\"x\", rate: 48kHz, length: 0.5s);\n{tracks}\ndeliver(mix, \"mix.wav\", bits: 32);"))
            .samples("mix.wav")
    };
    let plain = render("track(\"a\", \"a.wav\");");
    for (tracks, shift) in [
        ("track(\"a\", \"a.wav\").delay(10ms);", 480i64),
        ("track(\"a\", \"a.wav\").delay(-10ms);", -480),
        ("let g = bus(\"g\").delay(10ms);track(\"a\", \"a.wav\").to(g);", 480),
        ("let g = bus(\"g\").delay(-10ms);track(\"a\", \"a.wav\").to(g);", -480),
    ] {
        let got = render(tracks);
        for n in 500..20_000usize {
            assert_eq!(got[0][n], plain[0][(n as i64 - shift) as usize], "{tracks} {n}");
        }
    }
}

#[test]
fn a_sample_that_is_no_number_is_named_and_nothing_is_written() {
    let mut samples = noise(1, 2, 5000, 0.5);
    samples[0][3000] = f64::NAN;
    let session = Session::new().wav("a.wav", 48_000, 32, &samples);
    let world: Memory =
        session.world("song(\"x\", rate: 48kHz);\ntrack(\"a\", \"a.wav\");\ndeliver(mix, \"mix.wav\");");
    let built = build(&world, std::path::Path::new("song.mix"), &Request::default(), &());
    assert!(!built.ok);
    let message = &built.diagnostics.iter().next().unwrap().message;
    assert!(message.contains("`a`"), "{message}");
    assert!(!world.paths().iter().any(|p| p.starts_with("out")));
}

#[test]
fn circles_and_strips_that_nothing_hears_are_told() {
    let session = tone_world();
    let told = |script: &str| {
        let world = session.world(script);
        let checked = mixdown::project::check(&world, std::path::Path::new("song.mix"), &Request::default());
        checked.diagnostics.iter().map(|d| (d.code.to_string(), d.labels.len())).collect::<Vec<_>>()
    };
    let circle = "let a = bus(\"a\");let b = bus(\"b\").to(a);a.to(b);track(\"t\", \"a.wav\").to(a);";
    assert_eq!(told(circle), [("MX0401".to_string(), 2)]);
    assert_eq!(told("track(\"t\", \"a.wav\");track(\"u\", \"b.wav\").to(off);"), [("MX0402".to_string(), 1)]);
    assert_eq!(told("song(\"nothing\");"), [("MX0404".to_string(), 0)]);
}
