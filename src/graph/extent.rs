//! How long things sound, and which samples are proven to lie on a fixed-point grid.

use super::draft::Draft;
use super::plan::{Material, Pan};
use crate::audio::Layout;
use crate::dsp::Tail;
use crate::dsp::curve::Driver;
use crate::session::{StripId, StripKind};

/// The song frame at which each strip's sound is over, its tails included.
pub(super) fn ends(drafts: &[Draft], order: &[StripId]) -> Vec<i64> {
    let mut ends = vec![0; drafts.len()];
    for id in order {
        let draft = &drafts[id.0];
        let clips = draft.clips.iter().map(|c| c.end());
        let inputs = draft.inputs.iter().map(|e| ends[e.from.0]);
        let end: i64 = clips.chain(inputs).max().unwrap_or(0);
        let tail = match draft.tail {
            Tail::Sounds(frames) if end > 0 => frames.get(),
            _ => 0,
        };
        ends[id.0] = (end + draft.delay - draft.advance).max(0) + tail;
    }
    ends
}

/// Bits of the grid on which each strip's output lies, where that is certain: sources of so many bits, unity everywhere.
pub(super) fn depths(drafts: &[Draft], order: &[StripId], materials: &[Material]) -> Vec<Option<u32>> {
    let mut depths = vec![None; drafts.len()];
    for id in order {
        let draft = &drafts[id.0];
        depths[id.0] = if untouched(draft) { incoming(draft, &depths, materials) } else { None };
    }
    depths
}

fn untouched(draft: &Draft) -> bool {
    draft.trim == 1.0
        && draft.inserts.is_empty()
        && draft.fader.gain.is_empty()
        && draft.fader.gate == Driver::Constant(1.0)
        && matches!(draft.fader.pan, Pan::None)
        && draft.fader.width.0 == Driver::Constant(100.0)
}

fn incoming(draft: &Draft, depths: &[Option<u32>], materials: &[Material]) -> Option<u32> {
    let mut most = 0;
    if draft.kind == StripKind::Track {
        for clip in &draft.clips {
            if clip.gain != 1.0 || clip.fade_in > 0 || clip.fade_out > 0 {
                return None;
            }
            let material = &materials[clip.material];
            if Layout::new(material.channels) != Some(draft.layout) {
                return None;
            }
            most = most.max(material.depth?);
        }
    }
    for edge in &draft.inputs {
        if edge.gain != Driver::Constant(0.0) {
            return None;
        }
        most = most.max(depths[edge.from.0]?);
    }
    // beyond 24 bits the f32 between strips rounds
    (most <= 24).then_some(most)
}
