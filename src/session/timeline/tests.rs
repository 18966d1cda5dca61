use super::*;
use crate::diag::{SourceId, Span};
use crate::session::Step;

fn loc(at: usize) -> Loc {
    Loc(Span::new(SourceId(0), at, at + 1))
}

fn bar(n: i64, beat: i64) -> Time {
    Time::anchor(Anchor::Bar { bar: Beats::new(n, 1), beat: Beats::new(beat, 1) })
}

fn of(name: &str) -> SectionRef {
    SectionRef { name: name.into(), loc: Some(loc(99)) }
}

fn start(name: &str) -> Time {
    Time::anchor(Anchor::SectionStart(of(name)))
}

fn end(name: &str) -> Time {
    Time::anchor(Anchor::SectionEnd(of(name)))
}

fn beats(n: i64) -> Time {
    Time { beats: Beats::new(n, 1), ..Time::default() }
}

fn bars(n: i64) -> Time {
    Time { bars: Beats::new(n, 1), ..Time::default() }
}

fn section(name: &str, from: Time, to: Time) -> Section {
    Section { name: name.into(), from, to, loc: loc(name.len()) }
}

/// 122 bpm, bar 1 at 1.37 s; the second strip has sound from 1 s to 3 s.
fn timeline(sections: &[Section]) -> (Timeline, Diagnostics) {
    let info = Info {
        tempo: vec![Step { at: bar(1, 1), value: 122.0, smooth: false }],
        first_bar: Some(Time::seconds(1.37)),
        ..Info::default()
    };
    let strips = [None, Some((Frames::new(48_000), Frames::new(144_000)))];
    Timeline::new(&info, sections, Rate::STUDIO, &strips)
}

/// The frame of a quarter by whole numbers: halves up.
fn frame(quarters: i64) -> Frames {
    Frames::new((65_760 * 122 * 2 + quarters * 60 * 48_000 * 2 + 122).div_euclid(244))
}

fn song() -> (Timeline, Diagnostics) {
    timeline(&[
        section("intro", bar(1, 1), start("verse")),
        section("verse", bar(9, 1), bar(25, 1)),
        section("chorus", end("verse"), end("verse").plus(bars(8))),
        section("chorus", bar(41, 1), bar(49, 1)),
        section("chorus 3", end("chorus 2").plus(beats(2)), bar(60, 1)),
    ])
}

#[test]
fn positions_are_musical_until_the_end() {
    let (t, found) = song();
    assert!(found.is_empty(), "{found:?}");
    let at = |time: Time| t.position(&time).unwrap();
    for n in -50..3000 {
        assert_eq!(at(bar(n, 1)), frame((n - 1) * 4), "bar {n}");
        assert_eq!(at(bar(n, 3)), at(bar(n, 1).plus(beats(2))));
    }
    assert_eq!(at(bars(4)), at(bar(5, 1)));
    assert_eq!(at(Time::default()), Frames::ZERO);
    assert_eq!(at(Time { samples: -7.0, ..Time::seconds(2.0) }), Frames::new(95_993));
    assert_eq!(at(end("verse").plus(bars(8))), frame(128));
    assert_eq!(at(start("chorus 3")), frame(194));
    assert_eq!(at(bar(9, 1).plus(Time::seconds(-0.5))), Frames::new(frame(32).get() - 24_000));
    // several anchors: seconds, but the same frame
    assert_eq!(at(bar(3, 1).plus(bar(9, 1)).plus(bar(5, 1).negated())), frame(24));
    assert_eq!(at(Time::anchor(Anchor::StripEnd(StripId(1)))), Frames::new(144_000));
    let after = at(Time::anchor(Anchor::StripEnd(StripId(1))).plus(beats(1)));
    assert_eq!(after, Frames::new(144_000 + 23_607)); // 60 / 122 s are 23 606.6 frames
}

