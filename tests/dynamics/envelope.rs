//! What the limiter's envelope foretells against what the limiter does.

use mixdown::audio::{Block, math};
use mixdown::dsp::{ENVELOPE_CELL, LimiterSettings, PeakEnvelope, limiter_envelope};
use mixdown::units::Rate;

use crate::ceiling::{dense, programmes};
use crate::rig::{Rig, args, n};

type Sound = Vec<Vec<f64>>;

/// K-weighted power per cell of both channels: ITU-R BS.1770-5 Annex 1, its two filters as bilinear transforms.
fn powers(sound: &[Vec<f64>], rate: f64) -> Vec<f64> {
    let mut cells = vec![0.0; sound[0].len().div_ceil(ENVELOPE_CELL)];
    let tan = |hz: f64| {
        let (sin, cos) = math::sincos(std::f64::consts::PI * hz / rate);
        sin / cos
    };
    let (k, q, high) = (tan(1681.974450955533), 0.7071752369554196, math::from_db(3.999843853973347));
    let band = math::pow(high, 0.4996667741545416);
    let scale = 1.0 + k / q + k * k;
    let shelf = [
        (high + band * k / q + k * k) / scale,
        2.0 * (k * k - high) / scale,
        (high - band * k / q + k * k) / scale,
        2.0 * (k * k - 1.0) / scale,
        (1.0 - k / q + k * k) / scale,
    ];
    let (k, q) = (tan(38.13547087602444), 0.5003270373238773);
    let scale = 1.0 + k / q + k * k;
    let cut = [1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / scale, (1.0 - k / q + k * k) / scale];
    for x in sound {
        let mut states = [[0.0; 2]; 2];
        for (i, x) in x.iter().enumerate() {
            let mut x = *x;
            for (state, [b0, b1, b2, a1, a2]) in states.iter_mut().zip([shelf, cut]) {
                let y = b0 * x + state[0];
                *state = [b1 * x - a1 * y + state[1], b2 * x - a2 * y];
                x = y;
            }
            cells[i / ENVELOPE_CELL] += x * x;
        }
    }
    cells
}

/// Gated loudness of powers per cell, in LUFS.
fn loudness(cells: &[f64], rate: f64) -> f64 {
    let per = |seconds: f64| (seconds * rate / ENVELOPE_CELL as f64).round() as usize;
    let frames = (per(0.4) * ENVELOPE_CELL) as f64;
    let blocks: Vec<f64> = (0..=cells.len().saturating_sub(per(0.4)))
        .step_by(per(0.1))
        .map(|i| cells[i..].iter().take(per(0.4)).sum::<f64>() / frames)
        .collect();
    let gated = |least: f64| {
        let over: Vec<f64> = blocks.iter().copied().filter(|x| *x > least).collect();
        over.iter().sum::<f64>() / over.len().max(1) as f64
    };
    -0.691 + 10.0 * math::log10(gated(0.1 * gated(math::pow(10.0, (-70.0 + 0.691) / 10.0))))
}

pub(crate) fn foretold_and_real(sound: &[Vec<f64>], rate: u32, settings: &LimiterSettings) -> (f64, f64) {
    let hz = f64::from(rate);
    let mut block = Block::new(sound.len(), sound[0].len());
    sound.iter().enumerate().for_each(|(c, x)| block.channel_mut(c).copy_from_slice(x));
    let mut envelope = PeakEnvelope::new(sound.len());
    envelope.add(block.planes_ref(sound.len(), sound[0].len()));
    let gains = limiter_envelope(&envelope.finish(), settings);
    let drive = math::from_db(settings.drive);
    let foretold: Vec<f64> =
        powers(sound, hz).iter().zip(&gains).map(|(p, g)| p * f64::from(*g) * f64::from(*g) * drive * drive).collect();
    let mut with =
        vec![("gain", n(settings.drive)), ("ceiling", n(settings.ceiling)), ("lookahead", n(settings.lookahead))];
    with.extend(settings.release.map(|ms| ("release", n(ms))));
    let mut rig = Rig::new(args("limiter", &with), rate, sound.len());
    let late = rig.latency();
    let longer: Sound = sound.iter().map(|x| [&x[..], &vec![0.0; late]].concat()).collect();
    let real: Sound = rig.run(&longer, 500).iter().map(|x| x[late..].to_vec()).collect();
    (loudness(&foretold, hz), loudness(&powers(&real, hz), hz))
}

#[test]
fn loudness_after_the_limiter_is_foretold_from_peaks() {
    let mut failed = Vec::new();
    for rate in [44_100, 48_000, 96_000] {
        let hz = f64::from(rate);
        let mut all: Vec<(&str, Sound, f64)> = programmes(hz)
            .into_iter()
            .map(|(name, sound)| (name, sound.iter().map(|x| x.repeat(2)).collect(), 0.1))
            .collect();
        for (kind, name) in ["drums and chords", "noise bursts", "treble on bass", "cymbals on bass"].iter().enumerate()
        {
            all.push((name, vec![dense(kind, hz, hz as usize)], if kind == 0 { 0.05 } else { 0.1 }));
        }
        for (name, sound, within) in &all {
            for (drive, release, lookahead) in
                [(0.0, None, 2.0), (6.0, None, 2.0), (9.0, Some(80.0), 2.0), (6.0, None, 5.0), (12.0, None, 2.0)]
            {
                let settings = LimiterSettings {
                    rate: Rate::new(rate).expect("a rate"),
                    drive,
                    ceiling: -1.0,
                    lookahead,
                    release,
                };
                let (foretold, real) = foretold_and_real(sound, rate, &settings);
                println!(
                    "{rate} {name:16} +{drive} dB {release:?} {lookahead} ms: {foretold:7.3} {real:7.3}: {:+.3}",
                    foretold - real
                );
                // so far down cells count that no exact peak is known of
                let within = if drive > 9.0 { 0.15 } else { *within };
                if (foretold - real).abs() > within {
                    failed.push((rate, *name, drive, foretold - real));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn where_nothing_passes_the_ceiling_the_gain_is_one() {
    let settings = LimiterSettings { rate: Rate::STUDIO, drive: 6.0, ceiling: -1.0, lookahead: 2.0, release: None };
    assert!(limiter_envelope(&[0.44; 1000], &settings).iter().all(|g| *g == 1.0));
    let gains = limiter_envelope(&[[0.1; 500], [0.9; 500]].concat(), &settings);
    assert!(gains[..490].iter().all(|g| *g == 1.0) && (gains[900] - 0.8913 / (0.9 * 1.9953)).abs() < 0.002);
    assert!(limiter_envelope(&[], &settings).is_empty());
}
