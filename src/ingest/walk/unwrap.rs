//! Takes records out of whatever is around them, and reads each as what it is.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use super::{Met, Receiver, Spot, Walked, Walker};
use crate::ingest::chunk::Place;
use crate::ingest::json::{Cursor, First, JsonError};
use crate::ingest::kinds::{Shape, members, shape, starts_as_event};
use crate::ingest::read::{Read, read};
use crate::ingest::record::Event;
use crate::ingest::source::{Care, Position};
use crate::ingest::spell::scalar::normal_time;
use crate::ingest::windows::RecordError;
use crate::schema::Root;
use crate::value::Timestamp;

/// Envelopes in envelopes; more than anybody makes, and no danger to the stack.
const MAX_AROUND: u32 = 16;

/// Told of a record that is used all the same.
pub(super) const NOT_UTF_8: &str = "bytes that are not UTF-8; U+FFFD stands in their place";

/// Why something is no record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Json(JsonError),
    /// It is JSON, but neither UDM nor anything around it.
    Foreign,
    /// It is a Windows event, and cannot be read.
    Form(RecordError),
}

impl From<JsonError> for Fault {
    fn from(error: JsonError) -> Fault {
        Fault::Json(error)
    }
}

impl Fault {
    pub(super) fn cause(&self) -> String {
        match self {
            Fault::Json(error) => error.cause(),
            Fault::Foreign => {
                "it is neither a UDM event or entity, nor an envelope of some, nor a Windows event".to_owned()
            }
            Fault::Form(error) => error.to_string(),
        }
    }
}

/// What is around the value at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// The time that an envelope gives to an event without one.
    time: Option<Timestamp>,
    depth: u32,
    counted: Counted,
}

/// Whether a record at hand counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    Yes,
    /// The detection that it is part of has counted.
    WithDetection,
}

impl Around {
    pub(super) fn new() -> Around {
        Around { time: None, depth: 0, counted: Counted::Yes }
    }
}

/// Why what starts with no bracket is no record.
fn no_object(raw: &[u8]) -> JsonError {
    match serde_json::from_slice::<serde::de::IgnoredAny>(raw) {
        Ok(_) => JsonError::NoObject,
        Err(_) => JsonError::Unexpected(0),
    }
}

