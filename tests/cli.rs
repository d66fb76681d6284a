//! The program from outside: what it prints, where, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/ended.rs"]
mod ended;
#[path = "common/shared.rs"]
mod shared;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ended::Ended;
use serde_json::{Value as Json, json};

const RULE: &str = "rules/impacket_wmiexec_cisa_report.yaral";
const EVENTS: &str = "rules/impacket_wmiexec_cisa_report.events.jsonl";

const GOOD: &str = r#"rule launches {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
  condition:
    $e
}
"#;

const BROKEN: &str = r#"rule broken {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = = "PROCESS_LAUNCH"
  condition:
    $e
}
"#;

const LAUNCH: &str = r#"{"metadata":{"eventTimestamp":"2024-05-01T10:00:00Z","eventType":"PROCESS_LAUNCH"},"principal":{"hostname":"ws1"}}
"#;
const LOGIN: &str = r#"{"metadata":{"eventTimestamp":"2024-05-01T10:00:01Z","eventType":"USER_LOGIN"},"principal":{"hostname":"ws1"}}
"#;

/// A folder with some files, gone at the end.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, content) in files {
            folder.write(name, content.as_bytes());
        }
        folder
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Ended {
        ended(command(args).current_dir(self.0.path()), b"")
    }

    fn run_with(&self, args: &[&str], input: &[u8]) -> Ended {
        ended(command(args).current_dir(self.0.path()), input)
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yaral"));
    command.args(args).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn ended(command: &mut Command, input: &[u8]) -> Ended {
    let output = assert_cmd::Command::from_std(std::mem::replace(command, Command::new("")))
        .write_stdin(input)
        .output()
        .unwrap();
    output.into()
}

/// Runs at the top of the crate, where the shipped rules lie.
fn yaral(args: &[&str]) -> Ended {
    ended(command(args).current_dir(env!("CARGO_MANIFEST_DIR")), b"")
}

// Use

#[test]
fn help_names_the_commands_that_work_and_ends_with_0() {
    let help = yaral(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(
        ["check", "run", "test", "explain", "convert", "fmt", "completions", "Examples:"]
            .iter()
            .all(|word| help.stdout.contains(word)),
        "{help:?}"
    );
    for absent in ["catalog", "lsp"] {
        assert!(!help.stdout.contains(absent), "{absent}");
    }
    let help = yaral(&["run", "--help"]);
    for option in
        ["--rules", "--format", "--output", "--lists", "--all-windows", "--samples", "--strict", "--now"]
    {
        assert!(help.stdout.contains(option), "{option}");
    }
}

#[test]
fn wrong_use_ends_with_2_and_says_so_on_standard_error() {
    for args in [
        &["run"][..],
        &["check"],
        &["frobnicate"],
        &[],
        &["run", RULE, EVENTS, "--format", "xml"],
        &["run", RULE, EVENTS, "--now", "yesterday"],
        &["run", RULE, EVENTS, "--lists", "no/such/folder"],
    ] {
        let ended = yaral(args);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{args:?}");
        assert!(!ended.stderr.is_empty(), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_ends_with_2() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["check", "--explain", "YC003"]).stdout(full).output().unwrap();
    let ended = Ended::from(output);
    assert!(ended.code == 2 && ended.stderr.contains("cannot write to standard output"), "{ended:?}");
}

// check

#[test]
fn a_good_rule_checks_with_0() {
    let ended = yaral(&["check", RULE]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
    assert!(ended.stderr.contains("1 rule in 1 file: 0 errors"), "{ended:?}");
}

#[test]
fn a_broken_rule_checks_with_1_and_its_place() {
    let folder =
        Folder::with(&[("r/broken.yaral", BROKEN), ("r/good.yl2", GOOD), ("r/notes.txt", "no rule")]);
    let ended = folder.run(&["check", "r", "--format", "json"]);
    assert_eq!(ended.code, 1);
    let found = ended.json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!((&found[0]["file"], &found[0]["line"]), (&json!("r/broken.yaral"), &json!(5)));
    assert_eq!(found[0]["severity"], "error");
    let ended = folder.run(&["check", "r"]);
    assert!(ended.code == 1 && ended.stdout.contains("r/broken.yaral"), "{ended:?}");
}

#[test]
fn no_findings_as_json_are_an_empty_array() {
    assert_eq!(yaral(&["check", RULE, "--format", "json"]).json(), json!([]));
}

#[test]
fn warnings_are_let_through_unless_denied() {
    let folder = Folder::with(&[("r.yaral", &GOOD.replace("  meta:\n    author = \"us\"\n", ""))]);
    let ended = folder.run(&["check", "r.yaral", "--format", "json"]);
    assert_eq!((ended.code, &ended.json()[0]["severity"]), (0, &json!("warning")));
    assert_eq!(folder.run(&["check", "r.yaral", "--deny", "warnings"]).code, 1);
}

#[test]
fn a_path_that_does_not_exist_cannot_be_checked() {
    let ended = yaral(&["check", "no/such.yaral"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains("`no/such.yaral`"), "{ended:?}");
}

#[test]
fn a_folder_without_rules_is_told() {
    let folder = Folder::with(&[("r/notes.txt", ""), ("r/.hidden.yaral", GOOD)]);
    let ended = folder.run(&["check", "r"]);
    assert!(ended.code == 2 && ended.stderr.contains("no rules found in `r`"), "{ended:?}");
}

#[test]
fn a_file_named_outright_is_a_rule_whatever_its_ending() {
    let folder = Folder::with(&[("rule.txt", GOOD)]);
    assert_eq!(folder.run(&["check", "rule.txt"]).code, 0);
}

#[test]
fn rules_may_be_utf_8_with_mark_or_utf_16() {
    let folder = Folder::with(&[("bom.yaral", &format!("\u{feff}{GOOD}"))]);
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(GOOD.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    folder.write("utf16.yaral", &utf16);
    assert_eq!(folder.run(&["check", "."]).code, 0);
}

#[test]
fn bytes_that_are_no_text_are_an_error_with_their_place() {
    let folder = Folder::with(&[]);
    folder.write("r.yaral", b"rule r {\n  \xff");
    let ended = folder.run(&["check", "r.yaral", "--format", "json"]);
    let found = ended.json();
    assert_eq!(ended.code, 1);
    assert_eq!(
        (&found[0]["code"], &found[0]["line"], &found[0]["column"]),
        (&json!("YC001"), &json!(2), &json!(3))
    );
}

#[test]
fn a_code_has_a_page() {
    let ended = yaral(&["check", "--explain", "yc003"]);
    assert!(
        ended.code == 0 && ended.stdout.contains("YC003") && ended.stdout.contains("closing quote"),
        "{ended:?}"
    );
    assert_eq!(yaral(&["check", "--explain", "YC999"]).code, 2);
}

// run

#[test]
fn the_shipped_rule_finds_what_its_event_file_holds() {
    let ended = yaral(&["run", RULE, EVENTS, "--format", "ndjson"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let found: Vec<_> = ended.lines().iter().map(brief).collect();
    let expected = [
        ("ws4.acme.example", "2024-05-01T10:00:00Z", "2024-05-01T10:05:00Z", vec![12, 13]),
        ("ws1.acme.example", "2024-05-01T10:00:30Z", "2024-05-01T10:05:30Z", vec![1, 2]),
        ("ws2.acme.example", "2024-05-01T11:15:30Z", "2024-05-01T11:20:30Z", vec![3]),
        ("ws1.acme.example", "2024-05-01T11:25:30Z", "2024-05-01T11:30:30Z", vec![14]),
    ];
    let expected: Vec<_> =
        expected.map(|(host, start, end, lines)| json!([host, start, end, lines])).into_iter().collect();
    assert_eq!(found, expected);
}

/// Host, window and lines of a detection of the shipped rule.
fn brief(detection: &Json) -> Json {
    let references = detection["collectionElements"][0]["references"].as_array().unwrap();
    let lines: Vec<&Json> = references.iter().map(|reference| &reference["source"]["line"]).collect();
    let window = &detection["timeWindow"];
    json!([
        detection["detection"][0]["detectionFields"][0]["value"],
        window["startTime"],
        window["endTime"],
        lines
    ])
}

#[test]
fn a_detection_has_the_form_of_the_contract() {
    let detection = yaral(&["run", RULE, EVENTS, "--format", "ndjson"]).lines().swap_remove(1);
    assert_eq!(detection["type"], "RULE_DETECTION");
    assert_eq!(detection["detectionTime"], "2024-05-01T10:05:30Z");
    let of = &detection["detection"][0];
    assert_eq!((&of["ruleName"], &of["ruleFile"]), (&json!("impacket_wmiexec_cisa_report"), &json!(RULE)));
    assert_eq!((&of["severity"], &of["riskScore"]), (&json!("MEDIUM"), &json!(65)));
    assert_eq!(of["ruleLabels"][0], json!({"key": "author", "value": "Google Cloud Security"}));
    assert_eq!(of["detectionFields"], json!([{"key": "hostname", "value": "ws1.acme.example"}]));
    assert_eq!(of["outcomes"][0], json!({"key": "risk_score", "value": "65"}));
    assert_eq!(
        of["variables"]["target_process_pid"],
        json!({"type": "OUTCOME", "value": "5020, 5044", "stringSeq": {"stringVals": ["5020", "5044"]}})
    );
    let element = &detection["collectionElements"][0];
    assert_eq!(element["label"], "process");
    assert_eq!(element["references"][0]["source"], json!({"path": EVENTS, "line": 1}));
    assert_eq!(element["references"][0]["event"]["target"]["process"]["pid"], "5020");
}

#[test]
fn json_is_one_array_of_what_ndjson_gives_line_by_line() {
    let lines = yaral(&["run", RULE, EVENTS, "--format", "ndjson"]).lines();
    assert!(!lines.is_empty());
    assert_eq!(yaral(&["run", RULE, EVENTS, "--format", "json"]).json(), Json::Array(lines));
}

#[test]
fn text_is_for_people_and_the_summary_goes_to_standard_error() {
    let ended = yaral(&["run", RULE, EVENTS]);
    for part in [
        "impacket_wmiexec_cisa_report: risk 65, severity medium",
        "$hostname = ws1.acme.example",
        "line 1",
        "whoami",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {ended:?}");
    }
    assert!(ended.stderr.contains("1 file, 14 records, 0 bad, 4 detections"), "{ended:?}");
}

#[test]
fn two_runs_give_the_same_bytes() {
    let run = || yaral(&["run", "rules", EVENTS, "--format", "ndjson", "--now", "2024-06-01"]).stdout;
    let first = run();
    assert!(!first.is_empty());
    assert_eq!(first, run());
}

#[test]
fn events_come_from_standard_input_too() {
    let folder = Folder::with(&[("r.yaral", GOOD)]);
    let events = format!("{LOGIN}{LAUNCH}");
    for args in
        [&["run", "r.yaral", "--format", "ndjson"][..], &["run", "r.yaral", "-", "--format", "ndjson"]]
    {
        let ended = folder.run_with(args, events.as_bytes());
        assert_eq!(ended.code, 0);
        let source = &ended.lines()[0]["collectionElements"][0]["references"][0]["source"];
        assert_eq!(source, &json!({"path": "-", "line": 2}));
    }
}

#[test]
fn a_rule_without_match_has_no_match_fields() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("e.jsonl", LAUNCH)]);
    let detection = folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson"]).lines().swap_remove(0);
    let of = &detection["detection"][0];
    assert!(of.get("detectionFields").is_none());
    assert_eq!((&of["ruleType"], &of["riskScore"]), (&json!("SINGLE_EVENT"), &json!(15)));
    assert_eq!(detection["timeWindow"]["startTime"], detection["timeWindow"]["endTime"]);
}

#[test]
fn with_r_every_path_is_events() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("a.jsonl", LAUNCH), ("b.jsonl", LAUNCH)]);
    let ended = folder.run(&["run", "-r", "r.yaral", "a.jsonl", "b.jsonl", "--format", "ndjson"]);
    assert_eq!((ended.code, ended.lines().len()), (0, 2), "{ended:?}");
}

#[test]
fn a_file_named_twice_counts_once() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("e/a.jsonl", LAUNCH)]);
    let ended = folder.run(&["run", "r.yaral", "e", "e/a.jsonl", "./e/a.jsonl", "--format", "ndjson"]);
    assert_eq!((ended.code, ended.lines().len()), (0, 1), "{ended:?}");
}

