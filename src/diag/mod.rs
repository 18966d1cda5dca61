//! Mistakes: where they are, what they are called, what to do about them. Fed with text; it opens nothing and prints nothing.

mod codes;
mod diagnostic;
mod explanations;
mod fix;
mod sources;
mod suggest;

pub use codes::{Code, Explanation};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use explanations::CODES;
pub use fix::Fix;
pub use sources::{Place, Source, SourceId, Sources, Span};
pub use suggest::suggest;
