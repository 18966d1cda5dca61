//! The words of the language and what a script may use, for those who read about them: the manual is written from this.

use super::bind::{Parameter, Signature};
use super::engine::{FAMILIES, MOST_ARGUMENTS, NAMES};
use super::{ops, sandbox};

/// A word of the language that is no effect.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// What it is about.
    pub family: &'static str,
    pub name: &'static str,
    pub form: Form,
    /// One sentence, in audio words.
    pub help: &'static str,
    /// Name and meaning of each.
    pub params: &'static [(&'static str, &'static str)],
    /// How many of them may be given by position.
    pub positional: usize,
    /// What comes after those, as much of it as there is.
    pub rest: Option<(&'static str, &'static str)>,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `bus("plate")`
    Function,
    /// `vox.gain(-3dB)`
    Method,
    /// `mix`
    Name,
    /// `kick.source`
    Property,
}

/// Every word that is no effect: names, properties, then functions and methods in the order of the manual.
pub fn words() -> Vec<Word> {
    let plain = |family, form| {
        move |(name, help): Parameter| Word { family, name, form, help, params: &[], positional: 0, rest: None }
    };
    let names = NAMES.into_iter().map(plain("names", Form::Name));
    let properties = ops::PROPERTIES.into_iter().map(plain("properties", Form::Property));
    let calls = FAMILIES.into_iter().flat_map(|(family, all)| all.iter().map(move |s| word(family, s)));
    names.chain(properties).chain(calls).collect()
}

fn word(family: &'static str, of: &Signature) -> Word {
    let Signature { name, help, params, positional, rest, method, .. } = *of;
    Word { family, name, form: if method { Form::Method } else { Form::Function }, help, params, positional, rest }
}

/// A limit on what a script may use.
#[derive(Clone, Debug)]
pub struct Cap {
    pub what: &'static str,
    pub most: String,
}

/// The limits of the sandbox that a script may come to see.
pub fn caps() -> Vec<Cap> {
    let count = |what, most: usize| Cap { what, most: thousands(most) };
    let seconds = |what, most: std::time::Duration| Cap { what, most: format!("{} s", most.as_secs_f64()) };
    let kib = |what, most: usize| Cap { what, most: format!("{} KiB", most >> 10) };
    vec![
        count("steps of one evaluation", sandbox::OPERATIONS as usize),
        seconds("time of one evaluation", sandbox::DEADLINE),
        count("steps of a function of time, for each of its values", sandbox::OPERATIONS_PER_SAMPLE as usize),
        count("steps of all functions of time, over one second", sandbox::OPERATIONS_OF_TRIALS as usize),
        count("steps of all functions of time, over the whole song", sandbox::OPERATIONS_OF_FUNCTIONS as usize),
        seconds("time of a function of time, over the whole song", sandbox::SAMPLING),
        count("functions of time", sandbox::CLOSURES),
        Cap { what: "memory of one evaluation", most: format!("{} MiB", sandbox::MEMORY >> 20) },
        kib("a script's or module's text", sandbox::TEXT),
        kib("all texts of a session", sandbox::TEXTS),
        count("modules", sandbox::MODULES),
        count("imports in all texts", sandbox::IMPORTS),
        count("functions that call one another, deep", sandbox::CALLS),
        count("expressions in one another, deep", sandbox::DEPTH),
        count("variables at a time", sandbox::VARIABLES),
        count("functions of a script", sandbox::FUNCTIONS),
        count("different names in a text", sandbox::NAMES),
        kib("a text value", sandbox::STRING),
        kib("a name, a path, and other texts that the session keeps but tags", sandbox::NAME),
        count("elements of a list, with all that is in them", sandbox::ARRAY),
        count("entries of a map, with all that is in them", sandbox::MAP),
        count("arguments of one call, with the strip that a method is called on", MOST_ARGUMENTS),
        count("strips", super::sources::MOST_STRIPS),
        count("clips on one track", super::sources::MOST_CLIPS),
        count("effects", super::effects::MOST),
        count("points of all curves", super::curves::MOST_POINTS),
        count("sections", super::song::MOST_SECTIONS),
        count("deliveries", super::deliver::MOST),
        count("expectations", super::readings::MOST),
        count("versions", super::versions::MOST),
        count("parameters", super::params::MOST),
    ]
}

/// `2 000 000`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}
