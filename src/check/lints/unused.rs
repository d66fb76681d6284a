//! Names that nothing reads, and event variables that take every kind of event.

use std::collections::BTreeMap;

use super::View;
use crate::check::scope::{expressions, statements};
use crate::diag::{Diagnostic, codes};
use crate::schema::Root;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::walk;

/// Placeholders that stand once, where they are bound.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for expr in expressions(view.body) {
        walk(expr, &mut |part| {
            if let ExprKind::Variable(name) | ExprKind::Count(name) | ExprKind::Absent(name) = &part.kind {
                *counts.entry(&name.node).or_default() += 1;
            }
        });
    }
    for (name, placeholder) in &view.scope.placeholders {
        if counts.get(name) == Some(&1) && !view.scope.keys.contains_key(name) {
            let message = format!("`${name}` is bound, and nothing uses it");
            found.push(Diagnostic::new(&codes::UNUSED_PLACEHOLDER, placeholder.span, message).help(
                "take the statement out, or use the placeholder in `match:`, `outcome:` or another test",
            ));
        }
    }
}

/// Event variables of which no `metadata` is tested.
pub(super) fn event_filter(view: &View, found: &mut Vec<Diagnostic>) {
    for (name, event) in view.scope.events.iter().filter(|(_, event)| event.root == Root::Udm) {
        if statements(view.body).any(|statement| tests_metadata(statement, name)) {
            continue;
        }
        let message = format!("`${name}` looks at events of every kind");
        found.push(
            Diagnostic::new(&codes::NO_EVENT_FILTER, event.span, message).help(format!(
                "name the kind first, as in `${name}.metadata.event_type = \"PROCESS_LAUNCH\"`"
            )),
        );
    }
}

fn tests_metadata(statement: &Expr, variable: &str) -> bool {
    let mut found = false;
    walk(statement, &mut |part| {
        let (ExprKind::Field(field) | ExprKind::Quantified(_, field)) = &part.kind else { return };
        let mut words =
            field.segments.iter().map(|segment| segment.name.node.as_str()).filter(|word| *word != "udm");
        let kind = words.next() == Some("metadata")
            && words
                .next()
                .is_some_and(|word| !["event_timestamp", "id", "collected_timestamp"].contains(&word));
        found |= kind && field.variable.as_ref().is_some_and(|name| name.node == variable);
    });
    found
}
