//! What effects are made of: filters, delays, detectors, oversamplers.

pub mod allpass;
pub mod ballistics;
pub mod biquad;
pub mod brickwall;
pub mod cascade;
pub mod child;
pub mod cut;
pub mod delay_line;
pub mod delay_ring;
pub mod detector;
pub mod dither;
pub mod factored;
pub mod hadamard;
pub mod interpolate;
pub mod kaiser;
pub mod linkwitz;
pub mod matched;
pub mod mid_side;
pub mod oversample;
pub mod resample;
pub mod rest;
pub mod shapers;
pub mod state_variable;
pub mod true_peak;
