//! Results for programs: one object per line, with a `reason` and a `schema`. A field keeps its meaning as long as the schema's number stays.

mod delivered;

pub use delivered::{artifact, target};

use serde::Serialize;
use serde_json::{Number as Count, Value, json};

use super::{Expectation, Node, Stock, Summary};
use crate::analysis::Measurement;
use crate::dsp::{Declaration, Kind, Param};

pub(super) const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Head {
    reason: &'static str,
    schema: u32,
}

const fn head(reason: &'static str) -> Head {
    Head { reason, schema: SCHEMA }
}

/// What was measured of a file.
pub fn measurement<'a>(file: &'a str, measurement: &'a Measurement) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head,
        file: &'a str,
        #[serde(flatten)]
        measurement: &'a Measurement,
    }
    Object { head: head("measurement"), file, measurement }
}

/// How a render went as a whole.
pub fn summary(summary: &Summary) -> impl Serialize + use<> {
    #[derive(Serialize)]
    struct Object {
        #[serde(flatten)]
        head: Head,
        ok: bool,
        wall_seconds: f64,
        audio_seconds: f64,
        nodes_total: usize,
        nodes_rendered: usize,
        nodes_reused: usize,
    }
    Object {
        head: head("summary"),
        ok: summary.ok,
        wall_seconds: summary.wall_seconds,
        audio_seconds: summary.audio_seconds,
        nodes_total: summary.nodes_total,
        nodes_rendered: summary.nodes_rendered,
        nodes_reused: summary.nodes_reused,
    }
}

/// An expectation that was judged. `asked` has one field named after the relation: the number to be reached, a margin counted in; null when it
/// was to be a reading that does not exist.
pub fn expectation<'a>(judged: &Expectation<'a>) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head,
        ok: bool,
        file: &'a str,
        line: usize,
        reading: &'a str,
        strip: &'a str,
        section: Option<&'a str>,
        asked: Value,
        got: Option<f64>,
    }
    let mut asked = json!({ judged.relation: judged.asked });
    if let Some(within) = judged.within {
        asked["within"] = json!(within);
    }
    let &Expectation { ok, file, line, reading, strip, section, got, .. } = judged;
    Object { head: head("expectation"), ok, file, line, reading, strip, section, asked, got }
}

/// A node of a plan.
pub fn node<'a>(node: &Node<'a>) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head,
        name: &'a str,
        kind: &'static str,
        key: &'a str,
        state: &'static str,
        why: &'a str,
        seconds_estimated: f64,
    }
    Object {
        head: head("node"),
        name: node.name,
        kind: node.kind,
        key: node.key,
        state: super::plan::state(node),
        why: node.why,
        seconds_estimated: node.seconds_estimated,
    }
}

/// What a cache holds.
pub fn stock<'a>(stock: &Stock<'a>) -> impl Serialize + use<'a> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head,
        folder: &'a str,
        packs: usize,
        objects: usize,
        bytes: u64,
        limit: u64,
        damaged: Option<usize>,
    }
    let Stock { folder, packs, objects, bytes, limit, damaged } = *stock;
    Object { head: head("cache"), folder, packs, objects, bytes, limit, damaged }
}

/// An effect with its parameters, the common ones last.
pub fn effect(d: &Declaration) -> impl Serialize + use<> {
    #[derive(Serialize)]
    struct Object {
        #[serde(flatten)]
        head: Head,
        name: &'static str,
        category: &'static str,
        help: &'static str,
        version: u32,
        params: Vec<Parameter>,
    }
    Object {
        head: head("effect"),
        name: d.name,
        category: d.category.name(),
        help: d.help,
        version: d.version,
        params: d.all_params().map(parameter).collect(),
    }
}

/// `unit`, `min` and `max` are null for what is no number; `min` also where a level goes down to `off`. `choices` are the words, or the
/// only numbers allowed; `default` is null where the parameter may be left out.
#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    unit: Option<&'static str>,
    min: Value,
    max: Value,
    default: Value,
    choices: Value,
    curve: bool,
    help: &'static str,
}

