//! Rules over detections: `run` takes what it printed as input, with the events of `tests/composite` and rules that make
//! detections of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value as Json, json};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/composite").join(name)
}

fn run(rules: &[&str], events: &[&Path]) -> String {
    let mut command = Command::cargo_bin("yaral").unwrap();
    command.args(["run", "--format", "ndjson"]);
    for rules in rules {
        command.arg("-r").arg(file(rules));
    }
    let found = command.args(events).output().unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    String::from_utf8(found.stdout).unwrap()
}

/// The detections of `tests/composite/producers.yaral`, in a file.
fn detections(folder: &Path) -> PathBuf {
    let path = folder.join("detections.ndjson");
    std::fs::write(&path, run(&["producers.yaral"], &[&file("events.jsonl")])).unwrap();
    path
}

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The variables of a detection, as text.
fn variables(detection: &Json) -> Json {
    let all = detection["detection"][0]["variables"].as_object().unwrap();
    all.iter().map(|(name, variable)| (name.clone(), variable["value"].clone())).collect()
}

#[test]
fn a_rule_joins_two_detections_by_labels_outcomes_and_match_variables() {
    let folder = tempfile::tempdir().unwrap();
    let found = lines(&run(&["two_detections.yaral"], &[&detections(folder.path())]));
    let expected = json!({
        "host": "ws1", "rules": "whoami", "risk_score": "45", "ips": "10.0.0.1, 10.0.0.2", "first_ip": "10.0.0.1",
        "severity": "HIGH", "tries": "2", "commands": "whoami", "started": "1714557600"
    });
    assert_eq!(found.iter().map(variables).collect::<Vec<_>>(), [expected]);
    let of = |at: usize| &found[0]["collectionElements"][at]["references"][0]["detection"];
    assert_eq!(of(0)["detection"][0]["ruleName"], "failed_logins");
    assert_eq!(of(1)["detectionTime"], "2024-05-01T10:20:00Z");
}

#[test]
fn a_window_after_a_detection_starts_at_its_detection_time() {
    let folder = tempfile::tempdir().unwrap();
    let found =
        lines(&run(&["detection_and_event.yaral"], &[&detections(folder.path()), &file("events.jsonl")]));
    let expected = json!({ "host": "ws1", "files": "C:\\x.exe", "rules": "failed_logins" });
    assert_eq!(found.iter().map(variables).collect::<Vec<_>>(), [expected]);
    assert_eq!(found[0]["timeWindow"]["startTime"], "2024-05-01T10:10:00Z");
}

#[test]
fn a_detection_is_an_envelope_of_events_only_where_no_rule_looks_at_detections() {
    let folder = tempfile::tempdir().unwrap();
    let detections = detections(folder.path());
    let alone = lines(&run(&["producers.yaral"], &[&detections]));
    assert_eq!(alone.len(), 3);
    let beside = lines(&run(&["producers.yaral", "two_detections.yaral"], &[&detections]));
    assert_eq!(beside.len(), 1);
}

#[test]
fn a_detection_that_is_not_there_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let found =
        lines(&run(&["no_logins_before.yaral"], &[&detections(folder.path()), &file("events.jsonl")]));
    assert_eq!(found.iter().map(variables).collect::<Vec<_>>(), [json!({ "host": "ws2", "n": "1" })]);
}

#[test]
fn detections_are_counted_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let found = lines(&run(&["two_alike.yaral"], &[&detections(folder.path())]));
    assert_eq!(found.iter().map(variables).collect::<Vec<_>>(), [json!({ "name": "whoami" })]);
    assert_eq!(found[0]["collectionElements"][0]["references"].as_array().unwrap().len(), 2);
}

#[test]
fn the_entries_of_a_detection_make_rows_each_with_its_own_parts() {
    let folder = tempfile::tempdir().unwrap();
    let all = lines(&std::fs::read_to_string(detections(folder.path())).unwrap());
    let mut both = all[0].clone();
    both["detection"].as_array_mut().unwrap().push(all[1]["detection"][0].clone());
    let path = folder.path().join("both.ndjson");
    std::fs::write(&path, both.to_string()).unwrap();
    let found = lines(&run(&["each_entry.yaral"], &[&path]));
    let expected =
        [json!({ "name": "failed_logins", "score": "35" }), json!({ "name": "whoami", "score": "10" })];
    assert_eq!(found.iter().map(variables).collect::<Vec<_>>(), expected);
}

#[test]
fn detections_are_read_as_lines_as_an_array_and_among_events() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(detections(folder.path())).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let array = write("array.json", &format!("[{}]", text.lines().collect::<Vec<_>>().join(",\n")));
    let events = std::fs::read_to_string(file("events.jsonl")).unwrap();
    let mixed = write("mixed.ndjson", &(text.clone() + &events));
    for path in [&array, &mixed] {
        let found = lines(&run(&["two_detections.yaral"], &[path]));
        assert_eq!(found.iter().map(|one| variables(one)["rules"].clone()).collect::<Vec<_>>(), ["whoami"]);
    }
}

#[test]
fn why_a_rule_over_detections_reports_is_told_of_those_that_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let detections = detections(folder.path());
    let verdict = |name: &str| {
        let only = format!("detection.detection.rule_name = \"{name}\"");
        let mut command = Command::cargo_bin("yaral").unwrap();
        command.arg("explain").arg(file("two_alike.yaral")).arg("--event").arg(&detections);
        let told = command.args(["--where", &only, "--format", "json"]).output().unwrap();
        let told: Json = serde_json::from_slice(&told.stdout).unwrap();
        told[0]["verdict"].clone()
    };
    assert_eq!([verdict("whoami"), verdict("failed_logins")], ["detection", "no detection"]);
}

#[test]
fn a_search_over_detections_groups_and_shows_them() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |search: &str| {
        let mut command = Command::cargo_bin("yaral").unwrap();
        command.args(["run", "--format", "ndjson", "-e", search]).arg(detections(folder.path()));
        lines(std::str::from_utf8(&command.output().unwrap().stdout).unwrap())
    };
    let grouped = "$d.detection.detection.rule_name = $name match: $name outcome: $n = count($d.detection.detection.rule_name)";
    let expected = [json!({ "name": "failed_logins", "n": 1 }), json!({ "name": "whoami", "n": 2 })];
    assert_eq!(rows(grouped), expected);
    let picked = "detection.detection.rule_name = \"WHOAMI\" limit: 1 select: detection.detection_time";
    assert_eq!(rows(picked), [json!({ "detectionTime": "2024-05-01T10:20:00Z" })]);
}
