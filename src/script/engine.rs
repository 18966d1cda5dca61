//! The engine: Rhai with the words of the language.

use std::any::TypeId;
use std::collections::BTreeSet;

use rhai::{Dynamic, Engine, Module, NativeCallContext};

use super::bind::{Cx, Parameter, Signature, bind};
use super::sandbox::Guard;
use super::state::{Out, Shared};
use super::sugar::Sugar;
use super::values::{self, Poison, StripValue, TapValue, VcaValue};
use super::{
    calls, curves, deliver, effects, numbers, ops, params, readings, song, sources, strips, targets, time, versions,
};
use crate::dsp::{Declaration, Kind};
use crate::session::StripId;

/// As many arguments as Rhai finds by itself.
pub(super) const MOST_ARGUMENTS: usize = 16;

/// Every function and method of the language that is no effect, by what they are about.
pub(super) const FAMILIES: [(&str, &[Signature]); 10] = [
    ("the song", song::SIGNATURES),
    ("sources", sources::SIGNATURES),
    ("strips", strips::SIGNATURES),
    ("time", time::SIGNATURES),
    ("curves", curves::SIGNATURES),
    ("deliveries", deliver::SIGNATURES),
    ("targets", targets::SIGNATURES),
    ("readings", readings::SIGNATURES),
    ("parameters", params::SIGNATURES),
    ("versions", versions::SIGNATURES),
];

/// The names that are there from the start.
pub(super) const NAMES: [Parameter; 3] = [
    ("mix", "the bus of all that is routed nowhere else; it goes to `master`"),
    ("master", "the mastering chain, fed by `mix`"),
    ("off", "silence as a level, nowhere as a route"),
];

pub(super) fn signatures() -> impl Iterator<Item = &'static Signature> {
    FAMILIES.iter().flat_map(|(_, all)| all.iter())
}

pub(super) fn build(
    shared: &Shared,
    sugar: &Sugar,
    guard: &Guard,
    catalogue: &'static [&'static Declaration],
) -> Engine {
    let mut engine = Engine::new();
    guard.register(&mut engine);
    calls::register(&mut engine, shared);
    sugar.register(&mut engine);
    ops::register(&mut engine, shared);
    readings::register(&mut engine, shared);
    for declaration in catalogue {
        let method = signatures().find(|s| s.method && s.name == declaration.name);
        register(&mut engine, shared, declaration.name, Some(declaration), method);
    }
    for signature in signatures() {
        if !catalogue.iter().any(|d| d.name == signature.name) {
            register(&mut engine, shared, signature.name, None, Some(signature));
        }
    }
    let mut words = Module::new();
    let values = [Dynamic::from(StripValue(StripId(0))), Dynamic::from(StripValue(StripId(1))), numbers::off()];
    for ((name, _), value) in NAMES.into_iter().zip(values) {
        words.set_var(name, value);
    }
    engine.register_global_module(words.into());
    engine
}

/// One name for any number of arguments: an effect, a function or method, or (like `delay`) both.
fn register(
    engine: &mut Engine,
    shared: &Shared,
    name: &'static str,
    effect: Option<&'static Declaration>,
    signature: Option<&'static Signature>,
) {
    let most = |params: usize, variadic: bool| if variadic { MOST_ARGUMENTS } else { (params + 3).min(MOST_ARGUMENTS) };
    let by_effect = effect.map_or(0, |d| {
        let list = d.params.iter().any(|p| matches!(p.kind, Kind::Effects));
        most(d.params.len() + crate::dsp::COMMON.len(), list)
    });
    let by_signature = signature.map_or(0, |s| most(s.params.len(), s.rest.is_some()));
    for count in 0..=by_effect.max(by_signature) {
        let shared = shared.clone();
        let types = vec![TypeId::of::<Dynamic>(); count];
        engine.register_raw_fn(name, types, move |cx: NativeCallContext<'_>, arguments: &mut [&mut Dynamic]| -> Out {
            call(&shared, &cx, name, effect, signature, arguments)
        });
    }
}

fn call(
    shared: &Shared,
    cx: &NativeCallContext<'_>,
    name: &'static str,
    effect: Option<&'static Declaration>,
    signature: Option<&'static Signature>,
    arguments: &mut [&mut Dynamic],
) -> Out {
    let mut state = shared.enter(cx);
    let on_strip = arguments.first().is_some_and(|a| a.is::<StripValue>() || a.is::<TapValue>() || a.is::<VcaValue>());
    let poisoned = arguments.first().is_some_and(|a| a.is::<Poison>());
    let as_method = signature.is_some_and(|s| s.method) && (effect.is_none() || on_strip || poisoned);
    if let (Some(declaration), false) = (effect, as_method) {
        if on_strip {
            // said statically: an effect is not called on a strip
            return Ok(arguments[0].clone());
        }
        let (at, given) = state.given(cx, arguments);
        return effects::effect(&mut state, declaration, at, given);
    }
    let Some(signature) = signature else { return state.poison() };
    if signature.method && poisoned {
        return state.poison();
    }
    let (this, rest) = match arguments.split_first_mut() {
        Some((this, rest)) if signature.method => {
            let this = this.clone().flatten();
            let within = values::get::<values::Pair>(&this).map(|pair| pair.value);
            (within.unwrap_or(this), rest)
        }
        _ if signature.method => (Dynamic::UNIT, arguments),
        _ => (Dynamic::UNIT, arguments),
    };
    let (at, given) = state.given(cx, rest);
    let names: Vec<&'static str> = signature.params.iter().map(|p| p.0).collect();
    let bound = bind(&mut state, name, &names, signature.positional, signature.rest.is_some(), given);
    (signature.run)(&mut Cx { state: &mut state, of: name, at, this }, bound)
}

/// Lets a name that is no function be called all the same: it has been reported, and the rest of the script is worth reading.
pub(super) fn stand_in(engine: &mut Engine, name: &str, arguments: usize, method: bool) {
    let types = vec![TypeId::of::<Dynamic>(); arguments];
    // calls go on from the strip; a reading gives no strip to go on from
    let chains = method && !readings::meant(name);
    engine.register_raw_fn(name, types, move |_: NativeCallContext<'_>, arguments: &mut [&mut Dynamic]| -> Out {
        match arguments.first() {
            Some(this) if chains => Ok((**this).clone()),
            _ => Ok(Dynamic::from(Poison)),
        }
    });
}

/// Unknown variables, likewise; those of `modules` are texts.
pub(super) fn stand_in_variables(engine: &mut Engine, names: &BTreeSet<String>, modules: &BTreeSet<String>) {
    let mut module = Module::new();
    for name in names {
        let value = if modules.contains(name) { Dynamic::from(name.clone()) } else { Dynamic::from(Poison) };
        module.set_var(name.as_str(), value);
    }
    engine.register_global_module(module.into());
}
