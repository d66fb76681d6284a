//! Detections and worlds in the short form of the cases worked out by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json, json};
use yaral::syntax::ast;
use yaral::value::Timestamp;

use crate::cases;
use crate::rows::{Found, Rows};
use crate::small::Small;
use crate::value::V;
use crate::windows::{Detection, column};
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

/// What a small search runs over.
pub fn small_world(case: &Small) -> World {
    let lines = |text: &str| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut world = World { events: lines(&case.events), ..World::default() };
    for (path, text) in &case.files {
        let name = Path::new(path).file_stem().unwrap().to_string_lossy().into_owned();
        match path.split('/').next() {
            Some("reference_lists") => drop(world.lists.insert(name, text.clone())),
            Some("data_tables") => drop(world.tables.insert(name, text.clone())),
            _ => panic!("{}: `{path}` is nothing the oracle reads", case.name),
        }
    }
    world
}

/// Rows as they are printed; those that are events by their place.
pub fn rows(search: &ast::Search, rows: &Rows) -> Vec<Json> {
    let clause = search.root.match_.as_ref().and_then(|section| section.items.first());
    let keys: Vec<&ast::Expr> = clause.iter().flat_map(|clause| &clause.keys).collect();
    let names = |section: &Option<ast::Section<ast::Expr>>| -> Vec<String> {
        section.iter().flat_map(|section| &section.items).map(|item| column(&keys, item)).collect()
    };
    let (only, but) = (names(&search.root.select), names(&search.root.unselect));
    rows.rows.iter().map(|row| printed(rows, row, (&only, &but))).collect()
}

fn printed(rows: &Rows, row: &Found, (only, but): (&[String], &[String])) -> Json {
    if let Some(event) = row.event {
        return json!(event);
    }
    let cells = rows.columns.iter().map(|column| column.name.clone()).zip(row.cells.iter().map(exact));
    let mut all: Vec<(String, Json)> = cells.collect();
    if let Some((start, end)) = row.window {
        all.push(("window_start".to_owned(), json!(Timestamp(start).to_rfc3339())));
        all.push(("window_end".to_owned(), json!(Timestamp(end).to_rfc3339())));
    }
    all.retain(|(name, _)| (only.is_empty() || only.contains(name)) && !but.contains(name));
    Json::Object(all.into_iter().collect())
}

/// The same but for the last digits of doubles, which a reader of JSON may lose.
pub fn alike(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(a), Json::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| alike(a, b)))
        }
        _ => left == right,
    }
}

/// Numbers that not every reader keeps are written as text.
fn exact(value: &V) -> Json {
    match value {
        V::Int(number) if number.abs() > 1 << 53 => json!(number.to_string()),
        V::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => json!(*number as i64),
        V::List(items) => items.iter().map(exact).collect(),
        V::Text(_) | V::Int(_) | V::Float(_) | V::Bool(_) | V::Time(_) => value_of(value),
    }
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
