//! The language: what a script says, and what is said of a script that is wrong (`suite/*.md`: a script, then what is told of it).

#[path = "script/delivering.rs"]
mod delivering;
#[path = "script/expecting.rs"]
mod expecting;
#[path = "fakes/mod.rs"]
mod fakes;

use fakes::{read_files, read_text, told};
use mixdown::session::*;
use mixdown::units::Beats;

/// A script that must have no mistakes.
fn session(text: &str) -> Session {
    let reading = read_text(text);
    assert_eq!(told(&reading), Vec::<String>::new(), "{text}");
    reading.session
}

fn strip<'a>(session: &'a Session, name: &str) -> &'a Strip {
    session.strip(session.find(name).unwrap())
}

#[test]
fn suite() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let mut wrong = String::new();
    let mut cases = 0;
    // MIXDOWN_BLESS=1 writes what is told as what is expected: read the difference before it is committed
    let bless = std::env::var_os("MIXDOWN_BLESS").is_some();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(file).unwrap();
        let mut blessed = text.clone();
        for case in text.split("\n## ").skip(1) {
            let title = case.lines().next().unwrap();
            let block = |kind: &str| {
                let (_, rest) = case.split_once(&format!("```{kind}\n"))?;
                rest.split("```\n").next().map(str::to_string)
            };
            let script = block("mix").unwrap_or_else(|| panic!("{title}: no script"));
            let expected = block("told").unwrap_or_default();
            let actual: String = told(&read_text(&script)).iter().map(|l| format!("{l}\n")).collect();
            cases += 1;
            if actual != expected {
                wrong += &format!("## {title}\n{script}--- expected\n{expected}--- told\n{actual}\n");
                blessed = blessed.replacen(
                    case,
                    &case.replacen(&format!("```told\n{expected}"), &format!("```told\n{actual}"), 1),
                    1,
                );
            }
        }
        if bless && blessed != text {
            std::fs::write(file, blessed).unwrap();
        }
    }
    assert!(cases > 40, "{cases}");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_whole_song_of_the_manual_is_read() {
    let text = include_str!("suite/night_drive.mix");
    let s = session(text);
    assert_eq!(s.info.tags.title.get().map(|title| &**title), Some("Night Drive"));
    assert_eq!(s.info.tempo[0].value, 122.0);
    assert_eq!(s.sections.len(), 5);
    assert_eq!(strip(&s, "tom L").pan, Some(Signal::Constant(-40.0)));
    assert_eq!(strip(&s, "kick").inserts[0].name, "eq");
    let Value::Effects(bands) = &strip(&s, "kick").inserts[0].values[0].1 else { panic!() };
    assert_eq!(bands.len(), 2);
    let vox = strip(&s, "lead vox");
    assert_eq!(vox.sends.len(), 2);
    assert_eq!(vox.inserts.len(), 2);
    assert_eq!(vox.mute_in.len(), 1);
    let bass = strip(&s, "bass");
    let kick = s.find("kick").unwrap();
    assert!(bass.inserts[1].values.iter().any(|v| v.1 == Value::Key(Tap { strip: kick, point: TapPoint::Pre })));
    assert_eq!(strip(&s, "kick").trim, Trim::To { level: Level::Lufs, value: -18.0, loc: strip(&s, "kick").loc });
    assert_eq!((s.deliveries.len(), s.targets.len(), s.expectations.len()), (3, 2, 2));
    assert_eq!(s.stems.len(), 1);
    let drums = strip(&s, "drums");
    assert_eq!(drums.sends[0].from, TapPoint::Source);
}

#[test]
fn every_unit_is_written_as_it_reads() {
    for (written, unit) in mixdown::units::Unit::WRITTEN {
        for sign in ["", "-"] {
            let reading = read_text(&format!("let x = [{sign}20{written}]; let y = `${{{sign}20{written}}}`;"));
            assert_eq!(told(&reading), Vec::<String>::new(), "{written} {unit:?}");
        }
    }
}

