//! What a tree means: names resolved, types and structure checked, every mistake reported once.

mod aggregation;
mod allow;
mod calls;
mod comparisons;
mod conditions;
mod errors;
mod fields;
mod google;
mod group;
mod joins;
mod limits;
mod lints;
mod metrics;
mod names;
mod needs;
mod not_run;
mod options;
mod quantified;
mod rows;
mod scope;
mod searches;
mod setup;
mod types;
mod unknown;
mod walker;
mod windows;

use std::collections::BTreeMap;

pub use allow::silence;
pub use google::google;
pub use needs::{Need, NeedKind, columns, needs};
pub use not_run::{unsupported, unsupported_search};

/// What the style guide of published rules asks for; `check` leaves it out.
pub fn style(file: &File) -> Vec<Diagnostic> {
    lints::style(file)
}

use crate::diag::{self, Diagnostic};
use crate::syntax::ast::{Assignment, Body, Expr, ExprKind, File, Rule, Search, Stmt, Unit};
use crate::text::Span;
use scope::{Language, Scope};
use walker::{Place, Walker};

/// Everything wrong with a file beyond its form, in the order of the text. What is wrong with the form comes from
/// [`crate::syntax::parse`]; of what could not be read, nothing is said here.
pub fn check(file: &File) -> Vec<Diagnostic> {
    let mut found = duplicate_rules(file);
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => found.extend(check_rule(rule)),
            Unit::Search(search) => found.extend(check_search(search)),
        }
    }
    found.sort_by_key(|one| (one.label.span.start, one.label.span.end));
    diag::cap(&mut found);
    found
}

/// Rules of one name in different files, which are told apart by no detection. `files` come with their names.
pub fn duplicates_across(files: &[(&str, &File)]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    let mut found = Vec::new();
    for (file, tree) in files {
        for unit in &tree.units {
            let Unit::Rule(rule) = unit else { continue };
            match seen.get(rule.name.node.as_str()) {
                Some((other, first)) if first.source != rule.name.span.source => {
                    found.push(errors::duplicate_elsewhere(&rule.name, other));
                }
                Some(_) => {}
                None => drop(seen.insert(&rule.name.node, (*file, rule.name.span))),
            }
        }
    }
    found
}

/// Does it test a list, and nothing else?
fn uses_of_lists(expr: &Expr) -> bool {
    if let ExprKind::Not(inner) = &expr.kind {
        return uses_of_lists(inner);
    }
    matches!(expr.kind, ExprKind::In(_))
}

fn duplicate_rules(file: &File) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for unit in &file.units {
        let Unit::Rule(rule) = unit else { continue };
        match seen.get(rule.name.node.as_str()) {
            Some(first) => found.push(errors::duplicate_rule(&rule.name, *first)),
            None => drop(seen.insert(&rule.name.node, rule.name.span)),
        }
    }
    found
}

fn check_rule(rule: &Rule) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let found = &mut all;
    let mut scope = Scope::new(&rule.body, Language::Rule);
    scope.incomplete |= rule.broken;
    names::reserved(&scope, found);
    names::of_rule(rule, found);
    expressions(&mut scope, &rule.body, found);
    names::placeholders(&scope, found);
    windows::check(&scope, &rule.body, found);
    aggregation::check(&scope, &rule.body, found);
    options::check(rule, found);
    limits::check(&rule.body, found);
    metrics::alone(&rule.body, found);
    setup::check(&scope, rule, found);
    structure(&scope, rule, found);
    let errors = found.len();
    lints::check_rule(&scope, rule, found);
    found.extend(unsupported(rule));
    quiet_beside_errors(found, errors);
    names::undeclared_once(all)
}

/// Of a place with an error, nothing less is said. The first `errors` of `found` are not from lints.
fn quiet_beside_errors(found: &mut Vec<Diagnostic>, errors: usize) {
    let lints = found.split_off(errors);
    let spans: Vec<Span> = found.iter().filter(|one| one.is_error()).map(|one| one.label.span).collect();
    let touches = |lint: &Diagnostic| {
        let own = lint.label.span;
        spans.iter().any(|span| own.start < span.end && span.start < own.end)
    };
    found.extend(lints.into_iter().filter(|lint| !touches(lint)));
}

/// A variable that the condition forgot is one mistake, so nothing is said of its joins then.
fn structure(scope: &Scope, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    conditions::check(scope, rule, found);
    if found.len() == before && !conditions::has_slip(scope, rule, found) {
        joins::check(scope, rule, found);
    }
}

fn check_search(search: &Search) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    searches::check(search, &mut all);
    all.extend(unsupported_search(search));
    names::undeclared_once(all)
}

fn expressions<'t>(scope: &mut Scope<'t>, body: &'t Body, found: &mut Vec<Diagnostic>) {
    for stmt in body.events.iter().flat_map(|section| &section.items) {
        statement(scope, Place::Events, stmt, found);
    }
    outcomes(scope, body, found);
    for stmt in body.condition.iter().flat_map(|section| &section.items) {
        statement(scope, Place::Condition, stmt, found);
    }
}

fn statement<'t>(scope: &Scope<'t>, place: Place, stmt: &'t Stmt, found: &mut Vec<Diagnostic>) {
    match stmt {
        Stmt::Predicate(expr) => {
            let mut walker = Walker::new(scope, place, found);
            calls::nesting(&mut walker, expr);
            walker.condition(expr);
        }
        Stmt::Broken(_) => {}
    }
}

fn outcomes<'t>(scope: &mut Scope<'t>, body: &'t Body, found: &mut Vec<Diagnostic>) {
    let Some(section) = &body.outcome else { return };
    for item in &section.items {
        let Assignment::Set { name, value, .. } = item else { continue };
        Walker::new(scope, Place::Outcome, found).assigned(value);
        let kind = types::type_of(scope, value);
        names::outcome(scope, name, value.span, kind, found);
        scope.assign(&name.node, name.span, kind);
    }
    if let Some(heading) = names::too_many(scope, section) {
        found.push(heading);
    }
}
