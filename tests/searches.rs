//! Searches that an analyst would type: the files of `tests/searches` over one small set of events, and those of
//! `tests/searches/small` each over its own, with rows worked out by hand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(feature = "cli")]

#[path = "common/small.rs"]
mod small;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value as Json, json};
use small::Small;
use tempfile::TempDir;

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

/// What a small search does otherwise than it should.
fn wrong(case: &Small) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("search.yaral", &case.search);
    write("events.jsonl", &case.events);
    case.files.iter().for_each(|(path, text)| write(path, text));
    let mut command = run(&folder, &["search.yaral", "events.jsonl"]);
    if !case.args.iter().any(|arg| arg == "--format") {
        command.args(["--format", "ndjson"]);
    }
    let found = command.args(&case.args).output().unwrap();
    let (out, said) = (String::from_utf8(found.stdout).unwrap(), String::from_utf8(found.stderr).unwrap());
    let unsaid: Vec<&String> = case.says.iter().filter(|line| !said.contains(line.as_str())).collect();
    let same = out == case.out && found.status.code() == Some(case.exit) && unsaid.is_empty();
    (!same).then(|| format!("{}\nexpected\n{}{unsaid:?}\nfound\n{out}{said}\n", case.name, case.out))
}

fn run(folder: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("yaral").unwrap();
    command.current_dir(folder).arg("run").args(args);
    command
}

#[test]
fn small_searches_give_what_the_documents_say() {
    let wrong: String = small::all().iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// So many events, each with an id of its own.
fn many(folder: &TempDir, count: usize) {
    let event = |number: usize| json!({"metadata": {"event_timestamp": "2024-05-01T10:00:00Z", "id": format!("{number:05}")}});
    let lines: String = (0..count).map(|number| format!("{}\n", event(number))).collect();
    std::fs::write(folder.path().join("events.jsonl"), lines).unwrap();
}

/// The rows of a search over what lies in a folder, and what is said.
fn search(folder: &TempDir, text: &str) -> (Vec<Json>, String) {
    let found = run(folder, &["-e", text, "events.jsonl", "--format", "ndjson"]).output().unwrap();
    (rows(std::str::from_utf8(&found.stdout).unwrap()), String::from_utf8(found.stderr).unwrap())
}

#[test]
fn ten_thousand_rows_are_shown_where_no_limit_is_written_and_it_is_said_that_there_are_more() {
    let folder = tempfile::tempdir().unwrap();
    many(&folder, 11_000);
    let (rows, said) = search(&folder, "metadata.id != \"\" match: metadata.id");
    assert_eq!(rows.len(), 10_000);
    assert!(said.contains("`search`: only the first 10 000 rows are taken, 1 000 more were found"), "{said}");
    let (rows, said) = search(&folder, "metadata.id != \"\" match: metadata.id limit: 20000");
    assert_eq!(rows.len(), 11_000);
    assert!(!said.contains("limit"), "{said}");
}

#[test]
fn a_stage_without_limit_gives_ten_thousand_rows_and_it_is_said_which() {
    let folder = tempfile::tempdir().unwrap();
    many(&folder, 11_000);
    let stage = "stage ids { $i = metadata.id match: $i LIMIT } outcome: $n = count($ids.i)";
    let (rows, said) = search(&folder, &stage.replace("LIMIT", ""));
    assert_eq!(rows, [json!({"n": 10_000})]);
    assert!(
        said.contains("stage `ids`: only the first 10 000 rows are taken, 1 000 more were found"),
        "{said}"
    );
    let (rows, said) = search(&folder, &stage.replace("LIMIT", "limit: 10500"));
    assert_eq!(rows, [json!({"n": 10_500})]);
    assert!(!said.contains("limit"), "{said}");
}

#[test]
fn lists_hold_10_000_items_where_there_are_stages_and_25_where_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    many(&folder, 10_100);
    let length = |text: &str| search(&folder, text).0[0]["ids"].as_array().unwrap().len();
    assert_eq!(length("outcome: $ids = array(metadata.id)"), 25);
    assert_eq!(length("stage s { outcome: $l = array(metadata.id) limit: 1 } outcome: $ids = $s.l"), 10_000);
}

#[test]
fn rows_begin_with_the_name_of_their_search_beside_rules_and_other_searches() {
    let folder = tempfile::tempdir().unwrap();
    many(&folder, 2);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("first.yaral", "metadata.id = \"00000\" outcome: $id = metadata.id");
    write("rule.yaral", "rule r { meta: author = \"a\" events: $e.metadata.id = \"00001\" condition: $e }");
    let args = ["-r", "first.yaral", "-r", "rule.yaral", "-e", "outcome: $n = count(metadata.id)"];
    let found = run(&folder, &args).args(["events.jsonl", "--format", "ndjson"]).output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines.iter().any(|line| line.starts_with("{\"type\":\"RULE_DETECTION\"")), "{text}");
    assert!(lines.contains(&"{\"search\":\"first\",\"id\":\"00000\"}"), "{text}");
    assert!(lines.contains(&"{\"search\":\"search\",\"n\":2}"), "{text}");
}

#[test]
fn stats_count_the_windows_and_rows_of_each_body_of_a_search() {
    let folder = tempfile::tempdir().unwrap();
    many(&folder, 3);
    let text = "stage ids { $i = metadata.id match: $i by 1h } outcome: $n = count($ids.i)";
    let found = run(&folder, &["-e", text, "events.jsonl", "--stats"]).output().unwrap();
    let said = String::from_utf8(found.stderr).unwrap();
    let numbers = |start: &str| {
        let line = said.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{said}"));
        let words: Vec<&str> = line.strip_prefix(start).unwrap().split_whitespace().collect();
        words.into_iter().take(4).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(numbers("search, stage `ids`"), ["3", "3", "3", "3"]);
    assert_eq!(numbers("search  "), ["0", "0", "0", "1"]);
}
