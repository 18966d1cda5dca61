//! What the laws try of an effect: arguments derived from its declaration alone.

use std::sync::OnceLock;

use mixdown::audio::{Layout, math, rng::Seed};
use mixdown::dsp::catalogue::{self, CATALOGUE};
use mixdown::dsp::{Arg, Args, Declaration, Kind, Number, Setup, Shape};
use mixdown::units::Rate;

/// No block is longer.
pub(crate) const BLOCK: usize = 4096;

/// An effect with arguments, in a place where it can be built.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) args: Args,
    pub(crate) setup: Setup,
    pub(crate) shape: Shape,
    /// One parameter is not as it usually is.
    pub(crate) variant: bool,
}

pub(crate) fn setup(rate: u32, layout: Layout, block: usize) -> Setup {
    Setup { rate: Rate::new(rate).expect("a rate"), layout, block, seed: Seed::of("laws") }
}

impl Case {
    /// `None` when the effect refuses it.
    pub(crate) fn new(what: String, args: Args, setup: Setup) -> Option<Case> {
        let shape = catalogue::shape(&args, &setup).ok()?;
        let channels = setup.layout.channels();
        let what = format!("{}({what}) at {}, {channels} channels", args.of.name, setup.rate);
        Some(Case { what, args, setup, shape, variant: false })
    }
}

fn most(number: &Number, rate: f64) -> f64 {
    if number.nyquist { number.max.min(0.49 * rate) } else { number.max }
}

/// Between the ends, by ratio where both are positive and far apart.
fn middle(number: &Number, rate: f64) -> f64 {
    let (low, high) = (number.min.max(-60.0), most(number, rate));
    match number.steps {
        [] if low > 0.0 && high / low > 10.0 => (low * high).sqrt(),
        [] => 0.5 * (low + high),
        steps => steps[steps.len() / 2],
    }
}

/// A child that any effect of effects can have: a chain of none, 6 dB down.
pub(crate) fn plain_child() -> Args {
    let chain = catalogue::declaration("chain").expect("the chain");
    Args::defaults(chain).with("output", Arg::Number(-6.0))
}

/// An effect that is late and stands alone in mono and in stereo, when the catalogue has one: an effect of effects must align it.
pub(crate) fn late_child() -> Option<Args> {
    static LATE: OnceLock<Option<Args>> = OnceLock::new();
    let late = |args: &Args| {
        [Layout::MONO, Layout::STEREO].iter().all(|layout| {
            catalogue::shape(args, &setup(48_000, *layout, BLOCK))
                .is_ok_and(|shape| shape.latency.get() > 0 && shape.out == *layout)
        })
    };
    let all = || simple().flat_map(|args| variants(&args, 48_000.0).into_iter().map(|(_, args)| args).chain([args]));
    LATE.get_or_init(|| all().find(late)).clone()
}

/// Every effect without children, at its defaults.
fn simple() -> impl Iterator<Item = Args> {
    CATALOGUE.iter().map(|effect| effect.declaration()).filter(|of| !container(of)).map(defaults)
}

pub(crate) fn container(of: &Declaration) -> bool {
    of.params.iter().any(|param| matches!(param.kind, Kind::Effect | Kind::Effects))
}

fn accepted(args: &Args) -> bool {
    [Layout::STEREO, Layout::MONO].iter().any(|layout| catalogue::shape(args, &setup(48_000, *layout, BLOCK)).is_ok())
}

/// The defaults; where those are refused because a number must be given, with every number given.
fn defaults(of: &'static Declaration) -> Args {
    let mut args = Args::defaults(of);
    if !accepted(&args) {
        for (index, param) in of.params.iter().enumerate() {
            if let (Kind::Number(n), Arg::Absent) = (&param.kind, &args.values[index]) {
                args.values[index] = Arg::Number(middle(n, 48_000.0));
            }
        }
    }
    args
}

/// The defaults, and with children given: late ones first, in the first arrangement that is not refused.
fn bases(of: &'static Declaration) -> Vec<(&'static str, Args)> {
    let plain = defaults(of);
    let mut all = vec![("", plain.clone())];
    if !container(of) {
        return all;
    }
    let children: Vec<Args> = late_child().into_iter().chain([plain_child()]).chain(simple()).collect();
    // as many in a list of children, with or without single ones
    let arrangements = [(true, 2), (true, 0), (false, 2), (false, 3), (false, 1)];
    let full = children.iter().flat_map(|child| arrangements.map(|(single, list)| (child, single, list))).map(
        |(child, single, list)| {
            let mut args = plain.clone();
            for (index, param) in of.params.iter().enumerate() {
                match param.kind {
                    Kind::Effect if single => args.values[index] = Arg::Effect(Box::new(child.clone())),
                    Kind::Effects => {
                        let second = if accepted_pair(of, index, child) { plain_child() } else { child.clone() };
                        let all = [child.clone(), second, child.clone()];
                        args.values[index] = Arg::Effects(all[..list].to_vec());
                    }
                    _ => {}
                }
            }
            args
        },
    );
    all.extend(full.filter(|args| args.children().next().is_some()).find(accepted).map(|args| ("with children", args)));
    all
}

