//! The meters against the standards' own signals (EBU Tech 3341 and 3342) and against libebur128, whose port is the `ebur128` crate.
//! `cargo test --release --test loudness -- --nocapture` shows the table.

mod beside;
mod signals;
mod standard;
mod true_peak;

use mixdown::analysis::{Measurement, Meter, What};
use mixdown::audio::Block;
use mixdown::units::Rate;

fn meter(block: &Block, rate: Rate) -> Meter {
    let mut meter = Meter::new(rate, block.channels(), What::Full);
    meter.add(block.planes_ref(block.channels(), block.capacity()));
    meter
}

fn measure(block: &Block) -> Measurement {
    meter(block, Rate::STUDIO).finish()
}
