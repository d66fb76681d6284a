//! Which tests of a condition fall short for a group, and by how much.

use super::name::{Names, shown};
use super::{Code, Reason, reason};
use crate::exec::eval::Scope;
use crate::plan::{Atom, AtomId, Predicate, Scalar, Site, SourceId};
use crate::value::Value;
use crate::value::operators::CompareOp;

/// A test that falls short.
#[derive(Debug, Clone)]
pub(super) struct Shortfall {
    pub(super) reason: Reason,
    /// Of which event variable more were needed, and how many.
    pub(super) needed: Option<(SourceId, i64)>,
}

/// All that keeps the condition from holding; nothing where it holds. The scope has the outcomes.
pub(super) fn shortfalls<'c>(names: Names<'c>, scope: Scope<'c>) -> Vec<Shortfall> {
    let mut found = Vec::new();
    if !scope.holds(&names.plan.condition) {
        collect(names, scope, (&names.plan.condition, true), &mut found);
    }
    found
}

/// `wanted` is what the test should give.
fn collect<'c>(
    names: Names<'c>,
    scope: Scope<'c>,
    (site, wanted): (&'c Site, bool),
    found: &mut Vec<Shortfall>,
) {
    match &site.predicate {
        Predicate::All(sites) | Predicate::Any(sites) | Predicate::AtLeast(_, sites) => {
            let wrong = sites.iter().filter(|site| scope.holds(site) != wanted);
            wrong.for_each(|site| collect(names, scope, (site, wanted), found));
        }
        Predicate::Not(inner) => collect(names, scope, (inner, !wanted), found),
        Predicate::Test(AtomId(index)) => {
            let Some(atom) = names.plan.atoms.get(*index) else { return };
            found.push(test(names, scope, (site, atom), wanted));
        }
    }
}

fn test<'c>(
    names: Names<'c>,
    scope: Scope<'c>,
    (site, atom): (&'c Site, &'c Atom),
    wanted: bool,
) -> Shortfall {
    let field = names.written.subject(site.span).map(str::to_owned);
    if let Atom::Compare { op, left, right, .. } = atom {
        let (value, other, op) =
            if is_fixed(left) { (right, left, op.mirrored()) } else { (left, right, *op) };
        let (met, limit) = (scope.value(value), scope.value(other));
        if let (true, true, Value::Int(count), Value::Int(limit)) = (is_count(value), wanted, &met, &limit) {
            return counted((field, value), op, (*count, *limit));
        }
        let not = if wanted { "" } else { "not " };
        let expected = format!("{not}{} {}", op.symbol(), shown(&limit));
        return outcome(field.or_else(|| Some(names.text(value))), expected, shown(&met));
    }
    let reason = if wanted { reason::why(names, scope, site) } else { reason::why_not(names, scope, site) };
    let (expected, actual) = reason.map(|reason| (reason.expected, reason.actual)).unwrap_or_default();
    outcome(field, expected.unwrap_or_default(), actual.unwrap_or_default())
}

fn outcome(field: Option<String>, expected: String, actual: String) -> Shortfall {
    let (expected, actual) = (Some(expected), Some(actual));
    Shortfall { reason: Reason { code: Code::OutcomeShort, field, expected, actual }, needed: None }
}

fn is_fixed(value: &Scalar) -> bool {
    matches!(value, Scalar::Const(_))
}

/// `#e`, or `#p` of a placeholder.
fn is_count(value: &Scalar) -> bool {
    matches!(value, Scalar::Events(_) | Scalar::Gathered(_))
}

fn counted(
    (field, value): (Option<String>, &Scalar),
    op: CompareOp,
    (count, limit): (i64, i64),
) -> Shortfall {
    let needed = if op == CompareOp::Gt { limit.saturating_add(1) } else { limit };
    let asks_more = matches!(op, CompareOp::Gt | CompareOp::Ge | CompareOp::Eq) && count < needed;
    let asks_none = matches!((op, limit), (CompareOp::Eq | CompareOp::Le, 0) | (CompareOp::Lt, 1));
    let (code, expected) = match (asks_more, asks_none) {
        (true, _) if count == 0 => (Code::VariableUnbound, format!("at least {needed}")),
        (true, _) => (Code::CountShort, format!("{} {limit}", op.symbol())),
        (false, true) => (Code::AbsentExpected, "0".to_owned()),
        (false, false) => (Code::ValueDiffers, format!("{} {limit}", op.symbol())),
    };
    let source = match value {
        Scalar::Events(source) => Some(*source),
        _ => None,
    };
    Shortfall {
        reason: Reason { code, field, expected: Some(expected), actual: Some(count.to_string()) },
        needed: source.filter(|_| asks_more).map(|source| (source, needed)),
    }
}
