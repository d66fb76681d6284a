//! Tests of the Windows room: our own small records, the mapping files against the schema, real captures.

mod captures;
mod events;
mod forms;
mod kinds;
mod records;
mod schema;

use std::path::PathBuf;

use super::{Mapper, RecordReader};

/// The folder with the schema and the captures, which are not part of the project.
fn shared(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("YARAL_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = Some(folder.join(part)).filter(|path| path.exists());
    if found.is_none() {
        eprintln!("passed over: no {part} in {} (see YARAL_SHARED)", folder.display());
    }
    found
}

fn map_with(mapper: &mut Mapper, json: &str) -> String {
    let mut reader = RecordReader::default();
    let mut out = Vec::new();
    mapper.map(&reader.read(json.as_bytes()).unwrap(), &mut out);
    String::from_utf8(out).unwrap()
}

fn map(json: &str) -> serde_json::Value {
    serde_json::from_str(&map_with(&mut Mapper::new(&|_| true), json)).unwrap()
}

/// A record with a short system part and the given values.
fn record(provider: &str, id: u32, data: &serde_json::Value) -> String {
    serde_json::json!({"Event": {
        "System": {"Provider": {"#attributes": {"Name": provider}}, "EventID": id, "Computer": "ws1"},
        "EventData": data,
    }})
    .to_string()
}
