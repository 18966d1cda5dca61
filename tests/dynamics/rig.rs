//! Runs an effect over whole signals, in blocks of any size.

use mixdown::audio::{Block, Layout, StateReader, StateWriter, math, rng::Seed};
use mixdown::dsp::{Arg, Args, COMMON, Flow, GRID, Io, Processor, Setup, Shape, Value, Values, catalogue};
use mixdown::units::Rate;

pub(crate) const MOST: usize = 512;

/// A signal: channels of samples.
pub(crate) type Sound = Vec<Vec<f64>>;

/// A parameter that moves: its name and its value at a song frame.
pub(crate) type Curve = (&'static str, Motion);
type Motion = fn(i64) -> f64;

pub(crate) fn args(effect: &str, with: &[(&str, Arg)]) -> Args {
    let declaration = catalogue::declaration(effect).expect("an effect");
    with.iter().fold(Args::defaults(declaration), |a, (name, value)| a.with(name, value.clone()))
}

pub(crate) fn n(x: f64) -> Arg {
    Arg::Number(x)
}

pub(crate) struct Rig {
    pub(crate) args: Args,
    pub(crate) shape: Shape,
    pub(crate) processor: Box<dyn Processor>,
    channels: usize,
    at: i64,
    curves: Vec<(usize, Motion)>,
}

impl Rig {
    pub(crate) fn new(args: Args, rate: u32, channels: usize) -> Rig {
        let (rate, layout) = (Rate::new(rate).expect("a rate"), Layout::new(channels).expect("a layout"));
        let setup = Setup { rate, layout, block: MOST, seed: Seed::new(1) };
        let shape = catalogue::shape(&args, &setup).expect("a shape");
        let processor = catalogue::build(&args, &setup).expect("it builds");
        Rig { args, shape, processor, channels, at: 0, curves: Vec::new() }
    }

    pub(crate) fn moving(mut self, curves: &[Curve]) -> Rig {
        self.curves = curves.iter().map(|(name, f)| (self.args.of.index_of(name).expect("a parameter"), *f)).collect();
        self
    }

    pub(crate) fn from(mut self, at: i64) -> Rig {
        self.at = at;
        self
    }

    pub(crate) fn latency(&self) -> usize {
        self.shape.latency.get() as usize
    }

    pub(crate) fn run(&mut self, input: &[Vec<f64>], block: usize) -> Sound {
        self.run_keyed(input, None, block).0
    }

    /// The output, and what was said of the last block.
    pub(crate) fn run_keyed(&mut self, input: &[Vec<f64>], key: Option<&[Vec<f64>]>, block: usize) -> (Sound, Flow) {
        let frames = input[0].len();
        let (mut out, mut from, mut flow) = (vec![Vec::with_capacity(frames); self.channels], 0, Flow::Written);
        let (mut work, mut heard) = (Block::new(self.channels, MOST), Block::new(key.map_or(1, <[_]>::len), MOST));
        while from < frames {
            let count = block.min(frames - from);
            for (channel, x) in input.iter().enumerate() {
                work.channel_mut(channel)[..count].copy_from_slice(&x[from..from + count]);
            }
            for (channel, x) in key.unwrap_or_default().iter().enumerate() {
                heard.channel_mut(channel)[..count].copy_from_slice(&x[from..from + count]);
            }
            let moved: Vec<(Vec<f64>, f64)> = self
                .curves
                .iter()
                .map(|(_, f)| ((0..count).map(|i| f(self.at + i as i64)).collect(), f(self.at.div_euclid(GRID) * GRID)))
                .collect();
            let own = self.args.values.len() - COMMON.len();
            let slots: Vec<Value<'_>> = (0..self.args.values.len())
                .map(|i| match self.curves.iter().position(|(p, _)| *p == i) {
                    Some(at) => Value::PerFrame { frames: &moved[at].0, cell: moved[at].1 },
                    None if i >= own => Value::Constant([100.0, 1.0, 0.0, 0.0][i - own]),
                    None => Value::Constant(self.args.number(i).unwrap_or(0.0)),
                })
                .collect();
            let keys = [heard.planes_ref(heard.channels(), count)];
            let keys = if key.is_some() { &keys[..] } else { &[] };
            let audio = work.planes(self.channels, count);
            flow = self.processor.process(&mut Io { at: self.at, audio, keys, params: Values::new(&slots) });
            for (channel, out) in out.iter_mut().enumerate() {
                out.extend_from_slice(&work.channel(channel)[..count]);
            }
            from += count;
            self.at += count as i64;
        }
        (out, flow)
    }
}

/// Block sizes, save and load in the middle, and reset make no difference to a bit.
pub(crate) fn sameness(make: impl Fn() -> Rig, input: &[Vec<f64>]) {
    let whole = make().run(input, 500);
    for block in [1, 7, 32, 64] {
        assert!(make().run(input, block) == whole, "blocks of {block}");
    }
    let (mut first, mut second) = (make(), make());
    let cut = 1234;
    let (head, tail): (Sound, Sound) = input.iter().map(|x| (x[..cut].to_vec(), x[cut..].to_vec())).unzip();
    first.run(&head, 100);
    let mut state = StateWriter::new();
    first.processor.save(&mut state);
    let bytes = state.into_bytes();
    second.run(&head, 64);
    let mut same = StateWriter::new();
    second.processor.save(&mut same);
    assert!(bytes == same.into_bytes(), "equal sound has equal state");
    second.processor.reset();
    second.processor.load(&mut StateReader::new(&bytes)).expect("its own state");
    let rest = second.run(&tail, 500);
    assert!(rest.iter().zip(&whole).all(|(rest, whole)| rest[..] == whole[cut..]), "save and load");
    assert!(second.processor.load(&mut StateReader::new(&bytes[..bytes.len() - 1])).is_err());
    let mut again = make();
    again.run(input, 500);
    again.processor.reset();
    again = Rig { at: make().at, ..again };
    assert!(again.run(input, 500) == whole, "reset");
}

pub(crate) fn sine(hz: f64, level: f64, rate: f64, frames: usize) -> Vec<f64> {
    let w = 2.0 * std::f64::consts::PI * hz / rate;
    (0..frames).map(|i| level * math::sin(w * i as f64)).collect()
}

pub(crate) fn noise(seed: u64, level: f64, frames: usize) -> Vec<f64> {
    let seed = Seed::new(seed);
    (0..frames as i64).map(|i| level * seed.bipolar(i)).collect()
}

pub(crate) fn db(x: f64) -> f64 {
    20.0 * math::log10(x.abs().max(1e-30))
}

pub(crate) fn level(db: f64) -> f64 {
    math::pow(10.0, db / 20.0)
}

pub(crate) fn rms(x: &[f64]) -> f64 {
    (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt()
}

/// Amplitudes of the bins of a real signal whose length is a power of two; a sine on a bin reads its amplitude.
pub(crate) fn spectrum(x: &[f64]) -> Vec<f64> {
    let mut data: Vec<_> = x.iter().map(|x| num_complex::Complex::new(*x, 0.0)).collect();
    rustfft::FftPlanner::new().plan_fft_forward(x.len()).process(&mut data);
    let scale = 2.0 / x.len() as f64;
    let half = x.len() / 2;
    data[..half].iter().enumerate().map(|(i, c)| c.norm() * if i == 0 { 0.5 * scale } else { scale }).collect()
}