impl Walker<'_> {
    /// Any value: a record or what holds some. Gives how many bytes it took, unless it was dropped before its end.
    pub(super) fn value(
        &mut self,
        met: Met<'_>,
        around: Around,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, Fault> {
        match met.raw.first() {
            Some(b'{') if starts_as_event(met.raw) => self.leaf(Root::Udm, met, around, out),
            Some(b'{') => self.object(met, around, walked, out),
            Some(b'[') if around.depth < MAX_AROUND => self.elements(met, around, walked, out).map(Some),
            Some(b'[') => Err(JsonError::TooDeep.into()),
            Some(_) | None => Err(no_object(met.raw).into()),
        }
    }

    fn object(
        &mut self,
        met: Met<'_>,
        around: Around,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, Fault> {
        let (shape, end) = shape(met.raw)?;
        match shape {
            Shape::Event => self.leaf(Root::Udm, met, around, out)?,
            Shape::Entity => self.leaf(Root::Entity, met, around, out)?,
            Shape::Detection(elements) => self.detection(met, (elements, end), around, walked, out)?,
            Shape::Envelope { inner, time } => {
                if around.depth >= MAX_AROUND {
                    return Err(JsonError::TooDeep.into());
                }
                let time = time.and_then(|time| time_of(met.raw.get(time)?)).or(around.time);
                let inside = Around { time, depth: around.depth + 1, ..around };
                self.value(part(met, inner), inside, walked, out)?
            }
            Shape::Other => return Err(Fault::Foreign),
        };
        Ok(Some(end))
    }

    /// The elements of a list, each a record of its own; one that cannot be read does not hide the others.
    fn elements(
        &mut self,
        met: Met<'_>,
        around: Around,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<usize, Fault> {
        let inside = Around { depth: around.depth + 1, ..around };
        let mut cursor = Cursor::new(met.raw);
        cursor.open(b'[')?;
        let mut first = First::Yes;
        while cursor.more(&mut first, b']')? {
            cursor.peek()?;
            let start = cursor.at;
            cursor.skip()?;
            let element = part(met, start..cursor.at);
            if let Err(fault) = self.element(element, inside, walked, out) {
                out.record();
                // In a strict run nothing behind it counts any more.
                let _ = out.damage(Place::Index(walked.indexes), fault.cause());
            }
        }
        Ok(cursor.at)
    }

    /// An element has a place of its own, unless it only holds a list of others.
    pub(super) fn element(
        &mut self,
        met: Met<'_>,
        around: Around,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<(), Fault> {
        let before = walked.indexes;
        walked.indexes += 1;
        let met = Met { position: Position::Index(walked.indexes), ..met };
        let holds_list = !starts_as_event(met.raw) && leads_to_list(met.raw);
        if holds_list {
            walked.indexes = before;
        }
        self.any(met, around, walked, out).map(drop)
    }

    /// A detection is itself for rules over detections, and otherwise an envelope of its events.
    fn detection(
        &mut self,
        met: Met<'_>,
        (elements, end): (Option<Range<usize>>, usize),
        around: Around,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, Fault> {
        if self.wanted.wants_kind(Root::Detection) {
            return self.leaf(Root::Detection, met, around, out);
        }
        out.record();
        let Some(elements) = elements else { return Ok(Some(end)) };
        self.order_turn();
        let mut references = Vec::new();
        find_references(met.raw, elements, &mut references)?;
        for (event, source) in references {
            let key = met.raw.get(source.unwrap_or_else(|| event.clone())).unwrap_or_default();
            if self.is_first(key) {
                let inside = Around { counted: Counted::WithDetection, depth: 1, time: None };
                self.element(part(met, event), inside, walked, out)?;
            }
        }
        Ok(Some(end))
    }

    fn is_first(&self, key: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.order.is_first(self.input, hasher.finish())
    }

    /// Reads one record; gives how many bytes it took, unless it was dropped before its end.
    fn leaf(
        &mut self,
        root: Root,
        met: Met<'_>,
        around: Around,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, Fault> {
        if root != Root::Udm && !self.wanted.wants_kind(root) {
            return self.pass_over(met, around, out);
        }
        let end = match read(self.wanted, root, met.raw, &mut self.record)? {
            Read::Whole(end) => end,
            Read::Rejected => {
                count(around, out);
                return Ok(None);
            }
            Read::Entity => return self.leaf(Root::Entity, met, around, out),
        };
        let raw = met.raw.get(..end).unwrap_or_default();
        whole(self.care, raw)?;
        let time = around.time.filter(|_| root != Root::Detection);
        let time = time.filter(|time| self.record.fill_time(self.wanted, *time));
        count(around, out);
        let event = Event { root, wanted: self.wanted, record: &self.record, bytes: met.raw };
        out.event(&event, Met { raw, time, root, ..met });
        if self.record.replaced || (self.care == Care::Whole && std::str::from_utf8(raw).is_err()) {
            let _ = out.damage(place(met.position), NOT_UTF_8.to_owned());
        }
        Ok(Some(end))
    }

    /// A record that no rule looks at is one all the same.
    fn pass_over(
        &mut self,
        met: Met<'_>,
        around: Around,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, Fault> {
        let mut cursor = Cursor::new(met.raw);
        cursor.skip()?;
        whole(self.care, met.raw.get(..cursor.at).unwrap_or_default())?;
        count(around, out);
        Ok(Some(cursor.at))
    }
}

/// In a strict run every byte of a record counts.
pub(super) fn whole(care: Care, raw: &[u8]) -> Result<(), JsonError> {
    if care == Care::Lazy {
        return Ok(());
    }
    let valid = serde_json::from_slice::<serde::de::IgnoredAny>(raw);
    valid.map(drop).map_err(|error| {
        let mut ends = memchr::memchr_iter(b'\n', raw);
        let line = error.line().checked_sub(2).and_then(|before| ends.nth(before));
        let start = line.map_or(0, |end| end + 1);
        JsonError::Unexpected(start + error.column().saturating_sub(1))
    })
}

pub(super) fn count(around: Around, out: &mut dyn Receiver) {
    match around.counted {
        Counted::Yes => out.record(),
        Counted::WithDetection => out.part(),
    }
}

pub(super) fn place(position: Position) -> Place {
    match position {
        Position::Line(line) => Place::Line(line),
        Position::Index(index) => Place::Index(index),
        Position::Record(number) | Position::Logged { record: number, .. } => Place::Record(number),
    }
}

/// A value inside of what was met.
fn part(met: Met<'_>, at: Range<usize>) -> Met<'_> {
    let spot = match met.spot {
        Spot::Byte(byte) => Spot::Byte(byte + at.start as u64),
        spot @ Spot::Evtx { .. } => spot,
    };
    Met { spot, raw: met.raw.get(at).unwrap_or_default(), ..met }
}

/// Does the value hold records in a list and not as itself?
fn leads_to_list(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(b'[') => true,
        Some(b'{') => match shape(bytes) {
            Ok((Shape::Envelope { inner, .. }, _)) => leads_to_list(bytes.get(inner).unwrap_or_default()),
            Ok((Shape::Detection(elements), _)) => elements.is_some(),
            Ok((Shape::Event | Shape::Entity | Shape::Other, _)) | Err(_) => false,
        },
        Some(_) | None => false,
    }
}

fn time_of(json: &[u8]) -> Option<Timestamp> {
    normal_time(&serde_json::from_slice(json).ok()?)
}

type Reference = (Range<usize>, Option<Range<usize>>);

/// Where the events of a detection are, each with its source, where it has one.
fn find_references(
    bytes: &[u8],
    elements: Range<usize>,
    found: &mut Vec<Reference>,
) -> Result<(), JsonError> {
    each_element(bytes, elements, &mut |element| {
        let mut list = None;
        inside(bytes, &element, &mut |name, value| {
            if name == b"references" {
                list = Some(value);
            }
        })?;
        let Some(list) = list else { return Ok(()) };
        each_element(bytes, list, &mut |reference| {
            let (mut event, mut source) = (None, None);
            inside(bytes, &reference, &mut |name, value| match name {
                b"event" | b"udm" => event = Some(value),
                b"source" => source = Some(value),
                _ => {}
            })?;
            found.extend(event.map(|event| (event, source)));
            Ok(())
        })
    })
}

/// The members of the object at `at`, by their places in `bytes`.
fn inside(
    bytes: &[u8],
    at: &Range<usize>,
    each: &mut dyn FnMut(&[u8], Range<usize>),
) -> Result<(), JsonError> {
    let object = bytes.get(at.clone()).unwrap_or_default();
    let moved = |value: Range<usize>| value.start + at.start..value.end + at.start;
    members(object, &mut |name, value| each(name, moved(value))).map(drop)
}

fn each_element(
    bytes: &[u8],
    at: Range<usize>,
    each: &mut dyn FnMut(Range<usize>) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    let mut cursor = Cursor::new(bytes.get(..at.end).unwrap_or_default());
    cursor.at = at.start;
    cursor.open(b'[')?;
    let mut first = First::Yes;
    while cursor.more(&mut first, b']')? {
        cursor.peek()?;
        let start = cursor.at;
        cursor.skip()?;
        each(start..cursor.at)?;
    }
    Ok(())
}
