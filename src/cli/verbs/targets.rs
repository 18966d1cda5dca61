use crate::cli::End;
use crate::cli::args::Targets;
use crate::cli::terminal::Terminal;
use crate::diag::suggest;
use crate::project;
use crate::report::{self, targets as table};

/// The delivery targets, or one of them.
pub(in crate::cli) fn targets(terminal: &Terminal, asked: &Targets) -> End {
    let all = project::delivery_targets();
    let found = match &asked.name {
        None => all,
        Some(name) => match all.iter().position(|t| t.name == *name) {
            Some(at) => &all[at..=at],
            None => {
                let help = match suggest(name, all.iter().map(|t| t.name.as_str())) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`mixdown targets` lists all of them".to_string(),
                };
                return terminal.fail(&format!("no target is called `{name}`"), Some(&help));
            }
        },
    };
    if terminal.json() {
        found.iter().for_each(|target| terminal.object(&report::json::target(target)));
    } else if let (Some(_), [one]) = (&asked.name, found) {
        terminal.data(&table::detail(one));
    } else {
        terminal.data(&table::list(found));
    }
    End::Fine
}
