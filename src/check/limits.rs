//! How many tests of lists Google SecOps takes in one rule or search, and how many sources a search of it joins.

use super::errors;
use super::scope::{EventVariable, Scope, expressions};
use crate::diag::Diagnostic;
use crate::schema::Root;
use crate::syntax::ast::{Body, ExprKind, ListKind};
use crate::syntax::walk;
use crate::text::Span;

/// The most tests with `in`, and of them with `in regex` and `in cidr`.
const MOST: usize = 10;
const MOST_OF_A_KIND: usize = 5;

/// The most variables of a kind that one search joins.
const MOST_SOURCES: [(Root, usize, &str); 2] =
    [(Root::Udm, 2, "event variables"), (Root::Entity, 1, "variable over entities")];

/// One warning for each kind of source, at the first variable too many.
pub(super) fn sources(scope: &Scope, found: &mut Vec<Diagnostic>) {
    for (root, most, what) in MOST_SOURCES {
        let mut all: Vec<&EventVariable> = scope.events.values().filter(|event| event.root == root).collect();
        all.sort_by_key(|event| event.span.start);
        found.extend(all.get(most).map(|event| errors::too_many_sources(event.span, most, what)));
    }
}

/// One warning for a body, at the first test too many.
pub(super) fn check(body: &Body, found: &mut Vec<Diagnostic>) {
    let mut tests: Vec<(ListKind, Span)> = Vec::new();
    for expr in expressions(body) {
        walk(expr, &mut |part| {
            if let ExprKind::In(list) = &part.kind {
                tests.push((list.kind, part.span));
            }
        });
    }
    let of = |kind: ListKind| tests.iter().filter(move |(one, _)| *one == kind).nth(MOST_OF_A_KIND);
    if let Some((_, span)) = tests.get(MOST) {
        found.push(errors::too_many_lists(*span, MOST, "in"));
    } else if let Some((_, span)) = of(ListKind::Regex) {
        found.push(errors::too_many_lists(*span, MOST_OF_A_KIND, "in regex"));
    } else if let Some((_, span)) = of(ListKind::Cidr) {
        found.push(errors::too_many_lists(*span, MOST_OF_A_KIND, "in cidr"));
    }
}
