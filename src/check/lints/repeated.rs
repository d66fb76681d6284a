//! `!=` and `not` on a list: true as soon as one element differs.

use std::collections::BTreeSet;

use super::View;
use crate::check::fields;
use crate::check::scope::statements;
use crate::check::types;
use crate::diag::{Diagnostic, codes};
use crate::schema::FieldInfo;
use crate::syntax::ast::{Expr, ExprKind, FieldRef, Literal};
use crate::syntax::visit::argument;
use crate::syntax::walk;
use crate::text::Span;
use crate::value::operators::CompareOp;

/// Under `events:`, where an element that differs is enough for the event.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    let mut tests = Tests::default();
    for statement in statements(view.body) {
        tests.gather(view, statement, Sense::Positive);
    }
    let (mut said, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (field, span, list) in tests.negative {
        // Two lists held against each other are one mistake.
        if !tests.positive.contains(&list) && said.insert(fields::text(field)) && places.insert(span.start) {
            found.push(diagnostic(field, span));
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Positive,
    Negative,
}

impl Sense {
    fn turned(self) -> Sense {
        match self {
            Sense::Positive => Sense::Negative,
            Sense::Negative => Sense::Positive,
        }
    }
}

#[derive(Default)]
struct Tests<'t> {
    /// Fields that a value is denied of, where, and the list they belong to.
    negative: Vec<(&'t FieldRef, Span, String)>,
    /// Lists of which an element is asked for: a denial then speaks of that element.
    positive: BTreeSet<String>,
}

impl<'t> Tests<'t> {
    fn gather(&mut self, view: &View, expr: &'t Expr, sense: Sense) {
        match &expr.kind {
            ExprKind::Not(inner) => self.gather(view, inner, sense.turned()),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().for_each(|part| self.gather(view, part, sense));
            }
            ExprKind::Compare(comparison) => {
                let denied = comparison.op.node == CompareOp::Ne;
                let sense = if denied { sense.turned() } else { sense };
                let beside_zero = is_zero(&comparison.left) || is_zero(&comparison.right);
                for side in [&comparison.left, &comparison.right] {
                    self.test(view, side, expr.span, sense, beside_zero);
                }
            }
            ExprKind::In(list) => self.test(view, &list.value, expr.span, sense, false),
            ExprKind::Call(call) => {
                let first = call.args.first().map(argument);
                first.into_iter().for_each(|first| self.test(view, first, expr.span, sense, false));
            }
            ExprKind::IsNull(_)
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

    /// A value held against nothing at all is no denial worth a word.
    fn test(&mut self, view: &View, side: &'t Expr, span: Span, sense: Sense, beside_zero: bool) {
        walk(side, &mut |part| {
            let ExprKind::Field(field) = &part.kind else { return };
            let Some(info) = types::field_info(view.scope, field).filter(FieldInfo::is_repeated) else {
                return;
            };
            let list = list_of(field, &info);
            if sense == Sense::Positive {
                self.positive.insert(list);
            } else if !beside_zero {
                self.negative.push((field, span, list));
            }
        });
    }
}

fn is_zero(expr: &Expr) -> bool {
    expr.as_text().is_some_and(str::is_empty) || matches!(expr.as_literal(), Some(Literal::Int(0)))
}

/// The path up to its first list.
fn list_of(field: &FieldRef, info: &FieldInfo) -> String {
    let steps = info.steps.iter().map(|step| (step.name.as_str(), step.repeated));
    let mut path = field.variable.as_ref().map(|name| name.node.clone()).unwrap_or_default();
    for (name, repeated) in steps {
        path = format!("{path}.{name}");
        if repeated {
            break;
        }
    }
    path
}

fn diagnostic(field: &FieldRef, span: Span) -> Diagnostic {
    let path = fields::text(field);
    let message = format!("`{path}` is a list, and this holds as soon as one element passes");
    Diagnostic::new(&codes::REPEATED_NEGATION, span, message)
        .help(format!("for no element at all, write `not` before a test of `any {path}`"))
}
