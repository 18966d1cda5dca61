use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Serialize};

use super::{Rate, Seconds};

/// A position or a length in frames at the session's rate. Song time 0 is frame 0; positions may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Frames(i64);

impl Frames {
    pub const ZERO: Frames = Frames(0);

    pub const fn new(frames: i64) -> Frames {
        Frames(frames)
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    pub fn seconds(self, rate: Rate) -> Seconds {
        Seconds::new(self.0 as f64 / rate.hz())
    }
}

impl Add for Frames {
    type Output = Frames;
    fn add(self, other: Frames) -> Frames {
        Frames(self.0 + other.0)
    }
}

impl AddAssign for Frames {
    fn add_assign(&mut self, other: Frames) {
        self.0 += other.0;
    }
}

impl Sub for Frames {
    type Output = Frames;
    fn sub(self, other: Frames) -> Frames {
        Frames(self.0 - other.0)
    }
}

impl Neg for Frames {
    type Output = Frames;
    fn neg(self) -> Frames {
        Frames(-self.0)
    }
}
