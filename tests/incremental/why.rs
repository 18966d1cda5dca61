//! The reasons of a plan, in words with the script's line; and that it foretells what a build does.

use std::path::Path;

use mixdown::project::{Request, plan};
use mixdown::world::Memory;

use super::{SONG, render, sounds};

/// What a plan says of each strip: what it misses, and why.
fn misses(world: &Memory) -> Vec<(String, String)> {
    let planned = plan(world, Path::new("song.mix"), &Request::default());
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    planned.nodes.into_iter().filter(|node| !node.hit).map(|node| (node.name, node.why)).collect()
}

/// Builds `SONG`, changes it, and says what is missed; what is built then is what was foretold.
fn edited(from: &str, to: &str) -> Vec<(String, String)> {
    let world = sounds().world(SONG).storing();
    render(&world);
    let text = SONG.replacen(from, to, 1);
    assert_ne!(text, SONG, "{from}");
    world.put("song.mix", text);
    let misses = misses(&world);
    let names: Vec<String> = misses.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(render(&world).rendered, names, "{from} -> {to}");
    misses
}

fn why(misses: &[(String, String)], name: &str) -> String {
    misses.iter().find(|(other, _)| other == name).map_or("hit".to_string(), |(_, why)| why.clone())
}

#[test]
fn before_the_first_build_nothing_is_there() {
    let world = sounds().world(SONG).storing();
    let all = misses(&world);
    assert_eq!(all.len(), 10);
    assert!(all.iter().all(|(_, why)| why == "it was not rendered before"), "{all:?}");
    render(&world);
    assert_eq!(misses(&world), []);
    assert!(misses(&sounds().world(SONG)).iter().all(|(_, why)| why == "there is no cache"));
}

#[test]
fn what_was_changed_is_named_at_its_line() {
    let all = edited("bell(300Hz, -2dB)", "bell(300Hz, -3dB)");
    assert_eq!(why(&all, "b"), "`gain` of `bell` changed, song.mix:7");
    assert_eq!(why(&all, "drums"), "it hears `b`");
    assert_eq!(why(&all, "hall"), "it hears `b`");
    assert_eq!(why(&all, "mix"), "it hears `hall`, `echo`, `drums`");
    assert_eq!(why(&all, "a"), "hit");

    let all = edited("4.4s: -5dB", "4.4s: -7dB");
    assert_eq!(why(&all, "a"), "`gain` changed, song.mix:6, from 0:03 on");
    assert_eq!(why(&all, "c"), "it hears `a`, from 0:03 on");

    let all = edited("send(hall, -15dB)", "send(hall, -14dB)");
    assert_eq!(why(&all, "hall"), "the send of `b` changed, song.mix:7");
    assert!(why(&all, "b").starts_with("nothing of it has changed, but it is not kept, and "), "{all:?}");

    let all = edited("mix.insert(eq(high_shelf(8kHz, 1dB)));", "mix.insert(eq(high_shelf(8kHz, 1dB)), width(90%));");
    assert_eq!(why(&all, "mix"), "its inserts are others, song.mix:10");
    assert_eq!(why(&edited("pan(-30%)", "pan(-31%)"), "b"), "`pan` changed, song.mix:7");
}

#[test]
fn files_and_strips_that_come_and_go_are_named() {
    let world = sounds().world(SONG).storing();
    render(&world);
    world.put("b.wav", sounds().world("").get("a.wav").unwrap().to_vec());
    assert_eq!(why(&misses(&world), "b"), "`b.wav` is another file, song.mix:7");

    let all = edited("mix.insert", "track(\"e\", \"a.wav\");\nmix.insert");
    assert_eq!(why(&all, "e"), "it is new, song.mix:10");
    assert_eq!(why(&all, "mix"), "it hears `e`");
    let all = edited(".send(echo, -9dB)", "");
    assert_eq!(why(&all, "echo"), "`b` is not sent here any more");
}
