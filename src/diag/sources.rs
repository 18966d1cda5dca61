use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One of the texts a session was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(source: SourceId, start: usize, end: usize) -> Span {
        Span { source, start: start as u32, end: end.max(start) as u32 }
    }

    /// The smallest span that covers both; `self` when they are in different sources.
    pub fn to(self, other: Span) -> Span {
        if self.source != other.source {
            return self;
        }
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(self) -> bool {
        self.end == self.start
    }
}

/// A text and the name it is shown under (`song.mix`, `<stdlib>/vocals.mix`).
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub text: Arc<str>,
    /// Byte offsets at which lines begin.
    lines: Vec<u32>,
}

impl Source {
    /// The number of the line that holds a byte, from 0.
    pub fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start as usize <= offset).saturating_sub(1)
    }
}

/// A place as people count it: line and column from 1, columns and length in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

/// The table of all texts that were read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Vec<Source>,
}

impl Sources {
    /// Adds a text. The same name twice gives two entries; the caller keeps what it added.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let text = text.into();
        let lines = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        self.all.push(Source { name: name.into(), text, lines });
        SourceId(self.all.len() as u32 - 1)
    }

    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.all.get(id.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.all.iter().enumerate().map(|(i, s)| (SourceId(i as u32), s))
    }

    /// The byte offset of a line and column, both from 1, columns in characters. Past the end of a line it is the line's end.
    pub fn offset(&self, id: SourceId, line: usize, column: usize) -> Option<usize> {
        let source = self.get(id)?;
        let start = *source.lines.get(line.checked_sub(1)?)? as usize;
        let rest = &source.text[start..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        Some(start + line.char_indices().nth(column.max(1) - 1).map_or(line.len(), |(i, _)| i))
    }

    /// Line, column and length of a span, for people.
    pub fn place(&self, span: Span) -> Option<Place> {
        let source = self.get(span.source)?;
        let line = source.lines.partition_point(|start| *start <= span.start);
        let start = source.lines[line - 1] as usize;
        let column = source.text.get(start..span.start as usize)?.chars().count() + 1;
        let length = source.text.get(span.start as usize..span.end as usize)?.chars().count();
        Some(Place { line, column, length })
    }

    /// `song.mix:12`.
    pub fn line_of(&self, span: Span) -> String {
        match (self.get(span.source), self.place(span)) {
            (Some(source), Some(place)) => format!("{}:{}", source.name, place.line),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_offsets_count_bytes() {
        let mut sources = Sources::default();
        let id = sources.add("a.mix", "let a = 1;\r\nlet ö = \"é\"; boo(1)\n");
        let start = sources.offset(id, 2, 14).unwrap();
        let span = Span::new(id, start, start + 3);
        assert_eq!(&sources.get(id).unwrap().text[start..start + 3], "boo");
        assert_eq!(sources.place(span), Some(Place { line: 2, column: 14, length: 3 }));
        assert_eq!(sources.line_of(span), "a.mix:2");
        assert_eq!(sources.offset(id, 9, 1), None);
    }
}
