//! Joins on values that may be absent on both sides: nothing equals nothing.

use std::collections::BTreeSet;

use super::View;
use crate::check::fields;
use crate::check::scope::{Placeholder, statements};
use crate::check::types;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Comparison, Expr, ExprKind};
use crate::syntax::print::print_expr;
use crate::syntax::visit::argument;
use crate::syntax::{conjuncts, walk};
use crate::text::Span;
use crate::value::Type;
use crate::value::operators::CompareOp;

/// Equalities between fields of two events, and placeholders that two events share.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    if view.scope.events.len() < 2 {
        return;
    }
    let conjuncts: Vec<&Expr> = statements(view.body).flat_map(conjuncts).collect();
    let mut guarded = guarded(&conjuncts);
    guarded.extend(conjuncts.iter().filter_map(|part| bound_to_key(view, part)));
    let held = |side: &Expr| guarded.contains(&print_expr(side));
    for part in &conjuncts {
        let ExprKind::Compare(comparison) = &part.kind else { continue };
        if joins_texts(view, comparison) && !held(&comparison.left) && !held(&comparison.right) {
            found.push(unguarded(part.span, &print_expr(&comparison.left)));
        }
    }
    for (name, placeholder) in &view.scope.placeholders {
        let any_held =
            held_by_name(name, &guarded) || placeholder.bindings.iter().any(|binding| held(binding));
        if shared(view, name, placeholder) && !any_held {
            let span = place(&conjuncts, name).unwrap_or(placeholder.span);
            found.push(unguarded(span, &format!("${name}")));
        }
    }
}

/// The field that gives a match variable its value, which is never the zero value.
fn bound_to_key(view: &View, part: &Expr) -> Option<String> {
    let ExprKind::Compare(comparison) = &part.kind else { return None };
    let Comparison { op, left, right, .. } = comparison.as_ref();
    let key = |side: &Expr| {
        if let ExprKind::Variable(name) = &side.kind {
            view.scope.keys.contains_key(name.node.as_str())
        } else {
            false
        }
    };
    let field = |side: &Expr| matches!(side.kind, ExprKind::Field(_)).then(|| print_expr(side));
    if op.node != CompareOp::Eq {
        return None;
    }
    if key(left) { field(right) } else { field(left).filter(|_| key(right)) }
}

fn held_by_name(name: &str, guarded: &BTreeSet<String>) -> bool {
    guarded.contains(&format!("${name}"))
}

/// Values that cannot be absent: compared with `!= ""`, or with something that is not.
fn guarded(parts: &[&Expr]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for part in parts {
        match &part.kind {
            ExprKind::Compare(comparison) => all.extend(compared(comparison)),
            ExprKind::In(list) => all.extend(names(&list.value)),
            ExprKind::Call(call) => all.extend(call.args.first().map(argument).into_iter().flat_map(names)),
            // Every branch looks at a value of its own; one that looks at this value is enough to have thought of it.
            ExprKind::Or(parts) => all.extend(guarded(&parts.iter().collect::<Vec<_>>())),
            ExprKind::Not(inner) => all.extend(inside(inner)),
            ExprKind::And(_)
            | ExprKind::IsNull(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Quantified(..)
            | ExprKind::Field(_)
            | ExprKind::Variable(_)
            | ExprKind::Count(_)
            | ExprKind::Absent(_)
            | ExprKind::List(_)
            | ExprKind::Of(..)
            | ExprKind::Array(_)
            | ExprKind::Literal(_) => {}
        }
    }
    all
}

/// `not $x = ""`
fn inside(expr: &Expr) -> Vec<String> {
    let beside_zero = |comparison: &&Comparison| zero(&comparison.left) || zero(&comparison.right);
    let names = |comparison: &Comparison| [names(&comparison.left), names(&comparison.right)].concat();
    expr.as_compare().filter(beside_zero).map(names).unwrap_or_default()
}

fn compared(comparison: &Comparison) -> Vec<String> {
    let Comparison { op, left, right, .. } = comparison;
    let zero = zero(left) || zero(right);
    let literal = |side: &Expr| matches!(side.kind, ExprKind::Literal(_));
    let holds = match op.node {
        CompareOp::Ne => zero,
        CompareOp::Eq | CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => !zero,
    };
    if !holds || !(literal(left) || literal(right)) {
        return Vec::new();
    }
    [names(left), names(right)].concat()
}

fn zero(expr: &Expr) -> bool {
    expr.as_text().is_some_and(str::is_empty)
}

/// The fields and placeholders of one side, as written.
fn names(expr: &Expr) -> Vec<String> {
    let mut all = Vec::new();
    walk(expr, &mut |part| {
        all.extend(part.as_any_field().map(fields::text));
        all.extend(part.as_variable().map(|name| format!("${}", name.node)));
    });
    all
}

fn joins_texts(view: &View, comparison: &Comparison) -> bool {
    let Comparison { op, left, right, .. } = comparison;
    let (ExprKind::Field(first), ExprKind::Field(second)) = (&left.kind, &right.kind) else { return false };
    let text = |side: &Expr| types::type_of(view.scope, side) == Some(Type::Text);
    op.node == CompareOp::Eq && first.variable != second.variable && text(left) && text(right)
}

/// Does it join events, and is its zero value not left out by `match:`?
fn shared(view: &View, name: &str, placeholder: &Placeholder) -> bool {
    let fields = |binding: &&&Expr| matches!(binding.kind, ExprKind::Field(_));
    let direct = placeholder.bindings.iter().filter(fields).count();
    let text = placeholder.kind == Some(Type::Text);
    placeholder.events.len() > 1 && direct > 1 && text && !view.scope.keys.contains_key(name)
}

/// Its last binding, which is what joins.
fn place(parts: &[&Expr], name: &str) -> Option<Span> {
    let is_it = |side: &Expr| matches!(&side.kind, ExprKind::Variable(found) if found.node == name);
    let binds = |part: &&&Expr| {
        if let ExprKind::Compare(comparison) = &part.kind {
            comparison.op.node == CompareOp::Eq && (is_it(&comparison.left) || is_it(&comparison.right))
        } else {
            false
        }
    };
    parts.iter().rfind(binds).map(|part| part.span)
}

fn unguarded(span: Span, name: &str) -> Diagnostic {
    let message = format!("events that lack `{name}` all join here, since nothing equals nothing");
    Diagnostic::new(&codes::UNGUARDED_JOIN, span, message).help(format!("add `{name} != \"\"`"))
}
