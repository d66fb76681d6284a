//! Searches: the rows of each stage, then those of the search itself, with what is done to them.

use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Arc;

use super::eval::{JoinedRow, Scope};
use super::gather::Gathering;
use super::groups::{Context, Group};
use super::joined::Joined;
use super::judge::Judge;
use super::options::RunOptions;
use super::satisfied::Satisfied;
use super::shelf::{self, Shelf};
use super::state::PlanState;
use super::steps::columns;
use super::store::{ABSENT, RowId, Store};
use crate::ingest::evidence::Sample;
use crate::plan::{DEFAULT_LIMIT, Plan, Query, RowsPlan, Scalar, Select, SourceKind, StageTime, Unit};
use crate::syntax::ast::Direction;
use crate::value::operators::total_order;
use crate::value::{Value, Window};

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
    /// How many rows the limit that nobody asked for left out, of the search itself and of its stages by name.
    pub cut: Vec<(Option<String>, usize)>,
}

/// What came of a search.
pub(super) struct Searched {
    pub(super) results: Results,
    /// Of each body, stages first: windows and rows.
    pub(super) counts: Vec<(u64, u64)>,
    /// Events without a usable time that were left out of windows.
    pub(super) untimed: u64,
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
) -> Result<Searched, String> {
    let (mut done, mut counts, mut untimed): (Vec<Results>, Vec<(u64, u64)>, u64) = Default::default();
    for (plan, mut state) in query.stages.iter().chain([&query.root]).zip(states) {
        if let Some(why) = state.stopped.take() {
            return Err(why);
        }
        fill(plan, &mut state, &done);
        let (results, left_out) = body(&query.name, plan, state, setting)?;
        counts.push((results.windows(), results.rows.len() as u64));
        untimed += left_out;
        done.push(results);
    }
    let mut results = done.pop().ok_or_else(|| "the search has no body".to_owned())?;
    let cut = query
        .stages
        .iter()
        .zip(&done)
        .flat_map(|(plan, stage)| stage.cut.iter().map(|(_, cut)| (Some(plan.info.name.clone()), *cut)));
    results.cut = cut.chain(std::mem::take(&mut results.cut)).collect();
    Ok(Searched { results, counts, untimed })
}

impl Results {
    fn windows(&self) -> u64 {
        self.rows.iter().filter(|row| row.window.is_some()).count() as u64
    }
}

/// Gives a body the rows of the stages it uses.
fn fill(plan: &Plan, state: &mut PlanState, done: &[Results]) {
    for (index, source) in plan.sources.iter().enumerate() {
        let SourceKind::Stage(stage, time) = source.kind else { continue };
        for row in done.get(stage).into_iter().flat_map(|results| &results.rows) {
            let window = row.window.unwrap_or_default();
            let bounds = [window.start, window.end].map(|bound| Value::Int(bound.seconds()));
            let at = match time {
                StageTime::WindowStart => row.window.map(|window| window.start),
                StageTime::Never => None,
            };
            state.push_columns(index, row.cells.iter().map(Value::borrowed).chain(bounds), at);
        }
    }
}

