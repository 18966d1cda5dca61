use crate::cli::args::Plan;
use crate::cli::terminal::Terminal;
use crate::cli::{End, Format, messages};
use crate::project::{self, Request};
use crate::report::{self, Node};
use crate::world::Disk;

/// Shows what a render would do.
pub(in crate::cli) fn plan(terminal: &Terminal, world: &Disk, asked: Plan, request: Request) -> End {
    let request = Request {
        targets: asked.targets,
        from: asked.range.from,
        to: asked.range.to,
        set: asked.settings.set,
        ..request
    };
    let mut planned = project::plan(world, &asked.file, &request);
    let count = messages::show(terminal, &planned.sources, &mut planned.diagnostics);
    let nodes: Vec<Node<'_>> = planned
        .nodes
        .iter()
        .map(|n| Node {
            name: &n.name,
            kind: n.kind,
            key: &n.key,
            inputs: &n.inputs,
            hit: n.hit,
            why: &n.why,
            seconds_estimated: n.seconds_estimated,
        })
        .collect();
    match terminal.format {
        Format::Json => nodes.iter().for_each(|node| terminal.object(&report::json::node(node))),
        Format::Dot => terminal.data(&report::dot(&nodes)),
        _ if nodes.is_empty() => {}
        _ if asked.why => terminal.data(&report::reasons(&nodes)),
        _ => terminal.data(&report::nodes(&nodes, planned.audio_seconds)),
    }
    count.summary().into_iter().for_each(|summary| terminal.say(&summary));
    End::of(planned.diagnostics.has_errors(), planned.outside)
}
