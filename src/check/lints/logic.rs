//! Tests of one value that exclude each other, or of which one always holds.

use std::collections::BTreeMap;

use super::View;
use super::uses::{self, Use, Way};
use crate::check::scope::{expressions, statements};
use crate::diag::{Diagnostic, codes};
use crate::regex::Pattern;
use crate::schema::{self, Root};
use crate::syntax::ast::{Comparison, Expr, ExprKind, Literal};
use crate::syntax::print::print_expr;
use crate::syntax::{conjuncts, walk};
use crate::text::Span;
use crate::value::operators::{Case, CompareOp, text_equal};

/// Contradictions in each `and`, and sides of each `or` that leave nothing out.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    let top: Vec<&Expr> = statements(view.body).flat_map(conjuncts).collect();
    contradictions(view, &top, found);
    for expr in expressions(view.body) {
        walk(expr, &mut |part| {
            let inner = || !top.iter().any(|one| within(one.span, part.span));
            if let ExprKind::Or(parts) = &part.kind {
                tautologies(view, parts, found);
            } else if matches!(part.kind, ExprKind::And(_)) && inner() {
                contradictions(view, &conjuncts(part), found);
            }
        });
    }
}

/// `#e > 2.5`: there are two, or there are three.
pub(super) fn fractions(view: &View, found: &mut Vec<Diagnostic>) {
    for expr in expressions(view.body) {
        walk(expr, &mut |part| {
            let Some(Comparison { left, right, .. }) = part.as_compare() else { return };
            for (count, other) in [(left, right), (right, left)] {
                if let (ExprKind::Count(name), Some(Literal::Float(number))) =
                    (&count.kind, other.as_literal())
                    && number.fract() != 0.0
                {
                    found.push(fraction(other.span, &name.node, *number));
                }
            }
        });
    }
}

fn fraction(span: Span, name: &str, number: f64) -> Diagnostic {
    let (below, above) = (number.floor(), number.ceil());
    let message = format!("`#{name}` counts, and no count is {number}");
    Diagnostic::new(&codes::FRACTION_OF_A_COUNT, span, message)
        .help(format!("write a whole number, {below} or {above}"))
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// What the tests of one value ask of it.
#[derive(Default)]
struct Asked<'e> {
    /// One contradiction is enough for a value.
    said: bool,
    equal: Vec<Use<'e>>,
    numbers: Vec<(CompareOp, f64, Span)>,
}

/// Tests by the value they look at: a field without `any` or `all`, or a placeholder.
fn contradictions(view: &View, parts: &[&Expr], found: &mut Vec<Diagnostic>) {
    let mut asked: BTreeMap<String, Asked> = BTreeMap::new();
    for part in parts {
        let ExprKind::Compare(comparison) = &part.kind else { continue };
        if let Some(one) = uses::compared(view.scope, comparison).filter(|one| is_value(one.subject)) {
            let asked = asked.entry(print_expr(one.subject)).or_default();
            let before = asked.equal.iter().find(|other| excludes(other, &one, comparison.op.node)).copied();
            if let Some(other) = before.filter(|_| !asked.said) {
                asked.said = true;
                found.push(contradiction(one.span, other.span, one.subject));
            }
            if comparison.op.node == CompareOp::Eq {
                asked.equal.push(one);
            }
        } else if let Some((subject, op, number)) = bounded(comparison) {
            let asked = asked.entry(print_expr(subject)).or_default();
            let clash = asked.numbers.iter().find(|(other, bound, _)| apart((*other, *bound), (op, number)));
            if let Some((.., span)) = clash.copied().filter(|_| !asked.said) {
                asked.said = true;
                found.push(contradiction(part.span, span, subject));
            }
            asked.numbers.push((op, number, part.span));
        }
    }
}

/// A variable, or a field that there is.
fn is_value(subject: &Expr) -> bool {
    let field = |field| schema::resolve(field, Root::Udm).is_ok();
    subject.as_field().map_or(subject.as_variable().is_some(), field)
}

fn contradiction(span: Span, other: Span, subject: &Expr) -> Diagnostic {
    let name = print_expr(subject);
    Diagnostic::new(
        &codes::CONTRADICTION,
        span,
        format!("`{name}` cannot pass this test and an earlier one at once"),
    )
    .also(other, "the other test")
    .help("join the two by `or`, or take one of them out; statements below each other must all hold")
}

