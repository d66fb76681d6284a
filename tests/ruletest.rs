//! What `test` says of tests. Cases are the test files under `tests/ruletest/`; what is said of them stands beside them
//! as `.out`, and `YARAL_BLESS=1` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may panic")]

#[path = "common/golden.rs"]
mod golden;

use std::path::{Path, PathBuf};

use golden::golden;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ruletest")
}

/// Exit code, standard output, standard error.
fn yaral(args: &[&str], folder: &Path) -> (i32, String, String) {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_yaral"));
    let ended = command.args(args).current_dir(folder).env_remove("CLICOLOR_FORCE").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn each_test_file_is_told_what_is_right_and_wrong_with_it() {
    let mut cases: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".test.yaml"))
        .collect();
    cases.sort();
    assert!(cases.len() > 5);
    for case in cases {
        let (code, stdout, stderr) = yaral(&["test", &case], &folder());
        golden(&folder().join(format!("{case}.out")), &format!("exit {code}\n{stdout}{stderr}"));
    }
}

#[test]
fn the_tests_of_the_shipped_rules_pass() {
    let (code, stdout, stderr) = yaral(&["test", "rules/"], Path::new(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("ok    fires on"), "{stdout}");
}

#[test]
fn a_filter_picks_tests_by_their_names() {
    let args = ["test", "differences.test.yaml", "--filter", "NO FILE"];
    let (code, stdout, stderr) = yaral(&args, &folder());
    assert_eq!((code, stdout.lines().count()), (1, 3), "{stdout}");
    assert_eq!(stderr, "0 passed, 1 failed in 1 file\n");
}

#[test]
fn json_has_an_object_a_test() {
    let (_, stdout, _) = yaral(&["test", "differences.test.yaml", "--format", "json"], &folder());
    let rows: Vec<serde_json::Value> = serde_json::from_str(&stdout).unwrap();
    let status: Vec<&str> = rows.iter().map(|row| row["status"].as_str().unwrap()).collect();
    let expected = [
        "failed",
        "failed",
        "failed",
        "failed",
        "failed",
        "todo",
        "todo_passes",
        "broken",
        "broken",
        "passed",
    ];
    assert_eq!(status, expected);
    assert_eq!(rows[0]["line"], 3);
}

#[test]
fn junit_has_a_suite_a_file() {
    let args = ["test", "differences.test.yaml", "no_yaml.test.yaml", "--format", "junit"];
    let (_, stdout, _) = yaral(&args, &folder());
    assert!(
        stdout.contains(r#"<testsuites name="yaral test" tests="11" skipped="1" failures="5" errors="3">"#),
        "{stdout}"
    );
}

#[test]
fn a_rule_file_stands_for_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, stdout, _) = yaral(&["test", "rules/impacket_wmiexec_cisa_report.yaral"], root);
    assert_eq!(code, 0, "{stdout}");
    let (code, _, stderr) = yaral(&["test", "hosts.yaral"], &folder());
    assert_eq!(
        (code, stderr.as_str()),
        (2, "error: `hosts.yaral` has no tests: no file `hosts.test.yaml`\n")
    );
}

#[test]
fn a_path_that_is_not_there_ends_with_2() {
    assert_eq!(yaral(&["test", "nowhere"], &folder()).0, 2);
    assert_eq!(yaral(&["test"], &folder()).0, 2);
}

