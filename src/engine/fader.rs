//! The end of a strip: level, pan, width, gate. Levels and pans that move are evaluated for every frame.

use super::params::{self, Followers};
use crate::audio::isa::Level;
use crate::audio::{Aligned, Layout, PanLaw, Planes, PlanesRef, samples};
use crate::dsp::curve::Driver;
use crate::graph::plan::{self, Pan};
use crate::units::Db;

pub(super) struct Fader {
    plan: plan::Fader,
    /// Amplitude, when no level moves.
    still: Option<f64>,
    /// Where all that it does is a level and a pan that stands still.
    plain: Option<Plain>,
    level: Aligned<f64>,
    other: Aligned<f64>,
}

/// A pan that stands still.
#[derive(Clone, Copy)]
struct Plain {
    /// Both sides come of the first plane.
    mono: bool,
    /// Of left and right.
    gains: (f64, f64),
}

impl Plain {
    fn of(plan: &plan::Fader) -> Option<Plain> {
        // what follows a sound goes on listening through silence
        let follows = plan.gain.iter().any(|(driver, _)| matches!(driver, Driver::Follow(_)));
        if follows || plan.width.0 != Driver::Constant(100.0) {
            return None;
        }
        match &plan.pan {
            Pan::None => Some(Plain { mono: false, gains: (1.0, 1.0) }),
            Pan::Law(law, Driver::Constant(position), _) => {
                Some(Plain { mono: true, gains: law.gains(position / 100.0) })
            }
            Pan::Balance(Driver::Constant(position), _) => {
                Some(Plain { mono: false, gains: PanLaw::balance(position / 100.0) })
            }
            _ => None,
        }
    }
}

impl Fader {
    pub(super) fn new(plan: &plan::Fader, block: usize) -> Fader {
        let still = plan.gain.iter().try_fold(0.0, |sum, (driver, _)| match driver {
            Driver::Constant(db) => Some(sum + db),
            _ => None,
        });
        Fader {
            plan: plan.clone(),
            still: still.map(|db| Db::new(db).amplitude()),
            plain: Plain::of(plan),
            level: Aligned::new(block),
            other: Aligned::new(block),
        }
    }

    pub(super) fn is_muted(&self) -> bool {
        self.plan.muted
    }

    /// The gate's amplitude over the block, when there is a gate.
    pub(super) fn gate(&self, song: i64, into: &mut [f64]) -> bool {
        let moves = self.plan.gate != Driver::Constant(1.0);
        if moves {
            self.plan.gate.fill(song, into);
        }
        moves
    }

    /// Level, pan and width in place. `audio` has at least two planes; a mono strip stands in the first and comes out in both.
    pub(super) fn apply(&mut self, audio: &mut Planes<'_>, layout: Layout, song: i64, followers: &mut Followers) {
        let (isa, n) = (Level::find(), audio.frames());
        self.gain(audio, layout, song, followers);
        let (level, other) = (&mut self.level[..n], &mut self.other[..n]);
        match &self.plan.pan {
            Pan::None => {}
            Pan::Law(law, Driver::Constant(position), _) => {
                let (left, right) = law.gains(position / 100.0);
                let (l, r) = audio.pair_mut(0, 1);
                samples::spread(isa, l, r, left, right);
            }
            Pan::Law(law, driver, follow) => {
                let (l, r) = audio.pair_mut(0, 1);
                pan_mono(*law, driver, *follow, song, followers, level, l, r);
            }
            Pan::Balance(Driver::Constant(position), _) => {
                let (left, right) = PanLaw::balance(position / 100.0);
                let (l, r) = audio.pair_mut(0, 1);
                // the near side is at unity: left alone
                if left != 1.0 {
                    samples::scale(isa, l, left);
                }
                if right != 1.0 {
                    samples::scale(isa, r, right);
                }
            }
            Pan::Balance(driver, follow) => {
                let (l, r) = audio.pair_mut(0, 1);
                each(driver, *follow, song, followers, level, PanLaw::balance, |i, (gl, gr)| {
                    l[i] *= gl;
                    r[i] *= gr;
                });
            }
            Pan::Place(law, drivers, follows) => {
                let (l, r) = audio.pair_mut(0, 1);
                place(*law, drivers, *follows, song, followers, level, other, l, r);
            }
        }
        width(&self.plan.width, song, followers, &mut self.level[..n], audio);
    }

