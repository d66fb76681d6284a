//! What is shown of a source: the lines around each label, overlong ones cut.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{is_unsafe, visible};
use crate::diag::{Diagnostic, Label};
use crate::text::{Position, Source};

/// A line of more bytes is cut around its labels.
const LONG: usize = 400;
/// What stays before the first label of a long line.
const BEFORE: usize = 80;
/// What stays from the start of the last label on.
const AFTER: usize = 160;
/// A label over more lines shows the first alone.
const MOST_LINES: u32 = 20;
/// Between the pieces, so that none is taken for the next one's neighbour.
const GAP: usize = 16;
/// Stands where a line was cut.
const CUT: char = '…';

/// Pieces of one source under offsets of their own, so that showing a finding costs no more in a large file.
pub struct Excerpt {
    name: String,
    pieces: Vec<Piece>,
    /// Where each label starts here, and where in the source.
    places: Vec<(usize, Position)>,
}

struct Piece {
    offset: usize,
    /// The number of the first line, from 0.
    line: usize,
    text: String,
}

/// A label's bytes and lines in the source.
struct Mark<'d> {
    label: &'d Label,
    range: Range<usize>,
    lines: Range<u32>,
}

impl Excerpt {
    /// The lines around what `diagnostic` underlines in `source`, and its labels in their offsets, the primary first.
    pub fn new(source: &Source, diagnostic: &Diagnostic) -> (Excerpt, Vec<LabeledSpan>) {
        let also = diagnostic.also.iter().filter(|label| label.span.source == source.id);
        let marks: Vec<Mark> =
            std::iter::once(&diagnostic.label).chain(also).map(|label| Mark::new(source, label)).collect();
        let mut excerpt = Excerpt { name: visible(&source.name), pieces: Vec::new(), places: Vec::new() };
        let mut starts = vec![Range::default(); marks.len()];
        let end = source.position(source.span().end);
        // An empty last line is none, unless something is said of it.
        let last = if end.column == 1 { end.line.saturating_sub(1).max(1) } else { end.line };
        for lines in merged(&marks, last) {
            excerpt.piece(source, lines, &marks, &mut starts);
        }
        let labels = marks.iter().zip(starts).enumerate().map(|(at, (mark, range))| {
            excerpt.places.push((range.start, source.position(mark.label.span.start)));
            let text = (!mark.label.text.is_empty()).then(|| visible(&mark.label.text));
            match at {
                0 => LabeledSpan::new_primary_with_span(text, (range.start, range.len())),
                _ => LabeledSpan::new(text, range.start, range.len()),
            }
        });
        let labels = labels.collect();
        (excerpt, labels)
    }

    fn piece(&mut self, source: &Source, lines: Range<u32>, marks: &[Mark], starts: &mut [Range<usize>]) {
        let offset = self.pieces.last().map_or(0, |last| last.offset + last.text.len() + GAP);
        let mut text = String::new();
        for number in lines.clone() {
            let line = source.line(number);
            let kept = kept(&source.text, &line, marks);
            let from = offset + text.len() + if kept.start > line.start { CUT.len_utf8() } else { 0 };
            for (mark, start) in marks.iter().zip(starts.iter_mut()) {
                let here = |at: usize| from + at.clamp(kept.start, kept.end) - kept.start;
                if mark.lines.start == number {
                    *start = here(mark.range.start)..here(mark.range.end);
                } else if mark.lines.contains(&number) {
                    start.end = here(mark.range.end);
                }
            }
            shown(&mut text, source, &line, &kept);
        }
        self.pieces.push(Piece { offset, line: lines.start.saturating_sub(1) as usize, text });
    }
}

impl<'d> Mark<'d> {
    fn new(source: &Source, label: &'d Label) -> Mark<'d> {
        let mut range = label.span.range();
        let first = source.position(label.span.start).line;
        let mut last = source.position(label.span.end.saturating_sub(1).max(label.span.start)).line;
        if last - first > MOST_LINES {
            range.end = source.line(first).end;
            last = first;
        }
        Mark { label, range, lines: first..last + 1 }
    }
}

/// The lines to show, one more on each side of a label; stretches that touch are one.
fn merged(marks: &[Mark], last: u32) -> Vec<Range<u32>> {
    let around = |lines: &Range<u32>| {
        lines.start.saturating_sub(1).max(1)..(lines.end + 1).min(last + 1).max(lines.end)
    };
    let mut all: Vec<Range<u32>> = marks.iter().map(|mark| around(&mark.lines)).collect();
    all.sort_by_key(|lines| lines.start);
    let mut merged: Vec<Range<u32>> = Vec::new();
    for lines in all {
        match merged.last_mut() {
            Some(last) if lines.start <= last.end => last.end = last.end.max(lines.end),
            Some(_) | None => merged.push(lines),
        }
    }
    // miette shows them in this order; the place of the finding itself comes first.
    let primary = |lines: &Range<u32>| marks.first().is_some_and(|mark| lines.contains(&mark.lines.start));
    merged.sort_by_key(|lines| !primary(lines));
    merged
}

/// What stays of a line: all of it, or what is around its labels.
fn kept(text: &str, line: &Range<usize>, marks: &[Mark]) -> Range<usize> {
    if line.len() <= LONG {
        return line.clone();
    }
    let here = |mark: &&Mark| line.contains(&mark.range.start);
    let first = marks.iter().filter(here).map(|mark| mark.range.start).min().unwrap_or(line.start);
    let from = first.saturating_sub(BEFORE).max(line.start);
    // Labels far apart on one line would keep all that is between them: the later ones end with the cut.
    let last = marks.iter().filter(here).map(|mark| mark.range.start).filter(|at| at - first < LONG).max();
    let to = last.unwrap_or(line.start).saturating_add(AFTER).min(line.end);
    let whole = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    whole(from)..whole(to)
}

/// A rule is someone else's text, and must not steer the reader's terminal. Spans count bytes: each byte of a character
/// that might becomes a `?`.
fn shown(out: &mut String, source: &Source, line: &Range<usize>, kept: &Range<usize>) {
    out.extend((kept.start > line.start).then_some(CUT));
    for c in source.text.get(kept.clone()).unwrap_or_default().chars() {
        match c {
            '\t' => out.push(c),
            c if is_unsafe(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out.extend((kept.end < line.end).then_some(CUT));
    out.push('\n');
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let at = self.pieces.partition_point(|piece| piece.offset <= span.offset());
        let piece = at.checked_sub(1).and_then(|at| self.pieces.get(at)).ok_or(MietteError::OutOfBounds)?;
        let inner = SourceSpan::from((span.offset() - piece.offset, span.len()));
        if inner.offset() + inner.len() > piece.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let read = piece.text.as_bytes().read_span(&inner, before, after)?;
        let lines = memchr::memchr_iter(b'\n', read.data()).count();
        let place = self.places.iter().find(|(start, _)| before == 0 && *start == span.offset());
        let column = place.map_or(read.column(), |(_, place)| place.column.saturating_sub(1) as usize);
        let range = SourceSpan::from((read.span().offset() + piece.offset, read.span().len()));
        let (name, line) = (self.name.clone(), piece.line + read.line());
        Ok(Box::new(MietteSpanContents::new_named(name, read.data(), range, line, column, lines)))
    }
}
