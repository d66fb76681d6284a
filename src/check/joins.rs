//! Rules with several event variables: a window, and something that ties the events together.

use std::collections::{BTreeMap, BTreeSet};

use super::errors;
use super::scope::{Language, Placeholder, Scope, expressions, root, statements};
use super::types;
use crate::diag::Diagnostic;
use crate::schema::Root;
use crate::syntax::ast::{Body, Comparison, Expr, ExprKind, FieldRef, ListRef, Logic, Rule};
use crate::syntax::visit::argument;
use crate::syntax::{children, walk};
use crate::text::Span;
use crate::value::operators::CompareOp;

/// Is there a `match:`, and does everything hang together?
pub(super) fn check(scope: &Scope, rule: &Rule, found: &mut Vec<Diagnostic>) {
    if scope.incomplete || rule.broken {
        return;
    }
    found.extend(strange_table(&rule.body));
    if !scope.grouped {
        found.extend(match_needed(scope, rule));
        return;
    }
    connected(scope, &rule.body, found);
}

/// Does everything hang together?
pub(super) fn connected(scope: &Scope, body: &Body, found: &mut Vec<Diagnostic>) {
    found.extend(loose_table(body));
    let mut spans = match scope.language {
        Language::Rule => BTreeMap::new(),
        Language::Search => bare_sources(body),
    };
    spans.extend(scope.events.iter().map(|(name, event)| (format!("${name}"), event.span)));
    if spans.len() < 2 || scope.incomplete {
        return;
    }
    let mut groups = Groups::new(spans.keys());
    for placeholder in scope.placeholders.values() {
        groups.join(&of_placeholder(placeholder).collect());
    }
    for statement in statements(body) {
        equalities(scope, statement, &mut groups);
    }
    if let Some((name, other)) = groups.apart() {
        found.extend(spans.get(&name).map(|span| errors::not_joined(*span, &name, &other)));
    }
}

/// What fields without an event variable are of, which a search may have: one source for each kind of record.
fn bare_sources(body: &Body) -> BTreeMap<String, Span> {
    let mut sources = BTreeMap::new();
    for statement in statements(body) {
        walk(statement, &mut |part| {
            let is_bare = |field: &&FieldRef| field.variable.is_none() && !types::is_window_word(field);
            if let Some(field) = part.as_any_field().filter(is_bare) {
                sources.entry(owner(field)).or_insert(part.span);
            }
        });
    }
    sources
}

/// The event variable of a field; without one, what the field is of, as one says it.
fn owner(field: &FieldRef) -> String {
    field.variable.as_ref().map_or_else(|| unnamed(root(field)).to_owned(), |name| format!("${}", name.node))
}

fn unnamed(root: Root) -> &'static str {
    match root {
        Root::Udm => "events without a variable",
        Root::Entity => "entities without a variable",
        Root::Detection => "detections without a variable",
    }
}

/// A table compared by `!=` or an order alone, which joins nothing.
fn loose_table(body: &Body) -> Option<Diagnostic> {
    let (mut tied, mut loose) = (BTreeSet::new(), BTreeMap::new());
    for statement in statements(body) {
        walk(statement, &mut |part| {
            tied.extend(column_of_call(part).map(|list| list.name.node.as_str()));
            let ExprKind::Compare(comparison) = &part.kind else { return };
            for side in [&comparison.left, &comparison.right] {
                let ExprKind::List(list) = &side.kind else { continue };
                if comparison.op.node == CompareOp::Eq {
                    tied.insert(list.name.node.as_str());
                } else {
                    loose.entry(list.name.node.as_str()).or_insert(side.span);
                }
            }
        });
    }
    let (name, span) = loose.into_iter().find(|(name, _)| !tied.contains(name))?;
    Some(errors::table_not_joined(span, name))
}

/// A column in an outcome or a condition whose table no statement joins: each of its rows would fit.
pub(super) fn strange_table(body: &Body) -> Option<Diagnostic> {
    let mut joined = BTreeSet::new();
    statements(body).for_each(|statement| {
        columns(statement, &mut |list, _| {
            joined.insert(list);
        })
    });
    let mut strange = None;
    for expr in expressions(body) {
        columns(expr, &mut |list, span| {
            if !joined.contains(list) {
                strange.get_or_insert((span, list));
            }
        });
    }
    strange.map(|(span, name)| errors::table_not_joined(span, name))
}

/// Calls `visit` with the table of each column that is not searched with `in`.
fn columns<'t>(expr: &'t Expr, visit: &mut dyn FnMut(&'t str, Span)) {
    if let Some(list) = expr.as_column() {
        visit(&list.name.node, expr.span);
    } else if let ExprKind::In(test) = &expr.kind {
        columns(&test.value, visit);
    } else {
        children(expr).into_iter().for_each(|child| columns(child, visit));
    }
}

