//! Text with records that are Windows Event XML: markup between them, such as a root element, and the headers of syslog
//! messages are passed over. Lines of anything else are read as what they are, or told.

use super::lines::too_long;
use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Piece, Within};
use crate::ingest::walk::NO_START;
use crate::ingest::windows::forms::{self, xml};

/// A record's opening tag may be cut in the middle; so many bytes of it do not tell it yet.
const OPENING: usize = "<Event ".len();

/// A chunk ends with its last whole record.
pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> More {
    if chunk.buffer.len() == 0 {
        stream.start(chunk);
        stream.fill(chunk, CHUNK.max(chunk.buffer.len() + 1));
    }
    let mut cut = Cut { pieces: Vec::new(), at: 0, line: 1, counted: 0, searched: 0 };
    let more = cut.pieces(stream, chunk, max_record);
    chunk.layout = Layout::Values(cut.pieces);
    stream.cut(chunk, cut.at);
    more
}

struct Cut {
    pieces: Vec<Piece>,
    at: usize,
    /// The line of the byte at `counted`.
    line: u64,
    counted: usize,
    /// So much behind the start of a record holds no end of it.
    searched: usize,
}

impl Cut {
    fn pieces(&mut self, stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> More {
        loop {
            let rest = chunk.bytes().get(self.at..).unwrap_or_default();
            let Some(start) = xml::start(rest) else {
                return self.none_left(stream, chunk);
            };
            self.between(chunk, self.at + start, Last::Header);
            let record = chunk.bytes().get(self.at..).unwrap_or_default();
            let next = xml::start(record.get(1..).unwrap_or_default()).map(|at| at + 1);
            // Looked for no further than the next record, so that many without an end cost no more than others.
            let own = next.map_or(record, |next| record.get(..next).unwrap_or_default());
            match (xml::end(own, self.searched), next) {
                (Some(end), _) => {
                    self.piece(chunk, end, (end > max_record).then(|| too_long(max_record)));
                }
                // Another record starts before this one has come to its end.
                (_, Some(next)) => self.piece(chunk, next, Some(CUT_SHORT.to_owned())),
                _ if stream.has_ended() => {
                    // A record that breaks off with its input is one damage, not two.
                    let cause = stream.broken().unwrap_or_else(|| CUT_SHORT.to_owned());
                    self.piece(chunk, record.len(), Some(cause));
                    return More::No;
                }
                _ if record.len() > max_record => {
                    let len = record.len();
                    self.piece(chunk, len, Some(too_long(max_record)));
                    return More::Yes;
                }
                _ if !self.pieces.is_empty() || self.at >= CHUNK => return More::Yes,
                _ => {
                    self.searched = record.len();
                    stream.fill(chunk, chunk.buffer.len() * 2);
                }
            }
        }
    }

    /// No further record starts in the chunk, but for the first bytes of one perhaps.
    fn none_left(&mut self, stream: &Stream, chunk: &Chunk) -> More {
        let len = chunk.buffer.len();
        if stream.has_ended() {
            self.between(chunk, len, Last::Line);
            return More::No;
        }
        let end = memchr::memrchr(b'\n', chunk.bytes()).map_or(0, |at| at + 1);
        self.between(chunk, end.max(self.at), Last::Line);
        // A line that never ends is no header.
        if len - self.at > CHUNK / 2 {
            self.at = len.saturating_sub(OPENING);
        }
        More::Yes
    }

    /// Goes on to `end`, and makes pieces of the lines on the way that are no markup.
    fn between(&mut self, chunk: &Chunk, end: usize, last: Last) {
        if let Some(tail) = chunk.bytes().get(self.at..end).and_then(|text| xml::end(text, 0)) {
            self.piece(chunk, tail, Some(NO_START.to_owned()));
        }
        while let Some(rest) = chunk.bytes().get(self.at..end).filter(|rest| !rest.is_empty()) {
            let line_end = memchr::memchr(b'\n', rest);
            let len = line_end.map_or(rest.len(), |at| at + 1);
            let line = rest.get(..len).unwrap_or_default();
            let kind = if line_end.is_none() { last } else { Last::Line };
            match other_record(line, kind) {
                Some(at) => {
                    self.at += at;
                    self.piece(chunk, line.trim_ascii_end().len() - at, None);
                    self.at += line.len() - line.trim_ascii_end().len();
                }
                None => self.at += len,
            }
        }
    }

    fn piece(&mut self, chunk: &Chunk, len: usize, fault: Option<String>) {
        let passed = chunk.bytes().get(self.counted..self.at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.at;
        let end = self.at + len;
        self.pieces.push(Piece { start: self.at, end, line: self.line, within: Within::File, fault });
        self.at = end;
        self.searched = 0;
    }
}

/// What the last line is that is passed over, if it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// One like the others.
    Line,
    /// The header of the record behind it.
    Header,
}

const CUT_SHORT: &str = "the record ends too early";

/// Where in a line something starts that should be a record. Markup is none, nor is the title that `evtx_dump` writes.
fn other_record(line: &[u8], last: Last) -> Option<usize> {
    let start = line.len() - line.trim_ascii_start().len();
    let text = line.get(start..).unwrap_or_default();
    let json = matches!(text.first(), Some(b'{' | b'[')) || forms::header(text) > 0;
    if json {
        return Some(start + forms::header(text));
    }
    let passed = text.is_empty() || text.starts_with(b"<") || forms::title(text) > 0 || last == Last::Header;
    (!passed).then_some(start)
}
