use super::Desk;
use super::signals::Common;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::session::{Delivery, Effect, Signal, TapPoint, Value};

/// A limiter or a clipper at the end of a mix that is still to be mastered.
pub(super) fn limited_mix(desk: &Desk<'_>, found: &mut Diagnostics) {
    let (session, mix, master) = (desk.session, desk.session.mix(), desk.session.master());
    let Some(last) = desk.inserts(mix).last().filter(|effect| flattens(effect)) else { return };
    let mastered = desk.inserts(master).next().is_some();
    // a mix that must come to a loudness is somebody's master
    let raw = |d: &&Delivery| match &d.target {
        Some((name, _)) => name == "premaster",
        None => mastered && d.loudness.is_none() && d.peak.is_none(),
    };
    let mut mixes = session.deliveries.iter().filter(|d| d.tap.strip == mix && d.tap.point != TapPoint::Source);
    let Some(delivery) = mixes.find(raw) else { return };
    let what = if last.name == "limiter" { "a limiter" } else { "a clipper" };
    let own = desk.inserts(master).any(|effect| effect.name == last.name);
    let help = match own {
        true => format!("take it out: `master` has its own `{}`", last.name),
        false => format!("move it to the master: `master.insert({});`", call(last)),
    };
    let what = format!("`mix` ends with {what}, and is delivered to be mastered");
    found.push(
        Diagnostic::warning(Code::LIMITED_MIX, what)
            .label(last.loc.0, "what this flattens stays flat")
            .label(delivery.loc.0, "delivered here")
            .help(help),
    );
}

fn flattens(effect: &Effect) -> bool {
    let hard = |(name, value, _): &(String, Value, _)| name == "kind" && *value == Value::Word("hard".to_string());
    let clips = effect.name == "saturate" && effect.values.iter().any(hard);
    (effect.name == "limiter" || clips) && Common::of(effect).is_all()
}

/// The effect as it may be written again, with what matters most of it.
fn call(effect: &Effect) -> String {
    let number = |name: &str| {
        effect.values.iter().find_map(|(n, value, _)| match value {
            Value::Number(Signal::Constant(x)) if n == name => Some(*x),
            _ => None,
        })
    };
    match effect.name.as_str() {
        "limiter" => {
            let gain = number("gain").map_or(String::new(), |gain| format!(", gain: {gain}dB"));
            format!("limiter(ceiling: {}dBTP{gain})", number("ceiling").unwrap_or(-1.0))
        }
        _ => format!("saturate(kind: \"hard\", drive: {}dB)", number("drive").unwrap_or(6.0)),
    }
}
