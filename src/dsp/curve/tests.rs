use super::*;

fn piece(from: i64, to: i64, start: f64, end: f64, shape: Shape) -> Piece {
    Piece { from, to, start, end, shape }
}

type Fill = Box<dyn Fn(i64, &mut [f64])>;

/// Every stateless driver there is, in each scale.
fn all() -> Vec<Fill> {
    let mut all: Vec<Fill> = Vec::new();
    for scale in [Scale::Linear, Scale::Octaves, Scale::Decibels] {
        let low = if scale == Scale::Decibels { f64::NEG_INFINITY } else { 20.0 };
        let pieces = Pieces {
            scale,
            pieces: vec![
                piece(-50, 10, 30.0, 50.0, Shape::Straight),
                piece(10, 100, 50.0, low, Shape::Expo),
                piece(100, 190, low, 70.0, Shape::Straight),
                piece(230, 300, 90.0, 30.0, Shape::Smooth),
                piece(300, 300, 1.0, 2.0, Shape::Straight),
                piece(300, 777, 30.0, 40.0, Shape::Ease),
            ],
        };
        all.push(Box::new(move |at, out| pieces.fill(at, out)));
        for shape in [Wave::Sine, Wave::Triangle, Wave::Square] {
            let lfo = Lfo { hz: 7.3, from: low, to: 600.0, shape, scale, rate: 4800.0 };
            all.push(Box::new(move |at, out| lfo.fill(at, out)));
        }
        let sampled = Sampled { step: 220.5, values: vec![30.0, 60.0, low, 10.0, 10.0], scale };
        all.push(Box::new(move |at, out| sampled.fill(at, out)));
    }
    all
}

#[test]
fn a_frame_has_one_value_however_it_is_asked_for() {
    for driver in all() {
        let mut whole = vec![0.0; 1500];
        driver(-200, &mut whole);
        for size in [1, 7, 64, 333] {
            let mut split = vec![0.0; 1500];
            for (i, out) in split.chunks_mut(size).enumerate() {
                driver(-200 + (i * size) as i64, out);
            }
            assert!(whole.iter().zip(&split).all(|(a, b)| a.to_bits() == b.to_bits()), "{size}");
        }
    }
    let pieces = Pieces { scale: Scale::Octaves, pieces: vec![piece(3, 90, 40.0, 1e4, Shape::Smooth)] };
    let lfo = Lfo { hz: 3.1, from: 1.0, to: 2.0, shape: Wave::Sine, scale: Scale::Linear, rate: 48e3 };
    let (mut a, mut b) = ([0.0; 200], [0.0; 200]);
    pieces.fill(-20, &mut a);
    lfo.fill(-20, &mut b);
    for i in 0..200 {
        assert_eq!((pieces.at(i as i64 - 20), lfo.at(i as i64 - 20)), (a[i], b[i]));
    }
}

#[test]
fn pieces_follow_their_formulas() {
    let x = 0.37;
    let shapes = [
        (Shape::Straight, x),
        (Shape::Smooth, 0.5 - 0.5 * libm::cos(std::f64::consts::PI * x)),
        (Shape::Expo, (libm::exp(5.0 * x) - 1.0) / (libm::exp(5.0) - 1.0)),
        (Shape::Ease, 1.0 - libm::pow(1.0 - x, 3.0)),
    ];
    for (shape, way) in shapes {
        let at = |scale, start, end| Pieces { scale, pieces: vec![piece(1000, 1100, start, end, shape)] }.at(1037);
        assert!((at(Scale::Linear, 3.0, -5.0) - (3.0 - 8.0 * way)).abs() < 1e-9);
        assert!((at(Scale::Decibels, -40.0, 6.0) - (-40.0 + 46.0 * way)).abs() < 1e-9);
        assert!((at(Scale::Octaves, 100.0, 1600.0) - 100.0 * libm::exp2(4.0 * way)).abs() < 1e-6);
        assert!((at(Scale::Decibels, f64::NEG_INFINITY, -6.0) - (-6.0 + 20.0 * libm::log10(way))).abs() < 1e-8);
        assert!((at(Scale::Decibels, 0.0, f64::NEG_INFINITY) - 20.0 * libm::log10(1.0 - way)).abs() < 1e-8);
    }
}

