//! Searches: stages and root, each a plan whose rows are shown rather than judged, and what is done with its rows.

use super::compile::{Compiler, Language, Needs, Refusal, Stage, Subject, Zeros};
use super::{Plan, Scalar, StageTime};
use crate::aggregates;
use crate::schema::{self, FieldType, Root, Step};
use crate::syntax::ast::{self, Assignment, Body, CrossJoin, Direction, Expr, ExprKind, FieldRef, Search};
use crate::syntax::print::print_expr;
use crate::syntax::walk;
use crate::text::Span;
use crate::value::operators::Case;

/// The most rows of a search or a stage that sets no limit.
pub const DEFAULT_LIMIT: u64 = 10_000;

/// The plan of a search.
#[derive(Debug)]
pub struct Query {
    /// The name of its file without ending.
    pub name: String,
    /// The stages, in source order: each uses rows of those before it.
    pub stages: Vec<Plan>,
    /// The search itself.
    pub root: Plan,
}

/// Do a search's strings tell letters of different case apart?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// They do not: the way of Google's search.
    Folded,
    /// They do: `--case-sensitive`.
    Exact,
}

/// What a search makes of its rows.
#[derive(Debug)]
pub struct RowsPlan {
    /// Without windows: what makes a row.
    pub unit: Unit,
    /// Rows equal in these are one.
    pub dedup: Vec<Scalar>,
    /// What rows are ordered by.
    pub order: Vec<(Scalar, Direction)>,
    /// The most rows, where said.
    pub limit: Option<u64>,
    /// Which columns are shown.
    pub select: Select,
    /// The most items of a list.
    pub list_limit: usize,
}

/// What makes a row where a search has no windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The event itself.
    Event,
    /// Each row of an event.
    Row,
    /// All rows with the same match values.
    Group,
}

/// Which columns, or which paths of an event, are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Select {
    /// These, in this order; all where empty.
    pub only: Vec<Shown>,
    /// But not these.
    pub but: Vec<Shown>,
}

/// A column, or a path of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What the column is called.
    pub name: String,
    /// The steps to it in an event; none where it is no field.
    pub steps: Vec<Step>,
}

/// A field's path as written, without its variable: `principal.hostname`.
pub(super) fn path(field: &FieldRef) -> String {
    let plain = FieldRef { variable: None, segments: field.segments.clone() };
    print_expr(&Expr { kind: ExprKind::Field(plain), span: Span::default() })
}

/// What a field under `match:` is called: its path, with its variable where another one has the same path.
pub(super) fn key_name(keys: &[Expr], field: &FieldRef) -> String {
    let name = path(field);
    let alike = keys.iter().filter(|key| matches!(&key.kind, ExprKind::Field(other) if path(other) == name));
    match &field.variable {
        Some(variable) if alike.count() > 1 => format!("{}.{name}", variable.node),
        _ => name,
    }
}

/// The plan of a search.
///
/// # Errors
/// Names what of the search cannot be run.
pub fn compile_search(
    search: &Search,
    name: &str,
    folding: Folding,
    mut needs: Needs<'_>,
) -> Result<Query, Refusal> {
    if let Some(export) = &search.export {
        return Err(Refusal::new(export.span.0, "`export` is not run"));
    }
    let case = match folding {
        Folding::Folded => Case::Fold,
        Folding::Exact => Case::Exact,
    };
    let (mut known, mut stages): (Vec<Stage>, Vec<Plan>) = (Vec::new(), Vec::new());
    for stage in &search.stages {
        let mut plan = body(&stage.body, (case, stage.name.span), (&known, &[]), needs.again())?;
        plan.info.name.clone_from(&stage.name.node);
        let time = if plan.window.is_some() { StageTime::WindowStart } else { StageTime::Never };
        known.push(Stage { name: stage.name.node.clone(), columns: columns(&plan), time });
        stages.push(plan);
    }
    let at = search.span.0.start_point();
    let mut root = body(&search.root, (case, at), (&known, &search.cross), needs)?;
    if !stages.is_empty() {
        let rows = stages.iter_mut().chain([&mut root]).filter_map(|plan| plan.rows.as_mut());
        rows.for_each(|rows| rows.list_limit = aggregates::STAGE_LIMIT);
    }
    Ok(Query { name: name.to_owned(), stages, root })
}

fn body(
    body: &Body,
    (case, span): (Case, Span),
    (stages, cross): (&[Stage], &[CrossJoin]),
    needs: Needs<'_>,
) -> Result<Plan, Refusal> {
    let (language, zeros) = (Language::Search(case), Zeros::Dropped);
    let subject = Subject { body, language, span, zeros, stages, cross };
    Compiler::new(needs, subject)?.plan()
}

