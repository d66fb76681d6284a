//! Text with records that are Windows Event XML: what stands between them, be it a root element or the headers of syslog
//! messages, is passed over.

use super::lines::too_long;
use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Piece, Within};
use crate::ingest::windows::forms::xml;

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
            self.at += start;
            let record = rest.get(start..).unwrap_or_default();
            let next = xml::start(record.get(1..).unwrap_or_default()).map(|at| at + 1);
            match (xml::end(record, self.searched), next) {
                (Some(end), next) if next.is_none_or(|next| end <= next) => {
                    self.piece(chunk, end, (end > max_record).then(|| too_long(max_record)));
                }
                // Another record starts before this one has come to its end.
                (_, Some(next)) => self.piece(chunk, next, Some(CUT_SHORT.to_owned())),
                _ if stream.has_ended() => {
                    self.piece(chunk, record.len(), Some(CUT_SHORT.to_owned()));
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
            self.at = len;
            return More::No;
        }
        self.at = self.at.max(len.saturating_sub(OPENING));
        More::Yes
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

const CUT_SHORT: &str = "the record ends too early";
