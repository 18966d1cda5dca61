//! Deliveries that are asked for a loudness and a peak: what is asked, what is got.

mod sessions;

use std::f64::consts::TAU;
use std::path::Path;

use mixdown::audio::{math, rng::Seed};
use mixdown::project::{Artifact, Built, Request, build};
use sessions::{Session, db, noise, sine};

const RATE: usize = 48_000;

fn built(session: &Session, script: &str, request: &Request) -> (Built, mixdown::world::Memory) {
    let world = session.world(script);
    let built = build(&world, Path::new("song.mix"), request, &());
    (built, world)
}

fn told(built: &Built) -> Vec<String> {
    built.diagnostics.iter().map(|d| format!("{} {} {:?}", d.code, d.message, d.help)).collect()
}

fn file<'a>(built: &'a Built, name: &str) -> &'a Artifact {
    let found = built.artifacts.iter().find(|a| a.target == name);
    found.unwrap_or_else(|| panic!("{name} is not there: {:#?}", told(built)))
}

fn lufs(built: &Built, name: &str) -> f64 {
    file(built, name).measurement.integrated_lufs.unwrap()
}

fn peak(built: &Built, name: &str) -> f64 {
    file(built, name).measurement.true_peak_dbtp.unwrap()
}

/// Noise whose power falls with frequency: Voss's sum of slower and slower noises.
fn pink(seed: u64, n: usize) -> Vec<f64> {
    let seed = Seed::new(seed);
    let row = |n: usize| (0..12).map(|k| seed.with(k).bipolar((n >> k) as i64)).sum::<f64>() * 0.08;
    (0..n).map(row).collect()
}

/// Kick, hat and a chord: peaks, gaps, and something that lasts.
fn beat(n: usize) -> Vec<Vec<f64>> {
    let seed = Seed::new(5);
    let at = |n: usize, side: u64| {
        let t = n as f64 / RATE as f64;
        let (beat, eighth) = ((2.0 * t).fract() / 2.0, (4.0 * t).fract() / 4.0);
        let kick =
            0.8 * math::exp(-beat * 9.0) * math::sin(TAU * (52.0 * beat + 1.5 * (1.0 - math::exp(-beat * 40.0))));
        let hat = 0.25 * math::exp(-eighth * 60.0) * seed.with(side).bipolar(n as i64);
        let chord: f64 = [220.0, 277.2, 329.6].iter().map(|f| 0.06 * math::sin(TAU * f * t + side as f64)).sum();
        let bar = if (t / 4.0).fract() < 0.5 { 1.0 } else { 0.4 };
        bar * (kick + hat + chord)
    };
    (0..2).map(|side| (0..n).map(|n| at(n, side)).collect()).collect()
}

/// Bursts at a quarter and a sixth of the rate, squares, clicks: what limiters leave overs on.
fn hostile(n: usize) -> Vec<Vec<f64>> {
    let at = |n: usize| {
        let (t, turn) = (n as f64, n % 24_000);
        let burst = match (n / 24_000) % 4 {
            0 => 0.9 * math::sin(TAU * t / 4.0 + 0.785),
            1 => 0.8 * math::sin(TAU * t / 6.0 + 1.047),
            2 if (turn / 24) % 2 == 0 => 0.7,
            2 => -0.7,
            _ if turn % 4_000 == 0 => 1.2,
            _ => 0.05 * math::sin(TAU * t / 100.0),
        };
        if turn < 1_200 || (n / 24_000) % 4 == 3 { burst } else { 0.02 * burst }
    };
    let one: Vec<f64> = (0..n).map(at).collect();
    vec![one.clone(), one]
}

fn programmes() -> Vec<(&'static str, Vec<Vec<f64>>)> {
    let n = 8 * RATE;
    let bass =
        |side: usize| (0..n).map(|n| 0.5 * math::sin(TAU * (50 + side) as f64 * n as f64 / RATE as f64)).collect();
    vec![
        ("pink noise", vec![pink(1, n), pink(2, n)]),
        ("beat", beat(n)),
        ("hostile", hostile(n)),
        ("bass", vec![bass(0), bass(1)]),
        ("quiet", noise(9, 2, n, 0.004)),
    ]
}

