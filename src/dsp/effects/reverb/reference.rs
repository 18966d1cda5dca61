//! The same reverb in f64, frame by frame and as its formulas stand, and what the one in f32 differs from it by.

use super::absorption::Absorption;
use super::diffuser::Diffuser;
use super::rotation::{PAIRS, PIECE, Rotation};
use super::{Reverb, Settings};
use crate::audio::{math, rng::Seed};
use crate::dsp::effects::rendering::{Running, setup};
use crate::dsp::parts::hadamard::LINES;
use crate::dsp::{Arg, Args, Effect};

/// Everything that ever went into a delay.
#[derive(Clone, Default)]
struct Line(Vec<f64>);

impl Line {
    /// What went in so many frames ago; the last that did is 0 ago.
    fn ago(&self, frames: usize) -> f64 {
        self.0.len().checked_sub(frames + 1).map_or(0.0, |at| self.0[at])
    }
}

fn mixed(mut x: [f64; LINES]) -> [f64; LINES] {
    for bit in [8, 4, 2, 1] {
        for i in (0..LINES).filter(|i| i & bit == 0) {
            (x[i], x[i | bit]) = (x[i] + x[i | bit], x[i] - x[i | bit]);
        }
    }
    x
}

/// Left and right of a stereo sound from frame 0 of the song on, at full diffusion.
fn plain(args: &Args, input: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let settings = Settings::new(args, &setup(2)).unwrap();
    let (room, predelay) = (&settings.room, settings.predelay);
    let absorption = Absorption::new(&settings.decay, &room.lines, settings.rate);
    let rotation = Rotation::new(settings.modulation, settings.seed, settings.rate);
    let entry = Diffuser::new(room, settings.diffusion).scale();
    let gain = settings.gain(&absorption) * (2.0 / (1.0 + settings.width * settings.width)).sqrt();
    let from = room
        .order
        .map(|order| -> [usize; LINES] { std::array::from_fn(|i| order.iter().position(|to| *to == i).unwrap()) });
    let mut before = vec![Line::default(); 2];
    let mut steps = vec![vec![Line::default(); LINES]; 2];
    let mut lines = vec![Line::default(); LINES];
    let mut walls = vec![vec![Line::default(); 2]; 2];
    let (mut lows, mut highs) = ([0.0; LINES], [0.0; LINES]);
    let (mut begin, mut end) = ([(0.0, 0.0); PAIRS], [(0.0, 0.0); PAIRS]);
    let mut out = vec![Vec::new(); 2];
    for n in 0..input[0].len() {
        for side in 0..2 {
            before[side].0.push(input[side][n] * entry);
        }
        let mut x = std::array::from_fn(|i| before[from[0][i] % 2].ago(predelay + room.steps[0][from[0][i]]));
        for (step, lines) in steps.iter_mut().enumerate() {
            let into = mixed(x);
            (0..LINES).for_each(|i| lines[i].0.push(into[i]));
            let from = from[step + 1];
            x = std::array::from_fn(|i| lines[from[i]].ago(room.steps[step + 1][from[i]]));
        }
        for i in 0..LINES {
            let returned = lines[i].ago(room.lines[i] - 1);
            lows[i] += (1.0 - absorption.low_pole) * (returned - lows[i]);
            highs[i] = absorption.pole[i] * highs[i]
                + 0.25 * absorption.gain[i] * (returned + absorption.low_more[i] * lows[i]);
            x[i] += highs[i];
        }
        let back = mixed(x);
        let at = n as i64 % PIECE;
        if at == 0 {
            begin = std::array::from_fn(|k| rotation.angle(k, n as i64));
            end = std::array::from_fn(|k| rotation.angle(k, n as i64 + PIECE));
        }
        for k in 0..PAIRS {
            let between = |a: f64, b: f64| a + (b - a) * at as f64 / PIECE as f64;
            let (s, c) = (between(begin[k].0, end[k].0), between(begin[k].1, end[k].1));
            let (u, v) = (back[k], back[k + PAIRS]);
            lines[k].0.push(c * u - s * v);
            lines[k + PAIRS].0.push(s * u + c * v);
        }
        let mut heard = [back[5], back[10]];
        for side in 0..2 {
            let mut early: f64 =
                room.early[side].iter().map(|r| r.gain / entry * before[r.side].ago(predelay + r.delay)).sum();
            for (line, delay) in walls[side].iter_mut().zip(room.walls[side]) {
                let old = line.ago(delay - 1);
                line.0.push(early + 0.6 * old);
                early = old - 0.6 * line.ago(0);
            }
            heard[side] += if room.early[side].is_empty() { 0.0 } else { early };
        }
        let (middle, side) = (0.5 * (heard[0] + heard[1]), 0.5 * settings.width * (heard[0] - heard[1]));
        out[0].push(gain * (middle + side));
        out[1].push(gain * (middle - side));
    }
    out
}

/// How far what f32 rounds lies below the sound, in dB.
fn distance(args: &Args, input: &[Vec<f64>]) -> f64 {
    let out = Running::new(&Reverb, args, &setup(2), 0).run(input, 512);
    let (mut sound, mut noise) = (0.0, 0.0);
    for (out, plain) in out.iter().zip(plain(args, input)) {
        sound += plain.iter().map(|x| x * x).sum::<f64>();
        noise += out.iter().zip(&plain).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
    }
    10.0 * math::log10(sound / noise)
}

#[test]
fn what_is_rounded_lies_far_below_the_sound() {
    const FRAMES: usize = 240_000;
    let noise = |side: u64| (0..FRAMES).map(|n| Seed::new(side).bipolar(n as i64)).collect();
    let sine = |hz: f64| (0..FRAMES).map(|n| math::sin(std::f64::consts::TAU * hz * n as f64 / 48e3)).collect();
    let sounds: [(&str, [Vec<f64>; 2]); 3] =
        [("noise", [noise(1), noise(2)]), ("1 kHz", [sine(997.0), sine(997.0)]), ("60 Hz", [sine(60.0), sine(60.0)])];
    for (kind, decay, low) in
        [(0, 2.0, 100.0), (0, 20.0, 100.0), (0, 2.0, 60.0), (1, 2.0, 100.0), (1, 20.0, 100.0), (1, 20.0, 200.0)]
    {
        let args = Args::defaults(Reverb.declaration())
            .with("kind", Arg::Choice(kind))
            .with("decay", Arg::Number(decay))
            .with("low_decay", Arg::Number(low))
            .with("predelay", Arg::Number(7.0));
        for (name, input) in &sounds {
            let distance = distance(&args, input);
            println!("{kind}, {decay} s, lows {low} %, {name}: {distance:.1} dB");
            assert!(distance > 125.0, "{kind}, {decay} s, lows {low} %, {name}: {distance} dB");
        }
    }
}