/// A program that goes on until it is dropped, and the lines it prints.
struct Watching {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Watching {
    fn start(args: &[&str], folder: &Path) -> Watching {
        use std::io::BufRead;
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yaral"));
        command.args(args).current_dir(folder).env_remove("CLICOLOR_FORCE");
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = std::sync::mpsc::channel();
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let lines = std::io::BufReader::new(stream).lines().map_while(Result::ok);
                lines.for_each(|line| drop(sender.send(line)));
            });
        }
        Watching { child, lines }
    }

    /// Waits for a line with `text`, and until the program waits for the next change.
    fn sees(&self, text: &str) {
        let (mut seen, mut found, mut waits) = (Vec::new(), false, false);
        loop {
            let line = self.lines.recv_timeout(std::time::Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("`{text}` was not seen in {seen:#?}"));
            found |= line.contains(text);
            // The two come by two pipes, so either may be first.
            waits |= line.starts_with("watching ");
            seen.push(line);
            if found && waits {
                return;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const TEST: &str = "tests:\n  - {name: one, lists: {hosts: [x]}, events: e.jsonl, expect: 1}\n";
const EVENT: &str = r#"{"metadata":{"event_timestamp":"2024-05-01T10:00:00Z","event_type":"USER_LOGIN"},"principal":{"hostname":"lab1"}}"#;

/// A folder with a rule, its test and an event.
fn watched() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::copy(folder().join("hosts.yaral"), home.path().join("a.yaral")).unwrap();
    std::fs::write(home.path().join("a.test.yaml"), TEST).unwrap();
    std::fs::write(home.path().join("e.jsonl"), EVENT).unwrap();
    home
}

#[test]
fn watched_tests_run_again_after_each_change_and_survive_mistakes() {
    let home = watched();
    let at = |name: &str| home.path().join(name);
    let rule = std::fs::read_to_string(at("a.yaral")).unwrap();
    let watching = Watching::start(&["test", "--watch", "a.test.yaml"], home.path());
    watching.sees("ok    one");
    std::fs::write(at("a.yaral"), rule.replace("$e.principal", "$e.pricipal")).unwrap();
    watching.sees("did you mean `$e.principal.hostname`?");
    std::fs::write(at("new"), &rule).unwrap();
    std::fs::rename(at("new"), at("a.yaral")).unwrap();
    watching.sees("ok    one");
    std::fs::write(at("e.jsonl"), EVENT.replace("lab1", "other")).unwrap();
    watching.sees("expected 1 detection, found 0");
    std::fs::write(at("a.test.yaml"), "tests: [").unwrap();
    watching.sees("no YAML");
    std::fs::write(at("a.test.yaml"), TEST.replace("expect: 1", "expect: none")).unwrap();
    watching.sees("ok    one");
}

#[test]
fn a_watched_run_goes_on_after_a_list_an_event_or_a_rule_has_changed() {
    let home = watched();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir(at("reference_lists")).unwrap();
    std::fs::write(at("reference_lists/hosts"), "x").unwrap();
    let args = ["run", "--watch", "a.yaral", "e.jsonl", "-o", "reference_lists/out.json"];
    let watching = Watching::start(&args, home.path());
    watching.sees("1 detection in");
    std::fs::write(at("e.jsonl"), EVENT.replace("lab1", "other")).unwrap();
    watching.sees("0 detections in");
    std::fs::write(at("reference_lists/hosts"), "other").unwrap();
    watching.sees("1 detection in");
    std::fs::remove_file(at("a.yaral")).unwrap();
    watching.sees("cannot read rules");
    std::fs::copy(folder().join("hosts.yaral"), at("a.yaral")).unwrap();
    watching.sees("1 detection in");
}

#[test]
fn standard_input_cannot_be_watched() {
    let (code, _, stderr) = yaral(&["run", "--watch", "hosts.yaral"], &folder());
    assert_eq!(code, 2);
    assert!(stderr.contains("standard input can be read only once"), "{stderr}");
}

#[test]
fn what_a_run_found_is_saved_as_a_test_that_passes() {
    let home = watched();
    std::fs::create_dir(home.path().join("reference_lists")).unwrap();
    std::fs::write(home.path().join("reference_lists/hosts"), "x").unwrap();
    let save = ["run", "a.yaral", "e.jsonl", "--save-test", "saved", "--samples", "0"];
    let (code, _, stderr) = yaral(&save, home.path());
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.ends_with("saved 1 detection of rule `logins` as tests in `saved.test.yaml`\n"),
        "{stderr}"
    );
    let saved = std::fs::read_to_string(home.path().join("saved.test.yaml")).unwrap();
    let expected = "rule: 'a.yaral#logins'
tests:
  - name: 'finds host lab1'
    events:
      - metadata: {eventTimestamp: 2024-05-01T10:00:00Z, eventType: USER_LOGIN}
        principal: {hostname: lab1}
    expect:
      - match: {host: lab1}
        outcomes: {risk_score: 20, users: [''], first: 1714557600}
        events: {e: 1}
";
    assert_eq!(saved, expected);
    assert_eq!(yaral(&["test", "saved.test.yaml"], home.path()).0, 0);
    let (code, _, stderr) = yaral(&save, home.path());
    assert_eq!(code, 2, "a file that is there stays as it is: {stderr}");
}

#[test]
fn a_predicate_that_no_test_needs_is_named() {
    let home = watched();
    let (code, stdout, _) = yaral(&["test", "a.test.yaml", "--mutate"], home.path());
    assert_eq!(code, 0, "{stdout}");
    let survivor = "  line 9, left out: not $e.target.user.userid = \"backup\"\n";
    assert!(stdout.contains("mutants of `logins`: ") && stdout.contains(survivor), "{stdout}");
    assert!(
        !stdout.contains("left out: $e.principal.hostname = /^lab/"),
        "the one branch that holds: {stdout}"
    );
}

const SURVIVORS: &str = "survivors:
  - left_out: |
      not $e.target.user.userid
        = \"backup\"
    reason: the list of hosts leaves that account out
  - {left_out: '$e.target.user.userid = \"backup\"', reason: written without its not}
  - {turned_round: 'not $e.target.user.userid = \"backup\"', reason: a test was added since}
";

#[test]
fn survivors_with_a_reason_are_set_aside_and_those_that_are_none_are_told() {
    let home = watched();
    let (_, before, _) = yaral(&["test", "a.test.yaml", "--mutate"], home.path());
    std::fs::write(home.path().join("a.test.yaml"), format!("{SURVIVORS}{TEST}")).unwrap();
    let (code, stdout, _) = yaral(&["test", "a.test.yaml", "--mutate"], home.path());
    assert_eq!(code, 0, "{stdout}");
    let named = "left out: not $e.target.user.userid = \"backup\"\n";
    assert!(before.contains(named) && !before.contains("explained"), "{before}");
    assert!(!stdout.contains(named) && stdout.contains(" noticed, 1 explained\n"), "{stdout}");
    let told = [
        "  a.test.yaml, line 6: `$e.target.user.userid = \"backup\"`, left out, is no change that is tried\n",
        "  a.test.yaml, line 7: `not $e.target.user.userid = \"backup\"`, turned round, is noticed; take it out of `survivors`\n",
    ];
    assert!(told.iter().all(|line| stdout.contains(line)), "{stdout}");
}

const JOINED: &str = r#"rule joined {
  meta:
    author = "us"
  events:
    $a.metadata.event_type = "USER_LOGIN"
    $b.metadata.event_type = "PROCESS_LAUNCH"
    $a.principal.hostname = $host
    $b.principal.hostname = $host
    $a.metadata.event_timestamp < $b.metadata.event_timestamp
    $b.target.process.pid = "1" or $b.target.process.pid = "2"
  match:
    $host over 5m
  condition:
    $a and $b and #a > 1
}
"#;

