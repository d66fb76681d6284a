//! Text with records of many lines, each of which ends where the next one starts.

use super::lines::too_long;
use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Piece, Within};
use crate::ingest::windows::forms::classic;

/// A chunk ends with its last whole record.
pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> More {
    if chunk.buffer.len() == 0 {
        stream.start(chunk);
        stream.fill(chunk, CHUNK.max(chunk.buffer.len() + 1));
    }
    loop {
        let mut pieces = Vec::new();
        let (mut at, mut line) = (0, 1);
        while let Some(end) = classic::end(chunk.bytes().get(at..).unwrap_or_default()) {
            pieces.push(piece(chunk, (at, at + end), line));
            let passed = chunk.bytes().get(at..at + end).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', passed).count() as u64;
            at += end;
        }
        let len = chunk.buffer.len();
        let rest = chunk.bytes().get(at..).unwrap_or_default();
        let is_long = rest.len() > max_record;
        if stream.has_ended() || is_long {
            if !rest.trim_ascii().is_empty() {
                let fault = stream.broken().or(is_long.then(|| too_long(max_record)));
                pieces.push(Piece { fault, ..piece(chunk, (at, len), line) });
            }
            at = len;
        } else if pieces.is_empty() {
            stream.fill(chunk, len * 2);
            continue;
        }
        chunk.layout = Layout::Values(pieces);
        stream.cut(chunk, at);
        return if stream.has_ended() && at == len { More::No } else { More::Yes };
    }
}

fn piece(chunk: &Chunk, (start, end): (usize, usize), line: u64) -> Piece {
    let text = chunk.bytes().get(start..end).unwrap_or_default();
    let end = start + text.trim_ascii_end().len();
    Piece { start, end, line, within: Within::File, fault: None }
}
