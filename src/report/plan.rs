use super::text::{Rows, clock};

/// One node of a plan.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    pub name: &'a str,
    /// `track`, `bus`, `mix` or `master`.
    pub kind: &'static str,
    /// The content key, hexadecimal.
    pub key: &'a str,
    pub inputs: &'a [String],
    /// Whether it is there and a render would not run it.
    pub hit: bool,
    /// The reason, in words.
    pub why: &'a str,
    pub seconds_estimated: f64,
}

/// How much of a key is shown to people.
const SHORT: usize = 12;

/// Each node with what a render would do with it, and the reason.
pub fn reasons(all: &[Node<'_>]) -> String {
    let mut rows = Rows::new("<<<", &["node", "state", "why"]);
    for node in all {
        rows.row(vec![node.name.to_string(), state(node).to_string(), node.why.to_string()]);
    }
    let hits = all.iter().filter(|node| node.hit).count();
    format!("{}{hits} of {} are there\n", rows.text(""), all.len())
}

/// As programs are told it too.
pub(super) fn state(node: &Node<'_>) -> &'static str {
    if node.hit { "hit" } else { "miss" }
}

/// The nodes in the order they are given, then what they amount to.
pub fn nodes(all: &[Node<'_>], audio_seconds: f64) -> String {
    let mut rows = Rows::new("<<<<", &["node", "kind", "key", "inputs"]);
    for node in all {
        let key: String = node.key.chars().take(SHORT).collect();
        rows.row(vec![node.name.to_string(), node.kind.to_string(), key, node.inputs.join(", ")]);
    }
    let estimate: f64 = all.iter().map(|n| n.seconds_estimated).sum();
    let s = if all.len() == 1 { "" } else { "s" };
    let count = all.len();
    let length = clock(audio_seconds, true);
    format!("{}{count} node{s}, {length} of sound, about {estimate:.1} s of work\n", rows.text(""))
}

/// The plan as a graph for Graphviz: `mixdown plan song.mix --message-format dot | dot -Tsvg`.
pub fn dot(all: &[Node<'_>]) -> String {
    let mut text = String::from("digraph plan {\n    rankdir=LR;\n    node [shape=box];\n");
    for node in all {
        text.push_str(&format!(
            "    {} [label={}];\n",
            quoted(node.name),
            quoted(&format!("{}\n{}", node.name, node.kind))
        ));
    }
    for node in all {
        for input in node.inputs {
            text.push_str(&format!("    {} -> {};\n", quoted(input), quoted(node.name)));
        }
    }
    text + "}\n"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_a_table_or_a_graph() {
        let inputs = ["lead \"vox\"".to_string()];
        let all = [
            Node {
                name: "lead \"vox\"",
                kind: "track",
                key: "0123456789abcdef",
                inputs: &[],
                hit: false,
                why: "new",
                seconds_estimated: 0.25,
            },
            Node {
                name: "mix",
                kind: "mix",
                key: "fedcba9876543210",
                inputs: &inputs,
                hit: true,
                why: "same",
                seconds_estimated: 0.5,
            },
        ];
        assert_eq!(
            nodes(&all, 8.0),
            "node        kind   key           inputs\n\
             lead \"vox\"  track  0123456789ab\n\
             mix         mix    fedcba987654  lead \"vox\"\n\
             2 nodes, 0:08.000 of sound, about 0.8 s of work\n"
        );
        assert_eq!(
            reasons(&all),
            "node        state  why\nlead \"vox\"  miss   new\nmix         hit    same\n1 of 2 are there\n"
        );
        assert_eq!(
            dot(&all),
            "digraph plan {\n    rankdir=LR;\n    node [shape=box];\n    \
             \"lead \\\"vox\\\"\" [label=\"lead \\\"vox\\\"\\ntrack\"];\n    \
             \"mix\" [label=\"mix\\nmix\"];\n    \
             \"lead \\\"vox\\\"\" -> \"mix\";\n}\n"
        );
    }
}
