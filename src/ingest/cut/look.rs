//! Looks at the first bytes of a text for how its records lie in it.

use memchr::memmem;

use super::values::{self, Splitter};
use super::{State, Stream, returns};
use crate::ingest::chunk::{CHUNK, Chunk, Within};
use crate::ingest::json::{Cursor, JsonError};
use crate::ingest::kinds;
use crate::ingest::source::SourceError;
use crate::ingest::windows::forms::{self, classic, xml};

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Zero bytes among so many first ones are those of a picture or a program.
const HEAD: usize = 4096;
/// A record is looked for in so many lines of a text that does not start like one.
const LINES: usize = 64;
/// So many brackets are looked at for one that opens a record.
const BRACKETS: usize = 128;

pub(super) fn start(stream: &mut Stream, chunk: &mut Chunk) -> Result<State, SourceError> {
    stream.start(chunk);
    stream.fill(chunk, CHUNK);
    even(stream, chunk);
    let whole = chunk.bytes().trim_ascii_start();
    let text = whole.get(forms::title(whole)..).unwrap_or_default().trim_ascii_start();
    let is_binary = chunk.bytes().get(..HEAD.min(chunk.buffer.len())).is_some_and(|head| head.contains(&0));
    if is_foreign(text) || (is_binary && !lines(text).any(holds_record) && behind_tail(text).is_none()) {
        return Err(SourceError::Unknown);
    }
    match text.first() {
        Some(b'{') if text.len() < whole.len() => Ok(State::Values(Splitter::default())),
        None => Ok(State::Lines),
        Some(b'[') => Ok(State::Values(Splitter::default())),
        Some(b'{') if runs_over_lines(text) || is_long_envelope(text) => {
            Ok(State::Values(Splitter::default()))
        }
        Some(b'{') => Ok(State::Lines),
        Some(b'<') if !text.get(1).is_some_and(u8::is_ascii_digit) => xml_or_unknown(text),
        Some(_) if holds_xml_over_lines(text) => Ok(State::Xml),
        Some(b'0'..=b'9') if classic::start(text) == Some(0) => Ok(State::Blocks),
        Some(_) => amid(text, chunk.buffer.len() - text.len()),
    }
}

/// Leaves every byte in its place: white space for a mark of the byte order, and one kind of line end.
fn even(stream: &mut Stream, chunk: &mut Chunk) {
    if chunk.bytes().starts_with(BOM) {
        chunk.buffer.bytes_mut().iter_mut().take(BOM.len()).for_each(|byte| *byte = b' ');
    }
    if returns::are_in(chunk.bytes()) {
        returns::replace(chunk.buffer.bytes_mut());
        let bytes = std::mem::replace(&mut stream.bytes, Box::new(std::io::empty()));
        stream.bytes = Box::new(returns::Replaced(bytes));
    }
}

/// Of a text that starts like no record: `before` bytes stand before it.
fn amid(text: &[u8], before: usize) -> Result<State, SourceError> {
    match behind_tail(text) {
        Some((head, Within::List)) => Ok(State::Values(Splitter::behind(before + head, Within::List))),
        _ if lines(text).any(holds_record) => Ok(State::Lines),
        Some((head, within)) => Ok(State::Values(Splitter::behind(before + head, within))),
        None => Err(SourceError::Unknown),
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').take(LINES)
}

/// Where the first whole record starts of a text that begins in the middle of one, and whether it is one of a list.
pub(in crate::ingest) fn behind_tail(text: &[u8]) -> Option<(usize, Within)> {
    let openings = memchr::memchr_iter(b'{', text).filter(|at| {
        let before = text.get(..*at).unwrap_or_default().trim_ascii_end();
        let before = before.strip_suffix(b",").unwrap_or(before).trim_ascii_end();
        before.ends_with(b"}") || before.ends_with(b"]")
    });
    let start = openings.take(BRACKETS).find(|at| {
        let record = text.get(*at..).unwrap_or_default();
        kinds::holds_record(record) || forms::holds_event(record)
    })?;
    let before = text.get(..start)?.trim_ascii_end();
    let mut cursor = Cursor::new(text);
    cursor.at = start;
    let behind = cursor.skip().and_then(|()| cursor.peek());
    let listed = before.ends_with(b",") || matches!(behind, Ok(b',' | b']'));
    Some((start, if listed { Within::List } else { Within::File }))
}

/// A priority that syslog writes in such brackets is a number; anything else is XML.
fn xml_or_unknown(text: &[u8]) -> Result<State, SourceError> {
    xml::start(text).map(|_| State::Xml).ok_or(SourceError::Unknown)
}

/// Does a record in XML, behind whatever the line starts with, end on a later line?
fn holds_xml_over_lines(text: &[u8]) -> bool {
    let goes_on = |line: &[u8]| {
        let record = xml::start(line).and_then(|start| line.get(start..));
        record.is_some_and(|record| xml::end(record, 0).is_none())
    };
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').take(LINES);
    lines.any(|line| line.ends_with(b"\n") && goes_on(line))
}

/// Does the first value end on a later line? Where the next line opens a value as well, the first is just damaged, unless
/// it opens a list.
fn runs_over_lines(text: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', text) else { return false };
    let (line, rest) = text.split_at(end);
    let line = line.trim_ascii_end();
    let opens_list = line.ends_with(b"[") || line.ends_with(b":");
    let rest = rest.trim_ascii_start();
    Cursor::new(line).skip() == Err(JsonError::CutShort)
        && !rest.is_empty()
        && (opens_list || rest.first() != Some(&b'{'))
}

/// Is it an envelope whose line is damaged, or too long to be looked at as a whole?
fn is_long_envelope(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    values::is_envelope(text).unwrap_or(false) && values::whole(line).is_err()
}

/// Is there a record behind whatever the line starts with, such as the header of a syslog message?
fn holds_record(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let record = line.get(forms::header(line)..).unwrap_or_default();
    kinds::holds_record(record) || forms::holds_event(record)
}

/// Is it sound JSON, but of something else? Where `metadata` is named further on, the first value is just odd.
fn is_foreign(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'{' | b'['))
        && Cursor::new(text).skip().is_ok()
        && !kinds::holds_record(text)
        && !forms::holds_event(first_inside(text))
        && memmem::find(text, b"\"metadata\"").is_none()
}

/// The value, or the first of a list of some, in whatever is around it.
fn first_inside(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'[') => text.get(1..).unwrap_or_default().trim_ascii_start(),
        Some(b'{') => match kinds::shape(text) {
            Ok((kinds::Shape::Envelope { inner, .. }, _)) if text.get(inner.start) == Some(&b'[') => {
                first_inside(text.get(inner).unwrap_or_default())
            }
            Ok(_) | Err(_) => text,
        },
        Some(_) | None => text,
    }
}
