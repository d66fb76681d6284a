//! Comparisons and list tests: what may stand on which side.

use super::scope::Language;
use super::types::{self, Family};
use super::walker::{Place, Walker};
use super::{calls, errors, quantified};
use crate::diag::{Diagnostic, codes};
use crate::schema;
use crate::syntax::ast::{Comparison, Expr, ExprKind, InList, ListKind, Literal};
use crate::value::{EnumId, Type};

/// `left op right`, with or without `nocase`.
pub(super) fn compare(walker: &mut Walker, expr: &Expr, comparison: &Comparison) {
    let before = walker.found.iter().filter(|one| one.is_error()).count();
    let (left, right) = (&comparison.left, &comparison.right);
    if let Some((field, values)) = values_in_brackets(left, right) {
        walker.found.push(errors::values_in_brackets(comparison.op.node, field, values));
        return;
    }
    side(walker, comparison, left);
    let after_left = walker.found.len();
    side(walker, comparison, right);
    same_mistake(walker.found, after_left);
    if walker.found.iter().filter(|one| one.is_error()).count() > before {
        return;
    }
    if is_literal(left) && is_literal(right) {
        walker.found.push(errors::both_literal(expr.span));
        return;
    }
    quantified::sides(walker, expr, left, right);
    let kind = |side: &Expr| types::type_of(walker.scope, side);
    let (from, to) = (kind(left), kind(right));
    pattern(walker, left, to);
    pattern(walker, right, from);
    if let (Some(from), Some(to)) = (from, to) {
        kinds(walker, comparison, from, to);
    }
    nocase(walker, comparison, [from, to]);
}

/// `$e.principal.hostname = ("a" or "b")`: what is compared, and with what.
fn values_in_brackets<'e>(left: &'e Expr, right: &'e Expr) -> Option<(&'e Expr, &'e Expr)> {
    let values = |side: &Expr| {
        if let ExprKind::Or(parts) | ExprKind::And(parts) = &side.kind {
            parts.iter().any(is_literal)
        } else {
            false
        }
    };
    match (values(left), values(right)) {
        (_, true) => Some((left, right)),
        (true, false) => Some((right, left)),
        (false, false) => None,
    }
}

/// `$a != $b`: two events or two groups of fields side by side are told once.
fn same_mistake(found: &mut Vec<Diagnostic>, after_left: usize) {
    let whole = |one: &Diagnostic| [&codes::NOT_A_VALUE, &codes::MESSAGE_AS_VALUE].contains(&one.code);
    let left = after_left.checked_sub(1).and_then(|at| found.get(at)).filter(|one| whole(one));
    if let (Some(left), [right]) = (left, found.get(after_left..).unwrap_or_default())
        && left.code == right.code
    {
        found.truncate(after_left);
    }
}

/// A pattern is at home on either side of `=` and `!=`.
fn side(walker: &mut Walker, comparison: &Comparison, side: &Expr) {
    let pattern = matches!(side.kind, ExprKind::Literal(Literal::Regex(_)));
    if !pattern || comparison.op.node.is_ordering() {
        walker.value(side);
    }
}

fn pattern(walker: &mut Walker, side: &Expr, other: Option<Type>) {
    let ExprKind::Literal(Literal::Regex(text)) = &side.kind else { return };
    calls::pattern(walker, side.span, text);
    match other.map(Family::of) {
        Some(family @ (Family::Number | Family::Bool | Family::Time | Family::List)) => {
            walker.found.push(errors::pattern_on_number(side.span, family));
        }
        Some(Family::Text) | None => {}
    }
}

fn is_literal(expr: &Expr) -> bool {
    if let ExprKind::Negative(inner) = &expr.kind {
        is_literal(inner)
    } else if let ExprKind::Arith(_, left, right) = &expr.kind {
        is_literal(left) && is_literal(right)
    } else {
        expr.as_literal().is_some()
    }
}

