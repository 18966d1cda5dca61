//! What is asked for becomes files: which taps, under which names, in which form.

mod collide;
mod lead;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::about::about;
use super::covers::Covers;
use super::form::Form;
use super::request::{Kind, Request};
use super::words::{self, Words};
use crate::audio::rng::Seed;
use crate::diag::{Code, Diagnostic, Diagnostics, Span, suggest};
use crate::engine::File;
use crate::graph::{Compiled, Want, What};
use crate::media::writer::{About, Format, Made, Mark};
use crate::session::{
    self, Asked, Delivery, Dither, Loc, Session, Stems, StripId, Tags, Tap, TapPoint, Time, Timeline, Version,
};
use crate::units::{Frames, Rate, Seconds};
use crate::world::{World, join};

/// One file to be made.
pub(super) struct Target {
    pub(super) want: Want,
    /// Below the output folder, path words filled in.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) format: Format,
    pub(super) bits: u32,
    /// The file's, whatever the session's is.
    pub(super) rate: Rate,
    pub(super) dither: Dither,
    pub(super) seed: Seed,
    /// What it must come to.
    pub(super) asked: Asked,
    /// The name of its delivery target.
    pub(super) target: Option<String>,
    /// Which of the session's deliveries, and in which version.
    delivery: Option<(usize, String)>,
    /// The target whose drive it takes: of the session as it stands.
    pub(super) leader: Option<usize>,
    /// Nobody asked for the file: it is made for others to follow, and not kept.
    pub(super) hidden: bool,
    /// What it says of itself; its marks lie at song frames.
    pub(super) about: Arc<About>,
    /// Of a FLAC.
    pub(super) compression: u8,
    span: Option<Span>,
}

impl Target {
    /// The tap that must be driven so that the file comes to what is asked of it.
    pub(super) fn solves(&self) -> Option<Tap> {
        match self.want.what {
            What::Tap(tap) if self.asked.needs_solving() => Some(tap),
            _ => None,
        }
    }

    /// Where a loudness or a peak was asked for.
    pub(super) fn asked_at(&self) -> Option<Span> {
        self.span
    }
}

/// What the targets are worked out from.
pub(super) struct Asking<'a> {
    pub(super) world: &'a dyn World,
    pub(super) session: &'a Session,
    pub(super) compiled: &'a Compiled,
    pub(super) timeline: &'a Timeline,
    pub(super) rate: Rate,
    pub(super) out: &'a Path,
    pub(super) files: &'a [File],
    /// The script, its modules, and what else was read.
    pub(super) scripts: &'a [PathBuf],
    /// Markers and chapters: song frames.
    pub(super) marks: &'a [Mark],
    pub(super) covers: &'a Covers,
    pub(super) made: Option<&'a Made>,
}

