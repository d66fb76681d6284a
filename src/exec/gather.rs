//! Aggregates over rows. The rows of lists that are only counted are not written out: a value is added once with the
//! number of rows behind it.

use std::cell::Cell;

use super::eval::{JoinedRow, Scope};
use super::interner::ValueId;
use super::layout::{Home, Layout};
use super::packed::Packed;
use super::rows::Matched;
use super::store::{ABSENT, RowId};
use crate::aggregates::Accumulator;
use crate::plan::{Gather, Needed, Plan, Scalar, SourceId};
use crate::value::Value;

/// Aggregations under way, one for each of a plan that is needed.
pub(super) struct Gathering<'g> {
    plan: &'g Plan,
    states: Vec<Option<Box<dyn Accumulator>>>,
    overflows: &'g Cell<u64>,
}

impl<'g> Gathering<'g> {
    /// Of all aggregates of a plan.
    pub(super) fn new(plan: &'g Plan, overflows: &'g Cell<u64>) -> Gathering<'g> {
        Gathering::among(plan, |_| true, overflows)
    }

    /// Of those needed.
    pub(super) fn of(plan: &'g Plan, needed: &Needed, overflows: &'g Cell<u64>) -> Gathering<'g> {
        Gathering::among(plan, |index| needed.gathers.get(index) == Some(&true), overflows)
    }

    fn among(plan: &'g Plan, needed: impl Fn(usize) -> bool, overflows: &'g Cell<u64>) -> Gathering<'g> {
        let start = |(index, gather): (usize, &Gather)| {
            let mut state = needed(index).then(|| (gather.aggregate.start)())?;
            plan.rows.iter().for_each(|rows| state.keep(rows.list_limit));
            Some(state)
        };
        Gathering { plan, states: plan.gathers.iter().enumerate().map(start).collect(), overflows }
    }

    /// Takes in a joined row.
    pub(super) fn add(&mut self, row: JoinedRow<'_>, scope: &Scope<'_>) {
        let weight = total(&row);
        let scope = Scope { row: Some(row), ..*scope };
        for (state, gather) in self.states.iter_mut().zip(&self.plan.gathers) {
            let Some(state) = state else { continue };
            if gather.only_with.is_some_and(|source| row_of(&row, source) == ABSENT) {
                continue;
            }
            if !gather.arguments.is_empty() {
                let values: Vec<Value<'_>> = gather.arguments.iter().map(|one| scope.value(one)).collect();
                state.add_row(&values, weight);
                continue;
            }
            match factor(&row, gather) {
                Some((source, factor, capture)) => {
                    add_factor(state.as_mut(), &row, (source, factor, capture));
                }
                None => state.add(&scope.value(&gather.value), weight),
            }
        }
    }

    /// The results, 0 for what is not needed.
    pub(super) fn finish(self) -> Vec<Value<'static>> {
        let finish = |state: Option<Box<dyn Accumulator>>| {
            let Some(state) = state else { return Value::Int(0) };
            let (value, overflow) = state.finish();
            self.overflows.set(self.overflows.get() + u64::from(overflow.is_some()));
            value
        };
        self.states.into_iter().map(finish).collect()
    }
}

fn row_of(row: &JoinedRow<'_>, source: SourceId) -> RowId {
    row.rows.get(source.0).copied().unwrap_or(ABSENT)
}

/// The counted factor that a gathered value differs in.
fn factor(row: &JoinedRow<'_>, gather: &Gather) -> Option<(SourceId, usize, usize)> {
    let Scalar::Captured(source, capture) = gather.value else { return None };
    match row.stores.get(source.0)?.home(capture) {
        Home::Factor(factor, _) => Some((source, factor, capture)),
        Home::Row(_) => None,
    }
}

/// How many rows stand behind a joined row.
fn total(row: &JoinedRow<'_>) -> u64 {
    factors(row).fold(1, |all, (_, _, count)| all.saturating_mul(count))
}

/// The counted factors behind a joined row, those that turn slowest first.
fn factors<'r>(row: &'r JoinedRow<'_>) -> impl Iterator<Item = (usize, usize, u64)> + 'r {
    row.stores.iter().enumerate().flat_map(move |(source, store)| {
        let id = row_of(row, SourceId(source));
        (0..store.factors()).map(move |factor| (source, factor, store.count(id, factor)))
    })
}

/// Where `array` shows the order of rows there is one list at most that is counted, so it does not matter here which
/// list turns slower.
fn add_factor(
    state: &mut dyn Accumulator,
    row: &JoinedRow<'_>,
    (source, factor, capture): (SourceId, usize, usize),
) {
    let Some(store) = row.stores.get(source.0) else { return };
    let others = factors(row).filter(|(at, index, _)| (*at, *index) != (source.0, factor));
    let weight = others.fold(1u64, |all, (.., count)| all.saturating_mul(count));
    let ids = store.factor_values(row_of(row, source), factor, capture);
    ids.for_each(|id: ValueId| state.add(&row.values.value(id), weight));
}

/// The aggregates of one event that is a group of its own.
pub(super) fn alone(
    plan: &Plan,
    layout: &Layout,
    (matched, values): (&Matched, &Packed),
    overflows: &Cell<u64>,
) -> Vec<Value<'static>> {
    let mut gathering = Gathering::new(plan, overflows);
    for (state, gather) in gathering.states.iter_mut().flatten().zip(&plan.gathers) {
        match &gather.value {
            Scalar::Captured(_, capture) => add_alone(state.as_mut(), layout, (matched, values), *capture),
            constant => {
                let value = Scope::bare(plan, overflows).value(constant).into_static();
                state.add(&value, weight(matched, matched.factors.len()).saturating_mul(matched.rows as u64));
            }
        }
    }
    gathering.finish()
}

/// How many rows the factors but `but` stand for.
fn weight(matched: &Matched, but: usize) -> u64 {
    let others = matched.factors.iter().enumerate().filter(|(index, _)| *index != but);
    others.fold(1, |all, (_, factor)| all.saturating_mul(factor.rows as u64))
}

fn add_alone(
    state: &mut dyn Accumulator,
    layout: &Layout,
    (matched, values): (&Matched, &Packed),
    capture: usize,
) {
    match layout.home(capture) {
        Home::Row(at) => {
            let weight = weight(matched, matched.factors.len());
            let values = values.range(matched.values.clone()).skip(at).step_by(layout.row.len().max(1));
            values.for_each(|value| state.add(&value, weight));
        }
        Home::Factor(factor, at) => {
            let Some(rows) = matched.factors.get(factor) else { return };
            let stride = layout.factors.get(factor).map_or(1, Vec::len).max(1);
            let weight = weight(matched, factor).saturating_mul(matched.rows as u64);
            let values = values.range(rows.values.clone()).skip(at).step_by(stride);
            values.for_each(|value| state.add(&value, weight));
        }
    }
}
