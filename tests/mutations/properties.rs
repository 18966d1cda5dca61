//! What holds of every text. One more property is one more function in `PROPERTIES`.

use std::path::Path;
use std::time::{Duration, Instant};

use mixdown::diag::{CODES, Diagnostics, Sources};
use mixdown::project;
use mixdown::script::{self, Reading};
use mixdown::world::Memory;

/// A text, and what the reader made of it.
pub(crate) struct Read<'a> {
    text: &'a str,
    world: Memory,
    reading: Reading,
    took: Duration,
}

type Property = fn(&Read<'_>) -> Result<(), String>;

pub(crate) const PROPERTIES: &[Property] = &[is_soon_read, mistakes_can_be_shown, reads_the_same_again, can_be_checked];

const FILE: &str = "song.mix";
const SECONDS: u64 = 2;

/// All of them; the first that does not hold, in words.
pub(crate) fn holds(text: &str) -> Result<(), String> {
    let world = Memory::new();
    world.put(FILE, text);
    // often it imports this: then mistakes in modules and circles are read too
    if text.len().is_multiple_of(5) {
        world.put("lib/vocals.mix", text);
    }
    let begun = Instant::now();
    let reading = script::read(&world, Path::new(FILE));
    let read = Read { text, world, reading, took: begun.elapsed() };
    PROPERTIES.iter().try_for_each(|property| property(&read))
}

fn is_soon_read(read: &Read<'_>) -> Result<(), String> {
    // what the reader itself fails at is told as such
    if let Some(failed) = read.reading.diagnostics.iter().find(|d| d.message.contains("could not be read")) {
        return Err(format!("a panic: {}", failed.message));
    }
    if read.took.as_secs() >= SECONDS {
        return Err(format!("it took {:?}", read.took));
    }
    Ok(())
}

fn mistakes_can_be_shown(read: &Read<'_>) -> Result<(), String> {
    shown(&read.reading.sources, &read.reading.diagnostics)
}

fn shown(sources: &Sources, diagnostics: &Diagnostics) -> Result<(), String> {
    if diagnostics.len() > Diagnostics::MOST {
        return Err(format!("{} diagnostics", diagnostics.len()));
    }
    for diagnostic in diagnostics.iter() {
        let fail = |why: &str| Err(format!("{why}: {diagnostic:?}"));
        if !CODES.iter().any(|e| e.code == diagnostic.code) {
            return fail("a code that is not explained");
        }
        if diagnostic.message.is_empty() || diagnostic.message.len() > 4000 {
            return fail("a message of no or many words");
        }
        for label in &diagnostic.labels {
            let Some(source) = sources.get(label.span.source) else { return fail("a label in no source") };
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            if source.text.get(start..end).is_none() {
                return fail("a label that is no part of its source");
            }
            if sources.place(label.span).is_none() {
                return fail("a label without a place");
            }
        }
        if diagnostic.labels.iter().filter(|l| l.primary).count() > 1 {
            return fail("two primary labels");
        }
    }
    Ok(())
}

/// Nothing of a reading depends on what was read before it, or on an address.
fn reads_the_same_again(read: &Read<'_>) -> Result<(), String> {
    // by the clock it may end elsewhere; and one in four is enough
    let by_clock = read.took.as_millis() > 500;
    if by_clock || !read.text.len().is_multiple_of(4) {
        return Ok(());
    }
    let again = script::read(&read.world, Path::new(FILE));
    let told = |reading: &Reading| reading.diagnostics.iter().cloned().collect::<Vec<_>>();
    if told(&again) != told(&read.reading) {
        return Err(format!("mistakes differ: {:?}\nand: {:?}", told(&read.reading), told(&again)));
    }
    // a number that is none differs from itself: compared as it is shown
    if format!("{:?}", again.session) != format!("{:?}", read.reading.session) {
        return Err("the sessions differ".into());
    }
    Ok(())
}

/// Its files are looked for, its times placed, its strips compiled: where nothing is rendered, nothing is measured.
fn can_be_checked(read: &Read<'_>) -> Result<(), String> {
    if read.text.len() % 4 != 1 {
        return Ok(());
    }
    let begun = Instant::now();
    let world = std::panic::AssertUnwindSafe(&read.world);
    let checked = std::panic::catch_unwind(|| project::check(*world, Path::new(FILE)));
    let checked = checked.map_err(|_| "a panic in `check`".to_string())?;
    if begun.elapsed().as_secs() >= SECONDS {
        return Err(format!("`check` took {:?}", begun.elapsed()));
    }
    shown(&checked.sources, &checked.diagnostics)
}
