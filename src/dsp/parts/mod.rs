//! What effects are made of: filters, delays, detectors, oversamplers.

pub mod biquad;
pub mod cascade;
pub mod child;
pub mod delay_ring;
pub mod factored;
pub mod linkwitz;
pub mod matched;
pub mod mid_side;
pub mod state_variable;
