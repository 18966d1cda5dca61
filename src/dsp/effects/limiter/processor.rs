use super::recovery::{Recovery, Speeds};
use super::stage::{CELL, Stage};
use super::{CEILING, GAIN, LINK, LOOKAHEAD, MARGIN, RELEASE, correction, interpolation, lookahead};
use crate::audio::{Planes, StateError, StateReader, StateWriter, math};
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::{Args, Flow, GRID, Io, Processor, Setup};

/// A peak that the first stage has left is taken away by the second from this part of the ceiling on (-0.005 dB): to half the margin it may come
/// by what the gain's own movement makes of it.
const AGAIN: f64 = 0.999_424_5;

pub(super) struct Running {
    /// 0..1
    link: f64,
    speeds: Speeds,
    recoveries: Vec<Recovery>,
    first: Stage,
    /// With true peaks: what the first stage's moving gain has left over the ceiling, it takes away.
    second: Option<Second>,
    /// Keep the ceiling with the frames that are measured, with those that leave the first stage, and with those that are measured again.
    ceilings: [DelayRing; 3],
    /// The least gain so far.
    least: f64,
}

struct Second {
    stage: Stage,
    /// 1 - the first stage's gains, as late as the sound that they acted on.
    reductions: Vec<DelayRing>,
}

impl Running {
    pub(super) fn new(args: &Args, setup: &Setup) -> Running {
        let channels = setup.layout.channels();
        let link = args.number(LINK).unwrap_or(100.0) / 100.0;
        let ahead = lookahead(args.number(LOOKAHEAD).unwrap_or(2.0), setup.rate);
        let late = interpolation(args);
        let walls = if link == 1.0 { 1 } else { channels };
        let second = || {
            let ahead = correction(setup.rate);
            let reductions = (0..walls).map(|_| DelayRing::new(1, ahead + late)).collect();
            Second { stage: Stage::new(channels, walls, ahead, late), reductions }
        };
        Running {
            link,
            speeds: Speeds::new(args.number(RELEASE), setup.rate, 1),
            recoveries: vec![Recovery::default(); walls],
            first: Stage::new(channels, walls, ahead, late),
            second: (late > 0).then(second),
            ceilings: [DelayRing::new(1, late), DelayRing::new(1, ahead), DelayRing::new(1, late)],
            least: 1.0,
        }
    }

    fn at_rest(&self) -> bool {
        self.recoveries.iter().all(Recovery::at_rest)
            && self.first.at_rest()
            && self.second.as_ref().is_none_or(|s| s.stage.at_rest() && s.reductions.iter().all(DelayRing::at_rest))
    }

    /// The first stage's peaks: those that can turn it down further than it is. `lowest` of the ceilings. Whether there can be any.
    fn measure(&mut self, audio: &mut Planes<'_>, ceilings: &[f64], lowest: f64) -> bool {
        let stage = &mut self.first;
        let n = ceilings.len();
        let shared = stage.rows.len() == 1;
        stage.rows.iter_mut().for_each(|row| row[..n].fill(0.0));
        // where channels share a part of their reductions, small needs add to large ones
        let alone = shared || self.link == 0.0;
        let floor =
            self.recoveries.iter().map(|r| if alone { r.floor(&self.speeds, n) } else { 0.0 }).fold(1.0, f64::min);
        let room = MARGIN / (1.0 - floor);
        let alert = lowest * if room > 1.0 { room } else { 1.0 };
        let mut found = stage.meters.is_empty();
        for (channel, x) in audio.each_mut().enumerate() {
            let row = &mut stage.rows[if shared { 0 } else { channel }][..n];
            match stage.meters.get_mut(channel) {
                Some(meter) => found |= meter.process(x, alert, row),
                None => row.iter_mut().zip(x).for_each(|(row, x)| *row = if x.abs() > *row { x.abs() } else { *row }),
            }
        }
        stage.need(found, ceilings, 1.0, if self.second.is_some() { MARGIN } else { 1.0 }, self.link)
    }
}

impl Second {
    /// Lets the sound through, late: `first` has the gains of the first stage if any isn't 1, `ceilings` come with the sound that is measured. The
    /// least gain of both stages.
    fn process(
        &mut self,
        audio: &mut Planes<'_>,
        first: Option<&[[f64; CELL]]>,
        ceilings: &[f64],
        lowest: f64,
        link: f64,
    ) -> f64 {
        let n = ceilings.len();
        let stage = &mut self.stage;
        let shared = stage.rows.len() == 1;
        stage.rows.iter_mut().for_each(|row| row[..n].fill(0.0));
        let alert = AGAIN * lowest;
        let mut found = false;
        for (channel, x) in audio.each_mut().enumerate() {
            found |= stage.meters[channel].process(x, alert, &mut stage.rows[if shared { 0 } else { channel }][..n]);
            stage.delays[channel].process_mono(x);
        }
        found = stage.need(found, ceilings, AGAIN, MARGIN, link);
        let mut least = 1.0;
        for lane in 0..stage.rows.len() {
            let (row, wall, reductions) =
                (&mut stage.rows[lane][..n], &mut stage.walls[lane], &mut self.reductions[lane]);
            let unity = wall.at_rest() && (!found || row.iter().all(|g| *g == 1.0));
            if unity && first.is_none() && reductions.at_rest() {
                continue;
            }
            let mut before = [0.0; CELL];
            let before = &mut before[..n];
            if let Some(first) = first {
                before.iter_mut().zip(&first[lane]).for_each(|(reduction, gain)| *reduction = 1.0 - gain);
            }
            reductions.process_mono(before);
            if !unity {
                wall.process(row);
                for channel in if shared { 0..audio.channels() } else { lane..lane + 1 } {
                    audio.channel_mut(channel).iter_mut().zip(&*row).for_each(|(x, gain)| *x *= gain);
                }
            }
            for (before, gain) in before.iter().zip(&*row) {
                let gain = (1.0 - before) * gain;
                least = if gain < least { gain } else { least };
            }
        }
        least
    }
}

