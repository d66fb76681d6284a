//! One event in any accepted JSON, spelt as Google's API spells it.

pub mod scalar;
pub(super) mod wrapped;

use std::borrow::Cow;

use serde_json::Value;

use super::tree::{Member, Object, Tree};
use crate::schema::{Field, FieldType, Message, schema};

/// A UDM event in the spelling of Google's API: lowerCamelCase, names of enums, RFC 3339, 64-bit integers as strings,
/// structs as plain objects, repeated fields as lists; known fields in schema order, unknown ones after them as they
/// came. What fits no spelling of its field stays as it is. It recurses as deep as the event does, which readers limit
/// to 128 levels.
///
/// ```
/// # use serde_json::json;
/// let event = json!({"principal": {"ip": "10.0.0.1"}, "metadata": {"event_type": 10001}});
/// let spelt = json!({"metadata": {"eventType": "PROCESS_LAUNCH"}, "principal": {"ip": ["10.0.0.1"]}});
/// assert_eq!(yaral::ingest::spell::spell(event), spelt);
/// ```
pub fn spell(event: Value) -> Value {
    Value::from(&spell_message("Event", Tree::from(event)))
}

/// The same for a record of another message of the schema, such as `Entity` or `Collection`.
pub fn spell_message<'t>(name: &str, tree: Tree<'t>) -> Tree<'t> {
    match (tree, schema().message(name)) {
        (Tree::Object(object), Some(message)) => Tree::Object(fields(message, object)),
        (tree, _) => tree,
    }
}

/// Where a member stands: fields in schema order, what is no field after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Field(usize, Spelling),
    Unknown,
}

/// Of two spellings of one field the first of these wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spelling {
    Json,
    Proto,
}

impl Place {
    fn of(message: &Message, key: &str) -> Place {
        let Some(index) = message.position_of_key(key) else { return Place::Unknown };
        let is_json = message.fields.get(index).is_some_and(|field| field.json == key);
        Place::Field(index, if is_json { Spelling::Json } else { Spelling::Proto })
    }

    fn field(self) -> Option<usize> {
        match self {
            Place::Field(index, _) => Some(index),
            Place::Unknown => None,
        }
    }
}

fn fields<'t>(message: &'static Message, object: Object<'t>) -> Object<'t> {
    let given = object.into_iter().map(|(key, value)| (Place::of(message, &key), key, value));
    // `null` is absence, of a field that is known.
    let mut placed: Vec<(Place, Cow<'t, str>, Tree<'t>)> =
        given.filter(|(place, _, value)| *place == Place::Unknown || !value.is_null()).collect();
    placed.sort_by_key(|(place, ..)| *place);
    placed.dedup_by(|(later, ..), (place, ..)| later.field().is_some() && later.field() == place.field());
    let spelt = placed.into_iter().map(|(place, key, value)| member(message, place, (key, value)));
    Object::of_distinct(spelt.collect())
}

fn member<'t>(message: &'static Message, place: Place, (key, value): Member<'t>) -> Member<'t> {
    match place.field().and_then(|index| message.fields.get(index)) {
        Some(field) => (Cow::Borrowed(&field.json), whole_field(field, value)),
        None => (key, value),
    }
}

fn whole_field<'t>(field: &'static Field, value: Tree<'t>) -> Tree<'t> {
    if !field.repeated {
        return one(field, value);
    }
    let items = match value {
        Tree::List(items) => items,
        Tree::Object(object) => labels(field, object),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) => vec![value],
    };
    Tree::List(items.into_iter().filter(|item| !item.is_null()).map(|item| one(field, item)).collect())
}

/// An object where a list belongs: the pairs of a list of labels, else a list of one.
fn labels<'t>(field: &Field, object: Object<'t>) -> Vec<Tree<'t>> {
    let message = message_of(field);
    let known = |message: &Message| object.keys().all(|key| message.position_of_key(key).is_some());
    match message {
        Some(message) if message.is_label() && !(known(message) && object.get("key").is_some()) => {
            object.into_iter().flat_map(label).collect()
        }
        _ => vec![Tree::Object(object)],
    }
}

fn message_of(field: &Field) -> Option<&'static Message> {
    match &field.kind {
        FieldType::Message(name) => schema().message(name),
        FieldType::Text
        | FieldType::Bytes
        | FieldType::Int
        | FieldType::Uint
        | FieldType::Single
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Enum(_)
        | FieldType::Timestamp
        | FieldType::Duration
        | FieldType::Struct
        | FieldType::Map(_) => None,
    }
}

/// The labels of one pair: several where its value is a list.
fn label<'t>((key, value): Member<'t>) -> Vec<Tree<'t>> {
    let values = match value {
        Tree::List(values) => values,
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::Object(_) => vec![value],
    };
    let pair = |value| [("key".into(), Tree::Text(key.clone())), ("value".into(), value)];
    let present = values.into_iter().filter(|value| !value.is_null());
    present.map(|value| Tree::Object(pair(value).into_iter().collect())).collect()
}

fn one<'t>(field: &'static Field, value: Tree<'t>) -> Tree<'t> {
    match &field.kind {
        FieldType::Text => scalar::text(value),
        FieldType::Bytes => value,
        FieldType::Int | FieldType::Uint if field.wide => scalar::wide(value),
        FieldType::Int | FieldType::Uint => scalar::narrow(value),
        FieldType::Single | FieldType::Float => scalar::float(value),
        FieldType::Bool => scalar::boolean(value),
        FieldType::Enum(id) => scalar::name(*id, value),
        FieldType::Timestamp => scalar::timestamp(value),
        FieldType::Duration => scalar::duration(value),
        FieldType::Struct => wrapped::plain(value),
        FieldType::Message(name) => spell_message(name, value),
        FieldType::Map(name) => map(name, value),
    }
}

/// A map, whose values are messages; a list of keys and values is another form of it.
fn map<'t>(name: &str, value: Tree<'t>) -> Tree<'t> {
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    match wrapped::pairs(value) {
        Ok(pairs) => {
            Tree::Object(pairs.into_iter().map(|(key, value)| (key, spell_message(name, value))).collect())
        }
        Err(value) => value,
    }
}

#[cfg(test)]
mod against;
#[cfg(test)]
mod tests;
