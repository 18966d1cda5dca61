//! Versions: the same session with other strips silent.

use rhai::{Array, Dynamic};

use super::bind::{Bound, Cx, Signature};
use super::state::{Out, State};
use super::values::{self, Given, VersionValue};
use crate::diag::{Code, Diagnostic, Span, suggest};
use crate::session::{Loc, StripId, Version, Versions};

pub(super) const MOST: usize = 100;

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "version",
        "Makes the song in another shape; it takes `mute`, `unmute` and `solo`.",
        &[("name", "what `deliver(versions: …)` calls it; `{version}` in paths")],
        1,
        version,
    ),
    Signature::method("unmute", "Lets strips sound in a version that are muted elsewhere.", &[], 0, unmute)
        .and_more("strips", "or their names"),
];

/// Which strips of a version.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Mute,
    Unmute,
    Solo,
}

fn version(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let given = bound.take(0);
    let Some(given) = cx.needs(given, "name") else { return cx.state.poison() };
    let Some(name) = cx.state.text(cx.what("name"), &given) else { return cx.state.poison() };
    let problem = match name.trim() {
        "" => Some("it is empty"),
        Version::MAIN => Some("that is the session as it stands"),
        "all" => Some("`versions: \"all\"` means every version"),
        trimmed if trimmed.len() != name.len() || name.contains(['/', '\\', '{', '}', ':']) => {
            Some("it holds a sign that no file name can hold")
        }
        _ => None,
    };
    if let Some(problem) = problem {
        let message = format!("a version cannot be called \"{name}\"");
        let diagnostic = Diagnostic::error(Code::UNUSABLE_NAME, message).label(given.span, problem);
        cx.state.push(diagnostic.help("write `version(\"instrumental\").mute(vox)`"));
        return cx.state.poison();
    }
    let known = cx.state.session.versions.iter().position(|v| v.name == name);
    let index = match known {
        Some(index) => index,
        None => {
            let now = cx.state.session.versions.len();
            cx.state.count("versions", now, MOST, cx.at)?;
            let none = Vec::new;
            let loc = Loc(given.span);
            cx.state.session.versions.push(Version { name, mute: none(), unmute: none(), solo: none(), loc });
            now
        }
    };
    Ok(Dynamic::from(VersionValue(index)))
}

fn unmute(cx: &mut Cx<'_>, bound: Bound) -> Out {
    let Some(VersionValue(index)) = values::get::<VersionValue>(&cx.this) else {
        if !values::is_poison(&cx.this) {
            let diagnostic = Diagnostic::error(Code::WRONG_TYPE, "`unmute` is something that a version does")
                .label(cx.at, "not on a version")
                .help("write `.mute(false)`, or `version(\"tv\").unmute(vox)`");
            cx.state.push(diagnostic);
        }
        return cx.again();
    };
    change(cx, index, Change::Unmute, bound.rest)
}

/// Adds strips to a version's list.
pub(super) fn change(cx: &mut Cx<'_>, index: usize, change: Change, given: Vec<Given>) -> Out {
    if given.is_empty() {
        let message = format!("`{}` of a version needs the strips that it is for", cx.of);
        let diagnostic = Diagnostic::error(Code::ARGUMENTS, message).label(cx.at, "of which strips?");
        let help = format!("write `version(\"instrumental\").{}(vox)`", cx.of);
        cx.state.push(diagnostic.help(help));
        return cx.again();
    }
    let strips: Vec<StripId> = given.iter().flat_map(|g| cx.state.strips_from(cx.what("strips"), g)).collect();
    let version = &mut cx.state.session.versions[index];
    let list = match change {
        Change::Mute => &mut version.mute,
        Change::Unmute => &mut version.unmute,
        Change::Solo => &mut version.solo,
    };
    list.extend(strips);
    let now = list.len();
    cx.state.count("strips of one version", now, 20_000, cx.at)?;
    cx.again()
}

/// `"all"`, a name, or a list of names.
pub(super) fn versions(cx: &mut Cx<'_>, given: &Given) -> Versions {
    if values::text(&given.value).as_deref() == Some("all") {
        return Versions::All;
    }
    let items = values::get::<Array>(&given.value).unwrap_or_else(|| vec![given.value.clone()]);
    let mut names: Vec<(String, Loc)> = Vec::new();
    for item in items {
        let one = Given { value: item.flatten(), ..given.clone() };
        if let Some(VersionValue(index)) = values::get::<VersionValue>(&one.value) {
            names.push((cx.state.session.versions[index].name.clone(), Loc(given.span)));
        } else if let Some(name) = cx.state.text(cx.what("versions"), &one)
            && names.iter().all(|(other, _)| *other != name)
        {
            let at = cx.state.entry(given.span, &name);
            names.push((name, Loc(at)));
        }
    }
    Versions::Named(names)
}

impl State {
    /// Versions that deliveries name and that are not there, or that would all become one file.
    pub(super) fn check_versions(&mut self) {
        let mut found: Vec<Diagnostic> = Vec::new();
        let all = &self.session.versions;
        for delivery in &mut self.session.deliveries {
            if let Versions::Named(names) = &mut delivery.versions {
                names.retain(|(name, loc)| {
                    let known = name == Version::MAIN || all.iter().any(|v| v.name == *name);
                    if !known {
                        found.push(unknown(name, loc.0, all));
                    }
                    known
                });
            }
            let names = delivery.versions.names(all);
            if names.len() > 1 && !delivery.path.contains("{version}") {
                found.push(
                    Diagnostic::error(Code::SAME_PATH, "all versions would go into one file")
                        .label(delivery.loc.0, "without `{version}`")
                        .help("write \"{song}-{version}.wav\""),
                );
            }
        }
        found.into_iter().for_each(|d| self.diagnostics.push(d));
    }
}

fn unknown(name: &str, span: Span, all: &[Version]) -> Diagnostic {
    let near = suggest(name, all.iter().map(|v| v.name.as_str()).chain([Version::MAIN, "all"]));
    let diagnostic = Diagnostic::error(Code::UNKNOWN_VERSION, format!("there is no version \"{name}\""))
        .label(span, "not a version")
        .did_you_mean(near);
    match near {
        Some(_) => diagnostic,
        None => diagnostic.help(format!("make it: `version(\"{name}\").mute(vox)`")),
    }
}
