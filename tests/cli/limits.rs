//! Events with more rows than a run keeps: a number that leaves some of them out is never shown.

use super::*;

/// A rule that asks this of an event, and its outcome.
fn rule(events: &str, outcome: &str) -> String {
    let asked = format!("    $e.principal.hostname = $h\n    {events}\n");
    format!(
        "rule many {{\n  meta:\n    author = \"us\"\n  events:\n{asked}  match:\n    $h by 5m\n  outcome:\n    \
         $found = {outcome}\n  condition:\n    $e\n}}\n"
    )
}

/// An event whose lists are these.
fn event(source: &[&str], target: &[&str]) -> String {
    json!({
        "metadata": {"eventTimestamp": "2024-05-01T10:00:00Z"},
        "principal": {"hostname": "h", "ip": source},
        "target": {"ip": target},
    })
    .to_string()
}

fn run(rule: &str, event: &str) -> Ended {
    let folder = Folder::with(&[("many.yaral", rule), ("events.jsonl", event)]);
    folder.run(&["run", "many.yaral", "events.jsonl", "--format", "ndjson", "--samples", "0"])
}

/// The outcome of the one detection.
fn found(ended: &Ended) -> String {
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended.json()["detection"][0]["outcomes"][0]["value"].as_str().unwrap().to_owned()
}

/// So many values, a little more than a million in pairs.
fn values() -> Vec<String> {
    (0..1002).map(|number| number.to_string()).collect()
}

#[test]
fn more_than_a_million_rows_that_a_test_ties_stop_their_rule() {
    let values = values();
    let list: Vec<&str> = values.iter().map(String::as_str).collect();
    let tied = "$e.principal.ip = $a\n    $e.target.ip = $b\n    $a != $b";
    let ended = run(&rule(tied, "count_distinct($a)"), &event(&list, &list));
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("rule `many` was stopped: one event has over a million rows for `$e`"));
    // Where nobody sees how many there are, one row of them is enough.
    let ended = run(&rule(tied, "count_distinct($h)"), &event(&list, &list));
    assert_eq!(found(&ended), "1");
}

#[test]
fn a_list_of_more_than_a_million_is_no_product() {
    let mut list = vec!["a"; 1_000_002];
    list.push("z");
    let event = event(&list, &[]);
    assert_eq!(found(&run(&rule("", "array_distinct($e.principal.ip)"), &event)), "a, z");
    let counted = run(&rule("", "count($e.principal.ip)"), &event);
    assert_eq!((counted.code, counted.stdout.as_str()), (1, ""), "{}", counted.stderr);
}

#[test]
fn the_first_and_the_last_need_no_product() {
    let values = values();
    let list: Vec<&str> = values.iter().map(String::as_str).collect();
    let event = event(&list, &list);
    let of = |outcome: &str| found(&run(&rule("", outcome), &event));
    let beside = "$found_beside = window.last($e.metadata.event_timestamp.seconds, $e.target.ip)";
    let first = "window.first($e.metadata.event_timestamp.seconds, $e.principal.ip)";
    assert_eq!(of(&format!("{first}\n    {beside}")), "0");
    assert_eq!(of("window.last(strings.length($e.principal.ip), $e.target.ip)"), "1001");
    assert_eq!(of("window.range(cast.as_int($e.target.ip), true)"), "1, 1001");
}
