//! Rule text and places in it: sources, spans, lines and columns.

use std::ops::Range;

/// Which [`Source`] a span points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

/// A stretch of rule text, in bytes, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The text it points into.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range` in `source`. Offsets beyond 4 GiB are cut; `Source::new` refuses such texts.
    pub fn new(source: SourceId, range: Range<usize>) -> Span {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source, start: clamp(range.start), end: clamp(range.end) }
    }

    /// The bytes it covers.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of `self` to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span where `self` starts.
    pub fn start_point(self) -> Span {
        Span { end: self.start, ..self }
    }
}

/// A value and where it was written. Equality ignores the place.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// What was written.
    pub node: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `node` at `span`.
    pub fn new(node: T, span: Span) -> Spanned<T> {
        Spanned { node, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Spanned<T>) -> bool {
        self.node == other.node
    }
}

/// Line and column, both from 1; columns count Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// One text: its name as the user gave it, its content, and where its lines start.
#[derive(Debug, Clone)]
pub struct Source {
    /// Handed out by [`Sources::add`].
    pub id: SourceId,
    /// The path as the user wrote it.
    pub name: String,
    /// The whole text.
    pub text: String,
    lines: Vec<u32>,
}

/// The largest rule file read, in bytes.
pub const MAX_SOURCE: usize = 64 << 20;

impl Source {
    fn new(id: SourceId, name: String, text: String) -> Source {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes()).filter_map(|at| u32::try_from(at + 1).ok());
        let lines = std::iter::once(0).chain(starts).collect();
        Source { id, name, text, lines }
    }

    /// The text under `span`, or nothing where the span does not fit this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, at: u32) -> Position {
        let line = self.lines.partition_point(|&start| start <= at).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..at as usize).unwrap_or_default();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(before.chars().count() + 1) }
    }

    /// The bytes of a line, counted from 1, without its end; nothing at the end of the text for a line that is not there.
    pub fn line(&self, number: u32) -> Range<usize> {
        let start = |line: usize| self.lines.get(line).map_or(self.text.len(), |&at| at as usize);
        let at = (number as usize).saturating_sub(1);
        let (from, next) = (start(at), start(at + 1));
        let line = self.text.get(from..next).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        from..from + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// The whole text as a span.
    pub fn span(&self) -> Span {
        Span::new(self.id, 0..self.text.len())
    }
}

/// All texts of a run, looked up by id.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Takes a text in and gives it an id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push(Source::new(id, name.into(), text.into()));
        id
    }

    /// The text with this id.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.0.get(id.0 as usize)
    }

    /// All texts, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }
}
