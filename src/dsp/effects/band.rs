//! What the bands of the equaliser have in common: each is a few sections whose design is a pure function of frequency, gain, q and rate.

use num_complex::Complex64;

use super::bank::Bank;
use crate::audio::math;
use crate::dsp::parts::biquad::Prototype;
use crate::dsp::parts::{factored, matched};
use crate::dsp::{Arg, Args, Declaration, Effect, Param, Processor, Refused, Setup, Shape, Tail, Value, Values};
use crate::units::{Hz, Rate, Unit};

/// The most sections a band has: a cut of 48 dB per octave.
pub(super) const MOST: usize = 4;

/// The kinds of bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    LowCut,
    HighCut,
    Bell,
    LowShelf,
    HighShelf,
    Notch,
    BandPass,
    AllPass,
    Tilt,
}

/// Where a band finds its settings among its parameters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    pub(super) frequency: usize,
    pub(super) gain: Option<usize>,
    pub(super) q: Option<usize>,
    pub(super) slope: Option<usize>,
}

/// What a band is set to: Hz, dB, q.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Settings {
    pub(super) frequency: f64,
    pub(super) gain: f64,
    pub(super) q: f64,
}

impl Settings {
    /// Within what can be designed.
    fn within(self, rate: Rate) -> Settings {
        let Settings { frequency, gain, q } = self;
        let frequency = frequency.clamp(1.0, 0.49 * rate.hz());
        Settings { frequency, gain: gain.clamp(-36.0, 36.0), q: q.clamp(0.1, 100.0) }
    }
}

/// A kind of band: one entry of the catalogue.
#[derive(Debug)]
pub(crate) struct Band {
    pub(super) form: Form,
    pub(super) places: Places,
    pub(super) declaration: &'static Declaration,
}

pub(super) const fn frequency(default: f64, help: &'static str) -> Param {
    Param::frequency("frequency", 10.0, default, help).curve()
}

pub(super) const fn gain(help: &'static str) -> Param {
    Param::number("gain", Unit::Db, -36.0, 36.0, 0.0, help).curve()
}

pub(super) const fn q(default: f64, help: &'static str) -> Param {
    Param::number("q", Unit::None, 0.1, 100.0, default, help).curve()
}

/// All bands, in the order of the manual.
pub(super) static BANDS: [&Band; 9] = [
    &super::LOW_CUT,
    &super::HIGH_CUT,
    &super::BELL,
    &super::LOW_SHELF,
    &super::HIGH_SHELF,
    &super::NOTCH,
    &super::BAND_PASS,
    &super::ALL_PASS,
    &super::TILT,
];

/// The band that `args` describe, if they describe one.
pub(super) fn of(args: &Args) -> Option<&'static Band> {
    BANDS.iter().copied().find(|band| band.declaration.name == args.of.name)
}

/// Their names, for a message.
pub(super) fn names() -> String {
    BANDS.map(|band| band.declaration.name).join(", ")
}

fn alone(one: Prototype) -> ([Prototype; MOST], usize) {
    ([one, Prototype::IDENTITY, Prototype::IDENTITY, Prototype::IDENTITY], 1)
}

impl Band {
    pub(super) fn at_rest(&self, args: &Args) -> Settings {
        let number = |place: Option<usize>, default| place.and_then(|p| args.number(p)).unwrap_or(default);
        Settings {
            frequency: number(Some(self.places.frequency), 1000.0),
            gain: number(self.places.gain, 0.0),
            q: number(self.places.q, std::f64::consts::FRAC_1_SQRT_2),
        }
    }

    /// In the grid cell that contains frame `from` of the block (see [`Value::cell`]).
    pub(super) fn in_cell(&self, values: &Values<'_>, from: usize) -> Settings {
        self.read(values, |value| value.cell(from))
    }

    /// At a frame of the block.
    pub(super) fn at(&self, values: &Values<'_>, frame: usize) -> Settings {
        self.read(values, |value| value.at(frame))
    }

