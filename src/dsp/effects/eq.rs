use num_complex::Complex64;

use super::band;
use super::bank::Bank;
use super::linear;
use crate::dsp::{
    Args, Category, Declaration, Effect, Param, Place, Processor, Refused, Setup, Shape, Tail, catalogue, common,
};
use crate::units::{Frames, Hz};

/// Bands in series, of which those that stand still run as one; a band with common parameters of its own runs as it would alone. Or their curve as one
/// filter of linear phase.
pub(crate) struct Eq;

static DECLARATION: Declaration = Declaration {
    name: "eq",
    category: Category::Equaliser,
    help: "An equaliser of any number of bands, in series",
    version: 2,
    params: &[
        Param::effects("bands", "Cuts, shelves, bells, notches, in the order of the sound"),
        Param::choice(
            "phase",
            &["minimum", "linear"],
            0,
            "Minimum is at once; linear keeps the phase and is late, and what is sharp rings before a sound as after it",
        ),
    ],
};

const BANDS: usize = 0;
const PHASE: usize = 1;

impl Eq {
    fn check(args: &Args, setup: &Setup) -> Result<(), Refused> {
        if let Some(child) = args.children().find(|child| band::of(child).is_none()) {
            return Err(Refused::new(format!("`{}` is no band of an equaliser", child.of.name))
                .at(BANDS)
                .help(format!("its bands are {}; `chain` takes any effect", band::names())));
        }
        args.children().try_for_each(|child| catalogue::shape(child, setup).map(|_| ()))?;
        if Eq::is_linear(args) { linear::check(args).map_err(|refused| refused.at(BANDS)) } else { Ok(()) }
    }

    fn is_linear(args: &Args) -> bool {
        args.choice(PHASE) == 1
    }
}

impl Effect for Eq {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        Eq::check(args, setup)?;
        let latency = if Eq::is_linear(args) { linear::latency(setup.rate) } else { Frames::ZERO };
        Ok(Shape { latency, tail: Tail::Rings, ..Shape::plain(setup) })
    }

    fn places(&self, args: &Args, setup: &Setup) -> Result<Vec<Place>, Refused> {
        let late = if Eq::is_linear(args) { linear::late(setup.rate) } else { Frames::ZERO };
        Ok(args.children().map(|_| Place { layout: setup.layout, late }).collect())
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Eq::check(args, setup)?;
        if Eq::is_linear(args) {
            return linear::build(args, setup);
        }
        Ok(Box::new(Bank::of_bands(args.children(), args.values.len(), setup)?))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        if Eq::is_linear(args) {
            if args.children().any(|child| !child.moving.is_empty()) {
                return None;
            }
            let delay = common::delayed(linear::latency(setup.rate), setup, frequency);
            return Some(delay * linear::amplitude(args, setup.rate, frequency)?);
        }
        args.children()
            .try_fold(Complex64::ONE, |product, child| Some(product * catalogue::response(child, setup, frequency)?))
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION))
    }
}
