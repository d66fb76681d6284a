//! The sections of a rule that are read as they stand: meta, options, the window, the class of the rule.

use super::compile::{Draft, Language, Refusal, Subject, Zeros};
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
pub(super) fn zeros(rule: &Rule) -> Zeros {
    let kept = matches!(
        option(rule, "allow_zero_values").and_then(ast::Expr::as_literal),
        Some(Literal::Bool(true))
    );
    if kept { Zeros::Kept } else { Zeros::Dropped }
}

/// Sections that are valid and not run.
pub(super) fn refuse(rule: &Rule) -> Result<(), Refusal> {
    let written = [
        (rule.setup.as_ref().map(|section| section.span.0), "`setup`"),
        (rule.export.as_ref().map(|section| section.span.0), "`export`"),
    ];
    match written.into_iter().find_map(|(span, what)| Some((span?, what))) {
        Some((span, what)) => Err(Refusal::new(span, format!("{what} is not run"))),
        None => Ok(()),
    }
}

fn meta(rule: &Rule) -> Vec<(String, String)> {
    let pairs = rule.meta.iter().flat_map(|section| &section.items);
    pairs.filter_map(|pair| Some((pair.key.node.clone(), pair.value.as_text()?.to_owned()))).collect()
}

fn option<'r>(rule: &'r Rule, name: &str) -> Option<&'r ast::Expr> {
    let mut pairs = rule.options.iter().flat_map(|section| &section.items);
    pairs.find(|pair| pair.key.node == name).map(|pair| &pair.value)
}

pub(super) fn suppression(rule: &Rule) -> Result<Option<Duration>, Refusal> {
    let Some(value) = option(rule, "suppression_window") else { return Ok(None) };
    let length = if let Some(Literal::Duration(length)) = value.as_literal() {
        *length
    } else if let Some(Literal::Int(seconds)) = value.as_literal() {
        Duration::seconds(i64::try_from(*seconds).unwrap_or(i64::MAX))
    } else {
        return Err(Refusal::new(value.span, "`suppression_window` must be a duration"));
    };
    Ok((length.0 > 0).then_some(length))
}

/// Windows hold what happens at a time.
pub(super) fn timed(subject: &Subject<'_>, sources: &[Draft]) -> Result<(), Refusal> {
    let window = subject.clause().and_then(|clause| clause.window.as_ref());
    match window {
        Some(window) if !sources.iter().any(|draft| draft.kind.is_timed()) => {
            Err(Refusal::new(window.span.0, "windows over what happens at no time are not run"))
        }
        Some(_) | None => Ok(()),
    }
}

/// How events are cut into windows; `source` finds the pivot. A search may do without.
pub(super) fn window(
    subject: &Subject<'_>,
    source: impl Fn(&str) -> Option<SourceId>,
) -> Result<Option<WindowPlan>, Refusal> {
    let Some(clause) = subject.clause() else { return Ok(None) };
    let Some(window) = &clause.window else {
        return match subject.language {
            Language::Rule => {
                Err(Refusal::new(clause.span.0, "`match` without a window is not run in rules"))
            }
            Language::Search(_) => Ok(None),
        };
    };
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
        (None, WindowWord::By | WindowWord::OverEvery) => tumbling(window),
    };
    Ok(Some(WindowPlan { shape, length: length(window) }))
}

/// Weeks start on Mondays and months on their first day; the rest counts from the epoch.
fn tumbling(window: &ast::WindowClause) -> Shape {
    let count = i64::try_from(window.length.count).unwrap_or(i64::MAX);
    match window.length.unit.node {
        TimeUnit::Month => Shape::Months(count),
        TimeUnit::Week => Shape::Weeks(count),
        TimeUnit::Second | TimeUnit::Minute | TimeUnit::Hour | TimeUnit::Day => Shape::Tumbling,
    }
}

fn length(window: &ast::WindowClause) -> Duration {
    let seconds = match window.length.unit.node {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day => 86_400,
        TimeUnit::Week => 7 * 86_400,
        // The longest there is; tumbling months are cut by the calendar.
        TimeUnit::Month => 31 * 86_400,
    };
    let count = i64::try_from(window.length.count).unwrap_or(i64::MAX);
    Duration::seconds(count.saturating_mul(seconds))
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
    let Some(test) = expr.as_compare() else { return expr.as_variable().is_some() };
    let (op, other) = match (count(&test.left), count(&test.right)) {
        (true, _) => (test.op.node, &test.right),
        (false, true) => (test.op.node.mirrored(), &test.left),
        (false, false) => return false,
    };
    let number = if let Some(Literal::Int(number)) = other.as_literal() { Some(*number) } else { None };
    matches!((op, number), (CompareOp::Gt, Some(0)) | (CompareOp::Ge, Some(1)))
}
