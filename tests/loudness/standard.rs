//! EBU Tech 3341 (2023), table 1, and Tech 3342, table 1: every signal that can be made. 7 and 8 (5 and 6 of Tech 3342) are recordings of the
//! EBU's, which may not be passed on: they are read where the variable `EBU_LOUDNESS_TEST_SET` says the set lies.

use std::path::{Path, PathBuf};

use ebur128::{EbuR128, Mode};
use mixdown::analysis::{Measurement, Meter, What};
use mixdown::audio::{Block, math};
use mixdown::media::Reader;
use mixdown::units::Rate;
use mixdown::world::Disk;

use super::measure;
use super::signals::{SILENCE, between_samples, overshoot, stereo, surround};

/// What was asked and what was read.
struct Row {
    case: String,
    reading: &'static str,
    asked: f64,
    /// The standard's tolerance, below and above.
    standard: [f64; 2],
    /// Our own: a value and how near it must be.
    own: (f64, f64),
    got: f64,
    /// What libebur128 reads of the same.
    theirs: Option<f64>,
}

#[derive(Default)]
struct Table(Vec<Row>);

impl Table {
    fn loudness(&mut self, case: &str, reading: &'static str, asked: f64, got: Option<f64>, own: f64) {
        let row = Row {
            case: case.to_string(),
            reading,
            asked,
            standard: [0.1; 2],
            own: (asked, own),
            got: got.unwrap_or(f64::NAN),
            theirs: None,
        };
        self.0.push(row);
    }

    fn integrated(&mut self, case: &str, block: &Block) -> Measurement {
        let m = measure(block);
        self.loudness(case, "I", -23.0, m.integrated_lufs, 0.025);
        let theirs = theirs(block, Mode::I).loudness_global().unwrap();
        // the same blocks and the same gates
        assert!((theirs - m.integrated_lufs.unwrap()).abs() < 1e-6, "{case}: libebur128 reads {theirs}");
        self.0.iter_mut().next_back().unwrap().theirs = Some(theirs);
        m
    }

    fn range(&mut self, case: &str, asked: f64, block: &Block) {
        let got = measure(block).loudness_range_lu.unwrap_or(f64::NAN);
        let theirs = theirs(block, Mode::LRA).loudness_range().ok();
        let row =
            Row { case: case.to_string(), reading: "LRA", asked, standard: [1.0; 2], own: (asked, 0.02), got, theirs };
        self.0.push(row);
    }

    fn true_peak(&mut self, case: &str, asked: f64, own: (f64, f64), block: &Block) {
        let theirs = theirs(block, Mode::TRUE_PEAK);
        let row = Row {
            case: case.to_string(),
            reading: "TP",
            asked,
            standard: [0.4, 0.2],
            own,
            got: measure(block).true_peak_dbtp.unwrap(),
            theirs: theirs.true_peak(0).ok().map(|peak| 20.0 * math::log10(peak)),
        };
        self.0.push(row);
    }

    fn judge(&self) {
        println!("{:<14} {:<4} {:>7} {:>12} {:>9} {:>11}", "case", "", "asked", "tolerance", "got", "libebur128");
        for row in &self.0 {
            let [below, above] = row.standard;
            let tolerance = if below == above { format!("±{below}") } else { format!("-{below} +{above}") };
            let theirs = row.theirs.map_or(String::new(), |x| format!("{x:.3}"));
            println!(
                "{:<14} {:<4} {:>7.1} {tolerance:>12} {:>9.3} {theirs:>11}",
                row.case, row.reading, row.asked, row.got
            );
        }
        for row in &self.0 {
            let off = row.got - row.asked;
            assert!(off >= -row.standard[0] && off <= row.standard[1], "{} {}: {}", row.case, row.reading, row.got);
            let (wanted, within) = row.own;
            assert!((row.got - wanted).abs() <= within, "{} {}: {} not {wanted}", row.case, row.reading, row.got);
        }
    }
}

