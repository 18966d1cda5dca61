use crate::audio::{Layout, StateError, StateReader, StateWriter, math};
use crate::dsp::parts::mid_side;
use crate::dsp::{Args, Category, Declaration, Effect, Flow, Io, Param, Processor, Refused, Setup, Shape, Tail};
use crate::units::Unit;

/// How wide a stereo sound is: the side times `amount`, and none of it below `mono_below`.
///
/// The side passes a Butterworth high-pass of the fourth order, |H|² = 1 / (1 + (fc/f)^8): -3 dB at `mono_below`, -48.2 dB two octaves below.
/// The middle is not touched, so that the mono sum stays what it was; the side's phase turns against it around the corner, which is the price.
pub(crate) struct Width;

const AMOUNT: usize = 0;
const MONO_BELOW: usize = 1;

static DECLARATION: Declaration = Declaration {
    name: "width",
    category: Category::Image,
    help: "Makes a stereo sound narrower or wider and leaves the middle untouched",
    version: 1,
    params: &[
        Param::number("amount", Unit::Percent, 0.0, 200.0, 100.0, "How loud the side is: 0 % is mono").curve(),
        Param::number(
            "mono_below",
            Unit::Hz,
            0.0,
            1000.0,
            0.0,
            "Below this frequency there is no side; 0 Hz keeps all",
        ),
    ],
};

impl Effect for Width {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        if setup.layout != Layout::STEREO {
            return Err(Refused::new("`width` needs a stereo sound: there is no side in a mono one")
                .help("leave `width` out, or put it on a stereo strip or bus"));
        }
        let tail = if mono_below(args) > 0.0 { Tail::Rings } else { Tail::None };
        Ok(Shape { tail, ..Shape::plain(setup) })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        self.shape(args, setup)?;
        let frequency = mono_below(args);
        // the two pole pairs' q of the fourth order: 1 / (2 cos(π/8)), 1 / (2 cos(3π/8))
        let high_pass = |q| HighPass::new(frequency, q, setup.rate.hz());
        let filters = (frequency > 0.0).then(|| [high_pass(0.541_196_100_146_197), high_pass(1.306_562_964_876_376_5)]);
        Ok(Box::new(Side { filters }))
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION))
    }
}

fn mono_below(args: &Args) -> f64 {
    args.number(MONO_BELOW).unwrap_or(0.0)
}

/// A state-variable high-pass of the second order (Simper, "Linear trapezoidal integrated state variable filter", Cytomic 2013).
struct HighPass {
    k: f64,
    a1: f64,
    a2: f64,
    a3: f64,
    ic1: f64,
    ic2: f64,
}

impl HighPass {
    fn new(frequency: f64, q: f64, rate: f64) -> HighPass {
        let g = math::tan(std::f64::consts::PI * frequency / rate);
        let k = 1.0 / q;
        let a1 = 1.0 / (1.0 + g * (g + k));
        HighPass { k, a1, a2: g * a1, a3: g * g * a1, ic1: 0.0, ic2: 0.0 }
    }

    #[inline(always)]
    fn next(&mut self, x: f64) -> f64 {
        let v3 = x - self.ic2;
        let v1 = self.a1 * self.ic1 + self.a2 * v3;
        let v2 = self.ic2 + self.a2 * self.ic1 + self.a3 * v3;
        self.ic1 = 2.0 * v1 - self.ic1;
        self.ic2 = 2.0 * v2 - self.ic2;
        x - self.k * v1 - v2
    }

    fn flush(&mut self) {
        self.ic1 = math::flush(self.ic1);
        self.ic2 = math::flush(self.ic2);
    }

    fn at_rest(&self) -> bool {
        self.ic1 == 0.0 && self.ic2 == 0.0
    }
}

struct Side {
    filters: Option<[HighPass; 2]>,
}

