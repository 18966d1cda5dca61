use std::sync::LazyLock;

use super::duck::Duck;
use super::sway::Sway;
use super::{DUCK, FEEDBACK, HIGH_CUT, LOW_CUT, RATE, Settings};
use crate::audio::isa::{Level, levels};
use crate::audio::{StateError, StateReader, StateWriter};
use crate::dsp::parts::cell::{CELL, Frames, SILENCE, take};
use crate::dsp::parts::cut::Cut;
use crate::dsp::parts::delay_line::DelayLine;
use crate::dsp::parts::interpolate::{SINC, TAPS};
use crate::dsp::parts::rest::Rest;
use crate::dsp::{Args, Flow, GRID, Io, Processor, Setup, Value};

/// Works on pieces of the grid's cells that are no longer than the shortest way through a ring.
#[derive(Debug)]
pub(super) struct Echoes {
    settings: Settings,
    channels: usize,
    /// How late each ring is heard; fed back it is `time` later.
    heard: Vec<usize>,
    cuts: Vec<Vec<Cut>>,
    rings: Vec<DelayLine>,
    sway: Option<Sway>,
    duck: Option<Duck>,
    rest: Rest,
    /// So many frames at a time: all that they read has been written before.
    most: usize,
    /// What goes into each ring, and the echoes that wander.
    sound: Vec<Frames>,
    echoes: Vec<Frames>,
    level: Level,
}

impl Echoes {
    pub(super) fn new(settings: Settings, args: &Args, setup: &Setup) -> Echoes {
        let rate = setup.rate.hz();
        let cuts = Cut::all(args.number(LOW_CUT), args.number(HIGH_CUT), rate);
        let rings = settings.out(setup.layout).channels();
        let duck = args.number(DUCK).unwrap_or(0.0);
        let shortest = (settings.time as i64 + settings.offset.min(0)) as usize;
        let most = if settings.depth > 0.0 {
            // the table is made here, not while sound runs
            LazyLock::force(&SINC);
            (shortest as f64 - settings.depth) as usize - TAPS / 2 - 1
        } else {
            shortest
        };
        Echoes {
            channels: setup.layout.channels(),
            heard: (0..rings)
                .map(|c| if c == 1 { (settings.time as i64 + settings.offset) as usize } else { settings.time })
                .collect(),
            cuts: vec![cuts; rings],
            rings: vec![DelayLine::new(settings.memory() as usize + 1); rings],
            rest: Rest::new(settings.memory() + GRID, settings.tail() - GRID, 1e-6),
            sway: (settings.depth > 0.0)
                .then(|| Sway { depth: settings.depth, turns: args.number(RATE).unwrap_or(0.5) / rate }),
            duck: (duck > 0.0).then(|| Duck::new(duck, rate)),
            most,
            sound: vec![SILENCE; rings],
            echoes: vec![SILENCE; rings],
            level: Level::find(),
            settings,
        }
    }

    /// Takes the frames `from` to `to` of the block; says whether there is sound in them.
    fn take(&mut self, io: &Io<'_>, from: usize, to: usize) -> bool {
        let mut sound = false;
        for c in 0..self.channels {
            sound |= take(self.level, &io.audio.channel(c)[from..to], &mut self.sound[c]);
        }
        sound
    }

