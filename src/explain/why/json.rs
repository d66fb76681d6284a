//! The whole trace as JSON: one array, an object for each rule.

use serde_json::{Value as Json, json};

use super::{Explained, verdict};
use crate::exec::trace::{EventTrace, GroupTrace, Node, Op, Reason, Reported, Truth};
use crate::report::source_json;
use crate::text::Sources;

pub(super) fn render(sources: &Sources, rules: &[Explained<'_>]) -> String {
    let rules: Vec<Json> = rules.iter().map(|rule| explained(sources, rule)).collect();
    let text = serde_json::to_string_pretty(&Json::Array(rules)).unwrap_or_default();
    text + "\n"
}

fn explained(sources: &Sources, rule: &Explained<'_>) -> Json {
    let events: Vec<Json> = rule.trace.events.iter().map(|one| event(sources, one)).collect();
    let groups: Vec<Json> = rule.trace.groups.iter().map(group).collect();
    json!({ "rule": rule.rule, "verdict": verdict(rule.trace), "events": events, "groups": groups })
}

fn event(sources: &Sources, event: &EventTrace) -> Json {
    json!({
        "source": source_json(&event.place),
        "variable": event.variable,
        "verdict": event.verdict,
        "tree": node(sources, &event.tree),
    })
}

fn node(sources: &Sources, tree: &Node) -> Json {
    let source = sources.get(tree.span.source);
    let at = source.map(|source| source.position(tree.span.start));
    let children: Vec<Json> = tree.children.iter().map(|child| node(sources, child)).collect();
    json!({
        "line": at.map_or(0, |at| at.line),
        "column": at.map_or(0, |at| at.column),
        "text": source.map_or("", |source| source.slice(tree.span)),
        "result": truth(tree.truth),
        "op": op(tree.op),
        "children": children,
        "reason": tree.reason.as_ref().map(reason),
    })
}

fn truth(truth: Truth) -> Json {
    match truth {
        Truth::True => json!(true),
        Truth::False => json!(false),
        Truth::NotReached => json!("not reached"),
    }
}

fn op(op: Op) -> &'static str {
    match op {
        Op::And => "and",
        Op::Or | Op::AtLeast(_) => "or",
        Op::Not => "not",
        Op::Test => "test",
    }
}

fn reason(reason: &Reason) -> Json {
    json!({
        "code": reason.code.word(),
        "field": reason.field,
        "expected": reason.expected,
        "actual": reason.actual,
    })
}

fn group(group: &GroupTrace) -> Json {
    let matches = group.matches.iter().map(|(name, value)| (name.clone(), json!(value.to_text())));
    let window = group
        .window
        .map(|window| json!({ "startTime": window.start.to_rfc3339(), "endTime": window.end.to_rfc3339() }));
    json!({
        "match": Json::Object(matches.collect()),
        "window": window,
        "reported": group.reported == Reported::Yes,
        "reasons": group.reasons.iter().map(reason).collect::<Vec<Json>>(),
    })
}
