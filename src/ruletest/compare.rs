//! A detection against what was expected of it: each thing that differs, in words.

use rustc_hash::FxHashSet;

use super::model::{Entry, Order};
use super::yaml::{Kind, Node};
use crate::exec::detection::{Detection, Named, RuleInfo};
use crate::value::operators::parse_number;
use crate::value::{Timestamp, Value};

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Such as `match $hostname`.
    pub what: String,
    /// As the test has it.
    pub expected: String,
    /// As the detection has it.
    pub found: String,
}

/// What of `entry` does not hold for a detection.
pub(super) fn differences(entry: &Entry, detection: &Detection, rule: &RuleInfo) -> Vec<Difference> {
    let mut all = Vec::new();
    if let Some(name) = entry.rule.as_ref().filter(|name| **name != rule.name) {
        all.push(difference("rule", name, &rule.name));
    }
    all.extend(variables("match", &entry.matches, &detection.matches, entry.order));
    all.extend(variables("outcome", &entry.outcomes, &detection.outcomes, entry.order));
    for (name, count) in &entry.events {
        let name = variable(name);
        let found =
            detection.events.iter().find(|evidence| *evidence.label == *name).map(|found| found.count);
        if found.unwrap_or_default() != *count {
            let found = found.map_or_else(|| "no such variable".to_owned(), |found| found.to_string());
            all.push(difference(&format!("events ${name}"), &count.to_string(), &found));
        }
    }
    let window = detection.window;
    all.extend(time("startTime", entry.start, window.map(|window| window.start)));
    all.extend(time("endTime", entry.end, window.map(|window| window.end)));
    all
}

/// A variable, written with or without `$`.
pub(super) fn variable(name: &Node) -> &str {
    name.text().unwrap_or_default().trim_start_matches('$')
}

fn difference(what: &str, expected: &str, found: &str) -> Difference {
    Difference { what: what.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

fn time(what: &str, expected: Option<Timestamp>, found: Option<Timestamp>) -> Option<Difference> {
    let expected = expected.filter(|expected| Some(*expected) != found)?;
    let found = found.map_or_else(|| "no time".to_owned(), Timestamp::to_rfc3339);
    Some(difference(what, &expected.to_rfc3339(), &found))
}

fn variables(what: &str, expected: &[(Node, Node)], found: &Named, order: Order) -> Vec<Difference> {
    let mut all = Vec::new();
    for (name, value) in expected {
        let name = variable(name);
        let what = format!("{what} ${name}");
        match found.iter().find(|(known, _)| *known == name) {
            Some((_, found)) if equal(value, found, order) => {}
            Some((_, found)) => all.push(difference(&what, &written(value), &shown(found))),
            None => all.push(difference(&what, &written(value), "no such variable")),
        }
    }
    all
}

fn written(node: &Node) -> String {
    match &node.kind {
        Kind::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Kind::Map(_) => String::new(),
        Kind::Plain(text) | Kind::Quoted(text) => quoted(text),
    }
}

/// A value as a difference shows it.
pub(super) fn shown(value: &Value<'_>) -> String {
    match value {
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Text(_)
        | Value::Bytes(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Time(_) => quoted(&value.to_text()),
    }
}

/// As it stands, unless its ends or a comma in it would not be seen.
fn quoted(text: &str) -> String {
    let clear = !text.is_empty() && text.trim() == text && !text.contains([',', '[', ']', '\n', '\t', '\r']);
    if clear && !text.chars().any(char::is_control) { text.to_owned() } else { format!("{text:?}") }
}

fn equal(expected: &Node, found: &Value<'_>, order: Order) -> bool {
    match (&expected.kind, found) {
        (Kind::List(expected), Value::List(found)) => lists(expected, found, order),
        (Kind::Plain(text) | Kind::Quoted(text), found) => scalar(text, found),
        (Kind::List(_) | Kind::Map(_), _) => false,
    }
}

fn lists(expected: &[Node], found: &[Value<'_>], order: Order) -> bool {
    if order == Order::Kept {
        let pairs = || expected.iter().zip(found);
        return expected.len() == found.len() && pairs().all(|(one, other)| equal(one, other, order));
    }
    let expected: FxHashSet<String> = expected.iter().filter_map(Node::text).map(plain).collect();
    let found: FxHashSet<String> = found.iter().map(|value| plain(&value.to_text())).collect();
    expected == found
}

/// A text, or the number it is, by which `65`, `65.0` and `"65"` are the same.
fn plain(text: &str) -> String {
    parse_number(text).map_or_else(|| text.to_owned(), |number| number.to_text().into_owned())
}

fn scalar(text: &str, found: &Value<'_>) -> bool {
    let known = found.to_text();
    match found {
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => known == text || plain(text) == plain(&known),
        Value::Time(time) => known == text || Timestamp::parse(text) == Some(*time),
        Value::Text(_) | Value::Bytes(_) | Value::Bool(_) | Value::List(_) => known == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Sources;

    fn same(yaml: &str, found: &Value<'_>, order: Order) -> bool {
        let mut sources = Sources::default();
        let id = sources.add("a", yaml);
        equal(&super::super::yaml::read(sources.get(id).unwrap()).unwrap().unwrap(), found, order)
    }

    fn list(items: &[&'static str]) -> Value<'static> {
        Value::List(items.iter().map(|item| Value::text(item)).collect())
    }

    #[test]
    fn a_number_equals_its_text() {
        for yaml in ["65", "'65'", "65.0"] {
            assert!(same(yaml, &Value::Int(65), Order::Ignored), "{yaml}");
            assert!(same(yaml, &Value::Float(65.0), Order::Ignored), "{yaml}");
        }
        assert!(same("65", &Value::text("65"), Order::Ignored));
        assert!(!same("65.0", &Value::text("65"), Order::Ignored));
        assert!(!same("66", &Value::Int(65), Order::Ignored));
    }

    #[test]
    fn times_compare_as_times() {
        let time = Value::Time(Timestamp(0));
        assert!(same("1970-01-01T01:00:00+01:00", &time, Order::Ignored));
        assert!(!same("1970-01-01T01:00:00Z", &time, Order::Ignored));
    }

    #[test]
    fn lists_are_sets_unless_order_counts() {
        let found = list(&["a", "b", "a"]);
        assert!(same("[b, a]", &found, Order::Ignored));
        assert!(!same("[b]", &found, Order::Ignored));
        assert!(!same("[b, a]", &found, Order::Kept));
        assert!(same("[a, b, a]", &found, Order::Kept));
        assert!(!same("[a]", &Value::text("a"), Order::Ignored));
    }
}