#[test]
fn lengths_are_lengths_and_places_are_not() {
    let (t, _) = song();
    let length = t.duration(&end("chorus").plus(start("chorus").negated())).unwrap().value();
    assert!((length - 32.0 * 60.0 / 122.0).abs() < 1e-9);
    assert_eq!(t.duration(&beats(-2)).unwrap().value(), -120.0 / 122.0);
    assert_eq!(t.duration(&Time { samples: 24.0, ..Time::seconds(0.25) }).unwrap().value(), 0.2505);
    for wrong in [bar(3, 1), bar(3, 1).plus(bar(4, 1)), bar(3, 1).negated()] {
        assert_eq!(t.duration(&wrong).unwrap_err().code, Code::TIME);
    }
    for wrong in [bar(3, 1).plus(bar(4, 1)), bars(9).plus(bar(3, 1).negated())] {
        assert_eq!(t.position(&wrong).unwrap_err().code, Code::TIME);
    }
    let step = |n, value| Step { at: bar(n, 1), value, smooth: false };
    let info = Info { tempo: vec![step(1, 120.0), step(5, 60.0)], ..Info::default() };
    let (t, _) = Timeline::new(&info, &[], Rate::STUDIO, &[]);
    assert_eq!(t.duration(&beats(2)).unwrap().value(), 1.0);
    let there = t.duration_at(&beats(2), Some(t.position(&bar(5, 1)).unwrap())).unwrap().value();
    assert!((there - 2.0).abs() < 1e-12);
}

#[test]
fn a_name_is_all_of_its_sections_and_a_number_is_one() {
    let (t, _) = song();
    let bars = |from: i64, to: i64| (frame((from - 1) * 4), frame((to - 1) * 4));
    assert_eq!(t.section(&of("chorus")).unwrap(), [bars(25, 33), bars(41, 49)]);
    assert_eq!(t.section(&of("chorus 2")).unwrap(), [bars(41, 49)]);
    // a whole name goes before a number
    assert_eq!(t.section(&of("chorus 3")).unwrap()[0].1, frame(236));
    assert_eq!(t.range(&Range::Times(bar(2, 1), bar(3, 1))).unwrap(), [bars(2, 3)]);
    let unknown = t.section(&of("vrese")).unwrap_err();
    assert_eq!((unknown.code, unknown.suggestion.as_deref()), (Code::UNKNOWN_SECTION, Some("verse")));
    assert!(unknown.help.unwrap().contains("`chorus`, `chorus 3`, `intro`, `verse`"));
    assert_eq!(unknown.labels[0].span, loc(99).0);
    let fourth = t.section(&of("verse 4")).unwrap_err();
    assert_eq!((fourth.code, fourth.help.as_deref()), (Code::UNKNOWN_SECTION, Some("`verse` occurs once")));
    for odd in ["", "chorus 0", "chorus -1", "chorus 99999999999999999999999"] {
        assert_eq!(t.section(&of(odd)).unwrap_err().code, Code::UNKNOWN_SECTION, "{odd}");
    }
    assert_eq!(t.range(&Range::Times(bar(3, 1), bar(3, 1))).unwrap_err().code, Code::RANGE);
}

#[test]
fn sections_that_cannot_be_are_named_once_and_with_their_places() {
    let said = |time: Time, at| Time { loc: Some(loc(at)), ..time };
    let (t, found) = timeline(&[section("a", said(bar(9, 1), 30), said(bar(5, 1), 40))]);
    let [problem] = found.iter().collect::<Vec<_>>()[..] else { panic!("{found:?}") };
    assert_eq!(problem.code, Code::TIME);
    assert_eq!(problem.labels[1..].iter().map(|l| l.span).collect::<Vec<_>>(), [loc(30).0, loc(40).0]);
    assert_eq!(t.section(&of("a")).unwrap_err(), *problem);

    let (t, found) = timeline(&[
        section("one", start("three"), bar(90, 1)),
        section("two", bar(1, 1), end("one")),
        section("three", end("two"), bar(80, 1)),
        section("self", start("self"), bar(80, 1)),
        section("fine", bar(1, 1), bar(2, 1)),
    ]);
    let messages: Vec<_> = found.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].ends_with("`one` is placed by `three` is placed by `two` is placed by `one`"), "{messages:?}");
    assert!(messages[1].contains("`self` is placed by `self`"));
    assert!(t.section(&of("fine")).is_ok());

    // forward references deeper than the stack should go
    let deep: Vec<_> = (0..5000)
        .map(|i| section(&format!("s{i}"), start(&format!("s{}", i + 1)), bar(99, 1)))
        .chain([section("s5000", bar(1, 1), bar(99, 1))])
        .collect();
    let (_, found) = timeline(&deep);
    assert!(found.has_errors());
    let (_, found) = timeline(&[section("gone", Time::anchor(Anchor::StripStart(StripId(0))), bar(9, 1))]);
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TIME]);
}

