//! Text with records that run over lines: concatenated objects, and the elements of arrays and envelopes.
//!
//! Only where a record ends is looked for here; what it holds is the workers' part.

use memchr::{memchr, memmem};

use super::lines::too_long;
use super::look::BOM;
use super::{More, Stream};
use crate::ingest::chunk::{self, CHUNK, Chunk, Layout, Piece, Place, Trouble, Within};
use crate::ingest::json::{Cursor, Escapes, JsonError, MAX_DEPTH, Text};
use crate::ingest::walk::NO_START;
use crate::ingest::windows::forms;

/// Keys of envelopes whose lists may be longer than memory. Their elements are records.
const STREAMED: [&[u8]; 9] = [
    b"events",
    b"detections",
    b"inlineSource",
    b"inline_source",
    b"parsedEvents",
    b"parsed_events",
    b"runParserResults",
    b"run_parser_results",
    b"records",
];

/// Finds the ends of records, over chunks.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    frames: Vec<Frame>,
    /// How many bytes are the end of a record whose start is not there.
    head: usize,
    lost: Option<Lost>,
}

/// After a bad value: what is looked for.
#[derive(Debug)]
struct Lost {
    /// A line with so much white space before a bracket.
    indent: usize,
    /// How elements of the list at hand begin, be it in the middle of a line.
    openings: Vec<Vec<u8>>,
}

/// What is open around the place that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Array,
    Envelope,
}

enum Step {
    /// Read on here.
    On(usize),
    /// A record ends here.
    Record(usize),
    /// More bytes are needed.
    Short,
    Bad(JsonError),
}

/// The pieces of the chunk at hand.
struct Cut<'c> {
    chunk: &'c mut Chunk,
    pieces: Vec<Piece>,
    at: usize,
    /// Line ends before `counted`.
    lines: u64,
    counted: usize,
}

impl Cut<'_> {
    fn rest(&self) -> &[u8] {
        self.chunk.bytes().get(self.at..).unwrap_or_default()
    }

    /// How the value at hand begins, and the element before it.
    fn openings(&self) -> Vec<Vec<u8>> {
        let before = self.pieces.last().filter(|piece| piece.within == Within::List);
        let starts = before.map(|piece| piece.start).into_iter().chain([self.at]);
        starts.filter_map(|start| opening(self.chunk.bytes().get(start..)?)).collect()
    }

    fn piece(&mut self, end: usize, within: Within, fault: Option<String>) {
        let passed = self.chunk.bytes().get(self.counted..self.at).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.at;
        self.pieces.push(Piece { start: self.at, end, line: self.lines + 1, within, fault });
    }
}

impl Splitter {
    /// For a text that starts with `head` bytes of a record that was cut in two.
    pub(super) fn behind(head: usize, within: Within) -> Splitter {
        let frames = match within {
            Within::File => Vec::new(),
            Within::List => vec![Frame::Array],
        };
        Splitter { frames, head, lost: None }
    }

