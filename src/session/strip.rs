use serde::{Deserialize, Serialize};

use super::{Effect, Loc, Range, Signal, Time, Trim};
use crate::audio::PanLaw;

/// A strip's place in [`Session::strips`](super::Session::strips).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StripId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StripKind {
    Track,
    Bus,
    /// The sum of all that is routed nowhere else.
    Mix,
    /// The mastering chain, fed by `mix`.
    Master,
}

/// A channel strip. Its order: clips (or the sum of a bus), trim, polarity, delay, [source], inserts, [pre], gain and rides, pan or balance,
/// width, mute, [post].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strip {
    pub name: String,
    pub kind: StripKind,
    pub clips: Vec<Clip>,
    pub trim: Trim,
    pub polarity: Option<Polarity>,
    /// Later, or earlier when negative.
    pub delay: Option<Time>,
    pub inserts: Vec<Effect>,
    /// dB.
    pub gain: Signal,
    /// dB, added to the gain.
    pub rides: Vec<Signal>,
    /// Percent, -100 left to 100 right; `None` when `pan` was never called.
    pub pan: Option<Signal>,
    /// This strip's own law; else the session's.
    pub law: Option<PanLaw>,
    /// Percent: where left and right go. Instead of `pan`.
    pub place: Option<(Signal, Signal)>,
    /// Percent.
    pub width: Signal,
    pub mute: bool,
    pub solo: bool,
    pub mute_in: Vec<Range>,
    pub only_in: Vec<Range>,
    pub sends: Vec<Send>,
    /// Where it goes; `None`: to `mix` (`master` for `mix`, nowhere for `master`).
    pub to: Option<Route>,
    pub said: Said,
    pub loc: Loc,
}

/// Where something of a strip was said last; at the strip's name where it never was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub gain: Loc,
    pub width: Loc,
    pub solo: Loc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Polarity {
    Left,
    Right,
    Both,
}

/// A piece of a file on a track's time line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// As written: relative to the file that names it.
    pub path: String,
    /// Where the path was written, and with it the folder it starts from.
    pub loc: Loc,
    /// Without one it follows the clip before, or begins at song time 0.
    pub at: Option<Time>,
    /// What part of the file: from here …
    pub from: Option<Time>,
    /// … to here.
    pub to: Option<Time>,
    pub fade_in: Option<Time>,
    pub fade_out: Option<Time>,
    /// dB.
    pub gain: f64,
    pub repeat: u32,
    /// Takes a file that ends before its header says.
    pub allow_truncated: bool,
    /// Which of the file's channels, counted from 0: one or two. All of them where it is empty.
    pub channels: Vec<usize>,
}

/// A send: what leaves a tap for a bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Send {
    pub from: TapPoint,
    pub to: RouteTo,
    /// dB.
    pub level: Signal,
    pub loc: Loc,
}

/// Where a strip or a send goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    pub to: RouteTo,
    pub loc: Loc,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RouteTo {
    Strip(StripId),
    /// Nowhere.
    Off,
}

/// A point of a strip that can be heard: for keys, followers, deliveries and sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tap {
    pub strip: StripId,
    pub point: TapPoint,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TapPoint {
    /// After trim, polarity and delay (on a bus: of its sum).
    Source,
    /// After the inserts, in the strip's own layout.
    Pre,
    /// After fader and pan.
    Post,
}

/// Moves the faders of several strips together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vca {
    pub name: String,
    pub strips: Vec<StripId>,
    /// dB, added to each strip's gain.
    pub gain: Signal,
    pub mute: bool,
    pub loc: Loc,
}

impl Strip {
    pub fn new(name: impl Into<String>, kind: StripKind, loc: Loc) -> Strip {
        Strip {
            name: name.into(),
            kind,
            clips: Vec::new(),
            trim: Trim::By(0.0),
            polarity: None,
            delay: None,
            inserts: Vec::new(),
            gain: Signal::Constant(0.0),
            rides: Vec::new(),
            pan: None,
            law: None,
            place: None,
            width: Signal::Constant(100.0),
            mute: false,
            solo: false,
            mute_in: Vec::new(),
            only_in: Vec::new(),
            sends: Vec::new(),
            to: None,
            said: Said { gain: loc, width: loc, solo: loc },
            loc,
        }
    }
}