/// What only a window brings together.
fn match_needed(scope: &Scope, rule: &Rule) -> Option<Diagnostic> {
    let count = scope.events.len();
    if count > 1 {
        return Some(errors::match_needed(rule.name.span, &format!("{count} event variables")));
    }
    if scope.events.values().any(|event| event.root == Root::Detection) {
        return Some(errors::match_needed(rule.name.span, "a variable over detections"));
    }
    let joined = statements(&rule.body).any(has_row_join);
    joined.then(|| errors::match_needed(rule.name.span, "a join with a data table"))
}

/// The column that a function is held against, which means that the value fits its cell as with `=`.
fn column_of_call(expr: &Expr) -> Option<&ListRef> {
    const HELD: [&str; 2] = ["re.regex", "net.ip_in_range_cidr"];
    let call = expr.as_call()?;
    let column = argument(call.args.get(1)?).as_column()?;
    HELD.contains(&call.name.node.as_str()).then_some(column)
}

/// A column as one side of a comparison or held against by a function, not searched with `in`.
fn has_row_join(statement: &Expr) -> bool {
    let mut found = false;
    walk(statement, &mut |part| {
        found |= column_of_call(part).is_some();
        if let Some(comparison) = part.as_compare() {
            found |= [&comparison.left, &comparison.right].into_iter().any(|side| side.as_column().is_some());
        }
    });
    found
}

/// Equalities that always hold, and an `or` of nothing but equalities between the same variables.
fn equalities(scope: &Scope, expr: &Expr, groups: &mut Groups) {
    match expr.logic() {
        Logic::And(parts) => parts.iter().for_each(|part| equalities(scope, part, groups)),
        Logic::Or(parts) => {
            let mut all = parts.iter().map(|part| tied(scope, part));
            let first = all.next().unwrap_or_default();
            if all.all(|one| one == first) {
                groups.join(&first);
            }
        }
        Logic::Alone if expr.as_compare().is_some() => groups.join(&tied(scope, expr)),
        Logic::Of(..) | Logic::Not(_) | Logic::Alone => {}
    }
}

/// The variables and tables that an equality ties, each side depending on one of them.
fn tied(scope: &Scope, expr: &Expr) -> BTreeSet<String> {
    let ExprKind::Compare(comparison) = &expr.kind else { return BTreeSet::new() };
    let Comparison { op, left, right, .. } = comparison.as_ref();
    let calculated = [left, right].iter().any(|side| has_arithmetic(side));
    if op.node != CompareOp::Eq || calculated {
        return BTreeSet::new();
    }
    children(expr).into_iter().flat_map(|side| sources(scope, side)).collect()
}

fn has_arithmetic(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |part| found |= matches!(part.kind, ExprKind::Arith(..)));
    found
}

fn sources(scope: &Scope, expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    walk(expr, &mut |part| {
        if let Some(field) = part.as_field() {
            names.insert(owner(field));
        } else if let Some(list) = part.as_list() {
            names.insert(format!("%{}", list.name.node));
        } else if let Some(name) = part.as_variable() {
            let placeholder = scope.placeholders.get(name.node.as_str());
            names.extend(placeholder.into_iter().flat_map(of_placeholder));
        }
    });
    names
}

fn of_placeholder(placeholder: &Placeholder<'_>) -> impl Iterator<Item = String> {
    let named = placeholder.events.iter().map(|name| format!("${name}"));
    named.chain(placeholder.bare.iter().map(|root| unnamed(*root).to_owned()))
}

/// Which names are tied together, directly or through others.
struct Groups(BTreeMap<String, usize>);

impl Groups {
    fn new<'n>(names: impl Iterator<Item = &'n String>) -> Groups {
        Groups(names.enumerate().map(|(group, name)| (name.clone(), group)).collect())
    }

    fn join(&mut self, names: &BTreeSet<String>) {
        if names.len() < 2 {
            return;
        }
        for name in names {
            let fresh = self.0.len() + 1000;
            self.0.entry(name.clone()).or_insert(fresh);
        }
        let groups: BTreeSet<usize> = names.iter().filter_map(|name| self.0.get(name)).copied().collect();
        let Some(target) = groups.first().copied() else { return };
        self.0.values_mut().filter(|group| groups.contains(group)).for_each(|group| *group = target);
    }

    /// Two event variables of different groups.
    fn apart(&self) -> Option<(String, String)> {
        let mut events = self.0.iter().filter(|(name, _)| !name.starts_with('%'));
        let (first, group) = events.next()?;
        events.find(|(_, other)| *other != group).map(|(name, _)| (name.clone(), first.clone()))
    }
}
