//! Rules with one predicate dropped or turned round: a test that fails for none of them lets the mistake pass.

use super::model::{Test, Todo};
use super::run::{Subject, Verdict, run};
use crate::check;
use crate::syntax::ast::{Expr, ExprKind, File, Logic, Rule, Section, Stmt, Unit};
use crate::text::Span;

/// A rule that differs in one place.
#[derive(Debug)]
pub struct Mutant {
    /// The predicate.
    pub span: Span,
    /// What was done to it.
    pub change: Change,
    rule: Rule,
}

/// What was done to a predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was left out.
    Dropped,
    /// `not` was put before it, or taken away.
    Flipped,
}

impl Change {
    /// As people are told of it.
    pub fn words(self) -> &'static str {
        match self {
            Change::Dropped => "left out",
            Change::Flipped => "turned round",
        }
    }
}

/// What came of the mutants of a rule.
#[derive(Debug, Default)]
pub struct Mutation {
    /// Those that a test notices.
    pub noticed: Vec<(Span, Change)>,
    /// Those that no test notices.
    pub survivors: Vec<Mutant>,
    /// How many more no test notices, for a reason that the test file gives.
    pub explained: usize,
}

/// Tries each mutant of the rule at `index` of `subject` with the tests that pass.
pub fn mutate(tests: &[&Test], subject: &Subject<'_>, index: usize) -> Mutation {
    let mut mutation = Mutation::default();
    let passing: Vec<&&Test> =
        tests.iter().filter(|test| test.todo == Todo::No && run(test, subject) == Verdict::Passed).collect();
    let Some(rule) = subject.rules.get(index) else { return mutation };
    for mutant in mutants(rule) {
        let mut changed = subject.clone();
        if let Some(place) = changed.rules.get_mut(index) {
            *place = &mutant.rule;
        }
        let verdicts = || passing.iter().map(|test| run(test, &changed));
        match verdicts().find(|verdict| *verdict != Verdict::Passed) {
            // What cannot be run is no rule that anybody could have written by mistake.
            Some(Verdict::Broken(_)) => {}
            Some(Verdict::Failed(_) | Verdict::Passed) => mutation.noticed.push((mutant.span, mutant.change)),
            None => mutation.survivors.push(mutant),
        }
    }
    mutation
}

/// A section of statements of a rule.
type Statements = fn(&mut Rule) -> Option<&mut Section<Stmt>>;

/// Every mutant that is still a rule.
fn mutants(rule: &Rule) -> Vec<Mutant> {
    let sections: [Statements; 2] = [|rule| rule.body.events.as_mut(), |rule| rule.body.condition.as_mut()];
    let mut all = Vec::new();
    for section in sections {
        let mut copy = rule.clone();
        let statements = section(&mut copy).map(|section| section.items.clone()).unwrap_or_default();
        for (at, statement) in statements.iter().enumerate() {
            let Stmt::Predicate(expr) = statement else { continue };
            for variant in variants(expr) {
                let mut rule = rule.clone();
                let Some(section) = section(&mut rule) else { continue };
                let replaced = variant.expr.map(Stmt::Predicate);
                section.items.splice(at..=at, replaced);
                all.push(Mutant { span: variant.span, change: variant.change, rule });
            }
        }
    }
    all.retain(|mutant| is_sound(&mutant.rule));
    all
}

fn is_sound(rule: &Rule) -> bool {
    let file = File { units: vec![Unit::Rule(rule.clone())], comments: Vec::new() };
    !check::check(&file).iter().any(crate::diag::Diagnostic::is_error) && check::unsupported(rule).is_empty()
}

/// An expression with a change in it; nothing where all of it was dropped.
struct Variant {
    span: Span,
    change: Change,
    expr: Option<Expr>,
}

fn variants(expr: &Expr) -> Vec<Variant> {
    let span = expr.span;
    let flipped = if let ExprKind::Not(inner) = &expr.kind {
        inner.as_ref().clone()
    } else {
        Expr { kind: ExprKind::Not(Box::new(expr.clone())), span }
    };
    let mut all = vec![
        Variant { span, change: Change::Dropped, expr: None },
        Variant { span, change: Change::Flipped, expr: Some(flipped) },
    ];
    match expr.logic() {
        Logic::And(parts) => all.extend(inside(parts, span, ExprKind::And)),
        Logic::Or(parts) => all.extend(inside(parts, span, ExprKind::Or)),
        // The part as a whole is this expression turned round, which is there already.
        Logic::Not(inner) => all.extend(variants(inner).into_iter().skip(2).map(|variant| {
            let kind = |expr| ExprKind::Not(Box::new(expr));
            Variant { expr: variant.expr.map(|expr| Expr { kind: kind(expr), span }), ..variant }
        })),
        Logic::Of(..) | Logic::Alone => {}
    }
    all
}

fn inside(parts: &[Expr], span: Span, join: fn(Vec<Expr>) -> ExprKind) -> Vec<Variant> {
    let mut all = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        for variant in variants(part) {
            let mut parts = parts.to_vec();
            parts.splice(at..=at, variant.expr);
            let whole = match <[Expr; 1]>::try_from(parts) {
                Ok([only]) => only,
                Err(parts) => Expr { kind: join(parts), span },
            };
            all.push(Variant { expr: Some(whole), ..variant });
        }
    }
    all
}
