//! The words that are called on a strip.

use super::{delay, gain, insert, pan, place, polarity, ranges, ride, send, switch, to, trim, width};
use crate::script::bind::Signature;
use crate::script::sources::CLIP;

pub(in crate::script) const SIGNATURES: &[Signature] = &[
    Signature::method(
        "trim",
        "Brings the source to a level, before anything else happens to it.",
        &[("level", "so much louder, dB up to 60dB, or what it must measure: -18LUFS, -6dBFS, -1dBTP")],
        1,
        trim,
    ),
    Signature::method(
        "gain",
        "Sets the fader of a strip or of a vca.",
        &[("level", "`off` to 24dB; a curve")],
        1,
        gain,
    ),
    Signature::method(
        "ride",
        "Moves the fader up and down from where it stands; rides add up.",
        &[("level", "`off` to 24dB; a curve, 0dB where it says nothing")],
        1,
        ride,
    ),
    Signature::method(
        "pan",
        "Puts a mono sound between the loudspeakers; turns the far side of a stereo sound down.",
        &[
            ("position", "-100% is left, 100% right; a curve"),
            ("law", "this strip's own pan law: -3dB, -4.5dB, -6dB or 0dB"),
        ],
        1,
        pan,
    ),
    Signature::method(
        "place",
        "Says where the two sides of a stereo sound go, instead of `pan`.",
        &[("left", "-100% to 100%; -100% unless said; a curve"), ("right", "-100% to 100%; 100% unless said; a curve")],
        2,
        place,
    ),
    Signature::method(
        "width",
        "Makes a stereo sound narrower or wider.",
        &[("amount", "0% is mono, 100% as it is, up to 200%; a curve")],
        1,
        width,
    ),
    Signature::method(
        "polarity",
        "Turns the wave upside down.",
        &[("side", "\"both\" (unless said), \"left\" or \"right\"")],
        1,
        polarity,
    ),
    Signature::method(
        "delay",
        "Moves the source in time.",
        &[("time", "a length: later, or earlier when negative")],
        1,
        delay,
    ),
    Signature::method(
        "mute",
        "Silences a strip, what a vca holds, or strips of a version.",
        &[("on", "`false` takes it back; of a version the strips")],
        1,
        |c, b| switch(c, b, true),
    )
    .and_more("strips", "of a version: more of them, or their names"),
    Signature::method(
        "solo",
        "Silences the tracks that neither are soloed nor feed what is.",
        &[("on", "`false` takes it back; of a version the strips")],
        1,
        |c, b| switch(c, b, false),
    )
    .and_more("strips", "of a version: more of them, or their names"),
    Signature::method("mute_in", "Silences a strip in parts of the song.", &[], 0, |c, b| ranges(c, b, true))
        .and_more("parts", "names of sections and spans of time"),
    Signature::method("only_in", "Silences a strip outside of these parts of the song.", &[], 0, |c, b| {
        ranges(c, b, false)
    })
    .and_more("parts", "names of sections and spans of time"),
    Signature::method("insert", "Adds effects at the end of the strip's chain.", &[], 0, insert)
        .and_more("effects", "in this order; a list of them too"),
    Signature::method(
        "send",
        "Sends a strip, or one of its taps, to a bus as well.",
        &[
            ("bus", "the bus, or its name"),
            ("level", "`off` to 24dB; 0dB unless said; a curve, `off` where it says nothing"),
            ("pre", "`true` takes it after the inserts, before the fader"),
        ],
        2,
        send,
    ),
    Signature::method(
        "to",
        "Routes a strip to a bus instead of the mix.",
        &[("bus", "the bus, or its name, or `off` for nowhere")],
        1,
        to,
    ),
    CLIP,
];
