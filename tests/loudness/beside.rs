//! Beside libebur128 on sound that isn't a test tone.

use ebur128::{EbuR128, Mode};
use mixdown::audio::{Block, math, rng::Seed};
use mixdown::units::Rate;

use super::meter;

const RATES: [u32; 6] = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/// Chords, hits and noise whose level wanders over 40 dB, another mixture in every channel.
fn music(channels: usize, rate: u32, seconds: usize, seed: u64) -> Block {
    let seed = Seed::of("loudness").with(seed);
    let frames = rate as usize * seconds;
    let mut block = Block::new(channels, frames);
    for channel in 0..channels {
        let own = seed.with(channel as u64 + 1);
        for (n, x) in block.channel_mut(channel).iter_mut().enumerate() {
            let t = n as f64 / f64::from(rate);
            let part = (t * 1.7) as i64;
            let level = math::exp2(-6.0 * own.unit(part));
            let pitch = 55.0 * math::exp2(5.0 * own.unit(part + 1000));
            let hit = math::exp2(-30.0 * (t * 2.3).fract());
            let tone = math::sin(2.0 * std::f64::consts::PI * pitch * t);
            *x = level * (0.3 * tone + 0.5 * hit * own.bipolar(n as i64) + 0.05 * own.bipolar(n as i64 + 7));
        }
    }
    block
}

/// Integrated loudness, and the energy of every 10 ms behind 3 s of silence.
fn theirs(block: &Block, rate: u32) -> (f64, Vec<f64>) {
    let channels = block.channels();
    let mut meter = EbuR128::new(channels as u32, rate, Mode::I).unwrap();
    let step = rate as usize / 100;
    let mut energies = vec![0.0; 300];
    for at in (0..block.capacity()).step_by(step) {
        let planes: Vec<&[f64]> = (0..channels).map(|channel| &block.channel(channel)[at..at + step]).collect();
        meter.add_frames_planar_f64(&planes).unwrap();
        energies.push(math::pow(10.0, (meter.loudness_window(10).unwrap() + 0.691) / 10.0));
    }
    (meter.loudness_global().unwrap(), energies)
}

/// Loudness of every window of so many steps of 10 ms.
fn windows(energies: &[f64], steps: usize) -> Vec<f64> {
    let level = |energy: f64| 10.0 * math::log10(energy) - 0.691;
    energies.windows(steps).map(|all| level(all.iter().sum::<f64>() / steps as f64)).collect()
}

fn highest(levels: &[f64]) -> f64 {
    levels.iter().fold(f64::MIN, |most, level| most.max(*level))
}

/// How much louder the bass cut is here than there, in dB: there its numerator is 1 -2 1 at every rate, not only at 48 kHz.
fn louder(rate: u32) -> f64 {
    let norm = |rate: f64| {
        let k = math::tan(std::f64::consts::PI * 38.13547087602444 / rate);
        1.0 + k / 0.5003270373238773 + k * k
    };
    20.0 * math::log10(norm(48e3) / norm(f64::from(rate)))
}

#[test]
fn loudness_is_libebur128s_at_every_rate_and_layout() {
    for rate in RATES {
        for channels in [1, 2, 6] {
            let block = music(channels, rate, 6, u64::from(rate) + channels as u64);
            let (integrated, energies) = theirs(&block, rate);
            let maxima = [40, 300].map(|steps| highest(&windows(&energies, steps)));
            let theirs = [integrated, maxima[0], maxima[1]].map(|level| level + louder(rate));
            let m = meter(&block, Rate::new(rate).unwrap()).finish();
            let ours = [m.integrated_lufs, m.momentary_max_lufs, m.short_term_max_lufs].map(Option::unwrap);
            for (name, (ours, theirs)) in ["I", "M", "S"].iter().zip(ours.iter().zip(theirs)) {
                assert!((ours - theirs).abs() < 0.01, "{name} at {rate}, {channels} channels: {ours}, not {theirs}");
            }
        }
    }
    // what is left is less than the difference that was allowed for
    assert!(louder(48_000) == 0.0 && louder(44_100).abs() < 0.01 && louder(192_000) < 0.04);
}

#[test]
fn an_album_is_what_libebur128_makes_of_several() {
    let songs: Vec<Block> = (0..3).map(|song| music(2, 48_000, 7, 100 + song)).collect();
    let meters: Vec<EbuR128> = songs
        .iter()
        .map(|song| {
            let mut meter = EbuR128::new(2, 48_000, Mode::I).unwrap();
            meter.add_frames_planar_f64(&[song.channel(0), song.channel(1)]).unwrap();
            meter
        })
        .collect();
    let theirs = EbuR128::loudness_global_multiple(meters.iter()).unwrap();
    let mut album = meter(&songs[0], Rate::STUDIO);
    songs[1..].iter().for_each(|song| album.join(&meter(song, Rate::STUDIO)));
    let ours = album.finish().integrated_lufs.unwrap();
    assert!((ours - theirs).abs() < 1e-6, "{ours}, not {theirs}");
}

/// Tech 3342 worked out anew from libebur128's energies, read ten times a second; its own range comes from one a second.
#[test]
fn the_range_is_what_libebur128s_energies_say() {
    for trial in 0..3 {
        let block = music(2, 48_000, 65, 200 + trial);
        let (_, energies) = theirs(&block, 48_000);
        let mut heard: Vec<f64> =
            windows(&energies[300..], 300).into_iter().step_by(10).filter(|l| *l >= -70.0).collect();
        let mean = heard.iter().map(|level| math::pow(10.0, level / 10.0)).sum::<f64>() / heard.len() as f64;
        heard.retain(|level| *level >= 10.0 * math::log10(mean) - 20.0);
        heard.sort_by(f64::total_cmp);
        let at = |part: f64| heard[((heard.len() - 1) as f64 * part).round() as usize];
        let (wanted, ours) = (at(0.95) - at(0.1), super::measure(&block).loudness_range_lu.unwrap());
        assert!(wanted > 1.0 && (ours - wanted).abs() < 1e-3, "{ours}, not {wanted}");
    }
}
