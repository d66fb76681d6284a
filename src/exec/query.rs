//! Searches: the rows of each stage, then those of the search itself, with what is done to them.

use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Arc;

use super::eval::{JoinedRow, Scope};
use super::join::columns;
use super::joined::Joined;
use super::judge::{Context, Group, Judge};
use super::options::RunOptions;
use super::shelf::{self, Shelf};
use super::state::PlanState;
use super::store::Store;
use super::windows::Satisfied;
use crate::ingest::evidence::Sample;
use crate::plan::{Plan, Query, RowsPlan, Scalar, Select, SourceKind, Unit};
use crate::syntax::ast::Direction;
use crate::value::operators::total_order;
use crate::value::{Value, Window};

/// The most rows where a search sets no limit.
const LIMIT: usize = 10_000;

/// What a search found.
#[derive(Debug, Clone)]
pub struct Results {
    /// The search.
    pub name: String,
    /// The columns, in the order they are shown; none where rows are events.
    pub columns: Vec<String>,
    /// Which columns, or which paths of events, are shown.
    pub select: Select,
    /// Do rows have a window?
    pub windowed: Windowed,
    /// In the order of the output.
    pub rows: Vec<Row>,
    /// How many rows the limit that nobody asked for left out.
    pub cut: usize,
}

/// Do rows have a window?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windowed {
    /// Each has one.
    Yes,
    /// None has one.
    No,
}

/// A row of a search.
#[derive(Debug, Clone)]
pub struct Row {
    /// A value for each column.
    pub cells: Vec<Value<'static>>,
    /// Its window.
    pub window: Option<Window>,
    /// The event, where rows are events.
    pub event: Option<Sample>,
}

/// A row with what it is ordered and told apart by.
struct Draft {
    row: Row,
    keys: usize,
    order: Vec<Value<'static>>,
    dedup: Vec<Value<'static>>,
}

/// What all bodies of a search are judged with.
type Setting<'s> = (&'s RunOptions, &'s Arc<[String]>, &'s Cell<u64>);

/// The rows of a search.
///
/// # Errors
/// Where it has too many rows to join.
pub(super) fn results(
    query: &Query,
    states: Vec<PlanState>,
    setting: Setting<'_>,
) -> Result<Results, String> {
    let mut done: Vec<Results> = Vec::new();
    for (plan, mut state) in query.stages.iter().chain([&query.root]).zip(states) {
        if let Some(why) = state.stopped.take() {
            return Err(why);
        }
        fill(plan, &mut state, &done);
        let results = body(&query.name, plan, state, setting)?;
        done.push(results);
    }
    done.pop().ok_or_else(|| "the search has no body".to_owned())
}

/// Gives a body the rows of the stages it uses.
fn fill(plan: &Plan, state: &mut PlanState, done: &[Results]) {
    for (index, source) in plan.sources.iter().enumerate() {
        let SourceKind::Stage(stage) = source.kind else { continue };
        for row in done.get(stage).into_iter().flat_map(|results| &results.rows) {
            let window = row.window.unwrap_or_default();
            let bounds = [window.start, window.end].map(|bound| Value::Int(bound.seconds()));
            state.push_columns(index, row.cells.iter().map(Value::borrowed).chain(bounds));
        }
    }
}

