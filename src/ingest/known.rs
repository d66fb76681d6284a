//! What is known of an event without its record: its time and the fields that rules kept of it.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::schema::Step;
use crate::value::{Timestamp, Value};

/// The most rows of an event that are kept to be shown.
pub const MOST_ROWS: usize = 100;

/// A field with its value.
pub type Field = (Arc<[Step]>, Value<'static>);

/// The time of an event and the fields that were kept of it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Row by row: the fields of a row that lie in one list are those of one element.
    pub rows: Vec<Vec<Field>>,
}

impl Known {
    /// The event in the words of the schema.
    pub(super) fn event(&self) -> Json {
        let mut event = Map::new();
        if let Some(at) = self.at {
            event.insert("metadata".to_owned(), json!({"event_timestamp": at.to_rfc3339()}));
        }
        for row in &self.rows {
            let mut fields = Map::new();
            for (path, value) in row {
                if let Some(value) = shown(value) {
                    put(&mut fields, path, value);
                }
            }
            merge(&mut event, fields);
        }
        Json::Object(event)
    }
}

/// A zero value may as well be an absent field.
fn shown(value: &Value<'_>) -> Option<Json> {
    match value {
        Value::Text(text) => (!text.is_empty()).then(|| Json::from(&**text)),
        Value::Int(number) => (*number != 0).then(|| Json::from(*number)),
        Value::Uint(number) => (*number != 0).then(|| Json::from(*number)),
        Value::Float(number) => (*number != 0.0).then(|| Json::from(*number)),
        Value::Bool(truth) => truth.then_some(Json::Bool(true)),
        Value::Time(time) => (*time != Timestamp::default()).then(|| time.to_rfc3339().into()),
        Value::Bytes(_) | Value::List(_) => None,
    }
}

/// Puts a value of a row where its path leads; of each list the row has one element.
fn put(into: &mut Map<String, Json>, path: &[Step], value: Json) {
    let Some((step, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        let value = if step.repeated { json!([value]) } else { value };
        into.entry(step.name.clone()).or_insert(value);
        return;
    }
    let empty = if step.repeated { json!([{}]) } else { json!({}) };
    let inside = into.entry(step.name.clone()).or_insert(empty);
    let inside = if step.repeated { inside.get_mut(0) } else { Some(inside) };
    if let Some(inside) = inside.and_then(Json::as_object_mut) {
        put(inside, rest, value);
    }
}

/// Adds what another row has: further elements to lists, and fields that are not there yet.
fn merge(into: &mut Map<String, Json>, from: Map<String, Json>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (None, value) => {
                into.insert(name, value);
            }
            (Some(Json::Object(known)), Json::Object(more)) => merge(known, more),
            (Some(Json::Array(known)), Json::Array(more)) => {
                more.into_iter().for_each(|one| {
                    if !known.contains(&one) {
                        known.push(one);
                    }
                });
            }
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(path: &[(&str, bool)], value: &str) -> Field {
        let step = |(name, repeated): &(&str, bool)| {
            let name = (*name).to_owned();
            Step { json: name.clone(), name, repeated: *repeated, access: None }
        };
        (path.iter().map(step).collect(), Value::owned(value))
    }

    #[test]
    fn fields_of_a_row_are_of_one_element_and_elements_come_once() {
        let [name, path] = ["name", "path"].map(|leaf| [("about", true), (leaf, false)]);
        let row = |value: &str| vec![field(&name, value), field(&path, &value.to_uppercase())];
        let known = Known { at: Some(Timestamp(0)), rows: vec![row("a"), row("b"), row("a"), row("")] };
        let expected = json!({
            "metadata": {"event_timestamp": "1970-01-01T00:00:00Z"},
            "about": [{"name": "a", "path": "A"}, {"name": "b", "path": "B"}]
        });
        assert_eq!(known.event(), expected);
    }
}
