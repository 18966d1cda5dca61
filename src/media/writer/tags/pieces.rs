use std::sync::Arc;

use crate::media::Picture;

/// Bytes in pieces: many files carry one picture, which is not copied for each.
#[derive(Clone, Default)]
pub(in crate::media::writer) struct Pieces(Vec<Piece>);

#[derive(Clone)]
enum Piece {
    Bytes(Vec<u8>),
    Picture(Arc<Picture>),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Piece::Bytes(bytes) => bytes,
            Piece::Picture(picture) => &picture.bytes,
        }
    }
}

impl Pieces {
    pub(in crate::media::writer) fn add(&mut self, bytes: Vec<u8>) {
        self.0.push(Piece::Bytes(bytes));
    }

    pub(super) fn picture(&mut self, picture: &Arc<Picture>) {
        self.0.push(Piece::Picture(Arc::clone(picture)));
    }

    pub(in crate::media::writer) fn append(&mut self, mut other: Pieces) {
        self.0.append(&mut other.0);
    }

    pub(in crate::media::writer) fn len(&self) -> u64 {
        self.each().map(|bytes| bytes.len() as u64).sum()
    }

    pub(in crate::media::writer) fn each(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Piece::bytes)
    }
}
