//! Goes through an expression once and has each node checked by the room it belongs to.

use super::scope::{Language, Scope};
use super::{calls, comparisons, errors, fields, metrics, names, quantified, types};
use crate::diag::Diagnostic;
use crate::syntax::ast::{Call, Expr, ExprKind, ListRef, Literal};
use crate::syntax::children;
use crate::syntax::visit::argument;
use crate::value::Type;
use crate::value::operators::ArithOp;

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Under `events:`.
    Events,
    /// Under `outcome:`.
    Outcome,
    /// Under `condition:`.
    Condition,
}

/// One walk.
pub(super) struct Walker<'w, 't> {
    pub(super) scope: &'w Scope<'t>,
    pub(super) place: Place,
    pub(super) found: &'w mut Vec<Diagnostic>,
}

impl<'w, 't> Walker<'w, 't> {
    pub(super) fn new(scope: &'w Scope<'t>, place: Place, found: &'w mut Vec<Diagnostic>) -> Walker<'w, 't> {
        Walker { scope, place, found }
    }

    /// What must be true or false.
    pub(super) fn condition(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Variable(name) if self.place == Place::Condition => {
                names::in_condition(self.scope, name, self.found);
            }
            ExprKind::Field(_)
            | ExprKind::Quantified(..)
            | ExprKind::Variable(_)
            | ExprKind::Literal(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Count(_)
            | ExprKind::Call(_) => self.bare(expr),
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::IsNull(_)
            | ExprKind::Absent(_)
            | ExprKind::List(_)
            | ExprKind::Of(..)
            | ExprKind::Array(_) => self.value(expr),
        }
    }

    /// A value in a condition's place; where the value itself is wrong, that is enough.
    fn bare(&mut self, expr: &Expr) {
        let before = self.found.len();
        self.value(expr);
        if self.found.len() == before {
            quantified::of_one_event(self, expr);
        }
        let is_call = matches!(expr.kind, ExprKind::Call(_));
        let kind = types::type_of(self.scope, expr);
        if self.found.len() > before || kind.is_none() || (is_call && kind == Some(Type::Bool)) {
            return;
        }
        if self.scope.language == Language::Rule {
            self.found.push(errors::bare_value(expr, kind));
        }
    }

    /// What an outcome is set to.
    pub(super) fn assigned(&mut self, expr: &Expr) {
        calls::nesting(self, expr);
        let before = self.found.len();
        if !matches!(expr.kind, ExprKind::Quantified(..)) {
            self.value(expr);
        }
        if self.found.len() == before {
            quantified::as_value(self, expr);
        }
    }

