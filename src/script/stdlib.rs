//! What comes with the program in its own language.

/// Name and text of each, in the order of the manual.
pub const MODULES: &[(&str, &str)] = &[
    ("vocals", include_str!("../../stdlib/vocals.mix")),
    ("drums", include_str!("../../stdlib/drums.mix")),
    ("spaces", include_str!("../../stdlib/spaces.mix")),
    ("mastering", include_str!("../../stdlib/mastering.mix")),
];

/// The table of delivery targets.
pub const TARGETS: &str = include_str!("../../stdlib/targets.mix");
