//! Middle and side of a stereo sound: M = (L + R) / 2, S = (L - R) / 2, hence L = M + S, R = M - S (Blumlein, GB 394325, 1931).

/// (middle, side) of (left, right).
#[inline(always)]
pub fn encode(left: f64, right: f64) -> (f64, f64) {
    ((left + right) * 0.5, (left - right) * 0.5)
}

/// (left, right) of a changed (middle, side). Where neither differs from what (left, right) encodes to, that pair itself comes back, bit for
/// bit: adding the halves again would round.
#[inline(always)]
pub fn decode(left: f64, right: f64, middle: f64, side: f64) -> (f64, f64) {
    if (middle, side) == encode(left, right) { (left, right) } else { (middle + side, middle - side) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    #[test]
    fn what_is_not_changed_is_exact_and_what_is_muted_is_gone() {
        let seed = Seed::of("mid_side");
        for i in 0..1000 {
            let (l, r) = (seed.bipolar(2 * i), seed.bipolar(2 * i + 1) * 1e-3);
            let (m, s) = encode(l, r);
            assert_eq!(decode(l, r, m, s), (l, r));
            assert_eq!(decode(l, r, m, 0.0), (m, m));
            assert_eq!(decode(l, r, 0.0, 0.0), (0.0, 0.0));
        }
    }
}
