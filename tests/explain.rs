//! Pages, why, and why not. Cases are files under `tests/explain/`: a rule, its events as `.jsonl`, and beside them what
//! `explain --event` says as `.out`; `YARAL_BLESS=1` writes that anew. What is said never contradicts a run.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

#[path = "common/golden.rs"]
mod golden;
#[path = "common/shared.rs"]
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use golden::golden;
use proptest::prelude::*;
use serde_json::Value as Json;
use yaral::cli::doors::{ListFolders, Plan, Written, check, compile_written, unsupported};
use yaral::exec::detection::Detection;
use yaral::exec::options::RunOptions;
use yaral::exec::run;
use yaral::exec::trace::{Choice, Reported, RuleTrace, Trace, Truth, trace};
use yaral::ingest::source::{Input, InputOrigin};
use yaral::ingest::wanted::Wanted;
use yaral::syntax::ast::Unit;
use yaral::syntax::parse;
use yaral::text::Sources;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain")
}

fn explained(args: &[&str]) -> String {
    let mut command = Command::cargo_bin("yaral").unwrap();
    let output =
        command.current_dir(folder()).env("COLUMNS", "120").arg("explain").args(args).output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

fn json(args: &[&str]) -> Json {
    let mut command = Command::cargo_bin("yaral").unwrap();
    let command = command.current_dir(folder()).arg("explain").args(args).args(["--format", "json"]);
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

fn cases(ending: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|found| found == ending));
    let mut names: Vec<String> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

#[test]
fn each_event_and_group_is_told_why() {
    for name in cases("jsonl") {
        let (rule, events) = (format!("{name}.yaral"), format!("{name}.jsonl"));
        golden(&folder().join(format!("{name}.out")), &explained(&[&rule, "--event", &events]));
    }
}

#[test]
fn each_rule_has_its_page() {
    for name in cases("page") {
        let args: Vec<String> = std::fs::read_to_string(folder().join(format!("{name}.page")))
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        golden(&folder().join(format!("{name}.out")), &explained(&args));
    }
}

#[test]
fn events_are_not_held_against_a_search_and_it_is_said_what_works() {
    let mut command = Command::cargo_bin("yaral").unwrap();
    let command = command.current_dir(folder()).args(["explain", "tools.yaral", "--event", "tests.jsonl"]);
    let said = command.assert().code(1).stdout("").get_output().stderr.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("`tools.yaral` is a search") && said.contains("`yaral run`"), "{said}");
}

#[test]
fn the_page_of_the_shipped_rule_has_every_table() {
    let rule = "../../rules/impacket_wmiexec_cisa_report.yaral";
    let page = json(&[rule])[0].clone();
    assert_eq!(page["title"], "Impacket WMIExec CISA Report");
    assert_eq!(page["attack"][0]["tactic"]["name"], "Execution");
    assert_eq!(page["attack"][0]["techniques"][0]["name"], "Windows Management Instrumentation");
    let coverage: Vec<String> = page["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {} {}", row["provider"], row["id"], row["title"]).replace('"', ""))
        .collect();
    for row in [
        "Sysmon 1 Process creation",
        "Sysmon 11 FileCreate",
        "Security-Auditing 4688 A new process has been created.",
    ] {
        assert!(coverage.contains(&row.to_owned()), "{row}: {coverage:?}");
    }
    assert!(
        page["stages"][0]["words"]
            .as_str()
            .unwrap()
            .starts_with("Fires when at least one $process event in the 5m window.")
    );
    let kinds: Vec<&str> =
        page["indicators"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["regex_match", "regex_match"]);
    assert_eq!(page["outputs"].as_array().unwrap().len(), 16);
    assert_eq!(page["outputs"][1]["source"], "array_distinct($process.principal.hostname)");
    let html = explained(&[rule, "--format", "html"]);
    assert!(html.contains("<td>Event ID 4688</td>"), "{html}");
}

