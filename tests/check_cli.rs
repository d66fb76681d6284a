//! `yaral check` from outside: formats, settings, comments that silence, corrections.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "common/ended.rs"]
mod ended;

use std::fs;
use std::path::Path;
use std::process::Command;

use ended::Ended;
use serde_json::{Value as Json, json};

/// One line for each finding: a dot, an entity, a misspelt enum.
const RULE: &str = r#"rule r {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "USER_LOGN"
    $e.target.hostname = /login.example.com/ nocase
    $e.target.url = "a?b&amp;c"
  condition:
    $e
}
"#;

impl Ended {
    fn codes(&self) -> Vec<String> {
        self.json().as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn check(folder: &Path, args: &[&str]) -> Ended {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("yaral"));
    command.current_dir(folder).arg("check").args(args).output().unwrap().into()
}

fn codes(folder: &Path, args: &[&str]) -> Vec<String> {
    check(folder, &[args, &["--format", "json"]].concat()).codes()
}

#[test]
fn select_and_ignore_take_codes_and_beginnings_of_codes() {
    let folder = folder(&[("r.yaral", RULE)]);
    let at = |args: &[&str]| codes(folder.path(), args);
    assert_eq!(at(&["r.yaral"]), ["YC217", "YC713", "YC704"]);
    assert_eq!(at(&["r.yaral", "--select", "yc7"]), ["YC713", "YC704"]);
    assert_eq!(at(&["r.yaral", "--ignore", "YC704,YC217"]), ["YC713"]);
    assert_eq!(at(&["r.yaral", "--select", "YC7", "--ignore", "YC713"]), ["YC704"]);
    let ended = check(folder.path(), &["r.yaral", "--select", "YC999"]);
    assert!(ended.code == 2 && ended.stderr.contains("`YC999`"), "{}", ended.stderr);
}

#[test]
fn style_is_said_where_it_is_selected() {
    let folder = folder(&[("r.yaral", RULE)]);
    let found = codes(folder.path(), &["r.yaral", "--select", "YC8"]);
    assert!(
        found.iter().all(|code| code.starts_with("YC8")) && found.contains(&"YC801".to_owned()),
        "{found:?}"
    );
}

#[test]
fn google_makes_errors_of_what_it_refuses() {
    let refused = RULE.replace("\"USER_LOGN\"", "\"USER_LOGIN\"").replace(
        "    $e.target.url",
        "    ($e.metadata.event_timestamp.seconds - 5) / 60 > 1\n    $e.network.sent_bytes * 2 > 5\n    $e.target.port = \"1\"\n    $e.target.url",
    );
    let folder = folder(&[("r.yaral", RULE), ("s.yaral", &refused)]);
    assert_eq!(check(folder.path(), &["r.yaral"]).code, 0);
    let ended = check(folder.path(), &["r.yaral", "--google", "--format", "json"]);
    assert_eq!((ended.code, &ended.json()[0]["severity"]), (1, &json!("error")));
    let found = check(folder.path(), &["s.yaral", "--google", "--format", "json"]).json();
    let errors: Vec<(&Json, &Json)> = found
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["severity"] == "error")
        .map(|one| (&one["line"], &one["code"]))
        .collect();
    assert_eq!(
        errors,
        [(&json!(7), &json!("YC901")), (&json!(8), &json!("YC901")), (&json!(9), &json!("YC316"))]
    );
}

#[test]
fn a_list_is_tested_in_a_condition_here_and_not_at_google() {
    let rule = r#"rule r {
  meta:
    author = "us"
  events:
    $login.metadata.event_type = "USER_LOGIN"
    $login.principal.hostname = $host
  match:
    $host over 5m
  outcome:
    $port = max($login.target.port)
    $name = strings.concat("a", count($login.metadata.id))
  condition:
    $login and $name in %names and $port > 1
}
"#;
    let folder = folder(&[("r.yaral", rule), ("reference_lists/names.txt", "a1\n")]);
    let plain = check(folder.path(), &["r.yaral"]);
    assert_eq!(plain.code, 0, "{plain:?}");
    let found = check(folder.path(), &["r.yaral", "--google", "--format", "json"]);
    assert_eq!((found.code, found.codes()), (1, vec!["YC901".to_owned()]));
    assert_eq!((&found.json()[0]["line"], &found.json()[0]["column"]), (&json!(13), &json!(16)));
}