#[test]
fn ends_and_gaps_keep_the_value_before() {
    let curve = Pieces {
        scale: Scale::Linear,
        pieces: vec![piece(10, 20, 1.0, 2.0, Shape::Straight), piece(30, 40, 5.0, 7.0, Shape::Expo)],
    };
    let values = [(-1000, 1.0), (10, 1.0), (15, 1.5), (20, 2.0), (29, 2.0), (30, 5.0), (40, 7.0), (9999, 7.0)];
    for (frame, value) in values {
        assert_eq!(curve.at(frame), value, "at {frame}");
    }
    assert_eq!(Pieces::default().at(5), 0.0);
}

#[test]
fn touching_pieces_are_all_that_a_span_depends_on() {
    let curve = Pieces {
        scale: Scale::Linear,
        pieces: vec![
            piece(0, 10, 1.0, 2.0, Shape::Straight),
            piece(10, 20, 2.0, 3.0, Shape::Smooth),
            piece(50, 60, 9.0, 4.0, Shape::Straight),
        ],
    };
    for from in -5..70 {
        for to in from + 1..71 {
            let part = Pieces { scale: curve.scale, pieces: curve.touching(from, to).to_vec() };
            assert!((from..to).all(|frame| part.at(frame) == curve.at(frame)), "{from}..{to}");
        }
    }
    assert_eq!(curve.touching(-5, 0).len(), 1);
    assert_eq!(curve.touching(12, 50).len(), 1);
    assert_eq!(curve.touching(5, 51).len(), 3);
    assert!(Pieces::default().touching(0, 9).is_empty());
}

/// A fade drawn in dB and applied as a gain is the exponential it should be: what is left over is below -110 dB.
#[test]
fn a_gain_ramp_in_decibels_is_exact_to_110_db() {
    let curve = Pieces { scale: Scale::Decibels, pieces: vec![piece(0, 48_000, -60.0, 0.0, Shape::Straight)] };
    let mut db = vec![0.0; 48_000];
    curve.fill(0, &mut db);
    let worst = db.iter().enumerate().map(|(i, db)| {
        let exact = libm::pow(10.0, (-60.0 + 60.0 * i as f64 / 48_000.0) / 20.0);
        (math::from_db(*db) - exact).abs()
    });
    assert!(worst.fold(0.0, f64::max) < 3.16e-6);
}

#[test]
fn an_oscillator_is_at_from_and_half_a_period_later_at_to_even_after_hours() {
    for shape in [Wave::Sine, Wave::Triangle, Wave::Square] {
        for scale in [Scale::Linear, Scale::Octaves, Scale::Decibels] {
            let lfo = Lfo { hz: 2.0, from: 100.0, to: 400.0, shape, scale, rate: 48_000.0 };
            for period in [0, 1, 100_000] {
                assert_eq!(lfo.at(24_000 * period), 100.0);
                assert_eq!(lfo.at(24_000 * period + 12_000), 400.0);
            }
        }
    }
    let lfo = Lfo { hz: 0.3, from: -1.0, to: 1.0, shape: Wave::Sine, scale: Scale::Linear, rate: 44_100.0 };
    for frame in [1_i64, 12_345, 5 * 3600 * 44_100 + 17] {
        // the exact phase: 3 · frame modulo 441 000, in integers
        let phase = (frame * 3).rem_euclid(441_000) as f64 / 441_000.0;
        assert!((lfo.at(frame) + libm::cos(std::f64::consts::TAU * phase)).abs() < 1e-10, "{frame}");
    }
}

#[test]
fn sampled_values_have_straight_lines_between_them() {
    let sampled = Sampled { step: 240.0, values: vec![1.0, 2.0, -1.0], scale: Scale::Linear };
    for (frame, value) in [(-5, 1.0), (0, 1.0), (120, 1.5), (240, 2.0), (400, 0.0), (480, -1.0), (9000, -1.0)] {
        assert!((sampled.at(frame) - value).abs() < 1e-12, "{frame}");
    }
    assert!(!Driver::Constant(1.0).moves() && Driver::Sampled(sampled).moves());
}
