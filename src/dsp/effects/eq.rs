use num_complex::Complex64;

use super::band;
use super::bank::Bank;
use crate::dsp::{Args, Category, Declaration, Effect, Param, Processor, Refused, Setup, Shape, Tail, catalogue};
use crate::units::Hz;

/// Bands in series, of which those that stand still run as one. A band with common parameters of its own runs as it would alone.
pub(crate) struct Eq;

static DECLARATION: Declaration = Declaration {
    name: "eq",
    category: Category::Equaliser,
    help: "An equaliser of any number of bands, in series",
    version: 1,
    params: &[Param::effects("bands", "Cuts, shelves, bells, notches, in the order of the sound")],
};

const BANDS: usize = 0;

impl Eq {
    fn check(args: &Args, setup: &Setup) -> Result<(), Refused> {
        if let Some(child) = args.children().find(|child| band::of(child).is_none()) {
            return Err(Refused::new(format!("`{}` is no band of an equaliser", child.of.name))
                .at(BANDS)
                .help(format!("its bands are {}; `chain` takes any effect", band::names())));
        }
        args.children().try_for_each(|child| catalogue::shape(child, setup).map(|_| ()))
    }
}

impl Effect for Eq {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        Eq::check(args, setup)?;
        Ok(Shape { tail: Tail::Rings, ..Shape::plain(setup) })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Eq::check(args, setup)?;
        Ok(Box::new(Bank::of_bands(args.children(), args.values.len(), setup)?))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        args.children()
            .try_fold(Complex64::ONE, |product, child| Some(product * catalogue::response(child, setup, frequency)?))
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION))
    }
}
