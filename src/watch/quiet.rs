//! When a burst of events is over: editors write a save in several steps, and a `git checkout` writes many files.

/// So long nothing must come, in milliseconds, …
const QUIET: u64 = 60;
/// … but for an end of this kind nobody waits longer than this.
const PATIENCE: u64 = 400;

/// Events in time, in milliseconds on any clock.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    /// Of those that were not answered yet: when the first and the last came.
    burst: Option<(u64, u64)>,
}

impl Quiet {
    pub(super) fn event(&mut self, now: u64) {
        let first = self.burst.map_or(now, |(first, _)| first);
        self.burst = Some((first, now));
    }

    /// Whether it is time to answer a burst: once for each.
    pub(super) fn due(&mut self, now: u64) -> bool {
        let due = self.burst.is_some_and(|(first, last)| now >= last + QUIET || now >= first + PATIENCE);
        if due {
            self.burst = None;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When bursts are answered, looked at every 5 ms.
    fn answers(events: &[u64], until: u64) -> Vec<u64> {
        let mut quiet = Quiet::default();
        let mut answers = Vec::new();
        for now in (0..until).step_by(5) {
            events.iter().filter(|at| (now..now + 5).contains(*at)).for_each(|at| quiet.event(*at));
            if quiet.due(now) {
                answers.push(now);
            }
        }
        answers
    }

    #[test]
    fn one_burst_is_answered_once_when_it_is_over() {
        assert_eq!(answers(&[], 1000), Vec::<u64>::new());
        assert_eq!(answers(&[100], 1000), [160]);
        assert_eq!(answers(&[100, 110, 150], 1000), [210]);
        assert_eq!(answers(&[100, 300], 1000), [160, 360]);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let events: Vec<u64> = (0..2000).step_by(10).collect();
        let answers = answers(&events, 2100);
        assert_eq!(answers[0], PATIENCE);
        assert!((5..=6).contains(&answers.len()), "{answers:?}");
    }
}
