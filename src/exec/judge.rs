//! From the kept rows of a plan to its detections: partitions by match key, then windows.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::detection::Detection;
use super::eval::Scope;
use super::interner::{Interner, ValueId};
use super::join::{Joiner, Reach, columns};
use super::joined::Joined;
use super::options::RunOptions;
use super::state::{Alone, PlanState};
use super::store::{RowId, Store};
use super::windows::Windows;
use super::{evidence, suppress};
use crate::plan::{Plan, WindowPlan};
use crate::value::{Value, Window};

/// The outcomes of a group, where its condition holds.
pub(super) fn outcomes(plan: &Plan, scope: Scope<'_>) -> Option<Vec<Value<'static>>> {
    let mut outcomes: Vec<Value<'static>> = Vec::with_capacity(plan.outcomes.len());
    for (_, value) in &plan.outcomes {
        let value = Scope { outcomes: &outcomes, ..scope }.value(value).into_static();
        outcomes.push(value);
    }
    let holds = Scope { outcomes: &outcomes, ..scope }.holds(&plan.condition);
    holds.then_some(outcomes)
}

/// Judges the kept rows of one plan.
pub(super) struct Judge<'j> {
    pub(super) index: usize,
    pub(super) plan: &'j Plan,
    pub(super) options: &'j RunOptions,
    /// What reports call the inputs.
    pub(super) names: &'j [String],
    /// Results out of range.
    pub(super) overflows: &'j Cell<u64>,
}

/// Joined rows that have the same match values.
pub(super) struct Group<'g> {
    pub(super) key: Vec<Value<'g>>,
    /// In the order of rows.
    pub(super) rows: Joined,
}

impl<'j> Judge<'j> {
    /// The detections of the plan, and how many of its events had no usable time.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn detections(&self, mut state: PlanState) -> Result<(Vec<Detection>, u64), String> {
        let Some(window) = self.plan.window else {
            let found = state.alone.into_iter().map(|alone| self.alone(alone)).collect();
            return Ok((suppress::suppress(self.plan, self.options, found), 0));
        };
        let columns = columns(self.plan, &state.stores, &mut state.values);
        let joiner =
            Joiner::new(self.plan, &state.stores, (&state.values, columns), self.options.max_group_rows);
        let mut found = Vec::new();
        for partition in self.partitions(&joiner, &state.stores) {
            self.partition(&joiner, (&state.stores, &state.values), &partition, window, &mut found)?;
        }
        Ok((suppress::suppress(self.plan, self.options, found), self.untimed(&state.stores)))
    }

    fn alone(&self, Alone { kept, outcomes }: Alone) -> Detection {
        let window = kept.at.map(|at| Window { start: at, end: at });
        let names = self.plan.outcomes.iter().map(|(name, _)| name.clone());
        Detection {
            rule: self.index,
            window,
            matches: Vec::new(),
            outcomes: names.zip(outcomes).collect(),
            events: evidence::of_one(self, &kept),
            first: kept.sequence,
        }
    }

    fn untimed(&self, stores: &[Store]) -> u64 {
        let timed = |index: usize| {
            self.plan.sources.get(index).is_some_and(|one| one.root != crate::schema::Root::Entity)
        };
        let stores = stores.iter().enumerate().filter(|(index, _)| timed(*index));
        stores.map(|(_, store)| store.events.iter().filter(|kept| kept.at.is_none()).count() as u64).sum()
    }

    /// The rows that joining starts from, split by those match variables that they hold: the rows of one part are all
    /// that is in memory at a time.
    pub(super) fn partitions(&self, joiner: &Joiner<'_>, stores: &[Store]) -> Vec<Vec<RowId>> {
        let captures: Vec<usize> =
            self.plan.keys.iter().filter(|key| key.source == joiner.start).map(|key| key.capture).collect();
        let Some(store) = stores.get(joiner.start.0) else { return Vec::new() };
        let key = |row: RowId| captures.iter().map(move |capture| store.value(row, *capture));
        let mut rows = joiner.first();
        rows.sort_by(|left, right| key(*left).cmp(key(*right)));
        rows.chunk_by(|left, right| key(*left).eq(key(*right))).map(<[RowId]>::to_vec).collect()
    }

    fn partition(
        &self,
        joiner: &Joiner<'_>,
        (stores, values): (&[Store], &Interner),
        rows: &[RowId],
        window: WindowPlan,
        found: &mut Vec<Detection>,
    ) -> Result<(), String> {
        let mut joined = Joined::new(self.plan.sources.len());
        for row in rows {
            joiner.join(*row, Reach::of(self.plan), &mut joined)?;
        }
        let windows = Windows { judge: self, joiner, stores, values, window };
        for (key, rows) in self.by_key(stores, joined) {
            let key = key.into_iter().map(|id| values.value(id)).collect();
            windows.group(&Group { key, rows }, found);
        }
        Ok(())
    }

    pub(super) fn by_key(&self, stores: &[Store], mut joined: Joined) -> Vec<(Vec<ValueId>, Joined)> {
        if stores.len() > 1 {
            joined.sort(stores);
        }
        let key = |row: &[RowId]| -> Vec<ValueId> {
            let value = |key: &crate::plan::Key| {
                let row = row.get(key.source.0)?;
                stores.get(key.source.0)?.value(*row, key.capture)
            };
            self.plan.keys.iter().map(|key| value(key).unwrap_or(ValueId::MAX)).collect()
        };
        let mut groups: BTreeMap<Vec<ValueId>, Vec<usize>> = BTreeMap::new();
        for index in 0..joined.len() {
            groups.entry(key(joined.row(index))).or_default().push(index);
        }
        if groups.len() == 1 {
            return groups.into_keys().map(|key| (key, std::mem::take(&mut joined))).collect();
        }
        let rows = |indices: Vec<usize>| {
            let mut rows = Joined::new(self.plan.sources.len());
            indices.into_iter().for_each(|index| rows.push(joined.row(index), joined.span(index)));
            rows
        };
        groups.into_iter().map(|(key, indices)| (key, rows(indices))).collect()
    }
}
