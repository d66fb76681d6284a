//! Rules over events whose detections were worked out by hand: the folders of `tests/run`. What is found is printed where
//! it differs, and never written: a new answer is worked out anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]
#![cfg(feature = "cli")]

#[path = "oracle/cases.rs"]
mod cases;

use std::process::Output;

use assert_cmd::Command;
use cases::Case;
use serde_json::{Map, Value as Json, json};

fn run(case: &Case) -> Output {
    let mut command = Command::cargo_bin("yaral").unwrap();
    command.current_dir(&case.folder).args(["run", "rule.yaral", "events.jsonl"]);
    if case.folder.join("entities.jsonl").exists() {
        command.arg("entities.jsonl");
    }
    command.args(["--format", "ndjson", "--samples", "100000"]).args(&case.args).output().unwrap()
}

/// A detection as printed, in the short form of the cases.
fn short(printed: &Json) -> Json {
    let mut short = Map::new();
    let variables = printed["detection"][0]["variables"].as_object().unwrap();
    let of = |kind: &str| -> Map<String, Json> {
        let own = variables.iter().filter(|(_, variable)| variable["type"] == kind);
        own.map(|(name, variable)| (name.clone(), typed(variable))).collect()
    };
    if !of("MATCH").is_empty() {
        short.insert("match".to_owned(), Json::Object(of("MATCH")));
    }
    if let Some(window) = printed.get("timeWindow") {
        short.insert("window".to_owned(), json!([window["startTime"], window["endTime"]]));
    }
    short.insert("outcomes".to_owned(), Json::Object(of("OUTCOME")));
    let elements = printed["collectionElements"].as_array().unwrap().iter();
    let events = elements.filter_map(|one| Some((one["label"].as_str()?.to_owned(), records(one)?)));
    short.insert("events".to_owned(), Json::Object(events.collect()));
    Json::Object(short)
}

/// The lines of the events of a variable; nothing for entities.
fn records(element: &Json) -> Option<Json> {
    let references = element["references"].as_array().unwrap();
    let events = references.iter().filter(|one| one["source"]["path"] == "events.jsonl");
    let mut lines: Vec<u64> = events.map(|one| one["source"]["line"].as_u64().unwrap()).collect();
    lines.sort_unstable();
    (!lines.is_empty()).then(|| json!(lines))
}

/// The value of a variable: whole numbers as such, doubles with a point.
fn typed(variable: &Json) -> Json {
    let (kind, value) = variable
        .as_object()
        .unwrap()
        .iter()
        .find(|(key, _)| !["type", "value"].contains(&key.as_str()))
        .unwrap();
    let whole = |value: &Json| -> Json { value.as_str().unwrap().parse::<i128>().map(number).unwrap() };
    let list = |key: &str, each: &dyn Fn(&Json) -> Json| -> Json {
        value[key].as_array().unwrap().iter().map(each).collect()
    };
    match kind.as_str() {
        "int64Val" | "uint64Val" => whole(value),
        "doubleVal" => json!(value.as_f64().unwrap()),
        "int64Seq" => list("int64Vals", &whole),
        "uint64Seq" => list("uint64Vals", &whole),
        "doubleSeq" => list("doubleVals", &|value| json!(value.as_f64().unwrap())),
        "stringSeq" => list("stringVals", &Json::clone),
        "boolSeq" => list("boolVals", &Json::clone),
        _ => value.clone(),
    }
}

fn number(number: i128) -> Json {
    i64::try_from(number).map_or_else(|_| json!(u64::try_from(number).unwrap()), |number| json!(number))
}

/// What is wrong with the answer to a case.
fn fault(case: &Case) -> Option<String> {
    let output = run(case);
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<Json> = text.lines().map(|line| short(&serde_json::from_str(line).unwrap())).collect();
    if found == case.expected && output.status.code() == Some(case.exit) {
        return None;
    }
    let lines = |all: &[Json]| all.iter().map(|one| format!("    {one}\n")).collect::<String>();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap_or(-1);
    let (expected, found) = (lines(&case.expected), lines(&found));
    Some(format!(
        "{}: exit code {code}, expected {}\n  expected:\n{expected}  found:\n{found}{errors}",
        case.name, case.exit
    ))
}

#[test]
fn each_rule_finds_what_was_worked_out_by_hand() {
    let mut faults = String::new();
    let cases = cases::all();
    for case in &cases {
        match (fault(case), &case.pending) {
            (None, None) => {}
            (None, Some(_)) => println!("{} passes now: its `pending` can go", case.name),
            (Some(_), Some(what)) => println!("{} is pending: {what}", case.name),
            (Some(fault), None) => faults += &fault,
        }
    }
    let pending = cases.iter().filter(|case| case.pending.is_some()).count();
    println!("{} cases, {pending} of them pending", cases.len());
    assert!(faults.is_empty(), "{faults}");
}
