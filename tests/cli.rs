//! The program from outside: what it prints, where, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "cli/captures.rs"]
mod captures;
#[path = "cli/checks.rs"]
mod checks;
#[path = "common/ended.rs"]
mod ended;
#[path = "cli/limits.rs"]
mod limits;
#[path = "cli/reading.rs"]
mod reading;
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

/// So many keys that their groups are spread over the threads, and so many detections that they are shown by all.
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
    let run = |format, threads| {
        let args = ["run", "r.yaral", "e.jsonl", "--samples", "2", "--format", format, "--threads", threads];
        let ended = folder.run(&args);
        let told = ended.stderr.lines().find(|line| line.contains("out of range")).map(str::to_owned);
        (ended.stdout, told)
    };
    for format in ["ndjson", "json", "text", "html"] {
        let (found, told) = run(format, "1");
        assert!(found.lines().count() > 1_000 && told.is_some(), "{} {told:?}", found.lines().count());
        for threads in ["2", "5"] {
            assert!(run(format, threads) == (found.clone(), told.clone()), "{format} {threads}");
        }
    }
}
