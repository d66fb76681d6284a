//! `condition:`: which events it requires, which it mentions, and what it may not say of them.

use std::collections::{BTreeMap, BTreeSet};

use super::errors;
use super::scope::{MANY, Scope, expressions};
use crate::diag::{Diagnostic, codes};
use crate::schema::Root;
use crate::syntax::ast::{Body, Comparison, Expr, ExprKind, Need, Rule, Section, Stmt, Threshold};
use crate::syntax::{children, walk};
use crate::text::Span;

/// What a condition says of events.
#[derive(Debug, Default)]
struct Events<'t> {
    /// Mentioned, by themselves or by a placeholder.
    mentioned: BTreeSet<&'t str>,
    /// Required to be there.
    required: BTreeSet<&'t str>,
}

/// The condition of a rule, where all of it could be read.
pub(super) fn check(scope: &Scope, rule: &Rule, found: &mut Vec<Diagnostic>) {
    let Some(section) = &rule.body.condition else { return };
    let mut events = Events::default();
    for expr in readable(section) {
        negated(scope, expr, found);
        alternatives(scope, expr, found);
        gather(scope, expr, &mut events);
    }
    if scope.incomplete || rule.broken {
        return;
    }
    if is_doubtful(section, found) || has_slip(scope, rule, found) {
        return;
    }
    let before = found.len();
    unmentioned(scope, rule, &events, found);
    if found.len() == before {
        nothing_required(scope, section, &events, found);
        if found.len() == before {
            keys_of_the_absent(scope, &events, found);
        }
        pivots(&rule.body, &events, found);
    }
}

/// A condition with a wrong name or comparison may have meant any of its events.
fn is_doubtful(section: &Section<Stmt>, found: &[Diagnostic]) -> bool {
    let whole = section.span.0;
    let inside = |span: Span| whole.start <= span.start && span.end <= whole.end;
    found.iter().any(|one| one.is_error() && inside(one.label.span)) || readable(section).any(has_negative)
}

/// A number below nought, of which the parser has told.
fn has_negative(expr: &Expr) -> bool {
    let mut negative = false;
    walk(expr, &mut |part| negative |= matches!(part.kind, ExprKind::Negative(_)));
    negative
}

fn readable(section: &Section<Stmt>) -> impl Iterator<Item = &Expr> {
    section.items.iter().filter_map(|stmt| match stmt {
        Stmt::Predicate(expr) => Some(expr),
        Stmt::Broken(_) => None,
    })
}

fn unmentioned(scope: &Scope, rule: &Rule, events: &Events, found: &mut Vec<Diagnostic>) {
    let heading = rule.body.condition.as_ref().map_or(rule.name.span, |section| section.heading.0);
    for (name, event) in &scope.events {
        if !events.mentioned.contains(name) {
            let near = misspelt(scope, name);
            found.push(errors::event_not_in_condition(name, event.span, heading, near));
        }
    }
}

/// Does a variable stand once, before a field that is none? That is no event that the condition forgot.
pub(super) fn has_slip(scope: &Scope, rule: &Rule, found: &[Diagnostic]) -> bool {
    let unknown: Vec<Span> =
        found.iter().filter(|one| one.code == &codes::UNKNOWN_FIELD).map(|one| one.label.span).collect();
    if unknown.is_empty() || scope.events.len() > MANY {
        return false;
    }
    let mut uses: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for expr in expressions(&rule.body) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && let Some(name) = &field.variable
            {
                uses.entry(&name.node).or_default().push(part.span);
            }
        });
    }
    let within = |whole: Span, part: &Span| whole.start <= part.start && part.end <= whole.end;
    uses.values().any(|places| match places.as_slice() {
        [only] => unknown.iter().any(|place| within(*only, place)),
        _ => false,
    })
}

/// Another variable that differs by a letter, not by a number as `$e1` and `$e2` do.
fn misspelt<'t>(scope: &Scope<'t>, name: &str) -> Option<&'t str> {
    let letters = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let others = scope.events.keys().copied().filter(|other| letters(other) != letters(name));
    if name.len() < 3 || scope.events.len() > MANY {
        return None;
    }
    crate::schema::nearest(name, others)
}

fn nothing_required(scope: &Scope, section: &Section<Stmt>, events: &Events, found: &mut Vec<Diagnostic>) {
    let counts = |name: &&str| scope.events.get(*name).is_some_and(|event| event.root != Root::Entity);
    if !scope.events.is_empty() && !events.required.iter().any(counts) {
        let span = readable(section).map(|expr| expr.span).reduce(Span::to);
        let example = scope.events.keys().next().copied().unwrap_or("e");
        found.push(errors::nothing_required(span.unwrap_or(section.heading.0), example));
    }
}

