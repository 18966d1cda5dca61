//! The sandbox from outside: hostile scripts, each in a process of its own. Every one ends soon with a diagnostic, in little memory, without a
//! panic or a signal, and leaves the folder as it was.
#![cfg(unix)]

mod case;
mod endless;
mod floods;
mod growth;
mod imports;
mod letters;
mod nesting;
mod numbers;
mod outputs;
mod reaching;

use case::hold;

#[test]
fn what_never_ends_is_ended() {
    hold("endless", endless::cases());
}

#[test]
fn what_grows_is_cut() {
    hold("growth", growth::cases());
}

#[test]
fn what_is_deep_or_huge_is_refused() {
    hold("nesting", nesting::cases());
}

#[test]
fn what_is_deep_or_huge_is_laid_out_or_left_alone() {
    // a layout holds a text's words and where each may break: more than its session
    let laid_out = |case: case::Case| case.args(&["fmt", "--check", "song.mix"]).ends_with(&[0, 1, 2]).within(1024);
    hold("layout", nesting::cases().into_iter().map(laid_out).collect());
}

#[test]
fn modules_are_texts_of_the_project_only() {
    hold("imports", imports::cases());
}

#[test]
fn nothing_outside_is_reached() {
    hold("reaching", reaching::cases());
}

#[test]
fn floods_stay_small() {
    hold("floods", floods::cases());
}

#[test]
fn no_number_is_too_much() {
    hold("numbers", numbers::cases());
}

#[test]
fn no_letter_is_too_much() {
    hold("letters", letters::cases());
}

#[test]
fn nothing_is_written_outside_of_the_output_folder() {
    hold("outputs", outputs::cases());
}
