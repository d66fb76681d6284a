//! Searches: the rows of each stage, then those of the search itself, put in order and cut.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use yaral::syntax::ast::{self, Body, CrossJoin, Direction, Expr, ExprKind, FieldRef};
use yaral::syntax::print::print_expr;
use yaral::syntax::walk;

use crate::aggregate;
use crate::eval::{Group, Row, Scope, Slot};
use crate::join::{Copies, Joiner, table_rows};
use crate::rule::{Language, Rule, Written};
use crate::value::{Letters, V};
use crate::windows::{Judge, Reported, column};
use crate::world::World;

/// The rows of stages, by the name of the stage.
pub type Stages = BTreeMap<String, Rows>;

/// The rows of a search or of a stage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    pub columns: Vec<Column>,
    /// In order.
    pub rows: Vec<Found>,
    /// Has each its window?
    pub windowed: bool,
}

/// A column, and whether it holds doubles.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub is_float: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub cells: Vec<V>,
    pub window: Option<(i64, i64)>,
    /// The record, where the row is an event.
    pub event: Option<usize>,
}

impl Rows {
    /// What a row holds in a column; the bounds of its window are whole seconds.
    pub fn column(&self, row: usize, name: &str) -> V {
        let row = &self.rows[row];
        let at = self.columns.iter().position(|column| column.name == name);
        let (start, end) = row.window.unwrap_or_default();
        let seconds = |nanos: i64| V::Int(i128::from(nanos.div_euclid(1_000_000_000)));
        match at {
            Some(at) => row.cells[at].clone(),
            None => seconds(if name == "window_start" { start } else { end }),
        }
    }

    pub fn is_float(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name && column.is_float)
    }
}

/// A field as written, without its variable.
pub fn path(field: &FieldRef) -> String {
    let plain = FieldRef { variable: None, segments: field.segments.clone() };
    print_expr(&Expr { kind: ExprKind::Field(plain), span: yaral::text::Span::default() })
}

/// A match variable that is a field, as written.
pub fn written(key: &Expr) -> String {
    match &key.kind {
        ExprKind::Field(field) => path(field),
        _ => print_expr(key),
    }
}

/// The variable of a field.
pub fn variable_of(key: &Expr) -> Option<&str> {
    match &key.kind {
        ExprKind::Field(field) => field.variable.as_ref().map(|name| name.node.as_str()),
        _ => None,
    }
}

/// The rows of a search.
pub fn rows(search: &ast::Search, world: &World, letters: Letters) -> Rows {
    let limit = if search.stages.is_empty() { 25 } else { 10_000 };
    let mut world = world.clone();
    for stage in &search.stages {
        let found = of_body((&stage.body, &[]), &world, Language::Search(letters, limit));
        world.stages.insert(stage.name.node.clone(), found);
    }
    of_body((&search.root, &search.cross), &world, Language::Search(letters, limit))
}

/// A row with what it is told apart by and put in order by.
struct Draft {
    found: Found,
    dedup: Vec<String>,
    order: Vec<V>,
}

fn of_body((body, cross): (&Body, &[CrossJoin]), world: &World, language: Language) -> Rows {
    let rule = Rule::new(Written { body, options: None, language, stages: &world.stages, cross });
    let blank = vec![Json::Null; table_rows(&rule, world)];
    let copies = Copies::new(&rule, world, &blank);
    let judge = Judge { joiner: Joiner { rule: &rule, world, copies: &copies } };
    let drafts = if is_grouped(&rule) { grouped(&judge) } else { single(&judge) };
    let rows = cut(body, ordered(body, told_apart(drafts)));
    let rows = rows.into_iter().map(|draft| draft.found).collect();
    Rows { columns: columns(&judge), rows, windowed: judge.window().is_some() }
}

fn columns(judge: &Judge<'_>) -> Vec<Column> {
    let rule = judge.joiner.rule;
    let named = rule.keys.iter().map(|key| (column(&rule.keys, key), *key));
    let all = named.chain(rule.outcomes.iter().map(|(name, value)| ((*name).to_owned(), *value)));
    let scope = judge.scope(&[], None);
    all.map(|(name, value)| Column { name, is_float: scope.is_float(value) }).collect()
}

/// Are rows put together, so that each stands for many?
fn is_grouped(rule: &Rule<'_>) -> bool {
    let mut found = rule.has_match();
    for (_, value) in &rule.outcomes {
        walk(value, &mut |part| {
            found |= matches!(&part.kind, ExprKind::Call(call) if aggregate::is_aggregate(&call.name.node));
        });
    }
    found
}

/// The match values of a row, the row, and its values by name.
type Named = (Vec<V>, Found, Vec<(String, V)>);