fn theirs(block: &Block, mode: Mode) -> EbuR128 {
    let mut meter = EbuR128::new(block.channels() as u32, 48_000, mode).unwrap();
    let planes: Vec<&[f64]> = (0..block.channels()).map(|channel| block.channel(channel)).collect();
    meter.add_frames_planar_f64(&planes).unwrap();
    meter
}

/// The least and the largest reading from a time on, read every 10 ms.
fn steady(block: &Block, seconds: f64, read: fn(&Meter) -> Option<f64>) -> [f64; 2] {
    let mut meter = Meter::new(Rate::STUDIO, 2, What::Full);
    let (mut least, mut most) = (f64::MAX, f64::MIN);
    for at in (0..block.capacity()).step_by(480) {
        meter.add(block.planes_ref(2, block.capacity()).slice(at, (at + 480).min(block.capacity())));
        if (at + 480) as f64 >= seconds * 48e3 {
            let now = read(&meter).unwrap();
            (least, most) = (least.min(now), most.max(now));
        }
    }
    [least, most]
}

#[test]
fn tech_3341_loudness() {
    let mut table = Table::default();
    for (case, level) in [("1", -23.0), ("2", -33.0)] {
        let block = stereo(&[(level, 20.0)]);
        let m = measure(&block);
        table.loudness(case, "M", level, m.momentary_max_lufs, 0.02);
        table.loudness(case, "S", level, m.short_term_max_lufs, 0.02);
        table.loudness(case, "I", level, m.integrated_lufs, 0.02);
        let [least, most] = steady(&block, 1.0, Meter::momentary);
        assert!(most - least < 0.02, "steady: {least} to {most}");
    }
    table.integrated("3", &stereo(&[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)]));
    table.integrated("4", &stereo(&[(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)]));
    table.integrated("5", &stereo(&[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)]));
    table.integrated("6", &surround([-28.0, -28.0, -24.0, -30.0, -30.0], 20.0));
    let nine = stereo(&[(-20.0, 1.34), (-30.0, 1.66)].repeat(5));
    for got in steady(&nine, 3.0, Meter::short_term) {
        table.loudness("9", "S", -23.0, Some(got), 0.02);
    }
    for i in 0..20 {
        let m = measure(&stereo(&[(SILENCE, f64::from(i) * 0.15), (-23.0, 3.0), (SILENCE, 1.0)]));
        table.loudness(&format!("10, file {}", i + 1), "S", -23.0, m.short_term_max_lufs, 0.02);
    }
    let mut live = Meter::new(Rate::STUDIO, 2, What::Full);
    for i in 0..20 {
        let (lead, level) = (f64::from(i) * 0.15, -38.0 + f64::from(i));
        let part = stereo(&[(SILENCE, lead), (level, 3.0), (SILENCE, 3.0 - lead)]);
        live.add(part.planes_ref(2, part.capacity()));
        let m = live.clone().finish();
        table.loudness(&format!("11, tone {}", i + 1), "S", level, m.short_term_max_lufs, 0.02);
    }
    let twelve = stereo(&[(-20.0, 0.18), (-30.0, 0.22)].repeat(25));
    for got in steady(&twelve, 1.0, Meter::momentary) {
        table.loudness("12", "M", -23.0, Some(got), 0.05);
    }
    for i in 0..20 {
        let m = measure(&stereo(&[(SILENCE, f64::from(i) * 0.02), (-23.0, 0.4), (SILENCE, 1.0)]));
        table.loudness(&format!("13, file {}", i + 1), "M", -23.0, m.momentary_max_lufs, 0.02);
    }
    let mut live = Meter::new(Rate::STUDIO, 2, What::Full);
    for i in 0..20 {
        let (lead, level) = (f64::from(i) * 0.02, -38.0 + f64::from(i));
        let part = stereo(&[(SILENCE, lead), (level, 0.4), (SILENCE, 0.4 - lead)]);
        live.add(part.planes_ref(2, part.capacity()));
        let m = live.clone().finish();
        table.loudness(&format!("14, tone {}", i + 1), "M", level, m.momentary_max_lufs, 0.02);
    }
    table.judge();
}