#[test]
fn five_programmes_come_to_four_targets() {
    println!("{:12} {:>24} {:>8} {:>8} {:>8} {:>8}", "programme", "asked", "LUFS", "dBTP", "gain", "deepest");
    for (name, samples) in programmes() {
        let session = Session::new().wav("in.wav", 48_000, 32, &samples);
        let script = r#"
            song("t");
            track("in", "in.wav");
            master.insert(limiter());
            for t in [-23, -16, -14, -9] {
                deliver(master, `${-t}.wav`, loudness: t, peak: -1dBTP, max_reduction: 36dB, bits: if t == -16 { 16 } else { 24 });
            }
        "#;
        let (built, _) = built(&session, script, &Request::default());
        assert!(built.ok, "{name}: {:#?}", told(&built));
        for asked in [-23.0f64, -16.0, -14.0, -9.0] {
            let file = format!("{}.wav", -asked);
            let solved = self::file(&built, &file).solved.unwrap();
            let (got, top) = (lufs(&built, &file), peak(&built, &file));
            println!(
                "{name:12} {asked:>14.1} LUFS -1 dBTP {got:>6.2} {top:>8.3} {:>8.2} {:>8.2}",
                solved.gain, solved.reduction
            );
            assert!((got - asked).abs() <= 0.1, "{name}: {got} is not {asked} LUFS");
            assert!(top <= -1.0, "{name}: {top} dBTP is over -1");
        }
    }
}

#[test]
fn what_takes_too_much_reduction_is_refused_and_leaves_no_file() {
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(6 * RATE));
    let script = r#"
        song("t");
        track("in", "in.wav");
        master.insert(limiter(ceiling: -1dBTP));
        deliver(master, "loud.wav", loudness: -5LUFS, max_reduction: 3dB);
        deliver(master, "fine.wav", loudness: -18LUFS);
    "#;
    let (built, world) = built(&session, script, &Request::default());
    assert!(!built.ok);
    let told = told(&built);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("MX0614") && told[0].contains("`loud.wav` cannot be brought to -5 LUFS"), "{told:#?}");
    let reach: f64 = told[0].split("it comes to ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(!world.paths().iter().any(|p| p.ends_with("loud.wav")));
    assert!((lufs(&built, "fine.wav") + 18.0).abs() <= 0.1);
    // and it does come to what it was said to come to
    let script = script.replace("loudness: -5LUFS", &format!("loudness: {reach}LUFS"));
    let (built, _) = self::built(&session, &script, &Request::default());
    assert!(built.ok, "{:#?}", self::told(&built));
    assert!((lufs(&built, "loud.wav") - reach).abs() <= 0.1);
    let deepest = file(&built, "loud.wav").solved.unwrap().reduction;
    assert!((2.5..=3.1).contains(&deepest), "{deepest}");
}

#[test]
fn silence_has_no_loudness() {
    let session = Session::new().wav("in.wav", 48_000, 24, &[vec![0.0; RATE], vec![0.0; RATE]]);
    let script = r#"track("in", "in.wav"); deliver(master, "m.wav", loudness: -14LUFS); deliver(mix, "x.wav");"#;
    let (built, world) = built(&session, script, &Request::default());
    assert!(told(&built).iter().any(|d| d.contains("has no loudness")), "{:#?}", told(&built));
    assert!(!world.paths().iter().any(|p| p.ends_with("m.wav")));
}

#[test]
fn a_chain_without_a_limiter_gets_one_and_says_so() {
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(4 * RATE));
    let script =
        r#"track("in", "in.wav"); deliver(mix, "m.wav", loudness: -12LUFS, peak: -1.5dBTP, max_reduction: 12dB);"#;
    let (built, _) = built(&session, script, &Request::default());
    assert!(built.ok, "{:#?}", told(&built));
    let solved = file(&built, "m.wav").solved.unwrap();
    assert!(solved.added && solved.reduction > 0.5, "{solved:?}");
    assert!((lufs(&built, "m.wav") + 12.0).abs() <= 0.1 && peak(&built, "m.wav") <= -1.5);
}

/// Limiters inside of a chain, in front of other effects, in front of a fader: what is delivered holds.
#[test]
fn the_last_limiter_is_driven_wherever_it_stands() {
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(4 * RATE));
    for chain in [
        "master.insert(chain(compressor(ratio: 2), chain(limiter(ceiling: -0.5dBTP))));",
        "master.insert(limiter(), bell(3kHz, 4dB, q: 0.7));",
        "master.insert(limiter()).gain([0s: -6dB, 3s: 2dB]);",
        "master.insert(limiter(truepeak: false));",
        "master.insert(limiter(gain: 3dB)).width(140%);",
        "mix.insert(limiter()); master.insert(low_cut(30Hz), limiter(link: 0%));",
    ] {
        let script = format!(
            "track(\"in\", \"in.wav\"); {chain} deliver(master, \"m.wav\", loudness: -13LUFS, peak: -1dBTP, max_reduction: 15dB);"
        );
        let (built, _) = built(&session, &script, &Request::default());
        assert!(built.ok, "{chain} {:#?}", told(&built));
        let solved = file(&built, "m.wav").solved.unwrap();
        assert!(!solved.added, "{chain}");
        assert!((lufs(&built, "m.wav") + 13.0).abs() <= 0.1, "{chain} {}", lufs(&built, "m.wav"));
        assert!(peak(&built, "m.wav") <= -1.0, "{chain} {}", peak(&built, "m.wav"));
    }
}

