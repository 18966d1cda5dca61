//! Running an effect alone, for the tests of effects.

use crate::audio::{Block, Layout, StateReader, StateWriter, rng::Seed};
use crate::dsp::{Arg, Args, Effect, Flow, Io, Kind, Processor, Setup, Value, Values};
use crate::units::Rate;

pub(super) fn setup(channels: usize) -> Setup {
    Setup { rate: Rate::STUDIO, layout: Layout::new(channels).unwrap(), block: 512, seed: Seed::new(7) }
}

/// What the engine gives for arguments that stand still.
pub(super) fn values(args: &Args) -> Vec<Value<'static>> {
    let slot = |arg: &Arg| match arg {
        Arg::Number(x) => *x,
        Arg::Switch(on) => f64::from(u8::from(*on)),
        _ => 0.0,
    };
    args.values.iter().map(|arg| Value::Constant(slot(arg))).collect()
}

/// A processor with its arguments at a moment of the song.
pub(super) struct Running {
    processor: Box<dyn Processor>,
    args: Args,
    channels: usize,
    at: i64,
    pub flow: Flow,
}

impl Running {
    pub(super) fn new(effect: &dyn Effect, args: &Args, setup: &Setup, at: i64) -> Running {
        assert!(args.of.params.iter().all(|p| !matches!(p.kind, Kind::Effect)));
        let channels = effect.shape(args, setup).unwrap().out.channels().max(setup.layout.channels());
        let processor = effect.build(args, setup).unwrap();
        Running { processor, args: args.clone(), channels, at, flow: Flow::Written }
    }

    /// Channels × frames in, channels × frames out, in blocks of `block`; channels that the input lacks are noise at first.
    pub(super) fn run(&mut self, input: &[Vec<f64>], block: usize) -> Vec<Vec<f64>> {
        let frames = input[0].len();
        let slots = values(&self.args);
        let mut out = vec![Vec::with_capacity(frames); self.channels];
        let mut planes = Block::new(self.channels, block);
        for from in (0..frames).step_by(block) {
            let n = block.min(frames - from);
            for c in 0..self.channels {
                let plane = &mut planes.channel_mut(c)[..n];
                match input.get(c) {
                    Some(x) => plane.copy_from_slice(&x[from..from + n]),
                    None => plane.fill(f64::NAN),
                }
            }
            let mut io =
                Io { at: self.at, audio: planes.planes(self.channels, n), keys: &[], params: Values::new(&slots) };
            self.flow = self.processor.process(&mut io);
            self.at += n as i64;
            for (c, all) in out.iter_mut().enumerate() {
                all.extend_from_slice(&planes.channel(c)[..n]);
            }
        }
        out
    }

    pub(super) fn save(&self) -> Vec<u8> {
        let mut writer = StateWriter::new();
        self.processor.save(&mut writer);
        writer.into_bytes()
    }

    pub(super) fn load(&mut self, bytes: &[u8]) {
        let mut reader = StateReader::new(bytes);
        self.processor.load(&mut reader).unwrap();
        reader.end().unwrap();
    }
}

pub(super) fn bits(planes: &[Vec<f64>]) -> Vec<Vec<u64>> {
    planes.iter().map(|plane| plane.iter().map(|x| x.to_bits()).collect()).collect()
}

/// The laws that every effect keeps: the same bits for every block, and from a saved state on as if uninterrupted.
pub(super) fn assert_lawful(effect: &dyn Effect, args: &Args, input: &[Vec<f64>]) {
    let setup = setup(input.len());
    let at = -77;
    let whole = bits(&Running::new(effect, args, &setup, at).run(input, 512));
    for block in [1, 7, 32, 64, 500] {
        let mut running = Running::new(effect, args, &setup, at);
        assert!(bits(&running.run(input, block)) == whole, "blocks of {block} sound different");
    }
    let cut = input[0].len() / 3 + 5;
    let part = |from: usize, to: usize| input.iter().map(|x| x[from..to].to_vec()).collect::<Vec<_>>();
    let mut first = Running::new(effect, args, &setup, at);
    let mut other = Running::new(effect, args, &setup, at);
    first.run(&part(0, cut), 500);
    other.run(&part(0, cut), 7);
    assert!(first.save() == other.save(), "the state depends on blocks");
    let mut second = Running::new(effect, args, &setup, at + cut as i64);
    second.load(&first.save());
    let rest = bits(&second.run(&part(cut, input[0].len()), 64));
    assert!(rest.iter().zip(&whole).all(|(a, b)| a[..] == b[cut..]), "a loaded state goes on differently");
}
