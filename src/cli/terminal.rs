use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::args::Global;
use super::{Colour, End, Format};

/// Where results and talk go: results to stdout, talk to stderr. A closed pipe ends neither with a panic nor with an error.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) format: Format,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    /// Whether talk is coloured.
    pub(super) colour: bool,
    /// Whether drawings are welcome: a terminal whose owner has not asked for text alone.
    pub(super) lively: bool,
    broken: AtomicBool,
}

impl Terminal {
    pub(super) fn new(global: &Global) -> Terminal {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        let terminal = io::stderr().is_terminal();
        Terminal {
            format: global.message_format,
            quiet: global.quiet,
            verbose: global.verbose && !global.quiet,
            colour: match global.color {
                Colour::Always => true,
                Colour::Never => false,
                Colour::Auto => terminal && !dumb && !set("NO_COLOR"),
            },
            lively: terminal && !dumb && !narrated(),
            broken: AtomicBool::new(false),
        }
    }

    pub(super) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// A result: text that ends in a newline or gets one.
    pub(super) fn data(&self, text: &str) {
        let mut out = io::stdout().lock();
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        if let Err(error) = write!(out, "{text}{end}").and_then(|()| out.flush())
            && error.kind() != io::ErrorKind::BrokenPipe
            && !self.broken.swap(true, Ordering::Relaxed)
        {
            complain(&format!("error: the results could not be written: {error}"));
        }
    }

    /// A result as one line of JSON.
    pub(super) fn object(&self, object: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(object) {
            self.data(&line);
        }
    }

    /// Talk that `-q` and programs don't hear.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet && !self.json() {
            complain(text);
        }
    }

    /// An error that belongs to no place in a script, and the way out.
    pub(super) fn fail(&self, message: &str, help: Option<&str>) -> End {
        let (red, cyan, plain) = if self.colour { ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") } else { ("", "", "") };
        let help = help.map(|h| format!("\n\n  {cyan}help:{plain} {}", harmless(h))).unwrap_or_default();
        complain(&format!("{red}error:{plain} {}{}", harmless(message), help));
        End::Outside
    }

    /// Whether a result was lost (a full disk behind stdout).
    pub(super) fn broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}

/// What a terminal would obey instead of showing it: control characters, and those that turn the direction of reading.
pub(super) fn obeyed(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text with what a terminal would obey written out: names and texts of a script may hold anything.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let written = |c: char| if obeyed(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(written).collect())
}

/// A line on stderr. When even that fails there is nobody left to tell.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// `NO_GRAPHICS`: for screen readers, everything in words.
pub(super) fn narrated() -> bool {
    std::env::var_os("NO_GRAPHICS").is_some_and(|v| v != "0" && !v.is_empty())
}
