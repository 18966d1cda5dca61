use super::*;

fn bar(n: i64) -> Time {
    Time::anchor(Anchor::Bar { bar: Beats::new(n, 1), beat: Beats::new(1, 1) })
}

fn map(tempo: &[(Time, f64, bool)], meter: &[(i64, u32, u32)]) -> (TempoMap, Diagnostics) {
    let info = Info {
        tempo: tempo
            .iter()
            .map(|(at, value, smooth)| Step { at: at.clone(), value: *value, smooth: *smooth })
            .collect(),
        meter: meter.iter().map(|(n, b, v)| Step { at: bar(*n), value: (*b, *v), smooth: false }).collect(),
        first_bar: Some(Time::seconds(1.5)),
        ..Info::default()
    };
    TempoMap::new(&info, Rate::STUDIO)
}

fn quarters(map: &TempoMap, bar: i64, beat: i64) -> Beats {
    map.bar_to_quarters(Beats::new(bar, 1), Beats::new(beat, 1)).unwrap()
}

#[test]
fn bars_count_along_the_meter_and_back() {
    let (map, found) = map(&[], &[(-3, 3, 4), (1, 4, 4), (5, 7, 8)]);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(quarters(&map, 1, 1), Beats::ZERO);
    assert_eq!(quarters(&map, 0, 1), Beats::new(-3, 1));
    assert_eq!(quarters(&map, -9, 2), Beats::new(-29, 1));
    assert_eq!(quarters(&map, 5, 3), Beats::new(17, 1));
    assert_eq!(quarters(&map, 7, 1), Beats::new(23, 1));
    for n in -20..20 {
        assert_eq!(map.bar_of(quarters(&map, n, 1)), (n, Beats::ZERO));
        assert_eq!(map.bar_and_beat(map.quarters_to_seconds(quarters(&map, n, 2))), (n, 2.0));
    }
    // whole bars along the change, beats of the meter there
    let (one, none) = (Beats::new(1, 1), Beats::ZERO);
    assert_eq!(map.advance(quarters(&map, 3, 1), Beats::new(4, 1), one, none), Some(Beats::new(47, 2)));
    assert_eq!(map.advance(quarters(&map, 7, 1), Beats::new(-4, 1), none, Beats::new(1, 8)), Some(Beats::new(17, 2)));
}

#[test]
fn a_ramp_of_the_tempo_is_the_integral_of_its_quarters() {
    let (map, found) = map(&[(bar(1), 120.0, false), (bar(9), 90.0, true), (bar(13), 60.0, false)], &[]);
    assert!(found.is_empty());
    let step = 1e-4;
    let mut sum = 0.0;
    for i in 0..480_000 {
        let q = (f64::from(i) + 0.5) * step;
        let bpm = if q < 32.0 { 120.0 - 30.0 * q / 32.0 } else { 90.0 };
        sum += 60.0 / bpm * step;
    }
    assert!((map.seconds_at(48.0) - 1.5 - sum).abs() < 1e-8);
    assert_eq!(map.seconds_at(50.0) - map.seconds_at(49.0), 1.0);
    assert!((map.tempo(16.0) - 105.0).abs() < 1e-12);
    let mut q = -50.0;
    while q < 80.0 {
        assert!((map.seconds_to_quarters(map.seconds_at(q)) - q).abs() < 1e-9, "{q}");
        q += 0.37;
    }
    assert_eq!(map.seconds_at(-2.0), 0.5);
}

#[test]
fn a_point_in_seconds_lies_at_its_second() {
    let (map, found) = map(&[(Time::seconds(0.0), 100.0, false), (Time::seconds(20.0), 140.0, true)], &[]);
    assert!(found.is_empty());
    assert!((map.seconds_at(0.0) - 1.5).abs() < 1e-12);
    assert!((map.tempo(map.seconds_to_quarters(20.0)) - 140.0).abs() < 1e-9);
    assert!((map.seconds_at(map.seconds_to_quarters(10.0)) - 10.0).abs() < 1e-9);
}

#[test]
fn tempi_before_bar_1_still_put_bar_1_where_it_belongs() {
    let (map, found) = map(&[(bar(-3), 60.0, false), (bar(-1), 240.0, false)], &[]);
    assert!(found.is_empty());
    assert_eq!(map.seconds_at(0.0), 1.5);
    assert_eq!(map.seconds_at(-8.0), -0.5);
    assert_eq!(map.seconds_at(-16.0), -8.5);
}

#[test]
fn points_that_cannot_be_are_named() {
    let beat_3 = Time::anchor(Anchor::Bar { bar: Beats::new(2, 1), beat: Beats::new(3, 1) });
    let bad = [
        map(&[(bar(1), 0.0, false)], &[]),
        map(&[(bar(1), f64::NAN, false)], &[]),
        map(&[(bar(5), 100.0, false), (bar(5), 110.0, true)], &[]),
        map(&[(bar(5), 100.0, false), (bar(2), 110.0, true)], &[]),
        map(&[(bar(i64::MAX), 100.0, false)], &[]),
        map(&[], &[(1, 4, 4), (1, 3, 4)]),
        map(&[], &[(1, 0, 4)]),
        map(&[], &[(1, 4, 0)]),
        map(&[], &[(i64::MIN, 4, 4)]),
    ];
    for (map, found) in bad {
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(map.seconds_at(1e6).is_finite());
    }
    let meter =
        vec![Step { at: bar(1), value: (4, 4), smooth: false }, Step { at: beat_3, value: (3, 4), smooth: false }];
    let (_, found) = TempoMap::new(&Info { meter, ..Info::default() }, Rate::STUDIO);
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [Code::TIME]);
}
