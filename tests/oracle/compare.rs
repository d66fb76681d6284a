//! When two answers are the same.

use std::collections::{BTreeMap, BTreeSet};

use yaral::syntax::ast;

use crate::rule::Rule;
use crate::value::V;
use crate::windows::{Detection, Reported};

/// Two answers to one question, for people.
pub fn difference(rule: &ast::Rule, expected: &[Detection], actual: &[Detection]) -> Option<String> {
    let (mut left, mut right) = (expected.to_vec(), actual.to_vec());
    if lists_of_several(rule) {
        left.iter_mut().chain(&mut right).for_each(sort_lists);
    }
    left.sort_by_key(key);
    right.sort_by_key(key);
    let same = left.len() == right.len() && left.iter().zip(&right).all(|(a, b)| alike(a, b));
    (!same).then(|| format!("oracle:\n{}\nprogram:\n{}", shown(&left), shown(&right)))
}

/// In which order the rows of two events with several elements each are combined is not settled.
fn lists_of_several(rule: &ast::Rule) -> bool {
    Rule::new(rule).variables.iter().filter(|one| !one.lists.is_empty()).count() > 1
}

fn sort_lists(one: &mut Detection) {
    for (_, value) in &mut one.outcomes {
        if let V::List(items) = value {
            items.sort_by_key(V::identity);
        }
    }
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

/// How the windows reported are called when a difference is shown.
pub fn name(reported: Reported) -> &'static str {
    match reported {
        Reported::Covering => "covering windows",
        Reported::All => "all windows",
    }
}

/// How often each reason was given, most frequent first.
pub fn ranked(reasons: &BTreeMap<String, usize>) -> String {
    let mut all: Vec<(&String, &usize)> = reasons.iter().collect();
    all.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), reason.as_str()));
    all.iter().take(8).map(|(reason, count)| format!("    {count:5} {reason}\n")).collect()
}
