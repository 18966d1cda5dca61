//! Loudness by ITU-R BS.1770 and EBU Tech 3341/3342, on the `ebur128` crate's filters, gates and true-peak interpolator.

use std::collections::VecDeque;

use ebur128::{Channel, EbuR128, Mode};

use crate::audio::{PlanesRef, math};
use crate::units::Rate;

/// Momentary and short-term loudness are read this often per second: Tech 3341's test signals ask for 10 ms.
const READINGS: u32 = 100;
/// Readings in 400 ms and in 3 s.
const MOMENTARY: usize = 40;
const SHORT_TERM: usize = 300;

/// Loudness below this counts as none (the absolute gate of BS.1770).
const GATE_LUFS: f64 = -70.0;

/// Integrated, momentary, short-term loudness, range and true peak of one programme.
pub(super) struct Loudness {
    meter: EbuR128,
    channels: usize,
    /// Frames between readings, and until the next.
    hop: usize,
    left: usize,
    /// Energies of the last hops.
    hops: VecDeque<f64>,
    momentary: f64,
    short_term: f64,
    readings: usize,
    /// Short-term energies, one a second, for the loudness range.
    seconds: Vec<f64>,
}

impl Loudness {
    pub(super) fn new(rate: Rate, map: &[Channel]) -> Loudness {
        let meter = EbuR128::new(map.len() as u32, rate.get(), Mode::I | Mode::TRUE_PEAK);
        let mut meter = meter.expect("1 to 16 channels at 8 kHz to 384 kHz are within its limits");
        set(&mut meter, map);
        let hop = (rate.get() / READINGS) as usize;
        Loudness {
            meter,
            channels: map.len(),
            hop,
            left: hop,
            hops: VecDeque::from(vec![0.0; SHORT_TERM]),
            momentary: 0.0,
            short_term: 0.0,
            readings: 0,
            seconds: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, planes: &PlanesRef<'_>) {
        let mut from = 0;
        while from < planes.frames() {
            let to = (from + self.left).min(planes.frames());
            feed(&mut self.meter, &planes.slice(from, to));
            self.left -= to - from;
            if self.left == 0 {
                self.left = self.hop;
                self.reading();
            }
            from = to;
        }
    }

    /// One hop's energy out, one in; what came before the file's start counts as silence.
    fn reading(&mut self) {
        let level = self.meter.loudness_window(1000 / READINGS).unwrap_or(f64::NEG_INFINITY);
        self.hops.pop_front();
        self.hops.push_back(energy(level));
        let sum = |n: usize| self.hops.range(SHORT_TERM - n..).sum::<f64>() / n as f64;
        self.momentary = self.momentary.max(sum(MOMENTARY));
        let short_term = sum(SHORT_TERM);
        self.short_term = self.short_term.max(short_term);
        self.readings += 1;
        if self.readings >= SHORT_TERM && (self.readings - SHORT_TERM).is_multiple_of(READINGS as usize) {
            self.seconds.push(short_term);
        }
    }

    pub(super) fn integrated(&self) -> Option<f64> {
        self.meter.loudness_global().ok().filter(|x| x.is_finite())
    }

    pub(super) fn momentary(&self) -> Option<f64> {
        level(self.momentary)
    }

    pub(super) fn short_term(&self) -> Option<f64> {
        level(self.short_term)
    }

    /// Tech 3342: from the 10th to the 95th percentile of short-term loudness, gated at -70 LUFS and 20 LU below the mean of what is left.
    /// None for what is shorter than one window of 3 s, or never above the gate.
    pub(super) fn range(&self) -> Option<f64> {
        let mut heard: Vec<f64> = self.seconds.iter().copied().filter(|e| *e >= energy(GATE_LUFS)).collect();
        let gate = 0.01 * heard.iter().sum::<f64>() / heard.len() as f64;
        heard.retain(|energy| *energy >= gate);
        heard.sort_by(f64::total_cmp);
        let percentile = |p: f64| heard.get(((heard.len() as f64 - 1.0) * p).round() as usize).copied();
        Some(10.0 * math::log10(percentile(0.95)? / percentile(0.1)?)).filter(|range| range.is_finite())
    }

    /// The highest of all channels, linear.
    pub(super) fn true_peak(&self) -> f64 {
        (0..self.channels as u32).filter_map(|c| self.meter.true_peak(c).ok()).fold(0.0, f64::max)
    }
}

/// Integrated loudness alone.
pub(super) struct Integrated(EbuR128);

impl Integrated {
    pub(super) fn new(rate: Rate, map: &[Channel]) -> Integrated {
        let meter = EbuR128::new(map.len() as u32, rate.get(), Mode::I);
        let mut meter = meter.expect("1 to 16 channels at 8 kHz to 384 kHz are within its limits");
        set(&mut meter, map);
        Integrated(meter)
    }

