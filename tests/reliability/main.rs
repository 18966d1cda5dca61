//! Nothing is lost: whatever fails, kills, stops, fills up or gets in the way while files are written, what is there is the old file or the new one, all of
//! it, and nothing of ours lies beside it. Everything through the real binary.
#![cfg(unix)]

mod disks;
mod injected;
mod inputs;
mod kills;
mod neighbours;
mod place;
mod rights;
mod stops;
mod strangers;
