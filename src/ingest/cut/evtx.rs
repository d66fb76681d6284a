//! EVTX files have chunks of their own; several make one of ours.

use super::{More, State, Stream};
use crate::ingest::chunk::{self, Chunk, Layout, Lost, Trouble};
use crate::ingest::windows::evtx::{CHUNK_SIZE, FIRST_CHUNK, chunks_written, header_fault};

/// So many of them make up for handing them over.
const TOGETHER: usize = 4;

/// How far an EVTX file is cut.
pub(super) struct Place {
    /// The number of the next chunk.
    pub(super) next: u64,
    /// How many chunks hold something, as the file says.
    written: u64,
}

/// Reads the header. Where it is damaged the chunks may still be sound.
pub(super) fn start(stream: &mut Stream, chunk: &mut Chunk) -> State {
    stream.start(chunk);
    stream.fill(chunk, FIRST_CHUNK);
    if let Some(cause) = header_fault(chunk.bytes()) {
        chunk.troubles.push(Trouble { place: chunk::Place::EvtxHeader, cause, what: Lost::Unknown });
    }
    let written = chunks_written(chunk.bytes());
    let len = chunk.buffer.len();
    stream.offset += len as u64;
    chunk.buffer.truncate(0);
    State::Evtx(Place { next: 0, written })
}

pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, place: &mut Place) -> More {
    chunk.layout = Layout::Evtx { first: place.next, written: place.written };
    stream.start(chunk);
    stream.fill(chunk, TOGETHER * CHUNK_SIZE);
    let len = chunk.buffer.len();
    stream.offset += len as u64;
    place.next += len.div_ceil(CHUNK_SIZE) as u64;
    if stream.has_ended() { More::No } else { More::Yes }
}
