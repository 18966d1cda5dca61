//! The project that `new` makes: a short song that renders as it is, with sounds made on the spot.

mod sounds;

/// What is written, by its path below the project's folder.
pub(super) fn files(title: &str) -> Vec<(&'static str, Vec<u8>)> {
    // as a string in a script
    let title = title.replace('\\', "\\\\").replace('"', "\\\"");
    vec![
        ("audio/kick.wav", sounds::kick()),
        ("audio/bass.wav", sounds::bass()),
        ("audio/pad.wav", sounds::pad()),
        (".gitignore", include_bytes!("gitignore").to_vec()),
        (".gitattributes", include_bytes!("gitattributes").to_vec()),
        ("song.mix", include_str!("song.mix").replace("{title}", &title).into_bytes()),
    ]
}
