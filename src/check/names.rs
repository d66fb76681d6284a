//! Variables: declared, bound, used where they have a value.

use std::collections::BTreeSet;

use super::errors;
use super::scope::{Language, Placeholder, Scope};
use super::types::Family;
use super::walker::{Place, Walker};
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Assignment, Call, Expr, ExprKind, Name, Rule, Section};
use crate::syntax::walk;
use crate::text::Span;
use crate::value::Type;

/// Words that are no names of variables.
const RESERVED: &[&str] = &[
    "rule",
    "meta",
    "match",
    "over",
    "events",
    "condition",
    "outcome",
    "options",
    "and",
    "or",
    "not",
    "nocase",
    "in",
    "regex",
    "cidr",
    "before",
    "after",
    "all",
    "any",
    "if",
    "max",
    "min",
    "sum",
    "array",
    "array_distinct",
    "count",
    "count_distinct",
    "is",
    "null",
];

/// Words that stand for the bounds of the window.
const WINDOW_WORDS: [&str; 2] = ["window_start", "window_end"];

/// Words of the language are read in any case, names of functions in lower case alone.
fn is_reserved(name: &str) -> bool {
    let is_function = |word: &str| crate::aggregates::find(word).is_some() || word == "if";
    RESERVED.iter().any(|word| *word == name || !is_function(word) && word.eq_ignore_ascii_case(name))
        || WINDOW_WORDS.contains(&name)
}

/// The most outcomes of a rule, and of a search.
const MOST_OUTCOMES: usize = 20;
const MOST_OF_A_SEARCH: usize = 50;

/// Reserved words as variables, each once.
pub(super) fn reserved(scope: &Scope, found: &mut Vec<Diagnostic>) {
    for (name, span) in &scope.first {
        if is_reserved(name) {
            found.push(errors::reserved_name(name, *span));
        }
    }
}

/// `rule events {`
pub(super) fn of_rule(rule: &Rule, found: &mut Vec<Diagnostic>) {
    if is_reserved(&rule.name.node) && !WINDOW_WORDS.contains(&rule.name.node.as_str()) {
        found.push(errors::reserved_rule_name(&rule.name));
    }
}

/// Placeholders that nothing binds, and those bound to two events at once.
pub(super) fn placeholders(scope: &Scope, found: &mut Vec<Diagnostic>) {
    for (name, placeholder) in &scope.placeholders {
        if !placeholder.bound && !scope.incomplete && !hangs_on_another(scope, placeholder) {
            found.push(errors::unbound(name, placeholder, scope.nearest(name)));
        }
        two_events(scope, placeholder, found);
    }
}

/// `$x = strings.to_lower($y)`, where nothing is said of `$y`: that is told at `$y`.
fn hangs_on_another(scope: &Scope, placeholder: &Placeholder) -> bool {
    let is_root = |name: &str| {
        scope.placeholders.get(name).is_some_and(|other| !other.bound && other.bindings.is_empty())
    };
    placeholder.bindings.iter().any(|binding| {
        let mut hangs = false;
        walk(binding, &mut |part| {
            hangs |= matches!(&part.kind, ExprKind::Variable(name) if is_root(&name.node));
        });
        hangs
    })
}

fn two_events(scope: &Scope, placeholder: &Placeholder, found: &mut Vec<Diagnostic>) {
    let of_two = |binding: &&&Expr| {
        matches!(binding.kind, ExprKind::Call(_)) && scope.source(binding).events.len() > 1
    };
    let said = |binding: &&Expr| {
        let ExprKind::Call(call) = &binding.kind else { return false };
        ["group", "strings.concat", "strings.coalesce"].contains(&call.name.node.as_str())
            && fields_of(binding).len() > 1
    };
    if let Some(binding) = placeholder.bindings.iter().find(of_two).filter(|binding| !said(binding)) {
        found.push(errors::two_events(binding.span));
    }
}

/// The two functions that Google restricts to the fields of one event, wherever they stand under `events:`.
pub(super) fn one_event(walker: &mut Walker, call: &Call, expr: &Expr) {
    let restricted = ["strings.concat", "strings.coalesce"].contains(&call.name.node.as_str());
    let events = fields_of(expr);
    if restricted && walker.place == Place::Events && events.len() > 1 {
        walker.found.push(errors::two_events_in_call(call.name.span, &call.name.node));
    }
}

/// The event variables whose fields stand in an expression.
fn fields_of(expr: &Expr) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    walk(expr, &mut |part| {
        if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
            names.extend(field.variable.as_ref().map(|name| name.node.as_str()));
        }
    });
    names
}

/// A variable where a value belongs.
pub(super) fn value(scope: &Scope, place: Place, name: &Name, found: &mut Vec<Diagnostic>) {
    let word = name.node.as_str();
    match place {
        Place::Condition if is_key(scope, word) => found.push(errors::match_in_condition(name)),
        Place::Condition if counted_only(scope, word) => found.push(errors::counted_only(name)),
        Place::Events | Place::Outcome | Place::Condition => plain_value(scope, name, found),
    }
}

