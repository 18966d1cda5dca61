//! Expectations, judged on known signals.

use std::path::Path;

use mixdown::diag::{SourceId, Span};
use mixdown::project::{Built, Request, build_read, check_read};
use mixdown::script;
use mixdown::session::{Expectation, Loc, Quantity, Range, Reading, Relation, SectionRef, Tap, TapPoint, Than, Time};
use mixdown::world::World;

use crate::sessions::{Session, db, sine};
use crate::{SONG, build, read, told};

/// Sines of 997 Hz on both sides: as many LUFS as their peak has dBFS (BS.1770-5, annex 1). Two bars of each level.
const LEVELS: [f64; 6] = [-40.0, -24.0, -18.0, -24.0, -12.0, -30.0];

const SCRIPT: &str = "song(\"x\", rate: 48kHz, tempo: 120);\n\
    sections([bar(1): \"intro\", bar(3): \"verse\", bar(5): \"chorus\", bar(7): \"verse\", bar(9): \"chorus\", bar(11): \"outro\", bar(13): \"\"]);\n\
    track(\"lead vox\", \"vox.wav\");\ntrack(\"music\", \"music.wav\");\ntrack(\"mono\", \"mono.wav\");\ntrack(\"nothing\", \"nothing.wav\");\n\
    track(\"one side\", \"left.wav\");\ndeliver(mix, \"mix.wav\");\n";

fn levels() -> Session {
    let tone = sine(997.0, 2, 24 * 48_000, 1.0);
    let shaped = |plane: &Vec<f64>| plane.iter().enumerate().map(|(n, x)| x * db(LEVELS[n / 192_000])).collect();
    let vox: Vec<Vec<f64>> = tone.iter().map(shaped).collect();
    Session::new()
        .wav("vox.wav", 48_000, 32, &vox)
        .wav("music.wav", 48_000, 32, &sine(997.0, 2, 24 * 48_000, db(-17.9)))
        .wav("mono.wav", 48_000, 32, &sine(997.0, 1, 24 * 48_000, db(-20.0)))
        .wav("nothing.wav", 48_000, 32, &[vec![0.0; 48_000], vec![0.0; 48_000]])
        .wav("left.wav", 48_000, 32, &[sine(997.0, 1, 48_000, 0.1).remove(0), vec![0.0; 48_000]])
}

fn section(name: &str) -> Option<Range> {
    Some(Range::Section(SectionRef { name: name.to_string(), loc: None }))
}

fn seconds(from: f64, to: f64) -> Option<Range> {
    Some(Range::Times(Time::seconds(from), Time::seconds(to)))
}

