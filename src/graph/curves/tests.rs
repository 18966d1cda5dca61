use super::*;
use crate::diag::{SourceId, Span};
use crate::dsp::curve::{Piece, Wave};
use crate::graph::mutes;
use crate::graph::ramps::between;
use crate::session::{
    ClosureId, Follow as Following, Info, Lfo as Oscillator, Range, Section, SectionRef, StripId, Tap, TapPoint, Time,
};
use crate::units::{Beats, Rate};
use proptest::prelude::*;

/// 8 kHz: a ramp is 40 frames, a bar at 120 bpm 16 000.
const RAMP: i64 = 40;

fn timeline() -> Timeline {
    let section = |name: &str, from, to| Section {
        name: name.into(),
        from: Time::seconds(from),
        to: Time::seconds(to),
        loc: loc(0),
    };
    let sections = [section("verse", 0.0, 0.1), section("chorus", 0.1, 0.2), section("chorus", 0.3, 0.4)];
    Timeline::new(&Info::default(), &sections, Rate::new(8_000).unwrap(), &[]).0
}

fn loc(at: usize) -> Loc {
    Loc(Span::new(SourceId(0), at, at + 1))
}

fn frame(at: i64) -> Time {
    Time { samples: at as f64, ..Time::default() }
}

fn point(at: i64, value: f64, way: Way) -> Point {
    Point { at: At::Point(frame(at)), value, way, loc: loc(at.unsigned_abs() as usize) }
}

fn span(from: i64, to: i64, value: f64) -> Point {
    Point { at: At::Span(frame(from), frame(to)), value, way: Way::Straight, loc: loc(from.unsigned_abs() as usize) }
}

fn curve(points: Vec<Point>, rest: f64) -> Signal {
    Signal::Curve(Curve { points, rest, loc: loc(0) })
}

fn linear() -> Target {
    Target::number(Unit::Percent)
}

fn built(signal: &Signal, to: &Target) -> Pieces {
    match lower(signal, to, &timeline()).unwrap() {
        Driver::Pieces(pieces) => pieces,
        Driver::Constant(value) => Pieces {
            scale: to.scale,
            pieces: vec![Piece { from: 0, to: 1, start: value, end: value, shape: Shape::Straight }],
        },
        other => panic!("{other:?}"),
    }
}

fn read(pieces: &Pieces, t: i64) -> f64 {
    let all = &pieces.pieces;
    let Some(p) = all.iter().find(|p| t < p.to) else { return all.last().unwrap().end };
    Line { from: p.from, to: p.to, start: p.start, end: p.end, shape: p.shape }.at(t, pieces.scale)
}

fn joined(pieces: &Pieces) {
    for pair in pieces.pieces.windows(2) {
        assert_eq!((pair[0].to, pair[0].end), (pair[1].from, pair[1].start), "{pieces:?}");
    }
    assert!(pieces.pieces.iter().all(|p| p.from < p.to), "{pieces:?}");
}

/// The specification, frame by frame: who speaks at a frame, and what they would say at another.
struct Model<'a> {
    points: Vec<(i64, f64, Way)>,
    spans: Vec<(i64, i64, f64)>,
    rest: f64,
    to: &'a Target,
}

#[derive(Clone, Copy, PartialEq)]
enum Speaker {
    Rest,
    /// On the way to this point; one past the last after it.
    Way(usize),
    Span(usize),
}

