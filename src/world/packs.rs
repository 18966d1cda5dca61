//! The store on disk: one append-only file a run, a pack, that appears under its name when the run has ended well. A digest per object shows damage;
//! nothing is synced, as what a loss of power takes is computed again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::Output;
use super::disk::Disk;
use super::part::{self, Part};
use super::store::{Key, Stock, Store};

/// The form of a pack; those of another are not read. Samples are as the machine has them, so packs of the other kind of machine are another form.
const MAGIC: &[u8; 16] = if cfg!(target_endian = "big") { b"mixdown pack 2B\n" } else { b"mixdown pack 2\r\n" };
/// An entry of a pack's index: key, offset, length, digest.
const ENTRY: usize = 32 + 8 + 8 + 16;
/// The end of a pack: how many entries, their digest, magic.
const FOOT: usize = 8 + 16 + 16;
const ENDING: &str = "pack";
/// So many bytes are gathered before they are written: less than a segment of sound, and many states.
const GATHERED: usize = 1 << 16;

/// The packs of a folder, and the one that is being written.
pub(super) struct Packs {
    disk: Disk,
    folder: PathBuf,
    /// Bytes that all packs may have.
    limit: u64,
    packs: Vec<Pack>,
    /// Which pack, and where in it. Never gone through: only asked.
    places: HashMap<Key, (usize, Place)>,
    /// What was found damaged.
    bad: Mutex<HashSet<Key>>,
    /// The packs that something was read from: the others are the first to go.
    used: Mutex<BTreeSet<usize>>,
    new: Mutex<New>,
}

struct Pack {
    path: PathBuf,
    file: File,
}

#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    length: u64,
    digest: u128,
}