/// Can no value pass both? The first is an equality.
fn excludes(first: &Use, second: &Use, op: CompareOp) -> bool {
    let folds = if first.folds || second.folds { Case::Fold } else { Case::Exact };
    let equal = || text_equal(first.text, second.text, folds);
    match (first.way, second.way) {
        (Way::Whole, Way::Whole) if op == CompareOp::Ne => (second.folds || !first.folds) && equal(),
        (Way::Whole, Way::Whole) => op == CompareOp::Eq && !equal(),
        (Way::Whole, Way::Pattern) => op == CompareOp::Eq && lacks(second, first, folds),
        (Way::Pattern, Way::Whole) => op == CompareOp::Eq && lacks(first, second, folds),
        (Way::Whole | Way::Pattern, Way::Pattern | Way::Cut | Way::Part) | (Way::Cut | Way::Part, _) => false,
    }
}

fn lacks(pattern: &Use, text: &Use, case: Case) -> bool {
    Pattern::parse(pattern.text, case).is_ok_and(|pattern| !pattern.is_match(text.text))
}

/// A number that a value is held against, the value on the left.
fn bounded(comparison: &Comparison) -> Option<(&Expr, CompareOp, f64)> {
    let Comparison { op, left, right, .. } = comparison;
    match (number(left), number(right)) {
        (None, Some(bound)) if is_value(left) => Some((left, op.node, bound)),
        (Some(bound), None) if is_value(right) => Some((right, op.node.mirrored(), bound)),
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match expr.as_literal()? {
        #[expect(
            clippy::cast_precision_loss,
            reason = "two bounds so large and so near are no contradiction anyone writes"
        )]
        Literal::Int(number) => Some(*number as f64),
        Literal::Float(number) => Some(*number),
        Literal::Text(_)
        | Literal::Raw(_)
        | Literal::Regex(_)
        | Literal::Bool(_)
        | Literal::Null
        | Literal::Duration(_) => None,
    }
}

/// Do the two leave no number between them?
fn apart(first: (CompareOp, f64), second: (CompareOp, f64)) -> bool {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    let ((left, low), (right, high)) = (first, second);
    match (left, right) {
        (Eq, Eq) => low != high,
        (Eq, Ne) | (Ne, Eq) => low == high,
        (Eq, Gt) | (Lt | Le, Gt) | (Lt, Ge) => low <= high,
        (Eq, Ge) | (Le, Ge) => low < high,
        (Eq, Lt) | (Gt | Ge, Lt) | (Gt, Le) => low >= high,
        (Eq, Le) | (Ge, Le) => low > high,
        (Gt | Ge | Lt | Le, Eq) => apart(second, first),
        (Gt | Ge, Gt | Ge) | (Lt | Le, Lt | Le) | (Ne, _) | (_, Ne) => false,
    }
}

/// `x != "a" or x != "b"`: one of the two always holds.
fn tautologies(view: &View, parts: &[Expr], found: &mut Vec<Diagnostic>) {
    let mut unequal: BTreeMap<String, Use> = BTreeMap::new();
    for part in parts {
        let ExprKind::Compare(comparison) = &part.kind else { continue };
        let Some(one) = uses::compared(view.scope, comparison)
            .filter(|one| is_value(one.subject) && one.way == Way::Whole)
        else {
            continue;
        };
        if comparison.op.node != CompareOp::Ne {
            continue;
        }
        match unequal.get(&print_expr(one.subject)) {
            Some(other) if !text_equal(other.text, one.text, Case::Fold) => {
                found.push(tautology(part.span, other.span, one.subject));
            }
            Some(_) => {}
            None => drop(unequal.insert(print_expr(one.subject), one)),
        }
    }
}

fn tautology(span: Span, other: Span, subject: &Expr) -> Diagnostic {
    let name = print_expr(subject);
    Diagnostic::new(&codes::ALWAYS_TRUE, span, format!("`{name}` always differs from one of the two"))
        .also(other, "the other test")
        .help("join them by `and`")
}
