//! An envelope follower: a sound's level as a curve. The only driver with a state.

use super::curve::{Between, Follow};
use crate::audio::{PlanesRef, StateError, StateReader, StateWriter, math};

/// The level of every frame, the loudest channel's |x| in dB, smoothed in dB by one pole with the attack's or the release's time constant
/// (63 % of a step), then mapped from `low`..`high` to `from`..`to`. Levels below `low` count as `low`, so that a rise begins there at once.
#[derive(Clone, Debug)]
pub struct Follower {
    between: Between,
    low: f64,
    per_db: f64,
    attack: f64,
    release: f64,
    /// dBFS, smoothed.
    level: f64,
}

impl Follower {
    pub fn new(follow: &Follow) -> Follower {
        let pole = |frames: f64| if frames > 0.0 { 1.0 - math::exp(-1.0 / frames) } else { 1.0 };
        // `off` as the low end would leave no span to map
        let low = follow.low.max(-200.0);
        let span = follow.high - low;
        Follower {
            between: Between::new(follow.scale, follow.from, follow.to),
            low,
            // a span of nothing is a switch at `low`
            per_db: if span > 0.0 { 1.0 / span } else { f64::MAX },
            attack: pole(follow.attack),
            release: pole(follow.release),
            level: low,
        }
    }

    /// Reads a block of the key (channels × frames) and writes the parameter's values, as many as frames.
    pub fn process(&mut self, key: &PlanesRef<'_>, out: &mut [f64]) {
        out.fill(0.0);
        for channel in key.each() {
            out.iter_mut().zip(channel).for_each(|(peak, x)| *peak = peak.max(x.abs()));
        }
        let floor = math::from_db(self.low).max(f64::MIN_POSITIVE);
        for x in out {
            let level = if *x > floor { math::to_db(*x) } else { self.low };
            let pole = if level > self.level { self.attack } else { self.release };
            self.level += (level - self.level) * pole;
            *x = self.between.at(((self.level - self.low) * self.per_db).clamp(0.0, 1.0));
        }
    }

    pub fn reset(&mut self) {
        self.level = self.low;
    }

    pub fn save(&self, into: &mut StateWriter) {
        into.f64(self.level);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.level = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};
    use crate::dsp::curve::Scale;

    const FOLLOW: Follow =
        Follow { from: 10.0, to: 20.0, low: -60.0, high: 0.0, attack: 480.0, release: 4800.0, scale: Scale::Linear };

    fn values(key: &Block, block: usize) -> Vec<f64> {
        let mut follower = Follower::new(&FOLLOW);
        let frames = key.capacity();
        let mut out = vec![0.0; frames];
        for (i, out) in out.chunks_mut(block).enumerate() {
            let from = i * block;
            follower.process(&key.planes_ref(key.channels(), frames).slice(from, from + out.len()), out);
            let mut state = StateWriter::new();
            follower.save(&mut state);
            follower.reset();
            follower.load(&mut StateReader::new(&state.into_bytes())).expect("its own state");
        }
        out
    }

    #[test]
    fn a_step_reaches_63_percent_after_the_time_constants() {
        let mut key = Block::new(2, 20_000);
        // -30 dBFS on the right channel only
        key.channel_mut(1)[..10_000].fill(-0.031_622_776_601_683_79);
        let out = values(&key, 20_000);
        let risen = 1.0 - libm::exp(-1.0);
        assert!((out[479] - (10.0 + 5.0 * risen)).abs() < 1e-6, "{}", out[479]);
        assert!((out[9_999] - 15.0).abs() < 1e-6);
        assert!((out[10_000 + 4_799] - (15.0 - 5.0 * risen)).abs() < 1e-6);
        assert!(out.iter().all(|x| (10.0..=20.0).contains(x)));
    }

    #[test]
    fn blocks_and_saved_states_change_nothing() {
        let mut key = Block::new(1, 3000);
        let seed = Seed::of("key");
        key.channel_mut(0).iter_mut().enumerate().for_each(|(i, x)| *x = seed.bipolar(i as i64));
        let whole = values(&key, 3000);
        for block in [1, 7, 512] {
            assert_eq!(values(&key, block), whole, "{block}");
        }
    }
}
