use super::*;
use crate::audio::{Block, math, rng::Seed};

fn read(kind: TruePeak, x: &[f64], step: usize) -> f64 {
    let mut scan = Scan::new(kind);
    let mut row = vec![0.0; HISTORY];
    row.extend(x);
    row.extend([0.0; HISTORY]);
    for from in (0..row.len() - HISTORY).step_by(step) {
        let row = &row[from..row.len().min(from + step + HISTORY)];
        let mut block = Block::new(1, row.len());
        block.channel_mut(0).copy_from_slice(row);
        scan.read(block.planes_ref(1, row.len()));
    }
    scan.true_peak()
}

/// A sine of `cycles` per frame that comes and goes slowly.
fn sine(cycles: f64, phase: f64, frames: usize) -> Vec<f64> {
    let wave = |n: usize| math::sin(2.0 * std::f64::consts::PI * (cycles * n as f64 + phase));
    let fade = |n: usize| {
        let s = math::sin((n.min(frames - 1 - n) as f64 / 200.0).min(1.0) * std::f64::consts::FRAC_PI_2);
        s * s
    };
    (0..frames).map(|n| wave(n) * fade(n)).collect()
}

fn db(x: f64) -> f64 {
    20.0 * math::log10(x)
}

#[test]
fn sines_read_their_amplitude_at_every_phase_up_to_nine_tenths_of_nyquist() {
    for cycles in [0.0208, 0.1, 1.0 / 6.0, 0.2, 0.25, 0.3, 1.0 / 3.0, 0.375, 0.4, 0.43, 0.45] {
        for phase in 0..32 {
            let error = db(read(TruePeak::Exact, &sine(cycles, f64::from(phase) / 64.0, 700), 441));
            assert!(error.abs() < 0.01, "{cycles} at phase {phase}: {error} dB");
        }
    }
}

/// The answer without any bound: everything interpolated by the formula itself.
fn plainly(x: &[f64]) -> f64 {
    use crate::dsp::parts::kaiser::{Kaiser, sinc};
    let window = Kaiser::new(10.06);
    let tap = |p: usize, i: usize| {
        let t = i as f64 - (HALF - 1) as f64 - p as f64 / 8.0;
        sinc(t, 1.0) * window.at(t / HALF as f64)
    };
    let taps: Vec<Vec<f64>> = (0..=8).map(|p| (0..2 * HALF).map(|i| tap(p, i)).collect()).collect();
    let mut row = vec![0.0; 2 * HALF];
    row.extend(x);
    row.extend(vec![0.0; 2 * HALF]);
    let mut peak = 0.0f64;
    for from in 0..row.len() - 2 * HALF {
        let y: Vec<f64> = taps.iter().map(|taps| row[from..].iter().zip(taps).map(|(x, tap)| x * tap).sum()).collect();
        for y in y.windows(3) {
            let (slope, bend) = (y[2] - y[0], y[2] - 2.0 * y[1] + y[0]);
            let mut best = y[0].abs().max(y[1].abs()).max(y[2].abs());
            if bend * y[1] < 0.0 && slope.abs() <= 2.0 * bend.abs() {
                best = best.max((y[1] - slope * slope / (8.0 * bend)).abs());
            }
            peak = peak.max(best);
        }
    }
    peak
}

/// Quiet and loud, smooth and rough, in an order that hides the peak in every kind of place.
fn programme(seed: Seed, frames: usize) -> Vec<f64> {
    let kinds = seed.with(1);
    (0..frames as i64)
        .map(|n| {
            let part = n / 97;
            let level = math::pow(10.0, -1.5 * kinds.unit(part));
            let (low, noise) = (math::sin(n as f64 * 0.05 * (1.0 + kinds.unit(part + 1000))), seed.bipolar(n));
            let rough = kinds.unit(part + 2000);
            let click = if seed.with(2).unit(n) > 0.998 { 1.0 } else { 0.0 };
            level * (low * (1.0 - rough) + noise * rough * rough + click * seed.with(3).bipolar(n))
        })
        .collect()
}

#[test]
fn nothing_that_is_left_out_would_have_been_the_peak() {
    let mut exceeded = 0;
    for trial in 0..24 {
        let x = programme(Seed::of("peaks").with(trial), 900);
        let (ours, plain) = (read(TruePeak::Exact, &x, 441), plainly(&x));
        assert!((ours / plain - 1.0).abs() < 1e-12, "{trial}: {ours} is not {plain}");
        exceeded += usize::from(ours > 1.001 * largest(&x));
    }
    assert!(exceeded > 12, "the peaks lie between samples: {exceeded}");
}

