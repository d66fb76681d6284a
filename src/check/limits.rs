//! How many tests of lists Google SecOps takes in one rule or search.

use super::errors;
use super::scope::expressions;
use crate::diag::Diagnostic;
use crate::syntax::ast::{Body, ExprKind, ListKind};
use crate::syntax::walk;
use crate::text::Span;

/// The most tests with `in`, and of them with `in regex` and `in cidr`.
const MOST: usize = 10;
const MOST_OF_A_KIND: usize = 5;

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
