//! Delivery targets: those of `stdlib/targets.mix`, and what scripts say over them.

use std::path::Path;
use std::sync::OnceLock;

use rhai::Dynamic;

use super::bind::{Bound, Cx, Signature};
use super::state::{Out, State};
use super::values::Given;
use super::{inside, sandbox, stdlib};
use crate::diag::{Code, Diagnostic, SourceId, Sources, suggest};
use crate::session::{Format, Loc, Target, TargetKind};
use crate::units::{Rate, Unit};
use crate::world::Memory;

const MOST: usize = 1000;

pub(super) const SIGNATURES: &[Signature] = &[Signature::function(
    "target",
    "Says where deliveries may go and what is asked of them there, or says a listed target otherwise.",
    &[
        ("name", "what `deliver(target: …)` calls it; `{target}` in paths"),
        ("title", "what people call it"),
        (
            "kind",
            "\"floor\": quieter masters are lifted, louder ones kept; \"exact\": met from both sides; \"none\": no rule",
        ),
        ("loudness", "what it asks for, -60LUFS to 0LUFS"),
        ("peak", "the highest true peak it takes, -60dBTP to 0dBTP"),
        ("peak_when_louder", "instead of `peak` where a master is louder than `loudness`"),
        ("playback", "what it brings its music to for a listener, LUFS; `loudness` for a floor unless said"),
        ("lifts", "quieter masters are lifted until their true peak comes to this, dBTP; unless said they stay quiet"),
        super::deliver::RATE,
        super::deliver::BITS,
        super::deliver::FORMAT,
        ("source", "what the numbers were read from"),
        ("date", "when"),
        ("note", "what a user should know of it"),
    ],
    1,
    target,
)];

/// What a call of `target` says; what it doesn't say stays as it was.
pub(super) struct Said {
    name: String,
    title: Option<String>,
    kind: Option<TargetKind>,
    loudness: Option<f64>,
    peak: Option<f64>,
    peak_when_louder: Option<f64>,
    playback: Option<f64>,
    lifts: Option<f64>,
    rate: Option<Rate>,
    bits: Option<u32>,
    format: Option<Format>,
    source: Option<String>,
    date: Option<String>,
    note: Option<String>,
    loc: Loc,
}

fn target(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let mut next = {
        let mut index = 0;
        move || {
            index += 1;
            bound.take(index - 1)
        }
    };
    let name = next();
    let Some(name) = cx.needs(name, "name") else { return Ok(Dynamic::UNIT) };
    let loc = Loc(name.span);
    let name = cx.state.text(cx.what("name"), &name).filter(|name| {
        let empty = name.trim().is_empty();
        if empty {
            cx.state.error(Code::UNUSABLE_NAME, "a target needs a name", loc.0, "empty");
        }
        !empty
    });
    let text = |cx: &mut Cx<'_>, given: Option<Given>, param| cx.state.text(cx.what(param), &given?);
    let title = text(cx, next(), "title");
    let kinds = TargetKind::ALL.map(TargetKind::name);
    let kind = next().and_then(|g| cx.state.choice(cx.what("kind"), &kinds, &g)).map(|i| TargetKind::ALL[i]);
    let mut level = |param, unit, max| {
        let given = next()?;
        cx.state.level(cx.what(param), unit, -60.0, max, &given)
    };
    let (loudness, peak) = (level("loudness", Unit::Lufs, 0.0), level("peak", Unit::Dbtp, 0.0));
    let peak_when_louder = level("peak_when_louder", Unit::Dbtp, 0.0);
    let (playback, lifts) = (level("playback", Unit::Lufs, 0.0), level("lifts", Unit::Dbtp, 0.0));
    let rate = next().and_then(|g| cx.state.rate(cx.what("rate"), &g));
    let bits = next().and_then(|g| cx.bits(&g));
    let format = next().and_then(|g| cx.format(&g));
    let (source, date, note) = (text(cx, next(), "source"), text(cx, next(), "date"), text(cx, next(), "note"));
    let Some(name) = name else { return Ok(Dynamic::UNIT) };
    cx.state.count("targets", cx.state.targets.len(), MOST, cx.at)?;
    cx.state.targets.push(Said {
        name,
        title,
        kind,
        loudness,
        peak,
        peak_when_louder,
        playback,
        lifts,
        rate,
        bits,
        format,
        source,
        date,
        note,
        loc,
    });
    Ok(Dynamic::UNIT)
}

impl Said {
    /// A target of its own, of which nothing is said yet.
    fn alone(&self) -> Target {
        Target {
            name: self.name.clone(),
            title: None,
            kind: TargetKind::None,
            loudness: None,
            peak: None,
            peak_when_louder: None,
            playback: None,
            lifts: None,
            rate: None,
            bits: None,
            format: None,
            source: String::new(),
            date: String::new(),
            note: None,
            loc: self.loc,
        }
    }