/// What is expected, of strips by name.
struct Expect {
    strip: &'static str,
    point: TapPoint,
    of: Quantity,
    part: Option<Range>,
    relation: Relation,
    than: Result<f64, (&'static str, Quantity, Option<Range>)>,
    margin: f64,
}

fn expect(
    strip: &'static str,
    of: Quantity,
    part: Option<Range>,
    relation: Relation,
    than: f64,
    margin: f64,
) -> Expect {
    Expect { strip, point: TapPoint::Post, of, part, relation, than: Ok(than), margin }
}

/// The script with expectations in it, each as if it stood at a place of its own in the text.
fn expecting(world: &dyn World, all: &[Expect]) -> script::Reading {
    let mut script = read(world);
    for (index, e) in all.iter().enumerate() {
        let loc = Loc(Span::new(SourceId(0), index, index + 1));
        let reading = |strip: &str, point, of, part: &Option<Range>| Reading {
            tap: Tap { strip: script.session.find(strip).unwrap(), point },
            of,
            part: part.clone(),
            loc,
        };
        let expectation = Expectation {
            reading: reading(e.strip, e.point, e.of, &e.part),
            relation: e.relation,
            than: match &e.than {
                Ok(number) => Than::Number(*number),
                Err((strip, of, part)) => Than::Reading(reading(strip, TapPoint::Post, *of, part)),
            },
            margin: e.margin,
            loc,
        };
        script.session.expectations.push(expectation);
    }
    script
}

#[test]
fn a_reading_is_of_the_part_of_the_song_that_it_names() {
    let world = levels().world(SCRIPT);
    let pair = 10.0 * libm::log10((db(2.0 * -18.0) + db(2.0 * -12.0)) / 2.0);
    let vox = |of, part| ("lead vox", TapPoint::Post, of, part);
    let mono = |of, point| ("mono", point, of, None);
    let cases = [
        (vox(Quantity::Loudness, section("chorus 2")), -12.0, 0.02),
        (vox(Quantity::Loudness, section("verse 1")), -24.0, 0.02),
        (vox(Quantity::Loudness, seconds(8.0, 12.0)), -18.0, 0.02),
        // both choruses together, not what lies between them
        (vox(Quantity::Loudness, section("chorus")), pair, 0.02),
        (vox(Quantity::SamplePeak, section("verse")), -24.0, 0.01),
        (vox(Quantity::SamplePeak, section("chorus")), -12.0, 0.01),
        (vox(Quantity::Peak, section("intro")), -40.0, 0.05),
        (vox(Quantity::ShortTermMax, None), -12.0, 0.02),
        (vox(Quantity::ShortTermMax, section("chorus 1")), -18.0, 0.02),
        (vox(Quantity::LoudnessRange, section("chorus 2")), 0.0, 0.05),
        (vox(Quantity::Correlation, section("outro")), 1.0, 1e-9),
        (vox(Quantity::MonoLoss, section("outro")), 0.0, 1e-6),
        // a mono strip is one channel up to its pan, and after it two of the pan law's level
        (mono(Quantity::Loudness, TapPoint::Source), -23.01, 0.02),
        (mono(Quantity::Loudness, TapPoint::Pre), -23.01, 0.02),
        (mono(Quantity::Loudness, TapPoint::Post), -23.01, 0.02),
        (mono(Quantity::Correlation, TapPoint::Post), 1.0, 1e-9),
    ];
    let all: Vec<Expect> = cases
        .iter()
        .map(|((strip, point, of, part), value, within)| Expect {
            point: *point,
            ..expect(strip, *of, part.clone(), Relation::Equals, *value, *within)
        })
        .collect();
    let built = build(&world, expecting(&world, &all));
    assert!(built.ok, "{:#?}", told(&built));
    assert_eq!(built.judged.len(), cases.len());
    for (judged, ((strip, _, _, part), value, within)) in built.judged.iter().zip(&cases) {
        assert!(judged.ok && (judged.got.unwrap() - value).abs() <= *within, "{strip} {part:?}: {judged:?}");
        assert_eq!((judged.asked, judged.within), (Some(*value), Some(*within)));
    }
    assert_eq!(built.judged[0].section.as_deref(), Some("chorus 2"));
}

#[test]
fn above_below_and_equals_hold_up_to_their_margins() {
    let world = levels().world(SCRIPT);
    let music = |relation, than, margin| expect("music", Quantity::SamplePeak, None, relation, than, margin);
    let cases = [
        (music(Relation::Above, -18.0, 0.0), true),
        (music(Relation::Above, -17.8, 0.0), false),
        (music(Relation::Above, -19.0, 1.0), true),
        (music(Relation::Above, -19.0, 1.2), false),
        (music(Relation::Below, -17.8, 0.0), true),
        (music(Relation::Below, -18.0, 0.0), false),
        (music(Relation::Below, -16.0, 1.8), true),
        (music(Relation::Below, -16.0, 2.0), false),
        (music(Relation::Equals, -17.5, 0.5), true),
        (music(Relation::Equals, -17.5, 0.3), false),
        (music(Relation::Equals, -18.5, 0.5), false),
        (
            Expect {
                than: Err(("lead vox", Quantity::SamplePeak, section("chorus 1"))),
                ..music(Relation::Above, 0.0, 0.0)
            },
            true,
        ),
        (
            Expect {
                than: Err(("lead vox", Quantity::SamplePeak, section("chorus"))),
                ..music(Relation::Above, 0.0, 0.0)
            },
            false,
        ),
    ];
    let wanted: Vec<bool> = cases.iter().map(|c| c.1).collect();
    let all: Vec<Expect> = cases.into_iter().map(|c| c.0).collect();
    let built = build(&world, expecting(&world, &all));
    assert_eq!(built.judged.iter().map(|j| j.ok).collect::<Vec<_>>(), wanted, "{:#?}", told(&built));
    assert_eq!(built.diagnostics.len(), wanted.iter().filter(|ok| !**ok).count());
}

#[test]
fn a_failed_expectation_says_asked_and_got_and_the_files_stay() {
    let world = levels().world(SCRIPT);
    let music = ("music", Quantity::Loudness, section("chorus 1"));
    let chorus = |relation, than, margin| Expect {
        than,
        ..expect("lead vox", Quantity::Loudness, section("chorus 1"), relation, 0.0, margin)
    };
    let cases = [
        (
            chorus(Relation::Above, Err(music.clone()), 1.0),
            "MX0610 \"lead vox\" in \"chorus 1\" is -18.0 LUFS; it should be at least 1 LU above \"music\" in \"chorus 1\" (-17.9 LUFS)",
        ),
        (
            chorus(Relation::Above, Err(music), 0.0),
            "MX0610 \"lead vox\" in \"chorus 1\" is -18.0 LUFS; it should be no less than \"music\" in \"chorus 1\" (-17.9 LUFS)",
        ),
        (
            chorus(Relation::Above, Ok(-14.0), -2.0),
            "MX0610 \"lead vox\" in \"chorus 1\" is -18.0 LUFS; it should be at most 2 LU below -14 LUFS",
        ),
        (
            chorus(Relation::Below, Ok(-24.0), -3.0),
            "MX0610 \"lead vox\" in \"chorus 1\" is -18.0 LUFS; it should be at most 3 LU above -24 LUFS",
        ),
        (
            chorus(Relation::Below, Ok(-20.0), 1.5),
            "MX0610 \"lead vox\" in \"chorus 1\" is -18.0 LUFS; it should be at least 1.5 LU below -20 LUFS",
        ),
        (
            chorus(Relation::Equals, Ok(-16.0), 0.5),
            "MX0610 \"lead vox\" in \"chorus 1\" is -18.0 LUFS; it should be within 0.5 LU of -16 LUFS",
        ),
        (
            expect("music", Quantity::SamplePeak, seconds(1.0, 62.5), Relation::Below, -17.91, 0.0),
            "MX0610 the sample peak of \"music\" from 1s to 24s is -17.90 dBFS; it should be no more than -17.91 dBFS",
        ),
        (
            Expect {
                point: TapPoint::Source,
                ..expect("lead vox", Quantity::Correlation, None, Relation::Below, 0.5, 0.0)
            },
            "MX0610 the correlation of the source of \"lead vox\" is 1.00; it should be no more than 0.5",
        ),
    ];
    let (cases, texts): (Vec<Expect>, Vec<&str>) = cases.into_iter().unzip();
    let built = build(&world, expecting(&world, &cases));
    assert_eq!(told(&built), texts);
    for (index, diagnostic) in built.diagnostics.iter().enumerate() {
        assert_eq!(diagnostic.labels[0].span, Span::new(SourceId(0), index, index + 1));
        assert!(diagnostic.help.as_ref().unwrap().contains("the files are written"));
    }
    assert!(!built.ok && !built.outside && !built.cancelled, "exit code 1");
    assert_eq!(built.artifacts.len(), 1);
    assert!(world.get("out/mix.wav").is_some());
}

#[test]
fn many_on_one_line_are_all_told() {
    let world = levels().world(SCRIPT);
    let mut script = expecting(
        &world,
        &["lead vox", "music", "mono"].map(|strip| expect(strip, Quantity::Peak, None, Relation::Below, -50.0, 0.0)),
    );
    let first = script.session.expectations[0].loc;
    script.session.expectations.iter_mut().for_each(|e| e.loc = first);
    let built = build(&world, script);
    assert_eq!(built.diagnostics.len(), 1);
    let diagnostic = built.diagnostics.iter().next().unwrap();
    let all = format!("{} {:?}", diagnostic.message, diagnostic.labels);
    assert!(["lead vox", "music", "mono"].iter().all(|name| all.contains(name)), "{all}");
}

#[test]
fn a_reading_that_does_not_exist_says_why() {
    let world = levels().world(SCRIPT);
    let above = |strip, of, part| expect(strip, of, part, Relation::Above, -99.0, 0.0);
    let cases = [
        (above("nothing", Quantity::Loudness, None), "MX0611 \"nothing\" has no loudness: it is silent"),
        (
            above("nothing", Quantity::Peak, section("verse")),
            "MX0611 \"nothing\" in \"verse\" has no true peak: it is silent",
        ),
        (
            above("one side", Quantity::Correlation, None),
            "MX0611 \"one side\" has no correlation: one of its sides is silent",
        ),
        (
            Expect { point: TapPoint::Source, ..above("mono", Quantity::MonoLoss, None) },
            "MX0611 the source of \"mono\" has no mono loss: it is mono",
        ),
        (
            Expect { than: Err(("nothing", Quantity::Loudness, None)), ..above("music", Quantity::Loudness, None) },
            "MX0611 \"nothing\" has no loudness: it is silent",
        ),
    ];
    let short = [
        (
            above("music", Quantity::ShortTermMax, seconds(1.0, 3.0)),
            "MX0611 \"music\" has no short-term maximum there: it lasts 2s, and 3 s are needed",
        ),
        (
            above("music", Quantity::LoudnessRange, seconds(1.0, 3.0)),
            "MX0611 \"music\" has no loudness range there: it lasts 2s, and 3 s are needed",
        ),
        (
            above("music", Quantity::Loudness, seconds(1.0, 1.3)),
            "MX0611 \"music\" has no loudness there: it lasts 0.3s, and 0.4 s are needed",
        ),
    ];
    for cases in [Vec::from(cases), Vec::from(short)] {
        let (cases, texts): (Vec<Expect>, Vec<&str>) = cases.into_iter().unzip();
        let built = build(&world, expecting(&world, &cases));
        assert_eq!(told(&built), texts);
        assert!(!built.ok);
    }
    assert!(world.get("out/mix.wav").is_some(), "the first are found after the render");
}

#[test]
fn check_finds_what_can_never_be_read() {
    let world = levels().world(SCRIPT);
    let above = |part| expect("music", Quantity::ShortTermMax, part, Relation::Above, -99.0, 0.0);
    for (part, code) in [
        (seconds(3.0, 2.0), Some("MX0608")),
        (seconds(100.0, 200.0), Some("MX0608")),
        (seconds(1.0, 2.0), Some("MX0611")),
        (section("bridge"), Some("MX0203")),
        (section("chorus 3"), Some("MX0203")),
        (section("chorus"), None),
    ] {
        let checked = check_read(&world, Path::new(SONG), expecting(&world, &[above(part.clone())]));
        let codes: Vec<String> = checked.diagnostics.iter().map(|d| d.code.to_string()).collect();
        assert_eq!(codes, Vec::from_iter(code), "{part:?}");
    }
}

#[test]
fn a_part_of_the_work_judges_nothing() {
    let world = levels().world(SCRIPT);
    let requests = [
        Request { targets: vec!["mix".to_string()], ..Request::default() },
        Request { from: Some("chorus".to_string()), ..Request::default() },
        Request { to: Some("chorus".to_string()), ..Request::default() },
    ];
    for request in requests {
        let script = expecting(&world, &[expect("music", Quantity::Loudness, None, Relation::Above, 0.0, 0.0)]);
        let built = build_read(&world, Path::new(SONG), script, &request, &());
        assert!(built.ok && built.judged.is_empty(), "{request:?}");
    }
}

/// What is only measured changes nothing of what is written, and a strip that is only read is heard.
#[test]
fn expectations_leave_the_files_as_they_are() {
    let off = SCRIPT.replace("track(\"music\", \"music.wav\")", "track(\"music\", \"music.wav\").to(off)");
    let plain = levels().world(&off);
    let codes = |built: &Built| built.diagnostics.iter().map(|d| d.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(&build(&plain, read(&plain))), ["MX0402"], "nothing hears it");
    let world = levels().world(&off);
    let all =
        ["lead vox", "music"].map(|s| expect(s, Quantity::Loudness, section("chorus"), Relation::Above, -90.0, 0.0));
    assert!(codes(&build(&world, expecting(&world, &all))).is_empty());
    assert_eq!(world.get("out/mix.wav"), plain.get("out/mix.wav"));
}
