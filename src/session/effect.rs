use serde::{Deserialize, Serialize};

use super::{Loc, Signal, Tap};

/// An effect as described: its name in the catalogue and what was said of its parameters. What was not said is at its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    pub name: String,
    /// Parameter name (declared, the common ones included), value, and where it was written.
    pub values: Vec<(String, Value, Loc)>,
    pub loc: Loc,
}

/// What was said of a parameter: checked against its declaration by `script`, in its own unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// For a number; for a switch that moves, 0 and 1.
    Number(Signal),
    /// A word: of a choice, or instead of a number.
    Word(String),
    Switch(bool),
    Numbers(Vec<f64>),
    Key(Tap),
    Effect(Effect),
    Effects(Vec<Effect>),
}

impl Effect {
    /// What passes one after the other: a chain that does nothing of its own is its effects.
    pub fn in_series(&self) -> Vec<&Effect> {
        match self.values.as_slice() {
            [(_, Value::Effects(all), _)] if self.name == "chain" => all.iter().flat_map(Effect::in_series).collect(),
            _ => vec![self],
        }
    }
}