/// A limiter that cannot be driven alone: it moves, or what stands behind it listens to another strip.
#[test]
fn a_limiter_that_cannot_be_driven_is_left_alone() {
    let session =
        Session::new().wav("in.wav", 48_000, 24, &beat(4 * RATE)).wav("b.wav", 48_000, 24, &sine(90.0, 2, RATE, 0.2));
    for chain in [
        "master.insert(limiter(ceiling: [0s: -3dBTP, 2s: -1dBTP]));",
        "master.insert(limiter(), compressor(key: b));",
        "master.insert(limiter(mix: 50%));",
    ] {
        let script = format!(
            "track(\"in\", \"in.wav\"); let b = track(\"b\", \"b.wav\").gain(-20dB); {chain}\n\
             deliver(master, \"m.wav\", loudness: -14LUFS, peak: -1dBTP, max_reduction: 15dB);"
        );
        let (built, _) = built(&session, &script, &Request::default());
        assert!(built.ok, "{chain} {:#?}", told(&built));
        assert!(file(&built, "m.wav").solved.unwrap().added, "{chain}");
        assert!((lufs(&built, "m.wav") + 14.0).abs() <= 0.1 && peak(&built, "m.wav") <= -1.0, "{chain}");
    }
}

#[test]
fn a_peak_alone_is_a_ceiling_and_moves_nothing_below_it() {
    let samples: Vec<Vec<f64>> = beat(3 * RATE).into_iter().map(|x| x.iter().map(|x| 0.5 * x).collect()).collect();
    let session = Session::new().wav("in.wav", 48_000, 32, &samples);
    let script = r#"track("in", "in.wav"); deliver(mix, "open.wav", bits: 32, peak: 0dBTP); deliver(mix, "low.wav", peak: -6dBTP);"#;
    let (built, world) = built(&session, script, &Request::default());
    assert!(built.ok, "{:#?}", told(&built));
    let open = sessions::read(&world, Path::new("out/open.wav"));
    for (out, into) in open.iter().zip(&samples) {
        assert!(into.iter().zip(out).all(|(x, y)| f64::from(*x as f32) == *y), "below the ceiling it must be the same");
    }
    assert!(peak(&built, "low.wav") <= -6.0 && peak(&built, "low.wav") > -6.1);
}

/// A floor lifts what is quieter, keeps what is louder, and asks for a lower peak of that.
#[test]
fn a_floor_lifts_and_never_turns_down() {
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(4 * RATE));
    let deliver = r#"
        target("club", kind: "floor", loudness: -14LUFS, peak: -1dBTP, peak_when_louder: -2dBTP, source: "a club", date: "2026-01-01");
        deliver(master, "m.wav", target: "club", max_reduction: 12dB);
    "#;
    let master = |gain: &str| {
        let script = format!("track(\"in\", \"in.wav\"); master.insert(limiter(gain: {gain})); {deliver}");
        let (built, _) = built(&session, &script, &Request::default());
        assert!(built.ok, "{:#?}", told(&built));
        (lufs(&built, "m.wav"), peak(&built, "m.wav"), file(&built, "m.wav").solved.unwrap().gain)
    };
    let (quiet, top, gain) = master("-6dB");
    assert!((-14.02..=-13.9).contains(&quiet) && top <= -1.0 && gain > 1.0, "{quiet} {top} {gain}");
    let (loud, top, gain) = master("9dB");
    assert!(loud > -13.0 && top <= -2.0 && gain == 0.0, "{loud} {top} {gain}");
}

