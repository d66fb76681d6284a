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
