use serde::{Deserialize, Serialize};

use super::{Delivery, Format, Loc, Loudness, Session};
use crate::units::Rate;

/// Where a delivery goes, and what is asked of it there: a row of `stdlib/targets.mix`, or of a script's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub name: String,
    /// What people call it: `Apple Music`.
    pub title: Option<String>,
    pub kind: TargetKind,
    /// LUFS.
    pub loudness: Option<f64>,
    /// dBTP.
    pub peak: Option<f64>,
    /// dBTP, instead of `peak` where the master is louder than `loudness`.
    pub peak_when_louder: Option<f64>,
    /// LUFS: where the service brings whatever it plays; `None` where it is played as it was delivered.
    pub playback: Option<f64>,
    /// dBTP: a quieter master is lifted until its true peak comes to this; `None`: it stays as quiet as it is.
    pub lifts: Option<f64>,
    /// The session's without one.
    pub rate: Option<Rate>,
    pub bits: Option<u32>,
    pub format: Option<Format>,
    /// What its numbers were read from, and when: `2025-11-02`.
    pub source: String,
    pub date: String,
    /// What a user should know of it, in a sentence.
    pub note: Option<String>,
    pub loc: Loc,
}

/// What a target's loudness is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetKind {
    /// The service normalises on playback: quieter masters are lifted to it, louder ones stay as they are.
    Floor,
    /// Met from both sides.
    Exact,
    /// No rule.
    None,
}

impl TargetKind {
    pub const ALL: [TargetKind; 3] = [TargetKind::Floor, TargetKind::Exact, TargetKind::None];

    /// As written in a script.
    pub const fn name(self) -> &'static str {
        match self {
            TargetKind::Floor => "floor",
            TargetKind::Exact => "exact",
            TargetKind::None => "none",
        }
    }
}

impl Target {
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// What the service does to a master of this loudness (LUFS) and true peak (dBTP) before a listener hears it, in dB; `None` where it
    /// does nothing to anything. Spotify's own example: -20 LUFS with peaks at -5 dBTP is lifted by 4 dB, not by 6.
    pub fn plays(&self, integrated: f64, true_peak: f64) -> Option<f64> {
        let gain = self.playback? - integrated;
        Some(match self.lifts {
            _ if gain <= 0.0 => gain,
            Some(highest) => gain.min(highest - true_peak).max(0.0),
            None => 0.0,
        })
    }
}

/// What a delivery must come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub loudness: Option<Goal>,
    /// dBTP.
    pub peak: Option<f64>,
    /// dBTP, instead of `peak` where the master is louder than the floor that `loudness` is: see [`Asked::peak_at`].
    pub peak_when_louder: Option<f64>,
    /// dB: the deepest gain reduction that the driven limiter may come to.
    pub max_reduction: f64,
}

/// LUFS.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Goal {
    Exactly(f64),
    AtLeast(f64),
}

impl Goal {
    /// LUFS.
    pub const fn value(self) -> f64 {
        match self {
            Goal::Exactly(x) | Goal::AtLeast(x) => x,
        }
    }
}

impl Asked {
    /// dB.
    pub const MAX_REDUCTION: f64 = 6.0;
    /// LU: as far as meters may be apart (EBU Tech 3341's test signals allow as much), so no louder than the floor.
    pub const NEAR: f64 = 0.1;
    pub const NOTHING: Asked =
        Asked { loudness: None, peak: None, peak_when_louder: None, max_reduction: Asked::MAX_REDUCTION };

    /// Whether anything must be measured before the file can be written.
    pub fn needs_solving(&self) -> bool {
        self.loudness.is_some() || self.peak.is_some()
    }

    /// The highest true peak (dBTP) of a master that came to this loudness (LUFS; `None`: silence).
    pub fn peak_at(&self, integrated: Option<f64>) -> Option<f64> {
        match (self.loudness, self.peak_when_louder, integrated) {
            (Some(Goal::AtLeast(floor)), Some(peak), Some(integrated)) if integrated > floor + Asked::NEAR => {
                Some(peak)
            }
            _ => self.peak,
        }
    }
}