/// Quiet sound driven far up: its peaks are known less exactly than those of loud sound, and what the limiter really took away counts.
#[test]
fn no_more_is_taken_away_than_is_allowed() {
    let session = Session::new().wav("in.wav", 48_000, 32, &noise(3, 2, 4 * RATE, 0.005));
    let mut refused = 0;
    for (chain, loudness) in [("limiter()", -2.6), ("limiter()", -3.1), ("", -2.6), ("", -3.6), ("limiter()", -6.0)] {
        let script = format!(
            "track(\"in\", \"in.wav\"); {} deliver(master, \"m.wav\", loudness: {loudness}LUFS, max_reduction: 1dB);",
            if chain.is_empty() { String::new() } else { format!("master.insert({chain});") }
        );
        let (built, _) = built(&session, &script, &Request::default());
        match built.artifacts.first() {
            Some(made) => {
                let took = made.solved.unwrap().reduction;
                assert!(took <= 1.1, "{chain} {loudness}: {took} dB");
                assert!((lufs(&built, "m.wav") - loudness).abs() <= 0.1);
            }
            None => {
                refused += 1;
                assert!(told(&built)[0].contains("MX0614"), "{:#?}", told(&built));
            }
        }
    }
    assert!((1..5).contains(&refused), "{refused}");
}

/// Peaks that a limiter of ours would have to take more from than is allowed.
#[test]
fn a_mix_far_over_the_ceiling_is_refused_rather_than_crushed() {
    let session = Session::new().wav("in.wav", 48_000, 32, &beat(2 * RATE));
    let script = r#"track("in", "in.wav"); mix.gain(12dB); deliver(mix, "m.wav", peak: -1dBTP); deliver(mix, "n.wav", peak: -1dBTP, max_reduction: 20dB);"#;
    let (built, world) = built(&session, script, &Request::default());
    let told = told(&built);
    assert!(told.len() == 1 && told[0].contains("`m.wav` cannot be kept under -1 dBTP"), "{told:#?}");
    assert!(!world.paths().iter().any(|p| p.ends_with("m.wav")) && peak(&built, "n.wav") <= -1.0);
}

#[test]
fn a_part_of_what_is_solved_is_a_slice_of_the_whole() {
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(6 * RATE));
    let script = r#"
        track("in", "in.wav"); master.insert(limiter());
        deliver(master, "a.wav", loudness: -12LUFS, peak: -1dBTP, max_reduction: 12dB);
        deliver(mix, "b.wav", loudness: -12LUFS, peak: -1dBTP, max_reduction: 12dB, dither: "shaped", bits: 16);
    "#;
    let whole = session.render(script);
    let part =
        session.render_with(script, &Request { from: Some("1.5".into()), to: Some("4".into()), ..Request::default() });
    for name in ["a.wav", "b.wav"] {
        let (whole, part) = (whole.samples(name), part.samples(name));
        assert_eq!(part[0].len(), 120_000);
        assert!(whole.iter().zip(&part).all(|(w, p)| w[72_000..192_000] == p[..]), "{name}");
    }
}

#[test]
fn one_hash_whatever_the_threads_and_blocks() {
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(4 * RATE));
    let script = r#"track("in", "in.wav"); master.insert(limiter()); deliver(master, "m.wav", loudness: -12LUFS, peak: -1dBTP, max_reduction: 12dB);"#;
    let hash = |threads, block| {
        let request = Request { threads, block, ..Request::default() };
        let (built, _) = built(&session, script, &request);
        file(&built, "m.wav").measurement.blake3.clone()
    };
    let one = hash(Some(1), None);
    for (threads, block) in [(Some(2), None), (Some(3), Some(64)), (Some(1), Some(1000))] {
        assert_eq!(hash(threads, block), one, "{threads:?} {block:?}");
    }
}

#[test]
fn the_level_of_what_is_solved_is_the_level_asked_to_the_hundredth() {
    // one gain for two files of different depths
    let session = Session::new().wav("in.wav", 48_000, 24, &beat(4 * RATE));
    let script = r#"
        track("in", "in.wav"); master.insert(limiter());
        deliver(master, "a.wav", loudness: -15LUFS, peak: -1dBTP);
        deliver(master, "b.wav", loudness: -15LUFS, peak: -1dBTP, bits: 32);
    "#;
    let (built, world) = built(&session, script, &Request::default());
    assert!(built.ok, "{:#?}", told(&built));
    assert_eq!(file(&built, "a.wav").solved, file(&built, "b.wav").solved);
    let (a, b) = (sessions::read(&world, Path::new("out/a.wav")), sessions::read(&world, Path::new("out/b.wav")));
    let most = a[0].iter().zip(&b[0]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(most < db(-132.0), "only the dither lies between them: {most}");
}
