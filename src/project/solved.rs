//! Files that must come to a loudness or under a ceiling: what comes to their limiter is kept, the drive is worked out, and what was written is
//! measured; what misses is driven anew. Files that ask the same share a run.

mod open;
mod refusal;

use open::{Open, WITHIN};

use super::build::{names, sink};
use super::request::{Observer, Request, Solved};
use super::targets::Target;
use super::watch::Watch;
use crate::analysis::Measurement;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::{Args, LimiterSettings};
use crate::engine::{self, Ask, Envelope, Failure, Job, Last, Rendered, STEP, Setting, Sink, Solver, Spool, Written};
use crate::graph::{Chain, Compiled, Drive, Want, plan};
use crate::session::{Goal, Tap};
use crate::world::World;

/// How often a file is driven anew before it is given up.
const TRIES: usize = 8;

/// When the first try begins, of the whole work; every try has half of what is left.
pub(super) const BEGINS: f64 = 0.8;

/// dBTP: of a limiter that nobody asked for.
const CEILING: f64 = -1.0;

/// dB by which a ceiling is lowered beyond what it was missed by.
const MARGIN: f64 = 0.003;

/// The taps that must be kept, each once.
pub(super) struct Taps {
    pub(super) chains: Vec<(Tap, Chain)>,
}

impl Taps {
    pub(super) fn of<'t>(compiled: &Compiled, targets: impl Iterator<Item = &'t Target>) -> Taps {
        let mut chains: Vec<(Tap, Chain)> = Vec::new();
        for tap in targets.filter_map(Target::solves) {
            if chains.iter().all(|(other, _)| *other != tap) {
                chains.push((tap, compiled.chain(tap)));
            }
        }
        Taps { chains }
    }

    pub(super) fn wants(&self) -> impl Iterator<Item = Want> {
        self.chains.iter().map(|(_, chain)| Want {
            what: chain.what.clone(),
            from: None,
            to: None,
            fade_in: 0,
            fade_out: 0,
            part: (None, None),
        })
    }

    pub(super) fn place(&self, tap: Tap) -> Option<usize> {
        self.chains.iter().position(|(other, _)| *other == tap)
    }
}

/// Everything around a solve.
pub(super) struct Solving<'a> {
    pub(super) world: &'a dyn World,
    pub(super) targets: &'a [Target],
    /// Those that are there already.
    pub(super) there: &'a [bool],
    /// How those were driven.
    pub(super) known: &'a [Option<Solved>],
    pub(super) taps: &'a Taps,
    pub(super) request: &'a Request,
    pub(super) observer: &'a dyn Observer,
}

/// A run that failed, and what its outputs are called.
type Failed = (Failure, Vec<String>);

/// Nodes and places among the open ones, as a plan's outputs stand.
type Order = Vec<(usize, usize)>;

/// What came of a target that was solved.
pub(super) type Outcome = (usize, Written, Solved);

