use super::*;

fn plain(text: &str) -> List {
    List::parse(text, ListKind::Plain).unwrap()
}

fn has(list: &List, text: &str) -> bool {
    list.contains(text, Case::Exact)
}

#[test]
fn comments_blank_lines_and_white_space_at_the_ends_are_left_out() {
    let list = plain("\u{feff}// hosts\r\n  ws1 // first\r\n\r\n\tws 2\t\r\n");
    assert!(has(&list, "ws1") && has(&list, "ws 2"));
    assert!(!has(&list, "") && !has(&list, "// hosts"));
    assert!(list.warnings().is_empty());
    let Lines::Plain(strings) = list.lines() else { panic!() };
    assert_eq!(strings.exact.len(), 2);
}

#[test]
fn a_backslash_takes_the_next_character_as_it_is() {
    let list = plain(
        r"http:\/\/evil
C:\\temp
ends in space\ 
lone\",
    );
    for text in ["http://evil", r"C:\temp", "ends in space ", r"lone\"] {
        assert!(has(&list, text), "{text}");
    }
}

#[test]
fn a_value_cut_at_a_comment_is_warned_about() {
    let list = plain("good\nhttp://evil");
    assert!(has(&list, "http:"));
    assert_eq!(list.warnings()[0].line, 2);
}

#[test]
fn case_counts_unless_folded() {
    let list = plain("CMD.exe\nÄrger");
    assert!(!has(&list, "cmd.EXE"));
    assert!(list.contains("cmd.EXE", Case::Fold) && list.contains("äRGER", Case::Fold));
    assert!(!list.contains("cmd", Case::Fold));
}

#[test]
fn patterns_are_found_anywhere_and_keep_their_escapes() {
    let list = List::parse("^a\\.exe$ // one\n\\/bin\\/sh", ListKind::Regex).unwrap();
    assert!(has(&list, "a.exe") && has(&list, "in /bin/sh -c"));
    assert!(!has(&list, "A.EXE") && !has(&list, "abexe"));
    assert!(list.contains("A.EXE", Case::Fold));
}

#[test]
fn ranges_of_both_families_stand_in_one_list() {
    let list = List::parse("10.0.0.0/8\n2001:db8::/32\n192.0.2.7", ListKind::Cidr).unwrap();
    assert!(has(&list, "10.255.0.1") && has(&list, "2001:db8::1") && has(&list, "192.0.2.7"));
    assert!(!has(&list, "192.0.2.8") && !has(&list, "") && !has(&list, "host"));
}

#[test]
fn every_bad_line_is_named_with_its_number() {
    let bad = List::parse("10.0.0.0/8\nhost\n10.0.0.0/99", ListKind::Cidr).unwrap_err();
    assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(bad[0].message, "`host` is no range of addresses");
    let bad = List::parse("ok\n(", ListKind::Regex).unwrap_err();
    assert_eq!(bad[0].line, 2);
}

#[test]
fn a_list_above_the_limit_is_refused() {
    let bad = List::parse(&"x\n".repeat(SIZE_LIMIT / 2 + 1), ListKind::Plain).unwrap_err();
    assert_eq!(bad[0].message, "the list has 6000002 bytes, above the limit of 6000000");
}

fn touch(path: PathBuf) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "x").unwrap();
    path
}

#[test]
fn a_folder_given_comes_before_those_above_the_rule() {
    let root = tempfile::tempdir().unwrap();
    let at = |path: &str| root.path().join(path);
    let (rule, given) = (at("rules/deep/a.yaral"), [at("given")]);
    let outside = touch(at("reference_lists/hosts"));
    assert_eq!(find("hosts", &[], &rule, &at("rules")), None);
    assert_eq!(find("hosts", &[], &rule, root.path()), Some(outside));
    let above = touch(at("rules/reference_lists/hosts.txt"));
    assert_eq!(find("hosts", &given, &rule, &at("rules")), Some(above));
    let named = touch(at("given/hosts"));
    assert_eq!(find("hosts", &given, &rule, &at("rules")), Some(named));
}

#[test]
fn a_name_never_leads_out_of_its_folder() {
    let root = tempfile::tempdir().unwrap();
    touch(root.path().join("secret"));
    let given = [root.path().join("lists"), root.path().to_owned()];
    for name in ["../secret", "/secret", "lists/../secret", "..", ""] {
        assert_eq!(find(name, &given, Path::new("a.yaral"), Path::new(".")), None, "{name}");
    }
    assert!(find("secret", &given, Path::new("a.yaral"), Path::new(".")).is_some());
}

#[test]
fn only_folders_below_the_root_are_climbed() {
    let climbed = |rule, root| {
        parents(Path::new(rule), Path::new(root)).map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(climbed("a.yaral", "."), [""]);
    assert_eq!(climbed("./x/a.yaral", "."), ["./x", "."]);
    assert_eq!(climbed("x/y/a.yaral", "x"), ["x/y", "x"]);
    assert_eq!(climbed("/x/a.yaral", "."), ["/x"]);
}
