use std::fmt;
use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

use super::{Frames, Rate};

/// A time or a duration in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Seconds(f64);

impl Seconds {
    pub const ZERO: Seconds = Seconds(0.0);

    pub const fn new(seconds: f64) -> Seconds {
        Seconds(seconds)
    }

    pub const fn from_ms(ms: f64) -> Seconds {
        Seconds(ms / 1000.0)
    }

    pub const fn value(self) -> f64 {
        self.0
    }

    /// The nearest frame, halves up (towards later).
    pub fn frames(self, rate: Rate) -> Frames {
        Frames::new((self.0 * rate.hz() + 0.5).floor() as i64)
    }
}

impl Add for Seconds {
    type Output = Seconds;
    fn add(self, other: Seconds) -> Seconds {
        Seconds(self.0 + other.0)
    }
}

impl Sub for Seconds {
    type Output = Seconds;
    fn sub(self, other: Seconds) -> Seconds {
        Seconds(self.0 - other.0)
    }
}

impl Neg for Seconds {
    type Output = Seconds;
    fn neg(self) -> Seconds {
        Seconds(-self.0)
    }
}

/// As people write it: `12.5s`, `3:04.250`.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0;
        if s.abs() < 60.0 {
            return write!(f, "{}s", (s * 1000.0).round() / 1000.0);
        }
        let total = (s.abs() * 1000.0).round() as u64;
        let sign = if s < 0.0 { "-" } else { "" };
        write!(f, "{sign}{}:{:02}.{:03}", total / 60_000, total / 1000 % 60, total % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_half_up() {
        let at = |frames: f64| Seconds::new(frames / 48_000.0).frames(Rate::STUDIO).get();
        assert_eq!(at(0.5), 1);
        assert_eq!(at(-0.5), 0);
        assert_eq!(at(1.4), 1);
        assert_eq!(at(-1.6), -2);
    }
}
