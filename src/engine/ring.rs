/// Delays a stream by a fixed number of frames: channels × frames of f32. What comes out first is silence.
#[derive(Debug)]
pub(super) struct Ring {
    data: Vec<f32>,
    delay: usize,
    at: usize,
    /// Frames since the last that was not silent: a ring that has swallowed only silence is silent.
    quiet: usize,
}

impl Ring {
    pub(super) fn new(channels: usize, delay: usize) -> Ring {
        Ring { data: vec![0.0; channels * delay], delay, at: 0, quiet: delay }
    }

    /// Whether nothing but silence is inside.
    pub(super) fn is_silent(&self) -> bool {
        self.quiet >= self.delay
    }

    /// Takes `n` frames of every channel from `input(channel)` and gives the delayed ones to `output(channel)`.
    pub(super) fn pass<'a>(
        &mut self,
        n: usize,
        silent: bool,
        channels: usize,
        input: impl Fn(usize) -> &'a [f32],
        output: &mut [Vec<f32>],
    ) {
        self.quiet = if silent { (self.quiet + n).min(self.delay) } else { 0 };
        for channel in 0..channels {
            let ring = &mut self.data[channel * self.delay..][..self.delay];
            let (from, to) = (input(channel), &mut output[channel][..n]);
            let mut at = self.at;
            let mut done = 0;
            while done < n {
                let run = (n - done).min(self.delay - at);
                to[done..done + run].copy_from_slice(&ring[at..at + run]);
                ring[at..at + run].copy_from_slice(&from[done..done + run]);
                at = (at + run) % self.delay;
                done += run;
            }
        }
        self.at = (self.at + n) % self.delay;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_delays_by_exactly_its_length_whatever_the_blocks() {
        let input: Vec<f32> = (1..=100).map(|x| x as f32).collect();
        for delay in [1usize, 3, 7, 64] {
            let mut expected = vec![0.0; delay];
            expected.extend(&input[..100 - delay]);
            for block in [1usize, 5, 13, 100] {
                let mut ring = Ring::new(1, delay);
                let mut got: Vec<f32> = Vec::new();
                for part in input.chunks(block) {
                    let mut out = [vec![0.0f32; block]];
                    ring.pass(part.len(), false, 1, |_| part, &mut out);
                    got.extend(&out[0][..part.len()]);
                }
                assert_eq!(got, expected, "{delay} {block}");
            }
        }
    }
}
