//! Text with a record on each line.

use memchr::{memchr, memrchr};

use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Lost, Place, Trouble};

/// A chunk ends with its last line end. A line that is too long is not held.
pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> More {
    chunk.layout = Layout::Lines;
    if chunk.buffer.len() == 0 {
        stream.start(chunk);
    }
    let (mut target, mut searched) = (CHUNK.max(chunk.buffer.len() + 1), 0);
    loop {
        stream.fill(chunk, target);
        if stream.has_ended() {
            stream.cut(chunk, chunk.buffer.len());
            return More::No;
        }
        let fresh = chunk.bytes().get(searched..).unwrap_or_default();
        if let Some(at) = memrchr(b'\n', fresh) {
            stream.cut(chunk, searched + at + 1);
            return More::Yes;
        }
        searched = chunk.buffer.len();
        if searched > max_record {
            return pass_over(stream, chunk, max_record);
        }
        target = searched * 2;
    }
}

/// The chunk is one line and already too long: its end is looked for without keeping the rest.
fn pass_over(stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> More {
    let cause = too_long(max_record);
    chunk.troubles.push(Trouble { place: Place::Line(1), cause, what: Lost::Record });
    loop {
        stream.offset += chunk.buffer.len() as u64;
        chunk.buffer.set(&[]);
        stream.fill(chunk, CHUNK);
        if let Some(at) = memchr(b'\n', chunk.bytes()) {
            stream.offset += at as u64;
            stream.carry.extend_from_slice(chunk.bytes().get(at..).unwrap_or_default());
            break;
        }
        if stream.has_ended() {
            break;
        }
    }
    chunk.buffer.set(&[]);
    if stream.has_ended() && stream.carry.is_empty() { More::No } else { More::Yes }
}

pub(in crate::ingest) fn too_long(max_record: usize) -> String {
    format!("the record is longer than {max_record} bytes")
}
