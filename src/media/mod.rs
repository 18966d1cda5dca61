//! Sound in files: what is in one ([`probe`]), its samples ([`Reader`], [`Source`]), its hash, and new files ([`writer`]).
//! The only place that knows a file format. Errors are typed; the floors above say which line of the script they belong to.

mod coded;
mod error;
mod flac;
mod hash;
mod info;
mod input;
pub mod label;
mod packed;
mod picture;
mod plain;
mod reader;
mod source;
mod stranger;
pub mod writer;

pub use error::{READABLE, ReadError, WriteError};
pub use hash::{Content, Stopped, content, content_unless, digests, hex, seal};
pub use info::Info;
pub use picture::{MOST_PICTURE, Picture, PictureError, picture};
pub use reader::{Reader, probe};
pub use source::{Source, frames_at};
pub use stranger::Stranger;
