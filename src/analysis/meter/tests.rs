use super::*;
use std::f64::consts::TAU;

const RATE: Rate = Rate::STUDIO;

/// Sines of 1 kHz, one per channel, through steps of (dBFS, seconds).
fn steps(channels: usize, steps: &[(f64, f64)]) -> Block {
    let frames: usize = steps.iter().map(|(_, s)| (s * 48_000.0).round() as usize).sum();
    let mut block = Block::new(channels, frames);
    let mut at = 0;
    for (db, seconds) in steps {
        let level = math::from_db(*db);
        for _ in 0..(seconds * 48_000.0).round() as usize {
            let x = level * math::sin(TAU * (at % 48) as f64 / 48.0);
            (0..channels).for_each(|channel| block.channel_mut(channel)[at] = x);
            at += 1;
        }
    }
    block
}

fn measure(block: &Block) -> Measurement {
    let mut meter = Meter::new(RATE, block.channels(), What::Full);
    meter.add(block.planes_ref(block.channels(), block.capacity()));
    meter.finish()
}

fn near(value: Option<f64>, wanted: f64, tolerance: f64) {
    let value = value.expect("a value");
    assert!((value - wanted).abs() <= tolerance, "{value} is not {wanted} ± {tolerance}");
}

/// EBU Tech 3341, table 1: signals 1, 3, 5.
#[test]
fn integrated_loudness_meets_tech_3341() {
    let one = measure(&steps(2, &[(-23.0, 20.0)]));
    near(one.integrated_lufs, -23.0, 0.1);
    near(one.momentary_max_lufs, -23.0, 0.1);
    near(one.short_term_max_lufs, -23.0, 0.1);
    near(one.true_peak_dbtp, -23.0, 0.2);
    near(one.plr_lu, 0.0, 0.2);
    near(measure(&steps(2, &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)])).integrated_lufs, -23.0, 0.1);
    near(measure(&steps(2, &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)])).integrated_lufs, -23.0, 0.1);
}

/// Signals 9, 10, 12 and 13: the windows slide finely enough to find a tone of just their length wherever it begins.
#[test]
fn momentary_and_short_term_maxima_meet_tech_3341() {
    near(
        measure(&steps(2, &[(-20.0, 1.34), (-30.0, 1.66), (-20.0, 1.34), (-30.0, 1.66)])).short_term_max_lufs,
        -23.0,
        0.1,
    );
    near(
        measure(&steps(2, &[(-20.0, 0.18), (-30.0, 0.22), (-20.0, 0.18), (-30.0, 0.22)])).momentary_max_lufs,
        -23.0,
        0.1,
    );
    for i in [1, 7, 13, 19] {
        let i = f64::from(i);
        near(measure(&steps(2, &[(-200.0, i * 0.15), (-23.0, 3.0), (-200.0, 1.0)])).short_term_max_lufs, -23.0, 0.1);
        near(measure(&steps(2, &[(-200.0, i * 0.02), (-23.0, 0.4), (-200.0, 1.0)])).momentary_max_lufs, -23.0, 0.1);
    }
}

/// EBU Tech 3342, signals 1 to 3.
#[test]
fn loudness_range_meets_tech_3342() {
    near(measure(&steps(2, &[(-20.0, 20.0), (-30.0, 20.0)])).loudness_range_lu, 10.0, 1.0);
    near(measure(&steps(2, &[(-20.0, 20.0), (-15.0, 20.0)])).loudness_range_lu, 5.0, 1.0);
    near(measure(&steps(2, &[(-40.0, 20.0), (-20.0, 20.0)])).loudness_range_lu, 20.0, 1.0);
}

/// Tech 3341, signals 15 and 19: sines at a quarter of the rate, sampled off their crests.
#[test]
fn true_peak_finds_what_lies_between_samples() {
    for (level, phase, wanted) in [(0.5, 0.0, -6.0), (0.5, 45.0, -6.0), (1.41, 45.0, 3.0)] {
        let mut block = Block::new(2, 48_000);
        for channel in 0..2 {
            for (n, x) in block.channel_mut(channel).iter_mut().enumerate() {
                let fade = (n.min(47_999 - n) as f64 / 480.0).min(1.0);
                *x = level * fade * math::sin(TAU * (phase / 360.0 + (n % 4) as f64 / 4.0));
            }
        }
        let peak = measure(&block).true_peak_dbtp.unwrap();
        assert!(peak <= wanted + 0.2 && peak >= wanted - 0.4, "{peak} is not {wanted}");
    }
}