/// A file before its path is settled.
struct Ask<'a> {
    what: What,
    strip: String,
    kind: Kind,
    delivery: Option<(usize, &'a str)>,
    path: &'a str,
    form: Form<'a>,
    asked: Asked,
    span: Option<Span>,
    from: Option<&'a Time>,
    to: Option<&'a Time>,
    fades: [Option<&'a Time>; 2],
    tags: Tags,
    /// Where a `bext` chunk was asked for.
    bext: Option<Loc>,
}

impl Asking<'_> {
    /// All files that the request asks for, without doubles.
    pub(super) fn targets(&self, request: &Request, found: &mut Diagnostics) -> Vec<Target> {
        let mut asks = Vec::new();
        if request.preroll.is_some() {
            // a preview is what leaves the chain, whatever is delivered of it
            let session = self.session;
            let chain = !session.strip(session.master()).inserts.is_empty();
            let (strip, kind) = if chain { (session.master(), Kind::Master) } else { (session.mix(), Kind::Mix) };
            asks.push(self.plain(strip, kind, "preview.wav"));
        } else if request.targets.is_empty() {
            self.all(&mut asks);
        }
        for target in &request.targets {
            self.named(target, &mut asks, found);
        }
        let mut targets: Vec<Target> = Vec::new();
        let mut by_path: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let feeding: BTreeSet<StripId> = self.compiled.feeding_mix(self.session).into_iter().collect();
        let read: BTreeSet<PathBuf> = self.read().map(|path| self.world.canonical(path)).collect();
        for ask in asks {
            let Some(target) = self.settle(&ask, &feeding, found) else { continue };
            let key = collide::folded(&target.path);
            if let Some(other) = collide::inside(&by_path, &key) {
                self.file_and_folder(&target, &targets[other], found);
            }
            let same = by_path.entry(key).or_default();
            let again = |t: &Target| t.path == target.path && t.want == target.want && t.span == target.span;
            // the same delivery asked for twice (`render song.mix mix mix`)
            if same.iter().any(|i| again(&targets[*i])) {
                continue;
            }
            self.collide(&target, same.first().map(|i| &targets[*i]), &read, found);
            same.push(targets.len());
            targets.push(target);
        }
        self.lead(&mut targets, found);
        targets
    }

    /// Every delivery; a script without any gets its mix, and its master if that does something.
    fn all<'a>(&'a self, asks: &mut Vec<Ask<'a>>) {
        let session = self.session;
        session.stems.iter().for_each(|s| self.stems(s, asks));
        asks.extend(self.deliveries(|_| true));
        if asks.is_empty() && session.deliveries.is_empty() && session.stems.is_empty() {
            asks.push(self.plain(session.mix(), Kind::Mix, "mix.wav"));
            if !session.strip(session.master()).inserts.is_empty() {
                asks.push(self.plain(session.master(), Kind::Master, "master.wav"));
            }
        }
    }

    fn named<'a>(&'a self, name: &str, asks: &mut Vec<Ask<'a>>, found: &mut Diagnostics) {
        let session = self.session;
        let before = asks.len();
        let whole = |id: StripId| self.deliveries(move |d| d.tap == Tap { strip: id, point: TapPoint::Post });
        match name {
            "stems" => {
                session.stems.iter().for_each(|s| self.stems(s, asks));
                if asks.len() == before {
                    self.stems(&DEFAULT_STEMS, asks);
                }
            }
            "mix" => {
                asks.extend(whole(session.mix()));
                if asks.len() == before {
                    asks.push(self.plain(session.mix(), Kind::Mix, "mix.wav"));
                }
            }
            "master" => {
                asks.extend(whole(session.master()));
                if asks.len() == before {
                    asks.push(self.plain(session.master(), Kind::Master, "master.wav"));
                }
            }
            name => {
                asks.extend(self.deliveries(|_| true).filter(|ask| {
                    let filled = self.fill(ask);
                    ask.path == name || filled.as_deref() == Ok(name) || filled.is_ok_and(|f| stem(&f) == name)
                }));
                if asks.len() == before
                    && let Some(id) = session.find(name)
                {
                    asks.push(self.plain(id, Kind::Tap, "{strip}.wav"));
                }
            }
        }
        if asks.len() == before {
            found.push(match name {
                "stems" => Diagnostic::error(Code::NO_DELIVERY, "there are no stems: nothing comes into the mix"),
                name => Diagnostic::error(Code::UNKNOWN_TARGET, format!("no delivery and no strip is called `{name}`"))
                    .did_you_mean(suggest(name, self.names()))
                    .help_if_none("targets are deliveries, strips, `stems`, `mix` and `master`"),
            });
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let strips = self.session.strips.iter().map(|s| s.name.as_str());
        strips.chain(["stems"]).chain(self.session.deliveries.iter().map(|d| d.path.as_str()))
    }

    fn stems<'a>(&'a self, stems: &'a Stems, asks: &mut Vec<Ask<'a>>) {
        let session = self.session;
        let ask = |what: What, strip: String| Ask {
            what,
            strip,
            kind: Kind::Stem,
            delivery: None,
            path: &stems.path,
            form: self
                .form(stems.bits, stems.rate, stems.format)
                .dithered(stems.dither, stems.dither_loc.0)
                .compressed(stems.compression),
            asked: Asked::NOTHING,
            span: Some(stems.loc.0),
            from: None,
            to: None,
            fades: [None, None],
            tags: stems.tags.over(&session.info.tags),
            bext: stems.bext,
        };
        let feeding = self.compiled.feeding_mix(session);
        let listed = stems.strips.as_ref().unwrap_or(&feeding);
        asks.extend(listed.iter().map(|id| ask(What::Stem(*id), session.strip(*id).name.clone())));
        if feeding.iter().any(|id| !listed.contains(id)) {
            asks.push(ask(What::Rest(listed.clone()), "rest".to_string()));
        }
    }

    /// Deliveries, in each of their versions.
    fn deliveries<'a>(&'a self, which: impl Fn(&Delivery) -> bool + 'a) -> impl Iterator<Item = Ask<'a>> + 'a {
        let all = self.session.deliveries.iter().enumerate().filter(move |(_, d)| which(d));
        all.flat_map(move |(index, delivery)| {
            let versions = delivery.versions.names(&self.session.versions);
            versions.into_iter().map(move |version| self.delivery(index, delivery, version))
        })
    }

    fn delivery<'a>(&'a self, index: usize, delivery: &'a Delivery, version: &'a str) -> Ask<'a> {
        let session = self.session;
        let strip = delivery.tap.strip;
        Ask {
            what: What::Tap(self.compiled.tap(delivery.tap, version)),
            delivery: Some((index, version)),
            strip: session.strip(strip).name.clone(),
            kind: match delivery.tap.point {
                TapPoint::Post if strip == session.mix() => Kind::Mix,
                TapPoint::Post if strip == session.master() => Kind::Master,
                _ => Kind::Tap,
            },
            path: &delivery.path,
            form: self
                .form(delivery.bits, delivery.rate, delivery.format)
                .for_target(session.target_of(delivery))
                .dithered(delivery.dither, delivery.dither_loc.0)
                .compressed(delivery.compression),
            asked: session.asked(delivery),
            span: Some(delivery.loc.0),
            from: delivery.from.as_ref(),
            to: delivery.to.as_ref(),
            fades: [delivery.fade_in.as_ref(), delivery.fade_out.as_ref()],
            tags: delivery.tags.over(&session.info.tags),
            bext: delivery.bext,
        }
    }

    /// A strip's output as it is.
    fn plain(&self, strip: StripId, kind: Kind, path: &'static str) -> Ask<'static> {
        Ask {
            what: What::Tap(Tap { strip, point: TapPoint::Post }),
            strip: self.session.strip(strip).name.clone(),
            kind,
            delivery: None,
            path,
            form: self.form(None, None, None),
            asked: Asked::NOTHING,
            span: None,
            from: None,
            to: None,
            fades: [None, None],
            tags: self.session.info.tags.clone(),
            bext: None,
        }
    }

    fn form(&self, bits: Option<u32>, rate: Option<Rate>, format: Option<session::Format>) -> Form<'static> {
        Form::new(self.rate, bits, rate, format)
    }

    fn fill(&self, ask: &Ask<'_>) -> Result<String, Diagnostic> {
        let Form { rate, bits, target, .. } = ask.form;
        let target = target.map(|t| t.name.as_str());
        let (version, tags) = (ask.delivery.map_or(Version::MAIN, |d| d.1), &ask.tags);
        let song = self.session.info.tags.title.get().map(|title| &**title);
        let words = Words { song, tags, strip: &ask.strip, version, target, rate: rate.0, bits: bits.0 };
        words::fill(ask.path, &words, ask.span)
    }

    /// Path, form and place of a file; its mistakes are told.
    fn settle(&self, ask: &Ask<'_>, feeding: &BTreeSet<StripId>, found: &mut Diagnostics) -> Option<Target> {
        let place = |diagnostic: Diagnostic| match ask.span {
            Some(span) => diagnostic.label(span, "asked for here"),
            None => diagnostic,
        };
        let name = self.fill(ask).map_err(|d| found.push(d)).ok()?;
        if let Some(trouble) = words::trouble(&name) {
            found.push(place(Diagnostic::error(Code::PATH, format!("`{name}` cannot be written: {trouble}"))));
            return None;
        }
        if let What::Stem(id) = &ask.what
            && !feeding.contains(id)
        {
            let text = format!("`{}` brings nothing straight into the mix, so it has no stem of its own", ask.strip);
            found.push(place(Diagnostic::error(Code::STEMS, text)).help("name the group that it goes through"));
            return None;
        }
        let format = ask.form.check(&name, ask.span).map_err(|d| found.push(d)).ok()?;
        if let Some(loc) = ask.bext.filter(|_| format != Format::Wav) {
            let text = format!("a {} file has no `bext` chunk", format.name());
            let diagnostic = Diagnostic::error(Code::FORMAT, text).label(loc.0, "asked for here");
            found.push(diagnostic.help("end the path with `.wav`, or leave `bext` out: the tags are in every file"));
            return None;
        }
        let mut told = |frames: Result<i64, Diagnostic>| frames.map_err(|d| found.push(d)).ok();
        let position = |time: &Time| self.timeline.position(time).map(Frames::get);
        let (from, to) = (ask.from.and_then(|t| told(position(t))), ask.to.and_then(|t| told(position(t))));
        // two beats are as long as they are where the file begins and ends
        let (start, end) = (Frames::new(from.unwrap_or(0)), Frames::new(to.unwrap_or(self.compiled.length)));
        let frames = |length: Result<Seconds, Diagnostic>| length.map(|s| s.frames(self.rate).get().max(0));
        let [fade_in, fade_out] = ask.fades;
        let fade_in = fade_in.and_then(|t| told(frames(self.timeline.duration_at(t, Some(start))))).unwrap_or(0);
        let fade_out = fade_out.and_then(|t| told(frames(self.timeline.duration_before(t, end)))).unwrap_or(0);
        let file = name.rsplit('/').next().unwrap_or(&name);
        Some(Target {
            want: Want { what: ask.what.clone(), from, to, part: (None, None), fade_in, fade_out },
            path: join(self.out, Path::new(&name)),
            kind: ask.kind,
            format,
            bits: ask.form.bits.0,
            rate: ask.form.rate.0,
            dither: ask.form.dither.0,
            seed: Seed::of(&ask.strip).with(Seed::of(file).bits(0)),
            asked: ask.asked,
            target: ask.form.target.map(|t| t.name.clone()),
            delivery: ask.delivery.map(|(index, version)| (index, version.to_string())),
            leader: None,
            hidden: false,
            about: Arc::new(about(&ask.tags, self.covers, self.marks, ask.bext.is_some(), self.made)),
            compression: ask.form.compression.0,
            name,
            span: ask.span,
        })
    }
}

static DEFAULT_STEMS: std::sync::LazyLock<Stems> = std::sync::LazyLock::new(|| Stems {
    strips: None,
    path: Stems::PATH.to_string(),
    format: None,
    bits: None,
    rate: None,
    dither: Dither::Auto,
    dither_loc: NOWHERE,
    tags: Tags::default(),
    bext: None,
    loc: NOWHERE,
    compression: None,
});

const NOWHERE: Loc = Loc(Span { source: crate::diag::SourceId(0), start: 0, end: 0 });

fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
