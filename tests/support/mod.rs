//! What tests share.

pub(crate) mod allocations;
pub(crate) mod cases;
pub(crate) mod runner;
