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
            add_arguments(state.as_mut(), &gather.arguments, &scope, weight);
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

/// The counted factor that a gathered value differs in.
fn factor(row: &JoinedRow<'_>, value: &Scalar) -> Option<(SourceId, usize, usize)> {
    let Scalar::Captured(source, capture) = value else { return None };
    match row.stores.get(source.0)?.home(*capture) {
        Home::Factor(factor, _) => Some((*source, factor, *capture)),
        Home::Row(_) => None,
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

/// What an argument is in the rows behind a joined row.
enum Argument<'r> {
    /// The same in all.
    Same(Value<'r>),
    /// One in each row of the first counted factor that any argument differs in.
    Each(Vec<Value<'r>>),
    /// In the first and the last row of another.
    Ends([Value<'r>; 2]),
}

/// All arguments of a call. Those that differ in counted factors belong to aggregates that want a row with the furthest of
/// the first of them: whatever the order of the product, of the other factor it holds the first row or the last.
fn add_arguments<'r>(state: &mut dyn Accumulator, arguments: &'r [Scalar], scope: &Scope<'r>, weight: u64) {
    let leading = scope.row.and_then(|row| arguments.iter().find_map(|one| factor(&row, one)));
    let Some((source, factor, _)) = leading else {
        let values: Vec<Value<'_>> = arguments.iter().map(|one| scope.value(one)).collect();
        return state.add_row(&values, weight);
    };
    let arguments: Vec<Argument<'_>> =
        arguments.iter().map(|one| argument(scope, one, (source, factor))).collect();
    let rows = arguments.iter().map(Argument::rows).max().unwrap_or(1);
    let ends = if arguments.iter().any(|one| matches!(one, Argument::Ends(_))) { 2 } else { 1 };
    for row in 0..rows {
        for end in 0..ends {
            let values: Option<Vec<Value<'_>>> = arguments.iter().map(|one| one.value(row, end)).collect();
            values.into_iter().for_each(|values| state.add_row(&values, weight));
        }
    }
}

fn argument<'r>(scope: &Scope<'r>, value: &'r Scalar, leading: (SourceId, usize)) -> Argument<'r> {
    let same = || Argument::Same(scope.value(value));
    let Some(row) = scope.row else { return same() };
    let Some((source, factor, capture)) = factor(&row, value) else { return same() };
    let Some(store) = row.stores.get(source.0) else { return same() };
    let mut values =
        store.factor_values(row_of(&row, source), factor, capture).map(|id| row.values.value(id));
    if (source, factor) == leading {
        return Argument::Each(values.collect());
    }
    let Some(first) = values.next() else { return same() };
    let last = values.last().unwrap_or_else(|| first.clone());
    Argument::Ends([first, last])
}

impl<'r> Argument<'r> {
    fn rows(&self) -> usize {
        match self {
            Argument::Each(values) => values.len(),
            Argument::Same(_) | Argument::Ends(_) => 1,
        }
    }

    fn value(&self, row: usize, end: usize) -> Option<Value<'_>> {
        match self {
            Argument::Same(value) => Some(value.borrowed()),
            Argument::Each(values) => values.get(row).map(Value::borrowed),
            Argument::Ends(ends) => ends.get(end).map(Value::borrowed),
        }
    }
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
