//! One file per verb.

mod cache;
mod check;
mod effects;
mod explain;
mod fmt;
mod master;
mod measure;
mod new;
mod plan;
mod render;
mod targets;
mod watch;

pub(super) use cache::cache;
pub(super) use check::check;
pub(super) use effects::effects;
pub(super) use explain::explain;
pub(super) use fmt::fmt;
pub(super) use master::master;
pub(super) use measure::measure;
pub(super) use new::new;
pub(super) use plan::plan;
pub(super) use render::render;
pub(super) use targets::targets;
pub(super) use watch::watch;