/// The condition of a search that groups, which may leave an event that it requires out.
pub(super) fn of_search(scope: &Scope, body: &Body, found: &mut Vec<Diagnostic>) {
    let Some(section) = body.condition.as_ref().filter(|_| !scope.incomplete) else { return };
    let before = found.len();
    let mut events = Events::default();
    for expr in readable(section) {
        if scope.events.len() > 1 {
            alternatives(scope, expr, found);
        }
        gather(scope, expr, &mut events);
    }
    if found.len() > before {
        return;
    }
    let given = scope.placeholders.values().flat_map(|placeholder| placeholder.events.iter().copied());
    let silent: Vec<&str> = scope.events.keys().copied().chain(given).collect();
    events.required.extend(silent.into_iter().filter(|name| !events.mentioned.contains(name)));
    if body.match_.is_some() {
        nothing_required(scope, section, &events, found);
    }
    if found.len() == before {
        keys_of_the_absent(scope, &events, found);
        fields_of_the_absent(scope, body, &events, found);
        pivots(body, &events, found);
    }
}

/// The same of a match variable that is a field.
fn fields_of_the_absent(scope: &Scope, body: &Body, events: &Events, found: &mut Vec<Diagnostic>) {
    let keys = body.match_.iter().flat_map(|section| &section.items).flat_map(|clause| &clause.keys);
    for (key, field) in keys.filter_map(|key| Some((key, key.as_field()?))) {
        let event = field.variable.as_ref().map(|name| name.node.as_str());
        if let Some(event) =
            event.filter(|name| scope.events.contains_key(name) && !events.required.contains(name))
        {
            found.push(errors::key_not_required(&super::fields::text(field), key.span, event));
        }
    }
}

/// Each match variable takes its value from an event that is there.
fn keys_of_the_absent(scope: &Scope, events: &Events, found: &mut Vec<Diagnostic>) {
    for (name, span) in &scope.keys {
        let Some(placeholder) = scope.placeholders.get(name) else { continue };
        let given = &placeholder.events;
        if let Some(event) = given.first().filter(|_| given.is_disjoint(&events.required)) {
            found.push(errors::key_not_required(&format!("${name}"), *span, event));
        }
    }
}

fn pivots(body: &Body, events: &Events, found: &mut Vec<Diagnostic>) {
    let clauses = body.match_.iter().flat_map(|section| &section.items);
    for pivot in clauses.filter_map(|clause| clause.window.as_ref()?.pivot.as_ref()) {
        let name = pivot.variable.node.as_str();
        if events.mentioned.contains(name) && !events.required.contains(name) {
            found.push(errors::pivot_not_required(&pivot.variable));
        }
    }
}

fn gather<'t>(scope: &Scope<'t>, expr: &Expr, events: &mut Events<'t>) {
    match &expr.kind {
        ExprKind::Variable(name) => {
            let meant = meant(scope, &name.node);
            events.mentioned.extend(&meant);
            events.required.extend(meant);
        }
        ExprKind::Count(name) | ExprKind::Absent(name) => events.mentioned.extend(meant(scope, &name.node)),
        ExprKind::Compare(comparison) => {
            if let Some(name) = required(comparison) {
                events.required.extend(meant(scope, name));
            }
            children(expr).into_iter().for_each(|child| mention(scope, child, events));
        }
        ExprKind::Or(parts) => some(scope, (parts, 1), events),
        ExprKind::Of(threshold, parts) => some(scope, (parts, least(threshold, parts)), events),
        ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::In(_)
        | ExprKind::IsNull(_)
        | ExprKind::Arith(..)
        | ExprKind::Negative(_)
        | ExprKind::Call(_)
        | ExprKind::Quantified(..)
        | ExprKind::Field(_)
        | ExprKind::List(_)
        | ExprKind::Array(_)
        | ExprKind::Literal(_) => children(expr).into_iter().for_each(|child| gather(scope, child, events)),
    }
}

/// Of parts of which only so many need hold: an event is required where the parts without it are too few. What is asked of
/// outcomes alone does not count among them, since outcomes come from events that there are.
fn some<'t>(scope: &Scope<'t>, (parts, least): (&[Expr], usize), events: &mut Events<'t>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut about = 0;
    for part in parts {
        let mut one = Events::default();
        gather(scope, part, &mut one);
        about += usize::from(!one.mentioned.is_empty());
        events.mentioned.extend(one.mentioned);
        one.required.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    let enough = counts.into_iter().filter(|(_, count)| about - count < least);
    events.required.extend(enough.map(|(name, _)| name));
}