#[test]
fn the_nearest_settings_hold_and_flags_win() {
    let folder = folder(&[
        ("a/b/r.yaral", RULE),
        ("a/yaral.toml", "ignore = [\"YC713\", \"YC704\"]\ndeny = \"warnings\"\n"),
        ("yaral.toml", "select = \"YC0\"\n"),
        ("c/r.yaral", RULE),
    ]);
    let ended = check(folder.path(), &["a", "--format", "json"]);
    assert_eq!((ended.code, ended.codes()), (1, vec!["YC217".to_owned()]));
    assert_eq!(codes(folder.path(), &["a", "--ignore", "YC217"]), ["YC713", "YC704"]);
    assert_eq!(codes(folder.path(), &["a", "c"]), ["YC217"]);
}

#[test]
fn an_unknown_setting_is_an_error() {
    let folder = folder(&[("r.yaral", RULE), ("yaral.toml", "ignroe = []\n")]);
    let ended = check(folder.path(), &["r.yaral"]);
    assert!(
        ended.code == 2 && ended.stderr.contains("`ignroe`") && ended.stderr.contains("yaral.toml"),
        "{}",
        ended.stderr
    );
    for wrong in ["ignore = \"YC999\"", "deny = \"errors\"", "google = 1", "lists = ["] {
        fs::write(folder.path().join("yaral.toml"), wrong).unwrap();
        assert_eq!(check(folder.path(), &["r.yaral"]).code, 2, "{wrong}");
    }
}

/// As for `run`, so that `check` does not call found what `run` then lacks.
#[test]
fn no_table_is_looked_for_above_the_path_on_the_command_line() {
    let rule = r#"rule r {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid in %people.name
  condition:
    $e
}
"#;
    let people = "name\na\n";
    let above = folder(&[("r/r.yaral", rule), ("data_tables/people.csv", people)]);
    assert!(codes(above.path(), &["r"]).contains(&"YC723".to_owned()));
    let beside = folder(&[("r/r.yaral", rule), ("r/data_tables/people.csv", people)]);
    assert!(!codes(beside.path(), &["r"]).contains(&"YC723".to_owned()));
}

