use super::band::{Band, Form, Places, frequency, gain, q};
use crate::dsp::{Category, Declaration};

pub(crate) static BELL: Band = Band {
    form: Form::Bell,
    places: Places { frequency: 0, gain: Some(1), q: Some(2), slope: None },
    declaration: &Declaration {
        name: "bell",
        category: Category::Equaliser,
        help: "Lifts or lowers the surroundings of a frequency",
        version: 1,
        params: &[
            frequency(1000.0, "The middle"),
            gain("The gain in the middle"),
            q(1.0, "How narrow: the middle over the width at half the gain"),
        ],
    },
};

pub(crate) static NOTCH: Band = Band {
    form: Form::Notch,
    places: Places { frequency: 0, gain: None, q: Some(1), slope: None },
    declaration: &Declaration {
        name: "notch",
        category: Category::Equaliser,
        help: "Removes one frequency",
        version: 1,
        params: &[frequency(1000.0, "The one removed"), q(10.0, "How narrow: the frequency over the width at -3 dB")],
    },
};

pub(crate) static BAND_PASS: Band = Band {
    form: Form::BandPass,
    places: Places { frequency: 0, gain: None, q: Some(1), slope: None },
    declaration: &Declaration {
        name: "band_pass",
        category: Category::Equaliser,
        help: "Keeps only the surroundings of a frequency, which stays at 0 dB",
        version: 1,
        params: &[frequency(1000.0, "The middle"), q(1.0, "How narrow: the middle over the width at -3 dB")],
    },
};

pub(crate) static ALL_PASS: Band = Band {
    form: Form::AllPass,
    places: Places { frequency: 0, gain: None, q: Some(1), slope: None },
    declaration: &Declaration {
        name: "all_pass",
        category: Category::Equaliser,
        help: "Turns the phase and leaves the level: -180° at the frequency",
        version: 1,
        params: &[frequency(1000.0, "Where the phase is turned over"), q(0.707, "How sudden the turn is")],
    },
};
