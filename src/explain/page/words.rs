//! Match, condition and predicates in words.

use crate::syntax::ast::{
    Body, Comparison, Expr, ExprKind, InList, ListKind, Literal, MatchClause, Side, Threshold, WindowClause,
    WindowWord,
};
use crate::syntax::print::print_expr;
use crate::syntax::walk;
use crate::value::operators::CompareOp;

/// When the rule fires, in a sentence.
pub(super) fn fires(body: &Body, clause: Option<&MatchClause>, conditions: &[&Expr]) -> String {
    let words = Words { body };
    let all: Vec<String> = conditions.iter().map(|one| words.condition(one)).collect();
    let when = all.join(" and ");
    let Some(clause) = clause else {
        return match conditions {
            [Expr { kind: ExprKind::Variable(name), .. }] => {
                format!("Fires on each ${} event by itself.", name.node)
            }
            _ => format!("Fires on each event by itself for which there is {when}."),
        };
    };
    let keys = clause.keys.iter().map(print_expr).collect::<Vec<_>>().join(", ");
    let window = clause.window.as_ref().map(window).unwrap_or_default();
    format!("Fires when {when}{window}. Events are taken together by {keys}.")
}

/// A statement of a search, or its condition.
pub(super) fn predicate(body: &Body, expr: &Expr) -> String {
    Words { body }.condition(expr)
}

pub(super) fn window(window: &WindowClause) -> String {
    let unit = match window.length.unit.node {
        crate::syntax::ast::TimeUnit::Second => "s",
        crate::syntax::ast::TimeUnit::Minute => "m",
        crate::syntax::ast::TimeUnit::Hour => "h",
        crate::syntax::ast::TimeUnit::Day => "d",
        crate::syntax::ast::TimeUnit::Week => "w",
        crate::syntax::ast::TimeUnit::Month => "mo",
    };
    let length = format!("{}{unit}", window.length.count);
    match (&window.pivot, window.word) {
        (Some(pivot), _) => {
            let side = match pivot.side {
                Side::Before => "before",
                Side::After => "after",
            };
            format!(" in the {length} {side} a ${} event", pivot.variable.node)
        }
        (None, WindowWord::Over) => format!(" in the {length} window"),
        (None, WindowWord::By | WindowWord::OverEvery) => format!(" in the same {length} of the clock"),
    }
}

fn listed(test: &InList) -> String {
    let how = match test.kind {
        ListKind::Plain => "is in",
        ListKind::Regex => "matches a line of",
        ListKind::Cidr => "is in a network of",
    };
    format!("{} {how} {}", print_expr(&test.value), print_expr(&test.list))
}

struct Words<'w> {
    body: &'w Body,
}

impl Words<'_> {
    fn condition(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::And(parts) => self.joined(parts, " and "),
            ExprKind::Or(parts) => format!("({})", self.joined(parts, " or ")),
            ExprKind::Of(Threshold::All, parts) => self.joined(parts, " and "),
            ExprKind::Of(Threshold::Any, parts) => format!("({})", self.joined(parts, " or ")),
            ExprKind::Of(Threshold::AtLeast(count), parts) => {
                format!("at least {count} of these: {}", self.joined(parts, "; "))
            }
            ExprKind::Not(inner) => format!("not {}", self.condition(inner)),
            ExprKind::Variable(name) if self.is_event(&name.node) => {
                format!("at least one ${} event", name.node)
            }
            ExprKind::Variable(name) => format!("at least one value of ${}", name.node),
            ExprKind::Absent(name) if self.is_event(&name.node) => format!("no ${} event", name.node),
            ExprKind::Absent(name) => format!("no value of ${}", name.node),
            ExprKind::Compare(test) => self.comparison(test),
            ExprKind::In(test) => listed(test),
            ExprKind::IsNull(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Call(_)
            | ExprKind::Quantified(..)
            | ExprKind::Field(_)
            | ExprKind::Count(_)
            | ExprKind::List(_)
            | ExprKind::Array(_)
            | ExprKind::Literal(_) => format!("{} holds", print_expr(expr)),
        }
    }

    fn joined(&self, parts: &[Expr], between: &str) -> String {
        parts.iter().map(|part| self.condition(part)).collect::<Vec<_>>().join(between)
    }

    fn comparison(&self, test: &Comparison) -> String {
        let (left, right, op) = match test.left.as_literal() {
            Some(_) => (&test.right, &test.left, test.op.node.mirrored()),
            None => (&test.left, &test.right, test.op.node),
        };
        if let (ExprKind::Count(name), Some(Literal::Int(number))) = (&left.kind, right.as_literal()) {
            return self.counted(&name.node, op, *number);
        }
        let is_pattern = matches!(right.as_literal(), Some(Literal::Regex(_)));
        let word = match op {
            CompareOp::Eq if is_pattern => "matches",
            CompareOp::Ne if is_pattern => "does not match",
            CompareOp::Eq => "is",
            CompareOp::Ne => "is not",
            CompareOp::Lt => "is below",
            CompareOp::Le => "is at most",
            CompareOp::Gt => "is above",
            CompareOp::Ge => "is at least",
        };
        format!("{} {word} {}", print_expr(left), print_expr(right))
    }

    fn counted(&self, name: &str, op: CompareOp, number: u64) -> String {
        let how = match op {
            CompareOp::Eq if number == 0 => "no".to_owned(),
            CompareOp::Gt if number == 0 => "at least one".to_owned(),
            CompareOp::Ge if number == 1 => "at least one".to_owned(),
            CompareOp::Eq => format!("exactly {number}"),
            CompareOp::Ne => format!("any number but {number} of"),
            CompareOp::Lt => format!("fewer than {number}"),
            CompareOp::Le => format!("at most {number}"),
            CompareOp::Gt => format!("more than {number}"),
            CompareOp::Ge => format!("at least {number}"),
        };
        let one = matches!(how.as_str(), "at least one" | "no" | "exactly 1" | "at most 1" | "at least 1");
        let plural = if one { "" } else { "s" };
        if self.is_event(name) {
            return format!("{how} ${name} event{plural}");
        }
        format!("{how} different value{plural} of ${name}")
    }

    /// Is it an event variable, one of whose fields the rule names?
    fn is_event(&self, name: &str) -> bool {
        let statements = self.body.events.iter().flat_map(|section| &section.items);
        let mut found = false;
        for statement in statements {
            let crate::syntax::ast::Stmt::Predicate(expr) = statement else { continue };
            walk(expr, &mut |part| {
                if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                    found |= field.variable.as_ref().is_some_and(|variable| variable.node == name);
                }
            });
        }
        found
    }
}