impl Session {
    /// The target of this name, among those that deliveries name.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|t| t.name == name)
    }

    pub fn target_of(&self, delivery: &Delivery) -> Option<&Target> {
        self.target(&delivery.target.as_ref()?.0)
    }

    /// What a delivery must come to: its own words go before its target's.
    pub fn asked(&self, delivery: &Delivery) -> Asked {
        let max_reduction = delivery.max_reduction.unwrap_or(Asked::MAX_REDUCTION);
        // whatever a target asks, nothing is moved
        let target = self.target_of(delivery).filter(|_| delivery.loudness != Some(Loudness::AsIs));
        let floor = target.and_then(|t| match (t.kind, t.loudness) {
            (TargetKind::Floor, Some(loudness)) => Some((loudness, t.peak_when_louder)),
            _ => None,
        });
        let loudness = match delivery.loudness {
            Some(Loudness::AsIs) => None,
            Some(Loudness::To(loudness)) => Some(Goal::Exactly(loudness)),
            None => target.and_then(|t| match t.kind {
                TargetKind::Floor => t.loudness.map(Goal::AtLeast),
                TargetKind::Exact => t.loudness.map(Goal::Exactly),
                TargetKind::None => None,
            }),
        };
        let asked = Asked { loudness, max_reduction, ..Asked::NOTHING };
        if delivery.peak.is_some() {
            return Asked { peak: delivery.peak, ..asked };
        }
        let peak = target.and_then(|t| t.peak);
        match (loudness, floor) {
            (Some(Goal::AtLeast(_)), Some((_, louder))) => Asked { peak, peak_when_louder: louder, ..asked },
            (Some(Goal::Exactly(loudness)), Some((floor, Some(louder)))) if loudness > floor + Asked::NEAR => {
                Asked { peak: Some(louder), ..asked }
            }
            _ => Asked { peak, ..asked },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceId, Span};
    use crate::session::{Dither, StripId, Tap, TapPoint, Versions};

    fn target(kind: TargetKind, loudness: Option<f64>) -> Target {
        Target {
            name: "t".into(),
            title: None,
            kind,
            loudness,
            peak: Some(-1.0),
            peak_when_louder: Some(-2.0),
            playback: loudness,
            lifts: None,
            rate: None,
            bits: None,
            format: None,
            source: String::new(),
            date: String::new(),
            note: None,
            loc: Loc(Span::new(SourceId(0), 0, 0)),
        }
    }

    #[test]
    fn services_play_as_they_say() {
        let spotify = Target { lifts: Some(-1.0), ..target(TargetKind::Floor, Some(-14.0)) };
        // Spotify's own example: a lift leaves 1 dB of headroom, so -20 LUFS plays at -16
        assert_eq!(spotify.plays(-20.0, -5.0), Some(4.0));
        assert_eq!(spotify.plays(-20.0, -12.0), Some(6.0));
        assert_eq!(spotify.plays(-20.0, -0.5), Some(0.0), "no lift is no cut");
        assert_eq!(spotify.plays(-9.5, 0.2), Some(-4.5));
        assert_eq!(spotify.plays(-14.0, -1.0), Some(0.0));
        let youtube = target(TargetKind::Floor, Some(-14.0));
        assert_eq!((youtube.plays(-20.0, -12.0), youtube.plays(-10.0, -1.0)), (Some(0.0), Some(-4.0)));
        assert_eq!(target(TargetKind::None, None).plays(-20.0, -5.0), None);
    }

    fn asked(target: &Target, change: impl Fn(&mut Delivery)) -> Asked {
        let loc = target.loc;
        let mut delivery = Delivery {
            tap: Tap { strip: StripId(1), point: TapPoint::Post },
            path: String::new(),
            format: None,
            bits: None,
            rate: None,
            dither: Dither::Auto,
            dither_loc: loc,
            target: Some((target.name.clone(), loc)),
            loudness: None,
            peak: None,
            max_reduction: None,
            from: None,
            to: None,
            fade_in: None,
            fade_out: None,
            versions: Versions::Main,
            solve_each: false,
            tags: Default::default(),
            bext: None,
            loc,
            compression: None,
        };
        change(&mut delivery);
        let session = Session {
            info: Default::default(),
            strips: Vec::new(),
            sections: Vec::new(),
            vcas: Vec::new(),
            markers: Vec::new(),
            versions: Vec::new(),
            stems: Vec::new(),
            deliveries: Vec::new(),
            targets: vec![target.clone()],
            expectations: Vec::new(),
        };
        session.asked(&delivery)
    }

    #[test]
    fn a_delivery_goes_before_its_target() {
        let floor = target(TargetKind::Floor, Some(-14.0));
        let whole = Asked {
            loudness: Some(Goal::AtLeast(-14.0)),
            peak: Some(-1.0),
            peak_when_louder: Some(-2.0),
            max_reduction: 6.0,
        };
        assert_eq!(asked(&floor, |_| {}), whole);
        assert_eq!(asked(&floor, |d| d.max_reduction = Some(3.0)), Asked { max_reduction: 3.0, ..whole });
        assert_eq!(
            asked(&floor, |d| d.peak = Some(-0.5)),
            Asked { peak: Some(-0.5), peak_when_louder: None, ..whole },
            "a peak that is said holds however loud"
        );
        let exactly = |loudness, peak| Asked {
            loudness: Some(Goal::Exactly(loudness)),
            peak: Some(peak),
            peak_when_louder: None,
            ..whole
        };
        assert_eq!(asked(&floor, |d| d.loudness = Some(Loudness::To(-16.0))), exactly(-16.0, -1.0));
        assert_eq!(asked(&floor, |d| d.loudness = Some(Loudness::To(-14.0))), exactly(-14.0, -1.0));
        assert_eq!(asked(&floor, |d| d.loudness = Some(Loudness::To(-9.0))), exactly(-9.0, -2.0));
        let exact = target(TargetKind::Exact, Some(-23.0));
        assert_eq!(asked(&exact, |_| {}), exactly(-23.0, -1.0));
        let none = target(TargetKind::None, None);
        let peak_only = Asked { loudness: None, peak: Some(-1.0), peak_when_louder: None, max_reduction: 6.0 };
        assert_eq!(asked(&none, |_| {}), peak_only);
        assert!(peak_only.needs_solving());
        assert_eq!(asked(&floor, |d| d.target = None), Asked::NOTHING);
    }

    #[test]
    fn as_is_never_moves() {
        let floor = target(TargetKind::Floor, Some(-14.0));
        let as_is = asked(&floor, |d| d.loudness = Some(Loudness::AsIs));
        assert_eq!(as_is, Asked::NOTHING);
        assert!(!as_is.needs_solving());
        let held = asked(&floor, |d| (d.loudness, d.peak) = (Some(Loudness::AsIs), Some(-1.0)));
        assert_eq!(held, Asked { peak: Some(-1.0), ..Asked::NOTHING }, "a peak that is said is meant");
    }

    #[test]
    fn a_louder_master_has_a_lower_peak() {
        let asked = asked(&target(TargetKind::Floor, Some(-14.0)), |_| {});
        assert_eq!(asked.peak_at(Some(-13.95)), Some(-1.0), "as loud as the floor, by any meter");
        assert_eq!(asked.peak_at(Some(-13.5)), Some(-2.0));
        assert_eq!((asked.peak_at(Some(-20.0)), asked.peak_at(None)), (Some(-1.0), Some(-1.0)));
    }
}