    pub(super) fn cut(&mut self, stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> More {
        let pieces = match std::mem::take(&mut chunk.layout) {
            Layout::Values(mut pieces) => {
                pieces.clear();
                pieces
            }
            Layout::Lines | Layout::Evtx { .. } => Vec::new(),
        };
        if chunk.buffer.len() == 0 {
            stream.start(chunk);
            stream.fill(chunk, CHUNK.max(chunk.buffer.len() + 1));
        }
        let mut cut = Cut { chunk, pieces, at: 0, lines: 0, counted: 0 };
        let head = std::mem::take(&mut self.head);
        if head > 0 {
            cut.piece(head, Within::File, Some(NO_START.to_owned()));
            cut.at = head;
        }
        let more = self.pieces(stream, &mut cut, max_record);
        let Cut { chunk, pieces, at, .. } = cut;
        chunk.layout = Layout::Values(pieces);
        stream.cut(chunk, at);
        more
    }

    fn pieces(&mut self, stream: &mut Stream, cut: &mut Cut<'_>, max_record: usize) -> More {
        loop {
            let step = match self.lost.take() {
                Some(lost) => self.find_again(cut, lost),
                None => self.step(cut),
            };
            match step {
                Step::On(at) => cut.at = at,
                Step::Record(end) => {
                    cut.piece(end, self.within(), None);
                    cut.at = end;
                }
                Step::Bad(error) => self.bad(cut, error.cause()),
                Step::Short if stream.has_ended() => {
                    if cut.rest().trim_ascii().is_empty() || self.lost.is_some() {
                        self.end(stream, cut);
                        return More::No;
                    }
                    // A record that breaks off with its input is one damage, not two.
                    let cause = stream.broken().unwrap_or_else(|| JsonError::CutShort.cause());
                    self.bad(cut, cause);
                }
                Step::Short if !cut.pieces.is_empty() || cut.at >= CHUNK => return More::Yes,
                Step::Short if cut.rest().len() > max_record => self.bad(cut, too_long(max_record)),
                // Twice as much keeps the repeated search within twice the record.
                Step::Short => stream.fill(cut.chunk, cut.chunk.buffer.len() * 2),
            }
        }
    }

    fn end(&mut self, stream: &Stream, cut: &mut Cut<'_>) {
        let is_cut = !self.frames.is_empty() && self.lost.is_none() && !stream.is_broken();
        cut.at = cut.chunk.buffer.len();
        if is_cut {
            let place = Place::Line(1 + memchr::memchr_iter(b'\n', cut.chunk.bytes()).count() as u64);
            let cause = "the text ends in a list that is not closed".to_owned();
            cut.chunk.troubles.push(Trouble { place, cause, what: chunk::Lost::Unknown });
        }
    }

    fn within(&self) -> Within {
        if self.frames.is_empty() { Within::File } else { Within::List }
    }

    fn bad(&mut self, cut: &mut Cut<'_>, cause: String) {
        cut.piece(cut.at, self.within(), Some(cause));
        let before = cut.chunk.bytes().get(..cut.at).unwrap_or_default();
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let lead = before.get(line..).unwrap_or_default();
        let indent = if self.frames.is_empty() || !lead.trim_ascii().is_empty() { 0 } else { lead.len() };
        if self.frames.len() >= MAX_DEPTH as usize {
            self.frames.clear();
        }
        let openings = if self.frames.last() == Some(&Frame::Array) { cut.openings() } else { Vec::new() };
        self.lost = Some(Lost { indent, openings });
    }

    /// Looks for the next line that opens a value as far in as the bad one, or for what begins like an element.
    fn find_again(&mut self, cut: &Cut<'_>, lost: Lost) -> Step {
        let bytes = cut.chunk.bytes();
        let behind = bytes.get(cut.at + 1..).unwrap_or_default();
        let element = lost.openings.iter().filter_map(|opening| memmem::find(behind, opening)).min();
        let element = element.map(|at| cut.at + 1 + at);
        let (found, next) = match (line_again(cut, lost.indent), element) {
            (Ok(line), Some(element)) => (true, line.min(element)),
            (Ok(at), None) | (Err(_), Some(at)) => (true, at),
            // An opening may be here in part.
            (Err(at), None) => {
                let longest = lost.openings.iter().map(Vec::len).max().unwrap_or(0);
                (false, at.min(bytes.len().saturating_sub(longest)).max(cut.at))
            }
        };
        if !found {
            self.lost = Some(lost);
        }
        if next == cut.at { Step::Short } else { Step::On(next) }
    }

    fn step(&mut self, cut: &Cut<'_>) -> Step {
        let mut cursor = Cursor::new(cut.chunk.bytes());
        cursor.at = cut.at;
        let Ok(byte) = cursor.peek() else { return Step::Short };
        let at = cursor.at;
        if at > cut.at {
            return Step::On(at);
        }
        match (self.frames.last(), byte) {
            (Some(Frame::Array), b']') | (Some(Frame::Envelope), b'}') => {
                self.frames.pop();
                Step::On(at + 1)
            }
            (Some(_), b',') => Step::On(at + 1),
            (Some(Frame::Envelope), _) => self.member(cursor),
            (None, b'[' | b'{') | (Some(Frame::Array), _) => self.value(cursor, byte),
            (None, b'R') if forms::title(cut.rest()) > 0 => Step::On(at + forms::title(cut.rest())),
            (None, b'R') if !cut.rest().contains(&b'\n') && cut.rest().len() < forms::TITLE => Step::Short,
            // Texts put one behind the other may each have a mark.
            (None, 0xEF) if cut.rest().starts_with(BOM) => Step::On(at + BOM.len()),
            (None, _) => Step::Bad(JsonError::Unexpected(0)),
        }
    }

    fn value(&mut self, cursor: Cursor<'_>, byte: u8) -> Step {
        let rest = cursor.bytes.get(cursor.at..).unwrap_or_default();
        match byte {
            b'[' => self.open(Frame::Array, cursor.at),
            b'{' if is_envelope(rest).unwrap_or(false) => self.open(Frame::Envelope, cursor.at),
            _ => match whole(rest) {
                Ok(len) => Step::Record(cursor.at + len),
                Err(JsonError::CutShort) => Step::Short,
                Err(error) => Step::Bad(error),
            },
        }
    }

    fn open(&mut self, frame: Frame, at: usize) -> Step {
        if self.frames.len() >= MAX_DEPTH as usize {
            return Step::Bad(JsonError::TooDeep);
        }
        self.frames.push(frame);
        Step::On(at + 1)
    }

    /// A key of an envelope with its value.
    fn member(&mut self, mut cursor: Cursor<'_>) -> Step {
        match self.try_member(&mut cursor) {
            Ok(step) => step,
            Err(JsonError::CutShort) => Step::Short,
            Err(error) => Step::Bad(error),
        }
    }

    fn try_member(&mut self, cursor: &mut Cursor<'_>) -> Result<Step, JsonError> {
        let key = cursor.key()?;
        let frame = match cursor.peek()? {
            b'[' => Some(Frame::Array),
            b'{' => Some(Frame::Envelope),
            _ => None,
        };
        match frame.filter(|_| is_streamed(cursor.bytes, key)) {
            Some(frame) => Ok(self.open(frame, cursor.at)),
            None => {
                cursor.skip()?;
                // A word that ends with the bytes may go on behind them.
                if cursor.at == cursor.bytes.len() {
                    Err(JsonError::CutShort)
                } else {
                    Ok(Step::On(cursor.at))
                }
            }
        }
    }
}

/// The next line with so much white space before a bracket, or else how far none is.
fn line_again(cut: &Cut<'_>, indent: usize) -> Result<usize, usize> {
    let bytes = cut.chunk.bytes();
    let mut at = cut.at;
    while let Some(end) = memchr(b'\n', bytes.get(at..).unwrap_or_default()) {
        let line = bytes.get(at + end + 1..).unwrap_or_default();
        let Some((lead, [opening, ..])) = line.split_at_checked(indent) else {
            // The line is not all here yet.
            return Err(at + end);
        };
        at += end + 1;
        if matches!(opening, b'{' | b'[') && lead.trim_ascii().is_empty() {
            return Ok(at + indent);
        }
    }
    Err(bytes.len())
}

/// The bracket and the first key of an object.
fn opening(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(bytes);
    cursor.open(b'{').and_then(|()| cursor.string()).ok()?;
    bytes.get(..cursor.at).filter(|opening| !opening.contains(&b'}')).map(<[u8]>::to_vec)
}

fn is_streamed(bytes: &[u8], key: Text) -> bool {
    let name = bytes.get(key.start..key.end).unwrap_or_default();
    key.escaped == Escapes::None && STREAMED.contains(&name)
}

/// Do only scalars stand before a list of records?
pub(super) fn is_envelope(bytes: &[u8]) -> Result<bool, JsonError> {
    let mut cursor = Cursor::new(bytes);
    cursor.open(b'{')?;
    let mut first = crate::ingest::json::First::Yes;
    while cursor.more(&mut first, b'}')? {
        let key = cursor.key()?;
        if matches!(cursor.peek()?, b'[' | b'{') {
            return Ok(is_streamed(bytes, key));
        }
        cursor.skip()?;
    }
    Ok(false)
}

/// One past the value that starts `bytes`. A line end in a string is a string that was never closed.
pub(in crate::ingest) fn whole(bytes: &[u8]) -> Result<usize, JsonError> {
    let mut cursor = Cursor::new(bytes);
    let mut open = Open::default();
    loop {
        let byte = *bytes.get(cursor.at).ok_or(JsonError::CutShort)?;
        match byte {
            b'"' => string(&mut cursor, bytes, open)?,
            b'{' | b'[' => open.push(byte, bytes.get(..cursor.at).unwrap_or_default())?,
            b',' | b'}' | b']' if open.depth == 0 => {
                return if cursor.at > 0 { Ok(cursor.at) } else { Err(JsonError::Unexpected(0)) };
            }
            b'}' | b']' => open.pop(byte, cursor.at)?,
            _ => {}
        }
        cursor.at += usize::from(byte != b'"');
        if open.depth == 0 && matches!(byte, b'}' | b']' | b'"') {
            return Ok(cursor.at);
        }
    }
}

/// The brackets that are open.
#[derive(Clone, Copy, Default)]
struct Open {
    depth: u32,
    /// A bit for each: is it that of a list?
    lists: u128,
}

impl Open {
    /// `before` stands before the bracket.
    fn push(&mut self, byte: u8, before: &[u8]) -> Result<(), JsonError> {
        if self.depth > 0 && !may_open(before, self.lists) {
            return Err(JsonError::Unexpected(before.len()));
        }
        self.depth += 1;
        self.lists = (self.lists << 1) | u128::from(byte == b'[');
        if self.depth > MAX_DEPTH { Err(JsonError::TooDeep) } else { Ok(()) }
    }

