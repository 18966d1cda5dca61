use std::fmt;

use serde::{Deserialize, Serialize};

/// A level in decibels. `off` is negative infinity.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Db(f64);

impl Db {
    /// Silence.
    pub const OFF: Db = Db(f64::NEG_INFINITY);
    /// Unity.
    pub const ZERO: Db = Db(0.0);

    pub const fn new(db: f64) -> Db {
        Db(db)
    }

    pub const fn value(self) -> f64 {
        self.0
    }

    /// The amplitude factor: 1 at 0 dB (exactly), 0 when off.
    pub fn amplitude(self) -> f64 {
        if self.0 == 0.0 {
            1.0
        } else if self.0 == f64::NEG_INFINITY {
            0.0
        } else {
            libm::pow(10.0, self.0 / 20.0)
        }
    }

    /// The level of an amplitude (its sign is ignored).
    pub fn of(amplitude: f64) -> Db {
        Db(20.0 * libm::log10(amplitude.abs()))
    }
}

impl fmt::Display for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == f64::NEG_INFINITY { f.write_str("off") } else { write!(f, "{}dB", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_truths() {
        for (db, amplitude) in [(0.0, 1.0), (20.0, 10.0), (-20.0, 0.1), (-6.020599913279624, 0.5)] {
            assert!((Db::new(db).amplitude() - amplitude).abs() < 1e-15, "{db}");
            assert!((Db::of(amplitude).value() - db).abs() < 1e-13, "{amplitude}");
        }
        assert_eq!(Db::OFF.amplitude(), 0.0);
        assert_eq!(Db::of(0.0), Db::OFF);
    }
}
