//! The variables of a rule: what they range over, and the lists their copies are made over.

use std::collections::BTreeSet;

use yaral::schema::Root;
use yaral::syntax::ast::{Expr, ExprKind, FieldRef};
use yaral::syntax::print::print_expr;
use yaral::syntax::{children, walk};

use crate::fields::{self, ListPath, Unnested};
use crate::rows::Stages;
use crate::rule::{Language, Written};

/// What a variable ranges over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Event,
    Entity,
    Table,
    Stage,
}

/// Does every row of a group have it, or does it join where it can?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    Bounded,
    Unbounded,
}

/// A variable whose rows are joined: of events, of entities, or a data table.
#[derive(Debug)]
pub struct Variable {
    pub name: String,
    pub source: Source,
    pub presence: Presence,
    /// Lists its copies are made over, in the order they are mentioned.
    pub lists: Vec<(ListPath, Unnested)>,
    /// Its place in the text among all variables.
    pub place: usize,
}

pub fn variable(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(&name.node),
        _ => None,
    }
}

/// Variables, placeholders and tables that an expression names; a table only where its rows are joined.
pub fn names(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(expr, &mut names);
    names
}

fn collect(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Field(field) | ExprKind::Quantified(_, field) => names.extend(owner(field)),
        ExprKind::Variable(name) => drop(names.insert(name.node.clone())),
        ExprKind::List(list) => drop(names.insert(format!("%{}", list.name.node))),
        ExprKind::In(test) => collect(&test.value, names),
        _ => children(expr).into_iter().for_each(|child| collect(child, names)),
    }
}

/// The variable that a field belongs to: in a search without any, one of no name. The bounds of the window belong to none.
pub fn owner(field: &FieldRef) -> Option<String> {
    match (&field.variable, field.segments.as_slice()) {
        (Some(name), _) => Some(name.node.clone()),
        (None, [only]) if ["window_start", "window_end"].contains(&only.name.node.as_str()) => None,
        (None, _) => Some(String::new()),
    }
}

/// Does a field name a column of a stage?
pub fn is_column(field: &FieldRef, stages: &Stages) -> bool {
    owner(field).is_some_and(|name| stages.contains_key(&name))
}

pub fn variables<'r>(
    statements: &[&'r Expr],
    values: impl Iterator<Item = &'r Expr>,
    written: Written<'r>,
) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    let values: Vec<&Expr> = values.collect();
    // In a rule every variable is declared under `events:`.
    let declaring = match written.language {
        Language::Rule => &[][..],
        Language::Search(..) => values.as_slice(),
    };
    for expr in statements.iter().chain(declaring) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                mention(&mut found, field, written.stages);
            }
        });
        for table in names(expr).iter().filter(|name| name.starts_with('%')) {
            entry(&mut found, table, Source::Table);
        }
    }
    for name in written.cross.iter().flat_map(|join| &join.stages) {
        if written.stages.contains_key(&name.node) {
            entry(&mut found, &name.node, Source::Stage);
        }
    }
    for expr in statements.iter().chain(&values) {
        unnest(expr, &mut found);
    }
    found
}

fn mention(found: &mut Vec<Variable>, field: &FieldRef, stages: &Stages) {
    let Some(name) = owner(field) else { return };
    if is_column(field, stages) {
        return entry(found, &name, Source::Stage);
    }
    let source = match fields::info(field).root {
        Root::Udm => Source::Event,
        Root::Entity => Source::Entity,
        Root::Detection => panic!("rules over detections are beyond the oracle"),
    };
    entry(found, &name, source);
}

fn entry(found: &mut Vec<Variable>, name: &str, source: Source) {
    if !found.iter().any(|one| one.name == name) {
        let (presence, place) = (Presence::Bounded, found.len());
        found.push(Variable { name: name.to_owned(), source, presence, lists: Vec::new(), place });
    }
}

/// Notes the lists that unmodified references of an expression look into.
fn unnest(expr: &Expr, found: &mut [Variable]) {
    match &expr.kind {
        ExprKind::Call(call) if call.name.node == "arrays.length" => {
            let fields = children(expr).into_iter().filter(|arg| !matches!(arg.kind, ExprKind::Field(_)));
            fields.for_each(|arg| unnest(arg, found));
        }
        ExprKind::Call(call) if call.name.node == "group" => {
            let fields = grouped(expr);
            let owner = fields.first().and_then(|field| owner(field));
            let variable = found.iter_mut().find(|one| Some(&one.name) == owner.as_ref());
            let path = group_path(expr);
            if let Some(variable) = variable.filter(|one| one.lists.iter().all(|(known, _)| *known != path)) {
                let infos = fields.into_iter().map(fields::info).collect();
                variable.lists.push((path, Unnested::Group(infos)));
            }
        }
        ExprKind::Field(field) => touch(field, found),
        _ => children(expr).into_iter().for_each(|child| unnest(child, found)),
    }
}

/// The fields of a `group`.
pub fn grouped(call: &Expr) -> Vec<&FieldRef> {
    let fields = children(call).into_iter().filter_map(|arg| match &arg.kind {
        ExprKind::Field(field) => Some(field),
        _ => None,
    });
    fields.collect()
}

/// What names the list that a `group` makes.
pub fn group_path(call: &Expr) -> ListPath {
    vec![print_expr(call)]
}

fn touch(field: &FieldRef, found: &mut [Variable]) {
    let Some(name) = owner(field) else { return };
    let of_records = |one: &&mut Variable| one.name == name && one.source != Source::Stage;
    let Some(variable) = found.iter_mut().find(of_records) else { return };
    let info = fields::info(field);
    for path in fields::lists(&info) {
        if !variable.lists.iter().any(|(known, _)| *known == path) {
            let steps = info.steps[..path.len()].to_vec();
            variable.lists.push((path, Unnested::List(steps)));
        }
    }
}
