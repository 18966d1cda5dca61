//! What a check lists beside mistakes: the parameters of a script, and what it was read from.

use std::path::Path;

use serde::Serialize;

use super::text::Rows;

/// A value that can be set from outside, as it is written in a script.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter<'a> {
    pub name: &'a str,
    /// In words: "a level in dB".
    pub takes: &'a str,
    pub default: &'a str,
    pub value: &'a str,
    pub help: &'a str,
}

/// A file that a script was read from, or that it looked for in vain.
#[derive(Clone, Copy, Debug)]
pub struct Dependency<'a> {
    pub path: &'a Path,
    /// `script`, `audio` or `cover`.
    pub kind: &'static str,
    pub there: bool,
}

/// All parameters of a script for people.
pub fn parameters(all: &[Parameter<'_>]) -> String {
    let mut rows = Rows::new("<<<<", &["parameter", "default", "now", ""]);
    for p in all {
        let now = if p.value == p.default { String::new() } else { p.value.to_string() };
        let help = if p.help.is_empty() { p.takes } else { p.help };
        rows.row(vec![p.name.to_string(), p.default.to_string(), now, help.to_string()]);
    }
    rows.text("")
}

/// All files for people.
pub fn dependencies(all: &[Dependency<'_>]) -> String {
    let mut rows = Rows::new("<<<", &[]);
    for d in all {
        let state = if d.there { "" } else { "not there" };
        rows.row(vec![d.kind.to_string(), d.path.display().to_string(), state.to_string()]);
    }
    rows.text("")
}

/// A parameter of `script` for programs.
pub fn parameter<'a>(script: &'a Path, parameter: Parameter<'a>) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        reason: &'static str,
        schema: u32,
        script: &'a Path,
        #[serde(flatten)]
        parameter: Parameter<'a>,
    }
    Object { reason: "parameter", schema: super::json::SCHEMA, script, parameter }
}

/// A file that `script` depends on, for programs.
pub fn dependency<'a>(script: &'a Path, dependency: Dependency<'a>) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        reason: &'static str,
        schema: u32,
        script: &'a Path,
        path: &'a Path,
        kind: &'static str,
        state: &'static str,
    }
    let state = if dependency.there { "read" } else { "missing" };
    Object {
        reason: "dependency",
        schema: super::json::SCHEMA,
        script,
        path: dependency.path,
        kind: dependency.kind,
        state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_shown_beside_what_it_was() {
        let plain = Parameter { name: "vocal", takes: "a level in dB", default: "0dB", value: "1dB", help: "" };
        let told = Parameter { name: "take", takes: "a text", default: "a", value: "a", help: "Which take" };
        assert_eq!(
            parameters(&[plain, told]),
            "parameter  default  now\nvocal      0dB      1dB  a level in dB\ntake       a             Which take\n"
        );
        let object = serde_json::to_string(&parameter(Path::new("song.mix"), plain)).unwrap();
        assert_eq!(
            object,
            r#"{"reason":"parameter","schema":1,"script":"song.mix","name":"vocal","takes":"a level in dB","default":"0dB","value":"1dB","help":""}"#
        );
    }

    #[test]
    fn files_are_listed_with_what_is_missing() {
        let lib = Dependency { path: Path::new("lib/a.mix"), kind: "script", there: false };
        let vox = Dependency { path: Path::new("vox.wav"), kind: "audio", there: true };
        assert_eq!(dependencies(&[vox, lib]), "audio   vox.wav\nscript  lib/a.mix  not there\n");
        let object = serde_json::to_string(&dependency(Path::new("song.mix"), lib)).unwrap();
        assert_eq!(
            object,
            r#"{"reason":"dependency","schema":1,"script":"song.mix","path":"lib/a.mix","kind":"script","state":"missing"}"#
        );
    }
}
