//! What runs, but hardly as meant: one file for each family of findings, over the same view of a body.

mod absence;
mod alternatives;
mod hashes;
mod joins;
mod logic;
mod patterns;
mod repeated;
mod repeats;
mod style;
mod texts;
mod unused;
mod uses;

pub(super) use style::check as style;
pub(super) use uses::part;

use super::scope::Scope;
use crate::diag::Diagnostic;
use crate::syntax::ast::{Body, Rule};
use crate::text::Span;
use uses::Use;

/// What every lint looks at.
struct View<'v, 't> {
    scope: &'v Scope<'t>,
    body: &'t Body,
    /// Every literal that is compared or looked for.
    uses: Vec<Use<'t>>,
}

type Lint = fn(&View, &mut Vec<Diagnostic>);

/// Those that hold for rules, searches and stages alike.
const EVERYWHERE: [Lint; 9] = [
    texts::entities,
    texts::equalities,
    texts::sensitive,
    hashes::check,
    patterns::check,
    logic::check,
    logic::fractions,
    repeated::check,
    repeats::check,
];

/// All lints of a body. Where an error stands, nothing more is said.
pub(super) fn check(scope: &Scope, body: &Body, found: &mut Vec<Diagnostic>) {
    let view = View { scope, body, uses: uses::collect(scope, body) };
    let mut lints = Vec::new();
    for lint in EVERYWHERE {
        lint(&view, &mut lints);
    }
    // Where the events of a rule are wrong, so may its joins be.
    if !found.iter().any(Diagnostic::is_error) {
        joins::check(&view, &mut lints);
    }
    found.extend(apart(lints, found));
}

/// Those that look at a rule as a whole, which must have been read whole.
pub(super) fn check_rule(scope: &Scope, rule: &Rule, found: &mut Vec<Diagnostic>) {
    check(scope, &rule.body, found);
    repeats::meta(rule, found);
    if scope.incomplete || rule.broken || found.iter().any(Diagnostic::is_error) {
        return;
    }
    let view = View { scope, body: &rule.body, uses: Vec::new() };
    let mut lints = Vec::new();
    unused::check(&view, &mut lints);
    absence::check(&view, &mut lints);
    found.extend(apart(lints, found));
    // Advice on the whole rule is worth a word where nothing more pressing is to be said.
    if found.iter().all(|one| one.code.id.starts_with("YC6")) {
        unused::event_filter(&view, found);
    }
}

/// Keeps the first of the findings of a code about one thing, with the edits of all of them and their number.
fn gathered(all: Vec<(String, Diagnostic)>) -> Vec<Diagnostic> {
    let mut firsts: Vec<(String, Diagnostic, usize)> = Vec::new();
    for (about, one) in all {
        match firsts.iter_mut().find(|(known, first, _)| *known == about && first.code == one.code) {
            Some((_, first, more)) => {
                first.fix.extend(one.fix);
                *more += 1;
            }
            None => firsts.push((about, one, 0)),
        }
    }
    let counted = |(_, mut first, more): (String, Diagnostic, usize)| {
        if more > 0 {
            first.message += &format!(" (and {more} more like it)");
        }
        first
    };
    firsts.into_iter().map(counted).collect()
}

/// Those that touch nothing already reported.
fn apart(lints: Vec<Diagnostic>, found: &[Diagnostic]) -> Vec<Diagnostic> {
    let taken: Vec<Span> =
        found.iter().filter(|one| !one.code.id.starts_with("YC6")).map(|one| one.label.span).collect();
    let touches = |one: &Diagnostic| {
        taken.iter().any(|span| span.start < one.label.span.end && one.label.span.start < span.end)
    };
    lints.into_iter().filter(|one| !touches(one)).collect()
}
