//! What `test` says of tests. Cases are the test files under `tests/ruletest/`; what is said of them stands beside them
//! as `.out`, and `YARAL_BLESS=1` writes it anew.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::path::{Path, PathBuf};

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

fn golden(path: &Path, actual: &str) {
    if std::env::var_os("YARAL_BLESS").is_some() {
        std::fs::write(path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(actual, expected, "{}: run with YARAL_BLESS=1 and read the difference", path.display());
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
        "broken",
    ];
    assert_eq!(status, expected);
    assert_eq!(rows[0]["line"], 3);
}

#[test]
fn junit_has_a_suite_a_file() {
    let args = ["test", "differences.test.yaml", "no_yaml.test.yaml", "--format", "junit"];
    let (_, stdout, _) = yaral(&args, &folder());
    assert!(
        stdout.contains(r#"<testsuites name="yaral test" tests="11" skipped="1" failures="5" errors="4">"#),
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
