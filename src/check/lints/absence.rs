//! Absence in windows that overlap: an event is missing from some of them nearly always.

use super::View;
use crate::check::conditions::holds_without;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Stmt, WindowWord};
use crate::syntax::walk;
use crate::text::Span;

/// `$a and !$b` with `over` and no pivot.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    let clauses = view.body.match_.iter().flat_map(|section| &section.items);
    let window = clauses.filter_map(|clause| clause.window.as_ref()).next();
    let Some(window) = window.filter(|window| window.word == WindowWord::Over && window.pivot.is_none())
    else {
        return;
    };
    if view.scope.events.len() < 2 {
        return;
    }
    let events = || view.scope.events.keys();
    for stmt in view.body.condition.iter().flat_map(|section| &section.items) {
        let Stmt::Predicate(expr) = stmt else { continue };
        walk(expr, &mut |part| {
            if holds_without(view.scope, part) {
                found.push(overlapping(part.span, window.span.0, events().next().copied().unwrap_or("e")));
            }
        });
    }
}

fn overlapping(absence: Span, window: Span, pivot: &str) -> Diagnostic {
    let message = "windows of `over` overlap, and this holds as soon as one of them lacks the event";
    Diagnostic::new(&codes::ABSENCE_IN_HOP_WINDOW, absence, message)
        .also(window, "ten overlapping windows")
        .help(format!("open the window at the other event, as in `over 5m after ${pivot}`"))
}
