use super::*;
use crate::audio::{Block, rng::Seed};
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

/// Noise and tones whose level wanders, another in every channel.
fn programme(channels: usize, frames: usize, seed: u64) -> Block {
    let seed = Seed::of("meter").with(seed);
    let mut block = Block::new(channels, frames);
    for channel in 0..channels {
        let own = seed.with(channel as u64);
        let mut level = 0.0;
        for (n, x) in block.channel_mut(channel).iter_mut().enumerate() {
            if n % 7001 == 0 {
                level = math::pow(10.0, -2.5 * seed.with(99).unit(n as i64));
            }
            *x = level * (0.5 * math::sin(n as f64 * 0.07 * (1.0 + channel as f64)) + 0.4 * own.bipolar(n as i64));
        }
    }
    block
}

fn measure(block: &Block) -> Measurement {
    fed(Meter::new(RATE, block.channels(), What::Full), block).finish()
}

fn fed(mut meter: Meter, block: &Block) -> Meter {
    meter.add(block.planes_ref(block.channels(), block.capacity()));
    meter
}

/// In pieces of many lengths.
fn in_pieces(meter: &mut Meter, block: &Block, from: usize, to: usize, seed: Seed) {
    let planes = block.planes_ref(block.channels(), block.capacity());
    let (mut at, mut step) = (from, 0);
    while at < to {
        let most = [3.0, 80.0, 700.0, 20_000.0][step as usize % 4];
        let next = (at + (most * seed.unit(step)) as usize).min(to);
        meter.add(planes.slice(at, next));
        (at, step) = (next, step + 1);
    }
}