    pub(super) fn add(&mut self, planes: &PlanesRef<'_>) {
        feed(&mut self.0, planes);
    }

    /// Below the gate it is the gate.
    pub(super) fn gated(&self) -> f64 {
        self.0.loudness_global().ok().filter(|x| x.is_finite()).unwrap_or(GATE_LUFS)
    }
}

fn set(meter: &mut EbuR128, map: &[Channel]) {
    for (channel, place) in map.iter().enumerate() {
        meter.set_channel(channel as u32, *place).expect("a channel of the map, dual mono only alone");
    }
}

fn feed(meter: &mut EbuR128, planes: &PlanesRef<'_>) {
    const NONE: &[f64] = &[];
    let mut all = [NONE; crate::audio::Layout::MOST];
    let channels = planes.channels();
    all.iter_mut().zip(planes.each()).for_each(|(slot, plane)| *slot = plane);
    meter.add_frames_planar_f64(&all[..channels]).expect("as many planes as channels, of one length");
}

/// BS.1770's -0.691 dB is the K-weighting's gain at 997 Hz.
fn energy(lufs: f64) -> f64 {
    if lufs.is_finite() { math::pow(10.0, (lufs + 0.691) / 10.0) } else { 0.0 }
}

fn level(energy: f64) -> Option<f64> {
    (energy > 0.0 && energy.is_finite()).then(|| 10.0 * math::log10(energy) - 0.691)
}

/// Where the loudspeakers of `channels` channels stand: by a WAV's channel mask if there is one, else as usual; six are L R C LFE Ls Rs.
pub(super) fn map(channels: usize, mask: Option<u32>, dual_mono: bool) -> Vec<Channel> {
    use Channel::{Center, Left, LeftSurround, Right, RightSurround, Unused};
    if channels == 1 {
        return vec![if dual_mono { Channel::DualMono } else { Left }];
    }
    let usual = match channels {
        2 => 0x3,
        3 => 0x7,
        4 => 0x33,
        5 => 0x37,
        6 => 0x3F,
        7 => 0x70F,
        8 => 0x63F,
        _ => 0,
    };
    let mask = mask.filter(|mask| mask.count_ones() as usize == channels).unwrap_or(usual);
    // without side loudspeakers the back ones are the surrounds, at 110 degrees
    let sides = mask & 0x600 != 0;
    let mut map: Vec<Channel> = (0..32)
        .filter(|bit| mask >> bit & 1 == 1)
        .map(|bit| match bit {
            0 => Left,
            1 => Right,
            2 => Center,
            3 => Unused,
            4 if sides => Channel::Mp135,
            5 if sides => Channel::Mm135,
            4 => LeftSurround,
            5 => RightSurround,
            9 => Channel::Mp090,
            10 => Channel::Mm090,
            // everything else weighs 1
            _ => Channel::Mp180,
        })
        .collect();
    map.resize(channels, Channel::Mp180);
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};

    #[test]
    fn the_range_is_what_libebur128_says() {
        let (seed, frames) = (Seed::of("range"), 44_100 * 20);
        let mut block = Block::new(2, frames);
        for channel in 0..2 {
            for (n, x) in block.channel_mut(channel).iter_mut().enumerate() {
                let level = seed.with(9).unit((n / 50_000) as i64) * 60.0 - 66.0;
                *x = math::from_db(level) * seed.with(channel as u64).bipolar(n as i64);
            }
        }
        let mut ours = Loudness::new(Rate::CD, &map(2, None, false));
        let mut theirs = EbuR128::new(2, 44_100, Mode::LRA | Mode::I).unwrap();
        ours.add(&block.planes_ref(2, frames));
        feed(&mut theirs, &block.planes_ref(2, frames));
        let (ours, theirs) = (ours.range().unwrap(), theirs.loudness_range().unwrap());
        assert!(ours > 5.0 && (ours - theirs).abs() < 1e-6, "{ours} is not {theirs}");
    }
}
