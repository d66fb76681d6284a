//! A struct printed as the message it is: `{"fields": {"k": {"stringValue": "v"}}}`, and BigQuery's lists of pairs.

use crate::ingest::tree::{Member, Object, Tree};

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
pub(super) fn plain(value: Tree<'_>) -> Tree<'_> {
    if !is_struct(&value) {
        return value;
    }
    let Tree::Object(object) = value else { return value };
    // It has no other member than `fields`.
    match object.into_iter().next().map(|(_, fields)| pairs(fields)) {
        Some(Ok(pairs)) => Tree::Object(pairs.into_iter().map(|(key, value)| (key, unwrap(value))).collect()),
        Some(Err(fields)) => fields,
        None => Tree::Object(Object::default()),
    }
}

/// The pairs of an object, or of a list of objects with `key` and `value`; else the value itself.
pub(super) fn pairs(value: Tree<'_>) -> Result<Vec<Member<'_>>, Tree<'_>> {
    match value {
        Tree::Object(object) => Ok(object.into_iter().collect()),
        Tree::List(items) if items.iter().all(is_pair) => Ok(items.into_iter().filter_map(pair).collect()),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::List(_) => Err(value),
    }
}

fn is_pair(value: &Tree<'_>) -> bool {
    value.as_object().is_some_and(|object| {
        object.get("key").is_some_and(|key| key.as_str().is_some())
            && object.keys().all(|key| key == "key" || key == "value")
    })
}

fn pair(value: Tree<'_>) -> Option<Member<'_>> {
    let Tree::Object(object) = value else { return None };
    let (mut name, mut value) = (None, Tree::Null);
    for member in object {
        match member {
            (word, Tree::Text(text)) if word == "key" => name = Some(text),
            (_, other) => value = other,
        }
    }
    Some((name?, value))
}

fn is_struct(value: &Tree<'_>) -> bool {
    let Some(object) = value.as_object().filter(|object| object.len() == 1) else { return false };
    match object.get("fields") {
        Some(Tree::Object(fields)) => fields.values().all(is_wrapped),
        Some(Tree::List(items)) => items.iter().all(|item| {
            is_pair(item) && item.get("value").is_none_or(|value| value.is_null() || is_wrapped(value))
        }),
        Some(Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_)) | None => false,
    }
}

/// May a wrapped value be called so?
pub(in crate::ingest) fn is_wrapper(key: &[u8]) -> bool {
    WRAPPERS.iter().any(|(name, _)| name.as_bytes() == key)
}

fn kind(key: &str) -> Option<Kind> {
    WRAPPERS.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind)
}

fn is_wrapped(value: &Tree<'_>) -> bool {
    value.as_object().is_some_and(|object| !object.is_empty() && object.keys().all(|key| kind(key).is_some()))
}

/// The value within. A table's row names every kind, and all but one are null.
fn unwrap(value: Tree<'_>) -> Tree<'_> {
    let Tree::Object(object) = value else { return value };
    let given = object.into_iter().find(|(_, value)| !value.is_null());
    let Some((key, value)) = given else { return Tree::Null };
    match kind(&key) {
        Some(Kind::Null) => Tree::Null,
        Some(Kind::Struct) => plain(value),
        Some(Kind::List) => list(value),
        Some(Kind::Plain) | None => value,
    }
}

/// A list without values is empty; anything else was no list.
fn list(value: Tree<'_>) -> Tree<'_> {
    let Tree::Object(mut object) = value else { return value };
    if let Some(Tree::List(items)) = object.get_mut("values") {
        return Tree::List(std::mem::take(items).into_iter().map(unwrap).collect());
    }
    let nothing = object.keys().all(|key| key == "values") && object.values().all(Tree::is_null);
    if nothing { Tree::List(Vec::new()) } else { Tree::Object(object) }
}
