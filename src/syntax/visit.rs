//! Walks over expressions.

use super::ast::{Arg, Expr, ExprKind};

/// Visits `expr` and all beneath it, outermost first, left before right.
pub fn walk<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t Expr)) {
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        visit(expr);
        open.extend(children(expr).into_iter().rev());
    }
}

/// The parts of a statement joined by `and`, each of which must hold.
pub fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    if let ExprKind::And(parts) = &expr.kind {
        parts.iter().flat_map(conjuncts).collect()
    } else {
        vec![expr]
    }
}

/// What stands directly beneath `expr`, left to right.
pub fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Or(parts) | ExprKind::And(parts) | ExprKind::Of(_, parts) | ExprKind::Array(parts) => {
            parts.iter().collect()
        }
        ExprKind::Not(inner) | ExprKind::IsNull(inner) | ExprKind::Negative(inner) => vec![inner.as_ref()],
        ExprKind::Compare(comparison) => vec![&comparison.left, &comparison.right],
        ExprKind::In(list) => vec![&list.value, &list.list],
        ExprKind::Arith(_, left, right) => vec![left.as_ref(), right.as_ref()],
        ExprKind::Call(call) => call.args.iter().map(argument).collect(),
        ExprKind::Quantified(..)
        | ExprKind::Field(_)
        | ExprKind::Variable(_)
        | ExprKind::Count(_)
        | ExprKind::Absent(_)
        | ExprKind::List(_)
        | ExprKind::Literal(_) => Vec::new(),
    }
}

/// The value of an argument, named or not.
pub fn argument(arg: &Arg) -> &Expr {
    match arg {
        Arg::Plain(value) | Arg::Named(_, value) => value,
    }
}
