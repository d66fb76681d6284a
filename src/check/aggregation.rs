//! Outcomes: which fields need an aggregate around them, and what must not be aggregated again.

use super::scope::{Language, Scope, outcomes};
use super::{calls, errors, fields, types};
use crate::aggregates;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Body, Call, Expr, ExprKind, FieldRef, Name};
use crate::syntax::children;

/// One diagnostic for each assignment at most.
pub(super) fn check(scope: &Scope, body: &Body, found: &mut Vec<Diagnostic>) {
    for (_, value) in outcomes(body) {
        let said = |one: &Diagnostic| {
            found.iter().any(|other| other.is_error() && other.label.span == one.label.span)
        };
        let one = assignment(scope, value).filter(|one| !said(one));
        found.extend(one);
    }
}

/// A field deep within needs the aggregate around everything.
fn assignment(scope: &Scope, value: &Expr) -> Option<Diagnostic> {
    // `any` and `all` by themselves are said to compare nothing.
    if matches!(value.kind, ExprKind::Quantified(..)) {
        return None;
    }
    let found = outside(scope, value)?;
    let metric = matches!(&value.kind, ExprKind::Call(call) if calls::is_foreign(call));
    let whole = metric || found.code != &codes::NOT_AGGREGATED || found.label.span == value.span;
    Some(if whole { found } else { errors::wrap_the_whole(found, types::type_of(scope, value)) })
}

/// What stands outside of every aggregate.
fn outside(scope: &Scope, expr: &Expr) -> Option<Diagnostic> {
    match &expr.kind {
        ExprKind::Call(call) => outside_call(scope, call, expr),
        ExprKind::Field(field) if types::is_window_word(field) => window_word(scope, field, expr),
        ExprKind::Field(field) => bare_field(scope, field, expr),
        ExprKind::Quantified(_, field) => (scope.gathered && is_event(scope, field))
            .then(|| errors::not_aggregated(expr.span, &fields::text(field))),
        ExprKind::Variable(name) => bare_placeholder(scope, name, expr),
        ExprKind::Or(_)
        | ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::Compare(_)
        | ExprKind::In(_)
        | ExprKind::IsNull(_)
        | ExprKind::Arith(..)
        | ExprKind::Negative(_)
        | ExprKind::Count(_)
        | ExprKind::Absent(_)
        | ExprKind::List(_)
        | ExprKind::Of(..)
        | ExprKind::Array(_)
        | ExprKind::Literal(_) => below(scope, expr),
    }
}

fn below(scope: &Scope, expr: &Expr) -> Option<Diagnostic> {
    children(expr).into_iter().find_map(|child| outside(scope, child))
}

fn outside_call(scope: &Scope, call: &Call, expr: &Expr) -> Option<Diagnostic> {
    let name = call.name.node.as_str();
    if name.starts_with("metrics.") {
        return Some(errors::metric_not_aggregated(call.name.span, name));
    }
    if calls::is_foreign(call) || name == "group" || !calls::is_known(call) {
        return None;
    }
    if is_window(name) && !scope.grouped {
        return Some(errors::match_needed(call.name.span, &format!("`{name}`")));
    }
    if is_aggregate(name) {
        return children(expr).into_iter().find_map(|child| inside(scope, name, child));
    }
    if calls::takes_groups(call) && !scope.grouped {
        return None;
    }
    below(scope, expr)
}

fn window_word(scope: &Scope, field: &FieldRef, expr: &Expr) -> Option<Diagnostic> {
    let lone = !scope.grouped && scope.language == Language::Rule;
    lone.then(|| errors::match_needed(expr.span, &format!("`{}`", fields::text(field))))
}

fn bare_placeholder(scope: &Scope, name: &Name, expr: &Expr) -> Option<Diagnostic> {
    let word = name.node.as_str();
    let placeholder = scope.placeholders.get(word)?;
    // A search shows what it groups by; a rule lists even that.
    let key = scope.keys.contains_key(word);
    let free = key && scope.language == Language::Search || scope.outcomes.contains_key(word);
    let wanted = scope.gathered || placeholder.bindings.iter().any(|binding| is_list(scope, binding));
    let told = if key { errors::key_not_aggregated } else { errors::not_aggregated };
    (wanted && !free).then(|| told(expr.span, &format!("${word}")))
}

fn bare_field(scope: &Scope, field: &FieldRef, expr: &Expr) -> Option<Diagnostic> {
    let is_several = || !fields::is_foreign(scope, field) && is_list(scope, expr);
    let wanted = is_event(scope, field) && (scope.gathered || is_several());
    wanted.then(|| errors::not_aggregated(expr.span, &fields::text(field)))
}

fn is_event(scope: &Scope, field: &FieldRef) -> bool {
    let keyed = scope.fields.contains(&fields::text(field));
    let bare = scope.language == Language::Search && field.variable.is_none();
    let has_value = || types::field_info(scope, field).is_some_and(|info| info.value_type().is_some());
    !keyed && (fields::is_foreign(scope, field) || (bare || is_of_event(scope, field)) && has_value())
}

fn is_of_event(scope: &Scope, field: &FieldRef) -> bool {
    field.variable.as_ref().is_some_and(|name| scope.events.contains_key(name.node.as_str()))
}

/// A repeated field, or a group of fields. Google takes a function of a repeated field, and so do published rules.
fn is_list(scope: &Scope, expr: &Expr) -> bool {
    let repeated = |field| types::field_info(scope, field).is_some_and(|info| info.is_repeated());
    expr.as_field().is_some_and(repeated) || expr.as_call().is_some_and(|call| call.name.node == "group")
}

/// Aggregates and outcomes within an aggregate.
pub(super) fn inside(scope: &Scope, outer: &str, expr: &Expr) -> Option<Diagnostic> {
    match &expr.kind {
        ExprKind::Call(call) if calls::is_foreign(call) => None,
        ExprKind::Call(call) if is_aggregate(&call.name.node) => {
            Some(errors::aggregated_twice(call.name.span, outer, &call.name.node))
        }
        ExprKind::Variable(name) => {
            let word = name.node.as_str();
            let outcome = scope.outcomes.contains_key(word) && !scope.placeholders.contains_key(word);
            outcome.then(|| errors::aggregated_twice(name.span, outer, &format!("${word}")))
        }
        ExprKind::Or(_)
        | ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::Compare(_)
        | ExprKind::In(_)
        | ExprKind::IsNull(_)
        | ExprKind::Arith(..)
        | ExprKind::Call(_)
        | ExprKind::Negative(_)
        | ExprKind::Quantified(..)
        | ExprKind::Field(_)
        | ExprKind::Count(_)
        | ExprKind::Absent(_)
        | ExprKind::List(_)
        | ExprKind::Of(..)
        | ExprKind::Array(_)
        | ExprKind::Literal(_) => children(expr).into_iter().find_map(|child| inside(scope, outer, child)),
    }
}

fn is_window(name: &str) -> bool {
    name.starts_with("window.") && aggregates::find(name).is_some()
}

fn is_aggregate(name: &str) -> bool {
    aggregates::find(name).is_some() || name.starts_with("window.")
}
