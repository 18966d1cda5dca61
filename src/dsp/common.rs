//! What stands around every effect: `mix`, `on`, `channels` and `output`.
//!
//! With x the input, late by the effect's latency, and w what the effect makes of it: p = (x + (w - x) mix) · output, y = x + (p - x) on.
//! Where w equals x the result is x bit for bit, whatever `mix` is; so it is w itself at 100 % and x itself when off.

use num_complex::Complex64;

use super::parts::delay_ring::DelayRing;
use super::parts::mid_side;
use super::{Args, Effect, Flow, Io, Processor, Refused, Setup, Shape, Value, catalogue};
use crate::audio::{Block, Layout, Planes, StateError, StateReader, StateWriter, math};
use crate::units::{Frames, Hz};

/// The common parameters, by their places after an effect's own.
pub(super) const MIX: usize = 0;
pub(super) const ON: usize = 1;
pub(super) const CHANNELS: usize = 2;
pub(super) const OUTPUT: usize = 3;

/// The part of a stereo sound that an effect is given alone. The other part passes, aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Mid,
    Side,
    Left,
    Right,
}

/// What the common parameters say before anything runs.
struct Common {
    /// Stands still at off: the sound passes at once and nothing is built.
    bypass: bool,
    part: Option<Part>,
    /// The dry sound has a share in the result.
    dry: bool,
    /// There is an output level, or it moves.
    output: bool,
}

impl Common {
    fn of(args: &Args) -> Common {
        let at = args.common();
        let still = |which: usize, value: f64| !args.moves(at + which) && args.number(at + which) == Some(value);
        let part = [None, Some(Part::Mid), Some(Part::Side), Some(Part::Left), Some(Part::Right)];
        let part = part[args.choice(at + CHANNELS).min(4)];
        Common {
            bypass: !args.moves(at + ON) && !args.switch(at + ON),
            part,
            dry: part.is_some() || args.moves(at + ON) || !still(MIX, 100.0),
            output: !still(OUTPUT, 0.0),
        }
    }

    /// What the effect itself is built for.
    fn inner(&self, args: &Args, setup: &Setup) -> Result<Setup, Refused> {
        if self.part.is_none() {
            return Ok(*setup);
        }
        if setup.layout == Layout::STEREO {
            return Ok(Setup { layout: Layout::MONO, ..*setup });
        }
        let what = match setup.layout.channels() {
            1 => "this is mono".to_owned(),
            n => format!("this has {n} channels"),
        };
        Err(Refused::new(format!("`channels` takes a part of a stereo sound, and {what}"))
            .at(args.common() + CHANNELS)
            .help("leave `channels` out, so that the effect works on all of it"))
    }
}

pub(super) fn shape(effect: &dyn Effect, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
    let common = Common::of(args);
    let inner = effect.shape(args, &common.inner(args, setup)?)?;
    if common.bypass {
        return Ok(Shape::plain(setup));
    }
    if common.part.is_some() {
        return Ok(Shape { out: setup.layout, ..inner });
    }
    if common.dry && inner.out < setup.layout {
        return Err(Refused::new(format!(
            "`{}` gives fewer channels than it takes: there is no dry sound to mix with",
            args.of.name
        ))
        .at(args.common() + MIX)
        .help("leave `mix` and a moving `on` out"));
    }
    Ok(inner)
}

/// Whether the common parameters say nothing: the effect runs as it is.
pub(super) fn is_bare(args: &Args) -> bool {
    let common = Common::of(args);
    !(common.bypass || common.dry || common.output)
}

pub(super) fn build(effect: &dyn Effect, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
    let common = Common::of(args);
    let outer = shape(effect, args, setup)?;
    if common.bypass {
        return Ok(Box::new(Bypass));
    }
    let inside = common.inner(args, setup)?;
    let inner = effect.build(args, &inside)?;
    if !common.dry && !common.output {
        return Ok(inner);
    }
    let (ins, outs) = (setup.layout.channels(), outer.out.channels());
    let latency = outer.latency.get() as usize;
    let part_channels = effect.shape(args, &inside)?.out.channels();
    Ok(Box::new(Framed {
        inner,
        slot: args.common(),
        ins,
        outs,
        ring: DelayRing::new(if common.dry { ins } else { 0 }, latency),
        dry: common.dry.then(|| Block::new(ins, setup.block)),
        part: common.part.map(|part| (part, Block::new(part_channels, setup.block))),
        moving: Block::new(3, setup.block),
    }))
}

