use std::fmt;

use serde::{Deserialize, Serialize};

/// A frequency in hertz.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Hz(f64);

impl Hz {
    pub const fn new(hz: f64) -> Hz {
        Hz(hz)
    }

    pub const fn value(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Hz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 1000.0 { write!(f, "{}kHz", self.0 / 1000.0) } else { write!(f, "{}Hz", self.0) }
    }
}
