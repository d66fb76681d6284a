//! Rule text to tree and back. Cases are files under `tests/syntax/`; `YARAL_BLESS=1` writes what is expected anew.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "the helpers of tests may panic")]

#[path = "common/golden.rs"]
mod golden;
#[path = "common/shared.rs"]
mod shared;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use golden::golden;
use yaral::syntax::{Parsed, parse, print};
use yaral::text::Sources;

fn read(text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    parse(sources.get(id).unwrap())
}

/// Line, column, code, message and help of each diagnostic.
fn findings(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    let source = sources.get(id).unwrap();
    let mut out = String::new();
    for found in parse(source).diagnostics {
        let at = source.position(found.label.span.start);
        let under = source.slice(found.label.span).replace('\n', "\\n");
        writeln!(out, "{}:{} {} {}", at.line, at.column, found.code.id, found.message).unwrap();
        writeln!(out, "    at `{under}`").unwrap();
        writeln!(out, "    help: {}", found.help.unwrap_or_default()).unwrap();
    }
    out
}

fn cases(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/syntax").join(folder);
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|found| found == ending));
    all.sort();
    assert!(!all.is_empty());
    all
}

fn assert_round_trip(name: &str, text: &str) {
    let first = read(text).file;
    let printed = print(&first);
    let second = read(&printed);
    assert_eq!(second.diagnostics.iter().filter(|found| found.is_error()).count(), 0, "{name}:\n{printed}");
    assert_eq!(first.units, second.file.units, "{name}:\n{printed}");
}

#[test]
fn good_cases_give_no_diagnostic_and_print_as_expected() {
    for case in cases("good", "yaral") {
        let text = std::fs::read_to_string(&case).unwrap();
        assert_eq!(findings(&text), "", "{}", case.display());
        golden(&case.with_extension("out"), &print(&read(&text).file));
    }
}

#[test]
fn a_printed_tree_reads_as_the_same_tree() {
    for case in cases("good", "yaral") {
        assert_round_trip(&case.display().to_string(), &std::fs::read_to_string(&case).unwrap());
    }
}

#[test]
fn each_mistake_gives_one_diagnostic_that_names_the_right_form() {
    for case in cases("bad", "yaral") {
        let text = std::fs::read_to_string(&case).unwrap();
        golden(&case.with_extension("out"), &findings(&text));
    }
}

#[test]
fn published_rules_parse_and_print_to_the_same_tree() {
    let Some(folder) = shared::published() else { return };
    let mut rules = 0;
    let mut spent = std::time::Duration::ZERO;
    for entry in walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|found| found != "yaral") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let start = std::time::Instant::now();
        let parsed = read(&text);
        spent += start.elapsed();
        let found: Vec<_> = parsed.diagnostics.iter().map(|found| &found.message).collect();
        assert!(found.is_empty(), "{}: {found:?}\n{}", entry.path().display(), findings(&text));
        assert_round_trip(&entry.path().display().to_string(), &text);
        rules += 1;
    }
    eprintln!("{rules} rules parsed in {spent:?}");
    assert!(rules > 0);
}

fn rule(events: &str) -> String {
    format!("rule r {{\n  meta:\n  events:\n    {events}\n  condition:\n    $e\n}}\n")
}

#[test]
fn a_forgotten_outcome_is_known_by_every_aggregate_that_rules_have() {
    for row in yaral::aggregates::all().iter().filter(|row| !row.name.contains('.')) {
        let text = rule(&format!("$e.a = \"x\"\n    $n = {}($e.b)", row.name));
        assert!(findings(&text).contains("`outcome:` is missing before this line"), "{}", row.name);
    }
}

#[test]
fn two_thousand_ors_in_a_row_are_one_flat_chain() {
    let text = rule(&vec!["$e.a = \"x\""; 2_000].join("\n or "));
    assert_eq!(findings(&text), "");
    assert_round_trip("ors", &text);
}

#[test]
fn brackets_up_to_the_limit_parse_and_beyond_it_are_refused_once() {
    let nested = |depth: usize| rule(&format!("{}$e.a = 1{}", "(".repeat(depth), ")".repeat(depth)));
    assert_eq!(findings(&nested(198)), "");
    for depth in [201, 3_000, 100_000] {
        let found = read(&nested(depth)).diagnostics;
        assert_eq!(found.len(), 1, "{depth}");
        assert_eq!(found[0].code.id, "YC007");
    }
}

#[test]
fn words_that_nest_without_brackets_are_counted_too() {
    let found = read(&rule(&format!("{}$e.a = 1", "not ".repeat(100_000)))).diagnostics;
    assert_eq!(found.iter().map(|found| found.code.id).collect::<Vec<_>>(), ["YC007"]);
    let found = read(&rule(&format!("$e.a = {}1", "1 + ".repeat(50_000)))).diagnostics;
    assert_eq!(found.iter().map(|found| found.code.id).collect::<Vec<_>>(), ["YC007"]);
}

#[test]
fn nested_ifs_take_linear_time() {
    let deep = (0..20)
        .fold("1".to_owned(), |inner, _| format!("if($e.a = \"x\" and ($e.b = 1 or $e.c = 2), {inner}, 0)"));
    let text =
        rule("$e.a = 1").replace("  condition:", &format!("  outcome:\n    $x = {deep}\n  condition:"));
    let start = std::time::Instant::now();
    assert_eq!(findings(&text), "");
    assert!(start.elapsed() < std::time::Duration::from_secs(1));
}

#[test]
fn no_prefix_of_a_rule_and_no_rule_without_one_character_stops_the_parser() {
    for case in cases("good", "yaral") {
        let text = std::fs::read_to_string(&case).unwrap();
        for (at, c) in text.char_indices().step_by(7) {
            read(&text[..at]);
            read(&format!("{}{}", &text[..at], &text[at + c.len_utf8()..]));
        }
    }
}

/// Spans decide what an editor underlines and what a formatter moves.
#[test]
fn spans_hold_neither_blanks_nor_comments_nor_less_than_their_text() {
    use yaral::syntax::ast::{Stmt, Unit};
    let text = rule(
        "$e.a = \"x\" // a comment\n    ($e.b[0] in %l nocase or not $e.c = 1 ) /* another */\n    $e.d",
    );
    let mut sources = Sources::default();
    let id = sources.add("case", text);
    let source = sources.get(id).unwrap();
    let parsed = parse(source);
    let [Unit::Rule(rule)] = parsed.file.units.as_slice() else { panic!("one rule") };
    let mut seen = Vec::new();
    for stmt in &rule.body.events.as_ref().unwrap().items {
        let Stmt::Predicate(expr) = stmt else { panic!("all statements are good") };
        yaral::syntax::walk(expr, &mut |expr| seen.push(source.slice(expr.span)));
    }
    let expected = [
        "$e.a = \"x\"",
        "$e.a",
        "\"x\"",
        "($e.b[0] in %l nocase or not $e.c = 1 )",
        "$e.b[0] in %l nocase",
        "$e.b[0]",
        "%l",
        "not $e.c = 1",
        "$e.c = 1",
        "$e.c",
        "1",
        "$e.d",
    ];
    assert_eq!(seen, expected);
    assert_eq!(parsed.file.comments.len(), 2);
    assert!(parsed.diagnostics.is_empty());
}
