//! `run` from outside: what was read, what was left out, and what was said of it.

use super::*;

#[test]
fn a_bad_record_is_counted_named_and_passed_over() {
    let folder = Folder::with(&[("r.yaral", GOOD)]);
    folder.write("e.jsonl", format!("{LAUNCH}{{\"metadata\": oops\n{LAUNCH}").as_bytes());
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson"]);
    assert_eq!((ended.code, ended.lines().len()), (0, 2), "{ended:?}");
    assert!(ended.stderr.contains("`e.jsonl`, line 2") && ended.stderr.contains("1 bad"), "{ended:?}");
}

#[test]
fn finding_something_is_no_failure_unless_asked() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("hit.jsonl", LAUNCH), ("miss.jsonl", LOGIN)]);
    assert_eq!(folder.run(&["run", "r.yaral", "hit.jsonl"]).code, 0);
    assert_eq!(folder.run(&["run", "r.yaral", "miss.jsonl"]).code, 0);
    assert_eq!(folder.run(&["run", "r.yaral", "hit.jsonl", "--fail-on-detection"]).code, 1);
    assert_eq!(folder.run(&["run", "r.yaral", "miss.jsonl", "--fail-on-detection"]).code, 0);
}

#[test]
fn of_two_rules_one_broken_the_other_runs() {
    let folder = Folder::with(&[("r.yaral", &format!("{BROKEN}\n{GOOD}")), ("e.jsonl", LAUNCH)]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson"]);
    assert_eq!((ended.code, ended.lines().len()), (1, 1), "{ended:?}");
    assert_eq!(ended.lines()[0]["detection"][0]["ruleName"], "launches");
    assert!(ended.stderr.contains("rule `broken` in `r.yaral` is not run: 1 error"), "{ended:?}");
}

#[test]
fn with_no_rule_left_no_event_is_read() {
    let folder = Folder::with(&[("r.yaral", BROKEN), ("out", "old")]);
    let ended = folder.run(&["run", "r.yaral", "no/such.jsonl", "-o", "out"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:?}");
    assert!(ended.stderr.contains("no event was read"), "{ended:?}");
    assert_eq!(fs::read_to_string(folder.path("out")).unwrap(), "old");
}

#[test]
fn a_run_gives_of_warnings_only_their_number() {
    let folder = Folder::with(&[
        ("r.yaral", &GOOD.replace("  meta:\n    author = \"us\"\n", "")),
        ("e.jsonl", LAUNCH),
    ]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("1 warning in the rules"), "{ended:?}");
}

#[test]
fn an_event_path_that_does_not_exist_is_told_and_the_others_are_read() {
    let folder = Folder::with(&[("r.yaral", &format!("{BROKEN}\n{GOOD}")), ("e.jsonl", LAUNCH)]);
    let ended = folder.run(&["run", "r.yaral", "no/such.jsonl", "e.jsonl", "--format", "ndjson"]);
    assert_eq!((ended.code, ended.lines().len()), (2, 1), "2 wins over 1: {ended:?}");
    assert!(ended.stderr.contains("`no/such.jsonl`"), "{ended:?}");
}

#[test]
fn a_file_that_holds_no_events_matters_only_where_it_was_named() {
    let folder =
        Folder::with(&[("r.yaral", GOOD), ("e/a.jsonl", LAUNCH), ("e/readme.md", "# events\n\nnot one\n")]);
    let ended = folder.run(&["run", "r.yaral", "e", "--stats"]);
    assert!(ended.code == 0 && ended.stderr.contains("not an event file: `e/readme.md`"), "{ended:?}");
    let ended = folder.run(&["run", "r.yaral", "e/readme.md", "e/a.jsonl"]);
    assert!(ended.code == 2 && ended.stderr.contains("`e/readme.md`"), "{ended:?}");
}

#[test]
fn what_each_rule_was_asked_and_found_is_told_on_demand() {
    let quiet = GOOD.replacen("rule ", "rule quiet_", 1).replace("LAUNCH", "TERMINATION");
    let folder = Folder::with(&[("r.yaral", &format!("{GOOD}\n{quiet}")), ("e.jsonl", &LAUNCH.repeat(3))]);
    let told = |threads| {
        let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--stats", "--threads", threads]);
        let rows = ended.stderr.lines().skip_while(|line| !line.starts_with("rule ")).take(3);
        let untimed = rows.map(|line| line.split("  ").filter(|cell| !cell.is_empty()).take(5).collect());
        untimed.map(|cells: Vec<&str>| cells.join("|").replace(' ', "")).collect::<Vec<String>>()
    };
    let rows = told("1");
    assert_eq!(rows[0], "rule|tested|matched|windows|detections");
    assert!(rows[1].contains("|3|3|") && rows[2].contains("|0|0|0|0"), "{rows:?}");
    assert_eq!(rows, told("2"));
}

#[test]
fn no_events_at_all_are_a_warning() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("empty.jsonl", "")]);
    let ended = folder.run(&["run", "r.yaral", "empty.jsonl"]);
    assert!(ended.code == 0 && ended.stderr.contains("no events found in `empty.jsonl`"), "{ended:?}");
    let ended = folder.run(&["run", "r.yaral"]);
    assert!(ended.code == 0 && ended.stderr.contains("no events found in standard input"), "{ended:?}");
}

#[test]
fn since_counts_and_until_does_not() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("e.jsonl", LAUNCH)]);
    let found = |option: &str, time: &str| {
        folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson", option, time]).lines().len()
    };
    assert_eq!(found("--since", "2024-05-01T10:00:00Z"), 1);
    assert_eq!(found("--since", "2024-05-01T10:00:00.000000001Z"), 0);
    assert_eq!(found("--until", "2024-05-01T10:00:00Z"), 0);
    assert_eq!(found("--until", "2024-05-02"), 1);
}

#[test]
fn no_more_events_are_shown_than_asked_for() {
    let ended = yaral(&["run", RULE, EVENTS, "--format", "ndjson", "--samples", "1"]);
    assert_eq!(ended.lines().len(), 4, "{ended:?}");
    for detection in ended.lines() {
        assert_eq!(detection["collectionElements"][0]["references"].as_array().unwrap().len(), 1);
    }
}
