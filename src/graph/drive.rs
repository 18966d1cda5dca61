//! A strip cut at its last limiter: what comes to it is kept once, then driven as loud as is asked, as often as it takes.

use super::compile::Compiled;
use super::draft::Draft;
use super::finish::inserts;
use super::finish::range;
use super::plan::{Fader, Latency, Node, Output, Pan, Plan, Point, Taps};
use super::{Want, What};
use crate::audio::Layout;
use crate::dsp::curve::Driver;
use crate::dsp::{Arg, Args, Tail};
use crate::session::{StripKind, Tap, TapPoint};

/// The place of the last limiter that can be driven: one that stands still, and behind which nothing listens to another strip.
pub(super) fn last_limiter(draft: &Draft) -> Option<usize> {
    let index = draft.inserts.iter().rposition(|insert| insert.args.of.name == "limiter")?;
    let insert = &draft.inserts[index];
    let still = insert.moves.is_empty() && insert.args.is_plain();
    let apart = |insert: &super::plan::Insert| insert.keys.1 == 0 && insert.moves.iter().all(|m| m.follow.is_none());
    let fader = &draft.fader;
    let follows = fader.gain.iter().map(|g| g.1).chain([fader.width.1]).chain(fader.pan.drivers().map(|d| d.1));
    let alone = draft.inserts[index..].iter().all(apart) && follows.flatten().next().is_none();
    (still && alone).then_some(index)
}

/// What must be kept of a tap so that it can be driven, and what drives it.
#[derive(Clone, Debug)]
pub struct Chain {
    /// What to keep.
    pub what: What,
    /// The limiter in the strip; without one, a limiter at the file's end is driven.
    pub limiter: Option<Args>,
    /// Whether nothing behind that limiter can make a peak higher.
    pub last: bool,
}

/// One way to go on from what was kept.
#[derive(Clone, Debug)]
pub struct Drive {
    pub tap: Tap,
    /// Which of the spools.
    pub spool: usize,
    /// dB, added to the limiter's own.
    pub gain: f64,
    /// dBTP, in place of the limiter's own.
    pub ceiling: f64,
    /// The files it goes into: cuts and fades.
    pub outputs: Vec<Want>,
}

impl Compiled {
    /// How a tap is driven.
    pub fn chain(&self, tap: Tap) -> Chain {
        let draft = &self.drafts[tap.strip.0];
        let index = last_limiter(draft).filter(|_| tap.point != TapPoint::Source && !draft.fader.muted);
        let Some(index) = index else { return Chain { what: What::Tap(tap), limiter: None, last: false } };
        let fader = &draft.fader;
        let level = fader.gain.iter().try_fold(0.0, |sum, (driver, _)| match driver {
            Driver::Constant(level) => Some(sum + level),
            _ => None,
        });
        let quiet = level.is_some_and(|level| level <= 0.0)
            && matches!(fader.pan, Pan::None)
            && fader.width.0 == Driver::Constant(100.0)
            && draft.pre != Layout::MONO;
        let args = &draft.inserts[index].args;
        let true_peak = args.of.index_of("truepeak").is_some_and(|i| args.switch(i));
        Chain {
            what: What::Drive(tap.strip),
            limiter: Some(args.clone()),
            last: index + 1 == draft.inserts.len() && true_peak && (quiet || tap.point == TapPoint::Pre),
        }
    }

    /// The plan that goes on from spools: one node per drive, from its last limiter on.
    pub fn driven(&self, drives: &[Drive]) -> Plan {
        let mut plan =
            Plan { rate: self.rate, length: self.length, nodes: Vec::new(), outputs: Vec::new(), proof: None };
        for drive in drives {
            let mut node = self.rest(drive);
            let point = match drive.tap.point {
                TapPoint::Post => Point::Post,
                TapPoint::Pre | TapPoint::Source => Point::Pre,
            };
            node.taps.add(point);
            let layout = if point == Point::Post { node.pre.max(Layout::STEREO) } else { node.pre };
            for want in &drive.outputs {
                let (begin, end, from, to) = range(want, self.length);
                let edge = super::plan::Edge {
                    from: plan.nodes.len(),
                    point,
                    gain: Driver::Constant(0.0),
                    follow: None,
                    spread: None,
                    layout,
                    delay: 0,
                };
                plan.outputs.push(Output {
                    inputs: vec![edge],
                    keys: Vec::new(),
                    layout,
                    latency: node.latency.pre,
                    begin,
                    end,
                    from,
                    to,
                    fade_in: want.fade_in,
                    fade_out: want.fade_out,
                    depth: None,
                });
            }
            plan.nodes.push(node);
        }
        plan
    }

    /// What comes behind the spool.
    fn rest(&self, drive: &Drive) -> Node {
        let draft = &self.drafts[drive.tap.strip.0];
        let chain = self.chain(drive.tap);
        let index = match (&chain.limiter, last_limiter(draft)) {
            (Some(_), Some(index)) => index,
            _ => draft.inserts.len(),
        };
        let limited = chain.limiter.is_some();
        let mut rest = Draft {
            name: draft.name.clone(),
            kind: StripKind::Bus,
            layout: match (limited, drive.tap.point) {
                (true, _) => draft.layout_at(Point::Drive),
                (false, point) => draft.layout_at(super::point_of(point)),
            },
            clips: Vec::new(),
            trim: 1.0,
            invert: [false, false],
            delay: 0,
            advance: 0,
            inserts: draft.inserts[index..].to_vec(),
            insert_latency: draft.insert_latency[index..].to_vec(),
            tail: Tail::None,
            pre: draft.pre,
            fader: if limited { draft.fader.clone() } else { Fader::still() },
            inputs: Vec::new(),
            keys: Vec::new(),
        };
        if limited {
            let args = &mut rest.inserts[0].args;
            for (name, value) in [("gain", drive.gain), ("ceiling", drive.ceiling)] {
                let Some(slot) = args.of.index_of(name) else { continue };
                let own = args.number(slot).unwrap_or(0.0);
                args.values[slot] = Arg::Number(if name == "gain" { own + value } else { value });
            }
        } else {
            rest.pre = rest.layout;
        }
        let at = |point| rest.offset_of(point);
        let latency = Latency { input: 0, source: 0, drive: 0, pre: at(Point::Pre) };
        Node {
            strip: drive.tap.strip,
            inserts: inserts(&rest, &latency),
            name: rest.name,
            kind: draft.kind,
            layout: rest.layout,
            clips: Vec::new(),
            spool: Some(drive.spool),
            inputs: Vec::new(),
            trim: 1.0,
            invert: rest.invert,
            delay: 0,
            drive: None,
            pre: rest.pre,
            fader: rest.fader,
            keys: Vec::new(),
            latency,
            taps: Taps::default(),
            depth: None,
            end: self.length,
        }
    }
}