impl Solving<'_> {
    /// Drives every target that asks for it from what was kept of its tap. What cannot be met is among the diagnostics, and leaves no file.
    pub(super) fn run(
        &self,
        compiled: &Compiled,
        kept: Vec<(Spool, Envelope)>,
        found: &mut Diagnostics,
        done: &mut dyn FnMut(Outcome),
    ) -> Result<(), Failed> {
        let (spools, envelopes): (Vec<Spool>, Vec<Envelope>) = kept.into_iter().unzip();
        let mut how: Vec<Option<Solved>> = self.known.to_vec();
        let left = || self.targets.iter().enumerate().filter(|(index, _)| !self.there[*index]);
        let alone = left().filter(|(_, target)| target.leader.is_none());
        let open = self.begin_all(compiled, alone, &envelopes, &how, found);
        let followers = left().any(|(_, target)| target.leader.is_some());
        let middle = if followers { 0.5 * (BEGINS + 1.0) } else { 1.0 };
        self.tries(compiled, open, &spools, (BEGINS, middle), found, &mut how, done)?;
        let following = left().filter(|(_, target)| target.leader.is_some());
        let open = self.begin_all(compiled, following, &envelopes, &how, found);
        self.tries(compiled, open, &spools, (middle, 1.0), found, &mut how, done)
    }

    /// What can be begun of `targets`; `how` is how those were driven that are done.
    fn begin_all<'e, 't>(
        &self,
        compiled: &Compiled,
        targets: impl Iterator<Item = (usize, &'t Target)>,
        envelopes: &'e [Envelope],
        how: &[Option<Solved>],
        found: &mut Diagnostics,
    ) -> Vec<Open<'e>> {
        let mut open = Vec::new();
        for (index, target) in targets {
            let lead = match target.leader {
                // what it follows was refused: that has been told
                Some(leader) if how[leader].is_none() => continue,
                Some(leader) => how[leader],
                None => None,
            };
            match self.begin(compiled, index, target, envelopes, lead, &open) {
                Some(Ok(one)) => open.push(one),
                Some(Err(diagnostic)) => found.push(diagnostic),
                None => {}
            }
        }
        open
    }

    /// Drives all that are open until they are met, within a part of the whole work.
    fn tries(
        &self,
        compiled: &Compiled,
        mut open: Vec<Open<'_>>,
        spools: &[Spool],
        (mut begun, whole): (f64, f64),
        found: &mut Diagnostics,
        how: &mut [Option<Solved>],
        done: &mut dyn FnMut(Outcome),
    ) -> Result<(), Failed> {
        for _ in 0..TRIES {
            if open.is_empty() {
                break;
            }
            let ends = 0.5 * (begun + whole);
            open = self.round(compiled, open, spools, &Watch::part(self.observer, begun, ends), found, how, done)?;
            begun = ends;
        }
        for one in open {
            // such a programme was never met; better no file than a wrong one
            let text = format!("`{}` did not come to what was asked in {TRIES} tries", self.targets[one.target].name);
            found.push(self.at(one.target, Diagnostic::error(Code::LOUDNESS, text), "asked here"));
        }
        Ok(())
    }

    fn at(&self, target: usize, diagnostic: Diagnostic, text: &str) -> Diagnostic {
        match self.targets[target].asked_at() {
            Some(span) => diagnostic.label(span, text),
            None => diagnostic,
        }
    }

    fn begin<'e>(
        &self,
        compiled: &Compiled,
        index: usize,
        target: &Target,
        envelopes: &'e [Envelope],
        lead: Option<Solved>,
        open: &[Open<'_>],
    ) -> Option<Result<Open<'e>, Diagnostic>> {
        let tap = target.solves()?;
        let spool = self.taps.place(tap)?;
        let chain = &self.taps.chains[spool].1;
        let asked = &target.asked;
        let added = chain.limiter.is_none();
        // a limiter of our own is as `limiter()` says, and does nothing before it is driven
        let own = LimiterSettings {
            rate: compiled.rate(),
            drive: 0.0,
            ceiling: f64::INFINITY,
            lookahead: 2.0,
            release: None,
        };
        let (limiter, foretold) = chain.limiter.as_ref().map_or((own, true), |args| driven(args, own));
        let own = if added { CEILING } else { limiter.ceiling };
        let ceiling = asked.peak.map_or(own, |peak| peak.min(limiter.ceiling));
        let ask = Ask {
            loudness: asked.loudness.map(Goal::value),
            floor: matches!(asked.loudness, Some(Goal::AtLeast(_))),
            ceiling,
            ceiling_when_louder: asked.peak_when_louder,
            max_reduction: asked.max_reduction,
        };
        let (from, to) = (target.want.from.unwrap_or(0), target.want.to.unwrap_or(compiled.length));
        let solver = Solver::new(&envelopes[spool], limiter, from, to, foretold && (added || chain.last));
        let mut one = Open {
            target: index,
            tap,
            spool,
            solver,
            ask,
            setting: Setting { gain: 0.0, ceiling, driven: false },
            lower: 0.0,
            added,
            holds: added || asked.peak.is_some(),
            guard: asked.peak.filter(|_| !added && (!chain.last || target.rate != compiled.rate())),
            follows: lead.is_some(),
        };
        if let Some(lead) = lead {
            one.setting = Setting { gain: lead.gain, ceiling: lead.ceiling, driven: true };
            return Some(Ok(one));
        }
        // files that differ in their bits alone are driven alike
        match open.iter().find(|other| other.ask == one.ask && other.solver.is_like(&one.solver)) {
            Some(other) => one.setting = other.setting,
            None => match self.answer(&mut one) {
                Ok(()) => {}
                Err(diagnostic) => return Some(Err(diagnostic)),
            },
        }
        Some(Ok(one))
    }

    /// Works out how it is driven, or why it is not made.
    fn answer(&self, one: &mut Open<'_>) -> Result<(), Diagnostic> {
        let answer = one.solver.answer(&one.ask);
        one.setting = refusal::setting(answer, &self.targets[one.target].name, &one.ask).map_err(|(text, help)| {
            self.at(one.target, Diagnostic::error(Code::LOUDNESS, text), "asked here").help(help)
        })?;
        Ok(())
    }

    /// Runs all that are open; gives back those that missed.
    fn round<'e>(
        &self,
        compiled: &Compiled,
        open: Vec<Open<'e>>,
        spools: &[Spool],
        watch: &Watch<'_>,
        found: &mut Diagnostics,
        how: &mut [Option<Solved>],
        done: &mut dyn FnMut(Outcome),
    ) -> Result<Vec<Open<'e>>, Failed> {
        let all: Vec<&Open<'_>> = open.iter().collect();
        let whole = |target: &Target| Want { part: (None, None), ..target.want.clone() };
        let (order, rendered) = self.drive(compiled, &all, spools, watch, &whole)?;
        let measured = rendered.measured.clone();
        let took: Vec<f64> = order
            .iter()
            .zip(&rendered.last)
            .map(|((node, i), last)| if all[*i].added { *last } else { rendered.reductions[*node] })
            .collect();
        let met = |place: usize| all[order[place].1].met(&measured[place], took[place]);
        for (place, (_, i)) in order.iter().enumerate().filter(|(place, _)| met(*place)) {
            how[all[*i].target] = Some(all[*i].solved(took[place]));
        }
        let hidden = |one: &Open<'_>| self.targets[one.target].hidden;
        let is_cut = |one: &Open<'_>| self.targets[one.target].want.part != (None, None);
        let mut cut = Vec::new();
        let keep = |place: usize| met(place) && !is_cut(all[order[place].1]) && !hidden(all[order[place].1]);
        self.keep(&all, &order, rendered, &keep, done)?;
        for (_, (_, i)) in order.iter().enumerate().filter(|(place, _)| met(*place)) {
            if is_cut(all[*i]) && !hidden(all[*i]) {
                cut.push(all[*i]);
            }
        }
        if !cut.is_empty() {
            // it is known how the whole is met: now the part that was asked for
            let (order, rendered) = self.drive(compiled, &cut, spools, watch, &|target| target.want.clone())?;
            self.keep(&cut, &order, rendered, &|_| true, done)?;
        }
        let got: Vec<Option<(Measurement, f64)>> = (0..open.len())
            .map(|i| {
                let place = order.iter().position(|(_, member)| *member == i)?;
                (!met(place)).then(|| (measured[place].clone(), took[place]))
            })
            .collect();
        let mut left = Vec::new();
        for (mut one, got) in open.into_iter().zip(got) {
            let Some((got, took)) = got else { continue };
            match self.correct(&mut one, &got, took) {
                Ok(()) => left.push(one),
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        Ok(left)
    }

    /// Runs them at their settings, those alike together: the outputs' nodes and places among them, and what was rendered.
    fn drive(
        &self,
        compiled: &Compiled,
        open: &[&Open<'_>],
        spools: &[Spool],
        watch: &Watch<'_>,
        want: &dyn Fn(&Target) -> Want,
    ) -> Result<(Order, Rendered), Failed> {
        let mut drives: Vec<Drive> = Vec::new();
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (i, one) in open.iter().enumerate() {
            let (gain, ceiling) = if one.added { (0.0, 0.0) } else { (one.setting.gain, one.ceiling()) };
            let same = |d: &Drive| d.tap == one.tap && d.gain == gain && d.ceiling == ceiling;
            let node = drives.iter().position(same).unwrap_or_else(|| {
                drives.push(Drive { tap: one.tap, spool: one.spool, gain, ceiling, outputs: Vec::new() });
                members.push(Vec::new());
                drives.len() - 1
            });
            drives[node].outputs.push(want(&self.targets[one.target]));
            members[node].push(i);
        }
        let plan = compiled.driven(&drives);
        // as the plan's outputs stand
        let order: Order =
            members.iter().enumerate().flat_map(|(node, all)| all.iter().map(move |i| (node, *i))).collect();
        let sink = |((_, i), output): (&(usize, usize), &plan::Output)| {
            let one = open[*i];
            let last = match one.guard {
                _ if one.added => Some(Last { gain: one.setting.gain, ceiling: one.ceiling() }),
                guard => guard.map(|peak| Last { gain: 0.0, ceiling: peak - one.lower }),
            };
            sink(&self.targets[one.target], output, plan.rate, last, self.request)
        };
        let sinks: Vec<Sink> = order.iter().zip(&plan.outputs).map(sink).collect();
        let options = engine::Options::new(self.request.threads, self.request.block);
        let job =
            Job { plan: &plan, files: &[], spools, sinks: &sinks, world: self.world, options, past: None, start: None };
        let rendered = engine::run(&job, watch).map_err(|failure| (failure, self.paths(open, &order)))?;
        Ok((order, rendered))
    }

    /// Puts those that `keep` says under their names.
    fn keep(
        &self,
        open: &[&Open<'_>],
        order: &[(usize, usize)],
        rendered: Rendered,
        keep: &dyn Fn(usize) -> bool,
        done: &mut dyn FnMut(Outcome),
    ) -> Result<(), Failed> {
        let reductions = rendered.reductions.clone();
        let written = rendered.keep(keep).map_err(|failure| (failure, self.paths(open, order)))?;
        for ((node, i), written) in order.iter().zip(written) {
            let (one, Some(written)) = (open[*i], written) else { continue };
            let reduction = if one.added { written.reduction } else { reductions[*node] };
            done((one.target, written, one.solved(reduction)));
        }
        Ok(())
    }

    fn paths(&self, open: &[&Open<'_>], order: &[(usize, usize)]) -> Vec<String> {
        names(order.iter().map(|(_, i)| &self.targets[open[*i].target]))
    }

    /// What a miss teaches.
    fn correct(&self, one: &mut Open<'_>, got: &Measurement, took: f64) -> Result<(), Diagnostic> {
        let before = one.setting;
        one.solver.learn_reduction(before.gain, one.ceiling(), took);
        if let Some(peak) = got.true_peak_dbtp.filter(|_| one.holds) {
            one.lower += (peak - before.ceiling + MARGIN).max(0.0);
        }
        if one.follows {
            return Ok(());
        }
        let Some(loud) = got.integrated_lufs else { return Ok(()) };
        if !before.driven && one.ask.is_louder(loud) {
            // from here on, or it would go to and fro around the floor
            one.ask.ceiling = one.ask.ceiling_when_louder();
        }
        one.solver.learn(&before, loud);
        self.answer(one)?;
        if let Some(goal) =
            one.ask.loudness.filter(|goal| one.setting == before && before.driven && (loud - goal).abs() > WITHIN)
        {
            one.setting.gain -= ((loud - goal) / STEP).round() * STEP;
        }
        Ok(())
    }
}

/// A limiter of the chain, and whether what it does can be foretold from its peaks alone.
fn driven(args: &Args, like: LimiterSettings) -> (LimiterSettings, bool) {
    let number = |name: &str| args.of.index_of(name).and_then(|i| args.number(i));
    let roughly = || LimiterSettings {
        drive: number("gain").unwrap_or(like.drive),
        ceiling: number("ceiling").unwrap_or(CEILING),
        lookahead: number("lookahead").unwrap_or(like.lookahead),
        release: number("release"),
        ..like
    };
    LimiterSettings::of(args, like.rate).map_or_else(|| (roughly(), false), |settings| (settings, true))
}