#[test]
fn numbers_mean_what_they_say() {
    let s = session(
        "let a = track(\"a\").gain(20 % 3).trim(1/2).pan(20%);
         let x = 4; let f = 1.5;
         let b = track(\"b\").gain(-x.dB).delay(f.ms).insert(delay(time: 0.5bars, feedback: 30%,), low_cut(1.5kHz));
         track(\"c\").gain(-3dB + 1dB * 2).trim(x - 2dB).delay(0s - 4beats);",
    );
    assert_eq!(strip(&s, "a").gain, Signal::Constant(2.0));
    assert_eq!(strip(&s, "a").trim, Trim::By(0.5));
    let b = strip(&s, "b");
    assert_eq!(b.gain, Signal::Constant(-4.0));
    assert_eq!(b.delay.as_ref().unwrap().seconds, 0.0015);
    let Value::Number(Signal::Duration(time)) = &b.inserts[0].values[0].1 else { panic!() };
    assert_eq!(time.bars, Beats::new(1, 2));
    assert_eq!(b.inserts[1].values[0].1, Value::Number(Signal::Constant(1500.0)));
    assert_eq!(strip(&s, "c").gain, Signal::Constant(-1.0));
    assert_eq!(strip(&s, "c").trim, Trim::By(2.0));
    assert_eq!(strip(&s, "c").delay.as_ref().unwrap().beats, Beats::new(-4, 1));
}

#[test]
fn a_literal_of_zero_bars_is_no_binary_number() {
    let s = session("track(\"a\").delay(0bars); track(\"b\").trim(0b11).gain(0x0F);");
    assert_eq!(strip(&s, "b").trim, Trim::By(3.0));
    assert_eq!(strip(&s, "b").gain, Signal::Constant(15.0));
}

#[test]
fn times_add_up() {
    let s = session(
        "sections([bar(1): \"a\", bar(9): \"b\", bar(17): \"\"]);
         let t = track(\"t\");
         t.clip(\"x.wav\", at: end(\"b\") - 2beats + 120ms, from: at(\"1:02.5\"), fade_in: note(1/8, \"triplet\"), repeat: 3, gain: -1dB);
         t.clip(\"y.wav\", at: start(\"a\", 1), to: -(4bars) * 0.5 + 10s);",
    );
    let clip = &strip(&s, "t").clips[0];
    let at = clip.at.as_ref().unwrap();
    assert!(matches!(&at.anchors[0], (1, Anchor::SectionEnd(n)) if n.name == "b"));
    assert_eq!((at.beats, at.seconds), (Beats::new(-2, 1), 0.12));
    assert_eq!(clip.from.as_ref().unwrap().seconds, 62.5);
    assert_eq!(clip.fade_in.as_ref().unwrap().notes, Beats::new(1, 12));
    assert_eq!(clip.repeat, 3);
    let to = strip(&s, "t").clips[1].to.as_ref().unwrap();
    assert_eq!((to.bars, to.seconds), (Beats::new(-2, 1), 10.0));
}

#[test]
fn anywhere_a_number_goes_a_curve_goes() {
    let s = session(
        "sections([bar(1): \"chorus\", bar(9): \"\"]);
         let k = track(\"k\");
         let t = track(\"t\").gain([bar(1): -12dB, bar(9): smooth(-3dB), \"chorus\": 0dB, bar(3)..bar(4): hold(off)])
            .ride(lfo(rate: note(1/2), from: -1dB, to: 1dB, shape: \"triangle\"))
            .pan(|t| 50 * sin(t))
            .insert(saturate(drive: follow(k, from: 0dB, to: 6dB, attack: 5ms), on: [\"chorus\": true]))
            .send(\"later\", [\"chorus\": -12dB]);
         bus(\"later\");",
    );
    let t = strip(&s, "t");
    let Signal::Curve(curve) = &t.gain else { panic!() };
    assert_eq!(
        curve.points.iter().map(|p| p.way).collect::<Vec<_>>(),
        [Way::Straight, Way::Smooth, Way::Straight, Way::Hold]
    );
    assert!(matches!(curve.points[2].at, At::Section(_)) && matches!(curve.points[3].at, At::Span(..)));
    assert!(matches!(&t.rides[0], Signal::Lfo(Lfo { rate: LfoRate::Period(_), .. })));
    assert_eq!(t.pan, Some(Signal::Closure(ClosureId(0))));
    let Value::Number(Signal::Follow(follow)) = &t.inserts[0].values[0].1 else { panic!() };
    assert_eq!(follow.attack, 0.005);
    let Signal::Curve(send) = &t.sends[0].level else { panic!() };
    assert_eq!(send.rest, f64::NEG_INFINITY);
    assert_eq!(t.sends[0].to, RouteTo::Strip(s.find("later").unwrap()));
}

#[test]
fn functions_of_time_are_sampled_with_the_same_bits_everywhere() {
    let reading = read_text("fn f(t) { 2 * t } track(\"t\").gain(|t| f(t) - 3dB).pan(|t| sin(t) ** 2);");
    assert_eq!(told(&reading), Vec::<String>::new());
    let values = reading.closures.sample(ClosureId(0), 2.0).unwrap();
    assert_eq!(values.len(), 401);
    assert_eq!((values[0], values[400]), (-3.0, 1.0));
    let values = reading.closures.sample(ClosureId(1), 0.01).unwrap();
    assert_eq!(values, [0.0, 0.005, 0.01].map(|t: f64| libm::pow(libm::sin(t), 2.0)));
}

#[test]
fn calls_made_again_replace_or_add() {
    let s = session(
        "let b = bus(\"b\"); let t = track(\"t\").gain(-3dB).gain(-6dB).trim(1dB).trim(2dB).pan(10%).pan(20%).width(50%).width(60%)
            .send(b).send(b, -6dB, pre: true).to(b).to(mix).ride(1dB).ride(2dB).place(-50%, 50%);
         t.insert(bell(1kHz), bell(2kHz)).insert([bell(3kHz), chain(bell(4kHz))]);
         vca(\"v\", [t, \"b\"]).gain(-1dB).mute(false);",
    );
    let t = strip(&s, "t");
    assert_eq!((&t.gain, t.trim), (&Signal::Constant(-6.0), Trim::By(2.0)));
    assert_eq!((t.sends.len(), t.rides.len(), t.inserts.len()), (2, 2, 4));
    assert_eq!(t.sends[1].from, TapPoint::Pre);
    assert_eq!(t.to.as_ref().unwrap().to, RouteTo::Strip(s.mix()));
    assert!(t.pan.is_none() && t.place.is_some());
    assert_eq!(s.vcas[0].strips.len(), 2);
}

#[test]
fn text_of_any_kind_is_read() {
    let s = session(
        "\u{feff}/// about\r\n//! ä 3dB\r\n/** block 20Hz */ let o = track(\"Bläser 🎺\", `a/${\"b\"}.wav`); // größer\r\nfor i in 0..2 {\r\n    track(`s ${i}`).gain(-3dB);\r\n}\r\no.gain(-2dB); /* /* nested */ */\r\n",
    );
    assert_eq!(strip(&s, "Bläser 🎺").gain, Signal::Constant(-2.0));
    assert_eq!(strip(&s, "Bläser 🎺").clips[0].path, "a/b.wav");
    assert_eq!(strip(&s, "s 1").gain, Signal::Constant(-3.0));
    // blanks of any kind
    let s = session("track(\"t\").insert(compressor(\u{c}ratio: 2,\u{a0}threshold:\u{3000}-3dB))\u{b};");
    assert_eq!(strip(&s, "t").inserts[0].values.len(), 2);
}

#[test]
fn modules_are_found_beside_in_the_project_and_in_the_library() {
    let reading = read_files(&[
        (
            "songs/song.mix",
            "import \"./near\" as n; import \"far\" as f; import \"vocals\" as v; import \"../songs/near\" as again;
             let t = track(\"t\"); n::a(t); f::b(t); v::air_chain(t, 2.5dB); again::a(t);",
        ),
        ("songs/near.mix", "import \"far\" as f; fn a(s) { s.trim(-1dB) }"),
        ("lib/far.mix", "fn b(s) { mix.gain(-2dB); s.gain(|t| -6 + t) }"),
    ]);
    assert_eq!(told(&reading), Vec::<String>::new());
    let s = &reading.session;
    assert_eq!((strip(s, "t").trim, strip(s, "mix").gain.clone()), (Trim::By(-1.0), Signal::Constant(-2.0)));
    assert_eq!(strip(s, "t").inserts[0].name, "high_shelf");
    assert_eq!(reading.closures.sample(ClosureId(0), 1.0).unwrap()[200], -5.0);
    let names: Vec<String> = reading.sources.iter().map(|s| s.1.name.clone()).collect();
    assert_eq!(names, ["songs/song.mix", "songs/near.mix", "lib/far.mix", "<stdlib>/vocals.mix"]);
    assert_eq!(reading.read.len(), 3);
    assert!(reading.missing.contains(&"lib/vocals.mix".into()), "{:?}", reading.missing);
    let clip = mixdown::diag::SourceId(1);
    assert_eq!(reading.folder_of(clip), std::path::PathBuf::from("songs"));
}

#[test]
fn mistakes_in_modules_point_into_them() {
    let reading = read_files(&[
        (
            "song.mix",
            "import \"a\" as a;\nlet t = track(\"t\");\na::one(t);\na::tow(t);\na::one(t, 2);\na::one(s: t);\na::low(t, 80Hz);\n",
        ),
        (
            "lib/a.mix",
            "fn one(s) {\n  s.insert(compresor(), compressor(threshold: 80Hz))\n}\nfn two(s) { throw \"never\" }\n\
             fn low(s, level) { s.insert(compressor(threshold: level)) }\n",
        ),
    ]);
    assert_eq!(
        told(&reading),
        [
            "MX0104 4:4+3 \"a\" has no function `tow` / did you mean `two`?",
            "MX0106 5:4+3 `one` takes 1 value, not 2 / it takes `s`",
            "MX0301 7:4+3 `threshold` of `compressor` takes a level in dB / write a number such as `-6dB` (level where it begins)",
            "MX0104 lib/a.mix:2:12+9 no effect is called `compresor` / did you mean `compressor`?",
            "MX0301 lib/a.mix:2:47+4 `threshold` of `compressor` takes a level in dB / write a number such as `-6dB` (level where it begins)",
        ]
    );
}

#[test]
fn what_a_caller_has_brought_is_told_at_the_callers_line_and_every_hop_is_shown() {
    let reading = read_files(&[
        ("song.mix", "import \"a\" as a;\nlet t = track(\"t\");\nlet x = 80Hz;\na::low(t, x);\n"),
        (
            "lib/a.mix",
            "fn low(s, level) {\n  deeper(s, level)\n}\nfn deeper(s, level) {\n  s.insert(compressor(threshold: level))\n}\n",
        ),
    ]);
    let diagnostic = reading.diagnostics.iter().next().unwrap();
    let labels: Vec<_> =
        diagnostic.labels.iter().map(|l| (reading.sources.line_of(l.span), l.text.as_str(), l.primary)).collect();
    assert_eq!(
        labels,
        [
            ("song.mix:4".to_string(), "in this call of `low`", true),
            ("lib/a.mix:5".to_string(), "this is a frequency in Hz or kHz", false),
            ("song.mix:3".to_string(), "the value was written here", false),
            ("lib/a.mix:2".to_string(), "in this call of `deeper`", false),
        ]
    );
    let own = read_text("fn f(s, x) { s.gain(x) }\nlet t = track(\"t\");\nf(t, \"loud\");\n");
    let labels: Vec<_> = own.diagnostics.iter().next().unwrap().labels.iter().collect();
    assert_eq!(own.sources.line_of(labels[0].span), "song.mix:1", "in its own file a mistake stands where it is");
    assert_eq!(
        (own.sources.line_of(labels[1].span), labels[1].text.as_str()),
        ("song.mix:3".into(), "in this call of `f`")
    );
}

#[test]
fn functions_of_a_script_take_their_arguments_by_name() {
    let s = session(
        "fn level(strip, low, high) { strip.gain(low).trim(high) }
         fn twice(strip, low) { level(high: low * 2, strip: strip, low: low) }
         fn up(by) { this.gain(by) }
         let t = track(\"t\");
         level(high: 3dB, strip: t, low: -6dB);
         twice(low: -2dB, strip: track(\"u\"));
         level(track(\"v\"), high: 1dB, low: 2dB);
         track(\"w\").up(by: 4dB);
         for i in 0..3 { level(track(`x${i}`), high: i.dB, low: 0dB); }
         level(track(\"y\"), -1dB, -2dB);",
    );
    let levels = |name| (strip(&s, name).gain.constant().unwrap(), strip(&s, name).trim);
    assert_eq!(levels("t"), (-6.0, Trim::By(3.0)));
    assert_eq!(levels("u"), (-2.0, Trim::By(-4.0)));
    assert_eq!(levels("v"), (2.0, Trim::By(1.0)));
    assert_eq!(levels("w").0, 4.0);
    assert_eq!(levels("x2"), (0.0, Trim::By(2.0)));
    assert_eq!(levels("y"), (-1.0, Trim::By(-2.0)));
    let reading = read_files(&[
        ("song.mix", "import \"a\" as a;\na::low(level: -3dB, strip: track(\"t\"));\n"),
        ("lib/a.mix", "fn low(strip, level) { strip.gain(level) }\n"),
    ]);
    assert_eq!(told(&reading), Vec::<String>::new());
    assert_eq!(strip(&reading.session, "t").gain, Signal::Constant(-3.0));
}

#[test]
fn a_module_beside_the_script_is_offered_as_one() {
    let reading = read_files(&[
        ("songs/song.mix", "import \"near/it\" as n;\n"),
        ("songs/near/it.mix", "fn f(s) { s }\n"),
        ("lib/far.mix", ""),
    ]);
    assert_eq!(
        told(&reading),
        [
            "MX0108 songs/song.mix:1:8+9 there is no module \"near/it\" / a module beside this file is written \"./near/it\""
        ]
    );
    assert_eq!(reading.diagnostics.iter().next().unwrap().suggestion.as_deref(), Some("./near/it"));
}

#[test]
fn circles_of_imports_are_shown() {
    let reading = read_files(&[
        ("song.mix", "import \"a\" as a;\n"),
        ("lib/a.mix", "import \"b\" as b;\n"),
        ("lib/b.mix", "import \"a\" as a;\n"),
    ]);
    assert_eq!(
        told(&reading),
        [
            "MX0109 lib/b.mix:1:8+3 modules import one another: lib/a.mix → lib/b.mix → lib/a.mix / put what both need into a third module"
        ]
    );
    let reading = read_files(&[("song.mix", "import \"./song\" as s;\n")]);
    assert_eq!(told(&reading), ["MX0109 1:8+8 song.mix imports itself / put what both need into a third module"]);
}

#[test]
fn an_error_within_calls_shows_the_way_to_it() {
    let reading =
        read_text("fn inner(x) { throw \"no\" }\nfn outer(x) { inner(x) }\ntrack(\"a\");\nouter(1);\ntrack(\"b\");\n");
    let all: Vec<_> = reading.diagnostics.iter().collect();
    assert_eq!(all.len(), 1);
    let lines: Vec<usize> = all[0].labels.iter().map(|l| reading.sources.place(l.span).unwrap().line).collect();
    assert_eq!((all[0].message.as_str(), lines), ("no", vec![1, 2, 4]));
}

#[test]
fn every_code_is_explained() {
    let codes = mixdown::diag::CODES;
    assert!(codes.windows(2).all(|w| w[0].code < w[1].code));
    let text = include_str!("../src/diag/codes.rs");
    let declared: Vec<u16> =
        text.lines().filter_map(|l| l.split_once(": Code = Code(")?.1.split(')').next()?.parse().ok()).collect();
    assert_eq!(declared, codes.iter().map(|e| e.code.0).collect::<Vec<_>>());
    for e in codes {
        assert!(!e.title.is_empty() && !e.cause.is_empty() && !e.bad.is_empty() && !e.good.is_empty(), "{}", e.code);
    }
}

#[test]
fn a_preset_is_a_function_that_returns_a_chain() {
    let s = session(
        "fn glue(amount) { chain(compressor(threshold: amount, ratio: 2), saturate(drive: 1dB)) }
         let all = [track(\"a\"), track(\"b\")];
         for t in all { t.insert(glue(-20dB)); }
         fn master_it() { master.insert(limiter(-1dBTP)).gain(-1dB); mix.gain(1dB) }
         master_it();
         let level = -6dB; let half = level / 2;
         all[0].gain(half).send(\"verb\", half + 1dB); bus(\"verb\").delay(-2ms);
         if level < -3dB { all[1].mute(); }",
    );
    let chain = &strip(&s, "b").inserts[0];
    assert_eq!(chain.name, "chain");
    let Value::Effects(inner) = &chain.values[0].1 else { panic!() };
    assert_eq!(inner.len(), 2);
    assert_eq!(strip(&s, "master").inserts[0].values[0].1, Value::Number(Signal::Constant(-1.0)));
    assert_eq!(strip(&s, "a").gain, Signal::Constant(-3.0));
    assert_eq!(strip(&s, "a").sends[0].level, Signal::Constant(-2.0));
    assert!(strip(&s, "b").mute && strip(&s, "verb").delay.is_some());
}

#[test]
fn spans_are_those_of_the_very_tokens() {
    let text = "track(\"ä\").insert(bell(1kHz, gain: 3dB)).gain([bar(1): -6dB]);";
    let reading = read_text(text);
    let at = |loc: Loc| text[loc.0.start as usize..loc.0.end as usize].to_string();
    let t = strip(&reading.session, "ä");
    assert_eq!(at(t.loc), "\"ä\"");
    let bell = &t.inserts[0];
    assert_eq!(at(bell.loc), "bell");
    assert_eq!(bell.values.iter().map(|v| at(v.2)).collect::<Vec<_>>(), ["1kHz", "3dB"]);
    let Signal::Curve(curve) = &t.gain else { panic!() };
    assert_eq!(at(curve.points[0].loc), "bar(1): -6dB");
    assert_eq!(at(curve.loc), "[bar(1): -6dB]");
}

#[test]
fn a_variable_given_to_a_function_stays_what_it_was() {
    let s = session(
        "let b = 2;\nlet one = bar(b);\nlet two = bar(b);\ntrack(\"t\", \"a.wav\").gain([one: -3dB, two + 1s: -6dB]);",
    );
    let Signal::Curve(curve) = &strip(&s, "t").gain else { panic!("a curve") };
    assert_eq!(curve.points.len(), 2);
}

#[test]
fn a_bare_number_is_compared_in_the_others_unit() {
    let s = session(
        "let x = -3dB; let quiet = track(\"quiet\"); let loud = track(\"loud\");
         if x < -2 && x >= -3.0 && x == -3 && x != 3 && -4 < x && 0.5 > x { quiet.mute(); }
         if x > -2 || x == -2 || 1 == 1s && 2 == 1s { loud.mute(); }",
    );
    assert!(strip(&s, "quiet").mute && !strip(&s, "loud").mute);
}

#[test]
fn times_are_not_compared_without_a_word() {
    let reading = read_text(
        "let x = bar(3);\nif x < bar(9) { }\nif x == 2s { }\nfor b in 1..3 { if b < 2 && x != () { bar(b); } }\n",
    );
    let help = "compare the numbers that they are made of: `if b < 9 { … bar(b) … }`";
    let message = "times cannot be compared while the script is read";
    assert_eq!(
        told(&reading),
        [format!("MX0307 2:6+1 {message} / {help}"), format!("MX0307 3:6+1 {message} / {help}")]
    );
}

#[test]
fn functions_of_time_take_along_what_is_around_them() {
    let reading = read_text(
        "fn swell(depth) { |t| depth * t }
         let base = -6; let rate = 2.0;
         track(\"a\").gain(|t| base + rate * t);
         track(\"b\").gain(swell(3));
         for i in 1..=2 { track(`c${i}`).gain(|t| -i); }
         base = -60;",
    );
    assert_eq!(told(&reading), Vec::<String>::new());
    let values: Vec<f64> = (0..4).map(|i| reading.closures.sample(ClosureId(i), 1.0).unwrap()[100]).collect();
    assert_eq!(values, [-5.0, 1.5, -1.0, -2.0]);
    let reading = read_text("let base = 3;\ntrack(\"a\").gain(|t| bsae + t);\n");
    assert_eq!(told(&reading), ["MX0110 2:21+4 nothing is called `bsae` here / did you mean `base`?"]);
}

/// `20% + 3` was a remainder, without a word.
#[test]
fn a_percentage_is_one_before_an_operator_too() {
    let s = session(
        "let x = 5%; track(\"a\").pan(20% + 3).width(50% + x - 10%); track(\"b\").pan(40% * 2).width(if 20% > x { 30% / 2 } else { 0% });
         track(\"c\").pan(20%3).trim(20 % 3).gain(20%-3).ride(20% /* of */ 3);",
    );
    let pan_and_width = |name| (strip(&s, name).pan.clone().unwrap(), strip(&s, name).width.clone());
    assert_eq!(pan_and_width("a"), (Signal::Constant(23.0), Signal::Constant(45.0)));
    assert_eq!(pan_and_width("b"), (Signal::Constant(80.0), Signal::Constant(15.0)));
    let c = strip(&s, "c");
    assert_eq!((&c.pan, c.trim), (&Some(Signal::Constant(2.0)), Trim::By(2.0)));
    assert_eq!((&c.gain, &c.rides[0]), (&Signal::Constant(2.0), &Signal::Constant(2.0)));
}

#[test]
fn what_is_doubtful_takes_no_place_from_what_is_sure() {
    // more unknown units than are kept, all on a line whose quote is never closed
    let text = format!("(\"T\", {}\"4/4\"1\" : 5);", "3kr ".repeat(250));
    let lines = told(&read_text(&text));
    assert!(lines.iter().any(|l| l.starts_with("MX0101")), "{lines:?}");
}
