//! Lines that need a whole rule: what the checker refuses, and what rows of events make of a call.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value as Json, json};
use yaral::value::Timestamp;

use super::{Ending, to_value};

/// Does the argument speak of events rather than of values?
pub fn wants_a_rule(argument: &Json) -> bool {
    let has = |key: &str| argument.get(key).is_some();
    has("case") || has("expr") || (has("field") && !has("event"))
}

/// The outcome `$x` of a rule that makes the call.
pub fn run(name: &str, arguments: &[Json]) -> Ending {
    let folder = tempfile::tempdir().unwrap();
    let (rule, events) = written(name, arguments);
    let (rule_file, event_file) = (folder.path().join("r.yaral"), folder.path().join("e.jsonl"));
    std::fs::write(&rule_file, &rule).unwrap();
    let lines: Vec<String> = events.iter().map(Json::to_string).collect();
    std::fs::write(&event_file, lines.join("\n")).unwrap();
    match yaral(&["check"], &[&rule_file]).status.code() {
        Some(0) => {}
        Some(1) => return Ending::Refused,
        other => panic!("check ended with {other:?}\n{rule}"),
    }
    let ended = yaral(&["run", "--format", "json"], &[&rule_file, &event_file]);
    assert!(ended.status.success(), "{rule}\n{}", String::from_utf8_lossy(&ended.stderr));
    let detections: Json = serde_json::from_slice(&ended.stdout).unwrap();
    outcome(&detections[0]["detection"][0]["variables"]["x"], &rule)
}

fn yaral(words: &[&str], paths: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yaral")).args(words).args(paths).output().unwrap()
}

fn outcome(variable: &Json, rule: &str) -> Ending {
    for (key, inside) in [("stringSeq", "stringVals"), ("int64Seq", "int64Vals")] {
        if let Some(values) = variable.get(key) {
            return to_value(&values[inside], Timestamp(0));
        }
    }
    if let Some(text) = variable.get("stringVal") {
        return to_value(text, Timestamp(0));
    }
    let number = variable.get("int64Val").and_then(Json::as_str).map(|digits| digits.parse::<f64>().unwrap());
    let number = number.or(variable.get("doubleVal").and_then(Json::as_f64));
    to_value(&json!(number.unwrap_or_else(|| panic!("no outcome: {variable}\n{rule}"))), Timestamp(0))
}

/// A rule and its events.
fn written(name: &str, arguments: &[Json]) -> (String, Vec<Json>) {
    let first = &arguments[0];
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    if let Some(case) = first.get("case") {
        return (alone(&with_fields(&text(case))), vec![event(&letters(first))]);
    }
    if let Some(condition) = first.as_bool() {
        let rest: Vec<String> = arguments[1..].iter().map(Json::to_string).collect();
        let call = format!("if($e.principal.hostname = \"on\", {})", rest.join(", "));
        return (alone(&call), vec![event(&json!({"hostname": if condition { "on" } else { "off" }}))]);
    }
    if first.get("expr").is_some() {
        return pairs();
    }
    if let Some(events) = first.get("events").and_then(Json::as_array) {
        let field = |path: &Json| format!("$e.{}", text(path).replace("security_results", "security_result"));
        let others = first.get("also_referenced").and_then(Json::as_array).cloned().unwrap_or_default();
        let beside: String = others.iter().map(|path| format!("    $y = array({})\n", field(path))).collect();
        let rule = alone(&format!("{name}({})\n{beside}", field(&first["field"])));
        let events = events.iter().map(|event| {
            let respelt = event.to_string().replace("security_results", "security_result");
            stamped(serde_json::from_str(&respelt).unwrap())
        });
        return (rule, events.collect());
    }
    let fields: Vec<String> = arguments.iter().map(|field| format!("${}", text(&field["field"]))).collect();
    let events = format!("{}\n    $p = {name}({})", two_variables(), fields.join(", "));
    (rule(&events, "match:\n    $p over 5m\n  condition:\n    $e1 and $e2"), Vec::new())
}

fn rule(events: &str, rest: &str) -> String {
    format!("rule r {{\n  meta:\n    author = \"x\"\n  events:\n    {events}\n  {rest}\n}}\n")
}

/// A rule of one event, whose outcome is `value`.
fn alone(value: &str) -> String {
    let rest = format!("outcome:\n    $x = {value}\n  condition:\n    $e");
    rule("$e.metadata.event_type = \"USER_LOGIN\"", &rest)
}

/// `h`, `t` and `p` stand for fields.
fn with_fields(case: &str) -> String {
    let fields = [("h", "hostname"), ("t", "application"), ("p", "administrative_domain")];
    fields.iter().fold(case.to_owned(), |case, (letter, field)| {
        let path = format!("$e.principal.{field}");
        let case = case.replace(&format!("({letter} "), &format!("({path} "));
        case.replace(&format!(" {letter},"), &format!(" {path},"))
    })
}

fn letters(case: &Json) -> Json {
    let value = |letter: &str| case.get(letter).cloned().unwrap_or(json!(""));
    json!({"hostname": value("h"), "application": value("t"), "administrative_domain": value("p")})
}

fn event(principal: &Json) -> Json {
    stamped(json!({ "principal": principal }))
}

fn stamped(mut event: Json) -> Json {
    event["metadata"] = json!({"event_type": "USER_LOGIN", "event_timestamp": "2024-05-01T10:00:00Z"});
    event
}

fn two_variables() -> &'static str {
    "$e1.metadata.event_type = \"USER_LOGIN\"\n    $e2.metadata.event_type = \"USER_LOGOUT\""
}

/// Two events joined with three: six rows.
fn pairs() -> (String, Vec<Json>) {
    let joined = "$e1.principal.hostname = $h\n    $e2.principal.hostname = $h";
    let outcome = "$x = sum(if($e1.principal.application = \"value\", 1, 0))";
    let rest = format!("match:\n    $h over 5m\n  outcome:\n    {outcome}\n  condition:\n    $e1 and $e2");
    let events = ["USER_LOGIN", "USER_LOGIN", "USER_LOGOUT", "USER_LOGOUT", "USER_LOGOUT"].map(|kind| {
        let mut event = event(&json!({"hostname": "ws1", "application": "value"}));
        event["metadata"]["event_type"] = json!(kind);
        event
    });
    (rule(&format!("{}\n    {joined}", two_variables()), &rest), events.to_vec())
}