fn least(threshold: &Threshold, parts: &[Expr]) -> usize {
    match threshold {
        Threshold::AtLeast(least) => usize::try_from(*least).unwrap_or(usize::MAX),
        Threshold::Any => 1,
        Threshold::All => parts.len(),
    }
}

fn mention<'t>(scope: &Scope<'t>, expr: &Expr, events: &mut Events<'t>) {
    walk(expr, &mut |part| {
        if let ExprKind::Count(name) | ExprKind::Absent(name) | ExprKind::Variable(name) = &part.kind {
            events.mentioned.extend(meant(scope, &name.node));
        }
    });
}

/// The event itself, or those that a placeholder is bound to.
fn meant<'t>(scope: &Scope<'t>, name: &str) -> BTreeSet<&'t str> {
    if let Some((name, _)) = scope.events.get_key_value(name) {
        return BTreeSet::from([*name]);
    }
    scope.placeholders.get(name).map(|placeholder| placeholder.events.clone()).unwrap_or_default()
}

/// The variable that `#e > 2` and its like require.
fn required(comparison: &Comparison) -> Option<&str> {
    comparison.counted().find(|(_, need)| *need == Need::One).map(|(name, _)| name.node.as_str())
}

/// `not $e`: absence is written `!$e`.
fn negated(scope: &Scope, expr: &Expr, found: &mut Vec<Diagnostic>) {
    walk(expr, &mut |part| {
        let ExprKind::Not(inner) = &part.kind else { return };
        // `!` in place of `not` has been told.
        let bang = inner.span.start.saturating_sub(part.span.start) < 3;
        // Of a match variable it is said that it does not belong here at all.
        let told = |name: &&str| bang || scope.keys.contains_key(*name);
        if let Some(name) = event_part(scope, inner).filter(|name| !told(name)) {
            found.push(errors::not_on_event(part.span, name, matches!(inner.kind, ExprKind::Variable(_))));
        }
    });
}

/// `$a or $b`: only a rule with one event variable may say so.
fn alternatives(scope: &Scope, expr: &Expr, found: &mut Vec<Diagnostic>) {
    walk(expr, &mut |part| {
        let Some(parts) = either(part) else { return };
        if !parts.iter().any(|one| event_part(scope, one).is_some()) {
            return;
        }
        if scope.events.len() > 1 {
            found.push(errors::or_between_events(part.span));
        } else if let Some(mixed) = parts.iter().find(|one| mixes(scope, one)) {
            found.push(errors::or_without_brackets(mixed.span));
        } else if let Some(empty) = parts.iter().find(|one| holds_without(scope, one)) {
            found.push(errors::or_with_absence(empty.span));
        }
    });
}

/// The parts of which not all need hold: those of an `or`, and of `1 of [$a, $b]`.
fn either(expr: &Expr) -> Option<&[Expr]> {
    if let ExprKind::Or(parts) = &expr.kind {
        return Some(parts);
    }
    let ExprKind::Of(threshold, parts) = &expr.kind else { return None };
    (least(threshold, parts) < parts.len()).then_some(parts)
}

/// `#ip > 3 and $score > 50`, without brackets around it.
fn mixes(scope: &Scope, expr: &Expr) -> bool {
    let ExprKind::And(parts) = &expr.kind else { return false };
    let bracketed = parts.first().is_some_and(|first| expr.span.start < first.span.start);
    let about_events = parts.iter().any(|one| event_part(scope, one).is_some());
    !bracketed && about_events && parts.iter().any(|one| event_part(scope, one).is_none())
}

/// `!$e`, `#e < 5`: true without any event.
pub(super) fn holds_without(scope: &Scope, expr: &Expr) -> bool {
    let counts = |side: &Expr| matches!(side.kind, ExprKind::Count(_)) && event_part(scope, side).is_some();
    let Some(comparison) = expr.as_compare() else { return matches!(expr.kind, ExprKind::Absent(_)) };
    (counts(&comparison.left) || counts(&comparison.right)) && required(comparison).is_none()
}

/// The first event or placeholder under `expr`, if it says anything of one.
fn event_part<'e>(scope: &Scope, expr: &'e Expr) -> Option<&'e str> {
    let mut name = None;
    walk(expr, &mut |part| {
        if let ExprKind::Variable(found) | ExprKind::Count(found) | ExprKind::Absent(found) = &part.kind {
            let word = found.node.as_str();
            let outcome = scope.outcomes.contains_key(word);
            if !outcome && (scope.events.contains_key(word) || scope.placeholders.contains_key(word)) {
                name.get_or_insert(word);
            }
        }
    });
    name
}