/// An event as a key has its own diagnostic.
fn is_key(scope: &Scope, word: &str) -> bool {
    scope.keys.contains_key(word) && !scope.events.contains_key(word)
}

fn counted_only(scope: &Scope, word: &str) -> bool {
    scope.language == Language::Rule
        && scope.placeholders.contains_key(word)
        && !scope.outcomes.contains_key(word)
}

fn plain_value(scope: &Scope, name: &Name, found: &mut Vec<Diagnostic>) {
    let word = name.node.as_str();
    if scope.placeholders.contains_key(word) || scope.foreign.contains(word) {
        return;
    }
    match scope.outcomes.get(word) {
        Some(outcome) if outcome.assigned => {}
        Some(outcome) => found.push(errors::outcome_too_early(name, outcome.span)),
        None if scope.events.contains_key(word) => found.push(errors::event_as_value(name)),
        None => undeclared(scope, name, found),
    }
}

/// A variable that stands under `condition:` by itself.
pub(super) fn in_condition(scope: &Scope, name: &Name, found: &mut Vec<Diagnostic>) {
    let word = name.node.as_str();
    if is_key(scope, word) {
        found.push(errors::match_in_condition(name));
    } else if scope.events.contains_key(word) || scope.placeholders.contains_key(word) {
        // There, or not there: a condition of its own.
    } else if let Some(outcome) = scope.outcomes.get(word) {
        if outcome.kind.is_some_and(|kind| kind != Type::Bool) {
            found.push(errors::bare_outcome(name, outcome.kind));
        }
    } else if !scope.foreign.contains(word) {
        undeclared(scope, name, found);
    }
}

/// `#x` or `!$x`.
pub(super) fn count(walker: &mut Walker, name: &Name, span: Span, sign: &str) {
    let scope = walker.scope;
    let word = name.node.as_str();
    if walker.place != Place::Condition {
        walker.found.push(errors::count_not_here(span, sign, word));
    } else if is_key(scope, word) {
        walker.found.push(errors::match_in_condition(name));
    } else if scope.events.contains_key(word) || scope.placeholders.contains_key(word) {
        // Known.
    } else if scope.outcomes.contains_key(word) {
        walker.found.push(errors::outcome_counted(name, span));
    } else {
        undeclared(scope, name, walker.found);
    }
}

/// A variable that nothing declares, where no declaration may be unreadable.
pub(super) fn undeclared(scope: &Scope, name: &Name, found: &mut Vec<Diagnostic>) {
    if !scope.incomplete {
        found.push(errors::undeclared(name, scope.nearest(&name.node)));
    }
}

/// The same for an event variable, which only a field under `events:` declares.
pub(super) fn undeclared_event(scope: &Scope, name: &Name, found: &mut Vec<Diagnostic>) {
    if !scope.incomplete {
        let near = scope.nearest(&name.node).or(scope.events.keys().next().copied());
        found.push(errors::undeclared_event(name, near));
    }
}

/// Keeps the first of the places where a name is missing; the findings are those of one rule.
pub(super) fn undeclared_once(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|one| one.label.span.start);
    let mut seen = BTreeSet::new();
    let once = [&codes::UNDECLARED_VARIABLE, &codes::STAGE_NAME];
    found.retain(|one| !once.contains(&one.code) || seen.insert(one.message.clone()));
    // A variable where none belongs needs no value.
    let wrong: BTreeSet<_> = found
        .iter()
        .filter(|one| one.is_error() && one.code != &codes::UNBOUND_PLACEHOLDER)
        .map(|one| one.label.span)
        .collect();
    found.retain(|one| one.code != &codes::UNBOUND_PLACEHOLDER || !wrong.contains(&one.label.span));
    found
}

/// An assignment: a name of its own, and a number for the risk score.
pub(super) fn outcome(
    scope: &Scope,
    name: &Name,
    value: Span,
    kind: Option<Type>,
    found: &mut Vec<Diagnostic>,
) {
    let word = name.node.as_str();
    let first = scope.outcomes.get(word).map_or(name.span, |outcome| outcome.span);
    let other = scope.events.get(word).map(|event| event.span);
    let other = other.or(scope.placeholders.get(word).map(|placeholder| placeholder.span));
    if first != name.span {
        found.push(errors::name_taken(name, first));
    } else if let Some(other) = other.filter(|_| scope.language == Language::Rule || is_key(scope, word)) {
        found.push(errors::name_taken(name, other));
    }
    if let (true, Some(kind)) = (word == "risk_score", kind)
        && Family::of(kind) != Family::Number
    {
        found.push(errors::risk_score(value, Family::of(kind)));
    }
}

/// More outcomes than a rule may have.
pub(super) fn too_many(scope: &Scope, section: &Section<Assignment>) -> Option<Diagnostic> {
    let count = section.items.len();
    let most = match scope.language {
        Language::Rule => MOST_OUTCOMES,
        Language::Search => MOST_OF_A_SEARCH,
    };
    (count > most).then(|| errors::too_many_outcomes(section.heading.0, count, most))
}