impl Model<'_> {
    fn speaker(&self, t: i64) -> Speaker {
        match self.spans.iter().rposition(|s| s.0 <= t && t < s.1) {
            Some(index) => Speaker::Span(index),
            None if self.points.is_empty() => Speaker::Rest,
            None => Speaker::Way(self.points.iter().filter(|p| p.0 <= t).count()),
        }
    }

    fn says(&self, speaker: Speaker, t: i64) -> f64 {
        match speaker {
            Speaker::Rest => self.rest,
            Speaker::Span(index) => self.spans[index].2,
            Speaker::Way(0) => self.points[0].1,
            Speaker::Way(n) if n == self.points.len() => self.points[n - 1].1,
            Speaker::Way(n) => {
                let ((from, a, _), (to, b, way)) = (self.points[n - 1], self.points[n]);
                let x = ((t - from) as f64 / (to - from) as f64).clamp(0.0, 1.0);
                let x = match way {
                    Way::Hold => 0.0,
                    Way::Straight => x,
                    Way::Smooth => (1.0 - crate::audio::math::cos(x * std::f64::consts::PI)) / 2.0,
                    Way::Expo => (crate::audio::math::exp(5.0 * x) - 1.0) / (crate::audio::math::exp(5.0) - 1.0),
                    Way::Ease => 1.0 - crate::audio::math::pow(1.0 - x, 3.0),
                };
                between(self.to.scale, a, b, x)
            }
        }
    }

    fn jumps(&self, t: i64) -> bool {
        let (before, here) = (self.says(self.speaker(t - 1), t), self.says(self.speaker(t), t));
        // an end of a way is reached up to rounding
        (before - here).abs() > 1e-9
    }

    fn run(&self, from: i64, to: i64) -> Vec<f64> {
        let mut ramp: Option<(i64, f64, f64)> = None;
        let mut all = Vec::new();
        let value = |ramp: &Option<(i64, f64, f64)>, t: i64, speaker| match ramp {
            Some((begun, a, b)) if t < begun + RAMP => between(self.to.scale, *a, *b, (t - begun) as f64 / RAMP as f64),
            _ => self.says(speaker, t),
        };
        for t in from..to {
            if self.jumps(t) {
                let reached = value(&ramp, t, self.speaker(t - 1));
                let next = (t + 1..=t + RAMP).find(|t| self.jumps(*t));
                let end = next.unwrap_or(t + RAMP);
                ramp = Some((t, reached, self.says(self.speaker(end - 1), end)));
            }
            all.push(value(&ramp, t, self.speaker(t)));
        }
        all
    }
}

fn check(points: &[(i64, f64, Way)], spans: &[(i64, i64, f64)], rest: f64, to: &Target, tolerance: f64) {
    let written = points.iter().map(|p| point(p.0, p.1, p.2)).chain(spans.iter().map(|s| span(s.0, s.1, s.2)));
    let pieces = built(&curve(written.collect(), rest), to);
    joined(&pieces);
    let model = Model { points: points.to_vec(), spans: spans.to_vec(), rest, to };
    for (t, expected) in (-50..).zip(model.run(-50, 700)) {
        let got = read(&pieces, t);
        let same = got == expected || (got - expected).abs() <= tolerance;
        assert!(same, "frame {t}: {got} is not {expected}\n{points:?} {spans:?}\n{pieces:?}");
    }
}

fn ways() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::Straight), Just(Way::Smooth), Just(Way::Expo), Just(Way::Ease), Just(Way::Hold)]
}

fn some_points() -> impl Strategy<Value = Vec<(i64, f64, Way)>> {
    prop::collection::btree_map(0i64..600, (-3i32..4, ways()), 0..7)
        .prop_map(|all| all.into_iter().map(|(t, (v, way))| (t, f64::from(v) * 6.0, way)).collect())
}

