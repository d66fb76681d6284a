//! Reads the schema's data file, which is part of the program.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Enum, Field, FieldType, Message, Schema};
use crate::value::EnumId;

#[derive(Deserialize)]
struct File {
    messages: serde_json::Map<String, serde_json::Value>,
    enums: BTreeMap<String, Vec<String>>,
    enum_numbers: BTreeMap<String, BTreeMap<String, i64>>,
}

#[derive(Deserialize)]
struct FieldRow {
    r#type: String,
    repeated: bool,
    json: String,
    #[serde(default)]
    deprecated: bool,
}

pub(super) fn load() -> Schema {
    // A test reads this very file, so it cannot fail to parse in a released program.
    let file: File = serde_json::from_str(include_str!("udm_schema.json")).unwrap_or(File {
        messages: serde_json::Map::new(),
        enums: BTreeMap::new(),
        enum_numbers: BTreeMap::new(),
    });
    let mut schema = Schema::default();
    for (name, names) in file.enums {
        let id = EnumId(u16::try_from(schema.enums.len()).unwrap_or(u16::MAX));
        let numbers = file.enum_numbers.get(&name).cloned().unwrap_or_default();
        schema.enum_ids.insert(name, id);
        schema.enums.push(Enum { names, numbers });
    }
    for (name, row) in file.messages {
        let message = message(&schema, row);
        schema.messages.insert(name, message);
    }
    schema
}

fn message(schema: &Schema, row: serde_json::Value) -> Message {
    let mut message = Message::default();
    let serde_json::Value::Object(mut row) = row else { return message };
    let Some(serde_json::Value::Object(fields)) = row.remove("fields") else { return message };
    for (name, field) in fields {
        let Ok(field) = serde_json::from_value::<FieldRow>(field) else { continue };
        let index = message.fields.len();
        message.by_name.insert(name.clone(), index);
        message.by_key.insert(field.json.clone(), index);
        let kind = field_type(schema, &field.r#type);
        let wide = matches!(field.r#type.as_str(), "int64" | "uint64");
        let FieldRow { json, repeated, deprecated, .. } = field;
        message.fields.push(Field { name, json, kind, repeated, wide, deprecated });
    }
    for (name, index) in &message.by_name {
        message.by_key.entry(name.clone()).or_insert(*index);
    }
    message
}

fn field_type(schema: &Schema, word: &str) -> FieldType {
    match word.split_once(':') {
        Some(("enum", name)) => schema.enum_id(name).map_or(FieldType::Text, FieldType::Enum),
        Some(("message", name)) => FieldType::Message(name.to_owned()),
        Some((_, name)) => FieldType::Map(name.trim_end_matches('>').to_owned()),
        None => plain_type(word),
    }
}

fn plain_type(word: &str) -> FieldType {
    const TYPES: &[(&str, FieldType)] = &[
        ("bytes", FieldType::Bytes),
        ("int32", FieldType::Int),
        ("int64", FieldType::Int),
        ("uint32", FieldType::Uint),
        ("uint64", FieldType::Uint),
        ("float", FieldType::Single),
        ("double", FieldType::Float),
        ("bool", FieldType::Bool),
        ("timestamp", FieldType::Timestamp),
        ("duration", FieldType::Duration),
        ("struct", FieldType::Struct),
    ];
    TYPES.iter().find(|(name, _)| *name == word).map_or(FieldType::Text, |(_, kind)| kind.clone())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_whole() {
        let schema = super::load();
        assert_eq!(schema.messages.len(), 141);
        assert_eq!(schema.enums.len(), 76);
        let fields: usize = schema.messages.values().map(|message| message.fields.len()).sum();
        assert_eq!(fields, 1114);
    }
}
