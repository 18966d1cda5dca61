//! Random numbers that are a pure function of (seed, index): the noise at a song frame is the same whatever was rendered before it,
//! on whichever thread. SplitMix64's finaliser (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).

/// A stream of random numbers, addressed by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(u64);

impl Seed {
    pub const fn new(seed: u64) -> Seed {
        Seed(mix(seed))
    }

    /// A seed for a name: FNV-1a over its bytes.
    pub fn of(name: &str) -> Seed {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Seed(mix(hash))
    }

    /// Another, independent stream: for a channel, an ordinal, a `seed:` of the user's.
    pub const fn with(self, part: u64) -> Seed {
        Seed(mix(self.0 ^ mix(part.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// 64 random bits at `index`.
    #[inline]
    pub const fn bits(self, index: i64) -> u64 {
        Seed::mixed(self.key(index))
    }

    /// What is mixed for `index`; for every next one it is [`Seed::STEP`] more, which is one multiplication less than by [`Seed::bits`].
    #[inline]
    pub const fn key(self, index: i64) -> u64 {
        self.0.wrapping_add((index as u64).wrapping_mul(Seed::STEP))
    }

    pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// The 64 random bits of a [key](Seed::key).
    #[inline]
    pub const fn mixed(key: u64) -> u64 {
        mix(key)
    }

    /// Uniform in [0, 1).
    #[inline]
    pub const fn unit(self, index: i64) -> f64 {
        (self.bits(index) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in [-1, 1).
    #[inline]
    pub const fn bipolar(self, index: i64) -> f64 {
        self.unit(index) * 2.0 - 1.0
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
