//! What holds of every text. One more property is one more function in `PROPERTIES`.

use std::path::Path;
use std::time::{Duration, Instant};

use mixdown::diag::{CODES, Diagnostics, Sources};
use mixdown::format::format;
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

pub(crate) const PROPERTIES: &[Property] =
    &[is_soon_read, mistakes_can_be_shown, reads_the_same_again, can_be_checked, laid_out_means_the_same];

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
    let checked = std::panic::catch_unwind(|| project::check(*world, Path::new(FILE), &Default::default()));
    let checked = checked.map_err(|_| "a panic in `check`".to_string())?;
    if begun.elapsed().as_secs() >= SECONDS {
        return Err(format!("`check` took {:?}", begun.elapsed()));
    }
    shown(&checked.sources, &checked.diagnostics)
}

/// What `fmt` makes of it is read as the same session, with the same mistakes, and is left as it is by another `fmt`.
fn laid_out_means_the_same(read: &Read<'_>) -> Result<(), String> {
    let by_clock = read.took.as_millis() > 500;
    let formatted = std::panic::catch_unwind(|| format(read.text)).map_err(|_| "a panic in `fmt`".to_string())?;
    // what does not parse may be refused
    let (Ok(formatted), false) = (formatted, by_clock) else { return Ok(()) };
    match format(&formatted) {
        Ok(again) if again == formatted => {}
        Ok(again) => return Err(format!("laid out twice it differs:\n{formatted}\nand:\n{again}")),
        Err(problem) => return Err(format!("what was laid out is refused: {problem:?}\n{formatted}")),
    }
    let limit = |reading: &Reading| reading.diagnostics.iter().any(|d| d.code == mixdown::diag::Code::LIMIT);
    let world = read.world.clone();
    world.put(FILE, formatted.as_str());
    let again = script::read(&world, Path::new(FILE));
    // a line that is too long, a text that is too large: laid out otherwise it may not be
    if limit(&again) || limit(&read.reading) {
        return Ok(());
    }
    // what is no script is left alone by the program
    let no_script = [mixdown::diag::Code::SYNTAX, mixdown::diag::Code::RESERVED];
    if read.reading.diagnostics.iter().any(|d| no_script.contains(&d.code)) {
        return Ok(());
    }
    let told = |reading: &Reading| {
        let mut all: Vec<String> = reading.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
        all.sort();
        all
    };
    if told(&again) != told(&read.reading) {
        return Err(format!(
            "laid out, its mistakes are {:?}\nand were {:?}\n{formatted}",
            told(&again),
            told(&read.reading)
        ));
    }
    if !same(&again, &read.reading) {
        return Err(format!("laid out, it is another session:\n{formatted}"));
    }
    Ok(())
}

/// Places are not compared, nor numbers that are none.
fn same(a: &Reading, b: &Reading) -> bool {
    a.session == b.session || format!("{:?}", a.session).contains("NaN")
}
