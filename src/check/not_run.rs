//! What is valid and not run here, by name: the one list that `check` and `run` share.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, codes};
use crate::functions::metrics;
use crate::syntax::ast::{Assignment, Body, Expr, ExprKind, Rule, Search, Stmt};
use crate::syntax::walk;
use crate::text::Span;

/// What of a rule is valid but not run here, each thing once, as warnings; a rule with any is passed over by `run`.
pub fn unsupported(rule: &Rule) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(setup) = &rule.setup {
        found.push(warn(&codes::SETUP, setup.heading.0, "`setup:` is not run".to_owned()));
    }
    if let Some(export) = &rule.export {
        found.push(warn(&codes::EXPORT, export.heading.0, "`export:` is not run".to_owned()));
    }
    found.extend(in_body(&rule.body));
    found
}

/// The same for a search.
pub fn unsupported_search(search: &Search) -> Vec<Diagnostic> {
    let bodies = search.stages.iter().map(|stage| &stage.body).chain([&search.root]);
    let mut found: Vec<Diagnostic> = bodies.flat_map(in_body).collect();
    if let Some(export) = &search.export {
        found.push(warn(&codes::EXPORT, export.heading.0, "`export:` is not run".to_owned()));
    }
    found
}

fn warn(code: &'static Code, span: Span, message: String) -> Diagnostic {
    Diagnostic::new(code, span, message).help("`yaral run` passes this over")
}

/// Tables and functions, each name once.
fn in_body(body: &Body) -> Vec<Diagnostic> {
    let mut named: BTreeMap<String, Diagnostic> = BTreeMap::new();
    let mut visit = |part: &Expr| {
        if let Some((name, diagnostic)) = part_not_run(part) {
            named.entry(name).or_insert(diagnostic);
        }
    };
    for expr in expressions(body) {
        walk(expr, &mut |part| visit(part));
    }
    named.into_values().collect()
}

fn expressions(body: &Body) -> Vec<&Expr> {
    let statements = body.events.iter().chain(&body.condition).flat_map(|section| &section.items);
    let predicates = statements.filter_map(|stmt| match stmt {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    });
    let assignments = body.outcome.iter().flat_map(|section| &section.items);
    let values = assignments.filter_map(|item| match item {
        Assignment::Set { value, .. } => Some(value),
        Assignment::Broken(_) => None,
    });
    predicates.chain(values).collect()
}

fn part_not_run(part: &Expr) -> Option<(String, Diagnostic)> {
    if let ExprKind::Call(call) = &part.kind {
        let code = reason(&call.name.node)?;
        let message = format!("`{}` is not run", call.name.node);
        Some((call.name.node.clone(), warn(code, call.name.span, message)))
    } else {
        None
    }
}

/// Why a function is not run, where Google has it and this program does not.
pub(super) fn reason(function: &str) -> Option<&'static Code> {
    const OTHERS: [&str; 4] =
        ["any_value", "period_start_for_max", "period_start_for_min", "timestamp.subtract"];
    if metrics::find(function).is_some() {
        return Some(&codes::METRICS);
    }
    OTHERS.contains(&function).then_some(&codes::OTHER_FUNCTIONS)
}