/// Signal 6: L R C and the surrounds weigh as they should, and the LFE does not count.
#[test]
fn six_channels_are_l_r_c_lfe_ls_rs() {
    let mut block = steps(6, &[(0.0, 20.0)]);
    for (channel, db) in [-28.0, -28.0, -24.0, 0.0, -30.0, -30.0].into_iter().enumerate() {
        let gain = math::from_db(db);
        block.channel_mut(channel).iter_mut().for_each(|x| *x *= gain);
    }
    near(measure(&block).integrated_lufs, -23.0, 0.1);
    // with a mask that calls the fourth channel a centre at the back it does
    let mut meter = Meter::of(RATE, 6, What::Full, Some(0x137), false);
    meter.add(block.planes_ref(6, block.capacity()));
    assert!(meter.finish().integrated_lufs.unwrap() > -5.0);
}

#[test]
fn silence_has_no_values() {
    let silence = measure(&Block::new(2, 48_000 * 4));
    assert_eq!(
        silence,
        Measurement {
            sample_rate: 48_000,
            channels: 2,
            frames: 192_000,
            seconds: 4.0,
            dc_offset: vec![0.0, 0.0],
            ..Measurement::default()
        }
    );
    assert_eq!(measure(&Block::new(2, 0)).dc_offset, [0.0, 0.0]);
}

#[test]
fn a_mono_file_reads_3_lu_lower_than_it_plays_on_two_loudspeakers() {
    let block = steps(1, &[(-20.0, 4.0)]);
    let one = measure(&block);
    let mut meter = Meter::of(RATE, 1, What::Full, None, true);
    meter.add(block.planes_ref(1, block.capacity()));
    let two = meter.finish();
    near(one.integrated_lufs, -23.0, 0.1);
    near(two.integrated_lufs, one.integrated_lufs.unwrap() + 3.0103, 1e-4);
    near(two.integrated_lufs, measure(&steps(2, &[(-20.0, 4.0)])).integrated_lufs.unwrap(), 1e-9);
    assert_eq!((one.correlation, one.mono_loss_lu), (None, None));
}

#[test]
fn the_fold_to_mono_and_the_correlation() {
    let mut block = steps(2, &[(-20.0, 4.0)]);
    let same = measure(&block);
    near(same.correlation, 1.0, 1e-12);
    near(same.mono_loss_lu, 0.0, 1e-9);
    block.channel_mut(1).iter_mut().for_each(|x| *x = -*x);
    let against = measure(&block);
    near(against.correlation, -1.0, 1e-12);
    near(against.mono_loss_lu, against.integrated_lufs.unwrap() + 70.0, 1e-9);
    block.channel_mut(1).fill(0.0);
    let left = measure(&block);
    assert_eq!(left.correlation, None);
    near(left.mono_loss_lu, 3.0103, 1e-3);
    // a quarter of a period apart: no correlation, 3 dB lost
    for n in 0..block.capacity() {
        block.channel_mut(1)[n] = 0.1 * math::cos(TAU * (n % 48) as f64 / 48.0);
    }
    near(measure(&block).correlation, 0.0, 1e-9);
    near(measure(&block).mono_loss_lu, 3.0103, 1e-2);
}

#[test]
fn offsets_peaks_and_pieces() {
    let mut block = steps(2, &[(-20.0, 3.1)]);
    block.channel_mut(0).iter_mut().for_each(|x| *x += 0.01);
    block.channel_mut(1)[77] = -0.5;
    let whole = measure(&block);
    assert!((whole.dc_offset[0] - 0.01).abs() < 1e-5 && whole.dc_offset[1].abs() < 1e-5);
    near(whole.sample_peak_dbfs, -6.0206, 1e-4);
    let mut meter = Meter::new(RATE, 2, What::Full);
    let mut peaks = Meter::new(RATE, 2, What::Peaks);
    let (mut from, mut step) = (0, 1);
    while from < block.capacity() {
        let to = (from + step).min(block.capacity());
        meter.add(block.planes_ref(2, block.capacity()).slice(from, to));
        peaks.add(block.planes_ref(2, block.capacity()).slice(from, to));
        (from, step) = (to, step * 3 % 5001 + 1);
    }
    let pieces = meter.finish();
    assert_eq!(pieces.integrated_lufs, whole.integrated_lufs);
    assert_eq!(pieces.short_term_max_lufs, whole.short_term_max_lufs);
    assert_eq!(pieces.true_peak_dbtp, whole.true_peak_dbtp);
    assert!((pieces.correlation.unwrap() - whole.correlation.unwrap()).abs() < 1e-9);
    let peaks = peaks.finish();
    assert_eq!((peaks.sample_peak_dbfs, peaks.frames), (whole.sample_peak_dbfs, whole.frames));
    assert_eq!((peaks.integrated_lufs, peaks.dc_offset.len()), (None, 0));
}

#[test]
fn what_is_not_a_number_gives_no_numbers_and_no_panic() {
    let mut block = steps(2, &[(-20.0, 4.0)]);
    block.channel_mut(0)[5] = f64::NAN;
    block.channel_mut(1)[6] = f64::INFINITY;
    let m = measure(&block);
    assert!(m.correlation.is_none() && m.true_peak_dbtp.is_none());
}
