use super::band::{Band, Form, Places, frequency, gain, q};
use crate::dsp::{Category, Declaration};

pub(crate) static LOW_SHELF: Band = Band {
    form: Form::LowShelf,
    places: Places { frequency: 0, gain: Some(1), q: Some(2), slope: None },
    declaration: &Declaration {
        name: "low_shelf",
        category: Category::Equaliser,
        help: "Lifts or lowers all that lies below a frequency",
        version: 2,
        params: &[
            frequency(100.0, "Where half the gain is reached"),
            gain("The gain far below"),
            q(0.707, "How sudden the step is; above 0.707 it overshoots"),
        ],
    },
};

pub(crate) static HIGH_SHELF: Band = Band {
    form: Form::HighShelf,
    places: Places { frequency: 0, gain: Some(1), q: Some(2), slope: None },
    declaration: &Declaration {
        name: "high_shelf",
        category: Category::Equaliser,
        help: "Lifts or lowers all that lies above a frequency",
        version: 2,
        params: &[
            frequency(8000.0, "Where half the gain is reached"),
            gain("The gain far above"),
            q(0.707, "How sudden the step is; above 0.707 it overshoots"),
        ],
    },
};

pub(crate) static TILT: Band = Band {
    form: Form::Tilt,
    places: Places { frequency: 1, gain: Some(0), q: None, slope: None },
    declaration: &Declaration {
        name: "tilt",
        category: Category::Equaliser,
        help: "Tips the balance of lows and highs about a frequency",
        version: 1,
        params: &[
            gain("How much the highs rise over the lows, from end to end"),
            frequency(1000.0, "The pivot, which stays at 0 dB"),
        ],
    },
};