    fn over(&self, target: &mut Target) {
        fn put<T: Clone>(new: &Option<T>, old: &mut Option<T>) {
            if new.is_some() {
                old.clone_from(new);
            }
        }
        put(&self.title, &mut target.title);
        put(&self.loudness, &mut target.loudness);
        put(&self.peak, &mut target.peak);
        put(&self.peak_when_louder, &mut target.peak_when_louder);
        put(&self.playback, &mut target.playback);
        put(&self.lifts, &mut target.lifts);
        put(&self.rate, &mut target.rate);
        put(&self.bits, &mut target.bits);
        put(&self.format, &mut target.format);
        put(&self.note, &mut target.note);
        target.kind = self.kind.unwrap_or(target.kind);
        target.source = self.source.clone().unwrap_or_else(|| std::mem::take(&mut target.source));
        target.date = self.date.clone().unwrap_or_else(|| std::mem::take(&mut target.date));
        target.loc = self.loc;
    }
}

/// Where the library's targets stand until a session takes them in.
const LIBRARY: SourceId = SourceId(u32::MAX);
const FILE: &str = "targets.mix";

/// The targets that come with the program, in the order of the manual. Read once, when first asked for.
pub fn targets() -> &'static [Target] {
    static ALL: OnceLock<Vec<Target>> = OnceLock::new();
    ALL.get_or_init(|| {
        let world = Memory::new();
        world.put(FILE, stdlib::TARGETS);
        let mut session = inside(&world, Path::new(FILE), &[], &sandbox::Guard::default(), &[], true).session;
        session.targets.iter_mut().for_each(|t| t.loc.0.source = LIBRARY);
        session.targets
    })
}

impl State {
    /// Every delivery's target: from the library, with what the script says over it. `library`: the script is the library, and all are kept.
    pub(super) fn resolve_targets(&mut self, library: bool) {
        let said = std::mem::take(&mut self.targets);
        let wanted = self.session.deliveries.iter().any(|d| d.target.is_some());
        let known = if library || !wanted && said.is_empty() { &[] } else { targets() };
        let mut own: Vec<Target> = Vec::new();
        for said in &said {
            let at = own.iter().position(|t| t.name == said.name).unwrap_or_else(|| {
                own.push(known.iter().find(|t| t.name == said.name).cloned().unwrap_or_else(|| said.alone()));
                own.len() - 1
            });
            said.over(&mut own[at]);
        }
        for target in &mut own {
            let kind_said = said.iter().any(|s| s.name == target.name && s.kind.is_some());
            if !kind_said && target.loudness.is_some() && !known.iter().any(|t| t.name == target.name) {
                target.kind = TargetKind::Exact;
            }
            if target.kind == TargetKind::Floor {
                // who normalises does so to the level that is asked for
                target.playback = target.playback.or(target.loudness);
            }
            let kind = target.kind.name();
            let diagnostic = match (target.kind, target.loudness) {
                (TargetKind::None, Some(_)) => {
                    let message = format!("a target of the kind \"{kind}\" asks for no loudness");
                    Diagnostic::error(Code::ARGUMENTS, message)
                        .label(target.loc.0, "this one has one")
                        .help("say how it is meant: `kind: \"exact\"` or `kind: \"floor\"`")
                }
                (TargetKind::Floor | TargetKind::Exact, None) => {
                    let message = format!("a target of the kind \"{kind}\" has a loudness");
                    Diagnostic::error(Code::ARGUMENTS, message)
                        .label(target.loc.0, "this one has none")
                        .help("say it, `loudness: -14LUFS`, or that there is no rule, `kind: \"none\"`")
                }
                _ => continue,
            };
            self.push(diagnostic);
        }
        if library {
            self.session.targets = own;
            return;
        }
        for delivery in &mut self.session.deliveries {
            let Some((name, loc)) = &delivery.target else { continue };
            if self.session.targets.iter().any(|t| t.name == *name) {
                continue;
            }
            match own.iter().chain(known).find(|t| t.name == *name) {
                Some(target) => self.session.targets.push(target.clone()),
                None if !self.diagnostics.wants(Code::DELIVERY_TARGET, loc.0) => delivery.target = None,
                None => {
                    let near = suggest(name, own.iter().chain(known).map(|t| t.name.as_str()));
                    let diagnostic =
                        Diagnostic::error(Code::DELIVERY_TARGET, format!("there is no delivery target \"{name}\""))
                            .label(loc.0, "not a target")
                            .did_you_mean(near)
                            .help_if_none("`mixdown targets` lists them; `target(…)` makes one");
                    self.diagnostics.push(diagnostic);
                    delivery.target = None;
                }
            }
        }
    }
}

/// Gives the library's targets a place among the texts, so that a message can point there.
pub(super) fn place(targets: &mut [Target], sources: &mut Sources) {
    let mut here = None;
    for target in targets.iter_mut().filter(|t| t.loc.0.source == LIBRARY) {
        let id = here.get_or_insert_with(|| sources.add(format!("<stdlib>/{FILE}"), stdlib::TARGETS));
        target.loc.0.source = *id;
    }
}
