use std::fmt;

use serde::{Deserialize, Serialize};

/// A sample rate in frames per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rate(u32);

impl Rate {
    /// The rates that are accepted: 8 kHz to 384 kHz. `None` outside of them.
    pub const fn new(hz: u32) -> Option<Rate> {
        if hz >= 8_000 && hz <= 384_000 { Some(Rate(hz)) } else { None }
    }

    pub const CD: Rate = Rate(44_100);
    pub const STUDIO: Rate = Rate(48_000);

    pub const fn get(self) -> u32 {
        self.0
    }

    pub const fn hz(self) -> f64 {
        self.0 as f64
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}kHz", f64::from(self.0) / 1000.0)
    }
}
