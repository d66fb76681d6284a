//! Text with a record on each line.

use memchr::{memchr, memrchr};

use super::values::is_envelope;
use super::{More, Stream};
use crate::ingest::chunk::{CHUNK, Chunk, Layout, Lost, Place, Trouble};
use crate::ingest::json::{Cursor, JsonError};
use crate::ingest::over;
use crate::ingest::windows::forms::{self, xml};

/// What a chunk holds.
pub(super) enum Found {
    Lines(More),
    /// A list that is longer than a chunk begins it: its elements are to be found one by one.
    List,
}

/// A chunk ends before the last line that begins anew. A line that is too long is not held.
pub(super) fn cut(stream: &mut Stream, chunk: &mut Chunk, max_record: usize) -> Found {
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
            return Found::Lines(More::No);
        }
        if let Some(at) = over::last_start(chunk.bytes(), searched) {
            stream.cut(chunk, at);
            return Found::Lines(More::Yes);
        }
        if opens_list(chunk.bytes()) {
            return Found::List;
        }
        if let Some(at) = over::last_value(chunk.bytes()) {
            stream.cut(chunk, at);
            return Found::Lines(More::Yes);
        }
        let len = chunk.buffer.len();
        if len > max_record {
            return Found::Lines(match memrchr(b'\n', chunk.bytes()) {
                Some(at) => {
                    stream.cut(chunk, at + 1);
                    More::Yes
                }
                None => pass_over(stream, chunk, max_record),
            });
        }
        // What was behind the last line end was not known.
        searched = chunk.bytes().trim_ascii_end().len();
        target = len * 2;
    }
}

/// Does a list of records begin here, on a line of its own?
fn opens_list(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    let Some((line, behind)) = memchr(b'\n', text).and_then(|end| text.split_at_checked(end)) else {
        return false;
    };
    over::goes_on(line, behind) && (text.starts_with(b"[") || is_envelope(text).unwrap_or(false))
}

/// A record that breaks off with its input is one damage, not two.
fn drop_tail(stream: &mut Stream, chunk: &mut Chunk) {
    if !stream.is_broken() {
        return;
    }
    let start = over::last_start(chunk.bytes(), 0).unwrap_or(0);
    let text = chunk.bytes().get(start..).unwrap_or_default().trim_ascii();
    let record = text.get(forms::header(text)..).unwrap_or_default();
    let is_cut = match record.first() {
        Some(b'<') => xml::end(record, 0).is_none(),
        // Its elements are records, and those before the end are sound.
        Some(b'[') => false,
        Some(_) => match Cursor::new(record).skip() {
            Ok(()) => false,
            Err(JsonError::CutShort) => true,
            Err(_) => !chunk.bytes().ends_with(b"\n"),
        },
        None => false,
    };
    if is_cut && let Some(cause) = stream.broken() {
        let lines = memchr::memchr_iter(b'\n', chunk.bytes().get(..start).unwrap_or_default()).count() as u64;
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
