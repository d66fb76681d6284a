//! The sources of a rule, in the order they are first mentioned, and which of them a group must have.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::{Compiler, Draft, Language, Refusal, Subject, conditions, statements};
use super::lift::Kept;
use super::{Presence, Scalar, SourceId, SourceKind, StageTime};
use crate::schema::Root;
use crate::syntax::ast::{Assignment, Comparison, Expr, ExprKind, FieldRef, Need};
use crate::syntax::{children, walk};
use crate::text::Span;

/// Event variables first, then what gives them context: entities and the rows of stages.
pub(super) fn declare(subject: &Subject<'_>) -> Result<Vec<Draft>, Refusal> {
    let mut found: Vec<Draft> = Vec::new();
    let body = subject.body;
    let keys = body.match_.iter().flat_map(|section| &section.items).flat_map(|clause| &clause.keys);
    let outcomes = body.outcome.iter().flat_map(|section| &section.items).filter_map(|item| match item {
        Assignment::Set { value, .. } => Some(value),
        Assignment::Broken(_) => None,
    });
    for expr in statements(body).chain(keys).chain(outcomes) {
        walk(expr, &mut |part| {
            part.as_any_field().into_iter().for_each(|field| declare_field(subject, &mut found, field));
        });
        super::table::joined(expr, &mut |table, span| {
            let name = format!("%{}", table.node);
            if !found.iter().any(|draft| draft.name == name) {
                found.push(Draft { at: span, ..Draft::new(&name, SourceKind::Table(0)) });
            }
        });
    }
    for name in subject.cross.iter().flat_map(|join| &join.stages) {
        declare_stage(subject, &mut found, &name.node);
    }
    time_stages(subject, &mut found);
    found.sort_by_key(|draft| !draft.kind.is_timed());
    if found.is_empty() {
        return Err(Refusal::new(subject.span, "no field of an event is tested"));
    }
    Ok(found)
}

/// In a window over the rows of stages alone, those that have windows happen when these start.
fn time_stages(subject: &Subject<'_>, found: &mut [Draft]) {
    let windowed = subject.clause().is_some_and(|clause| clause.window.is_some());
    if !windowed || found.iter().any(|draft| draft.kind.is_timed()) {
        return;
    }
    for draft in found {
        if let SourceKind::Stage(stage, time) = &mut draft.kind
            && let Some(stage) = subject.stages.get(*stage)
        {
            *time = stage.time;
        }
    }
}

fn declare_field(subject: &Subject<'_>, found: &mut Vec<Draft>, field: &FieldRef) {
    let name = field.variable.as_ref().map_or("", |name| name.node.as_str());
    let word = field.segments.first().map_or("", |segment| segment.name.node.as_str());
    let is_event = !name.is_empty() || (subject.language != Language::Rule && window_bound(field).is_none());
    if !is_event || found.iter().any(|draft| draft.name == name) {
        return;
    }
    if !declare_stage(subject, found, name) {
        found.push(Draft::new(name, SourceKind::Records(Root::from_word(word).unwrap_or(Root::Udm))));
    }
}

/// Says whether there is a stage of this name.
fn declare_stage(subject: &Subject<'_>, found: &mut Vec<Draft>, name: &str) -> bool {
    let stages = subject.stages.iter().enumerate();
    let Some((index, stage)) = stages.into_iter().find(|(_, stage)| stage.name == name) else { return false };
    if !found.iter().any(|draft| draft.name == name) {
        let mut draft = Draft::new(name, SourceKind::Stage(index, StageTime::Never));
        draft.keep_columns(stage.columns.len());
        found.push(draft);
    }
    true
}

/// `window_start` and `window_end` stand for the window, not for a field.
pub(super) fn window_bound(field: &FieldRef) -> Option<Scalar> {
    let ([one], None) = (field.segments.as_slice(), &field.variable) else { return None };
    match one.name.node.as_str() {
        "window_start" => Some(Scalar::WindowStart),
        "window_end" => Some(Scalar::WindowEnd),
        _ => None,
    }
}

impl Draft {
    fn new(name: &str, kind: SourceKind) -> Draft {
        Draft {
            name: name.to_owned(),
            kind,
            at: Span::default(),
            presence: Presence::Bound,
            filters: Vec::new(),
            kept: Vec::new(),
            mentions: BTreeMap::new(),
            timed_by: Vec::new(),
            interval: None,
        }
    }

    /// Rows that come as columns keep each of them, and nothing else.
    pub(super) fn keep_columns(&mut self, count: usize) {
        self.kept.extend((0..count).map(Kept::column));
    }
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
        conditions(self.subject.body).for_each(|expr| self.said(expr, &mut said));
        for (index, draft) in self.sources.iter_mut().enumerate() {
            let source = SourceId(index);
            if said.unbounded.contains(&source) && !said.bounded.contains(&source) {
                draft.presence = Presence::Unbound;
            } else if said.bounded.contains(&source) {
                draft.presence = Presence::Bound;
            }
        }
    }

    fn said(&self, expr: &Expr, said: &mut Said) {
        match &expr.kind {
            ExprKind::Variable(name) => said.bounded.extend(self.meant(&name.node)),
            ExprKind::Absent(name) => said.unbounded.extend(self.meant(&name.node)),
            ExprKind::Compare(test) => self.compared(test, said),
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::In(_)
            | ExprKind::IsNull(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Call(_)
            | ExprKind::Quantified(..)
            | ExprKind::Field(_)
            | ExprKind::Count(_)
            | ExprKind::List(_)
            | ExprKind::Of(..)
            | ExprKind::Array(_)
            | ExprKind::Literal(_) => {
                children(expr).into_iter().for_each(|child| self.said(child, said));
            }
        }
    }

    fn compared(&self, test: &Comparison, said: &mut Said) {
        for (name, need) in test.counted() {
            let side = match need {
                Need::One => &mut said.bounded,
                Need::None => &mut said.unbounded,
            };
            side.extend(self.meant(&name.node));
        }
    }

    /// The event itself, or those that a placeholder is bound to.
    fn meant(&self, name: &str) -> BTreeSet<SourceId> {
        if let Some(source) = self.source_named(name) {
            return BTreeSet::from([source]);
        }
        self.bound.get(name).into_iter().flatten().map(|binding| binding.source).collect()
    }
}