/// The rows of a body, and how many events without a time were left out of its windows.
fn body(
    name: &str,
    plan: &Plan,
    mut state: PlanState,
    setting: Setting<'_>,
) -> Result<(Results, u64), String> {
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
    let untimed = if plan.window.is_some() { judge.untimed(&shelf.stores) } else { 0 };
    let drafts = sorted(rows, deduplicated(rows, in_plain_order(drafts)));
    let limit = usize::try_from(rows.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
    let cut = drafts.len().saturating_sub(limit);
    let cut = if rows.limit.is_none() && cut > 0 { vec![(None, cut)] } else { Vec::new() };
    let columns = plan.keys.iter().map(|key| key.name.clone());
    let results = Results {
        name: name.to_owned(),
        columns: columns.chain(plan.outcomes.iter().map(|(name, _)| name.clone())).collect(),
        select: rows.select.clone(),
        windowed: if plan.window.is_some() { Windowed::Yes } else { Windowed::No },
        rows: drafts.into_iter().take(limit).map(|draft| draft.row).collect(),
        cut,
    };
    Ok((results, untimed))
}

/// The row of a group in a window.
fn grouped(context: &Context<'_>, group: &Group<'_>, one: &Satisfied<'_>) -> Draft {
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

/// The joined rows of each choice of events by themselves, or, where rows are events, each event once: the first of them
/// for which the condition holds.
fn single((context, shelf): (&Context<'_>, &Arc<Shelf>), unit: Unit, rows: &Joined) -> Vec<Draft> {
    let mut found = Vec::new();
    let mut met = rustc_hash::FxHashSet::default();
    for row in context.windows().with_late(rows).rows() {
        let mut events = events(context.stores, row);
        if unit == Unit::Event {
            events.truncate(1);
        }
        if met.contains(&events) {
            continue;
        }
        if let Some(draft) = lone((context, shelf), unit, row) {
            met.insert(events);
            found.push(draft);
        }
    }
    found
}

/// A joined row that is a group by itself, where the condition holds.
fn lone((context, shelf): (&Context<'_>, &Arc<Shelf>), unit: Unit, row: &[RowId]) -> Option<Draft> {
    let (plan, overflows) = (context.judge.plan, context.judge.overflows);
    let place = context.stores.first().and_then(|store: &Store| store.place(*row.first()?));
    let joined = JoinedRow { stores: context.stores, values: context.values, rows: row };
    let counts: Vec<usize> =
        events(context.stores, row).iter().map(|one| usize::from(one.1 != ABSENT)).collect();
    let seed = place.unwrap_or(0);
    let bare =
        Scope { now: context.judge.options.now, seed, counts: &counts, ..Scope::bare(plan, overflows) };
    let mut gathering = Gathering::new(plan, overflows);
    gathering.add(joined, &bare);
    let gathered = gathering.finish();
    let scope = Scope { row: Some(joined), gathered: &gathered, ..bare };
    let outcomes = super::judge::outcomes(plan, scope)?;
    let event = match unit {
        Unit::Event => row.first().filter(|_| place.is_some()).map(|row| shelf::sample(shelf, 0, *row)),
        Unit::Row | Unit::Group => None,
    };
    let scope = Scope { outcomes: &outcomes, ..scope };
    Some(draft(&scope, Row { cells: outcomes.clone(), window: None, event }, 0))
}

/// What stands for each source: an event, whichever of its elements a row holds, or a row of no event.
fn events(stores: &[Store], row: &[RowId]) -> Vec<(Option<u64>, RowId)> {
    let stands = |(store, row): (&Store, &RowId)| match store.place(*row) {
        Some(place) => (Some(place), 0),
        None => (None, *row),
    };
    stores.iter().zip(row).map(stands).collect()
}

/// By match values and window, and as they came: the order of rows for which none is asked, and of ties.
fn in_plain_order(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|left, right| {
        let keys = left.row.cells.iter().zip(&right.row.cells).take(left.keys);
        keys.map(|(a, b)| total_order(a, b))
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| left.row.window.cmp(&right.row.window))
    });
    drafts
}

/// In the order asked for, which leaves ties as they stand.
fn sorted(rows: &RowsPlan, mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|left, right| {
        let asked = rows.order.iter().zip(left.order.iter().zip(&right.order));
        let asked = asked.map(|((_, direction), (a, b))| match direction {
            Direction::Ascending => total_order(a, b),
            Direction::Descending => total_order(b, a),
        });
        asked.fold(Ordering::Equal, Ordering::then)
    });
    drafts
}

/// The first of each set of rows that are equal in what the search says; which one stays does not depend on `order:`,
/// which comes after it.
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
