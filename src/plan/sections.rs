//! The sections of a rule that are read as they stand: meta, options, the window, the class of the rule.

use super::compile::Refusal;
use super::{RuleInfo, RuleType, Shape, SourceId, WindowPlan};
use crate::syntax::ast::{self, ExprKind, Literal, Rule, Side, Stmt, TimeUnit, WindowWord};
use crate::value::Duration;
use crate::value::operators::CompareOp;

/// What reports show of the rule.
pub(super) fn info(rule: &Rule, file: &str) -> RuleInfo {
    RuleInfo {
        name: rule.name.node.clone(),
        file: file.to_owned(),
        meta: meta(rule),
        rule_type: rule_type(rule),
        has_match: rule.body.match_.is_some(),
    }
}

/// Does the rule keep groups whose match variables are zero?
pub(super) fn allows_zero(rule: &Rule) -> bool {
    let value = option(rule, "allow_zero_values");
    matches!(value.map(|value| &value.kind), Some(ExprKind::Literal(Literal::Bool(true))))
}

fn meta(rule: &Rule) -> Vec<(String, String)> {
    let pairs = rule.meta.iter().flat_map(|section| &section.items);
    pairs
        .filter_map(|pair| match &pair.value.kind {
            ExprKind::Literal(Literal::Text(text) | Literal::Raw(text)) => {
                Some((pair.key.node.clone(), text.clone()))
            }
            _ => None,
        })
        .collect()
}

fn option<'r>(rule: &'r Rule, name: &str) -> Option<&'r ast::Expr> {
    let mut pairs = rule.options.iter().flat_map(|section| &section.items);
    pairs.find(|pair| pair.key.node == name).map(|pair| &pair.value)
}

pub(super) fn suppression(rule: &Rule) -> Result<Option<Duration>, Refusal> {
    let Some(value) = option(rule, "suppression_window") else { return Ok(None) };
    let length = match &value.kind {
        ExprKind::Literal(Literal::Duration(length)) => *length,
        ExprKind::Literal(Literal::Int(seconds)) => {
            Duration::seconds(i64::try_from(*seconds).unwrap_or(i64::MAX))
        }
        _ => return Err(Refusal::new(value.span, "`suppression_window` must be a duration")),
    };
    Ok((length.0 > 0).then_some(length))
}

/// How events are cut into windows; `source` finds the pivot.
pub(super) fn window(
    rule: &Rule,
    source: impl Fn(&str) -> Option<SourceId>,
) -> Result<Option<WindowPlan>, Refusal> {
    let Some(clause) = rule.body.match_.as_ref().and_then(|section| section.items.first()) else {
        return Ok(None);
    };
    let Some(window) = &clause.window else {
        return Err(Refusal::new(clause.span.0, "`match` without a window is not run in rules"));
    };
    let length = length(window)?;
    let shape = match (&window.pivot, window.word) {
        (Some(pivot), _) => {
            let name = &pivot.variable;
            let unknown = || Refusal::new(name.span, format!("`${}` is no event variable", name.node));
            let source = source(&name.node).ok_or_else(unknown)?;
            match pivot.side {
                Side::Before => Shape::Before(source),
                Side::After => Shape::After(source),
            }
        }
        (None, WindowWord::Over) => Shape::Hop,
        (None, WindowWord::By | WindowWord::OverEvery) => Shape::Tumbling,
    };
    Ok(Some(WindowPlan { shape, length }))
}

fn length(window: &ast::WindowClause) -> Result<Duration, Refusal> {
    let seconds = match window.length.unit.node {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day => 86_400,
        TimeUnit::Week | TimeUnit::Month => {
            return Err(Refusal::new(window.span.0, "weeks and months are no windows of rules"));
        }
    };
    let count = i64::try_from(window.length.count).unwrap_or(i64::MAX);
    Ok(Duration::seconds(count.saturating_mul(seconds)))
}

/// Without match, or with match and nothing but the existence of the event: `$e`, `#e > 0`, `#e >= 1` either way round.
fn rule_type(rule: &Rule) -> RuleType {
    let Some(condition) = rule.body.condition.as_ref().filter(|_| rule.body.match_.is_some()) else {
        return RuleType::SingleEvent;
    };
    match condition.items.as_slice() {
        [Stmt::Predicate(expr)] if is_existence(expr) => RuleType::SingleEvent,
        _ => RuleType::MultiEvent,
    }
}

fn is_existence(expr: &ast::Expr) -> bool {
    let count = |side: &ast::Expr| matches!(side.kind, ExprKind::Count(_));
    let number = |side: &ast::Expr| match side.kind {
        ExprKind::Literal(Literal::Int(number)) => Some(number),
        _ => None,
    };
    match &expr.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Compare(test) if count(&test.left) => {
            matches!((test.op.node, number(&test.right)), (CompareOp::Gt, Some(0)) | (CompareOp::Ge, Some(1)))
        }
        ExprKind::Compare(test) if count(&test.right) => {
            matches!((test.op.node, number(&test.left)), (CompareOp::Lt, Some(0)) | (CompareOp::Le, Some(1)))
        }
        _ => false,
    }
}
