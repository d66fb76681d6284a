//! One event in any accepted JSON, spelt as Google's API spells it.

pub mod scalar;
pub(super) mod wrapped;

use serde_json::{Map, Value};

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
    spell_message("Event", event)
}

/// The same for a record of another message of the schema, such as `Entity` or `Collection`.
pub fn spell_message(name: &str, value: Value) -> Value {
    match (value, schema().message(name)) {
        (Value::Object(object), Some(message)) => Value::Object(fields(message, object)),
        (value, _) => value,
    }
}

/// What a field was given.
struct Given {
    value: Value,
    spelling: Spelling,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Json,
    Proto,
}

fn fields(message: &Message, object: Map<String, Value>) -> Map<String, Value> {
    let mut known: Vec<Option<Given>> = message.fields.iter().map(|_| None).collect();
    let mut unknown = Map::new();
    for (key, value) in object {
        match message.position_of_key(&key) {
            Some(_) if value.is_null() => {}
            Some(index) => keep(&mut known, message, index, &key, value),
            None => {
                unknown.insert(key, value);
            }
        }
    }
    let pairs = message.fields.iter().zip(known);
    let spelt =
        pairs.filter_map(|(field, given)| Some((field.json.clone(), whole_field(field, given?.value))));
    spelt.chain(unknown).collect()
}

/// Of two spellings of one field, lowerCamelCase wins.
fn keep(known: &mut [Option<Given>], message: &Message, index: usize, key: &str, value: Value) {
    let is_json = message.fields.get(index).is_some_and(|field| field.json == key);
    let spelling = if is_json { Spelling::Json } else { Spelling::Proto };
    let Some(place) = known.get_mut(index) else { return };
    if spelling == Spelling::Json || place.as_ref().is_none_or(|given| given.spelling == Spelling::Proto) {
        *place = Some(Given { value, spelling });
    }
}

fn whole_field(field: &Field, value: Value) -> Value {
    if !field.repeated {
        return one(field, value);
    }
    let items = match value {
        Value::Array(items) => items,
        Value::Object(object) => labels(field, object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![value],
    };
    Value::Array(items.into_iter().filter(|item| !item.is_null()).map(|item| one(field, item)).collect())
}

/// An object where a list belongs: the pairs of a list of labels, else a list of one.
fn labels(field: &Field, object: Map<String, Value>) -> Vec<Value> {
    let message = message_of(field);
    let known = |message: &Message| object.keys().all(|key| message.position_of_key(key).is_some());
    match message {
        Some(message) if message.is_label() && !(known(message) && object.contains_key("key")) => {
            object.into_iter().flat_map(label).collect()
        }
        _ => vec![Value::Object(object)],
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
fn label((key, value): (String, Value)) -> Vec<Value> {
    let values = match value {
        Value::Array(values) => values,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    };
    let pair = |value| [("key".to_owned(), Value::String(key.clone())), ("value".to_owned(), value)];
    let present = values.into_iter().filter(|value| !value.is_null());
    present.map(|value| Value::Object(pair(value).into_iter().collect())).collect()
}

fn one(field: &Field, value: Value) -> Value {
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
fn map(name: &str, value: Value) -> Value {
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    match wrapped::pairs(value) {
        Ok(pairs) => {
            Value::Object(pairs.into_iter().map(|(key, value)| (key, spell_message(name, value))).collect())
        }
        Err(value) => value,
    }
}

#[cfg(test)]
mod tests;
