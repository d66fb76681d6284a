//! Rules that share tests and searches find together what each finds alone, and what the written rule says of each event.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use yaral::cli::doors::{ListFolders, Plan, Written, compile_written};
use yaral::exec::options::RunOptions;
use yaral::exec::run;
use yaral::exec::trace::{Choice, trace};
use yaral::ingest::source::{Input, InputOrigin};
use yaral::ingest::wanted::Wanted;
use yaral::plan::dispatch::Dispatch;
use yaral::syntax::ast::Unit;
use yaral::syntax::parse;
use yaral::text::Sources;

/// Rules compiled side by side.
struct Compiled {
    plans: Vec<Plan>,
    written: Vec<Written>,
    wanted: Wanted,
}

fn compiled(tests: &[String]) -> Compiled {
    let rules = tests.iter().enumerate().map(|(number, test)| {
        format!("rule r{number} {{ meta: author = \"us\" events: {test} condition: $e }}\n")
    });
    let mut sources = Sources::default();
    let source = sources.add("r.yaral", rules.collect::<String>());
    let parsed = parse(sources.get(source).unwrap());
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let (mut all, folders) = (Vec::new(), ListFolders::default());
    let mut wanted = Wanted::default();
    for unit in &parsed.file.units {
        let Unit::Rule(rule) = unit else { continue };
        all.push(compile_written(rule, "r.yaral", &folders, &mut wanted).unwrap());
    }
    let (plans, written) = all.into_iter().unzip();
    Compiled { plans, written, wanted }
}

/// Which records each rule detects.
fn found(compiled: &Compiled, events: &Path) -> Vec<BTreeSet<u64>> {
    let Compiled { plans, wanted, .. } = compiled;
    let mut found = vec![BTreeSet::new(); plans.len()];
    for one in run(plans, wanted, &[input(events)], &options()).detections {
        found[one.rule].insert(one.first);
    }
    found
}

/// Which records satisfy each rule as written, test by test.
fn satisfied(compiled: &Compiled, events: &Path) -> Vec<BTreeSet<u64>> {
    let rules = (&compiled.plans[..], &compiled.written[..]);
    let traced = trace(rules, &compiled.wanted, &[input(events)], &options(), &Choice::All);
    let of = |rule: &yaral::exec::trace::RuleTrace| {
        let numbered = (1..).zip(&rule.events);
        numbered.filter(|(_, event)| event.verdict).map(|(number, _)| number).collect()
    };
    traced.rules.iter().map(of).collect()
}

fn input(path: &Path) -> Input {
    Input::File { path: path.to_owned(), name: "events".to_owned(), origin: InputOrigin::Named }
}

fn options() -> RunOptions {
    RunOptions { threads: 1, ..RunOptions::default() }
}

const LINE: &str = "$e.target.process.command_line";

/// Words that meet under folding, and some that do not.
const WORDS: [&str; 12] = [
    "tasklist",
    "TASKLIST",
    "task",
    "ta\u{17f}\u{212a}list",
    "ski",
    "k",
    "mimi\u{212a}atz",
    "mimikatz",
    "STRASSE",
    "straße",
    "İstanbul",
    "i\u{307}stanbul",
];

fn test() -> impl Strategy<Value = String> {
    let word = || select(&WORDS[..]);
    let (nocase, user) = (select(&["", " nocase"][..]), "$e.principal.user.userid");
    prop_oneof![
        4 => (word(), nocase.clone()).prop_map(|(word, nocase)| format!("{LINE} = /{word}/{nocase}")),
        3 => (word(), word()).prop_map(|(a, b)| format!("re.regex({LINE}, `(?i){a}( |-).*{b}$`)")),
        2 => (word(), word()).prop_map(|(a, b)| format!("{LINE} = /^({a}|.*{b})/ nocase")),
        1 => word().prop_map(|word| format!("strings.contains({LINE}, \"{word}\")")),
        2 => word().prop_map(|word| format!("strings.contains(strings.to_lower({LINE}), \"{word}\")")),
        1 => word().prop_map(|word| format!("re.regex(strings.to_lower({LINE}), `{word}`)")),
        1 => word().prop_map(|word| format!("strings.starts_with({LINE}, \"{word}\")")),
        2 => (word(), nocase).prop_map(move |(word, nocase)| format!("{user} = \"{word}\"{nocase}")),
        1 => word().prop_map(|word| format!("strings.to_lower($e.principal.user.userid) = \"{word}\"")),
        1 => Just(format!("{LINE} = /.*/")),
        1 => Just("$e.metadata.event_type = \"PROCESS_LAUNCH\"".to_owned()),
        1 => Just("$e.metadata.event_type = \"EVENTTYPE_UNSPECIFIED\"".to_owned()),
        1 => select(&["0", "22", "443"][..]).prop_map(|port| format!("$e.target.port = {port}")),
        1 => word().prop_map(|word| format!("$e.principal.ip = /{word}/ nocase")),
        1 => word().prop_map(|word| format!("any $e.principal.ip = \"{word}\"")),
        1 => word().prop_map(|word| format!("all $e.principal.ip = /{word}/")),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => test(),
        1 => test().prop_map(|test| format!("not {test}")),
        1 => (test(), test()).prop_map(|(a, b)| format!("({a} or {b})")),
        1 => (test(), test(), test()).prop_map(|(a, b, c)| format!("({a} or ({b} and not {c}))")),
    ];
    proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join("\n"))
}

