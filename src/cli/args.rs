use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// A compiler for sound: a session as text becomes stems, mixes and masters.
#[derive(Debug, Parser)]
#[command(
    name = "mixdown",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Every long option can come from the environment: --message-format from MIXDOWN_MESSAGE_FORMAT.\n\
                  Exit codes: 0 fine, 1 the script or the audio has a problem, 2 it could not run, 130 stopped."
)]
pub(super) struct Line {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// How messages and results are written
    #[arg(long, value_enum, global = true, value_name = "FORMAT", default_value_t = Format::Human)]
    #[arg(env = "MIXDOWN_MESSAGE_FORMAT", hide_env = true)]
    pub(super) message_format: Format,
    /// Threads [default: one per core]
    #[arg(short, long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    #[arg(env = "MIXDOWN_JOBS", hide_env = true)]
    pub(super) jobs: Option<u16>,
    /// Print errors and what was asked for, nothing else
    #[arg(short, long, global = true, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    #[arg(env = "MIXDOWN_QUIET", hide_env = true)]
    pub(super) quiet: bool,
    /// Say more of what is done
    #[arg(short, long, global = true, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    #[arg(env = "MIXDOWN_VERBOSE", hide_env = true)]
    pub(super) verbose: bool,
    /// Colours: `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, global = true, value_name = "WHEN", default_value_t = Colour::Auto)]
    #[arg(env = "MIXDOWN_COLOR", hide_env = true)]
    pub(super) color: Colour,
    /// Render everything anew: use no cache, and leave it as it is
    #[arg(long, global = true, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    #[arg(env = "MIXDOWN_NO_CACHE", hide_env = true)]
    pub(super) no_cache: bool,
    /// Where finished work is kept between runs [default: the user's cache folder]
    #[arg(long, global = true, value_name = "DIR", env = "MIXDOWN_CACHE_DIR", hide_env = true)]
    pub(super) cache_dir: Option<PathBuf>,
    /// Work as if started in this folder
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One line per message, for editors
    Short,
    /// One object per line, for programs
    Json,
    /// Annotations, for GitHub Actions
    Github,
    /// The graph of a plan, for Graphviz
    #[value(hide = true)]
    Dot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Start a project: a short song that renders as it is
    New(New),
    /// Find mistakes without rendering
    Check(Check),
    /// Lay scripts out as everybody does
    Fmt(Fmt),
    /// Render stems, mixes and masters
    Render(Render),
    /// Render on every save
    Watch(Watch),
    /// Master a stereo file for where it goes, and keep the script that did it
    Master(Master),
    /// Show what would be rendered
    Plan(Plan),
    /// Loudness, peaks and more of any audio file
    Measure(Measure),
    /// The effects and their parameters
    Effects(Effects),
    /// Where deliveries go and what is asked of them there
    Targets(Targets),
    /// What a code in a message means
    Explain(Explain),
    /// What is kept of finished work: show, verify or clean it
    Cache(Cache),
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// The folder to make
    #[arg(value_name = "NAME")]
    pub(super) name: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The scripts
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) settings: Settings,
    /// List what the scripts read and what they looked for in vain
    #[arg(long, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    #[arg(env = "MIXDOWN_DEPS", hide_env = true)]
    pub(super) deps: bool,
}

/// What a script leaves open.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// A value for a parameter of the script, `param("vocal", 0dB)`: --set vocal=1dB
    #[arg(long = "set", value_name = "NAME=VALUE", env = "MIXDOWN_SET", hide_env = true, value_parser = setting)]
    pub(super) set: Vec<(String, String)>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, as in `vocal=1dB`")?;
    match name.trim() {
        "" => Err("write NAME=VALUE, as in `vocal=1dB`".into()),
        name => Ok((name.to_string(), value.to_string())),
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "There is one style and no option for it: four spaces, a hundred columns, a statement per line.\n\
                        With --check and --diff nothing is written, and the exit code is 1 if a file would change."
)]
pub(super) struct Fmt {
    /// The scripts; `-` reads one and writes it formatted to the standard output
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// List the files that would change
    #[arg(long, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new(), env = "MIXDOWN_CHECK", hide_env = true)]
    pub(super) check: bool,
    /// Show what would change, as a unified diff
    #[arg(long, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new(), env = "MIXDOWN_DIFF", hide_env = true)]
    pub(super) diff: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Expectations are judged when all deliveries are rendered whole: without targets, --from and --to.\n\
                        They read strips as they are, before any delivery is brought to a loudness.\n\
                        One that does not hold is an error, and the files stay, so that they can be heard."
)]
pub(super) struct Render {
    /// The script
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Deliveries or strips by name, or `stems`, `mix`, `master` [default: all deliveries]
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// The output folder [default: `out` beside the script]
    #[arg(short, long, value_name = "DIR", env = "MIXDOWN_OUT", hide_env = true)]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) range: Range,
    #[command(flatten)]
    pub(super) settings: Settings,
    /// Frames per block inside the engine; the sound does not depend on it
    #[arg(long, hide = true, value_name = "FRAMES", env = "MIXDOWN_BLOCK", hide_env = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(super) block: Option<u32>,
    /// What is measured fully: mixes and masters, or stems too
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Measured::Mixes)]
    #[arg(env = "MIXDOWN_MEASURE", hide_env = true)]
    pub(super) measure: Measured,
    /// Show where the time went; into a file as well, which a browser's trace viewer opens
    #[arg(long, value_name = "TRACE", num_args = 0..=1, require_equals = true)]
    pub(super) timings: Option<Option<PathBuf>>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A save is a change of anything that the script reads: modules, audio, and what it looked for in vain.\n\
                        A newer save ends the render in flight. On a terminal: r renders, l sets a loop, q quits."
)]
pub(super) struct Watch {
    /// The scripts
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The output folder [default: `out` beside the script]
    #[arg(short, long, value_name = "DIR", env = "MIXDOWN_OUT", hide_env = true)]
    pub(super) out: Option<PathBuf>,
    /// Render this part first, into `preview.wav`: a section, or `bar:25..bar:33`
    #[arg(long, value_name = "RANGE", env = "MIXDOWN_LOOP", hide_env = true)]
    pub(super) r#loop: Option<String>,
    #[command(flatten)]
    pub(super) settings: Settings,
}