fn body(name: &str, plan: &Plan, mut state: PlanState, setting: Setting<'_>) -> Result<Results, String> {
    let Some(rows) = &plan.rows else { return Err("a rule is no search".to_owned()) };
    let (options, names, overflows) = setting;
    let judge = Judge { index: 0, plan, options, names, overflows };
    let mut drafts = Vec::new();
    let columns = columns(plan, &state.stores, &mut state.values);
    let shelf = Shelf::new(plan, state, names);
    judge.groups_of((&shelf.stores, &shelf.values), columns, &mut |context, group| match rows.unit {
        Unit::Group => context.windows().group(group, &mut |one| drafts.push(grouped(context, group, one))),
        Unit::Row | Unit::Event => drafts.extend(single((context, &shelf), rows.unit, &group.rows)),
    })?;
    let drafts = deduplicated(rows, sorted(rows, drafts));
    let limit = rows.limit.map_or(LIMIT, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let cut = if rows.limit.is_none() { drafts.len().saturating_sub(limit) } else { 0 };
    let columns = plan.keys.iter().map(|key| key.name.clone());
    Ok(Results {
        name: name.to_owned(),
        columns: columns.chain(plan.outcomes.iter().map(|(name, _)| name.clone())).collect(),
        select: rows.select.clone(),
        windowed: if plan.window.is_some() { Windowed::Yes } else { Windowed::No },
        rows: drafts.into_iter().take(limit).map(|draft| draft.row).collect(),
        cut,
    })
}

/// The row of a group in a window.
fn grouped(context: &Context<'_>, group: &Group<'_>, one: &Satisfied) -> Draft {
    let scope = Scope {
        keys: &group.key,
        outcomes: &one.outcomes,
        window: one.window,
        ..Scope::bare(context.judge.plan, context.judge.overflows)
    };
    let keys = group.key.iter().map(|value| value.clone().into_static());
    let cells = keys.chain(one.outcomes.iter().cloned()).collect();
    draft(&scope, Row { cells, window: one.window, event: None }, group.key.len())
}

fn draft(scope: &Scope<'_>, row: Row, keys: usize) -> Draft {
    let value = |scalar: &Scalar| scope.value(scalar).into_static();
    let plan = scope.plan.rows.as_ref();
    let order = plan.into_iter().flat_map(|rows| &rows.order).map(|(key, _)| value(key)).collect();
    let dedup = plan.into_iter().flat_map(|rows| &rows.dedup).map(value).collect();
    Draft { row, keys, order, dedup }
}

/// Each joined row by itself, or, where rows are events, each event once.
fn single((context, shelf): (&Context<'_>, &Arc<Shelf>), unit: Unit, rows: &Joined) -> Vec<Draft> {
    let mut found = Vec::new();
    let mut last = None;
    for row in rows.rows() {
        let event = context.stores.first().and_then(|store: &Store| store.event(*row.first()?));
        let place = event.map(|kept| kept.sequence);
        if unit == Unit::Event && place.is_some() && place == last {
            continue;
        }
        last = place;
        let joined = JoinedRow { stores: context.stores, values: context.values, rows: row };
        let now = context.judge.options.now;
        let bare = Scope::bare(context.judge.plan, context.judge.overflows);
        let scope = Scope { row: Some(joined), now, seed: place.unwrap_or(0), ..bare };
        let Some(outcomes) = super::judge::outcomes(context.judge.plan, scope) else { continue };
        let event = match unit {
            Unit::Event => row.first().filter(|_| event.is_some()).map(|row| shelf::sample(shelf, 0, *row)),
            Unit::Row | Unit::Group => None,
        };
        let scope = Scope { outcomes: &outcomes, ..scope };
        found.push(draft(&scope, Row { cells: outcomes.clone(), window: None, event }, 0));
    }
    found
}

/// In the order asked for; ties, and rows in no order, by match values and window, and as they came.
fn sorted(rows: &RowsPlan, mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|left, right| {
        let asked = rows.order.iter().zip(left.order.iter().zip(&right.order));
        let asked = asked.map(|((_, direction), (a, b))| match direction {
            Direction::Ascending => total_order(a, b),
            Direction::Descending => total_order(b, a),
        });
        let keys = left.row.cells.iter().zip(&right.row.cells).take(left.keys);
        asked
            .chain(keys.map(|(a, b)| total_order(a, b)))
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| left.row.window.cmp(&right.row.window))
    });
    drafts
}

/// The first of each set of rows that are equal in what the search says.
fn deduplicated(rows: &RowsPlan, drafts: Vec<Draft>) -> Vec<Draft> {
    if rows.dedup.is_empty() {
        return drafts;
    }
    let mut seen = super::interner::Interner::default();
    let mut known = rustc_hash::FxHashSet::default();
    let mut fresh = |draft: &Draft| {
        let ids: Vec<_> = draft.dedup.iter().map(|value| seen.id(value.borrowed())).collect();
        known.insert(ids)
    };
    drafts.into_iter().filter(|draft| fresh(draft)).collect()
}