    /// Whether [`narrow`](Fader::narrow) does all that [`apply`](Fader::apply) does. Then the levels of `n` frames are there for it.
    pub(super) fn is_plain(&mut self, n: usize, song: i64, followers: &mut Followers) -> bool {
        if self.plain.is_some() && self.still.is_none() {
            self.levels(n, song, followers);
        }
        self.plain.is_some()
    }

    /// A channel of what [`apply`](Fader::apply) would make of a block, with the same bits, as f32; false when something is no number or louder than
    /// `most`.
    pub(super) fn narrow(&self, audio: &PlanesRef<'_>, channel: usize, into: &mut [f32], most: f64) -> bool {
        let isa = Level::find();
        let Plain { mono, gains: (left, right) } = self.plain.unwrap_or(Plain { mono: false, gains: (1.0, 1.0) });
        let from = audio.channel(if mono { 0 } else { channel });
        let gain = [left, right].get(channel).copied().unwrap_or(1.0);
        match self.still {
            Some(level) => samples::narrow_scaled(isa, from, [level, gain], into, most),
            None => samples::narrow_leveled(isa, from, &self.level[..from.len()], gain, into, most),
        }
    }

    /// The amplitudes of a level that moves.
    fn levels(&mut self, n: usize, song: i64, followers: &mut Followers) {
        let (level, part) = (&mut self.level[..n], &mut self.other[..n]);
        match self.plan.gain.as_slice() {
            [(driver, follow)] => params::amplitudes(driver, *follow, song, followers, level),
            all => {
                level.fill(0.0);
                for (driver, follow) in all {
                    params::fill(driver, *follow, song, followers, part);
                    samples::add(Level::find(), level, part);
                }
                samples::amplitudes(Level::find(), level);
            }
        }
    }

    fn gain(&mut self, audio: &mut Planes<'_>, layout: Layout, song: i64, followers: &mut Followers) {
        let (isa, n) = (Level::find(), audio.frames());
        match self.still {
            Some(1.0) => {}
            Some(gain) => {
                for plane in audio.first(layout.channels()).each_mut() {
                    samples::scale(isa, plane, gain);
                }
            }
            None => {
                self.levels(n, song, followers);
                let level = &self.level[..n];
                for plane in audio.first(layout.channels()).each_mut() {
                    samples::multiply(isa, plane, level);
                }
            }
        }
    }
}

/// Calls `with` for every frame with the gains at its position (percent).
fn each(
    driver: &Driver,
    follow: Option<usize>,
    song: i64,
    followers: &mut Followers,
    scratch: &mut [f64],
    law: impl Fn(f64) -> (f64, f64),
    mut with: impl FnMut(usize, (f64, f64)),
) {
    params::fill(driver, follow, song, followers, scratch);
    let mut last = (f64::NAN, (0.0, 0.0));
    for (i, position) in scratch.iter().enumerate() {
        if *position != last.0 {
            last = (*position, law(position / 100.0));
        }
        with(i, last.1);
    }
}

fn pan_mono(
    law: PanLaw,
    driver: &Driver,
    follow: Option<usize>,
    song: i64,
    followers: &mut Followers,
    scratch: &mut [f64],
    l: &mut [f64],
    r: &mut [f64],
) {
    each(
        driver,
        follow,
        song,
        followers,
        scratch,
        |p| law.gains(p),
        |i, (gl, gr)| {
            let x = l[i];
            l[i] = x * gl;
            r[i] = x * gr;
        },
    );
}