fn kinds(walker: &mut Walker, comparison: &Comparison, left: Type, right: Type) {
    let (from, to) = (Family::of(left), Family::of(right));
    let op = &comparison.op;
    match (from, to) {
        (Family::List, Family::List) => {}
        (Family::List, _) | (_, Family::List) => {
            walker.found.push(errors::list_compared(comparison, from));
        }
        (Family::Time, Family::Text) if is_literal(&comparison.right) => {}
        (Family::Text, Family::Time) if is_literal(&comparison.left) => {}
        _ if from != to && walker.place == Place::Condition => {
            walker.found.push(errors::outcome_kind(comparison, from, to));
        }
        _ if from != to => walker.found.push(errors::other_kind(comparison, [left, right])),
        (Family::Bool, _) if op.node.is_ordering() => walker.found.push(errors::bool_ordered(op)),
        (Family::Text, _) => texts(walker, comparison, left, right),
        (Family::Number | Family::Bool | Family::Time, _) => {}
    }
}

fn texts(walker: &mut Walker, comparison: &Comparison, left: Type, right: Type) {
    let op = &comparison.op;
    member(walker, left, &comparison.right);
    member(walker, right, &comparison.left);
    let enumeration = [left, right].iter().any(|kind| matches!(kind, Type::Enum(_)));
    if !op.node.is_ordering() || enumeration {
        return;
    }
    let rule = walker.scope.language == Language::Rule;
    walker.found.push(match walker.place {
        Place::Condition if rule => errors::text_outcome_ordered(op),
        Place::Events | Place::Outcome | Place::Condition => errors::text_ordered(op),
    });
}

/// Is a literal beside an enum one of its names?
fn member(walker: &mut Walker, kind: Type, literal: &Expr) {
    let (Type::Enum(id), ExprKind::Literal(Literal::Text(text) | Literal::Raw(text))) = (kind, &literal.kind)
    else {
        return;
    };
    if let Some(diagnostic) = unknown_member(id, text, literal) {
        walker.found.push(diagnostic);
    }
}

fn unknown_member(id: EnumId, text: &str, literal: &Expr) -> Option<Diagnostic> {
    let names = &schema::schema().enumeration(id)?.names;
    if names.iter().any(|name| name == text) {
        return None;
    }
    let near = schema::nearest(text, names.iter().map(String::as_str));
    Some(errors::unknown_member(literal.span, text, near, names))
}

fn nocase(walker: &mut Walker, comparison: &Comparison, kinds: [Option<Type>; 2]) {
    let Some(place) = comparison.nocase else { return };
    let all = |wanted: fn(Family) -> bool| kinds.iter().all(|kind| kind.map(Family::of).is_some_and(wanted));
    if kinds.iter().any(|kind| matches!(kind, Some(Type::Enum(_)))) {
        walker.found.push(errors::nocase_on_enum(place.0));
    } else if all(|family| family != Family::Text) {
        walker.found.push(errors::nocase_without_text(place.0));
    }
}

/// `value in %list`.
pub(super) fn in_list(walker: &mut Walker, expr: &Expr, list: &InList) {
    let reversed = matches!(&list.value.kind, ExprKind::List(first) if first.column.is_none());
    if reversed && !matches!(list.list.kind, ExprKind::List(_)) {
        walker.found.push(errors::list_before_in(list));
        return;
    }
    let before = walker.found.len();
    walker.value(&list.value);
    if !matches!(list.list.kind, ExprKind::List(_)) {
        walker.found.push(errors::not_a_list_test(&list.list));
    }
    let kind = types::type_of(walker.scope, &list.value);
    match kind.map(Family::of) {
        Some(Family::Number) => walker.found.push(errors::number_in_list(list.value.span)),
        Some(Family::List) => walker.found.push(errors::list_in_list(list.value.span)),
        Some(Family::Text | Family::Bool | Family::Time) | None => {}
    }
    if walker.found.len() == before {
        quantified::of_one_event(walker, expr);
    }
    let enumeration = matches!(kind, Some(Type::Enum(_)));
    match (list.nocase, list.kind) {
        (Some(place), ListKind::Cidr) => walker.found.push(errors::nocase_on_ranges(place.0)),
        (Some(place), ListKind::Plain | ListKind::Regex) if enumeration => {
            walker.found.push(errors::nocase_on_enum(place.0));
        }
        (Some(_), ListKind::Plain | ListKind::Regex) | (None, _) => {}
    }
}
