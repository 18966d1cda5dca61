//! The audio files that a script names: found, probed once each, and their trouble told where they are named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::trouble;
use crate::diag::Diagnostics;
use crate::engine::File;
use crate::graph::plan::Material;
use crate::media::{self, Content, Info, ReadError, Reader};
use crate::script::Reading;
use crate::session::{Clip, StripId};
use crate::units::Rate;
use crate::world::{World, join};

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    all: Vec<Probed>,
    /// The material of each clip whose file is good.
    pub(super) clips: BTreeMap<(StripId, usize), usize>,
    /// Of the first file.
    pub(super) rate: Option<Rate>,
    pub(super) paths: Vec<PathBuf>,
    pub(super) outside: bool,
}

struct Probed {
    path: PathBuf,
    allow_truncated: bool,
    only: Vec<usize>,
    info: Info,
    content: Option<Content>,
}

pub(super) fn find(world: &dyn World, reading: &Reading, hash: bool, found: &mut Diagnostics) -> Found {
    let mut all = Found::default();
    let mut known: BTreeMap<(PathBuf, bool, Vec<usize>), Option<usize>> = BTreeMap::new();
    for id in reading.session.ids() {
        for (index, clip) in reading.session.strip(id).clips.iter().enumerate() {
            let span = clip.loc.0;
            let path = join(&reading.folder_of(span.source), Path::new(&clip.path));
            let key = (path.clone(), clip.allow_truncated, clip.channels.clone());
            let material = match known.get(&key) {
                Some(material) => *material,
                None => {
                    all.paths.push(path.clone());
                    let material = probe(world, &path, clip, hash).map(|probed| {
                        all.rate = all.rate.or(Some(probed.info.rate));
                        all.all.push(probed);
                        all.all.len() - 1
                    });
                    match &material {
                        Ok(material) => {
                            let mistaken = trouble::mislabelled(&clip.path, span, &all.all[*material].info);
                            mistaken.into_iter().for_each(|told| found.push(told));
                        }
                        Err(error) => {
                            all.outside |= trouble::outside(error);
                            let told = !found.full();
                            found.push(trouble::explain(world, &path, &clip.path, span, error, told));
                        }
                    }
                    let material = material.ok();
                    known.insert(key, material);
                    material
                }
            };
            if let Some(material) = material {
                all.clips.insert((id, index), material);
            }
        }
    }
    all
}

fn probe(world: &dyn World, path: &Path, clip: &Clip, hash: bool) -> Result<Probed, ReadError> {
    let info = Reader::open(world, path, clip.allow_truncated)?.only(&clip.channels)?.info().clone();
    if info.channels > 2 {
        return Err(ReadError::TooManyChannels(info.channels as u32));
    }
    let content = hash.then(|| media::content(world, path)).transpose()?;
    let (path, only) = (path.to_path_buf(), clip.channels.clone());
    Ok(Probed { path, allow_truncated: clip.allow_truncated, only, info, content })
}

impl Found {
    /// What is known of the files' contents, as [`Found::at`] lists them.
    pub(super) fn contents(&self) -> Vec<Option<Content>> {
        self.all.iter().map(|p| p.content).collect()
    }

    /// Files and materials at the session's rate.
    pub(super) fn at(&self, rate: Rate) -> (Vec<File>, Vec<Material>) {
        self.all
            .iter()
            .map(|p| {
                let converted = p.info.rate != rate;
                let frames = media::frames_at(&p.info, rate) as i64;
                let file = File {
                    path: p.path.clone(),
                    channels: p.info.channels,
                    frames,
                    allow_truncated: p.allow_truncated,
                    only: p.only.clone(),
                };
                let depth = p.info.bits.filter(|_| !converted);
                (
                    file,
                    Material {
                        channels: p.info.channels,
                        frames,
                        depth,
                        seal: p.content.map_or(0, |c| c.seal),
                        only: p.only.clone(),
                    },
                )
            })
            .unzip()
    }
}
