use crate::cli::End;
use crate::cli::args::Effects;
use crate::cli::terminal::Terminal;
use crate::diag::suggest;
use crate::report::{self, effects as catalogue};

/// The catalogue, or one effect of it.
pub(in crate::cli) fn effects(terminal: &Terminal, asked: &Effects) -> End {
    let found = match &asked.name {
        None => catalogue::all(),
        Some(name) => match catalogue::find(name) {
            Some(found) => vec![found],
            None => return unknown(terminal, name),
        },
    };
    if terminal.json() {
        found.iter().for_each(|effect| terminal.object(&report::json::effect(effect)));
    } else if let (Some(_), [one]) = (&asked.name, &found[..]) {
        terminal.data(&catalogue::detail(one));
    } else {
        terminal.data(&catalogue::list(&found));
    }
    End::Fine
}

fn unknown(terminal: &Terminal, name: &str) -> End {
    let help = match suggest(name, catalogue::all().iter().map(|e| e.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`mixdown effects` lists all of them".to_string(),
    };
    terminal.fail(&format!("no effect is called `{name}`"), Some(&help))
}
