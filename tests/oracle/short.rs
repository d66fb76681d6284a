//! Detections and worlds in the short form of the cases worked out by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json, json};
use yaral::value::Timestamp;

use crate::cases;
use crate::value::V;
use crate::windows::Detection;
use crate::world::World;

/// The files of a case.
pub fn world(folder: &Path) -> World {
    World {
        events: cases::lines(&folder.join("events.jsonl")),
        entities: cases::lines(&folder.join("entities.jsonl")),
        lists: files(&folder.join("reference_lists")),
        tables: files(&folder.join("data_tables")),
        ..World::default()
    }
}

/// The texts of a folder by their names without ending.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    entries.map(|path| (stem(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// Detections as lines, in an order that is no matter of theirs.
pub fn lines(all: impl Iterator<Item = Json>) -> Vec<String> {
    let mut lines: Vec<String> = all.map(|one| format!("    {}\n", sorted(&one))).collect();
    lines.sort();
    lines
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let members: BTreeMap<String, Json> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            Json::Object(members.into_iter().collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => json.clone(),
    }
}

pub fn detection(one: &Detection) -> Json {
    let values = |all: &[(String, V)]| -> Json {
        Json::Object(all.iter().map(|(name, value)| (name.clone(), value_of(value))).collect())
    };
    let mut short = Map::new();
    if !one.matches.is_empty() {
        short.insert("match".to_owned(), values(&one.matches));
    }
    if let Some((start, end)) = one.window {
        short
            .insert("window".to_owned(), json!([Timestamp(start).to_rfc3339(), Timestamp(end).to_rfc3339()]));
    }
    short.insert("outcomes".to_owned(), values(&one.outcomes));
    let present = one.events.iter().filter(|(_, records)| !records.is_empty());
    let lines = present.map(|(name, records)| {
        (name.clone(), records.iter().map(|record| json!(record + 1)).collect::<Json>())
    });
    short.insert("events".to_owned(), Json::Object(lines.collect()));
    Json::Object(short)
}

fn value_of(value: &V) -> Json {
    match value {
        V::Text(text) => json!(text),
        V::Int(number) => match i64::try_from(*number) {
            Ok(number) => json!(number),
            Err(_) => json!(u64::try_from(*number).unwrap()),
        },
        V::Float(number) => json!(number),
        V::Bool(truth) => json!(truth),
        V::Time(nanos) => json!(Timestamp(*nanos).to_rfc3339()),
        V::List(items) => items.iter().map(value_of).collect(),
    }
}
