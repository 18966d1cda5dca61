//! Runs an effect as the engine would: block by block, slots evaluated at the song time where they act.

use mixdown::audio::{Block, Planes, PlanesRef, StateReader, StateWriter};
use mixdown::dsp::{Arg, Args, Flow, GRID, Io, Kind, Processor, Value, Values, catalogue};

use super::allocations::allocations;
use super::cases::{BLOCK, Case, moving_value};

/// A slot: a value that stands still, or the kind of the parameter that moves.
enum Slot {
    Still(f64),
    Moves(&'static Kind),
}

pub(crate) struct Runner<'a> {
    case: &'a Case,
    pub(crate) processor: Box<dyn Processor>,
    slots: Vec<Slot>,
    delays: Vec<i64>,
    /// Slots × frames, evaluated before each block.
    values: Vec<Vec<f64>>,
    keys: usize,
    /// Song time of the next frame.
    pub(crate) at: i64,
    /// How often processing allocated.
    pub(crate) allocated: usize,
}

fn slots(args: &Args, into: &mut Vec<Slot>) {
    for (index, (param, value)) in args.of.all_params().zip(&args.values).enumerate() {
        into.push(match value {
            _ if args.moves(index) => Slot::Moves(&param.kind),
            Arg::Number(x) => Slot::Still(*x),
            Arg::Switch(on) => Slot::Still(f64::from(u8::from(*on))),
            _ => Slot::Still(0.0),
        });
    }
    args.children().for_each(|child| slots(child, into));
}

impl<'a> Runner<'a> {
    pub(crate) fn new(case: &'a Case) -> Runner<'a> {
        let mut all = Vec::new();
        slots(&case.args, &mut all);
        let delays =
            catalogue::delays(&case.args, &case.setup).unwrap_or_else(|e| panic!("{}: {}", case.what, e.message));
        assert_eq!(delays.len(), case.args.slots(), "{}: one delay per slot", case.what);
        let processor = catalogue::build(&case.args, &case.setup)
            .unwrap_or_else(|e| panic!("{} has a shape but is refused when built: {}", case.what, e.message));
        Runner {
            case,
            processor,
            values: vec![vec![0.0; BLOCK]; all.len()],
            slots: all,
            delays: delays.iter().map(|delay| delay.get()).collect(),
            keys: case.args.keys(),
            at: START,
            allocated: 0,
        }
    }

    /// One block, in place.
    fn block(&mut self, audio: Planes<'_>, key: PlanesRef<'_>) -> Flow {
        let frames = audio.frames();
        let rate = self.case.setup.rate.hz();
        let mut values = Vec::with_capacity(self.slots.len());
        for (index, ((slot, out), delay)) in self.slots.iter().zip(&mut self.values).zip(&self.delays).enumerate() {
            values.push(match slot {
                Slot::Still(x) => Value::Constant(*x),
                Slot::Moves(kind) => {
                    let at = self.at - delay;
                    for (i, out) in out[..frames].iter_mut().enumerate() {
                        *out = moving_value(kind, rate, index, at + i as i64);
                    }
                    let cell = moving_value(kind, rate, index, at - at.rem_euclid(GRID));
                    Value::PerFrame { frames: &out[..frames], cell }
                }
            });
        }
        let keys = vec![key; self.keys];
        let mut io = Io { at: self.at, audio, keys: &keys, params: Values::new(&values) };
        let before = allocations();
        let flow = self.processor.process(&mut io);
        self.allocated += allocations() - before;
        self.at += frames as i64;
        flow
    }

    /// Processes `sound`, in blocks of `size` frames. The result has the output's channels; each block's flow is told as (frames, flow).
    pub(crate) fn run(&mut self, sound: &[Vec<f64>], size: usize) -> (Vec<Vec<f64>>, Vec<(usize, Flow)>) {
        let (ins, outs) = (self.case.setup.layout.channels(), self.case.shape.out.channels());
        let frames = sound[0].len();
        let wide = ins.max(outs);
        let (mut block, mut key) = (Block::new(wide, BLOCK), Block::new(1, BLOCK));
        let mut result = vec![Vec::with_capacity(frames); outs];
        let mut flows = Vec::new();
        for from in (0..frames).step_by(size) {
            let to = (from + size).min(frames);
            let n = to - from;
            for channel in 0..wide {
                match sound.get(channel).filter(|_| channel < ins) {
                    Some(plane) => block.channel_mut(channel)[..n].copy_from_slice(&plane[from..to]),
                    // what lies in the planes that only the output has is not to matter
                    None => block.channel_mut(channel)[..n].fill(f64::NAN),
                }
            }
            key.channel_mut(0)[..n].iter_mut().enumerate().for_each(|(i, x)| *x = key_at(self.at + i as i64));
            let flow = self.block(block.planes(wide, n), key.planes_ref(1, n));
            flows.push((n, flow));
            for (channel, result) in result.iter_mut().enumerate() {
                let out = &block.channel(channel)[..n];
                match flow {
                    Flow::Silent => assert!(out.iter().all(|x| *x == 0.0), "{}: Silent is zero", self.case.what),
                    Flow::Through => {
                        let input = sound.get(channel).map(|plane| &plane[from..to]);
                        assert_eq!(Some(out), input, "{}: Through is the input", self.case.what);
                    }
                    Flow::Written => {}
                }
                // the sign of a zero is no sound
                result.extend(out.iter().map(|x| x + 0.0));
            }
        }
        (result, flows)
    }

    pub(crate) fn state(&self) -> Vec<u8> {
        let mut writer = StateWriter::new();
        self.processor.save(&mut writer);
        writer.into_bytes()
    }

    pub(crate) fn load(&mut self, state: &[u8]) {
        let mut reader = StateReader::new(state);
        self.processor.load(&mut reader).unwrap_or_else(|e| panic!("{}: {e}", self.case.what));
        reader.end().unwrap_or_else(|_| panic!("{}: it reads back all that it saved", self.case.what));
    }
}

/// Where the song begins in these laws: before its time 0 and inside of a grid cell.
pub(crate) const START: i64 = -1003;

/// The key: bursts at a steady rhythm, over soon after the sound of most laws.
fn key_at(frame: i64) -> f64 {
    let bursts = frame < START + 2500 && frame.rem_euclid(1500) < 500;
    if bursts { mixdown::audio::rng::Seed::of("key").bipolar(frame) } else { 0.0 }
}