/// A row for each set of match values and each window, in the order of the values and the windows.
fn grouped(judge: &Judge<'_>) -> Vec<Draft> {
    let found = match judge.window() {
        Some(window) => judge.windowed(window, Reported::All),
        None => {
            let rows = judge.joiner.bounded(&|_, _| true);
            judge.groups(judge.joiner.widened(rows, &|_, _| true), None)
        }
    };
    let mut found: Vec<Named> = found
        .into_iter()
        .map(|(_, one)| {
            let keys = one.matches.iter().map(|(_, value)| value.clone()).collect();
            let all: Vec<(String, V)> = one.matches.into_iter().chain(one.outcomes).collect();
            let cells = all.iter().map(|(_, value)| value.clone()).collect();
            (keys, Found { cells, window: one.window, event: None }, all)
        })
        .collect();
    found.sort_by(|(left, a, _), (right, b, _)| {
        let keys = left.iter().zip(right).map(|(a, b)| in_order(a, b));
        keys.fold(Ordering::Equal, Ordering::then).then(a.window.cmp(&b.window))
    });
    let body = judge.joiner.rule.written.body;
    let draft = |(_, found, all): Named| {
        let value = |expr: &Expr| of_group(&column(&judge.joiner.rule.keys, expr), &all, found.window);
        Draft { dedup: dedup(body, &value), order: order(body, &value), found: found.clone() }
    };
    found.into_iter().map(draft).collect()
}

fn of_group(name: &str, all: &[(String, V)], window: Option<(i64, i64)>) -> V {
    let found = all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let (start, end) = window.unwrap_or_default();
    found.unwrap_or(V::Time(if name == "window_start" { start } else { end }))
}

fn dedup(body: &Body, value: &dyn Fn(&Expr) -> V) -> Vec<String> {
    let items = body.dedup.iter().flat_map(|section| &section.items);
    items.map(|item| value(item).identity()).collect()
}

fn order(body: &Body, value: &dyn Fn(&Expr) -> V) -> Vec<V> {
    let items = body.order.iter().flat_map(|section| &section.items);
    items.map(|item| value(&item.key)).collect()
}

/// Each event that has a row, or each choice of one event and the like for every variable.
fn single(judge: &Judge<'_>) -> Vec<Draft> {
    let rule = judge.joiner.rule;
    let rows = judge.joiner.bounded(&|_, _| true);
    let mut rows = judge.joiner.widened(rows, &|_, _| true);
    rows.sort_by_cached_key(|row| judge.order(row));
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert(records(row)));
    let drafts = rows.iter().filter_map(|row| {
        let outcomes = judge.judged(std::slice::from_ref(row), None)?.outcomes;
        let group = Some(Group { rows: std::slice::from_ref(row), outcomes: &outcomes });
        let scope = Scope { group, ..judge.scope(row, None) };
        let value = |expr: &Expr| scope.value(expr);
        let cells = outcomes.iter().map(|(_, value)| value.clone()).collect();
        let event = records(row).first().copied().filter(|_| rule.outcomes.is_empty());
        let found = Found { cells, window: None, event };
        let body = rule.written.body;
        Some(Draft { dedup: dedup(body, &value), order: order(body, &value), found })
    });
    let mut drafts: Vec<Draft> = drafts.collect();
    // An event that joins several others is shown once.
    let mut shown = BTreeSet::new();
    drafts.retain(|draft| draft.found.event.is_none_or(|event| shown.insert(event)));
    drafts
}

/// Which record stands for each variable, in the order they are written in.
fn records(row: &Row<'_>) -> Vec<usize> {
    let of = |slot: &Slot<'_>| match slot {
        Slot::Here(copy) => copy.record,
        Slot::Absent => usize::MAX,
    };
    row.iter().map(of).collect()
}

fn told_apart(mut drafts: Vec<Draft>) -> Vec<Draft> {
    let mut seen = BTreeSet::new();
    drafts.retain(|draft| draft.dedup.is_empty() || seen.insert(draft.dedup.clone()));
    drafts
}

fn ordered(body: &Body, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let directions: Vec<Direction> =
        body.order.iter().flat_map(|section| &section.items).map(|item| item.direction).collect();
    drafts.sort_by(|left, right| {
        let pairs = directions.iter().zip(left.order.iter().zip(&right.order));
        let each = pairs.map(|(direction, (a, b))| match direction {
            Direction::Ascending => in_order(a, b),
            Direction::Descending => in_order(b, a),
        });
        each.fold(Ordering::Equal, Ordering::then)
    });
    drafts
}

fn cut(body: &Body, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let limit = body.limit.as_ref().and_then(|section| section.items.first());
    drafts.truncate(limit.map_or(10_000, |limit| limit.node as usize));
    drafts
}

/// Values of one kind by size; texts by their bytes.
fn in_order(left: &V, right: &V) -> Ordering {
    match (left, right) {
        (V::Text(a), V::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::Time(a), V::Time(b)) => a.cmp(b),
        (V::Int(a), V::Int(b)) => a.cmp(b),
        _ => match (left.number(), right.number()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => panic!("`{left:?}` and `{right:?}` are in no order"),
        },
    }
}
