//! Words: one type per unit, so that decibels and frames cannot be swapped by accident.

mod beats;
mod db;
mod frames;
mod hz;
mod literal;
mod rate;
mod seconds;
mod unit;

pub use beats::Beats;
pub use db::Db;
pub use frames::Frames;
pub use hz::Hz;
pub use literal::literal;
pub use rate::Rate;
pub use seconds::Seconds;
pub use unit::{Dimension, Unit};
