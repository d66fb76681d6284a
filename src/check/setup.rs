//! `setup:` and `export:`: known calls, over entities and tables that are there, with values that are known.

use std::collections::BTreeSet;

use super::scope::{Language, Scope};
use super::walker::{Place, Walker};
use super::{errors, fields, names};
use crate::diag::Diagnostic;
use crate::schema::{self, Root};
use crate::syntax::ast::{Expr, ExprKind, Rule, Section, SetupCall, WriteRow};
use crate::syntax::walk;

const CALLS: [&str; 3] = ["graph_override", "graph_append", "graph_exclude"];

/// The most lines of `setup:`.
const MOST: usize = 2;

/// Both sections of a rule.
pub(super) fn check(scope: &Scope, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let calls = rule.setup.iter().flat_map(|section| &section.items);
    let mut seen = BTreeSet::new();
    for (at, call) in calls.enumerate() {
        match CALLS.iter().find(|name| **name == call.name.node) {
            None => found.push(errors::unknown_setup(&call.name, schema::nearest(&call.name.node, CALLS))),
            Some(_) if at >= MOST => found.push(errors::too_much_setup(call.span.0)),
            Some(name) => setup(scope, call, name, &mut seen, found),
        }
    }
    if let Some(section) = &rule.export {
        export(scope, section, found);
    }
}

fn setup(
    scope: &Scope,
    call: &SetupCall,
    name: &str,
    seen: &mut BTreeSet<String>,
    found: &mut Vec<Diagnostic>,
) {
    let before = found.len();
    for part in &call.args {
        arguments(scope, part, found);
    }
    if found.len() > before {
        return;
    }
    let append = name == "graph_append";
    let Some(entity) = call.args.iter().find_map(entity_of) else {
        found.push(errors::bad_setup(call.span.0, name));
        return;
    };
    let fits = match call.args.as_slice() {
        [only] => !append && has_table(only),
        [_, table] => append && matches!(table.kind, ExprKind::List(_)),
        _ => false,
    };
    if !fits {
        found.push(errors::bad_setup(call.span.0, name));
    } else if !seen.insert(entity.clone()) {
        found.push(errors::setup_twice(call.span.0, &entity));
    }
}

/// Fields and variables of the entity graph that `events:` uses.
fn arguments(scope: &Scope, expr: &Expr, found: &mut Vec<Diagnostic>) {
    walk(expr, &mut |part| {
        if let Some(field) = part.as_field() {
            fields::check(&mut Walker::new(scope, Place::Outcome, found), field, part.span);
        }
        let Some(name) = part.as_variable() else { return };
        match scope.events.get(name.node.as_str()) {
            None => names::undeclared_event(scope, name, found),
            Some(event) if event.root != Root::Entity => found.push(errors::setup_over_events(name)),
            Some(_) => {}
        }
    });
}

fn entity_of(expr: &Expr) -> Option<String> {
    let mut entity = None;
    walk(expr, &mut |part| {
        let of_field = || part.as_field().and_then(|field| field.variable.as_ref());
        entity = entity.take().or_else(|| part.as_variable().or_else(of_field).map(|name| name.node.clone()));
    });
    entity
}

fn has_table(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |part| found |= part.as_column().is_some());
    found
}

/// Rows written: known methods, and values that a detection or a row has.
pub(super) fn export(scope: &Scope, section: &Section<WriteRow>, found: &mut Vec<Diagnostic>) {
    for row in &section.items {
        if row.method.node != "write_row" {
            found.push(errors::unknown_export(&row.method, &row.table.node));
            continue;
        }
        if row.columns.is_empty() {
            found.push(errors::empty_export(row.span.0, &row.table.node));
        }
        for (_, value) in &row.columns {
            exported(scope, value, found);
        }
    }
}

fn exported(scope: &Scope, value: &Expr, found: &mut Vec<Diagnostic>) {
    if let Some(name) = value.as_variable() {
        let word = name.node.as_str();
        let known = scope.outcomes.contains_key(word) || scope.placeholders.contains_key(word);
        if scope.events.contains_key(word) {
            found.push(errors::event_as_value(name));
        } else if !known {
            names::undeclared(scope, name, found);
        }
        return;
    }
    if value.as_literal().is_some() || scope.language == Language::Search {
        return;
    }
    match value.as_field().filter(|_| !scope.grouped) {
        Some(field) => {
            fields::check(&mut Walker::new(scope, Place::Outcome, found), field, value.span);
        }
        None => found.push(errors::bad_export(value.span)),
    }
}
