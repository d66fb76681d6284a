//! Aggregates over rows. The rows of lists that are only counted are not written out: a value is added once with the
//! number of rows behind it.

use std::cell::Cell;

use super::eval::{JoinedRow, Scope};
use super::interner::ValueId;
use super::layout::{Home, Layout};
use super::packed::Packed;
use super::rows::Matched;
use super::store::{ABSENT, RowId};
use crate::aggregates::{Accumulator, Item};
use crate::plan::{Gather, Plan, Scalar, SourceId};
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
        Gathering::of(plan, |_| true, overflows)
    }

    /// Of those needed, by their place.
    pub(super) fn of(
        plan: &'g Plan,
        needed: impl Fn(usize) -> bool,
        overflows: &'g Cell<u64>,
    ) -> Gathering<'g> {
        let start = |(index, gather): (usize, &Gather)| {
            let mut state = needed(index).then(|| (gather.aggregate.start)())?;
            plan.rows.iter().for_each(|rows| state.keep(rows.list_limit));
            Some(state)
        };
        Gathering { plan, states: plan.gathers.iter().enumerate().map(start).collect(), overflows }
    }

    /// Takes in a joined row.
    pub(super) fn add(&mut self, row: JoinedRow<'_>, scope: &Scope<'_>) {
        for (state, gather) in self.states.iter_mut().zip(&self.plan.gathers) {
            let Some(state) = state else { continue };
            if gather.only_with.is_some_and(|source| row_of(&row, source) == ABSENT) {
                continue;
            }
            // Most are of values that rows have: nothing is evaluated for these, and no scope is made.
            if gather.is_plain() {
                items(&row, &gather.value, |item| state.add(&item.value, item.weight));
                continue;
            }
            let (weight, scope) = (total(&row), Scope { row: Some(row), ..*scope });
            if gather.arguments.is_empty() {
                state.add(&scope.value(&gather.value), weight);
                continue;
            }
            let values: Vec<Value<'_>> = gather.arguments.iter().map(|one| scope.value(one)).collect();
            state.add_row(&values, weight);
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

/// Visits what a row gives an aggregate of a value that it has: one item, or one for each row of a counted factor.
pub(super) fn items(row: &JoinedRow<'_>, value: &Scalar, mut visit: impl FnMut(&Item<'_>)) {
    let Scalar::Captured(source, capture) = value else {
        if let Scalar::Const(value) = value {
            visit(&Item { number: 0, value: value.borrowed(), weight: total(row) });
        }
        return;
    };
    let Some(store) = row.stores.get(source.0) else { return };
    let id = row_of(row, *source);
    match store.home(*capture) {
        Home::Row(_) => {
            let number = store.value(id, *capture).unwrap_or(ValueId::MAX);
            visit(&Item { number, value: row.values.value(number), weight: total(row) });
        }
        Home::Factor(factor, _) => {
            let weight = others(row, (*source, factor));
            let numbers = store.factor_values(id, factor, *capture);
            numbers.for_each(|number| visit(&Item { number, value: row.values.value(number), weight }));
        }
    }
}

/// How many rows stand behind a joined row.
fn total(row: &JoinedRow<'_>) -> u64 {
    // Few sources have lists that are counted.
    if row.stores.iter().all(|store| store.factors() == 0) {
        return 1;
    }
    factors(row).fold(1, |all, (_, _, count)| all.saturating_mul(count))
}

/// The same, but for one counted factor. Where `array` shows the order of rows there is one list at most that is counted,
/// so it does not matter here which list turns slower.
fn others(row: &JoinedRow<'_>, (source, factor): (SourceId, usize)) -> u64 {
    let others = factors(row).filter(|(at, index, _)| (*at, *index) != (source.0, factor));
    others.fold(1, |all, (.., count)| all.saturating_mul(count))
}

/// The counted factors behind a joined row, those that turn slowest first.
fn factors<'r>(row: &'r JoinedRow<'_>) -> impl Iterator<Item = (usize, usize, u64)> + 'r {
    row.stores.iter().enumerate().flat_map(move |(source, store)| {
        let id = row_of(row, SourceId(source));
        (0..store.factors()).map(move |factor| (source, factor, store.count(id, factor)))
    })
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
