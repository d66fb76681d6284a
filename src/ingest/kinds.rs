//! What a JSON object is: an event, an entity, a detection, or an envelope around some.

use std::ops::Range;

use super::json::{Cursor, Escapes, First, JsonError};

/// What an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A UDM event.
    Event,
    /// An entity.
    Entity,
    /// A detection; its collection elements, where it has any.
    Detection(Option<Range<usize>>),
    /// Something around records: where they are, and the time it gives them.
    Envelope {
        /// The value that holds them.
        inner: Range<usize>,
        /// Its `timestamp`.
        time: Option<Range<usize>>,
    },
    /// Nothing of all this.
    Other,
}

/// The keys of an event but `metadata`, which an entity has as well.
const EVENT: [&[u8]; 13] = [
    b"additional",
    b"principal",
    b"src",
    b"target",
    b"intermediary",
    b"observer",
    b"about",
    b"securityResult",
    b"security_result",
    b"network",
    b"extensions",
    b"extracted",
    b"grouped",
];

/// The keys that envelopes hold records under; of several the first of these counts.
const AROUND: [&[u8]; 19] = [
    b"udm",
    b"event",
    b"idm",
    b"readOnlyUdm",
    b"read_only_udm",
    b"entity",
    b"graph",
    b"events",
    b"detections",
    b"collectionElements",
    b"collection_elements",
    b"references",
    b"inlineSource",
    b"inline_source",
    b"parsedEvents",
    b"parsed_events",
    b"runParserResults",
    b"run_parser_results",
    // Azure's.
    b"records",
];

/// Does the object's first key say that it is an event or an entity? A look at every key is saved by it.
pub(super) fn starts_as_event(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"{\"metadata\"") {
        return true;
    }
    let mut cursor = Cursor::new(bytes);
    let Ok(key) = cursor.open(b'{').and_then(|()| cursor.key()) else { return false };
    let name = bytes.get(key.start..key.end).unwrap_or_default();
    key.escaped == Escapes::None && (name == b"metadata" || EVENT.contains(&name))
}

/// What was seen of an object's keys.
#[derive(Default)]
struct Keys {
    metadata: Option<Range<usize>>,
    event: bool,
    entity: bool,
    detection: bool,
    elements: Option<Range<usize>>,
    around: Option<(usize, Range<usize>)>,
    time: Option<Range<usize>>,
}

/// What the object that starts `bytes` is, and where it ends.
pub(super) fn shape(bytes: &[u8]) -> Result<(Shape, usize), JsonError> {
    let mut keys = Keys::default();
    let end = members(bytes, &mut |name, value| keys.note(name, value))?;
    Ok((keys.shape(bytes)?, end))
}

/// Gives each key of the object that starts `bytes` with where its value is; gives where the object ends.
pub(super) fn members(bytes: &[u8], each: &mut dyn FnMut(&[u8], Range<usize>)) -> Result<usize, JsonError> {
    let mut cursor = Cursor::new(bytes);
    cursor.open(b'{')?;
    let mut first = First::Yes;
    while cursor.more(&mut first, b'}')? {
        let key = cursor.key()?;
        cursor.peek()?;
        let start = cursor.at;
        cursor.skip()?;
        each(bytes.get(key.start..key.end).unwrap_or_default(), start..cursor.at);
    }
    Ok(cursor.at)
}

impl Keys {
    fn note(&mut self, name: &[u8], value: Range<usize>) {
        match name {
            b"metadata" => self.metadata = Some(value.clone()),
            b"timestamp" => self.time = Some(value.clone()),
            b"detection" => self.detection = true,
            b"collectionElements" | b"collection_elements" => self.elements = Some(value.clone()),
            _ => self.event |= EVENT.contains(&name),
        }
        self.entity |= name == b"entity";
        let rank = AROUND.iter().position(|known| *known == name);
        if let Some(rank) = rank
            && self.around.as_ref().is_none_or(|(best, _)| rank < *best)
        {
            self.around = Some((rank, value));
        }
    }

    fn shape(self, bytes: &[u8]) -> Result<Shape, JsonError> {
        if let Some(metadata) = self.metadata.clone() {
            let inside = bytes.get(metadata).unwrap_or_default();
            let (mut typed_event, mut typed_entity) = (false, false);
            if inside.starts_with(b"{") {
                members(inside, &mut |name, _| match name {
                    b"eventType" | b"event_type" => typed_event = true,
                    b"entityType" | b"entity_type" => typed_entity = true,
                    _ => {}
                })?;
            }
            if typed_entity || self.entity {
                return Ok(Shape::Entity);
            }
            if typed_event || self.event {
                return Ok(Shape::Event);
            }
        }
        if self.detection || self.elements.is_some() {
            return Ok(Shape::Detection(self.elements));
        }
        Ok(match (self.around, self.event || self.metadata.is_some()) {
            (Some((_, inner)), _) => Shape::Envelope { inner, time: self.time },
            (None, true) => Shape::Event,
            (None, false) => Shape::Other,
        })
    }
}

/// Is this text a whole JSON value with a record in it?
pub(super) fn holds_record(text: &[u8]) -> bool {
    match text.first() {
        Some(b'{') => match shape(text) {
            Ok((Shape::Envelope { inner, .. }, _)) => holds_record(text.get(inner).unwrap_or_default()),
            Ok((Shape::Event | Shape::Entity | Shape::Detection(_), _)) => true,
            Ok((Shape::Other, _)) | Err(_) => false,
        },
        Some(b'[') => {
            let first = text.get(1..).unwrap_or_default().trim_ascii_start();
            Cursor::new(text).skip().is_ok() && (first.first() == Some(&b']') || holds_record(first))
        }
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Shape {
        let (shape, end) = shape(text.as_bytes()).unwrap();
        assert_eq!(end, text.len());
        shape
    }

    #[test]
    fn a_kind_is_told_from_the_keys_in_any_order() {
        assert_eq!(of(r#"{"target":{},"metadata":{}}"#), Shape::Event);
        assert_eq!(of(r#"{"x":1,"metadata":{"event_type":10001}}"#), Shape::Event);
        assert_eq!(of(r#"{"entity":{},"metadata":{}}"#), Shape::Entity);
        assert_eq!(of(r#"{"relations":[],"metadata":{"entityType":"USER"}}"#), Shape::Entity);
        assert!(matches!(
            of(r#"{"id":"1","detection":[{}],"collectionElements":[]}"#),
            Shape::Detection(Some(_))
        ));
        assert_eq!(of(r#"{"entity":{"hostname":"a"}}"#), Shape::Envelope { inner: 10..26, time: None });
        assert_eq!(of(r#"{"EventID":1}"#), Shape::Other);
    }

    #[test]
    fn of_several_keys_around_records_the_first_of_the_list_counts() {
        let text = r#"{"references":[],"timestamp":"t","event":{"a":1}}"#;
        assert_eq!(of(text), Shape::Envelope { inner: 41..48, time: Some(29..32) });
    }
}