    fn read(&self, values: &Values<'_>, read: impl Fn(Value<'_>) -> f64) -> Settings {
        let value = |place: Option<usize>| place.map(|p| read(values.get(p)));
        Settings {
            frequency: read(values.get(self.places.frequency)),
            gain: value(self.places.gain).unwrap_or(0.0),
            q: value(self.places.q).unwrap_or(std::f64::consts::FRAC_1_SQRT_2),
        }
    }

    /// Its amplitude is 1 everywhere.
    pub(super) fn turns_phase_only(&self) -> bool {
        self.form == Form::AllPass
    }

    pub(super) fn moves(&self, values: &Values<'_>) -> bool {
        let moves = |place: Option<usize>| place.is_some_and(|p| values.get(p).moves());
        moves(Some(self.places.frequency)) || moves(self.places.gain) || moves(self.places.q)
    }

    /// dB per octave of a cut.
    pub(super) fn slope(&self, args: &Args) -> u32 {
        self.places.slope.and_then(|p| args.number(p)).map_or(12, |slope| slope as u32)
    }

    /// Its sections at `settings`; how many does not depend on them.
    pub(super) fn design(&self, settings: Settings, slope: u32, rate: Rate) -> ([Prototype; MOST], usize) {
        let Settings { frequency, gain, q } = settings.within(rate);
        let two = |[p, r]: [Prototype; 2]| ([p, r, Prototype::IDENTITY, Prototype::IDENTITY], 2);
        match self.form {
            // the one slope whose q is the user's
            Form::LowCut if slope == 12 => two(factored::high_pass(frequency, q, rate)),
            Form::LowCut => super::cuts::sections(
                slope,
                q,
                |q| matched::high_pass(frequency, q, rate),
                || matched::high_pass_first(frequency, rate),
            ),
            Form::HighCut => super::cuts::sections(
                slope,
                q,
                |q| factored::low_pass(frequency, q, rate),
                || matched::low_pass_first(frequency, rate),
            ),
            Form::Bell => alone(matched::bell(frequency, gain, q, rate)),
            Form::LowShelf => two(factored::low_shelf(frequency, gain, q, rate)),
            Form::HighShelf => two(factored::high_shelf(frequency, gain, q, rate)),
            Form::Notch => alone(matched::notch(frequency, q, rate)),
            Form::BandPass => two(factored::band_pass(frequency, q, rate)),
            Form::AllPass => alone(matched::all_pass(frequency, q, rate)),
            Form::Tilt => alone(matched::tilt(frequency, gain, rate)),
        }
    }

    /// One section instead of two, where there can be one.
    fn one(&self, settings: Settings, slope: u32, rate: Rate) -> Option<Prototype> {
        let Settings { frequency, gain, q } = settings.within(rate);
        match self.form {
            Form::LowCut if slope == 12 => Some(matched::high_pass(frequency, q, rate)),
            Form::LowShelf => Some(matched::low_shelf(frequency, gain, q, rate)),
            Form::HighShelf => Some(matched::high_shelf(frequency, gain, q, rate)),
            _ => None,
        }
    }

    /// Whether one section does what two of [`design`](Band::design) do, within 0.001 dB from end to end: low down nothing is squeezed, and the second
    /// one has nothing to mend.
    pub(super) fn does_with_one(&self, settings: Settings, slope: u32, rate: Rate) -> bool {
        // 0.001 dB, as power
        const SAME: f64 = 2.3e-4;
        // a sharper resonance could lie between the points
        const SHARPEST: f64 = 2.0;
        const POINTS: i32 = 64;
        let Some(one) = self.one(settings, slope, rate).filter(|_| settings.q <= SHARPEST) else { return false };
        let two = self.design(settings, slope, rate).0;
        (0..=POINTS).all(|i| {
            // from 10^-4.5 to .98 of the Nyquist frequency
            let part = math::pow(10.0, -4.5 * f64::from(POINTS - i) / f64::from(POINTS));
            let t = math::tan(0.98 * std::f64::consts::FRAC_PI_2 * part);
            (one.power(t * t) / (two[0].power(t * t) * two[1].power(t * t)) - 1.0).abs() < SAME
        })
    }

    /// As [`design`](Band::design), with one section for two if it is to be so.
    pub(super) fn sections(&self, settings: Settings, slope: u32, rate: Rate, one: bool) -> ([Prototype; MOST], usize) {
        match self.one(settings, slope, rate).filter(|_| one) {
            Some(one) => alone(one),
            None => self.design(settings, slope, rate),
        }
    }
}

impl Effect for Band {
    fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    fn shape(&self, _: &Args, setup: &Setup) -> Result<Shape, Refused> {
        Ok(Shape { tail: Tail::Rings, ..Shape::plain(setup) })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Bank::of_one(args, setup)?))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        let (settings, slope) = (self.at_rest(args), self.slope(args));
        let one = args.moving.is_empty() && self.does_with_one(settings, slope, setup.rate);
        let (sections, count) = self.sections(settings, slope, setup.rate, one);
        Some(sections[..count].iter().map(|p| p.section().response(frequency, setup.rate)).product())
    }

    fn neutral(&self) -> Option<Args> {
        let gain = self.places.gain?;
        let mut args = Args::defaults(self.declaration());
        args.values[gain] = Arg::Number(0.0);
        Some(args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_down_one_section_does_what_two_do() {
        let bands = [
            (&super::super::LOW_CUT, 0.0, 0.5),
            (&super::super::LOW_CUT, 0.0, 1.9),
            (&super::super::LOW_SHELF, 12.0, 0.7),
            (&super::super::HIGH_SHELF, -18.0, 1.0),
        ];
        for rate in [Rate::STUDIO, Rate::CD, Rate::new(96_000).unwrap()] {
            for (band, gain, q) in bands {
                let one = |frequency| band.does_with_one(Settings { frequency, gain, q }, 12, rate);
                assert!([10.0, 30.0, 100.0, 300.0].into_iter().all(one), "{} at {rate:?}", band.declaration.name);
                assert!(!one(0.25 * rate.hz()));
                for frequency in [30.0, 300.0] {
                    let settings = Settings { frequency, gain, q };
                    let response = |one: bool, hz: f64| -> f64 {
                        let (sections, count) = band.sections(settings, 12, rate, one);
                        assert_eq!(count, if one { 1 } else { 2 });
                        let each = sections[..count].iter().map(|p| p.section().response(Hz::new(hz), rate).norm());
                        20.0 * math::log10(each.product())
                    };
                    let most = (1..2000).map(|i| 0.4999 * rate.hz() * f64::from(i) / 2000.0);
                    let low = (0..200).map(|i| 1.0 + f64::from(i) * frequency / 50.0);
                    let apart = |hz: f64| (response(true, hz) - response(false, hz)).abs();
                    assert!(most.chain(low).map(apart).fold(0.0, f64::max) < 1.0e-3);
                }
            }
        }
        // sharper ones, other slopes and other bands stay as they are
        let settings = Settings { frequency: 100.0, gain: 0.0, q: 5.0 };
        assert!(!super::super::LOW_CUT.does_with_one(settings, 12, Rate::STUDIO));
        let settings = Settings { q: 0.7, ..settings };
        assert!(!super::super::LOW_CUT.does_with_one(settings, 24, Rate::STUDIO));
        assert!(!super::super::BAND_PASS.does_with_one(settings, 12, Rate::STUDIO));
    }
}