#[test]
fn tech_3341_true_peak() {
    let mut table = Table::default();
    let half = 20.0 * math::log10(0.5);
    for (case, asked, amplitude, part, degrees) in [
        ("15", -6.0, 0.5, 4, 0.0),
        ("16", -6.0, 0.5, 4, 45.0),
        ("17", -6.0, 0.5, 6, 60.0),
        ("18", -6.0, 0.5, 8, 67.5),
        ("19", 3.0, 1.41, 4, 45.0),
    ] {
        let truth = half + 20.0 * math::log10(amplitude / 0.5);
        table.true_peak(case, asked, (truth, 0.02), &between_samples(amplitude, part, degrees));
    }
    // the low-pass takes a little of the one loud period; every offset must read the same wave
    let first = measure(&overshoot(0)).true_peak_dbtp.unwrap();
    for offset in 0..4 {
        table.true_peak(&(20 + offset).to_string(), 0.0, (first, 0.02), &overshoot(offset));
    }
    table.judge();
}

#[test]
fn tech_3342() {
    let mut table = Table::default();
    let steps = |levels: &[f64]| stereo(&levels.iter().map(|level| (*level, 20.0)).collect::<Vec<_>>());
    table.range("3342-1", 10.0, &steps(&[-20.0, -30.0]));
    table.range("3342-2", 5.0, &steps(&[-20.0, -15.0]));
    table.range("3342-3", 20.0, &steps(&[-40.0, -20.0]));
    table.range("3342-4", 15.0, &steps(&[-50.0, -35.0, -20.0, -35.0, -50.0]));
    // a programme played twice has the same range
    table.range("3342-4 twice", 15.0, &steps(&[-50.0, -35.0, -20.0, -35.0, -50.0].repeat(2)));
    table.judge();
}

fn recorded(file: &Path) -> Meter {
    let mut reader = Reader::open(&Disk::new(""), file, false).unwrap();
    let info = reader.info().clone();
    let mut meter = Meter::of(info.rate, info.channels, What::Full, info.mask, false);
    let mut block = Block::new(info.channels, 4096);
    loop {
        let n = reader.read(&mut block.planes(info.channels, 4096)).unwrap();
        if n == 0 {
            return meter;
        }
        meter.add(block.planes_ref(info.channels, n));
    }
}

#[test]
fn the_recordings_of_the_ebus_set() {
    let Some(set) = std::env::var_os("EBU_LOUDNESS_TEST_SET").map(PathBuf::from) else {
        println!("EBU_LOUDNESS_TEST_SET isn't set: signals 7 and 8 of Tech 3341, 5 and 6 of Tech 3342 are left out");
        return;
    };
    let seven = recorded(&set.join("seq-3341-7_seq-3342-5-24bit.wav")).finish();
    let eight = recorded(&set.join("seq-3341-2011-8_seq-3342-6-24bit-v02.wav"));
    let mut table = Table::default();
    table.loudness("7", "I", -23.0, seven.integrated_lufs, 0.025);
    table.loudness("8", "I", -23.0, eight.clone().finish().integrated_lufs, 0.025);
    for (case, asked, m) in [("3342-5", 5.0, &seven), ("3342-6", 15.0, &eight.clone().finish())] {
        table.loudness(case, "LRA", asked, m.loudness_range_lu, 0.1);
    }
    // an album, gated as one: libebur128's own check of `loudness_global_multiple` over 8, 2, 3, 4, 5 and 1
    let mut album = eight;
    for steps in [
        &[(-33.0, 20.0)][..],
        &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)],
        &[(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)],
        &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)],
        &[(-23.0, 20.0)],
    ] {
        album.join(&super::meter(&stereo(steps), Rate::STUDIO));
    }
    let got = album.finish().integrated_lufs.unwrap();
    assert!((got + 23.18758).abs() < 0.05, "the album: {got}");
    table.judge();
}
