//! On which Windows events a rule can fire: those that have the type and every field that is tested beside it.

use std::sync::LazyLock;

use super::tests_of::{Subjects, Test};
use crate::ingest::windows::coverage::{Kind, kinds};
use crate::syntax::ast::{Expr, Logic};

/// What events are called: providers, and titles by id.
const TITLES: &str = include_str!("titles.txt");

/// The mapping, read once.
static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(kinds);

/// The most alternatives of a rule that are told apart; what comes after widens none.
const MOST: usize = 256;

/// The fields that say which event it is.
const TELLING: [&str; 2] = ["metadata.event_type", "metadata.product_event_type"];

/// A kind of event that a rule can fire on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Coverage {
    pub(super) provider: &'static str,
    pub(super) id: u32,
    pub(super) title: &'static str,
}

/// By provider, then by id; a search has several bodies.
pub(super) fn rows(bodies: &[Subjects<'_>]) -> Vec<Coverage> {
    let events = |one: &Subjects<'_>| {
        let names = one.variables().iter().filter(|name| one.is_event(name));
        names.flat_map(|name| ways_of(one, name)).collect::<Vec<_>>()
    };
    let ways: Vec<Vec<Test>> = bodies.iter().flat_map(events).collect();
    let mut rows: Vec<(usize, Coverage)> = Vec::new();
    for kind in KINDS.iter() {
        if ways.iter().any(|way| fits(kind, way)) {
            let (place, provider, title) = titles(kind.provider, kind.id);
            rows.push((place, Coverage { provider, id: kind.id, title }));
        }
    }
    rows.sort_by_key(|(place, row)| (*place, row.id));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The alternatives of all that is asked of a variable.
fn ways_of(subjects: &Subjects<'_>, name: &str) -> Vec<Vec<Test>> {
    let statements = subjects.statements(name).into_iter();
    let ways = statements.map(|statement| ways(subjects, name, statement));
    ways.fold(vec![Vec::new()], both)
}

/// Each way in which an expression can hold, as the tests that then do. What must not hold asks for nothing.
fn ways(subjects: &Subjects<'_>, name: &str, expr: &Expr) -> Vec<Vec<Test>> {
    match expr.logic() {
        Logic::And(parts) => parts.iter().map(|part| ways(subjects, name, part)).fold(vec![Vec::new()], both),
        Logic::Or(parts) | Logic::Of(_, parts) => {
            parts.iter().flat_map(|part| ways(subjects, name, part)).collect()
        }
        Logic::Not(_) => vec![Vec::new()],
        Logic::Alone => {
            let test = subjects.test(expr, false);
            let test = test.filter(|test| test.needs_value && test.variable == name);
            vec![test.into_iter().collect()]
        }
    }
}

fn both(left: Vec<Vec<Test>>, right: Vec<Vec<Test>>) -> Vec<Vec<Test>> {
    if left.len().saturating_mul(right.len()) > MOST {
        return left;
    }
    let join = |way: &Vec<Test>| {
        let way = way.clone();
        right.iter().map(move |other| way.iter().chain(other).cloned().collect())
    };
    left.iter().flat_map(join).collect()
}

fn fits(kind: &Kind, way: &[Test]) -> bool {
    way.iter().any(|test| TELLING.contains(&test.field.as_str()) || !is_common(&test.field))
        && way.iter().all(|test| kind.can_hold(&test.field, &|value| test.admits(value)))
}

/// Does every kind of event have the field, so that it tells none from another?
fn is_common(field: &str) -> bool {
    KINDS.iter().all(|kind| kind.can_hold(field, &|_| true))
}

/// Where the provider stands in the table, what people call it, and the title of the event.
fn titles(provider: &'static str, id: u32) -> (usize, &'static str, &'static str) {
    let lines = TITLES.lines().filter(|line| !line.starts_with('#'));
    let (mut here, mut found) = (false, (usize::MAX, provider, ""));
    for (place, (left, right)) in lines.filter_map(|line| line.split_once(" | ")).enumerate() {
        match left.parse::<u32>() {
            Ok(known) if here && known == id => found.2 = right,
            Ok(_) => {}
            Err(_) => {
                here = left == provider;
                if here {
                    found = (place, right, "");
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapped_event_has_a_title() {
        let bare: Vec<String> = kinds()
            .iter()
            .filter(|kind| titles(kind.provider, kind.id).2.is_empty())
            .map(|kind| format!("{} {}", kind.provider, kind.id))
            .collect();
        assert!(bare.is_empty(), "no title for {bare:?}");
    }
}
