//! Once a script has been read: names to strips and sections, and what cannot be.

use std::collections::BTreeMap;

use super::state::State;
use crate::diag::{Code, Diagnostic, Span, suggest};
use crate::session::{Anchor, Effect, RouteTo, Signal, StripId, StripKind, Tap, Than, Time, Value};

/// So many strips are named to who names one that is not there.
const SHOWN: usize = 12;

/// Names that came before their strips: each to the strip it means.
struct Names {
    found: Vec<Option<StripId>>,
    first: usize,
}

impl Names {
    fn of(&self, id: StripId) -> Option<StripId> {
        if id.0 < self.first { Some(id) } else { self.found.get(usize::MAX - id.0).copied().flatten() }
    }

    fn tap(&self, tap: &mut Tap) {
        // an unknown one has been reported; `mix` keeps the data whole
        tap.strip = self.of(tap.strip).unwrap_or(StripId(0));
    }

    fn known(&self, tap: &Tap) -> bool {
        self.of(tap.strip).is_some()
    }

    fn effect(&self, effect: &mut Effect) {
        // a key that leads nowhere steers nothing, lest it close a circle through `mix`
        effect.values.retain(|(_, value, _)| !matches!(value, Value::Key(tap) if !self.known(tap)));
        for (_, value, _) in &mut effect.values {
            match value {
                Value::Key(tap) => self.tap(tap),
                Value::Effect(child) => self.effect(child),
                Value::Effects(children) => children.iter_mut().for_each(|c| self.effect(c)),
                Value::Number(signal) => self.signal(signal),
                _ => {}
            }
        }
    }

    fn signal(&self, signal: &mut Signal) {
        let Signal::Follow(follow) = signal else { return };
        if self.known(&follow.tap) {
            self.tap(&mut follow.tap);
        } else {
            *signal = Signal::Constant(follow.from);
        }
    }
}

impl State {
    pub(super) fn finish(&mut self, library: bool) {
        self.resolve();
        self.resolve_targets(library);
        self.check_sections();
        self.check_settings();
        self.check_versions();
        for id in 0..self.session.strips.len() {
            self.check_routes(StripId(id));
        }
    }

    fn resolve(&mut self) {
        let mut by_name: BTreeMap<&str, StripId> = BTreeMap::new();
        for id in self.session.ids() {
            by_name.entry(&self.session.strip(id).name).or_insert(id);
        }
        let found: Vec<Option<StripId>> = self.pending.iter().map(|p| by_name.get(&*p.name).copied()).collect();
        let names = Names { first: usize::MAX - self.pending.len(), found };
        let mut as_bus = vec![false; self.pending.len()];
        for strip in &mut self.session.strips {
            let routes = strip.to.iter_mut().map(|r| &mut r.to).chain(strip.sends.iter_mut().map(|s| &mut s.to));
            for route in routes {
                let RouteTo::Strip(id) = route else { continue };
                match names.of(*id) {
                    Some(found) => *id = found,
                    None => as_bus[usize::MAX - id.0] = true,
                }
            }
            let lost = |to: &RouteTo| matches!(to, RouteTo::Strip(id) if id.0 > names.first);
            if strip.to.as_ref().is_some_and(|r| lost(&r.to)) {
                strip.to = None;
            }
            strip.sends.retain(|s| !lost(&s.to));
            strip.inserts.iter_mut().for_each(|e| names.effect(e));
            names.signal(&mut strip.gain);
            names.signal(&mut strip.width);
            strip.rides.iter_mut().for_each(|s| names.signal(s));
            strip.pan.iter_mut().for_each(|s| names.signal(s));
            strip.sends.iter_mut().for_each(|s| names.signal(&mut s.level));
            if let Some((left, right)) = &mut strip.place {
                names.signal(left);
                names.signal(right);
            }
        }
        for vca in &mut self.session.vcas {
            vca.strips = vca.strips.iter().filter_map(|id| names.of(*id)).collect();
            names.signal(&mut vca.gain);
        }
        for version in &mut self.session.versions {
            for list in [&mut version.mute, &mut version.unmute, &mut version.solo] {
                *list = list.iter().filter_map(|id| names.of(*id)).collect();
            }
        }
        for stems in &mut self.session.stems {
            if let Some(strips) = &mut stems.strips {
                *strips = strips.iter().filter_map(|id| names.of(*id)).collect();
            }
        }
        self.session.deliveries.iter_mut().for_each(|d| names.tap(&mut d.tap));
        for expectation in &mut self.session.expectations {
            names.tap(&mut expectation.reading.tap);
            if let Than::Reading(reading) = &mut expectation.than {
                names.tap(&mut reading.tap);
            }
        }
        for (index, pending) in self.pending.iter().enumerate() {
            let (code, kind) = if as_bus[index] { (Code::UNKNOWN_BUS, "bus") } else { (Code::UNKNOWN_STRIP, "strip") };
            if names.found[index].is_some() || !self.diagnostics.wants(code, pending.span) {
                continue;
            }
            let all = self.session.strips.iter().filter(|s| !as_bus[index] || s.kind != StripKind::Track);
            let near = suggest(&pending.name, all.map(|s| s.name.as_str()));
            let mut diagnostic = Diagnostic::error(code, format!("there is no {kind} \"{}\"", pending.name))
                .label(pending.span, format!("not a {kind}"))
                .did_you_mean(near);
            if near.is_none() && as_bus[index] {
                diagnostic = diagnostic.help(format!("make it: `bus(\"{}\")`", pending.name));
            } else if near.is_none() {
                let named = self.session.strips.iter().map(|s| s.name.as_str()).filter(|n| !n.is_empty());
                diagnostic = diagnostic.help(format!("there are {}", super::bind::list(named.take(SHOWN))));
            }
            self.diagnostics.push(diagnostic);
        }
    }