#[test]
fn lists_tables_and_entities_that_are_not_there_are_a_warning() {
    let rule = r#"rule r {
  meta:
    author = "us"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.hostname = $host
    $e.target.hostname in %known
    $e.target.user.userid in %people.name
    $g.graph.entity.hostname = $host
  match:
    $host over 5m
  condition:
    $e and $g
}
"#;
    let folder = folder(&[
        ("r/r.yaral", rule),
        ("lists/known.txt", "a\n"),
        ("tables/people.csv", "name\na\n"),
        ("e.json", "{}"),
    ]);
    let missing = |args: &[&str]| {
        let found =
            check(folder.path(), &[&["r", "--select", "YC723", "--format", "json"], args].concat()).json();
        found.as_array().unwrap().iter().map(|one| one["line"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(missing(&[]), [7, 8]);
    assert_eq!(missing(&["--lists", "lists", "--tables", "tables"]), [] as [i32; 0]);
    assert_eq!(missing(&["--lists", "lists", "--tables", "tables", "--entities", "none.json"]), [9]);
    fs::write(
        folder.path().join("yaral.toml"),
        "lists = [\"lists\"]\ntables = \"tables\"\nentities = \"e.json\"\n",
    )
    .unwrap();
    assert_eq!(missing(&[]), [] as [i32; 0]);
}

#[test]
fn comments_silence_a_statement_or_a_rule_and_say_so_where_they_do_not() {
    let with = |from: &str, to: &str| folder(&[("r.yaral", &RULE.replace(from, to))]);
    let left = |folder: &tempfile::TempDir| codes(folder.path(), &["r.yaral"]);
    assert_eq!(left(&with("/ nocase", "/ nocase // yaral: allow(YC713)")), ["YC217", "YC704"]);
    assert_eq!(
        left(&with("    $e.target.hostname", "    // yaral: allow(yc713)\n    $e.target.hostname")),
        ["YC217", "YC704"]
    );
    assert_eq!(left(&with("rule r", "// yaral: allow(YC713, YC217)\nrule r")), ["YC704"]);
    let noted = with("/ nocase", "/ nocase // as the vendor writes it // yaral: allow(YC713)");
    assert_eq!(left(&noted), ["YC217", "YC704"]);
    let unused = with("\"USER_LOGN\"", "\"USER_LOGN\" // yaral: allow(YC713)");
    assert_eq!(left(&unused), ["YC217", "YC722", "YC713", "YC704"]);
    assert_eq!(
        left(&with("/ nocase", "/ nocase // yaral: alow(YC713)")),
        ["YC217", "YC713", "YC722", "YC704"]
    );
}

#[test]
fn a_comment_behind_the_brace_of_a_rule_leaves_the_next_one_alone() {
    let second = RULE.replace("rule r", "rule s");
    let folder = folder(&[("r.yaral", &format!("{} // yaral: allow(YC713)\n{second}", RULE.trim_end()))]);
    assert_eq!(
        codes(folder.path(), &["r.yaral"]),
        ["YC217", "YC713", "YC704", "YC722", "YC217", "YC713", "YC704"]
    );
}

#[test]
fn a_comment_in_a_block_silences_nothing_and_is_told() {
    let folder = folder(&[("r.yaral", &RULE.replace("/ nocase", "/ nocase /* yaral: allow(YC713) */"))]);
    assert_eq!(codes(folder.path(), &["r.yaral"]), ["YC217", "YC713", "YC722", "YC704"]);
}

#[test]
fn fix_makes_the_safe_corrections_and_diff_shows_them() {
    let folder = folder(&[("r.yaral", RULE)]);
    let read = || fs::read_to_string(folder.path().join("r.yaral")).unwrap();
    let shown = check(folder.path(), &["r.yaral", "--diff"]);
    assert_eq!(shown.code, 1);
    let changed: Vec<&str> = shown.stdout.lines().filter(|line| line.starts_with(['-', '+'])).collect();
    assert_eq!(
        (changed[3], changed[5]),
        ("-    $e.target.url = \"a?b&amp;c\"", "+    $e.target.url = \"a?b&c\"")
    );
    assert_eq!(read(), RULE);
    let ended = check(folder.path(), &["r.yaral", "--fix", "--format", "json"]);
    assert_eq!(ended.codes(), ["YC217"]);
    assert!(ended.stderr.contains("mended 2 findings in 1 file"), "{}", ended.stderr);
    assert_eq!(read(), RULE.replace("login.example.com", "login\\.example\\.com").replace("&amp;", "&"));
    let again = check(folder.path(), &["r.yaral", "--diff"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""));
}

/// What one correction uncovers is corrected as well, in both.
#[test]
fn diff_shows_all_that_fix_makes() {
    let text = RULE.replace("/login.example.com/", "/.*.*a\\.com|.*b\\.com|.*b\\.com/");
    let folder = folder(&[("a b.yaral", &text)]);
    let shown = check(folder.path(), &["a b.yaral", "--diff"]).stdout;
    assert!(shown.starts_with("--- a b.yaral\t\n+++ a b.yaral\t\n"), "{shown}");
    check(folder.path(), &["a b.yaral", "--fix"]);
    let mended = fs::read_to_string(folder.path().join("a b.yaral")).unwrap();
    let added: Vec<&str> = shown.lines().skip(2).filter_map(|line| line.strip_prefix('+')).collect();
    assert_eq!(added, mended.lines().skip(5).take(2).collect::<Vec<_>>());
    assert!(mended.contains("/a\\.com|.*b\\.com/"), "{mended}");
}

#[test]
fn fix_keeps_line_ends_and_the_byte_order_mark() {
    let text = format!("\u{feff}{}", RULE.replace('\n', "\r\n"));
    let folder = folder(&[("r.yaral", &text)]);
    check(folder.path(), &["r.yaral", "--fix"]);
    let mended = text.replace("login.example.com", "login\\.example\\.com").replace("&amp;", "&");
    assert_eq!(fs::read_to_string(folder.path().join("r.yaral")).unwrap(), mended);
}

#[test]
fn fix_keeps_the_encoding_of_the_file() {
    let utf16 = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let folder = folder(&[]);
    let path = folder.path().join("r.yaral");
    fs::write(&path, utf16(RULE)).unwrap();
    check(folder.path(), &["r.yaral", "--fix"]);
    let mended = RULE.replace("login.example.com", "login\\.example\\.com").replace("&amp;", "&");
    assert_eq!(fs::read(&path).unwrap(), utf16(&mended));
}

#[test]
fn github_annotations_are_one_line_each_and_escaped() {
    let folder = folder(&[("a,b.yaral", RULE)]);
    let ended = check(folder.path(), &["a,b.yaral", "--format", "github"]);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        lines[0],
        "::warning file=a%2Cb.yaral,line=5,endLine=5,col=30,endColumn=41,title=YC217::the field never holds `USER_LOGN`%0Adid you mean `USER_LOGIN`?"
    );
}

/// The parts of SARIF 2.1.0 that are required, and the references between them.
#[test]
fn sarif_has_what_its_schema_requires() {
    let folder = folder(&[("r/a b.yaral", RULE), ("r/bad.yaral", &RULE.replace("$e\n", "$x\n"))]);
    let report = check(folder.path(), &["r", "--format", "sarif"]).json();
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(
        (&run["tool"]["driver"]["name"], &run["columnKind"]),
        (&json!("yaral"), &json!("unicodeCodePoints"))
    );
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 8);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            ["r/a%20b.yaral", "r/bad.yaral"].contains(&place["artifactLocation"]["uri"].as_str().unwrap())
        );
        let number = |key: &str| place["region"][key].as_u64().unwrap();
        assert!(
            number("startLine") >= 1
                && (number("startLine"), number("startColumn")) < (number("endLine"), number("endColumn"))
        );
        for fix in result["fixes"].as_array().unwrap() {
            assert!(fix["artifactChanges"][0]["replacements"][0]["deletedRegion"]["startLine"].is_u64());
        }
    }
}

#[test]
fn the_closing_lines_name_the_rules_that_did_not_load() {
    let broken = RULE.replace("rule r", "rule broken").replace("$e\n}", "$x and $y\n}");
    let folder = folder(&[("a.yaral", RULE), ("b.yaral", &broken)]);
    let ended = check(folder.path(), &[".", "--format", "json"]);
    assert!(
        ended.stderr.contains("not loaded: `broken` in ./b.yaral: `$x` is not declared, and 1 more\n"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.ends_with("2 rules in 2 files: 2 errors, 6 warnings\n"), "{}", ended.stderr);
}

#[test]
fn rules_of_one_name_are_told_across_files() {
    let folder = folder(&[("a.yaral", RULE), ("b.yaral", RULE)]);
    let found = check(folder.path(), &[".", "--select", "YC218", "--format", "json"]).json();
    assert_eq!((&found[0]["file"], found.as_array().unwrap().len()), (&json!("./b.yaral"), 1));
    assert!(found[0]["message"].as_str().unwrap().contains("./a.yaral"));
}