pub(super) fn response(effect: &dyn Effect, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
    let (common, at) = (Common::of(args), args.common());
    if common.bypass {
        return Some(Complex64::new(1.0, 0.0));
    }
    if common.part.is_some() || !args.moving.is_empty() {
        return None;
    }
    let wet = effect.response(args, setup, frequency)?;
    let latency = shape(effect, args, setup).ok()?.latency;
    let dry = delayed(latency, setup, frequency);
    Some((dry + (wet - dry) * (args.number(at + MIX)? * 0.01)) * math::from_db(args.number(at + OUTPUT)?))
}

/// The response of a delay: e^{-jωn}.
pub(super) fn delayed(by: Frames, setup: &Setup, frequency: Hz) -> Complex64 {
    let turns = frequency.value() / setup.rate.hz() * by.get() as f64;
    let (sin, cos) = math::sincos(-std::f64::consts::TAU * (turns - turns.floor()));
    Complex64::new(cos, sin)
}

pub(super) fn delays(
    effect: &dyn Effect,
    args: &Args,
    setup: &Setup,
    late: Frames,
    slots: &mut Vec<Frames>,
) -> Result<(), Refused> {
    let common = Common::of(args);
    let from = slots.len();
    if common.bypass {
        slots.resize(from + args.slots(), late);
        return Ok(());
    }
    let inside = common.inner(args, setup)?;
    slots.resize(from + args.common(), late);
    slots.resize(from + args.values.len(), late + effect.shape(args, &inside)?.latency);
    for (index, (child, place)) in args.children().zip(effect.places(args, &inside)?).enumerate() {
        delays(catalogue::effect_of(child)?, child, &place.setup(&inside, index), late + place.late, slots)?;
    }
    Ok(())
}

/// An effect that is off for good.
struct Bypass;

impl Processor for Bypass {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        if io.audio.is_silent() { Flow::Silent } else { Flow::Through }
    }

    fn reset(&mut self) {}

    fn save(&self, _: &mut StateWriter) {}

    fn load(&mut self, _: &mut StateReader<'_>) -> Result<(), StateError> {
        Ok(())
    }
}

/// An effect with common parameters that matter.
struct Framed {
    inner: Box<dyn Processor>,
    /// Where the common parameters' slots begin.
    slot: usize,
    ins: usize,
    outs: usize,
    ring: DelayRing,
    /// The input, late by the effect's latency.
    dry: Option<Block>,
    /// The one channel the effect works on, and what more it makes of it.
    part: Option<(Part, Block)>,
    /// Mix and on (0..1) and output (a factor), frame by frame, while one of them moves.
    moving: Block,
}

impl Processor for Framed {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let frames = io.frames();
        let part_in = self.part.as_mut().map(|(part, block)| (*part, block.channel_mut(0)));
        if let Some((part, mono)) = part_in {
            part.take(&io.audio, &mut mono[..frames]);
        }
        let mut dry_silent = true;
        if let Some(dry) = &mut self.dry {
            let mut dry = dry.planes(self.ins, frames);
            dry.copy_from(&io.audio.as_ref());
            self.ring.process(&mut dry);
            dry_silent = dry.is_silent() && self.ring.at_rest();
        }
        let (at, keys, params) = (io.at, io.keys, io.params);
        let flow = match (&mut self.part, &self.dry) {
            (Some((part, block)), Some(dry)) => {
                let channels = block.channels();
                let audio = block.planes(channels, frames);
                let flow = self.inner.process(&mut Io { at, audio, keys, params });
                fold(block, frames);
                part.put(&block.channel(0)[..frames], dry, &mut io.audio);
                // what went through did so in the part only
                if flow == Flow::Silent { Flow::Silent } else { Flow::Written }
            }
            _ => self.inner.process(&mut Io { at, audio: io.audio.reborrow(), keys, params }),
        };
        let [mix, on, output] = [MIX, ON, OUTPUT].map(|which| params.get(self.slot + which));
        if flow == Flow::Silent && dry_silent {
            io.audio.first(self.outs).fill(0.0);
            return Flow::Silent;
        }
        if flow == Flow::Through && matches!(output, Value::Constant(0.0)) {
            return Flow::Through;
        }
        self.blend(&mut io.audio, frames, mix, on, output);
        Flow::Written
    }

    fn reduction(&self) -> f64 {
        self.inner.reduction()
    }

    fn reset(&mut self) {
        self.inner.reset();
        self.ring.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        self.inner.save(into);
        self.ring.save(into);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.inner.load(from)?;
        self.ring.load(from)
    }
}