    /// What must have a value.
    pub(super) fn value(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Or(parts) | ExprKind::And(parts) => self.joined(parts),
            ExprKind::Of(_, parts) => parts.iter().for_each(|part| self.condition(part)),
            ExprKind::Not(inner) => self.condition(inner),
            ExprKind::Compare(comparison) => comparisons::compare(self, expr, comparison),
            ExprKind::In(list) => comparisons::in_list(self, expr, list),
            ExprKind::IsNull(inner) => self.is_null(expr, inner),
            ExprKind::Arith(op, left, right) => {
                if !self.operand(left) && !self.operand(right) && *op == ArithOp::Rem {
                    self.remainder(left, right);
                }
            }
            ExprKind::Negative(inner) => self.value(inner),
            ExprKind::Call(call) => self.call(expr, call),
            ExprKind::Quantified(quantifier, field) => {
                fields::quantified(self, expr.span, *quantifier, field);
            }
            ExprKind::Field(field) => drop(fields::check(self, field, expr.span)),
            ExprKind::Variable(name) => names::value(self.scope, self.place, name, self.found),
            ExprKind::Count(name) => names::count(self, name, expr.span, "#"),
            ExprKind::Absent(name) => names::count(self, name, expr.span, "!$"),
            ExprKind::List(list) => self.stray_list(expr, list),
            ExprKind::Array(_) => self.found.push(errors::stray_array(expr.span)),
            ExprKind::Literal(literal) => self.literal(expr, literal),
        }
    }

    /// `$e.principal.hostname = "a" or "b"`: a literal goes on from the comparison before it.
    fn joined(&mut self, parts: &[Expr]) {
        let mut last = None;
        for part in parts {
            let goes_on = part.as_text().is_some() || matches!(part.as_literal(), Some(Literal::Int(_)));
            match last.filter(|_| goes_on) {
                Some(before) => self.found.push(errors::value_after_comparison(before, part)),
                None => self.condition(part),
            }
            last = part.as_compare().or(last);
        }
    }

    fn is_null(&mut self, expr: &Expr, inner: &Expr) {
        self.value(inner);
        let kind = types::type_of(self.scope, inner);
        self.found.push(errors::null(expr.span, kind));
    }

    /// One wrong operand is enough for a calculation.
    fn operand(&mut self, expr: &Expr) -> bool {
        let before = self.found.len();
        self.value(expr);
        let family = types::type_of(self.scope, expr).map(types::Family::of);
        let wrong = family.filter(|family| *family != types::Family::Number);
        if let Some(family) = wrong.filter(|_| self.found.len() == before) {
            self.found.push(errors::arithmetic_kind(expr.span, family));
            return true;
        }
        false
    }

    /// `%` goes with whole numbers alone.
    fn remainder(&mut self, left: &Expr, right: &Expr) {
        let float = |side: &&&Expr| types::type_of(self.scope, side) == Some(Type::Float);
        if let Some(side) = [left, right].iter().find(float) {
            self.found.push(errors::modulus_on_float(side.span));
        }
    }

    /// A function that is not known gets its own diagnostic, and its arguments are still looked into.
    fn call(&mut self, expr: &Expr, call: &Call) {
        if calls::is_foreign(call) {
            metrics::call(self, call);
            return;
        }
        if self.place != Place::Outcome && calls::is_aggregate(&call.name.node) {
            self.found.push(errors::aggregate_not_here(&call.name));
            return;
        }
        if self.place == Place::Condition && call.name.node == "if" {
            self.found.push(errors::if_in_condition(&call.name));
            return;
        }
        if self.place != Place::Events && call.name.node == "group" {
            self.found.push(errors::group_not_here(&call.name));
            return;
        }
        let before = self.found.len();
        for (at, child) in children(expr).into_iter().enumerate() {
            self.argument(call, at, child);
        }
        let quiet = self.found.len() > before;
        names::one_event(self, call, expr);
        calls::check(self, call, if quiet { calls::Depth::Name } else { calls::Depth::Arguments });
    }

    fn argument(&mut self, call: &Call, at: usize, child: &Expr) {
        if call.name.node == "if" && at == 0 {
            return self.condition(child);
        }
        match &child.kind {
            // Patterns and columns of tables are judged with the parameter they stand for.
            ExprKind::Literal(Literal::Regex(_)) if call.name.node.starts_with("re.") => {}
            ExprKind::List(ListRef { column: Some(_), .. }) => {}
            ExprKind::Quantified(quantifier, field) if calls::is_aggregate(&call.name.node) => {
                let word = fields::quantifier_word(*quantifier);
                self.found.push(errors::quantified_value(child.span, word, &fields::text(field)));
            }
            ExprKind::Field(field) if calls::takes_groups(call) => {
                fields::check_group(self, field, child.span);
            }
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::IsNull(_)
            | ExprKind::Arith(..)
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
            | ExprKind::Literal(_) => self.value(child),
        }
    }

    fn stray_list(&mut self, expr: &Expr, list: &ListRef) {
        if list.column.is_none() {
            self.found.push(errors::stray_list(expr.span, &list.name.node));
        }
    }

    fn literal(&mut self, expr: &Expr, literal: &Literal) {
        match literal {
            Literal::Null => self.found.push(errors::null(expr.span, None)),
            Literal::Regex(_) => self.found.push(errors::stray_pattern(expr.span)),
            Literal::Text(_)
            | Literal::Raw(_)
            | Literal::Int(_)
            | Literal::Float(_)
            | Literal::Bool(_)
            | Literal::Duration(_) => {}
        }
    }
}

/// The arguments of a call, named or not.
pub(super) fn arguments(call: &Call) -> impl Iterator<Item = &Expr> {
    call.args.iter().map(argument)
}
