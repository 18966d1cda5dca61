//! Every script on a page is checked in a world that has each sound it names. A block without more on its fence is a whole script without a
//! mistake and without advice; with commas after the language it says otherwise:
//!
//! - `with NAME`: what [`AROUND`] has of that name stands before it;
//! - `part`: the block before it goes on;
//! - `file PATH`: a module, there for the blocks after it;
//! - `fails CODE …`: exactly these are told.

use std::path::Path;

use mixdown::project::check;
use mixdown::script;
use mixdown::world::Memory;

use crate::{pages, root, text};

/// What stands around fragments.
const AROUND: &[(&str, &str)] = &[
    ("vox", "let vox = track(\"vox\", \"audio/vox.wav\");"),
    (
        "band",
        "song(\"Night Drive\", tempo: 120);
         sections([bar(1): \"intro\", bar(3): \"verse\", bar(5): \"chorus\", bar(7): \"verse\", bar(8): \"chorus\", bar(9): \"\"]);
         let music = bus(\"music\");
         let kick = track(\"kick\", \"audio/kick.wav\").to(music);
         let bass = track(\"bass\", \"audio/bass.wav\").to(music);
         let vox = track(\"vox\", \"audio/vox.wav\");",
    ),
    (
        "spaces",
        "song(\"Night Drive\", tempo: 120);
         sections([bar(1): \"intro\", bar(3): \"verse\", bar(5): \"chorus\", bar(7): \"verse\", bar(8): \"chorus\", bar(9): \"\"]);
         let plate = bus(\"plate\").insert(reverb(kind: \"plate\"));
         let kick = track(\"kick\", \"audio/kick.wav\").send(plate, -30dB);
         let vox = track(\"vox\", \"audio/vox.wav\");",
    ),
];

struct Block<'a> {
    line: usize,
    /// After the language.
    said: Vec<&'a str>,
    text: String,
}

impl<'a> Block<'a> {
    fn says(&self, word: &str) -> Option<&'a str> {
        self.said.iter().find_map(|s| s.strip_prefix(word)).map(str::trim)
    }
}

/// The fenced blocks of a page that are in one of these languages.
fn blocks<'a>(page: &'a str, languages: &[&str]) -> Vec<Block<'a>> {
    let mut all = Vec::new();
    let mut open: Option<Option<Block<'a>>> = None;
    for (index, line) in page.lines().enumerate() {
        let fence = line.strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(info)) => {
                let mut said = info.split(',');
                let language = said.next().unwrap_or("");
                assert!(!language.is_empty(), "line {}: a fence without a language", index + 1);
                let block = || Block { line: index + 1, said: said.collect(), text: String::new() };
                open = Some(languages.contains(&language).then(block));
            }
            (Some(block), Some(_)) => {
                all.extend(block.take());
                open = None;
            }
            (Some(Some(block)), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            _ => {}
        }
    }
    assert!(open.is_none(), "a fence is never closed");
    all
}

/// Console blocks, line by line.
pub(crate) fn console(page: &str) -> Vec<String> {
    let all = blocks(page, &["console"]);
    all.iter().flat_map(|block| block.text.lines()).map(|line| line.trim_start_matches("$ ").to_string()).collect()
}

/// Half a minute of stereo noise, another for every seed.
fn sound(seed: usize, rate: u32) -> Vec<u8> {
    let frames = 30 * rate;
    let mut bytes = Vec::with_capacity(44 + 4 * frames as usize);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + 4 * frames).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16u32.to_le_bytes());
    for part in [1u16, 2] {
        bytes.extend_from_slice(&part.to_le_bytes());
    }
    for part in [rate, 4 * rate] {
        bytes.extend_from_slice(&part.to_le_bytes());
    }
    for part in [4u16, 16] {
        bytes.extend_from_slice(&part.to_le_bytes());
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&(4 * frames).to_le_bytes());
    let mut state = 0x9e37_79b9_u32.wrapping_mul(seed as u32 + 1);
    for _ in 0..frames {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let quieter = |sample: i16| (sample / 8).to_le_bytes();
        bytes.extend_from_slice(&quieter((state >> 16) as i16));
        bytes.extend_from_slice(&quieter((state >> 12) as i16));
    }
    bytes
}

/// Code and message of everything that is told of a script among other files, every sound and cover that it names being there.
pub(crate) fn told(script: &str, files: &[(String, String)]) -> Vec<(String, String)> {
    let world = Memory::new();
    files.iter().for_each(|(path, text)| world.put(path, text.as_bytes()));
    let song = Path::new("song.mix");
    world.put(song, script);
    let reading = script::read(&world, song);
    let rate = reading.session.info.rate.map_or(48_000, |rate| rate.get());
    for (seed, clip) in reading.session.strips.iter().flat_map(|strip| &strip.clips).enumerate() {
        let path = reading.folder_of(clip.loc.0.source).join(&clip.path);
        if world.get(&path).is_none() {
            world.put(path, sound(seed, rate));
        }
    }
    let tags = reading.session.deliveries.iter().map(|d| &d.tags).chain([&reading.session.info.tags]);
    for cover in tags.filter_map(|tags| tags.cover.get()) {
        let path = reading.folder_of(cover.loc.0.source).join(&*cover.path);
        world.put(path, &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x0B\xB8\0\0\x0B\xB8\x08\x02\0\0\0"[..]);
    }
    let checked = check(&world, song, &Default::default());
    // every sound here is a WAV, whatever its name says
    let told = checked.diagnostics.iter().filter(|d| d.code.to_string() != "MX0512");
    told.map(|d| (d.code.to_string(), d.message.clone())).collect()
}

#[test]
fn every_script_on_a_page_is_what_its_fence_says() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in pages() {
        let page = text(&path);
        let name = path.strip_prefix(root()).unwrap().display();
        let (mut before, mut files) = (String::new(), Vec::new());
        for block in blocks(&page, &["rhai", "mix"]) {
            count += 1;
            for said in &block.said {
                let known = ["with ", "part", "file ", "fails "].iter().any(|word| said.starts_with(word));
                assert!(known, "{name}:{}: a fence knows no `{said}`", block.line);
            }
            if let Some(path) = block.says("file ") {
                files.push((path.to_string(), block.text.clone()));
                continue;
            }
            let around = match block.says("with ") {
                Some(with) => {
                    let found = AROUND.iter().find(|(name, _)| *name == with);
                    found.unwrap_or_else(|| panic!("{name}:{}: nothing is called `{with}`", block.line)).1
                }
                None if block.says("part").is_some() => &before,
                None => "",
            };
            let script = format!("{around}\n{}", block.text);
            let all = told(&script, &files);
            let codes: Vec<&str> = all.iter().map(|(code, _)| code.as_str()).collect();
            let expected: Vec<&str> = block.says("fails ").unwrap_or("").split_whitespace().collect();
            if codes != expected {
                wrong += &format!("{name}:{}: expected {expected:?}, told {all:#?}\n{}\n", block.line, block.text);
            }
            if expected.is_empty() {
                before = script;
            }
        }
    }
    assert!(count > 30, "only {count} scripts are found");
    assert!(wrong.is_empty(), "{wrong}");
}

/// The rows of the table that the README begins with are one script.
#[test]
fn the_readmes_table_is_a_script() {
    let readme = text(&root().join("README.md"));
    let (_, table) = readme.split_once("| a script | what it does |\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let lines: Vec<&str> = rows.filter_map(|row| row.strip_prefix("| `")?.split_once("` |")).map(|row| row.0).collect();
    assert!(lines.len() > 8, "{lines:?}");
    assert_eq!(told(&lines.join("\n"), &[]), []);
}
