//! Why a strip is rendered, in words: what was changed in it and where, or what it hears that was.

use super::before::Before;
use super::load::Loaded;
use crate::diag::{Sources, Span};
use crate::engine::SEGMENT;
use crate::graph::Trail;
use crate::graph::plan::{Node, Plan};
use crate::session::{Effect, RouteTo, Session, Strip, StripId, Value, Version};
use crate::units::{Frames, Rate};

/// Two sessions, the one that was built last and the one that is planned.
pub(super) struct Compare<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) plan: &'a Plan,
    pub(super) trail: &'a Trail,
    pub(super) before: Option<&'a Before>,
}

impl Compare<'_> {
    /// Why node `index`, which is run, is.
    pub(super) fn why(&self, index: usize) -> String {
        let node = &self.plan.nodes[index];
        let Some(before) = self.before else { return "it was not rendered before".to_string() };
        let Some(was) = before.plan.nodes.iter().position(|n| n.name == node.name && n.kind == node.kind) else {
            return format!("it is new, {}", self.place(self.loaded.session.strip(node.strip).loc.0));
        };
        let pairs = self.trail.nodes[index].iter().zip(&before.trail.nodes[was]);
        let Some(first) = pairs.clone().position(|(new, old)| new != old) else {
            return self.needed(index);
        };
        let from = match first {
            0 => String::new(),
            first => {
                let frame = (first * SEGMENT) as i64 - node.latency.input;
                format!(", from {} on", clock(frame, self.plan.rate))
            }
        };
        let mut own = self.own(node, before);
        if own.is_empty() {
            own = self.files(node, before);
        }
        if own.is_empty() {
            own = self.heard(index, node, before, was);
        }
        if own.is_empty() {
            own.push("it is rendered by another version of mixdown, or for another rate".to_string());
        }
        format!("{}{from}", own.join("; "))
    }

    /// What is the same, and must be there once more.
    fn needed(&self, index: usize) -> String {
        let name = |(i, node): (usize, &Node)| {
            let undo = self.trail.undo.get(i).and_then(Option::as_ref);
            let heard = node.inputs.iter().chain(&node.keys).chain(undo.into_iter().flat_map(|u| &u.minus));
            heard.into_iter().any(|edge| edge.from == index).then(|| format!("`{}`", node.name))
        };
        let listeners: Vec<String> = self.plan.nodes[..self.trail.own].iter().enumerate().filter_map(name).collect();
        match listeners.is_empty() {
            true => "nothing of it has changed, but it is not kept, and a file is made of it".to_string(),
            false => {
                let hear = if listeners.len() == 1 { "hears" } else { "hear" };
                format!("nothing of it has changed, but it is not kept, and {} {hear} it", listeners.join(", "))
            }
        }
    }

    /// What was changed in the strip itself.
    fn own(&self, node: &Node, before: &Before) -> Vec<String> {
        let (new, session) = (self.loaded.session.strip(node.strip), &self.loaded.session);
        let Some(id) = before.loaded.session.find(&new.name) else { return Vec::new() };
        let (old, past) = (before.loaded.session.strip(id), &before.loaded.session);
        let mut all = Vec::new();
        let mut tell = |what: &str, word: &str| {
            all.push(format!("{what} changed, {}", self.line(word, new, before)));
        };
        let plain: [(&str, bool); 12] = [
            ("gain", new.gain == old.gain),
            ("ride", new.rides == old.rides),
            ("pan", new.pan == old.pan && new.law == old.law),
            ("place", new.place == old.place),
            ("width", new.width == old.width),
            ("trim", new.trim == old.trim),
            ("polarity", new.polarity == old.polarity),
            ("delay", new.delay == old.delay),
            ("mute", new.mute == old.mute),
            ("solo", new.solo == old.solo),
            ("mute_in", new.mute_in == old.mute_in),
            ("only_in", new.only_in == old.only_in),
        ];
        plain.iter().filter(|(_, same)| !same).for_each(|(word, _)| tell(&format!("`{word}`"), word));
        if new.clips != old.clips {
            tell("its clips", "clip");
        }
        all.extend(self.inserts(new, old, session, past, before));
        all.extend(self.ways(&new.name, session, past));
        if node.name != new.name {
            all.extend(self.version(node, session, past));
        }
        all
    }

    fn inserts(&self, new: &Strip, old: &Strip, session: &Session, past: &Session, before: &Before) -> Vec<String> {
        if new.inserts.len() != old.inserts.len() || new.inserts.iter().zip(&old.inserts).any(|(a, b)| a.name != b.name)
        {
            return vec![format!("its inserts are others, {}", self.line("insert", new, before))];
        }
        let mut all = Vec::new();
        for (effect, was) in new.inserts.iter().zip(&old.inserts) {
            if let Some((what, span)) = changed(effect, was, session, past) {
                all.push(format!("{what} changed, {}", self.place(span)));
            }
        }
        all
    }

    /// What comes into a bus at other levels, or from other strips.
    fn ways(&self, name: &str, session: &Session, past: &Session) -> Vec<String> {
        let sends = |session: &Session, name: &str| -> Vec<(String, crate::session::Send)> {
            let to = session.find(name);
            let into = |send: &&crate::session::Send| matches!(send.to, RouteTo::Strip(id) if Some(id) == to);
            let strips = session.strips.iter();
            strips.flat_map(|s| s.sends.iter().filter(into).map(|send| (s.name.clone(), send.clone()))).collect()
        };
        let (new, old) = (sends(session, name), sends(past, name));
        let same = |a: &(String, crate::session::Send), b: &(String, crate::session::Send)| {
            a.0 == b.0 && a.1.from == b.1.from && a.1.level == b.1.level
        };
        let mut all = Vec::new();
        for send in new.iter().filter(|send| !old.iter().any(|was| same(send, was))) {
            all.push(format!("the send of `{}` changed, {}", send.0, self.place(send.1.loc.0)));
        }
        for send in old.iter().filter(|was| !new.iter().any(|send| send.0 == was.0)) {
            all.push(format!("`{}` is not sent here any more", send.0));
        }
        all
    }

    /// What the version that a strip is of does otherwise.
    fn version(&self, node: &Node, session: &Session, past: &Session) -> Option<String> {
        let of = |session: &Session| {
            session.versions.iter().find(|v| node.name.ends_with(&format!(": {}", v.name))).cloned()
        };
        let names = |session: &Session, ids: &[StripId]| -> Vec<String> {
            ids.iter().map(|id| session.strip(*id).name.clone()).collect()
        };
        let lists = |session: &Session, v: &Version| [&v.mute, &v.unmute, &v.solo].map(|ids| names(session, ids));
        let new = of(session)?;
        let same = of(past).is_some_and(|old| lists(session, &new) == lists(past, &old));
        (!same).then(|| format!("version \"{}\" changed, {}", new.name, self.place(new.loc.0)))
    }

    /// Files that are others under the same name.
    fn files(&self, node: &Node, before: &Before) -> Vec<String> {
        let name = &self.loaded.session.strip(node.strip).name;
        let Some(id) = before.loaded.session.find(name) else { return Vec::new() };
        let seal = |loaded: &Loaded, strip, clip| {
            loaded.clips.get(&(strip, clip)).map(|material: &usize| loaded.materials[*material].seal)
        };
        let clips = self.loaded.session.strip(node.strip).clips.iter().enumerate();
        let other = clips.filter(|(i, _)| seal(self.loaded, node.strip, *i) != seal(&before.loaded, id, *i));
        other.map(|(_, clip)| format!("`{}` is another file, {}", clip.path, self.place(clip.loc.0))).collect()
    }

    /// What it hears and is different.
    fn heard(&self, index: usize, node: &Node, before: &Before, was: usize) -> Vec<String> {
        let old: Vec<&Node> = before.plan.nodes[was].inputs.iter().map(|e| &before.plan.nodes[e.from]).collect();
        let mut names: Vec<String> = Vec::new();
        for edge in node.inputs.iter().chain(&node.keys) {
            let from = &self.plan.nodes[edge.from];
            let past = before.plan.nodes.iter().position(|n| n.name == from.name);
            let same = past.is_some_and(|past| {
                self.trail.nodes[edge.from].iter().zip(&before.trail.nodes[past]).all(|(new, old)| new == old)
            });
            let name = format!("`{}`", from.name);
            if !same && edge.from != index && !names.contains(&name) {
                names.push(name);
            }
        }
        let gone = old.iter().filter(|old| !node.inputs.iter().any(|e| self.plan.nodes[e.from].name == old.name));
        let mut all: Vec<String> = gone.map(|old| format!("`{}` does not come here any more", old.name)).collect();
        if !names.is_empty() {
            all.push(format!("it hears {}", names.join(", ")));
        }
        all
    }

    /// The line of a call of the strip: the first that is new and has the word in it, after the strip's own where there is one.
    fn line(&self, word: &str, strip: &Strip, before: &Before) -> String {
        let span = strip.loc.0;
        let Some(source) = self.loaded.sources.get(span.source) else { return self.place(span) };
        let text = |sources: &Sources| sources.iter().find(|(_, s)| s.name == source.name).map(|(_, s)| s.text.clone());
        let old = text(&before.loaded.sources).unwrap_or_default();
        let old: Vec<&str> = old.lines().collect();
        let new = || source.text.lines().enumerate().filter(|(_, line)| !old.contains(line) && line.contains(word));
        let own = self.loaded.sources.place(span).map_or(1, |place| place.line);
        match new().find(|(i, _)| i + 1 >= own).or_else(|| new().next()) {
            Some((i, _)) => format!("{}:{}", source.name, i + 1),
            None => self.place(span),
        }
    }

    fn place(&self, span: Span) -> String {
        let name = self.loaded.sources.get(span.source).map_or("", |source| source.name.as_str());
        let line = self.loaded.sources.place(span).map_or(0, |place| place.line);
        format!("{name}:{line}")
    }
}

