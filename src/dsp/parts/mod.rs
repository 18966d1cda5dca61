//! What effects are made of: filters, delays, detectors, oversamplers.

pub mod child;
pub mod delay_ring;
pub mod mid_side;