const JOINED_TEST: &str = "tests:
  - name: fires
    events:
      - {metadata: {event_timestamp: t, event_type: USER_LOGIN}, principal: {hostname: h}}
      - {metadata: {event_timestamp: t, event_type: USER_LOGIN}, principal: {hostname: other}}
      - {metadata: {event_timestamp: t+1s, event_type: USER_LOGIN}, principal: {hostname: h}}
      - metadata: {event_timestamp: t+2s, event_type: PROCESS_LAUNCH}
        principal: {hostname: h}
        target: {process: {pid: '1'}}
    expect: 1
";

#[test]
fn what_no_test_saw_of_a_rule_is_named_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.yaral"), JOINED).unwrap();
    std::fs::write(home.path().join("a.test.yaml"), JOINED_TEST).unwrap();
    let (code, stdout, _) = yaral(&["test", "a.test.yaml", "--coverage"], home.path());
    let expected = r#"a.test.yaml
  ok    fires
coverage of `joined`: 72 %
  line 9, never false: $a.metadata.event_timestamp < $b.metadata.event_timestamp
  line 10, never true: $b.target.process.pid = "2"
  line 14, never false: $a
  line 14, never false: $b
  line 14, never false: #a > 1
"#;
    assert_eq!((code, stdout.as_str()), (0, expected));
    let least = |least: &str| {
        yaral(&["test", "a.test.yaml", "--min-coverage", least, "--format", "json"], home.path())
    };
    let (code, stdout, stderr) = least("72");
    assert!(code == 0 && stderr.starts_with("coverage of `joined`: 72 %\n"), "{stdout}{stderr}");
    let (code, stdout, stderr) = least("73");
    assert!(code == 1 && stderr.contains("error: coverage below 73 % for `joined`"), "{stderr}");
    assert!(serde_json::from_str::<serde_json::Value>(&stdout).unwrap().is_array());
}

#[test]
fn a_test_without_events_sees_that_nothing_is_counted() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.yaral"), JOINED).unwrap();
    let none = "  - {name: nothing, events: [], expect: none}\n";
    std::fs::write(home.path().join("a.test.yaml"), format!("{JOINED_TEST}{none}")).unwrap();
    let (_, stdout, _) = yaral(&["test", "a.test.yaml", "--coverage"], home.path());
    assert!(stdout.contains("coverage of `joined`: 88 %") && !stdout.contains("line 14"), "{stdout}");
}
