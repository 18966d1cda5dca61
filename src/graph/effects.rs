//! A session's effects become arguments: plain numbers, and drivers for what moves.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::curve::Driver;
use crate::dsp::{Arg, Args, Kind, Number, Param, catalogue};
use crate::session::{Effect, Signal, Tap, Timeline, Value};
use crate::units::{Rate, Unit};

use super::curves::{self, Target};

/// An effect with what moves it.
pub(super) struct Lowered {
    pub(super) args: Args,
    /// (slot, driver, the tap it follows).
    pub(super) moves: Vec<(usize, Driver, Option<Tap>)>,
    /// Taps of the connected keys: own first, then the children's, depth first.
    pub(super) keys: Vec<Tap>,
}

/// `None` after an error that was reported.
pub(super) fn lower(effect: &Effect, rate: Rate, timeline: &Timeline, found: &mut Diagnostics) -> Option<Lowered> {
    let declaration = catalogue::declaration(&effect.name)?;
    let mut args = Args::defaults(declaration);
    let mut moves = Vec::new();
    let mut keys = Vec::new();
    let mut children: Vec<(usize, Vec<Lowered>)> = Vec::new();
    for (name, value, loc) in &effect.values {
        let Some(index) = declaration.index_of(name) else { continue };
        let Some(param) = declaration.all_params().nth(index) else { continue };
        let arg = match value {
            Value::Number(signal) => {
                let driver = match curves::lower(signal, &target(param), timeline) {
                    Ok(driver) => driver,
                    Err(all) => {
                        all.into_iter().for_each(|d| found.push(d));
                        continue;
                    }
                };
                // what moves rests where it begins
                let still = clamp(effect, param, driver.at(0), rate, loc.0, found);
                let still = within(param, still, loc.0, found);
                if driver.moves() {
                    moves.push((index, driver, followed(signal)));
                }
                match param.kind {
                    Kind::Switch { .. } => Arg::Switch(still >= 0.5),
                    _ => Arg::Number(still),
                }
            }
            Value::Word(word) => match &param.kind {
                Kind::Choice { options, .. } => Arg::Choice(options.iter().position(|o| o == word)?),
                Kind::Number(n) => Arg::Word(n.words.iter().position(|w| w == word)?),
                _ => continue,
            },
            Value::Switch(on) => Arg::Switch(*on),
            Value::Numbers(all) => {
                Arg::Numbers(all.iter().map(|x| clamp(effect, param, *x, rate, loc.0, found)).collect())
            }
            Value::Key(tap) => {
                keys.push((index, *tap));
                Arg::Key
            }
            Value::Effect(child) => {
                let child = lower(child, rate, timeline, found)?;
                let args = child.args.clone();
                children.push((index, vec![child]));
                Arg::Effect(Box::new(args))
            }
            Value::Effects(all) => {
                let all: Option<Vec<Lowered>> = all.iter().map(|e| lower(e, rate, timeline, found)).collect();
                let all = all?;
                let args = all.iter().map(|c| c.args.clone()).collect();
                children.push((index, all));
                Arg::Effects(args)
            }
        };
        args.values[index] = arg;
    }
    args.moving = moves.iter().map(|(slot, ..)| *slot).collect();
    args.moving.sort_unstable();
    // slots and keys go by the declared order, whatever the order of writing
    keys.sort_by_key(|(index, _)| *index);
    let mut keys: Vec<Tap> = keys.into_iter().map(|(_, tap)| tap).collect();
    children.sort_by_key(|(index, _)| *index);
    let mut slot = args.values.len();
    for child in children.into_iter().flat_map(|(_, all)| all) {
        let slots = child.args.slots();
        moves.extend(child.moves.into_iter().map(|(s, driver, tap)| (slot + s, driver, tap)));
        keys.extend(child.keys);
        slot += slots;
    }
    Some(Lowered { args, moves, keys })
}

/// The slot values of an effect that stands still.
pub fn constants(args: &Args, into: &mut Vec<f64>) {
    into.extend(args.values.iter().map(|value| match value {
        Arg::Number(x) => *x,
        Arg::Word(i) | Arg::Choice(i) => *i as f64,
        Arg::Switch(on) => f64::from(u8::from(*on)),
        // nothing reads these slots: their meaning is in the arguments
        Arg::Absent | Arg::Numbers(_) | Arg::Key | Arg::Effect(_) | Arg::Effects(_) => 0.0,
    }));
    args.children().for_each(|child| constants(child, into));
}

/// What a curve must become for a parameter.
fn target(param: &Param) -> Target {
    match &param.kind {
        Kind::Number(n) => Target::number(n.unit),
        Kind::Switch { .. } => Target::SWITCH,
        _ => Target::number(Unit::None),
    }
}

pub(super) fn followed(signal: &Signal) -> Option<Tap> {
    match signal {
        Signal::Follow(follow) => Some(follow.tap),
        _ => None,
    }
}

/// A frequency above what the rate holds is brought down, and said.
fn clamp(effect: &Effect, param: &Param, x: f64, rate: Rate, at: crate::diag::Span, found: &mut Diagnostics) -> f64 {
    let bounded = match &param.kind {
        Kind::Number(Number { nyquist, .. }) => *nyquist,
        Kind::Numbers { unit, .. } => *unit == Unit::Hz,
        _ => false,
    };
    let most = 0.49 * rate.hz();
    if !bounded || x <= most {
        return x;
    }
    found.push(
        Diagnostic::warning(
            Code::CLAMPED,
            format!("`{}` of `{}` is above what {rate} can hold: {most:.0} Hz is used", param.name, effect.name),
        )
        .label(at, format!("{x} Hz"))
        .help(format!("write `{most:.0}Hz`, or less; a session at a higher rate holds more: `song(rate: 96kHz)`")),
    );
    most
}

/// A musical duration is known only now: it must lie in the parameter's range too.
fn within(param: &Param, x: f64, at: crate::diag::Span, found: &mut Diagnostics) -> f64 {
    let Kind::Number(n) = &param.kind else { return x };
    let most = if n.nyquist { f64::INFINITY } else { n.max };
    if x >= n.min && x <= most {
        return x;
    }
    let unit = n.unit.symbol();
    found.push(
        Diagnostic::error(Code::OUT_OF_RANGE, format!("`{}` is out of range", param.name))
            .label(at, format!("this is {x:.4}{unit}"))
            .help(format!("it goes from {}{unit} to {}{unit}", n.min, n.max)),
    );
    x.clamp(n.min, most)
}
