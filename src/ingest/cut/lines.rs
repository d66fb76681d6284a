//! Text with a record on each line.

use memchr::{memchr, memrchr};

use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Lost, Place, Trouble};
use crate::ingest::json::Cursor;
use crate::ingest::windows::forms::{self, xml};

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
            drop_tail(stream, chunk);
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

/// A record that breaks off with its input is one damage, not two.
fn drop_tail(stream: &mut Stream, chunk: &mut Chunk) {
    let start = memrchr(b'\n', chunk.bytes()).map_or(0, |at| at + 1);
    let line = chunk.bytes().get(start..).unwrap_or_default().trim_ascii();
    let record = line.get(forms::header(line)..).unwrap_or_default();
    let is_cut = match record.first() {
        Some(b'<') => xml::end(record, 0).is_none(),
        Some(_) => Cursor::new(record).skip().is_err(),
        None => false,
    };
    if is_cut && let Some(cause) = stream.broken() {
        let lines = memchr::memchr_iter(b'\n', chunk.bytes()).count() as u64;
        chunk.troubles.push(Trouble { place: Place::Line(lines + 1), cause, what: Lost::Record });
        chunk.buffer.truncate(start);
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
