//! What a block is multiplied by before its spectrum is estimated: a window without corners, over all of it, over parts, over all but a part.

use std::f64::consts::PI;

use crate::audio::math;

/// Over the samples from `from` on; everything else is 0.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) from: usize,
    pub(super) weights: Vec<f64>,
    /// The sum of the weights' squares.
    pub(super) energy: f64,
}

impl Window {
    fn new(from: usize, weights: Vec<f64>) -> Window {
        let energy = weights.iter().map(|w| w * w).sum();
        Window { from, weights, energy }
    }
}

/// The windows of a block. `most`: into how many parts it is cut. One is Tukey's window over half of the block (Harris, "On the use of windows for
/// harmonic analysis with the discrete Fourier transform", 1978, equation 38). From two on, each part alone is one more; from three on also all that is
/// left without it. A transient that one predictor can't foretell is left out of one of them.
pub(super) fn windows(block: usize, most: usize) -> Vec<Window> {
    let mut all = vec![Window::new(0, tapered(block, block / 2))];
    for parts in 2..=most {
        for part in 0..parts {
            let (from, to) = (block * part / parts, block * (part + 1) / parts);
            // the taper is as long as that of the whole block, where there is room
            let taper = (to - from) / 2;
            all.push(Window::new(from, tapered(to - from, taper)));
            if parts > 2 {
                let mut weights = tapered(from, taper.min(from));
                weights.resize(to, 0.0);
                weights.extend(tapered(block - to, taper.min(block - to)));
                all.push(Window::new(0, weights));
            }
        }
    }
    all
}

/// Ones, with half a raised cosine at both ends: `taper` samples of it together.
fn tapered(length: usize, taper: usize) -> Vec<f64> {
    let side = taper / 2;
    let weight = |n: usize| {
        let edge = n.min(length - 1 - n);
        if edge < side { 0.5 - 0.5 * math::cos(PI * (edge as f64 + 0.5) / side as f64) } else { 1.0 }
    };
    (0..length).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_even_and_within_the_block() {
        for block in [5, 100, 4096, 4095] {
            assert_eq!([1, 2, 3].map(|most| windows(block, most).len()), [1, 3, 9]);
            let all = windows(block, 3);
            assert!(
                all.iter()
                    .all(|w| w.from + w.weights.len() <= block && w.weights.iter().all(|w| (0.0..=1.0).contains(w)))
            );
            let whole = &all[0].weights;
            assert_eq!(whole.len(), block);
            assert!(whole.iter().eq(whole.iter().rev()), "{block}");
        }
        // 1 over half of it, and sin² at the sides: .5 + .5 · .375 in all
        let energy = windows(4096, 1)[0].energy / 4096.0;
        assert!((energy - 0.6875).abs() < 1e-6, "{energy}");
    }

    #[test]
    fn a_part_left_out_is_silent_there() {
        let all = windows(900, 3);
        let (middle, without) = (&all[5], &all[6]);
        assert_eq!((middle.from, middle.weights.len()), (300, 300));
        assert!(without.weights[300..600].iter().all(|w| *w == 0.0));
        assert!(without.weights[100] == 1.0 && without.weights[800] == 1.0);
    }
}
