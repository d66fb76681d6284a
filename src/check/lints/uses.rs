//! Literals and what they are compared with, however the comparison is written.

use crate::check::scope::{Language, Scope, expressions};
use crate::syntax::ast::{Body, Call, Comparison, Expr, Literal};
use crate::syntax::visit::argument;
use crate::syntax::walk;
use crate::text::Span;
use crate::value::operators::CompareOp;

/// How a literal is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// `=` and `!=`.
    Whole,
    /// As a pattern whose match is all that counts.
    Pattern,
    /// As a pattern whose groups or whose place count: `re.capture`, `re.replace`.
    Cut,
    /// `strings.contains` and its like.
    Part,
}

/// One literal in one test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use<'t> {
    pub(super) way: Way,
    pub(super) subject: &'t Expr,
    pub(super) text: &'t str,
    /// The literal, quotes and all.
    pub(super) span: Span,
    /// Does the test fold case?
    pub(super) folds: bool,
}

impl Use<'_> {
    /// A part of the literal, where it stands in the source as it is read.
    pub(super) fn part(&self, start: usize, len: usize) -> Option<Span> {
        part(self.span, self.text, start, len)
    }

    pub(super) fn is_pattern(&self) -> bool {
        matches!(self.way, Way::Pattern | Way::Cut)
    }
}

/// A part of a literal's text, where no escape stands between the two.
pub(in crate::check) fn part(literal: Span, text: &str, start: usize, len: usize) -> Option<Span> {
    let verbatim = literal.range().len() == text.len() + 2;
    let from = literal.range().start + 1 + start;
    verbatim.then(|| Span::new(literal.source, from..from + len))
}

/// Every use under `events:`, `outcome:` and `condition:`.
pub(super) fn collect<'t>(scope: &Scope, body: &'t Body) -> Vec<Use<'t>> {
    let mut uses = Vec::new();
    for expr in expressions(body) {
        walk(expr, &mut |part| {
            uses.extend(part.as_compare().and_then(|comparison| compared(scope, comparison)));
            uses.extend(part.as_call().and_then(|call| called(scope, call)));
        });
    }
    uses
}

/// The literal of a comparison.
pub(super) fn compared<'t>(scope: &Scope, comparison: &'t Comparison) -> Option<Use<'t>> {
    let Comparison { op, left, right, nocase } = comparison;
    if !matches!(op.node, CompareOp::Eq | CompareOp::Ne) {
        return None;
    }
    let (subject, literal) = if text_of(right).is_some() { (left, right) } else { (right, left) };
    let (text, way) = text_of(literal)?;
    Some(Use { way, subject, text, span: literal.span, folds: nocase.is_some() || is_search(scope) })
}

/// The literal that a call looks for.
pub(super) fn called<'t>(scope: &Scope, call: &'t Call) -> Option<Use<'t>> {
    let way = match call.name.node.as_str() {
        "re.regex" => Way::Pattern,
        "re.capture" | "re.capture_all" | "re.replace" => Way::Cut,
        "strings.contains" | "strings.starts_with" | "strings.ends_with" | "strings.count_substrings" => {
            Way::Part
        }
        _ => return None,
    };
    let mut arguments = call.args.iter().map(argument);
    let (subject, literal) = (arguments.next()?, arguments.next()?);
    let (text, _) = text_of(literal)?;
    // Of functions, a search folds the patterns alone.
    let folds = call.nocase.is_some() || (way != Way::Part && is_search(scope));
    Some(Use { way, subject, text, span: literal.span, folds })
}

/// Searches compare without regard to case.
fn is_search(scope: &Scope) -> bool {
    scope.language == Language::Search
}

fn text_of(expr: &Expr) -> Option<(&str, Way)> {
    if let Some(Literal::Regex(text)) = expr.as_literal() {
        return Some((text, Way::Pattern));
    }
    expr.as_text().map(|text| (text, Way::Whole))
}