/// What is said otherwise of an effect, and where: the parameter, or that of a child.
fn changed(new: &Effect, old: &Effect, session: &Session, past: &Session) -> Option<(String, Span)> {
    for (name, value, loc) in &new.values {
        let was = old.values.iter().find(|(other, _, _)| other == name).map(|(_, value, _)| value);
        let differs = match (value, was) {
            (Value::Key(tap), Some(Value::Key(was))) => {
                session.strip(tap.strip).name != past.strip(was.strip).name || tap.point != was.point
            }
            (Value::Effect(child), Some(Value::Effect(was))) if child.name == was.name => {
                match changed(child, was, session, past) {
                    Some(found) => return Some(found),
                    None => false,
                }
            }
            (Value::Effects(all), Some(Value::Effects(were)))
                if all.len() == were.len() && all.iter().zip(were).all(|(a, b)| a.name == b.name) =>
            {
                match all.iter().zip(were).find_map(|(child, was)| changed(child, was, session, past)) {
                    Some(found) => return Some(found),
                    None => false,
                }
            }
            (value, was) => was != Some(value),
        };
        if differs {
            return Some((format!("`{name}` of `{}`", new.name), loc.0));
        }
    }
    let gone = old.values.iter().find(|(name, _, _)| !new.values.iter().any(|(other, _, _)| other == name));
    gone.map(|(name, _, _)| (format!("`{name}` of `{}`", new.name), new.loc.0))
}

/// `1:20`, in whole seconds.
fn clock(frame: i64, rate: Rate) -> String {
    let seconds = Frames::new(frame.max(0)).seconds(rate).value() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