    /// What was [taken](Echoes::take), at most `most` frames. With `listen` the highest magnitude that goes into a ring is kept.
    fn run(&mut self, io: &mut Io<'_>, feedback: &Value<'_>, from: usize, to: usize, listen: bool) {
        let (rings, frames) = (self.rings.len(), to - from);
        let mut gain = [1.0; CELL];
        if let Some(duck) = &mut self.duck {
            for n in 0..frames {
                let loudest = self.sound[..self.channels].iter().fold(0.0, |peak: f64, sound| peak.max(sound[n].abs()));
                gain[n] = duck.step(loudest);
            }
        }
        if self.channels < rings {
            self.sound[1] = self.sound[0];
        }
        if self.settings.ping_pong {
            for n in 0..frames {
                self.sound[0][n] = 0.5 * (self.sound[0][n] + self.sound[1][n]);
            }
            self.sound[1] = SILENCE;
        }
        for c in 0..rings {
            let mut later = SILENCE;
            if let Some(sway) = &self.sway {
                let at = io.at + from as i64;
                let cubic = sway.cell(at, if c % 2 == 0 { 0.0 } else { 0.25 });
                let more: Frames =
                    std::array::from_fn(|n| cubic.at((at.rem_euclid(GRID) + n as i64) as f64 / GRID as f64));
                wander(&self.rings[c], self.settings.time, &more[..frames], &mut self.echoes[c]);
                if self.heard[c] != self.settings.time {
                    wander(&self.rings[c], self.heard[c], &more[..frames], &mut later);
                }
            }
            let heard = match (&self.sway, self.heard[c] == self.settings.time) {
                (None, _) => self.rings[c].cell(self.heard[c]),
                (Some(_), true) => &self.echoes[c],
                (Some(_), false) => &later,
            };
            let plane = &mut io.audio.channel_mut(c)[from..to];
            if self.duck.is_some() {
                plane.iter_mut().zip(heard).zip(&gain).for_each(|((into, x), gain)| *into = x * gain);
            } else {
                plane.copy_from_slice(&heard[..frames]);
            }
        }
        let mut back = SILENCE;
        for n in 0..frames {
            back[n] = feedback.at(from + n) * 0.01;
        }
        for c in 0..rings {
            let source = if self.settings.ping_pong { 1 - c } else { c };
            let echo =
                if self.sway.is_some() { &self.echoes[source] } else { self.rings[source].cell(self.settings.time) };
            feed(self.level, &mut self.sound[c], &back, echo);
            let sound = &mut self.sound[c][..frames];
            for cut in &mut self.cuts[c] {
                let mut filter = *cut;
                sound.iter_mut().for_each(|x| *x = filter.step(*x) + 0.0);
                *cut = filter;
            }
        }
        for (ring, sound) in self.rings.iter_mut().zip(&self.sound) {
            *ring.room() = *sound;
            ring.keep(frames);
        }
        // while sound comes in nobody asks how loud the memory is
        let peak = self.sound.iter().flat_map(|sound| &sound[..if listen { frames } else { 0 }]);
        self.rest.keep(if listen { peak.fold(0.0, |peak, x| peak.max(x.abs())) } else { f64::INFINITY });
    }

    fn clear(&mut self) {
        self.rings.iter_mut().for_each(DelayLine::clear);
        self.cuts.iter_mut().flatten().for_each(Cut::clear);
        if let Some(duck) = &mut self.duck {
            duck.clear();
        }
    }
}

/// A ring's sound of `delay` ago, by `more` later, frame by frame.
fn wander(ring: &DelayLine, delay: usize, more: &[f64], into: &mut Frames) {
    for (n, more) in more.iter().enumerate() {
        let exact = delay as f64 + more;
        let whole = exact.ceil();
        into[n] = SINC.at(whole - exact, ring.cell(whole as usize + (TAPS / 2 - 1) - n));
    }
}

levels! { fn feed(sound: &mut Frames, back: &Frames, echo: &Frames) = fed; }

#[inline(always)]
fn fed(sound: &mut Frames, back: &Frames, echo: &Frames) {
    for n in 0..CELL {
        sound[n] = sound[n] + back[n] * echo[n] + 0.0;
    }
}

impl Processor for Echoes {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let feedback = io.params.get(FEEDBACK);
        let mut flow = Flow::Silent;
        for (from, to) in io.grid() {
            let silent = !self.take(io, from, to);
            if !silent {
                self.rest.hear();
            }
            if self.rest.resting() {
                io.audio.slice(from, to).fill(0.0);
                continue;
            }
            flow = Flow::Written;
            if to - from <= self.most {
                self.run(io, &feedback, from, to, silent);
            } else {
                for start in (from..to).step_by(self.most) {
                    let end = to.min(start + self.most);
                    self.take(io, start, end);
                    self.run(io, &feedback, start, end, silent);
                }
            }
            let end = io.at + to as i64;
            if end.rem_euclid(GRID) == 0 {
                self.cuts.iter_mut().flatten().for_each(Cut::flush);
            }
            if self.rest.judge(end, !feedback.moves()) {
                self.clear();
            }
        }
        flow
    }

    fn reset(&mut self) {
        self.clear();
        self.rest.reset();
    }

    fn save(&self, into: &mut StateWriter) {
        self.rest.save(into);
        self.rings.iter().for_each(|ring| ring.save(into));
        self.cuts.iter().flatten().for_each(|cut| cut.save(into));
        if let Some(duck) = &self.duck {
            duck.save(into);
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.rest.load(from)?;
        self.rings.iter_mut().try_for_each(|ring| ring.load(from))?;
        self.cuts.iter_mut().flatten().try_for_each(|cut| cut.load(from))?;
        if let Some(duck) = &mut self.duck {
            duck.load(from)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    #[test]
    fn every_level_feeds_the_same() {
        let noise = |stream: u64| -> Frames { std::array::from_fn(|n| Seed::new(stream).bipolar(n as i64)) };
        let mut plain = noise(1);
        fed(&mut plain, &noise(2), &noise(3));
        for level in Level::all() {
            let mut sound = noise(1);
            feed(level, &mut sound, &noise(2), &noise(3));
            assert!(sound == plain, "{level:?}");
        }
    }
}
