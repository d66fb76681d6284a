//! A struct printed as the message it is: `{"fields": {"k": {"stringValue": "v"}}}`, and BigQuery's lists of pairs.

use serde_json::{Map, Value};

/// What each kind of wrapped value may be called.
const WRAPPERS: [(&str, Kind); 12] = [
    ("stringValue", Kind::Plain),
    ("string_value", Kind::Plain),
    ("numberValue", Kind::Plain),
    ("number_value", Kind::Plain),
    ("boolValue", Kind::Plain),
    ("bool_value", Kind::Plain),
    ("nullValue", Kind::Null),
    ("null_value", Kind::Null),
    ("structValue", Kind::Struct),
    ("struct_value", Kind::Struct),
    ("listValue", Kind::List),
    ("list_value", Kind::List),
];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Plain,
    Null,
    Struct,
    List,
}

/// A struct as a plain object. A real key `fields` that does not hold wrapped values stays what it is.
pub(super) fn plain(value: Value) -> Value {
    if !is_struct(&value) {
        return value;
    }
    let Value::Object(mut object) = value else { return value };
    match object.remove("fields").map(pairs) {
        Some(Ok(pairs)) => {
            Value::Object(pairs.into_iter().map(|(key, value)| (key, unwrap(value))).collect())
        }
        Some(Err(fields)) => fields,
        None => Value::Object(object),
    }
}

/// The pairs of an object, or of a list of objects with `key` and `value`; else the value itself.
pub(super) fn pairs(value: Value) -> Result<Vec<(String, Value)>, Value> {
    match value {
        Value::Object(object) => Ok(object.into_iter().collect()),
        Value::Array(items) if items.iter().all(is_pair) => Ok(items.into_iter().filter_map(pair).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(value),
    }
}

fn is_pair(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        object.get("key").is_some_and(Value::is_string)
            && object.keys().all(|key| key == "key" || key == "value")
    })
}

fn pair(value: Value) -> Option<(String, Value)> {
    let Value::Object(mut object) = value else { return None };
    let key = object.get("key")?.as_str()?.to_owned();
    Some((key, object.remove("value").unwrap_or(Value::Null)))
}

fn is_struct(value: &Value) -> bool {
    let Some(object) = value.as_object().filter(|object| object.len() == 1) else { return false };
    match object.get("fields") {
        Some(Value::Object(fields)) => fields.values().all(is_wrapped),
        Some(Value::Array(items)) => items.iter().all(|item| {
            is_pair(item) && item.get("value").is_none_or(|value| value.is_null() || is_wrapped(value))
        }),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => false,
    }
}

/// May a wrapped value be called so?
pub(in crate::ingest) fn is_wrapper(key: &[u8]) -> bool {
    WRAPPERS.iter().any(|(name, _)| name.as_bytes() == key)
}

fn kind(key: &str) -> Option<Kind> {
    WRAPPERS.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind)
}

fn is_wrapped(value: &Value) -> bool {
    value.as_object().is_some_and(|object| !object.is_empty() && object.keys().all(|key| kind(key).is_some()))
}

/// The value within. A table's row names every kind, and all but one are null.
fn unwrap(value: Value) -> Value {
    let Value::Object(object) = value else { return value };
    let given = object.into_iter().find(|(_, value)| !value.is_null());
    let Some((key, value)) = given else { return Value::Null };
    match kind(&key) {
        Some(Kind::Null) => Value::Null,
        Some(Kind::Struct) => plain(value),
        Some(Kind::List) => list(value),
        Some(Kind::Plain) | None => value,
    }
}

fn list(value: Value) -> Value {
    match value {
        Value::Object(mut object) => match object.remove("values") {
            Some(Value::Array(items)) => Value::Array(items.into_iter().map(unwrap).collect()),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))
            | None => rest(object),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => value,
    }
}

/// A list without values is empty; anything else was no list.
fn rest(object: Map<String, Value>) -> Value {
    if object.is_empty() { Value::Array(Vec::new()) } else { Value::Object(object) }
}
