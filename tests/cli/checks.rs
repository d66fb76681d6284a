//! `check` from outside: what it reads, says, and how it ends.

use super::*;

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
