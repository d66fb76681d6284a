//! Windows captures as people have them: what rules find in them, as they are and after `convert`, and that every field
//! of the events fits the schema.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "common/shared.rs"]
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use shared::{published, shared};

fn yaral() -> Command {
    Command::cargo_bin("yaral").unwrap()
}

fn lines(output: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn captures() -> Vec<PathBuf> {
    let Some(folder) = shared("data/windows") else { return Vec::new() };
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Rule and record ids.
type Hits = BTreeMap<String, BTreeSet<String>>;

/// Which events of a file the rules find.
fn hits(rules: &[PathBuf], lists: &Path, file: &Path) -> Hits {
    let mut command = yaral();
    command.args(["run", "--format", "ndjson", "--samples", "10000", "--lists"]).arg(lists);
    rules.iter().for_each(|rule| _ = command.arg("-r").arg(rule));
    let output = command.arg(file).output().unwrap();
    let mut hits = Hits::new();
    for detection in lines(&output.stdout) {
        let rule = detection["detection"][0]["ruleName"].as_str().unwrap().to_owned();
        let elements = detection["collectionElements"].as_array().unwrap();
        for reference in elements.iter().flat_map(|element| element["references"].as_array().unwrap()) {
            let metadata = &reference["event"]["metadata"];
            // The answers leave out what PowerShell logged of the clearing of logs.
            if rule != "windows_event_log_cleared" || metadata["eventType"] != "STATUS_UPDATE" {
                let id = metadata["productLogId"].as_str().unwrap_or_else(|| panic!("{reference}"));
                hits.entry(rule.clone()).or_default().insert(id.to_owned());
            }
        }
    }
    hits
}

struct Expected {
    rules: Vec<PathBuf>,
    lists: PathBuf,
    /// By file name.
    hits: BTreeMap<String, Hits>,
}

fn expected() -> Option<Expected> {
    let (answers, lists, published) = (shared("data/expected.json")?, shared("data/lists")?, published()?);
    let answers: Value = serde_json::from_slice(&fs::read(answers).unwrap()).unwrap();
    let mut expected = Expected { rules: Vec::new(), lists, hits: BTreeMap::new() };
    for (rule, answer) in answers.as_object().unwrap() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("rules/{rule}.yaral"));
        let theirs = published.join(answer["rule_file"].as_str().unwrap());
        expected.rules.push(if own.exists() { own } else { theirs });
        for file in answer["files"].as_array().unwrap() {
            let ids = file["record_ids"].as_array().unwrap().iter().map(Value::to_string);
            let hits = expected.hits.entry(file["file"].as_str().unwrap().to_owned()).or_default();
            hits.insert(rule.clone(), ids.collect());
        }
    }
    Some(expected)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[test]
fn thirteen_rules_find_exactly_what_is_there() {
    let Some(expected) = expected() else { return };
    for file in captures() {
        let wanted = expected.hits.get(&name(&file)).cloned().unwrap_or_default();
        assert_eq!(hits(&expected.rules, &expected.lists, &file), wanted, "{}", file.display());
    }
}

#[test]
fn thirteen_rules_find_the_same_after_convert() {
    let Some(expected) = expected() else { return };
    let folder = tempfile::tempdir().unwrap();
    for (at, file) in captures().iter().enumerate() {
        let wanted = expected.hits.get(&name(file)).cloned().unwrap_or_default();
        let ending = ["jsonl", "jsonl.gz"][at % 2];
        let converted = folder.path().join(format!("{at}.{ending}"));
        yaral().arg("convert").arg(file).arg("-o").arg(&converted).output().unwrap();
        assert_eq!(hits(&expected.rules, &expected.lists, &converted), wanted, "{}", file.display());
    }
}

#[test]
fn every_field_of_every_converted_event_fits_the_schema() {
    let Some(schema) = shared("udm_schema.json") else { return };
    let schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    for file in captures() {
        let output = yaral().arg("convert").arg(&file).output().unwrap();
        for event in lines(&output.stdout) {
            assert!(event["metadata"]["eventType"].is_string(), "{event}");
            if let Err(fault) = fits(&schema, "Event", &event) {
                panic!("{}: {fault} in {event}", file.display());
            }
        }
    }
}

/// Whether an object has only fields of a message, each of its type.
fn fits(schema: &Value, message: &str, object: &Value) -> Result<(), String> {
    let fields = schema["messages"][message]["fields"].as_object().unwrap();
    for (key, value) in object.as_object().ok_or_else(|| format!("{message} is {object}"))? {
        let field = fields.values().find(|field| field["json"] == key.as_str());
        let field = field.ok_or_else(|| format!("{message} has no field {key}"))?;
        let kind = field["type"].as_str().unwrap();
        if field["repeated"] == true {
            let items = value.as_array().filter(|items| !items.is_empty());
            let items = items.ok_or_else(|| format!("{key} is no list with anything in it"))?;
            items.iter().try_for_each(|item| fits_kind(schema, key, kind, item))?;
        } else {
            fits_kind(schema, key, kind, value)?;
        }
    }
    Ok(())
}

fn fits_kind(schema: &Value, key: &str, kind: &str, value: &Value) -> Result<(), String> {
    let text = value.as_str();
    let good = match kind {
        "string" | "bytes" => text.is_some_and(|text| !text.is_empty()),
        "int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "uint32" => value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
        "int64" => text.is_some_and(|text| text.parse::<i64>().is_ok()),
        "uint64" => text.is_some_and(|text| text.parse::<u64>().is_ok()),
        "bool" => value.is_boolean(),
        "float" | "double" => value.is_number(),
        "struct" => value.is_object(),
        "timestamp" => {
            text.is_some_and(|text| yaral::value::Timestamp::parse(text).is_some() && text.ends_with('Z'))
        }
        _ => match kind.split_once(':') {
            Some(("message", name)) => return fits(schema, name, value),
            Some(("enum", name)) => schema["enums"][name].as_array().unwrap().contains(value),
            _ => false,
        },
    };
    if good { Ok(()) } else { Err(format!("{key} is {value} and not {kind}")) }
}
