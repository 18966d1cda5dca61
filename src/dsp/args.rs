use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Declaration, Kind, declaration::COMMON};

/// An effect with its arguments: plain data, compared, hashed and serialised. It is all that plan and content key see of an effect.
#[derive(Clone, Debug)]
pub struct Args {
    pub of: &'static Declaration,
    /// One per parameter: the effect's own, then [`COMMON`]'s.
    pub values: Vec<Arg>,
    /// The parameters that move, by their positions, ascending: exactly these have [`Value::PerFrame`](super::Value::PerFrame) slots.
    pub moving: Vec<usize>,
}

/// The value of one parameter, in the parameter's own unit.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub enum Arg {
    /// An optional one that was left out.
    Absent,
    /// For one that moves, its value at rest (what it is before its curve says otherwise).
    Number(f64),
    /// A word instead of a number: its place among `words`.
    Word(usize),
    Choice(usize),
    Switch(bool),
    Numbers(Vec<f64>),
    /// A key is connected: it is the next one of `Io::keys`, depth first.
    Key,
    Effect(Box<Args>),
    Effects(Vec<Args>),
}

impl PartialEq for Args {
    fn eq(&self, other: &Args) -> bool {
        self.of.name == other.of.name
            && self.of.version == other.of.version
            && self.values == other.values
            && self.moving == other.moving
    }
}

impl Serialize for Args {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut s = to.serialize_struct("Args", 4)?;
        s.serialize_field("effect", self.of.name)?;
        s.serialize_field("version", &self.of.version)?;
        s.serialize_field("values", &self.values)?;
        s.serialize_field("moving", &self.moving)?;
        s.end()
    }
}

impl Args {
    /// Every parameter at its default.
    pub fn defaults(of: &'static Declaration) -> Args {
        let values = of
            .all_params()
            .map(|p| match &p.kind {
                Kind::Number(n) => match (n.default, n.words) {
                    (Some(default), _) => Arg::Number(default),
                    (None, [_, ..]) => Arg::Word(0),
                    (None, []) => Arg::Absent,
                },
                Kind::Choice { default, .. } => Arg::Choice(*default),
                Kind::Switch { default, .. } => Arg::Switch(*default),
                Kind::Numbers { default, .. } => Arg::Numbers(default.to_vec()),
                Kind::Effects => Arg::Effects(Vec::new()),
                Kind::Effect | Kind::Key => Arg::Absent,
            })
            .collect();
        Args { of, values, moving: Vec::new() }
    }

    /// The same with one parameter set; for tests and for effects that make effects. Panics on a name that is not declared.
    pub fn with(mut self, name: &str, value: Arg) -> Args {
        let Some(index) = self.of.index_of(name) else { panic!("`{}` has no parameter `{name}`", self.of.name) };
        self.values[index] = value;
        self
    }

    /// The same with one parameter that moves. Panics on a name that is not declared.
    pub fn with_moving(mut self, name: &str) -> Args {
        let Some(index) = self.of.index_of(name) else { panic!("`{}` has no parameter `{name}`", self.of.name) };
        if let Err(place) = self.moving.binary_search(&index) {
            self.moving.insert(place, index);
        }
        self
    }

    /// Whether the parameter moves.
    pub fn moves(&self, index: usize) -> bool {
        self.moving.binary_search(&index).is_ok()
    }

    /// The value of a number, or what it falls back to when it was left out or is a word.
    pub fn number(&self, index: usize) -> Option<f64> {
        match self.values[index] {
            Arg::Number(x) => Some(x),
            _ => None,
        }
    }

    pub fn word(&self, index: usize) -> Option<usize> {
        match self.values[index] {
            Arg::Word(w) => Some(w),
            _ => None,
        }
    }

    pub fn choice(&self, index: usize) -> usize {
        match self.values[index] {
            Arg::Choice(c) => c,
            _ => 0,
        }
    }

    pub fn switch(&self, index: usize) -> bool {
        self.values[index] == Arg::Switch(true)
    }

    pub fn numbers(&self, index: usize) -> &[f64] {
        match &self.values[index] {
            Arg::Numbers(all) => all,
            _ => &[],
        }
    }

    pub fn has_key(&self, index: usize) -> bool {
        self.values[index] == Arg::Key
    }

    /// Where the four common parameters begin.
    pub fn common(&self) -> usize {
        self.values.len() - COMMON.len()
    }

    /// Whether none of the four common parameters says anything.
    pub fn is_plain(&self) -> bool {
        let common = self.common();
        self.values[common..] == Args::defaults(self.of).values[common..] && self.moving.iter().all(|i| *i < common)
    }

    /// The effects inside this one, in the order of their slots.
    pub fn children(&self) -> impl Iterator<Item = &Args> {
        self.values.iter().flat_map(|value| match value {
            Arg::Effect(child) => std::slice::from_ref(&**child),
            Arg::Effects(children) => children,
            _ => &[],
        })
    }

    /// How many slots of [`Values`](super::Values) it takes: one per parameter, then those of its children, depth first.
    pub fn slots(&self) -> usize {
        self.values.len() + self.children().map(Args::slots).sum::<usize>()
    }

    /// How many keys it takes, its own first, then its children's, depth first.
    pub fn keys(&self) -> usize {
        self.own_keys() + self.children().map(Args::keys).sum::<usize>()
    }

    pub fn own_keys(&self) -> usize {
        self.values.iter().filter(|v| **v == Arg::Key).count()
    }
}