fn near(value: Option<f64>, wanted: f64, tolerance: f64) {
    let value = value.expect("a value");
    assert!((value - wanted).abs() <= tolerance, "{value} is not {wanted} ± {tolerance}");
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
fn what_is_short_has_what_its_length_allows() {
    // no whole block of 400 ms, but a peak; and a momentary maximum, as it stands in silence
    let short = measure(&steps(2, &[(-20.0, 0.39)]));
    assert_eq!((short.integrated_lufs, short.loudness_range_lu, short.plr_lu), (None, None, None));
    near(short.momentary_max_lufs, -20.0 + 10.0 * math::log10(0.39 / 0.4), 0.03);
    near(short.short_term_max_lufs, -20.0 + 10.0 * math::log10(0.39 / 3.0), 0.03);
    near(short.true_peak_dbtp, -20.0, 0.01);
    near(measure(&steps(2, &[(-20.0, 0.4)])).integrated_lufs, -20.0, 0.03);
    let click = measure(&steps(2, &[(-20.0, 0.003)]));
    assert!(click.momentary_max_lufs.is_some());
    assert_eq!(measure(&steps(2, &[(-20.0, 2.99)])).loudness_range_lu, None);
    assert_eq!(measure(&steps(2, &[(-20.0, 3.0)])).loudness_range_lu, Some(0.0));
}

#[test]
fn a_mono_file_reads_3_lu_lower_than_it_plays_on_two_loudspeakers() {
    let block = steps(1, &[(-20.0, 4.0)]);
    let one = measure(&block);
    let two = fed(Meter::of(RATE, 1, What::Full, None, true), &block).finish();
    near(one.integrated_lufs, -23.0, 0.03);
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

/// The fold is read off the filtered channels; it must be what a meter of the folded sound says.
#[test]
fn mono_loss_is_the_difference_of_two_measurements() {
    for seed in 0..4 {
        let block = programme(2, 300_000, seed);
        let mut folded = Block::new(2, block.capacity());
        for n in 0..block.capacity() {
            let half = 0.5 * (block.channel(0)[n] + block.channel(1)[n]);
            (0..2).for_each(|channel| folded.channel_mut(channel)[n] = half);
        }
        let (whole, fold) = (measure(&block), measure(&folded));
        near(whole.mono_loss_lu, whole.integrated_lufs.unwrap() - fold.integrated_lufs.unwrap(), 1e-9);
    }
}

#[test]
fn offsets_and_peaks() {
    let mut block = steps(2, &[(-20.0, 3.1)]);
    block.channel_mut(0).iter_mut().for_each(|x| *x += 0.01);
    block.channel_mut(1)[77] = -0.5;
    let whole = measure(&block);
    assert!((whole.dc_offset[0] - 0.01).abs() < 1e-5 && whole.dc_offset[1].abs() < 1e-5);
    near(whole.sample_peak_dbfs, -6.0206, 1e-4);
    let peaks = fed(Meter::new(RATE, 2, What::Peaks), &block).finish();
    assert_eq!((peaks.sample_peak_dbfs, peaks.frames), (whole.sample_peak_dbfs, whole.frames));
    assert_eq!((peaks.integrated_lufs, peaks.true_peak_dbtp, peaks.dc_offset.len()), (None, None, 0));
    let true_peak = fed(Meter::new(RATE, 2, What::TruePeak), &block).finish();
    assert_eq!((true_peak.sample_peak_dbfs, true_peak.frames), (whole.sample_peak_dbfs, whole.frames));
    assert_eq!((true_peak.integrated_lufs, true_peak.true_peak_dbtp), (None, whole.true_peak_dbtp));
    // the last frame of a file is heard, and what rings beyond it
    let mut edge = Block::new(2, 48_000);
    edge.channel_mut(1)[47_999] = 0.7;
    edge.channel_mut(1)[47_998] = 0.7;
    assert!(measure(&edge).true_peak_dbtp.unwrap() > 20.0 * math::log10(0.7) + 1.0);
}

#[test]
fn what_is_not_a_number_gives_no_numbers_and_no_panic() {
    let mut block = steps(2, &[(-20.0, 4.0)]);
    block.channel_mut(0)[5] = f64::NAN;
    let m = measure(&block);
    assert_eq!(
        (m.integrated_lufs, m.momentary_max_lufs, m.loudness_range_lu, m.mono_loss_lu),
        (None, None, None, None)
    );
    assert!(m.correlation.is_none());
    // nor when the sound after a gap is sound
    let mut meter = fed(Meter::new(RATE, 2, What::Full), &block);
    meter.gap();
    assert_eq!(fed(meter, &steps(2, &[(-20.0, 4.0)])).finish().integrated_lufs, None);
    block.channel_mut(1)[6] = f64::INFINITY;
    let m = measure(&block);
    assert!(m.correlation.is_none() && m.true_peak_dbtp.is_none() && m.sample_peak_dbfs.is_none());
}

const KINDS: [(What, TruePeak); 4] = [
    (What::Full, TruePeak::Exact),
    (What::Full, TruePeak::Itu),
    (What::TruePeak, TruePeak::Exact),
    (What::Peaks, TruePeak::Exact),
];

/// A meter in the layouts there are: by number, by mask, dual mono.
fn every(rate: Rate, what: What, kind: TruePeak) -> Vec<Meter> {
    let mut all: Vec<Meter> = (1..=9).chain([12, 16]).map(|n| Meter::new(rate, n, what).reading(kind)).collect();
    all.push(Meter::of(rate, 1, what, None, true).reading(kind));
    all.push(Meter::of(rate, 6, what, Some(0x137), false).reading(kind));
    all.push(Meter::of(rate, 12, what, Some(0x2D63F), false).reading(kind));
    all
}

#[test]
fn blocks_make_no_difference() {
    for hz in [8_000, 11_025, 44_100, 48_000, 192_000] {
        let rate = Rate::new(hz).unwrap();
        for (what, kind) in KINDS {
            for meter in every(rate, what, kind) {
                let block =
                    programme(meter.weights.len(), if meter.weights.len() <= 2 { 25_000 } else { 7000 }, u64::from(hz));
                let whole = fed(meter.clone(), &block).finish();
                for trial in 0..2 {
                    let mut pieces = meter.clone();
                    in_pieces(&mut pieces, &block, 0, block.capacity(), Seed::of("pieces").with(trial));
                    assert_eq!(pieces.finish(), whole, "{hz} {what:?}");
                }
            }
        }
    }
}

#[test]
fn a_saved_and_loaded_meter_goes_on_bit_for_bit() {
    let seed = Seed::of("cuts");
    for (k, (what, kind)) in KINDS.into_iter().enumerate() {
        for (m, meter) in every(Rate::CD, what, kind).into_iter().enumerate() {
            let cut = if meter.weights.len() <= 2 { 50_000.0 } else { 10_000.0 };
            let block = programme(meter.weights.len(), 4 * cut as usize, m as u64);
            let (mut plain, mut saved) = (meter.clone(), meter.clone());
            let mut from = 0;
            for part in 0..4 {
                let to = from + (cut * seed.unit((k * 1000 + m * 10 + part) as i64)) as usize;
                in_pieces(&mut plain, &block, from, to, seed.with(part as u64));
                in_pieces(&mut saved, &block, from, to, seed.with(part as u64 + 100));
                if part == 2 {
                    plain.gap();
                    saved.gap();
                }
                let mut state = StateWriter::new();
                saved.save(&mut state);
                let bytes = state.into_bytes();
                saved = meter.clone();
                let mut reader = StateReader::new(&bytes);
                assert_eq!(saved.load(&mut reader).and_then(|()| reader.end()), Ok(()));
                let mut again = StateWriter::new();
                saved.save(&mut again);
                assert!(bytes == again.into_bytes(), "what is loaded is what was saved");
                from = to;
            }
            assert_eq!(plain.finish(), saved.finish());
        }
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused() {
    let meter = fed(Meter::new(RATE, 2, What::Full), &programme(2, 100_000, 1));
    let mut state = StateWriter::new();
    meter.save(&mut state);
    let bytes = state.into_bytes();
    let refused = |mut meter: Meter, bytes: &[u8]| meter.load(&mut StateReader::new(bytes)) == Err(StateError);
    for other in [
        Meter::new(Rate::CD, 2, What::Full),
        Meter::new(RATE, 1, What::Full),
        Meter::new(RATE, 2, What::TruePeak),
        Meter::new(RATE, 2, What::Peaks),
        Meter::of(RATE, 2, What::Full, Some(0x8 | 0x4), false),
        Meter::new(RATE, 2, What::Full).reading(TruePeak::Itu),
    ] {
        assert!(refused(other, &bytes));
    }
    for cut in [0, 7, 8, 100, bytes.len() - 8] {
        assert!(refused(Meter::new(RATE, 2, What::Full), &bytes[..cut]));
    }
    // every count damaged
    for at in (0..bytes.len()).step_by(8) {
        let mut bytes = bytes.clone();
        bytes[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        let _ = Meter::new(RATE, 2, What::Full).load(&mut StateReader::new(&bytes));
    }
}

/// Parts measured with a gap between them have the blocks of each, and none that has something of both.
#[test]
fn no_block_spans_a_gap() {
    let (loud, quiet) = (steps(2, &[(-20.0, 0.75)]), steps(2, &[(-36.0, 0.95)]));
    let mut meter = fed(Meter::new(RATE, 2, What::Full), &loud);
    meter.gap();
    let together = fed(meter, &quiet).finish();
    let mut union = fed(Meter::new(RATE, 2, What::Full), &loud);
    union.join(&fed(Meter::new(RATE, 2, What::Full), &quiet));
    let union = union.finish();
    assert_eq!(together.integrated_lufs, union.integrated_lufs);
    assert_eq!(together.momentary_max_lufs, measure(&loud).momentary_max_lufs);
    assert_eq!(together.frames, union.frames);
    near(together.correlation, union.correlation.unwrap(), 1e-12);
    // blocks that hold both would pass the gate, being of a level between
    near(together.integrated_lufs, -20.0, 0.03);
    let mut meter = fed(Meter::new(RATE, 2, What::Full), &loud);
    meter.add(quiet.planes_ref(2, quiet.capacity()));
    assert!(meter.finish().integrated_lufs.unwrap() < -20.3);
}

#[test]
fn a_cut_is_not_an_edge() {
    // 100 Hz of 0.99, cut at its crests
    let mut block = Block::new(1, 4800);
    block.channel_mut(0).iter_mut().enumerate().for_each(|(n, x)| *x = 0.99 * math::cos(TAU * n as f64 / 480.0));
    let wave = 20.0 * math::log10(0.99);
    for what in [What::Full, What::TruePeak] {
        let whole = fed(Meter::new(RATE, 1, what), &block).finish();
        assert!(whole.true_peak_dbtp.unwrap() > 0.5, "against silence it rings: {:?}", whole.true_peak_dbtp);
        let mut meter = Meter::new(RATE, 1, what);
        meter.gap();
        let mut meter = fed(meter, &block);
        meter.gap();
        near(meter.clone().finish().true_peak_dbtp, wave, 1e-6);
        // a part shorter than the interpolator has its samples' peak
        meter.add(block.planes_ref(1, 4800).slice(470, 490));
        meter.gap();
        near(meter.finish().true_peak_dbtp, wave, 1e-6);
    }
}

#[test]
fn an_album_is_gated_as_one() {
    let parts = [programme(2, 500_000, 1), programme(2, 300_000, 2), steps(2, &[(-75.0, 6.0)])];
    let mut album = Meter::new(RATE, 2, What::Full);
    for part in &parts {
        album.join(&fed(Meter::new(RATE, 2, What::Full), part));
    }
    let album = album.finish();
    let each: Vec<Measurement> = parts.iter().map(measure).collect();
    let highest = |of: fn(&Measurement) -> Option<f64>| each.iter().filter_map(of).fold(f64::MIN, f64::max);
    assert_eq!(album.true_peak_dbtp, Some(highest(|m| m.true_peak_dbtp)));
    assert_eq!(album.sample_peak_dbfs, Some(highest(|m| m.sample_peak_dbfs)));
    assert_eq!(album.short_term_max_lufs, Some(highest(|m| m.short_term_max_lufs)));
    assert_eq!(album.momentary_max_lufs, Some(highest(|m| m.momentary_max_lufs)));
    assert_eq!(album.frames, each.iter().map(|m| m.frames).sum::<u64>());
    // the quiet song lies below the gate, so the album is as loud as the other two
    let mut two = fed(Meter::new(RATE, 2, What::Full), &parts[0]);
    two.join(&fed(Meter::new(RATE, 2, What::Full), &parts[1]));
    assert_eq!(two.finish().integrated_lufs, album.integrated_lufs);
    // rates and layouts may differ
    let mut mixed = fed(Meter::new(RATE, 2, What::Full), &steps(2, &[(-20.0, 5.0)]));
    let mono = fed(Meter::of(Rate::new(96_000).unwrap(), 1, What::Full, None, true), &steps(1, &[(-20.0, 5.0)]));
    mixed.join(&mono);
    let mut state = StateWriter::new();
    mixed.save(&mut state);
    let mut again = Meter::new(RATE, 2, What::Full);
    again.load(&mut StateReader::new(&state.into_bytes())).unwrap();
    let mixed = mixed.finish();
    assert_eq!(again.finish(), mixed);
    // 47 blocks of a kilohertz, and 22 of two
    let power = |lufs: Option<f64>| math::pow(10.0, lufs.unwrap() / 10.0);
    let (one, two) = (measure(&steps(2, &[(-20.0, 5.0)])), mono.finish());
    let union = (47.0 * power(one.integrated_lufs) + 22.0 * power(two.integrated_lufs)) / 69.0;
    near(mixed.integrated_lufs, 10.0 * math::log10(union), 0.01);
    assert_eq!((mixed.seconds, mixed.frames), (7.5, 480_000));
    assert_eq!((mixed.correlation, mixed.mono_loss_lu, mixed.dc_offset.len()), (None, None, 0));
}