/// Whether a list of children takes a late one beside a plain one: then the one must wait for the other.
fn accepted_pair(of: &'static Declaration, index: usize, child: &Args) -> bool {
    let mut args = Args::defaults(of);
    args.values[index] = Arg::Effects(vec![child.clone(), plain_child()]);
    accepted(&args)
}

/// Everything that one parameter alone can be besides what it is.
fn variants(base: &Args, rate: f64) -> Vec<(String, Args)> {
    let mut all = Vec::new();
    let own = base.of.params.len();
    for (index, param) in base.of.all_params().enumerate() {
        let mut add = |value: Arg| {
            let mut args = base.clone();
            let what = format!("{}: {value:?}", param.name);
            args.values[index] = value;
            all.push((what, args));
        };
        match &param.kind {
            Kind::Number(n) => {
                let values = [n.min, most(n, rate), middle(n, rate)];
                let values = if n.steps.is_empty() { values.to_vec() } else { n.steps.to_vec() };
                // the common ones are the same around every effect: one value of each is enough
                let values = if index < own { values } else { vec![middle(n, rate)] };
                values.into_iter().for_each(|value| add(Arg::Number(value)));
                (0..n.words.len()).for_each(|word| add(Arg::Word(word)));
            }
            Kind::Choice { options, .. } => (1..options.len()).for_each(|choice| add(Arg::Choice(choice))),
            Kind::Switch { default, .. } => add(Arg::Switch(!default)),
            Kind::Numbers { min, max, .. } => add(Arg::Numbers(vec![min + 0.3 * (max - min)])),
            Kind::Key => add(Arg::Key),
            _ => {}
        }
    }
    all
}

/// Every parameter that may move moves at once, the four common ones included.
fn moving(base: &Args, rate: f64) -> Args {
    let mut args = base.clone();
    for (index, param) in base.of.all_params().enumerate() {
        match &param.kind {
            Kind::Number(n) if n.curve => {
                if args.number(index).is_none() {
                    args.values[index] = Arg::Number(middle(n, rate));
                }
                args = args.with_moving(param.name);
            }
            Kind::Switch { curve: true, .. } => args = args.with_moving(param.name),
            _ => {}
        }
    }
    args
}

/// Every parameter of its children that may move does.
fn moving_children(base: &Args) -> Args {
    let mut args = base.clone();
    for value in &mut args.values {
        match value {
            Arg::Effect(child) => **child = moving(child, 48_000.0),
            Arg::Effects(children) => children.iter_mut().for_each(|child| *child = moving(child, 48_000.0)),
            _ => {}
        }
    }
    args
}

/// All cases of an effect: the bare, the full and the moving ones in stereo, mono and at other rates, and every variant of the fullest in the
/// widest layout that the effect takes.
pub(crate) fn cases(of: &'static Declaration) -> Vec<Case> {
    let mut all = Vec::new();
    let bases = bases(of);
    for (rate, layout) in
        [(48_000, Layout::STEREO), (48_000, Layout::MONO), (44_100, Layout::STEREO), (96_000, Layout::STEREO)]
    {
        let setup = setup(rate, layout, BLOCK);
        for (name, base) in &bases {
            all.extend(Case::new((*name).to_owned(), base.clone(), setup));
            if rate == 48_000 {
                all.extend(Case::new(format!("{name} moving"), moving(base, f64::from(rate)), setup));
            }
        }
    }
    let layout = if all.iter().any(|case| case.setup.layout == Layout::STEREO) { Layout::STEREO } else { Layout::MONO };
    let (name, base) = &bases[bases.len() - 1];
    for (what, args) in variants(base, 48_000.0) {
        // a choice of how children run has to be right for those that move, too
        let chooses = (0..of.params.len()).any(|i| args.choice(i) != base.choice(i));
        if container(of) && chooses {
            let args = moving_children(&args);
            let case = Case::new(format!("{name} {what} moving"), args, setup(48_000, layout, BLOCK));
            all.extend(case.map(|case| Case { variant: true, ..case }));
        }
        let case = Case::new(format!("{name} {what}"), args, setup(48_000, layout, BLOCK));
        all.extend(case.map(|case| Case { variant: true, ..case }));
    }
    assert!(!all.is_empty(), "{}: nothing that the laws try of it can be built", of.name);
    all
}

/// Of the whole catalogue.
pub(crate) fn everything() -> impl Iterator<Item = Case> {
    CATALOGUE.iter().flat_map(|effect| cases(effect.declaration()))
}

/// What parameter `slot` is at a frame of song time while it moves: slowly over its range, by a formula of the frame.
pub(crate) fn moving_value(kind: &Kind, rate: f64, slot: usize, frame: i64) -> f64 {
    let phase = frame as f64 / (1700.0 + 130.0 * slot as f64);
    let triangle = (2.0 * (phase - phase.floor()) - 1.0).abs();
    match kind {
        Kind::Number(n) => {
            let (low, high) = (n.min.max(-40.0), most(n, rate));
            if low > 0.0 && high / low > 10.0 {
                // halfway by ratio between a quarter and three quarters of the way
                math::pow(high / low, 0.25 + 0.5 * triangle) * low
            } else {
                low + (high - low) * triangle
            }
        }
        _ => (triangle * 3.0 - 1.0).clamp(0.0, 1.0),
    }
}