#[derive(Debug, Args)]
pub(super) struct Cache {
    /// What to do with it [default: show it]
    #[arg(value_enum, value_name = "ACTION")]
    pub(super) action: Option<CacheAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CacheAction {
    /// Read every object and count those that are damaged
    Verify,
    /// Take everything away
    Clean,
}

#[derive(Debug, Args)]
pub(super) struct Master {
    /// The stereo file
    #[arg(value_name = "AUDIO")]
    pub(super) file: PathBuf,
    /// Where it goes: names from `mixdown targets`, with commas between them
    #[arg(long = "for", value_name = "TARGETS", value_delimiter = ',', default_value = "spotify")]
    #[arg(env = "MIXDOWN_FOR", hide_env = true)]
    pub(super) targets: Vec<String>,
    /// How it is mastered before its limiter
    #[arg(long, value_enum, value_name = "CHAIN", default_value_t = Chain::Transparent)]
    #[arg(env = "MIXDOWN_CHAIN", hide_env = true)]
    pub(super) chain: Chain,
    /// What the song is called, in its files' tags too [default: as the file is]
    #[arg(long, value_name = "TITLE", env = "MIXDOWN_TITLE", hide_env = true)]
    pub(super) title: Option<String>,
    /// Write the script that masters it, to be changed and rendered again
    #[arg(long, value_name = "SCRIPT", env = "MIXDOWN_SAVE", hide_env = true)]
    pub(super) save: Option<PathBuf>,
    /// The output folder [default: `out` here, or beside the script]
    #[arg(short, long, value_name = "DIR", env = "MIXDOWN_OUT", hide_env = true)]
    pub(super) out: Option<PathBuf>,
}

/// Chains of the standard library's `mastering`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Chain {
    /// Nothing that is heard as such
    Transparent,
    /// Tape, and a softer top
    Warm,
    /// Dense and bright
    Loud,
}

impl Chain {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Chain::Transparent => "transparent",
            Chain::Warm => "warm",
            Chain::Loud => "loud",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Measured {
    /// Mixes and masters
    Mixes,
    /// Every file
    All,
}

#[derive(Debug, Args)]
pub(super) struct Range {
    /// Where to begin: `1:02.5`, `bar:17` or a section
    #[arg(long, value_name = "TIME", env = "MIXDOWN_FROM", hide_env = true, allow_negative_numbers = true)]
    pub(super) from: Option<String>,
    /// Where to end: a time, or a section to its end
    #[arg(long, value_name = "TIME", env = "MIXDOWN_TO", hide_env = true, allow_negative_numbers = true)]
    pub(super) to: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The script
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Deliveries or strips by name, or `stems`, `mix`, `master` [default: all deliveries]
    #[arg(value_name = "TARGET")]
    pub(super) targets: Vec<String>,
    /// Say for each node whether it is there or must be rendered, and why, with the script's line
    #[arg(long)]
    pub(super) why: bool,
    #[command(flatten)]
    pub(super) range: Range,
    #[command(flatten)]
    pub(super) settings: Settings,
}

#[derive(Debug, Args)]
pub(super) struct Measure {
    /// The audio files; of a folder all that lie in it, none of folders inside it
    #[arg(required = true, value_name = "AUDIO")]
    pub(super) files: Vec<PathBuf>,
    /// Read a mono file as it plays on two loudspeakers
    #[arg(long, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    #[arg(env = "MIXDOWN_DUAL_MONO", hide_env = true)]
    pub(super) dual_mono: bool,
    /// How the peak between samples is read
    #[arg(long, value_enum, value_name = "HOW", default_value_t = TruePeak::Exact)]
    #[arg(env = "MIXDOWN_TRUE_PEAK", hide_env = true)]
    pub(super) true_peak: TruePeak,
    /// Write comma-separated values, a row per file, for spreadsheets
    #[arg(long, action = ArgAction::SetTrue, value_parser = FalseyValueParser::new())]
    #[arg(env = "MIXDOWN_CSV", hide_env = true)]
    pub(super) csv: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TruePeak {
    /// The crest of the wave, within 0.02 dB
    Exact,
    /// As the 48 taps of ITU-R BS.1770, Annex 2, read it: up to 0.2 dB above, 0.6 below
    Itu,
}

impl From<TruePeak> for crate::project::TruePeak {
    fn from(asked: TruePeak) -> crate::project::TruePeak {
        match asked {
            TruePeak::Exact => crate::project::TruePeak::Exact,
            TruePeak::Itu => crate::project::TruePeak::Itu,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Effects {
    /// An effect, for its parameters [default: all effects in a list]
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Targets {
    /// A target, for all that is known of it [default: all targets in a table]
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code like MX0104 [default: all codes in a list]
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
}