#[test]
fn steps_make_no_difference() {
    for kind in [TruePeak::Exact, TruePeak::Itu] {
        for trial in 0..6 {
            let x = programme(Seed::of("steps").with(trial), 3000);
            let whole = read(kind, &x, 5000);
            for step in [1, 2, 3, 16, 17, 80, 441, 1024, 1100] {
                assert_eq!(read(kind, &x, step).to_bits(), whole.to_bits(), "{kind:?} {step}");
            }
        }
    }
}

/// The standard's filter run as it is printed: samples at four times the rate, zeros between, 48 taps.
#[test]
fn the_itu_reading_is_the_standards_filter() {
    const PHASES: [[f64; 12]; 4] = [
        [
            0.0017089843750,
            0.0109863281250,
            -0.0196533203125,
            0.0332031250000,
            -0.0594482421875,
            0.1373291015625,
            0.9721679687500,
            -0.1022949218750,
            0.0476074218750,
            -0.0266113281250,
            0.0148925781250,
            -0.0083007812500,
        ],
        [
            -0.0291748046875,
            0.0292968750000,
            -0.0517578125000,
            0.0891113281250,
            -0.1665039062500,
            0.4650878906250,
            0.7797851562500,
            -0.2003173828125,
            0.1015625000000,
            -0.0582275390625,
            0.0330810546875,
            -0.0189208984375,
        ],
        [
            -0.0189208984375,
            0.0330810546875,
            -0.0582275390625,
            0.1015625000000,
            -0.2003173828125,
            0.7797851562500,
            0.4650878906250,
            -0.1665039062500,
            0.0891113281250,
            -0.0517578125000,
            0.0292968750000,
            -0.0291748046875,
        ],
        [
            -0.0083007812500,
            0.0148925781250,
            -0.0266113281250,
            0.0476074218750,
            -0.1022949218750,
            0.9721679687500,
            0.1373291015625,
            -0.0594482421875,
            0.0332031250000,
            -0.0196533203125,
            0.0109863281250,
            0.0017089843750,
        ],
    ];
    let plain = |x: &[f64]| {
        let at = |n: usize, k: usize| if n >= k { x.get(n - k).copied().unwrap_or(0.0) } else { 0.0 };
        let mut peak = 0.0f64;
        for n in 0..x.len() + 12 {
            for phase in &PHASES {
                peak = peak.max((0..12).map(|k| phase[k] * at(n, k)).sum::<f64>().abs());
            }
        }
        peak
    };
    for trial in 0..8 {
        let x = programme(Seed::of("itu").with(trial), 900);
        let (ours, wanted) = (read(TruePeak::Itu, &x, 441), plain(&x));
        assert!((ours / wanted - 1.0).abs() < 1e-12, "{trial}: {ours} is not {wanted}");
    }
    // a single sample reads its largest tap, below the sample itself
    let mut click = [0.0; 200];
    click[90] = 1.0;
    assert!((read(TruePeak::Itu, &click, 50) - 0.97216796875).abs() < 1e-12);
    assert!((read(TruePeak::Exact, &click, 50) - 1.0).abs() < 1e-3);
}

#[test]
fn nothing_is_read_across_a_gap() {
    // 0.99 of full scale at 100 Hz, cut at its crest
    let x: Vec<f64> = (0..480).map(|n| 0.99 * math::cos(f64::from(n) * std::f64::consts::PI / 240.0)).collect();
    let against_silence = db(read(TruePeak::Exact, &x, 480));
    assert!(against_silence > 0.5, "{against_silence}");
    let mut scan = Scan::new(TruePeak::Exact);
    scan.gap();
    let mut block = Block::new(1, HISTORY + 480);
    block.channel_mut(0)[HISTORY..].copy_from_slice(&x);
    for step in [1, 50, 480 - 51] {
        let from = [1, 50, 429].iter().take_while(|s| **s != step).sum::<usize>();
        let planes = block.planes_ref(1, HISTORY + 480);
        scan.read(planes.slice(from, from + HISTORY + step));
    }
    scan.gap();
    assert!((scan.true_peak() - 0.99).abs() < 1e-9, "{}", scan.true_peak());
}

#[test]
fn every_level_reads_the_same_bits() {
    let seed = Seed::new(12);
    let x: Vec<f64> = (0..20_000).map(|n| seed.bipolar(n) * (0.1 + n as f64 / 3e4)).collect();
    for kind in [TruePeak::Exact, TruePeak::Itu] {
        let all = |level: Level| {
            let mut scan = Scan::new(kind);
            (0..x.len() - HISTORY - 500)
                .step_by(500)
                .for_each(|from| piece(level, &mut scan, &x[from..from + HISTORY + 500]));
            (scan.samples, scan.between, sample_peak(level, &x[..777]))
        };
        let plain = all(Level::all()[0]);
        assert!(Level::all().into_iter().all(|level| all(level) == plain), "{kind:?}");
    }
}