#[test]
fn the_output_file_is_replaced_when_all_is_done() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("e.jsonl", LAUNCH), ("out.json", "old")]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson", "-o", "out.json"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    let written = fs::read_to_string(folder.path("out.json")).unwrap();
    assert!(written.starts_with(r#"{"type":"RULE_DETECTION""#), "{written}");
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 3, "nothing is left lying about");
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_any_event_is_read() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("e.jsonl", LAUNCH)]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "-o", "no/such/folder/out"]);
    assert!(ended.code == 2 && ended.stderr.contains("no/such/folder/out"), "{ended:?}");
}

#[test]
fn a_strict_run_that_stops_leaves_the_old_output_and_prints_nothing() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("out", "old")]);
    folder.write("e.jsonl", format!("{LAUNCH}{{\"metadata\": oops\n{LAUNCH}").as_bytes());
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--strict", "-o", "out"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{ended:?}");
    assert!(ended.stderr.contains("`e.jsonl`") && ended.stderr.contains("line 2"), "{ended:?}");
    assert_eq!(fs::read_to_string(folder.path("out")).unwrap(), "old");
}

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

/// So many keys that their groups are spread over the threads.
#[test]
fn threads_change_nothing_of_what_many_groups_give() {
    let rules = r#"
rule twice {
  meta:
    author = "us"
  events:
    $a.metadata.event_type = "USER_LOGIN"
    $b.metadata.event_type = "PROCESS_LAUNCH"
    $a.principal.hostname = $host
    $b.principal.hostname = $host
  match:
    $host over 10m
  outcome:
    $most = max($b.principal.port)
    $large = sum($b.principal.port) * 9223372036854775807
  condition:
    $a and #b > 1 and $most > 500
}
rule often {
  meta:
    author = "us"
  events:
    $e.principal.hostname = $host
    $e.principal.port = $port
  match:
    $host, $port over 1h
  condition:
    #e > 1
  options:
    suppression_window = 2h
}
"#;
    let event = |number: usize| {
        let kind = if number.is_multiple_of(7) { "USER_LOGIN" } else { "PROCESS_LAUNCH" };
        let (at, host, port) = (1_714_557_600 + number / 10, number * 7 % 1_500, number * 31 % 1_000);
        format!(
            r#"{{"metadata":{{"eventTimestamp":"{at}","eventType":"{kind}"}},"principal":{{"hostname":"ws{host}","port":{port}}}}}"#
        )
    };
    let events: Vec<String> = (0..12_000).map(event).collect();
    let folder = Folder::with(&[("r.yaral", rules), ("e.jsonl", &events.join("\n"))]);
    let run = |threads| {
        let ended = folder.run(&[
            "run",
            "r.yaral",
            "e.jsonl",
            "--format",
            "ndjson",
            "--samples",
            "2",
            "--threads",
            threads,
        ]);
        let told = ended.stderr.lines().find(|line| line.contains("out of range")).map(str::to_owned);
        (ended.stdout, told)
    };
    let (found, told) = run("1");
    assert!(found.lines().count() > 1_000 && told.is_some(), "{} {told:?}", found.lines().count());
    for threads in ["2", "5"] {
        assert!(run(threads) == (found.clone(), told.clone()), "{threads}");
    }
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

#[test]
fn all_windows_reports_each_of_the_ten_a_lone_event_lies_in() {
    let ended = yaral(&["run", RULE, EVENTS, "--format", "ndjson", "--all-windows"]);
    let of_ws2 =
        |detection: &&Json| detection["detection"][0]["detectionFields"][0]["value"] == "ws2.acme.example";
    assert_eq!(ended.lines().iter().filter(of_ws2).count(), 10);
}

#[test]
fn event_text_cannot_drive_the_terminal() {
    let event = LAUNCH.replace("ws1", "ws1\\u001b[2J");
    let folder = Folder::with(&[("r.yaral", GOOD), ("e.jsonl", &event)]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl"]);
    assert!(ended.stdout.contains(r"ws1\u{1b}[2J") && !ended.stdout.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn colour_comes_only_when_asked_for_or_seen() {
    let folder = Folder::with(&[("r.yaral", BROKEN)]);
    assert!(folder.run(&["check", "r.yaral", "--color", "always"]).stdout.contains("\u{1b}["));
    assert!(!folder.run(&["check", "r.yaral"]).stdout.contains('\u{1b}'));
    assert!(!folder.run(&["check", "r.yaral", "--color", "never"]).stdout.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = Folder::with(&[("r.yaral", GOOD), ("e.jsonl", &LAUNCH.repeat(5_000))]);
    let mut child = command(&["run", "r.yaral", "e.jsonl", "--format", "ndjson"])
        .current_dir(folder.0.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_list_that_is_not_there_keeps_its_rule_from_running() {
    let rule = GOOD.replace("  condition", "    $e.principal.hostname in %known_hosts\n  condition");
    let folder = Folder::with(&[("r.yaral", &rule), ("e.jsonl", LAUNCH), ("lists/known_hosts.txt", "ws1\n")]);
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson"]);
    assert!(ended.code == 1 && ended.stdout.is_empty() && ended.stderr.contains("known_hosts"), "{ended:?}");
    let ended = folder.run(&["run", "r.yaral", "e.jsonl", "--format", "ndjson", "--lists", "lists"]);
    assert_eq!((ended.code, ended.lines().len()), (0, 1), "{ended:?}");
}

// Real captures

#[test]
fn the_shipped_rule_finds_in_real_captures_what_is_known_of_them() {
    let Some(data) = shared::shared("data") else { return };
    let expected = fs::read_to_string(data.join("expected.json")).unwrap();
    let expected: Json = serde_json::from_str(&expected).unwrap();
    let files = expected["impacket_wmiexec_cisa_report"]["files"].as_array().unwrap();
    let known = |name: &str| {
        let entry = files.iter().find(|entry| entry["file"] == name);
        let mut ids: Vec<u64> = entry
            .iter()
            .flat_map(|entry| entry["record_ids"].as_array().unwrap())
            .filter_map(Json::as_u64)
            .collect();
        ids.sort_unstable();
        ids
    };
    let mut captures: Vec<_> =
        fs::read_dir(data.join("windows")).unwrap().map(|entry| entry.unwrap().path()).collect();
    captures.retain(|path| path.extension().is_some_and(|ending| ending == "evtx"));
    captures.sort();
    assert!(!captures.is_empty());
    let wrong = captures.iter().filter_map(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        let (found, known) = (records(path), known(&name));
        (found != known).then(|| format!("{name}: found {found:?}, known {known:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The records of all detections of the shipped rule in one capture, each once.
fn records(path: &Path) -> Vec<u64> {
    let path = path.to_str().unwrap();
    let ended = yaral(&["run", RULE, path, "--format", "ndjson", "--samples", "100000"]);
    assert_eq!(ended.code, 0, "{path}: {}", ended.stderr);
    let mut ids: Vec<u64> = ended.lines().iter().flat_map(references).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn references(detection: &Json) -> Vec<u64> {
    let elements = detection["collectionElements"].as_array().unwrap();
    let all = elements.iter().flat_map(|element| element["references"].as_array().unwrap());
    all.map(|reference| reference["source"]["record"].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn the_manual_is_made_of_the_same_definitions_as_help() {
    let whole = yaral(&["man"]);
    assert!(whole.code == 0 && whole.stdout.contains(".TH yaral 1"), "{whole:?}");
    assert!(whole.stdout.contains("yaral\\-run(1)"), "{}", whole.stdout);
    let run = yaral(&["man", "run"]);
    assert!(run.stdout.contains(".TH yaral-run 1") && run.stdout.contains("max\\-record"), "{}", run.stdout);
    let wrong = yaral(&["man", "rn"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("did you mean `run`?"), "{wrong:?}");
}
