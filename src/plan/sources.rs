//! The sources of a rule, in the order they are first mentioned, and which of them a group must have.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::{Compiler, Draft, Refusal, conditions, statements};
use super::{Presence, SourceId};
use crate::schema::Root;
use crate::syntax::ast::{Comparison, Expr, ExprKind, FieldRef, Literal, Rule};
use crate::syntax::{children, walk};
use crate::value::operators::CompareOp;

/// Event variables first, then entities.
pub(super) fn declare(rule: &Rule) -> Result<Vec<Draft>, Refusal> {
    refuse_sections(rule)?;
    let mut found: Vec<Draft> = Vec::new();
    for expr in statements(rule) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                declare_field(&mut found, field);
            }
        });
    }
    found.sort_by_key(|draft| draft.root == Root::Entity);
    if found.is_empty() {
        return Err(Refusal::new(rule.name.span, "the rule tests no field of an event variable"));
    }
    Ok(found)
}

fn refuse_sections(rule: &Rule) -> Result<(), Refusal> {
    let written = [
        (rule.setup.as_ref().map(|section| section.span.0), "`setup`"),
        (rule.export.as_ref().map(|section| section.span.0), "`export`"),
    ];
    match written.into_iter().find_map(|(span, what)| Some((span?, what))) {
        Some((span, what)) => Err(Refusal::new(span, format!("{what} is not run"))),
        None => Ok(()),
    }
}

fn declare_field(found: &mut Vec<Draft>, field: &FieldRef) {
    let Some(name) = &field.variable else { return };
    if found.iter().any(|draft| draft.name == name.node) {
        return;
    }
    let word = field.segments.first().and_then(|segment| Root::from_word(&segment.name.node));
    found.push(Draft {
        name: name.node.clone(),
        root: word.unwrap_or(Root::Udm),
        presence: Presence::Bound,
        filters: Vec::new(),
        kept: Vec::new(),
        mentions: BTreeMap::new(),
        timed_by: Vec::new(),
        interval: None,
    });
}

/// What a condition says of the presence of sources.
#[derive(Default)]
struct Said {
    bounded: BTreeSet<SourceId>,
    unbounded: BTreeSet<SourceId>,
}

impl Compiler<'_, '_> {
    /// A source is unbound where the condition speaks of it, and never in a way that needs it to be there.
    pub(super) fn presence(&mut self) {
        let mut said = Said::default();
        conditions(self.rule).for_each(|expr| self.said(expr, &mut said));
        for source in said.unbounded.difference(&said.bounded) {
            if let Some(draft) = self.sources.get_mut(source.0) {
                draft.presence = Presence::Unbound;
            }
        }
    }

    fn said(&self, expr: &Expr, said: &mut Said) {
        match &expr.kind {
            ExprKind::Variable(name) => said.bounded.extend(self.meant(&name.node)),
            ExprKind::Absent(name) => said.unbounded.extend(self.meant(&name.node)),
            ExprKind::Compare(test) => self.compared(test, said),
            _ => children(expr).into_iter().for_each(|child| self.said(child, said)),
        }
    }

    fn compared(&self, test: &Comparison, said: &mut Said) {
        let op = test.op.node;
        let (name, op, other) = match (&test.left.kind, &test.right.kind) {
            (ExprKind::Count(name), other) => (name, op, other),
            (other, ExprKind::Count(name)) => (name, op.mirrored(), other),
            _ => return,
        };
        let needs_one = matches!(other, ExprKind::Literal(Literal::Int(number)) if requires(op, *number));
        let side = if needs_one { &mut said.bounded } else { &mut said.unbounded };
        side.extend(self.meant(&name.node));
    }

    /// The event itself, or those that a placeholder is bound to.
    fn meant(&self, name: &str) -> BTreeSet<SourceId> {
        if let Some(source) = self.source_named(name) {
            return BTreeSet::from([source]);
        }
        self.bound.get(name).into_iter().flatten().map(|binding| binding.source).collect()
    }
}

/// Can `#x op number` hold only where there is one?
fn requires(op: CompareOp, number: u64) -> bool {
    match op {
        CompareOp::Gt => true,
        CompareOp::Ge | CompareOp::Eq => number > 0,
        CompareOp::Ne | CompareOp::Lt | CompareOp::Le => false,
    }
}
