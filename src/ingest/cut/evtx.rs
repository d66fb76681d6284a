//! EVTX files have chunks of their own; several make one of ours.

use super::{More, State, Stream};
use crate::ingest::chunk::{Chunk, Layout, Lost, Place, Trouble};
use crate::ingest::windows::evtx::{CHUNK_SIZE, FIRST_CHUNK, header_fault};

/// So many of them make up for handing them over.
const TOGETHER: usize = 4;

/// Reads the header. Where it is damaged the chunks may still be sound.
pub(super) fn start(stream: &mut Stream, chunk: &mut Chunk) -> State {
    stream.start(chunk);
    stream.fill(chunk, FIRST_CHUNK);
    if let Some(cause) = header_fault(chunk.bytes()) {
        chunk.troubles.push(Trouble { place: Place::EvtxHeader, cause, what: Lost::Unknown });
    }
    let len = chunk.buffer.len();
    stream.offset += len as u64;
    chunk.buffer.truncate(0);
    State::Evtx(0)
}

pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, next: &mut u64) -> More {
    chunk.layout = Layout::Evtx(*next);
    stream.start(chunk);
    stream.fill(chunk, TOGETHER * CHUNK_SIZE);
    let len = chunk.buffer.len();
    stream.offset += len as u64;
    *next += len.div_ceil(CHUNK_SIZE) as u64;
    if stream.has_ended() { More::No } else { More::Yes }
}
