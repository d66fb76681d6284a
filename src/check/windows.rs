//! `match:`: its keys, and a window of a length that Google SecOps takes.

use super::scope::{Language, Scope};
use super::walker::{Place, Walker};
use super::{errors, fields, names};
use crate::diag::Diagnostic;
use crate::schema::Root;
use crate::syntax::ast::{Body, MatchClause, TimeUnit, WindowClause, WindowLength, WindowWord};

const SHORTEST: u64 = 60;
const LONGEST: u64 = 48 * 60 * 60;
/// `by` in searches; a month counts as so many days.
const LONGEST_SEARCH: u64 = 30 * 24 * 60 * 60;

/// The clause of a body; what could not be read is passed over.
pub(super) fn check(scope: &Scope, body: &Body, found: &mut Vec<Diagnostic>) {
    let Some(section) = &body.match_ else { return };
    for clause in &section.items {
        if clause.keys.is_empty() && !section.broken {
            found.push(errors::no_match_key(clause.span.0));
        }
        keys(scope, clause, found);
        match &clause.window {
            Some(window) => {
                found.extend(of_searches(scope, window));
                length(scope, window, found);
                pivot(scope, window, found);
            }
            None if scope.language == Language::Rule && !section.broken => {
                found.push(errors::window_missing(clause.span.0));
            }
            None => {}
        }
    }
}

fn keys(scope: &Scope, clause: &MatchClause, found: &mut Vec<Diagnostic>) {
    for key in &clause.keys {
        if let Some(name) = key.as_variable() {
            if scope.events.contains_key(name.node.as_str()) {
                found.push(errors::event_as_key(name));
            } else if !scope.placeholders.contains_key(name.node.as_str()) {
                names::undeclared(scope, name, found);
            }
        } else if let Some(field) = key.as_field().filter(|_| scope.language == Language::Search) {
            fields::check(&mut Walker::new(scope, Place::Outcome, found), field, key.span);
        } else {
            found.push(errors::bad_match_key(key.span, scope.language, &key.as_field().map(fields::text)));
        }
    }
}

/// `over every` and `first` are words of searches.
fn of_searches(scope: &Scope, window: &WindowClause) -> Option<Diagnostic> {
    let every = window.word == WindowWord::OverEvery;
    let (span, word) = match window.first {
        _ if scope.language == Language::Search => return None,
        Some(place) => (place.0, "first"),
        None if every => (window.span.0, "over every"),
        None => return None,
    };
    Some(errors::search_window(span, word))
}

fn length(scope: &Scope, window: &WindowClause, found: &mut Vec<Diagnostic>) {
    let search = scope.language == Language::Search;
    let longest = match window.word {
        WindowWord::By | WindowWord::OverEvery if search => LONGEST_SEARCH,
        WindowWord::By | WindowWord::OverEvery | WindowWord::Over => LONGEST,
    };
    let seconds = seconds(&window.length);
    let in_seconds = window.length.unit.node == TimeUnit::Second;
    if in_seconds || seconds < SHORTEST || seconds > longest {
        let short = seconds < SHORTEST;
        let longest = if longest == LONGEST_SEARCH { "`30d`" } else { "`48h`" };
        found.push(errors::window_length(window.length.span.0, in_seconds, short, longest));
    }
}

/// The length of a window; months count as 30 days.
pub(super) fn seconds(length: &WindowLength) -> u64 {
    let unit = match length.unit.node {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 60 * 60,
        TimeUnit::Day => 24 * 60 * 60,
        TimeUnit::Week => 7 * 24 * 60 * 60,
        TimeUnit::Month => 30 * 24 * 60 * 60,
    };
    length.count.saturating_mul(unit)
}

fn pivot(scope: &Scope, window: &WindowClause, found: &mut Vec<Diagnostic>) {
    let Some(pivot) = &window.pivot else { return };
    let name = &pivot.variable;
    if window.word != WindowWord::Over {
        found.push(errors::tumbling_pivot(name));
        return;
    }
    if scope.events.get(name.node.as_str()).is_some_and(|event| event.root == Root::Entity) {
        found.push(errors::entity_pivot(name));
        return;
    }
    if !scope.events.contains_key(name.node.as_str()) && !scope.foreign.contains(name.node.as_str()) {
        let events: Vec<&str> = scope.events.keys().copied().collect();
        if !scope.incomplete {
            found.push(errors::bad_pivot(name, &events));
        }
    }
}