/// The pack of this run: nothing, as long as nothing was put.
#[derive(Default)]
struct New {
    file: Option<Part>,
    /// Not yet written: small objects one by one would be thousands of writes.
    gathered: Vec<u8>,
    index: Vec<u8>,
    keys: HashSet<Key>,
    at: u64,
    /// It could not be written to: a full disk is no mistake of the session.
    failed: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of an object under its key: another key's object is as wrong as a damaged one.
fn digest(key: &Key, parts: &[&[u8]]) -> u128 {
    let (halves, _) = key.as_chunks::<16>();
    let of_all = match parts {
        [all] => xxh3_128(all),
        _ => {
            let mut hash = Xxh3::new();
            parts.iter().for_each(|part| hash.update(part));
            hash.digest128()
        }
    };
    of_all ^ u128::from_le_bytes(halves[0]) ^ u128::from_le_bytes(halves[1])
}

/// What was gathered, and after it these parts, without a copy of them.
fn write(file: &mut Part, gathered: &mut Vec<u8>, parts: &[&[u8]]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> =
        [gathered.as_slice()].iter().chain(parts).map(|part| IoSlice::new(part)).collect();
    let mut left = slices.as_mut_slice();
    // empty ones are passed over
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => IoSlice::advance_slices(&mut left, n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    gathered.clear();
    Ok(())
}

impl Packs {
    pub(super) fn open(disk: &Disk, folder: &Path, limit: u64) -> Packs {
        let mut packs = Vec::new();
        let mut places = HashMap::new();
        for path in list(folder) {
            // a pack that goes away or does not hold what it says is none
            let Ok((file, index)) = read(&path) else { continue };
            let number = packs.len();
            places.extend(index.into_iter().map(|(key, place)| (key, (number, place))));
            packs.push(Pack { path, file });
        }
        Packs {
            disk: disk.clone(),
            folder: folder.to_path_buf(),
            limit,
            packs,
            places,
            bad: Mutex::default(),
            used: Mutex::default(),
            new: Mutex::default(),
        }
    }

    fn append(&self, new: &mut New, key: &Key, parts: &[&[u8]], digest: u128) -> io::Result<()> {
        if new.file.is_none() {
            new.file = Some(self.disk.part(&self.folder.join(ENDING), false)?);
            new.gathered.extend_from_slice(MAGIC);
            new.at = MAGIC.len() as u64;
        }
        let Some(file) = &mut new.file else { return Ok(()) };
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if new.gathered.len() + length < GATHERED {
            parts.iter().for_each(|part| new.gathered.extend_from_slice(part));
        } else {
            write(file, &mut new.gathered, parts)?;
        }
        new.index.extend_from_slice(key);
        new.index.extend_from_slice(&new.at.to_le_bytes());
        new.index.extend_from_slice(&(length as u64).to_le_bytes());
        new.index.extend_from_slice(&digest.to_le_bytes());
        new.at += length as u64;
        Ok(())
    }

    /// Gives the pack of this run its name.
    fn name(&self, new: &mut New) -> io::Result<()> {
        let Some(mut file) = new.file.take() else { return Ok(()) };
        let seal = xxh3_128(&new.index);
        let count = ((new.index.len() / ENTRY) as u64).to_le_bytes();
        write(&mut file, &mut new.gathered, &[&new.index, &count, &seal.to_le_bytes(), MAGIC])?;
        // named by what is in it: two runs that made the same keep one
        file.become_path(self.folder.join(format!("{seal:032x}.{ENDING}")));
        Box::new(file).commit()
    }

    /// Marks what was used as young, and takes the oldest packs away as long as all are too large.
    fn tidy(&self) {
        let now = SystemTime::now();
        for pack in lock(&self.used).iter().map(|i| &self.packs[*i].path) {
            let touched = File::options().append(true).open(pack).and_then(|file| file.set_modified(now));
            // where times can't be set it is as old as it is
            let _ = touched;
        }
        let _ = part::sweep(&self.folder);
        self.disk.sweep_entries();
        evict(&self.folder, self.limit);
    }
}

impl Store for Packs {
    fn has(&self, key: &Key) -> bool {
        self.places.contains_key(key) && !lock(&self.bad).contains(key)
    }

    fn get(&self, key: &Key, into: &mut Vec<u8>) -> bool {
        let Some((number, place)) = self.places.get(key) else { return false };
        if lock(&self.bad).contains(key) {
            return false;
        }
        let read = fetch(&self.packs[*number].file, place, into).is_ok();
        if !read || digest(key, &[into]) != place.digest {
            lock(&self.bad).insert(*key);
            return false;
        }
        lock(&self.used).insert(*number);
        true
    }

    fn put_parts(&self, key: &Key, parts: &[&[u8]]) {
        let mut new = lock(&self.new);
        if new.failed || !new.keys.insert(*key) {
            return;
        }
        drop(new);
        // while others write
        let digest = digest(key, parts);
        let mut new = lock(&self.new);
        if !new.failed && self.append(&mut new, key, parts, digest).is_err() {
            *new = New { failed: true, ..New::default() };
        }
    }

    fn keep(&self) {
        let mut new = lock(&self.new);
        let named = self.name(&mut new);
        // a cache that cannot be written to is no cache, and no mistake
        let _ = named;
        self.tidy();
    }
}

/// Fills `into` with the bytes of a place. Readers share the file, so each says where it reads.
fn fetch(file: &File, place: &Place, into: &mut Vec<u8>) -> io::Result<()> {
    let length = usize::try_from(place.length).map_err(|_| io::ErrorKind::InvalidData)?;
    into.resize(length, 0);
    #[cfg(unix)]
    {
        std::os::unix::fs::FileExt::read_exact_at(file, into, place.offset)
    }
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < length {
            let at = place.offset + done as u64;
            match std::os::windows::fs::FileExt::seek_read(file, &mut into[done..], at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => done += n,
            }
        }
        Ok(())
    }
}

/// The packs of a folder, in the order of their names.
fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == ENDING)).collect();
    paths.sort();
    paths
}

