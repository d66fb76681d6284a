//! The rules under `rules/` keep what they are to show: each checks without a word, even on what Google refuses and on
//! style, is in the one layout, passes its tests, which see all of it and let no change through without a reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may panic")]

#[path = "common/golden.rs"]
mod golden;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use golden::golden;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Exit code, standard output, standard error.
fn yaral(args: &[&str]) -> (i32, String, String) {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_yaral"));
    let ended = command.args(args).current_dir(root()).env_remove("CLICOLOR_FORCE").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

/// All files under `rules/` whose names end so, from the root.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut open = vec![root().join("rules")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Rules have tests; a search, which cannot have them yet, has rows that its events lead to.
#[test]
fn each_file_is_told_by_tests_or_rows() {
    let rules = files(".yaral");
    assert!(rules.len() > 12, "{rules:?}");
    for rule in rules {
        let there = |ending: &str| root().join(rule.with_extension(ending)).is_file();
        let (tested, shown) = (there("test.yaml"), there("rows") && there("events.jsonl"));
        assert!(tested || shown, "`{}` has neither tests nor events with rows", rule.display());
    }
}

#[test]
fn they_check_without_a_word() {
    let (code, stdout, stderr) = yaral(&["check", "--google", "--select", "YC", "rules/"]);
    let summary = stderr.ends_with(": 0 errors, 0 warnings\n") && stderr.lines().count() == 1;
    assert!(code == 0 && stdout.is_empty() && summary, "{stdout}{stderr}");
}

#[test]
fn they_are_in_the_one_layout() {
    let (code, stdout, stderr) = yaral(&["fmt", "--check", "rules/"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn their_tests_pass_see_all_of_them_and_let_no_change_through() {
    let (code, stdout, stderr) = yaral(&["test", "rules/", "--mutate", "--min-coverage", "100"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let of = |start: &str| -> BTreeSet<String> {
        let lines = stdout.lines().filter_map(|line| line.strip_prefix(start));
        lines.map(|line| line.split('`').nth(1).unwrap().to_owned()).collect()
    };
    let tested = files(".test.yaml").len();
    assert_eq!((of("mutants of ").len(), of("coverage of ").len()), (tested, tested), "{stdout}");
    // What is indented below the mutants of a rule is one that survives, or a reason that is none.
    let after = stdout.split_once("mutants of ").unwrap().1;
    let survivors: Vec<&str> = after.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(survivors.is_empty(), "{survivors:#?}");
}

#[test]
fn searches_find_the_rows_beside_them() {
    for rows in files(".rows") {
        let [search, events] = ["yaral", "events.jsonl"].map(|ending| rows.with_extension(ending));
        let args = ["run", search.to_str().unwrap(), events.to_str().unwrap(), "--format", "ndjson"];
        let (code, stdout, stderr) = yaral(&args);
        assert_eq!(code, 0, "{stderr}");
        golden(&root().join(rows), &stdout);
    }
}

#[test]
fn each_explains_itself_with_its_tactic_technique_and_output() {
    for rule in files(".yaral") {
        if root().join(rule.with_extension("rows")).is_file() {
            continue;
        }
        let (code, stdout, stderr) = yaral(&["explain", rule.to_str().unwrap()]);
        assert_eq!(code, 0, "{stderr}");
        let coverage = stdout.split_once("ATT&CK coverage\n").map_or("", |(_, after)| after);
        let line = coverage.lines().next().unwrap_or_default();
        assert!(line.contains("(TA0") && line.contains(": T1"), "`{}`: {stdout}", rule.display());
    }
}

#[test]
fn the_readme_names_each_of_them() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for rule in files(".yaral") {
        let named = rule.strip_prefix("rules").unwrap().with_extension("");
        let named = format!("`{}`", named.to_str().unwrap());
        assert!(readme.contains(&named), "the table of rules in README.md lacks {named}");
    }
}
