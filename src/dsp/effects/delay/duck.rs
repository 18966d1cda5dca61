use crate::audio::{StateError, StateReader, StateWriter, math};

/// The level above which echoes are ducked: -20 dBFS.
const DUCK_ABOVE: f64 = 0.1;

/// Turns the echoes down while the input is loud: within about 5 ms, and up again within about 300 ms.
#[derive(Debug)]
pub(super) struct Duck {
    /// The gain when fully down.
    floor: f64,
    level_keep: f64,
    down_keep: f64,
    up_keep: f64,
    /// The input's peak, falling by 60 dB in .5 s.
    level: f64,
    /// 0 is up, 1 is down.
    amount: f64,
}

impl Duck {
    pub(super) fn new(db: f64, rate: f64) -> Duck {
        let keep = |seconds: f64| math::exp(-1.0 / (seconds * rate));
        Duck {
            floor: math::pow(10.0, -db / 20.0),
            level_keep: keep(0.072),
            down_keep: keep(0.002),
            up_keep: keep(0.1),
            level: 0.0,
            amount: 0.0,
        }
    }

    #[inline]
    pub(super) fn step(&mut self, x: f64) -> f64 {
        self.level = math::flush(x.max(self.level * self.level_keep));
        let (goal, keep) = if self.level > DUCK_ABOVE { (1.0, self.down_keep) } else { (0.0, self.up_keep) };
        self.amount = math::flush(goal + (self.amount - goal) * keep);
        1.0 + self.amount * (self.floor - 1.0)
    }

    pub(super) fn clear(&mut self) {
        (self.level, self.amount) = (0.0, 0.0);
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        into.f64(self.level);
        into.f64(self.amount);
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.level = from.f64()?;
        self.amount = from.f64()?;
        Ok(())
    }
}
