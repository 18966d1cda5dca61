//! What comes into strips, alone: the plan of a survey.

use super::compile::Compiled;
use super::plan::{Clip, Edge, Fader, Latency, Node, Plan, Point, Taps};
use super::{Want, What};
use crate::dsp::curve::Driver;
use crate::session::{Session, StripId};

impl Compiled {
    /// The plan whose outputs are what comes into `strips` before trim, polarity and delay, one each in their order: a bus's sum over the whole
    /// song; a track's clips as they lie, in its files' layout, from where the first begins to where the last ends, inside the song or not.
    /// Of the strips themselves nothing runs.
    pub fn inputs(&self, session: &Session, strips: &[StripId]) -> Plan {
        let want = |id: &StripId| Want {
            what: What::Into(*id),
            from: None,
            to: None,
            part: (None, None),
            fade_in: 0,
            fade_out: 0,
        };
        let wants: Vec<Want> = strips.iter().map(want).collect();
        let mut plan = self.plan(session, &wants);
        for (id, output) in strips.iter().zip(&mut plan.outputs) {
            if let Some(tape) = self.tape(*id) {
                (output.end, output.to) = (tape.end, tape.end);
                output.layout = tape.layout;
                output.inputs.push(Edge {
                    from: plan.nodes.len(),
                    point: Point::Input,
                    gain: Driver::Constant(0.0),
                    follow: None,
                    spread: None,
                    layout: tape.layout,
                    delay: 0,
                });
                plan.nodes.push(tape);
            }
        }
        plan
    }

    /// A strip that plays a track's clips, the first from frame 0, and does nothing else.
    fn tape(&self, id: StripId) -> Option<Node> {
        let draft = &self.drafts[id.0];
        let first = draft.clips.iter().map(|c| c.at).min()?;
        let clips: Vec<Clip> = draft.clips.iter().map(|c| Clip { at: c.at - first, ..c.clone() }).collect();
        Some(Node {
            strip: id,
            name: draft.name.clone(),
            kind: draft.kind,
            layout: draft.layout,
            end: clips.iter().map(|c| c.end()).max().unwrap_or(0),
            clips,
            spool: None,
            inputs: Vec::new(),
            trim: 1.0,
            invert: [false; 2],
            delay: 0,
            inserts: Vec::new(),
            drive: None,
            pre: draft.layout,
            fader: Fader::still(),
            keys: Vec::new(),
            latency: Latency::default(),
            taps: Taps { input: true, ..Taps::default() },
            depth: None,
        })
    }
}