fn place(
    law: PanLaw,
    drivers: &[Driver; 2],
    follows: [Option<usize>; 2],
    song: i64,
    followers: &mut Followers,
    left: &mut [f64],
    right: &mut [f64],
    l: &mut [f64],
    r: &mut [f64],
) {
    let still = |driver: &Driver| match driver {
        Driver::Constant(position) => Some(law.gains(position / 100.0)),
        _ => None,
    };
    let (still_left, still_right) = (still(&drivers[0]), still(&drivers[1]));
    params::fill(&drivers[0], follows[0], song, followers, left);
    params::fill(&drivers[1], follows[1], song, followers, right);
    for i in 0..l.len() {
        let (ll, lr) = still_left.unwrap_or_else(|| law.gains(left[i] / 100.0));
        let (rl, rr) = still_right.unwrap_or_else(|| law.gains(right[i] / 100.0));
        (l[i], r[i]) = (l[i] * ll + r[i] * rl, l[i] * lr + r[i] * rr);
    }
}

/// The middle stays; the side is scaled. At 100 % nothing is touched.
fn width(
    (driver, follow): &(Driver, Option<usize>),
    song: i64,
    followers: &mut Followers,
    scratch: &mut [f64],
    audio: &mut Planes<'_>,
) {
    if *driver == Driver::Constant(100.0) || audio.channels() < 2 {
        return;
    }
    params::fill(driver, *follow, song, followers, scratch);
    let (l, r) = audio.pair_mut(0, 1);
    for ((l, r), width) in l.iter_mut().zip(r).zip(&*scratch) {
        // written as a change of what is there, so that 100 % within a curve is exact too
        let change = (*l - *r) * 0.5 * (width / 100.0 - 1.0);
        (*l, *r) = (*l + change, *r - change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Block;
    use crate::audio::rng::Seed;
    use crate::dsp::curve::{Lfo, Scale, Wave};

    #[test]
    fn what_is_narrowed_at_once_is_what_is_applied_and_narrowed() {
        const N: usize = 77;
        let lfo = Lfo { hz: 50.0, from: -12.0, to: 3.0, shape: Wave::Sine, scale: Scale::Linear, rate: 48e3 };
        let moves = Driver::Lfo(lfo);
        let still = |x: f64| (Driver::Constant(x), None);
        let pans = [
            (Layout::STEREO, Pan::None),
            (Layout::MONO, Pan::Law(PanLaw::Minus3, Driver::Constant(-30.0), None)),
            (Layout::STEREO, Pan::Balance(Driver::Constant(80.0), None)),
        ];
        for gain in [vec![], vec![still(-6.0)], vec![(moves.clone(), None)], vec![(moves.clone(), None), still(2.0)]] {
            for (layout, pan) in pans.clone() {
                let plan = plan::Fader { gain: gain.clone(), pan, ..plan::Fader::still() };
                let (mut fader, mut followers) = (Fader::new(&plan, N), Followers::none());
                let mut block = Block::new(2, N);
                for channel in 0..2 {
                    let seed = Seed::new(channel as u64);
                    (0..N).for_each(|i| block.channel_mut(channel)[i] = seed.bipolar(i as i64));
                }
                assert!(fader.is_plain(N, 100, &mut followers));
                let mut at_once = [[0.0; N]; 2];
                for (channel, into) in at_once.iter_mut().enumerate() {
                    assert!(fader.narrow(&block.planes_ref(2, N), channel, into, 1024.0));
                }
                fader.apply(&mut block.planes(2, N), layout, 100, &mut followers);
                for (channel, at_once) in at_once.iter().enumerate() {
                    let bits = block.channel(channel)[..N].iter().map(|x| (*x as f32).to_bits());
                    assert!(bits.eq(at_once.iter().map(|x| x.to_bits())));
                }
            }
        }
    }
}