impl Processor for Side {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let amount = io.params.get(AMOUNT);
        let at_rest = self.filters.iter().flatten().all(HighPass::at_rest);
        if at_rest && io.audio.is_silent() {
            return Flow::Silent;
        }
        if self.filters.is_none() && !amount.moves() && amount.at(0) == 100.0 {
            return Flow::Through;
        }
        let cells = io.grid();
        let at = io.at;
        let (left, right) = io.audio.pair_mut(0, 1);
        for (from, to) in cells {
            for i in from..to {
                let (middle, mut side) = mid_side::encode(left[i], right[i]);
                if let Some([first, second]) = &mut self.filters {
                    side = second.next(first.next(side));
                }
                side *= amount.at(i) * 0.01;
                (left[i], right[i]) = mid_side::decode(left[i], right[i], middle, side);
            }
            if (at + to as i64) % crate::dsp::GRID == 0 {
                self.filters.iter_mut().flatten().for_each(HighPass::flush);
            }
        }
        Flow::Written
    }

    fn reset(&mut self) {
        for filter in self.filters.iter_mut().flatten() {
            (filter.ic1, filter.ic2) = (0.0, 0.0);
        }
    }

    fn save(&self, into: &mut StateWriter) {
        for filter in self.filters.iter().flatten() {
            into.f64(filter.ic1);
            into.f64(filter.ic2);
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        for filter in self.filters.iter_mut().flatten() {
            filter.ic1 = from.f64()?;
            filter.ic2 = from.f64()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};
    use crate::dsp::{Arg, Value, Values, catalogue};
    use crate::units::Rate;

    const SETUP: Setup = Setup { rate: Rate::STUDIO, layout: Layout::STEREO, block: 48_000, seed: Seed::new(1) };

    fn run(args: &Args, left: &[f64], right: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut processor = catalogue::build(args, &SETUP).expect("it can be built");
        let mut block = Block::new(2, left.len());
        block.channel_mut(0).copy_from_slice(left);
        block.channel_mut(1).copy_from_slice(right);
        let slots: Vec<Value> = (0..2).map(|i| Value::Constant(args.number(i).unwrap_or(0.0))).collect();
        let audio = block.planes(2, left.len());
        processor.process(&mut Io { at: 0, audio, keys: &[], params: Values::new(&slots) });
        (block.channel(0).to_vec(), block.channel(1).to_vec())
    }

    fn sine(hz: f64) -> Vec<f64> {
        (0..48_000).map(|i| math::sin(std::f64::consts::TAU * hz * f64::from(i) / 48_000.0)).collect()
    }

    #[test]
    fn the_side_follows_the_amount_and_the_middle_stays() {
        let (l, r) = (sine(500.0), sine(777.0));
        for amount in [0.0, 50.0, 100.0, 200.0] {
            let args = Args::defaults(&DECLARATION).with("amount", Arg::Number(amount));
            let (wl, wr) = run(&args, &l, &r);
            for i in 0..l.len() {
                assert!((wl[i] + wr[i] - l[i] - r[i]).abs() < 1e-15);
                assert!((wl[i] - wr[i] - (l[i] - r[i]) * amount / 100.0).abs() < 1e-14);
                assert!(amount != 100.0 || (wl[i], wr[i]) == (l[i], r[i]));
                assert!(amount != 0.0 || wl[i] == wr[i]);
            }
        }
    }

    #[test]
    fn the_side_below_is_gone_and_the_middle_stays() {
        let args = Args::defaults(&DECLARATION).with("mono_below", Arg::Number(160.0));
        let level = |hz: f64| {
            let l = sine(hz);
            let r: Vec<f64> = l.iter().map(|x| -x).collect();
            let (wl, wr) = run(&args, &l, &r);
            let side = |i: usize| (wl[i] - wr[i]) * 0.5;
            let power: f64 = (24_000..48_000).map(|i| side(i) * side(i)).sum::<f64>() / 24_000.0;
            10.0 * math::log10(power * 2.0)
        };
        // |H|² = 1 / (1 + (fc/f)^8); the bilinear transform bends it by little down here
        for hz in [40.0, 80.0, 160.0, 640.0_f64] {
            let ratio = 160.0 / hz;
            let expected = -10.0 * math::log10(1.0 + math::pow(ratio, 8.0));
            assert!((level(hz) - expected).abs() < 0.02, "{hz} Hz: {} dB, not {expected}", level(hz));
        }
        assert!(level(40.0) < -40.0);
        let (l, r) = (sine(50.0), sine(70.0));
        let (wl, wr) = run(&args, &l, &r);
        assert!((0..l.len()).all(|i| (wl[i] + wr[i] - l[i] - r[i]).abs() < 1e-14));
    }
}