fn parameter(p: &'static Param) -> Parameter {
    let (name, help) = (p.name, p.help);
    let none = Value::Null;
    let plain = |default, choices, curve| Parameter {
        name,
        unit: None,
        min: none.clone(),
        max: none.clone(),
        default,
        choices,
        curve,
        help,
    };
    match &p.kind {
        Kind::Number(n) => {
            let choices: Vec<Value> =
                n.steps.iter().map(|s| number(*s)).chain(n.words.iter().map(|w| json!(w))).collect();
            Parameter {
                unit: Some(n.unit.symbol()),
                min: number(n.min),
                max: number(n.max),
                ..plain(
                    n.default.map(number).or_else(|| n.words.first().map(|w| json!(w))).unwrap_or(Value::Null),
                    if choices.is_empty() { Value::Null } else { Value::Array(choices) },
                    n.curve,
                )
            }
        }
        Kind::Choice { options, default } => plain(json!(options.get(*default)), json!(options), false),
        Kind::Switch { default, curve } => plain(json!(default), Value::Null, *curve),
        Kind::Numbers { unit, min, max, default } => Parameter {
            unit: Some(unit.symbol()),
            min: number(*min),
            max: number(*max),
            ..plain(Value::Array(default.iter().map(|x| number(*x)).collect()), Value::Null, false)
        },
        Kind::Effect | Kind::Effects | Kind::Key => plain(Value::Null, Value::Null, false),
    }
}

