//! What Google SecOps refuses and this program runs: errors where the rule is meant for Google.

use super::scope::{Language, Scope, expressions, outcomes, statements};
use super::{types, uses_of_lists};
use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::syntax::ast::{Body, Expr, ExprKind, File, Literal, Rule, Stmt, Unit};
use crate::syntax::walk;
use crate::text::Span;
use crate::value::Type;

/// Warnings that are errors there.
const REFUSED: [&Code; 2] = [&codes::UNKNOWN_ENUM_MEMBER, &codes::OTHER_KIND];

/// Turns what was found into what Google would say, and adds the forms it does not take.
pub fn google(file: &File, found: &mut Vec<Diagnostic>) {
    for one in found.iter_mut().filter(|one| REFUSED.contains(&one.code)) {
        one.severity = Severity::Error;
    }
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => check(rule, found),
            Unit::Search(_) => {}
        }
    }
}

fn check(rule: &Rule, found: &mut Vec<Diagnostic>) {
    let scope = Scope::new(&rule.body, Language::Rule);
    for statement in statements(&rule.body) {
        if opens_with_calculation(statement) {
            let help = "turn the comparison around, as in `1 < ($a - $b) / 60`";
            found.push(refused(
                statement.span,
                "a statement that opens with a calculation in brackets",
                help,
            ));
        }
    }
    for expr in expressions(&rule.body) {
        walk(expr, &mut |part| found.extend(form(&scope, part)));
    }
    for statement in rule.body.condition.iter().flat_map(|section| &section.items) {
        found.extend(list_in_condition(statement));
    }
    for (_, value) in outcomes(&rule.body) {
        walk(value, &mut |part| found.extend(quantified_in_if(part)));
    }
    found.extend(bare_unit(&rule.body));
}

fn refused(span: Span, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(&codes::GOOGLE_REFUSES, span, format!("Google SecOps refuses {what}")).help(help)
}

/// `(a - b) / 60 > 1`
fn opens_with_calculation(statement: &Expr) -> bool {
    let ExprKind::Compare(comparison) = &statement.kind else { return false };
    let mut side = &comparison.left;
    while let ExprKind::Arith(_, left, _) = &side.kind {
        if side.span.start < left.span.start {
            return true;
        }
        side = left;
    }
    false
}

fn form(scope: &Scope, part: &Expr) -> Option<Diagnostic> {
    match &part.kind {
        ExprKind::Arith(_, left, right) => unsigned(scope, left, right),
        ExprKind::Or(parts) => mixed(parts),
        ExprKind::In(list) => {
            if let ExprKind::Quantified(..) = &list.value.kind {
                let help = "take the word out; each element is then looked up";
                Some(refused(list.value.span, "`any` and `all` before `in`", help))
            } else {
                None
            }
        }
        ExprKind::Call(call) if ["math.round", "group"].contains(&call.name.node.as_str()) => Some(refused(
            call.name.span,
            &format!("`{}` in rules", call.name.node),
            "it belongs to searches; calculate without it",
        )),
        ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::Compare(_)
        | ExprKind::IsNull(_)
        | ExprKind::Negative(_)
        | ExprKind::Call(_)
        | ExprKind::Quantified(..)
        | ExprKind::Field(_)
        | ExprKind::Variable(_)
        | ExprKind::Count(_)
        | ExprKind::Absent(_)
        | ExprKind::List(_)
        | ExprKind::Of(..)
        | ExprKind::Array(_)
        | ExprKind::Literal(_) => None,
    }
}

fn unsigned(scope: &Scope, left: &Expr, right: &Expr) -> Option<Diagnostic> {
    let literal = |side: &Expr| matches!(side.kind, ExprKind::Literal(Literal::Int(_)));
    let field = |side: &Expr| {
        types::type_of(scope, side) == Some(Type::Uint) && matches!(side.kind, ExprKind::Field(_))
    };
    let side = match (field(left) && literal(right), literal(left) && field(right)) {
        (true, _) => right,
        (_, true) => left,
        (false, false) => return None,
    };
    Some(refused(
        side.span,
        "a whole number beside an unsigned field",
        "write it as a float, such as `(2 / 1)` for `2`",
    ))
}

/// Tests of lists stand in an `or` of their own.
fn mixed(parts: &[Expr]) -> Option<Diagnostic> {
    let list = parts.iter().find(|part| uses_of_lists(part))?;
    let other = parts.iter().any(|part| !uses_of_lists(part));
    let help = "bind the value to a placeholder, or make two rules of it";
    other.then(|| refused(list.span, "tests of lists and comparisons in one `or`", help))
}

/// `$user in %list` under `condition:`, where outcomes are compared and no more.
fn list_in_condition(statement: &Stmt) -> Option<Diagnostic> {
    let Stmt::Predicate(condition) = statement else { return None };
    let mut found = None;
    walk(condition, &mut |part| {
        if matches!(part.kind, ExprKind::In(_)) && found.is_none() {
            found = Some(part.span);
        }
    });
    let help =
        "look the value up in the outcome, as in `$known = max(if($user in %list, 1, 0))`, and compare that";
    found.map(|span| refused(span, "a test of a list under `condition:`", help))
}

fn quantified_in_if(part: &Expr) -> Option<Diagnostic> {
    let ExprKind::Call(call) = &part.kind else { return None };
    let condition =
        call.args.first().map(crate::syntax::visit::argument).filter(|_| call.name.node == "if")?;
    let mut found = None;
    walk(condition, &mut |inner| {
        if matches!(inner.kind, ExprKind::Quantified(..)) && found.is_none() {
            found = Some(inner.span);
        }
    });
    found.map(|span| {
        refused(span, "`any` and `all` in the `if` of an outcome", "test the list under `events:`")
    })
}

/// `by day`
fn bare_unit(body: &Body) -> Option<Diagnostic> {
    let clauses = body.match_.iter().flat_map(|section| &section.items);
    let length = &clauses.filter_map(|clause| clause.window.as_ref()).next()?.length;
    let bare = length.unit.span.start == length.span.0.start;
    bare.then(|| refused(length.span.0, "a window without a number", "write the number, as in `1d`"))
}