    fn pop(&mut self, byte: u8, at: usize) -> Result<(), JsonError> {
        if (self.lists & 1 == 1) != (byte == b']') {
            return Err(JsonError::Unexpected(at));
        }
        self.depth -= 1;
        self.lists >>= 1;
        Ok(())
    }
}

/// Goes behind a string.
fn string(cursor: &mut Cursor<'_>, bytes: &[u8], open: Open) -> Result<(), JsonError> {
    let start = cursor.at;
    cursor.string()?;
    let text = bytes.get(start..cursor.at).unwrap_or_default();
    if let Some(at) = memchr(b'\n', text) {
        return Err(JsonError::Unexpected(start + at));
    }
    // Where a string was never closed, what is behind the next quote is text.
    if open.depth > 0 && !matches!(cursor.peek()?, b',' | b':' | b'}' | b']') {
        return Err(JsonError::Unexpected(cursor.at));
    }
    Ok(())
}

/// May a bracket open a value behind these bytes, where the lowest bit says whether a list is open around it? What was cut
/// off inside a value is seen by this at the next one.
fn may_open(before: &[u8], lists: u128) -> bool {
    match before.trim_ascii_end().last() {
        Some(b':') => true,
        Some(b',' | b'[') => lists & 1 == 1,
        Some(_) | None => false,
    }
}