fn some_spans() -> impl Strategy<Value = Vec<(i64, i64, f64)>> {
    prop::collection::vec((0i64..600, 1i64..90, -3i32..4), 0..6)
        .prop_map(|all| all.into_iter().map(|(t, n, v)| (t, t + n, f64::from(v) * 6.0)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_are_what_the_specification_says_frame_by_frame(points in some_points(), spans in some_spans(), rest in -2i32..3) {
        check(&points, &spans, f64::from(rest), &linear(), 0.01);
        check(&points, &spans, f64::from(rest), &Target::LEVEL, 0.01);
        let hz = |v: f64| crate::audio::math::pow(2.0, 9.0 + v / 6.0);
        let points: Vec<_> = points.iter().map(|p| (p.0, hz(p.1), p.2)).collect();
        let spans: Vec<_> = spans.iter().map(|s| (s.0, s.1, hz(s.2))).collect();
        check(&points, &spans, hz(f64::from(rest)), &Target::number(Unit::Hz), 1.5);
    }

    #[test]
    fn nothing_jumps_where_levels_touch_off(points in some_points(), spans in some_spans()) {
        let off = |v: f64| if v < -12.0 { f64::NEG_INFINITY } else { v };
        let points = points.iter().map(|p| point(p.0, off(p.1), p.2));
        let spans = spans.iter().map(|s| span(s.0, s.1, off(s.2)));
        let pieces = built(&curve(points.chain(spans).collect(), f64::NEG_INFINITY), &Target::LEVEL);
        joined(&pieces);
        prop_assert!(pieces.pieces.iter().all(|p| !p.start.is_nan() && !p.end.is_nan()));
    }
}

/// Where the span at 195 begins, the way is at its very value but for a rounding: no jump, so that the ramp from 167 goes on.
#[test]
fn roundings_are_no_jumps() {
    let points = [(186, 64.0, Way::Smooth), (240, 4096.0, Way::Straight)];
    let spans = [(195, 236, 128.0), (134, 167, 4096.0)];
    check(&points, &spans, 100.0, &Target::number(Unit::Hz), 1.5);
    let points = [(81, 256.0, Way::Hold), points[0], points[1]];
    check(&points, &spans, 100.0, &Target::number(Unit::Hz), 1.5);
}

#[test]
fn a_span_is_a_plateau_with_a_ramp_after_each_edge() {
    let pieces = built(&curve(vec![span(100, 300, -6.0)], 0.0), &Target::LEVEL).pieces;
    let flat = |from, to, start, end| Piece { from, to, start, end, shape: Shape::Straight };
    assert_eq!(pieces, [flat(100, 140, 0.0, -6.0), flat(140, 300, -6.0, -6.0), flat(300, 340, -6.0, 0.0)]);
}

#[test]
fn whole_ways_keep_their_shape_and_a_cut_fade_from_off_stays_an_amplitude_fade() {
    let off = f64::NEG_INFINITY;
    let fade = vec![point(0, off, Way::Straight), point(4000, 0.0, Way::Straight)];
    assert_eq!(built(&curve(fade.clone(), 0.0), &Target::LEVEL).pieces.len(), 1);
    let pieces = built(&curve([fade, vec![span(1000, 1400, -3.0)]].concat(), 0.0), &Target::LEVEL);
    joined(&pieces);
    for t in (1..1000).chain(1440..4000) {
        let exact = 20.0 * crate::audio::math::log10(t as f64 / 4000.0);
        assert!((read(&pieces, t) - exact).abs() < 0.02, "{t}: {} {exact}", read(&pieces, t));
    }
    assert!(pieces.pieces.len() < 60, "{}", pieces.pieces.len());
}

#[test]
fn a_section_means_all_its_occurrences_and_a_switch_steps() {
    let at = |name: &str| At::Section(SectionRef { name: name.into(), loc: None });
    let key = |name, value| Point { at: at(name), value, way: Way::Straight, loc: loc(7) };
    let pieces = built(&curve(vec![key("chorus", 1.5)], 0.0), &Target::LEVEL);
    assert_eq!([900, 1200, 1700, 2600, 3300].map(|t| read(&pieces, t)), [1.5, 1.5, 0.0, 1.5, 0.0]);
    let pieces = built(&curve(vec![key("chorus 2", 1.5)], 0.0), &Target::LEVEL);
    assert_eq!([1200, 2600].map(|t| read(&pieces, t)), [0.0, 1.5]);
    let moved = vec![point(0, 0.0, Way::Straight), point(400, 1.0, Way::Smooth)];
    let pieces = built(&curve(moved, 0.0), &Target::SWITCH);
    assert_eq!([399, 400, 420, 440].map(|t| read(&pieces, t)), [0.0, 0.0, 0.5, 1.0]);
    let problems = lower(&curve(vec![key("chrous", 1.0)], 0.0), &Target::LEVEL, &timeline()).unwrap_err();
    assert_eq!((problems[0].code, problems[0].suggestion.as_deref()), (Code::UNKNOWN_SECTION, Some("chorus")));
    assert_eq!(problems[0].labels[0].span, loc(7).0);
}

#[test]
fn what_is_no_curve_is_said_where_it_is() {
    let bad = |points, to: Target| lower(&curve(points, 0.0), &to, &timeline()).unwrap_err();
    let (straight, hz) = (Way::Straight, Target::number(Unit::Hz));
    let found = bad(vec![point(50, 1.0, straight), point(50, 2.0, straight), point(20, 2.0, straight)], linear());
    assert_eq!(
        found.iter().map(|d| (d.code, d.labels[0].span.start)).collect::<Vec<_>>(),
        [(Code::CURVE, 50), (Code::CURVE, 20)]
    );
    assert_eq!(bad(vec![point(0, 0.0, straight)], hz)[0].code, Code::CURVE);
    assert_eq!(bad(vec![point(0, f64::NAN, straight)], linear())[0].code, Code::CURVE);
    assert_eq!(bad(vec![span(80, 80, 1.0)], linear())[0].code, Code::RANGE);
    assert_eq!(bad(vec![point(i64::MAX, 1.0, straight)], linear())[0].code, Code::TIME);
    let closure = lower(&Signal::Closure(ClosureId(0)), &linear(), &timeline());
    assert_eq!(closure.unwrap_err()[0].code, Code::CURVE);
}

#[test]
fn the_other_signals_are_counted_in_frames_and_units() {
    let eighth = Time { notes: Beats::new(1, 8), ..Time::default() };
    let lower = |signal: Signal, to: Target| lower(&signal, &to, &timeline());
    let unit = |unit| lower(Signal::Duration(eighth.clone()), Target::number(unit));
    assert_eq!(unit(Unit::Ms), Ok(Driver::Constant(250.0)));
    assert_eq!(unit(Unit::S), Ok(Driver::Constant(0.25)));
    assert_eq!(unit(Unit::Hz), Ok(Driver::Constant(4.0)));
    assert_eq!(unit(Unit::Samples), Ok(Driver::Constant(2000.0)));
    assert_eq!(unit(Unit::Db).unwrap_err()[0].code, Code::WRONG_UNIT);
    let lfo = |rate| Signal::Lfo(Oscillator { rate, from: 1.0, to: 4.0, shape: Wave::Sine });
    let Ok(Driver::Lfo(made)) = lower(lfo(LfoRate::Period(eighth)), Target::LEVEL) else { panic!() };
    assert_eq!((made.hz, made.rate, made.scale), (4.0, 8000.0, Scale::Decibels));
    assert!(lower(lfo(LfoRate::Hz(0.0)), Target::LEVEL).is_err());
    let tap = Tap { strip: StripId(0), point: TapPoint::Pre };
    let follow = Following { tap, from: 0.0, to: 6.0, low: -60.0, high: 0.0, attack: 0.01, release: 0.1 };
    let Ok(Driver::Follow(made)) = lower(Signal::Follow(follow), Target::LEVEL) else { panic!() };
    assert_eq!((made.attack, made.release), (80.0, 800.0));
    let Ok(Driver::Sampled(made)) = lower(Signal::Sampled(vec![0.0, 1.0]), Target::LEVEL) else { panic!() };
    assert_eq!(made.step, 40.0);
    assert_eq!(lower(Signal::Sampled(vec![2.0; 9]), linear()), Ok(Driver::Constant(2.0)));
    assert_eq!(lower(curve(vec![point(90, 2.0, Way::Straight)], 0.0), linear()), Ok(Driver::Constant(2.0)));
}

#[test]
fn mutes_fade_inside_what_is_muted() {
    let range = |from, to| Range::Times(frame(from), frame(to));
    let mute = |mute_in: &[Range], only_in: &[Range], length| {
        mutes::mutes(mute_in, only_in, length, &timeline()).map(|driver| match driver {
            Driver::Pieces(pieces) => {
                joined(&pieces);
                (0..4000).map(|t| read(&pieces, t)).collect::<Vec<_>>()
            }
            Driver::Constant(value) => vec![value; 4000],
            other => panic!("{other:?}"),
        })
    };
    let chorus = Range::Section(SectionRef { name: "chorus".into(), loc: None });
    let heard = mute(&[], std::slice::from_ref(&chorus), None).unwrap();
    for (t, gain) in heard.iter().enumerate() {
        let sounds = (800..1600).contains(&t) || (2400..3200).contains(&t);
        assert_eq!(*gain == 1.0, sounds || t == 1600 || t == 3200, "{t} {gain}");
        let far = t < 760 || (1640..=2360).contains(&t) || t >= 3240;
        assert_eq!(*gain == 0.0, far || t == 760, "{t} {gain}");
    }
    // from the first frame, to the last
    let heard = mute(&[range(0, 500), range(3000, 4000)], &[], Some(crate::units::Frames::new(4000))).unwrap();
    assert_eq!([0, 459, 500, 3000, 3040, 3999].map(|t| heard[t]), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    // shorter than two fades: a dip
    let heard = mute(&[range(100, 140)], &[], None).unwrap();
    assert_eq!([100, 110, 120, 130, 140].map(|t| heard[t]), [1.0, 0.75, 0.5, 0.75, 1.0]);
    // together: overlapping and touching parts are one
    let heard = mute(&[range(1000, 1300), range(1200, 1600)], std::slice::from_ref(&chorus), None).unwrap();
    assert!(heard[1040..2360].iter().all(|g| *g == 0.0));
    assert_eq!(mute(&[], &[], None).unwrap(), vec![1.0; 4000]);
    assert!(
        mute(&[range(5, 5)], &[Range::Section(SectionRef { name: "x".into(), loc: None })], None).unwrap_err().len()
            == 2
    );
}