/// Delays ceilings. On the way they are reciprocals, so that the zeros of an empty delay stand for no ceiling at all.
fn delayed(by: &mut DelayRing, ceilings: &mut [f64]) {
    ceilings.iter_mut().for_each(|c| *c = 1.0 / *c);
    by.process_mono(ceilings);
    ceilings.iter_mut().for_each(|c| *c = 1.0 / *c);
}

fn least(of: &[f64]) -> f64 {
    of.iter().fold(f64::INFINITY, |a, b| if *b < a { *b } else { a })
}

impl Processor for Running {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let (gain, ceiling) = (io.params.get(GAIN), io.params.get(CEILING));
        // a moving ceiling is still on its way when the sound has gone
        if !ceiling.moves() && io.audio.is_silent() && self.at_rest() {
            return Flow::Silent;
        }
        let still = (!ceiling.moves()).then(|| math::from_db(ceiling.at(0)));
        let still_gain = (!gain.moves()).then(|| math::from_db(gain.at(0)));
        let shared = self.first.rows.len() == 1;
        for (from, to) in io.grid() {
            let n = to - from;
            let mut audio = io.audio.slice(from, to);
            for x in audio.each_mut() {
                match still_gain {
                    Some(1.0) => {}
                    Some(gain) => x.iter_mut().for_each(|x| *x *= gain),
                    None => x.iter_mut().enumerate().for_each(|(i, x)| *x *= math::from_db(gain.at(from + i))),
                }
            }
            let mut ceilings = [still.unwrap_or(1.0); CELL];
            let ceilings = &mut ceilings[..n];
            if still.is_none() {
                ceilings.iter_mut().enumerate().for_each(|(i, c)| *c = math::from_db(ceiling.at(from + i)));
                delayed(&mut self.ceilings[0], ceilings);
            }
            let found = self.measure(&mut audio, ceilings, still.unwrap_or_else(|| least(ceilings)));
            if still.is_none() {
                delayed(&mut self.ceilings[1], ceilings);
            }
            let ends = (io.at + to as i64).rem_euclid(GRID) == 0;
            let stage = &mut self.first;
            let mut moved = false;
            for lane in 0..stage.rows.len() {
                let (row, wall, recovery) =
                    (&mut stage.rows[lane][..n], &mut stage.walls[lane], &mut self.recoveries[lane]);
                let unity = recovery.at_rest() && wall.at_rest() && (!found || row.iter().all(|g| *g == 1.0));
                moved |= !unity;
                if !unity {
                    recovery.run(&self.speeds, row);
                    wall.process(row);
                    if ends {
                        recovery.settle();
                    }
                }
                for channel in if shared { 0..audio.channels() } else { lane..lane + 1 } {
                    let x = audio.channel_mut(channel);
                    stage.delays[channel].process_mono(x);
                    if !unity {
                        x.iter_mut().zip(&*row).for_each(|(x, gain)| *x *= gain);
                    }
                    if self.second.is_none() {
                        // the last bit of a rounding
                        x.iter_mut().zip(&*ceilings).for_each(|(x, c)| *x = x.clamp(-c, *c));
                    }
                }
            }
            let gain = match &mut self.second {
                Some(second) => {
                    if still.is_none() {
                        delayed(&mut self.ceilings[2], ceilings);
                    }
                    let lowest = still.unwrap_or_else(|| least(ceilings));
                    second.process(&mut audio, moved.then_some(&stage.rows[..]), ceilings, lowest, self.link)
                }
                None if !moved => 1.0,
                None => stage.rows.iter().map(|row| least(&row[..n])).fold(1.0, f64::min),
            };
            self.least = if gain < self.least { gain } else { self.least };
        }
        Flow::Written
    }

    fn reduction(&self) -> f64 {
        self.least
    }

    fn reset(&mut self) {
        self.recoveries.fill(Recovery::default());
        self.first.reset();
        if let Some(second) = &mut self.second {
            second.stage.reset();
            second.reductions.iter_mut().for_each(DelayRing::reset);
        }
        self.ceilings.iter_mut().for_each(DelayRing::reset);
        self.least = 1.0;
    }

    fn save(&self, into: &mut StateWriter) {
        self.recoveries.iter().for_each(|r| r.save(into));
        self.first.save(into);
        if let Some(second) = &self.second {
            second.stage.save(into);
            second.reductions.iter().for_each(|r| r.save(into));
        }
        self.ceilings.iter().for_each(|c| c.save(into));
        into.f64(self.least);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        for recovery in &mut self.recoveries {
            *recovery = Recovery::load(from)?;
        }
        self.first.load(from)?;
        if let Some(second) = &mut self.second {
            second.stage.load(from)?;
            second.reductions.iter_mut().try_for_each(|r| r.load(from))?;
        }
        self.ceilings.iter_mut().try_for_each(|c| c.load(from))?;
        self.least = from.f64()?;
        Ok(())
    }
}
