//! Every row of the data files against the schema.

use serde_json::Value;

use super::shared;
use crate::ingest::windows::rows::{Raw, Row, Then, rows};
use crate::ingest::windows::transform::Writes;

#[test]
fn every_line_of_the_mapping_files_is_a_row() {
    let unread: Vec<&str> = rows().filter_map(Result::err).collect();
    assert!(unread.is_empty(), "{unread:#?}");
}

#[test]
fn every_row_fits_the_schema() {
    let Some(path) = shared("udm_schema.json") else { return };
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let wrong: Vec<String> = rows().flatten().filter_map(|row| fault(&schema, &row)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong with a row, if anything.
fn fault(schema: &Value, row: &Row) -> Option<String> {
    let told = |what: &str| Some(format!("{what}: {:?} {:?}", row.ids, row.path));
    let names: Vec<&str> = row.path.iter().map(|step| step.name).collect();
    if matches!(names[..], ["additional" | "extracted", "fields"]) {
        return None;
    }
    let mut kind = "message:Event";
    for (at, step) in row.path.iter().enumerate() {
        let message = kind.strip_prefix("message:").unwrap_or("none");
        let field = &schema["messages"][message]["fields"][step.name];
        let Some(found) = field["type"].as_str() else { return told("no such field") };
        let repeated = field["repeated"] == true;
        if repeated == (step.then == Then::Plain) {
            return told("repetition");
        }
        if matches!(step.then, Then::Key(_)) && (found != "message:Label" || at + 1 != row.path.len()) {
            return told("no labels");
        }
        kind = found;
    }
    if kind == "message:Label" { None } else { type_fault(schema, row, kind).and_then(told) }
}

fn type_fault(schema: &Value, row: &Row, kind: &str) -> Option<&'static str> {
    let number = row.transform.writes == Writes::Number;
    match kind {
        "int32" | "uint32" => (!number).then_some("wants a number"),
        "int64" | "uint64" => {
            let whole = matches!(row.transform.name, "integer" | "choose");
            (!whole).then_some("wants an integer as text")
        }
        "timestamp" => (row.transform.name != "time").then_some("wants a time"),
        "string" => number.then_some("wants text"),
        _ => enum_fault(schema, row, kind.strip_prefix("enum:")?),
    }
}

fn enum_fault(schema: &Value, row: &Row, name: &str) -> Option<&'static str> {
    let members = schema["enums"][name].as_array()?;
    let samples: Vec<&str> = match (row.raw, row.transform.name) {
        (Raw::Constant(constant), _) => vec![constant],
        (_, "severity") => vec!["1", "2", "3", "4", "5"],
        (_, "mechanism") => vec!["2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"],
        (_, "protocol") => vec!["1", "2", "6", "17", "47", "50", "58", "132", "tcp", "udp", "icmp", "icmp6"],
        (_, "choose") => row.argument.split(',').filter_map(|one| one.split('=').next()).collect(),
        _ => return Some("wants an enum"),
    };
    let is_member = |sample: &&str| {
        let mut values = super::super::transform::Values::default();
        (row.transform.body)(sample, row.argument, &mut values);
        values.first().is_some_and(|made| members.iter().any(|member| member == made))
    };
    (!samples.iter().all(is_member)).then_some("no such member")
}
