//! `any` and `all`: they ask of one list of one event, and stand in tests alone.

use super::walker::{Place, Walker};
use super::{errors, fields};
use crate::syntax::ast::{Expr, ExprKind, FieldRef, Logic, Quantifier};
use crate::syntax::{children, walk};
use crate::text::Span;

/// The sides of a comparison: `any` and `all` neither bind a placeholder nor join two events, not deep within them either.
pub(super) fn sides(walker: &mut Walker, test: &Expr, left: &Expr, right: &Expr) {
    let before = walker.found.len();
    for (side, other) in [(left, right), (right, left)] {
        let Some((span, quantifier, field)) = first(&parts(side)) else { continue };
        let word = fields::quantifier_word(quantifier);
        let placeholder = other.as_variable().filter(|_| walker.place == Place::Events);
        if let Some(name) = placeholder {
            walker.found.push(errors::quantified_placeholder(span, word, &name.node));
        } else if is_of_another(&parts(other), field) {
            return walker.found.push(errors::quantified_join(span, word));
        }
    }
    if walker.found.len() == before {
        of_one_event(walker, test);
    }
}

/// All fields of a test with `any` or `all` are of one event.
pub(super) fn of_one_event(walker: &mut Walker, test: &Expr) {
    let own = own_parts(test);
    if let Some((span, quantifier, field)) = first(&own)
        && is_of_another(&own, field)
    {
        walker.found.push(errors::quantified_join(span, fields::quantifier_word(quantifier)));
    }
}

/// What has a value, and is no test: there are no elements to ask about.
pub(super) fn as_value(walker: &mut Walker, value: &Expr) {
    if let Some((span, quantifier, field)) = first(&own_parts(value)) {
        let word = fields::quantifier_word(quantifier);
        walker.found.push(errors::quantified_value(span, word, &fields::text(field)));
    }
}

/// The first field with `any` or `all` before it.
fn first<'t>(parts: &[&'t Expr]) -> Option<(Span, Quantifier, &'t FieldRef)> {
    parts.iter().find_map(|part| {
        let ExprKind::Quantified(quantifier, field) = &part.kind else { return None };
        Some((part.span, *quantifier, field))
    })
}

/// Is a field among them of another event?
fn is_of_another(parts: &[&Expr], field: &FieldRef) -> bool {
    parts.iter().filter_map(|part| part.as_any_field()).any(|other| other.variable != field.variable)
}

/// An expression and all beneath it, left before right.
fn parts(expr: &Expr) -> Vec<&Expr> {
    let mut parts = Vec::new();
    walk(expr, &mut |part| parts.push(part));
    parts
}

/// A test and its values, left before right, but no test within them: its `any` and `all` are its own.
fn own_parts(expr: &Expr) -> Vec<&Expr> {
    let is_if = expr.as_call().is_some_and(|call| call.name.node == "if");
    let values = children(expr).into_iter().skip(usize::from(is_if)).filter(|part| !is_test(part));
    std::iter::once(expr).chain(values.flat_map(own_parts)).collect()
}

fn is_test(expr: &Expr) -> bool {
    let is_alone = matches!(expr.logic(), Logic::Alone);
    !is_alone || matches!(expr.kind, ExprKind::Compare(_) | ExprKind::In(_) | ExprKind::IsNull(_))
}