/// `-80`, not `-80.0`; null for what is not finite.
fn number(x: f64) -> Value {
    if x.fract() == 0.0 && x.abs() < 9e15 {
        return Value::Number(Count::from(x as i64));
    }
    Count::from_f64(x).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::effects::tests::SQUASH;
    use super::*;
    use crate::report::{Solved, Written};
    use crate::session::{Asked, Goal};

    fn line(object: &impl Serialize) -> String {
        serde_json::to_string(object).unwrap()
    }

    #[test]
    fn a_measurement_has_the_fields_promised_in_their_order() {
        let m = Measurement { integrated_lufs: Some(-14.02), dc_offset: vec![0.0], ..Measurement::default() };
        assert_eq!(
            line(&measurement("a.wav", &m)),
            concat!(
                r#"{"reason":"measurement","schema":1,"file":"a.wav","format":"","codec":"","sample_rate":0,"#,
                r#""channels":0,"frames":0,"seconds":0.0,"integrated_lufs":-14.02,"momentary_max_lufs":null,"#,
                r#""short_term_max_lufs":null,"loudness_range_lu":null,"true_peak_dbtp":null,"sample_peak_dbfs":null,"#,
                r#""plr_lu":null,"correlation":null,"mono_loss_lu":null,"dc_offset":[0.0],"blake3":""}"#
            )
        );
    }

    #[test]
    fn a_render_has_the_fields_promised() {
        let m = Measurement::default();
        let file = Written {
            target: "m/x.flac",
            kind: "master",
            path: Path::new("out/m/x.flac"),
            measurement: &m,
            clipped: 0,
            asked: None,
            solved: None,
            service: None,
            part: false,
            preview: None,
        };
        let s = Summary {
            ok: true,
            wall_seconds: 0.5,
            audio_seconds: 8.0,
            nodes_total: 4,
            nodes_rendered: 3,
            nodes_reused: 1,
        };
        let text = line(&artifact(&file, &s));
        assert!(text.starts_with(concat!(
            r#"{"reason":"artifact","schema":1,"target":"m/x.flac","kind":"master","path":"out/m/x.flac","#,
            r#""measurement":{"format":""#
        )));
        assert!(text.ends_with(concat!(
            r#""asked":{"integrated_lufs":null,"true_peak_dbtp":null},"solved":null,"plays":null,"#,
            r#""preview":null,"nodes_rendered":3,"nodes_total":4,"seconds_wall":0.5}"#
        )));
        let loud = Measurement { integrated_lufs: Some(-9.5), ..Measurement::default() };
        let asked = Asked {
            loudness: Some(Goal::AtLeast(-14.0)),
            peak: Some(-1.0),
            peak_when_louder: Some(-2.0),
            ..Asked::NOTHING
        };
        let solved = Solved { gain: 3.5, reduction: 2.25, added: false };
        let (asked, solved, service) = (Some(asked), Some(solved), Some(("Spotify", -4.5)));
        let text = line(&artifact(&Written { measurement: &loud, asked, solved, service, ..file }, &s));
        let part = concat!(
            r#""asked":{"integrated_lufs":-14,"true_peak_dbtp":-2},"#,
            r#""solved":{"gain_db":3.5,"reduction_db":2.25,"limiter":"last insert of master"},"#,
            r#""plays":{"service":"Spotify","gain_db":-4.5},"#
        );
        assert!(text.contains(part), "{part} is missing from\n{text}");
        let cut = line(&artifact(&Written { measurement: &loud, asked, solved, service, part: true, ..file }, &s));
        let heard = line(&artifact(&Written { preview: Some(false), ..file }, &s));
        assert!(heard.contains(r#""preview":{"exact":false},"#), "{heard}");
        assert!(cut.contains(r#""true_peak_dbtp":-1},"#) && cut.contains(r#""plays":null"#), "{cut}");
        assert_eq!(
            line(&summary(&s)),
            concat!(
                r#"{"reason":"summary","schema":1,"ok":true,"wall_seconds":0.5,"audio_seconds":8.0,"#,
                r#""nodes_total":4,"nodes_rendered":3,"nodes_reused":1}"#
            )
        );
        let n =
            Node { name: "mix", kind: "mix", key: "ab", inputs: &[], hit: false, why: "new", seconds_estimated: 0.03 };
        assert_eq!(
            line(&node(&n)),
            concat!(
                r#"{"reason":"node","schema":1,"name":"mix","kind":"mix","key":"ab","state":"miss","#,
                r#""why":"new","seconds_estimated":0.03}"#
            )
        );
    }

    #[test]
    fn an_expectation_says_asked_and_got() {
        let above = Expectation {
            ok: false,
            file: "song.mix",
            line: 12,
            reading: "loudness",
            strip: "lead vox",
            section: Some("chorus"),
            relation: "above",
            asked: Some(-16.9),
            within: None,
            got: Some(-18.2),
        };
        assert_eq!(
            line(&expectation(&above)),
            concat!(
                r#"{"reason":"expectation","schema":1,"ok":false,"file":"song.mix","line":12,"reading":"loudness","#,
                r#""strip":"lead vox","section":"chorus","asked":{"above":-16.9},"got":-18.2}"#
            )
        );
        let equals = Expectation { section: None, relation: "equals", within: Some(0.5), got: None, ..above };
        let text = line(&expectation(&equals));
        assert!(text.ends_with(r#""section":null,"asked":{"equals":-16.9,"within":0.5},"got":null}"#), "{text}");
    }

    #[test]
    fn an_effect_is_its_declaration() {
        let text = line(&effect(&SQUASH));
        for part in [
            r#"{"reason":"effect","schema":1,"name":"squash","category":"dynamics","help":"#,
            r#""version":3,"params":[{"name":"threshold","unit":"dB","min":-80,"max":0,"default":-18,"choices":null,"curve":true,"help":"Where it begins"}"#,
            r#"{"name":"release","unit":"ms","min":1,"max":5000,"default":"auto","choices":["auto"],"curve":false"#,
            r#"{"name":"slope","unit":"","min":6,"max":48,"default":12,"choices":[6,12],"curve":false"#,
            r#"{"name":"key_low_cut","unit":"Hz","min":10,"max":23520,"default":null,"choices":null,"curve":false"#,
            r#"{"name":"detector","unit":null,"min":null,"max":null,"default":"rms","choices":["peak","rms"],"curve":false"#,
            r#"{"name":"split","unit":"Hz","min":20,"max":20000,"default":[120],"choices":null,"curve":false"#,
            r#"{"name":"key","unit":null,"min":null,"max":null,"default":null,"choices":null,"curve":false"#,
            r#"{"name":"mix","unit":"%","min":0,"max":100,"default":100,"choices":null,"curve":true"#,
            r#"{"name":"output","unit":"dB","min":null,"max":24,"default":0,"choices":null,"curve":true"#,
        ] {
            assert!(text.contains(part), "{part} is missing from\n{text}");
        }
    }
}
