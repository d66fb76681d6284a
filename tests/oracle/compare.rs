//! When two answers are the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::library::How;
use crate::rows::{Found, Rows};
use crate::value::{Letters, V};
use crate::windows::{Detection, Reported};

/// Two answers to one question, for people.
pub fn difference(expected: &[Detection], actual: &[Detection]) -> Option<String> {
    let (mut left, mut right) = (expected.to_vec(), actual.to_vec());
    left.sort_by_key(key);
    right.sort_by_key(key);
    let same = left.len() == right.len() && left.iter().zip(&right).all(|(a, b)| alike(a, b));
    (!same).then(|| format!("oracle:\n{}\nprogram:\n{}", shown(&left), shown(&right)))
}

/// Two answers to a search, in their order, for people.
pub fn of_rows(expected: &Rows, actual: &Rows) -> Option<String> {
    let names = |rows: &Rows| rows.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let one = |a: &Found, b: &Found| {
        let cells = a.cells.len() == b.cells.len() && a.cells.iter().zip(&b.cells).all(|(a, b)| same(a, b));
        cells && a.window == b.window && a.event == b.event
    };
    let pairs = expected.rows.iter().zip(&actual.rows);
    let same = names(expected) == names(actual)
        && expected.rows.len() == actual.rows.len()
        && pairs.into_iter().all(|(a, b)| one(a, b));
    (!same).then(|| format!("oracle:\n{}program:\n{}", table(expected), table(actual)))
}

fn table(rows: &Rows) -> String {
    let heading: Vec<&str> = rows.columns.iter().map(|column| column.name.as_str()).collect();
    let time = |nanos| yaral::value::Timestamp(nanos).to_rfc3339();
    let line = |row: &Found| {
        let window = row.window.map(|(start, end)| format!("{} to {}", time(start), time(end)));
        let event = row.event.map(|event| format!("event {event}"));
        let extra: Vec<String> = window.into_iter().chain(event).collect();
        format!("  {:?} {}\n", row.cells, extra.join(" "))
    };
    format!("  {heading:?}\n{}", rows.rows.iter().map(line).collect::<String>())
}

fn key(one: &Detection) -> (Option<(i64, i64)>, Vec<String>, String) {
    let matches = one.matches.iter().map(|(_, value)| value.identity()).collect();
    (one.window, matches, format!("{:?}", present(one).collect::<Vec<_>>()))
}

/// A variable without events may be named or left out.
fn present(one: &Detection) -> impl Iterator<Item = (&String, &BTreeSet<usize>)> {
    one.events.iter().filter(|(_, records)| !records.is_empty())
}

/// Sums of doubles may differ in their last digits.
fn alike(left: &Detection, right: &Detection) -> bool {
    let pairs = |a: &[(String, V)], b: &[(String, V)]| {
        a.len() == b.len() && a.iter().zip(b).all(|((x, v), (y, w))| x == y && same(v, w))
    };
    left.window == right.window
        && present(left).eq(present(right))
        && pairs(&left.matches, &right.matches)
        && pairs(&left.outcomes, &right.outcomes)
}

fn same(left: &V, right: &V) -> bool {
    match (left, right) {
        (V::Float(a), V::Float(b)) => a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        (V::List(a), V::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => left == right,
    }
}

pub fn shown(all: &[Detection]) -> String {
    let lines: Vec<String> = all.iter().map(line).collect();
    if lines.is_empty() { "  nothing".to_owned() } else { lines.join("\n") }
}

fn line(one: &Detection) -> String {
    let time = |nanos| yaral::value::Timestamp(nanos).to_rfc3339();
    let window = one.window.map(|(start, end)| format!("{} to {}", time(start), time(end)));
    let values = |all: &[(String, V)]| {
        all.iter().map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
    };
    let events: Vec<String> = one.events.iter().map(|(name, records)| format!("{name}{records:?}")).collect();
    format!(
        "  [{}] {} | {} | {}",
        window.unwrap_or_default(),
        values(&one.matches),
        values(&one.outcomes),
        events.join(" ")
    )
}

/// How a question was put, where a difference is shown.
pub fn name(how: How) -> &'static str {
    match (how.reported, how.letters) {
        (Reported::Covering, Letters::Folded) => "covering windows, letters folded",
        (Reported::Covering, Letters::Exact) => "covering windows, letters told apart",
        (Reported::All, Letters::Folded) => "all windows, letters folded",
        (Reported::All, Letters::Exact) => "all windows, letters told apart",
    }
}

/// How often each reason was given, most frequent first.
pub fn ranked(reasons: &BTreeMap<String, usize>) -> String {
    let mut all: Vec<(&String, &usize)> = reasons.iter().collect();
    all.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), reason.as_str()));
    all.iter().take(8).map(|(reason, count)| format!("    {count:5} {reason}\n")).collect()
}