/// What the rows of a stage hold: match variables, outcomes, and the ends of the window.
fn columns(plan: &Plan) -> Vec<String> {
    let keys = plan.keys.iter().map(|key| key.name.clone());
    let outcomes = plan.outcomes.iter().map(|(name, _)| name.clone());
    keys.chain(outcomes).chain(["window_start".to_owned(), "window_end".to_owned()]).collect()
}

impl Compiler<'_, '_> {
    /// Are rows put together, so that a field alone has no one value?
    pub(super) fn groups(&self) -> bool {
        self.subject.body.match_.is_some()
            || (self.subject.language != Language::Rule && has_aggregates(self.subject.body))
    }

    /// `$stage.column`
    pub(super) fn stage_column(&self, field: &FieldRef, span: Span) -> Result<Option<Scalar>, Refusal> {
        let Some(name) = &field.variable else { return Ok(None) };
        let Some(stage) = self.subject.stages.iter().find(|stage| stage.name == name.node) else {
            return Ok(None);
        };
        let (Some(source), word) = (self.source_named(&name.node), path(field)) else { return Ok(None) };
        let column = stage.columns.iter().position(|column| *column == word);
        let missing = || Refusal::new(span, format!("stage `{}` has no `{word}`", name.node));
        Ok(Some(Scalar::Captured(source, column.ok_or_else(missing)?)))
    }

    /// A field that is a match variable has one value in each group.
    pub(super) fn field_key(&self, field: &FieldRef) -> Option<Scalar> {
        let keys = self.subject.keys();
        let is_own = |key: &FieldRef| key == field || (field.variable.is_none() && path(key) == path(field));
        let own = keys.iter().any(|key| matches!(&key.kind, ExprKind::Field(key) if is_own(key)));
        let name = key_name(keys, field);
        let index = self.keys.iter().position(|key| key.name == name).filter(|_| own)?;
        Some(Scalar::Key(index))
    }

    /// What is done with the rows of a search.
    pub(super) fn finish(&mut self) -> Result<Option<RowsPlan>, Refusal> {
        if self.subject.language == Language::Rule {
            return Ok(None);
        }
        let body = self.subject.body;
        let mut order = Vec::new();
        for item in body.order.iter().flat_map(|section| &section.items) {
            order.push((self.row_scalar(&item.key)?, item.direction));
        }
        let mut dedup = Vec::new();
        for item in body.dedup.iter().flat_map(|section| &section.items) {
            dedup.push(self.row_scalar(item)?);
        }
        let keys = self.subject.keys();
        let names = |section: &Option<ast::Section<Expr>>| {
            section.iter().flat_map(|section| &section.items).filter_map(|item| shown(keys, item)).collect()
        };
        let limit = body.limit.as_ref().and_then(|section| section.items.first()).map(|limit| limit.node);
        let select = Select { only: names(&body.select), but: names(&body.unselect) };
        let list_limit = aggregates::LIMIT;
        Ok(Some(RowsPlan { unit: self.unit(), dedup, order, limit, select, list_limit }))
    }

    fn unit(&self) -> Unit {
        match (self.groups(), self.outcomes.is_empty()) {
            (true, _) => Unit::Group,
            (false, true) => Unit::Event,
            (false, false) => Unit::Row,
        }
    }

    /// A value of a row that is shown: of a group its variables, else whatever an event has.
    fn row_scalar(&mut self, expr: &Expr) -> Result<Scalar, Refusal> {
        let value = self.group_scalar(expr)?;
        Ok(self.lift(&value, super::Spread::Out))
    }
}

fn has_aggregates(body: &Body) -> bool {
    let mut found = false;
    for item in body.outcome.iter().flat_map(|section| &section.items) {
        let Assignment::Set { value, .. } = item else { continue };
        walk(value, &mut |part| {
            if let ExprKind::Call(call) = &part.kind {
                found |= aggregates::find(&call.name.node).is_some();
            }
        });
    }
    found
}

fn shown(keys: &[Expr], item: &Expr) -> Option<Shown> {
    let of_field = |field| Shown { name: key_name(keys, field), steps: steps(field) };
    let of_variable = |name: &ast::Name| Shown { name: name.node.clone(), steps: Vec::new() };
    item.as_field().map(of_field).or_else(|| item.as_variable().map(of_variable))
}

/// The steps to a field in an event. A part of a time is written with the time.
fn steps(field: &FieldRef) -> Vec<Step> {
    let time = field.segments.split_last().and_then(|(_, before)| {
        let info = schema::resolve_path(before, Root::Udm).ok()?;
        matches!(info.kind, FieldType::Timestamp | FieldType::Duration).then_some(info)
    });
    let info = time.or_else(|| schema::resolve(field, Root::Udm).ok());
    info.map_or(Vec::new(), |info| info.steps)
}