    fn check_sections(&mut self) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for section in &self.session.sections {
            *counts.entry(&section.name).or_default() += 1;
        }
        for (name, span) in std::mem::take(&mut self.sections) {
            let whole = counts.contains_key(&*name);
            let numbered = name.rsplit_once(' ').and_then(|(base, n)| Some((base, n.parse::<usize>().ok()?)));
            let count = numbered.and_then(|(base, _)| counts.get(base)).copied().unwrap_or(0);
            let there = whole || numbered.is_some_and(|(_, n)| n >= 1 && n <= count);
            if there || !self.diagnostics.wants(Code::UNKNOWN_SECTION, span) {
                continue;
            }
            let mut diagnostic = Diagnostic::error(Code::UNKNOWN_SECTION, format!("there is no section \"{name}\""));
            diagnostic = match numbered {
                Some((base, _)) if count > 0 => diagnostic.label(
                    span,
                    match count {
                        1 => format!("\"{base}\" occurs once"),
                        n => format!("\"{base}\" occurs {n} times"),
                    },
                ),
                _ => diagnostic.label(span, "not a section"),
            };
            if let Some(time) = quoted_bar(&name) {
                let diagnostic = diagnostic.help(format!("a place in the song is no text: write `{time}`"));
                self.diagnostics.push(diagnostic.fix(span, time));
                continue;
            }
            let near = suggest(&name, self.session.sections.iter().map(|s| s.name.as_str()));
            let diagnostic = diagnostic.did_you_mean(near);
            self.diagnostics.push(if self.session.sections.is_empty() {
                diagnostic.help("name the parts of the song: `sections([bar(1): \"intro\", bar(9): \"\"])`")
            } else {
                diagnostic
            });
        }
        for section in &self.session.sections {
            if let (Some(from), Some(to)) = (decided(&section.from), decided(&section.to))
                && from.0 == to.0
                && to.1 <= from.1
            {
                let message = format!("the section \"{}\" ends before it begins", section.name);
                let mut diagnostic = Diagnostic::error(Code::TIME, message).label(section.loc.0, "this section");
                for (time, text) in [(&section.from, "it begins here"), (&section.to, "and ends here")] {
                    if let Some(loc) = time.loc {
                        diagnostic = diagnostic.label(loc.0, text);
                    }
                }
                self.diagnostics.push(diagnostic.help("put its end after its beginning"));
            }
        }
    }

    fn check_routes(&mut self, id: StripId) {
        let strip = &self.session.strips[id.0];
        let mut found: Vec<(Span, StripId)> = Vec::new();
        for (to, loc) in strip.to.iter().map(|r| (&r.to, r.loc)).chain(strip.sends.iter().map(|s| (&s.to, s.loc))) {
            if let RouteTo::Strip(to) = to {
                found.push((loc.0, *to));
            }
        }
        for (span, to) in found {
            let (from, target) = (&self.session.strips[id.0], &self.session.strips[to.0]);
            let diagnostic = if id == to {
                Diagnostic::error(Code::SELF_SEND, format!("\"{}\" is sent to itself", from.name))
                    .label(span, "the strip itself")
                    .help("echoes are made with `delay(feedback: …)`")
            } else if target.kind == StripKind::Track {
                Diagnostic::error(
                    Code::UNKNOWN_BUS,
                    format!("\"{}\" is a track: nothing can be routed into it", target.name),
                )
                .label(span, "not a bus")
                .label(target.loc.0, "the track")
                .help(format!("make a bus: `bus(\"{} bus\")`", target.name))
            } else {
                continue;
            };
            self.diagnostics.push(diagnostic);
            if id == to || self.session.strips[to.0].kind == StripKind::Track {
                let strip = &mut self.session.strips[id.0];
                strip.sends.retain(|s| s.to != RouteTo::Strip(to));
                if strip.to.as_ref().is_some_and(|r| r.to == RouteTo::Strip(to)) {
                    strip.to = None;
                }
            }
        }
    }
}

/// `bar(9)` for "bar 9".
fn quoted_bar(name: &str) -> Option<String> {
    let number = name.to_lowercase().strip_prefix("bar")?.trim().trim_matches(['(', ')']).to_string();
    (!number.is_empty() && number.chars().all(|c| c.is_ascii_digit())).then(|| format!("bar({number})"))
}

/// A time that can be compared without tempo and meter: its kind, and how late it is.
fn decided(time: &Time) -> Option<(bool, (f64, f64))> {
    match time.anchors.as_slice() {
        [] if time.is_absolute() && time.samples == 0.0 => Some((false, (time.seconds, 0.0))),
        [(1, Anchor::Bar { bar, beat })] if !time.is_musical() && time.seconds == 0.0 && time.samples == 0.0 => {
            Some((true, (bar.value(), beat.value())))
        }
        _ => None,
    }
}
