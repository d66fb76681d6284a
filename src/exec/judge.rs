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
use super::windows::{Satisfied, Windows};
use super::{evidence, suppress};
use crate::plan::Plan;
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

/// What came of the rows of one plan.
pub(super) struct Judged {
    pub(super) found: Vec<Detection>,
    /// Windows reported, suppressed ones among them.
    pub(super) windows: u64,
    /// Events without a usable time.
    pub(super) untimed: u64,
}

/// Joined rows that have the same match values.
pub(super) struct Group<'g> {
    pub(super) key: Vec<Value<'g>>,
    /// In the order of rows.
    pub(super) rows: Joined,
}

/// What groups are made of.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) judge: &'c Judge<'c>,
    pub(super) joiner: &'c Joiner<'c>,
    pub(super) stores: &'c [Store],
    pub(super) values: &'c Interner,
}

impl<'c> Context<'c> {
    /// The windows of groups.
    pub(super) fn windows(&self) -> Windows<'c> {
        let Context { judge, joiner, stores, values } = *self;
        Windows { judge, joiner, stores, values, window: judge.plan.window }
    }
}

impl Judge<'_> {
    /// The detections of the plan.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn detections(&self, mut state: PlanState) -> Result<Judged, String> {
        if self.plan.window.is_none() {
            let found = state.alone.into_iter().map(|alone| self.alone(alone)).collect();
            return Ok(Judged { found: self.unsuppressed(found), windows: 0, untimed: 0 });
        }
        let mut found = Vec::new();
        self.groups(&mut state, &mut |context, group| {
            context
                .windows()
                .group(group, &mut |satisfied| found.push(self.detection(context, group, satisfied)));
        })?;
        let (windows, untimed) = (found.len() as u64, self.untimed(&state.stores));
        Ok(Judged { found: self.unsuppressed(found), windows, untimed })
    }

    fn unsuppressed(&self, found: Vec<Detection>) -> Vec<Detection> {
        suppress::suppress(self.plan, self.options, found)
    }

    /// Joins the kept rows and visits each group of rows with the same match values.
    ///
    /// # Errors
    /// Where a group has too many rows.
    pub(super) fn groups(
        &self,
        state: &mut PlanState,
        visit: &mut dyn FnMut(&Context<'_>, &Group<'_>),
    ) -> Result<(), String> {
        let columns = columns(self.plan, &state.stores, &mut state.values);
        let joiner =
            Joiner::new(self.plan, &state.stores, (&state.values, columns), self.options.max_group_rows);
        let context = Context { judge: self, joiner: &joiner, stores: &state.stores, values: &state.values };
        for partition in self.partitions(&joiner, &state.stores) {
            let mut joined = Joined::new(self.plan.sources.len());
            for row in partition {
                joiner.join(row, Reach::of(self.plan), &mut joined)?;
            }
            for (key, rows) in self.by_key(&state.stores, joined) {
                let key = key.into_iter().map(|id| state.values.value(id)).collect();
                visit(&context, &Group { key, rows });
            }
        }
        Ok(())
    }

    fn detection(&self, context: &Context<'_>, group: &Group<'_>, satisfied: &Satisfied) -> Detection {
        let names = self.plan.keys.iter().map(|key| key.name.clone());
        let matches = names.zip(group.key.iter().map(|value| value.clone().into_static())).collect();
        let outcomes = self.plan.outcomes.iter().map(|(name, _)| name.clone());
        Detection {
            rule: self.index,
            window: satisfied.window,
            matches,
            outcomes: outcomes.zip(satisfied.outcomes.iter().cloned()).collect(),
            events: evidence::of_rows(self, (context.stores, context.values), &satisfied.rows),
            first: satisfied.events.iter().map(|(_, place)| *place).min().unwrap_or(0),
        }
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

    pub(super) fn untimed(&self, stores: &[Store]) -> u64 {
        let timed = |index: usize| self.plan.sources.get(index).is_some_and(|one| one.kind.is_timed());
        let stores = stores.iter().enumerate().filter(|(index, _)| timed(*index));
        stores.map(|(_, store)| store.events.iter().filter(|kept| kept.at.is_none()).count() as u64).sum()
    }

    /// The rows that joining starts from, split by those match variables that they hold: the rows of one part are all
    /// that is in memory at a time.
    fn partitions(&self, joiner: &Joiner<'_>, stores: &[Store]) -> Vec<Vec<RowId>> {
        let captures: Vec<usize> =
            self.plan.keys.iter().filter(|key| key.source == joiner.start).map(|key| key.capture).collect();
        let Some(store) = stores.get(joiner.start.0) else { return Vec::new() };
        let key = |row: RowId| captures.iter().map(move |capture| store.value(row, *capture));
        let mut rows = joiner.first();
        rows.sort_by(|left, right| key(*left).cmp(key(*right)));
        rows.chunk_by(|left, right| key(*left).eq(key(*right))).map(<[RowId]>::to_vec).collect()
    }

    fn by_key(&self, stores: &[Store], mut joined: Joined) -> Vec<(Vec<ValueId>, Joined)> {
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
        groups.into_iter().map(|(key, indices)| (key, joined.chosen(indices))).collect()
    }
}
