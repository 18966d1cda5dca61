use serde::{Deserialize, Serialize};

use super::{Loc, StripId};

/// The song in another shape: the same session with some strips muted, unmuted or soloed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub name: String,
    pub mute: Vec<StripId>,
    pub unmute: Vec<StripId>,
    pub solo: Vec<StripId>,
    pub loc: Loc,
}

impl Version {
    /// What the session is called as it stands.
    pub const MAIN: &'static str = "main";
}

/// `versions:` of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Versions {
    /// The session as it stands.
    #[default]
    Main,
    /// That, then every version.
    All,
    /// Those of these names.
    Named(Vec<(String, Loc)>),
}

impl Versions {
    /// Their names, of all that a session has.
    pub fn names<'a>(&'a self, all: &'a [Version]) -> Vec<&'a str> {
        match self {
            Versions::Main => vec![Version::MAIN],
            Versions::All => [Version::MAIN].into_iter().chain(all.iter().map(|v| v.name.as_str())).collect(),
            Versions::Named(names) => names.iter().map(|(name, _)| name.as_str()).collect(),
        }
    }
}
