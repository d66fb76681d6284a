//! What the style guide of published rules asks for; said only on request.

use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Assignment, Expr, ExprKind, File, Literal, Rule, Unit};

/// Keys that every published rule has.
const KEYS: [&str; 4] = ["author", "description", "severity", "priority"];

/// The words of `severity` and `priority`, with the score that goes with each.
const LEVELS: [(&str, u64); 5] = [("Info", 10), ("Low", 35), ("Medium", 65), ("High", 85), ("Critical", 95)];

/// Names that say nothing of the event.
const BARE_NAMES: [&str; 6] = ["e", "e1", "e2", "event", "event1", "selection"];

/// The rules of a file.
pub fn check(file: &File) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => style(rule, &mut found),
            Unit::Search(_) => {}
        }
    }
    found
}

fn style(rule: &Rule, found: &mut Vec<Diagnostic>) {
    keys(rule, found);
    levels(rule, found);
    score(rule, found);
    names(rule, found);
}

fn meta<'r>(rule: &'r Rule, key: &str) -> Option<(&'r Expr, &'r str)> {
    let pair = rule.meta.iter().flat_map(|section| &section.items).find(|pair| pair.key.node == key)?;
    if let ExprKind::Literal(Literal::Text(text) | Literal::Raw(text)) = &pair.value.kind {
        Some((&pair.value, text))
    } else {
        None
    }
}

fn keys(rule: &Rule, found: &mut Vec<Diagnostic>) {
    let missing: Vec<&str> = KEYS.into_iter().filter(|key| meta(rule, key).is_none()).collect();
    if !missing.is_empty() {
        let message = format!("`meta:` lacks `{}`", missing.join("`, `"));
        found.push(
            Diagnostic::new(&codes::META_INCOMPLETE, rule.name.span, message)
                .help(format!("add lines such as `{} = \"…\"`", missing.first().unwrap_or(&"author"))),
        );
    }
    for pair in rule.meta.iter().flat_map(|section| &section.items) {
        if matches!(&pair.value.kind, ExprKind::Literal(Literal::Text(text)) if text.trim().is_empty()) {
            let message = format!("`{}` is empty", pair.key.node);
            found.push(
                Diagnostic::new(&codes::META_EMPTY, pair.value.span, message)
                    .help("write it, or take it out"),
            );
        }
    }
}

fn levels(rule: &Rule, found: &mut Vec<Diagnostic>) {
    for key in ["severity", "priority"] {
        let Some((value, text)) = meta(rule, key) else { continue };
        if text.is_empty() || LEVELS.iter().any(|(level, _)| *level == text) {
            continue;
        }
        let near = LEVELS.iter().find(|(level, _)| level.eq_ignore_ascii_case(text)).map(|(level, _)| *level);
        let all = "write `Info`, `Low`, `Medium`, `High` or `Critical`";
        let message = format!("`{text}` is no level of `{key}`");
        let diagnostic = Diagnostic::new(&codes::META_LEVEL, value.span, message);
        found.push(match near {
            Some(level) => {
                diagnostic.help(format!("write `\"{level}\"`")).fix(value.span, format!("\"{level}\""))
            }
            None => diagnostic.help(all),
        });
    }
}

fn score(rule: &Rule, found: &mut Vec<Diagnostic>) {
    let outcomes = rule.body.outcome.iter().flat_map(|section| &section.items);
    let mut score = outcomes.filter_map(|item| match item {
        Assignment::Set { name, value, .. } if name.node == "risk_score" => Some(value),
        Assignment::Set { .. } | Assignment::Broken(_) => None,
    });
    let Some(value) = score.next_back() else {
        found.push(
            Diagnostic::new(
                &codes::SCORE_MISSING,
                rule.name.span,
                "the rule gives its detections no risk score",
            )
            .help("add `$risk_score = max(65)` or the like under `outcome:`"),
        );
        return;
    };
    let level = meta(rule, "severity").and_then(|(_, text)| LEVELS.iter().find(|(level, _)| *level == text));
    let (Some(written), Some((level, wanted))) = (constant(value), level) else { return };
    if written != *wanted {
        let message =
            format!("a rule of severity `{level}` has the risk score {wanted}, and this is {written}");
        found.push(
            Diagnostic::new(&codes::SCORE_OF_ANOTHER_LEVEL, value.span, message)
                .help(format!("write `{wanted}`")),
        );
    }
}

/// `65`, `max(65)`
fn constant(expr: &Expr) -> Option<u64> {
    if let Some(Literal::Int(number)) = expr.as_literal() {
        return Some(*number);
    }
    let max = expr.as_call().filter(|call| call.name.node == "max")?;
    max.args.first().map(crate::syntax::visit::argument).and_then(constant)
}

fn names(rule: &Rule, found: &mut Vec<Diagnostic>) {
    let scope = crate::check::scope::Scope::new(&rule.body, crate::check::scope::Language::Rule);
    for (name, event) in scope.events.iter().filter(|(name, _)| BARE_NAMES.contains(name)) {
        let message = format!("`${name}` says nothing of the events it stands for");
        found.push(
            Diagnostic::new(&codes::BARE_NAME, event.span, message)
                .help("name it for them, such as `$login`"),
        );
    }
}