#[test]
fn every_table_and_value_of_the_page_it_is_measured_by_is_there() {
    let Some(seed) = shared::shared("seed/000_6428f86aaf6c0721.txt") else { return };
    let rule = "../../rules/impacket_wmiexec_cisa_report.yaral";
    let page = bare(&explained(&[rule, "--format", "html", "--catalog", "catalog"]));
    // Two sentences are ours in our own words, the language stands in the line above the title.
    let ours = ["Each row is a field,", "Fields the rule emits", "Rule body"];
    let text = std::fs::read_to_string(seed).unwrap();
    let lines = text.lines().filter(|line| !ours.iter().any(|start| line.starts_with(start)));
    let missing: Vec<&str> = lines
        .flat_map(|line| line.split('|'))
        .filter(|cell| {
            !cell.trim_matches(|letter| " -".contains(letter)).is_empty() && !page.contains(&squeezed(cell))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The text of a page, without tags and white space, in small letters.
fn bare(html: &str) -> String {
    let (_, body) = html.split_once("<body>").unwrap();
    let text: String =
        body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    squeezed(&signs.iter().fold(text, |text, (name, sign)| text.replace(name, sign)))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_lowercase()
}

/// The codes of all reasons in a JSON answer.
fn codes(answer: &Json, found: &mut BTreeSet<String>) {
    match answer {
        Json::Object(members) => {
            found.extend(members.get("code").and_then(Json::as_str).map(str::to_owned));
            members.values().for_each(|member| codes(member, found));
        }
        Json::Array(items) => items.iter().for_each(|item| codes(item, found)),
        _ => {}
    }
}

#[test]
fn every_code_of_a_reason_has_a_case() {
    let mut found = BTreeSet::new();
    for name in cases("jsonl") {
        codes(&json(&[&format!("{name}.yaral"), "--event", &format!("{name}.jsonl")]), &mut found);
    }
    let known = "field_absent value_differs case_differs pattern_not_found not_in_list list_missing wrong_type \
        no_such_element zero_value_filtered variable_unbound join_key_empty join_key_unmatched outside_window \
        no_shared_window count_short outcome_short absent_expected covered_by_other suppressed not_reached";
    let known: BTreeSet<String> = known.split_whitespace().map(str::to_owned).collect();
    assert_eq!(found, known, "missing: {:?}", known.difference(&found).collect::<Vec<_>>());
}

#[test]
fn one_event_is_judged_as_if_there_were_no_others() {
    let answer = json(&["tests.yaral", "--event", "tests.jsonl", "--record", "2"]);
    let events = answer[0]["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["source"]["line"], 2);
    let answer = json(&["tests.yaral", "--event", "tests.jsonl", "--where", "target.user.userid = bob"]);
    assert_eq!(answer[0]["events"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_no_field_and_value_is_refused_with_an_example() {
    let said = explained(&["tests.yaral", "--event", "tests.jsonl", "--where", "no.such.field = 1"]);
    assert!(said.contains("is no `FIELD = VALUE`") && said.contains("product_event_type"), "{said}");
}

#[test]
fn a_pattern_or_nocase_that_would_choose_events_is_refused() {
    for test in ["target.user.userid = /bob/", "target.user.userid = \"BOB\" nocase"] {
        let said = explained(&["tests.yaral", "--event", "tests.jsonl", "--where", test]);
        assert!(said.contains("no pattern and no `nocase`"), "{said}");
    }
}

#[test]
fn a_windows_event_in_a_text_is_found_by_its_line_and_by_its_record() {
    for number in ["2", "288737"] {
        let answer = json(&["near.yaral", "--event", "windows.log", "--record", number]);
        let events = answer[0]["events"].as_array().unwrap();
        assert_eq!(events.len(), 1, "{number}");
        assert_eq!(
            (&events[0]["source"]["line"], &events[0]["source"]["record"]),
            (&2.into(), &"288737".into())
        );
    }
}

#[test]
fn a_page_needs_no_other_file_and_holds_the_tree() {
    let page = explained(&["tests.yaral", "--event", "tests.jsonl", "--format", "html"]);
    assert!(page.starts_with("<!doctype html>") && !page.contains("src=") && !page.contains("<script"));
    assert!(page.contains("pattern_not_found"));
}

// What is said never contradicts a run

fn plans(text: &str, name: &str, lists: &[PathBuf]) -> (Vec<Plan>, Vec<Written>, Wanted) {
    let (mut sources, mut wanted) = (Sources::default(), Wanted::default());
    let source = sources.add(name, text);
    let parsed = parse(sources.get(source).unwrap());
    if parsed.diagnostics.iter().chain(&check(&parsed.file)).any(|found| found.is_error()) {
        return Default::default();
    }
    let folders = ListFolders { given: lists.to_vec(), tables: Vec::new(), root: PathBuf::from(name) };
    let rules = parsed.file.units.iter().filter_map(|unit| match unit {
        Unit::Rule(rule) if unsupported(rule).is_empty() => Some(rule),
        _ => None,
    });
    let compiled = rules.filter_map(|rule| compile_written(rule, name, &folders, &mut wanted).ok());
    let (plans, written) = compiled.unzip();
    (plans, written, wanted)
}

fn input(path: &Path) -> Input {
    Input::File { path: path.to_owned(), name: path.display().to_string(), origin: InputOrigin::Named }
}

fn options() -> RunOptions {
    RunOptions { samples: 1_000, ..RunOptions::default() }
}

type Shown = BTreeMap<String, usize>;

fn shown<'d>(detections: impl Iterator<Item = &'d Detection>) -> Shown {
    let mut all = Shown::new();
    for one in detections {
        *all.entry(format!("{:?} {:?} {:?}", one.window, one.matches, one.outcomes)).or_default() += 1;
    }
    all
}

fn agrees(plans: &[Plan], found: &[Detection], answer: &Trace) {
    for (index, (plan, rule)) in plans.iter().zip(&answer.rules).enumerate() {
        let own: Vec<&Detection> = found.iter().filter(|one| one.rule == index).collect();
        let name = &plan.info.name;
        assert_eq!(shown(own.iter().copied()), shown(rule.detections.iter()), "{name}");
        let reported = rule.groups.iter().filter(|group| group.reported == Reported::Yes).count();
        assert_eq!(reported, own.len(), "{name}: {:#?}", rule.groups);
        let silent =
            rule.groups.iter().find(|group| group.reported == Reported::No && group.reasons.is_empty());
        assert!(silent.is_none(), "{name}: {silent:#?}");
        assert!(!rule.groups.is_empty(), "{name}: nothing is said");
        evidence_matches(rule, &own);
        failures_are_explained(rule, name);
    }
}

/// An event in a detection satisfies its variable.
fn evidence_matches(rule: &RuleTrace, found: &[&Detection]) {
    let matching: BTreeSet<(String, String)> = rule
        .events
        .iter()
        .filter(|event| event.verdict)
        .map(|event| (event.variable.clone(), format!("{:?}", event.place)))
        .collect();
    for evidence in found.iter().flat_map(|one| &one.events) {
        for sample in evidence.samples.iter() {
            let place = (evidence.label.to_string(), format!("{:?}", sample.place()));
            assert!(matching.contains(&place), "{place:?} is evidence, but said not to match");
        }
    }
}

fn failures_are_explained(rule: &RuleTrace, name: &str) {
    let mut open: Vec<_> = rule.events.iter().map(|event| &event.tree).collect();
    while let Some(node) = open.pop() {
        let told = node.reason.is_some() || !node.children.is_empty() || node.truth == Truth::True;
        assert!(told, "{name}: {node:?}");
        open.extend(&node.children);
    }
}

const TESTS: [&str; 8] = [
    "$a.metadata.event_type = \"USER_LOGIN\"",
    "$a.target.port > 100",
    "$a.principal.ip = \"10.0.0.1\"",
    "not $a.principal.ip = \"10.0.0.2\"",
    "any $a.principal.ip != \"10.0.0.2\"",
    "($a.target.port = 22 or $a.principal.ip = /10.0.0.[12]/)",
    "2 of [$a.target.port = 22, $a.target.port < 100, $a.metadata.event_type = \"USER_LOGIN\"]",
    "$a.principal.hostname in %known nocase",
];

const WINDOWS: [&str; 5] = ["over 5m", "by 5m", "over 5m after $a", "over 5m before $a", "over 1m"];

const ALONE: [&str; 4] = ["$a", "#a >= 2", "#a > 1 and $score > 15", "#port >= 2"];

const TOGETHER: [&str; 5] =
    ["$a and $b", "$a and !$b", "#a >= 2 and #b > 1", "$a and #b >= 0", "$a and $b and $score > 15"];

const ACROSS: [&str; 6] = [
    "",
    "$a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds",
    "$a.principal.ip != $b.principal.ip",
    "$a.principal.hostname = $b.principal.hostname",
    "($a.target.port = 22 or $b.principal.hostname = \"ws1\" nocase or any $b.principal.ip = \"10.0.0.1\")",
    "($a.principal.ip = \"10.0.0.1\" or not ($b.target.port = 22 and all $a.principal.ip != \"10.0.0.3\"))",
];

prop_compose! {
    fn rules()(
        tests in proptest::sample::subsequence(&TESTS[..], 0..3),
        others in proptest::sample::subsequence(&TESTS[..6], 1..3),
        two in any::<bool>(),
        window in proptest::sample::select(&WINDOWS[..]),
        alone in proptest::sample::select(&ALONE[..]),
        together in proptest::sample::select(&TOGETHER[..]),
        across in proptest::sample::select(&ACROSS[..]),
        suppressed in any::<bool>(),
    ) -> String {
        let (mut events, mut condition) = (tests.join("\n"), alone);
        if two {
            let others = others.join("\n").replace("$a.", "$b.");
            events = format!("{events}\n{others}\n$b.target.user.userid = $user\n{across}");
            condition = together;
        }
        let suppress = if suppressed { "options: suppression_window = 10m" } else { "" };
        let window = if suppressed && window.contains("10m") { "over 5m" } else { window };
        format!(
            "rule r {{ meta: author = \"us\" events: {events}\n $a.target.user.userid = $user\n \
             $a.target.port = $port match: $user {window} outcome: $score = sum(if($a.target.port > 50, 10, 5)) \
             condition: {condition} {suppress} }}"
        )
    }
}

prop_compose! {
    fn event()(
        at in 0u32..80,
        kind in prop_oneof!["USER_LOGIN", "PROCESS_LAUNCH"],
        user in prop_oneof!["", "bob", "amy"],
        port in prop_oneof![Just(0), Just(22), Just(443)],
        ips in proptest::collection::vec("10.0.0.[1-3]", 0..3),
        host in prop_oneof!["", "ws1", "WS1"],
    ) -> String {
        let (minutes, seconds) = (at * 13 / 60, at * 13 % 60);
        let time = format!("2024-05-01T10:{minutes:02}:{seconds:02}Z");
        serde_json::json!({
            "metadata": {"eventTimestamp": time, "eventType": kind},
            "principal": {"ip": ips, "hostname": host},
            "target": {"port": port, "user": {"userid": user}},
        }).to_string()
    }
}

/// The same cases in each run.
const SEED: proptest::test_runner::RngSeed = proptest::test_runner::RngSeed::Fixed(2_024);

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: SEED, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_is_that_of_a_run(rule in rules(), events in proptest::collection::vec(event(), 0..14)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        std::fs::write(&path, events.join("\n")).unwrap();
        std::fs::write(folder.path().join("known"), "ws1\n").unwrap();
        let (plans, written, wanted) = plans(&rule, "r.yaral", &[folder.path().to_owned()]);
        prop_assume!(!plans.is_empty());
        let inputs = [input(&path)];
        let found = run(&plans, &wanted, &inputs, &options()).detections;
        agrees(&plans, &found, &trace((&plans, &written), &wanted, &inputs, &options(), &Choice::All));
    }
}

/// The captures and the published rules are not part of this project.
#[test]
fn for_published_rules_over_real_captures_the_verdict_is_that_of_a_run() {
    let (Some(folder), Some(data)) = (shared::published(), shared::shared("data")) else { return };
    let captures = [
        "EVTX-ATTACK-SAMPLES__LM_wmiexec_impacket_sysmon_whoami.evtx",
        "EVTX-to-MITRE-Attack__ID4688-Clear_event_log_attempt_native_.evtx",
        "EVTX-to-MITRE-Attack__ID7045-7036_PSexec_service_installation.evtx",
    ];
    let inputs = captures.map(|name| input(&data.join("windows").join(name)));
    let lists = [data.join("lists")];
    let mut judged = 0;
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|ending| ending != "yaral") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let (plans, written, wanted) = plans(&text, &path.display().to_string(), &lists);
        if plans.is_empty() || written.iter().any(|written| !written.missing.is_empty()) {
            continue;
        }
        let found = run(&plans, &wanted, &inputs, &options()).detections;
        agrees(&plans, &found, &trace((&plans, &written), &wanted, &inputs, &options(), &Choice::All));
        judged += 1;
    }
    assert!(judged > 100, "only {judged} rules were judged");
}
