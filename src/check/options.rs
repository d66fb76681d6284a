//! `options:`: known names with values of the right kind.

use std::collections::BTreeMap;

use super::{errors, windows};
use crate::diag::Diagnostic;
use crate::schema;
use crate::syntax::ast::{ExprKind, Literal, OptionPair, Rule};
use crate::text::Span;

const KNOWN: [&str; 2] = ["allow_zero_values", "suppression_window"];
const NANOS: i64 = 1_000_000_000;

/// The options of a rule.
pub(super) fn check(rule: &Rule, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for option in rule.options.iter().flat_map(|section| &section.items) {
        if let Some(first) = seen.insert(&option.key.node, option.key.span) {
            found.push(errors::option_twice(&option.key, first));
        }
        match option.key.node.as_str() {
            "allow_zero_values" => boolean(option, found),
            "suppression_window" => suppression(rule, option, found),
            other => found.push(errors::unknown_option(&option.key, schema::nearest(other, KNOWN))),
        }
    }
}

fn boolean(option: &OptionPair, found: &mut Vec<Diagnostic>) {
    if !matches!(option.value.kind, ExprKind::Literal(Literal::Bool(_))) {
        found.push(errors::bad_option(option, "`true` or `false`"));
    }
}

/// The seconds written; nothing where they are none, or something else.
fn suppressed(option: &OptionPair, found: &mut Vec<Diagnostic>) -> Option<u64> {
    if let Some(Literal::Int(seconds)) = option.value.as_literal() {
        if *seconds > 0 {
            found.push(errors::bare_suppression(option.value.span, *seconds));
        }
        return Some(*seconds).filter(|seconds| *seconds > 0);
    }
    if let Some(Literal::Duration(length)) = option.value.as_literal() {
        return u64::try_from(length.0 / NANOS).ok();
    }
    // Of a minus sign it is said already that values have none.
    if !matches!(option.value.kind, ExprKind::Negative(_)) {
        found.push(errors::bad_option(option, "a duration such as `1h`, or `0`"));
    }
    None
}

fn suppression(rule: &Rule, option: &OptionPair, found: &mut Vec<Diagnostic>) {
    let Some(seconds) = suppressed(option, found) else { return };
    let clauses = rule.body.match_.iter().flat_map(|section| &section.items);
    let window = clauses.filter_map(|clause| clause.window.as_ref()).next();
    if let Some(window) = window
        && seconds > 0
        && seconds <= windows::seconds(&window.length)
    {
        found.push(errors::short_suppression(option.value.span, window.length.span.0));
    }
}