#[test]
fn absurd_times_are_refused() {
    let (t, _) = song();
    let huge = |n| Beats::new(n, 1);
    let all = [
        Time::seconds(f64::NAN),
        Time::seconds(f64::INFINITY),
        Time::seconds(172_801.0),
        Time { samples: -1e300, ..Time::default() },
        bar(i64::MAX, 1),
        bar(i64::MIN, i64::MIN),
        bar(1, i64::MAX),
        Time { notes: huge(i64::MIN), ..bar(i64::MIN, 1) },
        Time { bars: huge(i64::MAX), beats: huge(i64::MAX), ..Time::default() },
        Time { beats: huge(9_000_000), ..Time::anchor(Anchor::StripEnd(StripId(1))) },
        Time::anchor(Anchor::StripEnd(StripId(77))),
    ];
    for time in all {
        assert_eq!(t.position(&time).unwrap_err().code, Code::TIME, "{time:?}");
        assert!(t.duration(&time).is_err());
    }
    let info = Info {
        meter: vec![
            Step { at: bar(1, 1), value: (1, 128), smooth: false },
            Step { at: bar(9_999_999, 1), value: (1024, 1), smooth: false },
        ],
        tempo: vec![
            Step { at: bar(1, 1), value: 1.0, smooth: false },
            Step { at: bar(9_000_000, 1), value: 2000.0, smooth: true },
        ],
        ..Info::default()
    };
    let (t, _) = Timeline::new(&info, &[], Rate::STUDIO, &[]);
    assert!(t.position(&bar(9_999_999, 1).plus(bars(1_000_000))).is_err());
    assert!(t.position(&bars(10_000_000)).is_err());
    assert!(t.position(&bar(2, 1)).is_ok());
}

#[test]
fn positions_are_typed_as_people_write_them() {
    let (t, _) = song();
    let from = |text: &str| t.parse(text, Edge::From).map(Frames::get);
    let seconds = |s: f64| Ok((s * 48_000.0) as i64);
    assert_eq!(from("1:02.5"), seconds(62.5));
    assert_eq!(from("12.5"), seconds(12.5));
    assert_eq!(from("90s"), seconds(90.0));
    assert_eq!(from("250ms"), seconds(0.25));
    assert_eq!(from("1:00:02"), seconds(3602.0));
    assert_eq!(from(" bar:17 "), Ok(frame(64).get()));
    assert_eq!(from("bar:17.3"), Ok(frame(66).get()));
    assert_eq!(from("chorus"), Ok(frame(96).get()));
    assert_eq!(from("chorus 2"), Ok(frame(160).get()));
    assert_eq!(t.parse("verse", Edge::To), Ok(frame(96)));
    for wrong in [
        "", ":", "1:", "1:99", "-3", "1e5", "inf", "nan", "12Hz", "1.2.3", "bar:", "bar:x", "bar:1.0", "bar:1.x",
        "1:2:3:4", "99999999", "é:ü", "9dB",
    ] {
        assert!(from(wrong).is_err(), "{wrong}");
    }
    let near = t.parse("vers", Edge::From).unwrap_err();
    assert_eq!((near.code, near.suggestion.as_deref()), (Code::UNKNOWN_SECTION, Some("verse")));
}
