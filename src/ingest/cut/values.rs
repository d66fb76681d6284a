//! Text with records that run over lines: concatenated objects, and the elements of arrays and envelopes.
//!
//! Only where a record ends is looked for here; what it holds is the workers' part.

use memchr::memchr;

use super::lines::too_long;
use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Piece, Within};
use crate::ingest::json::{Cursor, Escapes, JsonError, MAX_DEPTH, Text};
use crate::ingest::windows::forms;

/// Keys of envelopes whose lists may be longer than memory. Their elements are records.
const STREAMED: [&[u8]; 8] = [
    b"events",
    b"detections",
    b"inlineSource",
    b"inline_source",
    b"parsedEvents",
    b"parsed_events",
    b"runParserResults",
    b"run_parser_results",
];

/// Finds the ends of records, over chunks.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    frames: Vec<Frame>,
    /// After a bad value: a line with so much white space before a bracket is looked for.
    lost: Option<usize>,
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

    fn piece(&mut self, end: usize, within: Within, fault: Option<String>) {
        let passed = self.chunk.bytes().get(self.counted..self.at).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.at;
        self.pieces.push(Piece { start: self.at, end, line: self.lines + 1, within, fault });
    }
}

impl Splitter {
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
        let more = self.pieces(stream, &mut cut, max_record);
        let Cut { chunk, pieces, at, .. } = cut;
        chunk.layout = Layout::Values(pieces);
        stream.cut(chunk, at);
        more
    }

    fn pieces(&mut self, stream: &mut Stream, cut: &mut Cut<'_>, max_record: usize) -> More {
        loop {
            let step = match self.lost {
                Some(indent) => self.find_again(cut, indent),
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
                        cut.at = cut.chunk.buffer.len();
                        return More::No;
                    }
                    self.bad(cut, JsonError::CutShort.cause());
                }
                Step::Short if !cut.pieces.is_empty() || cut.at >= CHUNK => return More::Yes,
                Step::Short if cut.rest().len() > max_record => self.bad(cut, too_long(max_record)),
                // Twice as much keeps the repeated search within twice the record.
                Step::Short => stream.fill(cut.chunk, cut.chunk.buffer.len() * 2),
            }
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
        self.lost = Some(indent);
    }

    /// Looks for the next line that opens a value as far in as the bad one.
    fn find_again(&mut self, cut: &Cut<'_>, indent: usize) -> Step {
        let mut at = cut.at;
        let bytes = cut.chunk.bytes();
        while let Some(end) = memchr(b'\n', bytes.get(at..).unwrap_or_default()) {
            let line = bytes.get(at + end + 1..).unwrap_or_default();
            let Some((lead, [opening, ..])) = line.split_at_checked(indent) else {
                // The line is not all here yet.
                return if cut.at == at + end { Step::Short } else { Step::On(at + end) };
            };
            at += end + 1;
            if matches!(opening, b'{' | b'[') && lead.trim_ascii().is_empty() {
                self.lost = None;
                return Step::On(at + indent);
            }
        }
        if cut.at == bytes.len() { Step::Short } else { Step::On(bytes.len()) }
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

fn is_streamed(bytes: &[u8], key: Text) -> bool {
    let name = bytes.get(key.start..key.end).unwrap_or_default();
    key.escaped == Escapes::None && STREAMED.contains(&name)
}

/// Do only scalars stand before a list of records?
fn is_envelope(bytes: &[u8]) -> Result<bool, JsonError> {
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
fn whole(bytes: &[u8]) -> Result<usize, JsonError> {
    let mut cursor = Cursor::new(bytes);
    let mut depth = 0;
    loop {
        match bytes.get(cursor.at).ok_or(JsonError::CutShort)? {
            b'"' => {
                let start = cursor.at;
                cursor.string()?;
                let text = bytes.get(start..cursor.at).unwrap_or_default();
                if let Some(at) = memchr(b'\n', text) {
                    return Err(JsonError::Unexpected(start + at));
                }
            }
            b'{' | b'[' => {
                depth += 1;
                cursor.at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                cursor.at += 1;
            }
            b',' | b'}' | b']' if cursor.at > 0 && depth == 0 => return Ok(cursor.at),
            b',' | b'}' | b']' if depth == 0 => return Err(JsonError::Unexpected(0)),
            _ => cursor.at += 1,
        }
        if depth > MAX_DEPTH {
            return Err(JsonError::TooDeep);
        }
        if depth == 0 && matches!(bytes.get(cursor.at - 1), Some(b'}' | b']' | b'"')) {
            return Ok(cursor.at);
        }
    }
}
