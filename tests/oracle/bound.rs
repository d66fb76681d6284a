//! What gives placeholders their values, and what a condition requires.

use std::collections::BTreeMap;

use yaral::syntax::ast::{Comparison, Expr, ExprKind, Literal};
use yaral::value::operators::CompareOp;

use crate::variables::{Variable, names, variable};

/// Equalities of a placeholder with an expression over fields, or over placeholders that have a value already.
pub fn bindings<'r>(statements: &[&'r Expr], variables: &[Variable]) -> BTreeMap<&'r str, Vec<&'r Expr>> {
    let is_source = |name: &str| name.starts_with('%') || variables.iter().any(|one| one.name == name);
    let mut bound: BTreeMap<&str, Vec<&Expr>> = BTreeMap::new();
    let pairs = |folds: bool| -> Vec<(&'r str, &'r Expr)> {
        statements.iter().flat_map(|expr| equalities(expr, folds)).collect()
    };
    let (pairs, folded) = (pairs(false), pairs(true));
    for (name, value) in &pairs {
        if names(value).iter().any(|part| is_source(part)) {
            bound.entry(*name).or_default().push(value);
        }
    }
    loop {
        let before = bound.len();
        for (name, value) in &pairs {
            let parts = names(value);
            let known = !parts.is_empty() && parts.iter().all(|part| bound.contains_key(part.as_str()));
            if known && !bound.contains_key(*name) {
                bound.insert(name, vec![value]);
            }
        }
        if bound.len() == before {
            // Where all equalities of a placeholder fold case, the first gives the value, and the others are tests.
            let first = folded.iter().find(|(name, value)| {
                !bound.contains_key(name) && names(value).iter().any(|part| is_source(part))
            });
            let Some((name, value)) = first else { return bound };
            bound.insert(name, vec![value]);
        }
    }
}

/// `$p = value`, both ways round, with `nocase` or without.
fn equalities(expr: &Expr, folds: bool) -> Vec<(&str, &Expr)> {
    let ExprKind::Compare(test) = &expr.kind else { return Vec::new() };
    let Comparison { op, left, right, nocase } = test.as_ref();
    if op.node != CompareOp::Eq || nocase.is_some() != folds {
        return Vec::new();
    }
    let sides = [(left, right), (right, left)];
    sides.into_iter().filter_map(|(name, value)| Some((variable(name)?, value))).collect()
}

/// The variable of which a part of a condition speaks in a way that does not need it.
pub fn counted(part: &Expr) -> Option<&str> {
    match &part.kind {
        ExprKind::Absent(name) => Some(&name.node),
        ExprKind::Compare(test) => match (&test.left.kind, &test.right.kind) {
            (ExprKind::Count(name), _) | (_, ExprKind::Count(name)) => Some(&name.node),
            _ => None,
        },
        _ => None,
    }
}

/// The variable that a part of a condition requires: `$e`, `#e > n`, `#e >= m` and `#e = m` with m > 0.
pub fn required(part: &Expr) -> Option<&str> {
    if let Some(name) = variable(part) {
        return Some(name);
    }
    let ExprKind::Compare(test) = &part.kind else { return None };
    let (name, op, other) = match (&test.left.kind, &test.right.kind) {
        (ExprKind::Count(name), other) => (name, test.op.node, other),
        (other, ExprKind::Count(name)) => (name, test.op.node.mirrored(), other),
        _ => return None,
    };
    let ExprKind::Literal(Literal::Int(number)) = other else { return None };
    let bounds = match op {
        CompareOp::Gt => true,
        CompareOp::Ge | CompareOp::Eq => *number > 0,
        CompareOp::Ne | CompareOp::Lt | CompareOp::Le => false,
    };
    bounds.then_some(&name.node)
}
