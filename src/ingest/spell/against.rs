//! Spelling as it is done, held against a plain way of doing the same: over values that are maps, a field after another.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Map, Value};

use super::*;

fn plain(message: Option<&'static Message>, value: Value) -> Value {
    let (Some(message), Value::Object(mut object)) = (message, value.clone()) else { return value };
    let mut spelt = Map::new();
    for field in &message.fields {
        let given = [&field.json, &field.name].map(|key| object.shift_remove(key));
        if let Some(value) = given.into_iter().flatten().find(|value| !value.is_null()) {
            spelt.insert(field.json.clone(), plain_field(field, value));
        }
    }
    spelt.extend(object);
    Value::Object(spelt)
}

fn plain_field(field: &'static Field, value: Value) -> Value {
    let items = match value {
        value if !field.repeated => return plain_one(field, value),
        Value::Array(items) => items,
        Value::Object(object) if is_pairs(field, &object) => {
            object.into_iter().flat_map(plain_label).collect()
        }
        value => vec![value],
    };
    items.into_iter().filter(|item| !item.is_null()).map(|item| plain_one(field, item)).collect()
}

fn is_pairs(field: &Field, object: &Map<String, Value>) -> bool {
    message_of(field).is_some_and(|message| {
        let known = object.keys().all(|key| message.field_by_key(key).is_some());
        message.is_label() && !(known && object.contains_key("key"))
    })
}

fn plain_label((key, value): (String, Value)) -> Vec<Value> {
    let values = if let Value::Array(values) = value { values } else { vec![value] };
    let present = values.into_iter().filter(|value| !value.is_null());
    present.map(|value| serde_json::json!({"key": key, "value": value})).collect()
}

fn plain_one(field: &'static Field, value: Value) -> Value {
    match message_of(field) {
        Some(message) => plain(Some(message), value),
        None => Value::from(&one(field, Tree::from(value))),
    }
}

/// Keys of fields in both spellings, of structs and their wrappings, and of nothing.
const KEYS: &[&str] = &[
    "metadata",
    "eventType",
    "event_type",
    "event_timestamp",
    "eventTimestamp",
    "id",
    "ingestion_labels",
    "network",
    "ingestionLabels",
    "principal",
    "ip",
    "port",
    "hostname",
    "labels",
    "user",
    "attribute",
    "sentBytes",
    "sent_bytes",
    "about",
    "security_result",
    "securityResult",
    "action",
    "risk_score",
    "riskScore",
    "additional",
    "fields",
    "key",
    "value",
    "values",
    "stringValue",
    "list_value",
    "structValue",
    "seconds",
    "nanos",
    "zeta",
    "a\\u0062",
    "",
];

const LEAVES: &[&str] = &[
    "null",
    "true",
    "0",
    "-0.0",
    "443",
    "65.0",
    "1e3",
    "18446744073709551615",
    "-9223372036854775808",
    "0.1",
    "10001",
    r#""""#,
    r#""7""#,
    r#""+7""#,
    r#""007""#,
    r#""true""#,
    r#""2024-05-01T10:00:00.500Z""#,
    r#""2024-05-01T12:00:00.500+02:00""#,
    r#""2024-05-01T10:00:00.500000Z""#,
    r#""2024-06-30T23:59:60Z""#,
    r#""PROCESS_LAUNCH""#,
    r#""a\nb""#,
    r#""1.50""#,
    "\"\u{e9}\"",
    "1714557600",
    r#""1714557600500""#,
    r#""340282366920938463463374607431768211456""#,
];

/// The text of an object or another value, in which a key may come more than once.
fn texts() -> impl Strategy<Value = String> {
    let leaf = select(LEAVES).prop_map(str::to_owned);
    let tree = leaf.prop_recursive(6, 64, 6, |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        prop_oneof![1 => list, 4 => object(inner)]
    });
    object(tree)
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let member = (select(KEYS), value).prop_map(|(key, value)| format!("\"{key}\": {value}"));
    vec(member, 0..8).prop_map(|members| format!("{{{}}}", members.join(", ")))
}

proptest::proptest! {
    #[test]
    fn an_event_is_spelt_as_the_plain_way_spells_it(text in texts()) {
        let spelt = spell_message("Event", Tree::read(&text).unwrap());
        let plain = plain(schema().message("Event"), serde_json::from_str(&text).unwrap());
        proptest::prop_assert_eq!(serde_json::to_string(&spelt).unwrap(), plain.to_string());
    }

    #[test]
    fn a_time_that_is_as_it_should_be_stays(nanos in any::<i64>(), scale in prop_oneof![Just(1), Just(1_000), Just(1_000_000_000)]) {
        let time = crate::value::Timestamp(nanos / scale * scale).to_rfc3339();
        proptest::prop_assert_eq!(scalar::timestamp(Tree::owned(time.clone())), Tree::owned(time));
    }
}
