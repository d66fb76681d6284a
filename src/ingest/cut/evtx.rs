//! EVTX files have chunks of their own; several make one of ours. Each is mostly where the file's header and the chunks
//! before it say; where bytes were lost or added, chunks are found by their own headers.

use super::{More, State, Stream};
use crate::ingest::chunk::{self, Chunk, Layout, Lost, Part, Trouble};
use crate::ingest::windows::evtx::{self, CHUNK_HEADER, CHUNK_SIZE, FIRST_CHUNK};

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
    stream.fill(chunk, FIRST_CHUNK + CHUNK_HEADER);
    if let Some(cause) = evtx::header_fault(chunk.bytes()) {
        chunk.troubles.push(Trouble { place: chunk::Place::EvtxHeader, cause, what: Lost::Unknown });
    }
    let written = evtx::chunks_written(chunk.bytes());
    stream.cut(chunk, evtx::first_chunk(chunk.bytes()));
    State::Evtx(Place { next: 0, written })
}

pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, place: &mut Place) -> More {
    stream.start(chunk);
    // What stands behind the last of them tells where that ends.
    stream.fill(chunk, TOGETHER * CHUNK_SIZE + CHUNK_HEADER);
    let (mut parts, mut start) = (Vec::new(), 0);
    while let Some(rest) = chunk.bytes().get(start..).filter(|rest| !rest.is_empty()) {
        let is_known = stream.has_ended() || rest.len() >= CHUNK_SIZE + CHUNK_HEADER;
        if parts.len() == TOGETHER || !is_known {
            break;
        }
        let (len, fault) = evtx::extent(rest);
        parts.push(Part { start, end: start + len, number: place.next, fault });
        start += len;
        place.next += u64::from(fault != Some(evtx::Fault::NoChunk));
    }
    chunk.layout = Layout::Evtx { parts, written: place.written };
    let more = if stream.has_ended() && start == chunk.buffer.len() { More::No } else { More::Yes };
    stream.cut(chunk, start);
    more
}
