//! Searches that an analyst would type: the files of `tests/searches` over one small set of events, with rows worked out
//! by hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value as Json;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/searches");
    let mut all: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|ending| ending == "yaral"));
    all.sort();
    all
}

fn rows(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn searches_give_the_rows_worked_out_by_hand() {
    let mut wrong = String::new();
    for case in cases() {
        let events = case.with_file_name("events.jsonl");
        let mut command = Command::cargo_bin("yaral").unwrap();
        let found = command.arg("run").args([&case, &events]).args(["--format", "ndjson"]).output().unwrap();
        let expected = rows(&std::fs::read_to_string(case.with_extension("rows")).unwrap());
        let actual = rows(std::str::from_utf8(&found.stdout).unwrap());
        if actual != expected {
            let said = String::from_utf8_lossy(&found.stderr);
            wrong.push_str(&format!(
                "{}\nexpected {expected:#?}\nfound {actual:#?}\n{said}\n",
                case.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn there_are_twenty_searches_of_all_kinds() {
    assert!(cases().len() >= 20, "{}", cases().len());
}