impl Framed {
    /// From the processed sound in `audio` and the dry one to the result.
    fn blend(&mut self, audio: &mut Planes<'_>, frames: usize, mix: Value<'_>, on: Value<'_>, output: Value<'_>) {
        if !mix.moves() && !on.moves() && !output.moves() {
            let (mix, gain) = (mix.at(0) * 0.01, math::from_db(output.at(0)));
            for channel in 0..self.outs {
                let wet = audio.channel_mut(channel);
                match &self.dry {
                    Some(dry) if mix != 1.0 => match source(dry, self.ins, channel, frames) {
                        Some(dry) => wet.iter_mut().zip(dry).for_each(|(w, d)| *w = (d + (*w - d) * mix) * gain),
                        None => wet.iter_mut().for_each(|w| *w = *w * mix * gain),
                    },
                    _ => wet.iter_mut().for_each(|w| *w *= gain),
                }
            }
            return;
        }
        let write = |to: &mut [f64], value: Value<'_>, f: fn(f64) -> f64| match value {
            Value::Constant(x) => to.fill(f(x)),
            Value::PerFrame { frames, .. } => to.iter_mut().zip(frames).for_each(|(to, x)| *to = f(*x)),
        };
        write(&mut self.moving.channel_mut(MIX)[..frames], mix, |x| x * 0.01);
        write(&mut self.moving.channel_mut(1)[..frames], on, |x| x);
        write(&mut self.moving.channel_mut(2)[..frames], output, math::from_db);
        let [mix, on, gain] = [0, 1, 2].map(|c| &self.moving.channel(c)[..frames]);
        for channel in 0..self.outs {
            let wet = audio.channel_mut(channel);
            let dry = self.dry.as_ref().and_then(|dry| source(dry, self.ins, channel, frames));
            for i in 0..frames {
                let (w, d) = (wet[i], dry.map_or(0.0, |dry| dry[i]));
                let mixed = if mix[i] == 1.0 { w } else { d + (w - d) * mix[i] };
                let p = mixed * gain[i];
                wet[i] = if on[i] == 1.0 { p } else { d + (p - d) * on[i] };
            }
        }
    }
}

/// The dry sound of an output channel: a mono one is spread to all, of a wider one each channel is its own and new ones have none.
fn source(dry: &Block, ins: usize, channel: usize, frames: usize) -> Option<&[f64]> {
    let channel = if ins == 1 { 0 } else { channel };
    (channel < ins).then(|| &dry.channel(channel)[..frames])
}

/// The mean of all channels into the first: an effect that makes more of the one channel it is given has no room for them.
pub(super) fn fold(block: &mut Block, frames: usize) {
    let channels = block.channels();
    if channels == 1 {
        return;
    }
    let mut planes = block.planes(channels, frames);
    for channel in 1..channels {
        let (sum, more) = planes.pair_mut(0, channel);
        sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += *x);
    }
    let scale = 1.0 / channels as f64;
    planes.channel_mut(0).iter_mut().for_each(|x| *x *= scale);
}

impl Part {
    /// The part of `audio` that is processed.
    fn take(self, audio: &Planes<'_>, mono: &mut [f64]) {
        let (left, right) = (audio.channel(0), audio.channel(1));
        match self {
            Part::Left => mono.copy_from_slice(left),
            Part::Right => mono.copy_from_slice(right),
            Part::Mid | Part::Side => {
                for i in 0..mono.len() {
                    let (middle, side) = mid_side::encode(left[i], right[i]);
                    mono[i] = if self == Part::Mid { middle } else { side };
                }
            }
        }
    }

    /// The processed part together with the other one, aligned.
    fn put(self, mono: &[f64], dry: &Block, audio: &mut Planes<'_>) {
        let (l, r) = (dry.channel(0), dry.channel(1));
        let (left, right) = audio.pair_mut(0, 1);
        for i in 0..mono.len() {
            (left[i], right[i]) = match self {
                Part::Left => (mono[i], r[i]),
                Part::Right => (l[i], mono[i]),
                Part::Mid => mid_side::decode(l[i], r[i], mono[i], mid_side::encode(l[i], r[i]).1),
                Part::Side => mid_side::decode(l[i], r[i], mid_side::encode(l[i], r[i]).0, mono[i]),
            };
        }
    }
}

#[cfg(test)]
mod tests;