/// A pack and its index; an error when anything of it is not as it was written.
fn read(path: &Path) -> io::Result<(File, Vec<(Key, Place)>)> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = [0; MAGIC.len()];
    file.read_exact(&mut head)?;
    let foot_at = length.checked_sub(FOOT as u64).ok_or_else(wrong)?;
    file.seek(SeekFrom::Start(foot_at))?;
    let mut foot = [0; FOOT];
    file.read_exact(&mut foot)?;
    let (count, rest) = foot.split_first_chunk::<8>().ok_or_else(wrong)?;
    let (seal, magic) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
    let size =
        u64::from_le_bytes(*count).checked_mul(ENTRY as u64).filter(|size| *size <= foot_at).ok_or_else(wrong)?;
    if &head != MAGIC || magic != MAGIC {
        return Err(wrong());
    }
    file.seek(SeekFrom::Start(foot_at - size))?;
    let mut index = vec![0; size as usize];
    file.read_exact(&mut index)?;
    if xxh3_128(&index) != u128::from_le_bytes(*seal) {
        return Err(wrong());
    }
    let entry = |entry: &[u8; ENTRY]| {
        let (key, rest) = entry.split_first_chunk::<32>()?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (offset, length) = (u64::from_le_bytes(*offset), u64::from_le_bytes(*length));
        let inside = offset.checked_add(length).is_some_and(|end| end <= foot_at - size);
        let digest = u128::from_le_bytes(rest.try_into().ok()?);
        inside.then_some((*key, Place { offset, length, digest }))
    };
    let (entries, _) = index.as_chunks::<ENTRY>();
    let index: Option<Vec<(Key, Place)>> = entries.iter().map(entry).collect();
    Ok((file, index.ok_or_else(wrong)?))
}

/// Whether another version or kind of machine wrote a pack: head and foot agree on a form that is not this one.
fn is_of_another_form(path: &Path) -> bool {
    let magic = |from: SeekFrom| -> io::Result<[u8; MAGIC.len()]> {
        let (mut file, mut magic) = (File::open(path)?, [0; MAGIC.len()]);
        file.seek(from)?;
        file.read_exact(&mut magic)?;
        Ok(magic)
    };
    match (magic(SeekFrom::Start(0)), magic(SeekFrom::End(-(MAGIC.len() as i64)))) {
        (Ok(head), Ok(foot)) => head == foot && head != *MAGIC && head.starts_with(b"mixdown pack "),
        _ => false,
    }
}

/// Takes the packs away that were not used for longest, until the others fit.
pub(super) fn evict(folder: &Path, limit: u64) {
    let mut packs: BTreeMap<(SystemTime, PathBuf), u64> = BTreeMap::new();
    for path in list(folder) {
        if let Ok(meta) = fs::metadata(&path) {
            packs.insert((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), path), meta.len());
        }
    }
    let mut total: u64 = packs.values().sum();
    for ((_, path), length) in packs {
        if total <= limit {
            break;
        }
        // who reads it at this moment keeps his handle, or computes it again
        if fs::remove_file(&path).is_ok() {
            total -= length;
        }
    }
}

/// What a folder holds; `verify` also reads every object.
pub(super) fn stock(folder: &Path, verify: bool) -> Stock {
    let mut stock = Stock::default();
    let mut bytes = Vec::new();
    for path in list(folder) {
        stock.packs += 1;
        stock.bytes += fs::metadata(&path).map_or(0, |meta| meta.len());
        let Ok((file, index)) = read(&path) else {
            stock.damaged += usize::from(!is_of_another_form(&path));
            continue;
        };
        stock.objects += index.len();
        for (key, place) in index.iter().filter(|_| verify) {
            let whole = fetch(&file, place, &mut bytes).is_ok() && digest(key, &[&bytes]) == place.digest;
            stock.damaged += usize::from(!whole);
        }
    }
    stock
}