fn event() -> impl Strategy<Value = String> {
    let word = || select(&WORDS[..]);
    let line = prop_oneof![
        Just(serde_json::Value::Null),
        Just(serde_json::json!("")),
        Just(serde_json::json!(17)),
        word().prop_map(Into::into),
        (word(), word()).prop_map(|(a, b)| format!("{a} /{b}").into()),
        (word(), word(), word()).prop_map(|(a, b, c)| format!("{a} {b}-{c}").into()),
    ];
    let kind = select(&["PROCESS_LAUNCH", "USER_LOGIN", ""][..]);
    let words = proptest::collection::vec(word(), 0..3);
    (line, kind, word(), select(&[0, 22, 443][..]), words).prop_map(|(line, kind, user, port, words)| {
        let event = serde_json::json!({
            "metadata": {"eventTimestamp": "2024-05-01T10:00:00Z", "eventType": kind},
            "principal": {"user": {"userid": user}, "ip": words},
            "target": {"port": port, "process": {"commandLine": line}},
        });
        event.to_string()
    })
}

/// The same cases in each run.
const SEED: proptest::test_runner::RngSeed = proptest::test_runner::RngSeed::Fixed(2_024);

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn many_rules_find_together_what_each_finds_alone_and_what_each_says(
        rules in proptest::collection::vec(rule(), 1..14),
        events in proptest::collection::vec(event(), 1..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, events.join("\n")).unwrap();
        let all = compiled(&rules);
        let together = found(&all, &path);
        let alone: Vec<_> = rules.iter().map(|rule| found(&compiled(std::slice::from_ref(rule)), &path).remove(0)).collect();
        prop_assert_eq!(&together, &alone, "{:#?}", rules);
        prop_assert_eq!(&together, &satisfied(&all, &path), "{:#?}", rules);
    }
}

/// The records that a rule of one test detects, one record for each command line.
fn matching(test: &str, lines: &[&str]) -> Vec<u64> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let event = |line: &&str| {
        let metadata = serde_json::json!({"eventTimestamp": "2024-05-01T10:00:00Z"});
        serde_json::json!({"metadata": metadata, "target": {"process": {"commandLine": line}}}).to_string()
    };
    fs::write(&path, lines.iter().map(event).collect::<Vec<_>>().join("\n")).unwrap();
    found(&compiled(&[test.to_owned()]), &path).remove(0).into_iter().collect()
}

#[test]
fn the_long_s_and_the_kelvin_sign_are_letters_of_a_pattern_without_case() {
    let lines = ["TASKLIST", "ta\u{17f}klist", "tas\u{212a}list", "tasqlist", "ta\u{17f}\u{212a}li\u{17f}t"];
    assert_eq!(matching(&format!("{LINE} = /tasklist/ nocase"), &lines), [1, 2, 3, 5]);
    assert_eq!(matching(&format!("{LINE} = \"tasklist\" nocase"), &lines), [1, 2, 3, 5]);
    assert_eq!(matching(&format!("{LINE} = /ta\u{17f}klist/"), &lines), [2]);
    assert_eq!(matching(&format!("strings.to_lower({LINE}) = \"tasklist\""), &lines), [1, 3]);
}

#[test]
fn values_that_come_again_and_values_that_never_do_are_judged_alike() {
    // More than are tried before remembering is given up, then some that were seen before.
    let fresh: Vec<String> = (0..6_000).map(|number| format!("tool-{number} /export")).collect();
    let lines: Vec<&str> =
        fresh.iter().map(String::as_str).chain(["tool-7 /export", "tool-7 /import"]).collect();
    let found = matching(&format!("{LINE} = /TOOL-7 .*EXPORT/ nocase"), &lines);
    assert_eq!(found, [8, 6_001]);
}

#[test]
fn a_rule_is_filed_under_its_rarest_test_and_the_same_test_is_kept_once() {
    let rules = [
        format!("$e.metadata.event_type = \"PROCESS_LAUNCH\" {LINE} = /mimikatz/ nocase"),
        format!("$e.metadata.event_type = \"USER_LOGIN\" re.regex({LINE}, `rubeus`)"),
        format!(
            "$e.metadata.event_type = \"PROCESS_LAUNCH\" {LINE} = /mimikatz/ nocase $e.target.port = 443"
        ),
        format!("not {LINE} = /mimikatz/"),
    ];
    let compiled = compiled(&rules);
    let plans: Vec<&Plan> = compiled.plans.iter().collect();
    let dispatch = Dispatch::new(&plans, &compiled.wanted);
    let [file] = &dispatch.files[..] else { panic!("{dispatch:#?}") };
    assert_eq!(file.always, [3]);
    let leads: Vec<Vec<&[usize]>> =
        file.fields.iter().map(|field| field.leads.iter().map(|lead| &lead.targets[..]).collect()).collect();
    assert_eq!(leads, [[&[0, 2][..], &[1][..]]]);
}
