//! What is written twice: tests side by side, branches of an `if`, keys of `match:`.

use std::collections::BTreeMap;

use super::{View, gathered};
use crate::check::scope::{expressions, statements};
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Call, Expr, ExprKind, Rule};
use crate::syntax::print::print_expr;
use crate::syntax::visit::argument;
use crate::syntax::walk;

/// Each list of tests by itself: what is needed in two branches is no repetition.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    siblings(statements(view.body), "test", found);
    for expr in expressions(view.body) {
        walk(expr, &mut |part| {
            if let ExprKind::And(parts) | ExprKind::Or(parts) = &part.kind {
                siblings(parts.iter(), "test", found);
            } else if let Some(call) = part.as_call() {
                branches(call, found);
            }
        });
    }
    for clause in view.body.match_.iter().flat_map(|section| &section.items) {
        siblings(clause.keys.iter(), "match variable", found);
    }
}

/// A key of `meta:` that stands twice; a detection shows both.
pub(super) fn meta(rule: &Rule, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for key in rule.meta.iter().flat_map(|section| &section.items).map(|pair| &pair.key) {
        if let Some(first) = seen.insert(&key.node, key.span) {
            let message = format!("the key `{}` stands above already", key.node);
            let diagnostic =
                Diagnostic::new(&codes::WRITTEN_TWICE, key.span, message).also(first, "first here");
            found.push(diagnostic.help("take one out; a detection shows both"));
        }
    }
}

fn siblings<'t>(all: impl Iterator<Item = &'t Expr>, what: &str, found: &mut Vec<Diagnostic>) {
    let (mut seen, mut twice) = (BTreeMap::new(), Vec::new());
    for one in all {
        if let Some(first) = seen.insert(print_expr(one), one.span) {
            let message = format!("this {what} stands above already");
            let diagnostic =
                Diagnostic::new(&codes::WRITTEN_TWICE, one.span, message).also(first, "first here");
            twice.push((String::new(), diagnostic.help("take one out")));
        }
    }
    found.extend(gathered(twice));
}

fn branches(call: &Call, found: &mut Vec<Diagnostic>) {
    let [_, then, other] = call.args.as_slice() else { return };
    let (then, other) = (argument(then), argument(other));
    if call.name.node == "if" && then == other {
        let message = "both results of this `if` are the same, so its condition decides nothing";
        found.push(
            Diagnostic::new(&codes::WRITTEN_TWICE, other.span, message)
                .also(then.span, "the same here")
                .help("write the result alone, or the other value that was meant"),
        );
    }
}
