//! Deliveries by hand: a script makes the session, the form of the files is given here.
#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mixdown::audio::Block;
use mixdown::audio::rng::Seed;
use mixdown::diag::Diagnostics;
use mixdown::dsp::parts::dither::Noise;
use mixdown::engine::{self, Delivery, Failure, File, Job, Last, Options, Sink, Watcher, Written};
use mixdown::graph::plan::Material;
use mixdown::graph::{self, Ground, Want, What};
use mixdown::media::writer::{Format, Spec};
use mixdown::media::{Reader, frames_at, probe};
use mixdown::session::{Tap, TapPoint, Timeline};
use mixdown::units::Rate;
use mixdown::world::{Memory, World};

/// What becomes of the mix. Times are song frames.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) rate: u32,
    pub(crate) bits: u32,
    pub(crate) noise: Noise,
    pub(crate) last: Option<Last>,
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
    pub(crate) part: (Option<i64>, Option<i64>),
    pub(crate) fades: (i64, i64),
    pub(crate) threads: usize,
    pub(crate) block: Option<usize>,
}

impl Form {
    /// A float file of everything.
    pub(crate) fn at(rate: u32) -> Form {
        Form {
            rate,
            bits: 32,
            noise: Noise::None,
            last: None,
            from: None,
            to: None,
            part: (None, None),
            fades: (0, 0),
            threads: 1,
            block: None,
        }
    }

    pub(crate) fn bits(self, bits: u32, noise: Noise) -> Form {
        Form { bits, noise, ..self }
    }

    pub(crate) fn last(self, gain: f64, ceiling: f64) -> Form {
        Form { last: Some(Last { gain, ceiling }), ..self }
    }

    pub(crate) fn between(self, from: i64, to: i64) -> Form {
        Form { from: Some(from), to: Some(to), ..self }
    }

    pub(crate) fn part(self, from: i64, to: i64) -> Form {
        Form { part: (Some(from), Some(to)), ..self }
    }
}

/// A file that was delivered.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) bytes: Vec<u8>,
    /// Channels × frames.
    pub(crate) samples: Vec<Vec<f64>>,
    pub(crate) written: Written,
}

struct Nobody;

impl Watcher for Nobody {
    fn progress(&self, _: u64, _: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Delivers the mix of the session in `song.mix`, which lies in `world` with its files.
pub(crate) fn deliver(world: &Memory, form: &Form) -> Delivered {
    try_deliver(world, form).unwrap_or_else(|failure| panic!("{form:?}: {failure:?}"))
}

pub(crate) fn try_deliver(world: &Memory, form: &Form) -> Result<Delivered, Failure> {
    deliver_through(world, world, form)
}

/// The same while the engine sees `world` through another one.
pub(crate) fn deliver_through(world: &Memory, through: &dyn World, form: &Form) -> Result<Delivered, Failure> {
    let reading = mixdown::script::read(world, Path::new("song.mix"));
    assert!(!reading.diagnostics.has_errors(), "{:?}", reading.diagnostics);
    let session = &reading.session;
    let rate = session.info.rate.expect("the script says its rate");
    let (mut clips, mut files, mut materials) = (BTreeMap::new(), Vec::new(), Vec::new());
    for id in session.ids() {
        for (index, clip) in session.strip(id).clips.iter().enumerate() {
            let path = PathBuf::from(&clip.path);
            let info = probe(world, &path).unwrap();
            let frames = frames_at(&info, rate) as i64;
            clips.insert((id, index), files.len());
            files.push(File { path, channels: info.channels, frames, allow_truncated: false, only: Vec::new() });
            materials.push(Material { channels: info.channels, frames, depth: None, seal: 0, only: Vec::new() });
        }
    }
    let extents = vec![None; session.strips.len()];
    let (timeline, _) = Timeline::new(&session.info, &session.sections, rate, &extents);
    let ground = Ground { rate, timeline: &timeline, materials: &materials, clips: &clips };
    let mut found = Diagnostics::default();
    let compiled = graph::compile(session, &ground, &mut found).expect("it compiles");
    assert!(!found.has_errors(), "{found:?}");
    let want = Want {
        what: What::Tap(Tap { strip: session.mix(), point: TapPoint::Post }),
        from: form.from,
        to: form.to,
        part: form.part,
        fade_in: form.fades.0,
        fade_out: form.fades.1,
    };
    let plan = compiled.plan(session, &[want]);
    let path = PathBuf::from("delivered.wav");
    let sink = Sink::File(Delivery {
        path: path.clone(),
        format: Format::Wav,
        bits: form.bits,
        rate: Rate::new(form.rate).unwrap(),
        last: form.last,
        noise: form.noise,
        seed: Seed::of("delivered"),
        full: true,
        about: Default::default(),
        compression: Spec::COMPRESSION,
        told: false,
    });
    let options = Options::new(Some(form.threads), form.block);
    let job = Job {
        plan: &plan,
        files: &files,
        spools: &[],
        sinks: &[sink],
        world: through,
        options,
        past: None,
        start: None,
    };
    let written = engine::run(&job, &Nobody)?.keep(|_| true)?.remove(0).expect("it is kept");
    let bytes = world.get(&path).expect("it is written").to_vec();
    Ok(Delivered { bytes, samples: samples(world, &path), written })
}

fn samples(world: &Memory, path: &Path) -> Vec<Vec<f64>> {
    let mut reader = Reader::open(world, path, false).unwrap();
    let channels = reader.info().channels;
    let mut block = Block::new(channels, 4096);
    let mut samples = vec![Vec::new(); channels];
    loop {
        match reader.read(&mut block.planes(channels, 4096)).unwrap() {
            0 => return samples,
            n => samples.iter_mut().enumerate().for_each(|(c, all)| all.extend_from_slice(&block.channel(c)[..n])),
        }
    }
}
